"""Integers and marks are read as departments write them; missing is never zero."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.notations import NotationError, marks_only_yes, read_boolean, read_decimal, read_integer


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", 0), ("31", 31), ("031", 31), ("３１", 31), (" 31　", 31), ("-3", -3), ("－３", -3), ("−3", -3), ("+3", 3),
        ("1,234", 1234), ("12,345,678", 12345678), ("3.0", 3), ("3.00", 3), (str(2**63 - 1), 2**63 - 1),
        ("", None), ("　", None), ("-", None), ("－", None), ("―", None), ("…", None), ("‥", None), ("×", None),
    ],
)  # fmt: skip
def test_an_integer_is_read_and_a_mark_of_no_figure_is_not_zero(written: str, value: int | None) -> None:
    """Full-width, separators and a fraction of zeros are read; blanks and marks are unknown."""
    assert read_integer(written) == value


@pytest.mark.parametrize(
    ("written", "fault"),
    [
        ("3日", "integer-notation"), ("3.5", "integer-notation"), ("1.23E+14", "integer-notation"), ("1,23", "integer-notation"),
        ("△5", "integer-notation"), ("三", "integer-notation"), ("0x1", "integer-notation"), ("٣", "integer-notation"),
        (str(2**63), "integer-range"), ("9" * 5000, "integer-range"),
    ],
)  # fmt: skip
def test_what_is_no_integer_is_refused(written: str, fault: str) -> None:
    """Units, fractions, exponents and other scripts are refused, with the reason alone."""
    with pytest.raises(NotationError) as caught:
        read_integer(written)
    assert caught.value.args == (fault,)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", "0.00"), ("3.5", "3.50"), ("-0.05", "-0.05"), ("１２．３４", "12.34"), ("1,234.50", "1234.50"),
        ("9,999,999,999,999.99", "9999999999999.99"), ("2.5000", "2.50"), ("", None), ("…", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_with_two_decimals(written: str, value: str | None) -> None:
    """Whatever stands behind the second decimal is zeros; a blank or a mark is unknown."""
    assert read_decimal(written) == (Decimal(value) if value is not None else None)


@pytest.mark.parametrize(
    "written", ["3.555", "1e3", "1,23.5", "十", "3.", ".5", "99999999999999", "１２円", "NaN", "inf"]
)
def test_what_would_have_to_be_rounded_or_guessed_is_no_amount(written: str) -> None:
    """A third decimal, an exponent, a fourteenth digit: refused, never rounded."""
    with pytest.raises(NotationError) as caught:
        read_decimal(written)
    assert caught.value.args == ("decimal-notation",)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_is_read_back(number: int) -> None:
    """Plain, with separators, and in full-width figures."""
    full_width = str(number).translate(str.maketrans("0123456789-", "０１２３４５６７８９－"))
    assert [read_integer(w) for w in (str(number), f"{number:,}", full_width)] == [number] * 3


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", True), ("１", True), ("○", True), ("〇", True), ("◯", True), ("有", True), ("あり", True), ("TRUE", True),
        ("0", False), ("０", False), ("無", False), ("なし", False), ("false", False),
        ("", None), ("　", None), ("-", None), ("…", None),
    ],
)  # fmt: skip
def test_a_mark_is_yes_no_or_unknown(written: str, value: bool | None) -> None:
    """The usual marks are read; a blank says nothing by itself."""
    assert read_boolean(written) is value


@pytest.mark.parametrize("written", ["×", "2", "yes", "△", "不明"])
def test_an_ambiguous_mark_is_refused(written: str) -> None:
    """× is "no" on one form and "withheld" on the next."""
    with pytest.raises(NotationError) as caught:
        read_boolean(written)
    assert caught.value.args == ("boolean-notation",)


@pytest.mark.parametrize(
    ("texts", "answer"),
    [(["○", ""], True), ([""], True), ([], True), (["1", "　"], True), (["1", "0"], False), (["○", "-"], False)],
)
def test_a_blank_means_no_only_beside_marks_of_yes(texts: list[str], answer: bool) -> None:
    """Where some row says "no", or "no answer", a blank is not a "no"."""
    assert marks_only_yes(texts) is answer


@pytest.mark.fuzz
@given(st.text() | st.text(alphabet="0123456789,.+-eE×○有無", max_size=25))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Only the documented error escapes either reader."""
    with suppress(NotationError):
        value = read_integer(text)
        assert value is None or -(2**63) <= value < 2**63
    with suppress(NotationError):
        assert read_boolean(text) in {None, True, False}
