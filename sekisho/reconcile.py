"""Whether the deployment's store says what the ledger says: approvals that nobody granted are found.

The store is believed as the file system protects it; the ledger is signed. Each approval in the store is set against
its entries: it was drafted, signed and decided by whom and in the state that the ledger has.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from audit.ledger import Ledger
from governance.approvals import Approval
from sekisho.approval_store import ApprovalStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """An approval, and the first thing in which store and ledger differ (``missing`` where one of them has none)."""

    approval: str
    field: str


def reconcile(store: ApprovalStore, ledger: Ledger) -> tuple[Mismatch, ...]:
    """Every approval in which the two differ, in order of id.

    Raises:
        Unavailable: one of them cannot be read.
    """
    recorded: dict[str, list[dict[str, Any]]] = {}
    for entry in ledger.entries():
        if entry.document["kind"] == "approval":
            recorded.setdefault(entry.document["approval"], []).append(dict(entry.document))
    stored = {each.approval.id: each.approval for each in store.all()}
    found = []
    for number in sorted(recorded.keys() | stored.keys()):
        if number not in recorded or number not in stored:
            found.append(Mismatch(approval=number, field="missing"))
            continue
        field = _differs(stored[number], recorded[number])
        if field is not None:
            found.append(Mismatch(approval=number, field=field))
    return tuple(found)


def _differs(approval: Approval, entries: list[dict[str, Any]]) -> str | None:
    first, last = entries[0], entries[-1]
    signed = [(entry["step"], entry["principal"], entry["hat"]) for entry in entries if entry["step"] is not None]
    signatures = (*approval.reviewers, *([approval.approver] if approval.approver is not None else []))
    sides: Iterable[tuple[str, object, object]] = (
        ("state", approval.state, _state(last)),
        ("template", approval.template, last["template"]),
        ("purpose", approval.purpose, last["purpose"]),
        ("sql_digest", approval.sql_digest, last["sql_digest"]),
        ("guideline_version", approval.guideline_version, last["guideline_version"]),
        ("requester", approval.requester, first["principal"]),
        ("signatures", [(s.step, s.id, s.role) for s in signatures], signed),
    )
    return next((name for name, here, there in sides if here != there), None)


def _state(entry: dict[str, Any]) -> str:
    state: str = entry["state"]
    return state
