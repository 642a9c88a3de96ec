"""Monthly attendance as schools record it, with the gaps they leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reference.akishima.city.draw import Draw
from reference.akishima.city.latent import Truth
from reference.akishima.city.schools import Enrolment, School
from reference.akishima.city.truancy import Truancy

_DAYS = {4: 17, 5: 19, 6: 22, 7: 14, 8: 4, 9: 20, 10: 20, 11: 20, 12: 17, 1: 16, 2: 18, 3: 16}
"""School days of each month; August has almost none."""

_AFTER_MOVING_IN = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRecord:
    """One pupil in one month; ``None`` where the school left the cell blank.

    Attributes:
        counted: days at home or elsewhere that the head counts as present (出席扱い); part of ``days_present``.
        longest: days of the longest absence without a break.
    """

    enrolment: Enrolment
    month: date
    days_required: int
    absent: int
    absent_sick: int | None
    absent_accident: int | None
    absent_other: int | None
    suspended_days: int
    counted: int | None
    late: int | None
    early: int | None
    longest: int

    @property
    def days_present(self) -> int:
        """Days on which the pupil came, or counts as having come."""
        return self.days_required - self.absent - self.suspended_days


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    """How one pupil comes to school in one year: chance of absence a day, and of coming late or leaving early."""

    absent: float
    late: float
    early: float
    away: bool = False
    ill: bool = False


def months_of(fiscal_year: int, *, until: date) -> list[date]:
    """First days of the months of a fiscal year that are over, or nearly so, on a day."""
    days = [date(fiscal_year + (1 if month < 4 else 0), month, 1) for month in _DAYS]
    return [day for day in days if day <= until]


def attendance(
    draw: Draw,
    school: School,
    enrolments: Sequence[Enrolment],
    truancy: Truancy,
    truth: Mapping[str, Truth],
    *,
    until: date,
) -> Iterator[tuple[date, list[MonthRecord]]]:
    """The records of one school's pupils, month after month, by grade, class and seat."""
    years = sorted({row.fiscal_year for row in enrolments})
    for year in years:
        rows = sorted((row for row in enrolments if row.fiscal_year == year), key=lambda r: (r.grade, r.room, r.seat))
        habits = [_habit(draw, row, truancy, truth.get(row.person.resident_id)) for row in rows]
        for month in months_of(year, until=until):
            days = max(_DAYS[month.month] + draw.between(-1, 1), 1)
            last_day = month.replace(day=20)
            yield (
                month,
                [
                    _month(draw, row, school, habit, month, days)
                    for row, habit in zip(rows, habits, strict=True)
                    if row.person.became_resident_on <= last_day
                ],
            )


def _habit(draw: Draw, enrolment: Enrolment, truancy: Truancy, truth: Truth | None) -> _Habit:
    key = (enrolment.person.resident_id, enrolment.fiscal_year)
    if key in truancy.away:
        return _Habit(absent=0.2 + 0.75 * draw.share(), late=0.06, early=0.04, away=True)
    if key in truancy.ill:
        return _Habit(absent=0.18 + 0.4 * draw.share(), late=0.02, early=0.06, ill=True)
    absent = 0.006 + 0.028 * draw.share() ** 2
    late = 0.10 if draw.chance(0.04) else 0.006
    if (date(enrolment.fiscal_year, 4, 1) - enrolment.person.became_resident_on).days < 365:
        absent *= _AFTER_MOVING_IN
    if truth is not None and truth.carer and draw.chance(0.85):
        absent += 0.04 + 0.05 * draw.share()
        late = 0.12 + 0.10 * draw.share()
    if truth is not None and truth.maltreated:
        absent += 0.02 + 0.04 * draw.share()
    return _Habit(absent=absent, late=late, early=late * 0.3)


def _month(draw: Draw, enrolment: Enrolment, school: School, habit: _Habit, month: date, days: int) -> MonthRecord:
    suspended = draw.between(1, 5) if draw.chance(0.03 if month.month in {12, 1, 2, 3} else 0.008) else 0
    suspended = min(suspended, days)
    away = draw.binomial(days - suspended, habit.absent)
    counted = draw.binomial(away, 0.2) if habit.away and enrolment.seat % 2 else 0
    absent = away - counted
    come = days - suspended - away
    late = min(draw.poisson(habit.late * come), come)
    early = min(draw.poisson(habit.early * come), come)
    sick = accident = other = None
    if school.details:
        sick = draw.binomial(absent, 0.25 if habit.away else 0.95 if habit.ill else 0.75)
        accident = draw.binomial(absent - sick, 0.5)
        other = absent - sick - accident
    recorded = _records(school, enrolment, month)
    zero_is_blank = school.records == "not_zero"
    return MonthRecord(
        enrolment=enrolment,
        month=month,
        days_required=days,
        absent=absent,
        absent_sick=sick,
        absent_accident=accident,
        absent_other=other,
        suspended_days=suspended,
        counted=counted if school.details else None,
        late=late if recorded and not (zero_is_blank and late == 0) else None,
        early=early if recorded and not (zero_is_blank and early == 0) else None,
        longest=absent if absent <= 1 else draw.between(max(1, absent // 3), absent),
    )


def _records(school: School, enrolment: Enrolment, month: date) -> bool:
    if school.records == "some_classes":
        return (enrolment.grade + enrolment.room) % 2 == 1
    if school.records == "since_2023":
        return month >= date(2023, 4, 1)
    return school.records != "none"
