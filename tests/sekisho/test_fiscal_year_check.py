"""One list of what ends on 31 March and what is prepared: nothing is taken for prepared that is not written down."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from governance.errors import Denied
from sekisho import cli
from sekisho.deployment import Deployment
from sekisho.fiscal_year_check import State, YearEnd, check_year_end
from tests.city import APPROVAL, TEMPLATE, asker, sign


def _listed(
    folder: Path, at: str = "2024-02-05T09:00:00+09:00", account: tuple[str, str] = ("privacy", "reviewer")
) -> YearEnd:
    deployment = Deployment.load(folder, now=datetime.fromisoformat(at))
    with deployment.broker() as broker:
        return check_year_end(deployment, broker, asker(deployment, broker, *account))


def _states(found: YearEnd) -> Mapping[tuple[str, str], State]:
    return {(line.kind, line.name): line.state for line in found.lines}


@pytest.fixture(scope="module")
def at_first(approved_city: Path, tmp_path_factory: pytest.TempPathFactory) -> YearEnd:
    return _listed(Path(shutil.copytree(approved_city, tmp_path_factory.mktemp("listed") / "demo-city")))


def test_everything_that_ends_is_listed(at_first: YearEnd, approved_city: Path) -> None:
    """Each active purpose, account, training, clearance, contract, domain and dataset has its line."""
    deployment = Deployment.load(approved_city)
    states = _states(at_first)
    tables = deployment.guideline.tables
    assert at_first.last_day.isoformat() == "2024-03-31"
    assert {n for k, n in states if k == "purpose"} == {
        n for n, p in tables["purposes"].items() if p["status"] == "active"
    }
    assert {n for k, n in states if k == "account"} == set(deployment.principals)
    assert {n for k, n in states if k == "clearance"} == {n for n, p in deployment.principals.items() if p.dv_cleared}
    assert {n for k, n in states if k == "contract"} == {n for n, r in tables["recipients"].items() if "contract" in r}
    assert {n for k, n in states if k == "key"} == set(tables["domains"])
    assert {n for k, n in states if k == "steward"} == set(deployment.catalogue.datasets)
    assert states["approval", APPROVAL] == "to do"
    assert states["purpose", "stat"] == "to do"


def test_what_is_prepared_is_told_from_what_is_not(city_with_approval: Path) -> None:
    """A renewed purpose, a granted approval of next year, longer accounts and another epoch count; a request does not."""
    folder = city_with_approval
    domains = folder / "guideline" / "tables" / "domains.yaml"
    text = domains.read_text(encoding="utf-8")
    later = 'stat:\n  purposes: [stat]\n  recipient: center\n  epoch:\n    versions:\n      - {from: 2023-04-01, value: "2023"}\n      - {from: 2024-04-01, value: "2024"}\n'
    domains.write_text(
        text.replace('stat:\n  purposes: [stat]\n  recipient: center\n  epoch: "2023"\n', later), encoding="utf-8"
    )
    deployment = Deployment.load(folder, now=datetime.fromisoformat("2024-02-05T09:00:00+09:00"))
    with deployment.broker() as broker:
        broker.renewals.review(asker(deployment, broker, "privacy", "reviewer"), purpose="stat", number="K5-8")
        broker.renewals.renew(asker(deployment, broker, "cpo", "cpo"), purpose="stat", number="K5-9")
        prepared = broker.approvals.request(
            asker(deployment, broker, "center", "controller"), template=TEMPLATE, next_year=True
        )
        requested = _states(check_year_end(deployment, broker, asker(deployment, broker, "privacy", "reviewer")))
        sign(deployment, broker, prepared.id)
        granted = _states(check_year_end(deployment, broker, asker(deployment, broker, "privacy", "reviewer")))
    assert (requested["purpose", "stat"], requested["purpose", "abuse"]) == ("prepared", "to do")
    assert (requested["approval", APPROVAL], granted["approval", APPROVAL]) == ("to do", "prepared")
    assert (requested["key", "stat"], requested["key", "center-screening"]) == ("prepared", "to do")
    accounts = folder / "principals.yaml"
    lines = accounts.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith("steward-shimin:"))
    lines[at + 1] = lines[at + 1].replace('valid_until: "2024-03-31"', 'valid_until: "2025-03-31"')
    accounts.write_text("".join(lines), encoding="utf-8")
    states = _states(_listed(folder))
    assert (states["account", "steward-shimin"], states["training", "steward-shimin"]) == ("prepared", "to do")
    assert (states["steward", "shimin.resident"], states["steward", "kaigo.cert"]) == ("prepared", "to do")


def test_a_steward_whose_account_is_over_is_missing(new_city: Path) -> None:
    """A dataset whose steward is no longer there is a fault today, and the command says so with its status."""
    accounts = new_city / "principals.yaml"
    lines = accounts.read_text(encoding="utf-8").splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if line.startswith("steward-kaigo:"))
    lines[at + 1] = lines[at + 1].replace('valid_until: "2024-03-31"', 'valid_until: "2023-09-30"')
    accounts.write_text("".join(lines), encoding="utf-8")
    found = _listed(new_city, at="2023-10-01T09:00:00+09:00")
    missing = {line.name for line in found.lines if line.kind == "steward" and line.state == "missing"}
    assert missing
    assert all(name.startswith("kaigo.") for name in missing)
    assert not found.ok


def test_the_list_is_for_whoever_may_read_approvals(new_city: Path) -> None:
    """It names staff: an account without that right is refused, and the reading is in the ledger."""
    with pytest.raises(Denied):
        _listed(new_city, account=("vendor-a", "analyst"))
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        size = broker.ledger.size
        check_year_end(deployment, broker, asker(deployment, broker, "privacy", "reviewer"))
        (entry,) = broker.ledger.entries(size, broker.ledger.size)
    assert entry.document["action"] == "approval.read"


def test_the_list_is_a_table_a_document_and_a_workbook(
    approved_city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The three forms hold the same lines; the workbook has what is to do on a sheet of its own."""
    folder = shutil.copytree(approved_city, tmp_path / "demo-city")
    book = tmp_path / "year.xlsx"
    command = ["--deployment", str(folder), "--as", "privacy", "check", "--fiscal-year"]
    assert cli.run(command) == 0
    assert "2024-03-31 までに準備するもの" in capsys.readouterr().err
    assert cli.run([*command, "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)["fiscal_year"]
    assert cli.run([*command, "--format", "xlsx", "--out", str(book)]) == 0
    workbook = CalamineWorkbook.from_path(str(book))
    everything = workbook.get_sheet_by_name("すべて").to_python()[2:]
    to_do = workbook.get_sheet_by_name("準備するもの").to_python()[2:]
    assert len(everything) == len(document["lines"])
    assert len(to_do) == sum(line["state"] == "to do" for line in document["lines"])
    assert cli.run([*command, "--department", "kaigo"]) == 2
