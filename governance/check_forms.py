"""Whether a granted form can be made from the column that it is granted for (別表2 against the catalogue).

Whether it *may* be granted is not asked here; that is the policy's question, on every request.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from governance.catalogue import Column
from governance.conditions import CompoundCondition, Condition, FieldCondition, Scalar
from governance.errors import BadInput
from governance.forms import ColumnType, Form, FormKind
from governance.registers import Place

_TYPES: Mapping[FormKind, tuple[ColumnType, ...]] = {
    "ordinal": ("text",),
    "count": ("integer",),
    "band": ("integer",),
    "year": ("date",),
    "year_month": ("date",),
    "grade": ("date",),
    "town": ("text",),
}
"""Types of column that a form can be made from; forms that are not listed take any type."""

_UNORDERED = ("eq", "ne", "in", "is_null")


def form_faults(form: Form, column: Column, *, dataset: str, place: Place) -> Iterator[BadInput]:
    """Every reason why the form cannot be made from the column."""
    types = _TYPES.get(form.kind)
    where: dict[str, str | int] = {"file": place.file, "line": place.line, "dataset": dataset, "column": column.name}
    if types is not None and column.type not in types:
        yield BadInput("form-column-type", **where, form=form.kind, type=column.type, types=", ".join(types))
    if form.kind == "pseudonym" and column.key is None:
        yield BadInput("form-key", **where)
    if form.kind == "ordinal" and sorted(form.order) != sorted(column.codes):
        yield BadInput("form-order-codes", **where)
    if form.condition is not None:
        yield from condition_faults(form.condition, column, dataset=dataset, place=place)


def condition_faults(condition: Condition, column: Column, *, dataset: str, place: Place) -> Iterator[BadInput]:
    """Every reason why a condition over the field ``value`` cannot be asked of the column."""
    where: dict[str, str | int] = {"file": place.file, "line": place.line, "dataset": dataset, "column": column.name}
    for part in _comparisons(condition):
        if part.field != "value":
            yield BadInput("condition-field", **where, field=part.field)
        elif column.type in ("boolean", "text") and part.operator not in _UNORDERED:
            yield BadInput("condition-operator-type", **where, operator=part.operator, type=column.type)
        elif part.operator != "is_null":
            values = part.value if isinstance(part.value, tuple) else (part.value,)
            if not all(_has_type(value, column.type) for value in values):
                yield BadInput("condition-value-type", **where, type=column.type)
            elif column.codes and not set(values) <= set(column.codes):
                yield BadInput("condition-value-code", **where)


def _comparisons(condition: Condition) -> Iterator[FieldCondition]:
    if isinstance(condition, CompoundCondition):
        for part in condition.value:
            yield from _comparisons(part)
    else:
        yield condition


def _has_type(value: Scalar, column_type: ColumnType) -> bool:
    if column_type == "boolean":
        return isinstance(value, bool)
    if column_type == "decimal":
        return False  # no condition of the guideline speaks of persons' amounts with decimals: there are none
    if column_type == "integer":
        return isinstance(value, int) and not isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if column_type == "date":
        try:
            return date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False
    return True
