"""Reading aggregates and window functions: which are understood, and with what."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from query_broker import relational as r
from query_broker.names import only, refuse

AGGREGATES: Mapping[type[exp.Expr], str] = {
    exp.Count: "count",
    exp.Sum: "sum",
    exp.Min: "min",
    exp.Max: "max",
    exp.Avg: "avg",
    exp.LogicalOr: "bool_or",
    exp.LogicalAnd: "bool_and",
}
_WINDOWS: Mapping[type[exp.Expr], tuple[str, int]] = {
    exp.RowNumber: ("row_number", 0),
    exp.Rank: ("rank", 0),
    exp.DenseRank: ("dense_rank", 0),
    exp.Ntile: ("ntile", 1),
    exp.Lag: ("lag", 1),
    exp.Lead: ("lead", 1),
    exp.Count: ("count", 1),
    exp.Sum: ("sum", 1),
    exp.Avg: ("avg", 1),
    exp.Min: ("min", 1),
    exp.Max: ("max", 1),
}
"""Window function → its name and how many arguments it has."""


def aggregate(node: exp.Expr, read: Callable[[exp.Expr], r.Expression]) -> r.Aggregate:
    """Read an aggregate, with its FILTER.

    Args:
        read: reads what stands inside.

    Raises:
        BadInput: a call or an argument without a rule.
    """
    where: r.Expression | None = None
    if isinstance(node, exp.Filter):
        only(node, "this", "expression")
        clause = node.expression
        only(clause, "this")
        where = read(clause.this)
        node = node.this
    if isinstance(node, exp.ApproxDistinct):
        # The exact number is the best approximation there is.
        only(node, "this")
        return r.Aggregate(name="count", argument=read(node.this), distinct=True, where=where)
    if type(node) not in AGGREGATES:
        raise refuse(node, "sql-construct")
    only(node, "this")
    name = AGGREGATES[type(node)]
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


def window(node: exp.Window, read: Callable[[exp.Expr], r.Expression]) -> r.Window:
    """Read a window function with its OVER.

    Args:
        read: reads what stands inside.

    Raises:
        BadInput: a call, an argument or a frame without a rule, or no order where one is needed.
    """
    only(node, "this", "partition_by", "order", "over")
    call = node.this
    if type(call) not in _WINDOWS or str(node.args.get("over") or "OVER") != "OVER":
        raise refuse(node, "sql-construct")
    name, wanted = _WINDOWS[type(call)]
    only(call, "this")
    argument = call.args.get("this")
    arguments: tuple[r.Expression, ...] = ()
    if isinstance(argument, exp.Star):
        only(argument)
        if name != "count":
            raise refuse(node, "sql-construct")
    elif argument is not None:
        arguments = (read(argument),)
    if len(arguments) > wanted or (len(arguments) < wanted and name != "count"):
        raise refuse(node, "sql-construct")
    if name == "ntile" and not isinstance(arguments[0], r.Literal):
        raise refuse(node, "sql-construct")
    order: list[tuple[r.Expression, bool]] = []
    clause = node.args.get("order")
    if clause is not None:
        only(clause, "expressions")
        for item in clause.expressions:
            only(item, "this", "desc")
            order.append((read(item.this), bool(item.args.get("desc"))))
    if not order and name not in ("count", "sum", "avg", "min", "max"):
        # Without an order, which row is first would be up to the engine.
        raise refuse(node, "sql-window-order")
    partition = tuple(read(part) for part in node.args.get("partition_by") or ())
    return r.Window(name=name, arguments=arguments, partition=partition, order=tuple(order))  # type: ignore[arg-type]
