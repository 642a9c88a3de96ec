"""Small SQLite databases of text columns, as packaged systems keep them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from reference.akishima.extracts.about import ABOUT

Row = Sequence[str | int | None]


def write_sqlite(path: Path, tables: Mapping[str, tuple[Sequence[str], Iterable[Row]]]) -> None:
    """A new database: table name → columns and rows, and a table ``_about`` with the marking."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        for table, (columns, rows) in tables.items():
            connection.execute(f"CREATE TABLE {table} ({', '.join(columns)})")
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - question marks only
        connection.execute("CREATE TABLE _about (item TEXT, value TEXT)")
        connection.executemany("INSERT INTO _about VALUES (?, ?)", ABOUT)
