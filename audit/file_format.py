"""The SQLite file of a ledger: its schema, how it is opened, and what a failure of SQLite means."""

from __future__ import annotations

import sqlite3
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Literal

from governance.errors import CheckFailed, SekishoError, Unavailable

APPLICATION_ID = 0x53454B4C
"""``SEKL`` in the header of the file."""

FORMAT_VERSION = 1

Mode = Literal["rw", "ro"]

_DAMAGED = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_FORMAT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_TOOBIG,
        # The statements are fixed and right. Where one of them is wrong, the file is not what it was.
        sqlite3.SQLITE_ERROR,
    }
)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


@cache
def schema_sql() -> str:
    """The statements that make an empty ledger."""
    return resources.files("audit").joinpath("schemas", "ledger.sql").read_text(encoding="utf-8")


def connect(
    path: Path,
    *,
    mode: Mode,
    connection: type[sqlite3.Connection] = sqlite3.Connection,
    busy_seconds: float,
) -> sqlite3.Connection:
    """A connection to an existing file, in autocommit: every transaction is begun and committed by name.

    Raises:
        Unavailable: there is no such file, or its folder cannot be looked into.
        CheckFailed: the file is so damaged that SQLite's complaint about it is no text.
        sqlite3.Error: it cannot be opened.
    """
    try:
        exists = path.is_file()
    except OSError:
        raise Unavailable("ledger-unavailable", file=path.name) from None
    if not exists:
        raise Unavailable("ledger-missing", file=path.name)
    opened = _connect(path, f"mode={mode}", connection, busy_seconds)
    try:
        opened.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        opened.close()
        # A copy on a medium that cannot be written: SQLite wants to make its shared index beside the file. Without
        # anything in a write-ahead log, nobody writes, and the file is all there is.
        refused = primary_code(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if mode == "ro" and refused and _log_is_empty(path):
            return _connect(path, "mode=ro&immutable=1", connection, busy_seconds)
        raise
    except UnicodeDecodeError:
        # SQLite quotes the damaged schema in its message, and Python reads the message as UTF-8.
        opened.close()
        raise CheckFailed("ledger-damaged", file=path.name) from None
    except BaseException:
        opened.close()
        raise
    return opened


def check_format(connection: sqlite3.Connection, *, file: str) -> None:
    """Check that the file is a ledger of this format, with every table and trigger as it was made.

    Raises:
        CheckFailed: it is not.
    """
    found = (
        connection.execute("PRAGMA application_id").fetchone()[0],
        connection.execute("PRAGMA user_version").fetchone()[0],
    )
    if found != (APPLICATION_ID, FORMAT_VERSION) or _objects(connection) != _expected_objects():
        raise CheckFailed("ledger-damaged", file=file)


def explain(error: sqlite3.Error, *, file: str) -> SekishoError:
    """What a failure of SQLite while reading means for the reader. SQLite's own text stays out of it."""
    if primary_code(error) in _BUSY:
        return Unavailable("ledger-busy", file=file)
    if primary_code(error) in _DAMAGED:
        return CheckFailed("ledger-damaged", file=file)
    return Unavailable("ledger-unavailable", file=file)


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 where the error is not SQLite's own."""
    code: int = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF


def _log_is_empty(path: Path) -> bool:
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size == 0
    except FileNotFoundError:
        return True


def _connect(path: Path, query: str, connection: type[sqlite3.Connection], busy_seconds: float) -> sqlite3.Connection:
    opened = sqlite3.connect(
        f"{path.absolute().as_uri()}?{query}",
        uri=True,
        isolation_level=None,
        timeout=busy_seconds,
        factory=connection,
        check_same_thread=False,
    )
    try:
        # The file may come from anybody: its schema may not call functions, and its pages are looked at before use.
        opened.execute("PRAGMA trusted_schema = OFF")
        opened.execute("PRAGMA cell_size_check = ON")
    except BaseException:
        opened.close()
        raise
    return opened


def _objects(connection: sqlite3.Connection) -> list[tuple[object, ...]]:
    # As bytes: the text of a damaged file need not be UTF-8.
    return connection.execute(
        "SELECT CAST(type AS BLOB), CAST(name AS BLOB), CAST(tbl_name AS BLOB), CAST(sql AS BLOB)"
        " FROM sqlite_master ORDER BY type, name"
    ).fetchall()


@cache
def _expected_objects() -> list[tuple[object, ...]]:
    blank = sqlite3.connect(":memory:")
    try:
        blank.executescript(schema_sql())
        return _objects(blank)
    finally:
        blank.close()
