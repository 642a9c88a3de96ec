"""What a department's file looks like: its encoding, where its header stands, and its columns as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from connectors.notations import folded
from connectors.workbooks import WorkbookReader
from governance.errors import BadInput, Unavailable

_ENCODINGS = ("utf-8-sig", "cp932")
_MAX_BYTES = 256 * 1024 * 1024
_MOST_TITLE_ROWS = 10
_FEWEST_COLUMNS = 2
_END_OF_FILE = "\x1a"

Row = Sequence[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A file as it is.

    Attributes:
        encoding: of CSV; ``None`` for workbooks.
        title_rows: rows above the header.
        titles: the header's texts, by position.
        columns: one ``string`` array a column; a blank is null.
    """

    encoding: str | None
    title_rows: int
    titles: tuple[str, ...]
    columns: tuple[pa.Array[pa.StringScalar], ...]

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.columns[0])


def survey(path: Path, *, file: str) -> Survey:
    """Look at a CSV file or a workbook.

    Args:
        file: its name in messages.

    Raises:
        BadInput: it cannot be read, is in no encoding that departments use, or has no header that can be told.
        Unavailable: it is missing.
    """
    if path.suffix.lower() == ".xlsx":
        return _surveyed(_worksheet(path, file=file), encoding=None, file=file)
    if path.suffix.lower() != ".csv":
        raise BadInput("draft-file-kind", file=file)
    text, encoding = _decoded(path, file=file)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        raise BadInput("source-quotes", file=file, line=1) from None
    return _surveyed(rows, encoding=encoding, file=file)


def _worksheet(path: Path, *, file: str) -> list[list[str | None]]:
    """The rows of the only worksheet that shows, read by a process that may die of the workbook."""
    reader = WorkbookReader()
    try:
        rows = reader.sheet(path, sheet=None, file=file).rows
    finally:
        reader.close()
    return [list(row.values()) for row in rows.to_pylist()]


def _decoded(path: Path, *, file: str) -> tuple[str, str]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Unavailable("source-missing", file=file) from None
    except OSError:
        raise Unavailable("source-unreadable", file=file) from None
    if len(content) > _MAX_BYTES:
        raise BadInput("file-too-large", file=file, limit=_MAX_BYTES)
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text.rstrip(_END_OF_FILE), encoding.removesuffix("-sig")
    raise BadInput("draft-encoding", file=file)


def _surveyed(rows: Sequence[Row], *, encoding: str | None, file: str) -> Survey:
    at = _header(rows, file=file)
    titles = tuple((title or "").strip() for title in rows[at])
    body = [row for row in rows[at + 1 :] if any(cell and cell.strip() for cell in row)]
    if not body:
        raise BadInput("draft-no-rows", file=file)
    for number, row in enumerate(body, start=at + 2):
        if len(row) != len(titles):
            raise BadInput("source-row-ragged", file=file, line=number, expected=len(titles), found=len(row))
    columns = tuple(
        pa.array([cell if cell and cell.strip() else None for cell in cells], type=pa.string())
        for cells in zip(*body, strict=True)
    )
    return Survey(encoding=encoding, title_rows=at, titles=titles, columns=columns)


def _header(rows: Sequence[Row], *, file: str) -> int:
    """The first row whose cells are all filled, all different, and no values themselves."""
    for at, row in enumerate(rows[: _MOST_TITLE_ROWS + 1]):
        cells = [(cell or "").strip() for cell in row]
        if (
            len(cells) >= _FEWEST_COLUMNS
            and all(cells)
            and len(set(cells)) == len(cells)
            and not any(_is_value(cell) for cell in cells)
        ):
            return at
    raise BadInput("draft-header-missing", file=file, rows=_MOST_TITLE_ROWS)


def _is_value(cell: str) -> bool:
    written = folded(cell)
    return any(sign.isdigit() for sign in written) and not any(sign.isalpha() for sign in written)
