"""The report on the criteria: for whoever answers for them, as groups alone, and without whom cleared staff alone may see."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from governance.errors import Denied
from risk.candidates import Candidate, Found, Outcome
from risk.cycles import Cycle, Step
from sekisho import cli
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.evaluations import evaluate_list
from tests.city import asker

Opened = tuple[Deployment, Broker]
AT = "2023-10-02T09:00:00+09:00"
FOUND = Found(queue="candidate", band="A", points=Fraction(9), coverage=Fraction(1), hits=("TR02",), unknown=())
GROUPS = {"one_parent": {"truancy": (100, 30, 400, 40), "poverty": (20, 10, 480, 40)}}


def put(
    broker: Broker,
    name: str,
    people: int,
    *,
    cleared: bool = False,
    start: int = 0,
    fairness: Mapping[str, Any] = GROUPS,
    **changes: Any,
) -> None:
    """A cycle of people within the capacity, every other one in need of support."""
    cycle = Cycle(
        id=name, at=AT, as_of="2023-10-01", principal="center", ledger_index=1, key_id="0a1b2c3d", cleared=cleared,
        rules={}, releases={}, room=30, counts={}, fairness=fairness,
    )  # fmt: skip
    steps = []
    for number in range(start, start + people):
        outcome = Outcome(
            verdict="support" if number % 2 else "no_support",
            reason="r",
            wish=None,
            wish_missing=None,
            by="center",
            at=AT,
        )
        candidate = Candidate(
            number=f"WL-2023-{number:06d}", subject=UUID(int=number), key_id="0a1b2c3d", household=None, place="chosen",
            first_cycle=name, last_cycle=name, chosen_in=name, found={"truancy": FOUND}, protected=cleared,
            outcome=outcome, version=0,
        )  # fmt: skip
        steps.append(Step(candidate=replace(candidate, **changes), event="listed"))
    broker.candidates.work_list.enter(lambda _: cycle, steps, by="center", at=AT, record=lambda: 1)


@pytest.mark.parametrize(
    ("account", "hat"),
    [
        ("center", "controller"),
        ("center", "user"),
        ("center-head", "center_head"),
        ("privacy", "reviewer"),
        ("cpo", "cpo"),
    ],
)
def test_whoever_answers_for_the_criteria_reads_it(opened: Opened, account: str, hat: str) -> None:
    """The same for all, cleared or not: a cycle of cleared staff, and whom they alone may see, are no part of it."""
    deployment, broker = opened
    put(broker, "C2023-10-1", 40)
    put(broker, "C2023-10-2", 30, cleared=True, start=100)
    size = broker.ledger.size
    found = evaluate_list(broker.candidates, asker(deployment, broker, account, hat))
    assert [(each.cycle, each.listed) for each in found.reports] == [("C2023-10-1", 40), (None, 40)]
    assert found.reports[0].shares["precision"].value == Fraction(1, 2)
    assert [(each.purpose, each.ratio, each.warning) for each in found.groups] == [
        ("truancy", Fraction(3), True),
        ("poverty", None, False),
    ]
    entry = broker.ledger.entry(size).document
    assert (entry["action"], entry["allow"]) == ("risk.report", True)


@pytest.mark.parametrize(
    ("account", "hat"),
    [("vendor-a", "analyst"), ("auditor", "auditor"), ("operator", "operator"), ("custodian", "key_custodian"),
     ("steward-school", "data_steward"), ("school-contact", "school_contact")],
)  # fmt: skip
def test_nobody_else_reads_it(opened: Opened, account: str, hat: str) -> None:
    """Refused under article 6, and recorded."""
    deployment, broker = opened
    with pytest.raises(Denied) as caught:
        evaluate_list(broker.candidates, asker(deployment, broker, account, hat))
    assert 6 in {citation.article for citation in caught.value.citations}
    assert not broker.ledger.entry(broker.ledger.size - 1).document["allow"]


@pytest.fixture
def evaluated_city(opened: Opened) -> Path:
    """A city with one cycle that was assessed."""
    deployment, broker = opened
    put(broker, "C2023-10-1", 40)
    return deployment.layout.folder


def command(city: Path, *arguments: str, form: str = "json") -> int:
    """Run as a case worker."""
    common = ["--deployment", str(city), "--as", "center", "--hat", "controller", "--format", form]
    return cli.run([*common, "risk", *arguments])


def test_the_report_is_shown_and_written(
    evaluated_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For programs, for the screen, and as a workbook of four sheets that says what it is."""
    assert command(evaluated_city, "report", "--evaluation") == 0
    cycle, whole = json.loads(capsys.readouterr().out)["evaluation"]["cycles"]
    assert cycle["precision"] == {"of": 40, "value": 0.5, "low": 0.3520, "high": 0.6480}
    assert whole["factors"][0]["factor"] == "TR02"
    assert command(evaluated_city, "report", "--evaluation", form="table") == 0
    assert "回ごとの結果" in capsys.readouterr().out
    out = tmp_path / "report.xlsx"
    assert command(evaluated_city, "report", "--evaluation", "--out", str(out), form="xlsx") == 0
    with zipfile.ZipFile(out) as book:
        assert "見守る集まり" in book.read("xl/workbook.xml").decode()
        assert "取扱注意" in book.read("xl/worksheets/sheet4.xml").decode()
        assert "WL-2023" not in book.read("xl/sharedStrings.xml").decode()


def test_thresholds_are_told_before_anybody_is_listed(judging_city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Candidates and hours for each; and the work list is as it was."""
    assert command(judging_city, "report", "--type", "truancy", "--capacity", "8") == 0
    document = json.loads(capsys.readouterr().out)
    rows = document["thresholds"]
    assert document["room"] == 6
    assert [row["candidates"] for row in rows] == sorted(row["candidates"] for row in rows)
    assert rows[-1]["hours"] == pytest.approx(rows[-1]["candidates"] / 6, abs=0.01)
    assert command(judging_city, "list") == 0
    assert json.loads(capsys.readouterr().out)["candidates"] == []


@pytest.mark.parametrize(("arguments", "form"), [
    (("report", "--evaluation"), "csv"), (("report", "--evaluation"), "xlsx"), (("report", "--evaluation", "--out", "F"), "json"),
    (("report", "--type", "luck"), "json"), (("report", "--capacity", "0"), "json"), (("report", "--reserve", "nan"), "json"),
])  # fmt: skip
def test_bad_input_ends_with_2(judging_city: Path, arguments: tuple[str, ...], form: str) -> None:
    """A form, a type or a capacity that there is not."""
    assert command(judging_city, *arguments, form=form) == 2
