"""市民課: 住民記録 and 異動履歴 as a SQLite database in which every column is text and days are short 和暦."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

from reference.akishima.city.days import wareki_short
from reference.akishima.city.history import Change
from reference.akishima.city.planted import REGISTER_FILE
from reference.akishima.city.protection import Protection
from reference.akishima.city.register import Person
from reference.akishima.extracts.about import ABOUT

RESIDENT_COLUMNS = (
    "resident_id", "household_id", "name_kanji", "name_kana", "alias_name", "name_roman", "birth_date", "sex",
    "relation", "head_name", "address", "town_code", "building", "postal_code", "dwelling_key", "became_resident_on",
    "move_reason", "prev_pref", "moved_out_on", "nationality", "residence_status", "dv_support_flag",
    "dv_support_until", "status", "kojin_bango", "updated_at",
)  # fmt: skip

HISTORY_COLUMNS = (
    "resident_id", "history_no", "household_id", "reason", "changed_on", "notified_on", "from_pref", "town_code",
    "dwelling_key", "valid_to", "corrected",
)  # fmt: skip


def write_register(
    departments: Path,
    persons: Sequence[Person],
    protected: Mapping[str, Protection],
    rows: Sequence[Change],
    *,
    day: date,
) -> None:
    """Both tables; the register's 異動事由 is that of the last row of a person's history."""
    path = departments / REGISTER_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    updated = f"{day.isoformat()} 02:15:00"
    last = {row.person.resident_id: row.reason for row in rows if not row.corrected}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, columns in (("resident", RESIDENT_COLUMNS), ("history", HISTORY_COLUMNS)):
            connection.execute(f"CREATE TABLE {table} ({', '.join(f'{name} TEXT' for name in columns)})")
        connection.executemany(
            f"INSERT INTO resident VALUES ({_marks(RESIDENT_COLUMNS)})",  # noqa: S608 - question marks, no value
            (_resident(person, protected.get(person.resident_id), last, updated) for person in persons),
        )
        connection.executemany(
            f"INSERT INTO history VALUES ({_marks(HISTORY_COLUMNS)})",  # noqa: S608 - question marks, no value
            map(_change, rows),
        )
        connection.execute("CREATE INDEX resident_id ON resident (resident_id)")
        connection.execute("CREATE INDEX history_resident_id ON history (resident_id)")
        connection.execute("CREATE TABLE _about (item TEXT, value TEXT)")
        connection.executemany("INSERT INTO _about VALUES (?, ?)", ABOUT)


def _marks(columns: Sequence[str]) -> str:
    return ", ".join("?" * len(columns))


def _resident(person: Person, protection: Protection | None, last: Mapping[str, str], updated: str) -> tuple[str, ...]:
    birth = wareki_short(person.birth)
    if not person.birth_known:
        birth = f"{birth.split('.', 1)[0]}.00.00"
    return (
        person.resident_id,
        person.household_id,
        person.name_kanji,
        person.name_kana,
        person.alias_name,
        person.name_roman,
        birth,
        str(person.sex),
        person.relation,
        person.head_name,
        person.address,
        person.town_code,
        person.building,
        person.postal_code,
        person.dwelling_key,
        wareki_short(person.became_resident_on),
        last[person.resident_id],
        person.prev_pref,
        wareki_short(person.moved_out_on),
        person.nationality,
        person.residence_status,
        "1" if protection else "0",
        wareki_short(protection.until) if protection else "",
        person.status,
        person.kojin_bango,
        updated,
    )


def _change(row: Change) -> tuple[str, ...]:
    return (
        row.person.resident_id,
        str(row.number),
        row.person.household_id,
        row.reason,
        wareki_short(row.changed_on),
        wareki_short(row.notified_on),
        row.from_pref,
        row.town_code,
        row.dwelling_key,
        wareki_short(row.valid_to),
        "1" if row.corrected else "0",
    )
