"""代決 and 後閲: a deputy decides only in a recorded absence, and the decider looks at it afterwards (第19条)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path

import pytest

from governance.approvals import Approval
from governance.errors import BadInput, Denied
from sekisho import cli
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import APPROVAL, ask, asker, draft, sign

Opened = tuple[Deployment, Broker]
CHIEF, DEPUTY, REVIEWER = ("cpo", "cpo"), ("cpo-deputy", "cpo_deputy"), ("privacy", "reviewer")
FIRST, LAST, LOOK_BY = date(2023, 10, 1), date(2023, 10, 2), "2023-10-09"


@pytest.fixture
def opened(new_city: Path) -> Iterator[Opened]:
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


def controls(attempt: Callable[[], object]) -> set[str]:
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.control for citation in caught.value.citations}


def consented(deployment: Deployment, broker: Broker) -> str:
    """A request that waits for its decision alone; its number."""
    number = draft(deployment, broker).id
    sign(deployment, broker, number, upto=5)
    return number


def away(deployment: Deployment, broker: Broker, *, first: date = FIRST, last: date = LAST) -> None:
    """The chief privacy officer is away, as the privacy section has recorded."""
    recorder = asker(deployment, broker, *REVIEWER)
    broker.absences.record(recorder, account="cpo", first=first, last=last)


def deputise(deployment: Deployment, broker: Broker, number: str) -> Approval:
    return broker.approvals.sign(asker(deployment, broker, *DEPUTY), approval=number, step="deputise")


def test_a_deputy_decides_in_a_recorded_absence_and_the_decider_looks_at_it(opened: Opened) -> None:
    """代決 grants; what it rests on and until when it is looked at stand with it; 後閲 is the decider's, and once."""
    deployment, broker = opened
    number = consented(deployment, broker)
    away(deployment, broker)
    before = broker.ledger.size
    granted = deputise(deployment, broker, number)
    assert (granted.state, granted.acknowledge_by, granted.acknowledged) == ("granted", LOOK_BY, None)
    assert granted.approver is not None
    assert (granted.approver.step, granted.approver.id) == ("deputise", "cpo-deputy")
    assert [(a.id, a.recorded_by) for a in granted.absences] == [("cpo", "privacy")]
    decision, event = (entry.document for entry in broker.ledger.entries(before, broker.ledger.size))
    assert (decision["allow"], "decider-absent" in decision["granted_under"]) == (True, True)
    assert (event["step"], event["state"]) == ("deputise", "granted")
    assert ask(broker, deployment).rows > 0
    assert broker.approvals.store.get(number).approval == granted
    progress = broker.approvals.progress(granted, today=deployment.clock().date())
    assert (progress.stage, progress.look_by, progress.overdue) == ("granted", LOOK_BY, False)
    chief = asker(deployment, broker, *CHIEF)
    assert [(w.approval.id, w.step) for w in broker.approvals.waiting(chief)] == [(number, "acknowledge")]
    assert broker.approvals.waiting(asker(deployment, broker, *DEPUTY)) == ()
    deputy = asker(deployment, broker, *DEPUTY)
    assert "later-look-by-decider" in controls(partial(broker.approvals.acknowledge, deputy, approval=number))
    looked = broker.approvals.acknowledge(chief, approval=number)
    assert looked.acknowledged is not None
    assert (looked.acknowledged.id, looked.waits_for_a_look) == ("cpo", False)
    assert controls(partial(broker.approvals.acknowledge, chief, approval=number)) == {"later-look-by-decider"}
    sheet = broker.approvals.sheet(asker(deployment, broker, *REVIEWER), approval=number)
    assert [(box.step, box.name) for box in sheet.boxes[-2:]] == [("代決", "cpo-deputy"), ("後閲", "cpo")]
    fields = dict(sheet.fields)
    assert "cpo" in fields["専決者の不在"]
    assert "privacy" in fields["専決者の不在"]
    assert [event for event, *_ in sheet.history[-2:]] == ["代決", "後閲"]


def test_without_a_recorded_absence_nobody_stands_in(opened: Opened) -> None:
    """Before it is recorded, before it begins, and once it has ended, the deputy is refused; nothing changes."""
    deployment, broker = opened
    number = consented(deployment, broker)
    attempt = partial(deputise, deployment, broker, number)
    assert controls(attempt) == {"decider-absent"}
    away(deployment, broker, first=date(2023, 10, 2), last=date(2023, 10, 3))
    assert controls(attempt) == {"decider-absent"}
    chief = asker(deployment, broker, *CHIEF)
    broker.absences.end(chief, account="cpo")
    away(deployment, broker)
    broker.absences.end(chief, account="cpo")
    assert controls(attempt) == {"decider-absent"}
    assert broker.approvals.store.get(number).approval.state == "requested"
    events = [(e.document["event"], e.document["account"]) for e in broker.ledger.of_kind("absence")]
    assert events == [("recorded", "cpo"), ("ended", "cpo"), ("recorded", "cpo"), ("ended", "cpo")]


def test_an_absence_is_recorded_by_the_decider_or_whom_annex_3_names(opened: Opened) -> None:
    """Not by the deputy, nor by another decider; not for somebody without a deputy, nor for days that have passed."""
    deployment, broker = opened
    record = partial(broker.absences.record, account="cpo", first=FIRST, last=LAST)
    assert "absence-recorded" in controls(lambda: record(asker(deployment, broker, *DEPUTY)))
    head = asker(deployment, broker, "center-head", "center_head")
    assert controls(lambda: record(head)) == {"absence-recorded"}
    reviewer = asker(deployment, broker, *REVIEWER)
    assert controls(lambda: record(reviewer, account="auditor")) == {"absence-recorded"}
    assert controls(lambda: record(reviewer, first=date(2023, 9, 30))) == {"absence-recorded"}
    assert controls(lambda: record(reviewer, last=date(2023, 11, 1))) == {"absence-recorded"}
    assert broker.absences.list(reviewer) == ()
    assert record(asker(deployment, broker, *CHIEF)).recorded_by == "cpo"
    for code, wrong in {
        "absence-recorded-already": lambda: record(reviewer),
        "absence-account-unknown": lambda: record(reviewer, account="山田"),
        "absence-days": lambda: record(reviewer, last=date(2023, 9, 1)),
        "absence-none": lambda: broker.absences.end(reviewer, account="center-head"),
    }.items():
        with pytest.raises(BadInput) as caught:
            wrong()
        assert caught.value.code == code
        assert "山田" not in str(caught.value)


def test_what_nobody_has_looked_at_in_time_keeps_the_deputy_from_deciding_again(new_city: Path) -> None:
    """On the last day a deputy may decide again; on the next one not, until the decider has looked at it."""

    def at(now: str) -> Deployment:
        return Deployment.load(new_city, now=datetime.fromisoformat(now))

    deployment = at("2023-10-01T09:00:00+09:00")
    with deployment.broker() as broker:
        numbers = [consented(deployment, broker) for _ in range(3)]
        away(deployment, broker)
        deputise(deployment, broker, numbers[0])
    deployment = at("2023-10-09T17:00:00+09:00")
    with deployment.broker() as broker:
        away(deployment, broker, first=date(2023, 10, 9), last=date(2023, 10, 20))
        deputise(deployment, broker, numbers[1])
    deployment = at("2023-10-10T09:00:00+09:00")
    with deployment.broker() as broker:
        today = deployment.clock().date()
        first, second, _ = broker.approvals.list(asker(deployment, broker, *REVIEWER))
        assert [broker.approvals.progress(a, today=today).overdue for a in (first, second)] == [True, False]
        assert controls(partial(deputise, deployment, broker, numbers[2])) == {"later-look-in-time"}
        broker.approvals.acknowledge(asker(deployment, broker, *CHIEF), approval=numbers[0])
        assert deputise(deployment, broker, numbers[2]).state == "granted"


def test_the_decider_who_disagrees_revokes(opened: Opened) -> None:
    """A revoked decision of a deputy waits for nobody, and cannot be looked at any more."""
    deployment, broker = opened
    number = consented(deployment, broker)
    away(deployment, broker)
    deputise(deployment, broker, number)
    chief = asker(deployment, broker, *CHIEF)
    revoked = broker.approvals.revoke(chief, approval=number, reason="対象を絞る必要があるため")
    assert (revoked.state, revoked.waits_for_a_look) == ("revoked", False)
    assert controls(partial(broker.approvals.acknowledge, chief, approval=number)) == {"approval-current"}
    assert broker.approvals.waiting(chief) == ()


def test_the_commands_say_what_waits_for_a_look(new_city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Recording an absence, deciding in it, listing and looking, as people type them."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        consented(deployment, broker)

    def run(who: str, *words: str) -> str:
        token = deployment.issuer.issue(deployment.principals[who], now=deployment.clock())
        deployment.layout.token(who).write_text(token)
        assert cli.run(["--deployment", str(new_city), "--as", who, *words]) == 0
        return capsys.readouterr().out

    assert "2023-10-02" in run("privacy", "absence", "record", "cpo", "--until", "2023-10-02")
    listed = json.loads(run("cpo-deputy", "--format", "json", "absence", "list"))
    assert [absence["id"] for absence in listed["absences"]] == ["cpo"]
    assert "代決" in run("cpo-deputy", "approval", "grant", APPROVAL, "--step", "deputise")
    assert f"後閲待ち {LOOK_BY}まで" in run("privacy", "approval", "list")
    assert "後閲" in run("cpo", "approval", "list", "--mine")
    run("cpo", "absence", "end", "cpo")
    shown = json.loads(run("cpo", "--format", "json", "approval", "acknowledge", APPROVAL))["approval"]
    assert (shown["acknowledged"]["id"], shown["acknowledge_by"], shown["overdue"]) == ("cpo", LOOK_BY, False)
    assert "後閲待ち" not in run("privacy", "approval", "list")
