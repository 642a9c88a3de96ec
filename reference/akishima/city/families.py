"""Households with minors: who lives with the children, and how 続柄 is written toward each kind of head."""

from __future__ import annotations

from dataclasses import replace

from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.kinship import Dwellings, Home, Place
from reference.akishima.city.pyramid import FEMALE, MALE, Pyramid
from reference.akishima.city.relatives import (
    Elders,
    Parents,
    elders_head_the_household,
    parents_head_the_household,
    relative_heads_the_household,
    unrelated_heads_the_household,
)

_SHAPES = (
    ("couple", 65.5),
    ("stepfamily", 4.0),
    ("single_parent", 10.0),
    ("three_generations", 12.0),
    ("three_generations_single", 2.2),
    ("elders_apart", 4.0),
    ("elders_apart_single", 0.7),
    ("grandparents_only", 0.7),
    ("parent_apart", 0.2),
    ("relative_head", 0.4),
    ("unrelated_head", 0.3),
)
_DRAWN_SHAPES = Weighted(_SHAPES)
_CHILDREN = Weighted(((1, 45.0), (2, 41.0), (3, 11.5), (4, 2.5)))
_CHILDREN_OF_ONE = Weighted(((1, 58.0), (2, 33.0), (3, 9.0)))
_YEARS_APART = Weighted(((1, 10.0), (2, 42.0), (3, 28.0), (4, 12.0), (5, 8.0)))

_TWIN_FAMILY = "couple with twins"
"""A couple with twins: one is formed first in every city, since chance alone may give a small one none."""
_OLDEST_MINOR = 17
_TWINS = 0.012


def families(draw: Draw, pyramid: Pyramid, dwellings: Dwellings, *, each_shape: bool = True) -> list[Home]:
    """Form households until no minor is left in the pyramid; ``each_shape`` forms one of each shape first."""
    homes: list[Home] = []
    first = [_TWIN_FAMILY, *(shape for shape, _ in _SHAPES)] if each_shape else []
    while pyramid.left(high=_OLDEST_MINOR):
        shape = first.pop() if first else draw.weighted(_DRAWN_SHAPES)
        homes.extend(_family(draw, pyramid, dwellings, shape=shape))
    return homes


def _family(draw: Draw, pyramid: Pyramid, dwellings: Dwellings, *, shape: str) -> list[Home]:
    twins = shape == _TWIN_FAMILY
    if twins:
        shape = "couple"
    lone = shape in {"single_parent", "three_generations_single", "elders_apart_single", "parent_apart"}
    children = _children(draw, pyramid, lone=lone, twins=twins)
    oldest = max(child.age for child in children)
    parents = _parents(draw, pyramid, oldest=oldest, lone=lone)
    dwelling = next(dwellings)

    if shape in {"three_generations", "three_generations_single", "elders_apart", "elders_apart_single"}:
        elders = _elders(draw, pyramid, parents)
    elif shape in {"grandparents_only", "parent_apart"}:
        elders = _elders(draw, pyramid, parents, one_at_least=True)
    else:
        elders = Elders(maternal=parents.father is None)

    if shape == "grandparents_only" and elders.any:
        _return(pyramid, parents)
        members = elders_head_the_household(draw, pyramid, elders, Parents(), children)
        return [Home(members=members, dwelling=dwelling, shape=shape)]
    if shape == "parent_apart" and elders.any:
        members = elders_head_the_household(draw, pyramid, elders, Parents(), children)
        apart = tuple(replace(p, relation="世帯主") for p in parents_head_the_household(draw, parents, ())[:1])
        return [
            Home(members=members, dwelling=dwelling, shape=shape),
            Home(members=apart, dwelling=dwelling, shape="parent_of_parent_apart", surname_of=dwelling),
        ]
    if shape.startswith("elders_apart") and elders.any:
        members = parents_head_the_household(draw, parents, children)
        same_name = not elders.maternal or parents.father is None
        return [
            Home(members=members, dwelling=dwelling, shape=shape),
            Home(
                members=elders.as_household(),
                dwelling=dwelling,
                shape="elders_of_elders_apart",
                surname_of=dwelling if same_name else None,
            ),
        ]
    if shape.startswith("three_generations") and elders.any:
        if draw.chance(0.5):
            members = elders_head_the_household(draw, pyramid, elders, parents, children)
        else:
            members = parents_head_the_household(draw, parents, children, elders=elders)
        members = _some_have_died(draw, pyramid, members, older_than=oldest + 40)
    elif shape == "relative_head":
        _return(pyramid, parents)
        members = relative_heads_the_household(draw, pyramid, children)
    elif shape == "unrelated_head":
        members = unrelated_heads_the_household(draw, pyramid, parents, children)
    else:
        members = parents_head_the_household(draw, parents, children, step=shape == "stepfamily")
        members = _some_have_moved_out(draw, pyramid, members)
    return [Home(members=members, dwelling=dwelling, shape=shape)]


def _children(draw: Draw, pyramid: Pyramid, *, lone: bool, twins: bool) -> tuple[Place, ...]:
    sex, age = pyramid.take_any(draw, low=0, high=_OLDEST_MINOR, wanted=_equally)
    found = [Place(sex=sex, age=age, relation="子")]
    more = draw.weighted(_CHILDREN_OF_ONE if lone else _CHILDREN) - 1
    if twins or draw.chance(_TWINS):
        twin = _take_either(draw, pyramid, age=age)
        if twin is not None:
            found.append(Place(sex=twin, age=age, relation="子", twin=True))
            more -= 1
    for _ in range(max(more, 0)):
        gap = draw.weighted(_YEARS_APART)
        ages = [child.age for child in found]
        wanted = [min(ages) - gap, max(ages) + gap] if draw.chance(0.5) else [max(ages) + gap, min(ages) - gap]
        for candidate in wanted:
            if 0 <= candidate <= _OLDEST_MINOR and (taken := _take_either(draw, pyramid, age=candidate)) is not None:
                found.append(Place(sex=taken, age=candidate, relation="子"))
                break
    # A brother or sister who has come of age and still lives at home.
    oldest = max(child.age for child in found)
    if oldest >= 14 and draw.chance(0.4):
        grown = oldest + draw.between(2, 5)
        if grown > _OLDEST_MINOR and (taken := _take_either(draw, pyramid, age=grown)) is not None:
            found.append(Place(sex=taken, age=grown, relation="子"))
    # The oldest first, twins side by side: the order in which the register lists children. The sort is stable.
    return tuple(sorted(found, key=lambda child: -child.age))


def _equally(_age: int) -> float:
    return 1.0


def _take_either(draw: Draw, pyramid: Pyramid, *, age: int) -> int | None:
    order = (MALE, FEMALE) if draw.chance(0.512) else (FEMALE, MALE)
    return next((sex for sex in order if pyramid.take(sex, age=age, low=age, high=age) is not None), None)


def _parents(draw: Draw, pyramid: Pyramid, *, oldest: int, lone: bool) -> Parents:
    mother_age = oldest + min(max(draw.normal(30.5, 4.8), 17.0), 46.0)
    father_age = max(mother_age + draw.normal(2.0, 3.8), oldest + 18.0)
    mother_lives_here = not lone or draw.chance(0.88)
    father_lives_here = not lone or not mother_lives_here
    mother = father = None
    if mother_lives_here:
        mother = pyramid.take(FEMALE, age=mother_age, low=max(oldest + 16, 18), high=oldest + 48)
    if father_lives_here or mother is None:
        father = pyramid.take(MALE, age=father_age, low=max(oldest + 16, 18), high=oldest + 60)
    if mother is None and father is None:
        # Only a very small city runs out of adults of these ages.
        sex, age = pyramid.take_any(draw, low=18, high=101, wanted=_equally)
        return Parents(mother=age) if sex == FEMALE else Parents(father=age)
    return Parents(mother=mother, father=father)


def _elders(draw: Draw, pyramid: Pyramid, parents: Parents, *, one_at_least: bool = False) -> Elders:
    maternal = parents.father is None or (parents.mother is not None and draw.chance(0.32))
    base = parents.mother if maternal else parents.father
    child_age = base if base is not None else 40
    grandmother_age = child_age + min(max(draw.normal(27.5, 4.0), 18.0), 42.0)
    kind = draw.share()
    grandmother = grandfather = None
    if kind < 0.9:
        grandmother = pyramid.take(FEMALE, age=grandmother_age, low=child_age + 17, high=min(child_age + 45, 101))
    if kind > 0.45 or (one_at_least and grandmother is None):
        grandfather = pyramid.take(
            MALE, age=grandmother_age + draw.normal(2.5, 3.0), low=child_age + 17, high=min(child_age + 50, 101)
        )
    return Elders(grandmother=grandmother, grandfather=grandfather, maternal=maternal)


def _return(pyramid: Pyramid, parents: Parents) -> None:
    """These parents do not live with the children; the city keeps them for another household."""
    if parents.mother is not None:
        pyramid.put_back(FEMALE, parents.mother)
    if parents.father is not None:
        pyramid.put_back(MALE, parents.father)


def _some_have_moved_out(draw: Draw, pyramid: Pyramid, members: tuple[Place, ...]) -> tuple[Place, ...]:
    """A husband or wife who has moved out (単身赴任, 離婚前) stays on the register for a while."""
    kept = []
    for member in members:
        if member.relation in {"夫", "妻"} and draw.chance(0.015):
            pyramid.put_back(member.sex, member.age)
            kept.append(replace(member, status="転出"))
        else:
            kept.append(member)
    return tuple(kept)


def _some_have_died(draw: Draw, pyramid: Pyramid, members: tuple[Place, ...], *, older_than: int) -> tuple[Place, ...]:
    """A grandparent who died this month is still on the register, and in the care section's file."""
    kept = []
    for member in members:
        if member.relation != "世帯主" and member.age > older_than and draw.chance(0.02):
            pyramid.put_back(member.sex, member.age)
            kept.append(replace(member, status="死亡"))
        else:
            kept.append(member)
    return tuple(kept)
