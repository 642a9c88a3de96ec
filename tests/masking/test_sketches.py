"""Sketches tell how many points a small difference has, exactly, and which parts make up a whole."""

from __future__ import annotations

import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masking.populations import Shape, sketch_populations
from masking.sketches import PRIME, difference, elements, points_of, power_sums, projections, union_near

KEY = b"a key for sketches in tests 32 b"
LENGTH = 20
POINTS = points_of([number.to_bytes(16, "big") for number in range(3_000)], key=KEY)


def _sums(members: set[int]) -> list[int]:
    rows = np.array(sorted(members), dtype=np.intp)
    (sums,) = power_sums(POINTS.values[rows], np.zeros(len(rows), dtype=np.intp), number=1, length=LENGTH)
    return sums


def _counters(members: set[int]) -> np.ndarray:  # type: ignore[type-arg]
    rows = np.array(sorted(members), dtype=np.intp)
    return projections(POINTS.signs[rows], np.zeros(len(rows), dtype=np.intp), number=1)[0]


@settings(max_examples=60)
@given(st.sets(st.integers(0, 2_999), max_size=60), st.sets(st.integers(0, 2_999), max_size=12))
def test_a_small_difference_is_counted_exactly(members: set[int], changed: set[int]) -> None:
    """Up to half as many points as there are power sums, whichever side they are on; beyond that, at least so many."""
    found = elements(difference(_sums(members), _sums(members ^ changed)))
    assert found == len(changed) if len(changed) <= LENGTH // 2 else found >= LENGTH // 2


def test_power_sums_are_those_of_plain_arithmetic() -> None:
    """Halves that fit into 64 bits multiply as whole numbers do."""
    members = set(range(0, 3_000, 7))
    plain = [sum(pow(int(POINTS.values[m]), power, PRIME) for m in members) % PRIME for power in range(LENGTH)]
    assert _sums(members) == plain


def test_sketches_add_up_as_their_sets_do() -> None:
    """Of two sets without a common person, the sums make the union."""
    one, other = set(range(100)), set(range(100, 250))
    added = [(a + b) % PRIME for a, b in zip(_sums(one), _sums(other), strict=True)]
    assert elements(difference(added, _sums(one | other))) == 0


def test_another_key_makes_other_points() -> None:
    """A sketch says nothing to whoever has the pseudonyms and not the key."""
    keys = [number.to_bytes(16, "big") for number in range(100)]
    assert not set(points_of(keys, key=b"x" * 32).values) & set(points_of(keys, key=KEY).values)


@pytest.mark.parametrize("seed", range(20))
def test_a_union_of_parts_is_found_again(seed: int) -> None:
    """Which groups of a partition make up a set but for a few is found by the counters."""
    chance = random.Random(seed)
    everybody = chance.sample(range(3_000), 2_000)
    number = chance.randint(5, 90)
    parts: list[set[int]] = [set() for _ in range(number)]
    for person in everybody:
        parts[chance.randrange(number)].add(person)
    parts = [part for part in parts if len(part) >= 5]
    chosen = [chance.random() < 0.5 for _ in parts]
    whole = {person for part, is_in in zip(parts, chosen, strict=True) if is_in for person in part}
    target = whole ^ set(chance.sample(range(3_000), chance.randint(0, 4)))
    matrix = np.stack([_counters(part) for part in parts])
    found = union_near(_counters(target), matrix, np.array([len(part) for part in parts]))
    assert found.tolist() == chosen


def _table(rows: list[tuple[str | None, int | None, int | None, bool | None]]) -> pa.Table:
    def keys(values: list[int | None]) -> pa.Array:  # type: ignore[type-arg]
        return pa.array([None if v is None else v.to_bytes(16, "big") for v in values], pa.binary(16))

    groups, persons, homes, flags = zip(*rows, strict=True)
    return pa.table(
        {
            "g0": pa.array(groups, pa.string()),
            "u0": keys(list(persons)),
            "u1": keys(list(homes)),
            "m0": pa.array(flags, pa.bool_()),
        }
    )


SHAPE = Shape(groups=1, units=2, measures=1, smallest=2, length=LENGTH)


def test_each_group_and_each_measure_has_its_population() -> None:
    """Persons count once whatever rows they have; who has no key counts not at all; small populations are left out."""
    rows = [
        ("a", 1, 10, True), ("a", 2, 20, True), ("a", 3, 30, None), ("a", 3, 31, False), ("a", None, 40, True),
        ("b", 4, 40, True), ("b", 5, 50, False), (None, 6, 60, True), (None, 7, 70, True), ("c", 8, 80, True),
    ]  # fmt: skip
    found = sketch_populations(_table(rows), SHAPE, key=KEY).to_pylist()
    shown = sorted((row["measure"], row["counts"]) for row in found)
    assert shown == [(-1, [2, 2]), (-1, [2, 2]), (-1, [3, 4]), (0, [2, 2]), (0, [2, 2])]


def test_a_household_that_is_not_known_is_one_of_its_own() -> None:
    """Nobody leaves a population because a household key is missing."""
    rows = [("a", n, 10 + n, True) for n in range(5)]
    known = sketch_populations(_table(rows), SHAPE, key=KEY).to_pylist()
    missing = sketch_populations(_table([*rows[:4], ("a", 4, None, True)]), SHAPE, key=KEY).to_pylist()
    of = [[int(value) for value in np.frombuffer(row["sums"][1], dtype="<u8")] for row in (known[0], missing[0])]
    assert elements(difference(*of)) == 2


def test_nobody_is_an_empty_answer() -> None:
    """Without persons there are no populations."""
    assert sketch_populations(_table([("a", None, 1, True)]), SHAPE, key=KEY).num_rows == 0
