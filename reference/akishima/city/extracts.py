"""What each department's own system puts out: a register in SQLite, a care file in DuckDB, CP932 lists of pupils."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb
import jaconv
import pyarrow as pa

from reference.akishima.city.attendance import MonthRecord
from reference.akishima.city.care import Certificate
from reference.akishima.city.days import era_digits, wareki_long, wareki_short
from reference.akishima.city.draw import Draw
from reference.akishima.city.names import as_cp932
from reference.akishima.city.protection import Protection
from reference.akishima.city.pyramid import MALE
from reference.akishima.city.register import Person
from reference.akishima.city.schools import Enrolment, grade_label

MARKING = "架空データ"
"""Stands wherever a format leaves room for it: nothing in these files is about a real person."""

_ABOUT = (
    ("marking", MARKING),
    ("note", "この中の人・世帯・認定・番号はすべて機械がつくったものです。Synthetic data; no real person."),
)

RESIDENT_COLUMNS = (
    "resident_id", "household_id", "name_kanji", "name_kana", "alias_name", "name_roman", "birth_date", "sex",
    "relation", "head_name", "address", "town_code", "building", "postal_code", "dwelling_key", "became_resident_on",
    "move_reason", "prev_pref", "moved_out_on", "nationality", "residence_status", "dv_support_flag",
    "dv_support_until", "status", "kojin_bango", "updated_at",
)  # fmt: skip

GAKUREI_HEADERS = (
    "年度", "宛名番号", "氏名", "フリガナ", "生年月日", "性別", "住所", "保護者氏名", "学校コード", "学校名", "学年",
    "組", "学籍番号", "区域外就学等", "就学状況", "特別支援", "転校回数", "備考",
)  # fmt: skip

ATTENDANCE_HEADERS = (
    "年度", "学校コード", "学校名", "学籍番号", "学年", "組", "出席番号", "氏名", "フリガナ", "生年月日", "性別",
    "住所", "保護者氏名", "保護者続柄", "対象月", "授業日数", "出席日数", "欠席日数", "病欠", "事故欠", "その他欠",
    "出席停止・忌引", "遅刻", "早退",
)  # fmt: skip

_REMARKS = ("家庭と電話連絡済み", "アレルギー対応あり", "弟妹も在籍", "転入時の書類を確認中")


def write_about(folder: Path, *, extracts: Mapping[str, date], readme: bool) -> None:
    """The day of each extract (``extract.yaml``), and for folders of files a README with the marking."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = "".join(f"{dataset}: {day.isoformat()}\n" for dataset, day in extracts.items())
    (folder / "extract.yaml").write_text(f"# {MARKING}\n{lines}", encoding="utf-8", newline="\n")
    if readme:
        text = f"{MARKING}\r\nこのフォルダの内容はすべて機械がつくったもので、実在の人や学校とは関係がありません。\r\n"
        (folder / "README.txt").write_bytes(text.encode("cp932"))


def write_register(path: Path, persons: Sequence[Person], protected: Mapping[str, Protection], *, day: date) -> None:
    """住民記録 as a SQLite database in which every column is text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    updated = f"{day.isoformat()} 02:15:00"
    with closing(sqlite3.connect(path)) as connection, connection:
        columns = ", ".join(f"{name} TEXT" for name in RESIDENT_COLUMNS)
        connection.execute(f"CREATE TABLE resident ({columns})")
        marks = ", ".join("?" * len(RESIDENT_COLUMNS))
        connection.executemany(
            f"INSERT INTO resident VALUES ({marks})",  # noqa: S608 - as many question marks as columns, no value
            (_resident_row(person, protected.get(person.resident_id), updated) for person in persons),
        )
        connection.execute("CREATE INDEX resident_id ON resident (resident_id)")
        connection.execute("CREATE TABLE _about (item TEXT, value TEXT)")
        connection.executemany("INSERT INTO _about VALUES (?, ?)", _ABOUT)


def _resident_row(person: Person, protection: Protection | None, updated: str) -> tuple[str, ...]:
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
        person.move_reason,
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


def write_certificates(path: Path, issued: Sequence[Certificate]) -> None:
    """要介護認定 as a DuckDB file; dates are written with 元号コード."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    table = pa.table(
        {
            "resident_id": [c.resident_id for c in issued],
            "insured_no": [c.insured_no for c in issued],
            "care_level": [c.care_level for c in issued],
            "valid_from": [era_digits(c.valid_from) for c in issued],
            "valid_to": [era_digits(c.valid_to) for c in issued],
            "dementia_level": pa.array([c.dementia_level for c in issued], pa.string()),
            "services": [c.services for c in issued],
            "main_carer": pa.array([c.main_carer for c in issued], pa.string()),
            "in_facility": pa.array([c.in_facility for c in issued], pa.string()),
        }
    )
    about = pa.table({"item": [item for item, _ in _ABOUT], "value": [value for _, value in _ABOUT]})
    with closing(duckdb.connect(str(path))) as connection:
        connection.register("written", table)
        connection.execute("CREATE TABLE certificate AS SELECT * FROM written")
        connection.register("marked", about)
        connection.execute("CREATE TABLE _about AS SELECT * FROM marked")


def write_school_register(folder: Path, draw: Draw, rows: Sequence[Enrolment]) -> None:
    """学齢簿 as one CP932 file a fiscal year, 和暦 written out."""
    folder.mkdir(parents=True, exist_ok=True)
    for year, members in groupby(rows, key=lambda row: row.fiscal_year):
        _write_csv(folder / f"gakurei_{year}.csv", GAKUREI_HEADERS, (_gakurei_row(draw, row) for row in members))


def _gakurei_row(draw: Draw, row: Enrolment) -> tuple[str | int, ...]:
    person, school = row.person, row.school
    return (
        row.fiscal_year,
        person.resident_id,
        person.name_kanji,
        person.name_kana,
        wareki_long(person.birth),
        "男" if person.sex == MALE else "女",
        person.address,
        person.head_name,
        school.code if school else "",
        school.name if school else "",
        grade_label(row.grade),
        row.room if school else "",
        row.listed_no,
        row.out_of_area,
        row.enrol_status,
        row.support,
        row.transfers,
        draw.pick(_REMARKS) if draw.chance(0.06) else "",
    )


def write_attendance(folder: Path, records: Iterable[MonthRecord]) -> Iterator[Path]:
    """One CP932 file a school and month; yields each as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[tuple[str, date], list[MonthRecord]] = {}
    for record in records:
        school = record.enrolment.school
        if school is not None:
            files.setdefault((school.code, record.month), []).append(record)
    for (code, month), rows in sorted(files.items()):
        path = folder / f"{code}_{month:%Y%m}.csv"
        ordered = sorted(rows, key=lambda r: (r.enrolment.grade, r.enrolment.room, r.enrolment.seat))
        _write_csv(path, ATTENDANCE_HEADERS, map(_attendance_row, ordered))
        yield path


def _attendance_row(record: MonthRecord) -> tuple[str | int, ...]:
    row = record.enrolment
    person, school = row.person, row.school
    return (
        row.fiscal_year,
        school.code if school else "",
        school.name if school else "",
        row.student_no,
        grade_label(row.grade),
        row.room,
        row.seat,
        person.alias_name or person.name_kanji,
        jaconv.h2z(person.name_kana, ascii=False, digit=False),
        wareki_short(person.birth),
        "男" if person.sex == MALE else "女",
        person.address,
        person.head_name,
        _guardian(person),
        f"{record.month.year}/{record.month.month}/1",
        record.days_required,
        record.days_present,
        record.absent,
        _blank(record.absent_sick),
        _blank(record.absent_accident),
        _blank(record.absent_other),
        record.suspended_days,
        _blank(record.late),
        _blank(record.early),
    )


def _guardian(person: Person) -> str:
    """What the school wrote down: it knows the head of the household, not the family."""
    if person.relation == "子":
        return "父母"
    return "祖父母" if person.relation == "子の子" else "その他"


def _blank(value: int | None) -> int | str:
    return "" if value is None else value


def _write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """CP932 with CRLF, as the systems of the city and its schools write it."""
    with path.open("w", encoding="cp932", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(headers)
        for row in rows:
            writer.writerow([as_cp932(cell) if isinstance(cell, str) else cell for cell in row])
