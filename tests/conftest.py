"""What every test has: one reproducible hypothesis profile, and the real parts or a clear failure."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent

# Derandomised: a run says something about the change under test, not about the day. No deadline: two shared cores are slow
# at times, and no test measures time.
settings.register_profile(
    "sekisho",
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# For a night on one's own machine: `pytest --hypothesis-profile=long`.
settings.register_profile("long", parent=settings.get_profile("sekisho"), derandomize=False, max_examples=5_000)
settings.load_profile("sekisho")


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout under test."""
    return ROOT


@pytest.fixture(scope="session")
def opa() -> Path:
    """The pinned Open Policy Agent; a run without it fails instead of skipping."""
    binary = ROOT / ".tools" / "opa"
    if not binary.is_file():
        pytest.fail("the pinned Open Policy Agent is missing: run `make .tools/opa`", pytrace=False)
    return binary
