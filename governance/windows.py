"""Windows of time: from when to when an article, a rule or a value of the guideline is in force.

Days are ISO dates, and both ends count: what ends on 31 March is in force on that day, and what follows it begins on
1 April. Which of them counts in a decision is the policy's question; here it is asked for people and for reports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time in which something is in force.

    Attributes:
        begins: the first day, ``None`` where there is none.
        ends: the last day, ``None`` where none is set.
    """

    begins: str | None = None
    ends: str | None = None

    def holds(self, day: date) -> bool:
        """Whether a day lies in it."""
        text = day.isoformat()
        return (self.begins is None or self.begins <= text) and (self.ends is None or text <= self.ends)

    def within(self, other: Window) -> Window:
        """The time that both have in common; a part of a whole is in force only while the whole is."""
        begins = max((day for day in (self.begins, other.begins) if day is not None), default=None)
        ends = min((day for day in (self.ends, other.ends) if day is not None), default=None)
        return Window(begins=begins, ends=ends)

    def to_json(self) -> dict[str, str | None]:
        """As front matter and the policy's data write it."""
        return {"from": self.begins, "to": self.ends}


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A value and when it counts."""

    value: Any
    window: Window


def versions(written: Sequence[Mapping[str, Any]]) -> tuple[Version, ...]:
    """Versions as they are written, each with its first day: one counts until the day before the next begins.

    Args:
        written: ``{from, value}``, the oldest first.
    """
    following = [item["from"] for item in written[1:]]
    ends = [(date.fromisoformat(day) - timedelta(days=1)).isoformat() for day in following]
    return tuple(
        Version(value=item["value"], window=Window(begins=item["from"], ends=end))
        for item, end in zip(written, [*ends, None], strict=True)
    )


def in_force(of: Sequence[Version], day: date) -> Version | None:
    """The version that counts on a day, ``None`` before the first."""
    return next((version for version in of if version.window.holds(day)), None)
