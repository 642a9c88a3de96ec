"""Random sequences of steps by random people: the workflow allows what a slow, obvious model allows, and nothing more.

The model keeps no state but the list of what has happened, and reads the whole of it again for every question. The
people have one account with many roles among them, which may wear any of its hats.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from governance.approvals import Approval
from governance.errors import BadInput, Denied
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import TEMPLATE, asker

SEED, SEQUENCES, STEPS = 181, 6, 40
"""Chosen among the first hundreds, by the model alone, for reaching every state and every step soon."""
HOLDERS = {"steward-shimin", "steward-kaigo", "steward-kyoiku", "steward-school"}
"""Of all the data that the template reads; its items need care, so that the cpo decides."""

PEOPLE = (
    ("center", "controller"),
    ("many", "controller"),
    ("many", "reviewer"),
    ("many", "cpo_deputy"),
    ("privacy", "reviewer"),
    ("privacy2", "reviewer"),
    *((steward, "data_steward") for steward in sorted(HOLDERS)),
    ("steward-kenko", "data_steward"),
    ("center-head", "center_head"),
    ("center-deputy", "center_deputy"),
    ("cpo", "cpo"),
    ("cpo-deputy", "cpo_deputy"),
    ("auditor", "auditor"),
)
DRAFTERS = [person for person in PEOPLE if person[1] == "controller"]
LEAVING = {
    "return": "returned",
    "recall": "recalled",
    "reject": "rejected",
    "revoke": "revoked",
    "withdraw": "withdrawn",
}
ENDS = ("reject", "withdraw", "revoke")
RARE = {"return": 0.04, "recall": 0.2, "back": 0.05, "resubmit": 5.0}
"""What seldom leads on, and what does at once, so that no sequence turns in circles."""

OPERATIONS = (
    "review", "consult", "decide", "deputise", "acknowledge", "resubmit", "away", "back", *LEAVING,
)  # fmt: skip
MANY = """
many:
  roles: [controller, reviewer, cpo_deputy]
  organ: mayor
  post: 主任
  department: null
  oath: true
  training_until: "2024-03-31"
  dv_cleared: false
  mfa: true
  valid_until: "2024-03-31"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """Something that somebody did."""

    what: str
    who: str
    hat: str


@pytest.fixture
def opened(new_city: Path) -> Iterator[tuple[Deployment, Broker]]:
    path = new_city / "principals.yaml"
    path.write_text(path.read_text(encoding="utf-8") + MANY, encoding="utf-8")
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


def state_after(past: Sequence[Done]) -> str:
    """Where the request stands, of what was done to it: the last thing that moved it."""
    state = "requested"
    for done in past:
        if done.what in LEAVING:
            state = LEAVING[done.what]
        elif done.what == "resubmit":
            state = "requested"
        elif done.what in ("decide", "deputise"):
            state = "granted"
    return state


def marks_after(past: Sequence[Done]) -> list[Done]:
    """The signatures that count: those since the request was last handed in."""
    since = 0
    for position, done in enumerate(past):
        if done.what in ("return", "recall", "resubmit"):
            since = position + 1
    return [done for done in past[since:] if done.what in ("review", "consult", "decide", "deputise", "acknowledge")]


def absence_after(past: Sequence[Done]) -> Done | None:
    """Who recorded the absence of the cpo that is on record."""
    last = [done for done in past if done.what in ("away", "back")][-1:]
    return last[0] if last and last[0].what == "away" else None


def may(what: str, who: str, hat: str, past: Sequence[Done]) -> bool:
    """What the articles say, one sentence a line."""
    drafter, state, marks = past[0].who, state_after(past), marks_after(past)
    signed = {mark.who for mark in marks}
    complete = any(m.what == "review" for m in marks) and {m.who for m in marks if m.what == "consult"} == HOLDERS
    unsigned_other = who != drafter and who not in signed
    away = absence_after(past)
    match what:
        case "review":
            return state == "requested" and hat == "reviewer" and unsigned_other
        case "consult":
            return state == "requested" and who in HOLDERS and unsigned_other
        case "decide":
            return state == "requested" and hat == "cpo" and complete and unsigned_other
        case "deputise":
            recorded = away is not None and away.who not in (who, drafter)
            return state == "requested" and hat == "cpo_deputy" and complete and unsigned_other and recorded
        case "acknowledge":
            waits = [m.what for m in marks if m.what in ("decide", "deputise", "acknowledge")] == ["deputise"]
            return state == "granted" and hat == "cpo" and waits and unsigned_other
        case "return" | "reject":
            return state == "requested" and (hat in ("reviewer", "cpo") or who in HOLDERS) and who != drafter
        case "recall":
            return state == "requested" and who == drafter and hat == "controller"
        case "withdraw":
            return state in ("requested", "returned", "recalled") and who == drafter and hat == "controller"
        case "resubmit":
            return state in ("returned", "recalled") and who == drafter and hat == "controller"
        case "revoke":
            return state == "granted" and hat in ("cpo", "center_head", "data_steward")
        case "away":
            return away is None and hat in ("cpo", "reviewer")
        case _:
            return away is not None and hat in ("cpo", "reviewer")


def act(deployment: Deployment, broker: Broker, number: str, done: Done) -> bool:
    """Try it; whether it was allowed."""
    person, approvals = asker(deployment, broker, done.who, done.hat), broker.approvals
    today = deployment.clock().date()
    try:
        match done.what:
            case "review" | "consult" | "decide" | "deputise" as step:
                approvals.sign(person, approval=number, step=step)
            case "acknowledge":
                approvals.acknowledge(person, approval=number)
            case "resubmit":
                approvals.resubmit(person, approval=number)
            case "away":
                broker.absences.record(person, account="cpo", first=today, last=today + timedelta(days=3))
            case "back":
                broker.absences.end(person, account="cpo")
            case _:
                leave = {
                    "return": approvals.send_back,
                    "recall": approvals.recall,
                    "reject": approvals.reject,
                    "revoke": approvals.revoke,
                    "withdraw": approvals.withdraw,
                }[done.what]
                leave(person, approval=number, reason="試験のため")
    except (Denied, BadInput):
        return False
    return True


def check_granted(approval: Approval, past: Sequence[Done]) -> None:
    """Every mark that the route wants, by distinct and right people, none of them the drafter."""
    marks = marks_after(past)
    decided = approval.approver
    assert decided is not None
    assert [(s.step, s.id) for s in (*approval.reviewers, decided)] == [
        (m.what, m.who) for m in marks if m.what != "acknowledge"
    ]
    assert {s.id for s in approval.reviewers if s.step == "consult"} == HOLDERS
    assert {s.role for s in approval.reviewers if s.step == "review"} == {"reviewer"}
    people = {s.id: s.step for s in (*approval.reviewers, decided)}
    assert len(people) == len(approval.reviewers) + 1
    assert approval.requester not in people
    assert (decided.step, decided.role) in (("decide", "cpo"), ("deputise", "cpo_deputy"))
    if decided.step == "deputise":
        assert [a.id for a in approval.absences] == ["cpo"]
        assert {a.recorded_by for a in approval.absences}.isdisjoint({decided.id, approval.requester})


def test_no_sequence_of_steps_grants_without_the_whole_route(opened: tuple[Deployment, Broker]) -> None:
    """Each step is allowed exactly where the model allows it; what is granted has every mark by the right people."""
    deployment, broker = opened
    chance, reached, tried, allowed = random.Random(SEED), set[str](), set[str](), set[str]()
    absences: list[Done] = []
    for _ in range(SEQUENCES):
        who, hat = chance.choice(DRAFTERS)
        number = broker.approvals.request(asker(deployment, broker, who, hat), template=TEMPLATE).id
        past = [Done(what="request", who=who, hat=hat), *absences]
        for _ in range(STEPS):
            possible = [(w, *p) for w in OPERATIONS for p in PEOPLE if may(w, *p, past)]
            lasting = [step for step in possible if step[0] not in ENDS]
            # Most steps lead on, so that the far end is reached; of the others most have to be refused.
            if chance.random() < 0.65 and lasting:
                weights = [RARE.get(what, 1.0) for what, *_ in lasting]
                what, who, hat = chance.choices(lasting, weights)[0]
            else:
                what, (who, hat) = chance.choice(OPERATIONS), chance.choice(PEOPLE)
            done = Done(what=what, who=who, hat=hat)
            expected = (what, who, hat) in possible
            assert act(deployment, broker, number, done) == expected, (done, past)
            tried.add(what)
            if expected:
                allowed.add(what)
                past.append(done)
            approval = broker.approvals.store.get(number).approval
            assert approval.state == state_after(past), past
            if approval.state == "granted":
                check_granted(approval, past)
            reached.add(approval.state)
            if what in ENDS and expected:
                break
        absences = [done for done in past if done.what in ("away", "back")]
    assert reached >= {"requested", "returned", "recalled", "granted"}
    assert tried == allowed == set(OPERATIONS)
