"""Databases that are locked, damaged or not what the catalogue says end in one clear message."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pytest

from governance.errors import BadInput, SekishoError, Unavailable
from tests.connectors.clinic import AS_OF, PERSONS, RAW, Clinic, changed, column, make_clinic, order


@pytest.fixture
def duckdb_clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The holder with a DuckDB file."""
    yield from make_clinic(tmp_path, "duckdb")


def refusal(clinic: Clinic) -> SekishoError:
    """What asking for the number of persons ends in."""
    with pytest.raises(SekishoError) as caught:
        clinic.department.rows("clinic.person", as_of=AS_OF)
    assert caught.value.__cause__ is None
    return caught.value


@contextmanager
def holding(code: str, path: Path) -> Iterator[None]:
    """Another process that holds the file: within one process no lock would show."""
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        yield
        other.communicate("done\n")


def test_an_sqlite_file_that_is_being_written_is_unavailable(clinic: Clinic) -> None:
    """A writer's exclusive lock gives 'in use', and after it the rows."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); input(); c.rollback()"
    )
    with holding(code, clinic.source):
        error = refusal(clinic)
    assert (type(error), error.code) == (Unavailable, "source-locked")
    assert clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)


def test_a_duckdb_file_that_is_being_written_is_unavailable(duckdb_clinic: Clinic) -> None:
    """A writer's lock gives 'in use', and after it the rows."""
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); input(); c.close()"
    with holding(code, duckdb_clinic.source):
        error = refusal(duckdb_clinic)
    assert (type(error), error.code) == (Unavailable, "source-locked")
    assert duckdb_clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)


@pytest.mark.parametrize("content", [b"", b"CANARY" * 1000], ids=["empty", "text"])
@pytest.mark.parametrize("kind", ["clinic", "duckdb_clinic"])
def test_a_file_of_another_kind_is_refused(kind: str, content: bytes, request: pytest.FixtureRequest) -> None:
    """What is no database, or an empty one, is refused by its name."""
    clinic: Clinic = request.getfixturevalue(kind)
    clinic.source.write_bytes(content)
    error = refusal(clinic)
    assert isinstance(error, BadInput)
    assert error.code in {"source-damaged", "source-table-missing"}
    assert error.params["file"] == f"clinic/{clinic.source.name}"
    assert "CANARY" not in str(error)


@pytest.mark.parametrize("kind", ["clinic", "duckdb_clinic"])
def test_a_database_with_damaged_pages_is_refused(kind: str, request: pytest.FixtureRequest) -> None:
    """A good header and spoilt pages: found out while reading, and refused without a value."""
    clinic: Clinic = request.getfixturevalue(kind)
    clinic.write(persons=[{**PERSONS[0], "person_id": f"{n:010d}", "name": f"CANARY{n}"} for n in range(2_000)])
    content = bytearray(clinic.source.read_bytes())
    content[len(content) // 4 : len(content) * 3 // 4] = b"\xff" * len(
        content[len(content) // 4 : len(content) * 3 // 4]
    )
    clinic.source.write_bytes(content)
    error = refusal(clinic)
    assert (type(error), error.code) == (BadInput, "source-damaged")
    assert "CANARY" not in str(error)


def test_committed_rows_of_a_write_ahead_log_are_read(clinic: Clinic) -> None:
    """Rows that stand in the log alone belong to the source, and a new log is a new state."""
    assert clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)
    writer = sqlite3.connect(clinic.source)
    writer.execute("PRAGMA journal_mode = WAL")
    writer.execute("""INSERT INTO person ("番号", "措置") VALUES ('77', 0)""")
    writer.commit()
    assert clinic.source.with_name("clinic.sqlite-wal").stat().st_size > 0
    try:
        assert clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS) + 1
    finally:
        writer.close()


@pytest.mark.parametrize("kind", ["clinic", "duckdb_clinic"])
@pytest.mark.parametrize("table", ["nobody", 'a"b', "person; DROP TABLE person", None])
def test_a_table_that_is_not_there_is_refused(kind: str, table: str | None, request: pytest.FixtureRequest) -> None:
    """A table's name is a name and nothing else."""
    clinic: Clinic = request.getfixturevalue(kind)
    clinic.catalogue = changed(clinic.catalogue, "clinic.person", table=table)
    assert refusal(clinic).code == "source-table-missing"


def test_sqlite_does_not_take_an_unknown_column_for_a_text(clinic: Clinic) -> None:
    """SQLite reads an unknown double-quoted name as a constant; a missing column is refused all the same."""
    declared = {**clinic.catalogue.datasets["clinic.person"].columns, "height": column("height", source="身長")}
    clinic.catalogue = changed(clinic.catalogue, "clinic.person", columns=declared)
    assert refusal(clinic).code == "source-column-missing"


def test_a_source_is_opened_for_reading_only(clinic: Clinic) -> None:
    """A reading leaves no trace in the source's folder but the snapshots."""
    before = clinic.source.read_bytes()
    clinic.department.check(as_of=AS_OF)
    assert clinic.source.read_bytes() == before
    assert {p.name for p in clinic.source.parent.iterdir()} == {"clinic.sqlite", "extract.yaml", "snapshots"}


def person_rows(clinic: Clinic, *names: str) -> list[dict[str, Any]]:
    """Columns as they are."""
    return clinic.scan(order(clinic, "clinic.person", dict.fromkeys(names, RAW))).to_pylist()


def test_native_types_of_a_database_are_read_through_their_texts(duckdb_clinic: Clinic) -> None:
    """Lists, timestamps, decimals, enumerations and wide integers come as what the catalogue declares."""
    duckdb_clinic.source.unlink()
    with duckdb.connect(str(duckdb_clinic.source)) as connection:
        connection.execute(
            """CREATE TABLE person ("番号" BIGINT, "世帯" DECIMAL(12, 0), "氏名" VARCHAR[], "個人番号" VARCHAR,
               "生年月日" TIMESTAMP, "性別" ENUM ('1', '2'), "住所" VARCHAR, "措置" HUGEINT)"""
        )
        connection.execute("INSERT INTO person VALUES (7, 8, ['訪問', '通所'], NULL, '1960-02-29', '2', NULL, 1)")
    (row,) = person_rows(duckdb_clinic, "person_id", "house_id", "name", "birth_date", "sex", "guarded")
    row["birth_date"] = row["birth_date"].isoformat()
    assert list(row.values()) == ["0000000007", "0000000008", "訪問,通所", "1960-02-29", "2", True]


def test_a_column_of_mixed_storage_is_read_row_by_row(clinic: Clinic) -> None:
    """SQLite keeps what it is given: integers after 70,000 texts, a fraction of zeros and a text of digits agree."""
    clinic.source.unlink()
    connection = sqlite3.connect(clinic.source)
    connection.execute('CREATE TABLE person ("番号", "世帯", "氏名", "個人番号", "生年月日", "性別", "住所", "措置")')
    rows = [(f"{n}", None, None, None, None, None, None, 0) for n in range(70_000)]
    rows += [(70_000, 1.0, 5, None, 20230401, 1, b"abc", 1.0)]  # type: ignore[list-item]
    connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()
    clinic.catalogue = changed(
        clinic.catalogue,
        "clinic.person",
        columns={
            **clinic.catalogue.datasets["clinic.person"].columns,
            "house_id": column("house_id", "integer", source="世帯"),
        },
    )
    last = person_rows(clinic, "person_id", "house_id", "name", "birth_date", "sex", "address", "guarded")[-1]
    last["birth_date"] = last["birth_date"].isoformat()
    assert list(last.values()) == ["0000070000", 1, "5", "2023-04-01", "1", "abc", True]


def test_a_text_that_is_no_utf_8_is_refused(clinic: Clinic) -> None:
    """Bytes of another encoding in a database are refused."""
    connection = sqlite3.connect(clinic.source)
    connection.execute("UPDATE person SET \"氏名\" = CAST(x'8ab48e' AS TEXT)")
    connection.commit()
    connection.close()
    assert refusal(clinic).code == "source-not-unicode"
