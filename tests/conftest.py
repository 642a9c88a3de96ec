"""What every test has: one reproducible hypothesis profile, and the real parts or a clear failure."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
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


def _files(folder: Path) -> dict[str, str]:
    """The digest of each file of a deployment but its log, which tells of looks that change nothing."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.relative_to(folder).parts[0] != "log"
    }


def _unchanged(folder: Path) -> Iterator[Path]:
    """Lend the folder to a whole run; whoever changed it fails the run, since later tests found something else than they say."""
    before = _files(folder)
    yield folder
    after = _files(folder)
    assert [name for name in {**before, **after} if before.get(name) != after.get(name)] == []


@pytest.fixture(scope="session")
def pristine_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A deployment of the reference city with 1,000 people; to be copied, not changed."""
    # Imported here: a room is tested without loading the rooms above it.
    from reference.akishima.demo import CITY
    from sekisho.establish import establish, issue_tokens

    folder = tmp_path_factory.mktemp("pristine") / "demo-city"
    folder.mkdir()
    CITY.build(folder, population=1_000, seed=None, say=lambda **_: None)
    establish(folder, now=CITY.beginning())
    issue_tokens(folder)
    yield from _unchanged(folder)


@pytest.fixture(scope="session")
def approved_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The same with the approval AP-2023-0001 for ``yc-household-care``; to be copied, not changed."""
    from tests.city import grant

    folder = tmp_path_factory.mktemp("approved") / "demo-city"
    shutil.copytree(pristine_city, folder)
    grant(folder)
    yield from _unchanged(folder)


@pytest.fixture(scope="session")
def whole_city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A deployment of the reference city with all its people, built once; nobody changes its files."""
    from reference.akishima.demo import CITY
    from reference.akishima.generate import FULL_POPULATION
    from sekisho.establish import establish, issue_tokens

    folder = tmp_path_factory.mktemp("whole") / "demo-city"
    folder.mkdir()
    CITY.build(folder, population=FULL_POPULATION, seed=None, say=lambda **_: None)
    establish(folder, now=CITY.beginning())
    issue_tokens(folder)
    return folder


@pytest.fixture
def new_city(pristine_city: Path, tmp_path: Path) -> Path:
    """A copy of its own of the reference city, without approvals."""
    return Path(shutil.copytree(pristine_city, tmp_path / "demo-city"))


@pytest.fixture
def city_with_approval(approved_city: Path, tmp_path: Path) -> Path:
    """A copy of its own of the reference city, with AP-2023-0001."""
    return Path(shutil.copytree(approved_city, tmp_path / "demo-city"))
