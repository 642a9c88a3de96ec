"""One city for the invariants: built once, opened once under watch, and asked by many tests."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from governance.log import configure_log
from tests.invariants.watching import Watched, open_watched


@pytest.fixture(scope="session")
def city(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city of 1,000 people with an approved query; its ledger grows, nothing else of it changes."""
    return Path(shutil.copytree(approved_city, tmp_path_factory.mktemp("invariants") / "demo-city"))


@pytest.fixture(scope="session")
def watched(city: Path) -> Iterator[Watched]:
    """That city, open and under watch. Tests leave it as they found it but for its ledger."""
    with open_watched(city) as opened:
        yield opened


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of one test, every level of it."""
    stream = io.StringIO()
    configure_log(stream, level=0)
    yield stream
    structlog.reset_defaults()
