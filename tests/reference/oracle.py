"""The answer to the approved query ``yc-household-care``, computed from the departments' raw files with pandas.

An oracle is only worth something if it shares nothing with what it judges: this module reads 和暦, relations and
certificates by itself, walks household by household in plain Python, and imports nothing of the project.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from tests.reference.workbooks import read_sheet

CARE_LEVELS = ["非該当", "事業対象者", "要支援1", "要支援2", "要介護1", "要介護2", "要介護3", "要介護4", "要介護5"]
LATE_IN_A_MONTH = 3

_ERA_ZERO = {"明": 1867, "大": 1911, "昭": 1925, "平": 1988, "令": 2018, "T": 1911, "S": 1925, "H": 1988, "R": 2018}

_CHILDREN_OF_HEAD = {"子", "夫の子", "妻の子", "夫（未届）の子", "妻（未届）の子"}
_GRANDCHILDREN = {"子の子", "子の夫の子", "子の妻の子"}
_NIECES = {"兄の子": "兄", "姉の子": "姉", "弟の子": "弟", "妹の子": "妹"}


def household_care_and_absence(departments_dir: Path, as_of: date) -> pd.DataFrame:
    """One row for each target child that lives in the city and is not under address protection.

    Index: raw ``resident_id``. Columns: grade, n_siblings_u6, care_max (position in `CARE_LEVELS`), served, absent,
    months_late, months_known; missing where there is none or it is not known.
    """
    people = _people(departments_dir / "shimin" / "shimin.sqlite", as_of)
    care = _care_by_household(departments_dir / "kaigo" / "kaigo.duckdb", people, as_of)
    absence = _absence_by_resident(departments_dir)
    hidden = _protected(people)
    homes = {home: group.to_dict("records") for home, group in people[people["here"]].groupby("household_id")}
    rows = []
    for child in people[people["here"]].to_dict("records"):
        if child["resident_id"] in hidden or child["grade"] is None or not 1 <= child["grade"] <= 12:
            continue
        care_max, served = care.get(child["household_id"], (None, None))
        absent, months_late, months_known = absence.get(child["resident_id"], (None, None, None))
        rows.append(
            {
                "resident_id": child["resident_id"],
                "grade": child["grade"],
                "n_siblings_u6": _small_siblings(child, homes[child["household_id"]]),
                "care_max": care_max,
                "served": served,
                "absent": absent,
                "months_late": months_late,
                "months_known": months_known,
            }
        )
    frame = pd.DataFrame(rows).set_index("resident_id").sort_index()
    numbers = ["grade", "n_siblings_u6", "care_max", "absent", "months_late", "months_known"]
    return frame.astype({**dict.fromkeys(numbers, "Int64"), "served": "boolean"})


def grade_of(birth: date, as_of: date) -> int:
    """School begins on the first 1 April on or after the sixth birthday; grade 1 is the year that begins then."""
    sixth = (birth.year + 6, birth.month, birth.day)
    entry = sixth[0] if sixth[1:] <= (4, 1) else sixth[0] + 1
    this_year = as_of.year if (as_of.month, as_of.day) >= (4, 1) else as_of.year - 1
    return this_year - entry + 1


def _era_date(text: str) -> date | None:
    """``H25.4.1``; ``None`` for blank and for ``S50.00.00``."""
    if text == "":
        return None
    year, month, day = text[1:].split(".")
    return None if int(day) == 0 else date(_ERA_ZERO[text[0]] + int(year), int(month), int(day))


def _coded_date(text: str) -> date:
    """``5050401``: one digit for the era, then year, month and day."""
    zero = {"3": 1925, "4": 1988, "5": 2018}[text[0]]
    return date(zero + int(text[1:3]), int(text[3:5]), int(text[5:7]))


def _people(path: Path, as_of: date) -> pd.DataFrame:
    with closing(sqlite3.connect(path)) as connection:
        frame = pd.read_sql_query("SELECT * FROM resident", connection, dtype=str)
    births = [_era_date(text) for text in frame["birth_date"]]
    frame["birth"] = pd.Series(births, dtype=object)
    grades = [None if birth is None else grade_of(birth, as_of) for birth in births]
    frame["grade"] = pd.Series(grades, dtype=object)
    frame["here"] = frame["status"] == "現存"
    return frame


def _protected(people: pd.DataFrame) -> set[str]:
    flagged = people[people["dv_support_flag"] == "1"]
    homes, dwellings = set(flagged["household_id"]), set(flagged["dwelling_key"])
    hidden = set(flagged["resident_id"])
    for person in people.to_dict("records"):
        minor = person["grade"] is not None and person["grade"] <= 12
        if minor and (person["household_id"] in homes or person["dwelling_key"] in dwellings):
            hidden.add(person["resident_id"])
    return hidden


def _small_siblings(child: dict[str, Any], home: list[dict[str, Any]]) -> int | None:
    """Brothers and sisters in the household who have not begun school; ``None`` where 続柄 leaves it open."""
    family = _family(child["relation"])
    if family is None:
        return None
    others = [member for member in home if member["resident_id"] != child["resident_id"]]
    small = sum(
        1
        for member in others
        if _family(member["relation"]) == family and member["grade"] is not None and member["grade"] <= 0
    )
    possible_parents = {
        "children of the head's children": _CHILDREN_OF_HEAD,
        "children of grandchildren": _GRANDCHILDREN,
        "children of a lodger": {"同居人"},
        **{f"children of {sibling}": {sibling} for sibling in _NIECES.values()},
    }.get(family, set())
    candidates = [m for m in others if m["relation"] in possible_parents and _old_enough(m["birth"], child["birth"])]
    return None if len(candidates) > 1 and small else small


def _family(relation: str) -> str | None:
    """Whose child a person is, in words; ``None`` where 続柄 does not say."""
    if relation in _CHILDREN_OF_HEAD:
        return "children of the head"
    if relation in _GRANDCHILDREN:
        return "children of the head's children"
    if relation == "子の子の子":
        return "children of grandchildren"
    if relation in {"世帯主", "兄", "姉", "弟", "妹"}:
        return "children of the head's parents"
    if relation in {"夫", "妻", "夫（未届）", "妻（未届）"}:
        return f"children of the parents of {relation}"
    if relation == "同居人の子":
        return "children of a lodger"
    return f"children of {_NIECES[relation]}" if relation in _NIECES else None


def _old_enough(birth: date | None, child: date) -> bool:
    return birth is None or (birth.year + 15, birth.month, birth.day) <= (child.year, child.month, child.day)


def _care_by_household(path: Path, people: pd.DataFrame, as_of: date) -> dict[str, tuple[int, bool]]:
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        rows = connection.execute(
            "SELECT resident_id, care_level, valid_from, valid_to, services, in_facility FROM certificate"
        ).fetchall()
    newest: dict[str, tuple[date, date, int, str, str | None]] = {}
    for resident, level, start, end, services, whereabouts in rows:
        term = (_coded_date(start), _coded_date(end), CARE_LEVELS.index(level), services, whereabouts)
        if term[0] <= as_of <= term[1] and (resident not in newest or term[:3] > newest[resident][:3]):
            newest[resident] = term
    home_of = dict(zip(people[people["here"]]["resident_id"], people[people["here"]]["household_id"], strict=True))
    found: dict[str, tuple[int, bool]] = {}
    for resident, (_, _, level, services, whereabouts) in newest.items():
        if resident not in home_of or whereabouts == "1" or "施設入所" in services.split("、"):
            continue
        heaviest, served = found.get(home_of[resident], (level, False))
        found[home_of[resident]] = (max(heaviest, level), served or services != "なし")
    return found


def _absence_by_resident(departments_dir: Path) -> dict[str, tuple[int, int, int]]:
    resident_of: dict[tuple[str, str, str], str] = {}
    for file in sorted((departments_dir / "kyoiku").glob("gakurei_*.csv")):
        for row in _csv(file).to_dict("records"):
            if row["学校コード"] and row["学籍番号"]:
                resident_of[row["年度"], row["学校コード"], row["学籍番号"]] = row["宛名番号"]
    sums: dict[str, tuple[int, int, int]] = {}
    for file in sorted((departments_dir / "school" / "attendance").iterdir()):
        for key, absent_days, late_text, early_text in _attendance(file):
            resident = resident_of.get(key)
            if resident is None:
                continue
            known = late_text.isdecimal() and early_text.isdecimal()
            often = known and int(late_text) + int(early_text) >= LATE_IN_A_MONTH
            absent, late, months = sums.get(resident, (0, 0, 0))
            sums[resident] = (absent + int(absent_days), late + int(often), months + int(known))
    return sums


def _attendance(file: Path) -> Iterator[tuple[tuple[str, str, str], str, str, str]]:
    """Pupil, days absent, 遅刻 and 早退 of each row, in each of the schools' four forms."""
    if file.suffix == ".csv":
        titles = 1 if "月報" in file.name else 0
        for row in pd.read_csv(file, encoding="cp932", dtype=str, keep_default_na=False, skiprows=titles).to_dict(
            "records"
        ):
            if row["学籍番号"] != "計":
                yield (row["年度"], row["学校コード"], row["学籍番号"]), row["欠席日数"], row["遅刻"], row["早退"]
    elif file.name.startswith("出席簿"):
        grid = read_sheet(file, "出席簿")
        for cells in grid[4:]:
            if cells[0] not in {"小計", "合計"}:
                late, early = ([*cells, *[None] * 4])[13:15]
                yield (grid[1][1] or "", grid[1][5] or "", cells[0] or ""), cells[7] or "", late or "", early or ""
    else:
        for cells in read_sheet(file, "出欠")[1:]:
            yield (cells[0] or "", cells[1] or "", cells[3] or ""), cells[11] or "", cells[13] or "", cells[14] or ""


def _csv(file: Path) -> pd.DataFrame:
    return pd.read_csv(file, encoding="cp932", dtype=str, keep_default_na=False)
