"""A small deployment of another domain than the reference city's (避難行動要支援者), copied so that tests can break it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

EVACUATION = Path(__file__).parent / "evacuation"


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """A copy of the deployment's folders that a test may edit."""
    return Path(shutil.copytree(EVACUATION, tmp_path / "deployment"))
