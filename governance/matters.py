"""Matters that one person opens and another closes: a suspension (第28条), a stop (第27条), an erasure (第24条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A matter by its document number (文書番号).

    Attributes:
        opened_by: account of whoever opened it; ``None`` where this request opens it.
        held: whether a request, a dispute or an incident holds erasure up.
        reviewed_by: account of whoever looked at a person's request before it is decided; ``None`` before that.
    """

    number: str
    opened_by: str | None
    held: bool = False
    reviewed_by: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The matter as the policy sees it."""
        return {
            "number": self.number,
            "opened_by": self.opened_by,
            "held": self.held,
            "reviewed_by": self.reviewed_by,
        }
