"""Who used what about one person, and how a department's data were used: the ledger for those it is about (第23条).

The ledger names no data subject. Whose rows a scan had stands with the departments (`connectors.uses`); which decision
the scan was made under, by whom and for what, and what came of it, the ledger says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.entry import Entry
from audit.ledger import Ledger
from connectors.department import LocalDepartment
from governance.catalogue import Catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectUse:
    """One dataset's part in one decision.

    Attributes:
        scan: its id in the decision.
        columns: what was asked of it, in the order of the catalogue.
        released: index of the release that came of it, ``None`` where none did.
        rows: how many rows that release had.
    """

    decision: int
    scan: str
    at: str
    principal: str | None
    hat: str | None
    purpose: str | None
    recipient: str | None
    approval: str | None
    articles: Sequence[int]
    department: str
    dataset: str
    columns: Sequence[str]
    released: int | None
    rows: int | None


def uses_of_person(
    identifier: str,
    *,
    register: LocalDepartment,
    departments: Mapping[str, LocalDepartment],
    catalogue: Catalogue,
    ledger: Ledger,
) -> tuple[SubjectUse, ...]:
    """Every scan that a person's rows were among, oldest first.

    The person's number goes to the departments that hold a register of theirs; what comes back are tags that say
    nothing, and with those all departments are asked.

    Args:
        register: the department that keeps the register.

    Raises:
        BadInput: this is no identifier of a person.
        Unavailable: a department's record cannot be read. What one department cannot say is not left out unseen.
    """
    bridges = {dataset.department for dataset in catalogue.datasets.values() if dataset.bridge} - {register.id}
    tags = [
        register.persons.tags(identifier),
        *(departments[name].persons.tags(identifier) for name in sorted(bridges)),
    ]
    found = {
        (use.decision, use.scan)
        for department in departments.values()
        for person in tags
        for use in department.persons.uses(person)
    }
    wanted = {decision for decision, _ in found}
    return tuple(use for use in _uses(ledger, wanted=wanted, catalogue=catalogue) if (use.decision, use.scan) in found)


def uses_of_department(department: str, *, ledger: Ledger, catalogue: Catalogue) -> tuple[SubjectUse, ...]:
    """Every scan that was asked of a department, oldest first."""
    return tuple(use for use in _uses(ledger, wanted=None, catalogue=catalogue) if use.department == department)


def _uses(ledger: Ledger, *, wanted: set[int] | None, catalogue: Catalogue) -> Iterator[SubjectUse]:
    decisions: list[Entry] = []
    releases: dict[int, Entry] = {}
    for entry in ledger.entries():
        document = entry.document
        if document["kind"] == "decision" and document["scans"] and (wanted is None or entry.index in wanted):
            decisions.append(entry)
        elif document["kind"] == "release":
            releases[document["decision"]] = entry
    for entry in decisions:
        document, release = entry.document, releases.get(entry.index)
        asked = _asked(ledger.sidecar(document["input_digest"]))
        for scan, served in sorted(document["scans"].items()):
            yield SubjectUse(
                decision=entry.index,
                scan=scan,
                at=document["time"],
                principal=document["principal"],
                hat=document["hat"],
                purpose=document["purpose"],
                recipient=document["recipient"],
                approval=document["approval"],
                articles=document["articles"],
                department=served["department"],
                dataset=served["dataset"],
                columns=_in_order(asked.get(served["dataset"], ()), served["dataset"], catalogue),
                released=release.index if release is not None else None,
                rows=release.document["rows"] if release is not None else None,
            )


def _asked(document: Mapping[str, Any]) -> Mapping[str, Sequence[str]]:
    """Dataset → the columns that the question named, those among them that only tie tables together."""
    found: dict[str, list[str]] = {}
    for scan in document["query"]["scans"] if document["query"] else ():
        found.setdefault(scan["dataset"], []).extend(column["column"] for column in scan["columns"])
    return found


def _in_order(columns: Sequence[str], dataset: str, catalogue: Catalogue) -> Sequence[str]:
    known = catalogue.datasets[dataset].columns if dataset in catalogue.datasets else {}
    order = {name: position for position, name in enumerate(known)}
    return sorted(set(columns), key=lambda name: (order.get(name, len(order)), name))
