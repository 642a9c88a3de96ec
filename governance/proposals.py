"""Criteria that a recipient under contract hands back, as the policy sees them: how far, who took part (第18条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from governance.provisions import PackageState

ProposalState = Literal["new", "drafted", "approved", "rejected", "withdrawn"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Criteria that came back, and the step that is taken with them.

    Attributes:
        package_state: how far the package has come that they were made from.
        drafted_by: who took them in; ``None`` where this request does.
        reviewers: accounts that have reviewed them.
        findings: what their test found that bars them; ``None`` before it.
        digest: of the criteria, of those they would replace, and of the test, as they are now.
        drafted_digest: the same as it was when they were tested.
    """

    id: str
    state: ProposalState
    package_state: PackageState
    drafted_by: str | None = None
    reviewers: tuple[str, ...] = ()
    findings: int | None = None
    digest: str | None = None
    drafted_digest: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The proposal as the policy sees it."""
        return {
            "id": self.id,
            "state": self.state,
            "package_state": self.package_state,
            "drafted_by": self.drafted_by,
            "reviewers": list(self.reviewers),
            "findings": self.findings,
            "digest": self.digest,
            "drafted_digest": self.drafted_digest,
        }
