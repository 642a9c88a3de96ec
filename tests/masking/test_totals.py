"""Totals are made of what is shown, and of nothing else."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Fault
from masking.totals import with_totals

KEYS = ("a", "b", "c")
LEVELS = [level for size in range(4) for level in combinations(KEYS, size)]
ROW = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["x", "y", None]),
        "b": st.booleans(),
        "c": st.integers(0, 1),
        "n": st.none() | st.integers(5, 9),
    }
)


def table_of(rows: list[dict[str, Any]], *columns: str) -> pa.Table:
    """Those columns of the rows."""
    types = {"a": pa.string(), "b": pa.bool_(), "c": pa.int64(), "n": pa.int64()}
    return pa.table({name: pa.array([row[name] for row in rows], types[name]) for name in columns})


@given(
    st.lists(ROW, max_size=8, unique_by=lambda row: (row["a"], row["b"], row["c"])),
    st.lists(st.sampled_from(LEVELS), min_size=1, unique=True),
)
def test_a_total_is_the_sum_of_the_groups_that_are_shown(
    rows: list[dict[str, Any]], levels: list[tuple[str, ...]]
) -> None:
    """At every level, each group has its row, with what adding up those under it says; unknown where one of them is."""
    made = with_totals(table_of(rows, *KEYS, "n"), keys=KEYS, measures=["n"], levels=levels).to_pylist()
    wanted = []
    for level in levels:
        for of in {tuple(row[key] for key in level) for row in rows}:
            numbers = [row["n"] for row in rows if tuple(row[key] for key in level) == of]
            total = None if None in numbers else sum(numbers)
            wanted.append(dict.fromkeys(KEYS) | dict(zip(level, of, strict=True)) | {"n": total})
    assert sorted(map(repr, made)) == sorted(map(repr, wanted))


def test_a_total_of_what_does_not_add_up_is_a_fault() -> None:
    """A mean is no sum of means; the gate admits none, and nothing is made of one that comes by."""
    shown = pa.table({"a": ["x"], "n": [1.5]})
    with pytest.raises(Fault):
        with_totals(shown, keys=["a"], measures=["n"], levels=[()])
