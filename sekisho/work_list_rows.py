"""Candidates and cycles as the rows of the work list hold them, before they are sealed and after they are opened."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from risk.candidates import Candidate, Found, Outcome
from risk.cycles import Cycle

_CYCLE_FIELDS = (
    "at",
    "as_of",
    "principal",
    "key_id",
    "cleared",
    "rules",
    "releases",
    "room",
    "counts",
    "fairness",
    "thresholds",
)
_CANDIDATE_FIELDS = (
    "key_id",
    "place",
    "first_cycle",
    "last_cycle",
    "chosen_in",
    "protected",
    "state",
    "task",
    "ending",
)
_OUTCOME_FIELDS = ("verdict", "reason", "wish", "wish_missing", "by", "at")


def write_cycle(cycle: Cycle) -> str:
    """What a row holds beside the cycle's name and the index of its entry."""
    return json.dumps({name: getattr(cycle, name) for name in _CYCLE_FIELDS}, ensure_ascii=False)


def read_cycle(text: str, *, name: str, index: int) -> Cycle:
    """A cycle from its row."""
    document = cast("dict[str, Any]", json.loads(text))
    return Cycle(id=name, ledger_index=index, **{**document, "thresholds": tuple(document.get("thresholds", ()))})


def write_candidate(candidate: Candidate) -> str:
    """What a row holds beside the candidate's number and version."""
    document: dict[str, Any] = {name: getattr(candidate, name) for name in _CANDIDATE_FIELDS}
    document["subject"] = candidate.subject.hex
    document["household"] = candidate.household.hex if candidate.household is not None else None
    document["found"] = {
        purpose: {
            "queue": found.queue,
            "band": found.band,
            "points": str(found.points),
            "coverage": str(found.coverage),
            "hits": found.hits,
            "unknown": found.unknown,
            "supported": found.supported,
        }
        for purpose, found in candidate.found.items()
    }
    outcome = candidate.outcome
    document["outcome"] = None if outcome is None else {name: getattr(outcome, name) for name in _OUTCOME_FIELDS}
    return json.dumps(document, ensure_ascii=False)


def read_candidate(text: str, *, number: str, version: int) -> Candidate:
    """A candidate from its row."""
    document = cast("dict[str, Any]", json.loads(text))
    household, outcome = document.pop("household"), document.pop("outcome")
    return Candidate(
        **{
            **document,
            "number": number,
            "version": version,
            "subject": UUID(hex=document["subject"]),
            "household": UUID(hex=household) if household is not None else None,
            "found": {purpose: _found(entry) for purpose, entry in document["found"].items()},
            "outcome": Outcome(**outcome) if outcome is not None else None,
        }
    )


def _found(entry: Mapping[str, Any]) -> Found:
    return Found(
        queue=entry["queue"],
        band=entry["band"],
        points=Fraction(entry["points"]),
        coverage=Fraction(entry["coverage"]),
        hits=tuple(entry["hits"]),
        unknown=tuple(entry["unknown"]),
        supported=entry["supported"],
    )
