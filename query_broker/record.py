"""Stages 6 and 10, **record intent** and **record outcome**: what the ledger is told, before and after.

Entries hold names of the guideline and the catalogue, digests and counts; a name that is in neither is recorded as
absent, since a user may have typed anything (I7).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from audit.encoding import sidecar_digest
from audit.ledger import Ledger
from audit.receipt import Receipt
from governance.decisions import Decision, DenyReason
from governance.errors import BadInput, Fault, SekishoError
from governance.facts import QueryFacts
from governance.guideline import Guideline
from governance.scans import order_digest
from query_broker.certify import Certificate
from query_broker.plan import FederatedPlan
from query_broker.request import QueryRequest

CONTROL_NO_ANSWER = "policy-answers"
"""The control that refuses when the policy engine gives no usable answer."""

MAX_REASONS = 400
"""Most reasons of one deny that an entry holds (``audit/schemas/entry.schema.json``); the decision's input, which the
ledger keeps beside it, gives them all again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """An allow, durable in the ledger.

    Attributes:
        receipt: the proof that departments ask for.
        nonce: hides the orders' literals from readers of the ledger; goes to the departments only.
    """

    receipt: Receipt
    nonce: str


def record_intent(
    ledger: Ledger,
    *,
    request: QueryRequest,
    decision: Decision,
    document: Mapping[str, Any],
    plan: FederatedPlan,
    certificate: Certificate,
    guideline: Guideline,
    policy_digest: str,
) -> Intent:
    """Write the allow, with the digest of every scan order, and wait until it is durable (I2).

    Raises:
        Unavailable: the ledger does not take it; no department may be asked.
    """
    nonce = secrets.token_hex(16)
    entry = decision_entry(request, decision, document, guideline, policy_digest)
    entry["scans"] = {
        scan.id: {
            "department": scan.department,
            "dataset": scan.order.dataset,
            "order": order_digest(scan.order, nonce=nonce),
        }
        for scan in plan.scans
        if not scan.unknown
    }
    entry["final_sql_digest"] = certificate.final_sql_digest
    entry["certificate_digest"] = certificate.digest
    entry["pseudonyms"] = {
        "domain": plan.scans[0].order.pseudonyms.domain,
        "epoch": plan.scans[0].order.pseudonyms.epoch,
    }
    return Intent(receipt=append_entry(ledger, entry, document), nonce=nonce)


def record_decision(
    ledger: Ledger,
    *,
    request: QueryRequest,
    decision: Decision,
    document: Mapping[str, Any],
    guideline: Guideline,
    policy_digest: str,
) -> Receipt:
    """Write a decision that sends nobody to a department: a deny, or an allow of an action that is no query (I6)."""
    entry = decision_entry(request, decision, document, guideline, policy_digest)
    return append_entry(ledger, entry, document)


def record_no_answer(
    ledger: Ledger,
    *,
    request: QueryRequest,
    document: Mapping[str, Any],
    engine: str,
    input_digest: str,
    guideline: Guideline,
    policy_digest: str,
) -> Receipt:
    """Write the deny that stands where the policy gave no usable answer (I3)."""
    entry = _common(request, guideline) | {
        "kind": "decision",
        "basis": _basis(request, guideline),
        "action": request.action,
        "allow": False,
        "required": [],
        "granted_under": [],
        "deny": [{"control": CONTROL_NO_ANSWER, "on": ""}],
        "articles": list(guideline.articles_of((CONTROL_NO_ANSWER,))),
        "sql_digest": document["query"]["sql_digest"] if document["query"] else None,
        "input_digest": input_digest,
        "policy_digest": policy_digest,
        "engine": engine,
        "guideline_version": guideline.version,
        "approval": request.approval.id if request.approval else None,
        "scans": {},
        "final_sql_digest": None,
        "certificate_digest": None,
        "pseudonyms": None,
    }
    return append_entry(ledger, entry, document)


def record_refusal(
    ledger: Ledger,
    *,
    request: QueryRequest,
    error: SekishoError,
    stage: str,
    decision: Receipt | None,
    facts: QueryFacts | None,
    guideline: Guideline,
) -> Receipt:
    """Write that a query ended without an answer, and where."""
    entry = _common(request, guideline) | {
        "kind": "refusal",
        "decision": decision.index if decision else None,
        "action": request.action,
        "code": error.code,
        "exit_status": error.exit_status,
        "stage": stage,
        "department": error.params.get("department"),
        "incident": error.params.get("incident") if isinstance(error, Fault) else None,
        "sql_digest": facts.sql_digest if facts else None,
        "approval": request.approval.id if request.approval else None,
    }
    return append_entry(ledger, entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An answer that was compared with earlier ones: its populations, and how many entries the ledger had then."""

    populations: Mapping[str, Any]
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is about to be released.

    Attributes:
        compared: for an aggregate answer, what it was compared by; ``None`` for rows and for an answer given again.
        repeats: the release whose answer is given again.
    """

    table: pa.Table
    suppressed: int
    compared: Compared | None
    repeats: int | None


class Outpaced(Exception):  # noqa: N818 - nothing is wrong: others were released meanwhile
    """An answer to the same recipient and purpose entered the ledger after the comparison."""


def record_outcome(
    ledger: Ledger,
    *,
    request: QueryRequest,
    intent: Intent,
    table: pa.Table,
    suppressed: int,
    cells: Mapping[str, int],
    known: Mapping[str, int],
    guideline: Guideline,
    digest_key: bytes,
    compared: Compared | None = None,
    repeats: int | None = None,
    stale: Mapping[str, date] | None = None,
) -> tuple[Receipt, str]:
    """Write what is about to be released, and return the receipt with the digest of the result.

    Args:
        stale: datasets that were out of date and not asked, each with its day.
        compared: for an aggregate answer, what it was compared by; ``None`` for rows and for an answer given again.
        repeats: the release whose answer is given again.

    Raises:
        Outpaced: it has to be compared again.
    """
    digest = result_digest(table, key=digest_key)
    entry = _common(request, guideline) | {
        "kind": "release",
        "basis": _basis(request, guideline),
        "decision": intent.receipt.index,
        "rows": table.num_rows,
        "columns": table.num_columns,
        "suppressed_groups": suppressed,
        "cells": dict(cells),
        "known": dict(known),
        "result_digest": digest,
    }
    if stale:
        entry["stale"] = {name: day.isoformat() for name, day in stale.items()}
    if repeats is not None:
        entry["repeats"] = repeats
    if compared is None:
        return append_entry(ledger, entry), digest
    entry["populations"] = sidecar_digest(compared.populations)
    return append_entry(ledger, entry, compared.populations, compared=compared.size), digest


def result_digest(table: pa.Table, *, key: bytes) -> str:
    """Keyed digest of the result: of a small table, a plain one could be searched for (I7)."""
    return hmac.new(derived_key(key, "result"), result_bytes(table), hashlib.sha256).hexdigest()


def result_bytes(table: pa.Table) -> bytes:
    """The result as one Arrow IPC stream of one batch, which fixes schema, order and values."""
    sink = pa.BufferOutputStream()
    whole = table.combine_chunks().replace_schema_metadata(None)
    with pa.ipc.new_stream(sink, whole.schema) as writer:
        writer.write_table(whole)
    return bytes(sink.getvalue())


def derived_key(key: bytes, use: str) -> bytes:
    """A key for one use, from the key of digests."""
    return hmac.new(key, f"sekisho/{use}/v1".encode(), hashlib.sha256).digest()


def append_entry(
    ledger: Ledger, entry: Mapping[str, Any], *sidecars: Mapping[str, Any], compared: int | None = None
) -> Receipt:
    """Append an entry that was made here."""
    try:
        return ledger.append(entry, sidecars=sidecars, compared=compared)
    except BadInput as error:
        if error.code == "release-outpaced":
            raise Outpaced from None
        # Entries are made here: one that the ledger's schema refuses is ours to answer for.
        raise Fault from error


def decision_entry(
    request: QueryRequest,
    decision: Decision,
    document: Mapping[str, Any],
    guideline: Guideline,
    policy_digest: str,
) -> dict[str, Any]:
    """The entry of a decision that sends nobody to a department; whoever sends somebody adds what."""
    grounds = decision.granted_under if decision.allow else tuple(reason.control for reason in decision.deny)
    return _common(request, guideline) | {
        "kind": "decision",
        "basis": _basis(request, guideline),
        "action": request.action,
        "allow": decision.allow,
        "required": sorted(decision.required),
        "granted_under": sorted(decision.granted_under),
        "deny": [{"control": reason.control, "on": reason.on} for reason in _reasons(decision)],
        "articles": list(guideline.articles_of(grounds)),
        "sql_digest": document["query"]["sql_digest"] if document["query"] else None,
        "input_digest": decision.input_digest,
        "policy_digest": policy_digest,
        "engine": decision.engine,
        "guideline_version": guideline.version,
        "approval": request.approval.id if request.approval else None,
        "scans": {},
        "final_sql_digest": None,
        "certificate_digest": None,
        "pseudonyms": None,
    }


def _reasons(decision: Decision) -> list[DenyReason]:
    """The reasons of a deny in their order; of very many, at least one of each control (I6)."""
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, int]] = []
    for position, reason in enumerate(decision.deny):
        seen[reason.control] += 1
        ranked.append((seen[reason.control], position))
    return [decision.deny[position] for position in sorted(position for _, position in sorted(ranked)[:MAX_REASONS])]


def _basis(request: QueryRequest, guideline: Guideline) -> str | None:
    return request.basis if request.basis in guideline.tables.get("parameters", {}).get("legal_bases", {}) else None


def _common(request: QueryRequest, guideline: Guideline) -> dict[str, Any]:
    principal = request.principal
    hat = principal.hats[0] if principal and len(principal.hats) == 1 else None
    return {
        "v": 1,
        "time": request.time.isoformat(timespec="seconds"),
        "request": request.id,
        "principal": principal.id if principal else None,
        "hat": hat if hat in guideline.tables["action_matrix"] else None,
        "purpose": request.purpose if request.purpose in guideline.tables["purposes"] else None,
        "recipient": request.recipient if request.recipient in guideline.tables["recipients"] else None,
    }
