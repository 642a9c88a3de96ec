"""The guideline of the reference city, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.catalogue import Catalogue
from governance.guideline import Guideline
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from guideline_docs import FOLDER


@pytest.fixture(scope="session")
def guideline() -> Guideline:
    """The guideline as a deployment of the reference city has it."""
    return load_guideline(FOLDER)


@pytest.fixture(scope="session")
def catalogue(root: Path) -> Catalogue:
    """The catalogue of the reference city."""
    return load_catalogue(root / "reference" / "akishima" / "catalogue")
