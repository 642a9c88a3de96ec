"""What comes before any data: the approval of the guideline, and the registration of a dataset by its holder (第19条).

Whether they suffice is the policy's question, not asked here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineApproval:
    """Who approved which guideline. It counts for the guideline of exactly this digest.

    Attributes:
        version: the guideline's version, as approvals of queries are bound to it.
        digest: SHA-256 over all its files.
        id: account of the person who approved it.
        role: the hat that was worn.
        at: when, ISO with offset.
        ledger_index: the ledger entry that says so.
    """

    version: str
    digest: str
    id: str
    role: str
    post: str
    at: str
    ledger_index: int

    def to_json(self) -> dict[str, Any]:
        """The approval as the policy sees it."""
        return {"version": self.version, "id": self.id, "role": self.role, "post": self.post}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredPart:
    """One part of a dataset's declaration: what a row is (``rows``), or a column, and who has confirmed it as it is."""

    part: str
    confirmed_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A dataset that a department drafts, confirms or registers; for a check of its data, the department alone."""

    department: str
    dataset: str | None = None
    parts: tuple[DeclaredPart, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The registration as the policy sees it."""
        return {
            "department": self.department,
            "dataset": self.dataset,
            "parts": [{"part": part.part, "confirmed_by": part.confirmed_by} for part in self.parts],
        }
