"""Stage 8, **combine**: run the final SQL over the scans, in a process that is thrown away afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self, cast

import pyarrow as pa

from governance.errors import BadInput, Unavailable
from masking.populations import SCHEMA
from query_broker.plan import PopulationPlan
from query_broker.relational import Constant

if TYPE_CHECKING:
    from io import IOBase

DEFAULT_DEADLINE_SECONDS = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanStream:
    """The rows of one scan order, and every table reference that they serve."""

    ids: tuple[str, ...]
    table: pa.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """How the persons behind an answer are sketched, beside the answer.

    Attributes:
        population: the SQL of the persons.
        smallest: populations of fewer are left out.
        length: how many power sums a sketch has.
        key: makes the points; for these sketches and nothing else.
    """

    population: PopulationPlan
    smallest: int
    length: int
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """A result, and the sketches of the persons behind it (`masking.populations`) where they were asked for."""

    table: pa.Table
    populations: pa.Table | None


class Combiner:
    """Gives each query a worker of its own, started ahead of need, so that a query does not pay for starting one.

    The first is started when the first query is allowed, while its departments are at work: most brokers are opened
    for a step of an approval or a look, and combine nothing. From then on one waits for the next query.

    Use as a context manager: leaving it kills those that wait.
    """

    def __init__(
        self, *, deadline_seconds: float = DEFAULT_DEADLINE_SECONDS, memory_mb: int = 2048, threads: int = 2
    ) -> None:
        self._deadline = deadline_seconds
        self._limits = (str(memory_mb), str(threads))
        self._lock = threading.Lock()
        self._closed = False
        self._waiting: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the waiting workers; nothing runs after that."""
        with self._lock:
            self._closed = True
            workers, self._waiting = self._waiting, []
        for worker in workers:
            _end(worker)

    def prepare(self, workers: int = 1) -> None:
        """See to it that so many workers wait; they get ready while the caller does something else."""
        with self._lock:
            while not self._closed and len(self._waiting) < workers:
                self._waiting.append(self._start())

    def run(self, sql: str, *, parameters: Mapping[str, Constant], streams: Sequence[ScanStream]) -> pa.Table:
        """The result of the SQL over the streams.

        Raises:
            Unavailable: the worker died, was late and killed, ran out of memory, or refused; nothing was released.
        """
        return self.run_counted(sql, parameters=parameters, streams=streams, counting=None).table

    def run_counted(
        self,
        sql: str,
        *,
        parameters: Mapping[str, Constant],
        streams: Sequence[ScanStream],
        counting: Counting | None,
        most_rows: int | None = None,
    ) -> Combined:
        """The result of the SQL over the streams, with the sketches of the persons behind it.

        Args:
            most_rows: of which nothing will be left out afterwards. A longer result is not read to its end.

        Raises:
            BadInput: the result has more rows than that.
            Unavailable: as `run`.
        """
        worker = self._take()
        late = threading.Event()

        def kill() -> None:
            late.set()
            worker.kill()

        timer = threading.Timer(self._deadline, kill)
        timer.start()
        try:
            return _ask(worker, sql, parameters, streams, counting, most_rows)
        except (OSError, pa.ArrowException, ValueError):
            raise Unavailable("combine-late" if late.is_set() else "combine-died") from None
        finally:
            timer.cancel()
            _end(worker)
            with suppress(OSError):  # no process to be had: the answer stands, and the next query tries again
                self.prepare()

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._closed:
                raise Unavailable("combine-died")
            return self._waiting.pop(0) if self._waiting else self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-I", "-m", "query_broker.worker", *self._limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # the engine's own words may hold values
            env={},
            close_fds=True,
        )


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.kill()
    for pipe in (worker.stdin, worker.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except OSError:
                continue  # flushing into a process that is gone
    worker.wait()


def _ask(
    worker: subprocess.Popen[bytes],
    sql: str,
    parameters: Mapping[str, Constant],
    streams: Sequence[ScanStream],
    counting: Counting | None,
    most_rows: int | None,
) -> Combined:
    if worker.stdin is None or worker.stdout is None:
        raise Unavailable("combine-died")
    _expect(worker.stdout, b"ready\n")
    request = {
        "sql": sql,
        "parameters": {name: _document(value) for name, value in parameters.items()},
        "scans": [{"id": stream.ids[0], "also": list(stream.ids[1:])} for stream in streams],
        "counting": _counting(counting) if counting is not None else None,
    }
    worker.stdin.write(json.dumps(request).encode() + b"\n")
    for stream in streams:
        with pa.ipc.new_stream(cast("IOBase", worker.stdin), stream.table.schema) as writer:
            writer.write_table(stream.table)
    worker.stdin.close()
    _expect(worker.stdout, b"done\n")
    table = _read(worker.stdout, most_rows=most_rows)
    populations = _read(worker.stdout) if counting is not None else None
    if populations is not None and populations.schema != SCHEMA:
        raise ValueError
    return Combined(table=table, populations=populations)


def _read(source: IO[bytes], *, most_rows: int | None = None) -> pa.Table:
    batches: list[pa.RecordBatch] = []
    rows = 0
    with pa.ipc.open_stream(cast("IOBase", source)) as reader:
        for batch in reader:
            rows += batch.num_rows
            if most_rows is not None and rows > most_rows:
                raise BadInput("mask-output-cap", max_rows=most_rows)
            batches.append(batch)
        table = pa.Table.from_batches(batches, schema=reader.schema)
    table.validate(full=True)
    return table


def _counting(counting: Counting) -> dict[str, Any]:
    population = counting.population
    return {
        "sql": population.sql,
        "parameters": list(population.parameters),
        "groups": population.groups,
        "units": len(population.units),
        "measures": len(population.measures),
        "smallest": counting.smallest,
        "length": counting.length,
        "key": counting.key.hex(),
    }


_REFUSALS = {
    b"out-of-memory\n": "combine-out-of-memory",
    b"stream-unreadable\n": "combine-stream-unreadable",
    b"engine-refused\n": "combine-refused",
}


def _expect(source: IO[bytes], word: bytes) -> None:
    """Read one word of the worker's.

    Raises:
        Unavailable: it is a refusal.
        ValueError: it is nothing that a worker says there, or nothing at all.
    """
    found = source.readline(64)
    if found in _REFUSALS:
        raise Unavailable(_REFUSALS[found])
    if found != word:
        raise ValueError


def _document(value: Constant) -> dict[str, Any]:
    if isinstance(value, date):
        return {"type": "date", "value": value.isoformat()}
    return {"type": "plain", "value": value}
