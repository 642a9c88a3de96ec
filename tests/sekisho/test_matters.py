"""Suspensions and stops: effective at once, ended by somebody else, and in the ledger without a name."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from audit.encoding import encode_entry
from connectors.suspensions import FILE, write_list
from governance.errors import BadInput, Denied, Unavailable
from query_broker.release import Release
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import APPROVAL, PURPOSE, asker

STEWARD, CHIEF, WORKER = ("steward-shimin", "data_steward"), ("cpo", "cpo"), ("center", "user")


def ask(deployment: Deployment, broker: Broker) -> Release:
    """The approved query."""
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    return broker.ask(AskRequest(token=token, hat="controller", purpose=PURPOSE, approval=APPROVAL))


def children(city: Path) -> list[str]:
    """Numbers of children of the city."""
    with (city / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["resident_id"] for row in csv.DictReader(file)]


def controls(denied: Denied) -> set[str]:
    """Under which controls it was refused."""
    return {citation.control for citation in denied.citations}


def test_a_suspended_person_is_in_no_query_from_then_on(city_with_approval: Path) -> None:
    """At once, for a broker that is open already, and in every department that would have given something."""
    deployment = Deployment.load(city_with_approval)
    person, reason = children(city_with_approval)[0], "R5-12"
    with deployment.broker() as open_already, deployment.broker() as broker:
        before = ask(deployment, open_already)
        matter = broker.matters.suspend(asker(deployment, broker, *STEWARD), number=reason, identifier=person)
        without = ask(deployment, open_already)
        gone = set(before.table.column("resident_id").to_pylist()) - set(
            without.table.column("resident_id").to_pylist()
        )
        assert (len(gone), without.rows) == (1, before.rows - 1)
        # Somebody else ends it, and the pseudonym is the same as before.
        broker.matters.release(asker(deployment, broker, *CHIEF), number=reason)
        assert ask(deployment, open_already).table.equals(before.table)
        entries = [e.document for e in broker.ledger.of_kind("matter")]
    assert [(e["event"], e["number"], e["principal"]) for e in entries] == [
        ("suspended", reason, "steward-shimin"),
        ("released", reason, "cpo"),
    ]
    assert {e["subject"] for e in entries} == {matter.reference}
    assert all(person.encode() not in encode_entry(e) for e in entries)


def test_siblings_and_households_stay(city_with_approval: Path) -> None:
    """Only the person is left out; whoever lives with them is asked about as before."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        before = {row["resident_id"]: row for row in ask(deployment, broker).table.to_pylist()}
        broker.matters.suspend(
            asker(deployment, broker, *STEWARD), number="R5-12", identifier=children(city_with_approval)[0]
        )
        after = {row["resident_id"]: row for row in ask(deployment, broker).table.to_pylist()}
    assert after == {person: row for person, row in before.items() if person in after}


@pytest.mark.parametrize(
    ("account", "refusing"),
    [
        (("steward-kaigo", "data_steward"), "own-department"),
        (("center", "controller"), "action-matrix"),
        (CHIEF, "action-matrix"),
        (("auditor", "auditor"), "action-matrix"),
        (("operator", "operator"), "action-matrix"),
        (("vendor-a", "analyst"), "action-matrix"),
    ],
)
def test_only_the_steward_of_the_register_suspends(
    city_with_approval: Path, account: tuple[str, str], refusing: str
) -> None:
    """Anybody else is refused, whether the register knows the number or not, and the list stays as it was."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        for number in (children(city_with_approval)[0], "9999999999"):
            with pytest.raises(Denied) as caught:
                broker.matters.suspend(asker(deployment, broker, *account), number="R5-12", identifier=number)
            assert refusing in controls(caught.value)
        assert broker.matters.suspensions.members().to_pylist() == []


@pytest.mark.parametrize(
    ("number", "identifier", "code"),
    [
        ("r5", "0000000001", "matter-number"),
        ("山田太郎", "0000000001", "matter-number"),
        ("R5-12", "9999999999", "suspension-unknown"),
        ("R5-12", "not a number", "suspension-key"),
    ],
)
def test_what_is_no_suspension_is_refused(city_with_approval: Path, number: str, identifier: str, code: str) -> None:
    """A document's number that could be a name, and a person that nobody knows."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        with pytest.raises(BadInput) as caught:
            broker.matters.suspend(asker(deployment, broker, *STEWARD), number=number, identifier=identifier)
        assert caught.value.code == code
        assert identifier not in caught.value.text("ja") + caught.value.text("en")
        assert list(broker.ledger.of_kind("matter")) == []


def test_two_documents_about_one_person_are_ended_both(city_with_approval: Path) -> None:
    """The end of one leaves the other in force."""
    deployment = Deployment.load(city_with_approval)
    person = children(city_with_approval)[0]
    with deployment.broker() as broker:
        for number in ("R5-12", "R5-13"):
            broker.matters.suspend(asker(deployment, broker, *STEWARD), number=number, identifier=person)
        broker.matters.release(asker(deployment, broker, *CHIEF), number="R5-12")
        assert len(broker.matters.suspensions.members()) == 1
        broker.matters.release(asker(deployment, broker, *CHIEF), number="R5-13")
        assert len(broker.matters.suspensions.members()) == 0
        with pytest.raises(BadInput):
            broker.matters.release(asker(deployment, broker, *CHIEF), number="R5-13")


def test_without_a_list_nobody_is_in_any_answer(city_with_approval: Path) -> None:
    """A list that is gone, and one that somebody has emptied by hand, stop every query over persons."""
    deployment = Deployment.load(city_with_approval)
    file = deployment.layout.departments / FILE
    for spoil in (lambda: file.write_text(""), file.unlink):
        spoil()
        with deployment.broker() as broker, pytest.raises(Unavailable) as caught:
            ask(deployment, broker)
        assert caught.value.code == "suspensions-unreadable"


def test_a_person_who_was_taken_off_without_a_decision_is_found(city_with_approval: Path) -> None:
    """The ledger says who should be on the list, by reference."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        broker.matters.suspend(
            asker(deployment, broker, *STEWARD), number="R5-12", identifier=children(city_with_approval)[0]
        )
        assert broker.matters.unmatched() == ()
        write_list(deployment.layout.departments, [])
        assert broker.matters.unmatched() == ("R5-12",)


def test_a_stop_refuses_every_query_until_another_person_lifts_it(city_with_approval: Path) -> None:
    """For every broker, from the next question on; whoever stopped cannot lift."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as open_already, deployment.broker() as broker:
        ask(deployment, open_already)
        broker.matters.stop(asker(deployment, broker, *WORKER), number="J5-1")
        with pytest.raises(Denied) as caught:
            ask(deployment, open_already)
        assert controls(caught.value) == {"releases-not-stopped"}
        assert {citation.article for citation in caught.value.citations} == {27}
        with pytest.raises(Denied) as caught:
            broker.matters.lift(asker(deployment, broker, *WORKER), number="J5-1")
        assert controls(caught.value) == {"action-matrix", "second-person"}
        broker.matters.lift(asker(deployment, broker, *CHIEF), number="J5-1")
        assert ask(deployment, open_already).rows > 0


def test_a_chief_who_stopped_releases_does_not_lift_the_stop(city_with_approval: Path) -> None:
    """The role alone is not enough; it has to be another person."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        broker.matters.stop(asker(deployment, broker, *CHIEF), number="J5-1")
        with pytest.raises(Denied) as caught:
            broker.matters.lift(asker(deployment, broker, *CHIEF), number="J5-1")
        assert controls(caught.value) == {"second-person"}
        assert [stop.number for stop in broker.matters.stops()] == ["J5-1"]
