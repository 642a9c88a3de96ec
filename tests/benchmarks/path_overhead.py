"""What the governed path costs beside plain DuckDB on the same data as Parquet: ``make bench`` writes the page.

Both sides compute the acceptance query. Plain DuckDB reads typed Parquet files that already hold the derived tables, the
target children only, and care levels as numbers; it opens a connection for each run. The governed path runs from a
token to a release: decision, certificate, durable ledger entries, departments' scans with masking, the disposable
process, the output stage. A run counts only if both give the same fingerprint: rows, sums and known values per feature.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from governance.load_catalogue import load_catalogue
from governance.log import configure_log
from reference.akishima.demo import CITY, PURPOSE, TEMPLATE
from reference.akishima.generate import DEFAULT_SEED
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.establish import establish, issue_tokens
from tests.reference.loading import load_city, members_of
from tests.reference.oracle import CARE_LEVELS

FEATURES = ("grade", "n_siblings_u6", "care_max", "served", "absent", "months_late", "months_known")
BASE_DATE = date(2023, 10, 1)
ROUTE = (
    ("privacy", "reviewer", "review"),
    ("steward-shimin", "data_steward", "consult"),
    ("steward-kaigo", "data_steward", "consult"),
    ("steward-kyoiku", "data_steward", "consult"),
    ("steward-school", "data_steward", "consult"),
    ("cpo", "cpo", "decide"),
)

Fingerprint = tuple[int, tuple[tuple[int, int], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One population's figures, in milliseconds."""

    population: int
    children: int
    plain: float
    first: float
    governed: float
    cells: Mapping[str, int]
    decide_embedded: float
    decide_server: float | None


def main() -> None:
    """Measure and write the page."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--write", type=Path, required=True)
    arguments.add_argument("--populations", type=int, nargs="+", default=[5_000, 114_447])
    arguments.add_argument("--runs", type=int, default=15)
    given = arguments.parse_args()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_log(nowhere)
        measured = [measure(population, runs=given.runs) for population in given.populations]
    given.write.write_text(page(measured, runs=given.runs), encoding="utf-8")


def measure(population: int, *, runs: int) -> Measured:
    """Build a city and measure both sides on it."""
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
        city = Path(folder) / "city"
        city.mkdir()
        CITY.build(city, population=population, seed=DEFAULT_SEED, say=lambda **_: None)
        establish(city)
        issue_tokens(city)
        deployment = Deployment.load(city)
        parquet = Path(folder) / "parquet"
        parquet.mkdir()
        wanted, plain = plain_duckdb(city, parquet, deployment.templates[TEMPLATE].sql, runs=runs)
        with deployment.broker("embedded") as broker:
            approval = approve(deployment, broker)

            def ask() -> pa.Table:
                nonlocal cells
                release = broker.ask(
                    AskRequest(token=deployment.token("center"), hat="controller", purpose=PURPOSE, approval=approval)
                )
                cells = release.cells
                return release.table

            cells: Mapping[str, int] = {}
            begun = time.perf_counter()
            answer = ask()
            first = (time.perf_counter() - begun) * 1000
            if fingerprint(answer) != wanted:
                raise SystemExit("the governed path and plain DuckDB do not give the same answer")
            governed = median(ask, runs=runs)
        return Measured(
            population=population,
            children=answer.num_rows,
            plain=plain,
            first=first,
            governed=governed,
            cells=cells,
            decide_embedded=decision_time(deployment, "embedded", approval),
            decide_server=decision_time(deployment, "opa", approval),
        )


def plain_duckdb(city: Path, parquet: Path, sql: str, *, runs: int) -> tuple[Fingerprint, float]:
    """Write the Parquet files, and the fingerprint and median time of the query on them."""
    catalogue = load_catalogue(city / "catalogue")
    tables = load_city(city / "departments", catalogue, as_of=BASE_DATE)
    hidden = sorted(members_of(tables, catalogue, "address-protected", as_of=BASE_DATE))
    order = ", ".join(f"'{level}'" for level in CARE_LEVELS)
    queries = {
        "shimin.child": "SELECT * FROM shimin.child WHERE grade BETWEEN 1 AND 12 AND status = '現存' "
        "AND NOT list_contains($hidden, resident_id)",
        "shimin.household_member": "SELECT * FROM shimin.household_member",
        "kaigo.cert": f"SELECT * REPLACE (list_position([{order}], care_level) - 1 AS care_level) FROM kaigo.cert",
        "kyoiku.gakurei": "SELECT * FROM kyoiku.gakurei",
        "school.attendance": "SELECT * FROM school.attendance",
    }
    for name, query in queries.items():
        parameters = {"hidden": hidden} if "$hidden" in query else {}
        rows = tables.execute(query, parameters).to_arrow_table()
        with duckdb.connect() as writer:
            writer.register("rows", rows)
            writer.execute(f"COPY rows TO '{parquet / name}.parquet' (FORMAT parquet)").fetchall()
    tables.close()
    for name in queries:
        sql = sql.replace(f"FROM {name} ", f"FROM '{parquet / name}.parquet' ").replace(
            f"JOIN {name} ", f"JOIN '{parquet / name}.parquet' "
        )

    def run() -> pa.Table:
        with duckdb.connect() as connection:
            return connection.execute(sql).to_arrow_table()

    return fingerprint(run()), median(run, runs=runs)


def approve(deployment: Deployment, broker: Broker) -> str:
    """Take the template through its route."""
    drafted = broker.approvals.request(broker.asker(deployment.token("center"), hat="controller"), template=TEMPLATE)
    for name, hat, step in ROUTE:
        broker.approvals.sign(broker.asker(deployment.token(name), hat=hat), approval=drafted.id, step=step)  # type: ignore[arg-type]
    return drafted.id


def decision_time(deployment: Deployment, engine: str, approval: str) -> float:
    """Median time to explain the query, which is parse to certificate and one decision, in milliseconds."""
    with deployment.broker(engine) as broker:  # type: ignore[arg-type]
        request = AskRequest(token=deployment.token("center"), hat="controller", purpose=PURPOSE, approval=approval)
        return median(lambda: broker.explain(request), runs=15)


def fingerprint(table: pa.Table) -> Fingerprint:
    """Rows, and for each feature its sum and how many values are known."""
    features: list[tuple[int, int]] = []
    for name in FEATURES:
        column = table.column(name)
        numbers = column.cast(pa.int64())
        features.append((int(pc.sum(numbers).as_py() or 0), len(column) - column.null_count))
    return table.num_rows, tuple(features)


def median(call: Callable[[], object], *, runs: int) -> float:
    """Median time of a call, in milliseconds, after one that is not counted."""
    call()
    times: list[float] = []
    for _ in range(runs):
        begun = time.perf_counter()
        call()
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


def page(measured: Sequence[Measured], *, runs: int) -> str:
    """The page."""
    rows = "\n".join(
        f"| {m.population:,} | {m.children:,} | {m.plain:.0f} | {m.governed:.0f} | {m.governed - m.plain:+.0f} "
        f"| {m.governed / m.plain:.1f}x | {m.first:.0f} | {sum(m.cells.values()):,} |"
        for m in measured
    )
    explained = "\n".join(
        f"| {m.population:,} | {m.decide_embedded:.0f} | {m.decide_server or 0:.0f} |" for m in measured
    )
    return f"""# Benchmarks

Made by `make bench` (`python -m tests.benchmarks.path_overhead --write docs/benchmarks.md`); not part of the tests.
{platform.system()} {platform.machine()}, Python {platform.python_version()}, DuckDB {duckdb.__version__}, \
pyarrow {pa.__version__}. Medians of {runs} runs after one that is not counted, in milliseconds. Ratios within one run
are to be trusted more than absolute figures.

## The path beside plain DuckDB

The acceptance query (children x care in the household x school absence), governed from token to release, beside plain
DuckDB with a new connection on the same data as Parquet, where derived tables, target children and numeric care levels
are prepared. Both gave the same fingerprint (rows; sum and number of known values of each of {len(FEATURES)} features).

| residents | children in the answer | plain DuckDB | governed | difference | ratio | first query | cells that left |
|--:|--:|--:|--:|--:|--:|--:|--:|
{rows}

The first query parses the departments' files into typed snapshots; later ones read those.

## Parse to certificate, one decision included

`query explain`: parse, describe, decide, rewrite, certify, and asking each department for its number of rows.

| residents | embedded engine | OPA server on loopback |
|--:|--:|--:|
{explained}
"""


if __name__ == "__main__":
    main()
