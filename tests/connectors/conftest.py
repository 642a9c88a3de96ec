"""The holder of the tests, in one kind of source or in each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.clinic import KINDS, Clinic, make_clinic
from tests.connectors.postgresql import PgServer, pg_server_started


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The holder with an SQLite file."""
    yield from make_clinic(tmp_path, "sqlite")


@pytest.fixture(params=KINDS)
def any_clinic(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Clinic]:
    """The holder with each kind of source in turn."""
    server = request.getfixturevalue("pg_server") if request.param == "postgresql" else None
    yield from make_clinic(tmp_path, request.param, server)


@pytest.fixture(scope="session")
def pg_server() -> Iterator[PgServer]:
    """A PostgreSQL server for the session."""
    with pg_server_started() as server:
        yield server


@pytest.fixture
def pg_clinic(tmp_path: Path, pg_server: PgServer) -> Iterator[Clinic]:
    """The holder with a PostgreSQL."""
    yield from make_clinic(tmp_path, "postgresql", pg_server)


@pytest.fixture
def csv_clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The holder with CP932 files."""
    yield from make_clinic(tmp_path, "csv-cp932")
