"""With an OPA server: the same demo, and status 4 with a deny in the ledger when it is killed, hangs or talks nonsense."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import get_args

import pytest

from governance.errors import Unavailable
from policies.bundle import OPA_VERSION
from policies.server import OpaServer
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import APPROVAL, ask
from tests.e2e.commands import sekisho, sekisho_process
from tests.e2e.fake_opa import Failure, write_fake_opa


def last_decision(broker: Broker) -> dict[str, object]:
    decisions = [dict(e.document) for e in broker.ledger.entries() if e.document["kind"] == "decision"]
    return decisions[-1]


def test_the_demo_comes_out_as_expected_with_all_its_servers(tmp_path: Path, opa: Path) -> None:
    """In a process of its own, under a real OPA and with the resident register in a real PostgreSQL: every scene as ever."""
    assert opa.is_file()
    folder = tmp_path / "demo"
    ran = sekisho_process(
        "--engine", "opa", "--format", "json", "demo", "--dir", folder, "--population", "1500",
        "--source", "shimin=postgresql",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    assert ran.document["demo"]["as_expected"] is True
    assert ran.document["notice"] == "架空データ"
    assert ran.document["demo"]["steps"] >= 16
    assert "期待と違います" not in ran.err
    assert "PostgreSQL に移しました" in ran.err
    with Deployment.load(folder).broker() as broker:
        assert {d.document["engine"] for d in broker.ledger.entries() if d.document["kind"] == "decision"} == {"opa"}


@pytest.mark.parametrize("what", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_a_server_that_fails_is_a_deny_and_is_replaced(
    city_with_approval: Path, what: signal.Signals, opa: Path
) -> None:
    """A real OPA that is killed or stopped gives no answer: unavailable, a deny in the ledger; the next query is answered."""
    assert opa.is_file()
    deployment = Deployment.load(city_with_approval)
    with deployment.broker("opa") as broker:
        server = broker.grounds.engine
        assert isinstance(server, OpaServer)
        first = ask(broker, deployment)
        assert server.pid is not None
        os.kill(server.pid, what)
        with pytest.raises(Unavailable) as caught:
            ask(broker, deployment)
        assert caught.value.exit_status == 4
        decision = last_decision(broker)
        assert decision["allow"] is False
        assert decision["articles"]
        assert decision["scans"] == {}
        assert ask(broker, deployment).result_digest == first.result_digest


@pytest.mark.parametrize("failure", get_args(Failure))
def test_a_server_without_a_usable_answer_is_status_4_and_a_deny(
    city_with_approval: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: Failure
) -> None:
    """Whatever comes instead of an answer, an allow of yesterday's rules included: 4, nothing released, a deny recorded."""
    write_fake_opa(tmp_path / "tools" / ".tools" / "opa", version=OPA_VERSION, failure=failure)
    monkeypatch.setattr("policies.server.ROOM", tmp_path / "tools" / "policies")
    ran = sekisho(
        "--deployment", city_with_approval, "--engine", "opa", "--format", "json", "--as", "center",
        "--hat", "controller", "query", "run", "--purpose", "young_carer", "--approval", APPROVAL,
    )  # fmt: skip
    assert ran.status == 4, ran.err
    assert ran.error["kind"] == "unavailable"
    assert "release" not in ran.document
    with Deployment.load(city_with_approval).broker() as broker:
        newest = list(broker.ledger.entries(broker.ledger.size - 2))
    decision, refusal = (entry.document for entry in newest)
    assert (decision["kind"], decision["allow"]) == ("decision", False)
    assert decision["articles"]
    assert (refusal["kind"], refusal["exit_status"], refusal["decision"]) == ("refusal", 4, newest[0].index)


def test_an_opa_of_another_version_is_not_asked(
    city_with_approval: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version than the pinned one is refused before it decides anything."""
    write_fake_opa(tmp_path / "tools" / ".tools" / "opa", version="0.1.0", failure="allows")
    monkeypatch.setattr("policies.server.ROOM", tmp_path / "tools" / "policies")
    ran = sekisho("--deployment", city_with_approval, "--engine", "opa", "--format", "json", "check")
    asked = sekisho(
        "--deployment", city_with_approval, "--engine", "opa", "--format", "json", "--as", "auditor", "ledger", "list"
    )
    assert ran.status == 1
    assert asked.status == 2
    assert OPA_VERSION in asked.error["text"] + asked.error["remedy"]
