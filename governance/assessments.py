"""Steps with somebody on a work list, and decisions on capacities, as the policy sees them (第16条・第29条)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

AssessmentStep = Literal["begin", "judge", "consult", "meet", "reopen"]
"""Begin to look at the papers, judge on them alone, note a consultation or a meeting, look again at what was closed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One step with one candidate: where it stands, and how much was written; no text.

    Attributes:
        state: where the candidate stands; ``none`` where there is none, or none for this asker.
        ending: how it ended, where it did.
        unsettled: something has to be settled before anything else.
        drawn: it was drawn among those on no list, to be looked at on paper alone.
        holder: account of whoever has its case view; ``None`` where nobody has one.
        verdict: what people have judged.
        reason: characters of why.
        wish: characters of what the person wants.
        wish_missing: characters of why the person was not asked.
    """

    step: AssessmentStep
    state: str
    ending: str | None
    unsettled: bool
    drawn: bool
    holder: str | None
    verdict: str | None
    reason: int
    wish: int
    wish_missing: int

    def to_json(self) -> dict[str, Any]:
        """The assessment of the decision document."""
        return {
            "step": self.step,
            "state": self.state,
            "ending": self.ending,
            "unsettled": self.unsettled,
            "drawn": self.drawn,
            "holder": self.holder,
            "verdict": self.verdict,
            "reason": self.reason,
            "wish": self.wish,
            "wish_missing": self.wish_missing,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityDecision:
    """A cycle whose capacity is decided on, or was.

    Attributes:
        judged_by: account of whoever judged.
        decided_by: account of whoever approved its capacity; ``None`` where nobody has.
        room: places within the capacity.
    """

    judged_by: str
    decided_by: str | None
    room: int

    def to_json(self) -> dict[str, Any]:
        """The capacity of the decision document."""
        return {
            "judged_by": self.judged_by,
            "decided_by": self.decided_by,
            "room": self.room,
        }
