"""Retention: what is past its term is found, erased by two persons, counted, and held up where it may be needed."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from governance.errors import BadInput, CheckFailed, Denied
from query_broker.release import Release
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.checks import check
from sekisho.cli import run
from sekisho.deployment import Deployment
from tests.city import ask, asker, part_of_check

ORDERS, ERASES, CHIEF = ("privacy", "reviewer"), ("custodian", "key_custodian"), ("cpo", "cpo")
TERM = 40
"""Days that answers are kept in these tests: accounts end with the fiscal year, before the city's own term does."""


@pytest.fixture(scope="module")
def city_with_answer(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that keeps one answer; to be copied, not changed."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("answered") / "demo-city"))
    table = folder / "guideline" / "tables" / "parameters.yaml"
    text, changed = re.subn(r"(?m)^(  kept-answers: .*) days: [0-9]+,", rf"\1 days: {TERM},", table.read_text())
    assert changed == 1
    table.write_text(text)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        statistic(deployment, broker, "SELECT c.grade, count(*) AS n FROM shimin.child c GROUP BY c.grade")
    return folder


@pytest.fixture
def folder(city_with_answer: Path, tmp_path: Path) -> Path:
    """A copy of its own."""
    return Path(shutil.copytree(city_with_answer, tmp_path / "demo-city"))


@pytest.fixture
def over(folder: Path) -> Deployment:
    """The same, on the first day after the term of its answer."""
    return later(folder, TERM + 1)


def statistic(deployment: Deployment, broker: Broker, sql: str) -> Release:
    """An aggregate answer, which is kept for whoever asks the same again."""
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    return broker.ask(AskRequest(token=token, hat="user", purpose="stat", sql=sql))


def later(folder: Path, days: int) -> Deployment:
    """The same deployment, days later."""
    now = Deployment.load(folder).clock()
    return Deployment.load(folder, now=now + timedelta(days=days))


def answers(folder: Path) -> int:
    """How many answers the store holds."""
    with sqlite3.connect(folder / "store.sqlite") as store:
        return int(store.execute("SELECT count(*) FROM answer").fetchone()[0])


def new_epoch(folder: Path) -> None:
    """Every domain goes on with a new epoch, as at the beginning of a fiscal year."""
    table = folder / "guideline" / "tables" / "domains.yaml"
    table.write_text(table.read_text().replace('epoch: "2023"', 'epoch: "2024"'))


def line(broker: Broker, at: datetime, kind: str) -> tuple[int | None, int | None]:
    """How many there are of a kind, and how many are past their term."""
    return next((each.held, each.past) for each in broker.retention.terms(at.date()) if each.kind == kind)


def refusing(denied: Denied) -> set[str]:
    """Under which controls it was refused."""
    return {citation.control for citation in denied.citations}


def test_an_answer_is_erased_at_the_end_of_its_term_and_not_before(folder: Path, over: Deployment) -> None:
    """On its last day it stays; a day later it is found, ordered by one person and erased by another, with its count."""
    last_day = later(folder, TERM)
    with last_day.broker() as broker:
        assert line(broker, last_day.clock(), "kept-answers") == (1, 0)
        with pytest.raises(BadInput) as caught:
            broker.retention.order(asker(last_day, broker, *ORDERS), number="R6-1")
        assert caught.value.code == "retention-nothing-past"
    with over.broker() as broker:
        size = broker.ledger.size
        assert line(broker, over.clock(), "kept-answers") == (1, 1)
        ordered = broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")
        assert ({k: n for k, n in ordered.counts.items() if n}, answers(folder)) == ({"kept-answers": 1}, 1)
        erased = broker.retention.erase(asker(over, broker, *ERASES), number="R6-1")
        assert ({k: n for k, n in erased.counts.items() if n}, answers(folder)) == ({"kept-answers": 1}, 0)
        entries = [entry.document for entry in broker.ledger.of_kind("retention")]
        assert broker.ledger.size == size + 4
    assert [(e["event"], e["number"], e["principal"], e["counts"]["kept-answers"]) for e in entries] == [
        ("ordered", "R6-1", "privacy", 1),
        ("erased", "R6-1", "custodian", 1),
    ]
    assert all(part.ok for part in check(folder))


def test_what_became_past_its_term_after_the_order_waits_for_the_next(folder: Path, over: Deployment) -> None:
    """The person who erases carries out what was ordered, and nothing else."""
    days_later = later(folder, 1)
    with days_later.broker() as broker:
        statistic(days_later, broker, "SELECT count(*) AS n FROM shimin.child c")
    with over.broker() as broker:
        assert line(broker, over.clock(), "kept-answers") == (2, 1)
        broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")
    long_over = later(folder, TERM + 20)
    with long_over.broker() as broker:
        assert line(broker, long_over.clock(), "kept-answers") == (2, 2)
        erased = broker.retention.erase(asker(long_over, broker, *ERASES), number="R6-1")
        assert erased.counts["kept-answers"] == 1
        assert line(broker, long_over.clock(), "kept-answers") == (1, 1)


def test_an_epoch_that_is_over_is_shredded(city_with_approval: Path) -> None:
    """Keys in use have no end; after the change of epoch their term runs from the last use, then nobody makes them."""
    first = Deployment.load(city_with_approval)
    with first.broker() as broker:
        before = ask(broker, first)
        assert line(broker, later(city_with_approval, 300).clock(), "pseudonym-epochs") == (1, 0)
    new_epoch(city_with_approval)
    over = later(city_with_approval, 93)
    with over.broker() as broker:
        assert line(broker, later(city_with_approval, 92).clock(), "pseudonym-epochs") == (1, 0)
        assert line(broker, over.clock(), "pseudonym-epochs") == (1, 1)
        broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")
        erased = broker.retention.erase(asker(over, broker, *ERASES), number="R6-1")
        assert erased.counts["pseudonym-epochs"] == 1
        assert line(broker, over.clock(), "pseudonym-epochs") == (0, 0)
    table = city_with_approval / "guideline" / "tables" / "domains.yaml"
    table.write_text(table.read_text().replace('epoch: "2024"', 'epoch: "2023"'))
    back = Deployment.load(city_with_approval)
    assert before.rows > 0
    with back.broker() as broker, pytest.raises(BadInput) as caught:
        ask(broker, back)
    assert caught.value.code == "mask-epoch-destroyed"


HOLDS: dict[str, tuple[Callable[[Broker, Deployment], object], Callable[[Broker, Deployment], object]]] = {
    "a dispute": (
        lambda broker, city: broker.retention.hold(asker(city, broker, *ORDERS), number="R6-7"),
        lambda broker, city: broker.retention.free(asker(city, broker, *CHIEF), number="R6-7"),
    ),
    "an incident": (
        lambda broker, city: broker.matters.stop(asker(city, broker, "steward-kaigo", "data_steward"), number="R6-7"),
        lambda broker, city: broker.matters.lift(asker(city, broker, *CHIEF), number="R6-7"),
    ),
}


@pytest.mark.parametrize(("begin", "end"), HOLDS.values(), ids=HOLDS)
def test_nothing_is_erased_while_it_may_be_needed(
    folder: Path,
    over: Deployment,
    begin: Callable[[Broker, Deployment], object],
    end: Callable[[Broker, Deployment], object],
) -> None:
    """A hold that came after the order counts, too; once it has ended the order is carried out."""
    with over.broker() as broker:
        broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")
        begin(broker, over)
        assert [hold.number for hold in broker.retention.holds()] == ["R6-7"]
        with pytest.raises(Denied) as caught:
            broker.retention.erase(asker(over, broker, *ERASES), number="R6-1")
        assert (refusing(caught.value), answers(folder)) == ({"erasure-not-held"}, 1)
        end(broker, over)
        broker.retention.erase(asker(over, broker, *ERASES), number="R6-1")
    assert answers(folder) == 0


@pytest.mark.parametrize(
    ("account", "control"),
    [
        (ORDERS, "second-person"),
        (CHIEF, "action-matrix"),
        (("center", "controller"), "action-matrix"),
        (("operator", "operator"), "action-matrix"),
        (("auditor", "auditor"), "action-matrix"),
    ],
)
def test_only_another_person_of_the_right_role_erases(
    folder: Path, over: Deployment, account: tuple[str, str], control: str
) -> None:
    """Whoever ordered it does not erase it, and neither does anybody but the custodian of keys."""
    with over.broker() as broker:
        broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")
        with pytest.raises(Denied) as caught:
            broker.retention.erase(asker(over, broker, *account), number="R6-1")
    assert control in refusing(caught.value)
    assert answers(folder) == 1


def test_whoever_holds_erasure_up_does_not_end_that(new_city: Path) -> None:
    """The chief may do both, but not both of one."""
    city = Deployment.load(new_city)
    with city.broker() as broker:
        broker.retention.hold(asker(city, broker, *CHIEF), number="R6-7")
        with pytest.raises(Denied) as caught:
            broker.retention.free(asker(city, broker, *CHIEF), number="R6-7")
        assert refusing(caught.value) == {"second-person"}
        assert len(broker.retention.holds()) == 1


def test_what_is_no_order_is_refused(over: Deployment) -> None:
    """An unknown number, one that is taken, one that could be a name."""
    with over.broker() as broker:
        broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")
        for code, act in (
            ("retention-unknown", lambda: broker.retention.erase(asker(over, broker, *ERASES), number="R6-2")),
            ("retention-unknown", lambda: broker.retention.free(asker(over, broker, *CHIEF), number="R6-1")),
            ("matter-open", lambda: broker.retention.order(asker(over, broker, *ORDERS), number="R6-1")),
            ("matter-number", lambda: broker.retention.hold(asker(over, broker, *ORDERS), number="山田")),
        ):
            with pytest.raises(BadInput) as caught:
                act()
            assert caught.value.code == code


def test_the_check_finds_what_should_be_gone(folder: Path, over: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployment with something past its term is not sound; one that has a reason to keep it is."""

    def found() -> list[str]:
        errors = part_of_check(folder, "retention").errors
        assert all(isinstance(error, CheckFailed) for error in errors)
        return [error.code for error in errors]

    assert found() == []
    load = Deployment.load
    monkeypatch.setattr(Deployment, "load", lambda path, **_: load(path, now=over.clock()))
    assert found() == ["retention-overdue"]
    with over.broker() as broker:
        broker.retention.hold(asker(over, broker, *ORDERS), number="R6-7")
    assert found() == []


def test_the_report_says_what_others_keep(new_city: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Every term of the guideline stands in it, with a count only where this deployment keeps the things."""
    command = ["--deployment", str(new_city), "--as", "privacy", "--hat", "reviewer", "retention", "report"]
    assert run([*command, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    table = Deployment.load(new_city).guideline.tables["parameters"]["retention"]
    assert [(t["kind"], t["days"], t["kept"]) for t in document["terms"]] == [
        (kind, entry["days"], entry["kept"]) for kind, entry in table.items()
    ]
    assert {t["kept"] for t in document["terms"]} == {"here", "people"}
    assert all((t["held"] is not None) == (t["kept"] == "here") for t in document["terms"])
    assert run([*command, "--out", str(tmp_path / "terms.xlsx")]) == 0
    assert (tmp_path / "terms.xlsx").read_bytes().startswith(b"PK")
    assert run([*command[:-2], "retention", "order", "--number", "R6-1"]) == 2
    assert run(["--deployment", str(new_city), "--as", "center", "--hat", "user", *command[-2:]]) == 3
