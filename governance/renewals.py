"""Renewals of purposes of use: reviewed by one person, renewed by another, for one fiscal year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """A renewal of a purpose that was decided or is asked for.

    Attributes:
        begins: the first day of the fiscal year that it is for, ISO date.
        ends: the last.
        reviewed_on: the day of the review, ``None`` where there was none.
        reviewed_by: account of whoever reviewed the purpose.
        renewed_by: account of whoever decided; ``None`` where this request asks for that.
    """

    purpose: str
    begins: str
    ends: str
    reviewed_on: str | None
    reviewed_by: str | None
    renewed_by: str | None

    def holds(self, day: date) -> bool:
        """Whether a day lies in its term."""
        return self.begins <= day.isoformat() <= self.ends

    def to_json(self) -> dict[str, Any]:
        """The renewal as the policy sees it."""
        return {
            "purpose": self.purpose,
            "from": self.begins,
            "to": self.ends,
            "reviewed_on": self.reviewed_on,
            "reviewed_by": self.reviewed_by,
            "renewed_by": self.renewed_by,
        }
