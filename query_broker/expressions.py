"""Reading scalar expressions: which are understood, and which column a name means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from sqlglot import exp

from governance.approvals import ParameterType, TemplateParameter
from governance.errors import BadInput
from governance.forms import FormType
from query_broker import relational as r

_COMPARISONS: Mapping[type[exp.Expr], str] = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
}
_ARITHMETIC: Mapping[type[exp.Expr], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.IntDiv: "//",
    exp.Mod: "%",
}
_AGGREGATES: Mapping[type[exp.Expr], str] = {
    exp.Count: "count",
    exp.Sum: "sum",
    exp.Min: "min",
    exp.Max: "max",
    exp.Avg: "avg",
    exp.LogicalOr: "bool_or",
    exp.LogicalAnd: "bool_and",
}
_FUNCTIONS: Mapping[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Abs: "abs",
    exp.Least: "least",
    exp.Greatest: "greatest",
    exp.Nullif: "nullif",
}
# What the parser sets by itself on nodes that were written plainly.
_PARSERS_OWN_ARGUMENTS = {"big_int", "ignore_nulls", "_type"}

_PARAMETER_TYPES: Mapping[ParameterType, FormType] = {
    "integer": "INTEGER",
    "text": "TEXT",
    "date": "DATE",
    "boolean": "BOOLEAN",
}

MAX_INTEGER = 2**31 - 1


class Read(Protocol):
    """Reads a part of the scope at hand."""

    def __call__(self, part: exp.Expr, *, aggregates: bool) -> r.Expression:
        """The part in the broker's algebra."""


def position_of(node: exp.Expr | None) -> tuple[int, int]:
    """Line and column of a node, 0 where the parser kept none. What a user wrote is never repeated in an error (I7)."""
    if node is not None:
        for part in node.walk():
            if "line" in part.meta:
                return int(part.meta["line"]), int(part.meta["col"])
    return 0, 0


def refuse(node: exp.Expr | None, code: str) -> BadInput:
    """The refusal of a node, by code and position."""
    line, column = position_of(node)
    return BadInput(code, line=line, column=column)


@dataclass(slots=True)
class Frame:
    """The names that one scope can see: its sources in order, columns merged by USING, and the scope around it."""

    outer: Frame | None
    _sources: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    _merged: dict[str, str] = field(default_factory=dict)

    def add(self, alias: str, source: str, columns: tuple[str, ...], node: exp.Expr) -> None:
        """Make a source visible under its alias."""
        if alias in self._sources:
            raise refuse(node, "sql-name-twice")
        self._sources[alias] = (source, columns)

    def merge(self, name: str, joined: str, node: exp.Expr) -> r.Comparison:
        """USING: the equality it stands for. From here on the bare name means the column of the leftmost source."""
        owners = [source for source, columns in self._sources.values() if name in columns]
        left = self._merged.get(name) or next((s for s in owners if s != joined), None)
        if left is None or joined not in owners:
            raise refuse(node, "sql-name-unknown")
        if name not in self._merged and len(owners) > 2:
            raise refuse(node, "sql-name-ambiguous")
        self._merged[name] = left
        return r.Comparison(
            operator="=", left=r.ColumnRef(source=left, name=name), right=r.ColumnRef(source=joined, name=name)
        )

    def without_outer(self) -> Frame:
        """The same scope without what lies around it (ON sees its own FROM only)."""
        return Frame(None, self._sources, self._merged)

    def source_ids(self) -> frozenset[str]:
        """Ids of the sources that are visible so far."""
        return frozenset(source for source, _ in self._sources.values())

    def knows(self, name: str) -> bool:
        """Whether a bare name is a column of this scope's sources."""
        return any(name in columns for _, columns in self._sources.values())

    def column(self, table: str | None, name: str, node: exp.Expr) -> r.ColumnRef:
        """The one column that a name means.

        Raises:
            BadInput: none, or more than one.
        """
        if table is not None:
            if table in self._sources:
                source, columns = self._sources[table]
                if name in columns:
                    return r.ColumnRef(source=source, name=name)
            elif self.outer is not None:
                return self.outer.column(table, name, node)
            raise refuse(node, "sql-name-unknown")
        owners = [source for source, columns in self._sources.values() if name in columns]
        if name in self._merged:
            return r.ColumnRef(source=self._merged[name], name=name)
        if len(owners) > 1:
            raise refuse(node, "sql-name-ambiguous")
        if owners:
            return r.ColumnRef(source=owners[0], name=name)
        if self.outer is not None:
            return self.outer.column(None, name, node)
        raise refuse(node, "sql-name-unknown")


def expression(
    node: exp.Expr,
    frame: Frame,
    *,
    declared: Mapping[str, TemplateParameter],
    used: set[str],
    aggregates: bool,
    subquery: Callable[[exp.Expr], r.Select] | None,
) -> r.Expression:
    """Read one expression.

    Args:
        aggregates: whether aggregates may stand here.
        subquery: reads the scope of EXISTS and IN; ``None`` where none may stand.

    Raises:
        BadInput: a construct without a rule, an unknown or ambiguous name, an undeclared parameter.
    """

    def read(part: exp.Expr, *, inside_aggregate: bool = False) -> r.Expression:
        return expression(
            part,
            frame,
            declared=declared,
            used=used,
            aggregates=aggregates and not inside_aggregate,
            subquery=None if inside_aggregate else subquery,
        )

    kind = type(node)
    match node:
        case exp.Paren():
            only(node, "this")
            return read(node.this)
        case exp.Column():
            only(node, "this", "table")
            table = node.args.get("table")
            return frame.column(_plain(table) if table else None, _plain(node.this), node)
        case exp.Literal() | exp.Neg() | exp.Boolean():
            return _constant(node)
        case exp.Cast():
            return _date(node)
        case exp.Placeholder():
            only(node, "this")
            return _parameter(node, declared, used)
        case exp.And() | exp.Or():
            only(node, "this", "expression")
            parts: list[r.Expression] = []
            together = r.And if kind is exp.And else r.Or
            for side in _flatten(node, kind):
                part = read(side)
                parts.extend(part.parts if isinstance(part, together) else (part,))
            return together(parts=tuple(parts))
        case exp.Not():
            only(node, "this")
            if isinstance(node.this, exp.In) and node.this.args.get("query") is not None:
                raise refuse(node, "sql-not-in-query")
            return r.Not(part=read(node.this))
        case exp.Is():
            only(node, "this", "expression")
            if not isinstance(node.expression, exp.Null):
                raise refuse(node, "sql-construct")
            return r.IsNull(part=read(node.this))
        case exp.Between():
            only(node, "this", "low", "high")
            part = read(node.this)
            return r.And(
                parts=(
                    r.Comparison(operator=">=", left=part, right=read(node.args["low"])),
                    r.Comparison(operator="<=", left=part, right=read(node.args["high"])),
                )
            )
        case exp.In():
            return _membership(node, read, subquery)
        case exp.Exists():
            only(node, "this")
            if subquery is None:
                raise refuse(node, "sql-subquery-here")
            return r.Exists(query=subquery(node.this))
        case exp.Case():
            only(node, "ifs", "default")
            branches: list[tuple[r.Expression, r.Expression]] = []
            for branch in node.args["ifs"]:
                only(branch, "this", "true")
                branches.append((read(branch.this), read(branch.args["true"])))
            default = node.args.get("default")
            return r.Case(branches=tuple(branches), otherwise=read(default) if default is not None else None)
    if kind in _COMPARISONS:
        only(node, "this", "expression")
        operator = _COMPARISONS[kind]
        return r.Comparison(operator=operator, left=read(node.this), right=read(node.expression))  # type: ignore[arg-type]
    if kind in _ARITHMETIC:
        only(node, "this", "expression")
        operator = _ARITHMETIC[kind]
        return r.Arithmetic(operator=operator, left=read(node.this), right=read(node.expression))  # type: ignore[arg-type]
    if kind in _FUNCTIONS:
        only(node, "this", "expression", "expressions")
        second = [node.expression] if node.args.get("expression") is not None else []
        arguments = [node.this, *second, *node.expressions]
        return r.Function(name=_FUNCTIONS[kind], arguments=tuple(read(a) for a in arguments))  # type: ignore[arg-type]
    if kind in _AGGREGATES or isinstance(node, exp.Filter):
        if not aggregates:
            raise refuse(node, "sql-aggregate-here")
        return _aggregate(node, lambda part: read(part, inside_aggregate=True))
    raise refuse(node, "sql-construct")


def only(node: exp.Expr, *known: str) -> None:
    """Refuse a node that carries an argument without a rule."""
    for name, value in node.args.items():
        if name not in known and name not in _PARSERS_OWN_ARGUMENTS and value not in (None, False, [], ()):
            raise refuse(node, "sql-construct")


def _plain(node: exp.Expr) -> str:
    if not isinstance(node, exp.Identifier):
        raise refuse(node, "sql-construct")
    return str(node.name.lower())


def _flatten(node: exp.Expr, kind: type[exp.Expr]) -> list[exp.Expr]:
    """The operands of a chain of the same connector, left to right, without recursion: chains are long."""
    operands: list[exp.Expr] = []
    rest: list[exp.Expr] = [node]
    while rest:
        part = rest.pop()
        if type(part) is kind:
            rest.extend((part.expression, part.this))
        else:
            operands.append(part)
    return operands


def _constant(node: exp.Expr) -> r.Literal:
    if isinstance(node, exp.Boolean):
        return r.Literal(value=bool(node.this), type="BOOLEAN")
    sign = 1
    if isinstance(node, exp.Neg):
        sign, node = -1, node.this
    if isinstance(node, exp.Literal) and not node.is_string:
        if not node.name.isascii() or not node.name.isdigit() or int(node.name) > MAX_INTEGER:
            raise refuse(node, "sql-number")
        return r.Literal(value=sign * int(node.name), type="INTEGER")
    if isinstance(node, exp.Literal) and sign == 1:
        return r.Literal(value=node.name, type="TEXT")
    raise refuse(node, "sql-construct")


def _date(node: exp.Cast) -> r.Literal:
    """``DATE '2023-04-01'``; any other cast would change a form's type behind the policy's back."""
    only(node, "this", "to")
    if not (isinstance(node.this, exp.Literal) and node.this.is_string and node.to.is_type("date")):
        raise refuse(node, "sql-cast")
    try:
        if len(node.this.name) != len("YYYY-MM-DD"):
            raise ValueError
        return r.Literal(value=date.fromisoformat(node.this.name), type="DATE")
    except ValueError:
        raise refuse(node, "sql-date") from None


def _parameter(node: exp.Placeholder, declared: Mapping[str, TemplateParameter], used: set[str]) -> r.Parameter:
    name = node.this
    if not isinstance(name, str) or name not in declared:
        raise refuse(node, "sql-parameter-undeclared")
    used.add(name)
    return r.Parameter(name=name, type=_PARAMETER_TYPES[declared[name].type])


def _membership(
    node: exp.In,
    read: Callable[[exp.Expr], r.Expression],
    subquery: Callable[[exp.Expr], r.Select] | None,
) -> r.Expression:
    only(node, "this", "expressions", "query")
    part = read(node.this)
    query = node.args.get("query")
    if query is not None:
        if subquery is None:
            raise refuse(node, "sql-subquery-here")
        only(query, "this")
        select = subquery(query.this)
        if len(select.projections) != 1:
            raise refuse(node, "sql-in-one-column")
        return r.InQuery(part=part, query=select)
    items = tuple(read(item) for item in node.expressions)
    constants = tuple(item for item in items if isinstance(item, r.Literal | r.Parameter))
    if not items or len(constants) != len(items):
        raise refuse(node, "sql-in-constants")
    return r.InList(part=part, items=constants)


def _aggregate(node: exp.Expr, read: Callable[[exp.Expr], r.Expression]) -> r.Aggregate:
    where: r.Expression | None = None
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        clause = node.expression
        only(clause, "this")
        where = read(clause.this)
        node = node.this
    if type(node) not in _AGGREGATES:
        raise refuse(node, "sql-construct")
    only(node, "this")
    name = _AGGREGATES[type(node)]
    argument = node.this
    if isinstance(argument, exp.Star):
        only(argument)
        if name != "count":
            raise refuse(node, "sql-construct")
        return r.Aggregate(name="count", argument=None, distinct=False, where=where)
    distinct = isinstance(argument, exp.Distinct)
    if distinct:
        only(argument, "expressions")
        if name != "count" or len(argument.expressions) != 1:
            raise refuse(node, "sql-construct")
        argument = argument.expressions[0]
    return r.Aggregate(name=name, argument=read(argument), distinct=distinct, where=where)  # type: ignore[arg-type]
