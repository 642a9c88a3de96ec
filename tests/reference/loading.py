"""Loads the departments' raw files into DuckDB with the types of the catalogue, for tests of derived SQL.

A plain reader of the notations that the generator writes, on purpose apart from the connectors: these tests are about
the catalogue, the SQL and the data.
"""

from __future__ import annotations

import csv
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from governance.catalogue import Catalogue, Column, Dataset
from tests.reference.workbooks import Grid, read_sheet, records, sheet_names, titles_of

Cell = str | int | bool | date | None

_FIRST_YEARS = {"T": 1912, "S": 1926, "H": 1989, "R": 2019, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_CODES = {"2": 1912, "3": 1926, "4": 1989, "5": 2019}
_KANJI = "〇一二三四五六七八九"
_ARROW = {"text": pa.string(), "integer": pa.int32(), "date": pa.date32(), "boolean": pa.bool_()}


def read_day(text: str) -> date | None:
    """A date in one of the notations of the generated files; ``None`` for blank and for an unknown day."""
    text = unicodedata.normalize("NFKC", text)
    if not text:
        return None
    if re.fullmatch(r"\d{5}", text):
        # What a workbook stores for a day.
        return date(1899, 12, 30) + timedelta(days=int(text))
    if re.fullmatch(r"\d{8}|\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text)
    if match := re.fullmatch(r"([2-5])(\d\d)(\d\d)(\d\d)", text):
        code, year, month, day = match.groups()
        return date(_CODES[code] + int(year) - 1, int(month), int(day))
    if match := re.fullmatch(r"(\d{4})/(\d+)/(\d+)", text):
        return date(*map(int, match.groups()))
    match = re.fullmatch(r"(\D+?)(元|[\d一二三四五六七八九十]+)[.年/]([^.月/]+)[.月/]([^日]+)日?", text)
    if match is None:
        raise ValueError("a notation that the generator does not write")
    era, *parts = match.groups()
    year, month, day = (1 if part == "元" else _number(part) for part in parts)
    return date(_FIRST_YEARS[era] + year - 1, month, day) if day else None


def _number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    tens, _, units = text.rpartition("十") if "十" in text else ("〇", "", text)
    return 10 * (_KANJI.index(tens) if tens else 1) + (_KANJI.index(units) if units else 0)


_YES_NO = {"1": True, "0": False, "有": True, "無": False, "True": True, "False": False}
_NOTHING = {"", "-", "...", "…"}


def typed(column: Column, text: str | int | None) -> Cell:
    """One cell; blank and the marks of no figure are NULL, keys get back the zeros that a workbook lost."""
    if text is None:
        return None
    folded = unicodedata.normalize("NFKC", str(text)).strip()
    match column.type:
        case "date":
            return read_day(folded)
        case "integer":
            return None if folded in _NOTHING else int(folded)
        case "boolean":
            return _YES_NO[folded] if folded else None
    if column.key in {"resident", "household"}:
        return folded.zfill(10) if folded.isdecimal() else folded or None
    return str(text).strip() or None


def load_city(
    departments: Path, catalogue: Catalogue, *, as_of: date, only: str | None = None
) -> duckdb.DuckDBPyConnection:
    """All base tables and all derived datasets, of one department or of all, as tables ``department.name``."""
    connection = duckdb.connect()
    names = [name for name in catalogue.departments if only in {None, name}]
    datasets = [dataset for dataset in catalogue.datasets.values() if dataset.department in names]
    for department in names:
        connection.execute(f"CREATE SCHEMA {department}")
    for dataset in datasets:
        if not dataset.derived:
            add_base(connection, dataset, raw_rows(departments, catalogue, dataset))
    for dataset in datasets:
        if dataset.derived_sql is not None:
            bound = {"as_of": as_of} if "$as_of" in dataset.derived_sql else None
            connection.execute(f"CREATE TABLE {dataset.name} AS {dataset.derived_sql}", bound)
    return connection


def members_of(connection: duckdb.DuckDBPyConnection, catalogue: Catalogue, name: str, *, as_of: date) -> set[str]:
    """The keys that a named set holds."""
    sql = next(s.sql for d in catalogue.departments.values() for s in d.sets if s.name == name)
    return {key for (key,) in connection.execute(sql, {"as_of": as_of}).fetchall()}


def raw_rows(departments: Path, catalogue: Catalogue, dataset: Dataset) -> Iterable[Mapping[str, str | None]]:
    """The texts of a base dataset as its source holds them, by the source's own names."""
    department = catalogue.departments[dataset.department]
    path = departments / department.source_path
    if department.source_kind == "sqlite":
        with closing(sqlite3.connect(path)) as source:
            source.row_factory = sqlite3.Row
            return [dict(row) for row in source.execute(f"SELECT * FROM {dataset.table}")]
    if department.source_kind == "duckdb":
        with closing(duckdb.connect(str(path), read_only=True)) as source:
            return source.sql(f"SELECT * FROM {dataset.table}").to_arrow_table().to_pylist()
    files = sorted({file for pattern in dataset.files for file in path.glob(pattern)})
    return [row for file in files for row in _rows_of_file(file, path, dataset)]


def _rows_of_file(file: Path, folder: Path, dataset: Dataset) -> Iterable[Mapping[str, str | None]]:
    """The rows of one file by the columns' own source names, whatever its layout calls them."""
    if file.suffix == ".parquet":
        return [
            {name: None if value is None else str(value) for name, value in row.items()}
            for row in pq.read_table(file).to_pylist()
        ]
    relative = file.relative_to(folder)
    layout = next(found for found in dataset.layouts if any(relative.match(pattern) for pattern in found.files))
    if file.suffix == ".csv":
        with file.open(encoding=layout.encoding, newline="") as text:
            grid: Grid = [list(row) for row in csv.reader(text)]
    else:
        grid = read_sheet(file, layout.sheet or next(iter(sheet_names(file))))
    titles = titles_of(grid, first=layout.title_rows, rows=layout.header_rows)
    cells = {column: grid[int(place[1:]) - 1][ord(place[0]) - 65] for column, place in layout.from_cell.items()}
    source = {column.name: column.source or column.name for column in dataset.columns.values()}
    renamed = {title: source[name] for name, title in layout.titles.items()}
    fixed = {source[name]: value for name, value in (dict.fromkeys(layout.missing) | cells).items()}
    left_out = layout.leave_out
    return [
        {renamed.get(title, title): value for title, value in row.items()} | fixed
        for row in records(grid, titles, first=layout.title_rows + layout.header_rows)
        if left_out is None or row[left_out.column] not in left_out.values
    ]


def add_base(connection: duckdb.DuckDBPyConnection, dataset: Dataset, rows: Iterable[Mapping[str, str | None]]) -> None:
    """One base table with catalogue names and types; composite keys are joined, NULL where a part is missing."""
    plain = [column for column in dataset.columns.values() if not column.compose]
    lists: dict[str, list[Cell]] = {column.name: [] for column in plain}
    for row in rows:
        for column in plain:
            lists[column.name].append(typed(column, row[column.source or column.name]))
    arrays = {column.name: pa.array(lists[column.name], _ARROW[column.type]) for column in plain}
    for column in dataset.columns.values():
        if column.compose:
            arrays[column.name] = pa.array(_joined([lists[part] for part in column.compose]), pa.string())
    loaded = pa.table(arrays)
    connection.register("loaded", loaded)
    connection.execute(f"CREATE TABLE {dataset.name} AS SELECT * FROM loaded")
    connection.unregister("loaded")


def _joined(parts: Sequence[Sequence[Cell]]) -> list[str | None]:
    return [
        None if any(part is None for part in values) else "|".join(map(str, values))
        for values in zip(*parts, strict=True)
    ]
