"""From candidate to outcome on papers, and the manager's approval before a cycle's candidates are looked at (第16条・第29条)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput, Denied
from risk.candidates import Found
from risk.cycles import Cycle, Step
from sekisho import cli
from sekisho.assessments import Written
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import approve_capacity, asker
from tests.sekisho.test_candidates import AT, FOUND, decisions, entered, put, somebody

Opened = tuple[Deployment, Broker]
NUMBER = "WL-2023-000001"
WHY = "記録を見て、学校の出席も戻っており、支援は要らないと考える。"
NOTHING: dict[str, Found] = {"truancy": replace(FOUND, queue="none", band="none", points=Fraction(0), hits=())}
ALERT: dict[str, Found] = {"abuse": replace(FOUND, queue="alert")}


def take(
    opened: Opened, step: Any, account: str = "center", hat: str = "user", number: str = NUMBER, **texts: Any
) -> Any:
    """A step of a case worker."""
    deployment, broker = opened
    return broker.assessments.take(
        asker(deployment, broker, account, hat), number=number, step=step, written=Written(**texts)
    )


def refused(act: Callable[[], object], control: str) -> None:
    """Refused under a control."""
    with pytest.raises(Denied) as caught:
        act()
    assert control in {citation.control for citation in caught.value.citations}


def waiting(broker: Broker, name: str = "C2023-09-1", *, start: int = 1, **changes: Any) -> Cycle:
    """A cycle that nobody has approved: one within the capacity, one alert, one who waits, one drawn."""
    cycle = Cycle(
        id=name, at=AT, as_of="2023-09-01", principal="center", ledger_index=1, key_id="0a1b2c3d", cleared=False,
        rules={"truancy": "9d" * 32}, releases={}, room=1, counts={"chosen": 1},
        thresholds=[{"type": "truancy", "score": 9, "candidates": 1, "minutes": 10}],
    )  # fmt: skip
    people = [
        somebody(start, chosen_in=name, first_cycle=name, last_cycle=name),
        somebody(start + 1, place="alert", found=ALERT, first_cycle=name, last_cycle=name),
        somebody(start + 2, place="waiting", first_cycle=name, last_cycle=name),
        somebody(start + 3, place="sample", found=NOTHING, first_cycle=name, last_cycle=name),
    ]
    steps = [Step(candidate=replace(each, **changes), event="listed") for each in people]
    return broker.candidates.work_list.enter(lambda _: cycle, steps, by="center", at=AT, record=lambda: 1)


def seen(opened: Opened) -> list[str]:
    """Numbers on the list, as a case worker sees it, by their end."""
    deployment, broker = opened
    return sorted(each.number[-1] for each in broker.candidates.list(asker(deployment, broker, "center", "user")))


def test_papers_are_enough_for_no_support(opened: Opened) -> None:
    """Begun, judged with a reason, closed; the outcome and its entries name nobody, and no text is in the ledger."""
    _, broker = opened
    put(broker, somebody())
    assert take(opened, "begin").state == "desk_review"
    size = broker.ledger.size
    after = take(opened, "judge", verdict="no_support", reason=WHY)
    assert (after.state, after.ending, after.outcome.verdict) == ("closed", "not_pursued", "no_support")
    entries = [entry.document for entry in broker.ledger.entries(size)]
    assert [entry["kind"] for entry in entries] == ["decision", "candidate", "candidate"]
    assert [entry["state"] for entry in entries[1:]] == ["outcome", "closed"]
    assert "出席" not in str(entries)
    history = broker.candidates.work_list.changes(NUMBER)
    assert [change.event for change in history] == ["listed", "papers_begun", "papers_judged", "papers_judged"]
    assert history[-1].note == WHY


@pytest.mark.parametrize(("texts", "control"), [
    ({"verdict": "support", "reason": WHY, "wish": "学校に行きたい"}, "desk-verdict"),
    ({"verdict": "watch", "reason": WHY}, "desk-verdict"),
    ({"verdict": "no_support", "reason": "軽い"}, "judged-by-people"),
    ({"reason": WHY}, "judged-by-people"),
])  # fmt: skip
def test_papers_are_not_enough_for_everything(opened: Opened, texts: dict[str, Any], control: str) -> None:
    """Support needs a person who is known; every verdict needs its reason. Nothing is changed by a refusal."""
    _, broker = opened
    put(broker, somebody(state="desk_review"))
    refused(lambda: take(opened, "judge", **texts), control)
    found = broker.candidates.work_list.get(NUMBER)
    assert (found.state, found.outcome, found.version) == ("desk_review", None, 1)


def test_whoever_was_drawn_may_get_any_verdict_on_papers(opened: Opened) -> None:
    """So that the share of those whom the criteria miss can be told; why nobody was asked is written down."""
    _, broker = opened
    put(broker, somebody(place="sample", found=NOTHING))
    take(opened, "begin")
    refused(lambda: take(opened, "judge", verdict="support", reason=WHY), "wish-heard")
    after = take(opened, "judge", verdict="support", reason=WHY, wish_missing="くじによる書類確認のため")
    assert (after.outcome.verdict, after.outcome.wish_missing) == ("support", "くじによる書類確認のため")


@pytest.mark.parametrize(("step", "changes"), [
    ("judge", {}), ("begin", {"state": "desk_review"}), ("begin", {"task": "hand_over"}), ("meet", {"state": "case_open"}),
    ("consult", {"state": "desk_review"}), ("judge", {"state": "case_open"}), ("reopen", {"state": "desk_review"}),
    ("reopen", {"state": "closed", "ending": "rekeyed"}), ("reopen", {"state": "closed", "ending": "handed_over"}),
])  # fmt: skip
def test_no_step_out_of_turn(opened: Opened, step: Any, changes: dict[str, Any]) -> None:
    """No verdict before a look, nothing before what has to be settled, no meeting about a case that one has not."""
    _, broker = opened
    put(broker, somebody(**changes))
    refused(lambda: take(opened, step, verdict="no_support", reason=WHY), "assessment-in-turn")
    assert broker.candidates.work_list.get(NUMBER).version == 1


def test_what_people_ended_may_be_looked_at_again(opened: Opened) -> None:
    """With a reason (R29-3), and once: not where a later cycle has listed the same person again."""
    _, broker = opened
    ended = somebody(state="closed", ending="not_pursued")
    put(
        broker, ended, replace(somebody(2, state="closed", ending="assessed"), subject=somebody(3).subject), somebody(3)
    )
    refused(lambda: take(opened, "reopen", reason="気になる"), "judged-by-people")
    assert take(opened, "reopen", reason="担任から電話があり、様子が変わったと聞いた。").state == "desk_review"
    with pytest.raises(BadInput) as caught:
        take(opened, "reopen", number="WL-2023-000002", reason="担任から電話があり、様子が変わったと聞いた。")
    assert caught.value.code == "candidate-listed-anew"


def test_a_case_without_a_view_goes_back_to_the_papers(opened: Opened) -> None:
    """As after an emergency that was not granted: nobody has the view, so that it would else stand there for ever."""
    _, broker = opened
    put(broker, somebody(state="case_open"))
    assert take(opened, "begin").state == "desk_review"


@pytest.mark.parametrize(("account", "hat"), [
    ("vendor-a", "analyst"), ("auditor", "auditor"), ("operator", "operator"), ("center", "controller"),
    ("center-head", "center_head"), ("school-contact", "school_contact"), ("privacy", "reviewer"),
])  # fmt: skip
def test_nobody_else_takes_a_step(opened: Opened, account: str, hat: str) -> None:
    """Refused alike for a candidate that there is, that there is not, and that only cleared staff may see."""
    _, broker = opened
    put(broker, somebody(), somebody(2, protected=True))
    answers = []
    for number in (NUMBER, "WL-2023-000002", "WL-2023-000009"):
        with pytest.raises(Denied) as caught:
            take(opened, "begin", account, hat, number=number)
        answers.append("action-matrix" in {citation.control for citation in caught.value.citations})
    assert answers == [True, True, True]


def test_whom_only_cleared_staff_may_see_is_like_nobody(opened: Opened) -> None:
    """The same refusal as for a number that does not exist."""
    _, broker = opened
    put(broker, somebody(2, protected=True))
    words = []
    for number in ("WL-2023-000002", "WL-2023-000009"):
        with pytest.raises(Denied) as caught:
            take(opened, "begin", number=number)
        words.append([str(citation) for citation in caught.value.citations])
    assert words[0] == words[1]
    assert take(opened, "begin", "center2", number="WL-2023-000002").state == "desk_review"


def test_until_a_manager_approves_alerts_alone_are_shown(opened: Opened) -> None:
    """The others are counted; looking, judging and identifying are refused with the article that says why, and recorded."""
    deployment, broker = opened
    cycle = waiting(broker)
    worker = asker(deployment, broker, "center", "user")
    assert seen(opened) == ["2"]
    assert broker.candidates.held_back(worker) == {cycle.id: 3}
    size = broker.ledger.size
    refused(lambda: broker.candidates.show(worker, number=NUMBER), "capacity-approved")
    assert decisions(broker, size) == [("risk.read", True), ("risk.read_cycle", False)]
    refused(lambda: take(opened, "begin"), "capacity-approved")
    ask = broker.reidentification.request
    refused(
        lambda: ask(worker, candidate=NUMBER, purpose=None, reason=WHY, contact="学校で面接する"), "capacity-approved"
    )
    assert broker.candidates.work_list.get(NUMBER).state == "candidate"
    assert take(opened, "begin", number="WL-2023-000002").state == "desk_review"


def test_the_manager_sees_numbers_and_approves_once(opened: Opened) -> None:
    """Thresholds with hours, nobody's name; the decision and its entry name cycle and places; then all are shown."""
    deployment, broker = opened
    cycle = waiting(broker)
    head = asker(deployment, broker, "center-head", "center_head")
    (standing,) = broker.capacities.cycles(head)
    assert (standing.approved, standing.superseded, standing.cycle.thresholds[0]["minutes"]) == (None, False, 10)
    with pytest.raises(BadInput) as caught:
        broker.capacities.approve(head, cycle=cycle.id, room=2)
    assert caught.value.code == "cycle-room"
    size = broker.ledger.size
    done = broker.capacities.approve(head, cycle=cycle.id, room=1)
    entry = broker.ledger.entry(size + 1).document
    assert (entry["kind"], entry["event"], entry["cycle"], entry["room"]) == ("capacity", "approved", cycle.id, 1)
    assert done.approved is not None
    assert (done.approved.by, done.approved.ledger_index) == ("center-head", size + 1)
    assert seen(opened) == ["1", "2", "3", "4"]
    refused(lambda: broker.capacities.approve(head, cycle=cycle.id, room=1), "capacity-decider")


@pytest.mark.parametrize(("account", "hat", "control"), [
    ("center", "controller", "action-matrix"), ("center2", "user", "action-matrix"), ("cpo", "cpo", "action-matrix"),
    ("auditor", "auditor", "action-matrix"), ("vendor-a", "analyst", "action-matrix"),
])  # fmt: skip
def test_nobody_else_approves(opened: Opened, account: str, hat: str, control: str) -> None:
    """Neither whoever judged nor any other role; and nobody approves a cycle that there is not."""
    deployment, broker = opened
    cycle = waiting(broker)
    refused(lambda: broker.capacities.approve(asker(deployment, broker, account, hat), cycle=cycle.id, room=1), control)
    head = asker(deployment, broker, "center-head", "center_head")
    refused(lambda: broker.capacities.approve(head, cycle="C2023-01-1", room=1), "capacity-decider")
    assert seen(opened) == ["2"]


def test_judging_again_gives_unapproved_places_anew(opened: Opened) -> None:
    """Another capacity is another judgement; the one that it replaces can be approved no more, and takes no place."""
    deployment, broker = opened
    first = entered(opened)
    again = entered(opened, capacity=12)
    assert (first.cycle.room, again.cycle.room, again.turn.carried) == (6, 9, 0)
    chosen = [each for each in broker.candidates.work_list.candidates() if each.place == "chosen"]
    assert {each.chosen_in for each in chosen} == {again.cycle.id}
    assert len(chosen) == 9
    head = asker(deployment, broker, "center-head", "center_head")
    assert [each.superseded for each in broker.capacities.cycles(head)] == [True, False]
    with pytest.raises(BadInput) as caught:
        broker.capacities.approve(head, cycle=first.cycle.id, room=6)
    assert caught.value.code == "cycle-superseded"
    approve_capacity(broker, again.cycle.id, 9)
    listed = broker.candidates.list(asker(deployment, broker, "center", "user"))
    assert sum(each.place == "chosen" for each in listed) == 9
    assert sum(each.place == "sample" for each in listed) == 30


@pytest.fixture
def waiting_city(opened: Opened) -> Path:
    """A city with a cycle that waits for its approval; closed again."""
    deployment, broker = opened
    waiting(broker)
    return deployment.layout.folder


def command(city: Path, *arguments: str, account: str = "center", hat: str = "user", form: str = "json") -> int:
    """Run as somebody."""
    common = ["--deployment", str(city), "--as", account, "--hat", hat, "--format", form]
    return cli.run([*common, "risk", *arguments])


def test_the_commands_lead_from_the_cycle_to_the_outcome(
    waiting_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list says what waits; the manager sees the table, has it as a sheet, approves; the worker begins and judges."""
    head = {"account": "center-head", "hat": "center_head"}
    assert command(waiting_city, "list") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (len(printed["candidates"]), printed["waiting_for_approval"]) == (1, {"C2023-09-1": 3})
    assert command(waiting_city, "show", NUMBER) == 3
    assert "sekisho risk approve" in capsys.readouterr().err
    assert command(waiting_city, "cycles", **head, form="table") == 0
    shown = capsys.readouterr()
    assert "決裁待ち" in shown.out
    assert "sekisho risk approve C2023-09-1 --room 1" in shown.err
    sheet = tmp_path / "decision.xlsx"
    assert command(waiting_city, "cycles", "--out", str(sheet), **head, form="xlsx") == 0
    assert sheet.stat().st_size > 0
    assert command(waiting_city, "approve", "C2023-09-1", "--room", "1", **head) == 0
    assert json.loads(capsys.readouterr().out)["cycle"]["approved"]["by"] == "center-head"
    assert command(waiting_city, "assess", NUMBER, "--step", "begin") == 0
    judged = ("assess", NUMBER, "--step", "judge", "--verdict", "insufficient", "--reason", WHY)
    assert command(waiting_city, *judged) == 0
    capsys.readouterr()
    assert command(waiting_city, "show", NUMBER) == 0
    outcome = json.loads(capsys.readouterr().out)["candidate"]["outcome"]
    assert (outcome["verdict"], outcome["wish"]) == ("insufficient", None)
    assert command(waiting_city, "show", NUMBER, form="table") == 0
    assert "書類で判断した" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [
    ("assess", NUMBER, "--step", "guess"), ("assess", NUMBER, "--step", "begin", "--reason", "長" * 401),
    ("approve", "C2023-09-1"), ("cycles", "--out", "F.xlsx"),
])  # fmt: skip
def test_bad_input_ends_with_2(waiting_city: Path, arguments: tuple[str, ...]) -> None:
    """A step that there is not, a text that is too long, no places named, a sheet in another form."""
    assert command(waiting_city, *arguments) == 2
