"""TPC-H's twenty-two queries, each over tables of several departments, get the answer that plain DuckDB gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.tpch.deployed import QUERIES, Offices

FILES = sorted(QUERIES.glob("q*.sql"))


def test_there_are_twenty_two() -> None:
    """One file a query of the specification."""
    assert [file.stem for file in FILES] == [f"q{number:02}" for number in range(1, 23)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_broker_answers_as_plain_duckdb(file: Path, offices: Offices, plain: duckdb.DuckDBPyConnection) -> None:
    """Same columns, same types, same rows in the same order, and cells counted for every department that was asked."""
    sql = file.read_text(encoding="utf-8")
    release = offices.ask(sql)
    expected = plain.sql(sql).to_arrow_table()
    assert release.table.column_names == expected.column_names
    assert [_type(field.type) for field in release.table.schema] == [_type(field.type) for field in expected.schema]
    assert _rows(release.table) == _rows(expected)
    assert release.rows > 0
    assert any(value is not None for row in _rows(expected) for value in row)
    assert release.cells == {name: cells for name, cells in release.cells.items() if cells > 0}
    assert "scans-reached" in release.controls


def _type(type_: pa.DataType) -> str:
    """A type by name. DuckDB sums whole numbers in 128 bits, which it hands over as a decimal without a fraction."""
    return "int64" if pa.types.is_decimal(type_) and type_.scale == 0 else str(type_)


def _rows(table: pa.Table) -> list[tuple[Any, ...]]:
    """Rows as Python values; a mean may differ in its last digit with the order of its summands."""
    return [tuple(pytest.approx(v) if isinstance(v, float) else v for v in row.values()) for row in table.to_pylist()]
