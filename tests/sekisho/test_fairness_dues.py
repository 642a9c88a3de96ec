"""After each judgement somebody looks at how often watched groups are listed, and the check says where nobody did (第30条)."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.broker import Broker
from sekisho.checks import check
from sekisho.deployment import Deployment
from sekisho.evaluations import evaluate_list
from tests.city import asker
from tests.sekisho.test_evaluations import AT, GROUPS, put

HEAD = ("center-head", "center_head")


@pytest.fixture
def folder(pristine_city: Path, tmp_path: Path) -> Path:
    """A city of its own that has judged nobody yet."""
    return Path(shutil.copytree(pristine_city, tmp_path / "city"))


def later(folder: Path, days: int) -> Deployment:
    """The same deployment, days after the first judgement."""
    return Deployment.load(folder, now=datetime.fromisoformat(AT) + timedelta(days=days))


def judged(folder: Path, name: str, *, groups: bool = True, start: int = 0) -> None:
    """A judgement is in the work list, with its entry in the ledger as the list knows it."""
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        put(broker, name, 6, start=start, fairness=GROUPS if groups else {})


def looked(deployment: Deployment, broker: Broker) -> None:
    """Somebody who answers for the criteria reads the report."""
    evaluate_list(broker.candidates, asker(deployment, broker, *HEAD))


def found(folder: Path, days: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the check finds so many days after the judgement."""
    load, then = Deployment.load, later(folder, days)
    monkeypatch.setattr(Deployment, "load", lambda path, **_: load(path, now=then.clock()))
    parts = {part.part: part for part in check(folder)}
    monkeypatch.setattr(Deployment, "load", load)
    return [error.code for error in parts["fairness"].errors]


def test_a_report_that_nobody_has_read_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty-one days, and not one less; a look ends it, and nothing is asked of a city that judges nobody."""
    assert found(folder, 400, monkeypatch) == []
    judged(folder, "C2023-10-1")
    assert found(folder, 31, monkeypatch) == []
    assert found(folder, 32, monkeypatch) == ["fairness-overdue"]
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        looked(deployment, broker)
    assert found(folder, 32, monkeypatch) == []


def test_a_judgement_that_watches_nobody_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a report, and it says nothing of groups: at once, and whoever has looked."""
    judged(folder, "C2023-10-1", groups=False)
    assert found(folder, 1, monkeypatch) == ["fairness-uncounted"]
