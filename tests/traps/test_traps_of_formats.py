"""The 22 traps of formats and quality: each planted, and what becomes of it. ``docs/data-traps.md`` lists them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.address_folding import fold_address
from connectors.name_folding import fold_kana, fold_kanji, fold_roman
from governance.catalogue import Catalogue
from governance.dates import fiscal_year
from governance.forms import Form
from governance.load_guideline import load_guideline
from masking.forms import apply_form
from sekisho.deployment import Deployment
from tests.city import ask
from tests.connectors.clinic import (
    AS_OF,
    PSEUDONYM,
    RAW,
    Clinic,
    changed,
    column,
    columns,
    order,
)
from tests.reference.households import child_row, derive, head, kinds, member
from tests.reference.loading import members_of
from tests.traps.papers import DAY, KEY, NAME, NUMBER, TEXT, as_csv, declare, read, refusal

APRIL = date(2023, 4, 1)


# --- dates and numbers ------------------------------------------------------------------------------------------------


def test_4_11_01_the_same_day_in_every_notation(office: Clinic) -> None:
    """Eras in letters, names and codes, full-width, 漢数字, eight digits, slashes: all are 1 April 2023."""
    written = [
        "R5.4.1", "Ｒ５．４．１", "令和5年4月1日", "令和五年四月一日", "5050401", "20230401", "2023/4/1", "R5/04/01", "2023-04-01",
    ]  # fmt: skip
    paper = read(office, DAY, [[day] for day in written])
    assert set(paper.values("day")) == {APRIL}
    assert paper.notes("day") == {}


def test_4_11_01_eras_after_their_end_and_unknown_days_are_read_and_noted(office: Clinic) -> None:
    """元年 is year one; H31.5.1 and 昭和64年1月8日 are the days they mean; S50.00.00 is unknown and no day is invented."""
    paper = read(office, DAY, [["令和元年5月1日"], ["R1.5.1"], ["H31.5.1"], ["昭和64年1月8日"], ["S50.00.00"]])
    assert paper.values("day") == [date(2019, 5, 1)] * 3 + [date(1989, 1, 8), None]
    assert paper.notes("day") == {"late-era": 2, "unknown-day": 1}


@pytest.mark.parametrize(
    ("written", "code"),
    [("45017", "value-date-serial"), ("6.8.2", "value-date-era-missing"), ("R5.2.30", "value-date-impossible")],
)
def test_4_11_01_what_is_no_day_is_refused_by_row(office: Clinic, written: str, code: str) -> None:
    """A serial number in a text, a year without era, an impossible day: file, row, column and what to do."""
    error = refusal(office, DAY, [["R5.4.1"], [written]])
    assert (error.code, error.params["file"], error.params["row"]) == (code, "clinic/files/person_0.csv", 3)


def test_4_11_02_the_first_days_of_eras(office: Clinic) -> None:
    """Each era begins on its day, and the day before in its name is refused, except where two eras share one."""
    first = ["T1.7.30", "S1.12.25", "H1.1.8", "R1.5.1"]
    assert read(office, DAY, [[day] for day in first]).values("day") == [
        date(1912, 7, 30), date(1926, 12, 25), date(1989, 1, 8), date(2019, 5, 1),
    ]  # fmt: skip
    for day in ("T1.7.29", "S1.12.24", "H1.1.7", "R1.4.30"):
        assert refusal(office, DAY, [[day]]).code == "value-date-era-range"


def test_4_11_03_a_child_of_1_april_is_in_the_older_year(tmp_path: Path, catalogue: Catalogue) -> None:
    """Born on 1 April: one grade above the child born a day later. Born on 29 February: as on any day of February."""
    births = {"a": "H28.4.1", "b": "H28.4.2", "c": "H28.2.29"}
    tables = derive(tmp_path, catalogue, {"h": [head("m"), *(member(i, "子", b) for i, b in births.items())]})
    assert {i: child_row(tables, i)["grade"] for i in births} == {"a": 2, "b": 1, "c": 2}


def test_4_11_04_the_fiscal_year_and_a_month_without_school_days(office: Clinic) -> None:
    """March belongs to the year before; August has 0 school days, which is a figure and not a blank."""
    assert [fiscal_year(day) for day in (date(2023, 3, 31), date(2023, 4, 1), date(2024, 3, 31))] == [2022, 2023, 2023]
    assert read(office, NUMBER, [["0", "a"], ["", "b"], ["20", "c"]]).values("n") == [0, None, 20]


def test_4_11_05_lost_zeros_are_restored_and_counted(office: Clinic) -> None:
    """A key that a spreadsheet has shortened, full-width digits and U+3000 around it are the key."""
    paper = read(office, KEY, [["1234567"], ["０００１２３４５６７"], ["0001234567　"], [" 1234567"]])
    assert set(paper.values("person_id")) == {"0001234567"}
    assert paper.notes("person_id") == {"zero-padded": 2}


@pytest.mark.parametrize("written", ["1.23E+14", "１．２３Ｅ＋１４", "1E+10"])
def test_4_11_05_an_exponent_is_refused(office: Clinic, written: str) -> None:
    """The last digits are gone, and nobody guesses them."""
    error = refusal(office, KEY, [["1"], [written]])
    assert (error.code, error.params["row"]) == ("value-key-exponent", 3)


# --- characters -------------------------------------------------------------------------------------------------------


def test_4_11_06_cp932_with_the_characters_that_shift_jis_lacks(office: Clinic) -> None:
    """髙, 﨑, 德, 瀨 and the wave dash are read as written, whether the catalogue says cp932 or Shift_JIS."""
    names = ["髙橋", "﨑山", "德川", "瀨戸", "～", "－", "①"]
    for encoding in ("cp932", "shift_jis"):
        assert read(office, TEXT, [[name] for name in names], encoding=encoding).values("name") == names


def test_4_11_06_another_encoding_is_refused_by_line(office: Clinic) -> None:
    """UTF-8 where CP932 is declared, and CP932 where UTF-8 is; UTF-8 with a byte order mark is read where declared."""
    rows = [["髙橋"], ["𠮷田"]]
    utf8 = as_csv(TEXT, rows, encoding="utf-8-sig")
    error = refusal(office, TEXT, utf8)
    assert (error.code, error.params["encoding"]) == ("source-encoding", "cp932")
    assert refusal(office, TEXT, as_csv(TEXT, rows[:1]), encoding="utf-8").code == "source-encoding"
    assert read(office, TEXT, utf8, encoding="utf-8").values("name") == ["髙橋", "𠮷田"]


def test_4_11_06_replaced_characters_are_counted_and_left_alone(office: Clinic) -> None:
    """〓, ■, ? and private use stand for characters that only the holder knows; the official text stays as it is."""
    names = ["〓田", "■野", "山?", "\ue000崎", "髙橋", "Ann?"]
    paper = read(office, TEXT, [[name] for name in names])
    assert paper.values("name") == names
    assert paper.notes("name") == {"replaced-character": 4}


def test_4_11_07_variants_are_folded_for_comparing_only(office: Clinic) -> None:
    """髙橋 and 高橋 compare alike, and each leaves in its own spelling."""
    names = ["髙橋", "高橋", "齋藤", "斎藤"]
    assert read(office, TEXT, [[name] for name in names]).values("name") == names
    assert [fold_kanji(name) for name in names] == ["高橋", "高橋", "斎藤", "斎藤"]


def test_4_11_08_readings_of_old_systems(office: Clinic) -> None:
    """Half-width, voice marks apart and large small kana stay as written, and compare as the usual reading."""
    written = ["ﾜﾀﾅﾍﾞ ｼﾖｳﾀ", "ワタナベ　ショウタ", "わたなべ・しょうた"]
    assert read(office, TEXT, [[name] for name in written]).values("name") == written
    assert {fold_kana(name) for name in written} == {"ワタナベシヨウタ"}
    assert fold_kana("ナカジマ") != fold_kana("ナカシマ")


def test_4_11_09_foreign_residents(office: Clinic) -> None:
    """A name in the alphabet in any order, no kana, an unknown day, a cut-off name: read, unknown where unknown."""
    declared = {**TEXT, **DAY, **columns(column("kana", column_class="identifier", source="カナ"))}
    paper = read(office, declared, [["NGUYEN THI HOA", "H20.0.0", ""], ["VERYLONGFAMILYNAMECUTA", "H20.5.1", "ベリー"]])
    assert paper.values("name") == ["NGUYEN THI HOA", "VERYLONGFAMILYNAMECUTA"]
    assert paper.values("day") == [None, date(2008, 5, 1)]
    assert paper.values("kana") == [None, "ベリー"]
    assert paper.notes("day") == {"unknown-day": 1}
    assert fold_roman("NGUYEN THI HOA") == fold_roman("Hoa Nguyen Thi")


# --- people -----------------------------------------------------------------------------------------------------------


def test_4_11_10_twins_are_two(tmp_path: Path, catalogue: Catalogue) -> None:
    """One birthday, one home, names alike: two rows, each with one sibling. Nothing is matched by birth and address."""
    tables = derive(tmp_path, catalogue, {"h": [head("m"), member("a", "子", "H25.6.1"), member("b", "子", "H25.6.1")]})
    assert [child_row(tables, i)["n_siblings"] for i in "ab"] == [1, 1]
    assert fold_kanji("翔") != fold_kanji("翼")


def test_4_11_11_a_changed_surname_breaks_no_link(root: Path, catalogue: Catalogue) -> None:
    """The old name at one holder and the new one at another do not matter: no purpose is granted a name, keys join."""
    allowed = load_guideline(root / "guideline_docs").tables["allow_list"]
    granted = [
        (purpose, dataset, name)
        for purpose, datasets in allowed.items()
        for dataset, row in datasets.items()
        if dataset in catalogue.datasets
        for name in row["columns"]
        if catalogue.datasets[dataset].columns[name].column_class in ("identifier", "free_text")
    ]
    assert granted == []


def test_4_11_12_whoever_has_moved_out_is_told_apart(tmp_path: Path, catalogue: Catalogue) -> None:
    """A child who moved out keeps a row with that status, for the gate to decide on, and is nobody's household member."""
    gone = member("c", "子", "H25.6.1", status="転出")
    tables = derive(tmp_path, catalogue, {"h": [head("m"), gone, member("d", "子", "H26.6.1")]})
    assert child_row(tables, "c")["status"] == "転出"
    assert "c" not in kinds(tables)
    assert catalogue.dataset("shimin.child").gates["moved-out-excluded"] == "status"


def test_4_11_13_address_protection_reaches_the_children_and_stops_joins(tmp_path: Path, catalogue: Catalogue) -> None:
    """Only the mother is flagged: her child is protected, too; the other parent in town is in another household."""
    homes = {
        "a": [head("m", sex="2", protected=True), member("c", "子", "H25.6.1")],
        "b": [head("f"), member("d", "子", "H26.6.1")],
    }
    tables = derive(tmp_path, catalogue, homes, dwellings={"a": "x", "b": "y"})
    assert members_of(tables, catalogue, "address-protected", as_of=AS_OF) == {"m", "c"}


def test_4_11_13_a_protected_household_is_joined_with_no_other(tmp_path: Path, catalogue: Catalogue) -> None:
    """Two households of one dwelling are one home, unless one of them is protected."""
    homes = {"a": [head("m", protected=True), member("c", "子", "H25.6.1")], "b": [head("g", "S20.1.1")]}
    tables = derive(tmp_path, catalogue, homes, dwellings={"a": "x", "b": "x"})
    assert "g" not in kinds(tables)


def test_4_11_14_same_name_and_birthday_stay_two_persons(office: Clinic) -> None:
    """Two rows, two keys, two pseudonyms: rows are told apart by their key and by nothing else."""
    declared = {**KEY, **TEXT, **DAY}
    paper = read(office, declared, [["1", "佐藤 葵", "H25.6.1"], ["2", "佐藤 葵", "H25.6.1"]], unique_by=("person_id",))
    assert len(paper.rows) == 2
    names = office.scan(order(office, NAME, {"person_id": PSEUDONYM})).column("person_id").to_pylist()
    assert len(set(names)) == 2


def test_4_11_15_one_address_in_many_notations() -> None:
    """Compared in one form; a town is given only where it is declared, so that a renamed one is unknown and not old."""
    written = [
        "田中町一丁目17番1号",
        "田中町1-17-1",
        "田中町１丁目１７－１",
        "田中町1丁目17番地の1",
        "東京都昭島市田中町1-17-1",
    ]
    assert {fold_address(text, strip=("東京都昭島市",)) for text in written} == {"田中町1-17-1"}
    form = Form(kind="town", towns=("田中町", "拝島町"), strip=("東京都", "昭島市"))
    given = pa.array(["東京都昭島市田中町１丁目", "昭島市代官山1-1", "拝島町2"])
    towns = apply_form(given, form, column_type="text", as_of=AS_OF, dataset="x", column="address")
    assert towns.to_pylist() == ["田中町", None, "拝島町"]


# --- semantics --------------------------------------------------------------------------------------------------------


def test_4_11_16_missing_is_not_zero(office: Clinic) -> None:
    """Blank, ``-``, ``…`` and ``×`` are unknown, each told apart in the report; 0 is zero."""
    paper = read(office, NUMBER, [[text, "a"] for text in ("0", "", "-", "－", "…", "×", "　")])
    assert paper.values("n") == [0, None, None, None, None, None, None]
    assert paper.notes("n") == {"no-figure": 3, "withheld": 1}
    figures = paper.report.columns["n"]
    assert (figures.known, figures.blank) == (1, 6)


def test_4_11_17_categories_of_absence_differ_by_school(office: Clinic, catalogue: Catalogue) -> None:
    """What one school does not tell apart is unknown and not 0; a category that nobody declared is refused by row."""
    attendance = catalogue.dataset("school.attendance").columns
    assert all(attendance[name].nulls == "unknown" for name in ("absent_sick", "absent_accident", "absent_other"))
    declared = columns(column("kind", codes=("病気", "事故", "その他"), source="種別"))
    error = refusal(office, declared, [["病気"], ["別室登校"]])
    assert (error.code, error.params["row"]) == ("value-code-unknown", 3)


def test_4_11_18_days_of_absence_are_not_called_anything_else(catalogue: Catalogue) -> None:
    """Absence by illness stands apart from the rest, and no dataset calls the sum of both 不登校."""
    attendance = catalogue.dataset("school.attendance").columns
    assert {"absent", "absent_sick", "suspended_days", "days_required"} <= set(attendance)
    assert not [c.name for c in attendance.values() if "不登校" in c.label.ja]


def test_4_11_20_a_late_delivery_makes_its_own_dataset_unknown(city_with_approval: Path) -> None:
    """Each class of data has its own limit of days; what rests on a stale one is unknown, and the rest goes on."""
    (city_with_approval / "departments/kaigo/extract.yaml").write_text(
        "kaigo.certificate: 2023-07-31\n", encoding="utf-8"
    )
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        release = ask(broker, deployment)
    assert set(release.stale) == {"kaigo.cert"}
    assert release.known["kaigo.cert"] == 0
    assert release.rows > 0


HISTORY = {
    **KEY,
    **columns(
        column("since", "date", nulls="never", source="異動日"), column("town", nulls="never", source="町"),
    ),
}  # fmt: skip
MOVES = [["1", "R4.4.1", "東"], ["1", "R5.9.1", "西"], ["1", "R5.12.1", "南"], ["2", "R3.1.1", "北"]]
VALID = """
SELECT person_id, town FROM clinic.person WHERE since <= $as_of
QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY since DESC) = 1
"""


def test_4_11_21_of_a_history_the_row_of_the_day_counts(office: Clinic) -> None:
    """The holder's view takes the row that is valid on the day; the raw history never leaves as if it were persons."""
    declare(office, HISTORY, as_csv(HISTORY, MOVES))
    view = {"person_id": HISTORY["person_id"], "town": replace(HISTORY["town"], source=None)}
    office.catalogue = changed(
        office.catalogue, "clinic.adult", derived_sql=VALID, columns=view, unique_by=("person_id",)
    )
    for day, town in ((date(2023, 8, 31), "東"), (date(2023, 10, 1), "西"), (date(2024, 1, 1), "南")):
        rows = office.scan(order(office, "clinic.adult", dict.fromkeys(view, RAW), as_of=day)).to_pylist()
        assert {row["person_id"]: row["town"] for row in rows} == {"0000000001": town, "0000000002": "北"}


def test_4_11_21_a_history_where_one_row_was_promised_is_refused_row_by_row(office: Clinic) -> None:
    """The dataset is refused with how many; the check names every further row."""
    error = refusal(office, HISTORY, MOVES, unique_by=("person_id",))
    assert (error.code, error.params["rows"]) == ("dataset-rows-repeated", 2)
    faults = office.department.survey(NAME).faults
    assert [(f.code, f.row) for f in faults] == [("value-repeated", 3), ("value-repeated", 4)]
