"""One judgement of everybody after the other: what a cycle keeps, and the steps by which it changes the work list.

Nobody leaves the list silently. Who is not in the answers any more, for whatever reason, becomes a task for a person;
who was not looked at for too long, and gives no sign any more, ends with a record; who has been looked at and gives no
new sign rests. An alert is on the list whatever the capacity.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from risk.candidates import UNREVIEWED, Candidate, Found, Place
from risk.capacity import Person, Selection, select

_REVIEWING = frozenset({"candidate", "desk_review"})


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
        thresholds: what each threshold would mean: type, score, candidates and minutes of review.
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
    thresholds: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A candidate as it shall be, with the event that makes it so.

    Attributes:
        candidate: changed from what was read; its version is still the one that was read, 0 for a new one.
    """

    candidate: Candidate
    event: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Customs:
    """How a deployment's guideline carries a list from cycle to cycle.

    Attributes:
        carried_take_places: whether those of earlier cycles whom nobody has finished looking at take places of a
            capacity.
        expires_after: months with a cycle after which somebody whom nobody has looked at, and who gives no sign any
            more, ends.
        rests_for: months with a cycle for which somebody who was looked at is not listed again without a new sign.
    """

    carried_take_places: bool
    expires_after: int
    rests_for: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everybody who was judged, and under what.

    Attributes:
        cycle: the id that the cycle gets.
        purposes: those that were judged.
        key_id: of the keys of the pseudonyms.
        cleared: whether the answers were for cleared staff; then they hold the persons under protection, too.
        earlier: ids of the cycles before, oldest first.
        stale: whether a source was out of date, so that a sign that is missing says nothing: nobody ends for it.
    """

    cycle: str
    purposes: tuple[str, ...]
    key_id: str
    cleared: bool
    persons: tuple[Person, ...]
    earlier: tuple[str, ...]
    stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a cycle makes of the list.

    Attributes:
        carried: how many places those of earlier cycles take.
        selection: who was chosen among those who are not on the list yet.
    """

    steps: tuple[Step, ...]
    carried: int
    selection: Selection


def turn(
    listed: Sequence[Candidate],
    answers: Answers,
    *,
    room: int,
    customs: Customs,
    new_numbers: Callable[[int], Sequence[str]],
    sample: Iterable[UUID] = (),
) -> Turn:
    """Bring the list up to date with a judgement.

    Args:
        listed: everybody on the list, the closed ones too.
        room: places within the capacity.
        new_numbers: draws so many numbers that nobody has.
        sample: drawn persons who shall be looked at although no criterion lists them.
    """
    seen = [each for each in listed if answers.cleared or not each.protected]
    hidden = {each.subject for each in listed if each.open and each.protected and not answers.cleared}
    judged = {person.subject: person for person in answers.persons}
    # Whoever the answers for everybody hold is under no protection, whatever an answer to cleared staff left open.
    seen += [each for each in listed if each.open and each.subject in hidden & judged.keys()]
    current = [each for each in seen if each.open and each.key_id == answers.key_id]
    on_list = {each.subject for each in current}
    carried = [each for each in seen if _takes_place(each, judged.get(each.subject), answers)]
    free = max(0, room - len(carried)) if customs.carried_take_places else room
    resting = _resting([each for each in seen if not each.open], answers, customs)
    new = [p for p in answers.persons if p.subject not in on_list and (p.alert or not _rests(p, resting))]
    # Those who wait since earlier compete with those who are new.
    waiting = [judged[each.subject] for each in current if _waits(each, judged.get(each.subject))]
    selection = select([*new, *waiting], purposes=answers.purposes, room=free)
    chosen = {person.subject for person in selection.chosen}
    steps = [*_other_keys(seen, answers), *_carried_over(current, judged, answers, customs, chosen)]
    places: dict[UUID, Place] = {
        **{person.subject: "alert" for person in selection.alerts},
        **{person.subject: "chosen" for person in selection.chosen},
        **{person.subject: "waiting" for person in selection.waiting},
    }
    for subject in sample:
        places.setdefault(subject, "sample")
    entering = [subject for subject in places if subject not in on_list]
    for number, subject in zip(new_numbers(len(entering)), entering, strict=True):
        entered = Candidate(
            number=number,
            subject=subject,
            key_id=answers.key_id,
            household=_household(judged[subject]),
            place=places[subject],
            first_cycle=answers.cycle,
            last_cycle=answers.cycle,
            chosen_in=answers.cycle if places[subject] == "chosen" else None,
            found=_found(judged[subject], {}),
            protected=answers.cleared,
            version=0,
        )
        steps.append(Step(candidate=entered, event="listed"))
    return Turn(steps=tuple(steps), carried=len(carried), selection=selection)


def draw(persons: Iterable[Person], *, count: int, seed: bytes) -> tuple[UUID, ...]:
    """Persons whom no purpose lists, drawn by a seed: with the seed and the same answers, anybody draws the same.

    They are looked at on paper alone, to tell how many the criteria miss.
    """
    unflagged = [p.subject for p in persons if not p.alert and not p.supported and not p.listed_for]
    return tuple(sorted(unflagged, key=lambda s: hmac.new(seed, s.bytes, hashlib.sha256).digest())[:count])


def in_families(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """The order of the list: whoever comes first, with the other members of the household behind."""
    ranked = sorted(candidates, key=_rank)
    first: dict[object, int] = {}
    for position, each in enumerate(ranked):
        first.setdefault(_family(each), position)
    return tuple(sorted(ranked, key=lambda each: (first[_family(each)], _rank(each))))


_PLACES: Mapping[Place, int] = {"alert": 0, "added": 1, "chosen": 2, "sample": 3, "waiting": 4}


def _rank(candidate: Candidate) -> tuple[int, int, int, float, str]:
    return (
        0 if candidate.task is not None else 1,
        _PLACES["alert" if candidate.alert else candidate.place],
        -candidate.priority,
        -float(sum(found.points for found in candidate.found.values())),
        candidate.number,
    )


def _family(candidate: Candidate) -> object:
    return candidate.household if candidate.household is not None else candidate.number


def _signs(found: Iterable[Found]) -> bool:
    """Whether something asks for a look: an alert, or a candidate for any purpose whom nobody helps yet."""
    queues = {each.queue for each in found}
    return "alert" in queues or ("candidate" in queues and "supported" not in queues)


def _signs_now(candidate: Candidate, person: Person | None) -> bool:
    """The same for somebody on the list, with what was found now, and before for purposes that were not judged now."""
    return person is not None and _signs(_found(person, candidate.found).values())


def _waits(candidate: Candidate, person: Person | None) -> bool:
    unseen = candidate.state in UNREVIEWED and candidate.place in ("waiting", "sample")
    return unseen and _signs_now(candidate, person)


def _takes_place(candidate: Candidate, person: Person | None, answers: Answers) -> bool:
    """Whether somebody takes a place of this cycle's capacity.

    Whoever was given one in the same month does, so that a second judgement gives no second capacity; else whoever was
    given one earlier, is not finished on the desk, and still gives signs.
    """
    if candidate.chosen_in is not None and _month(candidate.chosen_in) == _month(answers.cycle):
        return True
    return (
        candidate.place in ("chosen", "added")
        and candidate.state in _REVIEWING
        and candidate.key_id == answers.key_id
        and person is not None
        and not person.alert
        and (candidate.state == "desk_review" or answers.stale or _signs_now(candidate, person))
    )


def _month(cycle: str) -> str:
    return cycle.rpartition("-")[0]


def _months_since(cycle: str, answers: Answers) -> int:
    """Months with a cycle that came after the one of a cycle."""
    return len({_month(each) for each in (*answers.earlier, answers.cycle) if _month(each) > _month(cycle)})


def _resting(closed: Iterable[Candidate], answers: Answers, customs: Customs) -> Mapping[UUID, frozenset[str]]:
    """Who was looked at not long ago → the signs that there were then."""
    found: dict[UUID, frozenset[str]] = {}
    for each in closed:
        unclear = each.outcome is not None and each.outcome.verdict in ("insufficient", "wrong_person")
        looked_at = each.ending in ("assessed", "not_pursued") and not unclear
        if looked_at and _months_since(each.last_cycle, answers) <= customs.rests_for:
            found[each.subject] = found.get(each.subject, frozenset()) | frozenset(each.hits)
    return found


def _rests(person: Person, resting: Mapping[UUID, frozenset[str]]) -> bool:
    known = resting.get(person.subject)
    return known is not None and {hit for found in person.judged.values() for hit in found.hits} <= known


def _other_keys(seen: Iterable[Candidate], answers: Answers) -> list[Step]:
    """Whom other keys name: nobody can tell who that is now, so that a person has to have it translated."""
    steps = []
    for each in seen:
        if not each.open or each.key_id == answers.key_id or each.task is not None:
            continue
        if each.state in UNREVIEWED and each.place != "alert":
            # Nobody has begun with them, and who still gives signs is on the list again, under the new keys.
            steps.append(Step(candidate=replace(each, state="closed", ending="rekeyed"), event="rekeyed"))
        else:
            steps.append(Step(candidate=replace(each, task="renumber"), event="rekeyed"))
    return steps


def _carried_over(
    current: Iterable[Candidate],
    judged: Mapping[UUID, Person],
    answers: Answers,
    customs: Customs,
    chosen: set[UUID],
) -> list[Step]:
    steps = []
    for each in current:
        person = judged.get(each.subject)
        if person is None:
            if each.place == "sample" and each.state in UNREVIEWED:
                steps.append(Step(candidate=replace(each, state="closed", ending="expired", task=None), event="left"))
            elif each.task is None:
                steps.append(Step(candidate=replace(each, task="hand_over"), event="left"))
            continue
        after = replace(
            each,
            found=_found(person, each.found),
            last_cycle=answers.cycle,
            household=_household(person) or each.household,
            task=None if each.task == "hand_over" else each.task,
            # An answer for everybody holds nobody under protection; one that lost somebody whom cleared staff still
            # find has lost the person to it.
            protected=answers.cleared and (each.protected or each.task == "hand_over"),
        )
        if each.state in UNREVIEWED:
            if person.alert:
                after = replace(after, place="alert")
            elif each.subject in chosen:
                after = replace(after, place="chosen", chosen_in=answers.cycle)
            elif (
                not answers.stale and not _signs(after.found.values()) and each.place in ("chosen", "waiting", "sample")
            ):
                if _months_since(each.first_cycle, answers) >= customs.expires_after:
                    after = replace(after, state="closed", ending="expired")
                elif each.place == "chosen":
                    after = replace(after, place="waiting")
        event = "expired" if after.ending == "expired" else "returned" if each.task == "hand_over" else "carried_over"
        steps.append(Step(candidate=after, event=event))
    return steps


def _household(person: Person) -> UUID | None:
    return next((found.household for found in person.judged.values() if found.household is not None), None)


def _found(person: Person, before: Mapping[str, Found]) -> Mapping[str, Found]:
    """What was found now; of purposes that were not judged this time, what was found before."""
    return {
        **before,
        **{
            purpose: Found(
                queue=found.queue,
                band=found.band,
                points=found.score,
                coverage=found.coverage,
                hits=found.hits,
                unknown=found.unknown,
                supported=found.supported,
            )
            for purpose, found in person.judged.items()
        },
    }
