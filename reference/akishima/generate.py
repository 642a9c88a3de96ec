"""Builds the reference city: ``generate(target, population=…, seed=…)`` writes what its departments hold (架空データ).

The same seed and population give the same city, byte for byte in the files and row for row in the databases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from pathlib import Path

from governance.errors import BadInput
from reference.akishima.city import traps
from reference.akishima.city.adults import adult_households
from reference.akishima.city.allowances import allowances
from reference.akishima.city.assistance import hardship_consults, welfare_cases
from reference.akishima.city.attendance import attendance
from reference.akishima.city.care import by_household, certificates
from reference.akishima.city.centre import cases, consultations
from reference.akishima.city.childcare import care_places
from reference.akishima.city.circumstances import circumstances
from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.disability import disabilities
from reference.akishima.city.draw import Draw
from reference.akishima.city.families import families
from reference.akishima.city.health import child_health
from reference.akishima.city.history import changes
from reference.akishima.city.kinship import Home
from reference.akishima.city.latent import NOTHING, Truth, record_grandchildren_as_carers, truths
from reference.akishima.city.life import life
from reference.akishima.city.planted import Plants
from reference.akishima.city.protection import Protection, protect
from reference.akishima.city.pyramid import CITY_POPULATION, Pyramid
from reference.akishima.city.rare import plant_rare_people
from reference.akishima.city.register import Registrar
from reference.akishima.city.residents import Household, households
from reference.akishima.city.school_aid import school_aid
from reference.akishima.city.schools import Enrolment, School, enrol, schools
from reference.akishima.city.truancy import Truancy, truancies
from reference.akishima.extracts.about import MARKING, write_about
from reference.akishima.extracts.center import FILE as CENTRE_FILE
from reference.akishima.extracts.center import write_centre
from reference.akishima.extracts.ikusei import write_care, write_clubs
from reference.akishima.extracts.kaigo import FILE as CARE_CERTIFICATE_FILE
from reference.akishima.extracts.kaigo import write_certificates
from reference.akishima.extracts.kenko import write_child_health
from reference.akishima.extracts.kosodate import FILE as ALLOWANCE_FILE
from reference.akishima.extracts.kosodate import write_allowances
from reference.akishima.extracts.kyoiku import gakurei_file, write_school_aid, write_school_register
from reference.akishima.extracts.school import attendance_file, roster_file, write_attendance, write_life, write_roster
from reference.akishima.extracts.seifuku import WELFARE_FILE, write_consults, write_welfare
from reference.akishima.extracts.shimin import write_register
from reference.akishima.extracts.shofuku import write_handbooks, write_services

FULL_POPULATION = CITY_POPULATION
SMALLEST_POPULATION = 300
LARGEST_POPULATION = 20 * CITY_POPULATION
DEFAULT_SEED = 20231001

FISCAL_YEARS = (2022, 2023)
LIFE_SINCE = date(2023, 4, 1)
"""Schools fill in check sheets since this month."""

EXTRACTED_ON: Mapping[str, date] = {
    "shimin.resident": date(2023, 9, 30),
    "shimin.history": date(2023, 9, 30),
    "seifuku.welfare": date(2023, 9, 5),
    "seifuku.consult": date(2023, 9, 29),
    "shofuku.handbook": date(2023, 8, 31),
    "shofuku.service": date(2023, 8, 31),
    "kenko.mch": date(2023, 8, 31),
    "kosodate.allowance": date(2023, 9, 14),
    "ikusei.care": date(2023, 9, 1),
    "kaigo.certificate": date(2023, 9, 15),
    "kyoiku.gakurei": date(2023, 9, 29),
    "kyoiku.shuen": date(2023, 9, 29),
    "school.roster": date(2023, 9, 30),
    "school.attendance": date(2023, 9, 30),
    "school.life": date(2023, 9, 30),
    "center.case": date(2023, 9, 30),
    "center.consult": date(2023, 9, 30),
}
"""Base dataset → day of its last extract: the register nightly, welfare on the 5th, care after the 10th, schools at the
month's end. What is derived from them is as fresh as they are."""

FOLDERS_OF_FILES = ("seifuku", "shofuku", "kenko", "ikusei", "kyoiku", "school")
"""Departments whose source is a folder; it has a README with the marking, and files of an earlier run are removed."""

STAGES: Mapping[str, Mapping[str, str]] = {
    "households": {"ja": "世帯をつくる", "en": "forming households"},
    "register": {"ja": "住民記録をつくる", "en": "registering residents"},
    "lives": {"ja": "暮らしの状況を決める", "en": "deciding circumstances"},
    "departments": {"ja": "各課の記録を書き出す", "en": "writing the departments' records"},
    "schools": {"ja": "学校の記録を書き出す", "en": "writing the schools' records"},
}
"""Stage → what it does, in the order in which ``progress`` hears of them."""

_NOTED_MONTHS = (date(2023, 6, 1), date(2023, 8, 1))
"""Months of attendance for which the list of planted traps names places; the others have them, too."""

_MOVED_OUT = 0.022
"""Persons who moved out in the past half-year and are still on the register, as a share of the population."""

Progress = Callable[[str, int, int], None]
"""Called with a stage, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedCity:
    """What was written.

    Attributes:
        departments: folder of the departments' sources.
        latent_truth: what is true of each target child, kept away from every department.
        planted: list of the traps that stand in the data on purpose, kept apart too.
        notification: what somebody who telephones tells of one child, kept apart too.
        residents: persons living in the city on the base date; exactly the population asked for.
        on_register: rows of the register, with those who have moved out or died.
    """

    departments: Path
    latent_truth: Path
    planted: Path
    notification: Path
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
    target: Path, *, population: int = FULL_POPULATION, seed: int = DEFAULT_SEED, progress: Progress | None = None
) -> GeneratedCity:
    """Write ``target/departments/<id>/…`` and, beside it, ``latent_truth.csv``, ``planted.csv``, ``notification.csv``.

    Files of an earlier run are replaced.

    Raises:
        BadInput: the population is outside what the generator can form households from.
    """
    if not SMALLEST_POPULATION <= population <= LARGEST_POPULATION:
        raise BadInput("population-out-of-range", low=SMALLEST_POPULATION, high=LARGEST_POPULATION)
    tell = progress or (lambda _stage, _done, _total: None)
    plants = Plants()

    tell("households", 0, population)
    homes = _homes(seed, population)
    tell("households", population, population)

    persons = []
    on_register = sum(len(home.members) for home in homes)
    for person in Registrar(seed, room=-(-population // CITY_POPULATION)).register(homes):
        persons.append(person)
        if len(persons) % 1000 == 0 or len(persons) == on_register:
            tell("register", len(persons), on_register)
    persons = plant_rare_people(persons, homes, plants)

    tell("lives", 0, on_register)
    living = households(homes, persons)
    protected = traps.protections(protect(Draw(seed, "protection"), homes, persons), homes, living, plants)
    issued = certificates(Draw(seed, "care"), homes, persons)
    disability = disabilities(Draw(seed, "disability"), persons)
    lives = circumstances(Draw(seed, "circumstances"), living, disability, protected)
    truth = truths(Draw(seed, "truth"), living, lives, by_household(persons, issued))
    issued = record_grandchildren_as_carers(Draw(seed, "carers"), issued, persons, truth)
    city_schools = schools(population)
    enrolments = enrol(Draw(seed, "enrolment"), persons, city_schools, FISCAL_YEARS)
    aid = traps.cancelled(school_aid(Draw(seed, "school aid"), enrolments, lives, truth))
    aided = {(row.person.resident_id, row.fiscal_year) for row in aid if row.granted}
    truancy = truancies(Draw(seed, "truancy"), enrolments, aided, truth)
    tell("lives", on_register, on_register)

    departments = target / "departments"
    _prepare(departments)
    moves = traps.moved_twice_on_one_day(changes(Draw(seed, "history"), persons, lives), plants)
    places = care_places(Draw(seed, "childcare"), living, lives, truth)
    welfare = traps.suspended(welfare_cases(Draw(seed, "welfare"), living, lives), plants, file=WELFARE_FILE)
    consults = hardship_consults(Draw(seed, "consults"), living, lives, truth)
    away = {child for child, year in truancy.away if year == FISCAL_YEARS[-1]}
    known = cases(Draw(seed, "cases"), living, lives, truth, away)
    asked = consultations(Draw(seed, "consultations"), living, protected, truth)
    paid = traps.former_partner(
        allowances(Draw(seed, "allowances"), living, lives, truth), protected, living, plants, file=ALLOWANCE_FILE
    )
    health = child_health(Draw(seed, "health"), living, lives, truth)
    traps.note_register(persons, living, plants)
    traps.note_care(issued, living, plants, file=CARE_CERTIFICATE_FILE)
    traps.note_allowances(paid, plants, file=ALLOWANCE_FILE)
    traps.note_enrolments(enrolments, plants, file=gakurei_file)
    traps.note_cases(known, living, plants, file=CENTRE_FILE)
    writers: Sequence[Callable[[], None]] = (
        lambda: write_register(departments, persons, protected, moves, day=EXTRACTED_ON["shimin.resident"]),
        lambda: write_welfare(departments, welfare, plants),
        lambda: write_consults(departments, consults, plants),
        lambda: write_handbooks(departments, disability, plants),
        lambda: write_services(departments, disability.services),
        lambda: write_child_health(departments, health),
        lambda: write_allowances(departments, paid),
        lambda: write_care(departments, places, plants),
        lambda: write_clubs(departments, places, plants),
        lambda: write_school_register(departments, Draw(seed, "remarks"), enrolments),
        lambda: write_school_aid(departments, aid, plants),
        lambda: write_certificates(departments, issued),
        lambda: write_centre(departments, known, asked),
    )
    for done, write in enumerate(writers, start=1):
        write()
        tell("departments", done, len(writers))

    by_school: dict[str, list[Enrolment]] = {school.code: [] for school in city_schools}
    for row in enrolments:
        if row.school is not None:
            by_school[row.school.code].append(row)
    late = next(school.code for school in reversed(city_schools) if not school.junior)
    attendance_rows = attendance_files = 0
    for done, school in enumerate(city_schools, start=1):
        rows, files = _write_school(
            departments, seed, school, by_school[school.code], truancy, truth, plants, late=late
        )
        attendance_rows += rows
        attendance_files += files
        tell("schools", done, len(city_schools))

    return GeneratedCity(
        departments=departments,
        latent_truth=_write_truth(target / "latent_truth.csv", truth, away),
        planted=plants.write(target / "planted.csv", marking=MARKING),
        notification=_write_notification(target / "notification.csv", living, protected),
        base_date=BASE_DATE,
        seed=seed,
        residents=sum(len(home.members) for home in living),
        on_register=len(persons),
        households=sum(bool(home.members) for home in living),
        target_children=len(truth),
        young_carers=sum(told.carer for told in truth.values()),
        certificates=len(issued),
        pupils=len({row.person.resident_id for row in enrolments if row.school is not None}),
        attendance_rows=attendance_rows,
        attendance_files=attendance_files,
    )


def _prepare(departments: Path) -> None:
    """The folders with their extract days; files that an earlier run left behind are removed."""
    extracts: dict[str, dict[str, date]] = {}
    for dataset, day in EXTRACTED_ON.items():
        extracts.setdefault(dataset.partition(".")[0], {})[dataset] = day
    for department, days in extracts.items():
        in_files = department in FOLDERS_OF_FILES
        write_about(departments / department, extracts=days, readme=in_files)
        if in_files:
            for suffix in ("csv", "xlsx", "parquet"):
                for path in sorted((departments / department).rglob(f"*.{suffix}")):
                    path.unlink()


def _write_school(
    departments: Path,
    seed: int,
    school: School,
    own: Sequence[Enrolment],
    truancy: Truancy,
    truth: Mapping[str, Truth],
    plants: Plants,
    *,
    late: str,
) -> tuple[int, int]:
    """Roster, attendance and life of one school; how many rows and files of attendance there are.

    The last month of the school ``late`` has not come in.
    """
    for year in FISCAL_YEARS:
        of_year = sorted((row for row in own if row.fiscal_year == year), key=lambda r: (r.grade, r.room, r.seat))
        write_roster(departments, school, of_year, year=year)
        traps.note_roster(of_year, plants, file=roster_file(school, year))
    rows = files = 0
    noticed = Draw(seed, f"life/{school.code}")
    months = attendance(
        Draw(seed, f"attendance/{school.code}"), school, own, truancy, truth, until=EXTRACTED_ON["school.attendance"]
    )
    last = EXTRACTED_ON["school.attendance"].replace(day=1)
    for month, records in months:
        file = attendance_file(school, month)
        if month == last and school.code == late:
            plants.add("4.11-20", dataset="school.attendance", file=file, what="この学校の9月分は、まだ届いていない")
            continue
        write_attendance(departments, school, month, records)
        if month in _NOTED_MONTHS:
            traps.note_attendance(school, month, records, truancy, plants, file=file)
        rows += len(records)
        files += 1
        if month >= LIFE_SINCE:
            write_life(departments, school, month, life(noticed, school, records, truancy, truth))
    return rows, files


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


_TRUTH_HEADERS = "resident_id,young_carer,young_carer_cause,poverty,poverty_cause,abuse,abuse_cause,truancy,marking"


def _write_truth(path: Path, truth: Mapping[str, Truth], away: set[str]) -> Path:
    lines = [f"{_TRUTH_HEADERS}\n"]
    lines += [
        f"{child},{told.carer:d},{_cause(told.carer_cause)},{told.poor:d},{_cause(told.poor_cause)},"
        f"{told.maltreated:d},{_cause(told.maltreated_cause)},{child in away:d},{MARKING}\n"
        for child, told in sorted(truth.items())
    ]
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def _write_notification(path: Path, living: Sequence[Household], protected: Mapping[str, Protection]) -> Path:
    """The birth date and the town of the youngest schoolchild of the first household of which everybody may know."""
    child = next(
        person
        for home in living
        if protected.keys().isdisjoint(member.resident_id for member in home.members)
        for person, grade in sorted(home.minors, key=lambda minor: minor[1])
        if grade >= 1 and person.birth_known
    )
    lines = ("born,town,marking\n", f"{child.birth.isoformat()},{child.town_code},{MARKING}\n")
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
    return path


def _cause(cause: str) -> str:
    return "" if cause == NOTHING else cause
