"""CSV files as departments export them: CP932 or UTF-8, one file or one a month and place, headers by name.

The fast reader reads; where it stumbles, a slow one finds the line. Messages name file and line and never hold a value.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Literal

import pyarrow as pa
import pyarrow.csv

from connectors.look_alikes import undeclared_column
from connectors.reading_report import UndeclaredColumn
from connectors.sources import SourceTexts, Stretch, inside, read_columns, refuse_missing, relative_name, source_name
from governance.catalogue import Dataset, Layout
from governance.errors import BadInput, Unavailable

_END_OF_FILE = "\x1a"
"""Control-Z, with which old systems end a file."""


class CsvSource:
    """A folder of CSV files."""

    def __init__(self, folder: Path, *, root: Path) -> None:
        self._folder = folder
        self._root = root

    def files(self, dataset: Dataset) -> tuple[Path, ...]:
        """The files that the dataset's pattern finds, by name.

        Raises:
            BadInput: the pattern leads out of the folder.
            Unavailable: it finds nothing.
        """
        for pattern in dataset.files:
            if not pattern or PurePosixPath(pattern).is_absolute() or ".." in PurePosixPath(pattern).parts:
                raise BadInput("source-path-outside", path=pattern)
        found = sorted({path for pattern in dataset.files for path in self._folder.glob(pattern) if path.is_file()})
        if not found:
            pattern = ", ".join(dataset.files)
            raise Unavailable("source-missing", file=relative_name(self._folder / pattern, root=self._root))
        # One look at each folder, and at a file only where it is a link: hundreds of files are the usual case.
        folders = {folder: inside(folder, "", root=self._folder) for folder in {path.parent for path in found}}
        return tuple(
            inside(path.parent, path.name, root=self._folder) if path.is_symlink() else folders[path.parent] / path.name
            for path in found
        )

    def read(self, dataset: Dataset) -> SourceTexts:
        """The texts of all files of the dataset, one after the other."""
        tables: list[pa.Table] = []
        stretches: list[Stretch] = []
        undeclared: list[UndeclaredColumn] = []
        for path in self.files(dataset):
            name = relative_name(path, root=self._root)
            layout = dataset.layouts[-1]
            table, others = _read_file(path, name=name, dataset=dataset, layout=layout)
            tables.append(table)
            undeclared += others
            header_rows = layout.title_rows + layout.header_rows
            stretches.append(Stretch(file=name, rows=table.num_rows, header_rows=header_rows))
        return SourceTexts(table=pa.concat_tables(tables), stretches=tuple(stretches), undeclared=tuple(undeclared))


def _read_file(
    path: Path, *, name: str, dataset: Dataset, layout: Layout
) -> tuple[pa.Table, tuple[UndeclaredColumn, ...]]:
    """The declared columns of a file, and what can be told of the others."""
    text = _decoded(path, name=name, encoding=layout.encoding)
    header, header_lines = _header(text, layout, name=name)
    columns = read_columns(dataset)
    if header is None:
        # Without a header the columns stand in the catalogue's order.
        header = [_plain(source_name(c)) for c in columns]
    places = {title: at for at, title in enumerate(header)}
    wanted = [_plain(source_name(c)) for c in columns]
    refuse_missing(
        (source_name(c) for c, title in zip(columns, wanted, strict=True) if title not in places),
        file=name,
        dataset=dataset.name,
    )
    if doubled := next((t for t in wanted if header.count(t) > 1), None):
        raise BadInput("source-header-doubled", file=name, header=doubled)
    body = text.split("\n", header_lines)[header_lines] if text.count("\n") >= header_lines else ""
    if not body.strip():
        return pa.table({c.name: pa.array([], type=pa.string()) for c in columns}), ()
    declared = [places[t] for t in wanted]
    others = [at for at in range(len(header)) if at not in set(declared)]
    rows = _parsed(body, width=len(header), include=[*declared, *others], name=name, lines_before=header_lines)
    undeclared = tuple(
        undeclared_column(header[at], rows.column(len(declared) + n), file=name, position=at + 1)
        for n, at in enumerate(others)
    )
    return rows.select(range(len(declared))).rename_columns([c.name for c in columns]), undeclared


def _decoded(path: Path, *, name: str, encoding: str) -> str:
    codec = _codec(encoding)
    if codec is None:
        raise BadInput("source-encoding-unknown", file=name, encoding=encoding)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise Unavailable("source-missing", file=name) from None
    except OSError:
        raise Unavailable("source-unreadable", file=name) from None
    if content.startswith(codecs.BOM_UTF8):
        if codec != "utf-8":
            raise BadInput("source-encoding", file=name, line=1, encoding=encoding)
        content = content[len(codecs.BOM_UTF8) :]
    try:
        text = content.decode(codec)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput("source-encoding", file=name, line=line, encoding=encoding) from None
    # One kind of line end, so that lines are counted alike by everybody below.
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip(_END_OF_FILE)


def _codec(encoding: str) -> str | None:
    """The codec of an encoding that departments use; whoever writes Shift_JIS means what Windows makes of it."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        return None
    return {"utf-8": "utf-8", "utf-8-sig": "utf-8", "cp932": "cp932", "shift_jis": "cp932"}.get(name)


def _header(text: str, layout: Layout, *, name: str) -> tuple[list[str] | None, int]:
    """The last header row, and how many lines the header takes; ``None`` for a file without."""
    rows = layout.title_rows + layout.header_rows
    reader = csv.reader(io.StringIO(text, newline=""))
    row: list[str] = []
    for _ in range(rows):
        try:
            row = next(reader)
        except (StopIteration, csv.Error):
            raise BadInput("source-header-missing", file=name, rows=rows) from None
    return [_plain(title) for title in row] if layout.header_rows else None, reader.line_num


def _plain(title: str) -> str:
    return unicodedata.normalize("NFKC", title).strip()


def _parsed(body: str, *, width: int, include: Sequence[int], name: str, lines_before: int) -> pa.Table:
    """The wanted columns of the rows of a file, in the order of ``include``."""
    refused: list[pyarrow.csv.InvalidRow] = []

    def note(row: pyarrow.csv.InvalidRow) -> Literal["skip"]:
        refused.append(row)
        return "skip"

    data = body.encode()
    titles = [str(at) for at in range(width)]
    try:
        rows = pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(use_threads=False, column_names=titles, block_size=len(data) + 1),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(titles, pa.string()),
                include_columns=[titles[at] for at in include],
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid:
        raise BadInput("source-quotes", file=name, line=lines_before + 1) from None
    if refused:
        first = refused[0]
        line = lines_before + _line_of_record(body, (first.number or 1) - 1)
        raise BadInput(
            "source-row-ragged", file=name, line=line, expected=first.expected_columns, found=first.actual_columns
        )
    # A quotation mark that is never closed swallows the rest of the file into one value.
    if body.count('"') % 2:
        raise BadInput("source-quotes", file=name, line=lines_before + _line_of_open_quote(body))
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
