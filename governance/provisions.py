"""Packages for recipients under contract, as the policy sees them: how far one has come, and who took part (第18条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

PackageState = Literal["new", "drafted", "created", "handed_over", "received", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Provision:
    """A package that is made, or handed over, or that a query is read for.

    Attributes:
        drafted_by: ``None`` where this request drafts it.
        reviewers: accounts that have reviewed it.
        k: the fewest rows that share what could identify somebody; ``None`` before there is a content.
        l: the fewest values of a sensitive item among such rows.
        findings: what the check of the content found that bars it.
        digest: of the content as it is now; ``None`` where no content is looked at.
        reviewed_digest: of the content that the reviewers saw.
    """

    id: str
    state: PackageState
    drafted_by: str | None = None
    reviewers: tuple[str, ...] = ()
    k: int | None = None
    l: int | None = None  # noqa: E741 - the letter of the literature, beside k
    findings: int | None = None
    digest: str | None = None
    reviewed_digest: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The provision as the policy sees it."""
        return {
            "id": self.id,
            "state": self.state,
            "drafted_by": self.drafted_by,
            "reviewers": list(self.reviewers),
            "k": self.k,
            "l": self.l,
            "findings": self.findings,
            "digest": self.digest,
            "reviewed_digest": self.reviewed_digest,
        }
