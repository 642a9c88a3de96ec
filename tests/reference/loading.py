"""Loads the departments' raw files into DuckDB with the types of the catalogue, for tests of derived SQL.

A plain reader of the notations that the generator writes, on purpose apart from the connectors: these tests are about
the catalogue, the SQL and the data.
"""

from __future__ import annotations

import csv
import re
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from governance.catalogue import Catalogue, Column, Dataset

Cell = str | int | bool | date | None

_FIRST_YEARS = {"T": 1912, "S": 1926, "H": 1989, "R": 2019, "大正": 1912, "昭和": 1926, "平成": 1989, "令和": 2019}
_CODES = {"2": 1912, "3": 1926, "4": 1989, "5": 2019}
_ARROW = {"text": pa.string(), "integer": pa.int32(), "date": pa.date32(), "boolean": pa.bool_()}


def read_day(text: str) -> date | None:
    """A date in one of the notations of the generated files; ``None`` for blank and for an unknown day."""
    if not text:
        return None
    if match := re.fullmatch(r"([2-5])(\d\d)(\d\d)(\d\d)", text):
        code, year, month, day = match.groups()
        return date(_CODES[code] + int(year) - 1, int(month), int(day))
    if match := re.fullmatch(r"(\d{4})/(\d+)/(\d+)", text):
        return date(*map(int, match.groups()))
    match = re.fullmatch(r"(\D+?)(元|\d+)[.年](\d+)[.月](\d+)日?", text)
    if match is None:
        raise ValueError("a notation that the generator does not write")
    era, year, month, day = match.groups()
    if int(day) == 0:
        return None
    return date(_FIRST_YEARS[era] + (1 if year == "元" else int(year)) - 1, int(month), int(day))


_READ: Mapping[str, Callable[[str], Cell]] = {"text": str, "integer": int, "date": read_day}


def typed(column: Column, text: str | None) -> Cell:
    """One cell; blank is NULL."""
    return None if text is None or text == "" else _READ[column.type](text)


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
            connection.execute(f"CREATE TABLE {dataset.name} AS {dataset.derived_sql}", {"as_of": as_of})
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
    rows: list[Mapping[str, str | None]] = []
    for file in sorted(file for pattern in dataset.files for file in path.glob(pattern)):
        with file.open(encoding=dataset.layouts[-1].encoding, newline="") as text:
            rows.extend(csv.DictReader(text))
    return rows


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
