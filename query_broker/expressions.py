"""Reading scalar expressions: which are understood, how deep, and how many."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Protocol, TypeAlias

from sqlglot import exp

from governance.approvals import ParameterType, TemplateParameter
from governance.errors import BadInput
from governance.forms import FormType
from query_broker import relational as r
from query_broker.calls import AGGREGATES, aggregate, window
from query_broker.names import Frame, column_name, identifier, only, refuse

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
_FUNCTIONS: Mapping[type[exp.Expr], str] = {
    exp.Coalesce: "coalesce",
    exp.Abs: "abs",
    exp.Least: "least",
    exp.Greatest: "greatest",
    exp.Nullif: "nullif",
    exp.Year: "year",
    exp.Month: "month",
}
_SINGLE = (
    exp.Median, exp.Quantile, exp.ApproxQuantile, exp.PercentileCont, exp.PercentileDisc, exp.WithinGroup, exp.Mode,
    exp.First, exp.Last, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.ArrayAgg, exp.GroupConcat,
)  # fmt: skip
"""Aggregates that hand on values of single persons."""
_UNITS = ("month", "quarter", "year")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

_PARAMETER_TYPES: Mapping[ParameterType, FormType] = {
    "integer": "INTEGER",
    "text": "TEXT",
    "date": "DATE",
    "boolean": "BOOLEAN",
}

MAX_INTEGER = 2**31 - 1
MAX_NESTING = 64
"""Levels of expressions within expressions, through EXISTS and IN too: every later stage recurses over them."""
MAX_NODES = 10_000
"""Expressions of one query after its CTEs are inlined."""

Subquery: TypeAlias = Callable[[exp.Expr, int], r.Select]
"""Reads the scope of EXISTS or IN, at a depth of nesting."""


class Read(Protocol):
    """Reads a part of the scope at hand; ``condition`` tells a conjunct of WHERE, where NULL is as good as false."""

    def __call__(
        self,
        part: exp.Expr,
        *,
        aggregates: bool,
        condition: bool = False,
        windows: bool = False,
        aliases: Mapping[str, r.Expression] | None = None,
    ) -> r.Expression:
        """The part in the broker's algebra."""


@dataclass(slots=True)
class Reading:
    """What all expressions of one query share.

    Attributes:
        declared: parameters that the text may use.
        used: parameters that it does use.
        nodes: expressions read so far.
    """

    declared: Mapping[str, TemplateParameter]
    used: set[str] = field(default_factory=set)
    nodes: int = 0

    def enter(self, depth: int) -> None:
        """Take note of one more expression at a depth of nesting.

        Raises:
            BadInput: too many, or too deep.
        """
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise BadInput("sql-too-many-words", limit=MAX_NODES)
        if depth > MAX_NESTING:
            raise BadInput("sql-too-deep", limit=MAX_NESTING)


def expression(
    node: exp.Expr,
    frame: Frame,
    reading: Reading,
    *,
    aggregates: bool,
    subquery: Subquery | None,
    condition: bool = False,
    depth: int = 0,
    windows: bool = False,
    aliases: Mapping[str, r.Expression] | None = None,
) -> r.Expression:
    """Read one expression.

    Args:
        aggregates: whether aggregates may stand here.
        subquery: reads the scope of EXISTS and IN; ``None`` where none may stand.
        condition: whether only *true* matters here, so that NULL and false are the same.
        depth: how many expressions lie around this one.
        windows: whether window functions may stand here.
        aliases: names of the output that may stand for what they name, where no column has that name.

    Raises:
        BadInput: a construct without a rule, an unknown or ambiguous name, an undeclared parameter.
    """
    reading.enter(depth)

    def read(
        part: exp.Expr, *, inside_aggregate: bool = False, inside_window: bool = False, condition: bool = False
    ) -> r.Expression:
        return expression(
            part,
            frame,
            reading,
            aggregates=aggregates and not inside_aggregate,
            subquery=None if inside_aggregate else subquery,
            condition=condition,
            depth=depth + 1,
            windows=windows and not inside_aggregate and not inside_window,
            aliases=aliases,
        )

    kind = type(node)
    match node:
        case exp.Paren():
            only(node, "this")
            return read(node.this, condition=condition)
        case exp.Column():
            only(node, "this", "table")
            table = node.args.get("table")
            name = column_name(node.this)
            if aliases and table is None and name in aliases and not frame.knows(name):
                return aliases[name]
            return frame.column(identifier(table) if table else None, name, node)
        case exp.Literal() | exp.Neg() | exp.Boolean():
            return _constant(node)
        case exp.Cast():
            return _date(node)
        case exp.Placeholder():
            only(node, "this")
            return _parameter(node, reading)
        case exp.And() | exp.Or():
            only(node, "this", "expression")
            parts: list[r.Expression] = []
            together = r.And if kind is exp.And else r.Or
            for side in _flatten(node, kind):
                part = read(side, condition=condition)
                parts.extend(part.parts if isinstance(part, together) else (part,))
            return together(parts=tuple(parts))
        case exp.Not():
            only(node, "this")
            negated = node.this.unnest()
            if isinstance(negated, exp.In) and negated.args.get("query") is not None:
                raise refuse(node, "sql-not-in-query")
            return r.Not(part=read(node.this))
        case exp.Is():
            only(node, "this", "expression")
            if not isinstance(node.expression, exp.Null):
                raise refuse(node, "sql-construct")
            return r.IsNull(part=read(node.this))
        case exp.Between():
            only(node, "this", "low", "high")
            if node.this.find(exp.Between):
                # The operand stands twice in what this means: nested, it would double at each level.
                raise refuse(node, "sql-construct")
            part = read(node.this)
            return r.And(
                parts=(
                    r.Comparison(operator=">=", left=part, right=read(node.args["low"])),
                    r.Comparison(operator="<=", left=part, right=read(node.args["high"])),
                )
            )
        case exp.In():
            return _membership(node, read, subquery, condition=condition, depth=depth)
        case exp.Exists():
            only(node, "this")
            if subquery is None:
                raise refuse(node, "sql-subquery-here")
            # What it selects is read and then forgotten: only whether there is a row matters.
            found = r.Projection(name="found", expression=r.Literal(value=1, type="INTEGER"))
            return r.Exists(query=replace(subquery(node.this, depth + 1), projections=(found,)))
        case exp.Window():
            if not windows:
                raise refuse(node, "sql-window-here")
            return window(node, lambda part: read(part, inside_window=True))
        case exp.TimestampTrunc() | exp.DateTrunc():
            only(node, "this", "unit")
            unit = node.args["unit"].name.lower() if isinstance(node.args.get("unit"), exp.Var | exp.Literal) else ""
            if unit not in _UNITS:
                raise refuse(node, "sql-construct")
            return r.Function(name="date_trunc", arguments=(r.Literal(value=unit, type="TEXT"), read(node.this)))
        case exp.Extract():
            only(node, "this", "expression")
            unit = node.this.name.lower() if isinstance(node.this, exp.Var) else ""
            if unit not in ("year", "month"):
                raise refuse(node, "sql-construct")
            return r.Function(name=unit, arguments=(read(node.expression),))  # type: ignore[arg-type]
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
    if kind in AGGREGATES or isinstance(node, exp.Filter | exp.ApproxDistinct):
        if not aggregates:
            raise refuse(node, "sql-aggregate-here")
        return aggregate(node, lambda part: read(part, inside_aggregate=True))
    call = node.this if isinstance(node, exp.IgnoreNulls) else node
    raise refuse(node, "sql-single-value" if isinstance(call, _SINGLE) else "sql-construct")


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
        return r.Literal(value=sign * whole_number(node), type="INTEGER")
    if isinstance(node, exp.Literal) and sign == 1:
        return r.Literal(value=node.name, type="TEXT")
    raise refuse(node, "sql-construct")


def whole_number(node: exp.Literal) -> int:
    """The value of a literal that is a whole number of ordinary size.

    Raises:
        BadInput: it is another number.
    """
    digits = node.name
    if not digits.isascii() or not digits.isdigit() or len(digits) > len(str(MAX_INTEGER)) or int(digits) > MAX_INTEGER:
        raise refuse(node, "sql-number")
    return int(digits)


def _date(node: exp.Cast) -> r.Literal:
    """``DATE '2023-04-01'``; any other cast would change a form's type behind the policy's back."""
    only(node, "this", "to")
    if not (isinstance(node.this, exp.Literal) and node.this.is_string and node.to.is_type("date")):
        raise refuse(node, "sql-cast")
    try:
        if not _ISO_DATE.fullmatch(node.this.name):
            raise ValueError
        return r.Literal(value=date.fromisoformat(node.this.name), type="DATE")
    except ValueError:
        raise refuse(node, "sql-date") from None


def _parameter(node: exp.Placeholder, reading: Reading) -> r.Parameter:
    name = node.this
    if not isinstance(name, str) or name not in reading.declared:
        raise refuse(node, "sql-parameter-undeclared")
    reading.used.add(name)
    return r.Parameter(name=name, type=_PARAMETER_TYPES[reading.declared[name].type])


def _membership(
    node: exp.In,
    read: Callable[[exp.Expr], r.Expression],
    subquery: Subquery | None,
    *,
    condition: bool,
    depth: int,
) -> r.Expression:
    only(node, "this", "expressions", "query")
    part = read(node.this)
    query = node.args.get("query")
    if query is not None:
        if subquery is None:
            raise refuse(node, "sql-subquery-here")
        if not condition:
            # Not found is NULL as soon as any row holds a NULL, which would tell of other people's rows.
            raise refuse(node, "sql-in-query-here")
        only(query, "this")
        select = subquery(query.this, depth + 1)
        if len(select.projections) != 1:
            raise refuse(node, "sql-in-one-column")
        return r.InQuery(part=part, query=select)
    items = tuple(read(item) for item in node.expressions)
    constants = tuple(item for item in items if isinstance(item, r.Literal | r.Parameter))
    if not items or len(constants) != len(items):
        raise refuse(node, "sql-in-constants")
    return r.InList(part=part, items=constants)
