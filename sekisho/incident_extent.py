"""What leaked with an incident (第27条): from entries of the ledger to items, and to how many persons.

Items are those that the questions named. How many persons there are is counted at the holders, over tags that name
nobody (`connectors.uses`): whose rows left, by kind of key. A person may be known by several kinds, so that the sum
over the kinds is the most there can be; rows of an answer with one row per person are the least. What a holder has no
record of any more makes the most unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from audit.entry import Entry
from audit.ledger import Ledger
from connectors.department import LocalDepartment
from connectors.uses import Tags, kinds_of_persons
from governance.catalogue import Catalogue
from governance.errors import BadInput

PartKind = Literal["release", "package", "ticket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item that leaked, or by which rows were chosen.

    Attributes:
        shown: it stood in the answer; else rows were chosen, joined or grouped by it.
        of_persons: in rows of persons somewhere; else in other answers alone.
    """

    department: str
    dataset: str
    column: str
    shown: bool
    of_persons: bool

    @property
    def name(self) -> str:
        """As the guideline writes items."""
        return f"{self.dataset}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One entry that leaked.

    Attributes:
        index: of the entry that was named.
        rows: how many rows it had.
        aggregate: figures about groups or about no person, not rows of persons.
        one_each: no person has two rows.
        scans: department, decision, id of each scan whose rows went into it.
    """

    index: int
    kind: PartKind
    at: str
    recipient: str | None
    rows: int
    aggregate: bool
    one_each: bool
    items: tuple[Item, ...]
    scans: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What leaked, as far as it is known here.

    Attributes:
        whole: everything that leaked is among the parts.
        least, most: how many persons; ``most`` is ``None`` where that is not known.
        by_kind: kind of key → how many of its kind are among the rows that left the holders.
        tags: kind of key → the tags themselves; on the departments' side only.
    """

    parts: tuple[Part, ...]
    whole: bool
    least: int
    most: int | None
    by_kind: Mapping[str, int]
    tags: Mapping[str, Tags]

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item once, by name."""
        found: dict[str, Item] = {}
        for item in (item for part in self.parts for item in part.items):
            other = found.get(item.name, item)
            found[item.name] = Item(
                department=item.department,
                dataset=item.dataset,
                column=item.column,
                shown=item.shown or other.shown,
                of_persons=item.of_persons or other.of_persons,
            )
        return tuple(found[name] for name in sorted(found))


def extent(
    entries: Sequence[int],
    *,
    elsewhere: bool,
    ledger: Ledger,
    catalogue: Catalogue,
    departments: Mapping[str, LocalDepartment],
) -> Extent:
    """The extent of an incident.

    Args:
        entries: indices of releases, packages and tickets.
        elsewhere: something leaked that is in none of them.

    Raises:
        BadInput: an entry is none of these, or there is no such entry.
        Unavailable: a holder's record cannot be read.
    """
    parts = tuple(_part(index, ledger=ledger, catalogue=catalogue) for index in dict.fromkeys(entries))
    kinds = set(kinds_of_persons(catalogue))
    found: dict[str, list[Tags]] = {}
    known = bool(parts) and not elsewhere
    for department, decision, scan in dict.fromkeys(scan for part in parts for scan in part.scans):
        tags = departments[department].persons.of_scans([(decision, scan)])
        known = known and (bool(tags) or not _names_persons(decision, scan, ledger, catalogue, kinds))
        for kind, of_kind in tags.items():
            found.setdefault(kind, []).append(of_kind)
    together = {kind: np.unique(np.concatenate(tags)) for kind, tags in sorted(found.items())}
    tickets = sum(part.kind == "ticket" for part in parts)
    least = max((part.rows for part in parts if part.one_each), default=0)
    return Extent(
        parts=parts,
        whole=bool(parts) and not elsewhere,
        least=least,
        most=max(least, tickets + sum(len(tags) for tags in together.values())) if known else None,
        by_kind={kind: len(tags) for kind, tags in together.items()},
        tags=together,
    )


def check_entries(entries: Sequence[int], *, ledger: Ledger, catalogue: Catalogue) -> tuple[int, ...]:
    """Entries that may be part of an incident, each once, in order.

    Raises:
        BadInput: one is none of these, or there is no such entry.
    """
    for index in entries:
        _part(index, ledger=ledger, catalogue=catalogue)
    return tuple(sorted(set(entries)))


def _part(index: int, *, ledger: Ledger, catalogue: Catalogue) -> Part:
    if not 0 <= index < ledger.size:
        raise BadInput("incident-entry", index=index)
    named = ledger.entry(index)
    document = named.document
    if document["kind"] == "ticket" and document["event"] in ("opened", "looked"):
        return _ticket(named, ledger=ledger)
    if document["kind"] not in ("release", "package"):
        raise BadInput("incident-entry", index=index)
    release = ledger.entry(document["release"]) if document["kind"] == "package" else named
    # An answer that was given again is the first one's; only for that one were the holders asked.
    asked = ledger.entry(release.document["repeats"]) if "repeats" in release.document else release
    decision = ledger.entry(asked.document["decision"])
    query: Mapping[str, Any] = ledger.sidecar(decision.document["input_digest"])["query"]
    aggregate = query["output"]["kind"] != "row_level"
    return Part(
        index=index,
        kind=document["kind"],
        at=document["time"],
        recipient=document["recipient"] or release.document["recipient"],
        rows=release.document["rows"],
        aggregate=aggregate,
        one_each=not aggregate and query["output"]["rows_per_subject"] == "one",
        items=_items(query, catalogue, of_persons=not aggregate),
        scans=tuple(
            (served["department"], decision.index, scan) for scan, served in sorted(decision.document["scans"].items())
        ),
    )


def _ticket(named: Entry, *, ledger: Ledger) -> Part:
    """One person, looked up at the holders: whose record it is, the ticket knows and the ledger does not."""
    decision = ledger.entry(named.document["decision"])
    look_ups = ledger.sidecar(decision.document["input_digest"])["ticket"]["look_ups"]
    return Part(
        index=named.index,
        kind="ticket",
        at=named.document["time"],
        recipient=None,
        rows=1,
        aggregate=False,
        one_each=True,
        items=tuple(
            Item(
                department=look_up["dataset"].partition(".")[0],
                dataset=look_up["dataset"],
                column=column,
                shown=True,
                of_persons=True,
            )
            for look_up in look_ups
            for column in look_up["columns"]
        ),
        scans=(),
    )


def _items(query: Mapping[str, Any], catalogue: Catalogue, *, of_persons: bool) -> tuple[Item, ...]:
    shown = {origin for column in query["output"]["columns"] for origin in column["origins"]}
    return tuple(
        Item(
            department=catalogue.dataset(scan["dataset"]).department,
            dataset=scan["dataset"],
            column=column["column"],
            shown=f"{scan['id']}.{column['column']}" in shown,
            of_persons=of_persons,
        )
        for scan in query["scans"]
        for column in scan["columns"]
        if scan["dataset"] in catalogue.datasets
    )


def _names_persons(decision: int, scan: str, ledger: Ledger, catalogue: Catalogue, kinds: set[str]) -> bool:
    """Whether the holder must have written down whose rows left with a scan."""
    dataset = catalogue.datasets.get(ledger.entry(decision).document["scans"][scan]["dataset"])
    return dataset is None or any(column.key in kinds for column in dataset.columns.values())
