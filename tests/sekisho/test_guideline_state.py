"""The guideline is a draft until the right person has approved it as it is, and again after every change."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from governance.errors import BadInput, Denied
from sekisho.deployment import Deployment
from tests.city import asker, part_of_check

TABLE = Path("guideline") / "tables" / "parameters.yaml"


def test_a_new_guideline_is_a_draft_until_the_chief_approves_it(new_city: Path) -> None:
    """The approval is of the digest, is in the ledger after its decision, and holds for whoever opens the deployment."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        assert broker.guideline.state().approval is None
        state = broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        decision, event = (dict(e.document) for e in broker.ledger.entries(broker.ledger.size - 2, broker.ledger.size))
    assert (decision["action"], decision["allow"], decision["articles"]) == (
        "guideline.approve",
        True,
        [3, 5, 6, 20, 26],
    )
    assert (event["kind"], event["guideline_digest"], event["principal"]) == ("guideline", state.digest, "cpo")
    with deployment.broker() as broker:
        approval = broker.guideline.state().approval
    assert approval is not None
    assert (approval.id, approval.role, approval.version) == ("cpo", "cpo", deployment.guideline.version)


@pytest.mark.parametrize(
    ("account", "hat"), [("privacy", "reviewer"), ("center-head", "center_head"), ("steward-kaigo", "data_steward")]
)
def test_nobody_else_approves_the_guideline(new_city: Path, account: str, hat: str) -> None:
    """Reviewers, the head of the centre and stewards are refused, and the guideline stays a draft."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        with pytest.raises(Denied) as caught:
            broker.guideline.approve(asker(deployment, broker, account, hat))
        assert [c.control for c in caught.value.citations] == ["action-matrix"]
        assert broker.guideline.state().approval is None


def test_a_changed_guideline_is_a_draft_again(new_city: Path) -> None:
    """One changed number, or one changed blank, and nobody has approved it; put back as it was, it is approved."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
    table = new_city / TABLE
    before = table.read_text(encoding="utf-8")
    for changed in (before.replace("k_internal: 5", "k_internal: 6"), before + "\n"):
        table.write_text(changed, encoding="utf-8")
        with Deployment.load(new_city).broker() as broker:
            state = broker.guideline.state()
        assert state.approval is None
        assert state.before is not None
        assert state.before.version == deployment.guideline.version
    table.write_text(before, encoding="utf-8")
    with Deployment.load(new_city).broker() as broker:
        assert broker.guideline.state().approval is not None


@pytest.mark.parametrize("index", [0, 1, 10_000])
def test_a_row_in_the_store_without_its_ledger_entry_is_no_approval(new_city: Path, index: int) -> None:
    """Whoever writes into the store, and not into the ledger, has approved nothing."""
    deployment = Deployment.load(new_city)
    with closing(sqlite3.connect(new_city / "store.sqlite")) as forger:
        forger.execute(
            "INSERT INTO guideline_approval VALUES (?, ?, 'cpo', 'cpo', '', '2023-10-01T09:00:00+09:00', ?)",
            (deployment.guideline.digest, deployment.guideline.version, index),
        )
        forger.commit()
    with deployment.broker() as broker:
        assert broker.guideline.state().approval is None


def _raise_version(folder: Path, version: str) -> None:
    path = folder / "guideline" / "tables" / "version.yaml"
    text = path.read_text(encoding="utf-8")
    entry = f'changes:\n  - version: "{version}"\n    decided_on: "2023-10-01"\n    what: {{ja: 変えた, en: Changed}}\n'
    text = text.replace('version: "2023.1"', f'version: "{version}"', 1).replace("changes:\n", entry, 1)
    path.write_text(text, encoding="utf-8")


def _faults(folder: Path) -> list[str]:
    return [error.text("en") for error in part_of_check(folder, "guideline").errors]


def test_a_changed_guideline_needs_a_higher_version_and_an_entry(new_city: Path) -> None:
    """What has changed under an approved version is refused with the files; with a higher version it can be approved."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
    assert _faults(new_city) == []
    table = new_city / TABLE
    table.write_text(table.read_text(encoding="utf-8").replace("k_internal: 5", "k_internal: 6"), encoding="utf-8")
    article = new_city / "guideline" / "articles" / "art17.md"
    article.write_text(article.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    (fault,) = _faults(new_city)
    assert "articles/art17.md, tables/parameters.yaml" in fault

    changed = Deployment.load(new_city)
    with changed.broker() as broker:
        with pytest.raises(BadInput) as refused:
            broker.guideline.approve(asker(changed, broker, "cpo", "cpo"))
        assert refused.value.code == "guideline-version-not-raised"
        assert refused.value.params["files"] == "articles/art17.md, tables/parameters.yaml"
        assert broker.guideline.state().approval is None

    _raise_version(new_city, "2023.2")
    raised = Deployment.load(new_city)
    with raised.broker() as broker:
        assert broker.guideline.approve(asker(raised, broker, "cpo", "cpo")).approval is not None
    assert _faults(new_city) == []


def test_a_lower_version_is_no_higher_one(new_city: Path) -> None:
    """Versions are compared as numbers: 2023.10 is higher than 2023.9, and 2022.99 lower than 2023.1."""
    _raise_version(new_city, "2023.9")
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
    version = new_city / "guideline" / "tables" / "version.yaml"
    text = version.read_text(encoding="utf-8")
    version.write_text(text.replace('"2023.9"', '"2023.10"'), encoding="utf-8")
    assert _faults(new_city) == []
    version.write_text(text.replace('"2023.9"', '"2023.8"'), encoding="utf-8")
    assert len(_faults(new_city)) == 1


def test_a_version_without_an_entry_is_refused_when_it_is_loaded(new_city: Path) -> None:
    """A number that was raised without saying what changed is a fault of the file, with its line."""
    version = new_city / "guideline" / "tables" / "version.yaml"
    text = version.read_text(encoding="utf-8")
    version.write_text(text.replace('version: "2023.1"', 'version: "2023.2"', 1), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        Deployment.load(new_city)
    assert refused.value.code == "guideline-change-missing"
