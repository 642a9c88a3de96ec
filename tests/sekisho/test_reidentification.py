"""Controlled re-identification over the city: dual control, one person, a few days, and nothing for anybody else."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import yaml

from audit.encoding import encode_entry
from governance.decisions import PseudonymSpace
from governance.errors import BadInput, Denied, Unavailable
from masking.keys import KeyRing
from risk.candidates import Candidate, Found
from risk.cycles import Cycle, Step
from sekisho import cli
from sekisho.actions import Asker
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.ticket_steps import Judged
from sekisho.ticket_store import TicketStore
from sekisho.work_list import WorkList
from tests.architecture.sources import ROOT
from tests.city import asker

WORKER, CLEARED, HEAD = ("center", "user"), ("center2", "user"), ("center-head", "center_head")
REASON, CONTACT = "欠席が続き家事を担う様子があるため、家庭の状況を確かめる", "電話の後に家庭訪問"
_ACCOUNTS = yaml.safe_load((ROOT / "reference" / "akishima" / "principals.yaml").read_text(encoding="utf-8"))
EVERYBODY = sorted((name, hat) for name, account in _ACCOUNTS.items() for hat in account["roles"])
NUMBERS = {"free": "WL-2023-000001", "protected": "WL-2023-000002", "nobody": "WL-2023-000003",
           "suspended": "WL-2023-000004", "adult": "WL-2023-000005", "alert": "WL-2023-000006",
           "other": "WL-2023-000007"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """The city, open, with a work list, at a moment."""

    deployment: Deployment
    broker: Broker
    persons: Mapping[str, str]

    def who(self, account: tuple[str, str]) -> Asker:
        """An account that asks now."""
        return asker(self.deployment, self.broker, *account)

    def asked(self, who: str = "free", account: tuple[str, str] = WORKER, **changes: Any) -> str:
        """A ticket that was asked for."""
        given: dict[str, Any] = {"candidate": NUMBERS[who], "purpose": "truancy", "reason": REASON, "contact": CONTACT}
        return self.broker.reidentification.request(self.who(account), **{**given, **changes})

    def granted(self, who: str = "free", account: tuple[str, str] = WORKER) -> str:
        """A ticket that was granted."""
        number = self.asked(who, account)
        self.broker.reidentification.grant(self.who(HEAD), number=number)
        return number

    def opened(self, who: str = "free", account: tuple[str, str] = WORKER) -> str:
        """A ticket whose view is kept."""
        number = self.granted(who, account)
        assert self.broker.reidentification.run(self.who(account), number=number) is not None
        return number

    def entries(self, kind: str = "ticket") -> list[Mapping[str, Any]]:
        """What the ledger holds of a kind."""
        return [entry.document for entry in self.broker.ledger.of_kind(kind)]

    def work_list(self) -> WorkList:
        """The list of candidates."""
        return WorkList.open(self.deployment.layout.work_list, key=self.deployment.digest_key)

    def store(self) -> TicketStore:
        """What is kept of tickets."""
        return TicketStore.open(self.deployment.layout.tickets, key=self.deployment.digest_key)

    def state(self, who: str = "free") -> str:
        """Where the candidate stands."""
        return self.work_list().get(NUMBERS[who]).state


def _pseudonym(deployment: Deployment, number: str) -> UUID:
    catalogue, space = deployment.catalogue, PseudonymSpace(domain="center-screening", epoch="2023")
    keyring = KeyRing.load(deployment.layout.master_key)
    made = keyring.pseudonyms(pa.array([number]), kind=catalogue.kinds["resident"], space=space)
    return UUID(str(made[0].as_py()))


def _listed(deployment: Deployment, persons: Mapping[str, str]) -> None:
    """A work list as a cycle of the judgement leaves it, with a desk review of everybody."""
    found = Found(
        queue="candidate", band="A", points=Fraction(8), coverage=Fraction(1), hits=("TR01", "TR04"), unknown=()
    )
    work_list = WorkList.open(deployment.layout.work_list, key=deployment.digest_key)
    candidates = [
        Candidate(
            number=NUMBERS[who], subject=_pseudonym(deployment, number), key_id="0a1b2c3d", household=None,
            place="chosen", first_cycle="C2023-10-1", last_cycle="C2023-10-1", protected=False, state="desk_review",
            version=0,
            found={"truancy": replace(found, queue="alert") if who == "alert" else found},
        )
        for who, number in persons.items()
    ]  # fmt: skip
    cycle = Cycle(
        id="C2023-10-1", at="2023-10-01T09:00:00+09:00", as_of="2023-10-01", principal="center", ledger_index=1,
        key_id="0a1b2c3d", cleared=False, rules={}, releases={}, room=30, counts={},
    )  # fmt: skip
    work_list.enter(
        lambda _: cycle, [Step(candidate=each, event="listed") for each in candidates],
        by="center", at=cycle.at, record=lambda: 1,
    )  # fmt: skip


def _extracted(deployment: Deployment, day: date) -> None:
    """The register is of a day."""
    extract = deployment.layout.departments / "shimin" / "extract.yaml"
    text = extract.read_text(encoding="utf-8")
    extract.write_text(re.sub(r"(?m)^(shimin[.][a-z]+): .*$", rf"\1: {day}", text), encoding="utf-8")


@pytest.fixture(scope="module")
def listed_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Mapping[str, str]]:
    """A city with an approved guideline, a protected child, a suspended one and a work list."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("reidentify") / "demo-city"))
    with (folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        children = [row["resident_id"] for row in csv.DictReader(file)]
    with closing(sqlite3.connect(folder / "departments" / "shimin" / "shimin.sqlite")) as register:
        homes = dict(register.execute("SELECT resident_id, household_id FROM resident").fetchall())
        chosen: list[str] = []
        for child in children:
            if homes[child] not in {homes[each] for each in chosen}:
                chosen.append(child)
        register.execute("UPDATE resident SET dv_support_flag = '0'")
        register.execute("UPDATE resident SET dv_support_flag = '1' WHERE resident_id = ?", (chosen[1],))
        (adult,) = register.execute("SELECT min(resident_id) FROM resident WHERE birth_date LIKE 'S%'").fetchone()
        register.commit()
    persons = {"free": chosen[0], "protected": chosen[1], "nobody": "9999999999", "suspended": chosen[2],
               "adult": adult, "alert": chosen[3], "other": chosen[4]}  # fmt: skip
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        steward = asker(deployment, broker, "steward-shimin", "data_steward")
        broker.matters.suspend(steward, number="R5-1", identifier=chosen[2])
    _listed(deployment, persons)
    return folder, persons


@pytest.fixture
def town(listed_city: tuple[Path, Mapping[str, str]], tmp_path: Path) -> Iterator[Town]:
    """A copy of it, open."""
    folder = Path(shutil.copytree(listed_city[0], tmp_path / "demo-city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield Town(deployment=deployment, broker=broker, persons=listed_city[1])


@pytest.fixture
def later(town: Town) -> Iterator[Callable[[int], Town]]:
    """The same city some days later."""
    opened: list[Broker] = []

    def at(days: int) -> Town:
        now = town.deployment.clock() + timedelta(days=days)
        _extracted(town.deployment, now.date())
        deployment = Deployment.load(town.deployment.layout.folder, now=now)
        broker = deployment.broker()
        opened.append(broker.__enter__())
        return replace(town, deployment=deployment, broker=broker)

    yield at
    for broker in opened:
        broker.close()


def controls(denied: Denied) -> set[str]:
    """Under which controls it was refused."""
    return {citation.control for citation in denied.citations}


def refused(step: Callable[[], object], control: str) -> None:
    """Refused by the policy, under a control among others."""
    with pytest.raises(Denied) as caught:
        step()
    assert control in controls(caught.value)


def test_one_person_is_found_under_dual_control(town: Town) -> None:
    """Asked by one, decided by another, resolved by the holder: only the items of the annex, for fourteen days."""
    number = town.asked()
    assert town.state() == "reid_requested"
    town.broker.reidentification.grant(town.who(HEAD), number=number)
    assert town.state() == "reid_approved"
    opened = town.broker.reidentification.run(town.who(WORKER), number=number)
    assert opened is not None
    assert opened.until == town.deployment.clock().date() + timedelta(days=14)
    terms = town.deployment.guideline.tables["parameters"]["reidentification"]["view"]
    assert {name: set(values) for name, values in opened.view.values.items()} == {
        part["dataset"]: set(part["columns"]) for part in terms
    }
    with closing(sqlite3.connect(town.deployment.layout.departments / "shimin" / "shimin.sqlite")) as register:
        (name,) = register.execute(
            "SELECT name_kanji FROM resident WHERE resident_id = ?", (town.persons["free"],)
        ).fetchone()
    assert opened.view.values["shimin.resident"]["name_kanji"] == name
    assert town.state() == "case_open"
    again = town.broker.reidentification.show(town.who(WORKER), number=number)
    assert again == opened


def test_every_step_is_in_the_ledger_and_nobody_is_named(town: Town) -> None:
    """Decision and entry of each step; neither a number, nor a pseudonym, nor a word of the reason or the name."""
    number = town.opened()
    town.broker.reidentification.show(town.who(WORKER), number=number)
    steps = town.entries()
    assert [(e["event"], e["principal"]) for e in steps] == [
        ("requested", "center"), ("granted", "center-head"), ("opened", "center"), ("looked", "center"),
    ]  # fmt: skip
    decided = {e["decision"] for e in steps}
    allowed = [d for d in town.entries("decision") if d["action"].startswith("reidentify.")]
    assert len(decided) == len(allowed) == 4
    assert all(d["allow"] for d in allowed)
    assert [len(d["scans"]) for d in allowed] == [0, 0, 2, 1]
    assert len({e["pseudonym"] for e in steps}) == 1
    assert steps[-1]["subject"] == steps[-2]["subject"] is not None
    written = b"".join(encode_entry(e) for e in [*steps, *town.entries("decision"), *town.entries("candidate")])
    for value in (town.persons["free"], str(_pseudonym(town.deployment, town.persons["free"]))):
        assert value.encode() not in written
        assert value.replace("-", "").encode() not in written


def test_what_is_kept_lies_sealed(town: Town) -> None:
    """The file of tickets shows neither the pseudonym, nor the reason, nor the name; what is changed is refused."""
    number = town.opened()
    view = town.store().view(number)
    assert view is not None
    kept = b"".join(path.read_bytes() for path in town.deployment.layout.tickets.parent.glob("tickets.sqlite*"))
    for value in (REASON, CONTACT, view.values["shimin.resident"]["name_kanji"], NUMBERS["free"]):
        assert str(value).encode() not in kept
    assert _pseudonym(town.deployment, town.persons["free"]).bytes not in kept
    with closing(sqlite3.connect(town.deployment.layout.tickets)) as attacker:
        attacker.execute("UPDATE ticket SET body = zeroblob(80)")
        attacker.commit()
    with pytest.raises(Unavailable):
        town.broker.reidentification.show(town.who(WORKER), number=number)


def test_a_pseudonym_that_was_put_in_the_place_of_another_is_refused(town: Town) -> None:
    """Even by somebody who has the key of the file: the ledger knows which one was decided on."""
    number, other = town.granted(), town.asked("other")
    store = town.store()
    swapped = store.get(other)
    assert swapped is not None
    sealed = store._seal(json.dumps(asdict(swapped)), "ticket", number)
    with closing(sqlite3.connect(store.path)) as attacker:
        attacker.execute("UPDATE ticket SET body = ? WHERE number = ?", (sealed, number))
        attacker.commit()
    with pytest.raises(Unavailable):
        town.broker.reidentification.run(town.who(WORKER), number=number)


def test_protected_suspended_unknown_and_adult_are_one_answer(town: Town) -> None:
    """For staff without clearance: the same nothing, the same entries, the same state of the candidate."""
    told = []
    for who in ("protected", "suspended", "nobody", "adult"):
        number = town.granted(who)
        before = town.broker.ledger.size
        assert town.broker.reidentification.run(town.who(WORKER), number=number) is None
        entries = [dict(entry.document) for entry in town.broker.ledger.entries(before)]
        for entry in entries:
            for name in ("request", "input_digest", "decision", "ticket", "number", "pseudonym"):
                entry.pop(name, None)
            for scan in entry.get("scans", {}).values():
                scan.pop("order")
        told.append((entries, town.state(who), town.store().view(number)))
        refused(
            lambda number=number: town.broker.reidentification.show(town.who(WORKER), number=number), "ticket-in-state"
        )  # type: ignore[misc]
        refused(
            lambda number=number: town.broker.reidentification.run(town.who(WORKER), number=number), "ticket-in-state"
        )  # type: ignore[misc]
    assert all(each == told[0] for each in told)
    assert told[0][1] == "desk_review"


def test_cleared_staff_see_a_protected_person_by_fewer_items(town: Town) -> None:
    """Without address, school and contact; the school's holder is not even asked."""
    number = town.granted("protected", CLEARED)
    opened = town.broker.reidentification.run(town.who(CLEARED), number=number)
    assert opened is not None
    assert opened.view.reduced == "address-protected"
    assert {name: set(values) for name, values in opened.view.values.items()} == {
        "shimin.resident": {"name_kanji", "name_kana", "birth_date", "sex"}
    }
    assert town.broker.reidentification.show(town.who(CLEARED), number=number) == opened
    suspended = town.granted("suspended", CLEARED)
    assert town.broker.reidentification.run(town.who(CLEARED), number=suspended) is None


def test_cleared_staff_are_told_and_nobody_else(town: Town) -> None:
    """That a protected person was asked for comes out at cleared staff alone, unseen by whoever asked."""
    numbers = {who: town.granted(who) for who in ("protected", "nobody", "suspended")}
    for number in numbers.values():
        town.broker.reidentification.run(town.who(WORKER), number=number)
    told = town.broker.reidentification.alerts(town.who(CLEARED))
    assert [(each.standing.number, each.asked.candidate) for each in told] == [
        (numbers["protected"], NUMBERS["protected"])
    ]
    assert town.broker.reidentification.alerts(town.who(HEAD)) == told
    refused(lambda: town.broker.reidentification.alerts(town.who(WORKER)), "cleared-staff")
    refused(lambda: town.broker.reidentification.alerts(town.who(("auditor", "auditor"))), "action-matrix")


def test_who_is_protected_or_suspended_since_is_shown_no_more(town: Town) -> None:
    """Before each look the holder is asked again; the view is erased, and looks like nobody from then on."""
    number, other = town.opened(), town.opened("other", CLEARED)
    with closing(sqlite3.connect(town.deployment.layout.departments / "shimin" / "shimin.sqlite")) as register:
        register.execute(
            "UPDATE resident SET dv_support_flag = '1' WHERE resident_id IN (?, ?)",
            (town.persons["free"], town.persons["other"]),
        )
        register.commit()
    assert town.broker.reidentification.show(town.who(WORKER), number=number) is None
    assert town.store().view(number) is None
    refused(lambda: town.broker.reidentification.show(town.who(WORKER), number=number), "ticket-in-state")
    shown = town.broker.reidentification.show(town.who(CLEARED), number=other)
    assert shown is not None
    assert set(shown.view.values["shimin.resident"]) == {"name_kanji", "name_kana", "birth_date", "sex"}
    assert set(shown.view.values) == {"shimin.resident"}
    assert town.store().view(other) == shown.view


@pytest.fixture(scope="module")
def waiting(
    listed_city: tuple[Path, Mapping[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Town, Mapping[str, str]]]:
    """One open city for all refusals, which change nothing, with a ticket of the case worker in each state."""
    folder = Path(shutil.copytree(listed_city[0], tmp_path_factory.mktemp("refusals") / "demo-city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        town = Town(deployment=deployment, broker=broker, persons=listed_city[1])
        yield town, {"requested": town.asked("nobody"), "granted": town.granted("other"), "open": town.opened("free")}


@pytest.mark.parametrize("account", EVERYBODY, ids="/".join)
def test_nobody_else_gets_a_step_further(waiting: tuple[Town, Mapping[str, str]], account: tuple[str, str]) -> None:
    """All accounts with all their hats, whatever they send: each step is refused unless it is theirs."""
    town, tickets = waiting
    reidentification = town.broker.reidentification
    mine = {WORKER: {"request"}, CLEARED: {"request"}, HEAD: {"grant", "reject", "extend"}}.get(account, set())
    steps: dict[str, Callable[[str], object]] = {
        "request": lambda _: town.asked("alert", account),
        "grant": lambda number: reidentification.grant(town.who(account), number=number),
        "reject": lambda number: reidentification.reject(town.who(account), number=number),
        "run": lambda number: reidentification.run(town.who(account), number=number),
        "show": lambda number: reidentification.show(town.who(account), number=number),
        "extend": lambda number: reidentification.extend(town.who(account), number=number, reason=REASON),
        "close": lambda number: reidentification.close(town.who(account), number=number),
        "emergency": lambda _: town.asked("alert", account, emergency=True),
        "forged candidate": lambda _: town.asked("alert", account, candidate="WL-2023-999999"),
        "a pseudonym": lambda _: town.asked(
            "alert", account, candidate=str(_pseudonym(town.deployment, town.persons["alert"]))
        ),
        "two at once": lambda _: town.asked("alert", account, candidate=f"{NUMBERS['free']},{NUMBERS['alert']}"),
        "another purpose": lambda _: town.asked("alert", account, purpose="stat"),
        "a ticket that there is not": lambda _: reidentification.run(town.who(account), number="RI-2023-9999"),
    }
    on_a_ticket = {"grant", "reject", "run", "show", "extend", "close"}
    for name, step in steps.items():
        # Steps on a ticket are tried on one of each state; the others name none.
        for number in tickets.values() if name in on_a_ticket else [""]:
            if name in mine or (account in (WORKER, CLEARED) and name == "emergency"):
                continue
            if account == WORKER and (name, number) in {
                ("run", tickets["granted"]), ("show", tickets["open"]), ("close", tickets["requested"]),
                ("close", tickets["granted"]),
            }:  # fmt: skip
                continue
            with pytest.raises(Denied) as caught:
                step(number)
            assert caught.value.citations
            said = caught.value.text("ja") + caught.value.text("en")
            assert not [value for value in town.persons.values() if value in said]
    assert {e["event"] for e in town.entries()} <= {"requested", "granted", "opened"}


def test_nobody_decides_on_what_they_asked_for(town: Town) -> None:
    """Neither whoever asked, nor another case worker: the head does."""
    number = town.asked()
    for account in (WORKER, CLEARED, ("center", "controller"), ("cpo", "cpo"), ("privacy", "reviewer")):
        refused(
            lambda account=account: town.broker.reidentification.grant(town.who(account), number=number),
            "action-matrix",
        )  # type: ignore[misc]
    refused(lambda: town.broker.reidentification.run(town.who(WORKER), number=number), "ticket-in-state")
    town.broker.reidentification.reject(town.who(HEAD), number=number)
    assert town.state() == "desk_review"
    refused(lambda: town.broker.reidentification.run(town.who(WORKER), number=number), "ticket-in-state")


def test_a_ticket_belongs_to_whoever_asked(town: Town) -> None:
    """A colleague of the same role neither carries it out, nor looks, nor ends it."""
    number = town.granted()
    refused(lambda: town.broker.reidentification.run(town.who(CLEARED), number=number), "own-ticket")
    town.broker.reidentification.run(town.who(WORKER), number=number)
    refused(lambda: town.broker.reidentification.show(town.who(CLEARED), number=number), "own-ticket")
    refused(lambda: town.broker.reidentification.run(town.who(WORKER), number=number), "ticket-in-state")
    assert [each.standing.number for each in town.broker.reidentification.tickets(town.who(CLEARED))] == []
    assert [each.asked.reason for each in town.broker.reidentification.tickets(town.who(HEAD))] == [REASON]


def _enter_protected(town: Town) -> str:
    """The number of a candidate whom only an answer to cleared staff has held."""
    work_list = town.work_list()
    hidden = replace(work_list.get(NUMBERS["other"]), number="WL-2023-000008", protected=True, version=0)
    cycle = replace(work_list.cycles()[0], id="C2023-10-2", cleared=True)
    work_list.enter(
        lambda _: cycle, [Step(candidate=hidden, event="listed")], by="center2", at=cycle.at, record=lambda: 1
    )
    return hidden.number


def _listed_to(town: Town, account: tuple[str, str]) -> tuple[str, ...] | frozenset[str]:
    """The tickets that an account sees, or the controls that refuse it."""
    try:
        return tuple(each.standing.number for each in town.broker.reidentification.tickets(town.who(account)))
    except Denied as denied:
        return frozenset(controls(denied))


def _refused_for(town: Town, account: tuple[str, str], candidate: str) -> list[tuple[str, str]]:
    with pytest.raises(Denied) as caught:
        town.asked(account=account, candidate=candidate)
    return [(each.control, each.text["ja"]) for each in caught.value.citations]


def test_both_engines_tell_whose_tickets_are_shown_and_who_is_known(town: Town) -> None:
    """Whoever decides sees all, by the post alone; a protected candidate is to others one that there is not."""
    hidden = _enter_protected(town)
    own, others = town.asked(), town.asked("other", CLEARED)
    lists, refusals = [], []
    with town.deployment.broker(engine="opa") as served:
        for each in (town, replace(town, broker=served)):
            lists.append({account: _listed_to(each, account) for account in EVERYBODY})
            reads = [e.document["action"] for e in each.broker.ledger.of_kind("decision")][-len(EVERYBODY) :]
            assert reads.count("reidentify.read_all") == 1
            refusals.append((_refused_for(each, WORKER, hidden), _refused_for(each, WORKER, "WL-2023-999999")))
    assert lists[0] == lists[1]
    assert (lists[0][HEAD], lists[0][WORKER], lists[0][CLEARED]) == ((own, others), (own,), (others,))
    assert {type(lists[0][account]) for account in EVERYBODY if account[1] not in {"user", "center_head"}} == {
        frozenset
    }
    assert refusals[0] == refusals[1]
    assert refusals[0][0] == refusals[0][1]
    assert town.asked(account=CLEARED, candidate=hidden)


def test_another_post_does_not_see_what_others_asked_for(town: Town) -> None:
    """The hat does not do: where the guideline names another post, the head sees what is theirs alone, recorded so."""
    parameters = town.deployment.layout.guideline / "tables" / "parameters.yaml"
    text = parameters.read_text(encoding="utf-8")
    assert "  decided_by: [所長]\n" in text
    town.asked()
    parameters.write_text(text.replace("  decided_by: [所長]\n", "  decided_by: [副市長]\n"), encoding="utf-8")
    deployment = Deployment.load(town.deployment.layout.folder)
    with deployment.broker() as broker:
        changed = replace(town, deployment=deployment, broker=broker)
        assert _listed_to(changed, HEAD) == ()
        assert [e.document["action"] for e in broker.ledger.of_kind("decision")][-1] == "reidentify.read"


@pytest.mark.parametrize(
    ("changes", "control"),
    [
        ({"reason": "気になるため"}, "ticket-reasoned"),
        ({"reason": " " * 40}, "ticket-reasoned"),
        ({"contact": " "}, "ticket-reasoned"),
        ({"purpose": "abuse"}, "ticket-purpose"),
        ({"purpose": "stat"}, "ticket-purpose"),
        ({"candidate": "WL-2023-999999"}, "ticket-purpose"),
    ],
    ids=str,
)
def test_a_request_without_what_it_needs_is_refused(town: Town, changes: dict[str, Any], control: str) -> None:
    """Before anything is kept; the candidate stands where it stood."""
    refused(lambda: town.asked(**changes), control)
    assert (town.state(), town.entries()) == ("desk_review", [])


def test_one_candidate_has_one_ticket_at_a_time(town: Town) -> None:
    """A second request for a candidate that waits is refused, and leaves nothing."""
    town.asked()
    with pytest.raises(BadInput) as caught:
        town.asked()
    assert caught.value.code == "candidate-step"
    assert len(town.entries()) == 1
    assert town.store().get("RI-2023-0002") is None


def test_grant_and_view_end_with_their_last_day(town: Town, later: Callable[[int], Town]) -> None:
    """A grant counts seven days, a view fourteen; then the view is erased from the file."""
    unused, number = town.granted("other"), town.opened()
    day = later(14)
    refused(lambda: day.broker.reidentification.run(day.who(WORKER), number=unused), "ticket-in-state")
    assert day.broker.reidentification.show(day.who(WORKER), number=number) is not None
    after = later(15)
    refused(lambda: after.broker.reidentification.show(after.who(WORKER), number=number), "ticket-in-state")
    assert after.store().viewed() == ()


def test_another_person_puts_the_last_day_off(town: Town, later: Callable[[int], Town]) -> None:
    """With a reason, twice at most."""
    number = town.opened()
    extend = town.broker.reidentification.extend
    refused(lambda: extend(town.who(WORKER), number=number, reason=REASON), "ticket-decider")
    refused(lambda: extend(town.who(HEAD), number=number, reason="まだ要る"), "ticket-reasoned")
    day = later(10)
    until = day.broker.reidentification.extend(day.who(HEAD), number=number, reason=REASON)
    assert until == day.deployment.clock().date() + timedelta(days=14)
    day.broker.reidentification.extend(day.who(HEAD), number=number, reason=REASON)
    refused(lambda: day.broker.reidentification.extend(day.who(HEAD), number=number, reason=REASON), "ticket-in-state")
    assert later(24).broker.reidentification.show(later(24).who(WORKER), number=number) is not None


def test_a_view_ends_with_the_judgement_of_a_person(town: Town) -> None:
    """With a verdict, a reason, and for support what the child wants; then it is erased, and the candidate is closed."""
    number = town.opened()
    why = "面接と学校への確認により、家事の負担が重いことがわかった"

    def close(**judged: Any) -> None:
        town.broker.reidentification.close(town.who(WORKER), number=number, judged=Judged(**judged))

    refused(close, "judged-by-people")
    refused(lambda: close(verdict="support", reason="重い", wish="学校に行きたい"), "judged-by-people")
    refused(lambda: close(verdict="support", reason=why, wish=" "), "wish-heard")
    assert town.state() == "case_open"
    close(verdict="support", reason=why, wish_missing="まだ話せる状態になく、次の面接で聴く")
    outcome = town.work_list().get(NUMBERS["free"]).outcome
    assert outcome is not None
    assert (outcome.verdict, outcome.reason, outcome.wish, outcome.by) == ("support", why, None, "center")
    assert (town.state(), town.store().viewed()) == ("closed", ())
    assert [e["state"] for e in town.entries("candidate")][-2:] == ["outcome", "closed"]
    refused(lambda: town.broker.reidentification.show(town.who(WORKER), number=number), "ticket-in-state")


def test_people_may_judge_otherwise_than_the_hint(town: Town) -> None:
    """No support for a candidate of the first band, without a word on the child's wish; and looked at anew later."""
    number = town.opened()
    judged = Judged(verdict="no_support", reason="祖父母の支えがあり、本人も困っていないと確かめた")
    town.broker.reidentification.close(town.who(WORKER), number=number, judged=judged)
    assert town.state() == "closed"
    waiting = town.granted("other")
    town.broker.reidentification.close(town.who(WORKER), number=waiting)
    assert town.state("other") == "desk_review"


def test_the_number_of_a_month_is_kept_and_never_holds_an_alert_back(
    listed_city: tuple[Path, Mapping[str, str]], tmp_path: Path
) -> None:
    """With a cap of one: the second waits for another month, what has to be seen at once does not."""
    folder = Path(shutil.copytree(listed_city[0], tmp_path / "demo-city"))
    table = folder / "guideline" / "tables" / "parameters.yaml"
    table.write_text(table.read_text(encoding="utf-8").replace("monthly_cap: 30", "monthly_cap: 1"), encoding="utf-8")
    version = folder / "guideline" / "tables" / "version.yaml"
    text = version.read_text(encoding="utf-8").replace('version: "2023.1"', 'version: "2023.2"', 1)
    change = '  - {version: "2023.2", decided_on: "2023-03-24", what: {ja: 上限を改めた, en: Another cap}}'
    version.write_text(text.replace("changes:", f"changes:\n{change}", 1), encoding="utf-8")
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        town = Town(deployment=deployment, broker=broker, persons=listed_city[1])
        town.granted("alert")
        town.granted("free")
        number = town.asked("other")
        refused(lambda: broker.reidentification.grant(town.who(HEAD), number=number), "ticket-cap")
    next_month = Deployment.load(folder, now=deployment.clock() + timedelta(days=31))
    with next_month.broker() as broker:
        broker.reidentification.grant(asker(next_month, broker, *HEAD), number=number)


def test_in_an_emergency_the_person_is_found_at_once(town: Town, later: Callable[[int], Town]) -> None:
    """The chief privacy officer and the auditor are told; a decision follows within a working day, or no more of it."""
    reidentification = town.broker.reidentification
    refused(lambda: town.asked(emergency=True, reason="至急"), "ticket-reasoned")
    number = town.asked(emergency=True)
    assert reidentification.run(town.who(WORKER), number=number) is not None
    assert [(e["event"], e["to"], e["emergency"]) for e in town.entries()] == [
        ("requested", None, True), ("alerted", "cpo", True), ("alerted", "auditor", True), ("opened", None, True),
    ]  # fmt: skip
    assert town.entries()[0]["until"] == "2023-10-02"
    assert town.asked("other", emergency=True)
    overdue = later(2)
    refused(lambda: overdue.asked("alert", emergency=True), "emergency-decided")
    overdue.asked("alert")
    for each in overdue.broker.reidentification.tickets(overdue.who(HEAD)):
        if each.standing.waits:
            overdue.broker.reidentification.grant(overdue.who(HEAD), number=each.standing.number)
    assert overdue.asked("nobody", emergency=True)
    assert overdue.broker.reidentification.show(overdue.who(WORKER), number=number) is not None


def test_an_emergency_that_is_rejected_afterwards_ends_its_view(town: Town) -> None:
    """The view is erased, and shown to nobody any more."""
    number = town.asked(emergency=True)
    town.broker.reidentification.run(town.who(WORKER), number=number)
    town.broker.reidentification.reject(town.who(HEAD), number=number)
    assert town.store().viewed() == ()
    refused(lambda: town.broker.reidentification.show(town.who(WORKER), number=number), "ticket-in-state")


def test_while_the_register_of_protected_persons_is_stale_nobody_is_shown(town: Town) -> None:
    """Neither to staff without clearance, nor, by more items than may be, to cleared staff."""
    number = town.opened()
    _extracted(town.deployment, date(2023, 8, 1))
    waiting, cleared = town.granted("other"), town.granted("alert", CLEARED)
    for account, each in ((WORKER, waiting), (CLEARED, cleared)):
        refused(lambda a=account, n=each: town.broker.reidentification.run(town.who(a), number=n), "protection-current")  # type: ignore[misc]
    refused(lambda: town.broker.reidentification.show(town.who(WORKER), number=number), "protection-current")


def test_while_releases_are_stopped_nobody_is_identified(town: Town) -> None:
    """Neither found nor looked at."""
    waiting, number = town.granted("other"), town.opened()
    town.broker.matters.stop(town.who(WORKER), number="J5-1")
    refused(lambda: town.broker.reidentification.run(town.who(WORKER), number=waiting), "releases-not-stopped")
    refused(lambda: town.broker.reidentification.show(town.who(WORKER), number=number), "releases-not-stopped")


def test_the_command_line_shows_a_case_and_says_nothing_alike(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """On the screen alone; for a protected and for an unknown person word, status and fields are the same."""
    folder = str(town.deployment.layout.folder)
    found = town.granted()
    hidden, absent = town.granted("protected"), town.granted("nobody")

    def run(number: str, *more: str) -> tuple[int, str, str]:
        status = cli.run(
            ["--deployment", folder, "--as", "center", "--hat", "user", "reidentify", "run", number, *more]
        )
        told = capsys.readouterr()
        return status, told.out.replace(number, "N"), told.err.replace(number, "N")

    assert run(found, "--format", "csv")[0] == 2
    status, out, _ = run(found, "--format", "json")
    document = json.loads(out)
    assert status == 0
    assert document["case"]["items"]["shimin.resident"]["name_kanji"]
    assert run(hidden, "--format", "json") == run(absent, "--format", "json")
    again = town.granted("protected"), town.granted("nobody")
    answers = [run(number) for number in again]
    assert answers[0] == answers[1]
    assert "該当なし" in answers[0][2]


def test_the_clock_of_the_tests_is_a_sunday(town: Town) -> None:
    """So that a working day later is Monday."""
    assert isinstance(town.deployment.clock(), datetime)
    assert town.deployment.clock().weekday() == 6


def test_views_and_tickets_are_kept_for_their_terms(town: Town, later: Callable[[int], Town]) -> None:
    """A view nobody has touched since its last day is past its term; a ticket counts from its end, an open one never."""
    ended, opened, granted = town.granted(), town.opened("other"), town.granted("alert")
    town.broker.reidentification.close(town.who(WORKER), number=ended)
    today = town.deployment.clock().date()
    kinds = {kind.name: kind for kind in town.broker.retention.kinds}
    assert [(t.id, t.since) for t in kinds["case-views"].things()] == [(opened, today + timedelta(days=14))]
    assert {t.id: t.since for t in kinds["tickets"].things()} == {
        ended: today, opened: None, granted: today + timedelta(days=7),
    }  # fmt: skip
    for days, past in ((15, 0), (16, 1)):
        then = later(days)
        terms = then.broker.retention.terms(then.deployment.clock().date())
        assert [each.past for each in terms if each.kind == "case-views"] == [past]


def test_an_erased_ticket_leaves_its_number_and_nothing_else(town: Town) -> None:
    """Reason, pseudonym and view are gone from the file; the number is not given again, and asking for it finds nobody."""
    number = town.opened()
    path = town.deployment.layout.tickets
    with closing(sqlite3.connect(path)) as store:
        sealed = [bytes(row[0]) for row in store.execute("SELECT body FROM ticket UNION ALL SELECT body FROM view")]
    kinds = {kind.name: kind for kind in town.broker.retention.kinds}
    assert (kinds["tickets"].erase([number, "RI-2023-9999"]), kinds["tickets"].erase([number])) == (1, 0)
    assert (len(sealed), kinds["tickets"].things(), kinds["case-views"].things()) == (2, [], [])
    data = path.read_bytes()
    assert not any(body in data for body in sealed)
    refused(lambda: town.broker.reidentification.show(town.who(WORKER), number=number), "ticket-in-state")
    assert town.asked("other") == "RI-2023-0002"
