"""Measures of which too few persons stand behind the number, or behind what is missing from it (第17条)."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from governance.errors import Fault
from masking.arrow_types import pc, whole
from masking.output import Suppressed


def blank_small_measures(
    table: pa.Table,
    *,
    measure: str,
    counts: Sequence[str],
    row_counts: Sequence[str],
    min_group_size: int,
    filtered: bool,
) -> Suppressed:
    """Set a measure to NULL in the rows where fewer than the smallest group contribute to it, or do not.

    Args:
        counts: columns that count who contributes to the measure (persons, households).
        row_counts: columns that count who stands behind the whole row, in the same order. The difference is the
            complement: with 20 persons in a row and 19 behind ``FILTER (WHERE …)``, the twentieth is told by both.
        filtered: whether a FILTER chooses who contributes. Then nobody outside it is too few as well: *all of them
            are* is said of each.

    Raises:
        Fault: the columns do not pair up. The rewriter makes them, so this is ours; nothing is released.
    """
    if len(counts) != len(row_counts) or not counts:
        raise Fault
    safe = pa.repeat(pa.scalar(True), table.num_rows)
    for name, row_name in zip(counts, row_counts, strict=True):
        contributing, all_of_row = whole(table.column(name)), whole(table.column(row_name))
        others = pc.subtract(all_of_row, contributing)
        complement = pc.greater_equal(others, min_group_size)
        if not filtered:
            complement = pc.or_(complement, pc.equal(others, 0))
        safe = pc.and_(safe, pc.and_(pc.greater_equal(contributing, min_group_size), complement))
    safe = pc.fill_null(safe, False)
    position = table.column_names.index(measure)
    values = whole(table.column(measure))
    blanked = pc.if_else(safe, values, pa.scalar(None, type=values.type))
    hidden = table.num_rows - int(pc.sum(safe).as_py() or 0)
    return Suppressed(table=table.set_column(position, table.schema.field(measure), blanked), suppressed=hidden)
