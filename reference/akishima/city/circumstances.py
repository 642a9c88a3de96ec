"""What each household lives with: its means, whether it asks for what it may have, illness of a parent. Hidden.

Nothing here is a column of any department. The departments' records follow from it, with noise, so that brothers and
sisters share what their household has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.disability import Disability
from reference.akishima.city.draw import Draw
from reference.akishima.city.protection import Protection
from reference.akishima.city.residents import Household

Economy = Literal["welfare", "low", "plain"]
"""Receives 生活保護; could have 就学援助 and the like; neither."""

_WELFARE_LONE = 0.10
_WELFARE_FAMILY = 0.004
_WELFARE_ALONE = ((35, 0.005), (65, 0.042), (200, 0.082))
_WELFARE_TOGETHER = ((40, 0.002), (200, 0.014))
"""By the age of the head, where there are no minors."""
_LOW_LONE = 0.47
_LOW_FAMILY = 0.138
"""With ``_APPLIES`` these make 就学援助 16 % of pupils, four times as likely with one parent."""
_APPLIES = 0.82
_UNRECORDED_ILLNESS = 0.01
_HARSH = 0.013
"""Chance that a household with minors is one where children are maltreated, before what weighs on it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """One household.

    Attributes:
        applies: whether it asks for the aid that it may have; only said of households with minors.
        ill_parent: a guardian is mentally ill, known to a department or not.
        heavy: an adult with a heavy disability lives here; ``served`` says whether somebody of them has a service.
        harsh: children are maltreated here.
    """

    economy: Economy
    applies: bool
    ill_parent: bool
    heavy: bool
    served: bool
    harsh: bool


def circumstances(
    draw: Draw, living: Sequence[Household], disability: Disability, protected: Mapping[str, Protection]
) -> list[Circumstances]:
    """The circumstances of every household, in the city's order."""
    ill = {s.person.resident_id for s in disability.services if s.outpatient}
    ill |= {h.person.resident_id for h in disability.handbooks if h.kind == "精神" and h.valid_on(BASE_DATE)}
    heavy = {h.person.resident_id for h in disability.handbooks if h.heavy and h.valid_on(BASE_DATE)}
    served = {s.person.resident_id for s in disability.services if s.service}
    return [_of(draw, home, ill=ill, heavy=heavy, served=served, protected=protected) for home in living]


def _of(
    draw: Draw,
    home: Household,
    *,
    ill: set[str],
    heavy: set[str],
    served: set[str],
    protected: Mapping[str, Protection],
) -> Circumstances:
    economy = _economy(draw, home)
    if not home.minors:
        return Circumstances(economy=economy, applies=False, ill_parent=False, heavy=False, served=False, harsh=False)
    minors = {child.resident_id for child, _ in home.minors}
    adults = [m.resident_id for m in home.members if m.resident_id not in minors]
    guardians = {g.resident_id for child, _ in home.minors[:1] for g in home.guardians(child)}
    ill_parent = bool(guardians & ill) or draw.chance(_UNRECORDED_ILLNESS)
    burdened = [adult for adult in adults if adult in heavy]
    weight = _HARSH
    weight *= {"welfare": 3.0, "low": 2.2, "plain": 1.0}[economy]
    weight *= (1.5 if home.lone else 1.0) * (2.5 if ill_parent else 1.0) * (1.5 if home.shape == "stepfamily" else 1.0)
    if any(m.resident_id in protected for m in home.members):
        weight *= 8.0
    return Circumstances(
        economy=economy,
        applies=draw.chance(_APPLIES),
        ill_parent=ill_parent,
        heavy=bool(burdened),
        served=any(adult in served for adult in burdened),
        harsh=draw.chance(min(weight, 0.6)),
    )


def _economy(draw: Draw, home: Household) -> Economy:
    if not home.members:
        return "plain"
    if home.minors:
        welfare, low = (_WELFARE_LONE, _LOW_LONE) if home.lone else (_WELFARE_FAMILY, _LOW_FAMILY)
    else:
        head, alone = home.members[0].age, len(home.members) == 1
        rates = _WELFARE_ALONE if alone else _WELFARE_TOGETHER
        welfare = next(rate for below, rate in rates if head < below)
        low = 0.12
    chosen = draw.share()
    return "welfare" if chosen < welfare else "low" if chosen < welfare + low else "plain"
