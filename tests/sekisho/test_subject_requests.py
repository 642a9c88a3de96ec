"""Requests of persons: one route, wording and time whatever is found; and a correction that reaches what rested on it."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput, Denied
from sekisho.broker import Broker
from sekisho.cli import run
from sekisho.deployment import Deployment
from sekisho.establish import issue_token
from sekisho.request_letters import letter
from tests.city import ask, asker, part_of_check

DESK, LEGAL, CHIEF = ("privacy", "reviewer"), ("privacy2", "reviewer"), ("cpo", "cpo")
NUMBER = "R5-40"


def planted(city: Path) -> str:
    """A child who lives with the guardian who could ask for its records, with an open case of abuse."""
    with (city / "planted.csv").open(encoding="utf-8-sig", newline="") as file:
        return next(row["key"] for row in csv.DictReader(file) if row["trap"] == "B-17")


def children(city: Path) -> list[str]:
    """Numbers of children of the city."""
    with (city / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["resident_id"] for row in csv.DictReader(file)]


def take(city: Deployment, broker: Broker, person: str, **changes: Any) -> None:
    """A representative's request for disclosure."""
    wanted = {"number": NUMBER, "right": "disclosure", "by": "representative", **changes}
    broker.requests.receive(asker(city, broker, *DESK), identifier=person, **wanted)


def refusing(denied: Denied) -> set[str]:
    """Under which controls it was refused."""
    return {citation.control for citation in denied.citations}


def persons(city: Path) -> dict[str, str]:
    """Somebody with a record, somebody without one, and somebody whom no register knows."""
    protected = planted(city)
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        sets = {"address-protected": "shimin", "review-cases": "center"}
        today = deployment.clock().date()
        plain = next(
            child
            for child in children(city)
            if not any(
                broker._departments()[department].persons.set_has(name, child, as_of=today)[0]
                for name, department in sets.items()
            )
        )
    return {"with a record": protected, "without one": plain, "unknown": "9999999999"}


def test_whoever_asks_sees_the_same_to_the_byte_whatever_is_on_record(
    new_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Receipt, list, messages, exit status, letter, and the day of each: nothing of it tells a record from none."""
    seen: dict[str, list[tuple[int, str, str]]] = {}
    letters: set[bytes] = set()
    load = Deployment.load
    later = load(new_city).clock() + timedelta(days=30)
    for name, person in persons(new_city).items():
        city = Path(shutil.copytree(new_city, tmp_path / name.replace(" ", "-") / "demo-city"))

        def said(*command: str, typed: str = "", city: Path = city) -> tuple[int, str, str]:
            monkeypatch.setattr("sys.stdin", io.StringIO(typed))
            status = run(["--deployment", str(city), *command])
            printed = capsys.readouterr()
            return status, printed.out, printed.err

        desk = ("--as", "privacy", "--hat", "reviewer", "subject")
        given = ("--number", NUMBER, "--right", "disclosure", "--by", "representative")
        capsys.readouterr()
        seen[name] = [said(*desk, "request", *given, typed=f"{person}\n"), said(*desk, "requests")]
        legal = said("--as", "privacy2", "subject", "review", "--number", NUMBER, typed=f"{person}\n")
        assert legal[0] == 0
        seen[name] += [said(*desk, "requests"), said(*desk, "answer", "--number", NUMBER)]
        assert said("--as", "cpo", "subject", "decide", "--number", NUMBER, "--outcome", "refused")[0] == 0
        seen[name] += [said(*desk, "requests"), said(*desk, "answer", "--number", NUMBER)]
        monkeypatch.setattr(Deployment, "load", lambda path, **_: load(path, now=later))
        issue_token(Deployment.load(city), "privacy")
        seen[name].append(said(*desk, "answer", "--number", NUMBER, "--out", str(city / "letter.md")))
        seen[name].append(said(*desk, "requests"))
        monkeypatch.setattr(Deployment, "load", load)
        letters.add((city / "letter.md").read_bytes())
        assert not any(person in out + err for _, out, err in seen[name])
    assert seen["with a record"] == seen["without one"] == seen["unknown"]
    assert [status for status, _, _ in seen["unknown"]] == [0, 0, 0, 2, 0, 2, 0, 0]
    assert len(letters) == 1
    assert "その有無を含めてお答えできません" in letters.pop().decode()


def test_the_desk_asks_no_department(new_city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Taking a request reads nothing of anybody, so it takes the same time for everybody."""
    monkeypatch.setattr("sekisho.broker.local_departments", lambda *_, **__: pytest.fail("a department was opened"))
    city = Deployment.load(new_city)
    with city.broker() as broker:
        take(city, broker, planted(new_city))
        assert [each.due - each.received_on for each in broker.requests.all()] == [timedelta(days=30)]


def test_legal_staff_learn_it_and_the_ledger_does_not(new_city: Path) -> None:
    """With a record, a representative's request asks for care; entries of all three look alike but for the reference."""
    shapes = []
    for name, person in persons(new_city).items():
        number = f"R5-{50 + len(shapes)}"
        city = Deployment.load(new_city)
        with city.broker() as broker:
            take(city, broker, person, number=number)
            size = broker.ledger.size
            review = broker.requests.review(asker(city, broker, *LEGAL), number=number, identifier=person)
            assert (review.found, review.careful) == (("yes", True) if name == "with a record" else ("no", False))
            entries = [entry.document for entry in broker.ledger.entries(size)]
        shapes.append(
            [{k: v for k, v in e.items() if k in ("kind", "event", "action", "allow", "outcome")} for e in entries]
        )
        assert all(person.encode() not in json.dumps(entry).encode() for entry in entries)
    assert shapes[0] == shapes[1] == shapes[2]


def test_the_person_themselves_goes_the_same_way_and_needs_no_such_care(new_city: Path) -> None:
    """One route for all; the advice is about representatives."""
    city = Deployment.load(new_city)
    person = planted(new_city)
    with city.broker() as broker:
        take(city, broker, person, by="self")
        review = broker.requests.review(asker(city, broker, *LEGAL), number=NUMBER, identifier=person)
    assert (review.found, review.careful) == ("yes", False)


def test_what_a_department_cannot_say_counts_as_a_record(new_city: Path) -> None:
    """A source that is gone, and one that is old, protect."""
    persons_ = persons(new_city)
    city = Deployment.load(new_city)
    (new_city / "departments" / "center" / "center.sqlite").unlink()
    with city.broker() as broker:
        take(city, broker, persons_["without one"])
        review = broker.requests.review(asker(city, broker, *LEGAL), number=NUMBER, identifier=persons_["without one"])
    assert (review.found, review.careful) == ("unknown", True)


def test_old_data_count_as_a_record(new_city: Path) -> None:
    """Whoever was registered since the last extract is in no old one."""
    plain = persons(new_city)["without one"]
    old = Deployment.load(new_city, now=Deployment.load(new_city).clock() + timedelta(days=40))
    with old.broker() as broker:
        take(old, broker, plain)
        review = broker.requests.review(asker(old, broker, *LEGAL), number=NUMBER, identifier=plain)
    assert (review.found, review.careful) == ("unknown", True)


Act = Callable[[Broker, Deployment, str], object]


def review(broker: Broker, city: Deployment, person: str, account: Sequence[str] = LEGAL) -> None:
    """The legal review."""
    broker.requests.review(asker(city, broker, *account), number=NUMBER, identifier=person)


def decide(broker: Broker, city: Deployment, person: str, account: Sequence[str] = CHIEF) -> None:
    """A decision that grants it."""
    broker.requests.decide(asker(city, broker, *account), number=NUMBER, outcome="granted")


REFUSED: dict[str, tuple[list[Act], Act, set[str]]] = {
    "decided before the review": ([], decide, {"legal-review-first"}),
    "reviewed by staff who are not cleared": (
        [],
        lambda b, c, p: review(b, c, p, DESK),
        {"cleared-to-know", "second-person"},
    ),
    "decided by whoever took it": ([review], lambda b, c, p: decide(b, c, p, DESK), {"action-matrix", "second-person"}),
    "decided by the reviewer": (
        [review],
        lambda b, c, p: decide(b, c, p, LEGAL),
        {"action-matrix", "legal-review-first"},
    ),
    "taken by somebody else's role": ([], lambda b, c, p: take_as(b, c, p, ("center", "user")), {"action-matrix"}),
    "corrected by a foreign steward": (
        [review, decide],
        lambda b, c, p: correct(b, c, p, ("steward-kaigo", "data_steward")),
        {"own-department"},
    ),
}


def take_as(broker: Broker, city: Deployment, person: str, account: Sequence[str]) -> None:
    """Another request, taken by an account."""
    broker.requests.receive(
        asker(city, broker, *account), number="R5-41", right="disclosure", by="self", identifier=person
    )


def correct(broker: Broker, city: Deployment, person: str, account: Sequence[str]) -> Any:
    """Passing on that the register was corrected."""
    return broker.requests.correct(asker(city, broker, *account), number=NUMBER, department="shimin", identifier=person)


@pytest.mark.parametrize(("before", "act", "expected"), REFUSED.values(), ids=REFUSED)
def test_each_step_has_its_own_person(new_city: Path, before: list[Act], act: Act, expected: set[str]) -> None:
    """Desk, legal review and decision are three persons, in this order."""
    city, person = Deployment.load(new_city), children(new_city)[0]
    with city.broker() as broker:
        take(city, broker, person, right="correction")
        for step in before:
            step(broker, city, person)
        with pytest.raises(Denied) as caught:
            act(broker, city, person)
    assert refusing(caught.value) == expected


def test_a_term_is_prolonged_once_and_before_anybody_looked(new_city: Path) -> None:
    """How long it takes must not tell what was found."""
    city, person = Deployment.load(new_city), children(new_city)[0]
    with city.broker() as broker:
        take(city, broker, person)
        first = broker.requests.all()[0].due
        assert broker.requests.extend(asker(city, broker, *DESK), number=NUMBER).due == first + timedelta(days=30)
        for _ in range(2):
            with pytest.raises(BadInput) as caught:
                broker.requests.extend(asker(city, broker, *DESK), number=NUMBER)
            assert caught.value.code == "request-not-extendable"
            review(broker, city, person)
        with pytest.raises(BadInput) as other:
            broker.requests.review(asker(city, broker, *LEGAL), number=NUMBER, identifier=children(new_city)[1])
        assert other.value.code == "request-other-person"


def test_what_is_overdue_is_found_and_an_open_request_holds_erasure_up(
    new_city: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its last day a request is in time; a day later the check says so until it is decided."""
    city, person = Deployment.load(new_city), children(new_city)[0]
    with city.broker() as broker:
        take(city, broker, person)
        due = broker.requests.all()[0].due
        assert [hold.number for hold in broker.retention.holds()] == [NUMBER]
        assert broker.requests.overdue(due) == ()
        assert [each.number for each in broker.requests.overdue(due + timedelta(days=1))] == [NUMBER]
    load = Deployment.load
    late = city.clock() + timedelta(days=31)
    monkeypatch.setattr(Deployment, "load", lambda path, **_: load(path, now=late))
    assert [error.code for error in part_of_check(new_city, "requests").errors] == ["request-overdue"]


def test_a_correction_reaches_what_rested_on_it(city_with_approval: Path) -> None:
    """Releases of the corrected holder's data are marked, who received them is named, and a kept answer goes."""
    city = Deployment.load(city_with_approval)
    with city.broker() as broker:
        release = ask(broker, city)
        statistic = ask(
            broker,
            city,
            purpose="stat",
            approval=None,
            sql="SELECT c.grade, count(*) AS n FROM shimin.child c GROUP BY c.grade",
        )
        found = [
            child
            for child in children(city_with_approval)[:12]
            if {use.released for use in broker.looks.uses_of(child)} >= {release.ledger_index, statistic.ledger_index}
        ]
        person = found[0]
        take(city, broker, person, right="correction", by="self")
        with pytest.raises(BadInput) as early:
            correct(broker, city, person, ("steward-shimin", "data_steward"))
        assert early.value.code == "request-no-correction"
        review(broker, city, person)
        decide(broker, city, person)
        done = correct(broker, city, person, ("steward-shimin", "data_steward"))
        assert done.affected == (release.ledger_index, statistic.ledger_index)
        assert (done.recipients, done.dropped) == (("center",), 1)
        assert done.request.corrected_by == ("shimin",)
        entry = broker.ledger.of_kind("subject_request")[-1].document
    assert (entry["event"], entry["department"], entry["affected"]) == ("corrected", "shimin", list(done.affected))


def test_a_letter_depends_on_the_request_and_the_outcome_alone(new_city: Path) -> None:
    """Each outcome has one text; the refusal cites that it does not say whether there is a record."""
    city = Deployment.load(new_city)
    with city.broker() as broker:
        take(city, broker, planted(new_city))
        request = broker.requests.all()[0]
    wording = city.guideline.parameters(city.clock().date())["subject_requests"]["letters"]
    texts = {
        outcome: letter(replace(request, outcome=outcome, reference="0" * 32), texts=wording, notice=None)
        for outcome in ("granted", "partly", "refused")
    }
    assert len(set(texts.values())) == 3
    assert all(
        text == letter(replace(request, outcome=outcome), texts=wording, notice=None) for outcome, text in texts.items()
    )
    assert all(NUMBER in text and "2023/10/31" in text for text in texts.values())
