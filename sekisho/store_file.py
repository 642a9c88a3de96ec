"""The file of the deployment's own store: SQLite, one connection a use, one error for whatever goes wrong with it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
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


def make_private(path: Path, *, application: int, tables: Sequence[str]) -> None:
    """See that there is a store, in a file that only its owner reads; an empty one is made where there is none.

    Args:
        application: the number by which SQLite knows the kind of file.
        tables: statements that make an empty one.

    Raises:
        Unavailable: the file is another kind of store, or cannot be read or written.
    """
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Unavailable("store-unavailable", file=path.name) from error
    with connected(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        found = connection.execute("PRAGMA application_id").fetchone()
        if found == (0,):
            connection.execute(f"PRAGMA application_id = {application}")
            for table in tables:
                connection.execute(table)
            connection.execute("COMMIT")
        elif found != (application,):
            raise Unavailable("store-unavailable", file=path.name)
