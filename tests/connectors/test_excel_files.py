"""Workbooks as departments really keep them are read, and what is not a value in them is refused by its row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from connectors.files import FilesSource
from connectors.sources import SourceTexts
from connectors.typed_columns import type_columns
from governance.catalogue import Column, Dataset, Layout, LeaveOut
from governance.errors import BadInput, SekishoError
from tests.connectors.clinic import KEY_KINDS, LABEL, column, columns

ROLL = columns(
    column("school", column_class="quasi_identifier"),
    column("month"),
    column("day", "date"),
    column("seat", "integer", source="出席番号"),
    column("person_id", column_class="key", key="person", source="番号"),
    column("sick", "integer", source="欠席/病気"),
    column("other", "integer", source="欠席/その他"),
    column("late", "integer", source="遅刻"),
)
FORM = Layout(
    files=("roll/*",),
    title_rows=2,
    header_rows=2,
    leave_out=LeaveOut(column="出席番号", values=("小計", "合計")),
    from_name=r"(?P<school>[EJ]\d\d)_(?P<month>\d{6})",
    from_cell={"day": "C2"},
)


def dataset(declared: Mapping[str, Column], *layouts: Layout, **more: Any) -> Dataset:
    """A dataset in files."""
    return Dataset(
        name="clinic.roll", department="clinic", label=LABEL, columns=declared, layouts=layouts, refresh="daily",
        **{"absent_row": "unknown", "gates": {}, **more},
    )  # fmt: skip


def texts_of(folder: Path, declared: Dataset) -> list[SourceTexts]:
    """All batches of a folder."""
    source = FilesSource(folder, root=folder)
    return [texts for part in source.parts(declared) for texts in source.read(declared, part)]


def rows_of(folder: Path, declared: Dataset) -> list[dict[str, Any]]:
    """The typed rows of a folder."""
    return [
        row
        for texts in texts_of(folder, declared)
        for row in type_columns(texts, declared, kinds=KEY_KINDS, whole_dataset=False).table.to_pylist()
    ]


def refusal(folder: Path, declared: Dataset) -> SekishoError:
    """What reading ends in; no value of a cell is in it."""
    with pytest.raises(SekishoError) as caught:
        rows_of(folder, declared)
    error = caught.value
    assert error.__cause__ is None
    assert "CANARY" not in str(error) + error.text("ja") + error.remedy("ja")
    return error


def write_roll(path: Path, *, left: int = 0) -> None:
    """A roll as a school keeps it: title, month in a cell, a header of two rows with merged cells, subtotals."""
    path.parent.mkdir(exist_ok=True)
    with xlsxwriter.Workbook(path) as book:
        sheet, notes = book.add_worksheet("出席簿"), book.add_worksheet("メモ")
        notes.hide()
        notes.write(0, 0, "CANARY")
        sheet.merge_range(0, left, 0, left + 4, "架空データ　出席簿")
        sheet.write_datetime(1, 2, date(2023, 4, 1), book.add_format({"num_format": 'ggge"年"m"月"'}))
        sheet.merge_range(2, left, 3, left, "出席番号")
        sheet.merge_range(2, left + 1, 3, left + 1, "番 号")
        sheet.merge_range(2, left + 2, 2, left + 3, "欠席")
        sheet.write(3, left + 2, "病気")
        sheet.write(3, left + 3, "その他")
        sheet.merge_range(2, left + 4, 3, left + 4, "遅刻")
        for at in (1, 2):
            sheet.write_row(3 + at, left, [at, 1000 + at, at, 0, None])
        sheet.merge_range(6, left, 6, left + 1, "小　計")
        sheet.write_formula(6, left + 2, "=SUM(C5:C6)", None, 3)
        sheet.write_formula(6, left + 4, "=AVERAGE(E5:E6)", None, "#DIV/0!")
        sheet.write_row(8, left, [3, 1003, None, 2, 1])
        sheet.write(9, left, "合計")


@pytest.mark.parametrize("left", [0, 1], ids=["at-the-edge", "after-a-margin"])
def test_a_roll_is_read_as_a_person_reads_it(tmp_path: Path, left: int) -> None:
    """Merged headers are joined, subtotals, blank rows and hidden sheets are no records, name and cell are columns."""
    write_roll(tmp_path / "roll" / "E01_202304.xlsx", left=left)
    common = {"school": "E01", "month": "202304", "day": date(2023, 4, 1)}
    assert rows_of(tmp_path, dataset(ROLL, FORM)) == [
        {**common, "seat": 1, "person_id": "0000001001", "sick": 1, "other": 0, "late": None},
        {**common, "seat": 2, "person_id": "0000001002", "sick": 2, "other": 0, "late": None},
        {**common, "seat": 3, "person_id": "0000001003", "sick": None, "other": 2, "late": 1},
    ]
    (texts,) = texts_of(tmp_path, dataset(ROLL, FORM))
    assert [texts.place(row)[1] for row in range(3)] == [5, 6, 9]


def test_files_of_several_layouts_are_one_dataset(tmp_path: Path) -> None:
    """Each file is read by the first layout that matches it; what a layout lacks is unknown there."""
    write_roll(tmp_path / "roll" / "E01_202304.xlsx")
    (tmp_path / "roll" / "J01_202304.csv").write_bytes("席,番号,病欠,事故欠\r\n7,1007,1,-\r\n".encode("cp932"))
    plain = Layout(
        files=("roll/J*.csv",), encoding="cp932", from_name=r"(?P<school>J\d\d)_(?P<month>\d{6})",
        titles={"seat": "席", "sick": "病欠", "other": "事故欠"}, missing=("late", "day"),
    )  # fmt: skip
    assert rows_of(tmp_path, dataset(ROLL, plain, FORM))[3:] == [
        {"school": "J01", "month": "202304", "day": None, "seat": 7, "person_id": "0000001007", "sick": 1,
         "other": None, "late": None},
    ]  # fmt: skip


def test_a_csv_with_a_header_of_two_rows_is_read_alike(tmp_path: Path) -> None:
    """A workbook saved as CSV has blanks where cells were merged, and means the same."""
    text = "架空データ,,,,\n,,2023/4/1,,\n出席番号,番号,欠席,,遅刻\n,,病気,その他,\n1,1001,2,0,\n小計,,2,,\n,,,,\n2,1002,,1,\n"
    (tmp_path / "roll").mkdir()
    (tmp_path / "roll" / "E01_202304.csv").write_text(text, encoding="utf-8")
    rows = rows_of(tmp_path, dataset(ROLL, FORM))
    assert [(row["seat"], row["sick"], row["other"], row["day"]) for row in rows] == [
        (1, 2, 0, date(2023, 4, 1)),
        (2, None, 1, date(2023, 4, 1)),
    ]


@pytest.mark.parametrize("name", ["E01_202304 (1).xlsx", "E01_202304_修正.xlsx", "E1_202304.xlsx"])
def test_a_copy_beside_the_file_is_refused(tmp_path: Path, name: str) -> None:
    """A name that is not as the catalogue says may be a copy, which would count its rows twice."""
    write_roll(tmp_path / "roll" / name)
    error = refusal(tmp_path, dataset(ROLL, FORM))
    assert (error.code, error.params["file"]) == ("source-name", f"roll/{name}")


def test_files_beside_the_data_are_passed_over_or_refused(tmp_path: Path) -> None:
    """What Excel leaves of an open workbook is no data; a workbook of the old format might be, and is refused."""
    write_roll(tmp_path / "roll" / "E01_202304.xlsx")
    (tmp_path / "roll" / "~$E01_202304.xlsx").write_bytes(b"\x05CANARY")
    (tmp_path / "roll" / ".DS_Store").write_bytes(b"CANARY")
    assert len(rows_of(tmp_path, dataset(ROLL, FORM))) == 3
    (tmp_path / "roll" / "E02_202304.xls").write_bytes(b"CANARY")
    error = refusal(tmp_path, dataset(ROLL, FORM))
    assert (error.code, error.params["file"]) == ("source-format", "roll/E02_202304.xls")


CELLS = columns(
    column("person_id", column_class="key", key="person", source="番号"),
    column("ref", column_class="identifier", source="整理番号"),
    column("born", "date", source="生年月日"),
    column("n", "integer", source="回数"),
    column("note", column_class="free_text", source="備考"),
)


def one(folder: Path, write: Callable[[Worksheet, Any], None], **options: Any) -> Dataset:
    """A workbook with one row, changed by a test."""
    with xlsxwriter.Workbook(folder / "a.xlsx", options) as book:
        sheet = book.add_worksheet("表")
        sheet.write_row(0, 0, [c.source for c in CELLS.values()])
        sheet.write_row(1, 0, ["1", "A-1", "R5.4.1", 2, "x"])
        write(sheet, lambda shown: book.add_format({"num_format": shown}))
    return dataset(CELLS, Layout(files=("*.xlsx",)))


DAY = date(2012, 4, 1)


@pytest.mark.parametrize("date_1904", [False, True])
@pytest.mark.parametrize("shown", ["yyyy/m/d", "m/d", "[$-411]ge.m.d", 'ggge"年"m"月"d"日"', 'yyyy"年"m"月"', "yyyy-mm-dd hh:mm"])  # fmt: skip
def test_a_real_date_is_that_date_however_it_is_shown(tmp_path: Path, shown: str, date_1904: bool) -> None:
    """The cell's own type says that it is a date, in the calendar of its workbook."""
    declared = one(tmp_path, lambda s, f: s.write_datetime(1, 2, DAY, f(shown)), date_1904=date_1904)
    assert rows_of(tmp_path, declared)[0]["born"] == DAY


def test_a_number_in_a_column_of_dates_is_refused(tmp_path: Path) -> None:
    """45017 is a date only where the cell says so; nobody can tell from the number."""
    error = refusal(tmp_path, one(tmp_path, lambda s, f: s.write_number(1, 2, 45_017)))
    assert (error.code, error.params["row"]) == ("value-date-serial", 2)


@pytest.mark.parametrize(("shown", "number"), [("h:mm", 0.4), ("[h]:mm", 1.5), ("h:mm", 1.25)])
def test_a_time_in_a_column_of_dates_is_refused(tmp_path: Path, shown: str, number: float) -> None:
    """It would be a day of the year 1899 or 1900."""
    error = refusal(tmp_path, one(tmp_path, lambda s, f: s.write_number(1, 2, number, f(shown))))
    assert (error.code, error.params["row"], error.params["column"]) == ("source-cell-time", 2, "born")


def test_numbers_are_read_without_a_fraction_and_with_their_zeros(tmp_path: Path) -> None:
    """A spreadsheet has only floating-point numbers, and drops leading zeros: 1234 is 0000001234, and 3.0 is 3."""

    def write(sheet: Worksheet, _: Any) -> None:
        sheet.write_number(1, 0, 1_234)
        sheet.write_number(1, 1, 123_456_789_012_345)
        sheet.write_formula(1, 3, "=1+2", None, 3.0)

    assert rows_of(tmp_path, one(tmp_path, write)) == [
        {"person_id": "0000001234", "ref": "123456789012345", "born": date(2023, 4, 1), "n": 3, "note": "x"}
    ]


@pytest.mark.parametrize("number", [1_234_567_890_123_456, 1.23e20])
def test_a_number_whose_last_digits_are_lost_is_refused(tmp_path: Path, number: float) -> None:
    """Sixteen digits do not fit: what the cell holds is another number. As text they do."""
    error = refusal(tmp_path, one(tmp_path, lambda s, f: s.write_number(1, 1, number)))
    assert (error.code, error.params["column"], error.params["row"]) == ("source-number-lost", "ref", 2)
    declared = one(tmp_path, lambda s, f: s.write_string(1, 1, "1234567890123456"))
    assert rows_of(tmp_path, declared)[0]["ref"] == "1234567890123456"


def test_an_exponent_in_a_text_is_refused(tmp_path: Path) -> None:
    """1.23E+14 was a number of fifteen digits once; nobody knows which."""
    error = refusal(tmp_path, one(tmp_path, lambda s, f: s.write_string(1, 0, "1.23E+14")))
    assert error.code == "value-key-exponent"


def test_an_identifier_that_became_a_date_is_refused(tmp_path: Path) -> None:
    """3-2 typed into a cell becomes 2 March. In a column of plain text a date is a date."""
    error = refusal(tmp_path, one(tmp_path, lambda s, f: s.write_datetime(1, 1, DAY, f("m-d"))))
    assert (error.code, error.params["column"], error.params["row"]) == ("source-cell-date", "ref", 2)
    declared = one(tmp_path, lambda s, f: s.write_datetime(1, 4, DAY, f("m-d")))
    assert rows_of(tmp_path, declared)[0]["note"] == "2012-04-01"
    declared = one(tmp_path, lambda s, f: s.write_string(1, 1, "2012-04-01 00:00:00"))
    assert rows_of(tmp_path, declared)[0]["ref"] == "2012-04-01"


@pytest.mark.parametrize("error_value", ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?"])
def test_a_cell_of_an_error_is_refused_by_its_row(tmp_path: Path, error_value: str) -> None:
    """An error is no value and no blank."""
    error = refusal(tmp_path, one(tmp_path, lambda s, f: s.write_formula(1, 3, "=X()", None, error_value)))
    assert (error.code, error.params["column"], error.params["row"], error.params["file"]) == (
        "source-cell-error", "n", 2, "a.xlsx",
    )  # fmt: skip


def test_an_error_in_a_column_that_nobody_reads_does_not_matter(tmp_path: Path) -> None:
    """It is a column beyond the catalogue, and reported as such."""

    def write(sheet: Worksheet, _: Any) -> None:
        sheet.write(0, 5, "計")
        sheet.write_formula(1, 5, "=X()", None, "#N/A")

    declared = one(tmp_path, write)
    assert len(rows_of(tmp_path, declared)) == 1
    (texts,) = texts_of(tmp_path, declared)
    assert [(c.title, c.position, c.filled) for c in texts.undeclared] == [("計", 6, 0)]


def test_the_sheet_is_the_only_one_that_shows_or_the_named_one(tmp_path: Path) -> None:
    """Hidden sheets are read only where the catalogue names them; two that show are one too many."""
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name, value, hide in (("今年", "1", False), ("前年", "2", True), ("ずっと前", "3", True)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, [c.source for c in CELLS.values()])
            sheet.write_row(1, 0, [value, "A", "R5.4.1", 1, ""])
            if hide:
                sheet.very_hidden() if value == "3" else sheet.hide()

    def ids(sheet: str | None) -> list[str]:
        return [row["person_id"] for row in rows_of(tmp_path, dataset(CELLS, Layout(files=("*.xlsx",), sheet=sheet)))]

    assert (ids(None), ids("前年"), ids("ずっと前")) == (["0000000001"], ["0000000002"], ["0000000003"])
    error = refusal(tmp_path, dataset(CELLS, Layout(files=("*.xlsx",), sheet="来年")))
    assert (error.code, error.params["sheet"]) == ("source-sheet-missing", "来年")
    (texts,) = texts_of(tmp_path, dataset(CELLS, Layout(files=("*.xlsx",), sheet="前年")))
    assert texts.place(0) == ("a.xlsx［前年］", 2)
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet("CANARY")
        book.add_worksheet("表")
    assert refusal(tmp_path, dataset(CELLS, Layout(files=("*.xlsx",)))).code == "source-sheet-several"


def test_an_empty_workbook_and_one_without_rows(tmp_path: Path) -> None:
    """Without a header it is refused; a header alone is a dataset without rows."""
    declared = dataset(CELLS, Layout(files=("*.xlsx",)))
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet()
    assert refusal(tmp_path, declared).code == "source-header-missing"
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        book.add_worksheet().write_row(0, 0, [c.source for c in CELLS.values()])
    assert rows_of(tmp_path, declared) == []


# --- what is no workbook ------------------------------------------------------------------------------------------


def archive(folder: Path, change: Callable[[str, bytes], bytes]) -> bytes:
    """A sound workbook with the parts of its archive changed."""
    one(folder, lambda s, f: None)
    changed = io.BytesIO()
    with zipfile.ZipFile(folder / "a.xlsx") as sound, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as written:
        for name in sound.namelist():
            written.writestr(name, change(name, sound.read(name)))
    return changed.getvalue()


def far_away(name: str, content: bytes) -> bytes:
    """One more cell, in the last corner of the sheet."""
    cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return content.replace(b"</sheetData>", cell) if "sheet1" in name else content


def unpacking(declared: int) -> bytes:
    """An archive of three megabytes that says of itself that it unpacks to much more."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000)
    content = bytearray(packed.getvalue())
    for at in (content.index(b"PK\x03\x04") + 22, content.index(b"PK\x01\x02") + 24):
        content[at : at + 4] = declared.to_bytes(4, "little")
    return bytes(content)


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (lambda _: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(500), "source-workbook-locked"),
        (lambda _: OLE + "Workbook".encode("utf-16-le") + bytes(500), "source-workbook-old"),
        (lambda _: b"", "source-damaged"),
        (lambda _: b"CANARY,1\n", "source-damaged"),
        (lambda folder: archive(folder, lambda _, c: c)[:-40], "source-damaged"),
        (lambda folder: archive(folder, lambda name, c: b"" if "sheet1" in name else c), "source-damaged"),
        (lambda folder: archive(folder, far_away), "source-workbook-too-large"),
        (lambda _: unpacking(2**31 + 2**30), "source-workbook-too-large"),
        (lambda _: unpacking(2_000), "source-damaged"),
    ],
    ids=["password", "xls", "empty", "text", "cut", "no-sheet", "far-cell", "bomb", "lie"],
)
def test_what_is_no_sound_workbook_is_refused(tmp_path: Path, content: Callable[[Path], bytes], code: str) -> None:
    """Each with its own remedy; and the next workbook is read as if nothing had been."""
    declared = dataset(CELLS, Layout(files=("*.xlsx",)))
    (tmp_path / "a.xlsx").write_bytes(content(tmp_path))
    error = refusal(tmp_path, declared)
    assert (type(error), error.code) == (BadInput, code)
    assert len(rows_of(tmp_path, one(tmp_path, lambda s, f: None))) == 1


def test_the_row_of_a_fault_counts_what_was_left_out(tmp_path: Path) -> None:
    """The number is that of the spreadsheet, with titles, subtotals and blank rows counted."""
    write_roll(tmp_path / "roll" / "E01_202304.xlsx")
    declared = {**ROLL, "sick": column("sick", "integer", nulls="never", source="欠席/病気")}
    error = refusal(tmp_path, dataset(declared, FORM))
    assert (error.code, error.params["row"]) == ("value-missing", 9)


def test_dates_of_a_whole_century_come_back(tmp_path: Path) -> None:
    """Every day that a spreadsheet knows, by steps, as a real date."""
    days = [date(1900, 3, 1) + timedelta(days=97 * n) for n in range(480)]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet, shown = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d"})
        sheet.write(0, 0, "生年月日")
        for at, day in enumerate(days, start=1):
            sheet.write_datetime(at, 0, day, shown)
    declared = dataset(columns(column("born", "date", source="生年月日")), Layout(files=("*.xlsx",)))
    assert [row["born"] for row in rows_of(tmp_path, declared)] == days
