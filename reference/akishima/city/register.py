"""The resident register (住民記録): households become persons with numbers, names, birthdays and addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.addresses import Dwelling, Streets, dwelling_key
from reference.akishima.city.days import BASE_DATE, years_before
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.kinship import Home, Place, Status
from reference.akishima.city.names import Foreign, Namer, Reading, half_width, vocabulary
from reference.akishima.city.numbers import distinct_numbers, invalid_individual_number
from reference.akishima.city.pyramid import MALE

_FOREIGN_HOUSEHOLDS = 0.034
_FOREIGN_SPOUSES = 0.016
_LEGACY_KANA = 0.06
_UNKNOWN_DAY = 0.06
_NO_KANA = 0.12

_PLANTED_BIRTHDAYS = {
    6: (4, 1), 7: (2, 29), 9: (4, 2), 10: (4, 1), 11: (2, 29), 12: (4, 1), 14: (4, 2), 15: (2, 29), 17: (4, 1),
}  # fmt: skip
"""Age → birthday that the first only child of that age gets: the edges of the grade rule, and leap days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One row of the register. Dates are real dates here; the writer turns them into 和暦.

    Attributes:
        home: index of the household in the city's list.
        birth: birthday; where ``birth_known`` is false only the year is recorded, as for some foreign residents.
    """

    home: int
    resident_id: str
    household_id: str
    name_kanji: str
    name_kana: str
    alias_name: str
    name_roman: str
    birth: date
    birth_known: bool
    age: int
    sex: int
    relation: str
    head_name: str
    address: str
    building: str
    town_code: str
    postal_code: str
    dwelling_key: str
    became_resident_on: date
    move_reason: str
    prev_pref: str
    moved_out_on: date | None
    nationality: str
    residence_status: str
    status: Status
    kojin_bango: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Name:
    kanji: str
    kana: str
    roman: str = ""
    alias: str = ""
    nationality: str = "日本"


class _Birthdays:
    """Birthdays within a household: twins share one, other siblings are at least ten months apart."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._planted = dict(_PLANTED_BIRTHDAYS)

    def of(self, members: Sequence[Place]) -> list[date]:
        """A birthday for each member, in order."""
        children = [member for member in members if member.age <= 17]
        days: list[date] = []
        born: list[date] = []
        for member in members:
            if member.twin:
                days.append(days[-1])
                continue
            day = self._draw_day(member.age)
            if member.age <= 17:
                if len(children) == 1 and member.age in self._planted:
                    day = _last_birthday(*self._planted.pop(member.age), age=member.age)
                for _ in range(20):
                    if all(abs((day - other).days) >= 300 for other in born):
                        break
                    day = self._draw_day(member.age)
                born.append(day)
            days.append(day)
        return days

    def _draw_day(self, age: int) -> date:
        youngest = years_before(BASE_DATE, age)
        return youngest - timedelta(days=self._draw.between(0, 364))


def _last_birthday(month: int, day: int, *, age: int) -> date:
    """The birthday of somebody of that age whose calendar day it is."""
    year = BASE_DATE.year - age
    return date(year if (month, day) <= (BASE_DATE.month, BASE_DATE.day) else year - 1, month, day)


class Registrar:
    """Registers households; numbers, names and addresses come from streams of their own."""

    def __init__(self, seed: int, *, room: int = 1) -> None:
        """``room``: how many times the city's own size there must be numbers and dwellings for."""
        self._draw = Draw(seed, "register")
        self._room = room
        self._namer = Namer(Draw(seed, "names"))
        self._streets = Streets(Draw(seed, "addresses"), room=room)
        self._birthdays = _Birthdays(Draw(seed, "birthdays"))
        self._dwellings: dict[int, Dwelling] = {}
        self._surnames: dict[int, Reading] = {}
        words = vocabulary()
        self._prefectures = Weighted((name, weight) for name, weight in words["prefectures"])
        self._residence = tuple(words["residence_status"])

    def register(self, homes: Sequence[Home]) -> Iterator[Person]:
        """All members of all households, in the order given."""
        persons = sum(len(home.members) for home in homes)
        residents = iter(distinct_numbers(self._draw, count=persons, low=1_000_000, high=39_999_999 * self._room))
        households = iter(distinct_numbers(self._draw, count=len(homes), low=400_000, high=9_999_999 * self._room))
        for number, home in enumerate(homes):
            yield from self._household(number, home, residents, next(households))

    def _household(self, number: int, home: Home, residents: Iterator[str], household_id: str) -> Iterator[Person]:
        days = self._birthdays.of(home.members)
        names = self._names(home, days)
        if home.dwelling not in self._dwellings:
            self._dwellings[home.dwelling] = self._streets.facility() if home.facility else self._streets.dwelling()
        dwelling = self._dwellings[home.dwelling]
        address, building = self._streets.written(dwelling)
        moved_in = self._moved_in(days[0])
        for member, birth, name in zip(home.members, days, names, strict=True):
            born_here = birth > moved_in
            since = birth if born_here else moved_in
            foreign = name.nationality != "日本"
            reason = "出生" if born_here else "転入" if self._draw.chance(0.8) else "転居"
            if member.status != "現存":
                reason = member.status
            yield Person(
                home=number,
                resident_id=next(residents),
                household_id=household_id,
                name_kanji=name.kanji,
                # Foreign residents do not have to give a reading.
                name_kana=""
                if foreign and self._draw.chance(_NO_KANA)
                else half_width(name.kana, legacy=self._draw.chance(_LEGACY_KANA)),
                alias_name=name.alias,
                name_roman=name.roman,
                birth=birth,
                birth_known=not (foreign and member.age >= 40 and self._draw.chance(_UNKNOWN_DAY)),
                age=member.age,
                sex=member.sex,
                relation=member.relation,
                head_name=names[0].kanji,
                address=address,
                building=building,
                town_code=dwelling.town.code,
                postal_code=dwelling.town.postal_code,
                dwelling_key=dwelling_key(address, building),
                became_resident_on=since,
                move_reason=reason,
                prev_pref="" if born_here else self._draw.weighted(self._prefectures),
                moved_out_on=date(2023, 4, 1) + timedelta(days=self._draw.between(0, 176))
                if member.status == "転出"
                else None,
                nationality=name.nationality,
                residence_status=self._draw.pick(self._residence) if foreign else "",
                status=member.status,
                kojin_bango=invalid_individual_number(self._draw),
            )

    def _moved_in(self, head_born: date) -> date:
        """When the household came to the city: about 4.2 % within the last year, as in-migration has it."""
        years = self._draw.share() * 24.0
        return max(BASE_DATE - timedelta(days=int(years * 365.25) + 2), head_born)

    def _names(self, home: Home, days: Sequence[date]) -> list[_Name]:
        young = home.members[0].age < 70
        foreign_line = self._namer.foreign_family() if young and self._draw.chance(_FOREIGN_HOUSEHOLDS) else None
        foreign_spouse = (
            self._namer.foreign_family() if not foreign_line and young and self._draw.chance(_FOREIGN_SPOUSES) else None
        )
        lines: dict[int, Reading] = {}
        taken: set[str] = set()
        names = []
        for member, birth in zip(home.members, days, strict=True):
            alien = foreign_line or (foreign_spouse if member.relation in {"妻", "夫"} else None)
            if alien is not None:
                names.append(self._foreign_name(alien, member))
                continue
            if member.line not in lines:
                lines[member.line] = self._line(home, member.line)
            surname = lines[member.line]
            given = self._namer.given(sex=member.sex, birth_year=birth.year, taken=frozenset(taken))
            taken.add(given[0])
            names.append(_Name(kanji=f"{surname[0]}　{given[0]}", kana=f"{surname[1]} {given[1]}"))
        return names

    def _line(self, home: Home, line: int) -> Reading:
        if line != 0:
            return self._namer.surname()
        if home.surname_of is not None and home.surname_of in self._surnames:
            return self._surnames[home.surname_of]
        own = self._namer.surname()
        # Relatives in the same dwelling look up the household that was registered there first.
        self._surnames.setdefault(home.dwelling, own)
        return own

    def _foreign_name(self, family: Foreign, member: Place) -> _Name:
        roman, kana = self._draw.pick(family.male if member.sex == MALE else family.female)
        # The register cuts alphabet names at 30 characters; 通称 is in use by about half.
        alias = self._namer.surname()[0] + "　" + kana.split(" ")[0] if self._draw.chance(0.5) else ""
        full = f"{family.roman} {roman}"[:30]
        return _Name(
            kanji=full,
            kana=f"{family.kana} {kana}",
            roman=full,
            alias=alias,
            nationality=family.nationality,
        )
