"""教育総務課: 就学援助 and unpaid school fees, one row a pupil of the city's schools and fiscal year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.draw import Draw
from reference.akishima.city.latent import Truth
from reference.akishima.city.register import Person
from reference.akishima.city.schools import Enrolment

_UNPAID = {"poor": 0.46, "low": 0.07, "plain": 0.012}
_NOT_GRANTED = 0.015
"""Households that apply without being entitled."""
_CANCELLED = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolAid:
    """The year's decision about one pupil."""

    person: Person
    fiscal_year: int
    aid_class: str
    reason: str
    certified_on: date | None
    cancelled_on: date | None
    amount: int | None
    unpaid: bool | None

    @property
    def granted(self) -> bool:
        """Whether aid is paid."""
        return self.aid_class in {"要保護", "準要保護"}


def school_aid(
    draw: Draw, enrolments: Sequence[Enrolment], circumstances: Sequence[Circumstances], truth: Mapping[str, Truth]
) -> list[SchoolAid]:
    """The list of each year. Brothers and sisters share the decision, its days and what is unpaid."""
    shared: dict[tuple[int, int], SchoolAid] = {}
    rows = []
    for row in enrolments:
        if row.school is None:
            continue
        key = (row.person.home, row.fiscal_year)
        found = circumstances[row.person.home]
        told = truth.get(row.person.resident_id)
        if key not in shared:
            shared[key] = _decision(draw, row, found, poor=told is not None and told.poor)
        decided = shared[key]
        rows.append(
            SchoolAid(
                person=row.person,
                fiscal_year=row.fiscal_year,
                aid_class=decided.aid_class,
                reason=decided.reason,
                certified_on=decided.certified_on,
                cancelled_on=decided.cancelled_on,
                amount=(12_000 if row.grade <= 6 else 24_000) * draw.between(2, 4) if decided.granted else None,
                unpaid=None if row.school.records == "none" and draw.chance(0.5) else decided.unpaid,
            )
        )
    return rows


def _decision(draw: Draw, row: Enrolment, found: Circumstances, *, poor: bool) -> SchoolAid:
    if found.economy == "welfare":
        aid, reason = "要保護", "生活保護"
    elif found.economy == "low" and found.applies:
        aid, reason = "準要保護", "児童扶養手当" if draw.chance(0.4) else "所得"
    elif draw.chance(_NOT_GRANTED):
        aid, reason = "否認定", ""
    else:
        aid, reason = "申請なし", ""
    certified = cancelled = None
    if reason:
        # Most are decided in July for the year from April; others through the year.
        first = date(row.fiscal_year, 4, 1)
        certified = first if draw.chance(0.85) else first + timedelta(days=draw.between(20, 160))
        if draw.chance(_CANCELLED):
            cancelled = certified + timedelta(days=draw.between(30, 120))
    unpaid = draw.chance(_UNPAID["poor" if poor else "plain" if found.economy == "plain" else "low"])
    return SchoolAid(
        person=row.person,
        fiscal_year=row.fiscal_year,
        aid_class=aid,
        reason=reason,
        certified_on=certified,
        cancelled_on=cancelled,
        amount=None,
        unpaid=unpaid,
    )
