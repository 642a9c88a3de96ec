"""The register seen by household: who lives together now, who is whose guardian, who is a minor and in which grade."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reference.akishima.city.days import BASE_DATE, grade_on
from reference.akishima.city.kinship import Home
from reference.akishima.city.register import Person

LONE_SHAPES = frozenset({"single_parent", "three_generations_single", "elders_apart_single", "parent_apart"})
"""Households in which children live with one parent."""

_LAST_GRADE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Those of one household who live in the city on the base date.

    Attributes:
        number: place of the household in the city's list.
        members: in the register's order, the head first where the head lives here.
        minors: up to the 31 March after reaching 18, with their grades; 0 and less before school.
        lone: whether the children live with one parent.
    """

    number: int
    shape: str
    members: tuple[Person, ...]
    minors: tuple[tuple[Person, int], ...]
    lone: bool

    def guardians(self, child: Person) -> list[Person]:
        """The members who can be the child's parents by age, the likeliest first, one of each sex at most."""
        likely = sorted(
            (m for m in self.members if 15 <= m.age - child.age <= 48),
            key=lambda m: (abs(m.age - child.age - 31), m.resident_id),
        )
        found = likely[:1]
        return (
            found + [m for m in likely[1:] if found and m.sex != found[0].sex and abs(m.age - found[0].age) <= 15][:1]
        )


def households(homes: Sequence[Home], persons: Sequence[Person]) -> list[Household]:
    """Every household in the city's order; one that has left has no members."""
    members: list[list[Person]] = [[] for _ in homes]
    for person in persons:
        if person.status == "現存":
            members[person.home].append(person)
    found = []
    for number, (home, present) in enumerate(zip(homes, members, strict=True)):
        young = ((person, grade_on(person.birth, BASE_DATE)) for person in present if person.age <= 18)
        found.append(
            Household(
                number=number,
                shape=home.shape,
                members=tuple(present),
                minors=tuple((person, grade) for person, grade in young if grade <= _LAST_GRADE),
                lone=home.shape in LONE_SHAPES,
            )
        )
    return found
