"""The hidden truth: which children carry too much care at home. It shows only through signs, and is kept apart.

Nothing here is a column of any department. Rules and their evaluation can be compared with it; queries cannot reach it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from reference.akishima.city.care import LEVELS, NO_SERVICE, Certificate
from reference.akishima.city.days import BASE_DATE, grade_on
from reference.akishima.city.draw import Draw
from reference.akishima.city.kinship import Home
from reference.akishima.city.register import Person

_SHARE = 0.03
"""Of the target children. A latent state, below what surveys of pupils report about themselves."""

_ILL_PARENT = 0.035
_GRANDCHILD_RECORDED = 0.4
_SUPPORT_1 = LEVELS.index("要支援1")
_CARE_3 = LEVELS.index("要介護3")


@dataclass(frozen=True, slots=True, kw_only=True)
class Burden:
    """What a target child carries: how likely it made care, what it is mostly, and whether it became too much."""

    weight: float
    cause: str
    carer: bool


def burdens(
    draw: Draw,
    homes: Sequence[Home],
    persons: Sequence[Person],
    care: Mapping[int, Sequence[Certificate]],
) -> Mapping[str, Burden]:
    """The burden of every target child, by resident id; about 3 % are young carers."""
    ill = {number: draw.chance(_ILL_PARENT) for number in range(len(homes))}
    weighed = {
        person.resident_id: _weigh(homes[person.home], care.get(person.home, ()), ill_parent=ill[person.home])
        for person in persons
        if person.status == "現存" and 1 <= grade_on(person.birth, BASE_DATE) <= 12
    }
    total = sum(weight for weight, _ in weighed.values())
    scale = _SHARE * len(weighed) / total if total else 0.0
    return {
        child: Burden(weight=weight, cause=cause, carer=draw.chance(min(weight * scale, 0.85)))
        for child, (weight, cause) in weighed.items()
    }


def _weigh(home: Home, care: Sequence[Certificate], *, ill_parent: bool) -> tuple[float, str]:
    """How much heavier than usual life in this household is, and the heaviest reason."""
    reasons: list[tuple[float, str]] = [(1.0, "なし")]
    adults = [m for m in home.members if m.status == "現存" and 18 <= m.age <= 64]
    toddlers = sum(1 for m in home.members if m.age <= 5)
    levels = [LEVELS.index(c.care_level) for c in care]
    if levels and max(levels) >= _CARE_3:
        reasons.append((14.0, "重い要介護者"))
    elif levels and max(levels) >= _SUPPORT_1:
        reasons.append((6.0, "要介護者"))
    if any(c.services == NO_SERVICE and LEVELS.index(c.care_level) >= _SUPPORT_1 for c in care):
        reasons.append((8.0, "サービス未利用"))
    if len(adults) <= 1 and toddlers:
        reasons.append((4.0, "ひとり親ときょうだいの世話"))
    elif toddlers >= 2:
        reasons.append((2.0, "きょうだいの世話"))
    if not adults:
        reasons.append((5.0, "祖父母とこどもだけ"))
    if ill_parent:
        reasons.append((5.0, "保護者の不調"))
    weight = 1.0
    for factor, _ in reasons:
        weight *= factor
    return min(weight, 60.0), max(reasons)[1]


def record_grandchildren_as_carers(
    draw: Draw, issued: Sequence[Certificate], persons: Sequence[Person], truth: Mapping[str, Burden]
) -> list[Certificate]:
    """In some of these households the care section has written down who really looks after the person: 孫."""
    carers_at = {p.home for p in persons if (burden := truth.get(p.resident_id)) is not None and burden.carer}
    elder_at = {p.resident_id: p.home for p in persons if p.age >= 60}
    return [
        replace(certificate, main_carer="孫")
        if elder_at.get(certificate.resident_id) in carers_at and draw.chance(_GRANDCHILD_RECORDED)
        else certificate
        for certificate in issued
    ]
