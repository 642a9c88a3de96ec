"""Dates in a deployment's files, ISO text that is a day of the calendar; and fiscal years."""

from __future__ import annotations

from datetime import date, timedelta

from governance.errors import BadInput
from governance.located_yaml import Located

_APRIL = 4


def fiscal_year(day: date) -> int:
    """The fiscal year (年度) of a day: April to March (地方自治法208条)."""
    return day.year if day.month >= _APRIL else day.year - 1


def end_of_fiscal_year(day: date) -> date:
    """The last day of the fiscal year of a day."""
    return date(fiscal_year(day) + 1, 3, 31)


def next_fiscal_year(day: date) -> date:
    """The first day of the fiscal year after that of a day."""
    return end_of_fiscal_year(day) + timedelta(days=1)


def check_date(located: Located, *path: str | int) -> None:
    """Refuse a date that the calendar does not have; ``null`` passes, the schema says where it may stand.

    Raises:
        BadInput: with file and line.
    """
    value = located.data
    for part in path:
        value = value[part]
    if value is None:
        return
    try:
        date.fromisoformat(value)
    except ValueError:
        raise BadInput("date-not-in-calendar", file=located.file, line=located.line(*path)) from None
