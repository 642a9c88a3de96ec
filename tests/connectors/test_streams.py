"""A stream that breaks off never looks complete, and closing one ends its work."""

from __future__ import annotations

import io
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from connectors import department, holdings
from connectors.snapshots import Snapshot
from connectors.streams import BatchStream, rebatched
from governance.errors import Fault, SekishoError, Unavailable
from governance.log import configure_log
from tests.connectors.clinic import AS_OF, PERSONS, PSEUDONYM, RAW, Clinic, order

SCHEMA = pa.schema([("n", pa.int64())])


def batch(*numbers: int) -> pa.RecordBatch:
    """A batch of numbers."""
    return pa.record_batch({"n": list(numbers)}, schema=SCHEMA)


def test_a_stream_ends_once_all_was_read() -> None:
    """Its batches, then the end, and the end again."""
    stream = BatchStream(SCHEMA, (batch(n) for n in range(3)))
    assert [b.to_pylist() for b in stream] == [[{"n": 0}], [{"n": 1}], [{"n": 2}]]
    assert (list(stream), stream.read_all().num_rows) == ([], 0)
    stream.close()
    assert list(stream) == []


def test_a_stream_that_broke_off_keeps_failing() -> None:
    """A generator that has failed ends like a complete one when it is asked again; a stream does not."""

    def failing() -> Generator[pa.RecordBatch]:
        yield batch(1)
        raise Unavailable("source-locked", file="a")

    stream = BatchStream(SCHEMA, failing())
    assert next(stream).num_rows == 1
    for _ in range(3):
        with pytest.raises(Unavailable) as caught:
            stream.read_all()
        assert caught.value.code == "source-locked"


def test_a_closed_stream_is_no_answer() -> None:
    """Closing ends the work at once; asking on is an error and not the end."""
    done: list[str] = []

    def working() -> Generator[pa.RecordBatch]:
        try:
            for n in range(1_000):
                done.append(str(n))
                yield batch(n)
        finally:
            done.append("let go")

    stream = BatchStream(SCHEMA, working())
    next(stream)
    stream.close()
    stream.close()
    assert done == ["0", "let go"]
    with pytest.raises(Unavailable) as caught:
        list(stream)
    assert caught.value.code == "stream-closed"


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 25))
def test_batches_of_any_sizes_become_batches_of_one_size(sizes: list[int], rows: int) -> None:
    """All rows, in order, in full batches but for the last: sizes tell nothing of what was filtered between them."""
    numbers = iter(range(1_000))
    tables = (pa.table({"n": [next(numbers) for _ in range(size)]}, schema=SCHEMA) for size in sizes)
    batches = list(rebatched((table for table in tables), rows=rows))
    total = sum(sizes)
    assert [b.num_rows for b in batches] == [rows] * (total // rows) + ([total % rows] if total % rows else [])
    assert [n for b in batches for n in b.column(0).to_pylist()] == list(range(total))


@pytest.fixture
def many(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> Clinic:
    """A holder whose persons leave in ten batches."""
    for module in (holdings, department):
        monkeypatch.setattr(module, "BATCH_ROWS", 100)
    clinic.write(persons=[{**PERSONS[0], "person_id": f"{n:010d}"} for n in range(1_000)])
    return clinic


def test_a_scan_that_fails_on_the_way_is_no_answer(many: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw in the fifth batch: a fault without its words, now and whenever it is asked again."""
    read = Snapshot.batches

    def failing(self: Snapshot, columns: Any, *, rows: int) -> Generator[pa.RecordBatch]:
        for number, found in enumerate(read(self, columns, rows=rows)):
            if number == 5:
                raise OSError("CANARY in the disk's words")
            yield found

    monkeypatch.setattr(Snapshot, "batches", failing)
    ask = order(many, "clinic.person", {"person_id": PSEUDONYM})
    stream = many.department.scan(ask, many.evidence(ask))
    received: list[pa.RecordBatch] = []
    with pytest.raises(Fault) as caught:
        received.extend(stream)
    assert 0 < sum(b.num_rows for b in received) < 1_000
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert "CANARY" not in str(caught.value)
    with pytest.raises(SekishoError):
        stream.read_all()


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What is logged meanwhile."""
    written = io.StringIO()
    configure_log(written, level=0)
    yield written
    structlog.reset_defaults()


def test_a_scan_that_is_given_up_stops(many: Clinic, monkeypatch: pytest.MonkeyPatch, log: io.StringIO) -> None:
    """A broker that closes the stream: no further batch is read, the snapshot is let go, the log says broken off."""
    read = Snapshot.batches
    taken: list[int] = []

    def counting(self: Snapshot, columns: Any, *, rows: int) -> Generator[pa.RecordBatch]:
        for found in read(self, columns, rows=rows):
            taken.append(found.num_rows)
            yield found

    monkeypatch.setattr(Snapshot, "batches", counting)
    ask = order(many, "clinic.person", {"person_id": RAW})
    stream = many.department.scan(ask, many.evidence(ask))
    next(iter(stream))
    stream.close()
    assert len(taken) <= 2
    assert not [p for p in Path("/proc/self/fd").iterdir() if str(many.root) in str(p.resolve())]
    assert "scan-broken-off" in log.getvalue()
    assert many.department.rows("clinic.person", as_of=AS_OF) == 1_000


def test_a_scan_goes_on_with_the_state_it_began_with(many: Clinic) -> None:
    """A new extract that arrives between two batches is not mixed into the answer."""
    ask = order(many, "clinic.person", {"person_id": RAW})
    stream = many.department.scan(ask, many.evidence(ask))
    first = next(iter(stream))
    many.write(persons=PERSONS)
    assert many.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)
    assert first.num_rows + stream.read_all().num_rows == 1_000
