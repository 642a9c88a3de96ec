"""Excel workbooks as departments keep them: titles above the header, headers of two rows, subtotals, hidden sheets.

What a cell shows is not what it holds. A real date is a date, a whole number has no fraction, a formula is the value
that was last saved. A cell of an error, a number of which digits are lost, and an identifier that the
spreadsheet took for a date are refused by their row.
"""

from __future__ import annotations

import atexit
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import NoReturn

import pyarrow as pa

from connectors.layouts import Arrangement, arrange, column_of, joined_titles
from connectors.sources import BATCH_ROWS, SourceTexts
from connectors.workbooks import CellKind, Sheet, WorkbookReader
from governance.catalogue import Dataset, Layout
from governance.errors import BadInput
from masking.arrow_types import pc

_LONG_NUMBER = r"\A-?[0-9]{16,}\z"
_MOMENT = r"\A[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\z"
_TIME = r"\A(1899-.*|1900-.* (0[1-9]:.*|1[0-9]:.*|2[0-9]:.*|00:0[1-9].*|00:[1-5].*|00:00:0[1-9]|00:00:[1-5].))\z"
"""A time of day: a number below one, or a duration in days, which a column of dates takes for a day of 1899 or 1900."""
_MIDNIGHT = r"\A([0-9]{4}-[0-9]{2}-[0-9]{2}) 00:00:00\z"
_SHORTEST_DOUBT = 16
"""No text of fewer bytes is a long number or a moment."""

_IDENTIFYING = frozenset({"key", "identifier"})

_READER = WorkbookReader()
"""One process for all workbooks of this one: hundreds of small files are the usual case."""

atexit.register(_READER.close)


def read_excel(
    path: Path, dataset: Dataset, layout: Layout, *, told: Mapping[str, str], file: str
) -> Generator[SourceTexts]:
    """The rows of a worksheet, batch by batch.

    Raises:
        BadInput: the workbook is not as the catalogue says, damaged, locked by a password, or holds a cell that has no
            value; names its row.
        Unavailable: it is missing or cannot be read.
    """
    sheet = _READER.sheet(path, sheet=layout.sheet, file=file)
    file = f"{file}［{layout.sheet}］" if layout.sheet is not None else file
    above = layout.title_rows + layout.header_rows
    if sheet.rows.num_rows < above:
        raise BadInput("source-header-missing", file=file, rows=above)
    header = sheet.rows.slice(layout.title_rows, layout.header_rows).to_pylist()
    titles = joined_titles([list(row.values()) for row in header], width=sheet.rows.num_columns) if header else None
    above_header = _cells_above(path, layout, file=file)
    arrangement = arrange(titles, dataset, layout, told={**told, **above_header}, file=file)
    width = len(arrangement.titles)
    body = sheet.rows.slice(above)
    if body.num_columns < width:
        raise BadInput("source-header-missing", file=file, rows=above)
    _check_errors(sheet, arrangement, above=above)
    _check_kinds(path, body, arrangement, above=above)
    body = _without_midnights(body.select(range(width)), arrangement)
    for start in range(0, body.num_rows, BATCH_ROWS):
        batch = body.slice(start, BATCH_ROWS)
        first = above + start + 1
        yield arrangement.texts(batch, range(first, first + batch.num_rows))


def _cells_above(path: Path, layout: Layout, *, file: str) -> Mapping[str, str]:
    """The columns whose text stands in a cell above the header."""
    if not layout.from_cell:
        return {}
    places = [_place(cell) for cell in layout.from_cell.values()]
    read = _READER.cells(path, places, sheet=layout.sheet, from_used=False, file=file)
    return {column: text for column, (_, text) in zip(layout.from_cell, read, strict=True)}


def _place(cell: str) -> tuple[int, int]:
    """Row and column, from 0, of a cell like ``B1``."""
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]) - 1, column_of(letters)


def _check_errors(sheet: Sheet, arrangement: Arrangement, *, above: int) -> None:
    """Refuse a cell of an error in a column of the dataset."""
    names = {position: name for name, position in arrangement.positions.items()}
    for row, position in sorted(sheet.errors):
        if row < above or position not in names:
            continue
        # The error stands for something, so that a row which holds nothing else is no blank row.
        cells = sheet.rows.slice(row, 1)
        cells = cells.set_column(position, cells.column_names[position], pa.array(["#"], type=pa.string()))
        if _is_record(cells, 0, arrangement):
            _refuse("source-cell-error", names[position], row, arrangement)


def _check_kinds(path: Path, body: pa.Table, arrangement: Arrangement, *, above: int) -> None:
    """Refuse cells whose text is not what somebody wrote there; what a cell is, is asked for doubtful texts alone."""
    doubtful: list[tuple[str, int, int]] = []
    for name, position in arrangement.positions.items():
        if arrangement.dataset.columns[name].type == "date":
            for row in _matching(body, position, _TIME):
                if _is_record(body, row, arrangement):
                    _refuse("source-cell-time", name, above + row, arrangement)
            continue
        for pattern in _doubts(name, arrangement.dataset):
            doubtful += [(name, above + row, position) for row in _matching(body, position, pattern)]
    if not doubtful:
        return
    places = [(row, position) for _, row, position in doubtful]
    layout, file = arrangement.layout, arrangement.file
    kinds = _READER.cells(path, places, sheet=layout.sheet, from_used=True, file=file)
    for (name, row, _), (kind, _) in zip(doubtful, kinds, strict=True):
        if kind in _REFUSED and _is_record(body, row - above, arrangement):
            _refuse(_REFUSED[kind], name, row, arrangement)


def _matching(body: pa.Table, position: int, pattern: str) -> list[int]:
    if (pc.max(pc.binary_length(body.column(position))).as_py() or 0) < _SHORTEST_DOUBT:
        return []
    matching = pc.fill_null(pc.match_substring_regex(body.column(position), pattern), False)
    return [int(row) for row in pc.indices_nonzero(matching).to_pylist()]


_REFUSED: Mapping[CellKind, str] = {
    "number": "source-number-lost",
    "date": "source-cell-date",
    "time": "source-cell-date",
}


def _doubts(name: str, dataset: Dataset) -> tuple[str, ...]:
    column = dataset.columns[name]
    parts = {part for other in dataset.columns.values() for part in other.compose}
    if column.type == "text" and (column.column_class in _IDENTIFYING or name in parts):
        return (_LONG_NUMBER, _MOMENT)
    return (_LONG_NUMBER,)


def _without_midnights(body: pa.Table, arrangement: Arrangement) -> pa.Table:
    """Dates in columns of text without the time that the cell does not show."""
    for name, position in arrangement.positions.items():
        if arrangement.dataset.columns[name].type == "text" and _matching(body, position, _MIDNIGHT):
            texts = pc.replace_substring_regex(body.column(position), _MIDNIGHT, r"\1")
            body = body.set_column(position, body.column_names[position], texts)
    return body


def _is_record(rows: pa.Table, row: int, arrangement: Arrangement) -> bool:
    """Whether a row is one of those that are read: errors in subtotals do not matter."""
    cells = rows.slice(row, 1).select(range(len(arrangement.titles)))
    return arrangement.texts(cells, range(1)).table.num_rows == 1


def _refuse(code: str, column: str, row: int, arrangement: Arrangement) -> NoReturn:
    raise BadInput(code, dataset=arrangement.dataset.name, column=column, file=arrangement.file, row=row + 1)
