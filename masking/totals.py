"""Totals of an answer about groups, made of the groups that it shows and of nothing else (第17条).

A total beside cells of which one is left out would tell that cell. So a total is there only where every group that it
is made of is shown, with its measure: then it says what adding up the answer says. That something was left out is no
secret; how many groups were, every answer says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from governance.errors import Fault
from masking.arrow_types import whole


def with_totals(
    shown: pa.Table, *, groups: pa.Table, measures: Sequence[str], levels: Sequence[Sequence[str]]
) -> pa.Table:
    """The rows of every level: of the keys that it names, with the others unknown.

    Args:
        shown: the protected answer, one row a group.
        groups: the keys of all groups that there are, those that were left out included.
        measures: the columns of ``shown`` that are no keys, each of which adds up.
        levels: for each level the keys by which it groups.

    Raises:
        Fault: a measure that is no integer; only those add up to what they would be.
    """
    if not all(pa.types.is_integer(shown.schema.field(name).type) for name in measures):
        raise Fault
    keys = groups.column_names
    columns = {name: shown.column(name).to_pylist() for name in measures}
    rows = list(zip(*(shown.column(key).to_pylist() for key in keys), strict=True))
    there = set(rows)
    left_out = [row for row in groups.to_pylist() if tuple(row[key] for key in keys) not in there]
    at: dict[str, list[int | None]] = {key: [] for key in keys}
    sums: dict[str, list[int | None]] = {name: [] for name in measures}
    for level in levels:
        places = [keys.index(key) for key in level]
        incomplete = {tuple(row[key] for key in level) for row in left_out}
        under: dict[tuple[Any, ...], list[int]] = {}
        for number, row in enumerate(rows):
            of = tuple(row[place] for place in places)
            if of not in incomplete:
                under.setdefault(of, []).append(number)
        for numbers in under.values():
            for key in keys:
                at[key].append(numbers[0] if key in level else None)
            for name in measures:
                sums[name].append(_sum([columns[name][number] for number in numbers]))
    made = {key: whole(shown.column(key)).take(pa.array(indices, pa.int64())) for key, indices in at.items()}
    made |= {name: pa.array(values, shown.schema.field(name).type) for name, values in sums.items()}
    schema = pa.schema([field.with_nullable(True) for field in shown.schema])
    return pa.table({name: made[name] for name in shown.column_names}, schema=schema)


def _sum(values: list[int | None]) -> int | None:
    """The sum, unknown as soon as one part is: it may have been left out."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
