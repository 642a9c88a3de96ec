"""Reading PIVOT: groups by one column more, and a table of them that is spread out.

``PIVOT (avg(x) FOR month IN (…) GROUP BY town)`` shows what ``GROUP BY town, month`` shows, in another shape. So it
is read as the grouping, which is protected as every answer about groups is, and a SELECT around it that puts each cell
into its column (`query_broker.split` makes a finish of it). A cell that was left out is an empty one, a count too:
unlike in the engine's own PIVOT, nothing is not 0. Where the groups are persons or households, each column is the
aggregate with a FILTER.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date

from sqlglot import exp

from query_broker import relational as r
from query_broker.expressions import Reading, expression
from query_broker.names import Frame, column_name, identifier, only, refuse

_LONGEST_NAME = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pivot:
    """What a clause says.

    Attributes:
        on: the column whose values become columns.
        values: each with the name that it gives.
        measures: each with the name that it adds, which is empty where there is no need of one.
        group: the columns of GROUP BY by name, ``None`` where the clause has none.
    """

    on: r.ColumnRef
    values: tuple[tuple[str, r.Literal | r.Parameter], ...]
    measures: tuple[tuple[str, r.Aggregate], ...]
    group: tuple[r.ColumnRef, ...] | None


def pivoted(
    node: exp.Pivot,
    joined: r.JoinedSource,
    frame: Frame,
    *,
    reading: Reading,
    keys: AbstractSet[r.ColumnRef],
    scope: Callable[[], str],
    subquery: Callable[[], str],
) -> r.Select:
    """The scope that a PIVOT of one source stands for.

    Args:
        joined: the source, which is all that ``frame`` sees.
        keys: the columns that hold identifiers.
        scope: gives the id of a new scope.
        subquery: gives the id of a new subquery.

    Raises:
        BadInput: a part without a rule, columns that depend on the data, or no columns to group by.
    """
    pivot = _read(node, frame, reading)
    group = pivot.group if pivot.group is not None else _others(node, joined, pivot)
    if pivot.on in group or len(set(group)) != len(group):
        raise refuse(node, "sql-group-key")
    grouped = r.Select(
        id=scope(), sources=(joined,), where=(), grouped=True, group=group, order=(),
        projections=tuple(r.Projection(name=key.name, expression=key) for key in group),
    )  # fmt: skip
    if any(key in keys for key in group):
        cells = [
            (name, replace(measure, where=_and(measure.where, pivot.on, value)))
            for name, value, measure in _columns(node, pivot)
        ]
        return replace(grouped, projections=(*grouped.projections, *_named(cells)))
    taken = {key.name for key in group} | {pivot.on.name}
    names = [f"{'measure' if f'measure{n}' not in taken else '_measure'}{n}" for n in range(len(pivot.measures))]
    core = replace(
        grouped,
        group=(*group, pivot.on),
        projections=(
            *grouped.projections,
            r.Projection(name=pivot.on.name, expression=pivot.on),
            *_named(zip(names, (measure for _, measure in pivot.measures), strict=True)),
        ),
    )
    inner = r.Derived(id=subquery(), query=core)

    def of(name: str) -> r.ColumnRef:
        return r.ColumnRef(source=inner.id, name=name)

    of_measure = {measure: of(name) for name, (_, measure) in zip(names, pivot.measures, strict=True)}
    shown = [
        (name, r.Aggregate(name="only", argument=of_measure[measure], distinct=False,
                           where=r.Comparison(operator="=", left=of(pivot.on.name), right=value)))
        for name, value, measure in _columns(node, pivot)
    ]  # fmt: skip
    return r.Select(
        id=scope(),
        sources=(r.JoinedSource(source=inner, join="from", on=()),),
        where=(),
        grouped=True,
        group=tuple(of(key.name) for key in group),
        projections=(*(r.Projection(name=key.name, expression=of(key.name)) for key in group), *_named(shown)),
        order=(),
    )


def _read(node: exp.Pivot, frame: Frame, reading: Reading) -> _Pivot:
    """Both ways of writing it: ``… PIVOT (… FOR … IN (…))``, and ``PIVOT … ON … IN (…) USING …``."""
    if "using" in node.args or node.args.get("this") is not None:
        only(node, "this", "expressions", "using", "group")
        fields, aggregates = node.expressions, node.args.get("using") or []
    else:
        only(node, "expressions", "fields", "group", "alias", "columns", "pivot_column_naming")
        fields, aggregates = node.args.get("fields") or [], node.expressions
    if len(fields) != 1 or not isinstance(fields[0], exp.In) or not aggregates:
        raise refuse(node, "sql-pivot")
    (field,) = fields
    only(field, "this", "expressions")

    def read(part: exp.Expr, *, aggregates: bool = False) -> r.Expression:
        return expression(part, frame, reading, aggregates=aggregates, subquery=None)

    on = read(field.this)
    if not isinstance(on, r.ColumnRef):
        raise refuse(field, "sql-pivot")
    values = tuple(_value(item, read) for item in field.expressions)
    if not values or len({value for _, value in values}) != len(values):
        raise refuse(field, "sql-pivot")
    measures = []
    for item in aggregates:
        name, call = "", item
        if isinstance(item, exp.Alias):
            only(item, "this", "alias")
            name, call = identifier(item.args["alias"]), item.this
        measure = read(call, aggregates=True)
        if not isinstance(measure, r.Aggregate):
            raise refuse(item, "sql-pivot")
        measures.append((name or (measure.name if len(aggregates) > 1 else ""), measure))
    if len({measure for _, measure in measures}) != len(measures):
        raise refuse(node, "sql-name-twice")
    clause = node.args.get("group")
    if clause is None:
        return _Pivot(on=on, values=values, measures=tuple(measures), group=None)
    only(clause, "expressions")
    group = tuple(read(key) for key in clause.expressions)
    columns = tuple(key for key in group if isinstance(key, r.ColumnRef))
    if len(columns) != len(group):
        raise refuse(clause, "sql-pivot")
    return _Pivot(on=on, values=values, measures=tuple(measures), group=columns)


def _value(item: exp.Expr, read: Callable[[exp.Expr], r.Expression]) -> tuple[str, r.Literal | r.Parameter]:
    name = None
    if isinstance(item, exp.PivotAlias):
        only(item, "this", "alias")
        name, item = column_name(item.args["alias"]), item.this
    value = read(item)
    if not isinstance(value, r.Literal | r.Parameter):
        raise refuse(item, "sql-pivot")
    if name is None:
        name = _as_name(value)
    if name is None:
        raise refuse(item, "sql-pivot-name")
    return name, value


def _as_name(value: r.Literal | r.Parameter) -> str | None:
    """The name that a constant gives by itself: its digits, its day, or a text of letters, digits, ``_`` and ``-``."""
    if isinstance(value, r.Parameter):
        return None
    if isinstance(value.value, str):
        plain = value.value.replace("_", "").replace("-", "")
        fits = plain.isalnum() and value.value[0] != "-" and len(value.value) <= _LONGEST_NAME
        return value.value if fits else None
    return value.value.isoformat() if isinstance(value.value, date) else str(value.value).lower()


def _others(node: exp.Pivot, joined: r.JoinedSource, pivot: _Pivot) -> tuple[r.ColumnRef, ...]:
    """Without GROUP BY, the columns of a subquery that the rest of the clause does not read."""
    if not isinstance(joined.source, r.Derived):
        raise refuse(node, "sql-pivot-group")
    read = {pivot.on, *(column for _, measure in pivot.measures for column in r.columns_in(measure))}
    columns = (r.ColumnRef(source=joined.source.id, name=p.name) for p in joined.source.query.projections)
    return tuple(column for column in columns if column not in read)


def _columns(node: exp.Pivot, pivot: _Pivot) -> Sequence[tuple[str, r.Literal | r.Parameter, r.Aggregate]]:
    """The columns that a PIVOT makes: for each value, each measure."""
    made = [
        (f"{name}_{added}" if added else name, value, measure)
        for name, value in pivot.values
        for added, measure in pivot.measures
    ]
    names = {name for name, _, _ in made} | {key.name for key in pivot.group or ()}
    if len(names) != len(made) + len(pivot.group or ()):
        raise refuse(node, "sql-name-twice")
    return made


def _named(cells: Iterable[tuple[str, r.Expression]]) -> list[r.Projection]:
    return [r.Projection(name=name, expression=value) for name, value in cells]


def _and(where: r.Expression | None, on: r.ColumnRef, value: r.Literal | r.Parameter) -> r.Expression:
    chosen = r.Comparison(operator="=", left=on, right=value)
    return chosen if where is None else r.And(parts=(*(where.parts if isinstance(where, r.And) else (where,)), chosen))
