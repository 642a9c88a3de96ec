"""``count`` of an identifier, in the words of the algebra.

An identifier may be asked whether it is there, and that is what ``count(c.resident_id)`` asks. Of a key that every row
of its table has, it is ``count(*)``; behind a left join, or where the key may be missing, it is ``count(*)`` of the
rows that have one.
"""

from __future__ import annotations

from dataclasses import replace

from governance.catalogue import Catalogue
from query_broker import relational as r
from query_broker.usages import Lineage


def plain_counts(select: r.Select, catalogue: Catalogue) -> r.Select:
    """The same query, in which no identifier is counted but as ``DISTINCT``."""
    lineage = Lineage(select, catalogue)

    def changed(part: r.Expression, scope: r.Select) -> r.Expression | None:
        if not isinstance(part, r.Aggregate) or part.name != "count" or part.distinct:
            return None
        key = part.argument
        if not isinstance(key, r.ColumnRef) or lineage.key_kind(key) is None:
            return None
        own = next((j for j in scope.sources if j.source.id == key.source), None)
        if own is not None and isinstance(own.source, r.TableScan) and own.join != "left":
            column = catalogue.dataset(own.source.dataset).column(key.name)
            if column.nulls == "never":
                return replace(part, argument=None)
        known: r.Expression = r.Not(part=r.IsNull(part=key))
        if part.where is not None:
            known = r.And(parts=(known, *(part.where.parts if isinstance(part.where, r.And) else (part.where,))))
        return replace(part, argument=None, where=known)

    def scope(query: r.Select) -> r.Select:
        def count(expression: r.Expression) -> r.Expression:
            return r.substitute(r.replace_subqueries(expression, scope), lambda part: changed(part, query))

        return replace(
            query,
            sources=tuple(
                replace(j, source=replace(j.source, query=scope(j.source.query)))
                if isinstance(j.source, r.Derived)
                else j
                for j in query.sources
            ),
            where=tuple(r.replace_subqueries(e, scope) for e in query.where),
            having=tuple(count(e) for e in query.having),
            projections=tuple(replace(p, expression=count(p.expression)) for p in query.projections),
        )

    return scope(select)
