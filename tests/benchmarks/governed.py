"""Approved queries over the whole city, governed, beside plain DuckDB on the same data as Parquet.

Plain DuckDB runs the very SQL that the combining process runs, over the very rows in the very forms that the departments
sent for it, written to one Parquet file a scan; it opens a new connection for each run. So it starts where the
departments have derived, filtered and masked already: the comparison is in its favour. The governed path runs from a token
to a release: decision, certificate, durable ledger entries, snapshots, masking, the disposable process, the output stage.
A run counts only if both give the same content: rows, and for each column how many values are known and their sum.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
import tempfile
import time
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from governance.approvals import Template
from governance.log import configure_log
from query_broker.combine import Combined, Combiner, Counting, ScanStream
from reference.akishima.demo import CITY
from reference.akishima.generate import DEFAULT_SEED, FULL_POPULATION
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.establish import establish, issue_tokens
from tests.benchmarks.generation import Measured as Generated
from tests.benchmarks.generation import measured_generation
from tests.benchmarks.measuring import Machine, Times, load, timed
from tests.city import approve

TEMPLATES = ("yc-household-care", "yc-features", "pv-features", "ab-features", "tr-features")

_THINKING = 0.4
"""Seconds between two queries of one broker: the next combining process is started meanwhile, as it is between people."""

Question = tuple[str, dict[str, Any], list[ScanStream]]
"""What the combining process was asked: SQL, its parameters, its streams."""

Fingerprint = tuple[int, tuple[tuple[str, int, int], ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One template at one size, in milliseconds.

    Attributes:
        residents: of the city.
        rows: of the answer.
        cells: that left the departments.
        scans: how many streams came.
        plain: DuckDB alone.
        governed: the whole path, with a worker waiting.
        first: the first query of a new process: sources are parsed into snapshots, derived datasets are computed.
        reopened: the first query of another process, which finds the snapshots.
    """

    template: str
    residents: int
    rows: int
    cells: int
    scans: int
    plain: Times
    governed: Times
    first: float
    reopened: float


class Listening:
    """Stands before a combiner and keeps what it was asked."""

    def __init__(self, combiner: Combiner) -> None:
        self._combiner = combiner
        self.sql = ""
        self.parameters: Mapping[str, Any] = {}
        self.streams: Sequence[ScanStream] = ()

    def run_counted(
        self,
        sql: str,
        *,
        parameters: Mapping[str, Any],
        streams: Sequence[ScanStream],
        counting: Counting | None,
    ) -> Combined:
        """Answer, and remember the question."""
        self.sql, self.parameters, self.streams = sql, parameters, streams
        return self._combiner.run_counted(sql, parameters=parameters, streams=streams, counting=counting)


def build(folder: Path, population: int) -> Generated:
    """The city as a deployment; what its generation took is one of the figures, since nobody wants to do it twice."""
    generated = measured_generation(
        lambda: CITY.build(folder, population=population, seed=DEFAULT_SEED, say=lambda **_: None),
        folder=folder / "departments",
        residents=population,
    )
    _allow_more_rows(folder, population)
    establish(folder, now=CITY.beginning())
    issue_tokens(folder)
    return generated


def _allow_more_rows(folder: Path, population: int) -> None:
    """A city of several times the size has a guideline of its own, whose limit of rows is as much larger."""
    parameters = folder / "guideline" / "tables" / "parameters.yaml"
    text = parameters.read_text(encoding="utf-8")
    times = max(1, math.ceil(population / FULL_POPULATION))
    raised = re.sub(r"(?m)^max_rows: (\d+)", lambda found: f"max_rows: {int(found[1]) * times}", text)
    parameters.write_text(raised, encoding="utf-8")


def measure(city: Path, template: Template, approval: str, *, residents: int, runs: int) -> Measured:
    """Both sides of one template; the city has no snapshots of what it reads, or those of other templates."""
    request: dict[str, Any] = {"hat": "controller", "purpose": template.purpose, "approval": approval}
    first, _ = _once(city, request)
    reopened, _ = _once(city, request)
    deployment = Deployment.load(city)
    with deployment.broker() as broker, tempfile.TemporaryDirectory(prefix="sekisho-bench-") as scratch:
        broker.ask(AskRequest(token=deployment.token("center"), **request))
        listening = listen(broker)
        release = broker.ask(AskRequest(token=deployment.token("center"), **request))
        for stream in listening.streams:
            pq.write_table(stream.table, Path(scratch) / f"{stream.ids[0]}.parquet")
        question = (listening.sql, dict(listening.parameters), list(listening.streams))

        def plain() -> pa.Table:
            return plain_answer(Path(scratch), *question)

        if fingerprint(plain()) != fingerprint(release.table):
            raise SystemExit(f"{template.id}: the governed path and plain DuckDB do not give the same answer")

        def governed() -> float:
            time.sleep(_THINKING)
            begun = time.perf_counter()
            broker.ask(AskRequest(token=deployment.token("center"), **request))
            return (time.perf_counter() - begun) * 1000

        return Measured(
            template=template.id,
            residents=residents,
            rows=release.rows,
            cells=sum(release.cells.values()),
            scans=len(listening.streams),
            plain=timed({"plain": plain}, runs=runs)["plain"],
            governed=Times.of([governed() for _ in range(runs)]),
            first=first,
            reopened=reopened,
        )


def _once(city: Path, request: Mapping[str, Any]) -> tuple[float, int]:
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        begun = time.perf_counter()
        release = broker.ask(AskRequest(token=deployment.token("center"), **request))
        return (time.perf_counter() - begun) * 1000, release.rows


def listen(broker: Broker) -> Listening:
    """Put a listener before the combiner of a broker."""
    parts = broker._all_parts()
    listening = Listening(parts.combiner)  # type: ignore[arg-type]
    object.__setattr__(parts, "combiner", listening)
    return listening


def plain_answer(folder: Path, sql: str, parameters: dict[str, Any], streams: Sequence[ScanStream]) -> pa.Table:
    """What plain DuckDB answers from one Parquet file a scan."""
    with duckdb.connect(config={"threads": "2"}) as connection:
        connection.execute("SET arrow_lossless_conversion = true")
        for stream in streams:
            for name in stream.ids:
                file = folder / f"{stream.ids[0]}.parquet"
                connection.execute(f"CREATE VIEW \"{name}\" AS FROM '{file}'")
        return connection.sql(sql, params=parameters).to_arrow_table()


def fingerprint(table: pa.Table) -> Fingerprint:
    """Rows, and for each column how many values are known and a sum: of numbers, or of checksums of what is none."""
    columns: list[tuple[str, int, int]] = []
    for name in sorted(name for name in table.column_names if not name.startswith("__")):
        column = table.column(name)
        known = len(column) - column.null_count
        if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
            total = int(pc.sum(column.cast(pa.int64())).as_py() or 0)
        else:
            total = sum(zlib.crc32(str(value).encode()) for value in column.to_pylist())
        columns.append((name, known, total))
    return table.num_rows, tuple(columns)


def main() -> None:
    """Measure and print one JSON document. Arguments: runs, then populations, the smaller ones first."""
    runs, populations = int(sys.argv[1]), [int(argument) for argument in sys.argv[2:]]
    before = load()
    measured: list[Measured] = []
    generated: list[Generated] = []
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        configure_log(nowhere)
        for population in populations:
            with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
                city = Path(folder) / "city"
                city.mkdir()
                generated.append(build(city, population))
                sys.stderr.write(f"{generated[-1]}\n")
                deployment = Deployment.load(city)
                for name in TEMPLATES:
                    with deployment.broker() as broker:
                        approval = approve(deployment, broker, name)
                    template = deployment.templates[name]
                    measured.append(measure(city, template, approval, residents=population, runs=runs))
                    sys.stderr.write(f"{measured[-1]}\n")
    machine = Machine.now(load_before=before)
    document = {
        "machine": asdict(machine),
        "measured": [asdict(m) for m in measured],
        "generated": [asdict(g) for g in generated],
    }
    sys.stdout.write(json.dumps(document))


if __name__ == "__main__":
    main()
