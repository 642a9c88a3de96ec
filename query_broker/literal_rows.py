"""Rows that a query brings along: VALUES and ``unnest([…])``, constants all.

They are no data of a department, and they never stand where persons are counted. Two things can be meant. A *calendar*
is what an answer about groups is laid out by: ``(VALUES …) m(month) LEFT JOIN … GROUP BY m.month`` is the grouping by
what ``month`` is equated with, whose protected answer is joined to the rows afterwards (`query_broker.split`). A
*look-up* names what a column's values mean: ``JOIN (VALUES ('f', 'women'), …) v(code, name) ON v.code = c.sex`` is a
CASE over the column, and IN where the join drops the rest. A row of a calendar without a group has no values: whether
nobody is there or too few, nobody is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from governance.errors import Fault
from query_broker import relational as r
from query_broker.clauses import column_names
from query_broker.names import only, refuse

MAX_ROWS = 200
"""Rows that one list may have: each becomes a branch of a CASE."""


def literal_rows(node: exp.Values | exp.Unnest, id_: str, read: Callable[[exp.Expr], r.Expression]) -> r.LiteralRows:
    """Read a list of constants in FROM.

    Raises:
        BadInput: anything but constants, rows of different lengths or types, or too many.
    """
    only(node, "expressions", "alias", "offset")
    if isinstance(node, exp.Unnest):
        if len(node.expressions) != 1 or not isinstance(node.expressions[0], exp.Array):
            raise refuse(node, "sql-values")
        (array,) = node.expressions
        only(array, "expressions")
        cells = [(item,) for item in array.expressions]
    else:
        for row in node.expressions:
            if not isinstance(row, exp.Tuple):
                raise refuse(node, "sql-values")
            only(row, "expressions")
        cells = [tuple(row.expressions) for row in node.expressions]
    rows = []
    for row in cells:
        values = tuple(read(cell) for cell in row)
        literals = tuple(value for value in values if isinstance(value, r.Literal))
        if len(literals) != len(values):
            raise refuse(node, "sql-values")
        rows.append(literals)
    if not rows or len(rows) > MAX_ROWS or len({tuple(value.type for value in row) for row in rows}) != 1:
        raise refuse(node, "sql-values")
    names = tuple(f"col{n}" for n in range(len(rows[0]))) if isinstance(node, exp.Values) else ("unnest",)
    return renamed(r.LiteralRows(id=id_, dataset=id_, columns=names, rows=tuple(rows)), column_names(node), node)


def list_in(node: exp.Select) -> exp.Unnest | None:
    """The list of ``SELECT unnest([…])``, with the name that it gives to its column."""
    if node.args.get("from_") is not None or len(node.expressions) != 1:
        return None
    (item,) = node.expressions
    call = item.this if isinstance(item, exp.Alias) else item
    if not isinstance(call, exp.Explode) or not isinstance(call.this, exp.Array):
        return None
    only(node, "expressions")
    only(call, "this")
    columns = [item.args["alias"]] if isinstance(item, exp.Alias) else []
    return exp.Unnest(expressions=[call.this], alias=exp.TableAlias(columns=columns))


def renamed(rows: r.LiteralRows, names: tuple[str, ...], node: exp.Expr) -> r.LiteralRows:
    """The same rows, the columns with other names from the left."""
    return replace(rows, columns=named(rows.columns, names, node))


def named(columns: Iterable[str], names: tuple[str, ...], node: exp.Expr) -> tuple[str, ...]:
    """Names of columns, the first of them exchanged for those that an alias gives.

    Raises:
        BadInput: more names than columns, or one name twice.
    """
    own = tuple(columns)
    changed = (*names, *own[len(names) :])
    if len(names) > len(own) or len(set(changed)) != len(changed):
        raise refuse(node, "sql-name-twice")
    return changed


def as_list(select: r.Select) -> r.LiteralRows | None:
    """The list that a SELECT of the columns of a list is."""
    rows = select.sources[0].source
    plain = [p.expression for p in select.projections if isinstance(p.expression, r.ColumnRef)]
    clauses = select.where or select.grouped or select.order or select.having or select.distinct
    if len(select.sources) > 1 or not isinstance(rows, r.LiteralRows) or clauses or select.limit is not None:
        return None
    if len(plain) != len(select.projections):
        return None
    at = [rows.columns.index(column.name) for column in plain]
    return replace(
        rows,
        columns=tuple(p.name for p in select.projections),
        rows=tuple(tuple(row[p] for p in at) for row in rows.rows),
    )


def laid_out(
    select: r.Select,
    node: exp.Expr,
    *,
    keys: Callable[[r.Expression], bool],
    scope: Callable[[], str],
    subquery: Callable[[], str],
) -> r.Select:
    """A scope that joins literal rows to a table, in terms of the table alone.

    Args:
        keys: whether an expression reads an identifier.
        scope: gives the id of a new scope.
        subquery: gives the id of a new subquery.

    Raises:
        BadInput: the rows are used in another way than the two that there are.
    """
    lists = [j for j in select.sources if isinstance(j.source, r.LiteralRows)]
    others = [j.source for j in select.sources if not isinstance(j.source, r.LiteralRows)]
    answer = len(others) == 1 and isinstance(others[0], r.Derived) and _is_of_groups(others[0].query, keys)
    if not lists or not others or answer:
        return select  # of constants alone, or around an answer: `query_broker.split` sees to that
    parts = _parts(select, lists[-1], node)
    if any(keys(value) for value in parts.equal.values()):
        raise refuse(node, "sql-values-identifier")
    read = {e for key in select.group for e in r.columns_in(key) if e.source == parts.rows.id}
    labels = select.grouped and parts.equal.keys() <= read and all(_is_plain(key, parts.rows) for key in select.group)
    if labels and len(lists) == 1 and not select.sets:
        return _calendar(select, parts, node, scope=scope, subquery=subquery)
    if parts.join == "calendar":
        raise refuse(node, "sql-values")
    return laid_out(_looked_up(select, parts), node, keys=keys, scope=scope, subquery=subquery)


def _is_of_groups(select: r.Select, keys: Callable[[r.Expression], bool]) -> bool:
    """Whether a subquery's rows are groups, or made of such."""
    if select.grouped:
        return not any(keys(key) for key in select.group)
    read = [j.source for j in select.sources if not isinstance(j.source, r.LiteralRows)]
    return len(read) == 1 and isinstance(read[0], r.Derived) and _is_of_groups(read[0].query, keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """A scope with literal rows, taken apart.

    Attributes:
        join: ``calendar`` where every literal row stays, ``inner`` where only what fits does, ``look-up`` where every
            row of the tables stays.
        sources: the others, the first of which begins FROM.
        equal: what each joined column of the rows is equated with.
        own: conditions on the rows alone.
        where: conditions that have nothing to do with them.
    """

    join: str
    rows: r.LiteralRows
    sources: tuple[r.JoinedSource, ...]
    equal: Mapping[r.ColumnRef, r.Expression]
    own: tuple[r.Expression, ...]
    where: tuple[r.Expression, ...]


def _parts(select: r.Select, own: r.JoinedSource, node: exp.Expr) -> _Parts:
    sources = [j for j in select.sources if j is not own]
    rows = own.source
    if not isinstance(rows, r.LiteralRows):
        raise Fault
    below = (query for e in r.scope_expressions(select) for query in r.subqueries_in(e))
    if any(_reads(r.Exists(query=query), rows) for query in below):
        raise refuse(node, "sql-values")
    first = own.join == "from"
    if any(_reads(conjunct, rows) for j in sources[int(first) :] for conjunct in j.on):
        raise refuse(node, "sql-values")
    of_join = sources[0].on if first else own.on
    if first:
        join = "calendar" if sources[0].join == "left" else "inner"
        sources[0] = replace(sources[0], join="from", on=())
    else:
        join = "look-up" if own.join == "left" else "inner"
    equal: dict[r.ColumnRef, r.Expression] = {}
    mine: list[r.Expression] = []
    where: list[r.Expression] = []
    for conjunct, joins in (*((c, True) for c in of_join), *((c, False) for c in select.where)):
        pair = _equality(conjunct, rows) if joins or join == "inner" else None
        if pair is not None and pair[0] not in equal:
            equal[pair[0]] = pair[1]
        elif not _reads(conjunct, rows) and (join != "look-up" or not joins):
            # Beside a calendar a condition of WHERE would drop the rows that the join has kept.
            if join == "calendar" and not joins:
                raise refuse(node, "sql-values-where")
            where.append(conjunct)
        elif all(c.source == rows.id for c in r.columns_in(conjunct)) and (not joins or join == "inner"):
            mine.append(conjunct)
        else:
            raise refuse(node, "sql-values")
    if join == "calendar" and any(j.join == "inner" for j in sources[1:]):
        raise refuse(node, "sql-values-where")
    if not equal:
        raise refuse(node, "sql-values")
    positions = [rows.columns.index(column.name) for column in equal]
    if len({tuple(row[p] for p in positions) for row in rows.rows}) != len(rows.rows):
        raise refuse(node, "sql-values-twice")
    return _Parts(
        join=join, rows=rows, sources=tuple(sources), equal=equal, own=tuple(mine), where=tuple(where)
    )  # fmt: skip


def _equality(conjunct: r.Expression, rows: r.LiteralRows) -> tuple[r.ColumnRef, r.Expression] | None:
    """A column of the rows, and what a conjunct equates it with."""
    if isinstance(conjunct, r.Comparison) and conjunct.operator == "=":
        for own, other in ((conjunct.left, conjunct.right), (conjunct.right, conjunct.left)):
            if isinstance(own, r.ColumnRef) and own.source == rows.id and not _reads(other, rows):
                return (own, other) if r.columns_in(other) and not r.subqueries_in(other) else None
    return None


def _reads(expression: r.Expression, rows: r.LiteralRows) -> bool:
    columns = list(r.columns_in(expression))
    for query in r.subqueries_in(expression):
        for scope in r.scopes_in(query):
            columns.extend(c for inner in r.scope_expressions(scope) for c in r.columns_in(inner))
    return any(column.source == rows.id for column in columns)


def _is_plain(key: r.Expression, rows: r.LiteralRows) -> bool:
    return isinstance(key, r.ColumnRef) or not _reads(key, rows)


def _calendar(
    select: r.Select, parts: _Parts, node: exp.Expr, *, scope: Callable[[], str], subquery: Callable[[], str]
) -> r.Select:
    """The grouping by what the rows are joined to, and around it the rows with the groups that there are."""
    equated = dict.fromkeys(parts.equal.values())
    others = dict.fromkeys(key for key in select.group if not _reads(key, parts.rows) and key not in equated)
    group = (*equated, *others)

    def of_table(part: r.Expression) -> r.Expression | None:
        return parts.equal.get(part) if isinstance(part, r.ColumnRef) else None

    names: dict[r.Expression, str] = {}
    for n, key in enumerate(group):
        own = key.name if isinstance(key, r.ColumnRef) else f"key{n}"
        names[key] = own if own not in names.values() else f"key{n}"
    derived = subquery()
    measures: dict[r.Expression, r.Expression] = {}

    def around(part: r.Expression) -> r.Expression | None:
        if isinstance(part, r.Aggregate):
            measure = r.substitute(part, of_table)
            if _reads(measure, parts.rows):
                raise refuse(node, "sql-values")
            if measure not in names:
                wanted = (f"measure{n}" for n in range(len(names) + 1, 10**6))
                names[measure] = next(name for name in wanted if name not in names.values())
            measures[measure] = part
            return r.ColumnRef(source=derived, name=names[measure])
        return r.ColumnRef(source=derived, name=names[part]) if part in others else None

    projections = tuple(replace(p, expression=r.substitute(p.expression, around)) for p in select.projections)
    having = tuple(r.substitute(conjunct, around) for conjunct in select.having)
    core = r.Select(
        id=scope(),
        sources=parts.sources,
        where=parts.where,
        grouped=True,
        group=group,
        projections=tuple(r.Projection(name=name, expression=value) for value, name in names.items()),
        order=(),
    )
    on = tuple(
        r.Comparison(operator="=", left=column, right=r.ColumnRef(source=derived, name=names[value]))
        for column, value in parts.equal.items()
    )
    return replace(
        select,
        sources=(
            r.JoinedSource(source=parts.rows, join="from", on=()),
            r.JoinedSource(
                source=r.Derived(id=derived, query=core), join="left" if parts.join == "calendar" else "inner", on=on
            ),
        ),
        where=(*parts.own, *having),
        grouped=False,
        group=(),
        projections=projections,
        having=(),
    )


def _looked_up(select: r.Select, parts: _Parts) -> r.Select:
    """The same scope with a CASE in the place of each column of the rows."""
    rows, columns = parts.rows, tuple(parts.equal)
    at = [rows.columns.index(column.name) for column in columns]

    def meets(row: tuple[r.Literal, ...]) -> r.Expression:
        found = tuple(
            r.Comparison(operator="=", left=parts.equal[column], right=row[p])
            for column, p in zip(columns, at, strict=True)
        )
        return found[0] if len(found) == 1 else r.And(parts=found)

    def value_of(part: r.Expression) -> r.Expression | None:
        if not isinstance(part, r.ColumnRef) or part.source != rows.id:
            return None
        if parts.join == "inner" and part in parts.equal:
            return parts.equal[part]
        position = rows.columns.index(part.name)
        return r.Case(branches=tuple((meets(row), row[position]) for row in rows.rows), otherwise=None)

    def changed(expressions: tuple[r.Expression, ...]) -> tuple[r.Expression, ...]:
        return tuple(r.substitute(expression, value_of) for expression in expressions)

    only_known: tuple[r.Expression, ...] = ()
    if parts.join == "inner":
        if len(columns) == 1:
            items = tuple(row[at[0]] for row in rows.rows)
            only_known = (r.InList(part=parts.equal[columns[0]], items=items),)
        else:
            found = tuple(meets(row) for row in rows.rows)
            only_known = found if len(found) == 1 else (r.Or(parts=found),)
    return replace(
        select,
        sources=parts.sources,
        where=(*parts.where, *only_known, *changed(parts.own)),
        group=changed(select.group),
        having=changed(select.having),
        projections=tuple(replace(p, expression=r.substitute(p.expression, value_of)) for p in select.projections),
    )
