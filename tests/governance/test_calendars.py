"""The days that are counted: the guideline's calendars against an independent list of holidays, and by hand."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import jpholiday
import pytest
import yaml

from governance.calendars import Calendar, calendars_of
from guideline_docs import FOLDER, STARTER


def _table(folder: Path) -> dict[str, object]:
    table: dict[str, object] = yaml.safe_load((folder / "tables" / "calendars.yaml").read_text(encoding="utf-8"))
    return table


def _holidays(first: int, last: int) -> list[date]:
    return sorted(day for day, _ in jpholiday.between(date(first, 1, 1), date(last, 12, 31)))


@pytest.fixture(scope="module")
def calendars() -> dict[str, Calendar]:
    return dict(calendars_of({**_table(FOLDER)}))


@pytest.mark.parametrize("folder", [FOLDER, STARTER], ids=["reference", "starter"])
def test_holidays_are_those_of_the_statute(folder: Path) -> None:
    """Every holiday of every covered year, with substitute holidays and days between two: as another list has them."""
    table = _table(folder)
    listed = table["holidays"]
    assert isinstance(listed, dict)
    found = {date.fromisoformat(day) for days in listed.values() for day in days}
    years = range(int(str(table["from"])[:4]), int(str(table["to"])[:4]) + 1)
    assert sorted(found) == _holidays(years[0], years[-1])
    assert [str(year) for year in listed] == [str(year) for year in years]


def test_the_offices_are_closed_as_the_law_on_local_government_says(calendars: dict[str, Calendar]) -> None:
    """Open are the weekdays that are no holiday and not 29 December to 3 January."""
    office = calendars["office"]
    closed = set(_holidays(office.first.year, office.last.year))
    expected = [
        day
        for n in range((office.last - office.first).days + 1)
        if (day := office.first + timedelta(days=n)).weekday() < 5
        and day not in closed
        and not ((day.month == 12 and day.day >= 29) or (day.month == 1 and day.day <= 3))
    ]
    assert list(office.days) == expected


@pytest.mark.parametrize(
    ("name", "after", "until", "days"),
    [
        ("office", "2023-09-29", "2023-10-01", 0),  # Friday to Sunday
        ("office", "2023-09-29", "2023-10-02", 1),
        ("office", "2023-10-06", "2023-10-09", 0),  # スポーツの日
        ("office", "2023-10-06", "2023-10-10", 1),
        ("office", "2023-12-28", "2024-01-03", 0),  # over the end of the year
        ("office", "2023-12-28", "2024-01-04", 1),
        ("office", "2024-02-09", "2024-02-13", 1),  # 建国記念の日 on a Sunday, 振替休日 on the Monday
        ("office", "2026-09-18", "2026-09-24", 1),  # 敬老の日, a day between two holidays, 秋分の日
        ("school", "2023-07-20", "2023-08-31", 0),  # over the summer
        ("school", "2023-07-20", "2023-09-01", 1),
        ("school", "2023-12-25", "2024-01-09", 1),  # over the winter, and 成人の日
        ("school", "2025-09-30", "2025-10-02", 1),  # 都民の日
        ("school", "2024-03-25", "2024-04-08", 1),  # over the spring
    ],
)
def test_days_over_weekends_holidays_and_school_holidays(
    calendars: dict[str, Calendar], name: str, after: str, until: str, days: int
) -> None:
    """The day itself does not count, the last one does; the same backwards with the sign turned."""
    first, last = date.fromisoformat(after), date.fromisoformat(until)
    assert calendars[name].between(first, last) == days
    assert calendars[name].between(last, first) == -days


def test_the_day_after_so_many_open_days(calendars: dict[str, Calendar]) -> None:
    """One working day after the last before New Year is 4 January, or the next that is open."""
    office = calendars["office"]
    assert office.open_day_after(date(2023, 12, 28), 1) == date(2024, 1, 4)
    assert office.open_day_after(date(2024, 12, 27), 1) == date(2025, 1, 6)
    assert office.open_day_after(date(2023, 10, 1), 5) == date(2023, 10, 6)
    for day, after in pairwise(office.days):
        assert office.open_day_after(day, 1) == after


def test_nothing_is_said_beyond_what_is_covered(calendars: dict[str, Calendar]) -> None:
    """Before the first day and after the last one, days cannot be counted."""
    office = calendars["office"]
    before, behind = office.first - timedelta(days=1), office.last + timedelta(days=1)
    assert office.between(before, office.first) is None
    assert office.between(office.last, behind) is None
    assert office.open_day_after(before, 1) is None
    assert office.open_day_after(office.last, 1) is None
    assert office.open_day_after(office.first, 0) is None


def test_spans_of_one_year_close_and_single_days_open() -> None:
    """A closed span is closed in its year alone, and a day that is opened is open whatever else is said of it."""
    table = {
        "from": "2024-08-01",
        "to": "2024-08-31",
        "holidays": {"2024": ["2024-08-12"]},
        "calendars": {
            "shop": {
                "label": {"ja": "営業日", "en": "open days"},
                "weekdays": ["mon", "sat"],
                "closed_on_holidays": True,
                "every_year": [],
                "closed": [{"from": "2024-08-17", "to": "2024-08-19"}],
                "opened": ["2024-08-12", "2024-08-18"],
            }
        },
    }
    days = [day.day for day in calendars_of(table)["shop"].days]
    assert days == [3, 5, 10, 12, 18, 24, 26, 31]
