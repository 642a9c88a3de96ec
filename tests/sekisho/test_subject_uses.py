"""Who used what about one person, for those who may know; and how its data were used, for a holder."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest

from governance.errors import BadInput, Denied
from query_broker.release import Release
from sekisho.broker import Broker
from sekisho.cli import run
from sekisho.deployment import Deployment
from tests.city import APPROVAL, ask, asker, part_of_check

REGISTER, AUDITOR = ("steward-shimin", "data_steward"), ("auditor", "auditor")


def persons(city: Path) -> list[str]:
    """Numbers of children of the city."""
    with (city / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["resident_id"] for row in csv.DictReader(file)]


@pytest.fixture
def asked(city_with_approval: Path) -> tuple[Deployment, Broker, Release]:
    """A city in which one approved query was answered."""
    deployment = Deployment.load(city_with_approval)
    broker = deployment.broker()
    return deployment, broker, ask(broker, deployment)


def test_a_persons_uses_are_the_scans_that_their_rows_were_in(
    asked: tuple[Deployment, Broker, Release], city_with_approval: Path
) -> None:
    """Of all children, as many have a use of the cohort as the answer has rows; school records are found by the bridge."""
    deployment, broker, release = asked
    with broker:
        by_child = {
            child: broker.looks.uses_of_person(asker(deployment, broker, *AUDITOR), number="K5-1", identifier=child)[0]
            for child in persons(city_with_approval)[:12]
        }
        suspended = next(child for child, uses in by_child.items() if uses)
        broker.matters.suspend(asker(deployment, broker, *REGISTER), number="R5-12", identifier=suspended)
        without = ask(broker, deployment)
        uses, entries = broker.looks.uses_of_person(
            asker(deployment, broker, *REGISTER), number="R5-13", identifier=suspended
        )
    assert without.rows == release.rows - 1
    # The second query is none of a suspended person's uses: their rows were left out at the holders.
    cohort = [use for use in uses if use.dataset == "shimin.child"]
    assert [use.released for use in cohort] == [release.ledger_index]
    assert {use.decision for use in uses} >= {release.decision_index}
    first = cohort[0]
    assert (first.principal, first.hat, first.purpose, first.approval) == (
        "center",
        "controller",
        "young_carer",
        APPROVAL,
    )
    assert (first.rows, first.recipient, first.department) == (release.rows, "center", "shimin")
    assert {7, 8, 19} <= set(first.articles)
    assert "grade" in first.columns
    assert [entry.document["event"] for entry in entries] == ["traced", "suspended", "traced"]
    assert any(use.dataset == "school.attendance" for uses_of in by_child.values() for use in uses_of)


def test_everybody_in_the_answer_has_a_use_and_nobody_else_of_the_cohort(
    asked: tuple[Deployment, Broker, Release], city_with_approval: Path
) -> None:
    """The record of the departments and the rows of the answer are about the same persons."""
    deployment, broker, release = asked
    with broker:
        departments = broker._departments()
        tags = departments["shimin"].persons.of_scans(
            [(release.decision_index, use.scan) for use in _cohort(deployment, broker)]
        )
    assert len(tags["resident"]) == release.rows


def _cohort(deployment: Deployment, broker: Broker) -> list:  # type: ignore[type-arg]
    uses = broker.looks.uses_of_department(asker(deployment, broker, *REGISTER), department="shimin")
    return [use for use in uses if use.dataset == "shimin.child"]


def test_looking_somebody_up_is_an_entry_without_a_name(
    asked: tuple[Deployment, Broker, Release], city_with_approval: Path
) -> None:
    """It stands in the ledger before anything is shown, under the number of the document that asked for it."""
    deployment, broker, _ = asked
    child = persons(city_with_approval)[0]
    with broker:
        broker.looks.uses_of_person(asker(deployment, broker, *AUDITOR), number="K5-1", identifier=child)
        entries = list(broker.ledger.entries())
    assert (entries[-2].document["action"], entries[-1].document["event"]) == ("ledger.trace", "traced")
    assert (entries[-1].document["number"], entries[-1].document["principal"]) == ("K5-1", "auditor")
    assert not any(child.encode() in entry.body for entry in entries)


@pytest.mark.parametrize(
    ("account", "control"),
    [
        (("steward-kaigo", "data_steward"), "own-department"),
        (("center", "controller"), "action-matrix"),
        (("center-head", "center_head"), "action-matrix"),
        (("cpo", "cpo"), "action-matrix"),
        (("operator", "operator"), "action-matrix"),
        (("vendor-a", "analyst"), "action-matrix"),
    ],
)
def test_nobody_else_looks_a_person_up(new_city: Path, account: tuple[str, str], control: str) -> None:
    """Refused whether the register knows the number or not, and without a word about it."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        refusals = []
        for number in (persons(new_city)[0], "9999999999"):
            with pytest.raises(Denied) as caught:
                broker.looks.uses_of_person(asker(deployment, broker, *account), number="R5-1", identifier=number)
            refusals.append([(citation.control, citation.text) for citation in caught.value.citations])
        assert list(broker.ledger.of_kind("matter")) == []
    assert refusals[0] == refusals[1]
    assert control in {name for name, _ in refusals[0]}


def test_a_steward_sees_the_use_of_its_own_data_and_of_no_other(
    asked: tuple[Deployment, Broker, Release],
) -> None:
    """Every scan of its department, with who, why, what and what came of it."""
    deployment, broker, release = asked
    steward = ("steward-kaigo", "data_steward")
    with broker:
        uses = broker.looks.uses_of_department(asker(deployment, broker, *steward), department="kaigo")
        with pytest.raises(Denied) as caught:
            broker.looks.uses_of_department(asker(deployment, broker, *steward), department="shimin")
        with pytest.raises(BadInput):
            broker.looks.uses_of_department(asker(deployment, broker, *steward), department="nowhere")
    assert {citation.control for citation in caught.value.citations} == {"own-department"}
    assert {use.department for use in uses} == {"kaigo"}
    assert [(use.dataset, use.released, use.rows) for use in uses] == [
        ("kaigo.cert", release.ledger_index, release.rows)
    ]
    assert "care_level" in uses[0].columns


def test_a_department_that_cannot_say_is_not_left_out_unseen(
    asked: tuple[Deployment, Broker, Release], city_with_approval: Path
) -> None:
    """Half a list of uses would be taken for the whole one."""
    deployment, broker, _ = asked
    file = deployment.layout.departments / "kaigo" / ".uses.sqlite"
    file.write_bytes(b"no database, but long enough to be one " * 40)
    with broker, pytest.raises(Exception) as caught:
        broker.looks.uses_of_person(
            asker(deployment, broker, *AUDITOR), number="K5-1", identifier=persons(city_with_approval)[0]
        )
    assert getattr(caught.value, "code", None) == "department-memory"


def test_the_commands_show_and_write_them(
    asked: tuple[Deployment, Broker, Release],
    city_with_approval: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """``ledger subject`` takes the number from standard input, never as an argument; a sheet can be printed."""
    asked[1].close()
    child = persons(city_with_approval)[0]
    common = ["--deployment", str(city_with_approval)]
    subject = ["--as", "auditor", "ledger", "subject", "--number", "K5-1"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{child}\n"))
    assert run([*common, *subject, "--format", "json"]) == 0
    printed = capsys.readouterr()
    document = json.loads(printed.out)
    assert [entry["event"] for entry in document["entries"]] == ["traced"]
    assert child not in printed.out + printed.err
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{child}\n"))
    assert run([*common, *subject, "--out", str(tmp_path / "uses.xlsx")]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    assert run([*common, *subject]) == 2
    own = ["--as", "steward-kaigo", "ledger", "list", "--department", "kaigo"]
    assert run([*common, *own]) == 0
    assert "要介護" in capsys.readouterr().out
    assert run([*common, *own, "--out", str(tmp_path / "own.xlsx")]) == 0
    assert run([*common, *own, "--out", str(tmp_path / "own.csv")]) == 2
    for name in ("uses", "own"):
        assert (tmp_path / f"{name}.xlsx").read_bytes().startswith(b"PK")


def test_a_review_that_is_overdue_is_found(
    new_city: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A year after the last one, or after the beginning; the auditor records it with the number of its document."""
    load = Deployment.load
    now = load(new_city).clock()
    most = load(new_city).guideline.parameters(now.date())["ledger_review_max_days"]

    def found(days: int) -> list[str]:
        monkeypatch.setattr(Deployment, "load", lambda path, **_: load(path, now=now + timedelta(days=days)))
        review = part_of_check(new_city, "review")
        monkeypatch.setattr(Deployment, "load", load)
        return [error.code for error in review.errors]

    assert found(0) == []
    assert found(most + 1) == ["ledger-review-overdue"]
    command = ["--deployment", str(new_city), "--as", "auditor", "ledger", "review", "--number", "K5-7"]
    assert run(command) == 0
    with load(new_city).broker() as broker:
        last = broker.matters.last_review()
        assert last is not None
        assert (last.document["number"], last.document["event"]) == ("K5-7", "reviewed")
    assert found(most) == []
    assert run([*command[:2], "--as", "privacy", "--hat", "reviewer", *command[4:]]) == 3
