"""The files are what the departments' systems would put out, marked as synthetic, and hold nothing that could be real."""

from __future__ import annotations

import csv
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from reference.akishima.city.numbers import check_digit
from reference.akishima.extracts.shimin import RESIDENT_COLUMNS
from reference.akishima.generate import EXTRACTED_ON, GeneratedCity


def csv_files(city: GeneratedCity) -> list[Path]:
    return sorted(city.departments.rglob("*.csv"))


def register(city: GeneratedCity) -> list[sqlite3.Row]:
    with closing(sqlite3.connect(city.departments / "shimin" / "shimin.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("SELECT * FROM resident").fetchall()


def test_lists_of_pupils_are_cp932_with_crlf(city: GeneratedCity) -> None:
    """Every CSV decodes as CP932, has only CRLF line ends, and is not UTF-8."""
    files = csv_files(city)
    assert len(files) > 50
    for file in files:
        content = file.read_bytes()
        content.decode("cp932")
        assert content.endswith(b"\r\n")
        assert content.count(b"\n") == content.count(b"\r\n")
        with pytest.raises(UnicodeDecodeError):
            content.decode("utf-8")


def test_one_attendance_file_for_each_school_and_month(city: GeneratedCity) -> None:
    """Names say school and month, from April 2022 to September 2023, in each school's own form."""
    months = {f"{2022 + (m > 9)}{(m + 2) % 12 + 1:02}" for m in range(1, 19)}
    seen: dict[str, set[str]] = {}
    for file in (city.departments / "school" / "attendance").iterdir():
        found = re.search(r"([EJ]\d\d)_(\d{6})", file.stem)
        assert found
        seen.setdefault(found[1], set()).add(found[2])
    assert len(seen) == 6
    assert sum(found == months for found in seen.values()) == 5
    assert [months - found for found in seen.values() if found != months] == [{"202309"}]


def test_dates_are_written_as_each_system_writes_them(city: GeneratedCity) -> None:
    """住民記録 short 和暦, 介護 元号コード, 学齢簿 long 和暦."""
    short = re.compile(r"[TSHR]\d{1,2}\.\d{1,2}\.\d{1,2}|[TSHR]\d{1,2}\.00\.00")
    assert all(short.fullmatch(row["birth_date"]) for row in register(city))
    with closing(duckdb.connect(str(city.departments / "kaigo" / "kaigo.duckdb"), read_only=True)) as connection:
        days = connection.execute("SELECT valid_from, valid_to FROM certificate").fetchall()
    assert all(re.fullmatch(r"[45]\d{6}", text) for pair in days for text in pair)
    for file in (city.departments / "kyoiku").glob("*.csv"):
        with file.open(encoding="cp932", newline="") as text:
            births = [row["生年月日"] for row in csv.DictReader(text)]
        assert all(re.fullmatch(r"(平成|令和)(元|\d+)年\d+月\d+日", birth) for birth in births)


def test_register_is_text_with_padded_numbers_and_half_width_kana(city: GeneratedCity) -> None:
    """Every value is text; numbers have ten digits with leading zeros; kana are half-width, some stored large."""
    rows = register(city)
    assert tuple(rows[0].keys()) == RESIDENT_COLUMNS
    assert all(isinstance(value, str) for row in rows for value in row)
    assert all(re.fullmatch(r"00\d{8}", row["resident_id"]) for row in rows)
    assert all(re.fullmatch(r"00\d{8}", row["household_id"]) for row in rows)
    assert len({row["resident_id"] for row in rows}) == len(rows)
    assert all(re.fullmatch(r"[ｦ-ﾟ ]*", row["name_kana"]) for row in rows)
    assert any(re.search("[ｬｭｮｯ]", row["name_kana"]) for row in rows)
    assert any(re.search("[ｼｷﾁﾘ]ﾖｳ", row["name_kana"]) for row in rows)
    assert {row["sex"] for row in rows} == {"1", "2"}


def test_no_number_could_be_a_real_individual_number(city: GeneratedCity) -> None:
    """Every 個人番号 has twelve digits and a wrong check digit."""
    numbers = [row["kojin_bango"] for row in register(city)]
    assert all(re.fullmatch(r"\d{12}", number) for number in numbers)
    assert [number for number in numbers if check_digit(number[:11]) == int(number[11])] == []
    assert len(set(numbers)) == len(numbers)


def test_no_other_file_holds_an_individual_number(city: GeneratedCity) -> None:
    """The numbers stand in the register alone."""
    numbers = {row["kojin_bango"] for row in register(city)}
    for file in [*csv_files(city), city.latent_truth]:
        assert not numbers & set(re.findall(r"\d{12}", file.read_text(encoding="cp932", errors="replace")))


def test_characters_outside_cp932_become_a_geta_mark(city: GeneratedCity) -> None:
    """Names that CP932 cannot hold stand as 〓 in the CSV files and as themselves in the register."""
    outside = {row["resident_id"]: row["name_kanji"] for row in register(city) if not _fits_cp932(row["name_kanji"])}
    assert outside
    found = 0
    for file in csv_files(city):
        with file.open(encoding="cp932", newline="") as text:
            for row in csv.DictReader(text):
                if row.get("宛名番号") in outside and "氏名" in row:
                    assert "〓" in row["氏名"]
                    found += 1
                assert "?" not in row.get("氏名", "")
    assert found or "〓" in "".join(f.read_text(encoding="cp932") for f in csv_files(city))


def _fits_cp932(text: str) -> bool:
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def test_everything_is_marked_as_synthetic(city: GeneratedCity) -> None:
    """Databases have a table that says so, folders a README, and every extract.yaml and the hidden truth the words."""
    with closing(sqlite3.connect(city.departments / "shimin" / "shimin.sqlite")) as register_file:
        assert ("marking", "架空データ") in register_file.execute("SELECT item, value FROM _about").fetchall()
    with closing(duckdb.connect(str(city.departments / "kaigo" / "kaigo.duckdb"), read_only=True)) as care_file:
        assert ("marking", "架空データ") in care_file.execute("SELECT item, value FROM _about").fetchall()
    for folder in ("seifuku", "shofuku", "kenko", "ikusei", "kyoiku", "school"):
        assert "架空データ" in (city.departments / folder / "README.txt").read_text(encoding="cp932")
    for folder in {dataset.partition(".")[0] for dataset in EXTRACTED_ON}:
        assert "架空データ" in (city.departments / folder / "extract.yaml").read_text(encoding="utf-8")
    assert "架空データ" in city.latent_truth.read_text(encoding="utf-8")


def test_the_hidden_truth_is_with_no_department(city: GeneratedCity) -> None:
    """Who is a young carer stands outside the departments' folder and in no file within."""
    assert city.departments not in city.latent_truth.parents
    assert not [path for path in city.departments.rglob("*") if "latent" in path.name or "truth" in path.name]
    with closing(sqlite3.connect(city.departments / "shimin" / "shimin.sqlite")) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert tables == {"resident", "history", "_about"}


def test_attendance_adds_up(tables: duckdb.DuckDBPyConnection) -> None:
    """Days present, absent and suspended make the school days, and reasons, where given, make the absence."""
    wrong = tables.sql(
        "SELECT count(*) FROM school.attendance WHERE least(days_present, absent, suspended_days) < 0 "
        "OR days_present + absent + suspended_days <> days_required "
        "OR coalesce(absent_sick + absent_accident + absent_other <> absent, false) "
        "OR coalesce(counted_present > days_present, false)"
    ).fetchall()
    assert wrong == [(0,)]
