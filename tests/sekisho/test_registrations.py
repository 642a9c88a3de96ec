"""A department's file becomes a dataset: drafted, confirmed by its steward, registered under an approved guideline."""

from __future__ import annotations

import io
import json
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
import xlsxwriter

from governance.errors import BadInput, Denied
from sekisho.broker import Broker
from sekisho.checks import check
from sekisho.cli import run
from sekisho.deployment import Deployment
from sekisho.establish import issue_token
from tests.sekisho.new_city import FILE, PARTS, asker, new_city, today

DATASET = "fukushi.watch"


@pytest.fixture(scope="module")
def drafted_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new deployment with a draft; to be copied."""
    folder = new_city(tmp_path_factory.mktemp("drafted") / "city")
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.registrations.draft(
            asker(deployment, broker, "officer-fukushi"),
            files=[folder / "departments" / "fukushi" / FILE],
            department="fukushi",
            name="watch",
            label="見守り対象者名簿",
        )
    return folder


@pytest.fixture
def city(drafted_once: Path, tmp_path: Path) -> Path:
    """A copy of its own."""
    return Path(shutil.copytree(drafted_once, tmp_path / "city"))


@pytest.fixture
def opened(city: Path) -> Iterator[tuple[Deployment, Broker]]:
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        yield deployment, broker


def controls(attempt: Callable[[], object]) -> set[str]:
    with pytest.raises(Denied) as caught:
        attempt()
    assert {c.article for c in caught.value.citations} <= {6, 19}
    return {citation.control for citation in caught.value.citations}


def code(attempt: Callable[[], object]) -> str:
    with pytest.raises(BadInput) as caught:
        attempt()
    assert caught.value.text("ja")
    return caught.value.code


def draft_of(city: Path) -> Path:
    return city / "departments" / "fukushi" / "drafts" / "watch.yaml"


def confirm_all(deployment: Deployment, broker: Broker) -> None:
    broker.registrations.confirm(asker(deployment, broker, "steward-fukushi"), dataset=DATASET, parts=PARTS)


def register(deployment: Deployment, broker: Broker, account: str = "steward-fukushi") -> None:
    broker.registrations.register(asker(deployment, broker, account), dataset=DATASET, extracted=today().date())


def approve(deployment: Deployment, broker: Broker) -> None:
    broker.guideline.approve(asker(deployment, broker, "cpo"))


def test_a_confirmed_draft_is_registered_under_an_approved_guideline(city: Path) -> None:
    """The dataset stands in the catalogue and is read; every step is in the ledger after its decision."""
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        confirm_all(deployment, broker)
        approve(deployment, broker)
        register(deployment, broker)
        entries = [dict(entry.document) for entry in broker.ledger.entries(0, broker.ledger.size)]
    events = [e.get("event") for e in entries if e["kind"] == "registration"]
    assert events == ["drafted", *["confirmed"] * len(PARTS), "registered"]
    for entry in entries:
        if entry["kind"] == "registration":
            assert entries[entry["decision"]]["allow"] is True
            assert entries[entry["decision"]]["request"] == entry["request"]
    found = Deployment.load(city).catalogue.dataset(DATASET)
    assert (found.cohort, dict(found.gates)) == (
        True, {"target-age": "birth_date", "moved-out-excluded": "resident_status"},
    )  # fmt: skip
    assert found.column("individual_number").origin == "my_number"
    assert [(r.part, r.errors) for r in check(city) if not r.ok] == []
    assert not draft_of(city).exists()


def test_an_interrupted_registration_is_completed_by_the_next(city: Path) -> None:
    """The day was noted and the catalogue was not changed yet: registering again does the rest."""
    extract = city / "departments" / "fukushi" / "extract.yaml"
    extract.write_text(f"{DATASET}: 2020-01-01\n", encoding="utf-8")
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        confirm_all(deployment, broker)
        approve(deployment, broker)
        register(deployment, broker)
    assert extract.read_text(encoding="utf-8") == f"{DATASET}: {today().date().isoformat()}\n"
    assert DATASET in Deployment.load(city).catalogue.datasets


def test_a_department_whose_days_cannot_be_read_registers_nothing(city: Path) -> None:
    """Refused before the ledger says that anything was registered."""
    (city / "departments" / "fukushi" / "extract.yaml").write_text("fukushi.other: 2020-01-01\n", encoding="utf-8")
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        confirm_all(deployment, broker)
        approve(deployment, broker)
        size = broker.ledger.size
        assert code(lambda: register(deployment, broker)) == "extract-dataset-unknown"
        events = [e.document.get("event") for e in broker.ledger.entries(size, broker.ledger.size)]
    assert "registered" not in events


def test_a_workbook_is_registered_and_read_like_a_file(city: Path) -> None:
    """Below its title row, with dates of the spreadsheet: as drafted, so declared, and so read by its department."""
    path = city / "departments" / "bosai" / "list.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet, dated = workbook.add_worksheet("名簿"), workbook.add_format({"num_format": "yyyy/mm/dd"})
        sheet.write_row(0, 0, ["要支援者名簿（架空データ）"])
        sheet.write_row(1, 0, ["宛名番号", "氏名", "生年月日", "異動状態"])
        for row in range(2, 22):
            sheet.write_row(row, 0, [row, f"架空{row}"])
            sheet.write_datetime(row, 2, date(1950, 1, row), dated)
            sheet.write_string(row, 3, "現存")
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        approve(deployment, broker)
        officer, steward = (asker(deployment, broker, f"{who}-bosai") for who in ("officer", "steward"))
        broker.registrations.draft(officer, files=[path], department="bosai", name="help", label=None)
        parts = [state.name for state in broker.registrations.parts("bosai.help")]
        broker.registrations.confirm(steward, dataset="bosai.help", parts=parts)
        broker.registrations.register(steward, dataset="bosai.help", extracted=today().date())
    assert parts == ["rows", "resident_id", "name", "birth_date", "resident_status"]
    assert [(r.part, r.errors) for r in check(city) if not r.ok] == []
    found = Deployment.load(city).catalogue.dataset("bosai.help")
    assert (found.cohort, found.layouts[-1].title_rows, found.column("birth_date").type) == (True, 1, "date")


def test_nothing_is_registered_before_the_guideline_is_approved(opened: tuple[Deployment, Broker]) -> None:
    """Policy first: everything confirmed, by the right person, and refused all the same."""
    deployment, broker = opened
    confirm_all(deployment, broker)
    assert controls(lambda: register(deployment, broker)) == {"guideline-approved"}
    assert DATASET not in Deployment.load(deployment.layout.folder).catalogue.datasets


def test_a_guideline_that_was_changed_has_to_be_approved_again(city: Path) -> None:
    """The approval of yesterday's guideline registers nothing today."""
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        confirm_all(deployment, broker)
        approve(deployment, broker)
    table = city / "guideline" / "tables" / "parameters.yaml"
    table.write_text(table.read_text(encoding="utf-8").replace("k_internal: 5", "k_internal: 4"), encoding="utf-8")
    changed = Deployment.load(city)
    with changed.broker() as broker:
        assert controls(lambda: register(changed, broker)) == {"guideline-approved"}


@pytest.mark.parametrize("left_out", [PARTS[0], PARTS[3], PARTS[-1]])
def test_an_unconfirmed_part_keeps_the_dataset_out(opened: tuple[Deployment, Broker], left_out: str) -> None:
    """One column, or what a row is: what nobody has confirmed is refused by name."""
    deployment, broker = opened
    approve(deployment, broker)
    broker.registrations.confirm(
        asker(deployment, broker, "steward-fukushi"), dataset=DATASET, parts=[p for p in PARTS if p != left_out]
    )
    with pytest.raises(Denied) as caught:
        register(deployment, broker)
    assert [(c.control, c.on) for c in caught.value.citations] == [("classes-confirmed", f"registration.{left_out}")]


def test_what_is_changed_after_its_confirmation_is_unconfirmed(city: Path) -> None:
    """A class made milder by an editor, a column more: the confirmation was of something else."""
    deployment = Deployment.load(city)
    with deployment.broker() as broker:
        confirm_all(deployment, broker)
        approve(deployment, broker)
        text = draft_of(city).read_text(encoding="utf-8")
        milder = text.replace(
            "class: quasi_identifier, sensitivity: normal, origin: own, nulls: never, codes: [女",
            "class: attribute, sensitivity: normal, origin: own, nulls: never, codes: [女",
        )
        assert milder != text
        draft_of(city).write_text(milder, encoding="utf-8")
        with pytest.raises(Denied) as caught:
            register(deployment, broker)
        assert [c.on for c in caught.value.citations] == ["registration.sex"]
        draft_of(city).write_text(text, encoding="utf-8")
        register(deployment, broker)


@pytest.mark.parametrize("account", ["steward-bosai", "officer-fukushi", "planner", "cpo", "auditor"])
def test_only_the_holders_steward_confirms_and_registers(opened: tuple[Deployment, Broker], account: str) -> None:
    """Another department, somebody else of the same one, and everybody above them are refused."""
    deployment, broker = opened
    confirm_all(deployment, broker)
    approve(deployment, broker)
    refused = controls(lambda: register(deployment, broker, account))
    assert "own-department" in refused
    assert refused & {"own-department"} == controls(
        lambda: broker.registrations.confirm(asker(deployment, broker, account), dataset=DATASET, parts=["rows"])
    ) & {"own-department"}


def test_another_department_sees_no_draft_and_makes_none(opened: tuple[Deployment, Broker]) -> None:
    """A draft shows codes of the department's data."""
    deployment, broker = opened
    other = asker(deployment, broker, "officer-bosai")
    file = deployment.layout.departments / "fukushi" / FILE
    assert controls(lambda: broker.registrations.look(other, dataset=DATASET)) == {"own-department"}
    assert controls(
        lambda: broker.registrations.draft(other, files=[file], department="fukushi", name="more", label=None)
    ) == {"own-department"}


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_steward_is_asked_part_by_part(
    city: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Yes confirms a part, no leaves it, and a blank is no yes; without a terminal nothing is taken for confirmed."""
    command = ["--deployment", str(city), "--as", "steward-fukushi", "dataset", "confirm", DATASET]
    issue_token(Deployment.load(city), "steward-fukushi")
    assert run(command) == 2
    capsys.readouterr()
    answers = ["y", "n", ""] + ["y"] * (len(PARTS) - 3)
    monkeypatch.setattr("sys.stdin", _Terminal("\n".join(answers) + "\n"))
    assert run([*command, "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    confirmed = [part["part"] for part in shown["dataset"]["parts"] if part["confirmed_by"]]
    assert confirmed == [part for part in PARTS if part not in PARTS[1:3]]


def test_reasons_are_written_in_the_language_that_was_asked_for(opened: tuple[Deployment, Broker]) -> None:
    """English for those who read English; the columns keep the names of their headers."""
    deployment, broker = opened
    path = broker.registrations.draft(
        asker(deployment, broker, "officer-fukushi"),
        files=[deployment.layout.departments / "fukushi" / FILE],
        department="fukushi",
        name="english",
        label="list",
        lang="en",
    )
    text = path.read_text(encoding="utf-8")
    assert "# 番号2: half of the values are 12 digits with a right check digit" in text
    assert "absent row is taken as unknown" in text


def test_a_row_written_into_the_store_confirms_nothing(opened: tuple[Deployment, Broker]) -> None:
    """Whoever writes into the store and not into the ledger has confirmed nothing, whatever entry is named."""
    deployment, broker = opened
    with closing(sqlite3.connect(deployment.layout.store)) as forger:
        for index in (1, 2, 99_999):
            forger.execute(
                "INSERT INTO confirmation SELECT ?, 'rows', ?, 'steward-fukushi', '', ?",
                (DATASET, "0" * 64, index),
            )
        forger.commit()
    assert all(state.confirmed_by is None for state in broker.registrations.parts(DATASET))


def test_a_draft_is_the_departments_own(city: Path) -> None:
    """It stands in the department's folder, for its owner alone, and says why each class is proposed."""
    assert stat.S_IMODE(draft_of(city).stat().st_mode) == 0o600
    text = draft_of(city).read_text(encoding="utf-8")
    assert text.count("\n  # ") == len(PARTS) - 1
    assert "架空" not in text
    assert "123456789018" not in text


def test_files_are_drafted_where_they_are_held(opened: tuple[Deployment, Broker], tmp_path: Path) -> None:
    """A file elsewhere, a link to elsewhere, a missing one, another department's source, a name that is none."""
    deployment, broker = opened
    officer, folder = asker(deployment, broker, "officer-fukushi"), deployment.layout.departments / "fukushi"
    outside = tmp_path / "copy.csv"
    shutil.copyfile(folder / FILE, outside)
    (folder / "link.csv").symlink_to(outside)

    def drafting(file: Path, name: str = "other", department: str = "fukushi") -> Callable[[], object]:
        return lambda: broker.registrations.draft(officer, files=[file], department=department, name=name, label=None)

    assert code(drafting(outside)) == "draft-file-elsewhere"
    assert code(drafting(folder / "link.csv")) == "draft-file-elsewhere"
    assert code(drafting(folder / "none.csv")) == "draft-file-missing"
    assert code(drafting(folder / FILE, name="../up")) == "draft-dataset-name"
    assert code(drafting(folder / FILE, name="watch")) == "file-exists"
    assert code(drafting(folder / FILE, department="nowhere")) == "draft-department-unknown"


def test_what_would_spoil_the_catalogue_is_refused_and_changes_nothing(city: Path) -> None:
    """An unknown kind of key, a gate's column taken out, a day ahead: named, and the catalogue stays as it is."""
    deployment = Deployment.load(city)
    before = (city / "catalogue" / "fukushi.yaml").read_bytes()
    text = draft_of(city).read_text(encoding="utf-8")
    with deployment.broker() as broker:
        approve(deployment, broker)
        for changed, expected in (
            (text.replace("key: resident}", "key: nobody}"), "catalogue-kind-unknown"),
            (text.replace("refresh: daily", "refresh: hourly"), "refresh-unknown"),
        ):
            assert changed != text
            draft_of(city).write_text(changed, encoding="utf-8")
            confirm_all(deployment, broker)
            assert code(lambda: register(deployment, broker)) == expected
        draft_of(city).write_text(text, encoding="utf-8")
        ahead: date = today().date() + timedelta(days=2)
        confirm_all(deployment, broker)
        assert (
            code(
                lambda: broker.registrations.register(
                    asker(deployment, broker, "steward-fukushi"), dataset=DATASET, extracted=ahead
                )
            )
            == "extract-day-ahead"
        )
    assert (city / "catalogue" / "fukushi.yaml").read_bytes() == before
    assert not (city / "departments" / "fukushi" / "extract.yaml").exists()
