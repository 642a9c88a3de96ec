"""The holder whose files are spoilt here, and the reference deployment's catalogue."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from governance.catalogue import Catalogue
from governance.load_catalogue import load_catalogue
from tests.connectors.clinic import Clinic, make_clinic


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Clinic]:
    """A department that delivers CSV files in CP932."""
    yield from make_clinic(tmp_path, "csv-cp932")


@pytest.fixture(scope="session")
def catalogue(root: Path) -> Catalogue:
    """The catalogue of the reference city."""
    return load_catalogue(root / "reference" / "akishima" / "catalogue")
