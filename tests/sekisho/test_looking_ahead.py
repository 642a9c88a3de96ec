"""``--at``: what the guideline will say on another day. It shows, and gives nothing away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from query_broker.release import Explanation
from reference.akishima.demo_refusals import query_text
from sekisho import cli
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment


@pytest.fixture
def changing(new_city: Path) -> Iterator[tuple[Deployment, Broker]]:
    """A city whose guideline lets the notice of purposes end with September and raises the smallest group after it."""
    tables = new_city / "guideline" / "tables" / "parameters.yaml"
    text = tables.read_text(encoding="utf-8")
    versions = "k_internal: {versions: [{from: 2023-04-01, value: 5}, {from: 2023-10-03, value: 9}]}"
    tables.write_text(re.sub(r"^k_internal: 5.*$", versions, text, flags=re.MULTILINE), encoding="utf-8")
    article = new_city / "guideline" / "articles" / "art31.md"
    text = article.read_text(encoding="utf-8")
    ending = "  - id: R31-1\n    effective: {from: 2023-04-01, to: 2023-10-02}\n"
    article.write_text(text.replace("  - id: R31-1\n", ending, 1), encoding="utf-8")
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


def _explained(deployment: Deployment, broker: Broker, day: str | None) -> Explanation:
    request = AskRequest(
        token=deployment.token("center"), hat="controller", purpose="stat", sql=query_text("stat_by_grade")
    )
    return broker.explain(request, at=date.fromisoformat(day) if day is not None else None)


def test_a_day_ahead_has_its_own_rules_and_numbers(changing: tuple[Deployment, Broker]) -> None:
    """On the last day of a rule it is required, on the next it is not; the number rises with that day."""
    deployment, broker = changing
    on = {day: _explained(deployment, broker, day).decision for day in ("2023-10-02", "2023-10-03")}
    # Data are those of today: on a later day some registers may be too old, and nothing else stands against it.
    assert {r.control for d in on.values() for r in d.deny} <= {"protection-current", "sources-fresh"}
    assert ["purpose-notice" in decision.required for decision in on.values()] == [True, False]
    numbers = [deployment.guideline.parameters(date.fromisoformat(day))["k_internal"] for day in on]
    assert numbers == [5, 9]


def test_looking_ahead_leaves_no_trace_and_opens_nothing(changing: tuple[Deployment, Broker]) -> None:
    """Whatever the day, nothing is released, the ledger does not grow, and today decides as before."""
    deployment, broker = changing
    size = broker.ledger.size
    before = _explained(deployment, broker, None).decision
    next_year = _explained(deployment, broker, "2024-04-01")
    assert (next_year.decision.allow, next_year.plan, next_year.cells) == (False, None, ())
    assert "purpose-active" in {reason.control for reason in next_year.decision.deny}
    assert _explained(deployment, broker, None).decision == before
    assert broker.ledger.size == size


def test_a_query_cannot_be_run_as_of_another_day(new_city: Path) -> None:
    """Only what shows takes a day; what releases refuses the option."""
    arguments = ["--deployment", str(new_city), "--as", "center", "query", "run", "--purpose", "stat"]
    assert cli.run([*arguments, "--at", "2023-04-01"]) == 2


def test_a_trace_shows_the_rules_of_a_day(
    changing: tuple[Deployment, Broker], capsys: pytest.CaptureFixture[str]
) -> None:
    """A rule that has ended is not among the rules of the next day."""
    deployment, _ = changing
    arguments = ["--deployment", str(deployment.layout.folder), "--format", "json", "policy", "trace"]
    assert cli.run([*arguments, "--rule", "R31-1", "--at", "R5.10.2"]) == 0
    (line,) = json.loads(capsys.readouterr().out)["trace"]
    assert line["effective"] == {"from": "2023-04-01", "to": "2023-10-02"}
    assert cli.run([*arguments, "--rule", "R31-1", "--at", "R5.10.3"]) == 2
