"""The file of the deployment's own store: SQLite, one connection a use, one error for whatever goes wrong with it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from governance.errors import Unavailable

FILE = "store.sqlite"


@contextmanager
def connected(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection of its own: one store serves several threads, and processes see each other's changes.

    Raises:
        Unavailable: the file cannot be read or written as a store.
    """
    mode = "rwc" if create else "rw"
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, timeout=30
        )
        try:
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            yield connection
        finally:
            # An open transaction that was not committed is undone here.
            connection.close()
    except sqlite3.Error as error:
        raise Unavailable("store-unavailable", file=path.name) from error
