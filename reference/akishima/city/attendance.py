"""Monthly attendance as schools record it, with the gaps they leave."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reference.akishima.city.draw import Draw
from reference.akishima.city.schools import Enrolment, School
from reference.akishima.city.young_carers import Burden

_DAYS = {4: 17, 5: 19, 6: 22, 7: 14, 8: 4, 9: 20, 10: 20, 11: 20, 12: 17, 1: 16, 2: 18, 3: 16}
"""School days of each month; August has almost none."""

_NON_ATTENDANCE = {False: 0.021, True: 0.076}
"""Share of pupils who hardly come in a year (不登校), in 小学校 and 中学校."""
_AGAIN = 9.0
_AFTER_MOVING_IN = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthRecord:
    """One pupil in one month; ``None`` where the school left the cell blank."""

    enrolment: Enrolment
    month: date
    days_required: int
    absent: int
    absent_sick: int | None
    absent_accident: int | None
    absent_other: int | None
    suspended_days: int
    late: int | None
    early: int | None

    @property
    def days_present(self) -> int:
        """Days on which the pupil came."""
        return self.days_required - self.absent - self.suspended_days


@dataclass(frozen=True, slots=True, kw_only=True)
class _Habit:
    """How one pupil comes to school in one year: chance of absence a day, and of coming late or leaving early."""

    absent: float
    late: float
    early: float
    away: bool


def months_of(fiscal_year: int, *, until: date) -> list[date]:
    """First days of the months of a fiscal year that are over, or nearly so, on a day."""
    days = [date(fiscal_year + (1 if month < 4 else 0), month, 1) for month in _DAYS]
    return [day for day in days if day <= until]


def attendance(
    draw: Draw, enrolments: Sequence[Enrolment], truth: Mapping[str, Burden], *, until: date
) -> Iterator[MonthRecord]:
    """The records of every pupil of a school of the city, in order of enrolment and month."""
    away_before: set[str] = set()
    calendar: dict[tuple[str, date], int] = {}
    first_year = min((enrolment.fiscal_year for enrolment in enrolments), default=0)
    for enrolment in sorted(enrolments, key=lambda e: e.fiscal_year):
        school = enrolment.school
        if school is None:
            continue
        person = enrolment.person
        habit = _habit(
            draw,
            enrolment,
            truth.get(person.resident_id),
            before=person.resident_id in away_before,
            first_year=enrolment.fiscal_year == first_year,
        )
        if habit.away:
            away_before.add(person.resident_id)
        for month in months_of(enrolment.fiscal_year, until=until):
            if person.became_resident_on > month.replace(day=20):
                continue
            days = calendar.get((school.code, month))
            if days is None:
                days = calendar[school.code, month] = max(_DAYS[month.month] + draw.between(-1, 1), 1)
            yield _month(draw, enrolment, school, habit, month, days)


def _habit(draw: Draw, enrolment: Enrolment, burden: Burden | None, *, before: bool, first_year: bool) -> _Habit:
    junior = enrolment.grade >= 7
    chance = _NON_ATTENDANCE[junior]
    # Those who hardly came last year mostly do not come this year; the others' chance falls to keep the share.
    away = draw.chance(min(chance * _AGAIN, 0.8) if before else chance * (1.0 if first_year else 0.6))
    if away:
        return _Habit(absent=0.2 + 0.75 * draw.share(), late=0.06, early=0.04, away=True)
    absent = 0.006 + 0.028 * draw.share() ** 2
    late = 0.10 if draw.chance(0.04) else 0.006
    if (date(enrolment.fiscal_year, 4, 1) - enrolment.person.became_resident_on).days < 365:
        absent *= _AFTER_MOVING_IN
    if burden is not None and burden.carer:
        absent += 0.04 + 0.05 * draw.share()
        late = 0.12 + 0.10 * draw.share()
    return _Habit(absent=absent, late=late, early=late * 0.3, away=False)


def _month(draw: Draw, enrolment: Enrolment, school: School, habit: _Habit, month: date, days: int) -> MonthRecord:
    suspended = draw.between(1, 5) if draw.chance(0.03 if month.month in {12, 1, 2, 3} else 0.008) else 0
    suspended = min(suspended, days)
    absent = draw.binomial(days - suspended, habit.absent)
    come = days - suspended - absent
    late = min(draw.poisson(habit.late * come), come)
    early = min(draw.poisson(habit.early * come), come)
    sick = accident = other = None
    if school.details:
        sick = draw.binomial(absent, 0.25 if habit.away else 0.75)
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
        late=late if recorded and not (zero_is_blank and late == 0) else None,
        early=early if recorded and not (zero_is_blank and early == 0) else None,
    )


def _records(school: School, enrolment: Enrolment, month: date) -> bool:
    if school.records == "some_classes":
        return (enrolment.grade + enrolment.room) % 2 == 1
    if school.records == "since_2023":
        return month >= date(2023, 4, 1)
    return school.records != "none"
