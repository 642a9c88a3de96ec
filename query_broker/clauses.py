"""Small parts of a SELECT: aliases, positions, LIMIT, and what a grouped scope may put out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import combinations

from sqlglot import exp

from query_broker import relational as r
from query_broker.expressions import Read, whole_number
from query_broker.names import Frame, identifier, only, refuse

MAX_LEVELS = 32
"""Levels of GROUPING SETS, ROLLUP and CUBE in one answer."""


def alias_of(node: exp.Expr, *, with_columns: bool = False) -> str | None:
    """The alias of a source, ``None`` where it has none; ``with_columns`` where it may name the columns, too."""
    alias = node.args.get("alias")
    if alias is None:
        return None
    only(alias, "this", *(["columns"] if with_columns else []))
    return identifier(alias.this)


def column_names(node: exp.Expr) -> tuple[str, ...]:
    """The names that an alias gives to columns, from the left; none where it gives none."""
    alias = node.args.get("alias")
    names = tuple(identifier(column) for column in alias.args.get("columns") or ()) if alias is not None else ()
    if len(set(names)) != len(names):
        raise refuse(node, "sql-name-twice")
    return names


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


def group_of(
    clause: exp.Expr | None, frame: Frame, projections: tuple[r.Projection, ...], read: Read
) -> tuple[tuple[r.Expression, ...], tuple[tuple[int, ...], ...]]:
    """The keys of GROUP BY, and the levels of GROUPING SETS by their positions."""
    if clause is None:
        return (), ()
    only(clause, "expressions", "all")
    keys: list[r.Expression] = []
    if clause.args.get("all"):
        # Everything that is put out and is no aggregate.
        keys.extend(
            p.expression
            for position, p in enumerate(projections)
            if not any(isinstance(e, r.Aggregate | r.Window) for e in r.walk(p.expression))
            and r.columns_in(p.expression)
            and p.expression not in [other.expression for other in projections[:position]]
        )
        if not keys:
            return (), ()

    def key_of(item: exp.Expr) -> r.Expression:
        key = by_position(item, projections)
        if key is None and isinstance(item, exp.Column) and not item.table and not frame.knows(item.name.lower()):
            key = next((p.expression for p in projections if p.name == item.name.lower()), None)
        return key if key is not None else read(item, aggregates=False)

    sets: tuple[tuple[int, ...], ...] = ()
    if any(isinstance(item, exp.GroupingSets | exp.Rollup | exp.Cube) for item in clause.expressions):
        if keys:
            raise refuse(clause, "sql-group-key")
        keys, sets = levels_of(clause, key_of)
    else:
        keys.extend(key_of(item) for item in clause.expressions)
    computed = any(isinstance(e, r.Aggregate | r.Window | r.Exists | r.InQuery) for key in keys for e in r.walk(key))
    # A constant would be read as a position by the engine, and a key that stands twice says nothing new.
    constant = not all(r.columns_in(key) for key in keys)
    if not keys or computed or constant or any(key in keys[:position] for position, key in enumerate(keys)):
        raise refuse(clause, "sql-group-key")
    return tuple(keys), sets


def levels_of(
    clause: exp.Expr, key_of: Callable[[exp.Expr], r.Expression]
) -> tuple[list[r.Expression], tuple[tuple[int, ...], ...]]:
    """The keys of GROUPING SETS, ROLLUP and CUBE in order of appearance, and the levels by position.

    Several of them, and keys beside them, multiply as they do in SQL.

    Raises:
        BadInput: too many levels, or one twice.
    """
    keys: list[r.Expression] = []

    def together(item: exp.Expr) -> tuple[int, ...]:
        """The positions of a key, or of several in brackets."""
        parts = item.expressions if isinstance(item, exp.Tuple) else [item.unnest()]
        for key in map(key_of, parts):
            if key not in keys:
                keys.append(key)
        return tuple(keys.index(key_of(part)) for part in parts)

    found: list[tuple[int, ...]] = [()]
    for item in clause.expressions:
        if isinstance(item, exp.GroupingSets | exp.Rollup | exp.Cube):
            only(item, "expressions")
            parts = [together(part) for part in item.expressions]
        else:
            parts = [together(item)]
        own: list[tuple[int, ...]] = parts
        if isinstance(item, exp.Rollup):
            own = [_joined(parts[:end]) for end in range(len(parts), -1, -1)]
        elif isinstance(item, exp.Cube):
            if len(parts) > MAX_LEVELS:
                raise refuse(clause, "sql-grouping-levels")
            own = [_joined(chosen) for size in range(len(parts), -1, -1) for chosen in combinations(parts, size)]
        found = [_joined((before, level)) for before in found for level in own]
        if len(found) > MAX_LEVELS:
            raise refuse(clause, "sql-grouping-levels")
    if len({frozenset(level) for level in found}) != len(found):
        raise refuse(clause, "sql-group-key")
    return keys, tuple(found)


def _joined(levels: Iterable[tuple[int, ...]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(position for level in levels for position in level))


def having_of(clause: exp.Expr | None, projections: tuple[r.Projection, ...], read: Read) -> tuple[r.Expression, ...]:
    """The conjuncts of HAVING."""
    if clause is None:
        return ()
    only(clause, "this")
    aliases = {p.name: p.expression for p in projections}
    condition = read(clause.this, aggregates=True, aliases=aliases)
    if any(isinstance(e, r.Window | r.Exists | r.InQuery) for e in r.walk(condition)):
        raise refuse(clause, "sql-having")
    return conjuncts(condition)


def order_of(
    clause: exp.Expr | None, projections: tuple[r.Projection, ...], read: Read, place: str
) -> tuple[r.SortKey, ...]:
    """The sort keys of ORDER BY, each a position of the output."""
    if clause is None:
        return ()
    if place != "root":
        raise refuse(clause, "sql-order-inside")
    only(clause, "expressions")
    keys: list[r.SortKey] = []
    for item in clause.expressions:
        only(item, "this", "desc")
        if isinstance(item.this, exp.Var) and item.this.name.upper() == "ALL" and len(clause.expressions) == 1:
            descending = bool(item.args.get("desc"))
            return tuple(r.SortKey(position=p, descending=descending) for p in range(len(projections)))
        wanted = by_position(item.this, projections)
        if wanted is None and isinstance(item.this, exp.Column) and not item.this.table:
            wanted = next((p.expression for p in projections if p.name == item.this.name.lower()), None)
        if wanted is None:
            wanted = read(item.this, aggregates=True, windows=True)
        position = next((i for i, p in enumerate(projections) if p.expression == wanted), None)
        if position is None:
            raise refuse(item, "sql-order-not-output")
        keys.append(r.SortKey(position=position, descending=bool(item.args.get("desc"))))
    return tuple(keys)
