"""Rows that meet a condition: a UCAST tree evaluated over Arrow columns with SQL's three-valued logic.

Types are strict. A date column compares with an ISO date, an integer column with an integer (a boolean is none), text
with text, boolean with boolean. What does not fit is an error and never a silent *false*: a comparison that is always
false would drop rows, or let them pass under ``not``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeAlias

import pyarrow as pa

from governance.conditions import CompoundCondition, Condition, FieldCondition, FieldOperator, Scalar
from governance.errors import BadInput
from masking.arrow_types import Values, pc, whole

Mask: TypeAlias = "pa.Array[Any]"

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INT64 = range(-(2**63), 2**63)

_COMPARISONS: Mapping[FieldOperator, Callable[[Any, Any], Any]] = {
    "eq": pc.equal,
    "ne": pc.not_equal,
    "lt": pc.less,
    "le": pc.less_equal,
    "gt": pc.greater,
    "ge": pc.greater_equal,
}


def evaluate(condition: Condition, columns: Mapping[str, Values], *, rows: int, dataset: str) -> Mask:
    """Whether each row meets the condition: true, false, or null where SQL says unknown.

    Args:
        condition: what is asked; its fields are names of ``columns``.
        columns: the columns that the condition may read, all of ``rows`` values.
        rows: number of rows, for conditions that read no column.
        dataset: for the message of an error.

    Raises:
        BadInput: a field is not among the columns, or a constant does not have exactly the column's type.
    """
    if isinstance(condition, FieldCondition):
        return _compare(condition, columns, dataset=dataset)
    return _combine(condition, columns, rows=rows, dataset=dataset)


def rows_meeting(condition: Condition, columns: Mapping[str, Values], *, rows: int, dataset: str) -> Mask:
    """A mask without nulls: true where the condition is true; *unknown* is not true.

    Raises:
        BadInput: as :func:`evaluate`.
    """
    return whole(pc.fill_null(evaluate(condition, columns, rows=rows, dataset=dataset), False))


def _combine(condition: CompoundCondition, columns: Mapping[str, Values], *, rows: int, dataset: str) -> Mask:
    parts = [evaluate(part, columns, rows=rows, dataset=dataset) for part in condition.value]
    if condition.operator == "not":
        return whole(pc.invert(parts[0]))
    conjunction = condition.operator == "and"
    # The empty conjunction is true and the empty disjunction false, as governance.conditions defines them.
    answer: Mask = pa.repeat(pa.scalar(conjunction), rows)
    combine = pc.and_kleene if conjunction else pc.or_kleene
    for part in parts:
        answer = whole(combine(answer, part))
    return answer


def _compare(condition: FieldCondition, columns: Mapping[str, Values], *, dataset: str) -> Mask:
    if condition.field not in columns:
        raise BadInput("mask-condition-field", dataset=dataset, column=condition.field)
    values = whole(columns[condition.field])
    if condition.operator == "is_null":
        nulls = whole(pc.is_null(values))
        return nulls if condition.value is True else whole(pc.invert(nulls))
    if condition.operator == "in" and isinstance(condition.value, tuple):
        return _is_in(values, condition, dataset=dataset)
    if isinstance(condition.value, tuple):
        raise BadInput("condition-value-shape", operator=condition.operator, field=condition.field)
    constant = _constant(condition.value, values.type, dataset=dataset, column=condition.field)
    if pa.types.is_boolean(values.type):
        # Arrow has no order for booleans; SQL's is false < true.
        values, constant = values.cast(pa.int8()), constant.cast(pa.int8())
    return whole(_COMPARISONS[condition.operator](values, constant))


def _is_in(values: pa.Array[Any], condition: FieldCondition, *, dataset: str) -> Mask:
    listed = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    constants = [_constant(value, values.type, dataset=dataset, column=condition.field) for value in listed]
    if not constants:
        return pa.repeat(pa.scalar(False), len(values))
    found = pc.is_in(values, value_set=pa.array([c.as_py() for c in constants], type=values.type))
    # NULL IN (…) is unknown, where Arrow says false.
    return whole(pc.if_else(pc.is_null(values), pa.scalar(None, pa.bool_()), found))


def _constant(value: Scalar, column_type: pa.DataType, *, dataset: str, column: str) -> pa.Scalar[Any]:
    if pa.types.is_boolean(column_type) and isinstance(value, bool):
        return pa.scalar(value)
    if pa.types.is_int64(column_type) and isinstance(value, int) and not isinstance(value, bool) and value in _INT64:
        return pa.scalar(value, pa.int64())
    if pa.types.is_string(column_type) and isinstance(value, str) and _encodable(value):
        return pa.scalar(value, pa.string())
    if pa.types.is_date32(column_type) and isinstance(value, str) and (day := _iso_date(value)) is not None:
        return pa.scalar(day, pa.date32())
    # Pseudonyms end here too: a query knows none, so it has nothing to compare one with.
    raise BadInput("mask-condition-type", dataset=dataset, column=column, expected=_type_name(column_type))


def _iso_date(text: str) -> date | None:
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _type_name(column_type: pa.DataType) -> str:
    names = {pa.bool_(): "true/false", pa.int64(): "integer", pa.string(): "text", pa.date32(): "YYYY-MM-DD"}
    return names.get(column_type, "none")
