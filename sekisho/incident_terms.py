"""The terms of an incident's reports: counted from the day on which it became known, which is the first day (第27条).

All days count. Where the office is closed on the final report's last day, that moves on to the next day on which it is
open; the preliminary report's does not. Where the calendar says nothing of the day, the term stays where it is: the
earlier day is the safe one. What people have not answered prolongs no term.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from governance.calendars import Calendar
from governance.incidents import Answer

Due = Literal["preliminary", "final"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The last days for the reports of one incident.

    Attributes:
        remind_on: from when on the preliminary report is asked for.
        counted: the last day for the final report before it moved to a day on which the office is open.
        days: of the final report's term.
    """

    remind_on: date
    preliminary: date
    final: date
    counted: date
    days: int


def deadlines(
    discovered_on: date, *, facts: Mapping[str, Answer], terms: Mapping[str, Any], calendars: Mapping[str, Calendar]
) -> Deadlines:
    """The deadlines of an incident.

    Args:
        facts: kinds of incident → whether this is one; before the assessment, none.
        terms: the guideline's (`incidents`).
    """
    longer = [
        trigger["final_days"]
        for name, trigger in terms["triggers"].items()
        if "final_days" in trigger and facts.get(name) == "yes"
    ]
    days = max(longer, default=terms["final"]["days"])
    counted = _day(discovered_on, days)
    calendar = calendars[terms["final"]["calendar"]]
    return Deadlines(
        remind_on=_day(discovered_on, terms["preliminary"]["remind_days"]),
        preliminary=_day(discovered_on, terms["preliminary"]["days"]),
        final=calendar.open_day_after(counted - timedelta(days=1), 1) or counted,
        counted=counted,
        days=days,
    )


def _day(first: date, number: int) -> date:
    """The day that comes as the ``number``th, where the first is the first."""
    return first + timedelta(days=number - 1)
