"""Cities in which people judge."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import approve, asker

TEMPLATES = ("yc-features", "pv-features", "ab-features", "tr-features")


@pytest.fixture(scope="session")
def judging_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose guideline and whose four feature templates are approved."""
    folder = tmp_path_factory.mktemp("judging") / "city"
    shutil.copytree(pristine_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        for template in TEMPLATES:
            approve(deployment, broker, template)
    return folder


@pytest.fixture
def opened(judging_city: Path, tmp_path: Path) -> Iterator[tuple[Deployment, Broker]]:
    """A copy of it, open."""
    folder = tmp_path / "city"
    shutil.copytree(judging_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield deployment, broker
