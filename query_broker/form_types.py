"""Types of expressions over granted forms.

The engine that combines would compare a flag with ``'1'`` or a pseudonym with any text and be content. Here a literal
has exactly the type of what it is compared with, and on a generalised date it is a point of the grid under ``<`` or
``>=``: everything else would mean something else than it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from governance.errors import BadInput
from governance.forms import GENERALISED, Form, band_labels, year_borders
from query_broker import relational as r
from query_broker.granted import GrantedColumn

_ORDERED = ("INTEGER", "DATE", "DOUBLE")
_AGGREGATED: Mapping[str, tuple[tuple[r.ValueType, ...], r.ValueType | None]] = {
    # aggregate → types it takes, type it makes (None: the same)
    "sum": (("INTEGER",), "INTEGER"),
    "avg": (("INTEGER",), "DOUBLE"),
    "min": (("INTEGER", "DATE"), None),
    "max": (("INTEGER", "DATE"), None),
    "bool_or": (("BOOLEAN",), "BOOLEAN"),
    "bool_and": (("BOOLEAN",), "BOOLEAN"),
}


class TypeCheck:
    """Types of one query's expressions.

    Args:
        finish: whether the query reads an answer and nothing else: arithmetic takes what ``avg`` makes, too, and a
            generalised date is the label of a group, which may be named by ``=``.
        constants: what stands in the columns of rows that the query brings along.

    Raises (from every method):
        BadInput: types do not fit, naming the scope and, where it is one column, the column.
    """

    def __init__(
        self,
        select: r.Select,
        granted: Mapping[r.ColumnRef, GrantedColumn],
        parameters: Mapping[str, r.Constant],
        *,
        finish: bool = False,
        constants: Mapping[r.ColumnRef, tuple[r.Literal, ...]] | None = None,
    ) -> None:
        self._granted = granted
        self._constants = constants or {}
        self._on_a_grid = ("<", ">=", "=", "<>") if finish else ("<", ">=")
        self._numbers: tuple[r.ValueType, ...] = ("INTEGER", "DOUBLE") if finish else ("INTEGER",)
        self._parameters = parameters
        self._derived = {
            j.source.id: j.source.query
            for scope in r.scopes_in(select)
            for j in scope.sources
            if isinstance(j.source, r.Derived)
        }
        self._select = select
        # A column of a subquery may be read many times at each of many levels.
        self._types: dict[r.ColumnRef, r.ValueType] = {}
        self._grids: dict[r.ColumnRef, GrantedColumn | None] = {}

    def check(self) -> tuple[tuple[str, r.ValueType], ...]:
        """Check every scope; the names and types of the answer's columns."""
        for scope in r.scopes_in(self._select):
            for joined in scope.sources:
                for conjunct in joined.on:
                    self._expect(conjunct, "BOOLEAN")
            for conjunct in (*scope.where, *scope.having):
                self._expect(conjunct, "BOOLEAN")
            for key in scope.group:
                self.type_of(key)
            for projection in scope.projections:
                if not projection.hidden:
                    self.type_of(projection.expression)
        return tuple((p.name, self.type_of(p.expression)) for p in self._select.projections)

    def type_of(self, expression: r.Expression) -> r.ValueType:
        """The type of an expression."""
        match expression:
            case r.ColumnRef():
                return self._type_of_column(expression)
            case r.Literal() | r.Parameter():
                return expression.type
            case r.Comparison():
                return self._comparison(expression)
            case r.Arithmetic(left=left, right=right):
                return self._arithmetic(left, right)
            case r.And(parts=parts) | r.Or(parts=parts):
                for part in parts:
                    self._expect(part, "BOOLEAN")
                return "BOOLEAN"
            case r.Not(part=part):
                self._expect(part, "BOOLEAN")
                return "BOOLEAN"
            case r.IsNull(part=part):
                self.type_of(part)
                return "BOOLEAN"
            case r.InList(part=part, items=items):
                for item in items:
                    self._comparison(r.Comparison(operator="=", left=part, right=item))
                return "BOOLEAN"
            case r.InQuery(part=part, query=query):
                if self.type_of(part) != self.type_of(query.projections[0].expression):
                    raise BadInput("type-mismatch", operator="IN")
                return "BOOLEAN"
            case r.Exists():
                return "BOOLEAN"
            case r.Case():
                for condition, _ in expression.branches:
                    self._expect(condition, "BOOLEAN")
                values = [value for _, value in expression.branches]
                return self._same([*values, *([expression.otherwise] if expression.otherwise else [])], "CASE")
            case r.Function(name="abs", arguments=arguments):
                return self._arithmetic(arguments[0], arguments[0])
            case r.Function(name="year" | "month" as name, arguments=arguments):
                self._expect_grid(arguments[0], name)
                return "INTEGER"
            case r.Function(name="date_trunc", arguments=(unit, value)):
                self._expect_grid(value, str(unit.value) if isinstance(unit, r.Literal) else "")
                return "DATE"
            case r.Window():
                return self._window(expression)
            case r.Function(name=name, arguments=arguments):
                return self._same(list(arguments), name)
            case r.Aggregate():
                return self._aggregate(expression)

    def _type_of_column(self, ref: r.ColumnRef) -> r.ValueType:
        if ref.source not in self._derived:
            return self._granted[ref].type
        if ref not in self._types:
            self._types[ref] = self.type_of(self._derived[ref.source].projection(ref.name).expression)
        return self._types[ref]

    def _same(self, expressions: list[r.Expression], name: str) -> r.ValueType:
        types = {self.type_of(e) for e in expressions}
        if len(types) != 1 or types <= {"UUID"}:
            raise BadInput("type-mismatch", operator=name)
        return types.pop()

    def _aggregate(self, aggregate: r.Aggregate) -> r.ValueType:
        if aggregate.where is not None:
            self._expect(aggregate.where, "BOOLEAN")
        if aggregate.argument is None:
            return "INTEGER"
        argument = self.type_of(aggregate.argument)
        if aggregate.name == "count":
            return "INTEGER"
        if aggregate.name == "only":
            return argument
        takes, makes = _AGGREGATED[aggregate.name]
        if argument not in takes:
            raise BadInput("type-mismatch", operator=aggregate.name)
        return makes or argument

    def _arithmetic(self, left: r.Expression, right: r.Expression) -> r.ValueType:
        types = {self.type_of(left), self.type_of(right)}
        if not types <= set(self._numbers):
            raise BadInput("type-expected", type="INTEGER")
        return "DOUBLE" if "DOUBLE" in types else "INTEGER"

    def _window(self, window: r.Window) -> r.ValueType:
        for part in (*window.partition, *(key for key, _ in window.order)):
            self.type_of(part)
        types = [self.type_of(argument) for argument in window.arguments]
        if window.name in ("lag", "lead"):
            return types[0]
        if window.name == "ntile":
            self._expect(window.arguments[0], "INTEGER")
        if window.name in ("sum", "avg", "min", "max") and (types[0] not in ("INTEGER", "DOUBLE", "DATE")):
            raise BadInput("type-mismatch", operator=window.name)
        if (window.name == "sum" and types[0] != "INTEGER") or (window.name == "avg" and types[0] == "DATE"):
            raise BadInput("type-mismatch", operator=window.name)
        if window.name == "avg":
            return "DOUBLE"
        return types[0] if window.name in ("sum", "min", "max") else "INTEGER"

    def _expect_grid(self, value: r.Expression, unit: str) -> None:
        """A date of which the unit is known: on a grid of years there are no months."""
        self._expect(value, "DATE")
        column = self.generalised(value)
        if column is None or column.form.kind != "year":
            return
        if unit != "year" or year_borders(column.form)[0] != "01-01":  # a part may lie in two years
            raise BadInput("grid-unit", dataset=column.dataset, column=column.column.name, unit=unit)

    def _expect(self, expression: r.Expression, wanted: r.ValueType) -> None:
        if self.type_of(expression) != wanted:
            raise BadInput("type-expected", type=wanted)

    def _comparison(self, comparison: r.Comparison) -> r.ValueType:
        left, right = comparison.left, comparison.right
        types = (self.type_of(left), self.type_of(right))
        if types[0] != types[1]:
            raise BadInput("type-mismatch", operator=comparison.operator)
        if comparison.operator not in ("=", "<>") and types[0] not in _ORDERED:
            raise BadInput("type-not-ordered", type=types[0])
        self._on_grid(left, comparison.operator, right)
        self._on_grid(right, _MIRRORED[comparison.operator], left)
        return "BOOLEAN"

    def _on_grid(self, value: r.Expression, operator: str, other: r.Expression) -> None:
        column = self.generalised(value)
        if column is None:
            return
        if isinstance(other, r.ColumnRef) and other in self._constants:
            for brought in self._constants[other]:
                self._on_grid(value, operator, brought)
            return
        if not isinstance(other, r.Literal | r.Parameter):
            against = self.generalised(other)
            if against is None or _grid(against.form) != _grid(column.form):
                raise BadInput("grid-other-column", dataset=column.dataset, column=column.column.name)
            return
        constant = other.value if isinstance(other, r.Literal) else self._parameters[other.name]
        if column.form.kind == "band":
            if constant not in band_labels(column.form.edges):
                raise BadInput("grid-band-label", dataset=column.dataset, column=column.column.name)
        elif operator not in self._on_a_grid or not _is_grid_point(constant, column.form):
            raise BadInput(
                "grid-point",
                dataset=column.dataset,
                column=column.column.name,
                form=column.form.kind,
                points="*-01" if column.form.kind == "year_month" else ", ".join(year_borders(column.form)),
            )

    def generalised(self, expression: r.Expression) -> GrantedColumn | None:
        """The generalised or banded column whose values an expression hands on, if any."""
        match expression:
            case r.ColumnRef():
                return self._generalised_column(expression)
            case r.Aggregate(name="min" | "max", argument=argument) if argument is not None:
                return self.generalised(argument)
            case r.Function(name="year" | "month"):
                return None
            case r.Case() | r.Function():
                return next((g for part in r.operands(expression) if (g := self.generalised(part))), None)
            case _:
                return None

    def _generalised_column(self, ref: r.ColumnRef) -> GrantedColumn | None:
        if ref.source not in self._derived:
            column = self._granted[ref]
            return column if column.form.kind in (*GENERALISED, "band") else None
        if ref not in self._grids:
            self._grids[ref] = self.generalised(self._derived[ref.source].projection(ref.name).expression)
        return self._grids[ref]


_MIRRORED: Mapping[str, str] = {"=": "=", "<>": "<>", "<": ">", ">": "<", "<=": ">=", ">=": "<="}


def _grid(form: Form) -> tuple[object, ...]:
    return form.kind, form.edges, form.borders


def _is_grid_point(constant: r.Constant, form: Form) -> bool:
    if not isinstance(constant, date):
        return False
    return constant.day == 1 if form.kind == "year_month" else constant.strftime("%m-%d") in year_borders(form)
