"""Who contributes to a measure, as the certificate understands it: a second opinion on `measures`.

The rewriter counts persons under the conditions that `measures` finds. Were it to find too few, groups would look
larger than they are. Here the same is said from the other end: which values can be nothing by the query's choice.
"""

from __future__ import annotations

from dataclasses import dataclass

from query_broker import relational as r
from query_broker.read_back import conjuncts

_ZERO = r.Literal(value=0, type="INTEGER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """What a row must meet to contribute, and whether the query chose that."""

    conditions: frozenset[r.Expression]
    chosen: bool


class Contributors:
    """The measures of one query, its scopes emptied by `read_back.bare`."""

    def __init__(self, select: r.Select) -> None:
        self._below = {
            joined.source.id: joined.source.query
            for scope in r.scopes_in(select)
            for joined in scope.sources
            if isinstance(joined.source, r.Derived)
        }

    def of(self, measure: r.Aggregate) -> Needed | None:
        """The conditions of a measure; ``None`` where it is no measure whose persons can be told."""
        if measure.name not in ("count", "sum", "avg"):
            return None
        conditions = set() if measure.where is None else set(conjuncts((measure.where,)))
        argument = measure.argument
        if argument is None:
            return Needed(conditions=frozenset(conditions), chosen=measure.where is not None)
        conditions.add(r.Not(part=r.IsNull(part=argument)))
        adds = measure.name in ("sum", "avg")
        kept = self._is_kept(argument)
        if adds and not kept:
            conditions.add(r.Comparison(operator="<>", left=argument, right=_ZERO))
        return Needed(conditions=frozenset(conditions), chosen=measure.where is not None or not kept)

    def _is_kept(self, value: r.Expression) -> bool:
        """Whether a value is one that departments keep, or sums and products of such with constants.

        Everything else may be made 0 by the query for whom it likes.
        """
        match value:
            case r.Literal() | r.Parameter():
                return True
            case r.ColumnRef(source=source, name=name):
                below = self._below.get(source)
                return below is None or self._is_kept(below.projection(name).expression)
            case r.Arithmetic(operator="*", left=left, right=right):
                constant = isinstance(left, r.Literal | r.Parameter) or isinstance(right, r.Literal | r.Parameter)
                return constant and self._is_kept(left) and self._is_kept(right)
            case r.Arithmetic(operator="+" | "-", left=left, right=right):
                return self._is_kept(left) and self._is_kept(right)
            case r.Aggregate(where=None, argument=None):
                return True
            case r.Aggregate(name=name, where=None, argument=argument) if argument is not None:
                return name != "count" and self._is_kept(argument)
            case _:
                return False
