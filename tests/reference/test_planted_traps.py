"""Each trap that lives in data and can be read right stands in the city on purpose, where ``planted.csv`` says."""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pytest

from governance.catalogue import Catalogue
from reference.akishima.city.planted import Plant
from reference.akishima.city.schools import schools
from reference.akishima.extracts.shofuku import NOTATIONS
from reference.akishima.generate import GeneratedCity
from tests.reference.loading import read_day
from tests.reference.workbooks import read_sheet, sheet_names

_NOT_IN_DATA = {"B-18", "B-19", "B-20", "B-21", "B-22", "B-24", "B-25"}
"""Refused files, answers of the broker, accounts: they are made where they are tested."""


@pytest.fixture(scope="module")
def planted(city: GeneratedCity) -> list[Plant]:
    """What the list says."""
    with city.planted.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["marking"] for row in rows} == {"架空データ"}
    return [Plant(trap=r["trap"], dataset=r["dataset"], file=r["file"], key=r["key"], what=r["what"]) for r in rows]


def of(planted: Sequence[Plant], trap: str, dataset: str | None = None) -> list[Plant]:
    """The places of one trap."""
    found = [plant for plant in planted if plant.trap == trap and dataset in {None, plant.dataset}]
    assert found, trap
    return found


def register(city: GeneratedCity, resident: str) -> sqlite3.Row:
    with closing(sqlite3.connect(city.departments / "shimin" / "shimin.sqlite")) as connection:
        connection.row_factory = sqlite3.Row
        return connection.execute("SELECT * FROM resident WHERE resident_id = ?", (resident,)).fetchone()


def handbook_lines(city: GeneratedCity) -> dict[str, list[dict[str, str]]]:
    lines: dict[str, list[dict[str, str]]] = {}
    with (city.departments / "shofuku" / "handbook_202308.csv").open(encoding="cp932", newline="") as file:
        for row in csv.DictReader(file):
            lines.setdefault(row["宛名番号"], []).append(row)
    return lines


def test_both_lists_are_complete(planted: list[Plant]) -> None:
    """All 22 of the one list, and of the 25 those that are a matter of data."""
    wanted = {f"4.11-{n}" for n in range(1, 23)} | {f"B-{n}" for n in range(1, 26)} - _NOT_IN_DATA
    assert {plant.trap for plant in planted} == wanted


def test_every_place_can_be_found(city: GeneratedCity, planted: list[Plant], catalogue: Catalogue) -> None:
    """Files are there (but for the one that has not come in), datasets are declared, and the list is with no department."""
    assert city.departments not in city.planted.parents
    for plant in planted:
        assert plant.dataset in catalogue.datasets
        assert (city.departments / plant.file).is_file() is (plant.trap != "4.11-20"), plant


def test_keys_name_rows(planted: list[Plant], tables: duckdb.DuckDBPyConnection, catalogue: Catalogue) -> None:
    """Each key is a resident's number or a pupil's key of its dataset."""
    for plant in planted:
        if plant.key:
            columns = catalogue.dataset(plant.dataset).columns
            names = [name for name, column in columns.items() if column.key in {"resident", "pupil"}]
            where = " OR ".join(f"{name} = $key" for name in names)
            found = tables.execute(f"SELECT count(*) FROM {plant.dataset} WHERE {where}", {"key": plant.key}).fetchall()
            assert found[0][0] > 0, plant


@pytest.mark.parametrize("example", [example for example, _ in NOTATIONS])
def test_one_column_has_days_in_every_notation(city: GeneratedCity, planted: list[Plant], example: str) -> None:
    """交付日 was typed in by hand for years: seven notations beside the usual one."""
    shape = re.sub(r"[0-9]+", r"\\d+", re.escape(example))
    shape = re.sub("[０-９]+", "[０-９]+", shape)
    shape = (
        shape.replace("R", "[SHR]")
        .replace("Ｒ", "[ＳＨＲ]")
        .replace("令和五年四月一日", "(昭和|平成|令和).+年.+月.+日")
    )
    (place,) = (p for p in of(planted, "4.11-1") if f" {example} " in p.what)
    written = [row["交付日"] for row in handbook_lines(city)[place.key]]
    assert any(re.fullmatch(shape, day) for day in written), written


@pytest.mark.parametrize("written", ["H31.5.1", "昭和64年1月8日", "令和元年5月1日"])
def test_days_around_a_change_of_era(city: GeneratedCity, planted: list[Plant], written: str) -> None:
    """An era used after its end, and the first year of the next."""
    places = [p for p in planted if p.dataset == "shofuku.handbook" and written in p.what]
    assert len(places) == 1
    assert written in [row["交付日"] for row in handbook_lines(city)[places[0].key]]


def test_old_people_were_born_where_eras_meet(city: GeneratedCity, planted: list[Plant]) -> None:
    """The last day of 大正 and the first of 昭和."""
    births = {register(city, p.key)["birth_date"] for p in of(planted, "4.11-2", "shimin.resident")}
    assert births == {"T15.12.24", "S1.12.25"}


def test_workbooks_hold_real_dates_and_lost_zeros(city: GeneratedCity, planted: list[Plant]) -> None:
    """A day is a number of days in the cell; numbers that were typed in have no leading zeros; full-width digits stay."""
    place = of(planted, "B-4")[0]
    grid = read_sheet(city.departments / place.file, "受付簿")
    assert re.fullmatch(r"\d{5}", grid[3][3] or "")
    assert (grid[3][1] or "").endswith("　")
    clubs = read_sheet(city.departments / "ikusei" / "gakudo_2023.xlsx", "名簿")
    lost = {p.key for p in of(planted, "B-5")}
    assert {(row[0] or "").zfill(10) for row in clubs[2:7]} == lost
    assert all(len(row[0] or "") < 10 for row in clubs[2:7])
    aid = read_sheet(city.departments / "kyoiku" / "shuen_2023.xlsx", "認定台帳")
    assert re.fullmatch("[０-９]{10}", aid[4][1] or "")


def test_schools_deliver_four_forms(city: GeneratedCity) -> None:
    """Two of CSV and two of Excel; a title, two-row headers, subtotals, a hidden sheet, a sheet of rules."""
    folder = city.departments / "school" / "attendance"
    kinds = {re.sub(r"[EJ]\d\d_\d{6}", "*", file.name) for file in folder.iterdir()}
    assert kinds == {"*.csv", "出席簿_*.xlsx", "*_月報.csv", "*_出欠一覧.xlsx"}
    ledger = next(folder.glob("出席簿_*.xlsx"))
    assert sheet_names(ledger) == {"出席簿": "visible", "集計用": "hidden"}
    grid = read_sheet(ledger, "出席簿")
    assert [row[0] for row in grid].count("合計") == 1
    assert [row[0] for row in grid].count("小計") >= 2
    assert grid[2][7] == "欠席"
    assert grid[3][7:11] == ["計", "病気", "事故", "その他"]
    assert list(sheet_names(next(folder.glob("*_出欠一覧.xlsx")))) == ["記入要領", "出欠"]
    report = next(folder.glob("*_月報.csv")).read_text(encoding="cp932").splitlines()
    assert "出席月報" in report[0]
    assert report[-1].split(",")[3] == "計"
    assert {school.form for school in schools(5_000)} == {"system", "ledger", "report", "list"}


def test_two_strangers_have_one_name_and_birthday(city: GeneratedCity, planted: list[Plant]) -> None:
    """Same name, same reading, same day, different people at different addresses."""
    one, other = (register(city, p.key) for p in of(planted, "B-10"))
    for column in ("name_kanji", "name_kana", "birth_date", "sex"):
        assert one[column] == other[column]
    assert one["household_id"] != other["household_id"]
    assert one["dwelling_key"] != other["dwelling_key"]


def test_protection_in_its_hard_forms(
    city: GeneratedCity, planted: list[Plant], tables: duckdb.DuckDBPyConnection
) -> None:
    """Past its day, left behind in the other parent's household, and a former partner in the same city."""
    places = {p.what: p for p in of(planted, "4.11-13")}
    assert len(places) == 3
    expired = next(p for what, p in places.items() if "期限" in what)
    row = register(city, expired.key)
    assert row["dv_support_flag"] == "1"
    assert read_day(row["dv_support_until"]) < date(2023, 10, 1)
    mother = next(p for what, p in places.items() if "夫の世帯" in what)
    home = register(city, mother.key)["household_id"]
    others = tables.execute(
        "SELECT relation, dv_support_flag FROM shimin.resident WHERE household_id = ?", [home]
    ).fetchall()
    assert ("世帯主", "0") in others
    child = of(planted, "B-16")[0]
    ((payee, category),) = tables.execute(
        "SELECT payee_id, child_allowance FROM kosodate.allowance WHERE child_id = ?", [child.key]
    ).fetchall()
    assert category == "受給者変更"
    assert register(city, payee)["dwelling_key"] != register(city, child.key)["dwelling_key"]
    assert register(city, payee)["status"] == "現存"


def test_history_has_double_corrected_and_same_day_rows(
    planted: list[Plant], tables: duckdb.DuckDBPyConnection
) -> None:
    """One state is valid on a day all the same, once corrected rows and repetitions are left out."""
    assert len({p.what for p in of(planted, "4.11-21")}) == 2
    moved = next(p for p in of(planted, "4.11-12") if "同じ日" in p.what)
    days = tables.execute(
        "SELECT changed_on, list(reason ORDER BY history_no) FROM shimin.history WHERE resident_id = ? "
        "AND NOT corrected GROUP BY 1", [moved.key],
    ).fetchall()  # fmt: skip
    assert any(reasons[:2] == ["転入", "転居"] for _, reasons in days)
    undecided = tables.execute(
        "SELECT resident_id FROM (SELECT DISTINCT resident_id, reason, changed_on, dwelling_key FROM shimin.history "
        "WHERE NOT corrected AND changed_on <= $day AND coalesce(valid_to, $day) >= $day) "
        "GROUP BY 1 HAVING count(*) <> 1", {"day": date(2023, 10, 1)},
    ).fetchall()  # fmt: skip
    assert undecided == []
    ((people, known),) = tables.sql(
        "SELECT (SELECT count(*) FROM shimin.resident), count(DISTINCT resident_id) FROM shimin.history"
    ).fetchall()
    assert people == known


def test_last_move_is_the_register_s(tables: duckdb.DuckDBPyConnection) -> None:
    """The last row of a person's history says where the register has the person, and why."""
    wrong = tables.sql(
        "SELECT count(*) FROM (SELECT resident_id, last(reason ORDER BY history_no) AS reason, "
        "last(dwelling_key ORDER BY history_no) AS dwelling_key FROM shimin.history WHERE NOT corrected GROUP BY 1) h "
        "JOIN shimin.resident r USING (resident_id) "
        "WHERE h.reason <> r.move_reason OR h.dwelling_key <> r.dwelling_key"
    ).fetchall()
    assert wrong == [(0,)]


def test_late_school_has_not_delivered_its_last_month(city: GeneratedCity, planted: list[Plant]) -> None:
    """One file of attendance is missing; every other school's is there."""
    (place,) = of(planted, "4.11-20")
    folder = city.departments / "school" / "attendance"
    assert not (city.departments / place.file).exists()
    assert len(list(folder.glob("*202309*"))) == len(schools(5_000)) - 1
    assert len(list(folder.glob("*202308*"))) == len(schools(5_000))


def test_school_names_differ_from_the_register_s(planted: list[Plant], tables: duckdb.DuckDBPyConnection) -> None:
    """After a remarriage, with 通称, and for variant characters; never so that both names are the same by mistake."""
    for place in of(planted, "4.11-11", "school.roster") + of(planted, "4.11-7", "school.roster"):
        ((at_school, registered),) = tables.execute(
            "SELECT s.name_kanji, r.name_kanji FROM school.roster s JOIN kyoiku.gakurei g USING (pupil) "
            "JOIN shimin.resident r USING (resident_id) WHERE s.pupil = ?", [place.key],
        ).fetchall()  # fmt: skip
        assert at_school != registered


def test_benefits_that_are_not_paid_have_not_ended(tables: duckdb.DuckDBPyConnection) -> None:
    """停止中 without an end, 全部停止 of a lone parent, 就学援助 that was cancelled within the year."""
    for sql in (
        "SELECT * FROM seifuku.welfare WHERE aid_state = '停止中' AND aid_end IS NULL AND amount IS NULL",
        "SELECT * FROM kosodate.allowance WHERE hitorioya_allowance = '全部停止' AND NOT mc_oya AND ikusei_teate",
        "SELECT * FROM kyoiku.shuen WHERE cancelled_on > certified_on",
        "SELECT * FROM shofuku.handbook WHERE expires_on < DATE '2023-10-01'",
    ):
        assert tables.sql(sql).fetchall(), sql


def test_hand_made_reader_knows_its_file(tmp_path: Path) -> None:
    """The reader of these tests fails on what is no workbook, so that no test passes on an empty grid."""
    (tmp_path / "no.xlsx").write_bytes(b"no workbook")
    with pytest.raises(Exception, match="zip"):
        sheet_names(tmp_path / "no.xlsx")
