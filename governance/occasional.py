"""Occasional use (臨時の利用・提供): what is beyond the registered purposes, and what the policy is told of it.

How much has to be written, for how long it may count, and how often it may be done before it has to become a purpose,
the policy says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class PastUse:
    """A day on which an approval of occasional use was used.

    Attributes:
        on: the day, ISO date.
        datasets: what departments were asked for that day, by name.
    """

    approval: str
    purpose: str
    on: str
    datasets: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The use as the policy sees it."""
        return {
            "approval": self.approval,
            "purpose": self.purpose,
            "on": self.on,
            "datasets": list(self.datasets),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionalUse:
    """One occasional use that is drafted, decided or carried out.

    Attributes:
        reason: characters of the reason that was written.
        harm: characters of what was written on why nobody's rights are unjustly harmed.
        starts_on: first day on which it counts, ISO date.
        expires_at: last day on which it counts, ISO date, as it was asked for.
        uses: earlier uses for the same purpose.
    """

    reason: int
    harm: int
    starts_on: str
    expires_at: str
    uses: tuple[PastUse, ...]

    def to_json(self) -> dict[str, Any]:
        """The use as the policy sees it."""
        return {
            "reason": self.reason,
            "harm": self.harm,
            "starts_on": self.starts_on,
            "expires_at": self.expires_at,
            "uses": [use.to_json() for use in self.uses],
        }
