"""Tables of a DuckDB file, opened for reading only and without access to anything else."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path

import duckdb
import pyarrow as pa

from connectors.duckdb_lockdown import CONFIGURATION, lock_down
from connectors.look_alikes import undeclared_column
from connectors.sources import (
    BATCH_ROWS,
    FileDigests,
    Part,
    SourceTexts,
    database_part,
    read_columns,
    refuse_missing,
    relative_name,
    source_name,
)
from governance.catalogue import Dataset
from governance.errors import BadInput, Unavailable


class DuckdbSource:
    """One DuckDB file."""

    def __init__(self, path: Path, *, root: Path) -> None:
        self._path = path
        self._name = relative_name(path, root=root)
        self._digests = FileDigests(root=root)

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:  # noqa: ARG002 - one file for all
        """The database."""
        log = self._path.with_name(self._path.name + ".wal")
        return (database_part(self._path, log, digests=self._digests, name=self._name, afresh=afresh),)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:  # noqa: ARG002 - there is one
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
                rows = connection.sql(f"SELECT {listed} FROM {_quoted(table)}").to_arrow_reader(BATCH_ROWS)  # noqa: S608
                positions = {name: list(types).index(name) + 1 for name in others}
                yield from self._batches(rows, names=[c.name for c in columns], positions=positions)
            except (duckdb.Error, pa.ArrowException, OSError) as error:
                raise self._refusal(error) from None

    def _batches(
        self, reader: pa.RecordBatchReader, *, names: list[str], positions: Mapping[str, int]
    ) -> Generator[SourceTexts]:
        row = 1
        for batch in reader:
            texts = pa.table(batch.columns[: len(names)], names=names)
            undeclared = tuple(
                undeclared_column(name, column, file=self._name, position=position)
                for (name, position), column in zip(positions.items(), batch.columns[len(names) :], strict=True)
            )
            rows = range(row, row + texts.num_rows)
            yield SourceTexts(table=texts, file=self._name, rows=rows, undeclared=undeclared)
            row += texts.num_rows

    def _refusal(self, error: Exception) -> BadInput | Unavailable:
        # DuckDB has one class for what cannot be opened; its words are looked at and never passed on.
        words = str(error)
        if "lock on file" in words or "different configuration" in words:
            return Unavailable("source-locked", file=self._name)
        damaged = "not a valid DuckDB" in words or "enough bytes" in words or "Corrupt" in words
        if isinstance(error, duckdb.IOException) and not damaged:
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
