"""Who stands behind a measure of an aggregate answer: the rows that contribute to it (第17条).

``sum(CASE WHEN … THEN 1 ELSE 0 END)`` counts people as ``count(*) FILTER (WHERE …)`` does, and so does arithmetic that
makes a 0 or a 1 of a value. So a sum is over values as they are stored, added or multiplied by constants, or over one
computed value whose zeros contribute nothing. Over anything else it cannot be told who stands behind the number.
"""

from __future__ import annotations

from typing import Literal

from query_broker import relational as r

Measured = Literal["stored", "computed"] | None
"""``stored``: every known value contributes. ``computed``: every known value but 0 does. ``None``: not to be told."""

_ZERO = r.Literal(value=0, type="INTEGER")


class Measures:
    """The measures of one query."""

    def __init__(self, select: r.Select) -> None:
        self._derived = {
            joined.source.id: joined.source.query
            for scope in r.scopes_in(select)
            for joined in scope.sources
            if isinstance(joined.source, r.Derived)
        }
        self._columns: dict[r.ColumnRef, Measured] = {}

    def contributes(self, measure: r.Aggregate) -> tuple[r.Expression, ...] | None:
        """The conditions under which a row contributes, none where every row does; ``None`` where it cannot be told."""
        conditions: list[r.Expression] = [measure.where] if measure.where is not None else []
        argument = measure.argument
        if argument is None:
            return tuple(conditions)
        conditions.insert(0, r.Not(part=r.IsNull(part=argument)))
        if measure.name in ("sum", "avg"):
            measured = self._measured(argument)
            if measured is None:
                return None
            if measured == "computed":
                conditions.append(r.Comparison(operator="<>", left=argument, right=_ZERO))
        return tuple(conditions)

    def chooses(self, measure: r.Aggregate) -> bool:
        """Whether it is a choice of the query who contributes, so that *everybody does* says something of each."""
        stored = measure.argument is None or self._measured(measure.argument) == "stored"
        return measure.where is not None or not stored

    def _measured(self, value: r.Expression) -> Measured:
        match value:
            case r.ColumnRef():
                return self._of_column(value)
            case r.Literal() | r.Parameter():
                return "stored"
            case r.Arithmetic(operator="+" | "-", left=left, right=right):
                # A computed value could be told from such a sum by taking the sum of the rest away.
                return "stored" if self._measured(left) == self._measured(right) == "stored" else None
            case r.Arithmetic(operator="*", left=left, right=right) if _is_constant(left) or _is_constant(right):
                return self._measured(right if _is_constant(left) else left)
            case r.Case(branches=((_, then),), otherwise=otherwise) if otherwise in (None, _ZERO):
                return "computed" if self._measured(then) == "stored" else None
            case r.Function(name="coalesce", arguments=(known, otherwise)) if otherwise == _ZERO:
                return "computed" if self._measured(known) else None
            case r.Aggregate():
                return self._of_aggregate(value)
            case _:
                return None

    def _of_column(self, ref: r.ColumnRef) -> Measured:
        if ref.source not in self._derived:
            return "stored"
        if ref not in self._columns:
            self._columns[ref] = self._measured(self._derived[ref.source].projection(ref.name).expression)
        return self._columns[ref]

    def _of_aggregate(self, aggregate: r.Aggregate) -> Measured:
        """An aggregate of a subquery, which has one value a person or a household."""
        argument = aggregate.argument
        if argument is None:
            return "stored" if aggregate.where is None else "computed"
        if aggregate.name == "count":
            return "computed"
        measured = self._measured(argument)
        return "computed" if measured and aggregate.where is not None else measured


def _is_constant(value: r.Expression) -> bool:
    return isinstance(value, r.Literal | r.Parameter)
