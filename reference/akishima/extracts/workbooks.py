"""Workbooks as offices keep them: titles, two-row headers, merged cells, real dates. The same bytes each time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from reference.akishima.extracts.about import ABOUT, MARKING

Cell = str | int | date | None
Header = str | tuple[str, tuple[str, ...]]
"""One title over both rows, or a group with the titles below it."""

_CREATED = datetime(2023, 9, 30, 17, 0, 0)  # noqa: DTZ001 - workbooks know no zone


@contextmanager
def workbook(path: Path, *, large: bool = False) -> Iterator[Any]:
    """A workbook marked as synthetic; ``large`` keeps only the current row in memory."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"constant_memory": large, "default_date_format": "yyyy/m/d", "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": MARKING, "comments": ABOUT[1][1], "created": _CREATED})
        yield book


def put(sheet: Any, row: int, cells: Sequence[Cell], *, form: Any = None) -> None:
    """One row of cells by their types; blanks are left out."""
    for column, cell in enumerate(cells):
        if isinstance(cell, str):
            if cell:
                sheet.write_string(row, column, cell, form)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell)
        elif cell is not None:
            sheet.write_number(row, column, cell, form)


def put_header(sheet: Any, row: int, headers: Sequence[Header], form: Any) -> None:
    """Two rows: groups merged to the right, single titles merged down."""
    column = 0
    for header in headers:
        if isinstance(header, str):
            sheet.merge_range(row, column, row + 1, column, header, form)
            column += 1
            continue
        group, titles = header
        if len(titles) > 1:
            sheet.merge_range(row, column, row, column + len(titles) - 1, group, form)
        else:
            sheet.write_string(row, column, group, form)
        for title in titles:
            sheet.write_string(row + 1, column, title, form)
            column += 1


def mark(value: bool | None) -> Cell:
    """有, 無, or blank where nobody wrote anything."""
    return None if value is None else "有" if value else "無"
