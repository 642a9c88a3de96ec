"""Conjuncts that a department can check by itself, moved into its scan.

A conjunct moves where it reads one table reference only, compares columns with constants, and stands where dropping the
row early means the same: in WHERE and ON over a table that is not optional, or in the ON of the optional table itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from governance.conditions import CompoundCondition, Condition, FieldCondition, FieldOperator, Scalar
from query_broker import relational as r

_OPERATORS: Mapping[str, FieldOperator] = {"=": "eq", "<>": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}
_MIRRORED: Mapping[str, str] = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """The query without the conjuncts that moved, and what moved into each scan."""

    select: r.Select
    conditions: Mapping[str, tuple[Condition, ...]]


def push_down(
    select: r.Select, parameters: Mapping[str, r.Constant], *, only: frozenset[r.ColumnRef] | None = None
) -> Pushed:
    """Move what can move, with parameters bound to their values.

    Args:
        only: columns of which a conjunct must read one to move; ``None`` for no such limit.
    """
    moved: defaultdict[str, list[Condition]] = defaultdict(list)
    return Pushed(
        select=_scope(select, _Movable(parameters, only), moved),
        conditions={scan: tuple(conditions) for scan, conditions in moved.items()},
    )


@dataclass(frozen=True, slots=True)
class _Movable:
    """What may move, and the values of parameters."""

    parameters: Mapping[str, r.Constant]
    only: frozenset[r.ColumnRef] | None

    def condition(self, conjunct: r.Expression, targets: set[str]) -> Condition | None:
        """The conjunct as a condition of the one target that it reads, or ``None`` where it stays."""
        columns = r.columns_in(conjunct)
        sources = {ref.source for ref in columns}
        if len(sources) != 1 or not sources <= targets:
            return None
        if self.only is not None and self.only.isdisjoint(columns):
            return None
        return _condition(conjunct, self.parameters)


def _scope(select: r.Select, movable: _Movable, moved: defaultdict[str, list[Condition]]) -> r.Select:
    firm = {j.source.id for j in select.sources if isinstance(j.source, r.TableScan) and j.join != "left"}
    sources: list[r.JoinedSource] = []
    for joined in select.sources:
        source = joined.source
        if isinstance(source, r.Derived):
            source = replace(source, query=_scope(source.query, movable, moved))
        targets = {source.id} & _tables(joined) if joined.join == "left" else firm
        sources.append(replace(joined, source=source, on=_keep(joined.on, targets, movable, moved)))
    inner = replace(select, sources=tuple(sources), where=_keep(select.where, firm, movable, moved))

    def below(subquery: r.Select) -> r.Select:
        return _scope(subquery, movable, moved)

    return replace(
        inner,
        where=tuple(r.replace_subqueries(e, below) for e in inner.where),
        projections=tuple(replace(p, expression=r.replace_subqueries(p.expression, below)) for p in inner.projections),
    )


def _tables(joined: r.JoinedSource) -> set[str]:
    return {joined.source.id} if isinstance(joined.source, r.TableScan) else set()


def _keep(
    conjuncts: tuple[r.Expression, ...],
    targets: set[str],
    movable: _Movable,
    moved: defaultdict[str, list[Condition]],
) -> tuple[r.Expression, ...]:
    kept: list[r.Expression] = []
    for conjunct in conjuncts:
        condition = movable.condition(conjunct, targets)
        if condition is None:
            kept.append(conjunct)
        else:
            moved[r.columns_in(conjunct)[0].source].append(condition)
    return tuple(kept)


def _condition(expression: r.Expression, parameters: Mapping[str, r.Constant]) -> Condition | None:
    """The conjunct as a UCAST condition, or ``None`` where it is more than columns against constants."""
    match expression:
        case r.Comparison(operator=operator, left=r.ColumnRef() as column, right=r.Literal() | r.Parameter() as other):
            return FieldCondition(operator=_OPERATORS[operator], field=column.name, value=_value(other, parameters))
        case r.Comparison(operator=operator, left=r.Literal() | r.Parameter() as other, right=r.ColumnRef() as column):
            return FieldCondition(
                operator=_OPERATORS[_MIRRORED[operator]], field=column.name, value=_value(other, parameters)
            )
        case r.ColumnRef(name=name):
            return FieldCondition(operator="eq", field=name, value=True)
        case r.IsNull(part=r.ColumnRef(name=name)):
            return FieldCondition(operator="is_null", field=name, value=True)
        case r.InList(part=r.ColumnRef(name=name), items=items):
            return FieldCondition(operator="in", field=name, value=tuple(_value(i, parameters) for i in items))
        case r.Not(part=part):
            negated = _condition(part, parameters)
            return None if negated is None else CompoundCondition(operator="not", value=(negated,))
        case r.And(parts=parts) | r.Or(parts=parts):
            conditions = [_condition(p, parameters) for p in parts]
            if any(c is None for c in conditions):
                return None
            return CompoundCondition(
                operator="and" if isinstance(expression, r.And) else "or",
                value=tuple(c for c in conditions if c is not None),
            )
        case _:
            return None


def _value(constant: r.Literal | r.Parameter, parameters: Mapping[str, r.Constant]) -> Scalar:
    value = constant.value if isinstance(constant, r.Literal) else parameters[constant.name]
    return value.isoformat() if isinstance(value, date) else value
