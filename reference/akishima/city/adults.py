"""Households of adults alone, formed from whoever is left in the pyramid."""

from __future__ import annotations

from dataclasses import replace

from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.kinship import Dwellings, Home, Place
from reference.akishima.city.pyramid import FEMALE, MALE, OLDEST, Pyramid

_Shape = str


def _mix(
    single: float, couple: float, with_children: float, one_with_children: float, other: float
) -> Weighted[_Shape]:
    return Weighted(
        (
            ("single", single),
            ("couple_alone", couple),
            ("couple_grown_children", with_children),
            ("parent_grown_children", one_with_children),
            ("other", other),
        )
    )


_BY_AGE_OF_HEAD = (
    (30, _mix(78, 12, 0, 0, 10)),
    (45, _mix(60, 28, 0, 2, 10)),
    (65, _mix(41, 19, 23, 9, 8)),
    (80, _mix(39, 31, 15, 8, 7)),
    (OLDEST + 1, _mix(42, 30, 8, 11, 9)),
)
_FACILITY_SHARE = 0.05
_YOUNG_HEADS = ((25, 0.12), (32, 0.45))
"""Young adults mostly live with their parents: below these ages they are less often the head."""


def _wanted_as_head(age: int) -> float:
    return next((weight for below, weight in _YOUNG_HEADS if age < below), 1.0)


def adult_households(draw: Draw, pyramid: Pyramid, dwellings: Dwellings) -> list[Home]:
    """Form households until nobody is left."""
    homes: list[Home] = []
    while pyramid.left():
        sex, age = pyramid.take_any(draw, low=18, high=OLDEST, wanted=_wanted_as_head)
        head = Place(sex=sex, age=age, relation="世帯主")
        shape = draw.weighted(next(mix for below, mix in _BY_AGE_OF_HEAD if age < below))
        homes.extend(_household(draw, pyramid, dwellings, head=head, shape=shape))
    return homes


def _household(draw: Draw, pyramid: Pyramid, dwellings: Dwellings, *, head: Place, shape: str) -> list[Home]:
    dwelling = next(dwellings)
    members = [head]
    if shape in {"couple_alone", "couple_grown_children"}:
        members = _couple(draw, pyramid, head)
    if shape in {"couple_grown_children", "parent_grown_children"}:
        members += _grown_children(draw, pyramid, head, count=1 if draw.chance(0.62) else 2)
    if shape == "other":
        if head.age >= 75 and draw.chance(0.5):
            return _apart(draw, pyramid, head, dwelling)
        members += _companion(draw, pyramid, head)
    alone = len(members) == 1
    facility = alone and head.age >= 78 and draw.chance(_FACILITY_SHARE)
    return [
        Home(members=tuple(members), dwelling=dwelling, shape="single" if alone else shape, facility=facility),
    ]


def _couple(draw: Draw, pyramid: Pyramid, head: Place) -> list[Place]:
    """The head with a spouse where one is found; nine in ten couples register the husband as the head."""
    spouse = _spouse(draw, pyramid, head)
    if spouse and head.sex == FEMALE and draw.chance(0.9):
        return [replace(spouse[0], relation="世帯主"), replace(head, relation="妻")]
    return [head, *spouse]


def _spouse(draw: Draw, pyramid: Pyramid, head: Place) -> list[Place]:
    sex, relation, gap = (FEMALE, "妻", -2.0) if head.sex == MALE else (MALE, "夫", 2.0)
    age = pyramid.take(
        sex, age=head.age + draw.normal(gap, 3.5), low=max(head.age - 15, 18), high=min(head.age + 15, OLDEST)
    )
    return [] if age is None else [Place(sex=sex, age=age, relation=relation)]


def _grown_children(draw: Draw, pyramid: Pyramid, head: Place, *, count: int) -> list[Place]:
    children = []
    for _ in range(count):
        sex = MALE if draw.chance(0.56) else FEMALE
        age = pyramid.take(sex, age=head.age - draw.normal(30.0, 4.5), low=18, high=max(head.age - 18, 18))
        if age is not None:
            children.append(Place(sex=sex, age=age, relation="子"))
    return children


def _companion(draw: Draw, pyramid: Pyramid, head: Place) -> list[Place]:
    """An old parent, a brother or sister, or somebody unrelated."""
    sex = FEMALE if draw.chance(0.62) else MALE
    kind = draw.share()
    if kind < 0.45 and head.age < 76:
        low, high, wanted = head.age + 18, OLDEST, head.age + draw.normal(28.0, 4.0)
        relation = "母" if sex == FEMALE else "父"
    elif kind < 0.75:
        low, high, wanted = max(head.age - 14, 18), head.age, head.age - draw.normal(4.0, 3.0)
        relation = "妹" if sex == FEMALE else "弟"
    else:
        low, high, wanted = 18, 75, head.age + draw.normal(0.0, 6.0)
        relation = "同居人"
    age = pyramid.take(sex, age=wanted, low=low, high=min(high, OLDEST))
    return [] if age is None else [Place(sex=sex, age=age, relation=relation, line=1 if relation == "同居人" else 0)]


def _apart(draw: Draw, pyramid: Pyramid, head: Place, dwelling: int) -> list[Home]:
    """世帯分離: an old person and a grown child in one dwelling, registered as two households."""
    homes = [Home(members=(head,), dwelling=dwelling, shape="elder_apart")]
    child = _grown_children(draw, pyramid, head, count=1)
    if child:
        own = Place(sex=child[0].sex, age=child[0].age, relation="世帯主")
        homes.append(
            Home(
                members=tuple(_couple(draw, pyramid, own)),
                dwelling=dwelling,
                shape="child_of_elder_apart",
                surname_of=dwelling,
            )
        )
    return homes
