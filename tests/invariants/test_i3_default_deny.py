"""I3: default deny: a missing rule, a missing answer, an unknown purpose, an expired approval is a deny with the reason."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied, SekishoError, Unavailable
from policies.ask import PolicyUnavailable, ask
from policies.engine import PolicyEngine
from sekisho.deployment import Deployment
from tests.city import ask as ask_city

Steps = tuple[str | int, ...]


@pytest.fixture(scope="module")
def allowed(approved_city: Path) -> Iterator[tuple[PolicyEngine, Mapping[str, Any]]]:
    """An engine over the city's data, and the input of a query that it allows, as the ledger keeps it."""
    deployment = Deployment.load(approved_city)
    with deployment.broker() as broker:
        release = ask_city(broker, deployment)
        digest = broker.ledger.entry(release.decision_index).document["input_digest"]
        document = broker.ledger.sidecar(digest)
        assert ask(broker.grounds.engine, document).allow
        yield broker.grounds.engine, document


def paths(document: Any, *, prefix: Steps = (), depth: int = 4) -> Iterator[Steps]:
    if depth == 0:
        return
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for step, inner in items:
        yield (*prefix, step)
        yield from paths(inner, prefix=(*prefix, step), depth=depth - 1)


def parent(document: Any, path: Steps) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


def is_allowed(engine: PolicyEngine, document: Mapping[str, Any]) -> bool:
    try:
        return ask(engine, document).allow
    except SekishoError:
        # An input that does not fit its schema is not even asked about.
        return False


def test_no_field_can_be_left_out(allowed: tuple[PolicyEngine, Mapping[str, Any]]) -> None:
    """Whatever field of an allowed input is removed, at whatever depth, it is not allowed any more."""
    engine, document = allowed
    fields = [path for path in paths(document) if isinstance(path[-1], str)]
    assert len(fields) > 60
    still = []
    for path in fields:
        changed = copy.deepcopy(dict(document))
        del parent(changed, path)[path[-1]]
        if is_allowed(engine, changed):
            still.append(path)
    assert still == []


@pytest.mark.parametrize(
    "value",
    ["", "unknown-value", 0, -1, [], {}, True],
    ids=["blank", "unknown", "zero", "negative", "list", "object", "true"],
)
def test_no_field_that_decides_takes_another_value(
    allowed: tuple[PolicyEngine, Mapping[str, Any]], value: object
) -> None:
    """What decides (who, what for, under what, when) allows nothing when it is of another type or unknown."""
    engine, document = allowed
    deciding: list[Steps] = [
        ("action",), ("time",), ("as_of",), ("principal",), ("principal", "id"), ("principal", "hats"),
        ("principal", "roles"), ("principal", "organ"), ("purpose",), ("recipient",), ("approval",),
        ("approval", "state"), ("approval", "requester"), ("approval", "reviewers"), ("approval", "approver"),
        ("approval", "expires_at"), ("approval", "guideline_version"), ("approval", "sql_digest"),
        ("guideline_version",), ("datasets",), ("query",), ("query", "sql_digest"), ("query", "scans"),
        ("query", "scans", 0, "role"), ("query", "scans", 0, "dataset"), ("query", "scans", 0, "columns"),
        ("query", "scopes"), ("query", "output"), ("query", "output", "kind"),
    ]  # fmt: skip
    if value == "unknown-value":
        # Any account that may ask may ask under an approval that somebody else has drafted.
        deciding = [path for path in deciding if path not in {("principal", "id"), ("approval", "requester")}]
    still = []
    for path in deciding:
        changed = copy.deepcopy(dict(document))
        parent(changed, path)[path[-1]] = value
        if is_allowed(engine, changed):
            still.append(path)
    assert still == []


class Silent:
    """An engine that answers whatever it was made with, or fails with it."""

    name = "silent"
    revision = "0" * 64

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def decide(self, document: Mapping[str, Any]) -> Any:
        """The answer."""
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def close(self) -> None:
        """Nothing is held."""


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        "allow",
        [],
        {},
        {"allow": True},
        {"allow": "true", "required": [], "granted_under": [], "deny": [], "obligations": None},
        {"allow": True, "required": [], "granted_under": [], "deny": [], "obligations": None},
        {"allow": True, "required": ["a"], "granted_under": [], "deny": [], "obligations": None},
        RuntimeError("山田太郎"),
        RecursionError(),
    ],
)
def test_what_is_no_sound_answer_is_no_allow(allowed: tuple[PolicyEngine, Mapping[str, Any]], answer: object) -> None:
    """Nothing, another type, an allow that grants nothing, and an error are all no answer."""
    _, document = allowed
    with pytest.raises(PolicyUnavailable) as caught:
        ask(Silent(answer), document)
    assert isinstance(caught.value, Unavailable)
    assert "山田" not in str(caught.value)


@pytest.mark.parametrize(
    ("request_", "control"),
    [
        ({"purpose": "unknown_purpose"}, "purpose-stated"),
        ({"purpose": None}, "purpose-stated"),
        ({"approval": "AP-1999-0001"}, "approval-route"),
        ({"principal": None}, "identity-verified"),
    ],
)
def test_what_is_missing_or_unknown_is_refused_with_its_reason(
    approved_city: Path, request_: dict[str, Any], control: str
) -> None:
    """An unknown purpose, no purpose, an unknown approval and an unverified person each get their own reason."""
    deployment = Deployment.load(approved_city)
    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        ask_city(broker, deployment, **request_)
    assert control in {citation.control for citation in caught.value.citations}


def test_a_year_later_nothing_counts_any_more(approved_city: Path) -> None:
    """After the fiscal year the same request is refused: approval, purpose and sources are all over."""
    deployment = Deployment.load(approved_city, now=datetime.fromisoformat("2024-10-01T09:00:00+09:00"))
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    from sekisho.ask_request import AskRequest
    from tests.city import APPROVAL, PURPOSE

    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        broker.ask(AskRequest(token=token, hat="controller", purpose=PURPOSE, approval=APPROVAL))
    controls = {citation.control for citation in caught.value.citations}
    assert {"approval-current", "purpose-active", "sources-fresh"} <= controls
