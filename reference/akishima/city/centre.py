"""子ども家庭支援センター: cases of the past years and consultations, with those that nobody can name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.latent import Truth
from reference.akishima.city.protection import Protection
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household

_YEARS = 5
_NOTIFIED_HARSH = 0.30
_NOTIFIED_OTHERWISE = 0.016
"""Chance in a year that a child is notified as maltreated; about 2.4 % of children are, and many of them are not."""
_OTHER_CASE = 0.006
_CARER_KNOWN = 0.07
_AWAY_KNOWN = 0.10
_NAMELESS = 0.04
_ROUTES = Weighted((("警察", 30.0), ("学校", 20.0), ("近隣", 14.0), ("児相", 12.0), ("庁内", 10.0), ("保育所", 6.0),
                    ("親族", 6.0), ("本人", 2.0)))  # fmt: skip
_ABUSE = Weighted((("心理", 58.0), ("身体", 24.0), ("ネグレクト", 17.0), ("性的", 1.0)))
_SEVERITY = Weighted((("AA", 0.5), ("A", 4.0), ("B", 20.0), ("C", 44.0), ("D", 26.0), ("", 5.5)))
_OTHER_TYPES = Weighted((("養護", 40.0), ("育成", 26.0), ("障害", 12.0), ("保健", 8.0), ("非行", 5.0),
                         ("その他", 9.0)))  # fmt: skip
_LINKED = ("ショートステイ", "ヘルパー", "学習支援", "SSW", "こども食堂", "障害福祉", "介護", "子育てひろば")
_TOPICS = Weighted((("子育て", 40.0), ("発達", 20.0), ("家族関係", 14.0), ("不登校", 10.0), ("経済", 6.0),
                    ("健康", 5.0), ("その他", 5.0)))  # fmt: skip
_CONSULTED = 0.035
_CONTENTS = (
    "夜泣きがつらい",
    "こどもの発達が気になる",
    "学校に行きたがらない",
    "夫婦の仲が悪い",
    "働きながらの子育てに疲れた",
)
_COURSES = (
    "家庭訪問を実施。本人と面談",
    "学校と情報を共有",
    "電話で状況を確認",
    "関係機関と協議",
    "母と面談。支援を提案",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One accepted case; ``child`` is ``None`` where the notice named nobody who could be found."""

    child: Person | None
    accepted_on: date
    route: str
    main_type: str
    abuse_kind: str
    severity: str
    registered: str
    status: str
    closed_on: date | None
    outcome: str
    services: str
    notifier: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """One consultation about a child."""

    child: Person | None
    consulted_on: date
    channel: str
    topic: str
    about_violence: bool | None
    content: str


def cases(
    draw: Draw,
    living: Sequence[Household],
    circumstances: Sequence[Circumstances],
    truth: Mapping[str, Truth],
    away: Collection[str],
) -> list[Case]:
    """The cases of five years, oldest first; ``away`` are the children who hardly come to school."""
    found = []
    for home in living:
        harsh_home = circumstances[home.number].harsh
        for child, _ in home.minors:
            told = truth.get(child.resident_id)
            harsh = told.maltreated if told is not None else harsh_home
            notified = _NOTIFIED_HARSH if harsh else _NOTIFIED_OTHERWISE
            years = [year for year in range(min(_YEARS, child.age + 1)) if draw.chance(notified)]
            found += [_case(draw, child, year, kind="虐待", real=harsh) for year in years]
            if draw.chance(_OTHER_CASE * _YEARS):
                found.append(
                    _case(draw, child, draw.between(0, _YEARS - 1), kind=draw.weighted(_OTHER_TYPES), real=True)
                )
            if told is not None and told.carer and draw.chance(_CARER_KNOWN):
                found.append(_case(draw, child, 0, kind="ヤングケアラー", real=True))
            if child.resident_id in away and draw.chance(_AWAY_KNOWN):
                found.append(_case(draw, child, draw.between(0, 1), kind="育成", real=True))
    return sorted(found, key=lambda c: (c.accepted_on, c.child.resident_id if c.child else ""))


def _case(draw: Draw, child: Person, years_ago: int, *, kind: str, real: bool) -> Case:
    accepted = BASE_DATE - timedelta(days=draw.between(2, 360) + 365 * years_ago)
    accepted = max(accepted, child.birth)
    abuse = kind == "虐待"
    nameless = abuse and draw.chance(_NAMELESS)
    age_days = (BASE_DATE - accepted).days
    still_open = not nameless and draw.chance(0.65 if age_days < 365 and real else 0.12 if real else 0.05)
    status = draw.pick(("調査中", "支援中", "支援中", "見守り")) if still_open else "終結"
    if not still_open and draw.chance(0.04):
        status = "移管"
    closed = None if still_open else min(accepted + timedelta(days=draw.between(10, 420)), BASE_DATE)
    registered = "なし"
    if still_open and (abuse or kind == "養護"):
        registered = "要保護" if abuse and draw.chance(0.7) else "要支援"
    services = []
    if real and draw.chance(0.4):
        services = [service for service in _LINKED if draw.chance(0.2)]
    return Case(
        child=None if nameless else child,
        accepted_on=accepted,
        route=draw.weighted(_ROUTES) if abuse else draw.pick(("学校", "庁内", "本人", "親族")),
        main_type=kind,
        abuse_kind=draw.weighted(_ABUSE) if abuse else "",
        severity="" if nameless else draw.weighted(_SEVERITY),
        registered=registered,
        status=status,
        closed_on=closed,
        outcome=_outcome(draw, status, real=real, nameless=nameless),
        services="、".join(services),
        notifier="不詳" if nameless else "架空の通告者",
        summary=draw.pick(_COURSES),
    )


def _outcome(draw: Draw, status: str, *, real: bool, nameless: bool) -> str:
    if status == "調査中":
        return ""
    if nameless:
        return "情報不足"
    if real:
        return draw.pick(("要支援", "要支援", "要見守り", "既支援中"))
    return draw.pick(("支援不要", "支援不要", "要見守り", "情報不足"))


def consultations(
    draw: Draw, living: Sequence[Household], protected: Mapping[str, Protection], truth: Mapping[str, Truth]
) -> list[Consultation]:
    """Consultations of the past three years, oldest first."""
    found = []
    for home in living:
        if not home.minors:
            continue
        shielded = any(m.resident_id in protected for m in home.members)
        harsh = any(c.resident_id in truth and truth[c.resident_id].maltreated for c, _ in home.minors)
        for year in range(3):
            if not draw.chance(0.3 if shielded else 0.09 if harsh else _CONSULTED):
                continue
            violence = draw.chance(0.6 if shielded else 0.12 if harsh else 0.01)
            child = home.minors[draw.between(0, len(home.minors) - 1)][0]
            found.append(
                Consultation(
                    child=None if draw.chance(0.05) else child,
                    consulted_on=BASE_DATE - timedelta(days=draw.between(2, 360) + 365 * year),
                    channel=draw.pick(("電話", "電話", "来所", "訪問", "メール")),
                    topic="家族関係" if violence else draw.weighted(_TOPICS),
                    about_violence=None if draw.chance(0.08) else violence,
                    content=draw.pick(_CONTENTS),
                )
            )
    return sorted(found, key=lambda c: (c.consulted_on, c.child.resident_id if c.child else ""))
