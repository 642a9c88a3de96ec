"""How much of a row-level answer rests on known facts: for each dataset, how many persons of the answer it knew.

A person of whom nothing is recorded and a person with nothing to record must not look alike to whoever reads a list. So
each release says, dataset by dataset, for how many of its rows there was an answer. A dataset where a missing row means
*none* knows everybody; where it means *unknown*, a row counts once a column that rests on the dataset holds a value.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from governance.catalogue import Catalogue
from governance.facts import QueryFacts
from masking.arrow_types import pc
from query_broker import relational as r
from query_broker.plan import FederatedPlan
from query_broker.usages import Lineage


def known_rows(
    select: r.Select, *, facts: QueryFacts, catalogue: Catalogue, table: pa.Table, plan: FederatedPlan
) -> Mapping[str, int]:
    """Dataset → rows of the answer for which it had a known answer; empty for answers about groups.

    A dataset of which only identifiers are read (a bridge between two others) is told by what it leads to, and is left
    out, as is one of which no column can tell *known* from *unknown*. One that was out of date, or that could
    only be reached through such a one, knew nobody.
    """
    if facts.output.kind == "aggregate":
        return {}
    telling = _telling_columns(select, catalogue)
    unknown = {column.name for column in plan.columns if column.unknown}
    stale = {scan.order.dataset for scan in plan.scans if scan.unknown}
    known: dict[str, int] = {}
    for name in sorted({scan.dataset for scan in facts.scans}):
        columns = telling[name]
        if name in stale or (columns and columns.keys() <= unknown):
            known[name] = 0
        elif _knows_everybody(name, facts, catalogue):
            known[name] = table.num_rows
        elif columns:
            known[name] = _rows_with_any(table, columns)
    return known


def _knows_everybody(name: str, facts: QueryFacts, catalogue: Catalogue) -> bool:
    """Whether a person without a row is known to have none, and everybody has the key by which it is looked up."""
    bridged = any(scan.role == "bridge" for scan in facts.scans if scan.dataset == name)
    return catalogue.dataset(name).absent_row == "none" and not bridged


def _telling_columns(select: r.Select, catalogue: Catalogue) -> Mapping[str, Mapping[str, bool]]:
    """Dataset → columns of the answer that rest on it → whether 0 there is *not known*, too (a count of values)."""
    lineage = Lineage(select, catalogue)
    subqueries = {
        j.source.id: j.source.query for s in r.scopes_in(select) for j in s.sources if isinstance(j.source, r.Derived)
    }
    datasets = {scan.id: scan.dataset for scan in r.scans_in(select)}
    found: defaultdict[str, dict[str, bool]] = defaultdict(dict)
    for projection in select.projections:
        made = projection.expression
        while isinstance(made, r.ColumnRef) and made.source in subqueries:
            made = subqueries[made.source].projection(made.name).expression
        counts = isinstance(made, r.Aggregate) and made.name == "count"
        if counts and isinstance(made, r.Aggregate) and made.where is not None:
            continue  # 0 of nothing known and 0 of everything known look alike
        for origin in lineage.origins(projection.expression):
            if lineage.key_kind(origin) is None:
                found[datasets[origin.source]][projection.name] = counts
    return found


def _rows_with_any(table: pa.Table, columns: Mapping[str, bool]) -> int:
    known = pa.array([False] * table.num_rows, pa.bool_())
    for answers in _answers(table, columns):
        known = pc.or_(known, answers)
    return int(pc.sum(known.cast(pa.int64())).as_py() or 0)


def _answers(table: pa.Table, columns: Mapping[str, bool]) -> Iterator[pa.Array[Any]]:
    for name, counts in columns.items():
        values = table.column(name).combine_chunks()
        yield pc.fill_null(pc.greater(values, 0), False) if counts else pc.is_valid(values)
