"""What happens to a combined result before anybody sees it: small groups go, counts are rounded, order says nothing.

Pure functions of a table. They ask nothing and decide nothing: which columns count persons, the smallest group, the
base of rounding and the most rows are obligations of the decision (第17条).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import pyarrow as pa

from governance.errors import BadInput, Fault
from masking.arrow_types import pc, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A table without the rows of small groups, and how many rows those were."""

    table: pa.Table
    suppressed: int


def suppress_small_groups(table: pa.Table, *, counts: Sequence[str], min_group_size: int) -> Suppressed:
    """Drop every row of which any count is below the smallest group, then the count columns themselves.

    Args:
        table: a result with one column more for each count of distinct persons or households, per measure where a
            measure has its own (its complement too).
        counts: names of those columns.
        min_group_size: smallest count with which a row stays; 0 for row-level output, which has no groups.

    Raises:
        Fault: a smallest group without a count to hold it against, a count column that is not there or is no integer.
            The rewriter adds these columns, so this is ours; nothing is released.
    """
    if min_group_size > 0 and not counts:
        raise Fault
    large_enough = reduce(
        lambda mask, name: pc.and_(mask, _reaches(table, name, min_group_size)),
        counts,
        pa.repeat(pa.scalar(True), table.num_rows),
    )
    kept = table.filter(whole(large_enough)) if min_group_size > 0 else table
    return Suppressed(table=kept.drop_columns(list(counts)), suppressed=table.num_rows - kept.num_rows)


def suppress_telling_rows(
    table: pa.Table, *, beside: Sequence[str], counts: Sequence[str], min_group_size: int
) -> Suppressed:
    """Drop every row that holds all who are alike in the keys ``beside``, or all but fewer than the smallest group.

    For groups by a key that says something sensitive: where nearly everybody of a town stands in one row, the row says
    of each person of the town what it says of all. Rows too small to be shown count as somebody else.

    Args:
        table: a result that still has its count columns.
        beside: the group keys that say nothing sensitive.
        counts: columns that count who stands behind the whole row (persons, households).
        min_group_size: the smallest group.

    Raises:
        Fault: a count column is not there or is no integer.
    """
    alike = list(zip(*(table.column(name).to_pylist() for name in beside), strict=True)) or [()] * table.num_rows
    kept = [True] * table.num_rows
    for name in counts:
        own = [count or 0 for count in _integers(table, name).to_pylist()]
        together: Counter[tuple[Any, ...]] = Counter()
        for key, count in zip(alike, own, strict=True):
            together[key] += count
        for row, (key, count) in enumerate(zip(alike, own, strict=True)):
            kept[row] = kept[row] and together[key] - count >= min_group_size
    left = table.filter(pa.array(kept, pa.bool_()))
    return Suppressed(table=left, suppressed=table.num_rows - left.num_rows)


def _reaches(table: pa.Table, name: str, smallest: int) -> pa.Array[Any]:
    counts = _integers(table, name)
    # An unknown count is not large enough.
    return whole(pc.fill_null(pc.greater_equal(counts, smallest), False))


def refuse_over_cap(table: pa.Table, *, max_rows: int) -> pa.Table:
    """The table as it is, where it has at most ``max_rows`` rows.

    Raises:
        BadInput: it has more. A result is refused and never cut: whoever reads a cut list believes it is whole.
    """
    if table.num_rows > max_rows:
        raise BadInput("mask-output-cap", max_rows=max_rows)
    return table


def order_by_output(table: pa.Table, *, first: Sequence[tuple[int, bool]] = ()) -> pa.Table:
    """The rows sorted by the columns named ``first``, then by all their columns from left to right, nulls last.

    Equal tables come out in equal order whatever order the sources had, so that order says nothing of them.

    Args:
        first: positions of columns that the query sorts by, each with whether it descends.

    Raises:
        Fault: a column has a type that has no order; the gate admits no expression that makes one.
    """
    if table.num_columns == 0 or table.num_rows < 2:
        return table
    keys = {f"{index}": _sortable(column) for index, column in enumerate(table.columns)}
    asked = [(f"{index}", "descending" if descending else "ascending") for index, descending in first]
    rest = [(name, "ascending") for name in keys if name not in {asked_name for asked_name, _ in asked}]
    order = pc.sort_indices(pa.table(keys), sort_keys=[*asked, *rest])
    return table.take(order)


def _sortable(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    values = whole(column)
    if isinstance(values, pa.ExtensionArray):
        # A UUID sorts as its bytes, which is how it sorts as text, too.
        values = values.storage
    if pa.types.is_boolean(values.type):
        return values.cast(pa.int8())
    if pa.types.is_null(values.type):
        return values.cast(pa.int8())
    if pa.types.is_nested(values.type) or pa.types.is_dictionary(values.type):
        raise Fault
    return values


def round_counts(table: pa.Table, *, columns: Sequence[str], base: int | None) -> pa.Table:
    """The table with the named counts rounded to the nearest multiple of ``base``, halves up; ``None``: as it is.

    Raises:
        Fault: a named column is not there or is no integer, or the base is not positive.
    """
    if base is None:
        return table
    if base < 1:
        raise Fault
    for name in columns:
        counts = _integers(table, name)
        shifted = pc.add(counts, base // 2)
        # Arrow divides towards zero; counts are not negative, so that is down.
        rounded = pc.multiply(pc.divide(shifted, base), base)
        table = table.set_column(table.column_names.index(name), name, whole(rounded))
    return table


def _integers(table: pa.Table, name: str) -> pa.Array[Any]:
    if table.column_names.count(name) != 1 or not pa.types.is_integer(table.schema.field(name).type):
        raise Fault
    return whole(table.column(name)).cast(pa.int64())
