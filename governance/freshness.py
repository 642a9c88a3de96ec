"""How old data are and since when they are too old, as people are told. What a query may read, the policy says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from governance.calendars import EVERY_DAY, Calendar, calendars_of
from governance.errors import Lang
from governance.guideline import Guideline


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshnessClass:
    """A class of freshness.

    Attributes:
        limit: days after its own on which an extract may still be used.
        calendar: in which they are counted, ``None`` for days of the year.
    """

    limit: int
    calendar: Calendar | None

    @property
    def unit(self) -> Mapping[Lang, str]:
        """What is counted."""
        return EVERY_DAY if self.calendar is None else {"ja": self.calendar.label.ja, "en": self.calendar.label.en}

    def age(self, day: date, *, today: date) -> int | None:
        """The days since an extract's own; ``None`` where the calendar does not cover them."""
        return (today - day).days if self.calendar is None else self.calendar.between(day, today)

    def stale_from(self, day: date) -> date | None:
        """The first day on which an extract of a day is too old; ``None`` where the calendar does not cover it."""
        if self.calendar is None:
            return day + timedelta(days=self.limit + 1)
        return self.calendar.open_day_after(day, self.limit + 1)


def freshness_classes(guideline: Guideline, *, on: date) -> Mapping[str, FreshnessClass]:
    """The classes of freshness of a guideline on a day, by name; without those counted in no calendar of it."""
    parameters = guideline.parameters(on)
    counted_in = parameters.get("freshness_counted_in", {})
    calendars = calendars_of(guideline.tables["calendars"]) if counted_in else {}
    return {
        name: FreshnessClass(limit=limit, calendar=calendars[counted_in[name]] if name in counted_in else None)
        for name, limit in parameters.get("freshness_max_days", {}).items()
        if name not in counted_in or counted_in[name] in calendars
    }
