"""A released table as a file or as rows for people: CSV, Parquet, an Excel sheet, text cells.

Files are made for whoever opens them next: a spreadsheet never takes a text for a formula, a CSV is read by Excel in
Japanese, and what is synthetic says so inside the file, too.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from pathlib import Path
from typing import IO, Any
from unicodedata import east_asian_width
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from japanera import EraDate

from governance.errors import BadInput, Lang

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NONE = "-"
"""No figure, the sign of the city's own statistics; what is missing is never shown as 0."""
_HEADER_LIMIT = 255
"""Characters that a page header may have, its codes included."""
_HEADING_WIDTH = 16
_EXACT_DIGITS = 15
"""Digits of a number that a spreadsheet keeps; an amount of more is put there as text."""
_LINE_HEIGHT = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """For how many rows a dataset, by its label, had a known answer.

    Attributes:
        stale: the day that it is of, where that is too long ago and it was not asked.
    """

    dataset: str
    known: int
    of: int
    stale: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caption:
    """What stands on an exported sheet.

    Attributes:
        notice: 架空データ for synthetic data, else ``None``.
        principal: who took it out.
        at: when.
        articles: the articles under which it was granted.
        coverage: for how much of it there was a known answer, by dataset; a sheet of its own.
    """

    notice: str | None
    principal: str
    at: datetime
    articles: Sequence[int]
    coverage: Sequence[Coverage] = ()

    def line(self) -> str:
        """The caption in one line."""
        articles = "・".join(f"第{number}条" for number in self.articles)
        at = f"出力日時 {japanese_date(self.at.date())} {self.at:%H:%M}"
        parts = ("取扱注意", self.notice, f"出力者 {self.principal}" if self.principal else "", at, articles)
        return " ".join(part for part in parts if part)

    def page_header(self) -> str:
        """The caption as a workbook's page header, in its middle; there, ``&`` starts a code."""
        return ("&C" + self.line().replace("&", "&&"))[:_HEADER_LIMIT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How people read a table. Programs get its own names and values.

    Attributes:
        headings: column → its label; the column's own name where there is none.
        words: column → what its numbers from 0 stand for.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def heading(self, column: str) -> str:
        """What stands above the column."""
        return self.headings.get(column, column)

    def value(self, column: str, value: object) -> object:
        """The word that a number of the column stands for; any other value as it is."""
        words = self.words.get(column, ())
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(words):
            return words[value]
        return value


def json_rows(table: pa.Table) -> list[dict[str, Any]]:
    """The rows as JSON values: identifiers, dates and exact amounts as text, missing as null."""
    return [
        {name: str(value) if isinstance(value, UUID | date | Decimal) else value for name, value in row.items()}
        for row in table.to_pylist()
    ]


def people_rows(table: pa.Table, *, lang: Lang, reading: Reading | None = None) -> Iterator[list[str]]:
    """The rows as text for people."""
    read = reading or Reading()
    for row in table.to_pylist():
        yield [for_people(read.value(name, value), lang=lang) for name, value in row.items()]


def for_people(value: object, *, lang: Lang) -> str:
    """A value as people read it: 令和5年9月1日(2023/9/1), 1,234, はい."""
    match value:
        case None:
            return _NONE
        case bool():
            return {"ja": ("いいえ", "はい"), "en": ("no", "yes")}[lang][value]
        case int() | Decimal():
            return f"{value:,}"
        case date() if lang == "ja":
            return japanese_date(value)
        case _:
            # A text of a source must not steer a terminal.
            return "".join(sign if sign.isprintable() else "\ufffd" for sign in str(value))


def japanese_date(value: date) -> str:
    """A date with its era and, in brackets, the western year."""
    western = f"{value.year}/{value.month}/{value.day}"
    eras = EraDate.from_date(value)
    if eras.era is None:
        return western
    year = value.year - eras.era.since.year + 1 if eras.era.since is not None else value.year
    return f"{eras.era.kanji}{'元' if year == 1 else year}年{value.month}月{value.day}日({western})"


def csv_bytes(table: pa.Table, *, caption: Caption) -> bytes:
    """The table as CSV: UTF-8 with a byte order mark, so that Excel reads it; a first line with ``#`` for a notice."""
    text = io.StringIO(newline="")
    if caption.notice:
        text.write(f"# {caption.notice}\r\n")
    writer = csv.writer(text)
    writer.writerow(table.column_names)
    for row in table.to_pylist():
        writer.writerow([_csv_cell(value) for value in row.values()])
    return text.getvalue().encode("utf-8-sig")


def parquet_bytes(table: pa.Table, *, caption: Caption) -> bytes:
    """The table as Parquet, with the caption in the file's metadata."""
    metadata = {**(table.schema.metadata or {}), b"sekisho.caption": caption.line().encode()}
    buffer = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    return buffer.getvalue()


def xlsx_bytes(table: pa.Table, *, caption: Caption, reading: Reading | None = None) -> bytes:
    """The table as an Excel sheet: heading, filter, widths, A4 landscape, and the caption on every printed page."""
    read = reading or Reading()
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("結果")
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    amount = book.add_format({"num_format": "#,##0.00##"})
    sheet.write_string(0, 0, caption.line())
    headings = [read.heading(name) for name in table.column_names]
    for position, heading in enumerate(headings):
        sheet.write_string(1, position, heading, bold)
    # A long label is wrapped, not a wide column above small numbers.
    lines = max((ceil(screen_width(heading) / _HEADING_WIDTH) for heading in headings), default=1)
    sheet.set_row(1, _LINE_HEIGHT * lines)
    widths = [min(_HEADING_WIDTH, screen_width(heading)) for heading in headings]
    for line, row in enumerate(table.to_pylist(), start=2):
        for position, (name, plain) in enumerate(row.items()):
            value = read.value(name, plain)
            if isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(line, position, value)
            elif isinstance(value, Decimal) and len(value.as_tuple().digits) <= _EXACT_DIGITS:
                sheet.write_number(line, position, value, amount)
            else:
                sheet.write_string(line, position, for_people(value, lang="ja"))
            widths[position] = max(widths[position], min(48, screen_width(for_people(value, lang="ja"))))
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width + 2)
    if caption.coverage:
        _coverage_sheet(book, caption)
    sheet.autofilter(1, 0, max(table.num_rows + 1, 1), max(table.num_columns - 1, 0))
    sheet.freeze_panes(2, 0)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)
    sheet.set_header(caption.page_header())
    sheet.set_footer("&C&P / &N")
    book.close()
    return buffer.getvalue()


def _coverage_sheet(book: xlsxwriter.Workbook, caption: Caption) -> None:
    """A second sheet: for how many people each dataset had a known answer."""
    sheet = book.add_worksheet("網羅率")
    bold = book.add_format({"bold": True, "bottom": 1})
    share = book.add_format({"num_format": "0.0%"})
    sheet.write_string(0, 0, caption.line())
    for position, name in enumerate(("データセット", "記録のある人", "対象の人", "割合", "備考")):
        sheet.write_string(1, position, name, bold)
    for line, entry in enumerate(caption.coverage, start=2):
        sheet.write_string(line, 0, entry.dataset)
        sheet.write_number(line, 1, entry.known)
        sheet.write_number(line, 2, entry.of)
        if entry.of:
            sheet.write_number(line, 3, entry.known / entry.of, share)
        if entry.stale is not None:
            sheet.write_string(line, 4, f"{japanese_date(entry.stale)}現在の情報で古いため、使わずに不明とした")
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 3, 14)
    sheet.set_column(4, 4, 56)
    sheet.set_paper(9)  # A4
    sheet.set_header(caption.page_header())


@contextmanager
def reserve_export(path: Path) -> Iterator[IO[bytes]]:
    """Make a file for what is about to be released, so that a path that cannot be written is found before data leave.

    Readable by its owner alone; an existing file is never replaced, and an unused one is removed again.

    Raises:
        BadInput: the file exists, or cannot be written.
    """
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        stream = os.fdopen(os.open(path, flags, 0o600), "wb")
    except FileExistsError:
        raise BadInput("file-exists", file=path.name) from None
    except OSError as error:
        raise BadInput("file-unwritable", file=path.name) from error
    try:
        with stream:
            yield stream
    except OSError as error:
        path.unlink(missing_ok=True)
        raise BadInput("file-unwritable", file=path.name) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_export(path: Path, data: bytes) -> None:
    """Write a released file whole.

    Raises:
        BadInput: as `reserve_export`.
    """
    with reserve_export(path) as stream:
        stream.write(data)


def screen_width(text: str) -> int:
    """Columns that a text takes: Japanese characters take two."""
    return sum(2 if east_asian_width(sign) in "WFA" else 1 for sign in text)


def _csv_cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() if value.startswith(_FORMULA):
            return "'" + value
        case _:
            return str(value)
