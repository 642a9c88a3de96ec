"""Recording that a pseudonym may be resolved: the orders' digests enter the ledger with the decision (I2, 第15条)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from audit.ledger import Ledger
from connectors.evidence import Evidence
from governance.decisions import Decision
from governance.guideline import Guideline
from governance.look_ups import LookUpOrder, look_up_digest
from query_broker.record import Intent, append_entry, decision_entry
from query_broker.request import QueryRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedLookUp:
    """One order and the holder that is asked."""

    department: str
    order: LookUpOrder


def record_look_ups(
    ledger: Ledger,
    *,
    request: QueryRequest,
    decision: Decision,
    document: Mapping[str, Any],
    orders: Sequence[PlannedLookUp],
    guideline: Guideline,
    policy_digest: str,
) -> Intent:
    """Write the allow, with the digest of every order, and wait until it is durable.

    Raises:
        Unavailable: the ledger does not take it; no holder may be asked.
    """
    nonce = secrets.token_hex(16)
    entry = decision_entry(request, decision, document, guideline, policy_digest)
    entry["scans"] = {
        f"s{position}": {
            "department": planned.department,
            "dataset": planned.order.dataset,
            "order": look_up_digest(planned.order, nonce=nonce),
        }
        for position, planned in enumerate(orders, start=1)
    }
    space = orders[0].order.pseudonyms
    entry["pseudonyms"] = {"domain": space.domain, "epoch": space.epoch}
    return Intent(receipt=append_entry(ledger, entry, document), nonce=nonce)


def evidence_of(intent: Intent, position: int) -> Evidence:
    """What goes to a holder with the order of a place, counted from 1."""
    return Evidence(receipt=intent.receipt, nonce=intent.nonce, scan=f"s{position}")
