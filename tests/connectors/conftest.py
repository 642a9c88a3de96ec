"""The holder of the tests, in one kind of source or in each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.connectors.clinic import KINDS, Clinic, make_clinic


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The holder with an SQLite file."""
    yield from make_clinic(tmp_path, "sqlite")


@pytest.fixture(params=KINDS)
def any_clinic(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Clinic]:
    """The holder with each kind of source in turn."""
    yield from make_clinic(tmp_path, request.param)


@pytest.fixture
def csv_clinic(tmp_path: Path) -> Iterator[Clinic]:
    """The holder with CP932 files."""
    yield from make_clinic(tmp_path, "csv-cp932")
