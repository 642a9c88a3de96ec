"""A sheet that asks another body about one identified person, as the policy sees it: facts, and no text (第29条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

SheetState = Literal["new", "sent", "answered"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A sheet, or the one that would be sent.

    Attributes:
        holder: account of whoever has the case view; ``None`` where there is no such case.
        open: whether the case view counts.
        protected: items of the view are withheld, because the person is protected.
        items: dataset → columns that the sheet shows.
        questions: names of what is asked.
        addressee: keyed reference of the body that is asked; ``None`` where the case names none.
        reader: keyed reference of the body that the asking account belongs to; ``None`` where it belongs to none.
        due: last day for the answer.
    """

    state: SheetState
    holder: str | None
    open: bool
    protected: bool
    items: dict[str, tuple[str, ...]]
    questions: tuple[str, ...]
    addressee: str | None
    reader: str | None
    due: date | None

    def to_json(self) -> dict[str, Any]:
        """The inquiry of the decision document."""
        return {
            "state": self.state,
            "holder": self.holder,
            "open": self.open,
            "protected": self.protected,
            "items": {dataset: list(columns) for dataset, columns in self.items.items()},
            "questions": list(self.questions),
            "addressee": self.addressee,
            "reader": self.reader,
            "due": self.due.isoformat() if self.due is not None else None,
        }
