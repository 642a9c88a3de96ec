"""What the process that combines has given up before it is handed a row, seen from outside and tried from inside."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa

from masking.populations import Shape, sketch_populations
from query_broker.combine import Combiner, Counting, ScanStream
from query_broker.plan import PopulationPlan
from query_broker.relational import ColumnRef
from query_broker.worker import ADDRESS_SPACE_BYTES, CPU_SECONDS, STANDARD_STREAMS

GIVEN_UP = {
    "Max core file size": "0",
    "Max file size": "0",
    "Max open files": str(STANDARD_STREAMS),
    "Max cpu time": str(CPU_SECONDS),
    "Max address space": str(ADDRESS_SPACE_BYTES),
}

TRIED = """
import ctypes, json, os, socket, sys
from query_broker import worker
connection = worker.hardened_connection(memory_mb=256, threads=1)
{before}
found = {{}}
for name, attempt in {{
    "open": lambda: os.open("/dev/null", os.O_RDONLY),
    "temporary file": lambda: os.open("/dev/shm/sekisho-tried", os.O_CREAT | os.O_WRONLY),
    "internet": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "memory file": lambda: os.memfd_create("x"),
    "program": lambda: os.pipe(),
    "another descriptor": lambda: os.dup(1),
}}.items():
    try:
        attempt()
        found[name] = "done"
    except OSError as error:
        found[name] = os.strerror(error.errno)
found["core"] = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
print(json.dumps(found))
"""


def _tried(before: str) -> dict[str, object]:
    finished = subprocess.run(
        [sys.executable, "-c", TRIED.format(before=before)], capture_output=True, timeout=60, check=True
    )
    found: dict[str, object] = json.loads(finished.stdout)
    return found


def test_the_limits_hold_before_it_says_ready() -> None:
    """The system's own account of the process: what it may use at most, soft and hard alike."""
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "query_broker.worker", "64", "1"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        lines = Path(f"/proc/{process.pid}/limits").read_text(encoding="utf-8").splitlines()
        process.kill()
    found = {line[:26].strip(): line[26:].split()[:2] for line in lines[1:]}
    assert {name: found[name] for name in GIVEN_UP} == {name: [most, most] for name, most in GIVEN_UP.items()}


def test_code_in_it_reaches_no_network_and_no_file() -> None:
    """Code that came to run in the process opens neither file nor socket nor pipe, and leaves no core to anybody."""
    found = _tried("worker.load_what_is_loaded_late(connection); worker.limit_resources()")
    assert found.pop("core") == 0
    assert set(found.values()) == {"Too many open files"}


def test_the_attempts_are_attempts() -> None:
    """Without the limits each of the attempts is done: what stops them is what was given up."""
    found = _tried("")
    Path("/dev/shm/sekisho-tried").unlink()
    assert found.pop("core") == 1
    assert set(found.values()) == {"done"}


def test_what_it_gave_up_is_not_missed() -> None:
    """Nothing that an answer needs is loaded late: pseudonyms, dates, windows, sets and several threads."""
    storage = pa.array([bytes([n % 250] * 16) for n in range(200_000)], pa.binary(16))
    table = pa.table(
        {
            "r": pa.ExtensionArray.from_storage(pa.uuid(), storage),
            "n": pa.array(range(200_000), pa.int64()),
            "d": pa.array([date(2023, 4, 1 + n % 30) for n in range(200_000)]),
        }
    )
    with Combiner(memory_mb=512, threads=2) as combiner:
        answer = combiner.run(
            'SELECT date_trunc(\'month\', "d") AS m, count(DISTINCT "r") AS persons, avg("n") AS mean, '
            'row_number() OVER (ORDER BY date_trunc(\'month\', "d")) AS place FROM "s1" WHERE "d" >= $day GROUP BY 1 '
            "UNION ALL SELECT DATE '2000-01-01', 0, 0.0, 0 ORDER BY 2 DESC",
            parameters={"day": date(2023, 4, 1)},
            streams=[ScanStream(ids=("s1",), table=table)],
        )
    assert answer.column("persons").to_pylist() == [250, 0]
    assert answer.column("mean").to_pylist() == [99_999.5, 0.0]


def test_the_persons_behind_an_answer_are_sketched_all_the_same() -> None:
    """The sketches that the process makes are those that their own function makes where nothing was given up."""
    storage = pa.array([bytes([n % 40] * 16) for n in range(1_000)], pa.binary(16))
    persons = pa.table(
        {"g0": pa.array([n % 2 for n in range(1_000)]), "u0": pa.ExtensionArray.from_storage(pa.uuid(), storage)}
    )
    unit = ColumnRef(source="s1", name="u0")
    plan = PopulationPlan(sql='SELECT "g0", "u0" FROM "s1"', groups=1, units=(unit,), measures=(), parameters=())
    with Combiner(memory_mb=256, threads=1) as combiner:
        combined = combiner.run_counted(
            'SELECT count(*) AS "n" FROM "s1"',
            parameters={},
            streams=[ScanStream(ids=("s1",), table=persons)],
            counting=Counting(population=plan, smallest=5, length=8, key=bytes(32)),
        )
    shape = Shape(groups=1, units=1, measures=0, smallest=5, length=8)
    assert combined.table.to_pylist() == [{"n": 1_000}]
    assert combined.populations == sketch_populations(persons, shape, key=bytes(32))
    assert combined.populations is not None
    assert combined.populations.num_rows > 0
