"""Cities of the tests from end to end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def approved_city(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A module's own copy of the shared city: commands that are refused leave their entries in its ledger, too."""
    return Path(shutil.copytree(approved_city, tmp_path_factory.mktemp("commanded") / "demo-city"))
