"""The draft for the register of personal information files says what is linked, and nothing that is not known."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from governance.catalogue import Catalogue
from governance.guideline import Guideline
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from sekisho import cli
from sekisho.file_register import TO_WRITE, FileSheet, file_sheets

PRINTED = (
    "個人情報ファイルの名称", "実施機関の名称", "事務をつかさどる組織の名称", "利用目的", "記録項目", "記録範囲",
    "記録情報の収集方法", "要配慮個人情報", "記録情報の経常的提供先", "開示請求等を受理する組織の名称及び所在地",
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue(root: Path) -> Catalogue:
    return load_catalogue(root / "reference" / "akishima" / "catalogue")


@pytest.fixture(scope="module")
def guideline(root: Path) -> Guideline:
    return load_guideline(root / "guideline_docs")


@pytest.fixture(scope="module")
def screening(catalogue: Catalogue, guideline: Guideline) -> FileSheet:
    (sheet,) = [sheet for sheet in file_sheets(catalogue, guideline) if sheet.domain == "center-screening"]
    return sheet


def test_each_linkage_of_persons_has_a_sheet_and_statistics_have_none(
    catalogue: Catalogue, guideline: Guideline
) -> None:
    """A domain whose active purposes yield rows about single persons has a sheet."""
    domains = {sheet.domain for sheet in file_sheets(catalogue, guideline)}
    purposes = guideline.tables["purposes"].values()
    assert domains == {p["domain"] for p in purposes if "row_level" in p["outputs"] and p["status"] == "active"}
    assert not {"stat", "after-school"} & domains


def test_a_sheet_has_every_field_that_is_printed(screening: FileSheet, guideline: Guideline) -> None:
    """Name, purposes, sources and whether there are items that need care come from guideline and catalogue."""
    assert set(PRINTED) <= set(screening.fields)
    for name in ("young_carer", "poverty", "abuse", "truancy"):
        assert guideline.tables["purposes"][name]["label"]["ja"] in screening.fields["利用目的"]
    assert "子ども家庭支援センター" in screening.fields["事務をつかさどる組織の名称"]
    assert screening.fields["要配慮個人情報"].startswith("含む")
    assert "就学の始期から" in screening.fields["記録範囲"]


def test_what_is_not_known_is_left_to_a_person(screening: FileSheet) -> None:
    """Nothing is invented: the office and its address are marked as to be written, and said to be."""
    assert screening.fields["開示請求等を受理する組織の名称及び所在地"] == TO_WRITE
    assert "開示請求等を受理する組織の名称及び所在地" in screening.open_fields
    assert "利用目的" not in screening.open_fields


def test_every_item_that_leaves_is_recorded_once(
    screening: FileSheet, catalogue: Catalogue, guideline: Guideline
) -> None:
    """The items are those that the allow-list lets out for any of the purposes, with their sensitivity; no other."""
    granted = {
        (dataset, column)
        for purpose in ("young_carer", "poverty", "abuse", "truancy")
        for dataset, entry in guideline.tables["allow_list"][purpose].items()
        for column, form in entry["columns"].items()
        if form["leaves"]
    }
    recorded = [(item.dataset, item.column) for item in screening.items]
    assert len(recorded) == len(granted)
    for dataset, column in granted:
        declared = catalogue.dataset(dataset)
        label = (declared.label.ja, declared.columns[column].label.ja)
        assert label in recorded
        (item, *_) = [i for i in screening.items if (i.dataset, i.column) == label]
        assert bool(item.sensitivity) is (declared.columns[column].sensitivity != "normal")


def test_the_draft_is_written_as_page_sheet_and_document(
    pristine_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Markdown, Excel and JSON hold the same fields, say that the city is made up, and need no account."""
    command = ["--deployment", str(pristine_city), "guideline", "file-register"]
    page, book = tmp_path / "draft.md", tmp_path / "draft.xlsx"
    assert cli.run([*command, "--out", str(page)]) == 0
    assert cli.run([*command, "--out", str(book)]) == 0
    capsys.readouterr()
    assert cli.run([*command, "--format", "json"]) == 0
    first = json.loads(capsys.readouterr().out)["file_register"][0]
    text = page.read_text(encoding="utf-8")
    workbook = CalamineWorkbook.from_filelike(io.BytesIO(book.read_bytes()))
    cells = [cell for row in workbook.get_sheet_by_name("単票1").to_python() for cell in row]
    assert "架空データ" in text
    for name in PRINTED:
        assert f"| {name} |" in text
        assert name in cells
        assert name in first["fields"]
    assert len(first["items"]) == len(workbook.get_sheet_by_name("記録項目1").to_python()) - 2


def test_a_file_of_another_kind_is_refused(pristine_city: Path, tmp_path: Path) -> None:
    """The draft is a page or a sheet."""
    out = tmp_path / "draft.pdf"
    assert cli.run(["--deployment", str(pristine_city), "guideline", "file-register", "--out", str(out)]) == 2
    assert not out.exists()
