"""The keys by which groups are counted, made readable in the outermost scope where the cohort stands in a subquery."""

from __future__ import annotations

from dataclasses import replace

from governance.catalogue import Catalogue
from query_broker import relational as r
from query_broker.roles import carried_cohort

HIDDEN = "#"
"""How the name of a column begins that nobody asked for and nobody is given; none can be written so."""


def carry_keys(select: r.Select, catalogue: Catalogue) -> r.Select:
    """The same query, with the person's and the household's key put out by the subqueries around a carried cohort.

    Where such a subquery has one row a household, the least of its persons stands for them: as many distinct ones as
    there are households, at most, and never more than there are persons.
    """
    carried = carried_cohort(select, catalogue)
    if carried is None:
        return select
    scan, path = carried
    return _carry(select, scan, path, counted_columns(scan, catalogue))


def counted_columns(scan: r.TableScan, catalogue: Catalogue) -> tuple[str, ...]:
    """The columns of a cohort by which persons and households are counted."""
    dataset = catalogue.dataset(scan.dataset)
    household = dataset.key_of_kind(next(iter(catalogue.household_kinds), ""))
    return tuple(key for key in (catalogue.person_key(dataset), household) if key is not None)


def carried_column(select: r.Select, scan: str, column: str) -> r.ColumnRef:
    """How the outermost scope reads a key of the cohort: from the table, or from the subquery that carries it."""
    for joined in select.sources:
        if joined.source.id == scan:
            break
        if isinstance(joined.source, r.Derived) and any(
            p.name == f"{HIDDEN}{column}" for p in joined.source.query.projections
        ):
            return r.ColumnRef(source=joined.source.id, name=f"{HIDDEN}{column}")
    return r.ColumnRef(source=scan, name=column)


def _carry(select: r.Select, scan: r.TableScan, path: tuple[str, ...], columns: tuple[str, ...]) -> r.Select:
    if not path:
        return select
    first, *rest = path
    sources: list[r.JoinedSource] = []
    for joined in select.sources:
        if isinstance(joined.source, r.Derived) and joined.source.id == first:
            inner = _carry(joined.source.query, scan, tuple(rest), columns)
            hidden = tuple(
                r.Projection(
                    name=f"{HIDDEN}{column}", expression=_of_row(inner, carried_column(inner, scan.id, column))
                )
                for column in columns
            )
            query = replace(inner, projections=(*inner.projections, *hidden))
            sources.append(replace(joined, source=replace(joined.source, query=query)))
        else:
            sources.append(joined)
    return replace(select, sources=tuple(sources))


def _of_row(scope: r.Select, column: r.ColumnRef) -> r.Expression:
    if not scope.grouped or column in scope.group:
        return column
    return r.Aggregate(name="min", argument=column, distinct=False, where=None)
