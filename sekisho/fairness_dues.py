"""Whether somebody has looked, after each judgement, at how often watched groups are listed (第30条)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from audit.ledger import Ledger
from risk.cycles import Cycle


@dataclass(frozen=True, slots=True, kw_only=True)
class FairnessDues:
    """What is missing.

    Attributes:
        not_looked_at: the newest cycle that is older than the guideline's days, and since which nobody has read the
            report on the criteria; ``None`` where somebody has.
        uncounted: cycles for which no group was watched, so that the report has nothing to say.
    """

    not_looked_at: str | None
    uncounted: tuple[str, ...]


def fairness_dues(cycles: Sequence[Cycle], ledger: Ledger, *, days: int, today: date) -> FairnessDues:
    """What is missing of the looks at fairness.

    Args:
        cycles: the judgements, oldest first.
        ledger: which holds every look, as a decision.
        days: within how many days after a judgement somebody has to look.
        today: the day.
    """
    due = [each for each in cycles if datetime.fromisoformat(each.at).date() + timedelta(days=days) < today]
    late = due[-1] if due and not _looked(ledger, since=due[-1].ledger_index) else None
    return FairnessDues(
        not_looked_at=late.id if late is not None else None,
        uncounted=tuple(cycle.id for cycle in cycles if not cycle.fairness),
    )


def _looked(ledger: Ledger, *, since: int) -> bool:
    return any(
        entry.document["kind"] == "decision" and entry.document["action"] == "risk.report" and entry.document["allow"]
        for entry in ledger.entries(since)
    )
