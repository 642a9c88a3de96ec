"""Derived datasets of the schools, over rows written by hand: months that follow each other, and what was never written."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from governance.catalogue import Catalogue
from tests.reference.holders import Row, derived_rows, one_row

ANNA, BEN = "2023|E01|1", "2023|E01|2"


def month(number: int, year: int = 2023) -> date:
    """The first day of a month of a fiscal year."""
    return date(year + (number < 4), number, 1)


def attended(number: int, absent: int, *, year: int = 2023, **more: Any) -> Row:
    return {
        "pupil": f"{year}|E01|1", "fiscal_year": year, "month": month(number, year), "days_required": 20,
        "absent": absent, **more,
    }  # fmt: skip


def months(catalogue: Catalogue, *rows: Row, as_of: date = date(2023, 10, 1)) -> dict[str, dict[str, Any]]:
    found = derived_rows(catalogue, "school.month", {"school.attendance": rows}, as_of=as_of)
    return {f"{row['month']:%y-%m}": row for row in found}


def test_the_month_before_is_the_one_with_lessons(catalogue: Catalogue) -> None:
    """July comes before September where there are no lessons in August; a gap in the records is no month before."""
    found = months(catalogue, *(attended(n, n) for n in (4, 5, 7, 9)), attended(8, 0, days_required=0))
    assert {name: row["absent_last_month"] for name, row in found.items()} == {
        "23-04": None, "23-05": 4, "23-07": None, "23-09": 7,
    }  # fmt: skip


def test_lessons_in_august_are_a_month_like_another(catalogue: Catalogue) -> None:
    """Where a school has days in August, August comes before September."""
    found = months(catalogue, attended(7, 1), attended(8, 2, days_required=3), attended(9, 3))
    assert [row["absent_last_month"] for row in found.values()] == [None, 1, 2]


def test_march_is_not_before_april(catalogue: Catalogue) -> None:
    """Student numbers change with the year; a month before across it is not known."""
    found = months(catalogue, attended(3, 9, year=2022), attended(4, 1))
    assert found["23-04"]["absent_last_month"] is None
    assert (found["23-03"]["this_year"], found["23-04"]["this_year"]) == (False, True)


def test_the_same_months_of_last_year(catalogue: Catalogue) -> None:
    """Up to the last month on record this year, wherever that is."""
    last = [attended(n, 1, year=2022) for n in (4, 5, 6, 7, 9, 12, 1, 3)]
    found = months(catalogue, *last, attended(4, 0), attended(6, 0))
    assert [name for name, row in found.items() if row["to_date"] and not row["this_year"]] == [
        "22-04", "22-05", "22-06",
    ]  # fmt: skip
    assert all(row["to_date"] for row in found.values() if row["this_year"])


def test_older_years_and_months_to_come_are_not_there(catalogue: Catalogue) -> None:
    """Two fiscal years, up to the day that is asked for."""
    rows = (attended(3, 1, year=2021), attended(4, 1, year=2022), attended(9, 1), attended(11, 1))
    assert list(months(catalogue, *rows)) == ["22-04", "23-09"]


@pytest.mark.parametrize(
    ("late", "early", "sick", "expected"),
    [(1, 2, 3, (3, 2)), (None, 2, 3, (None, 2)), (1, None, None, (None, None)), (0, 0, 0, (0, 5))],
)
def test_a_blank_is_not_a_zero(
    catalogue: Catalogue, late: int | None, early: int | None, sick: int | None, expected: tuple[int | None, ...]
) -> None:
    """Late and early together, and absence without illness, are known only where both parts are written."""
    (row,) = months(catalogue, attended(9, 5, late=late, early=early, absent_sick=sick)).values()
    assert (row["late_early"], row["absent_but_sick"]) == expected


def sheet(number: int, **more: Any) -> Row:
    return {"pupil": ANNA, "fiscal_year": 2023, "month": month(number), **more}


def signs(catalogue: Catalogue, *rows: Row) -> dict[str, Any]:
    return one_row(catalogue, "school.signs", {"school.life": rows})


def test_what_was_noticed_once_was_noticed(catalogue: Catalogue) -> None:
    """True in any month is true; false needs one month where it is written; never written is not known."""
    found = signs(
        catalogue,
        sheet(4, homework_flag=True, supplies_flag=False, unseen_days=3),
        sheet(5, homework_flag=False, supplies_flag=None, unseen_days=None),
        sheet(6, homework_flag=None),
    )
    assert (found["homework_flag"], found["supplies_flag"], found["fee_delay"]) == (True, False, None)
    assert (found["unseen_days"], found["months_recorded"]) == (3, 3)


@pytest.mark.parametrize(
    ("appearance", "weight", "injury", "expected"),
    [
        (False, False, False, False),
        (True, None, None, True),
        (None, None, True, True),
        (False, False, None, None),
        (None, None, None, None),
    ],
)
def test_changes_of_the_body_are_one_answer(
    catalogue: Catalogue, appearance: bool | None, weight: bool | None, injury: bool | None, expected: bool | None
) -> None:
    """Which of the three it was does not leave; "no" needs all three to have been looked at."""
    found = signs(
        catalogue,
        sheet(6, teacher_check_appearance=appearance, teacher_check_weight=weight, teacher_check_injury=injury),
    )
    assert found["teacher_check_body"] is expected


@pytest.mark.parametrize(
    ("visits", "rise", "most"),
    [
        ((0, 0, 0, 2), 20, 2),
        ((1, 1, 1, 2), 10, 2),
        ((0, 4, 8, 8), 12, 8),
        ((3, 3, 3, 0), -30, 3),
        ((0, 0, 5), None, 5),
        ((0, 0, None, 0, 3), 30, 3),
        ((0, 0, 0, None), None, 0),
        ((None, None), None, None),
    ],
)
def test_rise_of_visits_to_the_nurse(
    catalogue: Catalogue, visits: tuple[int | None, ...], rise: int | None, most: int | None
) -> None:
    """The last month on record against at least three before it, in tenths of their spread, which is one at least."""
    found = signs(catalogue, *(sheet(n, nurse_visits=count) for n, count in zip((4, 5, 6, 7, 9), visits, strict=False)))
    assert (found["nurse_rise"], found["nurse_visits"]) == (rise, most)


def test_sheets_of_other_years_are_not_there(catalogue: Catalogue) -> None:
    """Signs are of this fiscal year, up to the day."""
    rows = [
        {"pupil": "2022|E01|1", "fiscal_year": 2022, "month": month(3, 2022), "homework_flag": True},
        {"pupil": BEN, "fiscal_year": 2023, "month": month(11), "homework_flag": True},
    ]
    assert derived_rows(catalogue, "school.signs", {"school.life": rows}) == []
