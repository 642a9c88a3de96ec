"""Totals of an answer about groups, made of the groups that it shows and of nothing else (第17条).

A total beside cells of which one is left out would tell that cell; a total that is there only where none is left out
would tell whether a cell that is not shown is of a few or of nobody, which is told nowhere else. So a total is what
adding up the answer says, whether anything was left out of it or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from governance.errors import Fault
from masking.arrow_types import whole


def with_totals(
    shown: pa.Table, *, keys: Sequence[str], measures: Sequence[str], levels: Sequence[Sequence[str]]
) -> pa.Table:
    """The rows of every level: of the keys that it names, with the others unknown.

    Args:
        shown: the protected answer, one row a group.
        keys: the columns of ``shown`` by which it groups.
        measures: the others, each of which adds up.
        levels: for each level the keys by which it groups.

    Raises:
        Fault: a measure that is no integer; only those add up to what they would be.
    """
    if not all(pa.types.is_integer(shown.schema.field(name).type) for name in measures):
        raise Fault
    columns = {name: shown.column(name).to_pylist() for name in measures}
    rows = list(zip(*(shown.column(key).to_pylist() for key in keys), strict=True))
    at: dict[str, list[int | None]] = {key: [] for key in keys}
    sums: dict[str, list[int | None]] = {name: [] for name in measures}
    for level in levels:
        places = [keys.index(key) for key in level]
        under: dict[tuple[Any, ...], list[int]] = {}
        for number, row in enumerate(rows):
            under.setdefault(tuple(row[place] for place in places), []).append(number)
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
