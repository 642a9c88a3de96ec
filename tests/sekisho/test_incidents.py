"""Incidents from the first word to the last: who does what, what leaked, by when, and that nobody is named."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from python_calamine import CalamineWorkbook

from governance.errors import BadInput, Denied
from sekisho.actions import Asker
from sekisho.broker import Broker
from sekisho.cli import run
from sekisho.deployment import Deployment
from sekisho.incident_log import KnownIncident
from tests.city import ask, asker, part_of_check

NUMBER, TODAY = "J5-1", date(2023, 10, 1)
FINDER, OFFICER, CLEARED, CHIEF = ("center", "user"), ("privacy", "reviewer"), ("privacy2", "reviewer"), ("cpo", "cpo")
NO_MORE = {"property": False, "wrongful": False, "ordinance": False}


@pytest.fixture(scope="module")
def leaking_city(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city in which one approved answer was given; to be copied."""
    folder = tmp_path_factory.mktemp("leaking") / "demo-city"
    shutil.copytree(approved_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        ask(broker, deployment)
    return folder


@pytest.fixture
def city(leaking_city: Path, tmp_path: Path) -> Path:
    """A copy of its own."""
    return Path(shutil.copytree(leaking_city, tmp_path / "demo-city"))


@pytest.fixture
def opened(city: Path) -> Iterator[tuple[Deployment, Broker, int]]:
    """The deployment, its broker, and the entry of the answer that leaked."""
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        yield deployment, broker, broker.ledger.of_kind("release")[-1].index


def by(opened: tuple[Deployment, Broker, int], who: tuple[str, str]) -> Asker:
    """Somebody who asks."""
    return asker(opened[0], opened[1], *who)


def start(opened: tuple[Deployment, Broker, int], **changes: Any) -> KnownIncident:
    """Opened by the case worker, two days after it became known."""
    wanted = {"number": NUMBER, "discovered_on": date(2023, 9, 29), "entries": (opened[2],), **changes}
    return opened[1].incidents.open(by(opened, FINDER), **wanted)


def weigh(opened: tuple[Deployment, Broker, int], **changes: Any) -> Any:
    """Assessed by the officer; nothing but what leaked makes it one that has to be reported."""
    wanted = {"number": NUMBER, "facts": NO_MORE, "found": None, **changes}
    return opened[1].incidents.assess(by(opened, OFFICER), **wanted)


def settle(opened: tuple[Deployment, Broker, int]) -> None:
    """Everything but the end."""
    incidents = opened[1].incidents
    incidents.contact(by(opened, CLEARED), number=NUMBER, route="in-person", on=TODAY, document=None)
    incidents.report(by(opened, OFFICER), number=NUMBER, stage="preliminary", on=TODAY, document="J5-2")
    incidents.notify(by(opened, OFFICER), number=NUMBER, route="letter", obstacle=None, on=TODAY, document="J5-3")
    incidents.report(by(opened, OFFICER), number=NUMBER, stage="final", on=TODAY, document="J5-4")


def refusing(denied: pytest.ExceptionInfo[Denied]) -> set[str]:
    """Under which controls it was refused."""
    return {citation.control for citation in denied.value.citations}


def residents(city: Path) -> list[str]:
    """Numbers of children of the city."""
    with (city / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["resident_id"] for row in csv.DictReader(file)]


def test_an_incident_goes_its_whole_way_and_names_nobody(opened: tuple[Deployment, Broker, int], city: Path) -> None:
    """Every step is an allowed decision and an entry behind it; no number of a resident is in either, or in a sidecar."""
    broker = opened[1]
    begin = broker.ledger.size
    start(opened)
    weigh(opened)
    settle(opened)
    closed = broker.incidents.close(by(opened, CHIEF), number=NUMBER, measures=["access"], document="J5-5")
    assert not closed.open
    assert [step.event for step in closed.steps] == [
        "opened", "assessed", "contacted", "reported", "notified", "reported", "closed",
    ]  # fmt: skip
    entries = list(broker.ledger.entries(begin))
    assert [e.document["kind"] for e in entries] == ["decision", "incident"] * 7
    assert all(e.document["allow"] for e in entries[::2])
    assert {e.document["number"] for e in entries[1::2]} == {NUMBER}
    written = "".join(
        json.dumps([e.document, broker.ledger.sidecar(e.document["input_digest"])]) for e in entries[::2]
    ) + "".join(json.dumps(e.document) for e in entries[1::2])
    assert not any(child in written for child in residents(city))


def test_what_leaked_is_found_in_the_ledger_and_counted_at_the_holders(
    opened: tuple[Deployment, Broker, int],
) -> None:
    """At least the answer's rows, at most whoever the rows of the holders name; the special item decides."""
    _, broker, release = opened
    start(opened)
    done = weigh(opened)
    rows = broker.ledger.entry(release).document["rows"]
    assert done.persons.least == rows
    assert done.persons.most == sum(done.extent.by_kind.values()) > rows
    assert done.facts == {
        "special-care": "yes", "property": "no", "wrongful": "no", "many": "unknown", "ordinance": "no",
    }  # fmt: skip
    assert [item.name for item in done.findings[0].items] == ["kaigo.cert.care_level"]
    shown = {item.name for item in done.extent.items if item.shown}
    assert "shimin.child.grade" in shown
    assert "kyoiku.enrolment.pupil" not in shown
    entry = broker.ledger.of_kind("incident")[-1].document
    assert entry["persons"] == {"least": rows, "most": done.persons.most, "found": None}


def test_the_same_answer_named_twice_is_counted_once(opened: tuple[Deployment, Broker, int]) -> None:
    """Persons are told apart by tags, not added up."""
    deployment, broker, release = opened
    second = ask(broker, deployment).ledger_index
    start(opened, entries=(release, second, release))
    both = weigh(opened)
    one = weigh(opened, entries=(release,))
    assert (both.persons, both.extent.by_kind) == (one.persons, one.extent.by_kind)


def test_records_that_are_gone_make_the_number_unknown(opened: tuple[Deployment, Broker, int]) -> None:
    """A holder that has erased whose rows left cannot say how many there were; that is not none."""
    _, broker, _ = opened
    records = broker._departments()["school"].persons
    records.forget_uses(list(records.use_days()))
    start(opened)
    done = weigh(opened)
    assert (done.persons.most, done.facts["many"]) == (None, "unknown")


@pytest.mark.parametrize("which", ["a decision", "beyond the end", "below the beginning"])
def test_only_what_leaves_can_leak(which: str, opened: tuple[Deployment, Broker, int]) -> None:
    """An entry that holds no data is no part of an incident; nothing is recorded of the attempt."""
    _, broker, release = opened
    index = {"a decision": release - 1, "beyond the end": 10_000, "below the beginning": -1}[which]
    size = broker.ledger.size
    with pytest.raises(BadInput) as error:
        start(opened, entries=(index,))
    assert error.value.code == "incident-entry"
    assert broker.ledger.size == size


def test_an_incident_outside_of_the_records_is_not_known_until_people_say(
    opened: tuple[Deployment, Broker, int],
) -> None:
    """A paper was lost: nothing is computed, everything has to be answered, and unknown has to be reported."""
    start(opened, entries=())
    assert weigh(opened, facts={}).required == "unknown"
    assert weigh(opened, found=3, facts={**NO_MORE, "special-care": False}).required == "no"


def test_what_need_not_be_reported_is_closed_with_measures_alone(opened: tuple[Deployment, Broker, int]) -> None:
    """Nothing is due then, either."""
    broker = opened[1]
    start(opened, entries=())
    weigh(opened, found=3, facts={**NO_MORE, "special-care": False})
    assert broker.incidents.due(TODAY) == ()
    assert not broker.incidents.close(by(opened, CHIEF), number=NUMBER, measures=["training"], document="J5-5").open


@pytest.mark.parametrize(
    ("step", "who", "control"),
    [
        ("open", ("auditor", "auditor"), "action-matrix"),
        ("open", ("operator", "operator"), "action-matrix"),
        ("assess", FINDER, "action-matrix"),
        ("protected", OFFICER, "cleared-staff"),
        ("protected", FINDER, "action-matrix"),
        ("contact", OFFICER, "cleared-staff"),
        ("report", FINDER, "action-matrix"),
        ("notify", FINDER, "action-matrix"),
        ("close", OFFICER, "action-matrix"),
        ("shown", FINDER, "action-matrix"),
        ("listed", ("vendor-a", "analyst"), "action-matrix"),
    ],
)
def test_each_step_has_its_people(
    step: str, who: tuple[str, str], control: str, opened: tuple[Deployment, Broker, int]
) -> None:
    """Whoever may not is refused under the article, and the refusal is recorded."""
    broker = opened[1]
    if step != "open":
        start(opened)
        weigh(opened)
    more: dict[str, dict[str, Any]] = {
        "open": {"number": NUMBER, "discovered_on": TODAY, "entries": ()},
        "assess": {"number": NUMBER, "facts": {}, "found": None},
        "protected": {"number": NUMBER},
        "contact": {"number": NUMBER, "route": "in-person", "on": TODAY, "document": None},
        "report": {"number": NUMBER, "stage": "final", "on": TODAY, "document": "J5-4"},
        "notify": {"number": NUMBER, "route": "letter", "obstacle": None, "on": TODAY, "document": None},
        "close": {"number": NUMBER, "measures": ["access"], "document": "J5-5"},
        "shown": {"number": NUMBER},
        "listed": {},
    }
    with pytest.raises(Denied) as denied:
        getattr(broker.incidents, step)(by(opened, who), **more[step])
    assert control in refusing(denied)
    assert list(broker.ledger.entries())[-1].document["allow"] is False


def test_whoever_opened_it_does_not_close_it(opened: tuple[Deployment, Broker, int]) -> None:
    """The chief privacy officer who opened an incident leaves its end to nobody of the same name."""
    broker = opened[1]
    broker.incidents.open(by(opened, CHIEF), number=NUMBER, discovered_on=TODAY, entries=())
    weigh(opened, found=1, facts={**NO_MORE, "special-care": False})
    with pytest.raises(Denied) as denied:
        broker.incidents.close(by(opened, CHIEF), number=NUMBER, measures=["access"], document="J5-5")
    assert refusing(denied) == {"second-person"}


def test_nothing_is_closed_while_something_is_missing(opened: tuple[Deployment, Broker, int]) -> None:
    """Reported and told, and measures taken; else it stays open."""
    broker = opened[1]
    start(opened)
    weigh(opened)
    chief = by(opened, CHIEF)
    for measures in ([], ["access"]):
        with pytest.raises(Denied) as denied:
            broker.incidents.close(chief, number=NUMBER, measures=measures, document="J5-5")
        assert refusing(denied) == {"incident-settled"}
    settle(opened)
    assert not broker.incidents.close(chief, number=NUMBER, measures=["access"], document="J5-5").open


def test_persons_under_protection_come_first_and_the_ledger_does_not_tell_of_them(
    opened: tuple[Deployment, Broker, int],
) -> None:
    """Nobody is told before; cleared staff learn how many there are, and nothing that is written holds the number."""
    broker = opened[1]
    start(opened)
    weigh(opened)
    with pytest.raises(Denied) as denied:
        broker.incidents.notify(
            by(opened, OFFICER), number=NUMBER, route="letter", obstacle=None, on=TODAY, document=None
        )
    assert refusing(denied) == {"protected-told-first"}
    size = broker.ledger.size
    (found,) = broker.incidents.protected(by(opened, CLEARED), number=NUMBER)
    assert found.found is not None
    (decision,) = broker.ledger.entries(size)
    assert (decision.document["action"], "found" in decision.document) == ("incident.protected", False)
    with pytest.raises(BadInput) as error:
        broker.incidents.contact(by(opened, CLEARED), number=NUMBER, route="letter", on=TODAY, document=None)
    assert "in-person" in str(error.value.params["names"])


def test_members_of_a_set_are_counted_among_the_rows_that_left(opened: tuple[Deployment, Broker, int]) -> None:
    """The count agrees with asking for each person by name, which only the holder could."""
    deployment, broker, _ = opened
    start(opened)
    weigh(opened)
    (found,) = broker.incidents.protected(by(opened, CLEARED), number=NUMBER)
    tags = set(broker.incidents.shown(by(opened, OFFICER), number=NUMBER)[1].tags["resident"].tolist())
    persons = broker._departments()["shimin"].persons
    protected = {
        child
        for child in residents(deployment.layout.folder)
        if persons.set_has("address-protected", child, as_of=TODAY)[0]
    }
    counted = sum(bool(persons.tags(child).of["resident"] & tags) for child in protected)
    assert found.found is not None
    # Adults of their households are protected with them, and are no children.
    assert found.found >= counted
    assert found.at_least


def test_why_nobody_was_told_is_recorded_with_what_replaced_it(opened: tuple[Deployment, Broker, int]) -> None:
    """Both are names of the guideline; anything else is refused before it could be written down."""
    broker = opened[1]
    start(opened)
    weigh(opened)
    broker.incidents.contact(by(opened, CLEARED), number=NUMBER, route="in-person", on=TODAY, document=None)
    for route, obstacle in (("publication", None), ("letter", "danger"), ("publication", "0000000123")):
        with pytest.raises(BadInput) as error:
            broker.incidents.notify(
                by(opened, OFFICER), number=NUMBER, route=route, obstacle=obstacle, on=TODAY, document=None
            )
        assert error.value.code == "incident-name"
        assert "0000000123" not in error.value.text("ja") + error.value.remedy("ja")
    told = broker.incidents.notify(
        by(opened, OFFICER), number=NUMBER, route="publication", obstacle="danger", on=TODAY, document="J5-3"
    ).last("notified")
    assert told is not None
    assert (told.route, told.obstacle, told.document) == ("publication", "danger", "J5-3")


def test_the_number_of_a_document_is_checked_before_anything_is_decided(
    opened: tuple[Deployment, Broker, int],
) -> None:
    """A name in its place is refused, and no decision stands in the ledger."""
    broker = opened[1]
    start(opened)
    weigh(opened)
    size = broker.ledger.size
    for document in ("山田太郎", "", "0000000123"):
        with pytest.raises(BadInput):
            broker.incidents.report(by(opened, OFFICER), number=NUMBER, stage="final", on=TODAY, document=document)
    assert broker.ledger.size == size


def test_a_number_is_used_once_and_an_unknown_one_is_refused(opened: tuple[Deployment, Broker, int]) -> None:
    """Even a closed incident keeps its number."""
    start(opened)
    with pytest.raises(BadInput) as error:
        start(opened)
    assert error.value.code == "matter-open"
    with pytest.raises(BadInput) as error:
        weigh(opened, number="J5-9")
    assert error.value.code == "incident-unknown"


def test_an_open_incident_holds_every_erasure_up(opened: tuple[Deployment, Broker, int]) -> None:
    """What may prove it stays until it is closed."""
    broker = opened[1]
    start(opened)
    assert [hold.number for hold in broker.retention.holds()] == [NUMBER]
    weigh(opened)
    settle(opened)
    broker.incidents.close(by(opened, CHIEF), number=NUMBER, measures=["system"], document="J5-5")
    assert broker.retention.holds() == ()


def test_terms_are_due_and_then_overdue(opened: tuple[Deployment, Broker, int], city: Path) -> None:
    """`check` says nothing on the last day and names the report on the day after; a recorded report is not asked for."""
    deployment, broker, _ = opened
    start(opened)
    assert [(due.stage, due.last_day.isoformat()) for due in broker.incidents.due(TODAY)] == [
        ("preliminary", "2023-10-03"),
        ("final", "2023-10-30"),
    ]
    now = deployment.clock()
    assert overdue(city, now + timedelta(days=2)) == []
    assert overdue(city, now + timedelta(days=3)) == ["incident-preliminary-overdue"]
    assert [due.days for due in broker.incidents.due(date(2023, 10, 31))] == [-28, -1]
    weigh(opened)
    broker.incidents.report(by(opened, OFFICER), number=NUMBER, stage="preliminary", on=TODAY, document="J5-2")
    assert [(due.stage, due.days) for due in broker.incidents.due(date(2023, 10, 30))] == [("final", 0)]


def overdue(city: Path, now: datetime) -> list[str]:
    """What `check` says of incidents at a moment."""
    load = Deployment.load
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Deployment, "load", lambda path, **_: load(path, now=now))
        part = part_of_check(city, "incidents")
    return [error.code for error in part.errors]


def test_the_drafts_say_what_is_known_and_name_nobody(
    opened: tuple[Deployment, Broker, int], city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Report and letter, as PDF and Excel; a draft records that somebody looked, and no step of the incident."""
    broker = opened[1]
    start(opened)
    weigh(opened)
    steps = len(broker.ledger.of_kind("incident"))
    for name in ("report.pdf", "report.xlsx", "letter.pdf"):
        command = (
            ("report", "--number", NUMBER, "--stage", "preliminary")
            if name.startswith("report")
            else ("notify", "--number", NUMBER)
        )
        assert run(said(city, "privacy", *command, "--out", str(tmp_path / name))) == 0
    capsys.readouterr()
    assert len(broker.ledger.of_kind("incident")) == steps
    report, letter = text_of(tmp_path / "report.pdf"), text_of(tmp_path / "letter.pdf")
    for words in ("速報", "令和5年10月3日", "要介護度", "要記入", "要確認（弁護士）"):
        assert words in report, words
    assert "要介護度" in letter
    assert "支援措置" not in letter
    book = CalamineWorkbook.from_path(tmp_path / "report.xlsx")
    assert book.sheet_names == ["書面", "報告の要否の計算", "別表　項目"]
    cells = [str(cell) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python() for cell in row]
    assert not any(child in "\n".join((*cells, report, letter)) for child in residents(city))


def said(city: Path, principal: str, *command: str) -> list[str]:
    """The words of a command."""
    return ["--deployment", str(city), "--as", principal, "incident", *command]


def text_of(path: Path) -> str:
    """The text of a PDF without its line breaks."""
    with pypdfium2.PdfDocument(path) as document:
        return "".join("".join(page.get_textpage().get_text_range() for page in document).split())


def test_the_command_line_goes_the_same_way(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As people type it: refusals end with 3, wrong words with 2, and the list shows what is due."""
    release = str(next(iter(reversed(_releases(city)))))
    hat = ["--deployment", str(city), "--as", "center", "--hat", "user", "incident"]
    assert run([*hat, "open", "--number", NUMBER, "--discovered", "R5.10.2"]) == 3
    assert run([*hat, "open", "--number", NUMBER, "--discovered", "R5.9.29", "--entry", release]) == 0
    assert run(said(city, "privacy", "report", "--number", NUMBER, "--stage", "final", "--out", "draft.txt")) == 2
    assert run(said(city, "privacy", "report", "--number", NUMBER, "--stage", "final")) == 2
    assert run(said(city, "privacy", "notify", "--number", NUMBER)) == 2
    assert run(said(city, "privacy", "assess", "--number", NUMBER, "--fact", "wrongful=perhaps")) == 2
    assert run(said(city, "privacy", "assess", "--number", NUMBER, "--fact", "wrongful=yes")) == 0
    assert run(said(city, "privacy2", "protected", "--number", NUMBER)) == 0
    assert run(said(city, "privacy2", "contact", "--number", NUMBER, "--route", "agreed-phone")) == 0
    capsys.readouterr()
    assert run(["--format", "json", *said(city, "auditor", "list")]) == 0
    (document,) = json.loads(capsys.readouterr().out)["incidents"]
    assert document["required"] == "yes"
    # Sixty days, the day of discovery being the first.
    assert [(due["stage"], due["last_day"]) for due in document["due"]] == [
        ("preliminary", "2023-10-03"),
        ("final", "2023-11-27"),
    ]
    assert run(said(city, "auditor", "show", "--number", NUMBER)) == 0
    assert "要介護度" in capsys.readouterr().out


def _releases(city: Path) -> list[int]:
    with Deployment.load(city).broker() as broker:
        return [entry.index for entry in broker.ledger.of_kind("release")]
