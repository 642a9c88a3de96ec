"""続柄 as the register writes it: always toward the head, so the same family reads differently under each head."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reference.akishima.city.draw import Draw
from reference.akishima.city.kinship import Place
from reference.akishima.city.pyramid import FEMALE, MALE, Pyramid


@dataclass(frozen=True, slots=True, kw_only=True)
class Parents:
    """Ages of the parents who live with the children."""

    mother: int | None = None
    father: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Elders:
    """Ages of the grandparents who live with them, all of one side."""

    grandmother: int | None = None
    grandfather: int | None = None
    maternal: bool = False

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return self.grandmother is not None or self.grandfather is not None

    def as_household(self) -> tuple[Place, ...]:
        """The grandparents as a household of their own."""
        if self.grandfather is None:
            return _present((FEMALE, self.grandmother, "世帯主", 0))
        return _present((MALE, self.grandfather, "世帯主", 0), (FEMALE, self.grandmother, "妻", 0))


def _present(*places: tuple[int, int | None, str, int]) -> tuple[Place, ...]:
    return tuple(
        Place(sex=sex, age=age, relation=relation, line=line) for sex, age, relation, line in places if age is not None
    )


def parents_head_the_household(
    draw: Draw,
    parents: Parents,
    children: tuple[Place, ...],
    *,
    elders: Elders | None = None,
    step: bool = False,
) -> tuple[Place, ...]:
    """A parent is the head: children are 子 or a spouse's child, grandparents 父, 母, 妻の父, …"""
    father_heads = parents.father is not None and (parents.mother is None or draw.chance(0.9))
    if father_heads:
        spouse = "妻（未届）" if step and draw.chance(0.2) else "妻"
        adults = _present((MALE, parents.father, "世帯主", 0), (FEMALE, parents.mother, spouse, 0))
    else:
        spouse = "夫"
        adults = _present((FEMALE, parents.mother, "世帯主", 0), (MALE, parents.father, spouse, 0))
    offspring = children
    if step and len(adults) == 2:
        # The oldest came with the spouse; half of these families have adopted, and share the surname.
        line = 1 if draw.chance(0.5) else 0
        oldest = children[0].age
        offspring = tuple(
            replace(child, relation=f"{spouse}の子", line=line) if child.age == oldest else child for child in children
        )
    grandparents: tuple[Place, ...] = ()
    if elders is not None:
        own_side = elders.maternal != father_heads
        prefix = "" if own_side else f"{spouse}の"
        grandparents = _present(
            (MALE, elders.grandfather, f"{prefix}父", 0 if own_side else 2),
            (FEMALE, elders.grandmother, f"{prefix}母", 0 if own_side else 2),
        )
    return adults + offspring + grandparents


def elders_head_the_household(
    draw: Draw,
    pyramid: Pyramid,
    elders: Elders,
    parents: Parents,
    children: tuple[Place, ...],
) -> tuple[Place, ...]:
    """A grandparent is the head: children are 子の子, their parents 子, 子の妻 or 子の夫; uncles and aunts are 子."""
    if elders.maternal:
        couple = _present((FEMALE, parents.mother, "子", 0), (MALE, parents.father, "子の夫", 1))
    else:
        couple = _present((MALE, parents.father, "子", 0), (FEMALE, parents.mother, "子の妻", 0))
    line = 1 if elders.maternal and parents.father is not None else 0
    offspring = tuple(replace(child, relation="子の子", line=line) for child in children)
    uncle: tuple[Place, ...] = ()
    if couple and draw.chance(0.15):
        sex = MALE if draw.chance(0.5) else FEMALE
        age = pyramid.take(sex, age=couple[0].age + draw.normal(0.0, 4.0), low=22, high=60)
        uncle = _present((sex, age, "子", 0))
    return elders.as_household() + couple + uncle + offspring


def relative_heads_the_household(draw: Draw, pyramid: Pyramid, children: tuple[Place, ...]) -> tuple[Place, ...]:
    """An uncle, or a grown-up brother or sister, is the head."""
    if draw.chance(0.5):
        sex = MALE if draw.chance(0.5) else FEMALE
        age = pyramid.take(sex, age=draw.normal(46.0, 8.0), low=26, high=69)
        head = _present((sex, age, "世帯主", 0))
        side = draw.pick(("兄の子", "姉の子", "弟の子", "妹の子"))
        if head:
            return head + tuple(replace(child, relation=side, line=1) for child in children)
    sex = MALE if draw.chance(0.5) else FEMALE
    age = pyramid.take(sex, age=children[0].age + 7.0, low=max(children[0].age + 1, 18), high=34)
    head = _present((sex, age, "世帯主", 0))
    siblings = tuple(replace(child, relation="弟" if child.sex == MALE else "妹") for child in children)
    if head:
        return head + siblings
    # Nobody is left for it in a very small city: the oldest child is registered as the head.
    return (replace(siblings[0], relation="世帯主"), *siblings[1:])


def unrelated_heads_the_household(
    draw: Draw, pyramid: Pyramid, parents: Parents, children: tuple[Place, ...]
) -> tuple[Place, ...]:
    """A foster family (縁故者), or a parent and children who live with somebody as 同居人."""
    if draw.chance(0.5):
        foster = _present((MALE, parents.father, "世帯主", 0), (FEMALE, parents.mother, "妻", 0))
        if len(foster) == 2:
            return foster + tuple(replace(child, relation="縁故者", line=1) for child in children)
    sex = MALE if draw.chance(0.5) else FEMALE
    age = pyramid.take(sex, age=draw.normal(45.0, 9.0), low=22, high=69)
    head = _present((sex, age, "世帯主", 0))
    guests = _present((FEMALE, parents.mother, "同居人", 1), (MALE, parents.father, "同居人", 1))
    if not head:
        return parents_head_the_household(draw, parents, children)
    return head + guests + tuple(replace(child, relation="同居人の子", line=1) for child in children)
