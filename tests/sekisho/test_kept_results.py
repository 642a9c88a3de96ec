"""Terms of what judgements leave behind: candidates of each kind go at the end of theirs, and out of the file (第24条)."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from risk.candidates import Candidate, Outcome, Verdict
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import asker, part_of_check
from tests.sekisho.test_candidates import AT, put, somebody

TERMS = {"results-supported": 60, "results-not-supported": 30}
"""Days in these tests: accounts end with the fiscal year, before the city's own terms do."""

ORDERS, ERASES = ("privacy", "reviewer"), ("custodian", "key_custodian")


@pytest.fixture(scope="module")
def listed_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city with short terms and a work list with somebody of each kind; to be copied, not changed."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("kept") / "demo-city"))
    table = folder / "guideline" / "tables" / "parameters.yaml"
    text = table.read_text(encoding="utf-8")
    for kind, days in TERMS.items():
        text, changed = re.subn(rf"(?m)^(  {kind}: .*) days: [0-9]+,", rf"\1 days: {days},", text)
        assert changed == 1
    table.write_text(text, encoding="utf-8")
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        put(
            broker,
            somebody(1),
            ended(2, "support"),
            ended(3, "supported_already"),
            ended(4, "no_support"),
            somebody(5, state="closed", ending="expired"),
            somebody(6, state="closed", ending="no_hand_over"),
            replace(ended(7, "watch"), ending="handed_over"),
        )
    return folder


@pytest.fixture
def folder(listed_city: Path, tmp_path: Path) -> Path:
    """A copy of its own."""
    return Path(shutil.copytree(listed_city, tmp_path / "demo-city"))


def ended(number: int, verdict: Verdict) -> Candidate:
    """Somebody about whom people have judged."""
    outcome = Outcome(verdict=verdict, reason="面談", wish=None, wish_missing="不在", by="center", at="2023-09-02")
    return somebody(number, state="closed", ending="assessed", outcome=outcome)


def later(folder: Path, days: int) -> Deployment:
    """The same deployment, days after the list was made."""
    return Deployment.load(folder, now=datetime.fromisoformat(AT) + timedelta(days=days))


def past(deployment: Deployment, broker: Broker) -> Mapping[str, int | None]:
    """How many are past their term, of each kind of result of which there are any."""
    terms = broker.retention.terms(deployment.clock().date())
    return {each.kind: each.past for each in terms if each.kind.startswith("results-") and each.held}


def bodies(folder: Path) -> list[bytes]:
    """What the file of the work list holds of candidates and their history, as it is sealed."""
    with sqlite3.connect(folder / "assessment" / "work_list.sqlite") as store:
        rows = store.execute("SELECT body FROM candidate UNION ALL SELECT note FROM change").fetchall()
    return [bytes(body) for (body,) in rows]


def test_each_kind_of_result_goes_at_its_own_term(folder: Path) -> None:
    """On the last day none is past; then those without support, the others later, and who is still looked at never."""
    counts: dict[int, Any] = {}
    for day in (30, 31, 60, 61):
        deployment = later(folder, day)
        with deployment.broker() as broker:
            counts[day] = past(deployment, broker)
    nobody = {"results-supported": 0, "results-not-supported": 0, "results-left": 0}
    assert counts == {
        30: nobody,
        31: {**nobody, "results-not-supported": 2},
        60: {**nobody, "results-not-supported": 2},
        61: {**nobody, "results-not-supported": 2, "results-supported": 3},
    }


def test_results_of_those_who_have_left_go_with_the_fiscal_year(folder: Path) -> None:
    """Whoever left by age or by moving out: until 31 March, whatever other terms say, and then no longer."""
    for day, expected in (("2024-04-01", 0), ("2024-04-02", 1)):
        deployment = later(folder, 0)
        with deployment.broker() as broker:
            lines = broker.retention.terms(date.fromisoformat(day))
        assert [(each.held, each.past) for each in lines if each.kind == "results-left"] == [(1, expected)]


def test_what_is_erased_is_gone_from_the_file_and_counted(folder: Path) -> None:
    """Ordered by one person, erased by another: no row, no sealed byte of it, and the count stands in the ledger."""
    deployment = later(folder, 31)
    sealed = bodies(folder)
    with deployment.broker() as broker:
        broker.retention.order(asker(deployment, broker, *ORDERS), number="R5-1")
        erased = broker.retention.erase(asker(deployment, broker, *ERASES), number="R5-1")
        entries = [entry.document for entry in broker.ledger.of_kind("retention")]
        left = {each.number for each in broker.candidates.work_list.candidates()}
    assert {kind: count for kind, count in erased.counts.items() if count} == {"results-not-supported": 2}
    assert entries[-1]["counts"]["results-not-supported"] == 2
    assert left == {f"WL-2023-{number:06d}" for number in (1, 2, 3, 6, 7)}
    gone = [body for body in sealed if body not in bodies(folder)]
    data = (folder / "assessment" / "work_list.sqlite").read_bytes()
    assert len(gone) == 4
    assert not any(body in data for body in gone)
    assert all(body in data for body in bodies(folder))


def test_results_past_their_term_are_a_finding_of_the_check(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that was forgotten is found without anybody looking for it."""
    load, over = Deployment.load, later(folder, 61)
    monkeypatch.setattr(Deployment, "load", lambda path, **_: load(path, now=over.clock()))
    assert [error.code for error in part_of_check(folder, "retention").errors] == ["retention-overdue"] * 2


def test_to_look_at_terms_makes_no_list(new_city: Path) -> None:
    """A deployment that judges nobody has no work list, and the report leaves it so."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        lines = broker.retention.report(asker(deployment, broker, *ORDERS))
    assert {each.kind: each.held for each in lines if each.kind.startswith("results-")} == {
        "results-supported": 0,
        "results-not-supported": 0,
        "results-left": 0,
    }
    assert not (new_city / "assessment").exists()
