"""Criteria that a contractor hands back: taken in with their package, tested, reviewed, approved by a third (第18条)."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from governance.errors import BadInput, Denied
from risk.candidates import Outcome
from risk.load_rules import load_rules
from sekisho import cli
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.judgements import enter, run
from sekisho.proposals import ProposalStatus
from tests.city import approve, asker

Opened = tuple[Deployment, Broker]
TAKES, REVIEWS, APPROVES = ("center", "controller"), ("privacy", "reviewer"), ("cpo", "cpo")
PACKAGE = "PK-2023-0001"


@pytest.fixture(scope="module")
def handed_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that has judged once, with outcomes, and whose contractor has a package, and one that nobody was handed."""
    folder = tmp_path_factory.mktemp("handed") / "city"
    shutil.copytree(pristine_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, *APPROVES))
        for template in ("va-truancy", "tr-features"):
            approve(deployment, broker, template)
        who = asker(deployment, broker, *TAKES)
        broker.packages.draft(who, recipe="va-truancy")
        for reviewer in ("privacy", "privacy2"):
            broker.packages.review(asker(deployment, broker, reviewer, "reviewer"), number=PACKAGE)
        broker.packages.create(who, number=PACKAGE)
        broker.packages.hand_over(who, number=PACKAGE, document="R5-1")
        broker.packages.draft(who, recipe="va-truancy")
        rules = load_rules(deployment.layout.rules, deployment.templates)
        outcome = run(
            broker, rules=rules, purposes=("truancy",), token=deployment.token("center"), hat="controller",
            capacity=40, reserve=Fraction(0), templates=deployment.templates,
        )  # fmt: skip
        enter(broker, outcome)
        _judged(broker)
    return folder


def _judged(broker: Broker) -> None:
    """Everybody within the capacity was looked at: every second one is supported."""
    work_list = broker.candidates.work_list
    chosen = [each for each in work_list.candidates() if each.place == "chosen"]
    for position, each in enumerate(chosen):
        looked = work_list.move(each, to="desk_review", event="looked", by="center", at=AT, record=lambda _: 1)
        verdict = Outcome(
            verdict="support" if position % 2 else "no_support", reason="面談", wish="話したい", wish_missing=None,
            by="center", at=AT,
        )  # fmt: skip
        work_list.move(looked, to="outcome", event="judged", by="center", at=AT, record=lambda _: 1, outcome=verdict)


AT = "2023-10-03T09:00:00+09:00"


@pytest.fixture
def opened(handed_city: Path, tmp_path: Path) -> Iterator[Opened]:
    """A copy of its own, open."""
    folder = tmp_path / "city"
    shutil.copytree(handed_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield deployment, broker


def criteria(folder: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> bytes:
    """The criteria for truancy as a contractor hands them back."""
    document = yaml.safe_load((folder / "guideline" / "rules" / "truancy.yaml").read_text(encoding="utf-8"))
    document["version"] = "vendor-a-1"
    change(document)
    return yaml.safe_dump(document, allow_unicode=True, sort_keys=False).encode()


def lighter(document: dict[str, Any]) -> None:
    """One point less for the first factor that gives points."""
    first = next(each for each in document["factors"].values() if each.get("weight", 0) > 1)
    first["weight"] -= 1


def drafted(opened: Opened, change: Callable[[dict[str, Any]], object] = lighter, **more: Any) -> ProposalStatus:
    """Taken in."""
    deployment, broker = opened
    data = criteria(deployment.layout.folder, change)
    given: dict[str, Any] = {"data": data, "file": "back.yaml", "package": PACKAGE, **more}
    return broker.proposals.draft(asker(deployment, broker, *TAKES), **given)


def controls(attempt: Callable[[], object]) -> set[str]:
    """Under which controls it was refused."""
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.control for citation in caught.value.citations}


def test_from_the_contractor_to_the_guideline(opened: Opened) -> None:
    """Taken in, reviewed, approved by three persons: a file of the guideline that says where it comes from."""
    deployment, broker = opened
    status = drafted(opened)
    before = (deployment.layout.rules / "truancy.yaml").read_bytes()
    broker.proposals.review(asker(deployment, broker, *REVIEWS), number=status.number)
    assert (deployment.layout.rules / "truancy.yaml").read_bytes() == before
    approved = broker.proposals.approve(asker(deployment, broker, *APPROVES), number=status.number)
    rules = load_rules(deployment.layout.rules, deployment.templates)["truancy"]
    assert (approved.state, rules.version, rules.proposal) == ("approved", "vendor-a-1", "RP-2023-0001")
    assert approved.history[-1]["rules_digest"] == rules.digest
    assert sorted(path.name for path in deployment.layout.rules.iterdir()) == [
        "abuse.yaml", "poverty.yaml", "truancy.yaml", "young_carer.yaml",
    ]  # fmt: skip
    again = Deployment.load(deployment.layout.folder)
    with again.broker() as later:
        assert later.guideline.state().approval is None


def test_every_step_stands_in_the_ledger_after_its_decision(opened: Opened) -> None:
    """Who took it in, who reviewed, who approved; which releases it was tested on; and no word of the criteria."""
    deployment, broker = opened
    start = broker.ledger.size
    number = drafted(opened).number
    broker.proposals.review(asker(deployment, broker, *REVIEWS), number=number)
    broker.proposals.approve(asker(deployment, broker, *APPROVES), number=number)
    entries = [entry.document for entry in broker.ledger.entries(start)]
    steps = [entry for entry in entries if entry["kind"] == "proposal"]
    assert [(e["event"], e["principal"], e["recipient"], e["package"]) for e in steps] == [
        ("drafted", "center", "vendor-a", PACKAGE),
        ("reviewed", "privacy", "vendor-a", PACKAGE),
        ("approved", "cpo", "vendor-a", PACKAGE),
    ]
    by_index = {index: entry.document for index, entry in enumerate(broker.ledger.entries(0))}
    assert all(by_index[step["decision"]]["allow"] for step in steps)
    assert [by_index[index]["kind"] for index in steps[0]["releases"]] == ["release"]
    assert len({step["content_digest"] for step in steps}) == 1


def test_the_test_tells_counts_and_never_a_person(opened: Opened) -> None:
    """By cycle: who is listed, enters and leaves, and of what use both are; no pseudonym in anything that is kept."""
    deployment, broker = opened
    status = drafted(opened, lambda d: d["bands"].update(a=9, b=8))
    (tested,) = status.stored.detail["tests"]
    assert tested["cycle"] == "C2023-10-1"
    assert tested["listed"] is None or tested["listed"] >= 5
    assert tested["enter"] == 0
    assert tested["leave"] is None or tested["leave"] >= 5
    assert status.stored.detail["settings"] == {
        "bands": {"before": bands_in_force(deployment), "after": {"a": 9, "b": 8}}
    }
    kept = json.dumps(status.stored.detail)
    people = {str(each.subject) for each in broker.candidates.work_list.candidates()}
    assert people
    assert not any(person in kept or person.replace("-", "") in kept for person in people)


def bands_in_force(deployment: Deployment) -> dict[str, int]:
    """The bands in force."""
    rules = load_rules(deployment.layout.rules, deployment.templates)["truancy"]
    return {"a": rules.band_a, "b": rules.band_b}


def test_who_may_take_which_step(opened: Opened) -> None:
    """Whoever took it in reviews nothing, a reviewer approves nothing, nobody reviews twice; the contractor does nothing."""
    deployment, broker = opened
    number = drafted(opened).number
    steps = broker.proposals
    for account, hat in (TAKES, APPROVES, ("auditor", "auditor"), ("vendor-a", "analyst"), ("operator", "operator")):
        assert "action-matrix" in controls(
            lambda who=(account, hat): steps.review(asker(deployment, broker, *who), number=number)
        )
    assert controls(lambda: steps.approve(asker(deployment, broker, *APPROVES), number=number)) == {"proposal-reviewed"}
    steps.review(asker(deployment, broker, *REVIEWS), number=number)
    assert controls(lambda: steps.review(asker(deployment, broker, *REVIEWS), number=number)) == {"proposal-reviewed"}
    assert controls(lambda: steps.withdraw(asker(deployment, broker, "center2", "controller"), number=number)) == {
        "proposal-in-turn"
    }
    data = criteria(deployment.layout.folder, lighter)
    for account, hat in (REVIEWS, APPROVES, ("vendor-a", "analyst"), ("center", "user")):
        who = asker(deployment, broker, account, hat)
        assert "action-matrix" in controls(
            lambda who=who: steps.draft(who, data=data, file="back.yaml", package=PACKAGE)
        )


def test_only_what_was_handed_over_comes_back(opened: Opened) -> None:
    """A package that is still a draft has taught nobody anything; one that there is not is bad input. No data are read."""
    _, broker = opened
    start = broker.ledger.size
    assert controls(lambda: drafted(opened, package="PK-2023-0002")) == {"proposal-in-turn"}
    with pytest.raises(BadInput) as caught:
        drafted(opened, package="PK-2023-0009")
    assert caught.value.code == "package-unknown"
    assert not [e for e in broker.ledger.entries(start) if e.document["kind"] == "release"]
    assert broker.proposals.store.all() == ()


def test_a_condition_of_few_persons_is_never_approved(opened: Opened) -> None:
    """What only few meet may be a record of them: it is shown to the reviewers, and bars the review."""
    deployment, broker = opened

    days = Counter(broker.ask(judged_request(deployment, broker)).table.column("absent").to_pylist())
    rare = next(value for value, persons in sorted(days.items(), key=str) if value is not None and 0 < persons < 5)

    def record_of_somebody(document: dict[str, Any]) -> None:
        document["factors"]["TR02"]["hit"] = f"absent = {rare}"

    status = drafted(opened, record_of_somebody)
    codes = {finding["code"] for finding in status.stored.detail["findings"]}
    assert codes == {"proposal-rare"}
    assert controls(lambda: broker.proposals.review(asker(deployment, broker, *REVIEWS), number=status.number)) == {
        "proposal-checked"
    }


def judged_request(deployment: Deployment, broker: Broker) -> AskRequest:
    """The approved template that is judged by."""
    approval = broker.approvals.store.newest_granted("tr-features")
    return AskRequest(token=deployment.token("center"), hat="controller", purpose="truancy", approval=approval)


def test_what_was_tested_is_what_is_approved(opened: Opened) -> None:
    """Neither a text that somebody changed in the store, nor criteria that have changed meanwhile, are approved."""
    deployment, broker = opened
    first, second = drafted(opened).number, drafted(opened).number
    for number in (first, second):
        broker.proposals.review(asker(deployment, broker, *REVIEWS), number=number)
    with sqlite3.connect(deployment.layout.store) as store:
        store.execute("UPDATE proposal SET body = CAST(body || x'0a' AS BLOB) WHERE number = ?", (first,))
    chief = asker(deployment, broker, *APPROVES)
    assert controls(lambda: broker.proposals.approve(chief, number=first)) == {"proposal-reviewed"}
    rules = deployment.layout.rules / "truancy.yaml"
    rules.write_text(rules.read_text(encoding="utf-8") + "# 追記\n", encoding="utf-8")
    assert controls(lambda: broker.proposals.approve(chief, number=second)) == {"proposal-reviewed"}


def test_what_is_refused_or_withdrawn_is_erased(opened: Opened) -> None:
    """The text is gone from the store's file; that it was there stays in the ledger."""
    deployment, broker = opened
    mark = "特別な根拠の文"

    def marked(document: dict[str, Any]) -> None:
        next(f for f in document["factors"].values() if "evidence" in f)["weight"] = 1
        document["groups"][next(iter(document["groups"]))]["label"]["ja"] = mark

    refused, withdrawn = drafted(opened, marked).number, drafted(opened, marked).number
    assert mark.encode() in deployment.layout.store.read_bytes()
    broker.proposals.reject(asker(deployment, broker, *APPROVES), number=refused)
    broker.proposals.withdraw(asker(deployment, broker, *TAKES), number=withdrawn)
    assert mark.encode() not in deployment.layout.store.read_bytes()
    assert [status.state for status in broker.proposals.list(asker(deployment, broker, *TAKES))] == [
        "rejected", "withdrawn",
    ]  # fmt: skip
    for number in (refused, withdrawn):
        assert "proposal-in-turn" in controls(
            lambda number=number: broker.proposals.approve(asker(deployment, broker, *APPROVES), number=number)
        )


def test_a_row_in_the_store_is_no_proposal(opened: Opened) -> None:
    """What the ledger does not know was never taken in."""
    deployment, broker = opened
    with sqlite3.connect(deployment.layout.store) as store:
        store.execute("INSERT INTO proposal VALUES ('RP-2023-0007', '{}', x'00')")
    with pytest.raises(BadInput) as caught:
        broker.proposals.reject(asker(deployment, broker, *APPROVES), number="RP-2023-0007")
    assert caught.value.code == "proposal-unknown"


def test_the_commands(opened: Opened, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the file to the guideline, as people type it; bad files end with 2, refusals with 3."""
    deployment, broker = opened
    broker.close()
    folder = deployment.layout.folder
    file = tmp_path / "back.yaml"
    file.write_bytes(criteria(folder, lighter))

    def command(account: str, hat: str, *arguments: str, form: str = "table") -> int:
        who = ["--deployment", str(folder), "--as", account, "--hat", hat, "--format", form]
        return cli.run([*who, "risk", *arguments])

    assert command(*TAKES, "propose", str(file), "--package", PACKAGE) == 0
    shown = capsys.readouterr()
    assert "RP-2023-0001" in shown.err
    assert "C2023-10-1" in shown.out
    assert command(*REVIEWS, "proposal", "show", "RP-2023-0001", form="json") == 0
    document = json.loads(capsys.readouterr().out)["proposal"]
    assert (document["state"], document["recipient"], document["findings"]) == ("drafted", "vendor-a", [])
    assert [change["change"] for change in document["changes"]] == ["changed"]
    assert 18 in document["articles"]
    assert command(*TAKES, "proposal", "review", "RP-2023-0001") == 3
    assert command(*REVIEWS, "proposal", "review", "RP-2023-0001") == 0
    assert command(*APPROVES, "proposal", "approve", "RP-2023-0001") == 0
    assert "sekisho guideline approve" in capsys.readouterr().err
    assert command(*REVIEWS, "proposal", "list") == 0
    assert "承認" in capsys.readouterr().out
    assert command(*APPROVES, "proposal", "show", "RP-2023-0009") == 2
    assert command(*TAKES, "propose", str(tmp_path / "none.yaml"), "--package", PACKAGE) == 2
    assert command(*TAKES, "proposal", "list", form="csv") == 2
    file.write_text("purpose: [", encoding="utf-8")
    assert command(*TAKES, "propose", str(file), "--package", PACKAGE) == 2
