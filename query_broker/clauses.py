"""Small parts of a SELECT: aliases, positions, LIMIT, and what a grouped scope may put out."""

from __future__ import annotations

from sqlglot import exp

from query_broker import relational as r
from query_broker.expressions import whole_number
from query_broker.names import identifier, only, refuse


def alias_of(node: exp.Expr) -> str | None:
    """The alias of a source, ``None`` where it has none."""
    alias = node.args.get("alias")
    if alias is None:
        return None
    only(alias, "this")
    return identifier(alias.this)


def limit_of(node: exp.Select, place: str) -> int | None:
    """The number of LIMIT, ``None`` where there is no such clause."""
    clause = node.args.get("limit")
    if clause is None:
        return None
    if place != "root" or not isinstance(clause, exp.Limit):
        raise refuse(clause, "sql-limit-here")
    only(clause, "expression")
    if not isinstance(clause.expression, exp.Literal) or clause.expression.is_string:
        raise refuse(clause, "sql-limit-here")
    return whole_number(clause.expression)


def by_position(node: exp.Expr, projections: tuple[r.Projection, ...]) -> r.Expression | None:
    """What a position stands for, ``None`` where it is none."""
    if not isinstance(node, exp.Literal):
        return None
    position = 0 if node.is_string else whole_number(node)
    if not 1 <= position <= len(projections):
        raise refuse(node, "sql-position")
    return projections[position - 1].expression


def conjuncts(condition: r.Expression) -> tuple[r.Expression, ...]:
    """Conditions that all hold, one by one."""
    return condition.parts if isinstance(condition, r.And) else (condition,)


def check_grouping(select: r.Select, node: exp.Select) -> None:
    """Outside aggregates, a grouped scope may only read its keys."""
    for value in (*(p.expression for p in select.projections), *select.having):
        if not _is_grouped(value, select.group):
            raise refuse(node, "sql-not-grouped")


def _is_grouped(value: r.Expression, keys: tuple[r.Expression, ...]) -> bool:
    if value in keys or isinstance(value, r.Aggregate | r.Literal | r.Parameter):
        return True
    if isinstance(value, r.ColumnRef | r.Exists | r.InQuery):
        return False
    return all(_is_grouped(part, keys) for part in r.operands(value))
