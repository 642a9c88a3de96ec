"""The work list: nothing changes without the ledger, nothing is read by who has the file alone, no step is left out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from governance.errors import BadInput, Unavailable
from risk.candidates import NEXT, Candidate, Found, Outcome
from risk.cycles import Cycle, Step
from sekisho.work_list import WorkList

KEY = b"k" * 32
AT = "2023-10-02T09:00:00+09:00"
CARE = Found(
    queue="candidate",
    band="A",
    points=Fraction(19, 2),
    coverage=Fraction(15, 16),
    hits=("XX01", "XX07"),
    unknown=("XX09",),
)


@pytest.fixture
def work_list(tmp_path: Path) -> WorkList:
    return WorkList.open(tmp_path / "assessment" / "work_list.sqlite", key=KEY)


def new(number: str = "WL-2023-000001", subject: int = 1, **changes: Any) -> Candidate:
    """Somebody who is not on the list yet."""
    candidate = Candidate(
        number=number, subject=UUID(int=subject), key_id="0a1b2c3d", household=UUID(int=100), place="chosen",
        first_cycle="C2023-10-1", last_cycle="C2023-10-1", found={"help": CARE}, protected=False, version=0,
    )  # fmt: skip
    return replace(candidate, **changes)


def cycle(index: int, name: str = "C2023-10-1") -> Cycle:
    """A cycle whose ledger entry has an index."""
    return Cycle(
        id=name, at=AT, as_of="2023-10-01", principal="center", ledger_index=index, key_id="0a1b2c3d", cleared=False,
        rules={"help": "9d" * 32}, releases={"help": 7}, room=30, counts={"chosen": 1},
    )  # fmt: skip


def entered(work_list: WorkList, *candidates: Candidate, name: str = "C2023-10-1", index: int = 9) -> Cycle:
    """A cycle with some steps."""
    return work_list.enter(
        lambda found: cycle(found, name), [Step(candidate=each, event="listed") for each in candidates],
        by="center", at=AT, record=lambda: index,
    )  # fmt: skip


def moved(work_list: WorkList, candidate: Candidate, to: Any, **changes: Any) -> Candidate:
    """One step of a case worker."""
    how: dict[str, Any] = {"event": "reviewed", "by": "center", "at": AT, "record": lambda _: 10, **changes}
    return work_list.move(candidate, to=to, **how)


def fails(_candidate: object = None) -> int:
    """A ledger that does not answer."""
    raise Unavailable("ledger-unavailable")


def test_what_was_entered_is_read_back(work_list: WorkList) -> None:
    """By whoever opens the list again: the cycle, everybody with exact points, and the first step with its entry."""
    entered(work_list, new(), new("WL-2023-000002", 2, household=None, protected=True))
    again = WorkList.open(work_list.path, key=KEY)
    assert again.cycles() == (cycle(9),)
    assert again.candidates() == (
        new(version=1), new("WL-2023-000002", 2, household=None, protected=True, version=1)
    )  # fmt: skip
    (change,) = again.changes("WL-2023-000001")
    assert (change.event, change.state, change.principal, change.ledger_index) == ("listed", "candidate", "center", 9)


def test_a_step_has_its_reason_and_its_entry(work_list: WorkList) -> None:
    """The history tells who, when, why, and which entry of the ledger."""
    entered(work_list, new())
    after = moved(work_list, work_list.get("WL-2023-000001"), "desk_review", note="学校の様子を確かめる。")
    assert work_list.get("WL-2023-000001") == after
    assert (after.state, after.version) == ("desk_review", 2)
    listed, reviewed = work_list.changes("WL-2023-000001")
    assert (listed.note, reviewed.note, reviewed.ledger_index) == ("", "学校の様子を確かめる。", 10)


def test_the_judgement_of_a_person_stays(work_list: WorkList) -> None:
    """An outcome with its reason is kept over the steps after it, until a person judges otherwise."""
    entered(work_list, new())
    outcome = Outcome(
        verdict="support", reason="話を聞いた。", wish=None, wish_missing="まだ会えない。", by="center", at=AT
    )
    reviewed = moved(work_list, work_list.get("WL-2023-000001"), "desk_review")
    judged = moved(work_list, reviewed, "outcome", outcome=outcome)
    closed = moved(work_list, judged, "closed", ending="assessed")
    assert work_list.get("WL-2023-000001") == closed
    assert (closed.outcome, closed.ending, closed.open) == (outcome, "assessed", False)
    reopened = moved(work_list, closed, "desk_review")
    assert (reopened.open, reopened.ending, reopened.outcome) == (True, None, outcome)


@pytest.mark.parametrize("state", NEXT)
def test_only_the_steps_of_the_procedure_are_taken(work_list: WorkList, state: Any) -> None:
    """From every state, to every state that is not the next of it: refused, and nothing has changed."""
    entered(work_list, new(state=state))
    found = work_list.get("WL-2023-000001")
    for to in NEXT.keys() - NEXT[state]:
        with pytest.raises(BadInput) as caught:
            moved(work_list, found, to, record=fails)
        assert caught.value.code == "candidate-step"
    assert work_list.get("WL-2023-000001") == found


def test_what_has_to_be_settled_comes_first(work_list: WorkList) -> None:
    """With a task no other step is taken, and settling it may end a case in whatever state; without one there is nothing
    to settle.
    """
    entered(work_list, new(task="hand_over", state="case_open"), new("WL-2023-000002", 2))
    found = work_list.get("WL-2023-000001")
    for candidate, how in ((found, {}), (work_list.get("WL-2023-000002"), {"settles": True})):
        with pytest.raises(BadInput) as caught:
            moved(work_list, candidate, "outcome", **how)
        assert caught.value.code == "candidate-task"
    after = moved(work_list, found, "closed", settles=True, ending="handed_over")
    assert (after.task, after.state, after.ending) == (None, "closed", "handed_over")


@pytest.mark.parametrize("change", [
    lambda lst: entered(lst, new("WL-2023-000003", 3), replace(lst.get("WL-2023-000001"), version=7), name="C2023-11-1"),
    lambda lst: entered(lst, new("WL-2023-000003", 3)),
    lambda lst: entered(lst, new("WL-2023-000003", 3), new("WL-2023-000001", 4), name="C2023-11-1"),
    lambda lst: lst.enter(lambda i: cycle(i, "C2023-11-1"), [Step(candidate=new("WL-2023-000003", 3), event="listed")],
                          by="center", at=AT, record=fails),
    lambda lst: moved(lst, lst.get("WL-2023-000001"), "desk_review", record=fails),
    lambda lst: moved(lst, replace(lst.get("WL-2023-000001"), version=7), "desk_review"),
], ids=["changed meanwhile", "a cycle again", "a number again", "no ledger for a cycle", "no ledger", "an old reading"])  # fmt: skip
def test_a_change_that_fails_changes_nothing(work_list: WorkList, change: Callable[[WorkList], object]) -> None:
    """All or nothing: no candidate, no cycle, no step of the history."""
    entered(work_list, new())
    before = (work_list.cycles(), work_list.candidates(), work_list.changes("WL-2023-000001"))
    with pytest.raises((BadInput, Unavailable)):
        change(work_list)
    assert (work_list.cycles(), work_list.candidates(), work_list.changes("WL-2023-000001")) == before


def test_the_file_alone_tells_nothing(work_list: WorkList) -> None:
    """No pseudonym, reason, factor or note stands in it, its owner alone reads it, and another key opens nothing."""
    entered(work_list, new(subject=0x1234567890ABCDEF1234567890ABCDEF))
    moved(work_list, work_list.get("WL-2023-000001"), "desk_review", note="a note of somebody")
    content = work_list.path.read_bytes()
    for secret in ("1234567890abcdef", "XX07", "a note", "help"):
        assert secret.encode() not in content
    assert bytes.fromhex("1234567890abcdef") not in content
    assert work_list.path.stat().st_mode & 0o77 == 0
    assert work_list.path.parent.stat().st_mode & 0o77 == 0
    with pytest.raises(Unavailable):
        WorkList.open(work_list.path, key=b"x" * 32).candidates()


@pytest.mark.parametrize("statement", [
    "UPDATE candidate SET body = (SELECT body FROM candidate WHERE number = 'WL-2023-000002')",
    "UPDATE candidate SET version = 5",
    "UPDATE candidate SET state = 'closed'",
    "UPDATE candidate SET body = x''",
])  # fmt: skip
def test_a_row_in_the_place_of_another_is_refused(work_list: WorkList, statement: str) -> None:
    """What somebody put there by hand is no candidate, and neither is an earlier version under a later number."""
    entered(work_list, new(), new("WL-2023-000002", 2))
    with closing(sqlite3.connect(work_list.path)) as connection, connection:
        connection.execute(f"{statement} WHERE number = 'WL-2023-000001'")
    with pytest.raises(Unavailable):
        work_list.candidates()
    with pytest.raises(Unavailable):
        work_list.get("WL-2023-000001")


def test_another_file_is_no_work_list(tmp_path: Path) -> None:
    """Neither another store nor what is no store at all is taken for one, and nothing is written into it."""
    for name, content in (("text", b"no database at all"), ("store", None)):
        path = tmp_path / name
        if content is None:
            with closing(sqlite3.connect(path)) as connection, connection:
                connection.execute("PRAGMA application_id = 5")
                connection.execute("CREATE TABLE t (x)")
        else:
            path.write_bytes(content)
        before = path.read_bytes()
        with pytest.raises(Unavailable):
            WorkList.open(path, key=KEY)
        assert path.read_bytes() == before


def test_numbers_tell_nothing(work_list: WorkList) -> None:
    """They are drawn, each once, and none that is taken: gaps say nothing of who else is there."""
    entered(work_list, new())
    numbers = work_list.new_numbers(300, fiscal_year=2023)
    assert len(set(numbers)) == 300
    assert "WL-2023-000001" not in numbers
    assert list(numbers) != sorted(numbers)


def test_nobody_is_found_under_an_unknown_number(work_list: WorkList) -> None:
    """The message names no number."""
    with pytest.raises(BadInput) as caught:
        work_list.get("WL-2023-999999")
    assert caught.value.code == "candidate-unknown"
    assert "999999" not in str(caught.value)
