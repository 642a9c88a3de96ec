"""The query as the broker understands it: a small closed algebra, frozen, with every name resolved.

Text that a user wrote ends in ``parse``. What cannot be said in this algebra cannot be asked, and the SQL that runs is
generated from it. Table references are ``s1``, ``s2``, … and subqueries ``d1``, ``d2``, … in order of appearance; CTEs
are gone, each reference to one is a subquery of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, TypeAlias, get_args
from typing import Literal as OneOf

from governance.forms import FormType

ValueType: TypeAlias = OneOf["UUID", "BOOLEAN", "INTEGER", "DECIMAL", "TEXT", "DATE", "DOUBLE"]
"""Types of expressions: those of forms, and what ``avg`` makes."""

Constant: TypeAlias = str | int | bool | date


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRef:
    """A column of a source, by the source's id."""

    source: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal:
    """A constant of the query's text."""

    value: Constant
    type: FormType


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """``$name``: bound as a value when the query runs, never pasted into text."""

    name: str
    type: FormType


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """``left operator right``."""

    operator: OneOf["=", "<>", "<", "<=", ">", ">="]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """``left operator right`` over integers; ``//`` and ``%`` by SQL's rules."""

    operator: OneOf["+", "-", "*", "//", "%"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class And:
    """All of at least two conditions."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or:
    """Any of at least two conditions."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The negation."""

    part: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull:
    """``part IS NULL``."""

    part: Expression


@dataclass(frozen=True, slots=True, kw_only=True)
class InList:
    """``part IN (constant, …)``."""

    part: Expression
    items: tuple[Literal | Parameter, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """``CASE WHEN … THEN … ELSE … END``; ``otherwise`` is ``None`` where there is no ELSE."""

    branches: tuple[tuple[Expression, Expression], ...]
    otherwise: Expression | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A scalar function of the allow-list. ``date_trunc`` has its unit as a literal before the date."""

    name: OneOf["coalesce", "abs", "least", "greatest", "nullif", "year", "month", "date_trunc"]
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aggregate:
    """An aggregate of the allow-list; ``argument`` is ``None`` for ``count(*)``.

    ``only``, which nobody can write, is the value of the one row that there can be (`query_broker.pivot`).
    """

    name: OneOf["count", "sum", "min", "max", "avg", "bool_or", "bool_and", "only"]
    argument: Expression | None
    distinct: bool
    where: Expression | None


WindowName: TypeAlias = OneOf[
    "row_number", "rank", "dense_rank", "ntile", "lag", "lead", "count", "sum", "avg", "min", "max"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """``name(arguments) OVER (PARTITION BY partition ORDER BY order)``, with the frame that SQL takes by itself.

    Attributes:
        order: expressions, each with whether it descends; unknown values come last.
    """

    name: WindowName
    arguments: tuple[Expression, ...]
    partition: tuple[Expression, ...]
    order: tuple[tuple[Expression, bool], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exists:
    """``EXISTS (…)``, correlated with the scopes around it."""

    query: Select


@dataclass(frozen=True, slots=True, kw_only=True)
class InQuery:
    """``part IN (SELECT one column …)``."""

    part: Expression
    query: Select


Expression: TypeAlias = (
    ColumnRef
    | Literal
    | Parameter
    | Comparison
    | Arithmetic
    | And
    | Or
    | Not
    | IsNull
    | InList
    | Case
    | Function
    | Aggregate
    | Window
    | Exists
    | InQuery
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TableScan:
    """One table reference."""

    id: str
    dataset: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer(TableScan):
    """A protected answer, which a finish reads.

    Attributes:
        levels: for each level of GROUPING SETS the names of the keys by which it groups; none without them.
    """

    levels: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteralRows(TableScan):
    """Rows that the query brings along, read under their own id beside an answer (`query_broker.literal_rows`).

    Attributes:
        rows: as many constants each as there are columns, in each column of one type.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Literal, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """A subquery in FROM."""

    id: str
    query: Select


@dataclass(frozen=True, slots=True, kw_only=True)
class JoinedSource:
    """A source of FROM and how it is joined to those before it; ``on`` are the conjuncts."""

    source: TableScan | Derived
    join: OneOf["from", "inner", "left"]
    on: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """A column of a scope's result.

    Attributes:
        name: as written, or beginning with ``#``, which nobody can write, where the broker itself puts it out to count.
    """

    name: str
    expression: Expression

    @property
    def hidden(self) -> bool:
        """Whether nobody asked for it."""
        return self.name.startswith("#")


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """Position of a projection, from 0, and the direction."""

    position: int
    descending: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """One scope. ``grouped`` tells a scope with aggregates but no key from one without aggregates.

    Attributes:
        having: conjuncts over a grouped scope's keys and aggregates.
        limit: most rows, outermost only, after sorting.
        sets: for each level of GROUPING SETS the positions of its keys in ``group``; none without them.
    """

    id: str
    sources: tuple[JoinedSource, ...]
    where: tuple[Expression, ...]
    grouped: bool
    group: tuple[Expression, ...]
    projections: tuple[Projection, ...]
    order: tuple[SortKey, ...]
    having: tuple[Expression, ...] = ()
    distinct: bool = False
    limit: int | None = None
    sets: tuple[tuple[int, ...], ...] = ()

    def projection(self, name: str) -> Projection:
        """The projection of that name; names are unique within a scope."""
        return next(p for p in self.projections if p.name == name)


def operands(expression: Expression) -> Iterator[Expression]:
    """The direct parts of an expression, without stepping into subqueries."""
    for name in _PARTS[type(expression)]:
        yield from _expressions_in(getattr(expression, name))


_PARTS: Mapping[type, tuple[str, ...]] = {kind: tuple(f.name for f in fields(kind)) for kind in get_args(Expression)}


def _expressions_in(value: Any) -> Iterator[Expression]:
    if isinstance(value, tuple):
        for item in value:
            yield from _expressions_in(item)
    elif type(value) in _PARTS:
        yield value


def walk(expression: Expression) -> Iterator[Expression]:
    """An expression and everything below it in the same scope."""
    yield expression
    for part in operands(expression):
        yield from walk(part)


def columns_in(expression: Expression) -> tuple[ColumnRef, ...]:
    """Every column that an expression reads in its own scope or in one around it."""
    return tuple(e for e in walk(expression) if isinstance(e, ColumnRef))


def subqueries_in(expression: Expression) -> tuple[Select, ...]:
    """The scopes of EXISTS and IN directly below an expression."""
    return tuple(e.query for e in walk(expression) if isinstance(e, Exists | InQuery))


def substitute(expression: Expression, change: Callable[[Expression], Expression | None]) -> Expression:
    """The same expression with every part for which ``change`` has another in its place; outermost parts first."""
    changed: Expression = _substitute_in(expression, change)
    return changed


def _substitute_in(value: Any, change: Callable[[Expression], Expression | None]) -> Any:
    if isinstance(value, tuple):
        return tuple(_substitute_in(item, change) for item in value)
    if type(value) not in _PARTS:
        return value
    other = change(value)
    if other is not None:
        return other
    return replace(value, **{name: _substitute_in(getattr(value, name), change) for name in _PARTS[type(value)]})


def replace_subqueries(expression: Expression, change: Callable[[Select], Select]) -> Expression:
    """The same expression with every scope of EXISTS and IN directly below it changed."""
    changed: Expression = _replace_in(expression, change)
    return changed


def _replace_in(value: Any, change: Callable[[Select], Select]) -> Any:
    if isinstance(value, Select):
        return change(value)
    if isinstance(value, tuple):
        return tuple(_replace_in(item, change) for item in value)
    if type(value) not in _PARTS:
        return value
    return replace(value, **{name: _replace_in(getattr(value, name), change) for name in _PARTS[type(value)]})


def scope_expressions(select: Select) -> Iterator[Expression]:
    """Every expression that stands directly in a scope."""
    for joined in select.sources:
        yield from joined.on
    yield from select.where
    yield from select.group
    yield from select.having
    for projection in select.projections:
        yield projection.expression


def parameters_in(select: Select) -> frozenset[str]:
    """Names of the parameters that a query uses anywhere."""
    return frozenset(
        part.name
        for scope in scopes_in(select)
        for expression in scope_expressions(scope)
        for part in walk(expression)
        if isinstance(part, Parameter)
    )


def scopes_in(select: Select) -> Iterator[Select]:
    """A scope and all scopes below it, outermost first."""
    yield select
    for joined in select.sources:
        if isinstance(joined.source, Derived):
            yield from scopes_in(joined.source.query)
    for expression in scope_expressions(select):
        for subquery in subqueries_in(expression):
            yield from scopes_in(subquery)


def scans_in(select: Select) -> tuple[TableScan, ...]:
    """Every table reference of a query, in order of id."""
    found = [j.source for scope in scopes_in(select) for j in scope.sources if isinstance(j.source, TableScan)]
    return tuple(sorted(found, key=lambda scan: int(scan.id[1:])))
