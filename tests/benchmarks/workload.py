"""TPC-H's twenty-two queries through the broker, beside plain DuckDB on the same tables as Parquet.

Plain DuckDB opens a new connection for each run and reads what each query needs, with its conditions pushed into the files. The
governed path runs from a token to a release, over five departments with a source each. A run counts only if both give the
same rows.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from governance.log import configure_log
from tests.benchmarks.measuring import Machine, Times, load
from tests.tpch import data
from tests.tpch.deployed import QUERIES, Offices, build, open_offices

ROOT = Path(__file__).resolve().parents[2]
_THINKING = 0.4
"""Seconds between two queries: the next combining process is started meanwhile, as it is between people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One query, in milliseconds.

    Attributes:
        template: its number.
        rows: of the largest table.
        answer: rows of the answer.
        cells: that left the departments.
        scans: table references.
    """

    template: str
    rows: int
    answer: int
    cells: int
    scans: int
    plain: Times
    governed: Times


def measure(offices: Offices, files: Path, *, rows: int, runs: int) -> list[Measured]:
    """Every query, both sides taking turns."""
    measured: list[Measured] = []
    for path in sorted(QUERIES.glob("q*.sql")):
        sql = path.read_text(encoding="utf-8")
        plain: list[float] = []
        governed: list[float] = []
        release = offices.ask(sql)
        for _ in range(runs):
            time.sleep(_THINKING)
            begun = time.perf_counter()
            release = offices.ask(sql)
            governed.append((time.perf_counter() - begun) * 1000)
            begun = time.perf_counter()
            expected = _plain(sql, files)
            plain.append((time.perf_counter() - begun) * 1000)
            if release.rows != len(expected):
                raise SystemExit(f"{path.stem}: the broker and plain DuckDB do not say the same")
        measured.append(
            Measured(
                template=path.stem,
                rows=rows,
                answer=release.rows,
                cells=sum(release.cells.values()),
                scans=len(offices.explain(sql).facts.scans),
                plain=Times.of(plain),
                governed=Times.of(governed),
            )
        )
        sys.stderr.write(f"{measured[-1]}\n")
    return measured


def _plain(sql: str, files: Path) -> list[tuple[object, ...]]:
    with duckdb.connect(":memory:") as connection:
        for department, tables in data.HOLDERS.items():
            connection.execute(f"CREATE SCHEMA {department}").fetchall()
            for table in tables:
                file = files / f"{table}.parquet"
                connection.execute(f"CREATE VIEW {department}.{table} AS SELECT * FROM '{file}'").fetchall()
        return connection.execute(sql).fetchall()


def main() -> None:
    """Measure and print one JSON document. Arguments: runs; the size of the tables is that of the tests."""
    runs = int(sys.argv[1])
    before = load()
    with (
        tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder,
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        duckdb.connect(":memory:") as tables,
    ):
        configure_log(nowhere)
        data.make(tables)
        for table in data.TYPES:
            tables.execute(f"COPY {table} TO '{folder}/{table}.parquet'").fetchall()
        rows = tables.execute("SELECT count(*) FROM lineitem").fetchall()[0][0]
        city = Path(folder) / "city"
        city.mkdir()
        build(city, ROOT, tables)
        with open_offices(city) as offices:
            measured = measure(offices, Path(folder), rows=rows, runs=runs)
    document = {"machine": asdict(Machine.now(load_before=before)), "measured": [asdict(m) for m in measured]}
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
