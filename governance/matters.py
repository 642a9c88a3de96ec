"""Matters that one person opens and another closes: a suspension of use (第28条), a stop of all releases (第27条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A matter by its document number (文書番号).

    Attributes:
        opened_by: account of whoever opened it; ``None`` where this request opens it.
    """

    number: str
    opened_by: str | None

    def to_json(self) -> dict[str, Any]:
        """The matter as the policy sees it."""
        return {"number": self.number, "opened_by": self.opened_by}
