"""A condition over columns answers like SQL's three-valued logic, value by value, and refuses other types."""

from __future__ import annotations

import operator
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.conditions import ALWAYS, CompoundCondition, Condition, FieldCondition, parse_condition
from governance.errors import BadInput
from masking.conditions import evaluate, rows_meeting

TYPES = {"t": pa.string(), "n": pa.int64(), "d": pa.date32(), "b": pa.bool_()}
CONSTANTS: dict[str, st.SearchStrategy[Any]] = {
    "t": st.sampled_from(["", "a", "b", "𠮷", "髙"]),
    "n": st.integers(-3, 3),
    "d": st.dates(date(1969, 12, 30), date(1970, 1, 3)).map(date.isoformat),
    "b": st.booleans(),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "t": st.none() | CONSTANTS["t"],
    "n": st.none() | CONSTANTS["n"],
    "d": st.none() | st.dates(date(1969, 12, 30), date(1970, 1, 3)),
    "b": st.none() | st.booleans(),
}
OPERATORS = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


@st.composite
def comparisons(draw: st.DrawFn) -> FieldCondition:
    """A comparison of one of the four columns with a constant of its type."""
    field = draw(st.sampled_from(sorted(TYPES)))
    kind: Any = draw(st.sampled_from([*OPERATORS, "in", "is_null"]))
    if kind == "is_null":
        return FieldCondition(operator=kind, field=field, value=draw(st.booleans()))
    if kind == "in":
        return FieldCondition(operator=kind, field=field, value=tuple(draw(st.lists(CONSTANTS[field], max_size=3))))
    return FieldCondition(operator=kind, field=field, value=draw(CONSTANTS[field]))


def compounds(parts: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """and, or, not over conditions."""
    listed = st.builds(
        lambda kind, value: CompoundCondition(operator=kind, value=tuple(value)),
        st.sampled_from(["and", "or"]),
        st.lists(parts, max_size=3),
    )
    return listed | parts.map(lambda part: CompoundCondition(operator="not", value=(part,)))


CONDITIONS = st.recursive(comparisons(), compounds, max_leaves=8)
ROWS = st.lists(st.fixed_dictionaries(VALUES), max_size=6)


def truth(condition: Condition, row: dict[str, Any]) -> bool | None:
    """SQL's answer for one row, written out."""
    if isinstance(condition, CompoundCondition):
        parts = [truth(part, row) for part in condition.value]
        if condition.operator == "not":
            return None if parts[0] is None else not parts[0]
        decisive = condition.operator == "or"
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    value, constant = row[condition.field], condition.value
    if condition.operator == "is_null":
        return (value is None) == constant
    if condition.operator == "in":
        listed = [read(c, condition.field) for c in constant] if isinstance(constant, tuple) else []
        return (None if value is None else value in listed) if listed else False
    return None if value is None else bool(OPERATORS[condition.operator](value, read(constant, condition.field)))


def read(constant: Any, field: str) -> Any:
    """A constant as the value that it stands for."""
    return date.fromisoformat(constant) if field == "d" else constant


def columns(rows: list[dict[str, Any]]) -> dict[str, pa.Array[Any]]:
    """The rows as columns."""
    return {name: pa.array([row[name] for row in rows], type=kind) for name, kind in TYPES.items()}


@given(CONDITIONS, ROWS)
def test_a_condition_is_sql_s_answer_row_by_row(condition: Condition, rows: list[dict[str, Any]]) -> None:
    """True, false and unknown fall as SQL's tables of truth say; a row passes where the answer is true."""
    expected = [truth(condition, row) for row in rows]
    assert evaluate(condition, columns(rows), rows=len(rows), dataset="clinic.visit").to_pylist() == expected
    mask = rows_meeting(condition, columns(rows), rows=len(rows), dataset="clinic.visit")
    assert mask.to_pylist() == [answer is True for answer in expected]


@given(CONDITIONS, ROWS)
def test_a_condition_survives_its_json(condition: Condition, rows: list[dict[str, Any]]) -> None:
    """A condition that travelled as UCAST means the same to the side that evaluates it."""
    again = parse_condition(condition.to_json())
    before = evaluate(condition, columns(rows), rows=len(rows), dataset="clinic.visit")
    assert evaluate(again, columns(rows), rows=len(rows), dataset="clinic.visit").equals(before)


@given(st.lists(st.dictionaries(st.sampled_from("tndb"), st.none()), max_size=3))
def test_the_empty_condition_passes_every_row_and_the_empty_choice_none(rows: list[dict[str, Any]]) -> None:
    """No condition is true for all rows, no alternative for none, without any column."""
    assert rows_meeting(ALWAYS, {}, rows=len(rows), dataset="clinic.visit").to_pylist() == [True] * len(rows)
    nothing = CompoundCondition(operator="or", value=())
    assert rows_meeting(nothing, {}, rows=len(rows), dataset="clinic.visit").to_pylist() == [False] * len(rows)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("t", 1),
        ("t", True),
        ("n", "1"),
        ("n", True),
        ("n", 2**63),
        ("d", "2023/04/01"),
        ("d", "20230401"),
        ("d", "2023-W01-1"),
        ("d", "2023-02-30"),
        ("d", 20230401),
        ("b", 1),
        ("b", "true"),
        ("u", "00000000-0000-0000-0000-000000000000"),
        ("t", "\ud800"),
    ],
)
@pytest.mark.parametrize("kind", ["eq", "lt", "in"])
def test_a_constant_of_another_type_is_refused(field: str, value: Any, kind: Any) -> None:
    """Nothing is converted: a constant that is not exactly of the column's type is an error, and no parameter shows it."""
    table = {**columns([]), "u": pa.array([], type=pa.uuid())}
    condition = FieldCondition(operator=kind, field=field, value=(value,) if kind == "in" else value)
    with pytest.raises(BadInput) as caught:
        evaluate(condition, table, rows=0, dataset="clinic.visit")
    assert caught.value.code == "mask-condition-type"
    assert set(caught.value.params) == {"dataset", "column", "expected"}


def test_a_pseudonym_can_be_asked_for_null_only() -> None:
    """Presence is all that a condition may ask of a pseudonym."""
    column = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([b"0" * 16, None], type=pa.binary(16)))
    condition = FieldCondition(operator="is_null", field="u", value=True)
    assert evaluate(condition, {"u": column}, rows=2, dataset="clinic.visit").to_pylist() == [False, True]


def test_a_field_that_is_not_among_the_columns_is_refused() -> None:
    """A condition cannot reach a column that it was not given."""
    condition = FieldCondition(operator="is_null", field="name", value=False)
    with pytest.raises(BadInput) as caught:
        evaluate(condition, columns([]), rows=0, dataset="clinic.visit")
    assert caught.value.code == "mask-condition-field"
