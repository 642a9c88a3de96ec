"""The city's schools (fictional names), and which pupil goes where under which 学籍番号."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from reference.akishima.city.addresses import towns
from reference.akishima.city.days import grade_on
from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.names import vocabulary
from reference.akishima.city.pyramid import CITY_POPULATION
from reference.akishima.city.register import Person

Recording = Literal["all", "none", "some_classes", "since_2023", "not_zero"]
"""How a school fills 遅刻 and 早退: always, never, in every other class, since April 2023, or only where not zero."""

Form = Literal["system", "ledger", "report", "list"]
"""What a school delivers: the CSV of its system, an Excel 出席簿, a CSV 月報 with a title, an Excel 出欠一覧."""

_FORMS: tuple[Form, ...] = ("system", "ledger", "report", "list")

_RECORDING: tuple[Recording, ...] = ("all", "none", "some_classes", "not_zero", "all", "since_2023", "none")
_CLASS_SIZE = 34
_OUTSIDE = Weighted((("私立", 62.0), ("国立", 14.0), ("特別支援学校", 14.0), ("区域外就学", 10.0)))
_ENROLLED = Weighted((("在学", 99.5), ("就学猶予", 0.25), ("居所不明", 0.25)))
_SUPPORT = Weighted((("通常", 93.0), ("通級", 3.6), ("特支", 3.4)))
_TRANSFERS = Weighted(((0, 86.0), (1, 10.5), (2, 2.8), (3, 0.7)))
_STALE_NUMBER = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school of the city.

    Attributes:
        junior: 中学校.
        records: how it fills 遅刻 and 早退.
        details: whether it breaks absences down by reason.
        form: what its files look like.
        checks: whether its teachers fill in what they noticed, or only visits to the nurse and homework.
    """

    code: str
    name: str
    junior: bool
    records: Recording
    details: bool
    form: Form
    checks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One row of 学齢簿: one pupil in one fiscal year.

    Attributes:
        school: ``None`` for a pupil of no school of the city.
        student_no: as the school has it; ``listed_no`` as 学齢簿 has it, which is wrong where a number was mistyped.
        out_of_area: blank, 国立, 私立, 特別支援学校 or 区域外就学.
    """

    person: Person
    fiscal_year: int
    grade: int
    school: School | None
    room: int
    seat: int
    student_no: str
    listed_no: str
    out_of_area: str
    enrol_status: str
    support: str
    transfers: int


def schools(population: int) -> tuple[School, ...]:
    """Thirteen elementary and six junior high schools, fewer in a smaller city, more in a larger one."""
    scale = population / CITY_POPULATION
    found = []
    for junior, names, least in (
        (False, vocabulary()["elementary_schools"], 4),
        (True, vocabulary()["junior_high_schools"], 2),
    ):
        for place in range(max(least, round(len(names) * scale))):
            again, which = divmod(place, len(names))
            form = _FORMS[(place + (1 if junior else 0)) % len(_FORMS)]
            found.append(
                School(
                    code=f"{'J' if junior else 'E'}{place + 1:02}",
                    name=f"{names[which]}{f'第{again + 1}' if again else ''}{'中' if junior else '小'}学校",
                    junior=junior,
                    records=_RECORDING[(place + (2 if junior else 0)) % len(_RECORDING)],
                    details=place % 3 != 1 and form != "list",
                    form=form,
                    checks=place % 5 != 4,
                )
            )
    return tuple(found)


def enrol(
    draw: Draw, persons: Iterable[Person], all_schools: Sequence[School], years: Sequence[int]
) -> list[Enrolment]:
    """学齢簿 of the given fiscal years, one row per pupil and year."""
    pupils = [person for person in persons if person.status != "死亡" and _is_pupil(person, years)]
    rows = []
    lasting = {pupil.resident_id: _Lasting.of(draw) for pupil in pupils}
    for year in years:
        present = [p for p in pupils if _in_grade(p, year) and p.became_resident_on <= date(year + 1, 3, 31)]
        rows.extend(_one_year(draw, present, all_schools, lasting, year=year))
    return rows


def _in_grade(person: Person, year: int) -> bool:
    return 1 <= grade_on(person.birth, date(year, 4, 1)) <= 9


def _is_pupil(person: Person, years: Sequence[int]) -> bool:
    return any(_in_grade(person, year) for year in years)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lasting:
    """What stays with a pupil over the years; shares are compared with thresholds when a year is enrolled."""

    outside_share: float
    outside: str
    enrolled: str
    support: str
    transfers: int
    stays_after_moving: bool

    @classmethod
    def of(cls, draw: Draw) -> _Lasting:
        return cls(
            outside_share=draw.share(),
            outside=draw.weighted(_OUTSIDE),
            enrolled=draw.weighted(_ENROLLED),
            support=draw.weighted(_SUPPORT),
            transfers=draw.weighted(_TRANSFERS),
            stays_after_moving=draw.chance(0.6),
        )


def _one_year(
    draw: Draw,
    present: Sequence[Person],
    all_schools: Sequence[School],
    lasting: Mapping[str, _Lasting],
    *,
    year: int,
) -> list[Enrolment]:
    classes: dict[tuple[School | None, int], list[Person]] = {}
    for person in present:
        known = lasting[person.resident_id]
        grade = grade_on(person.birth, date(year, 4, 1))
        if person.status == "転出" and not known.stays_after_moving:
            continue
        away = known.outside_share < (0.12 if grade >= 7 else 0.035) or known.enrolled != "在学"
        school = None if away else _school_for(person, all_schools, junior=grade >= 7)
        classes.setdefault((school, grade), []).append(person)
    rows = []
    for (school, grade), members in classes.items():
        in_school = grade - 6 if grade >= 7 else grade
        ordered = sorted(members, key=lambda p: (p.name_kana, p.resident_id))
        rooms = -(-len(ordered) // _CLASS_SIZE)
        for place, person in enumerate(ordered):
            known = lasting[person.resident_id]
            room, seat = place % rooms + 1, place // rooms + 1
            number = f"R{year - 2018}-{in_school}-{room}-{seat}" if school else ""
            mistyped = school is not None and draw.chance(_STALE_NUMBER)
            rows.append(
                Enrolment(
                    person=person,
                    fiscal_year=year,
                    grade=grade,
                    school=school,
                    room=room,
                    seat=seat,
                    student_no=number,
                    # Seats beyond 80 exist in no class, so a mistyped number never is another pupil's.
                    listed_no=f"R{year - 2018}-{in_school}-{room}-{seat + 80}" if mistyped else number,
                    out_of_area=_out_of_area(person, known, school),
                    enrol_status=known.enrolled,
                    support=known.support if school else "",
                    transfers=known.transfers,
                )
            )
    return rows


def _out_of_area(person: Person, known: _Lasting, school: School | None) -> str:
    if school is None:
        return known.outside if known.enrolled == "在学" else ""
    return "区域外就学" if person.status == "転出" else ""


def _school_for(person: Person, all_schools: Sequence[School], *, junior: bool) -> School:
    """The school of the district: towns in their order, cut into as many districts as there are schools."""
    candidates = [school for school in all_schools if school.junior == junior]
    share = 0.0
    for town, weight in towns():
        if town.code == person.town_code:
            # A large town is cut through; the dwelling decides, so that brothers and sisters go to one school.
            share += weight * int(person.dwelling_key[:4], 16) / 0x10000
            break
        share += weight
    return candidates[min(int(share * len(candidates)), len(candidates) - 1)]


def grade_label(grade: int) -> str:
    """``小3`` or ``中1``."""
    return f"小{grade}" if grade <= 6 else f"中{grade - 6}"
