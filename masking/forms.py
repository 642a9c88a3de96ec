"""A column in its granted form: what a department does to values before they leave it (別表2).

Pseudonyms are the one form that is not made here: they need a key, and keys are the departments' side's alone
(:mod:`masking.keys`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from governance.errors import BadInput, Fault
from governance.forms import ColumnType, Form, FormKind, year_borders
from masking import date_forms, value_forms
from masking.arrow_types import HELD_TYPES, Values, pc, whole
from masking.conditions import evaluate

_FITS: Mapping[FormKind, tuple[ColumnType, ...]] = {
    "flag": ("text", "integer", "date", "boolean"),
    "ordinal": ("text",),
    "count": ("integer",),
    "band": ("integer",),
    "year": ("date",),
    "year_month": ("date",),
    "grade": ("date",),
    "town": ("text",),
    "raw": ("text", "integer", "decimal", "date", "boolean"),
    "match": ("text", "integer", "date", "boolean"),
}


def check_form(form: Form, column_type: ColumnType, *, dataset: str, column: str) -> None:
    """Refuse a form that does not exist for the column's type; ``pseudonym`` is any column's that has a kind of key.

    Raises:
        BadInput: the form does not fit.
    """
    if form.kind != "pseudonym" and column_type not in _FITS[form.kind]:
        raise BadInput("mask-form-type", dataset=dataset, column=column, form=form.kind, type=column_type)


def apply_form(
    values: Values, form: Form, *, column_type: ColumnType, as_of: date, dataset: str, column: str
) -> pa.Array[Any]:
    """The values in the form, with exactly the Arrow type of the form; null stays null.

    Args:
        values: the holder's values, of the Arrow type of ``column_type``.
        form: any form but ``pseudonym``.
        column_type: declared type of the column.
        as_of: the date that grades are computed for.
        dataset: for the message of an error.
        column: for the message of an error.

    Raises:
        BadInput: the form does not fit the type, or a code is outside the declared order.
        Fault: the values are not of the declared type, or the form needs a key.
    """
    check_form(form, column_type, dataset=dataset, column=column)
    if form.kind == "pseudonym" or values.type != HELD_TYPES[column_type]:
        raise Fault
    match form.kind:
        case "flag":
            return _flag(values, form, dataset=dataset, column=column)
        case "ordinal":
            return value_forms.ordinal(values, form.order, dataset=dataset, column=column)
        case "count":
            return value_forms.count(values, form.ceiling)
        case "band":
            return value_forms.band(values, form.edges)
        case "year":
            return date_forms.year(values, year_borders(form))
        case "year_month":
            return date_forms.year_month(values)
        case "grade":
            return date_forms.grade(values, as_of=as_of)
        case "town":
            return value_forms.town(values, form.towns, form.strip)
        case "raw" | "match":
            return whole(values)


def _flag(values: Values, form: Form, *, dataset: str, column: str) -> pa.Array[Any]:
    if form.condition is None:
        raise BadInput("form-parameters-incomplete", kind="flag")
    try:
        answer = evaluate(form.condition, {"value": values}, rows=len(values), dataset=dataset)
    except BadInput as error:
        # Inside a flag the field is always called "value"; whoever has to correct the condition needs the column.
        if error.code.startswith("mask-condition"):
            raise BadInput(error.code, **{**error.params, "column": column}) from None
        raise
    if form.null_as is not None:
        answer = whole(pc.fill_null(answer, form.null_as))
    return answer
