"""The fiscal year (年度), and the last day of an approval by it."""

from __future__ import annotations

from datetime import date, timedelta

from governance.guideline import Guideline

_APRIL = 4


def fiscal_year(day: date) -> int:
    """The fiscal year of a day: April to March (地方自治法208条)."""
    return day.year if day.month >= _APRIL else day.year - 1


def end_of_fiscal_year(day: date) -> date:
    """The last day of the fiscal year of a day."""
    return date(fiscal_year(day) + 1, 3, 31)


def last_day(until: date | None, purpose: str, *, today: date, guideline: Guideline) -> str:
    """The last day of an approval that is asked for today, ISO date.

    Args:
        until: what was asked for; the latest day that is possible, unless given.
        purpose: its approvals end with the fiscal year unless the register of purposes gives them days of their own.
    """
    days = guideline.tables["purposes"].get(purpose, {}).get("approval_days")
    latest = end_of_fiscal_year(today) if days is None else today + timedelta(days=days - 1)
    return min(until or date.max, latest).isoformat()
