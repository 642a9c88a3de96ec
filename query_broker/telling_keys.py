"""Group keys that say something sensitive of whoever is in the group: a row that holds nearly everybody tells of each.

``GROUP BY town, sensitive`` puts everybody of a town into rows by what is sensitive about them. Where all of a town
stand in one row, or all but a few, the row says of each what it says of all, like a FILTER that all of a group meet.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from governance.decisions import Obligations
from query_broker import relational as r
from query_broker.usages import Lineage


def sensitive_columns(obligations: Obligations) -> frozenset[r.ColumnRef]:
    """The columns that a decision calls sensitive."""
    return frozenset(r.ColumnRef(source=scan, name=column) for scan, column in obligations.output.sensitive)


def telling_keys(select: r.Select, sensitive: AbstractSet[r.ColumnRef], lineage: Lineage) -> frozenset[str]:
    """Names of the projections of a grouped query that are such keys.

    A key is one where it is computed from a column that the catalogue calls sensitive, from whether there is a row
    elsewhere (EXISTS), or from a source that need not have a row for everybody: whether it has one shows.
    """
    optional = {joined.source.id for scope in r.scopes_in(select) for joined in scope.sources if joined.join == "left"}
    derived = {
        joined.source.id: joined.source.query
        for scope in r.scopes_in(select)
        for joined in scope.sources
        if isinstance(joined.source, r.Derived)
    }

    def shows_presence(value: r.Expression) -> bool:
        return bool(r.subqueries_in(value)) or any(
            ref.source in optional
            or (ref.source in derived and shows_presence(derived[ref.source].projection(ref.name).expression))
            for ref in r.columns_in(value)
        )

    return frozenset(
        p.name
        for p in select.projections
        if p.expression in select.group and (lineage.origins(p.expression) & sensitive or shows_presence(p.expression))
    )
