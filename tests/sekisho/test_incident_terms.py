"""The clock of an incident: from the day on which it became known, over weekends, holidays and the end of the year."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import yaml

from governance.calendars import Calendar, calendars_of
from guideline_docs import FOLDER
from sekisho.incident_terms import deadlines

TERMS: dict[str, Any] = {
    "triggers": {"wrongful": {"people": True, "final_days": 60}, "many": {"more_than": 100}},
    "preliminary": {"remind_days": 3, "days": 5},
    "final": {"days": 30, "calendar": "office"},
}


@pytest.fixture(scope="module")
def calendars() -> dict[str, Calendar]:
    """Those of the reference city."""
    table = yaml.safe_load((FOLDER / "tables" / "calendars.yaml").read_text(encoding="utf-8"))
    return dict(calendars_of(table))


@pytest.mark.parametrize(
    ("discovered", "preliminary", "counted", "final"),
    [
        # A Monday: the fifth day is Friday, the thirtieth a Tuesday.
        ("2023-10-02", "2023-10-06", "2023-10-31", "2023-10-31"),
        # A Friday: the fifth day is Tuesday; the thirtieth, a Saturday, moves on to Monday.
        ("2023-10-06", "2023-10-10", "2023-11-04", "2023-11-06"),
        # Before a weekend: the preliminary report's last day is a Sunday, and stays one.
        ("2023-10-04", "2023-10-08", "2023-11-02", "2023-11-02"),
        # The thirtieth day is a holiday, and the next two are a weekend.
        ("2023-10-05", "2023-10-09", "2023-11-03", "2023-11-06"),
        # The last day on which the office is open in the old year.
        ("2023-11-29", "2023-12-03", "2023-12-28", "2023-12-28"),
        # One day later, all days to the new year's first open one are closed.
        ("2023-11-30", "2023-12-04", "2023-12-29", "2024-01-04"),
        # The last closed day of the new year's first days.
        ("2023-12-05", "2023-12-09", "2024-01-03", "2024-01-04"),
        # Over the leap day.
        ("2024-01-31", "2024-02-04", "2024-02-29", "2024-02-29"),
    ],
)
def test_terms_count_the_day_of_discovery_and_every_day(
    discovered: str, preliminary: str, counted: str, final: str, calendars: dict[str, Calendar]
) -> None:
    """The preliminary report has five days whatever they are; the final one thirty, to a day on which one can file it."""
    due = deadlines(date.fromisoformat(discovered), facts={}, terms=TERMS, calendars=calendars)
    assert (due.preliminary.isoformat(), due.counted.isoformat(), due.final.isoformat()) == (
        preliminary,
        counted,
        final,
    )
    assert (due.remind_on - date.fromisoformat(discovered)).days == 2
    assert due.days == 30


@pytest.mark.parametrize(
    ("answer", "last"),
    [("yes", "2023-11-30"), ("no", "2023-10-31"), ("unknown", "2023-10-31")],
)
def test_only_a_wrongful_purpose_that_is_found_prolongs_the_term(
    answer: Any, last: str, calendars: dict[str, Calendar]
) -> None:
    """Sixty days where it is known; what is not known gives no more time."""
    due = deadlines(date(2023, 10, 2), facts={"wrongful": answer, "many": "yes"}, terms=TERMS, calendars=calendars)
    assert due.final.isoformat() == last


def test_a_day_of_which_the_calendar_says_nothing_stays(calendars: dict[str, Calendar]) -> None:
    """Past the calendar's end nobody knows what is closed: the earlier day holds."""
    far = calendars["office"].last
    due = deadlines(far, facts={}, terms=TERMS, calendars=calendars)
    assert due.final == due.counted
