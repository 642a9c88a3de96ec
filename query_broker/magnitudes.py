"""Arithmetic that cannot fail on anybody's data.

The engine ends a query on an overflow and on a division by zero. Whether that happens would depend on a single row: the
refusal would answer a question about a person. So the largest value of each integer is known before anything runs, and
what divides is a constant.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from governance.errors import BadInput
from governance.forms import Form
from query_broker import relational as r
from query_broker.granted import GrantedColumn

VALUE = 2**31
"""Largest absolute value that a column is taken to hold."""
ROWS = 2**26
"""Most rows that one aggregate is taken to run over."""

_ENGINE_INTEGER = 2**31
_ENGINE_BIGINT = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Magnitude:
    """Bound of the absolute value of an integer.

    Attributes:
        value: for a sum, the bound of one summand.
        sums: how often the number of rows multiplies it.
        wide: whether the engine computes it in 64 bits; constants alone it computes in 32.
    """

    value: int
    sums: int = 0
    wide: bool = True

    @property
    def fits(self) -> bool:
        """Whether the engine can hold it."""
        largest: int = self.value * ROWS**self.sums
        return largest < (_ENGINE_BIGINT if self.wide else _ENGINE_INTEGER)


_ANY = Magnitude(value=VALUE)


def check_magnitudes(
    select: r.Select, granted: Mapping[r.ColumnRef, GrantedColumn], parameters: Mapping[str, r.Constant]
) -> None:
    """Refuse arithmetic that could fail.

    Raises:
        BadInput: a divisor that is no constant or zero, or a result that may be too large.
    """
    Magnitudes(select, granted, parameters).check()


class Magnitudes:
    """The bounds of one query's integers.

    Args:
        known: bounds of table columns that their forms do not tell.
    """

    def __init__(
        self,
        select: r.Select,
        granted: Mapping[r.ColumnRef, GrantedColumn],
        parameters: Mapping[str, r.Constant],
        *,
        known: Mapping[r.ColumnRef, Magnitude] | None = None,
    ) -> None:
        self._select = select
        self._granted = granted
        self._parameters = parameters
        self._derived = {
            joined.source.id: joined.source.query
            for scope in r.scopes_in(select)
            for joined in scope.sources
            if isinstance(joined.source, r.Derived)
        }
        self._columns: dict[r.ColumnRef, Magnitude] = dict(known or {})

    def check(self) -> None:
        """Bound every expression that could fail.

        Raises:
            BadInput: as `check_magnitudes`.
        """
        for scope in r.scopes_in(self._select):
            for expression in r.scope_expressions(scope):
                for part in r.walk(expression):
                    sums = isinstance(part, r.Aggregate | r.Window) and part.name == "sum"
                    if isinstance(part, r.Arithmetic) or sums:
                        self.of(part)

    def of(self, expression: r.Expression) -> Magnitude:
        """The bound of an integer expression; of another, something that says nothing.

        Raises:
            BadInput: it may be too large for the engine, or it divides by what may be zero.
        """
        found = self._of(expression)
        if not found.fits:
            raise BadInput("sql-magnitude")
        return found

    def _of(self, expression: r.Expression) -> Magnitude:
        match expression:
            case r.ColumnRef():
                return self._of_column(expression)
            case r.Literal() | r.Parameter():
                return Magnitude(value=abs(self._constant(expression) or 0), wide=False)
            case r.Arithmetic():
                return self._of_arithmetic(expression)
            case r.Case(branches=branches, otherwise=otherwise):
                values = [value for _, value in branches]
                return self._largest([*values, *([otherwise] if otherwise is not None else [])])
            case r.Function(name="year" | "month"):
                return Magnitude(value=9_999)
            case r.Function(name="date_trunc"):
                return _ANY
            case r.Function(arguments=arguments):
                return self._largest(arguments)
            case r.Window(name="sum", arguments=(argument,)):
                inner = self.of(argument)
                return Magnitude(value=inner.value, sums=inner.sums + 1)
            case r.Window(name="avg" | "min" | "max" | "lag" | "lead", arguments=(argument,)):
                return self.of(argument)
            case r.Window():
                return Magnitude(value=1, sums=1)
            case r.Aggregate(name="count"):
                return Magnitude(value=1, sums=1)
            case r.Aggregate(name="sum", argument=argument) if argument is not None:
                inner = self.of(argument)
                return Magnitude(value=inner.value, sums=max(1, inner.sums))
            case r.Aggregate(argument=argument) if argument is not None:
                return self.of(argument)
            case _:
                return _ANY

    def _of_column(self, ref: r.ColumnRef) -> Magnitude:
        if ref not in self._columns:
            if ref.source in self._derived:
                self._columns[ref] = self.of(self._derived[ref.source].projection(ref.name).expression)
            else:
                self._columns[ref] = _of_form(self._granted[ref].form)
        return self._columns[ref]

    def _of_arithmetic(self, arithmetic: r.Arithmetic) -> Magnitude:
        left, right = self.of(arithmetic.left), self.of(arithmetic.right)
        wide = left.wide or right.wide
        if arithmetic.operator in ("//", "%"):
            if not self._constant(arithmetic.right):
                raise BadInput("sql-divisor")
            return replace(left, wide=wide)
        if arithmetic.operator == "*":
            return Magnitude(value=left.value * right.value, sums=left.sums + right.sums, wide=wide)
        return Magnitude(value=left.value + right.value, sums=max(left.sums, right.sums), wide=wide)

    def _largest(self, expressions: Sequence[r.Expression]) -> Magnitude:
        found = [self.of(expression) for expression in expressions]
        return Magnitude(
            value=max(m.value for m in found), sums=max(m.sums for m in found), wide=any(m.wide for m in found)
        )

    def _constant(self, expression: r.Expression) -> int | None:
        """The value of a whole number that the query or a parameter gives; ``None`` for everything else."""
        match expression:
            case r.Literal(value=value):
                return value if isinstance(value, int) else None
            case r.Parameter(name=name):
                value = self._parameters[name]
                return value if isinstance(value, int) else None
            case _:
                return None


def _of_form(form: Form) -> Magnitude:
    if form.kind == "ordinal":
        return Magnitude(value=len(form.order))
    if form.kind == "count" and form.ceiling is not None:
        return Magnitude(value=form.ceiling)
    return _ANY
