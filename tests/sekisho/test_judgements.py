"""Judging through the broker: whose criteria count, who may, and what comes out within a capacity."""

from __future__ import annotations

import json
import shutil
import zipfile
from fractions import Fraction
from pathlib import Path

import pytest

from governance.errors import Denied
from risk.load_rules import load_rules
from sekisho import cli
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.judgements import Run, run
from tests.city import asker

Opened = tuple[Deployment, Broker]


def judged(opened: Opened, account: str = "center", hat: str = "controller", *, capacity: int = 8) -> Run:
    """All four types."""
    deployment, broker = opened
    rules = load_rules(deployment.layout.rules, deployment.templates)
    return run(
        broker, rules=rules, purposes=tuple(rules), token=deployment.token(account), hat=hat, capacity=capacity,
        reserve=Fraction(1, 4), templates=deployment.templates,
    )  # fmt: skip


def test_everybody_stands_once_with_the_types_side_by_side(opened: Opened) -> None:
    """Each type's query is in the ledger under its own purpose, after the decision that allowed the judgement."""
    _, broker = opened
    size = broker.ledger.size
    outcome = judged(opened)
    assert len(outcome.persons) == len({person.subject for person in outcome.persons})
    assert all(set(person.judged) == {"abuse", "poverty", "truancy", "young_carer"} for person in outcome.persons)
    assert len(outcome.selection.chosen) == 6
    entries = [entry.document for entry in broker.ledger.entries(size)]
    assert (entries[0]["action"], entries[0]["allow"]) == ("risk.run", True)
    released = [entry["purpose"] for entry in entries if entry["kind"] == "release"]
    assert sorted(released) == ["abuse", "poverty", "truancy", "young_carer"]


@pytest.mark.parametrize(
    ("account", "hat"),
    [("vendor-a", "analyst"), ("auditor", "auditor"), ("operator", "operator"), ("custodian", "key_custodian"),
     ("center", "user"), ("steward-school", "data_steward"), ("school-contact", "school_contact"), ("cpo", "cpo")],
)  # fmt: skip
def test_nobody_else_judges(opened: Opened, account: str, hat: str) -> None:
    """Refused before anything is asked of a department, and recorded."""
    _, broker = opened
    size = broker.ledger.size
    with pytest.raises(Denied) as caught:
        judged(opened, account, hat)
    assert "action-matrix" in {citation.control for citation in caught.value.citations}
    assert [entry.document["action"] for entry in broker.ledger.entries(size)] == ["risk.run"]


def test_while_releases_are_stopped_nobody_is_judged(pristine_city: Path, tmp_path: Path) -> None:
    """Where a leak is feared the judgement is refused before a department is asked (第27条)."""
    folder = Path(shutil.copytree(pristine_city, tmp_path / "demo-city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.matters.stop(broker.asker(deployment.token("center2"), hat="user"), number="J5-1")
        with pytest.raises(Denied) as caught:
            judged((deployment, broker))
        assert "releases-not-stopped" in {citation.control for citation in caught.value.citations}


def test_changed_criteria_judge_nobody_until_they_are_approved(opened: Opened) -> None:
    """One point more, and the guideline is a draft again: it has to be approved with its criteria (R16-1)."""
    deployment, _ = opened
    file = deployment.layout.rules / "truancy.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("weight: 3", "weight: 4", 1), encoding="utf-8")
    changed = Deployment.load(deployment.layout.folder)
    with changed.broker() as broker:
        with pytest.raises(Denied) as caught:
            judged((changed, broker))
        assert {citation.control for citation in caught.value.citations} == {"guideline-approved"}


def test_a_type_without_an_approval_is_not_judged(pristine_city: Path, tmp_path: Path) -> None:
    """The policy refuses its query under article 19, and the ledger keeps that."""
    import shutil

    folder = tmp_path / "city"
    shutil.copytree(pristine_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        with pytest.raises(Denied) as caught:
            judged((deployment, broker))
        assert not broker.ledger.entry(broker.ledger.size - 1).document["allow"]
    assert 19 in {citation.article for citation in caught.value.citations}


def test_the_command_prints_one_document_and_draws_a_picture(
    opened: Opened, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pseudonyms with reasons, thresholds with hours, and a drawing that says it is synthetic."""
    picture, sheets = tmp_path / "scores.svg", tmp_path / "cycle.xlsx"
    folder = str(opened[0].layout.folder)
    common = ["--deployment", folder, "--as", "center", "--hat", "controller", "--format", "json"]
    arguments = [
        *common,
        "risk",
        "run",
        "--type",
        "all",
        "--capacity",
        "8",
        "--picture",
        str(picture),
        "--out",
        str(sheets),
    ]
    assert cli.run(arguments) == 0
    printed = json.loads(capsys.readouterr().out)
    document = printed["judgement"]
    assert (printed["cycle"]["id"], printed["cycle"]["room"]) == ("C2023-10-1", 6)
    assert (document["chosen"], printed["cycle"]["chosen"]) == (6, 6)
    assert all(found["hits"] for person in document["alerts"] for found in person["types"].values() if found["score"])
    assert {row["type"] for row in document["thresholds"]} <= set(document["rules"])
    with zipfile.ZipFile(sheets) as book:
        text = book.read("xl/sharedStrings.xml").decode()
    assert "取扱注意 架空データ" in text
    # Nobody has approved the capacity, so that the sheet shows the thresholds and the alerts alone.
    assert text.count("WL-2023-") == len(document["alerts"])
    drawn = picture.read_text(encoding="utf-8")
    assert drawn.startswith("<svg")
    assert "取扱注意　架空データ" in drawn


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--type", "all", "--capacity", "0"], 2),
        (["--type", "all", "--capacity", "10", "--reserve", "1"], 2),
        (["--type", "luck", "--capacity", "10"], 2),
        (["--type", "all"], 2),
        (["--type", "all", "--capacity", "10", "--reserve", "nan"], 2),
        (["--type", "all", "--capacity", "10", "--picture", "/nowhere/p.svg"], 2),
        (["--format", "xlsx", "--type", "all", "--capacity", "10"], 2),
    ],
)
def test_bad_input_ends_with_2(judging_city: Path, arguments: list[str], status: int) -> None:
    """A capacity of nothing, a reserve of everything, a type that there is not."""
    common = ["--deployment", str(judging_city), "--as", "center", "--hat", "controller"]
    assert cli.run([*common, "risk", "run", *arguments]) == status
