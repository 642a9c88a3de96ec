"""What of a query asks the departments, and what only works on the protected answer.

An aggregate answer is protected as a table: small groups and small measures are gone from it. Whatever is computed from
that table alone (a rank, a running total, a share, HAVING, LIMIT, a SELECT around it) tells nothing that the table does
not tell. So such a query is cut in two: its *core*, which takes the whole path, and its *finish*, which runs over the
core's protected answer and reads nothing else. Where nothing is left for a finish, the query is its core.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from governance.catalogue import Catalogue
from governance.errors import BadInput
from query_broker import relational as r
from query_broker.roles import is_core
from query_broker.usages import Lineage

ANSWER = "answer"
"""The one table that a finish reads."""

_SELECTS = ("<", "<=", ">", ">=")


def split(select: r.Select, catalogue: Catalogue) -> tuple[r.Select, r.Select | None]:
    """The core of a query, and its finish if it needs one.

    Raises:
        BadInput: a construct that stands for a finish only is used where rows are of single persons, or a finish would
            ask a department again, or it looks for the digits of a measure.
    """
    around = _wrapped(select, catalogue)
    finish: r.Select | None
    if around is not None:
        core, inner = split(around.query, catalogue)
        inside = replace(around, query=inner or _unchanged(core))
        finish = replace(
            select,
            sources=tuple(replace(j, source=inside) if j.source is around else j for j in select.sources),
        )
    elif is_core(select, Lineage(select, catalogue)):
        core, finish = _split_core(_merged(select))
    else:
        core, finish = select, None
    for scope in r.scopes_in(core):
        _check_rows(scope)
        if any(isinstance(joined.source, r.LiteralRows) for joined in scope.sources):
            raise BadInput("sql-values-here")
        if scope.sets:
            raise BadInput("sql-grouping-rows")
    if finish is not None:
        _check_finish(finish, core)
    return core, finish


def _wrapped(select: r.Select, catalogue: Catalogue) -> r.Derived | None:
    """The one subquery that a scope is a SELECT around, where that one's rows are groups; constants may stand by."""
    read = [joined.source for joined in select.sources if not isinstance(joined.source, r.LiteralRows)]
    derived = read[0] if len(read) == 1 else None
    if not isinstance(derived, r.Derived):
        return None
    if is_core(derived.query, Lineage(derived.query, catalogue)):
        return derived
    return derived if _wrapped(derived.query, catalogue) is not None else None


def _merged(select: r.Select) -> r.Select:
    """A core with what its first source reads in the place of that source, where it is a plain subquery.

    So the persons that it reads stand in the outermost scope, where they can be counted.
    """
    first, *others = select.sources
    if not isinstance(first.source, r.Derived):
        return select
    inner = first.source.query
    if inner.grouped or inner.distinct or any(isinstance(e, r.Window) for e in _everything(inner)):
        return select
    named = {r.ColumnRef(source=first.source.id, name=p.name): p.expression for p in inner.projections}
    outer = _with_columns(replace(select, sources=tuple(others)), named)
    merged = replace(outer, sources=(*inner.sources, *outer.sources), where=(*inner.where, *outer.where))
    return _merged(merged)


def _with_columns(select: r.Select, named: Mapping[r.ColumnRef, r.Expression]) -> r.Select:
    """A scope and everything below it, with other expressions in the place of some columns."""

    def change(part: r.Expression) -> r.Expression | None:
        match part:
            case r.ColumnRef():
                return named.get(part)
            case r.Exists(query=query):
                return r.Exists(query=_with_columns(query, named))
            case r.InQuery(part=left, query=query):
                return r.InQuery(part=r.substitute(left, change), query=_with_columns(query, named))
            case _:
                return None

    def changed(parts: Iterable[r.Expression]) -> tuple[r.Expression, ...]:
        return tuple(r.substitute(part, change) for part in parts)

    return replace(
        select,
        sources=tuple(
            replace(
                joined,
                on=changed(joined.on),
                source=replace(joined.source, query=_with_columns(joined.source.query, named))
                if isinstance(joined.source, r.Derived)
                else joined.source,
            )
            for joined in select.sources
        ),
        where=changed(select.where),
        group=changed(select.group),
        having=changed(select.having),
        projections=tuple(replace(p, expression=r.substitute(p.expression, change)) for p in select.projections),
    )


def _split_core(select: r.Select) -> tuple[r.Select, r.Select | None]:
    keys = set(select.group)

    def is_plain(value: r.Expression) -> bool:
        return value in keys or isinstance(value, r.Aggregate)

    measures = {p for p, projection in enumerate(select.projections) if projection.expression not in keys}
    by_measure = any(sort.position in measures for sort in select.order)
    plain = all(is_plain(p.expression) for p in select.projections)
    if plain and not (select.sets or select.having or select.distinct or by_measure or select.limit is not None):
        return select, None
    columns: dict[r.Expression, str] = {}
    for projection in select.projections:
        if is_plain(projection.expression):
            columns.setdefault(projection.expression, projection.name)
    taken = {projection.name for projection in select.projections}

    def column(part: r.Expression) -> r.Expression | None:
        if not is_plain(part):
            return None
        if part not in columns:
            columns[part] = next(name for n in range(len(taken) + 1, 10**6) if (name := f"column{n}") not in taken)
            taken.add(columns[part])
        return r.ColumnRef(source=ANSWER, name=columns[part])

    where = tuple(r.substitute(conjunct, column) for conjunct in select.having)
    projections = tuple(replace(p, expression=r.substitute(p.expression, column)) for p in select.projections)
    for measure in (e for e in columns if isinstance(e, r.Aggregate)):
        if select.sets and (measure.name not in ("count", "sum") or measure.distinct):
            raise BadInput("sql-grouping-measure")
    in_answer = [column(key) for key in select.group] if select.sets else []
    names = [ref.name for ref in in_answer if isinstance(ref, r.ColumnRef)]
    finish = r.Select(
        id="f1",
        sources=(_answer(tuple(tuple(names[position] for position in level) for level in select.sets)),),
        where=where,
        grouped=False,
        group=(),
        projections=projections,
        order=select.order,
        distinct=select.distinct,
        limit=select.limit,
    )
    core = replace(
        select,
        projections=tuple(r.Projection(name=name, expression=value) for value, name in columns.items()),
        having=(),
        order=(),
        distinct=False,
        limit=None,
        sets=(),
    )
    return core, finish


def _answer(levels: tuple[tuple[str, ...], ...] = ()) -> r.JoinedSource:
    return r.JoinedSource(source=r.Answer(id=ANSWER, dataset=ANSWER, levels=levels), join="from", on=())


def _unchanged(core: r.Select) -> r.Select:
    """A finish that puts out the core's answer as it is."""
    return r.Select(
        id="f1",
        sources=(_answer(),),
        where=(),
        grouped=False,
        group=(),
        projections=tuple(
            r.Projection(name=p.name, expression=r.ColumnRef(source=ANSWER, name=p.name)) for p in core.projections
        ),
        order=(),
    )


def _everything(select: r.Select) -> Iterator[r.Expression]:
    for expression in r.scope_expressions(select):
        yield from r.walk(expression)


def settled(select: r.Select, lineage: Lineage) -> r.Select:
    """The same query, with an order under every window that leaves nothing to the engine.

    Where rows are alike in what a window is sorted by, the engine would take them as they come from a source, and the
    order of a source says something. So whatever else the scope reads decides, identifiers aside.
    """

    def order(part: r.Expression, read: tuple[r.ColumnRef, ...]) -> r.Expression | None:
        if not isinstance(part, r.Window) or part.name not in ("row_number", "ntile", "lag", "lead"):
            return None
        there = {key for key, _ in part.order} | set(part.partition)
        return replace(part, order=(*part.order, *((column, False) for column in read if column not in there)))

    def scope(query: r.Select) -> r.Select:
        read = dict.fromkeys(
            e for e in _everything(query) if isinstance(e, r.ColumnRef) and lineage.key_kind(e) is None
        )
        columns = tuple(sorted(read, key=lambda column: (column.source, column.name)))
        return replace(
            query,
            sources=tuple(
                replace(j, source=replace(j.source, query=scope(j.source.query)))
                if isinstance(j.source, r.Derived)
                else j
                for j in query.sources
            ),
            where=tuple(r.replace_subqueries(e, scope) for e in query.where),
            projections=tuple(
                replace(
                    p, expression=r.substitute(r.replace_subqueries(p.expression, scope), lambda e: order(e, columns))
                )
                for p in query.projections
            ),
        )

    return scope(select)


def _check_rows(scope: r.Select) -> None:
    """What picks rows by their number or their likeness is for groups only."""
    if scope.limit is not None:
        raise BadInput("sql-limit-rows")
    if scope.distinct:
        raise BadInput("sql-distinct-rows")
    if scope.having:
        raise BadInput("sql-having-rows")


def _check_finish(finish: r.Select, core: r.Select) -> None:
    """A finish reads the answer alone, and chooses groups by how large a measure is, not by its digits."""
    keys = {p.name for p in core.projections if p.expression in core.group}
    measures = {r.ColumnRef(source=ANSWER, name=p.name) for p in core.projections if p.name not in keys}
    scopes = tuple(r.scopes_in(finish))
    for scope in reversed(scopes):  # innermost first
        if scope.sets:
            raise BadInput("sql-grouping-rows")
        if any(isinstance(e, r.Exists | r.InQuery) for e in _everything(scope)):
            raise BadInput("sql-subquery-on-answer")
        for conjunct in (*scope.where, *scope.having):
            _check_choice(conjunct, measures)
        for joined in (j for other in scopes for j in other.sources):
            if isinstance(joined.source, r.Derived) and joined.source.query is scope:
                measures |= {
                    r.ColumnRef(source=joined.source.id, name=p.name)
                    for p in scope.projections
                    if any(e in measures or isinstance(e, r.Aggregate | r.Window) for e in r.walk(p.expression))
                }


def _check_choice(condition: r.Expression, measures: set[r.ColumnRef]) -> None:
    if not any(e in measures or isinstance(e, r.Aggregate) for e in r.walk(condition)):
        return
    match condition:
        case r.And(parts=parts) | r.Or(parts=parts):
            for part in parts:
                _check_choice(part, measures)
        case r.Not(part=part):
            _check_choice(part, measures)
        case r.Comparison(operator=operator) if operator in _SELECTS:
            for part in r.walk(condition):
                if isinstance(part, r.Case | r.Function) or (
                    isinstance(part, r.Arithmetic) and part.operator in ("//", "%")
                ):
                    raise BadInput("sql-measure-digits")
        case _:
            raise BadInput("sql-measure-digits")
