"""Stage 9, **protect the output**: small groups and small measures go, then the cap, rounding and the order."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from masking.measures import blank_small_measures
from masking.output import (
    order_by_output,
    refuse_over_cap,
    round_counts,
    suppress_small_groups,
    suppress_telling_rows,
)
from query_broker.plan import FederatedPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """The result as it may leave.

    Attributes:
        suppressed: rows left out and cells blanked because fewer persons (or households) than the smallest group
            stand behind them or behind their complement.
    """

    table: pa.Table
    suppressed: int


def protect(table: pa.Table, plan: FederatedPlan) -> Protected:
    """Carry out the output obligation of a decision on a combined result, and say nothing of what is not known.

    Raises:
        BadInput: more rows than the cap; a result is refused, never cut.
    """
    obligation = plan.output
    suppressed = 0
    for column in plan.columns:
        if column.unknown:
            field = table.schema.field(column.name)
            unknown = pa.nulls(table.num_rows, field.type)
            table = table.set_column(table.column_names.index(column.name), field.with_nullable(True), unknown)
    if obligation.min_group_size > 0:
        for column in plan.columns:
            if column.counts and column.counts != plan.row_counts:
                blanked = blank_small_measures(
                    table,
                    measure=column.name,
                    counts=column.counts,
                    row_counts=plan.row_counts,
                    min_group_size=obligation.min_group_size,
                    filtered=column.filtered,
                )
                table = blanked.table
                suppressed += blanked.suppressed
        if any(column.tells for column in plan.columns):
            told = suppress_telling_rows(
                table,
                beside=[c.name for c in plan.columns if not c.counts and not c.tells],
                counts=plan.row_counts,
                min_group_size=obligation.min_group_size,
            )
            table = told.table
            suppressed += told.suppressed
        own = sorted({c for column in plan.columns for c in column.counts} - set(plan.row_counts))
        groups = suppress_small_groups(
            table.drop_columns(own), counts=plan.row_counts, min_group_size=obligation.min_group_size
        )
        table = groups.table
        suppressed += groups.suppressed
    refuse_over_cap(table, max_rows=obligation.max_rows)
    measures = [c.name for c in plan.columns if c.counts and pa.types.is_integer(table.schema.field(c.name).type)]
    table = round_counts(table, columns=measures, base=obligation.rounding)
    ordered = order_by_output(table, first=[(sort.position, sort.descending) for sort in plan.order])
    return Protected(table=ordered, suppressed=suppressed)
