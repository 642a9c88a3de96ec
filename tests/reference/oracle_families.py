"""Who is whose parent, brother or grandparent in a household, from 続柄 alone, in words: the oracle's own reading."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.reference.oracle import grade_of
from tests.reference.oracle_reading import day_of, rows_of_table

_HEAD = ("世帯主", "夫", "妻")
_GRANDPARENTS = ("父", "母", "夫の父", "夫の母", "妻の父", "妻の母")

# Whose child somebody of this 続柄 is: the 続柄 of the parent in the line, and of that parent's husband or wife.
_PARENTS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "子": (("世帯主",), ("夫", "妻")),
    "子の子": (("子",), ("子の夫", "子の妻")),
    "子の子の子": (("子の子",), ()),
    "兄弟姉妹": (("父", "母"), ()),
    "兄の子": (("兄",), ("兄の妻",)),
    "姉の子": (("姉",), ("姉の夫",)),
    "弟の子": (("弟",), ("弟の妻",)),
    "妹の子": (("妹",), ("妹の夫",)),
    "同居人の子": (("同居人",), ()),
    "夫": (("夫の父", "夫の母"), ()),
    "妻": (("妻の父", "妻の母"), ()),
}
_OF_A_GRANDPARENT: Mapping[str, tuple[str, ...]] = {
    "子": _GRANDPARENTS,
    "子の子": _HEAD,
    "子の子の子": ("子", "子の夫", "子の妻"),
    "兄弟姉妹": ("父の父", "父の母", "母の父", "母の母"),
    **dict.fromkeys(("兄の子", "姉の子", "弟の子", "妹の子"), ("父", "母")),
}
_CERTAIN = ("子", "兄弟姉妹", "夫", "妻")
"""Of these the parents are told by 続柄 alone; of the others there may be several, and age has to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on the register who has not died; ``relation`` without the kinds of marriage and of stepchildren."""

    id: str
    home: str
    dwelling: str
    relation: str
    birth: date | None
    here: bool
    protected: bool
    as_of: date

    @property
    def grade(self) -> int | None:
        return None if self.birth is None else grade_of(self.birth, self.as_of)

    @property
    def minor(self) -> bool:
        return self.grade is not None and self.grade <= 12

    @property
    def target(self) -> bool:
        return self.minor and self.grade is not None and self.grade >= 1

    @property
    def age(self) -> int | None:
        """Reached on the day before the birthday."""
        if self.birth is None:
            return None
        tomorrow = date.fromordinal(self.as_of.toordinal() + 1)
        return tomorrow.year - self.birth.year - ((tomorrow.month, tomorrow.day) < (self.birth.month, self.birth.day))

    @property
    def line(self) -> str | None:
        """Whose child the person is, as a key of the tables above; ``None`` where 続柄 does not say."""
        if self.relation in {"世帯主", "兄", "姉", "弟", "妹"}:
            return "兄弟姉妹"
        return self.relation if self.relation in _PARENTS else None


class Register:
    """Everybody on the register, by home and dwelling."""

    def __init__(self, people: Iterable[Person]) -> None:
        self.people = tuple(people)
        self.homes: defaultdict[str, list[Person]] = defaultdict(list)
        self.dwellings: defaultdict[str, list[Person]] = defaultdict(list)
        self.protected_homes = {person.home for person in self.people if person.protected}
        protected_dwellings = {person.dwelling for person in self.people if person.protected}
        for person in self.people:
            if person.here:
                self.homes[person.home].append(person)
                self.dwellings[person.dwelling].append(person)
        self.hidden = {person.id for person in self.people if person.protected} | {
            person.id
            for person in self.people
            if person.minor and (person.home in self.protected_homes or person.dwelling in protected_dwellings)
        }
        self.guardians = {
            parent.id
            for members in self.homes.values()
            for child in members
            if child.target
            for group in self.parents(child)
            for parent in group
            if not parent.minor
        }

    def cohort(self) -> list[Person]:
        """Target children who live in the city, those under protection among them."""
        return [person for person in self.people if person.here and person.target]

    def others(self, child: Person) -> list[Person]:
        return [member for member in self.homes[child.home] if member.id != child.id]

    def housemates(self, child: Person) -> list[Person]:
        """Everybody of the dwelling whom a query may reach: the own household, and others unless protection stands between."""
        if child.home in self.protected_homes:
            return self.homes[child.home]
        return [person for person in self.dwellings[child.dwelling] if person.home not in self.protected_homes]

    def parents(self, child: Person) -> tuple[Sequence[Person], Sequence[Person]]:
        """Parents in the line, and their husbands and wives, among the household."""
        if child.line is None:
            return (), ()
        own, spouses = _PARENTS[child.line]
        others = self.others(child)
        old_enough = [m for m in others if child.line in _CERTAIN or _could_be_parent(m, child)]
        return [m for m in old_enough if m.relation in own], [m for m in old_enough if m.relation in spouses]

    def parent_count(self, child: Person) -> int | None:
        """Up to two; ``None`` where 続柄 leaves it open, or a parent may live under another household number."""
        if child.line is None:
            return None
        own, spouses = self.parents(child)
        if child.line in _CERTAIN:
            found = min(2, len(own) + len(spouses))
        elif len(own) > 1 and (spouses or child.line == "同居人の子"):
            return None
        else:
            found = min(1, len(own)) + min(1, len(spouses))
        return None if found == 0 and self._adults_apart(child) else found

    def small_siblings(self, child: Person) -> int | None:
        """Brothers and sisters in the household before school entry."""
        if child.line is None:
            return None
        others = self.others(child)
        small = sum(1 for m in others if m.line == child.line and m.grade is not None and m.grade <= 0)
        unclear = child.line not in _CERTAIN and len(self.parents(child)[0]) > 1
        return None if unclear and small else small

    def grandparents_only(self, child: Person) -> bool | None:
        """No adult but grandparents."""
        if child.line is None:
            return None
        wanted = _OF_A_GRANDPARENT.get(child.line, ())
        adults = [member for member in self.others(child) if not member.minor or member.relation in wanted]
        grandparents = [member for member in adults if member.relation in wanted]
        if not grandparents or len(grandparents) < len(adults):
            return False
        return None if self._adults_apart(child) else True

    def adults(self, child: Person) -> int | None:
        """Grown-up and below 65, in the household."""
        members = self.homes[child.home]
        if any(member.birth is None for member in members):
            return None
        return sum(1 for member in members if not member.minor and member.age is not None and member.age < 65)

    def _adults_apart(self, child: Person) -> bool:
        return any(
            member.home != child.home and not member.minor and _could_be_parent(member, child)
            for member in self.dwellings[child.dwelling]
        )


def read_register(departments: Path, as_of: date) -> Register:
    """The register of residents on a day."""
    return Register(
        Person(
            id=row["resident_id"],
            home=row["household_id"],
            dwelling=row["dwelling_key"],
            relation=_plain(row["relation"]),
            birth=day_of(row["birth_date"]),
            here=row["status"] == "現存",
            protected=row["dv_support_flag"] == "1",
            as_of=as_of,
        )
        for row in rows_of_table(departments / "shimin" / "shimin.sqlite", "resident")
        if row["status"] != "死亡"
    )


def _plain(relation: str) -> str:
    """A stepchild is a child, an unregistered husband a husband."""
    relation = relation.replace("（未届）", "")
    for step in ("夫の子", "妻の子"):
        relation = relation.replace(step, "子")
    return relation


def _could_be_parent(person: Person, child: Person) -> bool:
    if person.birth is None or child.birth is None:
        return person.birth is None and not person.minor
    return (person.birth.year + 15, person.birth.month, person.birth.day) <= (
        child.birth.year,
        child.birth.month,
        child.birth.day,
    )
