"""Entries and ledgers for the tests of the audit room: sound ones, to be spoiled by whoever needs that."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from audit.encoding import sidecar_digest
from audit.ledger import Ledger
from audit.note import Signer, make_signer

ORIGIN = "city.example.lg.jp/hogo/ledger"
SIGNER = make_signer(ORIGIN, seed=bytes(range(32)))
VKEY = SIGNER.verifier.vkey
OTHER_KEY = make_signer(ORIGIN, seed=bytes(range(1, 33)))
"""A key of the same name: what an attacker can make who knows the origin."""

TIME = "2023-10-01T09:00:00+09:00"
GUIDELINE = "2023.1+0123456789ab"
GENESIS: Mapping[str, Any] = {
    "time": TIME,
    "deployment": "demo-city",
    "demo": True,
    "guideline_version": GUIDELINE,
    "policy_digest": "0a" * 32,
}
SIDECAR: Mapping[str, Any] = {"action": "query", "as_of": "2023-10-01", "purpose": "young_carer"}
CONTROLS = ("purpose-active", "purpose-allow-list", "single-hat")


def request_id(number: int) -> str:
    """The request of a number."""
    return f"{number:032x}"


def common(kind: str, request: int, **changes: Any) -> dict[str, Any]:
    """What every entry has."""
    return {
        "v": 1,
        "kind": kind,
        "time": TIME,
        "request": request_id(request),
        "principal": "center",
        "hat": "controller",
        "purpose": "young_carer",
        "recipient": "center",
        **changes,
    }


def decision(request: int, /, **changes: Any) -> dict[str, Any]:
    """An allowed query."""
    document = {
        "action": "query",
        "allow": True,
        "required": list(CONTROLS),
        "granted_under": list(CONTROLS),
        "deny": [],
        "articles": [6, 7],
        "sql_digest": "1b" * 32,
        "input_digest": sidecar_digest(SIDECAR),
        "policy_digest": "0a" * 32,
        "engine": "embedded",
        "guideline_version": GUIDELINE,
        "approval": "AP-2023-0001",
        "scans": {"s1": {"department": "kaigo", "dataset": "kaigo.cert", "order": "2c" * 32}},
        "final_sql_digest": "3d" * 32,
        "certificate_digest": "4e" * 32,
        "pseudonyms": {"domain": "center-screening", "epoch": "2023"},
    }
    return {**common("decision", request), **document, **changes}


def denial(request: int, /, **changes: Any) -> dict[str, Any]:
    """A denied query."""
    document = {
        "allow": False,
        "granted_under": ["single-hat"],
        "deny": [{"control": "purpose-allow-list", "on": "s1.dementia_level"}],
        "articles": [7],
        "scans": {},
        "final_sql_digest": None,
        "certificate_digest": None,
        "pseudonyms": None,
    }
    return decision(request, **{**document, **changes})


def release(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """The outcome of the query that was decided at an index."""
    document = {
        "decision": decided,
        "rows": 33,
        "columns": 8,
        "suppressed_groups": 0,
        "cells": {"kaigo": 132, "shimin": 330},
        "result_digest": "5f" * 32,
    }
    return {**common("release", request), **document, **changes}


def refusal(request: int, /, **changes: Any) -> dict[str, Any]:
    """A query that ended before it was decided."""
    document = {
        "decision": None,
        "action": "query",
        "code": "name-column-unknown",
        "exit_status": 2,
        "stage": "parse",
        "department": None,
        "incident": None,
        "sql_digest": "1b" * 32,
        "approval": None,
    }
    return {**common("refusal", request), **document, **changes}


def approval(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A step of an approval that the decision at an index allowed."""
    document = {
        "decision": decided,
        "approval": "AP-2023-0001",
        "template": "yc-household-care",
        "step": "review",
        "state": "requested",
        "sql_digest": "1b" * 32,
        "guideline_version": GUIDELINE,
    }
    return {**common("approval", request), **document, **changes}


def guideline(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """The approval of the guideline that the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "approved",
        "guideline_version": GUIDELINE,
        "guideline_digest": "6a" * 32,
    }
    return {**common("guideline", request), **document, **changes}


def registration(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A part of a dataset's declaration that was confirmed, as the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "confirmed",
        "department": "kaigo",
        "dataset": "kaigo.cert",
        "part": "care_level",
        "declaration_digest": "7b" * 32,
        "guideline_version": GUIDELINE,
    }
    return {**common("registration", request), **document, **changes}


def matter(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A suspension that the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "suspended",
        "number": "R5-12",
        "subject": "8c" * 16,
        "guideline_version": GUIDELINE,
    }
    return {**common("matter", request), **document, **changes}


def cycle(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A judgement of everybody that the decision at an index allowed."""
    document = {
        "decision": decided,
        "cycle": "C2023-10-1",
        "rules": {"young_carer": "9d" * 32},
        "releases": {"young_carer": 7},
        "room": 30,
        "sample_seed": "ae" * 32,
        "guideline_version": GUIDELINE,
    }
    return {**common("cycle", request), **document, **changes}


def capacity(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """The approval of a cycle's capacity that the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "approved",
        "cycle": "C2023-10-1",
        "room": 30,
        "guideline_version": GUIDELINE,
    }
    return {**common("capacity", request), **document, **changes}


def candidate(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A step with somebody on the work list that the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "reviewed",
        "number": "WL-2023-012345",
        "state": "desk_review",
        "guideline_version": GUIDELINE,
    }
    return {**common("candidate", request), **document, **changes}


def ticket(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A controlled re-identification that was asked for, as the decision at an index allowed."""
    document = {
        "recipient": None,
        "decision": decided,
        "event": "requested",
        "ticket": "RI-2023-0001",
        "pseudonym": "9d" * 16,
        "subject": None,
        "emergency": False,
        "alert": False,
        "until": None,
        "to": None,
        "guideline_version": GUIDELINE,
    }
    return {**common("ticket", request), **document, **changes}


def subject_request(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A person's request that was taken at the desk, as the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "received",
        "number": "R5-40",
        "subject": "8c" * 16,
        "right": "disclosure",
        "by": "representative",
        "due": "2023-10-31",
        "outcome": None,
        "department": None,
        "affected": [],
        "guideline_version": GUIDELINE,
    }
    return {**common("subject_request", request), **document, **changes}


def incident(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """An incident that was assessed, as the decision at an index allowed."""
    document = {
        "purpose": None,
        "recipient": None,
        "decision": decided,
        "event": "assessed",
        "number": "J5-1",
        "discovered_on": "2023-09-28",
        "entries": [9],
        "facts": {"special-care": "yes", "many": "unknown"},
        "persons": {"least": 84, "most": 212, "found": None},
        "required": "yes",
        "stage": None,
        "on": None,
        "route": None,
        "obstacle": None,
        "measures": [],
        "document": None,
        "guideline_version": GUIDELINE,
    }
    return {**common("incident", request), **document, **changes}


def retention(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """An erasure that the decision at an index allowed."""
    document = {
        "decision": decided,
        "event": "erased",
        "number": "R5-31",
        "counts": {"kept-answers": 12, "pseudonym-epochs": 0},
        "guideline_version": GUIDELINE,
    }
    return {**common("retention", request), **document, **changes}


def absence(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """Somebody who decides is away, as the decision at an index allowed to record."""
    document = {
        "recipient": None,
        "decision": decided,
        "event": "recorded",
        "account": "cpo",
        "first": "2023-10-01",
        "last": "2023-10-02",
        "guideline_version": GUIDELINE,
    }
    return {**common("absence", request), **document, **changes}


def package(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """A package that was made, as the decision at an index allowed."""
    document = {
        "recipient": "vendor-a",
        "decision": decided,
        "event": "created",
        "package": "PK-2023-0001",
        "recipe": "va-truancy",
        "approval": "AP-2023-0001",
        "release": 8,
        "content_digest": "bf" * 32,
        "manifest_digest": "c0" * 32,
        "k": 5,
        "l": 2,
        "findings": 0,
        "expires_on": "2024-03-31",
        "number": "R5-31",
        "guideline_version": GUIDELINE,
    }
    return {**common("package", request), **document, **changes}


def proposal(request: int, /, *, decided: int, **changes: Any) -> dict[str, Any]:
    """Criteria that came back and were approved, as the decision at an index allowed."""
    document = {
        "purpose": "truancy",
        "recipient": "vendor-a",
        "decision": decided,
        "event": "approved",
        "proposal": "RP-2023-0001",
        "package": "PK-2023-0001",
        "releases": [8, 12],
        "content_digest": "c1" * 32,
        "rules_digest": "c2" * 32,
        "findings": 0,
        "guideline_version": GUIDELINE,
    }
    return {**common("proposal", request), **document, **changes}


def genesis() -> dict[str, Any]:
    """The first entry."""
    blank: dict[str, Any] = dict.fromkeys(("request", "principal", "hat", "purpose", "recipient"))
    return {**blank, **GENESIS, "v": 1, "kind": "ledger", "event": "genesis", "origin": ORIGIN}


def signing_decision(request: int, /, **changes: Any) -> dict[str, Any]:
    """An allowed step on an approval, which asks no department."""
    nothing = dict.fromkeys(("sql_digest", "final_sql_digest", "certificate_digest", "pseudonyms"))
    return decision(request, **{"action": "approval.sign", "scans": {}, **nothing, **changes})


def every_kind() -> list[dict[str, Any]]:
    """Entries of every kind of a query's path, in an order that fits, from index 1 on."""
    return [
        decision(1),
        release(1, decided=1),
        denial(2),
        refusal(3),
        decision(4),
        refusal(4, decision=5, code="department-unavailable", exit_status=4, stage="scan", department="kaigo"),
        signing_decision(5),
        approval(5, decided=7),
        decision(6),
        release(6, decided=9),
    ]


def policy_first(first: int) -> list[dict[str, Any]]:
    """What asks no department: the guideline approved, a part of a dataset confirmed, somebody suspended, everybody judged,
    a step on the work list, an absence, a package, criteria that came back, an incident, each after its decision.
    """
    return [
        signing_decision(101, action="guideline.approve"),
        guideline(101, decided=first),
        signing_decision(102, action="dataset.confirm"),
        registration(102, decided=first + 2),
        signing_decision(103, action="subject.suspend"),
        matter(103, decided=first + 4),
        signing_decision(104, action="risk.run"),
        cycle(104, decided=first + 6),
        signing_decision(105, action="risk.review"),
        candidate(105, decided=first + 8),
        signing_decision(106, action="reidentify.request"),
        ticket(106, decided=first + 10),
        signing_decision(107, action="retention.erase"),
        retention(107, decided=first + 12),
        signing_decision(108, action="absence.record"),
        absence(108, decided=first + 14),
        signing_decision(109, action="package.create"),
        package(109, decided=first + 16),
        signing_decision(110, action="subject.request"),
        subject_request(110, decided=first + 18),
        signing_decision(111, action="risk.approve"),
        capacity(111, decided=first + 20),
        signing_decision(112, action="proposal.approve"),
        proposal(112, decided=first + 22),
        signing_decision(113, action="incident.assess"),
        incident(113, decided=first + 24),
    ]


def new_ledger(path: Path, *, signer: Signer = SIGNER) -> Ledger:
    """A new ledger with its first entry."""
    return Ledger.create(path, signer=signer, origin=signer.name, genesis=GENESIS)


def open_ledger(path: Path, **options: Any) -> Ledger:
    """The ledger of a file, for appending."""
    return Ledger.open(path, signer=SIGNER, pinned=VKEY, **options)


def fill(ledger: Ledger) -> None:
    """Append one of every kind."""
    ledger.append_all(every_kind(), sidecars=[SIDECAR])


def spoil(path: Path, *statements: str | tuple[str, tuple[Any, ...]]) -> None:
    """Change a ledger's file as somebody may who can write it: past the triggers, which stand again afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as attacker:
        attacker.execute("PRAGMA synchronous = OFF")
        attacker.execute("BEGIN")
        triggers = attacker.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            attacker.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            attacker.execute(*((statement,) if isinstance(statement, str) else statement))
        for _, sql in triggers:
            attacker.execute(sql)
        attacker.execute("COMMIT")
