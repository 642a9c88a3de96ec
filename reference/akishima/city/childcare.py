"""子ども育成課: day care before school, after-school clubs after it, and who comes for the child."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.latent import Truth
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household

_CARE_BY_AGE = (
    (1, Weighted((("保育所", 14.0), ("", 86.0)))),
    (3, Weighted((("保育所", 46.0), ("認定こども園", 4.0), ("", 50.0)))),
    (7, Weighted((("保育所", 48.0), ("認定こども園", 14.0), ("幼稚園", 32.0), ("", 6.0)))),
)
_CLUB = Weighted((("在籍", 40.0), ("待機", 3.0), ("退所", 4.0), ("", 53.0)))
_CLUB_OLDER = Weighted((("在籍", 7.0), ("待機", 1.0), ("退所", 5.0), ("", 87.0)))
_BANDS = Weighted((("C1", 4.0), ("C2", 6.0), ("D1", 20.0), ("D2", 24.0), ("D3", 22.0), ("D4", 14.0), ("D5", 10.0)))
_PICKUP = Weighted((("父母", 86.0), ("祖父母", 11.0), ("その他", 2.0), ("兄姉", 0.5)))
_PLACES = (
    "ひまわり",
    "みどり",
    "こばと",
    "あさひ",
    "たんぽぽ",
    "つくし",
    "ほしのこ",
    "にじいろ",
    "どんぐり",
    "なのはな",
)
_LEFT_BECAUSE = ("転居のため", "本人の希望", "育成料の滞納", "塾に通うため")
_SIBLING_COMES = 0.4
"""Chance that the pick-up list says 兄姉 where an older child of the household is a young carer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarePlace:
    """One child's place in day care (``facility`` is filled) or in an after-school club (``club`` is filled)."""

    child: Person
    facility: str
    place: str
    club: str
    leave_reason: str
    fee_band: str
    arrears: bool | None
    sibling: bool | None
    pickup_by: str
    attendance_rate: int | None


def care_places(
    draw: Draw, living: Sequence[Household], circumstances: Sequence[Circumstances], truth: Mapping[str, Truth]
) -> list[CarePlace]:
    """The places of all children up to 小6, in the city's order."""
    rows: list[CarePlace] = []
    for home, found in zip(living, circumstances, strict=True):
        young = [(child, grade) for child, grade in home.minors if grade <= 6]
        if not young:
            continue
        known = [truth[c.resident_id] for c, grade in home.minors if c.resident_id in truth]
        late_payer = draw.chance(0.42 if any(t.poor for t in known) else 0.07 if found.economy == "low" else 0.008)
        carer = any(t.carer for t in known)
        older = any(grade >= 4 for _, grade in home.minors)
        kinds = [_facility(draw, child, grade) for child, grade in young]
        in_care = sum(bool(kind) for kind in kinds)
        for (child, grade), facility in zip(young, kinds, strict=True):
            club = "" if grade < 1 else draw.weighted(_CLUB if grade <= 3 else _CLUB_OLDER)
            if not facility and not club:
                continue
            pickup = draw.weighted(_PICKUP)
            if carer and older and draw.chance(_SIBLING_COMES):
                pickup = "兄姉"
            rows.append(
                CarePlace(
                    child=child,
                    facility=facility,
                    place=draw.pick(_PLACES)
                    + {"保育所": "保育園", "認定こども園": "こども園", "幼稚園": "幼稚園"}.get(facility, "学童クラブ"),
                    club=club or "なし",
                    leave_reason=draw.pick(_LEFT_BECAUSE) if club == "退所" else "",
                    fee_band=_band(draw, found) if facility else "",
                    arrears=None if draw.chance(0.04) else late_payer,
                    sibling=in_care > 1 if facility else None,
                    pickup_by="" if draw.chance(0.12) else pickup,
                    attendance_rate=_rate(draw, home, truth) if facility else None,
                )
            )
    return rows


def _facility(draw: Draw, child: Person, grade: int) -> str:
    if grade >= 1:
        return ""
    return draw.weighted(next(mix for below, mix in _CARE_BY_AGE if child.age < below))


def _band(draw: Draw, found: Circumstances) -> str:
    if found.economy == "welfare":
        return "A"
    if found.economy == "low":
        return draw.pick(("B", "B", "C1", "C2"))
    return draw.weighted(_BANDS)


def _rate(draw: Draw, home: Household, truth: Mapping[str, Truth]) -> int | None:
    if draw.chance(0.1):
        return None
    harsh = any(child.resident_id in truth and truth[child.resident_id].maltreated for child, _ in home.minors)
    return draw.between(45, 85) if harsh else draw.between(82, 100)
