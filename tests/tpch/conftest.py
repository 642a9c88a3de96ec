"""The tables made once, in plain DuckDB and at their holders, and the deployment opened once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.tpch import data
from tests.tpch.deployed import Offices, build, open_offices


@pytest.fixture(scope="session")
def plain() -> Iterator[duckdb.DuckDBPyConnection]:
    """Plain DuckDB with the same tables under the same names: what it answers is right."""
    with duckdb.connect(":memory:") as connection:
        data.make(connection)
        data.attach_as_schemas(connection)
        yield connection


@pytest.fixture(scope="session")
def offices(
    root: Path, plain: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Offices]:
    """The deployment. All questions share its ledger."""
    folder = tmp_path_factory.mktemp("tpch") / "city"
    folder.mkdir()
    build(folder, root, plain)
    with open_offices(folder) as opened:
        yield opened
