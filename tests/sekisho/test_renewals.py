"""Purposes and approvals end with the fiscal year; the next one is prepared from February and counts from 1 April."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from governance.dates import fiscal_year
from governance.errors import BadInput, Denied
from reference.akishima.demo_refusals import query_text
from sekisho import cli
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import TEMPLATE, asker, draft, sign

OCTOBER, JANUARY = "2023-10-02T09:00:00+09:00", "2024-01-31T09:00:00+09:00"
FEBRUARY, APRIL = "2024-02-01T09:00:00+09:00", "2024-04-01T09:00:00+09:00"


@contextmanager
def opened(folder: Path, at: str) -> Iterator[tuple[Deployment, Broker]]:
    """The city at a moment."""
    deployment = Deployment.load(folder, now=datetime.fromisoformat(at))
    with deployment.broker() as broker:
        yield deployment, broker


def refusals(attempt: Callable[[], object]) -> set[tuple[str, str]]:
    with pytest.raises(Denied) as refused:
        attempt()
    return {(citation.control, citation.on) for citation in refused.value.citations}


def review(folder: Path, at: str, account: str = "privacy") -> None:
    with opened(folder, at) as (deployment, broker):
        broker.renewals.review(asker(deployment, broker, account, "reviewer"), purpose="stat", number="K5-8")


def renew(deployment: Deployment, broker: Broker) -> None:
    broker.renewals.renew(asker(deployment, broker, "cpo", "cpo"), purpose="stat", number="K5-9")


def _extended(folder: Path) -> None:
    """Accounts and trainings of the next fiscal year, as the operator enters them."""
    path = folder / "principals.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace('"2024-03-31"', '"2025-03-31"'), encoding="utf-8")


def _reasons(deployment: Deployment, broker: Broker, purpose: str = "stat") -> set[str]:
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    request = AskRequest(token=token, hat="controller", purpose=purpose, sql=query_text("stat_by_grade"))
    return {reason.control for reason in broker.explain(request).decision.deny}


def test_a_purpose_goes_on_in_april_if_it_was_reviewed_and_renewed(new_city: Path) -> None:
    """Reviewed by one, renewed in season by another: in force on 1 April, and not a day in another way."""
    review(new_city, OCTOBER)
    with opened(new_city, JANUARY) as (deployment, broker):
        assert refusals(lambda: renew(deployment, broker)) == {("purpose-renewable", "season")}
    with opened(new_city, FEBRUARY) as (deployment, broker):
        renew(deployment, broker)
        assert "purpose-active" not in _reasons(deployment, broker)
        with pytest.raises(BadInput) as again:
            renew(deployment, broker)
        assert again.value.code == "purpose-renewed-already"
    _extended(new_city)
    with opened(new_city, APRIL) as (deployment, broker):
        assert not {"purpose-active", "purpose-reviewed"} & _reasons(deployment, broker)
    with opened(new_city, "2025-04-01T09:00:00+09:00") as (deployment, broker):
        assert "purpose-active" in _reasons(deployment, broker)


def test_a_purpose_without_a_renewal_ends_on_31_march(new_city: Path) -> None:
    """On the last day it is in force, on the next it is not; another purpose's renewal does not help."""
    review(new_city, OCTOBER)
    with opened(new_city, FEBRUARY) as (deployment, broker):
        broker.renewals.review(asker(deployment, broker, "privacy", "reviewer"), purpose="abuse", number="K5-10")
        broker.renewals.renew(asker(deployment, broker, "cpo", "cpo"), purpose="abuse", number="K5-11")
    _extended(new_city)
    with opened(new_city, "2024-03-31T23:00:00+09:00") as (deployment, broker):
        assert "purpose-active" not in _reasons(deployment, broker)
    with opened(new_city, APRIL) as (deployment, broker):
        assert "purpose-active" in _reasons(deployment, broker)


def test_a_renewal_needs_a_review_by_somebody_who_may(new_city: Path) -> None:
    """Without a review nothing is renewed; reviewing and renewing are for the roles that annex 1 names."""
    with opened(new_city, FEBRUARY) as (deployment, broker):
        assert refusals(lambda: renew(deployment, broker)) == {
            ("purpose-renewable", "review"),
            ("purpose-renewable", "person"),
        }
        worker, chief = (asker(deployment, broker, *who) for who in (("center", "controller"), ("cpo", "cpo")))
        for attempt in (
            lambda: broker.renewals.review(worker, purpose="stat", number="K5-8"),
            lambda: broker.renewals.review(chief, purpose="stat", number="K5-8"),
            lambda: broker.renewals.renew(worker, purpose="stat", number="K5-9"),
        ):
            assert "action-matrix" in {control for control, _ in refusals(attempt)}
        assert broker.renewals.reviews() == ()


def test_each_step_is_a_decision_and_an_entry_of_the_ledger(new_city: Path) -> None:
    """The decision stands before what it allowed; the entries name person, purpose and document, and nothing else."""
    review(new_city, OCTOBER)
    with opened(new_city, FEBRUARY) as (deployment, broker):
        renew(deployment, broker)
        size = broker.ledger.size
        documents = [dict(entry.document) for entry in broker.ledger.entries(size - 4, size)]
    assert [d.get("action") or d["event"] for d in documents] == [
        "purpose.review", "purpose_reviewed", "purpose.renew", "purpose_renewed",
    ]  # fmt: skip
    assert (documents[1]["principal"], documents[1]["purpose"], documents[1]["number"]) == ("privacy", "stat", "K5-8")
    assert documents[3]["decision"] == size - 2


def test_an_approval_for_the_next_year_is_decided_in_season_and_used_from_april(new_city: Path) -> None:
    """Drafted before, it is signed from February on, and counts from 1 April until the end of that fiscal year."""
    with opened(new_city, JANUARY) as (deployment, broker):
        worker = asker(deployment, broker, "center", "controller")
        prepared = broker.approvals.request(worker, template=TEMPLATE, next_year=True)
        assert (prepared.starts_on, prepared.expires_at) == ("2024-04-01", "2025-03-31")
        assert prepared.id.startswith("AP-2024-")
        assert ("approval-current", "approval") in refusals(lambda: sign(deployment, broker, prepared.id))
    with opened(new_city, FEBRUARY) as (deployment, broker):
        granted = sign(deployment, broker, prepared.id)
        assert granted.state == "granted"
        token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
        request = AskRequest(token=token, hat="controller", purpose="young_carer", approval=granted.id)
        assert "approval-current" in {r.control for r in broker.explain(request).decision.deny}
    _extended(new_city)
    with opened(new_city, APRIL) as (deployment, broker):
        token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
        request = AskRequest(token=token, hat="controller", purpose="young_carer", approval=prepared.id)
        reasons = {reason.control for reason in broker.explain(request).decision.deny}
        assert "approval-current" not in reasons
        assert "purpose-active" in reasons


def test_an_approval_of_today_ends_with_the_fiscal_year(new_city: Path) -> None:
    """Whatever was asked for, an approval does not outlive 31 March."""
    with opened(new_city, FEBRUARY) as (deployment, broker):
        drafted = draft(deployment, broker)
    assert (drafted.starts_on, drafted.expires_at) == ("2024-02-01", "2024-03-31")
    assert fiscal_year(datetime.fromisoformat(FEBRUARY).date()) == 2023


def test_terms_are_shown(new_city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list shows each purpose with its term, who reviewed it and when, and what it is renewed for."""
    review(new_city, OCTOBER)
    capsys.readouterr()
    assert cli.run(["--deployment", str(new_city), "--format", "json", "purpose", "list"]) == 0
    listed = {line["purpose"]: line for line in json.loads(capsys.readouterr().out)["purposes"]}
    assert (listed["stat"]["from"], listed["stat"]["to"]) == ("2023-04-01", "2024-03-31")
    assert (listed["abuse"]["reviewed_by"], listed["after_school"]["reviewed_by"]) == ("privacy", None)
    assert listed["stat"]["next_from"] is None
