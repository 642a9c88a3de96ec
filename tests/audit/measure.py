"""Measures the ledger: ``python -m tests.audit.measure [ENTRIES]``. Prints figures and asserts none of them.

Appends are of whole decisions with their input, verification is of as many decisions as releases, everything included.
The raw figure is a plain SQLite commit of the same bytes under the same settings: what the disk allows.
"""

from __future__ import annotations

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

from audit.ledger import Ledger
from audit.verification import verify
from tests.audit.samples import ORIGIN, SIDECAR, VKEY, decision, new_ledger, open_ledger, release

_ROUNDS = 5


def rate(count: int, work: Callable[[int], object]) -> float:
    """How much of something is done in a second, the median of five rounds."""
    rates = []
    for round_ in range(_ROUNDS):
        started = time.perf_counter()
        work(round_)
        rates.append(count / (time.perf_counter() - started))
    return statistics.median(rates)


def one_by_one(ledger: Ledger, round_: int) -> None:
    """A hundred commits of one decision each."""
    for number in range(100):
        ledger.append(decision(1_000_000 + 100 * round_ + number), sidecars=[SIDECAR])


def in_batches(ledger: Ledger, round_: int) -> None:
    """Ten commits of a hundred decisions each."""
    for batch in range(10):
        first = 2_000_000 + 1_000 * round_ + 100 * batch
        ledger.append_all([decision(first + number) for number in range(100)])


def raw_commits(connection: sqlite3.Connection, body: bytes, _round: int) -> None:
    """A hundred plain commits of the same bytes."""
    for _ in range(100):
        connection.execute("INSERT INTO entries (body) VALUES (?)", (body,))


def fill(ledger: Ledger, entries: int) -> int:
    """Append pairs of decision and release up to a size."""
    pair = 0
    while (size := ledger.size) < entries:
        batch = []
        for place in range(500):
            batch += [decision(pair), release(pair, decided=size + 2 * place)]
            pair += 1
        ledger.append_all(batch)
    return size


def main(entries: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite"
        with new_ledger(path) as ledger:
            single = rate(100, partial(one_by_one, ledger))
            batched = rate(1_000, partial(in_batches, ledger))
            body = ledger.entry(1).body
            with closing(sqlite3.connect(Path(folder) / "raw.sqlite", isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, body BLOB)")
                raw = rate(100, partial(raw_commits, connection, body))
            size = fill(ledger, entries)
        processor = time.process_time()
        verified = rate(size, lambda _: verify(path, vkey=VKEY, origin=ORIGIN))
        processor = _ROUNDS * size / (time.process_time() - processor)
        opened = rate(1, lambda _: open_ledger(path).close())
        megabytes = path.stat().st_size / 1e6
    lines = (
        f"append, one client          {single:10,.0f} entries/s ({len(body):,} bytes each)",
        f"append, batches of 100      {batched:10,.0f} entries/s",
        f"raw SQLite commit           {raw:10,.0f} /s",
        f"verify {size:,} entries     {verified:10,.0f} entries/s ({processor:,.0f} a second of processor time)",
        f"open                        {1_000 / opened:10.1f} ms ({megabytes:,.0f} MB)",
    )
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60_000)
