"""The command without a deployment: usage, options and their places, and faults of ours."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from sekisho import cli
from sekisho.options import Options, chosen, shared_options


def run(*arguments: str) -> int:
    return cli.run(arguments)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """--help ends with 0 and names all commands."""
    assert run("--help") == 0
    out = capsys.readouterr().out
    for name in ("approval", "check", "demo", "ledger", "policy", "query"):
        assert name in out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("--wrong", "check"), "usage", id="unknown-option"),
        pytest.param(("nonsense",), "usage", id="unknown-command"),
        pytest.param(("query",), "usage", id="group-without-command"),
        pytest.param(("--format", "yaml", "check"), "usage-choice", id="unknown-format"),
        pytest.param(("--engine", "none", "check"), "usage-choice", id="unknown-engine"),
        pytest.param(("approval", "show"), "usage", id="missing-argument"),
        pytest.param(("approval", "grant", "AP-2023-0001", "--step", "sign"), "usage-choice", id="unknown-step"),
        pytest.param(("ledger", "show", "山田"), "usage", id="not-a-number"),
        pytest.param(("query", "run", "--param", "name", "=", "山田"), "usage", id="too-many-arguments"),
        pytest.param(("check",), "deployment-not-named", id="no-deployment"),
        pytest.param(("--deployment", "nowhere", "check"), "deployment-missing", id="no-such-deployment"),
    ],
)
def test_wrong_usage_is_bad_input(
    arguments: tuple[str, ...], code: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong usage ends with 2 and one message that does not repeat what was typed."""
    monkeypatch.delenv("SEKISHO_DEPLOYMENT", raising=False)
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert f"[{code}]" in err
    assert "山田" not in err
    assert "Traceback" not in err


def test_an_error_is_a_document_where_json_was_asked_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With --format json, on either side of the command, an error is one JSON document on standard output."""
    monkeypatch.delenv("SEKISHO_DEPLOYMENT", raising=False)
    for arguments in (("--format", "json", "check"), ("check", "--format", "json")):
        assert run(*arguments) == 2
        assert json.loads(capsys.readouterr().out)["error"]["code"] == "deployment-not-named"


def _probe(*arguments: str) -> Options:
    seen: list[Options] = []

    @click.group()
    @shared_options
    def root() -> None:
        pass

    @root.command()
    @shared_options
    @click.pass_context
    def probe(context: click.Context) -> None:
        seen.append(chosen(context))

    root.main(list(arguments), standalone_mode=False)
    return seen[0]


def test_options_count_before_and_after_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same options are taken on either side; the one nearer to the command wins."""
    monkeypatch.delenv("SEKISHO_DEPLOYMENT", raising=False)
    assert _probe("--as", "center", "probe", "--hat", "user") == Options(principal="center", hat="user")
    assert _probe("--lang", "en", "probe", "--lang", "ja").lang == "ja"
    assert _probe("probe").lang == "ja"


def test_the_environment_names_the_deployment_unless_it_is_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """SEKISHO_DEPLOYMENT is used where no folder is typed, and never replaces a typed one."""
    monkeypatch.setenv("SEKISHO_DEPLOYMENT", "from-environment")
    assert _probe("probe").deployment == Path("from-environment")
    assert _probe("--deployment", "typed", "probe").deployment == Path("typed")
    assert _probe("probe", "--deployment", "typed").deployment == Path("typed")


@click.group()
@shared_options
def faulty() -> None:
    pass


@faulty.command()
@shared_options
def fail() -> None:
    raise RuntimeError("山田太郎")


def test_a_fault_of_ours_shows_an_incident_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    """An unexpected exception ends with 5 and an incident id; its message, which may hold values, goes nowhere."""
    assert cli.run(["fail"], root=faulty) == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert "[internal-fault]" in err
    assert "山田太郎" not in err
    assert "Traceback" not in err
