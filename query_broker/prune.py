"""Drop what a subquery computes and nobody reads, so that it is not scanned either."""

from __future__ import annotations

from dataclasses import replace

from query_broker import relational as r


def prune(select: r.Select) -> r.Select:
    """The same query without the unused projections of its subqueries in FROM.

    Group keys stay, projected or not: they decide the rows. A subquery of which nothing is read keeps its first column.
    """
    return _prune(select, correlated=frozenset())


def _prune(select: r.Select, *, correlated: frozenset[r.ColumnRef]) -> r.Select:
    read = set(correlated)
    for expression in r.scope_expressions(select):
        read.update(_read_anywhere(expression))
    sources = tuple(
        replace(joined, source=_narrow(joined.source, frozenset(read)))
        if isinstance(joined.source, r.Derived)
        else joined
        for joined in select.sources
    )
    return replace(select, sources=sources)


def _narrow(derived: r.Derived, read: frozenset[r.ColumnRef]) -> r.Derived:
    wanted = {ref.name for ref in read if ref.source == derived.id}
    kept = tuple(p for p in derived.query.projections if p.name in wanted) or derived.query.projections[:1]
    return replace(derived, query=_prune(replace(derived.query, projections=kept), correlated=frozenset()))


def _read_anywhere(expression: r.Expression) -> set[r.ColumnRef]:
    """Columns that an expression reads, those of scopes around a correlated subquery included."""
    read = set(r.columns_in(expression))
    for subquery in r.subqueries_in(expression):
        for scope in r.scopes_in(subquery):
            for inner in r.scope_expressions(scope):
                read.update(r.columns_in(inner))
    return read
