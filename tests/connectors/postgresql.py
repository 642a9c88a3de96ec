"""A real PostgreSQL for the tests: tables in schemas of their own, and a role made by the SQL file that is shipped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from connectors.postgresql_role import reader_sql
from governance.catalogue import Catalogue
from sekisho.demo_postgresql import DemoServer, demo_server

DATABASE = "holder"
PASSWORD = "CANARY pass'word\\ 秘密"


class PgServer:
    """The server, with what the tests do as its DBA."""

    def __init__(self, server: DemoServer) -> None:
        self.server = server

    def run(self, *statements: str) -> None:
        """Run statements as the DBA."""
        self.server.run(*statements, dbname=DATABASE)

    def rows(self, query: str) -> list[dict[str, Any]]:
        """Ask as the DBA."""
        with self.server.cursor(DATABASE) as cursor:
            cursor.execute(query)
            return cursor.fetch_arrow_table().to_pylist()

    def load(self, schema: str, tables: Mapping[str, pa.Table]) -> None:
        """Make or replace tables."""
        self.run(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        with self.server.cursor(DATABASE) as cursor:
            for name, table in tables.items():
                cursor.execute(f'DROP TABLE IF EXISTS "{schema}"."{name}" CASCADE')
                cursor.adbc_ingest(name, table, mode="create", db_schema_name=schema)


@contextmanager
def pg_server_started() -> Iterator[PgServer]:
    """A server with one database."""
    with demo_server() as server:
        server.create_database(DATABASE)
        yield PgServer(server)


def schema_of(root: Path) -> str:
    """A schema for a test's folder; with a character that has to be quoted."""
    return f"課 {hashlib.sha256(str(root).encode()).hexdigest()[:12]}"


def connect(server: PgServer, catalogue: Catalogue, file: Path, *, schema: str, **changes: Any) -> None:
    """Make the role that reads what the catalogue declares, and the connection file with its password."""
    role = f"reader {schema[2:]}"
    server.run(*reader_statements(catalogue, schema=schema, role=role))
    server.run(f"ALTER ROLE \"{role}\" PASSWORD '{PASSWORD.replace(chr(39), chr(39) * 2)}'")
    document = {
        "host": str(server.server.socket),
        "dbname": DATABASE,
        "user": role,
        "schema": schema,
        "password_file": "password",
    }
    private(file.with_name("password"), PASSWORD + "\n")
    private(file, yaml.safe_dump({**document, **changes}, allow_unicode=True))


def reader_statements(catalogue: Catalogue, *, schema: str, role: str) -> list[str]:
    """The shipped SQL, one transaction and what follows it."""
    sql = reader_sql(catalogue, "clinic", dbname=DATABASE, schema=schema, role=role)
    _, _, rest = sql.partition("\nBEGIN;\n")
    inside, _, after = rest.partition("\nCOMMIT;\n")
    return [*_statements(inside), *_statements(after)]


def _statements(sql: str) -> list[str]:
    found, held = [], ""
    for line in sql.splitlines():
        if line.startswith("--"):
            continue
        held += line + "\n"
        if line.endswith(";") and held.count("$role$") != 1:
            found.append(held)
            held = ""
    return [statement for statement in found if statement.strip()]


def private(path: Path, text: str) -> None:
    """Write a file that only its owner can read."""
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
