"""``sekisho check --department``: what an officer sees of the own department's data, and who else sees it."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest

from reference.akishima.city.faults import spoil
from tests.e2e.commands import Ran, sekisho


@pytest.fixture(scope="module")
def sound(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city as it was generated; only its ledger grows."""
    return Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("sound") / "demo-city"))


@pytest.fixture(scope="module")
def spoilt(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose school-age register has three rows to mend and a column that nobody declared; not to be changed."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("spoilt") / "demo-city"))
    for fault in ("4.11-01-serial", "4.11-21-twice", "B-20-tax-column"):
        spoil(folder / "departments", fault)
    return folder


def checked(folder: Path, *more: str | Path, who: str = "steward-kyoiku", form: str = "json", lang: str = "ja") -> Ran:
    """The check of the register's section, as somebody."""
    return sekisho(
        "--deployment", folder, "--as", who, "--hat", "data_steward", "--format", form, "--lang", lang,
        "check", "--department", "kyoiku", *more,
    )  # fmt: skip


def of_register(ran: Ran) -> dict[str, Any]:
    """What the document says of the register."""
    datasets: list[dict[str, Any]] = ran.document["department_check"]["datasets"]
    return next(each for each in datasets if each["dataset"] == "kyoiku.gakurei")


def test_sound_data_end_with_zero_and_figures_that_add_up(sound: Path) -> None:
    """For every column: known, blank and unreadable are all rows. Nothing is undeclared, and everything is served."""
    ran = checked(sound)
    assert ran.status == 0
    found = of_register(ran)
    assert (found["mark"], found["served"], found["rows_rejected"]) == ("sound", True, 0)
    assert found["rows"] == found["rows_read"] > 0
    assert found["days_old"] <= found["limit_days"]
    for column in found["columns"]:
        assert column["known"] + column["blank"] + column["unreadable"] == found["rows_read"], column
    assert ran.document["notice"]


def test_every_row_to_mend_is_told_at_once(spoilt: Path) -> None:
    """Not the first fault alone: each with file, row, column and remedy; the exit status is 1."""
    ran = checked(spoilt)
    assert ran.status == 1
    found = of_register(ran)
    assert (found["mark"], found["served"], found["rows"]) == ("fault", False, None)
    assert {(f["code"], f["column"]) for f in found["row_faults"]} == {
        ("value-date-serial", "birth_date"), ("value-repeated", "fiscal_year"),
    }  # fmt: skip
    assert all(f["file"] == "kyoiku/gakurei_2023.csv" and f["row"] > 1 and f["remedy"] for f in found["row_faults"])
    assert [f["code"] for f in found["findings"]] == [
        "value-date-serial", "check-rows-to-mend", "check-undeclared-tax", "check-undeclared",
    ]  # fmt: skip
    assert [(u["title"], u["held_back"]) for u in found["undeclared"]] == [("課税区分", False)]


@pytest.mark.parametrize(
    ("who", "articles"),
    [("steward-shimin", [19]), ("auditor", [6, 19]), ("center", [6, 19])],
)
def test_nobody_else_sees_a_departments_figures(sound: Path, who: str, articles: list[int]) -> None:
    """The steward of another department is refused with the article, as are roles that hold no data."""
    ran = checked(sound, who=who)
    assert ran.status == 3
    assert ran.error["articles"] == articles
    assert ran.error["reasons"][-1]["control"] == "own-department"


def test_without_an_account_nothing_is_shown(sound: Path) -> None:
    """No token, no figures; the check of the whole deployment shows none either."""
    ran = sekisho("--deployment", sound, "--format", "json", "check", "--department", "kyoiku")
    assert ran.status == 3
    whole = sekisho("--deployment", sound, "--format", "json", "check")
    assert whole.status == 0
    assert all(set(part) == {"part", "ok", "faults"} for part in whole.document["check"]["parts"])


def test_an_unknown_department_is_bad_input(sound: Path) -> None:
    """The departments that there are, are named; what was typed is not repeated."""
    ran = sekisho(
        "--deployment", sound, "--as", "steward-kyoiku", "--hat", "data_steward", "--format", "json",
        "check", "--department", "zaisei-ka",
    )  # fmt: skip
    assert (ran.status, ran.error["code"]) == (2, "check-department-unknown")
    assert "kyoiku" in ran.error["remedy"]
    assert "zaisei" not in ran.out + ran.err


def test_the_check_of_a_department_is_in_the_ledger(city_with_approval: Path) -> None:
    """A check that was allowed and one that was refused both stand there, with who asked."""
    checked(city_with_approval)
    checked(city_with_approval, who="steward-shimin")
    ran = sekisho(
        "--deployment", city_with_approval, "--as", "auditor", "--hat", "auditor", "--format", "json", "ledger", "list"
    )
    checks = [e for e in ran.document["entries"] if e.get("action") == "dataset.check"]
    assert [(e["principal"], e["allow"]) for e in checks] == [("steward-kyoiku", True), ("steward-shimin", False)]


def test_the_table_is_japanese_and_says_what_to_do(spoilt: Path) -> None:
    """Marks, eras, remedies; the tables are the output, the findings stand beside it."""
    ran = checked(spoilt, form="table")
    assert ran.status == 1
    for words in (
        "教育総務課 データの点検 令和5年10月1日(2023/10/1)",
        "概要",
        "生年月日 (birth_date)",
        "課税区分",
        "架空データ",
    ):
        assert words in ran.out, words
    assert "× kyoiku/gakurei_2023.csv の" in ran.err
    assert "→ 元のファイルで列の書式を日付" in ran.err


def test_the_table_in_english(spoilt: Path) -> None:
    """The same for those who do not read Japanese."""
    ran = checked(spoilt, form="table", lang="en")
    assert "Rows to mend" in ran.out
    assert "Set the column's format to date" in ran.out + ran.err


def test_the_workbook_is_ready_for_the_office(spoilt: Path, tmp_path: Path) -> None:
    """Four sheets, each with frozen heading, filter, A4 landscape, 取扱注意 and who took it out on every page."""
    out = tmp_path / "tenken.xlsx"
    ran = checked(spoilt, "--output", out, form="xlsx")
    assert ran.status == 1
    with zipfile.ZipFile(out) as archive:
        names = re.findall(r'<sheet name="([^"]+)"', archive.read("xl/workbook.xml").decode())
        assert names == ["概要", "項目", "行の不備", "未登録の列"]
        strings = archive.read("xl/sharedStrings.xml").decode()
        for number in range(1, 5):
            sheet = archive.read(f"xl/worksheets/sheet{number}.xml").decode()
            assert all(
                part in sheet
                for part in (
                    'paperSize="9"',
                    'orientation="landscape"',
                    "<autoFilter",
                    'state="frozen"',
                    "取扱注意 架空データ 出力者 steward-kyoiku",
                )
            )
            assert "<f>" not in sheet
    assert "令和5年9月29日(2023/9/29)" in strings
    assert out.stat().st_mode & 0o777 == 0o600


def test_no_output_holds_a_value_of_a_row(spoilt: Path, tmp_path: Path) -> None:
    """Names, numbers and dates of the register are in none of the three outputs (I7)."""
    out = tmp_path / "tenken.xlsx"
    checked(spoilt, "--out", out, form="xlsx")
    with zipfile.ZipFile(out) as archive:
        told = archive.read("xl/sharedStrings.xml").decode()
    told += checked(spoilt).out + checked(spoilt, form="table").out
    rows = (spoilt / "departments/kyoiku/gakurei_2023.csv").read_text(encoding="cp932").splitlines()[1:]
    values = {text for row in rows for at, text in enumerate(row.split(",")) if at in (1, 2, 3, 4, 6, 7, 12) and text}
    assert len(values) > 100
    assert [value for value in values if value in told] == []


@pytest.mark.parametrize(
    ("form", "more", "code"),
    [
        ("csv", (), "check-report-format"), ("xlsx", (), "output-file-needed"),
        ("json", ("--out", "x.xlsx"), "output-format-needed"),
    ],
)  # fmt: skip
def test_forms_that_do_not_fit_are_bad_input(sound: Path, form: str, more: tuple[str, ...], code: str) -> None:
    """A workbook needs a file, a file needs the workbook's form, and there is no CSV of a check."""
    ran = checked(sound, *more, form=form)
    assert ran.status == 2
    assert code in (ran.out + ran.err)


def test_a_stale_extract_is_a_fault(city_with_approval: Path) -> None:
    """Older than the guideline lets queries use: told with both figures."""
    days = city_with_approval / "departments/kyoiku/extract.yaml"
    days.write_text("kyoiku.gakurei: 2023-07-01\n", encoding="utf-8")
    ran = checked(city_with_approval)
    assert ran.status == 1
    assert [f["code"] for f in of_register(ran)["findings"]] == ["check-stale"]


def test_the_check_of_a_derived_dataset_waits_for_its_base(city_with_approval: Path) -> None:
    """A register that is held back holds back what is computed from it; the cause is told once, where it is."""
    spoil(city_with_approval / "departments", "B-18-sqlite")
    ran = sekisho(
        "--deployment", city_with_approval, "--as", "steward-shimin", "--hat", "data_steward", "--format", "json",
        "check", "--department", "shimin",
    )  # fmt: skip
    assert ran.status == 1
    found = {d["dataset"]: [f["code"] for f in d["findings"]] for d in ran.document["department_check"]["datasets"]}
    assert "dataset-quarantined" in found["shimin.resident"]
    assert found["shimin.child"] == ["check-derived-waits"]
