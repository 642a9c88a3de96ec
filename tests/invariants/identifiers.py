"""Every raw identifier in a city's sources, read without the connectors, and a search for them in bytes."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path

import duckdb

_REGISTER = {
    "resident number": ("resident_id",),
    "household number": ("household_id",),
    "dwelling key": ("dwelling_key",),
    "name": ("name_kanji", "alias_name", "head_name", "name_roman"),
    "kana": ("name_kana",),
    "address": ("address", "building"),
    "birth date": ("birth_date",),
    "My Number": ("kojin_bango",),
}
_SCHOOLS = {
    "name": ("氏名", "保護者氏名"),
    "kana": ("フリガナ",),
    "address": ("住所",),
    "birth date": ("生年月日",),
}


_BEGINNING = 6


def everybody(departments: Path) -> Mapping[str, frozenset[str]]:
    """Kind of identifier → every value of it, as the sources write it."""
    found: dict[str, set[str]] = {kind: set() for kind in (*_REGISTER, "pupil number", "insured number")}
    register = sqlite3.connect(departments / "shimin" / "shimin.sqlite")
    for kind, columns in _REGISTER.items():
        for column in columns:
            found[kind] |= {str(value) for (value,) in register.execute(f"SELECT {column} FROM resident")}
    register.close()
    with duckdb.connect(departments / "kaigo" / "kaigo.duckdb", read_only=True) as care:
        found["insured number"] |= {row[0] for row in care.execute("SELECT insured_no FROM certificate").fetchall()}
    for path in (*departments.glob("kyoiku/*.csv"), *departments.glob("school/roster/*.csv")):
        with path.open(encoding="cp932", newline="") as stream:
            for row in csv.DictReader(stream):
                for kind, columns in _SCHOOLS.items():
                    found[kind] |= {row[column] for column in columns}
                found["pupil number"].add("|".join((row["年度"], row["学校コード"], row["学籍番号"])))
    # Four characters: what is shorter occurs by chance. Names without their space count, too.
    whole = {kind: values | {v.replace("　", "") for v in values} for kind, values in found.items()}
    return {kind: frozenset(v for v in values if v and len(v.encode()) >= 6) for kind, values in whole.items()}


def notations(value: str) -> Iterable[bytes]:
    """A text as it may stand in bytes: UTF-8, as the schools' systems write it, and escaped in JSON."""
    yield value.encode()
    if not value.isascii():
        yield value.encode("cp932", errors="replace")
        yield json.dumps(value)[1:-1].encode()


def occurring(identifiers: Mapping[str, frozenset[str]], places: Mapping[str, bytes]) -> dict[str, set[str]]:
    """Kind of identifier → the places that hold one; empty where there is none."""
    everything = b"\n".join(places.values())
    # What does not begin like anything that is there need not be looked for.
    beginnings = {everything[start : start + _BEGINNING] for start in range(len(everything))}
    found: dict[str, set[str]] = {}
    for kind, values in identifiers.items():
        for value in values:
            for notation in notations(value):
                likely = len(notation) < _BEGINNING or notation[:_BEGINNING] in beginnings
                if likely and notation in everything:
                    found.setdefault(kind, set()).update(name for name, data in places.items() if notation in data)
    return found
