"""The disposable process that combines: it can see the granted scans and nothing else, and answers one query.

It is started ahead of need, hardens itself, answers a question of its own so that nothing is left to load, gives up
every further file and socket, says ``ready``, and waits. Then it reads one request from standard input (a line of JSON,
then one Arrow stream a scan), runs the query in an in-memory DuckDB, says ``done``, writes one Arrow stream and ends.
What a department sent is parsed here and nowhere else. Whatever goes wrong, the answer is one word; the engine's own
words may hold values and stay here (I5, I7).
"""

from __future__ import annotations

import ctypes
import io
import json
import resource
import sys
from datetime import date
from io import BufferedIOBase
from typing import Any

import duckdb
import pyarrow as pa

from masking.populations import Shape, sketch_populations

ADDRESS_SPACE_BYTES = 8 * 2**30
CPU_SECONDS = 120
STANDARD_STREAMS = 3
ROWS_AT_ONCE = 10_000

_LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_AS: ADDRESS_SPACE_BYTES,
    resource.RLIMIT_CPU: CPU_SECONDS,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_NOFILE: STANDARD_STREAMS,
}
_GET_DUMPABLE, _SET_DUMPABLE = 3, 4

_SETTINGS_BEFORE_LOCK = (
    # External access goes first: with file systems disabled the engine refuses to disable it, and it would stay on.
    ("enable_external_access", "false"),
    ("disabled_filesystems", "'LocalFileSystem'"),
    ("arrow_lossless_conversion", "true"),
    ("lock_configuration", "true"),
)
_READ_BACK = {
    "enable_external_access": "false",
    "lock_configuration": "true",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "max_temp_directory_size": "0 bytes",
    "arrow_lossless_conversion": "true",
}


def hardened_connection(*, memory_mb: int, threads: int) -> duckdb.DuckDBPyConnection:
    """An in-memory engine without files, network, extensions or changeable settings, read back to be sure.

    Raises:
        RuntimeError: a setting did not take.
    """
    connection = duckdb.connect(
        ":memory:",
        config={
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "allow_community_extensions": "false",
            "allow_unsigned_extensions": "false",
            "allow_persistent_secrets": "false",
            "python_enable_replacements": "false",
            "memory_limit": f"{memory_mb}MB",
            "max_temp_directory_size": "0KB",
            "threads": str(threads),
            "max_expression_depth": "250",
        },
    )
    for name, value in _SETTINGS_BEFORE_LOCK:
        connection.execute(f"SET {name}={value}").fetchall()
    for name, wanted in _READ_BACK.items():
        rows = connection.execute("SELECT value FROM duckdb_settings() WHERE name = $name", {"name": name}).fetchall()
        if [str(row[0]).lower() for row in rows] != [wanted]:
            raise RuntimeError(name)
    return connection


def load_what_is_loaded_late(connection: duckdb.DuckDBPyConnection) -> None:
    """Answer a question of our own: the engine loads libraries with the first one, and later no file can be opened."""
    streamed = io.BytesIO()
    identifiers = pa.ExtensionArray.from_storage(pa.uuid(), pa.array([bytes(16)], pa.binary(16)))
    table = pa.table({"u": identifiers, "n": pa.array([1], pa.int64()), "d": pa.array([date(2000, 1, 1)])})
    with pa.ipc.new_stream(streamed, table.schema) as writer:
        writer.write_table(table)
    streamed.seek(0)
    _read_streams(streamed, [{"id": "first", "also": ["second"]}], connection)
    sql = 'SELECT "u", sum("n") + $n AS "n", max("d") AS "d" FROM "second" GROUP BY "u" ORDER BY "u"'
    connection.sql(sql, params={"n": 1}).to_arrow_table().validate(full=True)
    connection.execute('DROP VIEW "second"').fetchall()
    connection.unregister("first")


def limit_resources() -> None:
    """Bound what this process may use, read back to be sure: no core, no byte into any file, no further file or socket.

    Sockets are descriptors, so that a process that may have no fourth descriptor has no network, on every platform.

    Raises:
        RuntimeError: a limit did not take.
    """
    for kind, most in _LIMITS.items():
        resource.setrlimit(kind, (most, most))
        if resource.getrlimit(kind) != (most, most):
            raise RuntimeError(kind)
    if sys.platform == "linux":
        # A limit of 0 does not keep a core from a program that the system hands cores to; this does.
        system = ctypes.CDLL(None, use_errno=True)
        system.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
        if system.prctl(_GET_DUMPABLE, 0, 0, 0, 0) != 0:
            raise RuntimeError(_SET_DUMPABLE)


def _value(document: dict[str, Any]) -> object:
    return date.fromisoformat(document["value"]) if document["type"] == "date" else document["value"]


def _read_streams(source: BufferedIOBase, scans: list[dict[str, Any]], connection: duckdb.DuckDBPyConnection) -> None:
    for scan in scans:
        with pa.ipc.open_stream(source) as reader:
            batches = []
            for batch in reader:
                batch.validate(full=True)
                batches.append(batch)
            connection.register(scan["id"], pa.Table.from_batches(batches, schema=reader.schema))
        for other in scan["also"]:
            # Each table reference has a view of its own, also where one stream serves several.
            view = f'CREATE TEMP VIEW "{other}" AS SELECT * FROM "{scan["id"]}"'  # noqa: S608 - ids are our own
            connection.execute(view).fetchall()


def _answer(source: BufferedIOBase, target: BufferedIOBase, connection: duckdb.DuckDBPyConnection) -> None:
    try:
        request = json.loads(source.readline())
        _read_streams(source, request["scans"], connection)
    except (duckdb.OutOfMemoryException, MemoryError):
        return _say(target, "out-of-memory")
    except Exception:  # noqa: BLE001 - whatever it is, its traceback may hold values
        return _say(target, "stream-unreadable")
    try:
        parameters = {name: _value(value) for name, value in request["parameters"].items()}
        tables = [connection.sql(request["sql"], params=parameters).to_arrow_table()]
        if request["counting"] is not None:
            tables.append(_populations(request["counting"], parameters, connection))
    except (duckdb.OutOfMemoryException, MemoryError):
        return _say(target, "out-of-memory")
    except Exception:  # noqa: BLE001 - as above
        return _say(target, "engine-refused")
    _say(target, "done")
    for table in tables:
        with pa.ipc.new_stream(target, table.schema) as writer:
            writer.write_table(table, max_chunksize=ROWS_AT_ONCE)
    return None


def _populations(
    counting: dict[str, Any], parameters: dict[str, object], connection: duckdb.DuckDBPyConnection
) -> pa.Table:
    """The sketches of the persons behind the answer; the persons themselves end with this process."""
    bound = {name: parameters[name] for name in counting["parameters"]}
    persons = connection.sql(counting["sql"], params=bound).to_arrow_table()
    shape = Shape(**{name: counting[name] for name in ("groups", "units", "measures", "smallest", "length")})
    return sketch_populations(persons, shape, key=bytes.fromhex(counting["key"]))


def _say(target: BufferedIOBase, word: str) -> None:
    target.write(word.encode() + b"\n")
    target.flush()


def main() -> None:
    """Serve one request on standard input and output, then end. Arguments: memory in MB, threads."""
    source: BufferedIOBase = io.BufferedReader(io.FileIO(sys.stdin.fileno()))
    target: BufferedIOBase = io.BufferedWriter(io.FileIO(sys.stdout.fileno(), "w"))
    connection = hardened_connection(memory_mb=int(sys.argv[1]), threads=int(sys.argv[2]))
    load_what_is_loaded_late(connection)
    limit_resources()
    _say(target, "ready")
    _answer(source, target, connection)
    target.flush()


if __name__ == "__main__":
    main()
