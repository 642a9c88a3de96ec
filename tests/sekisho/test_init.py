"""A new deployment is sound, empty and closed: the policy stands before any data."""

from __future__ import annotations

import json
import stat
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from governance.errors import BadInput, Denied
from sekisho.ask_request import AskRequest
from sekisho.checks import check
from sekisho.cli import run
from sekisho.deployment import Deployment
from sekisho.establish import issue_token
from sekisho.new_deployment import NewDeployment, initialise

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
NEW = NewDeployment(name="sample-city", label="見本市", departments={"fukushi": "福祉課", "bosai": "防災課"})


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new deployment of two departments; to be looked at."""
    folder = tmp_path_factory.mktemp("new") / "city"
    initialise(folder, NEW, now=NOW)
    return folder


def test_a_new_deployment_is_sound_and_empty(fresh: Path) -> None:
    """Every check passes; departments are known, and hold nothing; no demo, not yet in production."""
    assert [(result.part, result.errors) for result in check(fresh) if not result.ok] == []
    deployment = Deployment.load(fresh)
    assert set(deployment.catalogue.departments) == {"fukushi", "bosai"}
    assert dict(deployment.catalogue.datasets) == {}
    assert (deployment.settings.demo, deployment.settings.production) == (False, False)
    assert {"steward-fukushi", "officer-bosai", "cpo"} <= set(deployment.principals)


def test_keys_and_departments_are_their_owners_alone(fresh: Path) -> None:
    """Nobody else can read a key, or look into the departments' side."""
    for path in [*(fresh / "keys").iterdir(), fresh / "departments", fresh / "departments" / ".master.key"]:
        if path.suffix != ".vkey":
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path.name


def test_nothing_is_answered_before_the_guideline_is_approved(fresh: Path) -> None:
    """A planner who asks for anything in the draft's time is refused under the article on decisions, among others."""
    deployment = Deployment.load(fresh)
    token = deployment.issuer.issue(deployment.principals["planner"], now=deployment.clock())
    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        broker.ask(AskRequest(token=token, hat="controller", purpose="help", approval="AP-2026-0001"))
    assert "guideline-approved" in {citation.control for citation in caught.value.citations}


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    """What is there stays as it is, and the error says what would do."""
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        initialise(tmp_path, NEW, now=NOW)
    assert caught.value.code == "init-folder-taken"
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "Sample City"}, "init-name"),
        ({"departments": {"../up": "福祉課"}}, "init-department"),
        ({"departments": {"kinds": "福祉課"}}, "init-department"),
        ({"departments": {"a": "名前: {x}"}}, "init-label"),
        ({"label": "一\n二"}, "init-label"),
    ],
)
def test_names_that_would_spoil_its_files_are_refused(changes: dict[str, object], code: str) -> None:
    """Names become file names and YAML, so they are narrow."""
    values = {"name": NEW.name, "label": NEW.label, "departments": NEW.departments, **changes}
    with pytest.raises(BadInput) as caught:
        NewDeployment(**values)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_the_command_says_what_comes_next(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Next steps for people on standard error in Japanese, one JSON document on standard output."""
    folder = tmp_path / "city"
    assert run(["init", str(folder), "--department", "kaigo=介護福祉課", "--format", "json"]) == 0
    shown = capsys.readouterr()
    assert json.loads(shown.out)["init"]["departments"] == ["kaigo"]
    for word in ("guideline approve", "dataset draft", "dataset confirm", "dataset register", "案（未承認）"):
        assert word in shown.err
    assert run(["init", str(folder)]) == 2
    assert run(["init", str(tmp_path / "other"), "--department", "kaigo"]) == 2


def test_tokens_are_issued_to_accounts_alone(tmp_path: Path) -> None:
    """A token names an account of the deployment, counts for its hours, and is nobody else's to read."""
    folder = tmp_path / "city"
    initialise(folder, NEW)
    deployment = Deployment.load(folder)
    until = issue_token(deployment, "cpo")
    assert until - deployment.clock() <= deployment.settings.token_lifetime
    verified = deployment.identify(deployment.token("cpo"), hat="cpo")
    assert verified.principal is not None
    assert stat.S_IMODE(deployment.layout.token("cpo").stat().st_mode) == 0o600
    with pytest.raises(BadInput) as caught:
        issue_token(deployment, "stranger")
    assert caught.value.code == "token-no-account"
