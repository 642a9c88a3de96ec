"""The guideline of the reference city, read once."""

from __future__ import annotations

import pytest

from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from guideline_docs import FOLDER


@pytest.fixture(scope="session")
def guideline() -> Guideline:
    """The guideline as a deployment of the reference city has it."""
    return load_guideline(FOLDER)
