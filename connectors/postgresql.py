"""Tables and views of a department's PostgreSQL, read through ADBC in one read-only transaction.

A table has no time stamp that could be trusted, so the state of a source is a fingerprint of what it holds: the server
sums two hashes over all rows. That costs about as much as a reading; it is skipped while the connection lives and no
transaction has committed in between (ADR 0014).
"""

from __future__ import annotations

import hashlib
import json
import threading
import weakref
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader

from connectors.look_alikes import undeclared_column
from connectors.postgresql_connection import Connection, load_connection
from connectors.postgresql_errors import connecting, reading
from connectors.postgresql_names import quoted
from connectors.reading_report import UndeclaredColumn
from connectors.sources import Part, SourceTexts, read_columns, refuse_missing, relative_name, source_name
from governance.catalogue import Column, Dataset
from governance.errors import BadInput, Unavailable
from masking.arrow_types import Values

_DRIVER_ERRORS = (adbc_driver_manager.Error, OSError, pa.ArrowException)
_FINGERPRINT = "1"
"""Version of how a fingerprint is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relation:
    """A table or view as it is now.

    Attributes:
        texts: catalogue name → SQL that gives the column as text.
        undeclared: name in the source → the same, for what the catalogue does not have; ``None`` where the role, as it
            should be, has no right to it.
        seen_at: equal for two looks over one connection where no transaction that either did not see has committed in
            between; empty where that says nothing about the rows.
    """

    name: str
    texts: Mapping[str, str]
    undeclared: Mapping[str, str | None]
    positions: Mapping[str, int]
    seen_at: str

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Everything that a reading takes, as SQL."""
        return (*self.texts.values(), *(text for text in self.undeclared.values() if text is not None))


class PostgresqlSource:
    """One database, reached as the department's ``connection.yaml`` says."""

    def __init__(self, path: Path, *, root: Path) -> None:
        self._path = path
        self._root = root
        self._name = relative_name(path, root=root)
        self._lock = threading.RLock()
        self._open: _Session | None = None

    def state(self, dataset: Dataset) -> str:
        """Digest of what a table holds now: equal while its rows and the columns read of it are.

        Raises:
            BadInput: the connection file is not as it should be, or there is no such table or column.
            Unavailable: the server cannot be reached, refuses, or does not answer in time.
        """
        with self._transaction(dataset) as session:
            relation = self._relation(session, dataset)
            known = session.states.get(dataset.name)
            if known is not None and relation.seen_at and known[0] == relation:
                return known[1]
            digest = _digest(relation, session.fetch(_fingerprint(relation)).to_pylist())
            session.states[dataset.name] = (relation, digest)
            return digest

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:  # noqa: ARG002 - no time stamps here
        """The table or the view, whole."""
        return (Part(name=self._name, state=self.state(dataset)),)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:  # noqa: ARG002 - there is one
        """The texts of a table or a view; arrays are joined by commas, points in time are those of the zone."""
        row = 1
        with self._transaction(dataset) as session:
            relation = self._relation(session, dataset)
            declared = len(relation.texts)
            # Under numbers: a name of the catalogue and one of the source may be the same.
            listed = ", ".join(f"{text} AS c{at}" for at, text in enumerate(relation.looked_at))
            for batch in session.batches(f"SELECT {listed} FROM {relation.name}"):  # noqa: S608 - names are quoted
                rows = pa.Table.from_batches([batch])
                try:
                    rows.validate(full=True)
                except pa.ArrowInvalid:
                    # A database in SQL_ASCII hands out whatever bytes it was given.
                    raise BadInput("source-not-unicode", file=self._name, dataset=dataset.name) from None
                yield SourceTexts(
                    table=rows.select(range(declared)).rename_columns(list(relation.texts)),
                    file=self._name,
                    rows=range(row, row + rows.num_rows),
                    undeclared=self._undeclared(relation, rows.columns[declared:]),
                )
                row += rows.num_rows

    def _undeclared(self, relation: _Relation, read: Sequence[Values]) -> tuple[UndeclaredColumn, ...]:
        columns, nothing = iter(read), pa.array([], pa.string())
        return tuple(
            undeclared_column(
                name,
                nothing if text is None else next(columns),
                file=self._name,
                position=relation.positions[name],
            )
            for name, text in relation.undeclared.items()
        )

    def _relation(self, session: _Session, dataset: Dataset) -> _Relation:
        columns = read_columns(dataset)
        table, schema = dataset.table or "", session.connection.schema
        found = {row["name"]: row for row in session.fetch(_relation_sql(), (schema, table)).to_pylist()}
        if not found:
            raise BadInput("source-table-missing", file=self._name, table=table, dataset=dataset.name)
        wanted = [column for column in columns if not never_leaves(column)]
        refuse_missing(
            (source_name(c) for c in wanted if source_name(c) not in found), file=self._name, dataset=dataset.name
        )
        if any(not found[source_name(column)]["readable"] for column in wanted):
            raise Unavailable("database-permission", file=self._name, dataset=dataset.name)
        texts = {c.name: "NULL::text" if never_leaves(c) else _as_text(found[source_name(c)]) for c in columns}
        declared = {source_name(column) for column in columns}
        return _Relation(
            name=f"{quoted(schema)}.{quoted(table)}",
            texts=texts,
            undeclared={
                name: _as_text(row) if row["readable"] else None for name, row in found.items() if name not in declared
            },
            positions={name: at for at, name in enumerate(found, start=1)},
            seen_at=next(iter(found.values()))["seen_at"],
        )

    @contextmanager
    def _transaction(self, dataset: Dataset) -> Iterator[_Session]:
        """One transaction at repeatable read on the source's connection, ended whatever happens."""
        with self._lock:
            session = self._session()
            try:
                yield session
                session.end()
            except _DRIVER_ERRORS as error:
                self._drop()
                state = getattr(error, "sqlstate", None)
                raise reading(str(error), state, file=self._name, dataset=dataset.name) from None
            except BaseException:
                # Whatever came in between, nothing is left open on the server.
                self._drop()
                raise

    def _session(self) -> _Session:
        connection = load_connection(self._path, root=self._root)
        if self._open is not None and (self._open.connection != connection or not self._open.alive()):
            self._drop()
        if self._open is None:
            try:
                self._open = _Session(connection)
            except _DRIVER_ERRORS as error:
                raise connecting(str(error), getattr(error, "sqlstate", None), file=self._name) from None
            weakref.finalize(self, self._open.close)
        return self._open

    def _drop(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None


class _Session:
    """A connection, and the states of tables that were seen over it: they are worth nothing without it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.states: dict[str, tuple[_Relation, str]] = {}
        self._driver = adbc_driver_postgresql.dbapi.connect(connection.conninfo)

    def alive(self) -> bool:
        """Whether the server still answers."""
        try:
            self.fetch("SELECT 1")
            self.end()
        except _DRIVER_ERRORS:
            return False
        return True

    def fetch(self, sql: str, parameters: Sequence[str] = ()) -> pa.Table:
        """The rows of a query."""
        with self._driver.cursor() as cursor:
            cursor.execute(sql, parameters or None)
            rows: pa.Table = cursor.fetch_arrow_table()
            return rows

    def batches(self, sql: str) -> Generator[pa.RecordBatch]:
        """The rows of a query, as they come."""
        with self._driver.cursor() as cursor:
            cursor.execute(sql)
            # The reader that keeps SQLSTATE; that of fetch_record_batch() turns every failure into an OSError.
            stream = cursor.fetch_arrow()
            with AdbcRecordBatchReader._import_from_c(stream.address) as reader:  # noqa: SLF001
                yield from reader

    def end(self) -> None:
        """End the transaction."""
        self._driver.rollback()

    def close(self) -> None:
        """Close the connection, once or again."""
        with suppress(*_DRIVER_ERRORS):
            self._driver.close()


def never_leaves(column: Column) -> bool:
    """Whether a column is in the catalogue only so that asking for it is refused; it is not even read."""
    return column.origin in {"my_number", "resident_code"}


@cache
def _relation_sql() -> str:
    return resources.files("connectors").joinpath("sql", "postgresql_relation.sql").read_text(encoding="utf-8")


def _fingerprint(relation: _Relation) -> str:
    row = ", ".join(relation.looked_at)
    # A row's own text tells NULL from an empty text and where a value ends; the sums do not depend on the order.
    return f"""
        SELECT count(*)::text AS rows,
               sum(hashtextextended(line, 1)::numeric)::text AS first,
               sum(hashtextextended(line, 2)::numeric)::text AS second
        FROM (SELECT ROW({row})::text AS line FROM {relation.name}) AS lines"""  # noqa: S608 - names are quoted


def _digest(relation: _Relation, sums: list[dict[str, Any]]) -> str:
    document = {
        "fingerprint": _FINGERPRINT,
        "columns": relation.looked_at,
        "names": [*relation.texts, *relation.undeclared],
        "sums": sums,
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _as_text(found: Mapping[str, Any]) -> str:
    column = quoted(found["name"])
    if found["is_array"]:
        return f"array_to_string({column}, ',')"
    # Without its offset, which says nothing once the zone is chosen.
    return f"({column}::timestamp)::text" if found["is_moment"] else f"{column}::text"
