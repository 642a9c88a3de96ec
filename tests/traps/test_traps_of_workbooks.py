"""Trap 4.11-22 and its relatives: workbooks as people fill them in."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
import xlsxwriter

from governance.catalogue import LeaveOut
from governance.errors import SekishoError, Unavailable
from reference.akishima.city.faults import numbers
from tests.connectors.clinic import AS_OF, Clinic, column, columns
from tests.traps.papers import DAY, KEY, NAME, declare, read, refusal

SHEET = columns(
    column("person_id", column_class="key", key="person", nulls="never", source="番号"),
    column("sick", "integer", source="欠席/病気"),
    column("other", "integer", source="欠席/その他"),
    column("late", "integer", source="遅刻"),
)
LAYOUT: dict[str, Any] = {
    "title_rows": 1, "header_rows": 2, "leave_out": LeaveOut(column="番号", values=("小計", "合計")),
}  # fmt: skip


def workbook(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook as bytes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book)
    return buffer.getvalue()


def simple(*rows: tuple[Any, ...]) -> bytes:
    """One sheet with these rows, dates as real date cells."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("名簿")
        day = book.add_format({"num_format": "yyyy/m/d"})
        for at, row in enumerate(rows):
            for to, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(at, to, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001
                else:
                    sheet.write(at, to, value)

    return workbook(fill)


def attendance_book(book: xlsxwriter.Workbook) -> None:
    """A title, a header of two rows with a merged cell, subtotals, red figures, a hidden sheet."""
    sheet = book.add_worksheet("9月")
    red = book.add_format({"font_color": "red"})
    sheet.write(0, 0, "令和5年9月分　出席簿")
    sheet.merge_range(1, 0, 2, 0, "番号")
    sheet.merge_range(1, 1, 1, 2, "欠席")
    sheet.write_row(2, 1, ["病気", "その他"])
    sheet.merge_range(1, 3, 2, 3, "遅刻")
    sheet.write_row(3, 0, ["0000000001", 1, 0, "-"])
    sheet.write_row(4, 0, ["0000000002", 0, 3, 2], red)
    sheet.write_row(5, 0, ["小　計", 1, 3, 2])
    sheet.write_row(6, 0, ["合計", 1, 3, 2])
    hidden = book.add_worksheet("前年度")
    hidden.write_row(0, 0, ["番号", "病気", "その他", "遅刻"])
    hidden.write_row(1, 0, ["0000000009", 99, 99, 99])
    hidden.hide()


def test_4_11_22_two_header_rows_merged_cells_subtotals_and_a_hidden_sheet(office: Clinic) -> None:
    """Headers are joined, subtotals are no records, the hidden sheet is not read, and colour says nothing."""
    paper = read(office, SHEET, workbook(attendance_book), suffix=".xlsx", **LAYOUT)
    assert [tuple(row.values()) for row in paper.rows] == [("0000000001", 1, 0, None), ("0000000002", 0, 3, 2)]
    assert paper.notes("late") == {"no-figure": 1}
    assert paper.report.undeclared == ()


def test_4_11_22_rows_are_told_as_the_sheet_counts_them(office: Clinic) -> None:
    """Title and headers included: the officer finds the row."""

    def fill(book: xlsxwriter.Workbook) -> None:
        attendance_book(book)
        book.get_worksheet_by_name("9月").write(4, 3, "二回")

    error = refusal(office, SHEET, workbook(fill), suffix=".xlsx", **LAYOUT)
    assert (error.code, error.params["row"]) == ("value-integer-notation", 5)


def test_4_11_22_a_workbook_with_a_password_is_refused(office: Clinic) -> None:
    """An encrypted workbook is another kind of file (OLE): named, with what to do."""
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096)
    error = refusal(office, KEY, ole, suffix=".xlsx")
    assert error.code in {"source-workbook-locked", "source-workbook-old", "source-damaged"}
    assert error.params["file"] == "clinic/files/person_0.xlsx"


def test_4_11_22_two_visible_sheets_are_not_guessed_between(office: Clinic) -> None:
    """Which one is meant is the catalogue's to say."""

    def fill(book: xlsxwriter.Workbook) -> None:
        for name in ("4月", "5月"):
            book.add_worksheet(name).write_row(0, 0, ["番号"])

    assert refusal(office, KEY, workbook(fill), suffix=".xlsx").code == "source-sheet-several"


def test_b_04_a_real_date_cell_is_a_date(office: Clinic) -> None:
    """The cell's own type says so; the bare number, and the number as a text, do not."""
    assert read(office, DAY, simple(("日",), (date(2023, 4, 1),)), suffix=".xlsx").values("day") == [date(2023, 4, 1)]
    for serial in (45017, "45017"):
        error = refusal(office, DAY, simple(("日",), (date(2023, 4, 1),), (serial,)), suffix=".xlsx")
        assert (error.code, error.params["row"]) == ("value-date-serial", 3)


def test_b_05_numbers_where_identifiers_stood(office: Clinic) -> None:
    """A spreadsheet's number is padded back to the length of the key; one beyond its precision is refused."""
    paper = read(office, KEY, simple(("番号",), (1234567,)), suffix=".xlsx")
    assert (paper.values("person_id"), paper.notes("person_id")) == (["0001234567"], {"zero-padded": 1})
    error = refusal(office, KEY, simple(("番号",), (1,), (1.23456789012e14,)), suffix=".xlsx")
    assert (error.code in {"value-key-malformed", "source-number-lost"}, error.params["row"]) == (True, 3)


def test_b_18_individual_numbers_in_a_workbook(office: Clinic) -> None:
    """番号2 as texts or as numbers: the dataset is held back."""
    for kind in (str, int):
        rows = [(f"{n:010d}", kind(number)) for n, number in enumerate(numbers(5))]
        declare(office, KEY, simple(("番号", "番号2"), *rows), suffix=".xlsx")
        with pytest.raises(Unavailable) as caught:
            office.department.rows(NAME, as_of=AS_OF)
        assert (caught.value.code, caught.value.params["position"]) == ("dataset-quarantined", 2)


@pytest.mark.parametrize("lost", ["#N/A", "#REF!", "#VALUE!"])
def test_an_error_in_a_cell_is_refused_by_row(office: Clinic, lost: str) -> None:
    """A formula that failed has no value: unknown is not what it says."""

    def fill(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("名簿")
        sheet.write_row(0, 0, ["番号"])
        sheet.write(1, 0, "0000000001")
        sheet.write_formula(2, 0, "=NA()", None, lost)

    with pytest.raises(SekishoError) as caught:
        read(office, KEY, workbook(fill), suffix=".xlsx")
    assert caught.value.params["row"] == 3
