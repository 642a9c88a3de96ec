"""The work list through the broker: a judgement enters it, whoever may looks at it, and nothing is read unrecorded."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from governance.errors import BadInput, Denied
from risk.candidates import Candidate, Found
from risk.cycles import Cycle, Step
from risk.load_rules import load_rules
from sekisho import cli
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.judgements import Entered, enter, run
from tests.city import approve_capacity, asker

Opened = tuple[Deployment, Broker]
AT = "2023-10-02T09:00:00+09:00"
FOUND = Found(queue="candidate", band="A", points=Fraction(9), coverage=Fraction(1), hits=("TR01",), unknown=())


def entered(opened: Opened, account: str = "center", *, capacity: int = 8) -> Entered:
    """All four types judged by a case worker, and entered."""
    deployment, broker = opened
    rules = load_rules(deployment.layout.rules, deployment.templates)
    outcome = run(
        broker, rules=rules, purposes=tuple(rules), token=deployment.token(account), hat="controller",
        capacity=capacity, reserve=Fraction(1, 4), templates=deployment.templates,
    )  # fmt: skip
    return enter(broker, outcome)


def put(broker: Broker, *candidates: Candidate) -> None:
    """Candidates on the list, as a cycle leaves them there."""
    cycle = Cycle(
        id="C2023-09-1", at=AT, as_of="2023-09-01", principal="center", ledger_index=1, key_id="0a1b2c3d",
        cleared=False, rules={}, releases={}, room=1, counts={},
    )  # fmt: skip
    steps = [Step(candidate=each, event="listed") for each in candidates]
    broker.candidates.work_list.enter(lambda _: cycle, steps, by="center", at=AT, record=lambda: 1)
    approve_capacity(broker, cycle.id, 1)


def somebody(number: int = 1, **changes: Any) -> Candidate:
    """A candidate who is not on the list yet."""
    candidate = Candidate(
        number=f"WL-2023-{number:06d}", subject=UUID(int=number << 96), key_id="0a1b2c3d", household=UUID(int=7 << 96),
        place="chosen", first_cycle="C2023-09-1", last_cycle="C2023-09-1", found={"truancy": FOUND}, protected=False,
        version=0,
    )  # fmt: skip
    return replace(candidate, **changes)


def decisions(broker: Broker, start: int) -> list[tuple[str, bool]]:
    """Actions that were decided from an index on, and whether they were allowed."""
    entries = [entry.document for entry in broker.ledger.entries(start)]
    return [(entry["action"], entry["allow"]) for entry in entries if entry["kind"] == "decision"]


def test_a_judgement_enters_the_list_after_its_ledger_entry(opened: Opened) -> None:
    """The cycle names criteria, answers, places and the draw; candidates carry reasons, coverage and their household."""
    deployment, broker = opened
    done = entered(opened)
    document = broker.ledger.entry(done.cycle.ledger_index).document
    assert (document["kind"], document["cycle"], document["room"]) == ("cycle", "C2023-10-1", 6)
    rules = load_rules(deployment.layout.rules, deployment.templates)
    assert document["rules"] == {purpose: each.digest for purpose, each in rules.items()}
    for purpose, index in document["releases"].items():
        assert broker.ledger.entry(index).document["purpose"] == purpose
    assert document["sample_seed"] is not None
    approve_capacity(broker, done.cycle.id, 6)
    listed = broker.candidates.list(asker(deployment, broker, "center", "controller"))
    assert len([each for each in listed if each.place == "chosen"]) == 6
    assert len([each for each in listed if each.place == "sample"]) == 30
    assert all(each.hits for each in listed if each.place == "chosen")
    assert all(each.household is not None and set(each.found) == set(rules) for each in listed)
    assert len({each.subject for each in listed}) == len(listed)
    (change,) = broker.candidates.work_list.changes(listed[0].number)
    assert (change.event, change.ledger_index) == ("listed", done.cycle.ledger_index)


def test_a_second_judgement_carries_over(opened: Opened) -> None:
    """The same people, under the same numbers; no second capacity, no second draw within the half-year."""
    deployment, broker = opened
    approve_capacity(broker, entered(opened).cycle.id, 6)
    reader = asker(deployment, broker, "center", "controller")
    before = {each.subject: each.number for each in broker.candidates.list(reader)}
    again = entered(opened)
    assert (again.cycle.id, again.turn.carried, again.sampled) == ("C2023-10-2", 6, 0)
    after = broker.candidates.list(reader)
    assert {each.subject: each.number for each in after} == before
    assert all(each.version == 2 for each in after)
    assert broker.ledger.entry(again.cycle.ledger_index).document["sample_seed"] is None


def test_answers_that_hold_nobody_change_nothing(opened: Opened) -> None:
    """A register that leaves everybody out would make everybody on the list somebody to hand over."""
    deployment, broker = opened
    put(broker, somebody())
    rules = load_rules(deployment.layout.rules, deployment.templates)
    outcome = run(
        broker, rules=rules, purposes=("truancy",), token=deployment.token("center"), hat="controller", capacity=8,
        reserve=Fraction(1, 4), templates=deployment.templates,
    )  # fmt: skip
    size = broker.ledger.size
    with pytest.raises(BadInput) as caught:
        enter(broker, replace(outcome, persons=()))
    assert (caught.value.code, broker.ledger.size) == ("cycle-empty", size)
    assert broker.candidates.work_list.get("WL-2023-000001").task is None


def test_whom_cleared_staff_alone_found_nobody_else_sees(opened: Opened) -> None:
    """Not in the list, not by number, not among the cycles, and the answer is that of a number that does not exist."""
    deployment, broker = opened
    approve_capacity(broker, entered(opened, "center2").cycle.id, 6)
    cleared = asker(deployment, broker, "center2", "controller")
    other = asker(deployment, broker, "center", "user")
    (first, *_) = broker.candidates.list(cleared)
    assert broker.candidates.list(other) == ()
    assert broker.candidates.cycles(other) == ()
    assert broker.candidates.show(cleared, number=first.number)[0] == first
    refusals = []
    for number in (first.number, "WL-1999-000000"):
        size = broker.ledger.size
        with pytest.raises(BadInput) as caught:
            broker.candidates.show(other, number=number)
        refusals.append((str(caught.value), decisions(broker, size)))
    assert refusals[0] == refusals[1]


def test_every_look_is_in_the_ledger(opened: Opened) -> None:
    """Before anything is shown; and for whoever is cleared, that persons under protection were part of it."""
    deployment, broker = opened
    put(broker, somebody())
    size = broker.ledger.size
    broker.candidates.list(asker(deployment, broker, "center", "user"))
    broker.candidates.show(asker(deployment, broker, "center2", "controller"), number="WL-2023-000001")
    assert decisions(broker, size) == [("risk.read", True), ("risk.read", True), ("risk.read_protected", True)]


@pytest.mark.parametrize(
    ("account", "hat"),
    [("vendor-a", "analyst"), ("auditor", "auditor"), ("operator", "operator"), ("custodian", "key_custodian"),
     ("steward-school", "data_steward"), ("school-contact", "school_contact"), ("cpo", "cpo"), ("privacy", "reviewer")],
)  # fmt: skip
def test_nobody_else_looks_or_settles(opened: Opened, account: str, hat: str) -> None:
    """Refused with article 6 before the list is read, and recorded, whatever number is named."""
    deployment, broker = opened
    put(broker, somebody(task="hand_over"))
    reader = asker(deployment, broker, account, hat)
    for act in (
        lambda: broker.candidates.list(reader),
        lambda: broker.candidates.cycles(reader),
        lambda: broker.candidates.show(reader, number="WL-2023-000001"),
        lambda: broker.candidates.settle(reader, number="WL-2023-000001", how="no_hand_over", reason="r"),
        lambda: broker.candidates.settle(reader, number="WL-2023-000009", how="no_hand_over", reason="r"),
    ):
        size = broker.ledger.size
        with pytest.raises(Denied) as caught:
            act()
        assert 6 in {citation.article for citation in caught.value.citations}
        assert [allowed for _, allowed in decisions(broker, size)] == [False]
    assert broker.candidates.work_list.get("WL-2023-000001").open


@pytest.mark.parametrize(("how", "state", "ending"), [
    ("handed_over", "closed", "handed_over"), ("no_hand_over", "closed", "no_hand_over"), ("still_here", "case_open", None),
])  # fmt: skip
def test_a_person_settles_who_is_gone(opened: Opened, how: Any, state: str, ending: str | None) -> None:
    """With a reason, which stays in the history, and an entry that names nobody; once."""
    deployment, broker = opened
    put(broker, somebody(task="hand_over", state="case_open"))
    worker = asker(deployment, broker, "center", "user")
    after = broker.candidates.settle(worker, number="WL-2023-000001", how=how, reason="電話で確かめた。")
    assert (after.state, after.ending, after.task) == (state, ending, None)
    change = broker.candidates.work_list.changes("WL-2023-000001")[-1]
    assert (change.event, change.note) == (how, "電話で確かめた。")
    entry = broker.ledger.entry(change.ledger_index).document
    assert (entry["kind"], entry["event"], entry["number"], entry["state"]) == ("candidate", how, after.number, state)
    assert "電話" not in str(entry)
    with pytest.raises(BadInput) as caught:
        broker.candidates.settle(worker, number="WL-2023-000001", how=how, reason="もう一度。")
    assert caught.value.code == "candidate-task"


@pytest.mark.parametrize("reason", ["", "  ", "長" * 401])
def test_a_settlement_without_a_reason_is_none(opened: Opened, reason: str) -> None:
    """Refused before the policy is asked."""
    deployment, broker = opened
    put(broker, somebody(task="hand_over"))
    size = broker.ledger.size
    with pytest.raises(BadInput) as caught:
        broker.candidates.settle(
            asker(deployment, broker, "center", "user"), number="WL-2023-000001", how="handed_over", reason=reason
        )
    assert (caught.value.code, broker.ledger.size) == ("candidate-reason", size)


@pytest.fixture
def listed_city(opened: Opened) -> Path:
    """A city with one candidate, one for cleared staff alone, and one who is gone; closed again."""
    deployment, broker = opened
    put(broker, somebody(), somebody(2, protected=True), somebody(3, task="hand_over"))
    return deployment.layout.folder


def command(city: Path, *arguments: str, account: str = "center", form: str = "json") -> int:
    """Run as a case worker."""
    common = ["--deployment", str(city), "--as", account, "--hat", "user", "--format", form]
    return cli.run([*common, "risk", *arguments])


def test_the_commands_show_what_the_list_holds(listed_city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The list, the one with its history; of whom the answers hold no longer, neither points nor reasons."""
    assert command(listed_city, "list") == 0
    gone, here = json.loads(capsys.readouterr().out)["candidates"]
    assert (gone["number"], gone["task"], gone["types"]) == ("WL-2023-000003", "hand_over", {})
    assert here["types"]["truancy"]["hits"] == ["TR01"]
    assert command(listed_city, "show", "WL-2023-000001") == 0
    shown = json.loads(capsys.readouterr().out)["candidate"]
    assert [change["event"] for change in shown["history"]] == ["listed"]
    assert command(listed_city, "show", "WL-2023-000001", form="table") == 0
    assert "経過" in capsys.readouterr().out
    assert command(listed_city, "list", form="table") == 0
    assert "候補の一覧 2 人" in capsys.readouterr().out
    assert command(listed_city, "show", "WL-2023-000002") == 2
    assert command(listed_city, "settle", "WL-2023-000003", "--how", "handed_over", "--reason", "電話した。") == 0


def test_the_sheet_is_for_people_and_leaves_out_who_is_under_protection(
    listed_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A4 landscape, 取扱注意 and 架空データ on it; even cleared staff's file holds nobody whom they alone may see (R13-4)."""
    out = tmp_path / "list.xlsx"
    assert command(listed_city, "list", "--out", str(out), account="center2", form="xlsx") == 0
    assert "許可された職員だけに示す候補" in capsys.readouterr().err
    with zipfile.ZipFile(out) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
        text = book.read("xl/sharedStrings.xml").decode()
    assert 'paperSize="9"' in page
    assert 'orientation="landscape"' in page
    assert "取扱注意" in page
    assert "取扱注意 架空データ" in text
    assert "WL-2023-000001" in text
    assert "WL-2023-000002" not in text


@pytest.mark.parametrize(("arguments", "form"), [
    (("list",), "csv"), (("list",), "xlsx"), (("list", "--out", "F"), "json"), (("list", "--type", "luck"), "json"),
    (("show", "WL-2023-999999"), "json"), (("settle", "WL-2023-000001", "--how", "handed_over", "--reason", "r"), "json"),
])  # fmt: skip
def test_bad_input_ends_with_2(listed_city: Path, arguments: tuple[str, ...], form: str) -> None:
    """A form that there is not, a type that there is not, a number that there is not, nothing to settle."""
    assert command(listed_city, *arguments, form=form) == 2
