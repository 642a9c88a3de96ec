"""Each form, column-wise, equals an obvious per-value reading of it."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.conditions import FieldCondition
from governance.errors import BadInput, Fault
from governance.forms import ColumnType, Form, FormKind, band_labels, form_type
from masking.arrow_types import ARROW_TYPES, HELD_TYPES
from masking.forms import apply_form, check_form

AS_OF = date(2023, 10, 1)

DATES = st.none() | st.dates(min_value=date(1873, 1, 1), max_value=date(2199, 12, 31))
INTEGERS = st.none() | st.integers(min_value=-(10**6), max_value=10**6)
CODES = ("非該当", "要支援1", "要支援2", "要介護1", "要介護5")


def formed(values: list[Any], form: Form, column_type: ColumnType, *, as_of: date = AS_OF) -> list[Any]:
    """The values in the form, having checked the Arrow type of the answer."""
    column = pa.array(values, type=HELD_TYPES[column_type])
    answer = apply_form(column, form, column_type=column_type, as_of=as_of, dataset="clinic.visit", column="c")
    assert answer.type == ARROW_TYPES[form_type(form, column_type)]
    assert len(answer) == len(values)
    chunked = pa.chunked_array([column[:1], column[1:]], type=column.type)
    again = apply_form(chunked, form, column_type=column_type, as_of=as_of, dataset="clinic.visit", column="c")
    assert again.equals(answer)
    return answer.to_pylist()


@given(st.lists(DATES))
def test_year_and_month_are_first_days_on_both_sides_of_1970(days: list[date | None]) -> None:
    """Year and year-month are the first days of the year and of the month, before 1970 too; null stays null."""
    assert formed(days, Form(kind="year"), "date") == [d and d.replace(month=1, day=1) for d in days]
    assert formed(days, Form(kind="year_month"), "date") == [d and d.replace(day=1) for d in days]


BORDERS = st.sampled_from([("04-02",), ("01-01", "04-02"), ("01-31", "02-28", "12-31"), ("01-01",)])


@given(st.lists(DATES, max_size=8), BORDERS, st.integers(1900, 2100))
def test_a_year_in_parts_compares_exactly_at_its_borders(
    days: list[date | None], borders: tuple[str, ...], year: int
) -> None:
    """The form is the last border on or before the day, and no day changes sides of any border."""
    formed_days = formed(days, Form(kind="year", borders=borders), "date")
    for day, part in zip(days, formed_days, strict=True):
        if day is None:
            assert part is None
            continue
        around = [date.fromisoformat(f"{y}-{border}") for y in (day.year - 1, day.year) for border in borders]
        assert part == max(first for first in around if first <= day)
        for border in borders:
            point = date.fromisoformat(f"{year}-{border}")
            assert (part >= point) == (day >= point)


@pytest.mark.parametrize(
    "borders",
    [
        ("04-02", "01-01"), ("04-02", "04-02"), ("02-29",), ("13-01",), ("4-2",), ("x",),
        ("04-01", "04-02"), ("01-01", "01-28"), ("01-01", "12-31"),
    ],
)  # fmt: skip
def test_borders_are_days_of_every_year_in_order(borders: tuple[str, ...]) -> None:
    """A border that some year does not have, another order, or a part shorter than a month makes no form."""
    with pytest.raises(BadInput) as refusal:
        Form(kind="year", borders=borders)
    assert refusal.value.code == "form-parameters-incomplete"


def grade_of(born: date, as_of: date) -> int:
    """The grade, by looking for the one whose window of birth dates holds the day."""
    fiscal = as_of.year if (as_of.month, as_of.day) >= (4, 1) else as_of.year - 1
    for number in range(-400, 400):
        if date(fiscal - 6 - number, 4, 2) <= born <= date(fiscal - 5 - number, 4, 1):
            return number
    raise AssertionError(born)


@given(st.lists(DATES, max_size=8), st.dates(min_value=date(2000, 1, 1), max_value=date(2050, 12, 31)))
def test_grade_is_that_of_the_window_that_holds_the_birth_date(days: list[date | None], as_of: date) -> None:
    """Grade 1 is born from 2 April seven years before the fiscal year to 1 April six years before it, and so on."""
    assert formed(days, Form(kind="grade"), "date", as_of=as_of) == [d and grade_of(d, as_of) for d in days]


@pytest.mark.parametrize(
    ("born", "as_of", "expected"),
    [
        (date(2016, 4, 2), date(2023, 4, 1), 1),
        (date(2017, 4, 1), date(2023, 10, 1), 1),
        (date(2016, 4, 1), date(2023, 10, 1), 2),
        (date(2017, 4, 2), date(2023, 10, 1), 0),
        (date(2016, 4, 2), date(2023, 3, 31), 0),
        (date(2016, 2, 29), date(2024, 2, 29), 2),
        (date(2005, 4, 2), date(2023, 10, 1), 12),
        (date(2005, 4, 1), date(2023, 10, 1), 13),
        (date(1958, 4, 1), date(2023, 10, 1), 60),
    ],
)
def test_grade_changes_on_the_second_of_april(born: date, as_of: date, expected: int) -> None:
    """A person born on 1 April goes with the older ones; outside 1 to 12 the number goes on."""
    assert formed([born], Form(kind="grade"), "date", as_of=as_of) == [expected]


@given(st.lists(INTEGERS), st.lists(st.integers(-1000, 1000), min_size=1, max_size=6, unique=True).map(sorted))
def test_a_band_is_the_label_between_two_edges(numbers: list[int | None], edges: list[int]) -> None:
    """A number carries the label of the highest edge that it reaches, or of the place below the first."""
    labels = band_labels(tuple(edges))
    expected = [None if n is None else labels[sum(edge <= n for edge in edges)] for n in numbers]
    assert formed(numbers, Form(kind="band", edges=tuple(edges)), "integer") == expected


@given(st.lists(INTEGERS), st.none() | st.integers(0, 100))
def test_a_count_stops_at_its_ceiling(numbers: list[int | None], ceiling: int | None) -> None:
    """Counts above the ceiling are the ceiling; without one they are as they are."""
    expected = [n if n is None or ceiling is None else min(n, ceiling) for n in numbers]
    assert formed(numbers, Form(kind="count", ceiling=ceiling), "integer") == expected


@given(st.lists(st.none() | st.sampled_from(CODES)))
def test_an_ordinal_is_the_position_in_the_order(codes: list[str | None]) -> None:
    """A code is its position from 0."""
    expected = [None if c is None else CODES.index(c) for c in codes]
    assert formed(codes, Form(kind="ordinal", order=CODES), "text") == expected


def test_an_unknown_code_fails_the_scan_and_is_not_shown() -> None:
    """A code outside the order is refused by dataset and column; neither text nor context holds the code."""
    with pytest.raises(BadInput) as caught:
        formed(["要支援1", "CANARY-7F"], Form(kind="ordinal", order=CODES), "text")
    assert caught.value.code == "mask-code-unknown"
    assert caught.value.params == {"dataset": "clinic.visit", "column": "c"}
    assert "CANARY" not in str(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


TOWNS = ("田中町", "田中", "中神町", "つつじが丘", "ﾀﾏ町", "玉川町")
PREFIXES = ("東京都", "昭和市", "東京")


def town_of(address: str, towns: tuple[str, ...], strip: tuple[str, ...]) -> str | None:
    """The town, by taking prefixes off one at a time and trying all towns."""

    def folded(text: str) -> str:
        return "".join(unicodedata.normalize("NFKC", text).split())

    rest = folded(address)
    while prefixes := [folded(p) for p in strip if rest.startswith(folded(p))]:
        rest = rest.removeprefix(max(prefixes, key=len))
    return max((t for t in towns if rest.startswith(folded(t))), key=len, default=None)


@given(
    st.lists(
        st.none()
        | st.lists(
            st.sampled_from([*TOWNS, *PREFIXES, "　", " ", "1丁目", "１７－１", "タマ町", "神奈川県"]), max_size=5
        ).map("".join),
        max_size=10,
    )
)
def test_a_town_is_the_longest_that_the_address_begins_with(addresses: list[str | None]) -> None:
    """Prefixes go first, then the longest declared town stands for the address; no town is null."""
    expected = [None if a is None else town_of(a, TOWNS, PREFIXES) for a in addresses]
    assert formed(addresses, Form(kind="town", towns=TOWNS, strip=PREFIXES), "text") == expected


def test_a_town_form_reveals_nothing_of_the_rest() -> None:
    """Lot numbers, buildings and unlisted towns do not leave."""
    form = Form(kind="town", towns=("田中町", ""), strip=("東京都昭和市", ""))
    addresses = ["東京都昭和市田中町１丁目１７－１ ハイツ２０３", "東京都昭和市美堀町2-3", "", None]
    assert formed(addresses, form, "text") == ["田中町", None, None, None]
    assert formed(addresses, Form(kind="town", towns=("",)), "text") == [None] * 4


@pytest.mark.parametrize(
    ("null_as", "expected"), [(None, [True, False, None]), (False, [True, False, False]), (True, [True, False, True])]
)
def test_a_flag_is_its_condition_and_unknown_becomes_what_is_declared(
    null_as: bool | None, expected: list[bool | None]
) -> None:
    """The condition decides; an unknown answer stays null unless the form says what it becomes."""
    form = Form(kind="flag", condition=FieldCondition(operator="ge", field="value", value=3), null_as=null_as)
    assert formed([3, 2, None], form, "integer") == expected


def test_a_flag_on_presence_knows_its_answer_for_null() -> None:
    """Where the condition itself asks for null there is nothing unknown, and null_as changes nothing."""
    form = Form(kind="flag", condition=FieldCondition(operator="is_null", field="value", value=False), null_as=True)
    assert formed(["訪問介護", None], form, "text") == [True, False]


def test_a_flag_whose_constant_has_another_type_names_the_column() -> None:
    """The message says which column's flag is wrong, not the inner name of its field."""
    form = Form(kind="flag", condition=FieldCondition(operator="eq", field="value", value="1"))
    with pytest.raises(BadInput) as caught:
        formed([1], form, "integer")
    assert (caught.value.code, caught.value.params["column"]) == ("mask-condition-type", "c")


@given(st.lists(st.none() | st.text()), st.lists(INTEGERS), st.lists(DATES), st.lists(st.none() | st.booleans()))
def test_raw_and_match_are_the_values_as_they_are(
    texts: list[str | None], numbers: list[int | None], days: list[date | None], marks: list[bool | None]
) -> None:
    """Raw and match change nothing."""
    for form in (Form(kind="raw"), Form(kind="match", leaves=False)):
        assert formed(texts, form, "text") == texts
        assert formed(numbers, form, "integer") == numbers
        assert formed(days, form, "date") == days
        assert formed(marks, form, "boolean") == marks


FORMS: dict[FormKind, Form] = {
    "flag": Form(kind="flag", condition=FieldCondition(operator="is_null", field="value", value=True)),
    "ordinal": Form(kind="ordinal", order=("a",)),
    "count": Form(kind="count"),
    "band": Form(kind="band", edges=(0,)),
    "year": Form(kind="year"),
    "year_month": Form(kind="year_month"),
    "grade": Form(kind="grade"),
    "town": Form(kind="town", towns=("田中町",)),
    "raw": Form(kind="raw"),
    "match": Form(kind="match", leaves=False),
}
FITTING = {
    "text": {"flag", "ordinal", "town", "raw", "match"},
    "integer": {"flag", "count", "band", "raw", "match"},
    "date": {"flag", "year", "year_month", "grade", "raw", "match"},
    "boolean": {"flag", "raw", "match"},
}


@pytest.mark.parametrize("kind", FORMS)
@pytest.mark.parametrize("column_type", FITTING)
def test_a_form_exists_for_its_types_only(kind: FormKind, column_type: ColumnType) -> None:
    """A form that does not fit a column's type is refused, for an empty column too."""
    if kind in FITTING[column_type]:
        check_form(FORMS[kind], column_type, dataset="clinic.visit", column="c")
        assert formed([None, None], FORMS[kind], column_type)[0] in (None, True)
    else:
        with pytest.raises(BadInput) as caught:
            formed([], FORMS[kind], column_type)
        assert caught.value.code == "mask-form-type"


def test_a_column_that_is_not_of_its_declared_type_is_a_fault() -> None:
    """Values of another Arrow type than declared never pass through a form."""
    with pytest.raises(Fault):
        apply_form(
            pa.array(["1"]), Form(kind="raw"), column_type="integer", as_of=AS_OF, dataset="clinic.visit", column="c"
        )


def test_a_pseudonym_is_not_made_without_a_key() -> None:
    """Asked for a pseudonym, the keyless forms fail instead of passing the identifier on."""
    with pytest.raises(Fault):
        apply_form(
            pa.array(["1"]), Form(kind="pseudonym"), column_type="text", as_of=AS_OF, dataset="clinic.visit", column="c"
        )
