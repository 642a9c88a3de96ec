"""DuckDB with nothing in reach but what it was given: no files, no network, no extensions, no settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import duckdb

from governance.errors import Fault

CONFIGURATION: Mapping[str, Any] = {
    "python_enable_replacements": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "allow_unsigned_extensions": False,
    "allow_persistent_secrets": False,
}
"""Settings of a connection from its first moment on."""

_LOCK = (
    "SET max_temp_directory_size = '0KB'",  # personal data is never spilled to disk
    "SET enable_external_access = false",
    "SET allowed_configs = []",
    "SET lock_configuration = true",
)

_EXPECTED = {name: str(value).lower() for name, value in CONFIGURATION.items()} | {
    "enable_external_access": "false",
    "lock_configuration": "true",
}


def lock_down(connection: duckdb.DuckDBPyConnection) -> None:
    """Take everything away from a connection that was opened with `CONFIGURATION`, and read back that it is gone.

    Raises:
        Fault: a setting did not take; nothing may be run on the connection.
    """
    for statement in _LOCK:
        connection.execute(statement)
    rows = connection.execute("SELECT name, value FROM duckdb_settings()").fetchall()
    settings = {name: str(value).lower() for name, value in rows}
    if any(settings.get(name) != value for name, value in _EXPECTED.items()):
        raise Fault
