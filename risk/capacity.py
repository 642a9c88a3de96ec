"""From how many people can look at to who is looked at: a place on the list rests on capacity, not on a score alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from governance.errors import BadInput
from risk.judge import Band, Judgement

_LEVELS = {"A": 3, "B": 2, "C": 1, "none": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One pseudonym with its judgements side by side.

    Attributes:
        judged: purpose → judgement.
        priority: the highest band as a number, one more where two purposes or more would list the person.
    """

    subject: UUID
    judged: Mapping[str, Judgement]
    priority: int

    @property
    def alert(self) -> bool:
        """Whether it is shown at once, whatever the capacity."""
        return any(judgement.queue == "alert" for judgement in self.judged.values())

    @property
    def supported(self) -> bool:
        """Whether help is in place for any purpose."""
        return any(judgement.queue == "supported" for judgement in self.judged.values())

    @property
    def listed_for(self) -> tuple[str, ...]:
        """The purposes that list the person."""
        return tuple(purpose for purpose, found in self.judged.items() if found.queue == "candidate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Who is looked at in this cycle.

    Attributes:
        alerts: outside the capacity.
        chosen: candidates within the capacity, first first.
        waiting: candidates beyond it; they are carried over.
        supported: candidates or watched persons whom somebody helps already, in a queue of their own.
        little_data: persons whom no purpose lists, of whom too little is known in some to say that there is nothing.
        thresholds: purpose → the lowest score of those chosen for it; absent where nobody is.
    """

    alerts: tuple[Person, ...]
    chosen: tuple[Person, ...]
    waiting: tuple[Person, ...]
    supported: tuple[Person, ...]
    little_data: tuple[Person, ...]
    thresholds: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThresholdRow:
    """What a threshold would mean: so many candidates of a purpose, so many hours of review."""

    purpose: str
    score: int
    candidates: int
    hours: Fraction


def side_by_side(judged: Mapping[str, Iterable[Judgement]]) -> tuple[Person, ...]:
    """Every person once, with all its judgements; they join because the purposes share one pseudonymisation domain."""
    found: dict[UUID, dict[str, Judgement]] = {}
    for purpose, judgements in judged.items():
        for judgement in judgements:
            found.setdefault(judgement.subject, {})[purpose] = judgement
    return tuple(
        Person(subject=subject, judged=by_purpose, priority=priority_of(found.band for found in by_purpose.values()))
        for subject, by_purpose in found.items()
    )


def places(capacity: int, reserve: Fraction) -> int:
    """Candidates that a capacity leaves room for when a share of it is kept free.

    Raises:
        BadInput: no place would remain.
    """
    if capacity < 1 or not 0 <= reserve < 1:
        raise BadInput("risk-capacity")
    left = int(capacity * (1 - reserve))
    if left < 1:
        raise BadInput("risk-capacity")
    return left


def select(persons: Sequence[Person], *, purposes: Sequence[str], room: int) -> Selection:
    """Choose within a capacity: an equal floor for each purpose first, then by priority over all.

    Alerts are outside the room, and persons whom somebody helps already take no place. The same persons give the same
    choice; where all else is equal the pseudonym decides, which says nothing about anybody.
    """
    alerts = [person for person in persons if person.alert]
    supported = [person for person in persons if not person.alert and person.supported]
    open_ones = [person for person in persons if not person.alert and not person.supported]
    candidates = sorted((person for person in open_ones if person.listed_for), key=_order)
    chosen: dict[UUID, Person] = {}
    for purpose in purposes:
        ranked = sorted((p for p in candidates if purpose in p.listed_for), key=lambda p: _order_in(p, purpose))
        for person in ranked[: room // len(purposes)]:
            chosen.setdefault(person.subject, person)
    for person in candidates:
        if len(chosen) >= room:
            break
        chosen.setdefault(person.subject, person)
    waiting = [person for person in candidates if person.subject not in chosen]
    little = [p for p in open_ones if not p.listed_for and any(j.queue == "little_data" for j in p.judged.values())]
    return Selection(
        alerts=tuple(sorted(alerts, key=_order)),
        chosen=tuple(sorted(chosen.values(), key=_order)),
        waiting=tuple(waiting),
        supported=tuple(sorted(supported, key=_order)),
        little_data=tuple(sorted(little, key=_order)),
        thresholds={
            purpose: min(scores)
            for purpose in purposes
            if (scores := [p.judged[purpose].score for p in chosen.values() if purpose in p.listed_for])
        },
    )


def threshold_table(persons: Sequence[Person], *, purposes: Sequence[str], minutes: int) -> tuple[ThresholdRow, ...]:
    """Threshold → candidates → hours, for every purpose and every whole score down to where no more are added."""
    rows = []
    for purpose in purposes:
        scores = [
            p.judged[purpose].score for p in persons if purpose in p.listed_for and not p.alert and not p.supported
        ]
        if not scores:
            continue
        for score in range(int(max(scores)), int(min(scores)) - 1, -1):
            count = sum(found >= score for found in scores)
            rows.append(
                ThresholdRow(purpose=purpose, score=score, candidates=count, hours=Fraction(count * minutes, 60))
            )
    return tuple(rows)


def priority_of(bands: Iterable[Band]) -> int:
    """The highest band as a number, one more where two or more would list the person."""
    bands = tuple(bands)
    overlapping = sum(band in {"A", "B"} for band in bands) >= 2
    return max(_LEVELS[band] for band in bands) + (1 if overlapping else 0)


def _order(person: Person) -> tuple[int, Fraction, str]:
    return (-person.priority, -sum((found.score for found in person.judged.values()), Fraction(0)), str(person.subject))


def _order_in(person: Person, purpose: str) -> tuple[Fraction, int, str]:
    return (-person.judged[purpose].score, -person.priority, str(person.subject))
