"""The statements that run on a ledger's file. No judgement here: what may be written is decided before.

Every method lets ``sqlite3.Error`` through; the ledger knows what it means.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal

from audit.file_format import APPLICATION_ID, FORMAT_VERSION, check_format, connect, schema_sql
from audit.merkle import node_count
from governance.errors import BadInput, CheckFailed

Act = Literal["decision", "release"]


class Store:
    """One connection to the file of a ledger."""

    __slots__ = ("_connection", "file")

    def __init__(self, connection: sqlite3.Connection, *, file: str) -> None:
        self._connection = connection
        self.file = file

    @classmethod
    def writing(cls, path: Path, *, connection: type[sqlite3.Connection], busy_seconds: float) -> Store:
        """Open for writing: write-ahead log, and each commit on the disk before it returns."""
        opened = connect(path, mode="rw", connection=connection, busy_seconds=busy_seconds)
        return _checked(cls(opened, file=path.name), opened, durable=True)

    @classmethod
    def reading(cls, path: Path, *, connection: type[sqlite3.Connection], busy_seconds: float) -> Store:
        """Open for reading."""
        opened = connect(path, mode="ro", connection=connection, busy_seconds=busy_seconds)
        return _checked(cls(opened, file=path.name), opened, durable=False)

    def close(self) -> None:
        """Close the connection; what was begun and not committed is undone."""
        self._connection.close()

    def begin(self) -> None:
        """Take the one lock for writing and see the newest state."""
        self._connection.execute("BEGIN IMMEDIATE")

    def begin_reading(self) -> None:
        """Read one state until `rollback`, whatever others write."""
        self._connection.execute("BEGIN")

    def commit(self) -> None:
        """Make the transaction durable."""
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def checkpoint_note(self) -> bytes:
        """The signed note of the newest checkpoint."""
        return self._blob("SELECT note FROM checkpoint WHERE one = 1", ())

    def put_checkpoint(self, note: bytes) -> None:
        """Replace the checkpoint."""
        self._connection.execute(
            "INSERT INTO checkpoint (one, note) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET note = excluded.note",
            (note,),
        )

    def ends(self) -> tuple[int, int]:
        """How many entries and how many nodes there are, by the last of each."""
        row = self._connection.execute(
            "SELECT (SELECT coalesce(max(idx) + 1, 0) FROM entries), (SELECT coalesce(max(position) + 1, 0) FROM nodes)"
        ).fetchone()
        return row[0], row[1]

    def body(self, index: int) -> bytes:
        """The bytes of an entry that exists."""
        return self._blob("SELECT body FROM entries WHERE idx = ?", (index,))

    def bodies(self, start: int, stop: int) -> list[tuple[int, bytes]]:
        """Entries of a range, with their indices."""
        rows = self._connection.execute(
            "SELECT idx, body FROM entries WHERE idx >= ? AND idx < ? ORDER BY idx", (start, stop)
        ).fetchall()
        if not all(isinstance(body, bytes) for _, body in rows):
            raise CheckFailed("ledger-damaged", file=self.file)
        return rows

    def bodies_with(self, part: bytes, start: int) -> list[tuple[int, bytes]]:
        """Entries from an index on that hold some bytes, with their indices."""
        return self._connection.execute(
            "SELECT idx, body FROM entries WHERE idx >= ? AND instr(body, ?) > 0 ORDER BY idx", (start, part)
        ).fetchall()

    def node(self, position: int) -> bytes:
        """The hash at a post-order position that exists."""
        return self._blob("SELECT hash FROM nodes WHERE position = ?", (position,))

    def sidecar(self, digest: bytes) -> bytes | None:
        """The bytes of a sidecar."""
        row = self._connection.execute("SELECT body FROM sidecars WHERE digest = ?", (digest,)).fetchone()
        if row is not None and not isinstance(row[0], bytes):
            raise CheckFailed("ledger-damaged", file=self.file)
        return None if row is None else row[0]

    def act(self, request: bytes, kind: Act) -> int | None:
        """Index of the decision or the release of a request."""
        row = self._connection.execute(
            "SELECT idx FROM requests WHERE request = ? AND kind = ?", (request, kind)
        ).fetchone()
        return None if row is None else int(row[0])

    def add(
        self,
        first: int,
        *,
        bodies: Sequence[bytes],
        nodes: Sequence[bytes],
        sidecars: Iterable[tuple[bytes, bytes]],
        acts: Iterable[tuple[bytes, Act, int]],
    ) -> None:
        """Append entries from index ``first``, the nodes that they complete, and what belongs to them."""
        run = self._connection.executemany
        run("INSERT INTO entries (idx, body) VALUES (?, ?)", enumerate(bodies, start=first))
        run("INSERT INTO nodes (position, hash) VALUES (?, ?)", enumerate(nodes, start=node_count(first)))
        run("INSERT INTO sidecars (digest, body) VALUES (?, ?)", sidecars)
        run("INSERT INTO requests (request, kind, idx) VALUES (?, ?, ?)", acts)

    def _blob(self, statement: str, parameters: tuple[int, ...]) -> bytes:
        row = self._connection.execute(statement, parameters).fetchone()
        if row is None or not isinstance(row[0], bytes):
            raise CheckFailed("ledger-damaged", file=self.file)
        return row[0]


class NewFile:
    """A ledger's file before it has its name: made beside its place, and put there whole or not at all."""

    __slots__ = ("_path", "_target")

    def __init__(self, target: Path) -> None:
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        os.close(descriptor)
        self._path, self._target = Path(name), target

    def store(self, *, connection: type[sqlite3.Connection], busy_seconds: float) -> Store:
        """The new file with the empty tables of a ledger."""
        opened = connect(self._path, mode="rw", connection=connection, busy_seconds=busy_seconds)
        try:
            opened.execute("PRAGMA journal_mode = WAL")
            _make_durable(opened, file=self._target.name)
            opened.executescript(f"BEGIN;\n{schema_sql()}\nCOMMIT;")
            opened.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            opened.execute(f"PRAGMA user_version = {FORMAT_VERSION}")
        except BaseException:
            opened.close()
            raise
        return Store(opened, file=self._target.name)

    def publish(self) -> None:
        """Give the file its name, durably. Every connection to it is closed by now.

        Raises:
            BadInput: the name is taken.
            OSError: what was written has not all reached the file, or the directory cannot be written.
        """
        if self._path.with_name(f"{self._path.name}-wal").exists():
            # Closing could not move the write-ahead log into the file; SQLite does not say so.
            raise OSError
        try:
            # A link, unlike a rename, never replaces a ledger that appeared in the meantime.
            self._target.hardlink_to(self._path)
        except FileExistsError:
            raise BadInput("ledger-exists", file=self._target.name) from None
        directory = os.open(self._target.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def discard(self) -> None:
        """Remove the file under its temporary name, and what SQLite left beside it."""
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                self._path.with_name(f"{self._path.name}{suffix}").unlink()


def _checked(store: Store, connection: sqlite3.Connection, *, durable: bool) -> Store:
    try:
        check_format(connection, file=store.file)
        if durable:
            _make_durable(connection, file=store.file)
    except BaseException:
        connection.close()
        raise
    return store


def _make_durable(connection: sqlite3.Connection, *, file: str) -> None:
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    settings = (
        connection.execute("PRAGMA journal_mode").fetchone()[0],
        connection.execute("PRAGMA synchronous").fetchone()[0],
    )
    # A file system without shared memory falls back silently; a setting that was not read back is not a setting.
    if settings != ("wal", 2):
        raise CheckFailed("ledger-damaged", file=file)
