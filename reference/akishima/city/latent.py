"""The hidden truth about the target children: young carers, poverty, maltreatment, and what is behind it.

It shows only through signs in the departments' records, and is written apart from them. Rules and their evaluation can
be compared with it; queries cannot reach it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reference.akishima.city.care import LEVELS, NO_SERVICE, Certificate
from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.draw import Draw
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household

_YOUNG_CARERS = 0.03
"""Of the target children. A latent state, below what surveys of pupils report about themselves."""

_ILL_PARENT = 5.0
_POOR = {("welfare", True): 0.25, ("welfare", False): 0.25, ("low", True): 0.30, ("low", False): 0.62}
_POOR_OTHERWISE = 0.015
_MALTREATED_IN_HARSH_HOME = 0.75
_GRANDCHILD_RECORDED = 0.4
_SUPPORT_1 = LEVELS.index("要支援1")
_CARE_3 = LEVELS.index("要介護3")

NOTHING = "なし"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of one target child; each cause is the heaviest, 「なし」 where the state is not there."""

    carer: bool
    carer_cause: str
    poor: bool
    poor_cause: str
    maltreated: bool
    maltreated_cause: str


def truths(
    draw: Draw,
    living: Sequence[Household],
    circumstances: Sequence[Circumstances],
    care: Mapping[int, Sequence[Certificate]],
) -> dict[str, Truth]:
    """The truth about every target child (grades 1 to 12), by resident id."""
    weighed: list[tuple[Household, Person, float, str]] = []
    for home, found in zip(living, circumstances, strict=True):
        children = [child for child, grade in home.minors if grade >= 1]
        if children:
            weight, cause = _weigh(home, found, care.get(home.number, ()))
            weighed.extend((home, child, weight, cause) for child in children)
    total = sum(weight for _, _, weight, _ in weighed)
    scale = _YOUNG_CARERS * len(weighed) / total if total else 0.0
    told = {}
    for home, child, weight, cause in weighed:
        found = circumstances[home.number]
        carer = draw.chance(min(weight * scale, 0.85))
        poor = draw.chance(_POOR.get((found.economy, found.applies), _POOR_OTHERWISE))
        maltreated = found.harsh and draw.chance(_MALTREATED_IN_HARSH_HOME)
        told[child.resident_id] = Truth(
            carer=carer,
            carer_cause=cause if carer else NOTHING,
            poor=poor,
            poor_cause=_poverty_cause(home, found) if poor else NOTHING,
            maltreated=maltreated,
            maltreated_cause=_harsh_cause(home, found) if maltreated else NOTHING,
        )
    return told


def _weigh(home: Household, found: Circumstances, care: Sequence[Certificate]) -> tuple[float, str]:
    """How much heavier than usual life in this household is, and the heaviest reason."""
    reasons: list[tuple[float, str]] = [(1.0, "不明")]
    adults = [m for m in home.members if 18 <= m.age <= 64]
    toddlers = sum(1 for _, grade in home.minors if grade <= 0)
    levels = [LEVELS.index(c.care_level) for c in care]
    if levels and max(levels) >= _CARE_3:
        reasons.append((14.0, "重い要介護者"))
    elif levels and max(levels) >= _SUPPORT_1:
        reasons.append((6.0, "要介護者"))
    if any(c.services == NO_SERVICE and LEVELS.index(c.care_level) >= _SUPPORT_1 for c in care):
        reasons.append((8.0, "介護サービス未利用"))
    if found.heavy:
        reasons.append((5.0 if found.served else 9.0, "重い障害のある家族"))
    if found.ill_parent:
        reasons.append((_ILL_PARENT, "保護者の精神疾患"))
    if len(adults) <= 1 and toddlers:
        reasons.append((4.0, "ひとり親ときょうだいの世話"))
    elif toddlers >= 2:
        reasons.append((2.0, "きょうだいの世話"))
    if not adults:
        reasons.append((5.0, "祖父母とこどもだけ"))
    weight = 1.0
    for factor, _ in reasons:
        weight *= factor
    return min(weight, 60.0), max(reasons)[1]


def _poverty_cause(home: Household, found: Circumstances) -> str:
    if found.economy == "welfare":
        return "生活保護では足りない"
    if found.economy == "low":
        return "ひとり親の低所得" if home.lone else "低所得" if found.applies else "制度を申請していない"
    return "家計の急変"


def _harsh_cause(home: Household, found: Circumstances) -> str:
    if found.ill_parent:
        return "保護者の精神疾患"
    if found.economy != "plain":
        return "生活の困窮"
    return "家族構成の変化" if home.shape == "stepfamily" else "養育の孤立"


def record_grandchildren_as_carers(
    draw: Draw, issued: Sequence[Certificate], persons: Sequence[Person], truth: Mapping[str, Truth]
) -> list[Certificate]:
    """In some of these households the care section has written down who really looks after the person: 孫."""
    carers_at = {p.home for p in persons if (found := truth.get(p.resident_id)) is not None and found.carer}
    elder_at = {p.resident_id: p.home for p in persons if p.age >= 60}
    return [
        replace(certificate, main_carer="孫")
        if elder_at.get(certificate.resident_id) in carers_at and draw.chance(_GRANDCHILD_RECORDED)
        else certificate
        for certificate in issued
    ]
