"""The disposable process answers one query over granted scans; whatever happens to it, nothing comes out but a code."""

from __future__ import annotations

import io
import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from governance.errors import BadInput, Unavailable
from query_broker.combine import Combiner, ScanStream, _read
from query_broker.worker import hardened_connection

TABLE = pa.table({"k": pa.array([1, 2, 3], pa.int64()), "v": pa.array(["a", "b", None], pa.string())})
SPIN = "SELECT count(*) AS n FROM range(1000000000000) a WHERE a.range % 7 = 3"


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    """One for all tests of this file; each query gets a process of its own."""
    with Combiner(memory_mb=256, threads=1) as started:
        yield started


def _stream(*ids: str, table: pa.Table = TABLE) -> ScanStream:
    return ScanStream(ids=ids, table=table)


def waiting(combiner: Combiner) -> subprocess.Popen[bytes]:
    """The process that waits for the next query."""
    combiner.prepare()
    (worker,) = combiner._waiting
    return worker


def test_a_query_runs_over_its_scans(combiner: Combiner) -> None:
    """Streams stand under their ids, two references to one stream under theirs, and parameters are bound."""
    answer = combiner.run(
        'SELECT "s1"."v" AS "v", "s2"."k" + $n AS "k", $day AS "day", $so AS "so", $word AS "word" '
        'FROM "s1" AS "s1" JOIN "s2" AS "s2" ON "s1"."k" = "s2"."k" JOIN "s3" AS "s3" ON "s3"."k" = "s1"."k" '
        'WHERE "s1"."v" IS NOT NULL ORDER BY 2',
        parameters={"n": 10, "day": date(2023, 10, 1), "so": True, "word": "漢'字"},
        streams=[_stream("s1", "s2"), _stream("s3")],
    )
    assert answer.to_pylist() == [
        {"v": v, "k": k, "day": date(2023, 10, 1), "so": True, "word": "漢'字"} for v, k in (("a", 11), ("b", 12))
    ]


@pytest.mark.parametrize("most", [99, 100])
def test_a_result_with_too_many_rows_is_not_read_to_its_end(combiner: Combiner, most: int) -> None:
    """A product of small tables can be longer than all memory; the broker, which serves everybody, does not hold it."""
    table = pa.table({"k": range(10)})
    sql = 'SELECT a."k" FROM "s1" AS a, "s2" AS b ORDER BY 1'
    asked = {"parameters": {}, "streams": [_stream("s1", "s2", table=table)], "counting": None}
    if most == 100:
        assert combiner.run_counted(sql, **asked, most_rows=most).table.num_rows == 100
        return
    with pytest.raises(BadInput) as refusal:
        combiner.run_counted(sql, **asked, most_rows=most)
    assert (refusal.value.code, refusal.value.params) == ("mask-output-cap", {"max_rows": 99})


def test_of_a_result_that_is_too_long_the_rest_is_never_seen() -> None:
    """Reading stops at the first batch that is too much: what comes behind may be anything."""
    streamed = io.BytesIO()
    with pa.ipc.new_stream(streamed, TABLE.schema) as writer:
        writer.write_table(TABLE)
        writer.write_table(TABLE)
        good = streamed.tell()
    broken = streamed.getvalue()[: good - 8]
    with pytest.raises(OSError):
        _read(io.BytesIO(broken))
    with pytest.raises(BadInput):
        _read(io.BytesIO(broken), most_rows=2)


def test_pseudonyms_go_in_and_come_out_as_uuids(combiner: Combiner) -> None:
    """A UUID is 16 bytes on both ways, not its text."""
    storage = pa.array([bytes([n] * 16) for n in (1, 2)], pa.binary(16))
    table = pa.table({"r": pa.ExtensionArray.from_storage(pa.uuid(), storage)})
    answer = combiner.run(
        'SELECT "s1"."r" AS "r" FROM "s1" AS "s1"', parameters={}, streams=[_stream("s1", table=table)]
    )
    assert answer.schema.field("r").type == pa.uuid()
    assert answer.column("r").combine_chunks().storage.to_pylist() == storage.to_pylist()


def test_a_large_stream_goes_through(combiner: Combiner) -> None:
    """More than any pipe holds at once, in many batches, both ways."""
    rows = 300_000
    table = pa.table({"k": pa.array(range(rows), pa.int64()), "v": pa.array([f"{n:032d}" for n in range(rows)])})
    batched = pa.Table.from_batches(table.to_batches(max_chunksize=10_000))
    answer = combiner.run(
        'SELECT "s1"."v" AS "v" FROM "s1" AS "s1"', parameters={}, streams=[_stream("s1", table=batched)]
    )
    assert answer.num_rows == rows


SETTINGS = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "max_temp_directory_size": "0 bytes",
    "memory_limit": "244.1 MiB",
    "threads": "1",
    "arrow_lossless_conversion": "true",
}


def test_the_settings_are_the_ones_that_were_meant(combiner: Combiner) -> None:
    """Read back in the real process: no files, no network, no extensions, bounded memory and threads, all locked."""
    answer = combiner.run("SELECT name, value FROM duckdb_settings()", parameters={}, streams=[])
    found = {row["name"]: row["value"] for row in answer.to_pylist()}
    assert {name: found[name] for name in SETTINGS} == SETTINGS


ATTEMPTS = [
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM read_parquet('https://example.invalid/x.parquet')",
    "SELECT * FROM read_json('s3://bucket/x.json')",
    "COPY (SELECT 1) TO '/tmp/out.csv'",
    "EXPORT DATABASE '/tmp/out'",
    "IMPORT DATABASE '/tmp/out'",
    "ATTACH '/tmp/other.duckdb' AS other",
    "ATTACH ':memory:' AS other; ATTACH '/tmp/x.duckdb' AS third",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '/tmp/evil.duckdb_extension'",
    "FORCE INSTALL spatial FROM community",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "RESET lock_configuration",
    "SET memory_limit = '64GB'",
    "SET threads = 64",
    "SET temp_directory = '/tmp'",
    "PRAGMA threads = 64",
    "CREATE SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "CREATE PERSISTENT SECRET s (TYPE s3, KEY_ID 'x', SECRET 'y')",
    "SELECT getenv('HOME')",
    "SELECT * FROM python_map_function()",
    "SELECT * FROM connection",
    "SELECT * FROM scans",
]


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """An engine hardened like the process's, with one scan."""
    connection = hardened_connection(memory_mb=256, threads=1)
    connection.register("s1", TABLE)
    return connection


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_the_engine_reaches_nothing_but_its_scans(engine: duckdb.DuckDBPyConnection, attempt: str) -> None:
    """Were any of these to slip past every check, the engine of the process would still refuse it."""
    with pytest.raises(duckdb.Error):
        engine.execute(attempt).fetchall()
    assert engine.execute('SELECT count(*) FROM "s1"').fetchall() == [(3,)]


def test_the_process_says_nothing_of_why(combiner: Combiner) -> None:
    """A refused attempt in the real process is one code."""
    with pytest.raises(Unavailable) as refusal:
        combiner.run("SELECT * FROM read_text('/etc/passwd')", parameters={}, streams=[])
    assert (refusal.value.code, refusal.value.params) == ("combine-refused", {})


def test_the_process_has_no_environment(combiner: Combiner) -> None:
    """What the broker's environment holds is not handed on; whoever is not root cannot even look."""
    pid = waiting(combiner).pid
    try:
        environ = Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return
    assert not [line for line in environ.split(b"\0") if line and not line.startswith(b"LC_CTYPE=")]


def test_a_killed_process_is_an_unavailable_part() -> None:
    """Kill -9 in the middle of a query releases nothing, and the next query has a process of its own."""
    with Combiner(memory_mb=256, threads=1) as combiner:
        worker = waiting(combiner)
        killer = threading.Timer(0.5, worker.kill)
        killer.start()
        with pytest.raises(Unavailable) as refusal:
            combiner.run(SPIN, parameters={}, streams=[])
        assert refusal.value.code == "combine-died"
        assert combiner.run("SELECT 1 AS x", parameters={}, streams=[]).to_pylist() == [{"x": 1}]


def test_a_waiting_process_that_died_is_an_unavailable_part() -> None:
    """The one that waits may be gone when it is needed."""
    with Combiner(memory_mb=256, threads=1) as combiner:
        os.kill(waiting(combiner).pid, signal.SIGKILL)
        with pytest.raises(Unavailable) as refusal:
            combiner.run("SELECT 1 AS x", parameters={}, streams=[_stream("s1")])
        assert refusal.value.code == "combine-died"


def test_a_late_process_is_killed() -> None:
    """A query that goes on is ended from outside at its deadline; the engine is not asked to stop."""
    with Combiner(deadline_seconds=1.0, memory_mb=256, threads=1) as combiner:
        worker = waiting(combiner)
        with pytest.raises(Unavailable) as refusal:
            combiner.run(SPIN, parameters={}, streams=[])
        assert refusal.value.code == "combine-late"
        assert worker.returncode == -signal.SIGKILL


def test_memory_is_bounded() -> None:
    """A query that needs more memory than it may have is refused; nothing is written to disk instead."""
    with Combiner(memory_mb=64, threads=1) as combiner, pytest.raises(Unavailable) as refusal:
        combiner.run("SELECT list(a.range) AS x FROM range(100000000) a", parameters={}, streams=[])
    assert refusal.value.code == "combine-out-of-memory"


def test_after_closing_nothing_runs() -> None:
    """Leaving a combiner kills the process that waits and starts no other."""
    with Combiner(memory_mb=64, threads=1) as combiner:
        worker = waiting(combiner)
    assert worker.returncode == -signal.SIGKILL
    with pytest.raises(Unavailable):
        combiner.run("SELECT 1 AS x", parameters={}, streams=[])
    assert combiner._waiting == []


def _speak(*parts: bytes) -> tuple[bytes, bytes, int]:
    """Start a process, say something to it, and read all that it says on both its ways, and its exit status."""
    finished = subprocess.run(
        [sys.executable, "-I", "-m", "query_broker.worker", "64", "1"],
        input=b"".join(parts),
        capture_output=True,
        env={},
        timeout=60,
        check=False,
    )
    return finished.stdout, finished.stderr, finished.returncode


def _request(sql: str, *ids: str, parameters: dict[str, object] | None = None) -> bytes:
    scans = [{"id": name, "also": []} for name in ids]
    return json.dumps({"sql": sql, "parameters": parameters or {}, "scans": scans}).encode() + b"\n"


def _ipc(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


CANARY = "zqcanary-0000000294"
SECRETS = pa.table({"v": pa.array([CANARY] * 3, pa.string())})

LEAKING = {
    "a cast that fails": (_request('SELECT CAST("v" AS INTEGER) AS x FROM s1', "s1"), _ipc(SECRETS)),
    "an error function": (_request('SELECT error("v") AS x FROM s1', "s1"), _ipc(SECRETS)),
    "SQL that cannot be read": (_request(f"SELECT '{CANARY}' FROM", "s1"), _ipc(SECRETS)),
    "a name that is not there": (_request(f'SELECT "{CANARY}" FROM s1', "s1"), _ipc(SECRETS)),
    "a parameter that is not there": (_request("SELECT $x FROM s1", "s1"), _ipc(SECRETS)),
    "a parameter that cannot be bound": (
        _request("SELECT $x FROM s1", "s1", parameters={"x": {"type": "date", "value": CANARY}}),
        _ipc(SECRETS),
    ),
    "a stream that breaks off": (_request("SELECT 1", "s1"), _ipc(SECRETS)[:-200]),
    "a stream that is none": (_request("SELECT 1", "s1"), CANARY.encode() * 100),
    "a request that is none": (CANARY.encode() + b"\n",),
    "a request of another shape": (json.dumps([CANARY]).encode() + b"\n",),
    "nothing": (b"",),
}


@pytest.mark.parametrize("why", LEAKING)
def test_no_value_comes_out_of_a_refusal(why: str) -> None:
    """On neither way out of the process stands anything but its words; the engine's own hold values."""
    out, err, status = _speak(*LEAKING[why])
    assert out in {b"ready\nengine-refused\n", b"ready\nstream-unreadable\n"}
    assert (err, status) == (b"", 0)


STRANGE = [
    pa.table({"k": pa.array([[1], [2]], pa.list_(pa.int64()))}),
    pa.table({"k": pa.array([{"a": 1}], pa.struct([("a", pa.int64())]))}),
    pa.table({"k": pa.array(["x", "y"]).dictionary_encode()}),
    pa.table({"k": pa.array([1.5], pa.float16())}),
    pa.table([pa.array([1]), pa.array([2])], names=["k", "k"]),
    pa.table({"": pa.array([1])}),
]


@pytest.mark.parametrize("table", STRANGE, ids=lambda table: str(table.schema.types[0]))
def test_strange_streams_end_in_words(table: pa.Table) -> None:
    """Types and names that no order has are read or refused, without a trace on the error channel."""
    out, err, status = _speak(_request('SELECT count(*) AS n FROM "s1" AS "s1"', "s1"), _ipc(table))
    assert out.startswith((b"ready\ndone\n", b"ready\nengine-refused\n", b"ready\nstream-unreadable\n"))
    assert (err, status) == (b"", 0)


@pytest.mark.fuzz
def test_mutated_streams_never_reach_the_broker_as_anything_but_unavailable() -> None:
    """Bytes of a department's stream flipped, cut, doubled and inserted: the reading process refuses or answers.

    The same parsing as in the process, with mutations by the hundred in one process, since what may not happen is an
    exception of another kind than those that the process turns into a word.
    """
    chance, whole = random.Random(20231001), _ipc(pa.concat_tables([TABLE] * 5))
    outcomes: dict[str, int] = {"read": 0, "refused": 0}
    for _ in range(600):
        outcomes[_read_mutant(bytes(_mutated(bytearray(whole), chance)))] += 1
    assert min(outcomes.values()) > 50


def _mutated(stream: bytearray, chance: random.Random) -> bytearray:
    for _ in range(chance.choice((1, 1, 2, 5))):
        place = chance.randrange(len(stream))
        match chance.randrange(5):
            case 0:
                stream[place] ^= 1 << chance.randrange(8)
            case 1:
                stream[place] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
            case 2:
                del stream[place : place + chance.randint(1, 40)]
            case 3:
                stream[place:place] = stream[place : place + chance.randint(1, 40)]
            case 4:
                stream[place:place] = chance.randbytes(chance.randint(1, 20))
    return stream


def _read_mutant(stream: bytes) -> str:
    try:
        with pa.ipc.open_stream(io.BytesIO(stream)) as reader:
            for batch in reader:
                batch.validate(full=True)
    except (pa.ArrowException, OSError, ValueError):
        return "refused"
    return "read"


def test_mutated_streams_in_the_real_process(combiner: Combiner) -> None:
    """A handful of mutations through the process itself: it answers or ends in a word, and the next query runs."""
    chance, whole = random.Random(7), _ipc(TABLE)
    for _ in range(3):
        mutant = bytes(_mutated(bytearray(whole), chance))
        out, err, _ = _speak(_request('SELECT count(*) AS n FROM "s1" AS "s1"', "s1"), mutant)
        assert out.startswith((b"ready\ndone\n", b"ready\nstream-unreadable\n", b"ready\nengine-refused\n"))
        assert err == b""
    assert combiner.run("SELECT 1 AS x", parameters={}, streams=[]).num_rows == 1


IMPOSTORS = {
    "says nothing": "pass",
    "says something else": "print('hello')",
    "says half a word": "import sys; sys.stdout.write('rea')",
    "says a very long word": "print('r' * 100000)",
    "sends no stream": "print('ready'); import sys; sys.stdin.buffer.read(); print('done')",
    "sends half a stream": (
        "import sys, pyarrow as pa; print('ready', flush=True); sys.stdin.buffer.read(); print('done', flush=True);"
        "sink = pa.BufferOutputStream(); t = pa.table({'x': list(range(1000))});"
        "w = pa.ipc.new_stream(sink, t.schema); w.write_table(t); w.close();"
        "sys.stdout.buffer.write(sink.getvalue().to_pybytes()[:-3000]); sys.stdout.flush()"
    ),
    "sends noise": "import os, sys; print('ready', flush=True); sys.stdin.buffer.read();"
    "sys.stdout.buffer.write(b'done\\n' + os.urandom(5000)); sys.stdout.flush()",
    "closes its ears": "import sys; print('ready', flush=True); sys.stdin.close()",
}


@pytest.mark.parametrize("what", IMPOSTORS)
def test_whatever_a_process_says_the_broker_only_finds_it_unavailable(combiner: Combiner, what: str) -> None:
    """A process that was taken over can say anything; the broker reads a word and a stream, or nothing was released."""
    replaced = waiting(combiner)
    combiner._waiting = [
        subprocess.Popen(
            [sys.executable, "-c", IMPOSTORS[what]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    ]
    replaced.kill()
    replaced.communicate()
    big = pa.table({"v": ["x" * 1000] * 1000})
    with pytest.raises(Unavailable) as refusal:
        combiner.run("SELECT 1 AS x", parameters={}, streams=[_stream("s1", table=big)])
    assert refusal.value.code == "combine-died"


def test_processes_are_gone_afterwards(combiner: Combiner) -> None:
    """Each query's process has ended when its answer is there, and another waits for the next query."""
    worker = waiting(combiner)
    combiner.run("SELECT 1 AS x", parameters={}, streams=[])
    assert worker.poll() is not None
    (next_one,) = combiner._waiting
    assert (next_one.pid != worker.pid, next_one.poll()) == (True, None)


def test_who_combines_nothing_starts_no_process() -> None:
    """The first process is started for the first allowed query; as many wait as were asked for, none after the end."""
    with Combiner(memory_mb=256, threads=1) as combiner:
        assert combiner._waiting == []
        combiner.prepare(2)
        first = list(combiner._waiting)
        combiner.prepare()
        assert combiner._waiting == first
    assert [worker.poll() is not None for worker in first] == [True, True]
    combiner.prepare()
    assert combiner._waiting == []


def test_queries_at_once_do_not_meet(combiner: Combiner) -> None:
    """Several threads get each their own answer."""
    found: dict[int, int] = {}

    def ask(number: int) -> None:
        table = pa.table({"k": pa.array([number], pa.int64())})
        answer = combiner.run('SELECT "k" AS "k" FROM "s1"', parameters={}, streams=[_stream("s1", table=table)])
        found[number] = answer.to_pylist()[0]["k"]

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: number for number in range(4)}
