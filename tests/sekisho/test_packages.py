"""Packages for contractors: who may take which step, what is in one, and that two of them have nothing in common (第18条)."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq
import pytest

from audit.keys import load_vkey, vkey_path
from governance.errors import BadInput, CheckFailed, Denied
from reference.akishima.demo_vendors import VENDORS, private_key
from sekisho import cli
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.package_dues import due_on, overdue
from sekisho.package_file import Opened, Verified, decrypt, verify
from sekisho.package_register import PackageStatus
from tests.city import approve, asker

RECIPES = {"vendor-a": "va-truancy", "vendor-b": "vb-young-carer"}
Opened_ = tuple[Deployment, Broker]


@pytest.fixture(scope="module")
def packing_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city whose guideline and whose two templates for contractors are approved."""
    folder = tmp_path_factory.mktemp("packing") / "city"
    shutil.copytree(pristine_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        for recipe in RECIPES.values():
            approve(deployment, broker, recipe)
    return folder


@pytest.fixture(scope="module")
def made_city(packing_city: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a package made for each contractor, ``PK-2023-0001`` and ``PK-2023-0002``."""
    folder = tmp_path_factory.mktemp("made") / "city"
    shutil.copytree(packing_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        for vendor, recipe in RECIPES.items():
            number = reviewed((deployment, broker), recipe).number
            data = broker.packages.create(asker(deployment, broker, "center", "controller"), number=number)
            (folder / f"{vendor}.zip").write_bytes(data)
    return folder


@pytest.fixture
def drafting(packing_city: Path, tmp_path: Path) -> Iterator[Opened_]:
    """A copy of its own, open, without a package."""
    yield from _opened(packing_city, tmp_path)


@pytest.fixture
def making(made_city: Path, tmp_path: Path) -> Iterator[Opened_]:
    """A copy of its own, open, with two packages."""
    yield from _opened(made_city, tmp_path)


def _opened(city: Path, tmp_path: Path) -> Iterator[Opened_]:
    folder = tmp_path / "city"
    shutil.copytree(city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        yield deployment, broker


def reviewed(opened: Opened_, recipe: str, *, by: tuple[str, ...] = ("privacy", "privacy2")) -> PackageStatus:
    """Drafted and reviewed."""
    deployment, broker = opened
    status = broker.packages.draft(asker(deployment, broker, "center", "controller"), recipe=recipe)
    for reviewer in by:
        status = broker.packages.review(asker(deployment, broker, reviewer, "reviewer"), number=status.number)
    return status


def _raise_version(folder: Path) -> None:
    """A changed guideline is approved under a higher version."""
    file = folder / "guideline" / "tables" / "version.yaml"
    text = file.read_text(encoding="utf-8")
    assert "2023.1" in text
    file.write_text(text.replace("2023.1", "2023.2"), encoding="utf-8")


def _verified(folder: Path, vendor: str) -> Verified:
    deployment = Deployment.load(folder)
    return verify(
        (folder / f"{vendor}.zip").read_bytes(),
        package_key=load_vkey(vkey_path(deployment.layout.package_key)),
        ledger_key=load_vkey(vkey_path(deployment.layout.ledger_key)),
        today=deployment.clock().date(),
    )


def _rows(folder: Path, vendor: str) -> Opened:
    identity = private_key(folder, vendor).read_text(encoding="ascii").splitlines()[-1]
    return decrypt(_verified(folder, vendor), identity=identity)


def _controls(attempt: Any) -> set[str]:
    with pytest.raises(Denied) as caught:
        attempt()
    return {citation.control for citation in caught.value.citations}


def test_two_contractors_have_no_number_in_common(made_city: Path) -> None:
    """The same persons, nearly all of the city's, and not one pseudonym is in both packages or in the centre's own lists."""
    first, second = (set(_rows(made_city, vendor).table.column("resident_id").to_pylist()) for vendor in VENDORS)
    assert min(len(first), len(second)) >= 80
    assert first & second == set()
    a, b = (_verified(made_city, vendor).manifest["pseudonyms"] for vendor in VENDORS)
    assert a["domain"] != b["domain"]
    assert a["key_id"] != b["key_id"]


def test_a_file_that_turns_up_names_its_recipient(making: Opened_, made_city: Path, tmp_path: Path) -> None:
    """Whole, or three rows of it as any text: the pseudonyms are the mark. Another file is nobody's, and no file is one."""
    deployment, broker = making
    who = asker(deployment, broker, "privacy", "reviewer")
    for vendor, number in (("vendor-a", "PK-2023-0001"), ("vendor-b", "PK-2023-0002")):
        table = _rows(made_city, vendor).table
        rows = io.BytesIO()
        pq.write_table(table, rows)
        whole = broker.packages.trace(who, data=rows.getvalue(), file="leak.parquet")
        assert [(t.package, t.recipient, t.found, t.of) for t in whole] == [
            (number, vendor, table.num_rows, table.num_rows)
        ]
        some = table.column("resident_id").to_pylist()[:3]
        text = f'id,x\n{some[0]},1\n{some[1].hex.upper()},2\n{{"id": "{some[2]}"}}'.encode("cp932")
        part = broker.packages.trace(who, data=text, file="leak.txt")
        assert [(t.recipient, t.found, t.of) for t in part] == [(vendor, 3, 3)]
    assert broker.packages.trace(who, data=str(UUID(int=7)).encode(), file="leak.txt") == ()
    for data in (b"", b"id,x\n1,2", b"PAR1" + b"x" * 40, b"0" * 40):
        with pytest.raises(BadInput) as caught:
            broker.packages.trace(who, data=data, file="leak.txt")
        assert caught.value.code == "package-trace-file"
    nobody = asker(deployment, broker, "vendor-a", "analyst")
    assert "action-matrix" in _controls(
        lambda: broker.packages.trace(nobody, data=str(UUID(int=7)).encode(), file="leak.txt")
    )


def test_a_person_has_the_same_number_all_year(making: Opened_, made_city: Path) -> None:
    """A second package of the contract year knows the persons by the numbers of the first."""
    deployment, broker = making
    status = reviewed(making, "va-truancy")
    file = broker.packages.create(asker(deployment, broker, "center", "controller"), number=status.number)
    before = set(_rows(made_city, "vendor-a").table.column("resident_id").to_pylist())
    (deployment.layout.folder / "vendor-a.zip").write_bytes(file)
    after = set(_rows(deployment.layout.folder, "vendor-a").table.column("resident_id").to_pylist())
    assert before == after


def test_what_is_in_a_package(made_city: Path) -> None:
    """Enough persons share their attributes, no column but the declared ones, and the manifest says all of it."""
    for vendor, recipe in RECIPES.items():
        manifest, table = _verified(made_city, vendor).manifest, _rows(made_city, vendor).table
        assert [column["name"] for column in manifest["columns"]] == table.column_names
        assert manifest["anonymity"]["k"] >= 5
        assert manifest["anonymity"]["l"] is None or manifest["anonymity"]["l"] >= 2
        assert manifest["data"]["rows"] == table.num_rows
        assert manifest["recipient"]["id"] == vendor
        assert {13, 18, 25} <= set(manifest["articles"])
        assert manifest["notice"] == "架空データ"
        assert manifest["expires_on"] == "2024-03-29"
        assert len(manifest["conditions"]) == 3
        deployment = Deployment.load(made_city)
        known = {*deployment.templates[recipe].columns}
        assert set(table.column_names) | set(manifest["withheld"]) == known
        shown = [c["name"] for c in manifest["columns"] if c["role"] == "quasi"]
        if shown:
            assert table.group_by(shown).aggregate([([], "count_all")]).column("count_all").to_pylist() != []
            assert min(table.group_by(shown).aggregate([([], "count_all")]).column("count_all").to_pylist()) >= 5


def test_every_step_stands_in_the_ledger_after_its_decision(making: Opened_) -> None:
    """Drafted, reviewed by two, made, handed over, received, deleted; with the articles, and without a value."""
    deployment, broker = making
    packages, center = broker.packages, asker(deployment, broker, "center", "controller")
    packages.hand_over(center, number="PK-2023-0001", document="R5-31")
    code = _rows(deployment.layout.folder, "vendor-a").receipt_code
    packages.received(center, number="PK-2023-0001", code=code)
    status = packages.deleted(center, number="PK-2023-0001", document="R6-2")
    assert [(e["event"], e["principal"]) for e in status.history] == [
        ("drafted", "center"), ("reviewed", "privacy"), ("reviewed", "privacy2"), ("created", "center"),
        ("handed_over", "center"), ("received", "center"), ("deleted", "center"),
    ]  # fmt: skip
    for entry in status.history:
        decision = broker.ledger.entry(entry["decision"]).document
        assert decision["allow"]
        assert 18 in decision["articles"] or decision["action"] == "package.draft"
    assert code not in json.dumps([dict(e) for e in status.history])
    assert {e["number"] for e in status.history} == {None, "R5-31", "R6-2"}


def test_nobody_else_drafts_a_package(drafting: Opened_) -> None:
    """Neither the contractor, nor who audits, keeps keys, reviews or approves; before any department is asked."""
    deployment, broker = drafting
    for account, hat in (
        ("vendor-a", "analyst"), ("auditor", "auditor"), ("operator", "operator"), ("center", "user"),
        ("privacy", "reviewer"), ("cpo", "cpo"), ("custodian", "key_custodian"), ("steward-school", "data_steward"),
    ):  # fmt: skip
        size = broker.ledger.size
        person = asker(deployment, broker, account, hat)
        refused = _controls(lambda person=person: broker.packages.draft(person, recipe="va-truancy"))
        assert "action-matrix" in refused
        assert [entry.document["action"] for entry in broker.ledger.entries(size)] == ["package.draft"]


def test_rows_for_a_contractor_leave_in_no_other_way(drafting: Opened_) -> None:
    """The approved template asked as a query is refused: its rows are neither coarsened nor reviewed."""
    deployment, broker = drafting
    number = broker.approvals.store.newest_granted("va-truancy")
    token = deployment.token("center")
    request = AskRequest(token=token, hat="controller", purpose="analysis_truancy", approval=number)
    assert _controls(lambda: broker.ask(request)) == {"provision-packaged"}


def test_a_draft_is_made_only_after_two_others_have_reviewed_it(drafting: Opened_) -> None:
    """One is not enough, the drafter does not count, nobody counts twice; no department is asked in vain."""
    deployment, broker = drafting
    packages = broker.packages
    center = asker(deployment, broker, "center", "controller")
    number = reviewed(drafting, "vb-young-carer", by=("privacy",)).number
    assert _controls(lambda: packages.review(asker(deployment, broker, "privacy", "reviewer"), number=number)) == {
        "package-reviewed"
    }
    size = broker.ledger.size
    assert _controls(lambda: packages.create(center, number=number)) == {"package-reviewed"}
    assert [entry.document["kind"] for entry in broker.ledger.entries(size)] == ["decision"]
    assert "action-matrix" in _controls(lambda: packages.review(center, number=number))


def test_nothing_is_handed_over_before_it_is_made(drafting: Opened_) -> None:
    """Steps have an order, and none is taken twice."""
    deployment, broker = drafting
    packages, center = broker.packages, asker(deployment, broker, "center", "controller")
    number = reviewed(drafting, "vb-young-carer").number
    assert "package-in-turn" in _controls(lambda: packages.hand_over(center, number=number, document="R5-1"))
    packages.create(center, number=number)
    assert "package-in-turn" in _controls(lambda: packages.create(center, number=number))
    assert "package-in-turn" in _controls(lambda: packages.deleted(center, number=number, document="R5-1"))


def test_other_content_than_the_reviewed_one_is_not_made(drafting: Opened_) -> None:
    """Somebody was suspended after the review: the draft has to be made again."""
    deployment, broker = drafting
    number = reviewed(drafting, "vb-young-carer").number
    with (deployment.layout.folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        persons = [row["resident_id"] for row in csv.DictReader(file)][:20]
    steward = asker(deployment, broker, "steward-shimin", "data_steward")
    for position, person in enumerate(persons):
        broker.matters.suspend(steward, number=f"R5-{position + 1}", identifier=person)
    center = asker(deployment, broker, "center", "controller")
    assert _controls(lambda: broker.packages.create(center, number=number)) == {"package-reviewed"}


def test_labels_are_what_people_found(drafting: Opened_) -> None:
    """Enough outcomes of both kinds, and the package carries them; whoever was not assessed is unknown, and not "no"."""
    deployment, broker = drafting
    with (deployment.layout.folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        children = [row["resident_id"] for row in csv.DictReader(file)]
    with sqlite3.connect(deployment.layout.departments / "center" / "center.sqlite") as centre:
        (day,) = centre.execute("SELECT min(accepted_on) FROM case_record").fetchone()
        centre.execute("UPDATE case_record SET outcome = NULL")
        for position, child in enumerate(children):
            outcome = ("要支援", "支援不要", "情報不足")[position % 3]
            centre.execute(
                "INSERT INTO case_record (case_id, resident_id, accepted_on, route, main_type, youtaikyo, status, outcome)"
                " VALUES (?, ?, ?, '学校', '育成', 'なし', '終結', ?)",
                (f"X{position}", child, day, outcome),
            )
    status = broker.packages.draft(asker(deployment, broker, "center", "controller"), recipe="va-truancy")
    assert (status.stored.detail["levels"]["outcome"], status.stored.detail["findings"]) == ("as_is", [])
    recipe = broker.packages.recipes()["va-truancy"].columns["outcome"]
    assert (recipe.role, recipe.missing_is_none) == ("sensitive", False)
    (release,) = [e.document for e in broker.ledger.entries() if e.index == status.stored.detail["release"]]
    assert release["cells"]["center"] > 0


def test_suspended_persons_are_in_no_package(drafting: Opened_) -> None:
    """As many rows fewer as persons were suspended, before anybody is left out for standing out."""
    deployment, broker = drafting
    center = asker(deployment, broker, "center", "controller")
    before = broker.packages.draft(center, recipe="vb-young-carer").stored.detail
    with (deployment.layout.folder / "latent_truth.csv").open(encoding="utf-8-sig", newline="") as file:
        persons = [row["resident_id"] for row in csv.DictReader(file)][:6]
    for position, person in enumerate(persons):
        steward = asker(deployment, broker, "steward-shimin", "data_steward")
        broker.matters.suspend(steward, number=f"R5-{position + 1}", identifier=person)
    after = broker.packages.draft(center, recipe="vb-young-carer").stored.detail
    fewer = before["rows"] + before["suppressed"] - after["rows"] - after["suppressed"]
    # One of the six is under protection and in no package anyway.
    assert len(persons) - 2 <= fewer <= len(persons)


def test_a_stop_of_releases_stops_packages(drafting: Opened_) -> None:
    """Where a leak is feared nothing is drafted, made or handed over (第27条)."""
    deployment, broker = drafting
    number = reviewed(drafting, "vb-young-carer").number
    broker.matters.stop(asker(deployment, broker, "center2", "user"), number="J5-1")
    center = asker(deployment, broker, "center", "controller")
    for attempt in (
        lambda: broker.packages.draft(center, recipe="va-truancy"),
        lambda: broker.packages.create(center, number=number),
        lambda: broker.packages.hand_over(center, number=number, document="R5-1"),
    ):
        assert "releases-not-stopped" in _controls(attempt)


def test_a_contract_that_lacks_something_gets_no_package(packing_city: Path, tmp_path: Path) -> None:
    """Articles 18 and 25 at once: over, not complete, not inspected, and nobody named. Each alone has its cases in Rego."""
    folder = tmp_path / "city"
    shutil.copytree(packing_city, folder)
    table = folder / "guideline" / "tables" / "recipients.yaml"
    text = table.read_text(encoding="utf-8")
    for old, new in (
        ('to: "2024-03-31"', 'to: "2023-09-30"'),
        ("secrecy, ", ""),
        ('inspected_on: "2023-04-20"', "inspected_on: null"),
        ('staff_named_on: "2023-04-03"', "staff_named_on: null"),
    ):
        assert old in text
        text = text.replace(old, new)
    table.write_text(text, encoding="utf-8")
    _raise_version(folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        center = asker(deployment, broker, "center", "controller")
        assert _controls(lambda: broker.packages.draft(center, recipe="va-truancy")) == {
            "recipient-in-contract", "contract-clauses-complete", "contractor-inspected", "contractor-staff-named",
        }  # fmt: skip


def test_without_a_registered_key_no_package_is_made(packing_city: Path, tmp_path: Path) -> None:
    """Reviewed or not: there is nobody to encrypt it to. No department is asked for it."""
    folder = tmp_path / "city"
    shutil.copytree(packing_city, folder)
    table = folder / "guideline" / "tables" / "recipients.yaml"
    lines = table.read_text(encoding="utf-8").splitlines()
    text = "\n".join("    public_key: null" if "public_key:" in line else line for line in lines)
    table.write_text(text + "\n", encoding="utf-8")
    _raise_version(folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        broker.guideline.approve(asker(deployment, broker, "cpo", "cpo"))
        approve(deployment, broker, "vb-young-carer")
        number = reviewed((deployment, broker), "vb-young-carer").number
        size = broker.ledger.size
        with pytest.raises(BadInput) as caught:
            broker.packages.create(asker(deployment, broker, "center", "controller"), number=number)
        assert caught.value.code == "package-recipient-key"
        assert broker.ledger.size == size


def test_the_receipt_code_is_in_the_package_alone(making: Opened_) -> None:
    """A guessed code, and that of the other contractor's package, receive nothing."""
    deployment, broker = making
    packages, center = broker.packages, asker(deployment, broker, "center", "controller")
    packages.hand_over(center, number="PK-2023-0001", document="R5-31")
    other = _rows(deployment.layout.folder, "vendor-b").receipt_code
    for code in ("", "0" * 32, other):
        with pytest.raises(BadInput) as caught:
            packages.received(center, number="PK-2023-0001", code=code)
        assert caught.value.code == "package-receipt-code"
    code = _rows(deployment.layout.folder, "vendor-a").receipt_code
    assert packages.received(center, number="PK-2023-0001", code=f" {code}\n").state == "received"


def test_a_certificate_of_deletion_that_is_late_is_an_alert(made_city: Path, tmp_path: Path) -> None:
    """Thirty days after the last day, for what was handed over and for nothing else, until it is there (R18-5)."""
    folder = tmp_path / "city"
    shutil.copytree(made_city, folder)
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        center = asker(deployment, broker, "center", "controller")
        broker.packages.hand_over(center, number="PK-2023-0001", document="R5-31")
        parameters = deployment.guideline.parameters(deployment.clock().date())
        first, second = broker.packages.statuses()
        due = due_on(first, parameters)
        assert (due, due_on(second, parameters)) == (date(2024, 4, 28), None)
        assert due is not None
        assert overdue([first, second], parameters=parameters, today=due) == ()
        (alert,) = overdue([first, second], parameters=parameters, today=due + timedelta(days=1))
        assert isinstance(alert, CheckFailed)
        assert alert.code == "package-deletion-overdue"
    late = folder / "deployment.yaml"
    text = late.read_text(encoding="utf-8")
    late.write_text(text.replace("2023-10-01T", "2024-05-01T"), encoding="utf-8")
    assert text != late.read_text(encoding="utf-8")
    assert cli.run(["--deployment", str(folder), "check"]) == 1


def test_whom_a_package_showed_is_erased_at_its_term(making: Opened_) -> None:
    """Not while the contractor may hold another of that year; after the last certificate of deletion it counts (第24条)."""
    deployment, broker = making
    again = reviewed(making, "va-truancy").number
    who = asker(deployment, broker, "center", "controller")
    broker.packages.create(who, number=again)
    kinds = {kind.name: kind for kind in broker.retention.kinds}
    kept = kinds["vendor-packages"]

    def since() -> dict[str, date | None]:
        return {thing.id: thing.since for thing in kept.things()}

    broker.packages.hand_over(who, number="PK-2023-0001", document="R5-1")
    broker.packages.deleted(who, number="PK-2023-0001", document="R5-2")
    assert since() == {"PK-2023-0001": None, "PK-2023-0002": None, again: None}
    broker.packages.hand_over(who, number=again, document="R5-3")
    broker.packages.deleted(who, number=again, document="R5-4")
    today = deployment.clock().date()
    assert since() == {"PK-2023-0001": today, "PK-2023-0002": None, again: today}
    assert kept.erase(["PK-2023-0001", again, "PK-2023-9999"]) == 2
    assert kept.erase(["PK-2023-0001"]) == 0
    assert [status.number for status in broker.packages.statuses()] == ["PK-2023-0002"]
    # The ledger goes on naming the numbers, and none of them is given again.
    assert broker.packages.draft(who, recipe="va-truancy").number == "PK-2023-0004"


def test_a_row_in_the_store_is_no_package(making: Opened_) -> None:
    """What somebody writes there is not in the ledger, and does not count."""
    import sqlite3

    deployment, broker = making
    with sqlite3.connect(deployment.layout.store) as connection:
        connection.execute(
            "INSERT INTO package SELECT 'PK-2023-0009', recipient, key_id, detail, receipt_digest FROM package LIMIT 1"
        )
        connection.execute(
            """UPDATE package SET detail = replace(detail, '"k": ', '"k": 9') WHERE number = 'PK-2023-0002'"""
        )
    with pytest.raises(BadInput) as caught:
        broker.packages.review(asker(deployment, broker, "privacy", "reviewer"), number="PK-2023-0009")
    assert caught.value.code == "package-unknown"


def test_a_changed_recipe_makes_the_guideline_a_draft(packing_city: Path, tmp_path: Path) -> None:
    """It is approved with the guideline; one more percent, and nothing is drafted under it."""
    folder = tmp_path / "city"
    shutil.copytree(packing_city, folder)
    file = folder / "guideline" / "packages" / "va-truancy.yaml"
    text = file.read_text(encoding="utf-8").replace("suppressed_percent: 10", "suppressed_percent: 11")
    file.write_text(text, encoding="utf-8")
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        center = asker(deployment, broker, "center", "controller")
        assert _controls(lambda: broker.packages.draft(center, recipe="va-truancy")) == {"guideline-approved"}


def test_the_contractor_verifies_and_opens_without_a_deployment(
    made_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the two public keys and its own private one: rows, codebook, manifest, and the code to send back."""
    import sekisho.commands.package as command

    keys = made_city / "keys"
    public = ["--package-key", str(keys / "package.vkey"), "--ledger-key", str(keys / "ledger.vkey")]
    monkeypatch.delenv("SEKISHO_DEPLOYMENT", raising=False)
    file = str(made_city / "vendor-a.zip")
    monkeypatch.setattr(command, "_today", lambda: date(2023, 12, 1))
    assert cli.run(["package", "verify", file, *public, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["package"]["recipient"]["id"] == "vendor-a"
    own = str(private_key(made_city, "vendor-a"))
    assert (
        cli.run(["package", "open", file, "--key", own, "--out", str(tmp_path / "csv"), *public, "--format", "csv"])
        == 0
    )
    assert sorted(path.name for path in (tmp_path / "csv").iterdir()) == [
        "codebook.csv", "data.csv", "manifest.json", "receipt.txt",
    ]  # fmt: skip
    book = list(csv.DictReader(io.StringIO((tmp_path / "csv" / "codebook.csv").read_text(encoding="utf-8-sig"))))
    assert [row["column"] for row in book][:2] == ["resident_id", "grade"]
    assert all(row["missing_ja"] and row["label_ja"] for row in book)
    assert (tmp_path / "csv" / "data.csv").read_text(encoding="utf-8-sig").startswith("# 架空データ")
    other = str(private_key(made_city, "vendor-b"))
    assert cli.run(["package", "open", file, "--key", other, "--out", str(tmp_path / "no"), *public]) == 2
    assert not (tmp_path / "no").exists()
    assert cli.run(["package", "verify", file, *public[:2]]) == 2
    monkeypatch.setattr(command, "_today", lambda: date(2024, 3, 30))
    assert cli.run(["package", "verify", file, *public]) == 1


def test_the_commands_of_the_city(made_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the draft to the register; a file that is there already is not written over, and nothing is released then."""
    folder = tmp_path / "city"
    shutil.copytree(made_city, folder)
    center = ["--deployment", str(folder), "--as", "center", "--hat", "controller"]
    review = ["--deployment", str(folder), "--hat", "reviewer", "--as"]
    assert cli.run([*center, "package", "draft", "vb-young-carer", "--format", "json"]) == 0
    number = json.loads(capsys.readouterr().out)["package"]["package"]
    assert number == "PK-2023-0003"
    assert cli.run([*review, "privacy", "package", "show", number]) == 0
    assert cli.run([*review, "privacy", "package", "review", number]) == 0
    assert cli.run([*review, "privacy2", "package", "review", number]) == 0
    taken = tmp_path / "taken.zip"
    taken.write_bytes(b"here already")
    assert cli.run([*center, "package", "create", number, "--out", str(taken)]) == 2
    assert cli.run([*center, "package", "create", number, "--out", str(tmp_path / "new.zip")]) == 0
    assert cli.run([*center, "package", "hand-over", number, "--document", "四十"]) == 2
    assert cli.run([*center, "package", "hand-over", number, "--document", "R5-40"]) == 0
    capsys.readouterr()
    assert cli.run([*center, "package", "list", "--format", "json"]) == 0
    listed = {p["package"]: p for p in json.loads(capsys.readouterr().out)["packages"]}
    assert {n: p["state"] for n, p in listed.items()} == {
        "PK-2023-0001": "created", "PK-2023-0002": "created", number: "handed_over",
    }  # fmt: skip
    assert listed[number]["deletion_due"] == "2024-04-28"
    assert cli.run([*center, "package", "verify", str(tmp_path / "new.zip")]) == 0
    assert cli.run([*center, "package", "received", number, "--code", "0" * 32]) == 2
    assert cli.run([*center, "package", "draft", "nothing"]) == 2
    assert cli.run([*center, "package", "recipes"]) == 0
    assert cli.run(["--deployment", str(folder), "--as", "vendor-b", "--hat", "analyst", "package", "list"]) == 3


def test_a_key_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The private side is the contractor's alone and never written over; the public one is what is registered."""
    file = tmp_path / "own.key"
    assert cli.run(["package", "key", str(file), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["public_key"].startswith("age1")
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    assert cli.run(["package", "key", str(file)]) == 2
    assert file.read_bytes() == before


def test_time_is_the_deployments(made_city: Path) -> None:
    """The manifest is of the demo's moment."""
    created = datetime.fromisoformat(_verified(made_city, "vendor-a").manifest["created_at"])
    assert created == Deployment.load(made_city).clock()
