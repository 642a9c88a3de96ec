"""Moves a department of a demo from SQLite into PostgreSQL: tables, role and connection file, as its DBA would."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import adbc_driver_sqlite.dbapi
import pyarrow as pa
import yaml

from connectors.postgresql_names import quoted
from connectors.postgresql_role import ROLE, reader_sql
from governance.catalogue import Catalogue
from governance.errors import BadInput, Fault
from governance.load_catalogue import load_catalogue
from masking.arrow_types import pc
from sekisho.demo_postgresql import DemoServer
from sekisho.layout import Layout

CONNECTION = "connection.yaml"
_PASSWORD = "password"  # noqa: S105 - the name of a file
_SOURCE_LINE = re.compile(r"^source: .*$", re.MULTILINE)
_NATIVE = {"date": pa.date32(), "integer": pa.int64()}


def check_movable(catalogue: Catalogue, department: str) -> None:
    """Refuse a department whose data cannot be moved.

    Raises:
        BadInput: there is no such department, or its source is no SQLite file; names those that can be moved.
    """
    movable = [d.id for d in catalogue.departments.values() if d.source_kind == "sqlite"]
    if department not in movable:
        raise BadInput("demo-source-kind", department=department, departments=", ".join(movable))


def move_to_postgresql(folder: Path, department: str, server: DemoServer) -> int:
    """Move a department's tables into a database of its own, and let the catalogue name it.

    The SQLite file is removed, so that nothing can be read from it by mistake.

    Args:
        folder: of the demo, before it is made a deployment.
        department: one that `check_movable` accepts.
        server: where to.

    Returns how many rows were moved.
    """
    layout = Layout(folder)
    catalogue = load_catalogue(layout.catalogue)
    file = layout.departments / catalogue.departments[department].source_path
    types = {
        (dataset.table, column.source or column.name): column.type
        for dataset in catalogue.datasets.values()
        if dataset.department == department and not dataset.derived
        for column in dataset.columns.values()
    }
    server.create_database(department)
    rows = 0
    with ExitStack() as stack:
        source = stack.enter_context(adbc_driver_sqlite.dbapi.connect(f"file:{file}?mode=ro"))
        reading = stack.enter_context(source.cursor())
        writing = stack.enter_context(server.cursor(department))
        for table in _tables(reading):
            held = _texts(reading, table)
            columns = [_native(held.column(name), types.get((table, name), "text")) for name in held.column_names]
            rows += writing.adbc_ingest(table, pa.table(columns, names=held.column_names), mode="create")
    _make_role(catalogue, department, server)
    _write_connection(layout.departments / department, department, server)
    _name_in_catalogue(layout.catalogue / f"{department}.yaml", f"{department}/{CONNECTION}")
    file.unlink()
    return rows


def _tables(cursor: Any) -> list[str]:
    cursor.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [name for (name,) in cursor.fetchall()]


def _texts(cursor: Any, table: str) -> pa.Table:
    cursor.execute(f"SELECT name FROM pragma_table_info({_text(table)})")  # noqa: S608 - quoted
    names = [name for (name,) in cursor.fetchall()]
    # The driver takes a type from the first rows: never null, and text throughout.
    listed = ", ".join(f"COALESCE(CAST({quoted(name)} AS TEXT), '')" for name in names)
    cursor.execute(f"SELECT {listed} FROM {quoted(table)}")  # noqa: S608 - quoted
    rows: pa.Table = cursor.fetch_arrow_table()
    return rows.rename_columns(names)


def _native(texts: pa.ChunkedArray[Any], declared: str) -> pa.ChunkedArray[Any]:
    """Native days and numbers where the texts are such; blanks become NULL; what is written otherwise stays a text."""
    texts = texts.cast(pa.string())
    values: pa.ChunkedArray[Any] = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    if declared not in _NATIVE:
        return values
    try:
        native: pa.ChunkedArray[Any] = values.cast(_NATIVE[declared])
    except pa.ArrowInvalid:
        return values
    return native


def _make_role(catalogue: Catalogue, department: str, server: DemoServer) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "reader.sql"
        file.write_text(reader_sql(catalogue, department, dbname=department), encoding="utf-8")
        if "ERROR" in server.psql(file, dbname=department):
            raise Fault


def _write_connection(folder: Path, department: str, server: DemoServer) -> None:
    password = secrets.token_urlsafe(24)
    server.run(f"ALTER ROLE {quoted(ROLE)} PASSWORD '{password}'")
    document = {"host": str(server.socket), "dbname": department, "user": ROLE, "password_file": _PASSWORD}
    _write_private(folder / _PASSWORD, f"{password}\n")
    _write_private(folder / CONNECTION, yaml.safe_dump(document, sort_keys=False))


def _write_private(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def _name_in_catalogue(file: Path, path: str) -> None:
    changed, found = _SOURCE_LINE.subn(f"source: {{kind: postgresql, path: {path}}}", file.read_text(encoding="utf-8"))
    if found != 1:
        raise Fault
    file.write_text(changed, encoding="utf-8", newline="\n")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
