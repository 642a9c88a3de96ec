"""Typed values: what people type is read as its declared type, or refused without being repeated."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.approvals import ParameterType, TemplateParameter
from governance.errors import BadInput
from sekisho.typed_values import read_day, read_parameters


def parameter(name: str, kind: ParameterType) -> TemplateParameter:
    return TemplateParameter(name=name, type=kind, personal=False, label_ja="", label_en="")


DECLARED = {
    "month": parameter("month", "integer"),
    "since": parameter("since", "date"),
    "town": parameter("town", "text"),
    "served": parameter("served", "boolean"),
}


def test_values_are_read_as_their_declared_type() -> None:
    """Each text becomes the type that the template declares, whatever it looks like."""
    values = read_parameters(["month=５", "since=R5.10.1", "town=12", "served=false"], declared=DECLARED)
    assert values == {"month": 5, "since": date(2023, 10, 1), "town": "12", "served": False}
    assert {name: type(value) for name, value in values.items()} == {
        "month": int,
        "since": date,
        "town": str,
        "served": bool,
    }


def test_a_text_may_hold_the_sign() -> None:
    """Only the first = separates the name from the value."""
    assert read_parameters(["town=a=b"], declared=DECLARED) == {"town": "a=b"}


@pytest.mark.parametrize(
    ("assignments", "code"),
    [
        (["month"], "parameter-assignment"),
        (["=5"], "parameter-assignment"),
        (["Mönth=5"], "parameter-assignment"),
        (["year=5"], "parameter-unknown"),
        (["month=5", "month=5"], "parameter-twice"),
        (["month=山田"], "parameter-type"),
        (["month="], "parameter-type"),
        (["month=5.5"], "parameter-type"),
        (["served=多分"], "parameter-type"),
        (["since=山田"], "day-notation"),
        (["since=5.10.1"], "day-era-missing"),
        (["since=R5.2.30"], "day-notation"),
        (["since="], "day-notation"),
    ],
)
def test_what_does_not_fit_is_refused(assignments: list[str], code: str) -> None:
    """Each way in which a parameter can be wrong has its code."""
    with pytest.raises(BadInput) as caught:
        read_parameters(assignments, declared=DECLARED)
    assert caught.value.code == code
    for lang in ("ja", "en"):
        assert "山田" not in caught.value.text(lang) + caught.value.remedy(lang)


@pytest.mark.parametrize("text", ["2023-10-01", "2023/10/1", "20231001", "R5.10.1", "令和5年10月1日", "5051001"])
def test_a_day_is_read_in_the_notations_of_staff(text: str) -> None:
    """Western and era notations of the same day are the same day."""
    assert read_day(text, option="--as-of") == date(2023, 10, 1)


@pytest.mark.fuzz
@given(st.text(max_size=40))
def test_only_bad_input_escapes(text: str) -> None:
    """Whatever is typed, the outcome is a value of the declared type or one documented error."""
    for name in DECLARED:
        try:
            value = read_parameters([f"{name}={text}"], declared=DECLARED)[name]
        except BadInput:
            continue
        assert type(value) in {"month": {int}, "since": {date}, "town": {str}, "served": {bool}}[name]
