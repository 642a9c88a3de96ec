"""要介護認定 (介護福祉課): who is certified, at which level, with which services, and for how long."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.kinship import Home
from reference.akishima.city.numbers import distinct_numbers
from reference.akishima.city.register import Person

LEVELS = ("非該当", "事業対象者", "要支援1", "要支援2", "要介護1", "要介護2", "要介護3", "要介護4", "要介護5")
"""From lightest to heaviest."""

NO_SERVICE = "なし"
INSTITUTION = "施設入所"

_LEVELS = Weighted(
    (("非該当", 1.0), ("事業対象者", 3.5), ("要支援1", 13.5), ("要支援2", 13.5), ("要介護1", 20.5),
     ("要介護2", 16.5), ("要介護3", 13.0), ("要介護4", 11.0), ("要介護5", 8.0))
)  # fmt: skip
_RATE_BY_AGE = ((40, 0.0), (65, 0.0035), (70, 0.034), (75, 0.068), (80, 0.142), (85, 0.31), (90, 0.56), (200, 0.8))
_WITH_MINORS = 1.3
"""Certified elders live with their children's families more often than others of their age."""

_HOME_SERVICES = ("訪問介護", "通所介護", "短期入所", "福祉用具", "訪問看護")
_DEMENTIA = Weighted(
    (("自立", 30), ("Ⅰ", 18), ("Ⅱa", 12), ("Ⅱb", 15), ("Ⅲa", 11), ("Ⅲb", 4), ("Ⅳ", 4), ("M", 1), ("", 5))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """One certification. ``None`` and blank mean that the section has no record of it."""

    resident_id: str
    insured_no: str
    care_level: str
    valid_from: date
    valid_to: date
    dementia_level: str | None
    services: str
    main_carer: str | None
    in_facility: str | None

    def valid_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day <= self.valid_to


def certificates(draw: Draw, homes: Sequence[Home], persons: Sequence[Person]) -> list[Certificate]:
    """All certificates of the file: current, expired, renewed ahead of time, overlapping after a change of level."""
    numbers = iter(distinct_numbers(draw, count=len(persons), low=1_000_000, high=9_999_999))
    issued: list[Certificate] = []
    for person in persons:
        if person.status == "転出" or not draw.chance(_rate(person, homes[person.home])):
            continue
        issued.extend(_history(draw, _current(draw, person, homes[person.home], next(numbers))))
    return _one_lives_in_a_facility(issued, homes, persons)


def _one_lives_in_a_facility(
    issued: list[Certificate], homes: Sequence[Home], persons: Sequence[Person]
) -> list[Certificate]:
    """The first certified member of a family with a pupil is in a facility, though registered at home (住所地特例)."""
    families = {number for number, home in enumerate(homes) if any(8 <= member.age <= 16 for member in home.members)}
    at_family = {p.resident_id for p in persons if p.home in families and p.status == "現存" and p.age >= 65}
    chosen = next((c.resident_id for c in issued if c.resident_id in at_family and c.valid_on(BASE_DATE)), None)
    return [
        replace(c, care_level="要介護4", services=INSTITUTION, in_facility="1") if c.resident_id == chosen else c
        for c in issued
    ]


def _rate(person: Person, home: Home) -> float:
    rate = next(rate for below, rate in _RATE_BY_AGE if person.age < below)
    with_minors = any(member.age <= 17 for member in home.members)
    return min(rate * (_WITH_MINORS if with_minors else 1.0), 0.95)


def _current(draw: Draw, person: Person, home: Home, insured_no: str) -> Certificate:
    level = draw.weighted(_LEVELS)
    term = draw.pick((365, 730, 1095))
    start = BASE_DATE - timedelta(days=draw.between(1, term - 1))
    heavy = level in {"要介護3", "要介護4", "要介護5"}
    # Still registered at home though living in a facility (住所地特例), or registered at the facility itself.
    resident = home.facility or (heavy and draw.chance(0.16))
    services = _services(draw, level, resident=resident)
    in_facility = "1" if resident else "0"
    if draw.chance(0.06):
        in_facility = ""
    return Certificate(
        resident_id=person.resident_id,
        insured_no=insured_no,
        care_level=level,
        valid_from=start,
        valid_to=start + timedelta(days=term - 1),
        dementia_level=draw.weighted(_DEMENTIA) or None,
        services=services,
        main_carer=_main_carer(draw, person, home),
        in_facility=in_facility or None,
    )


def _services(draw: Draw, level: str, *, resident: bool) -> str:
    if resident:
        return INSTITUTION
    none = {"非該当": 1.0, "事業対象者": 0.4, "要支援1": 0.38, "要支援2": 0.3}.get(level, 0.2)
    if draw.chance(none):
        return NO_SERVICE
    chosen = draw.shuffled(_HOME_SERVICES)[: draw.between(1, 3)]
    return "、".join(service for service in _HOME_SERVICES if service in chosen)


def _main_carer(draw: Draw, person: Person, home: Home) -> str | None:
    if draw.chance(0.15):
        return None
    others = [member for member in home.members if member.status == "現存" and member.age >= 18]
    if len(others) <= 1:
        return "なし" if draw.chance(0.6) else "子"
    if any(member.relation in {"妻", "夫"} for member in home.members) and person.relation in {"世帯主", "妻", "夫"}:
        return "配偶者"
    return draw.pick(("子", "子", "子の配偶者", "その他"))


def _history(draw: Draw, current: Certificate) -> list[Certificate]:
    """The certificate with those around it, oldest first."""
    kind = draw.share()
    if kind < 0.04:
        # Ran out and was not renewed.
        end = BASE_DATE - timedelta(days=draw.between(2, 200))
        return [replace(current, valid_from=end - timedelta(days=364), valid_to=end)]
    before = replace(
        current,
        care_level=LEVELS[max(LEVELS.index(current.care_level) - draw.between(0, 1), 1)],
        valid_from=current.valid_from - timedelta(days=365),
        valid_to=current.valid_from - timedelta(days=1),
    )
    if kind < 0.07:
        # 区分変更: the level was changed within the term and nobody closed the old certificate.
        return [replace(before, valid_to=current.valid_from + timedelta(days=1100)), current]
    if kind < 0.10:
        # Renewed ahead of time: the next one begins after the base date.
        end = BASE_DATE + timedelta(days=draw.between(1, 45))
        heavier = LEVELS[min(LEVELS.index(current.care_level) + 1, len(LEVELS) - 1)]
        ahead = replace(
            current, care_level=heavier, valid_from=end + timedelta(days=1), valid_to=end + timedelta(days=730)
        )
        return [replace(current, valid_to=end), ahead]
    return [before, current] if kind < 0.6 else [current]


def by_household(persons: Sequence[Person], issued: Sequence[Certificate]) -> Mapping[int, list[Certificate]]:
    """Certificates in force on the base date by household, of people who live at home."""
    home_of = {person.resident_id: person.home for person in persons if person.status == "現存"}
    found: dict[int, list[Certificate]] = {}
    for certificate in issued:
        at_home = certificate.in_facility != "1" and certificate.services != INSTITUTION
        if certificate.resident_id in home_of and certificate.valid_on(BASE_DATE) and at_home:
            found.setdefault(home_of[certificate.resident_id], []).append(certificate)
    return found
