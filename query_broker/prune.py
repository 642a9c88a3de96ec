"""Drop what a subquery computes and nobody reads, so that it is not scanned either."""

from __future__ import annotations

from dataclasses import replace

from query_broker import relational as r

_NOTHING = r.Literal(value=1, type="INTEGER")


def prune(select: r.Select) -> r.Select:
    """The same query without the unused projections of its subqueries in FROM, those inside EXISTS and IN too.

    Group keys stay, projected or not: they decide the rows. A subquery of which nothing is read keeps a constant.
    """
    read: set[r.ColumnRef] = set()
    for expression in r.scope_expressions(select):
        read.update(_read_anywhere(expression))
    return replace(
        select,
        sources=tuple(
            replace(joined, source=_narrow(joined.source, frozenset(read)))
            if isinstance(joined.source, r.Derived)
            else joined
            for joined in select.sources
        ),
        where=tuple(r.replace_subqueries(conjunct, prune) for conjunct in select.where),
        projections=tuple(replace(p, expression=r.replace_subqueries(p.expression, prune)) for p in select.projections),
    )


def _narrow(derived: r.Derived, read: frozenset[r.ColumnRef]) -> r.Derived:
    query = derived.query
    wanted = {ref.name for ref in read if ref.source == derived.id}
    kept = tuple(p for p in query.projections if p.name in wanted)
    if query.distinct:
        return replace(derived, query=prune(query))  # what it puts out decides how many rows it has
    unread = r.Projection(name=query.projections[0].name, expression=_NOTHING)
    return replace(derived, query=prune(replace(query, projections=kept or (unread,))))


def _read_anywhere(expression: r.Expression) -> set[r.ColumnRef]:
    """Columns that an expression reads, those of scopes around a correlated subquery included."""
    read = set(r.columns_in(expression))
    for subquery in r.subqueries_in(expression):
        for scope in r.scopes_in(subquery):
            for inner in r.scope_expressions(scope):
                read.update(r.columns_in(inner))
    return read
