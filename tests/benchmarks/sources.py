"""Each kind of source to Arrow, beside the fastest reader of that format alone, on the same register.

Seven columns of a register of residents. The reader alone gives whatever types it infers; a source gives every column as
text, whole and valid, with the place of each row; a snapshot adds the declared types and all checks, and is made once
for each state of the source.
"""

from __future__ import annotations

import csv
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import duckdb
import fastexcel
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import xlsxwriter
import yaml

from connectors.duckdb_file import DuckdbSource
from connectors.files import FilesSource
from connectors.holdings import Holdings
from connectors.postgresql import PostgresqlSource
from connectors.postgresql_role import ROLE, reader_sql
from connectors.snapshots import SnapshotStore
from connectors.sources import Source
from connectors.sqlite import SqliteSource
from governance.catalogue import Catalogue, Column, Dataset, Department, KeyKind, Label, Layout
from sekisho.demo_postgresql import DemoServer, demo_server
from tests.benchmarks.measuring import Machine, Times, load, timed

AS_OF = date(2023, 10, 1)
_LABEL = Label(ja="項目", en="Column")
_NAMES = ("resident_id", "household_id", "name", "birth_date", "sex", "town_code", "benefit")
_EXCEL_ROWS = 114_447
"""Excel is measured at one size; a sheet ends at 1,048,576 rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One kind of source at one size, in milliseconds.

    Attributes:
        reader: what the format was read with for comparison.
        alone: that reader by itself.
        source: the source, to texts.
        first: to a typed, checked and saved snapshot, its state looked at before and after.
        later: all columns out of the snapshot, the state of the source looked at.
    """

    kind: str
    rows: int
    reader: str
    alone: Times
    source: Times
    first: Times
    later: Times


def register(rows: int) -> pa.Table:
    """A register of residents; nobody is in it."""
    random = np.random.default_rng(20231001)
    numbers = np.arange(rows)
    family = np.array(["佐藤", "髙橋", "田中", "伊藤", "渡辺", "山﨑"])[random.integers(0, 6, rows)]
    given = np.array(["陽菜", "蓮", "結衣", "翔", "花子", "一郎"])[random.integers(0, 6, rows)]
    days = random.integers(-12_000, 19_000, rows).astype("datetime64[D]")
    return pa.table(
        {
            "resident_id": [f"{n:010d}" for n in numbers],
            "household_id": [f"{n:010d}" for n in random.integers(0, rows // 2, rows)],
            "name": [f"{a} {b}" for a, b in zip(family, given, strict=True)],
            "birth_date": pa.array(days, pa.date32()),
            "sex": np.array(["1", "2"])[random.integers(0, 2, rows)],
            "town_code": [f"{n:03d}" for n in random.integers(1, 60, rows)],
            "benefit": pa.array(random.integers(0, 40_000, rows), pa.int64()),
        }
    )


def catalogue(kind: str, path: str) -> Catalogue:
    """The catalogue of the register."""

    def column(name: str, column_type: Any, column_class: Any, **more: Any) -> Column:
        return Column(name=name, label=_LABEL, type=column_type, column_class=column_class, **more)

    columns = (
        column("resident_id", "text", "key", key="resident", nulls="never"),
        column("household_id", "text", "key", key="household", nulls="never"),
        column("name", "text", "identifier"),
        column("birth_date", "date", "quasi_identifier"),
        column("sex", "text", "quasi_identifier", codes=("1", "2")),
        column("town_code", "text", "quasi_identifier"),
        column("benefit", "integer", "attribute"),
    )
    in_files = kind not in {"sqlite", "duckdb", "postgresql"}
    dataset = Dataset(
        name="bench.person", department="bench", label=_LABEL, absent_row="none", refresh="daily", gates={},
        columns={c.name: c for c in columns}, unique_by=("resident_id",),
        table=None if in_files else "person",
        layouts=(Layout(files=("*",), encoding="cp932"),) if in_files else (),
    )  # fmt: skip
    keys = {
        name: KeyKind(name=name, label=_LABEL, pattern="[0-9]{10}", pad=10, method="aes")
        for name in ("resident", "household")
    }
    return Catalogue(
        departments={
            "bench": Department(
                id="bench", label=_LABEL, organ="mayor", steward="steward-bench",
                source_kind="files" if in_files else kind, source_path=path, sets=(),
            )
        },
        datasets={dataset.name: dataset}, kinds=keys, subject_kind="resident", household_kinds=("household",),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A register written in one format, the reader alone, and the source."""

    reader: str
    alone: Callable[[], object]
    source: Source
    catalogue: Catalogue


def sqlite(table: pa.Table, root: Path) -> Case:
    """A file of SQLite."""
    path = root / "bench" / "person.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE person (resident_id TEXT, household_id TEXT, name TEXT, birth_date TEXT, sex TEXT, "
            "town_code TEXT, benefit INTEGER)"
        )
        texts = table.set_column(3, "birth_date", table.column("birth_date").cast(pa.string()))
        columns = [texts.column(name).to_pylist() for name in _NAMES]
        connection.executemany("INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?)", zip(*columns, strict=True))
        connection.commit()

    def alone() -> pa.Table:
        with adbc_driver_sqlite.dbapi.connect(f"file:{path}?mode=ro") as connection, connection.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": "65536"})
            cursor.execute(f"SELECT {', '.join(_NAMES)} FROM person")
            return cursor.fetch_arrow_table()

    return Case(
        reader="ADBC", alone=alone, source=SqliteSource(path, root=root), catalogue=catalogue("sqlite", path.name)
    )


def postgresql(table: pa.Table, root: Path, server: DemoServer) -> Case:
    """A table of PostgreSQL with native types, read over a socket with a password."""
    dbname = f"bench{table.num_rows}"
    server.create_database(dbname)
    with server.cursor(dbname) as cursor:
        cursor.adbc_ingest("person", table, mode="create")
    server.run("ANALYZE", dbname=dbname)
    path = root / "bench" / "connection.yaml"
    declared = catalogue("postgresql", "bench/connection.yaml")
    script = root / "reader.sql"
    script.write_text(reader_sql(declared, "bench", dbname=dbname), encoding="utf-8")
    server.psql(script, dbname=dbname)
    server.run(f"ALTER ROLE {ROLE} PASSWORD 'bench'")
    for file, text in (
        (path.with_name("password"), "bench"),
        (
            path,
            yaml.safe_dump({"host": str(server.socket), "dbname": dbname, "user": ROLE, "password_file": "password"}),
        ),
    ):
        file.touch(mode=0o600)
        file.write_text(text)

    def alone() -> pa.Table:
        uri = f"host='{server.socket}' dbname='{dbname}' user='{ROLE}' password='bench'"
        with adbc_driver_postgresql.dbapi.connect(uri) as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(_NAMES)} FROM public.person")
            return cursor.fetch_arrow_table()

    return Case(reader="ADBC", alone=alone, source=PostgresqlSource(path, root=root), catalogue=declared)


def duckdb_file(table: pa.Table, root: Path) -> Case:
    """A file of DuckDB."""
    path = root / "bench" / "person.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.register("given", table)
        connection.execute("CREATE TABLE person AS SELECT * FROM given")

    def alone() -> pa.Table:
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.sql("FROM person").to_arrow_table()

    return Case(
        reader="DuckDB", alone=alone, source=DuckdbSource(path, root=root), catalogue=catalogue("duckdb", path.name)
    )


def csv_cp932(table: pa.Table, root: Path) -> Case:
    """A CSV file in CP932."""
    path = root / "bench" / "files" / "person.csv"
    path.parent.mkdir()
    with path.open("w", encoding="cp932", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_NAMES)
        writer.writerows(zip(*(table.column(name).to_pylist() for name in _NAMES), strict=True))
    reader, alone = _fastest(
        {
            "pyarrow": lambda: pa.csv.read_csv(path, read_options=pa.csv.ReadOptions(encoding="cp932")),
            "pandas (C)": lambda: pd.read_csv(path, encoding="cp932"),
            "pandas (pyarrow)": lambda: pd.read_csv(path, encoding="cp932", engine="pyarrow", dtype_backend="pyarrow"),
        }
    )
    return Case(
        reader=reader, alone=alone, source=FilesSource(path.parent, root=root), catalogue=catalogue("files", "files")
    )


def excel(table: pa.Table, root: Path) -> Case:
    """A workbook with real dates."""
    path = root / "bench" / "workbooks" / "person.xlsx"
    path.parent.mkdir()
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("住民")
        day = workbook.add_format({"num_format": "yyyy/mm/dd"})
        sheet.write_row(0, 0, _NAMES)
        columns = [table.column(name).to_pylist() for name in _NAMES]
        for at, row in enumerate(zip(*columns, strict=True), start=1):
            for position, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(at, position, value, day)  # type: ignore[arg-type]
                else:
                    sheet.write(at, position, value)

    def alone() -> pa.RecordBatch:
        return fastexcel.read_excel(path).load_sheet(0).to_arrow()

    return Case(
        reader="fastexcel",
        alone=alone,
        source=FilesSource(path.parent, root=root),
        catalogue=catalogue("files", "workbooks"),
    )


def parquet(table: pa.Table, root: Path) -> Case:
    """A Parquet file."""
    path = root / "bench" / "parquet" / "person.parquet"
    path.parent.mkdir()
    pq.write_table(table, path)
    return Case(
        reader="pyarrow",
        alone=lambda: pq.read_table(path),
        source=FilesSource(path.parent, root=root),
        catalogue=catalogue("files", "parquet"),
    )


def _fastest(readers: Mapping[str, Callable[[], object]]) -> tuple[str, Callable[[], object]]:
    measured = timed(readers, runs=3)
    name = min(measured, key=lambda reader: measured[reader].fastest)
    return name, readers[name]


@contextmanager
def holdings(case: Case, root: Path) -> Iterator[Holdings]:
    """The department's typed side, with no snapshot yet."""
    with tempfile.TemporaryDirectory(dir=root) as folder:
        store = SnapshotStore(Path(folder) / "snapshots", department="bench")
        yield Holdings("bench", catalogue=case.catalogue, source=case.source, store=store)


def measure(kind: str, case: Case, table: pa.Table, *, root: Path, runs: int) -> Measured:
    """Read a source in all ways, and hold what comes out against what was written."""
    dataset = case.catalogue.datasets["bench.person"]

    def texts() -> int:
        rows = 0
        for part in case.source.parts(dataset):
            for batch in case.source.read(dataset, part):
                rows += batch.table.num_rows
        return rows

    def first() -> pa.Table:
        with holdings(case, root) as held:
            return held.rows(dataset, as_of=AS_OF)

    if texts() != table.num_rows or not first().sort_by("resident_id").equals(table.sort_by("resident_id")):
        raise SystemExit(f"{kind} does not give back what was written")
    with holdings(case, root) as held:
        held.rows(dataset, as_of=AS_OF)
        found = timed(
            {
                "alone": case.alone,
                "source": texts,
                "first": first,
                "later": lambda: held.rows(dataset, as_of=AS_OF),
            },
            runs=runs,
        )
    return Measured(kind=kind, rows=table.num_rows, reader=case.reader, **found)


def main() -> None:
    """Measure everything and print one JSON document. Arguments: runs, then numbers of rows."""
    runs, sizes = int(sys.argv[1]), [int(argument) for argument in sys.argv[2:]]
    before = load()
    measured: list[Measured] = []
    kinds: dict[str, Callable[[pa.Table, Path], Case]] = {
        "SQLite": sqlite,
        "PostgreSQL": lambda table, root: postgresql(table, root, server),
        "DuckDB": duckdb_file,
        "Parquet": parquet,
        "CSV (CP932)": csv_cp932,
        "Excel": excel,
    }
    with demo_server() as server:
        for rows in sizes:
            table = register(rows)
            for kind, write in kinds.items():
                if kind == "Excel" and rows > _EXCEL_ROWS:
                    continue
                with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
                    root = Path(folder).resolve()
                    (root / "bench").mkdir()
                    measured.append(measure(kind, write(table, root), table, root=root, runs=runs))
                    sys.stderr.write(f"{measured[-1]}\n")
    machine = Machine.now(load_before=before)
    sys.stdout.write(json.dumps({"machine": asdict(machine), "measured": [asdict(m) for m in measured]}))


if __name__ == "__main__":
    main()
