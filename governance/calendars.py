"""The days that count where days are counted: of each calendar of the guideline, the days on which it is open.

The policy counts; it reads the same days as data (``policies/data.py``). What is counted here is told to people, and
decides nothing. Of days before the first and after the last that the guideline covers nothing can be said.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from governance.catalogue import Label
from governance.errors import Lang

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

EVERY_DAY: Mapping[Lang, str] = {"ja": "暦日", "en": "calendar days"}
"""How days are counted where no calendar is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar.

    Attributes:
        first, last: the days that are covered.
        days: the days on which it is open, ascending.
    """

    label: Label
    first: date
    last: date
    days: tuple[date, ...]

    def between(self, after: date, until: date) -> int | None:
        """The number of open days after one day, up to and including another; negative where that comes first.

        ``None`` where one of the two is not covered.
        """
        if not self.first <= min(after, until) or not max(after, until) <= self.last:
            return None
        return bisect_right(self.days, until) - bisect_right(self.days, after)

    def open_day_after(self, day: date, number: int) -> date | None:
        """The day that comes as the ``number``th open one after a day; ``None`` where it is not covered."""
        position = bisect_right(self.days, day) + number - 1
        if number < 1 or not self.first <= day <= self.last or position >= len(self.days):
            return None
        return self.days[position]


def calendars_of(table: Mapping[str, Any]) -> Mapping[str, Calendar]:
    """The calendars of ``tables/calendars.yaml``, by name."""
    first, last = date.fromisoformat(table["from"]), date.fromisoformat(table["to"])
    holidays = {date.fromisoformat(day) for days in table["holidays"].values() for day in days}
    return {
        name: Calendar(
            label=Label(ja=entry["label"]["ja"], en=entry["label"]["en"]),
            first=first,
            last=last,
            days=tuple(day for day in _days(first, last) if _is_open(day, entry, holidays)),
        )
        for name, entry in table["calendars"].items()
    }


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _is_open(day: date, entry: Mapping[str, Any], holidays: set[date]) -> bool:
    written = day.isoformat()
    if written in entry["opened"]:
        return True
    if WEEKDAYS[day.weekday()] not in entry["weekdays"] or (entry["closed_on_holidays"] and day in holidays):
        return False
    if any(span["from"] <= written <= span["to"] for span in entry["closed"]):
        return False
    return not any(_in_span(written[5:], span["from"], span["to"]) for span in entry["every_year"])


def _in_span(day: str, first: str, last: str) -> bool:
    """Whether a day of the year is in a span that may run over its end."""
    return first <= day <= last if first <= last else day >= first or day <= last
