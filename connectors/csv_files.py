"""CSV files as departments export them: CP932 or UTF-8, headers by name, any size.

The fast reader reads; where it stumbles, a slow one finds the line. Messages name file and line and never hold a value.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import islice
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.csv

from connectors.layouts import arrange, column_of, joined_titles
from connectors.sources import SourceTexts
from governance.catalogue import Dataset, Layout
from governance.errors import BadInput, Unavailable

_END_OF_FILE = b"\x1a"
"""Control-Z, with which old systems end a file."""

_PIECE_BYTES = 2 * 2**20
_LONGEST_RECORD = 64 * 2**20
"""Bytes after which a quotation mark that was never closed is taken for what it is."""


def read_csv(
    path: Path, dataset: Dataset, layout: Layout, *, told: Mapping[str, str], file: str
) -> Generator[SourceTexts]:
    """The rows of a CSV file, batch by batch.

    Raises:
        BadInput: the file is not as the catalogue says, or damaged; names its line.
        Unavailable: it is missing or cannot be read.
    """
    with closing(_decoded(path, name=file, encoding=layout.encoding)) as pieces:
        piece = next(pieces, b"")
        header, header_lines, cells = _header(piece.decode(), layout, name=file)
        told = {**told, **{column: _cell(cells, at) for column, at in layout.from_cell.items()}}
        width = max((len(row) for row in header), default=0)
        titles = joined_titles(header, width=width) if header else None
        arrangement = arrange(titles, dataset, layout, told=told, file=file)
        lines, row = header_lines, layout.title_rows + layout.header_rows + 1
        body = piece.split(b"\n", header_lines)[header_lines] if piece.count(b"\n") >= header_lines else b""
        for records in _whole_records(body, pieces, name=file):
            if records and not records.isspace():
                table = _parsed(records, width=len(arrangement.titles), name=file, lines_before=lines)
                yield arrangement.texts(table, range(row, row + table.num_rows))
                row += table.num_rows
            lines += _count(records, b"\n")


def _decoded(path: Path, *, name: str, encoding: str) -> Generator[bytes]:
    """The text of a file in UTF-8, in pieces, each line end a line feed, so that everybody below counts lines alike."""
    codec = _codec(encoding)
    if codec is None:
        raise BadInput("source-encoding-unknown", file=name, encoding=encoding)
    decoder = codecs.getincrementaldecoder(codec)("strict")
    lines, held = 1, b""
    try:
        with path.open("rb") as file:
            content = file.read(_PIECE_BYTES)
            if content.startswith(codecs.BOM_UTF8):
                if codec != "utf-8":
                    raise BadInput("source-encoding", file=name, line=1, encoding=encoding)
                content = content[len(codecs.BOM_UTF8) :]
            while content:
                following = file.read(_PIECE_BYTES)
                try:
                    text = held + decoder.decode(content, final=not following).encode()
                except UnicodeDecodeError as error:
                    line = lines + error.object.count(b"\n", 0, error.start)
                    raise BadInput("source-encoding", file=name, line=line, encoding=encoding) from None
                lines += _count(content, b"\n")
                # A carriage return at the end may be half of a line end.
                held = b"\r" if following and text.endswith(b"\r") else b""
                text = text.removesuffix(held)
                if b"\r" in text:
                    text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
                yield text if following else text.rstrip(_END_OF_FILE)
                content = following
    except FileNotFoundError:
        raise Unavailable("source-missing", file=name) from None
    except OSError:
        raise Unavailable("source-unreadable", file=name) from None


def _whole_records(text: bytes, pieces: Iterator[bytes], *, name: str) -> Iterator[bytes]:
    """The text again, cut where a record ends: at a line end outside of quotation marks."""
    for piece in pieces:
        if cut := _end_of_records(text):
            yield text[:cut]
            text = text[cut:]
        text += piece
        if len(text) > _LONGEST_RECORD:
            raise BadInput("source-record-endless", file=name)
    yield text


def _end_of_records(text: bytes) -> int:
    open_quote = _count(text, b'"') % 2 == 1
    end = len(text)
    while (cut := text.rfind(b"\n", 0, end) + 1) and end:
        open_quote ^= text.count(b'"', cut, end) % 2 == 1
        if not open_quote:
            return cut
        end = cut - 1
    return 0


def _count(content: bytes, sign: bytes) -> int:
    """How often a byte stands in others; where it stands in every line, this is thrice as fast as ``bytes.count``."""
    return int(np.count_nonzero(np.frombuffer(content, dtype=np.uint8) == ord(sign)))


def _codec(encoding: str) -> str | None:
    """The codec of an encoding that departments use; whoever writes Shift_JIS means what Windows makes of it."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return None
    return {"utf-8": "utf-8", "utf-8-sig": "utf-8", "cp932": "cp932", "shift_jis": "cp932"}.get(name)


def _header(text: str, layout: Layout, *, name: str) -> tuple[list[list[str]], int, list[list[str]]]:
    """The header rows, how many lines they and the rows above them take, and all of these rows."""
    rows = layout.title_rows + layout.header_rows
    reader = csv.reader(io.StringIO(text, newline=""))
    read: list[list[str]] = []
    for _ in range(rows):
        try:
            read.append(next(reader))
        except (StopIteration, csv.Error):
            raise BadInput("source-header-missing", file=name, rows=rows) from None
    return read[layout.title_rows :], reader.line_num, read


def _cell(rows: Sequence[Sequence[str]], place: str) -> str:
    """The text of a cell like ``B1``."""
    letters = place.rstrip("0123456789")
    row, column = rows[int(place[len(letters) :]) - 1], column_of(letters)
    return row[column] if column < len(row) else ""


def _parsed(data: bytes, *, width: int, name: str, lines_before: int) -> pa.Table:
    """All columns of the records of a file."""
    refused: list[pyarrow.csv.InvalidRow] = []

    def note(row: pyarrow.csv.InvalidRow) -> Literal["skip"]:
        refused.append(row)
        return "skip"

    titles = [str(at) for at in range(width)]
    try:
        rows = pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=titles, block_size=len(data) + 1),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(titles, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        raise BadInput("source-quotes", file=name, line=lines_before + 1) from None
    if refused:
        first = refused[0]
        line = lines_before + _line_of_record(data.decode(), (first.number or 1) - 1)
        raise BadInput(
            "source-row-ragged", file=name, line=line, expected=first.expected_columns, found=first.actual_columns
        )
    # A quotation mark that is never closed swallows the rest of the file into one value.
    if _count(data, b'"') % 2:
        raise BadInput("source-quotes", file=name, line=lines_before + _line_of_open_quote(data.decode()))
    return rows


def _records(body: str) -> Iterator[int]:
    """The line, from 1, on which each record that is not blank begins."""
    reader = csv.reader(io.StringIO(body, newline=""))
    begin = 1
    with suppress(csv.Error):  # a value longer than this reader takes: its line is the last that can be told
        for row in reader:
            if row:
                yield begin
            begin = reader.line_num + 1
    yield begin


def _line_of_record(body: str, record: int) -> int:
    """The line of a record, or of the last one that can be told from the next."""
    lines = list(islice(_records(body), record + 1))
    return lines[-1] if lines else 1


def _line_of_open_quote(body: str) -> int:
    """The line of the last quotation mark that opens a value, where their number is odd."""
    inside = False
    opened = 1
    for number, line in enumerate(body.split("\n"), start=1):
        if line.count('"') % 2:
            inside = not inside
            opened = number if inside else opened
    return opened
