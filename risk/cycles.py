"""One judgement of everybody after the other: what a cycle keeps, and the steps by which it changes the work list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from risk.candidates import Candidate


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """One judgement of everybody, as the list keeps it.

    Attributes:
        id: the month that it was made for, and the number within it.
        key_id: of the keys of its answers' pseudonyms.
        cleared: whether its answers were for cleared staff.
        rules: purpose → digest of its criteria.
        releases: purpose → ledger index of the answer that was judged.
        room: places within the capacity.
        counts: how many stand where, by place; and how many it judged, helps already, knows too little of.
        fairness: group → purpose → how many it has and how many of them were listed, where enough for that.
    """

    id: str
    at: str
    as_of: str
    principal: str
    ledger_index: int
    key_id: str
    cleared: bool
    rules: Mapping[str, str]
    releases: Mapping[str, int]
    room: int
    counts: Mapping[str, int]
    fairness: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A candidate as it shall be, with the event that makes it so.

    Attributes:
        candidate: changed from what was read; its version is still the one that was read, 0 for a new one.
    """

    candidate: Candidate
    event: str
    note: str = ""
