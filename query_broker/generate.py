"""From the broker's algebra to the SQL that runs. Only SQL made here ever reaches an engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlglot import exp

from query_broker import relational as r

_COMPARISONS: Mapping[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "<>": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
_ARITHMETIC: Mapping[str, type[exp.Binary]] = {
    "+": exp.Add,
    "-": exp.Sub,
    "*": exp.Mul,
    "//": exp.IntDiv,
    "%": exp.Mod,
}
_AGGREGATES: Mapping[str, type[exp.AggFunc]] = {
    "count": exp.Count,
    "sum": exp.Sum,
    "min": exp.Min,
    "max": exp.Max,
    "avg": exp.Avg,
    "bool_or": exp.LogicalOr,
    "bool_and": exp.LogicalAnd,
    "only": exp.Max,
}


def generate_sql(select: r.Select, *, counts: Sequence[r.Projection] = ()) -> str:
    """The query as DuckDB SQL over tables named by scan id, with ``counts`` as further columns.

    Every identifier is quoted, every table and subquery stands under its id, sums are cast back to 64 bits. The order
    of the answer is not the query's business: the output stage sorts.
    """
    return _select(select, extra=counts).sql(dialect="duckdb")


def _select(select: r.Select, *, extra: Sequence[r.Projection] = ()) -> exp.Select:
    first, *others = select.sources
    query = exp.Select(
        expressions=[
            exp.Alias(this=_expression(p.expression), alias=_identifier(p.name)) for p in (*select.projections, *extra)
        ],
        from_=exp.From(this=_source(first.source)),
        joins=[
            exp.Join(
                this=_source(joined.source),
                side="LEFT" if joined.join == "left" else None,
                kind="INNER" if joined.join == "inner" else None,
                on=_conjunction(joined.on),
            )
            for joined in others
        ],
    )
    if select.where:
        query.set("where", exp.Where(this=_conjunction(select.where)))
    if select.group:
        query.set("group", exp.Group(expressions=[_expression(key) for key in select.group]))
    return query


def _source(source: r.TableScan | r.Derived) -> exp.Table | exp.Subquery:
    alias = exp.TableAlias(this=_identifier(source.id))
    if isinstance(source, r.TableScan):
        return exp.Table(this=_identifier(source.id), alias=alias)
    return exp.Subquery(this=_select(source.query), alias=alias)


def _identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


def _conjunction(conditions: Sequence[r.Expression]) -> exp.Expr:
    parts = [exp.Paren(this=_expression(condition)) for condition in conditions]
    joined: exp.Expr = parts[0]
    for part in parts[1:]:
        joined = exp.And(this=joined, expression=part)
    return joined


def _inner(expression: r.Expression) -> exp.Expr:
    """An operand, in parentheses unless it cannot be misread."""
    rendered = _expression(expression)
    plain = isinstance(expression, r.ColumnRef | r.Literal | r.Parameter | r.Function | r.Aggregate | r.Case | r.Window)
    return rendered if plain else exp.Paren(this=rendered)


def _expression(expression: r.Expression) -> exp.Expr:
    match expression:
        case r.ColumnRef(source=source, name=name):
            return exp.Column(this=_identifier(name), table=_identifier(source))
        case r.Literal(value=value):
            return _literal(value)
        case r.Parameter(name=name):
            return exp.Placeholder(this=name)
        case r.Comparison(operator=operator, left=left, right=right):
            return _COMPARISONS[operator](this=_inner(left), expression=_inner(right))
        case r.Arithmetic(operator=operator, left=left, right=right):
            return _ARITHMETIC[operator](this=_inner(left), expression=_inner(right))
        case r.And(parts=parts):
            return _conjunction(parts)
        case r.Or(parts=parts):
            joined: exp.Expr = _inner(parts[0])
            for part in parts[1:]:
                joined = exp.Or(this=joined, expression=_inner(part))
            return joined
        case r.Not(part=part):
            return exp.Not(this=exp.Paren(this=_expression(part)))
        case r.IsNull(part=part):
            return exp.Is(this=_inner(part), expression=exp.Null())
        case r.InList(part=part, items=items):
            return exp.In(this=_inner(part), expressions=[_expression(item) for item in items])
        case r.InQuery(part=part, query=query):
            return exp.In(this=_inner(part), query=exp.Subquery(this=_select(query)))
        case r.Exists(query=query):
            return exp.Exists(this=_select(query))
        case r.Case(branches=branches, otherwise=otherwise):
            return exp.Case(
                ifs=[exp.If(this=_expression(c), true=_expression(v)) for c, v in branches],
                default=_expression(otherwise) if otherwise is not None else None,
            )
        case r.Function(name="date_trunc", arguments=arguments):
            made = exp.Anonymous(this="date_trunc", expressions=[_expression(a) for a in arguments])
            return exp.Cast(this=made, to=exp.DataType.build("date"))
        case r.Window():
            return _window(expression)
        case r.Function(name=name, arguments=arguments):
            return exp.Anonymous(this=name, expressions=[_expression(a) for a in arguments])
        case r.Aggregate():
            return _aggregate(expression)


def _aggregate(aggregate: r.Aggregate) -> exp.Expr:
    argument: exp.Expr = exp.Star() if aggregate.argument is None else _expression(aggregate.argument)
    if aggregate.distinct:
        argument = exp.Distinct(expressions=[argument])
    call: exp.Expr = _AGGREGATES[aggregate.name](this=argument)
    if aggregate.where is not None:
        call = exp.Filter(this=call, expression=exp.Where(this=_expression(aggregate.where)))
    if aggregate.name == "sum":
        # The engine sums integers in 128 bits, which Arrow does not carry.
        call = exp.Cast(this=call, to=exp.DataType.build("bigint"))
    return call


def _window(window: r.Window) -> exp.Expr:
    arguments = [_expression(argument) for argument in window.arguments]
    if window.name == "count" and not arguments:
        arguments = [exp.Star()]
    order = [exp.Ordered(this=_expression(key), desc=descending, nulls_first=False) for key, descending in window.order]
    made: exp.Expr = exp.Window(
        this=exp.Anonymous(this=window.name, expressions=arguments),
        partition_by=[_expression(part) for part in window.partition],
        order=exp.Order(expressions=order) if order else None,
        over="OVER",
    )
    return exp.Cast(this=made, to=exp.DataType.build("bigint")) if window.name == "sum" else made


def _literal(value: r.Constant) -> exp.Expr:
    match value:
        case bool():
            return exp.Boolean(this=value)
        case int():
            number = exp.Literal.number(abs(value))
            return exp.Paren(this=exp.Neg(this=number)) if value < 0 else number
        case date():
            return exp.Cast(this=exp.Literal.string(value.isoformat()), to=exp.DataType.build("date"))
        case str():
            return exp.Literal.string(value)
