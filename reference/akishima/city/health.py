"""健康課: maternal and child health, for children born here or moved in small; older records are on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.latent import Truth
from reference.akishima.city.pyramid import FEMALE
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household

_PAPER_YEARS = 10
_STILL_PAPER = 0.35
_FOLLOWED = Weighted((("発達", 44.0), ("身体", 18.0), ("養育", 20.0), ("歯科", 18.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildHealth:
    """The record of one child; ``None`` and blank are unknown, but for ``follow_kind``."""

    child: Person
    mother_id: str
    number: str
    report_week: int | None
    mother_age_band: str
    check_3m: str
    check_18m: str
    check_3y: str
    follow_kind: str
    home_visit: str
    caries: int | None
    vaccination: str
    epds: bool | None
    low_birth: bool | None
    recorded_on: date


def child_health(
    draw: Draw, living: Sequence[Household], circumstances: Sequence[Circumstances], truth: Mapping[str, Truth]
) -> list[ChildHealth]:
    """The records, in the city's order."""
    rows: list[ChildHealth] = []
    for home, found in zip(living, circumstances, strict=True):
        for child, _ in home.minors:
            arrived = (child.became_resident_on - child.birth).days
            if arrived > 3 * 365 or (child.age > _PAPER_YEARS and draw.chance(_STILL_PAPER)):
                continue
            told = truth.get(child.resident_id)
            harsh = found.harsh or (told is not None and told.maltreated)
            poor = found.economy != "plain"
            rows.append(_record(draw, home, child, number=len(rows), arrived=arrived, harsh=harsh, poor=poor))
    return rows


def _record(
    draw: Draw, home: Household, child: Person, *, number: int, arrived: int, harsh: bool, poor: bool
) -> ChildHealth:
    mothers = [g for g in home.guardians(child) if g.sex == FEMALE]
    mother = mothers[0] if mothers and not (home.shape == "stepfamily" and draw.chance(0.5)) else None
    born_here = arrived <= 0
    missed = 0.16 if harsh else 0.026

    def check(due: int) -> str:
        if (BASE_DATE - child.birth).days < due:
            return "対象前"
        if arrived > due:
            return "転入前"
        if draw.chance(missed):
            return "未受診" if draw.chance(0.6 if harsh else 0.3) else "未受診把握済"
        return "受診" if draw.chance(0.985) else ""

    age_at_report = mother.age - child.age if mother is not None else None
    return ChildHealth(
        child=child,
        mother_id=mother.resident_id if mother is not None else "",
        number=f"K{number + 1:08}",
        report_week=_report_week(draw, harsh=harsh) if born_here and draw.chance(0.96) else None,
        mother_age_band=_age_band(age_at_report) if born_here else "",
        check_3m=check(110),
        check_18m=check(560),
        check_3y=check(1120),
        follow_kind=("養育" if harsh and draw.chance(0.6) else draw.weighted(_FOLLOWED))
        if draw.chance(0.45 if harsh else 0.11)
        else "",
        home_visit=("拒否" if draw.chance(0.08 if harsh else 0.006) else "不在" if draw.chance(0.03) else "実施")
        if born_here
        else "転入前",
        caries=None if child.age < 3 or arrived > 1100 else _caries(draw, bad=harsh or poor),
        vaccination="完了" if draw.chance(0.7 if harsh else 0.93) else "一部" if draw.chance(0.85) else "なし",
        epds=draw.chance(0.2 if harsh else 0.09) if born_here else None,
        low_birth=draw.chance(0.09) if born_here else None,
        recorded_on=_last_record(draw, child),
    )


def _last_record(draw: Draw, child: Person) -> date:
    after_checks = child.birth + timedelta(days=1120 + draw.between(0, 60))
    return max(child.birth, min(after_checks, BASE_DATE - timedelta(days=draw.between(17, 60))))


def _report_week(draw: Draw, *, harsh: bool) -> int:
    late = draw.share()
    if late < (0.06 if harsh else 0.004):
        return draw.between(28, 39)
    if late < (0.16 if harsh else 0.05):
        return draw.between(12, 27)
    return draw.between(5, 11)


def _age_band(age: int | None) -> str:
    if age is None:
        return ""
    return "19歳以下" if age < 20 else "20歳代" if age < 30 else "30歳代" if age < 40 else "40歳以上"


def _caries(draw: Draw, *, bad: bool) -> int:
    share = draw.share()
    if share < (0.68 if bad else 0.88):
        return 0
    return draw.between(5, 9) if share > (0.92 if bad else 0.985) else draw.between(1, 4)
