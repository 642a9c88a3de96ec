"""From cycle to cycle nobody is lost: who is carried over, who leaves, who rests, who is drawn, and how many places there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.candidates import Candidate, Found, Outcome
from risk.capacity import side_by_side
from risk.cycles import Answers, Customs, Turn, draw, in_families, turn
from risk.judge import Band, Judgement, Queue

CUSTOMS = Customs(carried_take_places=True, expires_after=2, rests_for=6)
KEY, OTHER_KEY = "0a1b2c3d", "4e5f6071"


def judged(number: int, score: int = 5, queue: Queue = "candidate", **more: Any) -> Judgement:
    """One person by one type."""
    band: Band = "B" if queue in ("candidate", "alert") else "none"
    return Judgement(
        subject=UUID(int=number), score=Fraction(score), queue=queue, band=band,
        **{"hits": ("XX01",), "unknown": (), "coverage": Fraction(1), "household": UUID(int=900 + number), **more},
    )  # fmt: skip


def nothing(number: int) -> Judgement:
    """Somebody of whom nothing was found."""
    return judged(number, 0, "none", hits=())


def answers(*judgements: Judgement, cycle: str = "C2023-10-1", earlier: Sequence[str] = (), **more: Any) -> Answers:
    """A judgement of everybody by one type."""
    return Answers(
        cycle=cycle, persons=side_by_side({"one": judgements}), earlier=tuple(earlier),
        **{"purposes": ("one",), "key_id": KEY, "cleared": False, **more},
    )  # fmt: skip


class Listed:
    """A work list in memory: each cycle's steps are taken, as the store takes them."""

    def __init__(self) -> None:
        self.candidates: dict[str, Candidate] = {}
        self.cycles: list[str] = []
        self.events: list[tuple[str, int]] = []

    def turn(self, *judgements: Judgement, cycle: str = "C2023-10-1", room: int = 30, **more: Any) -> Turn:
        """One cycle."""
        sample = more.pop("sample", ())
        made = turn(
            tuple(self.candidates.values()), answers(*judgements, cycle=cycle, earlier=self.cycles, **more),
            room=room, customs=CUSTOMS, new_numbers=self._numbers, sample=sample,
        )  # fmt: skip
        self.events = []
        for step in made.steps:
            assert (step.candidate.version == 0) == (step.candidate.number not in self.candidates)
            self.candidates[step.candidate.number] = replace(step.candidate, version=step.candidate.version + 1)
            self.events.append((step.event, step.candidate.subject.int))
        self.cycles.append(cycle)
        return made

    def of(self, number: int) -> Candidate:
        """The newest candidate of a person."""
        return [each for each in self.candidates.values() if each.subject.int == number][-1]

    def set(self, number: int, **changes: Any) -> None:
        """What people did."""
        found = self.of(number)
        self.candidates[found.number] = replace(found, **changes)

    def _numbers(self, count: int) -> list[str]:
        return [f"WL-2023-{len(self.candidates) + position:06d}" for position in range(count)]


@pytest.fixture
def listed() -> Listed:
    return Listed()


def test_a_first_cycle_lists_alerts_and_candidates(listed: Listed) -> None:
    """Alerts beside the places, the best within them, the others waiting; nobody else is on the list."""
    listed.turn(judged(1, queue="alert"), judged(2, 9), judged(3, 5), judged(4, queue="supported"), nothing(5), room=1)
    assert {each.subject.int: each.place for each in listed.candidates.values()} == {
        1: "alert",
        2: "chosen",
        3: "waiting",
    }
    assert listed.of(2).chosen_in == "C2023-10-1"
    assert listed.of(3).chosen_in is None


def test_whoever_is_carried_over_takes_a_place(listed: Listed) -> None:
    """Two places: one who was chosen and not looked at keeps the place, and one other is chosen."""
    listed.turn(judged(1, 5), judged(2, 4), judged(3, 3), room=1)
    made = listed.turn(judged(1, 5), judged(2, 4), judged(3, 9), cycle="C2023-11-1", room=2)
    assert made.carried == 1
    assert {n: listed.of(n).place for n in (1, 2, 3)} == {1: "chosen", 2: "waiting", 3: "chosen"}
    assert ("carried_over", 1) in listed.events


def test_a_second_judgement_in_a_month_gives_no_second_capacity(listed: Listed) -> None:
    """Even where everybody who was chosen has been looked at by then; the next month does."""
    listed.turn(judged(1, 9), judged(2, 5), room=1)
    listed.set(1, state="closed", ending="not_pursued")
    assert listed.turn(judged(1, 9), judged(2, 5), cycle="C2023-10-2", room=1).carried == 1
    assert listed.of(2).place == "waiting"
    listed.turn(judged(1, 9), judged(2, 5), cycle="C2023-11-1", room=1)
    assert listed.of(2).place == "chosen"


def test_an_alert_needs_no_place(listed: Listed) -> None:
    """With every place taken, somebody new and somebody who waits become alerts all the same."""
    listed.turn(judged(1, 9), judged(2, 5), room=1)
    listed.turn(judged(1, 9), judged(2, queue="alert"), judged(3, queue="alert"), cycle="C2023-10-2", room=1)
    assert {n: listed.of(n).place for n in (1, 2, 3)} == {1: "chosen", 2: "alert", 3: "alert"}


@pytest.mark.parametrize("state", ["candidate", "desk_review", "case_open", "outcome"])
def test_whoever_is_in_the_answers_no_longer_becomes_a_task(listed: Listed, state: Any) -> None:
    """Whatever the state: nobody is dropped, and nobody says why the person is gone. Once is enough."""
    listed.turn(judged(1), judged(2))
    listed.set(1, state=state)
    listed.turn(judged(2), cycle="C2023-11-1")
    assert (listed.of(1).task, listed.of(1).state) == ("hand_over", state)
    assert ("left", 1) in listed.events
    listed.turn(judged(2), cycle="C2023-12-1")
    assert ("left", 1) not in listed.events
    listed.turn(judged(1), judged(2), cycle="C2024-01-1")
    assert (listed.of(1).task, listed.of(1).state) == (None, state)
    assert ("returned", 1) in listed.events


def test_whoever_gives_no_sign_any_more_ends_after_some_months(listed: Listed) -> None:
    """With a record; whoever still gives signs waits on, however long, and so does whom somebody has begun with."""
    listed.turn(judged(1), judged(2), judged(3), room=3)
    listed.set(3, state="desk_review")
    for month in ("11", "12"):
        listed.turn(nothing(1), judged(2), nothing(3), cycle=f"C2023-{month}-1", room=3)
    assert (listed.of(1).state, listed.of(1).ending) == ("closed", "expired")
    assert ("expired", 1) in listed.events
    assert listed.of(2).open
    assert listed.of(3).state == "desk_review"


def test_a_source_that_is_out_of_date_ends_nobody(listed: Listed) -> None:
    """A sign that is missing says nothing then: whoever was chosen keeps the place, however many months."""
    listed.turn(judged(1), room=1)
    for month in ("11", "12"):
        listed.turn(nothing(1), judged(2, 9), cycle=f"C2023-{month}-1", room=1, stale=True)
        assert (listed.of(1).open, listed.of(1).place, listed.of(2).place) == (True, "chosen", "waiting")
    listed.turn(nothing(1), judged(2, 9), cycle="C2024-01-1", room=1)
    assert (listed.of(1).ending, listed.of(2).place) == ("expired", "chosen")


@pytest.mark.parametrize(("verdict", "hits", "again"), [
    ("no_support", ("XX01",), False),
    ("no_support", ("XX01", "XX02"), True),
    ("insufficient", ("XX01",), True),
    ("wrong_person", ("XX01",), True),
])  # fmt: skip
def test_whoever_was_looked_at_rests_without_a_new_sign(
    listed: Listed, verdict: Any, hits: tuple[str, ...], again: bool
) -> None:
    """Nobody is judged every month for what was settled, unless nothing could be said; an alert never rests."""
    listed.turn(judged(1))
    outcome = Outcome(verdict=verdict, reason="r", wish=None, wish_missing=None, by="center", at="")
    listed.set(1, state="closed", ending="assessed", outcome=outcome)
    listed.turn(judged(1, hits=hits), cycle="C2023-11-1")
    assert listed.of(1).open is again
    if not again:
        listed.turn(judged(1, queue="alert"), cycle="C2023-11-2")
        assert listed.of(1).place == "alert"


def test_rest_ends(listed: Listed) -> None:
    """After the months that the guideline names."""
    listed.turn(judged(1))
    listed.set(1, state="closed", ending="not_pursued")
    for position in range(7):
        assert not listed.of(1).open
        listed.turn(judged(1), cycle=f"C2024-{position + 1:02d}-1")
    assert listed.of(1).open


def test_cleared_answers_open_a_list_of_their_own(listed: Listed) -> None:
    """Whom only an answer to cleared staff held is protected; an answer for everybody neither tells of them, nor misses
    them, and opens whomever it holds itself.
    """
    listed.turn(judged(1), judged(2), cleared=True)
    assert listed.of(1).protected
    listed.turn(judged(2), cycle="C2023-10-2")
    assert (listed.of(1).protected, listed.of(1).task) == (True, None)
    assert (listed.of(2).protected, len(listed.candidates)) == (False, 2)


def test_whoever_comes_under_protection_is_for_cleared_staff_from_then_on(listed: Listed) -> None:
    """Lost to the answers for everybody, found by cleared staff: the task ends, and the person is protected."""
    listed.turn(judged(1))
    listed.turn(cycle="C2023-11-1")
    listed.turn(judged(1), cycle="C2023-11-2", cleared=True)
    assert (listed.of(1).protected, listed.of(1).task) == (True, None)


def test_other_keys_lose_nobody(listed: Listed) -> None:
    """With new keys nobody can tell who is who: whom nobody has begun with is closed with a record and found anew; a begun
    case and an alert wait for the translation.
    """
    listed.turn(judged(1), judged(2), judged(3, queue="alert"))
    listed.set(2, state="case_open")
    listed.turn(judged(11), judged(12), judged(13, queue="alert"), cycle="C2024-04-1", key_id=OTHER_KEY)
    assert (listed.of(1).state, listed.of(1).ending) == ("closed", "rekeyed")
    assert [(listed.of(n).task, listed.of(n).open) for n in (2, 3)] == [("renumber", True)] * 2
    assert {listed.of(n).key_id for n in (11, 12, 13)} == {OTHER_KEY}


def test_a_judgement_of_one_type_forgets_no_other(listed: Listed) -> None:
    """What another type found stays, and still asks for a look."""
    made = answers(judged(1), purposes=("two",))
    first = turn((), answers(judged(1)), room=1, customs=CUSTOMS, new_numbers=lambda n: ["WL-2023-000001"][:n])
    candidate = replace(first.steps[0].candidate, version=1)
    second = replace(made, cycle="C2023-11-1", earlier=("C2023-10-1",), persons=side_by_side({"two": [nothing(1)]}))
    (step,) = turn((candidate,), second, room=1, customs=CUSTOMS, new_numbers=lambda n: []).steps
    assert set(step.candidate.found) == {"one", "two"}
    assert (step.candidate.place, step.candidate.found["one"].queue) == ("chosen", "candidate")


def test_the_draw_is_the_seeds() -> None:
    """Of those on no list alone; the same seed draws the same, another one others."""
    persons = side_by_side({"one": [*(nothing(n) for n in range(1, 200)), judged(500), judged(501, queue="alert"),
                                    judged(502, queue="supported")]})  # fmt: skip
    first = draw(persons, count=30, seed=b"a" * 32)
    assert len(set(first)) == 30
    assert first == draw(persons[::-1], count=30, seed=b"a" * 32)
    assert set(first) != set(draw(persons, count=30, seed=b"b" * 32))
    assert {subject.int for subject in draw(persons, count=10**6, seed=b"a" * 32)} == set(range(1, 200))


def test_the_drawn_are_on_the_list_and_take_no_place(listed: Listed) -> None:
    """They are looked at beside the candidates; one who gives signs later competes for a place as everybody does."""
    listed.turn(judged(1), nothing(2), room=1, sample=[UUID(int=2)])
    assert {n: listed.of(n).place for n in (1, 2)} == {1: "chosen", 2: "sample"}
    listed.turn(judged(1), judged(2), cycle="C2023-11-1", room=2)
    assert listed.of(2).place == "chosen"


def family(number: int, home: int | None, **more: Any) -> Candidate:
    """Somebody of a household."""
    found = Found(queue="candidate", band=more.pop("band", "B"), points=Fraction(more.pop("points", 5)),
                  coverage=Fraction(1), hits=("XX01",), unknown=())  # fmt: skip
    return Candidate(
        number=f"WL-2023-{number:06d}", subject=UUID(int=number), key_id=KEY, first_cycle="C2023-10-1",
        household=UUID(int=home) if home is not None else None, last_cycle="C2023-10-1", found={"one": found},
        protected=False, **{"place": "chosen", **more},
    )  # fmt: skip


def test_siblings_stand_together_behind_the_most_urgent_of_them() -> None:
    """What has to be settled first, then alerts, then by band and points; people without a household stand alone."""
    people = [
        family(1, 7, points=3), family(2, 8, points=9), family(3, 7, band="A"), family(4, None), family(5, None, points=4),
        family(6, 8, place="waiting"), family(7, 9, place="alert"), family(8, 9, points=1), family(9, 5, task="hand_over"),
    ]  # fmt: skip
    assert [each.subject.int for each in in_families(people)] == [9, 7, 8, 3, 1, 2, 6, 4, 5]


_QUEUES = st.sampled_from(["alert", "candidate", "supported", "watch", "little_data", "none", "gone"])


@given(st.lists(st.lists(_QUEUES, min_size=6, max_size=6), min_size=1, max_size=5), st.integers(1, 3))
def test_nobody_is_lost_and_no_place_is_given_twice(months: list[list[Any]], room: int) -> None:
    """Over any course of months: whoever gives a sign is on the list (nobody has looked yet, so nobody rests), each alert
    among them whatever the room; nobody stands there twice; whoever was listed is open or has an ending; and no month has
    more people within the capacity than places.
    """
    listed = Listed()
    for position, queues in enumerate(months, start=1):
        people = [judged(n, n, queue) if queue not in ("none", "little_data") else replace(nothing(n), queue=queue)
                  for n, queue in enumerate(queues, start=1) if queue != "gone"]  # fmt: skip
        listed.turn(*people, cycle=f"C2024-{position:02d}-1", room=room)
        current = [each for each in listed.candidates.values() if each.open]
        assert len({each.subject for each in current}) == len(current)
        for number, queue in enumerate(queues, start=1):
            mine = [each for each in current if each.subject.int == number]
            if queue == "alert":
                assert [each.place for each in mine] == ["alert"]
            if queue == "candidate":
                assert len(mine) == 1
                assert mine[0].task is None
            if queue == "gone":
                assert all(each.task == "hand_over" for each in mine)
        assert all(each.ending is not None for each in listed.candidates.values() if not each.open)
        assert sum(e.place == "chosen" and e.task is None and not e.alert for e in current) <= room
