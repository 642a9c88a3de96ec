"""Which pupils hardly come to school (不登校) or are long ill, year by year. Hidden: the records show absences only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from reference.akishima.city.draw import Draw
from reference.akishima.city.latent import Truth
from reference.akishima.city.schools import Enrolment

_NON_ATTENDANCE = {False: 0.022, True: 0.078}
"""Share of pupils who hardly come in a year, in 小学校 and 中学校."""
_AGAIN = 9.0
_WITH_AID = 1.45
"""Those with aid in two years have had it twice, so that over the years it comes to 1.8."""
_AIDED_SHARE = 0.16
_CARER = 1.8
_MALTREATED = 1.6
_LONG_ILL = 0.009
_ELSEWHERE = 0.7
"""Pupils of private and national schools, as a share of the city's rate."""
_HIGH_SCHOOL = 0.03

PupilYear = tuple[str, int]
"""Resident id and fiscal year."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truancy:
    """Pupils in years: those who hardly come, and those who are away for an illness (which is not 不登校)."""

    away: frozenset[PupilYear]
    ill: frozenset[PupilYear]


def truancies(
    draw: Draw, enrolments: Sequence[Enrolment], aided: Collection[PupilYear], truth: Mapping[str, Truth]
) -> Truancy:
    """Draw each year after the one before: who hardly came last year is nine times as likely not to come again.

    The chances of the others fall so that the shares come out.
    """
    away: set[PupilYear] = set()
    ill: set[PupilYear] = set()
    first = min((row.fiscal_year for row in enrolments), default=0)
    for row in sorted(enrolments, key=lambda e: e.fiscal_year):
        key = (row.person.resident_id, row.fiscal_year)
        share = _NON_ATTENDANCE[row.grade >= 7] * (1.0 if row.school is not None else _ELSEWHERE)
        chance = share / (1 + (_WITH_AID - 1) * _AIDED_SHARE)
        if row.fiscal_year != first:
            before = (row.person.resident_id, row.fiscal_year - 1) in away
            chance *= (_AGAIN if before else 1.0) / (1 + (_AGAIN - 1) * share)
        chance *= _WITH_AID if key in aided else 1.0
        told = truth.get(row.person.resident_id)
        if told is not None:
            chance *= (_CARER if told.carer else 1.0) * (_MALTREATED if told.maltreated else 1.0)
        if draw.chance(min(chance, 0.9)):
            away.add(key)
        elif draw.chance(_LONG_ILL):
            ill.add(key)
    year = max((row.fiscal_year for row in enrolments), default=0)
    enrolled = {row.person.resident_id for row in enrolments if row.fiscal_year == year}
    # Of those beyond 中学校 the city has no record at all.
    away |= {(child, year) for child in sorted(truth) if child not in enrolled and draw.chance(_HIGH_SCHOOL)}
    return Truancy(away=frozenset(away), ill=frozenset(ill))
