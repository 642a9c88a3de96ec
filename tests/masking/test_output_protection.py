"""Small groups go, caps refuse, order says nothing, counts are rounded: each against an obvious reading."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import BadInput, Fault
from masking.measures import blank_small_measures
from masking.output import order_by_output, refuse_over_cap, round_counts, suppress_small_groups

COUNTS = st.none() | st.integers(0, 12)


@given(st.lists(st.tuples(st.integers(), COUNTS, COUNTS), max_size=12), st.integers(1, 11))
def test_a_row_stays_only_where_every_count_reaches_k(rows: list[tuple[Any, ...]], k: int) -> None:
    """Persons and households both have to reach the smallest group; an unknown count does not. Counts never leave."""
    table = pa.table(
        {
            "value": pa.array([r[0] % 100 for r in rows], type=pa.int64()),
            "persons": pa.array([r[1] for r in rows], type=pa.int64()),
            "households": pa.array([r[2] for r in rows], type=pa.int32()),
        }
    )
    answer = suppress_small_groups(table, counts=("persons", "households"), min_group_size=k)
    kept = [r[0] % 100 for r in rows if r[1] is not None and r[2] is not None and r[1] >= k and r[2] >= k]
    assert answer.table.to_pydict() == {"value": kept}
    assert answer.suppressed == len(rows) - len(kept)


def test_row_level_output_has_no_groups() -> None:
    """With a smallest group of 0 nothing is dropped, and count columns go all the same."""
    table = pa.table({"value": [1, 2], "persons": [0, None]})
    answer = suppress_small_groups(table, counts=("persons",), min_group_size=0)
    assert (answer.table.to_pydict(), answer.suppressed) == ({"value": [1, 2]}, 0)
    assert suppress_small_groups(table, counts=(), min_group_size=0).table.equals(table)


@pytest.mark.parametrize(
    ("counts", "table"),
    [
        ((), pa.table({"value": [1]})),
        (("persons",), pa.table({"value": [1]})),
        (("persons",), pa.table({"persons": ["9"]})),
        (("persons",), pa.table({"persons": [9.5]})),
        (("persons",), pa.table([pa.array([9]), pa.array([1])], names=["persons", "persons"])),
    ],
)
def test_groups_that_cannot_be_counted_are_a_fault(counts: tuple[str, ...], table: pa.Table) -> None:
    """No count column, a missing, doubled or non-integer one: nothing is released."""
    with pytest.raises(Fault):
        suppress_small_groups(table, counts=counts, min_group_size=5)


def test_more_rows_than_the_cap_is_a_refusal_and_never_a_cut() -> None:
    """At the cap the table is whole; one row more is refused without a word on how many there were."""
    table = pa.table({"value": range(10)})
    assert refuse_over_cap(table, max_rows=10).num_rows == 10
    with pytest.raises(BadInput) as caught:
        refuse_over_cap(table, max_rows=9)
    assert (caught.value.code, caught.value.params) == ("mask-output-cap", {"max_rows": 9})


def uuids(values: list[bytes | None]) -> pa.Array[Any]:
    """A column of pseudonyms."""
    return pa.ExtensionArray.from_storage(pa.uuid(), pa.array(values, type=pa.binary(16)))


ROWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from([b"a" * 16, b"b" * 16, b"\xff" * 16]),
        st.none() | st.booleans(),
        st.none() | st.integers(-2, 2),
        st.none() | st.sampled_from(["", "a", "𠮷", "髙"]),
        st.none() | st.dates(date(1969, 12, 30), date(1970, 1, 2)),
        st.none() | st.sampled_from([Decimal("1.5"), Decimal("-3.0")]),
    ),
    max_size=10,
)


def table_of(rows: list[tuple[Any, ...]]) -> pa.Table:
    """A table of every type that an output may have."""
    types = [pa.bool_(), pa.int64(), pa.string(), pa.date32(), pa.decimal128(38, 1)]
    columns = [uuids([r[0] for r in rows])]
    columns += [pa.array([r[i] for r in rows], type=t) for i, t in enumerate(types, start=1)]
    return pa.table(columns, names=["u", "b", "n", "t", "d", "m"])


@given(ROWS, st.randoms())
def test_order_depends_on_the_output_alone(rows: list[tuple[Any, ...]], chance: random.Random) -> None:
    """Whatever order the rows came in, they leave sorted by their values from left to right, nulls last."""
    expected = sorted(rows, key=lambda r: tuple((v is None, v if v is not None else 0) for v in r))
    shuffled = list(rows)
    chance.shuffle(shuffled)
    assert order_by_output(table_of(shuffled)).equals(table_of(expected))


def test_order_takes_doubled_and_empty_columns() -> None:
    """Two columns of one name, a column of nulls and a table without columns have an order, too."""
    table = pa.table([pa.array([2, 1]), pa.nulls(2), pa.array([1, 2])], names=["x", "y", "x"])
    assert order_by_output(table).column(0).to_pylist() == [1, 2]
    assert order_by_output(pa.table({})).num_columns == 0


def test_a_column_without_an_order_is_a_fault() -> None:
    """A list would leave in the order of its source."""
    with pytest.raises(Fault):
        order_by_output(pa.table({"x": [[1], [2]]}))


@given(st.lists(st.none() | st.integers(0, 1000)), st.integers(1, 20))
def test_counts_are_rounded_to_the_nearest_multiple(numbers: list[int | None], base: int) -> None:
    """Each count becomes the nearest multiple of the base, the higher one from halfway on."""
    table = pa.table({"n": pa.array(numbers, type=pa.int64()), "other": pa.array(numbers, type=pa.int64())})
    answer = round_counts(table, columns=("n",), base=base)
    candidates = range(0, 1100, base)
    expected = [None if n is None else min(candidates, key=lambda m, n=n: (abs(m - n), -m)) for n in numbers]
    assert answer.to_pydict() == {"n": expected, "other": numbers}


def test_no_base_is_no_rounding_and_a_bad_one_a_fault() -> None:
    """None leaves the table as it is; a base below one, an unknown column or a text column is ours to mend."""
    table = pa.table({"n": [7], "t": ["7"]})
    assert round_counts(table, columns=("n",), base=None).equals(table)
    for columns, base in ((("n",), 0), (("m",), 5), (("t",), 5)):
        with pytest.raises(Fault):
            round_counts(table, columns=columns, base=base)


@given(ROWS, st.booleans(), st.randoms())
def test_the_query_s_own_order_comes_first(
    rows: list[tuple[Any, ...]], descending: bool, chance: random.Random
) -> None:
    """Columns that the query sorts by go before the others, in its direction, nulls last in either."""
    shuffled = list(rows)
    chance.shuffle(shuffled)
    answer = order_by_output(table_of(shuffled), first=[(2, descending)])
    rest = sorted(rows, key=lambda r: tuple((v is None, v if v is not None else 0) for v in r))
    known = sorted((r for r in rest if r[2] is not None), key=lambda r: r[2], reverse=descending)
    assert answer.equals(table_of(known + [r for r in rest if r[2] is None]))


@given(
    st.lists(st.tuples(st.integers(0, 30), COUNTS, st.integers(0, 12)), max_size=10), st.integers(1, 6), st.booleans()
)
def test_a_measure_is_blanked_where_too_few_stand_behind_it_or_its_complement(
    rows: list[tuple[Any, ...]], k: int, filtered: bool
) -> None:
    """It stays where at least k contribute and at least k do not, or nobody, unless a filter chose; the row stays."""
    contributing = [r[1] for r in rows]
    everybody = [(r[1] or 0) + r[2] for r in rows]
    table = pa.table(
        {
            "measure": pa.array([r[0] for r in rows], type=pa.int64()),
            "some": pa.array(contributing, type=pa.int64()),
            "all": pa.array(everybody, type=pa.int64()),
        }
    )
    answer = blank_small_measures(
        table, measure="measure", counts=("some",), row_counts=("all",), min_group_size=k, filtered=filtered
    )
    safe = [
        n is not None and n >= k and ((e == n and not filtered) or e - n >= k)
        for n, e in zip(contributing, everybody, strict=True)
    ]
    assert answer.table["measure"].to_pylist() == [r[0] if ok else None for r, ok in zip(rows, safe, strict=True)]
    assert answer.suppressed == safe.count(False)
    assert answer.table.select(["some", "all"]).equals(table.select(["some", "all"]))


@pytest.mark.parametrize(("counts", "row_counts"), [((), ()), (("some",), ()), (("some",), ("all", "all"))])
def test_measures_whose_counts_do_not_pair_up_are_a_fault(counts: tuple[str, ...], row_counts: tuple[str, ...]) -> None:
    """Without a count to hold against each measure nothing is released."""
    table = pa.table({"measure": [1], "some": [5], "all": [9]})
    with pytest.raises(Fault):
        blank_small_measures(
            table, measure="measure", counts=counts, row_counts=row_counts, min_group_size=5, filtered=False
        )
