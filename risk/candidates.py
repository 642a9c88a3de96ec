"""A candidate on the work list: what the judgement found, where people have got with it, and how it ended.

What the system finds is a hint; each state after the first is the step of a person. Nobody leaves the list without a
record of why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal
from uuid import UUID

from risk.capacity import priority_of
from risk.judge import Band, Queue

State = Literal[
    "candidate",
    "desk_review",
    "reid_requested",
    "reid_approved",
    "case_open",
    "consulted",
    "case_meeting",
    "outcome",
    "closed",
]
"""Where people have got with a candidate, in the order of the procedure."""

Place = Literal["alert", "chosen", "waiting", "sample", "added"]
"""How somebody came to the list: at once, within the capacity, beyond it, drawn among those who are on no list, or put
there by a person."""

Task = Literal["hand_over", "renumber"]
"""What a person has to settle first: whom the answers hold no longer, and whom another epoch's keys name otherwise."""

Ending = Literal["assessed", "expired", "handed_over", "no_hand_over", "not_pursued", "rekeyed"]

Verdict = Literal["support", "watch", "no_support", "insufficient", "supported_already", "wrong_person"]
"""要支援, 要見守り, 支援不要, 情報不足, 既支援中, 誤突合."""

POSITIVE: frozenset[Verdict] = frozenset({"support", "watch"})
NOT_COUNTED: frozenset[Verdict] = frozenset({"insufficient", "wrong_person"})
"""Verdicts that say nothing about whether the hint was right; they are reported beside the shares."""

NEXT: Mapping[State, frozenset[State]] = {
    "candidate": frozenset({"desk_review", "closed"}),
    "desk_review": frozenset({"reid_requested", "outcome", "closed"}),
    "reid_requested": frozenset({"reid_approved", "desk_review", "closed"}),
    "reid_approved": frozenset({"case_open", "desk_review", "closed"}),
    # Back to the papers, where nobody has the case view any more: an emergency that was not granted afterwards.
    "case_open": frozenset({"consulted", "case_meeting", "outcome", "desk_review"}),
    "consulted": frozenset({"case_meeting", "outcome", "desk_review"}),
    "case_meeting": frozenset({"consulted", "outcome", "desk_review"}),
    # A person may think otherwise later, in both directions (R29-3).
    "outcome": frozenset({"outcome", "case_meeting", "closed"}),
    "closed": frozenset({"desk_review"}),
}
"""The steps that there are. Who may take one, and under what conditions, is the policy's to say."""

SUPPORTED: frozenset[Verdict] = POSITIVE | {"supported_already"}
"""Verdicts after which somebody is supported or looked after."""

UNREVIEWED: frozenset[State] = frozenset({"candidate"})
"""States in which nobody has looked yet: such a candidate may expire."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the criteria of one purpose said of a candidate, in the last cycle that looked.

    Attributes:
        supported: whether help was in place already.
    """

    queue: Queue
    band: Band
    points: Fraction
    coverage: Fraction
    hits: tuple[str, ...]
    unknown: tuple[str, ...]
    supported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The judgement of a person.

    Attributes:
        reason: why, in the person's words.
        wish: what the person concerned wants; ``None`` where that was not asked.
        wish_missing: why it was not asked.
    """

    verdict: Verdict
    reason: str
    wish: str | None
    wish_missing: str | None
    by: str
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Somebody on the work list, by pseudonym.

    Attributes:
        number: by which people and records name the candidate; drawn, so that it tells nothing of how many there are.
        key_id: of the keys that made the pseudonyms.
        household: the household's pseudonym, by which members of one family stand together; ``None`` where unknown.
        place: how the candidate came to the list, as of the last cycle.
        first_cycle: the cycle that found the candidate first.
        last_cycle: the last cycle whose answers held the candidate.
        chosen_in: the cycle that gave the candidate a place within the capacity; ``None`` where none did.
        found: purpose → what the criteria said.
        protected: shown to cleared staff alone, since only an answer to cleared staff has held the candidate.
        task: what a person has to settle before anything else.
        version: a change has to name the one that it was made from.
    """

    number: str
    subject: UUID
    key_id: str
    household: UUID | None
    place: Place
    first_cycle: str
    last_cycle: str
    found: Mapping[str, Found]
    protected: bool
    chosen_in: str | None = None
    state: State = "candidate"
    task: Task | None = None
    ending: Ending | None = None
    outcome: Outcome | None = None
    version: int = 1

    @property
    def open(self) -> bool:
        """Whether somebody has still to do something."""
        return self.state != "closed"

    @property
    def alert(self) -> bool:
        """Whether the last judgement wanted the candidate seen at once."""
        return any(found.queue == "alert" for found in self.found.values())

    @property
    def priority(self) -> int:
        """As for whoever is judged: the highest band, one more where two purposes would list the candidate."""
        return priority_of(found.band for found in self.found.values())

    @property
    def hits(self) -> tuple[str, ...]:
        """Factors that are met, of all purposes, each once."""
        return tuple(dict.fromkeys(name for found in self.found.values() for name in found.hits))
