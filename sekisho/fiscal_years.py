"""The last day of an approval: that of its fiscal year, but for purposes that outlive it."""

from __future__ import annotations

from datetime import date, timedelta

from governance.dates import end_of_fiscal_year
from governance.guideline import Guideline


def last_day(until: date | None, purpose: str, basis: str | None, *, starts: date, guideline: Guideline) -> str:
    """The last day of an approval that counts from a day on, ISO date.

    Args:
        until: what was asked for; the latest day that is possible, unless given.
        purpose: its approvals end with the fiscal year unless the register of purposes gives them days of their own.
        basis: the kind of legal basis may allow fewer days; one of occasional use ends with the year in any case.
    """
    days = guideline.tables["purposes"].get(purpose, {}).get("approval_days")
    latest = end_of_fiscal_year(starts) if days is None else starts + timedelta(days=days - 1)
    kind = guideline.tables["parameters"].get("legal_bases", {}).get(basis, {})
    if "occasional" in kind:
        latest = min(latest, end_of_fiscal_year(starts))
    most = kind.get("max_days")
    if most is not None:
        latest = min(latest, starts + timedelta(days=most - 1))
    return min(until or date.max, latest).isoformat()
