"""生活福祉課: cases of 生活保護, and consultations about hardship before it comes to that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.latent import Truth
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household

_SUSPENDED = 0.03
_LEFT_OUT = 0.04
"""Members whom the office counts to another household of its own: 保護の世帯 is not 住民票の世帯."""
_CLOSED = {"low": 0.03, "plain": 0.003, "welfare": 0.05}
"""Households with a case that ended in the past two years, by what they live on now."""

_REASONS = ("収入の減少", "傷病", "離別", "預貯金の減少", "失業", "世帯主の死亡")
_CONSULTED = {"welfare": 0.06, "low": 0.10, "plain": 0.006}
_TYPES = Weighted((("自立相談", 52.0), ("家計改善", 18.0), ("住居確保", 18.0), ("学習支援", 12.0)))
_PLANS = Weighted((("作成済", 42.0), ("作成中", 12.0), ("不要", 14.0), ("未作成", 24.0), ("", 8.0)))
_SUMMARIES = (
    "家賃を払えないと話す",
    "仕事を失い貯えがない",
    "こどもの学費の相談",
    "借金の返済が苦しい",
    "光熱費を滞納している",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WelfareCase:
    """One person in one case, from its start to its end."""

    person: Person
    household_id: str
    case_no: str
    aid_start: date
    aid_end: date | None
    state: str
    aid_types: str
    household_type: str
    start_reason: str
    amount: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HardshipConsult:
    """One consultation about hardship."""

    person: Person
    consult_on: date
    kind: str
    plan: str
    study_support: bool | None
    summary: str


def welfare_cases(draw: Draw, living: Sequence[Household], circumstances: Sequence[Circumstances]) -> list[WelfareCase]:
    """Open and suspended cases, and those closed in the past two years."""
    cases: list[WelfareCase] = []
    number = 0
    for home, found in zip(living, circumstances, strict=True):
        if not home.members:
            continue
        open_now = found.economy == "welfare"
        if draw.chance(_CLOSED[found.economy]):
            number += 1
            ended = BASE_DATE - timedelta(days=draw.between(40, 730))
            cases += _case(draw, home, number, start=ended - timedelta(days=draw.between(200, 2500)), end=ended)
        if open_now:
            number += 1
            cases += _case(draw, home, number, start=BASE_DATE - timedelta(days=draw.between(20, 3600)), end=None)
    return cases


def _case(draw: Draw, home: Household, number: int, *, start: date, end: date | None) -> list[WelfareCase]:
    state = "廃止" if end else "停止中" if draw.chance(_SUSPENDED) else "受給中"
    reason = draw.pick(_REASONS) if draw.chance(0.95) else ""
    types = ["生活"]
    types += ["住宅"] if draw.chance(0.88) else []
    types += ["教育"] if any(1 <= grade <= 9 for _, grade in home.minors) else []
    types += ["医療"] if draw.chance(0.8) else []
    types += ["介護"] if home.members[0].age >= 70 and draw.chance(0.35) else []
    amount = draw.between(60, 140) * 1000 + draw.between(20, 45) * 1000 * (len(home.members) - 1)
    kind = _household_type(draw, home)
    written = []
    for place, person in enumerate(home.members):
        if place > 0 and person.age >= 18 and draw.chance(_LEFT_OUT):
            continue
        written.append(
            WelfareCase(
                person=person,
                household_id=home.members[0].household_id,
                case_no=f"{number:06}",
                aid_start=max(start, person.birth, person.became_resident_on) if end is None else start,
                aid_end=end,
                state=state,
                aid_types="、".join(types),
                household_type=kind,
                start_reason=reason,
                amount=amount if place == 0 and state == "受給中" else None,
            )
        )
    return written


def _household_type(draw: Draw, home: Household) -> str:
    if all(member.age >= 65 for member in home.members):
        return "高齢"
    if home.lone and home.minors:
        return "母子"
    return draw.pick(("傷病", "障害", "その他"))


def hardship_consults(
    draw: Draw, living: Sequence[Household], circumstances: Sequence[Circumstances], truth: Mapping[str, Truth]
) -> list[HardshipConsult]:
    """Consultations of the past three years; households with children in poverty come more often."""
    consults = []
    for home, found in zip(living, circumstances, strict=True):
        if not home.members or home.members[0].age < 18:
            continue
        poor = any(child.resident_id in truth and truth[child.resident_id].poor for child, _ in home.minors)
        if not draw.chance(_CONSULTED[found.economy] + (0.16 if poor else 0.0)):
            continue
        kind = draw.weighted(_TYPES)
        if kind == "学習支援" and not home.minors:
            kind = "自立相談"
        consults.append(
            HardshipConsult(
                person=home.members[0],
                consult_on=BASE_DATE - timedelta(days=draw.between(3, 1090)),
                kind=kind,
                plan=draw.weighted(_PLANS),
                study_support=None if draw.chance(0.1) else kind == "学習支援" or (poor and draw.chance(0.1)),
                summary=draw.pick(_SUMMARIES),
            )
        )
    return sorted(consults, key=lambda c: (c.consult_on, c.person.resident_id))
