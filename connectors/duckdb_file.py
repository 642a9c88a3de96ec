"""Tables of a DuckDB file, opened for reading only and without access to anything else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

from connectors.duckdb_lockdown import CONFIGURATION, lock_down
from connectors.look_alikes import undeclared_column
from connectors.sources import (
    SourceTexts,
    Stretch,
    read_columns,
    refuse_missing,
    relative_name,
    source_name,
    written_to,
)
from governance.catalogue import Dataset
from governance.errors import BadInput, Unavailable


class DuckdbSource:
    """One DuckDB file."""

    def __init__(self, path: Path, *, root: Path) -> None:
        self._path = path
        self._name = relative_name(path, root=root)

    def files(self, dataset: Dataset) -> tuple[Path, ...]:  # noqa: ARG002 - all tables stand in one file
        """The database, and its write-ahead log where there is one."""
        if not self._path.is_file():
            raise Unavailable("source-missing", file=self._name)
        log = self._path.with_name(self._path.name + ".wal")
        return (self._path, log) if written_to(log) else (self._path,)

    def read(self, dataset: Dataset) -> SourceTexts:
        """The texts of a table or a view of the schema ``main``; lists are joined by commas."""
        columns = read_columns(dataset)
        table = dataset.table or ""
        try:
            connection = duckdb.connect(str(self._path), read_only=True, config=dict(CONFIGURATION))
        except (duckdb.Error, RuntimeError) as error:
            raise self._refusal(error) from None
        with connection:
            try:
                lock_down(connection)
                types = _types_of(connection, table)
                if not types:
                    raise BadInput("source-table-missing", file=self._name, table=table, dataset=dataset.name)
                missing = (source_name(c) for c in columns if source_name(c) not in types)
                refuse_missing(missing, file=self._name, dataset=dataset.name)
                declared = [source_name(c) for c in columns]
                others = [name for name in types if name not in set(declared)]
                listed = ", ".join(_as_text(name, types[name]) for name in (*declared, *others))
                rows = connection.sql(f"SELECT {listed} FROM {_quoted(table)}").to_arrow_table()  # noqa: S608 - quoted
            except duckdb.Error as error:
                raise self._refusal(error) from None
        texts = rows.select(range(len(declared))).rename_columns([c.name for c in columns])
        positions = list(types)
        undeclared = tuple(
            undeclared_column(name, rows.column(len(declared) + n), file=self._name, position=positions.index(name) + 1)
            for n, name in enumerate(others)
        )
        stretch = Stretch(file=self._name, rows=texts.num_rows, header_rows=0)
        return SourceTexts(table=texts, stretches=(stretch,), undeclared=undeclared)

    def _refusal(self, error: Exception) -> BadInput | Unavailable:
        # DuckDB has one class for what cannot be opened; its words are looked at and never passed on.
        words = str(error)
        if "lock on file" in words or "different configuration" in words:
            return Unavailable("source-locked", file=self._name)
        if isinstance(error, duckdb.IOException) and "not a valid DuckDB" not in words:
            return Unavailable("source-unreadable", file=self._name)
        return BadInput("source-damaged", file=self._name)


def _types_of(connection: duckdb.DuckDBPyConnection, table: str) -> Mapping[str, str]:
    rows = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'main' AND table_name = $name",
        {"name": table},
    ).fetchall()
    return dict(rows)


def _as_text(column: str, data_type: str) -> str:
    if data_type.endswith("[]"):
        return f"array_to_string({_quoted(column)}, ',')"
    return f"CAST({_quoted(column)} AS VARCHAR)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
