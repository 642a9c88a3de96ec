"""A deployment's engine is opened by its name, and closed on leaving."""

from __future__ import annotations

import os
from typing import Literal

import pytest

from policies.ask import ask
from policies.open_engine import open_engine
from policies.server import OpaServer
from tests.policies import world


@pytest.mark.parametrize("name", ["embedded", "opa"])
def test_an_engine_is_opened_by_name(name: Literal["embedded", "opa"]) -> None:
    """Either engine answers, under its name, and states the revision that goes into the ledger."""
    with open_engine(name, world.catalogue(), world.guideline()) as opened:
        assert opened.engine.name == name
        assert opened.digest == opened.engine.revision
        assert ask(opened.engine, world.requests()["rows"]).allow


def test_both_engines_state_one_revision() -> None:
    """The same rules and data have one revision, whichever engine runs them (I8)."""
    with (
        open_engine("embedded", world.catalogue(), world.guideline()) as embedded,
        open_engine("opa", world.catalogue(), world.guideline()) as server,
    ):
        assert embedded.digest == server.digest


def _fail(*, pids: list[int]) -> None:
    with open_engine("opa", world.catalogue(), world.guideline()) as opened:
        if isinstance(opened.engine, OpaServer) and opened.engine.pid is not None:
            pids.append(opened.engine.pid)
        raise RuntimeError


def test_a_server_does_not_outlive_its_deployment() -> None:
    """The process is gone when the engine is closed, even by an error."""
    pids: list[int] = []
    with pytest.raises(RuntimeError):
        _fail(pids=pids)
    assert len(pids) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)
