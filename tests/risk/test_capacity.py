"""A place on the list rests on capacity: a floor for each type, alerts outside, the same people every time."""

from __future__ import annotations

from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import BadInput
from risk.capacity import Person, places, select, side_by_side, threshold_table
from risk.judge import Band, Judgement, Queue

TYPES = ("one", "two")


def judgement(number: int, score: int, *, queue: Queue = "candidate", band: Band = "B") -> Judgement:
    """Of one person."""
    return Judgement(
        subject=UUID(int=number), hits=("XX01",), unknown=(), score=Fraction(score), coverage=Fraction(1), band=band,
        queue=queue,
    )  # fmt: skip


def people(*by_type: list[Judgement]) -> tuple[Person, ...]:
    """Judgements of the types, side by side."""
    return side_by_side(dict(zip(TYPES, by_type, strict=True)))


@pytest.mark.parametrize(("capacity", "reserve", "room"), [(40, "0.25", 30), (30, "0", 30), (1, "0", 1), (3, "0.5", 1)])
def test_a_reserve_is_kept_free(capacity: int, reserve: str, room: int) -> None:
    """Forty with a quarter in reserve leave thirty."""
    assert places(capacity, Fraction(reserve)) == room


@pytest.mark.parametrize(("capacity", "reserve"), [(0, "0"), (-3, "0"), (10, "1"), (10, "-0.1"), (1, "0.5")])
def test_a_capacity_without_a_place_is_refused(capacity: int, reserve: str) -> None:
    """Zero is no capacity, and neither is one that the reserve uses up."""
    with pytest.raises(BadInput) as caught:
        places(capacity, Fraction(reserve))
    assert caught.value.code == "risk-capacity"


def test_each_type_has_a_floor() -> None:
    """A type with high scores does not take every place."""
    strong = [judgement(number, 20) for number in range(1, 11)]
    weak = [judgement(number, 4) for number in range(11, 21)]
    selection = select(people(strong, weak), purposes=TYPES, room=6)
    chosen = [person.listed_for for person in selection.chosen]
    assert (chosen.count(("one",)), chosen.count(("two",))) == (3, 3)
    assert len(selection.waiting) == 14
    assert selection.thresholds == {"one": 20, "two": 4}


def test_a_place_that_one_type_does_not_need_goes_to_another() -> None:
    """The floor is no quota."""
    selection = select(people([judgement(n, 9) for n in range(1, 11)], [judgement(11, 4)]), purposes=TYPES, room=6)
    assert [person.listed_for for person in selection.chosen].count(("one",)) == 5


def test_alerts_and_those_who_are_helped_take_no_place() -> None:
    """An alert is shown whatever the capacity; help that is in place has a queue of its own."""
    first = [judgement(1, 9, queue="alert"), judgement(2, 9, queue="supported"), judgement(3, 5), judgement(4, 5)]
    selection = select(people(first, []), purposes=TYPES, room=1)
    numbers = {name: [p.subject.int for p in getattr(selection, name)] for name in ("alerts", "supported", "chosen")}
    assert numbers == {"alerts": [1], "supported": [2], "chosen": [3]}
    assert [person.subject.int for person in selection.waiting] == [4]


def test_too_little_data_is_said_where_one_type_cannot_tell() -> None:
    """Nobody looks safe because one type knows much: who is listed for nothing, and unknown in some, has a list."""
    first = [judgement(1, 0, queue="little_data"), judgement(2, 0, queue="little_data"), judgement(3, 0, queue="none")]
    second = [judgement(1, 0, queue="none"), judgement(2, 9), judgement(3, 0, queue="none")]
    selection = select(people(first, second), purposes=TYPES, room=5)
    assert [person.subject.int for person in selection.little_data] == [1]


def test_two_types_at_once_come_first() -> None:
    """One person once, its types side by side, before those with one of them."""
    both = people([judgement(1, 5), judgement(2, 8)], [judgement(1, 5)])
    assert [person.subject.int for person in select(both, purposes=TYPES, room=1).chosen] == [1]
    assert len(both) == 2


def test_a_threshold_says_how_many_and_how_long() -> None:
    """From the highest score down; ten minutes each."""
    rows = threshold_table(people([judgement(1, 6), judgement(2, 4), judgement(3, 4)], []), purposes=TYPES, minutes=10)
    assert [(row.score, row.candidates, row.hours) for row in rows] == [
        (6, 1, Fraction(1, 6)), (5, 1, Fraction(1, 6)), (4, 3, Fraction(1, 2)),
    ]  # fmt: skip


@given(
    st.lists(st.tuples(st.integers(1, 12), st.integers(0, 12), st.sampled_from(["candidate", "alert", "none"]))),
    st.integers(1, 10),
    st.randoms(),
)
def test_nobody_is_lost_and_the_order_of_arrival_does_not_matter(
    found: list[tuple[int, int, Queue]], room: int, chance: object
) -> None:
    """Every candidate is chosen or waits, never both; no more are chosen than there is room; shuffling changes nothing."""
    by_number = {number: judgement(number, score, queue=queue) for number, score, queue in found}
    judged = list(by_number.values())
    selection = select(people(judged, []), purposes=TYPES, room=room)
    candidates = {j.subject for j in judged if j.queue == "candidate"}
    chosen, waiting = ({p.subject for p in group} for group in (selection.chosen, selection.waiting))
    assert chosen | waiting == candidates
    assert not chosen & waiting
    assert len(chosen) == min(room, len(candidates))
    chance.shuffle(judged)  # type: ignore[attr-defined]
    assert select(people(judged, []), purposes=TYPES, room=room) == selection
