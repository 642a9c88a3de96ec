"""The people of the security corpus, and worlds that differ from theirs in one secret of one person (架空データ).

The person is ``TARGET``. Everything that identifies anybody carries a mark that stands nowhere else, so that one search
tells whether an identifier left.
"""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

FAMILY = 3
"""People who live together."""

World = Literal["base", "name", "number", "birth", "value", "presence"]

WORLDS: tuple[World, ...] = ("base", "name", "number", "birth", "value", "presence")

PEOPLE = 400
TARGET = 294
"""The person with the secret, by position: resident number 1000000294, who is 秘匿 花子."""

EXTRACTED = date(2026, 9, 30)

MARKS = re.compile("秘匿|架空|ヒトク|カクウ|港町|(?<![0-9a-f])[12]0000[0-9]{5}(?![0-9a-f])|S770[0-9]{3}")
"""What every name, kana, address, resident, household and student number has in it, and no other value has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    position: int
    number: str
    household: str
    student: str
    name: str
    kana: str
    birth: date
    sex: str
    address: str


Tables = Mapping[str, list[dict[str, Any]]]


def tables(world: World) -> Tables:
    """Every dataset of a world. The same chance makes all worlds, whatever the secret is."""
    chance = random.Random(20261001)
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMA}
    for position in range(PEOPLE):
        own = _rows(_person(position, chance), chance)
        if position == TARGET:
            own = _changed(own, world)
        elif position // FAMILY == TARGET // FAMILY:
            own = _changed(own, "household" if world == "number" else "base")  # who lives together stays together
        for name, rows in own.items():
            found[name].extend(rows)
    return found


def write_sources(departments: Path, world: World) -> None:
    """The departments' SQLite files of a world."""
    for name, rows in tables(world).items():
        department, _, table = name.partition(".")
        folder = departments / department
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(folder / f"{department}.sqlite")) as database, database:
            columns = SCHEMA[name]
            database.execute(f"CREATE TABLE {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})")
            database.executemany(
                f"INSERT INTO {table} VALUES ({', '.join('?' * len(columns))})",
                [[_cell(row[column]) for column in columns] for row in rows],
            )
        (folder / "extract.yaml").write_text(f"{name}: {EXTRACTED.isoformat()}\n", encoding="utf-8")


SCHEMA: Mapping[str, Mapping[str, str]] = {
    "resident.person": {
        "atena_no": "TEXT", "name": "TEXT", "kana": "TEXT", "birth_date": "TEXT", "sex": "TEXT", "address": "TEXT",
        "household_no": "TEXT",
    },
    "welfare.household_aid": {
        "atena_no": "TEXT", "household_no": "TEXT", "aid_type": "TEXT", "start_date": "TEXT",
        "monthly_yen": "INTEGER",
    },
    "school.attendance": {
        "student_no": "TEXT", "name": "TEXT", "birth_date": "TEXT", "school": "TEXT", "grade": "INTEGER",
        "month": "TEXT", "absent_days": "INTEGER",
    },
    "health.checkup": {"atena_no": "TEXT", "checkup_date": "TEXT", "finding": "TEXT", "caries": "INTEGER"},
    "disability.certificate": {"atena_no": "TEXT", "grade": "INTEGER", "issued": "TEXT"},
    "care.service": {"atena_no": "TEXT", "service": "TEXT", "hours": "INTEGER"},
}  # fmt: skip
"""The holders' tables; dates are text, as SQLite has them."""


def _person(position: int, chance: random.Random) -> _Person:
    target = position == TARGET
    family = position // FAMILY
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(60 * 365))
    if chance.random() < 0.35:
        born = date(2009, 4, 2) + timedelta(days=chance.randrange(10 * 365))
    return _Person(
        position=position,
        number=f"{1_000_000_000 + position}",
        household=f"{2_000_000_000 + family}",
        student=f"S770{position:03d}",
        name="秘匿 花子" if target else f"架空 {position}郎",
        kana="ヒトク ハナコ" if target else f"カクウ {position}",
        birth=date(2013, 5, 17) if target else born,
        sex="F" if target else chance.choice("FM"),
        address=f"架空県港町{family}-9-9",
    )


def _rows(person: _Person, chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    """One person in every register, each with some chance; the target in all."""
    target = person.position == TARGET
    number = {"atena_no": person.number}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMA}
    rows["resident.person"].append(
        number
        | {"name": person.name, "kana": person.kana, "birth_date": person.birth, "sex": person.sex}
        | {"address": person.address, "household_no": person.household}
    )
    chosen = [chance.random() for _ in range(5)]
    aid = {
        "household_no": person.household,
        "aid_type": chance.choice(("生活", "住宅", "医療")),
        "start_date": date(2025, 4, 1) + timedelta(days=chance.randrange(480)),
        "monthly_yen": chance.randrange(5, 90) * 1000,
    }
    if chosen[0] < 0.3 or target:
        rows["welfare.household_aid"].append(number | aid | ({"monthly_yen": 71_313} if target else {}))
    finding = chance.choice(("異常なし", "異常なし", "要観察", "要精密検査"))
    checkup = {"checkup_date": date(2025, 5, 1) + timedelta(days=chance.randrange(480)), "caries": chance.randrange(6)}
    if chosen[1] < 0.6 or target:
        rows["health.checkup"].append(number | checkup | {"finding": "要精密検査" if target else finding})
    certificate = {"grade": chance.randint(1, 6), "issued": date(2010, 1, 1) + timedelta(days=chance.randrange(5000))}
    if chosen[2] < 0.25 or target:
        rows["disability.certificate"].append(number | certificate)
    for service in ("訪問", "通所", "短期入所"):
        hours = chance.randint(1, 40)
        if chosen[3] < 0.3 and chance.random() < 0.6:
            rows["care.service"].append(number | {"service": service, "hours": hours})
    school = chance.choice(("東小", "西小", "南中"))
    for month in (4, 5, 6):
        absent = chance.randrange(8)
        if 2009 <= person.birth.year <= 2019:
            rows["school.attendance"].append(
                {"student_no": person.student, "name": person.name, "birth_date": person.birth, "school": school}
                | {"grade": min(9, max(1, 2026 - person.birth.year - 6)), "month": date(2026, month, 1)}
                | {"absent_days": absent}
            )
    return rows


def _changed(
    rows: dict[str, list[dict[str, Any]]], world: World | Literal["household"]
) -> dict[str, list[dict[str, Any]]]:
    """The target's rows in a world."""
    changes: Mapping[str, Mapping[str, Any]] = {
        "base": {},
        "name": {"name": "架空 別人", "kana": "カクウ ベツジン", "address": "架空県港町999-1-1"},
        "household": {"household_no": "2000009999"},
        "number": {"atena_no": "1000009999", "household_no": "2000009999", "student_no": "S770999"},
        "birth": {"birth_date": date(1981, 11, 3)},
        "value": {
            "finding": "異常なし", "aid_type": "教育", "monthly_yen": 12_000, "hours": 3, "absent_days": 19, "caries": 0,
            "school": "北小",
        },
        "presence": {},
    }  # fmt: skip
    if world == "presence":
        return {name: [] for name in rows}
    change = changes[world]
    found = {
        name: [{key: change.get(key, value) for key, value in row.items()} for row in own] for name, own in rows.items()
    }
    if world == "value":
        for row in found["disability.certificate"]:
            row["grade"] = 1 + row["grade"] % 6
    return found


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
