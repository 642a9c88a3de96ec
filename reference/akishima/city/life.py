"""What schools note about a pupil's life in a month: visits to the nurse, things missing, what teachers noticed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from reference.akishima.city.attendance import MonthRecord
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.latent import Truth
from reference.akishima.city.schools import Enrolment, School
from reference.akishima.city.truancy import Truancy

CHECKS = ("tired", "care", "siblings", "interpreter", "appearance", "weight", "injury", "hungry", "alone", "mood")
"""What a teacher may have noticed, in the order of the check sheet."""

_USUAL = {"homework": 0.02, "supplies": 0.006, "fee": 0.012, "event": 0.012, "bullying": 0.004, "room": 0.003,
          "counsel": 0.006, "refused": 0.0015}  # fmt: skip
_CARER = {
    "homework": 0.30,
    "supplies": 0.16,
    "event": 0.14,
    "tired": 0.28,
    "care": 0.16,
    "siblings": 0.14,
    "counsel": 0.05,
}
_POOR = {"supplies": 0.22, "fee": 0.34, "homework": 0.06, "hungry": 0.05, "event": 0.05}
_MALTREATED = {"refused": 0.14, "appearance": 0.09, "weight": 0.05, "injury": 0.08, "hungry": 0.06, "mood": 0.14,
               "homework": 0.10, "supplies": 0.10}  # fmt: skip
_AWAY = {"room": 0.30, "counsel": 0.24, "event": 0.3, "mood": 0.10, "alone": 0.08, "refused": 0.02}
_CHECKED = 0.0025
_ALL_USUAL = {**_USUAL, **dict.fromkeys(CHECKS, _CHECKED)}
_USUALLY = Weighted(_ALL_USUAL.items())
_ANYTHING = sum(_ALL_USUAL.values())
_NOTES = (
    "母の通院に付き添ったと話す",
    "朝食をとっていない日がある",
    "弟の迎えで部活を休む",
    "連絡帳に返事がない",
    "表情が暗い",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifeRecord:
    """One pupil in one month; ``None`` where nobody wrote anything.

    Attributes:
        marks: homework, supplies, fee, event, bullying, room, counsel, refused.
        checks: one answer for each of `CHECKS`.
    """

    enrolment: Enrolment
    month: date
    nurse_visits: int | None
    marks: tuple[bool | None, ...]
    longest_absence: int | None
    unseen_days: int | None
    checks: tuple[bool | None, ...]
    note: str


def life(
    draw: Draw, school: School, records: Sequence[MonthRecord], truancy: Truancy, truth: Mapping[str, Truth]
) -> list[LifeRecord]:
    """The records of one school's month."""
    return [_month(draw, school, record, truancy, truth.get(record.enrolment.person.resident_id)) for record in records]


def _noticed(draw: Draw, states: Sequence[Mapping[str, float]]) -> tuple[tuple[bool, ...], tuple[bool, ...]]:
    """Marks and checks: of most pupils there is nothing to note, and of few of those more than one thing."""
    if not states:
        only = draw.weighted(_USUALLY) if draw.chance(_ANYTHING) else ""
        return tuple(name == only for name in _USUAL), tuple(name == only for name in CHECKS)

    def seen(name: str, usual: float) -> bool:
        return draw.chance(max((usual, *(state.get(name, 0.0) for state in states))))

    return (
        tuple(seen(name, usual) for name, usual in _USUAL.items()),
        tuple(seen(name, _CHECKED) for name in CHECKS),
    )


def _month(draw: Draw, school: School, record: MonthRecord, truancy: Truancy, truth: Truth | None) -> LifeRecord:
    row = record.enrolment
    states: list[Mapping[str, float]] = []
    if truth is not None:
        states += [_CARER] if truth.carer else []
        states += [_POOR] if truth.poor else []
        states += [_MALTREATED] if truth.maltreated else []
    away = (row.person.resident_id, row.fiscal_year) in truancy.away
    states += [_AWAY] if away else []
    blank = draw.chance(0.03)

    marks, checks = _noticed(draw, states)
    visits = draw.poisson(2.4 if states and not away and draw.chance(0.3) else 0.35)
    unseen = 0
    if (record.longest >= 7 and truth is not None and truth.maltreated) or (record.longest >= 7 and draw.chance(0.05)):
        unseen = draw.between(0, record.longest)
    few = not school.checks
    return LifeRecord(
        enrolment=row,
        month=record.month,
        nurse_visits=None if blank else visits,
        marks=tuple(None if blank or (few and place > 0) else mark for place, mark in enumerate(marks)),
        longest_absence=None if few else record.longest,
        unseen_days=None if few or blank else unseen,
        checks=tuple(None if blank or few else check for check in checks),
        note=draw.pick(_NOTES) if states and draw.chance(0.05) else "",
    )
