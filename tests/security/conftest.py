"""The corpus deployment, built and opened once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from governance.log import configure_log
from tests.security.deployed import Corpus, build, open_corpus


@pytest.fixture(scope="session")
def corpus(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """The deployment of the corpus with every world's departments. Each question has a ledger of its own."""
    folder = tmp_path_factory.mktemp("security") / "corpus"
    folder.mkdir()
    build(folder, root)
    with open_corpus(folder) as opened:
        yield opened


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of one test, every level of it."""
    stream = io.StringIO()
    configure_log(stream, level=0)
    yield stream
    structlog.reset_defaults()
