"""Builds the reference city: ``generate(target, population=…, seed=…)`` writes what its departments hold (架空データ).

The same seed and population give the same city, byte for byte in the CSV files and row for row in the databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

from governance.errors import BadInput
from reference.akishima.city.adults import adult_households
from reference.akishima.city.attendance import attendance
from reference.akishima.city.care import by_household, certificates
from reference.akishima.city.days import BASE_DATE, grade_on
from reference.akishima.city.draw import Draw
from reference.akishima.city.extracts import (
    MARKING,
    write_about,
    write_attendance,
    write_certificates,
    write_register,
    write_school_register,
)
from reference.akishima.city.families import families
from reference.akishima.city.kinship import Home
from reference.akishima.city.protection import protect
from reference.akishima.city.pyramid import CITY_POPULATION, Pyramid
from reference.akishima.city.register import Registrar
from reference.akishima.city.schools import enrol, schools
from reference.akishima.city.young_carers import Burden, burdens, record_grandchildren_as_carers

DEMO_POPULATION = 5_000
FULL_POPULATION = CITY_POPULATION
SMALLEST_POPULATION = 300
DEFAULT_SEED = 20231001

FISCAL_YEARS = (2022, 2023)

EXTRACTED_ON: Mapping[str, date] = {
    "shimin": date(2023, 9, 30),
    "kaigo": date(2023, 9, 15),
    "kyoiku": date(2023, 9, 29),
    "school": date(2023, 9, 30),
}
"""Department → day of its last extract: the register nightly, care after the 10th, schools at the month's end."""

DATASETS: Mapping[str, tuple[str, ...]] = {
    "shimin": ("shimin.resident",),
    "kaigo": ("kaigo.certificate",),
    "kyoiku": ("kyoiku.gakurei",),
    "school": ("school.attendance",),
}
"""Department → its base datasets; what is derived from them is as fresh as they are."""

STAGES: Mapping[str, Mapping[str, str]] = {
    "households": {"ja": "世帯をつくる", "en": "forming households"},
    "register": {"ja": "住民記録をつくる", "en": "registering residents"},
    "care": {"ja": "要介護認定をつくる", "en": "issuing care certificates"},
    "schools": {"ja": "学齢簿をつくる", "en": "enrolling pupils"},
    "attendance": {"ja": "出欠の記録を書き出す", "en": "writing attendance"},
}
"""Stage → what it does, in the order in which ``progress`` hears of them."""

_MOVED_OUT = 0.022
"""Persons who moved out in the past half-year and are still on the register, as a share of the population."""

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedCity:
    """What was written.

    Attributes:
        departments: folder of the departments' sources.
        latent_truth: list of the children who are young carers, kept away from every department.
        residents: persons living in the city on the base date; exactly the population asked for.
        on_register: rows of the register, with those who have moved out or died.
    """

    departments: Path
    latent_truth: Path
    base_date: date
    seed: int
    residents: int
    on_register: int
    households: int
    target_children: int
    young_carers: int
    certificates: int
    pupils: int
    attendance_rows: int
    attendance_files: int


def generate(
    target: Path, *, population: int = DEMO_POPULATION, seed: int = DEFAULT_SEED, progress: Progress | None = None
) -> GeneratedCity:
    """Write ``target/departments/<id>/…`` and ``target/latent_truth.csv``; files of an earlier run are replaced.

    Raises:
        BadInput: the population is outside what the generator can form households from.
    """
    if not SMALLEST_POPULATION <= population <= FULL_POPULATION:
        raise BadInput("population-out-of-range", low=SMALLEST_POPULATION, high=FULL_POPULATION)
    tell = progress or (lambda _stage, _done, _total: None)

    tell("households", 0, population)
    homes = _homes(seed, population)
    tell("households", population, population)

    persons = []
    on_register = sum(len(home.members) for home in homes)
    for person in Registrar(seed).register(homes):
        persons.append(person)
        if len(persons) % 1000 == 0 or len(persons) == on_register:
            tell("register", len(persons), on_register)
    protected = protect(Draw(seed, "protection"), homes, persons)

    issued = certificates(Draw(seed, "care"), homes, persons)
    truth = burdens(Draw(seed, "burden"), homes, persons, by_household(persons, issued))
    issued = record_grandchildren_as_carers(Draw(seed, "carers"), issued, persons, truth)
    tell("care", len(issued), len(issued))

    city_schools = schools(population)
    rows = enrol(Draw(seed, "enrolment"), persons, city_schools, FISCAL_YEARS)
    tell("schools", len(rows), len(rows))
    records = list(attendance(Draw(seed, "attendance"), rows, truth, until=EXTRACTED_ON["school"]))

    departments = target / "departments"
    for department, names in DATASETS.items():
        write_about(
            departments / department,
            extracts=dict.fromkeys(names, EXTRACTED_ON[department]),
            readme=department in {"kyoiku", "school"},
        )
    write_register(departments / "shimin" / "shimin.sqlite", persons, protected, day=EXTRACTED_ON["shimin"])
    write_certificates(departments / "kaigo" / "kaigo.duckdb", issued)
    _remove_csv(departments / "kyoiku")
    write_school_register(departments / "kyoiku", Draw(seed, "remarks"), rows)
    _remove_csv(departments / "school" / "attendance")
    expected = len({(record.enrolment.school, record.month) for record in records})
    written = 0
    for written, _ in enumerate(write_attendance(departments / "school" / "attendance", records), start=1):
        tell("attendance", written, expected)
    latent = _write_truth(target / "latent_truth.csv", truth)

    return GeneratedCity(
        departments=departments,
        latent_truth=latent,
        base_date=BASE_DATE,
        seed=seed,
        residents=sum(person.status == "現存" for person in persons),
        on_register=len(persons),
        households=len({person.household_id for person in persons if person.status == "現存"}),
        target_children=sum(
            person.status == "現存" and 1 <= grade_on(person.birth, BASE_DATE) <= 12 for person in persons
        ),
        young_carers=sum(burden.carer for burden in truth.values()),
        certificates=len(issued),
        pupils=len({record.enrolment.person.resident_id for record in records}),
        attendance_rows=len(records),
        attendance_files=written,
    )


def _homes(seed: int, population: int) -> list[Home]:
    """All households, and those that have moved out but are still on the register."""
    dwellings = count(1)
    pyramid = Pyramid(population)
    homes = families(Draw(seed, "families"), pyramid, dwellings)
    homes += adult_households(Draw(seed, "adults"), pyramid, dwellings)
    draw = Draw(seed, "moved out")
    leaving = Pyramid(max(30, round(population * _MOVED_OUT)))
    left = families(draw, leaving, dwellings, each_shape=False) + adult_households(draw, leaving, dwellings)
    return homes + [
        replace(home, shape="moved_out", members=tuple(replace(m, status="転出") for m in home.members))
        for home in left
    ]


def _remove_csv(folder: Path) -> None:
    for path in sorted(folder.glob("*.csv")):
        path.unlink()


def _write_truth(path: Path, truth: Mapping[str, Burden]) -> Path:
    lines = ["resident_id,young_carer,cause,marking\n"]
    lines += [f"{child},{int(b.carer)},{b.cause if b.carer else ''},{MARKING}\n" for child, b in sorted(truth.items())]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path
