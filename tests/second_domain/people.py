"""The people of the second domain and what three sections hold about them (架空データ): made from a seed, nobody exists."""

from __future__ import annotations

import csv
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import xlsxwriter

BASE = date(2026, 6, 1)
"""The day at which the deployment's clock stands."""

WARDS = ("北", "南", "浜")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody who lives, or lived, in the town.

    Attributes:
        listed: on the register of persons who need help.
        hidden: under address protection.
        insured: insured number, for those whom the care section knows.
    """

    id: str
    home: str
    name: str
    born: date
    ward: str
    state: str
    listed: bool
    hidden: bool
    insured: str | None
    care_level: str | None
    needs_power: str | None


def town() -> tuple[Resident, ...]:
    """Some two hundred residents: the cases that matter first, then a crowd."""
    draw = random.Random(20260601)
    people = [
        # 65 is reached on the day before the birthday: these turn 65 today, tomorrow, and the day after.
        _person("00000001", "00000001", date(1961, 6, 1), ward="浜", listed=True),
        _person("00000002", "00000002", date(1961, 6, 2), ward="浜", listed=True),
        _person("00000003", "00000003", date(1961, 6, 3), ward="浜", listed=True),
        # Listed, and moved out; listed, and dead; listed, and under protection.
        _person("00000004", "00000004", date(1940, 1, 9), ward="浜", listed=True, state="転出"),
        _person("00000005", "00000005", date(1931, 2, 9), ward="浜", listed=True, state="死亡"),
        _person("00000006", "00000006", date(1944, 3, 9), ward="浜", listed=True, hidden=True),
        # Old and alone, and on no register.
        _person("00000007", "00000007", date(1935, 4, 9), ward="浜"),
        # A couple on the register with a grown-up child, and the child alone is able.
        _person("00000008", "00000008", date(1938, 5, 9), ward="浜", listed=True, care_level="要介護4"),
        _person("00000009", "00000008", date(1940, 6, 9), ward="浜", listed=True, needs_power="要"),
        _person("00000010", "00000008", date(1972, 7, 9), ward="浜"),
        # With a grandchild who is too young to help, and with somebody of 75 who is too old.
        _person("00000011", "00000011", date(1945, 8, 9), ward="浜", listed=True, needs_power="不要"),
        _person("00000012", "00000011", date(2012, 9, 9), ward="浜"),
        _person("00000013", "00000011", date(1951, 6, 2), ward="浜"),
        # Known to the care section, without a certificate.
        _person("00000014", "00000014", date(1950, 1, 1), ward="浜", listed=True, insured=True),
    ]
    for number in range(100, 170):
        home = f"{number:08d}"
        old = _person(
            home,
            home,
            date(draw.randrange(1930, 1960), draw.randrange(1, 13), draw.randrange(1, 28)),
            ward=WARDS[number % 2],
            listed=draw.random() < 0.8,
            insured=draw.random() < 0.7,
            care_level=draw.choice((None, "要支援2", "要介護1", "要介護3", "要介護5")),
            needs_power=draw.choice((None, None, "要", "不要")),
        )
        people.append(old)
        if draw.random() < 0.5:
            born = date(draw.randrange(1950, 2015), 5, 5)
            people.append(_person(f"{number + 1000:08d}", home, born, ward=old.ward))
    return tuple(people)


def _person(
    id_: str,
    home: str,
    born: date,
    *,
    ward: str,
    state: str = "在住",
    listed: bool = False,
    hidden: bool = False,
    insured: bool = False,
    care_level: str | None = None,
    needs_power: str | None = None,
) -> Resident:
    return Resident(
        id=id_,
        home=home,
        name=f"架空{int(id_)}",
        born=born,
        ward=ward,
        state=state,
        listed=listed,
        hidden=hidden,
        insured=f"90{int(id_):08d}" if insured or care_level else None,
        care_level=care_level,
        needs_power=needs_power,
    )


def write_sources(departments: Path, people: Sequence[Resident]) -> None:
    """What the three sections hold, each in its own form."""
    for name in ("bosai", "kaigo", "shofuku"):
        (departments / name).mkdir(parents=True)
    _write_register(departments / "bosai" / "meibo.sqlite", people)
    known = [person for person in people if person.insured]
    _write_csv(
        departments / "kaigo" / "insured.csv",
        ["住民番号", "被保険者番号", "所得段階"],
        [(p.id, p.insured, "第5段階") for p in known],
        encoding="cp932",
    )
    _write_csv(
        departments / "kaigo" / "cert.csv",
        ["被保険者番号", "要介護度", "認定日"],
        [(p.insured, p.care_level, "R7.10.1") for p in known if p.care_level],
        encoding="cp932",
    )
    _write_workbook(
        departments / "shofuku" / "techo.xlsx",
        ["住民番号", "種別", "電源の要る機器", "個人番号"],
        [(p.id, "身体", p.needs_power, "") for p in people if p.needs_power],
    )
    for department, datasets in {
        "bosai": ("bosai.resident", "bosai.meibo"),
        "kaigo": ("kaigo.insured", "kaigo.cert"),
        "shofuku": ("shofuku.handbook",),
    }.items():
        days = "".join(f"{dataset}: 2026-05-25\n" for dataset in datasets)
        (departments / department / "extract.yaml").write_text(days, encoding="utf-8")


def _write_register(path: Path, people: Sequence[Resident]) -> None:
    with closing(sqlite3.connect(path)) as register:
        register.execute("CREATE TABLE resident (resident_id, home_id, name, born, ward, state, hidden)")
        register.execute("CREATE TABLE meibo (resident_id, listed_on, note)")
        register.executemany(
            "INSERT INTO resident VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(p.id, p.home, p.name, p.born.isoformat(), p.ward, p.state, "有" if p.hidden else "") for p in people],
        )
        register.executemany(
            "INSERT INTO meibo VALUES (?, '2025-04-01', ?)", [(p.id, f"{p.name}の特記") for p in people if p.listed]
        )
        register.commit()


def _write_workbook(path: Path, header: list[str], rows: Sequence[Sequence[str | None]]) -> None:
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("手帳台帳")
        sheet.write_row(0, 0, ["手帳台帳（架空データ）"])
        for at, cells in enumerate([header, *rows], start=1):
            sheet.write_row(at, 0, [cell or "" for cell in cells])


def _write_csv(path: Path, header: list[str], rows: Sequence[Sequence[str | None]], *, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        writer.writerows(rows)
