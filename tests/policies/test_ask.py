"""What is asked of an engine, and what of its answer is believed (I3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import Fault
from policies.ask import PolicyUnavailable, ask, input_digest
from policies.embedded import EmbeddedEngine
from policies.server import OpaServer
from tests.policies import world
from tests.policies.patches import patched


class Answering:
    """An engine that gives the answer that a test hands it, or fails as the test says."""

    name = "answering"
    revision = "test"

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.asked: list[Mapping[str, Any]] = []

    def decide(self, document: Mapping[str, Any]) -> object:
        self.asked.append(document)
        if isinstance(self._answer, BaseException):
            raise self._answer
        return self._answer

    def close(self) -> None:
        pass


@pytest.fixture(scope="module")
def allowed(embedded: EmbeddedEngine) -> Any:
    """The answer to the query of the world: an allow."""
    return embedded.decide(world.requests()["rows"])


@pytest.fixture(scope="module")
def refused(embedded: EmbeddedEngine) -> Any:
    """The answer to the same query without a purpose: a deny."""
    return embedded.decide({**world.requests()["rows"], "purpose": None})


@pytest.mark.parametrize("kind", world.requests())
@pytest.mark.parametrize("engine", ["embedded", "server"])
def test_a_request_of_the_world_is_allowed(kind: str, engine: str, request: pytest.FixtureRequest) -> None:
    """Each kind of request comes back as a decision, with obligations exactly where data will be read or looked at."""
    decision = ask(request.getfixturevalue(engine), world.requests()[kind])
    assert decision.allow
    assert set(decision.granted_under) == set(decision.required) == set(world.REQUIREMENTS[_action(kind)])
    assert decision.deny == ()
    assert (decision.obligations is not None) == (_action(kind) in ("query", "approval.preview"))
    assert decision.engine == request.getfixturevalue(engine).name


def _action(kind: str) -> str:
    action: str = world.requests()[kind]["action"]
    return action


def test_both_engines_give_the_same_decision(embedded: EmbeddedEngine, server: OpaServer) -> None:
    """But for the engine's name, the decisions about one document are equal (I8)."""
    for kind, document in world.requests().items():
        ours, theirs = ask(embedded, document), ask(server, document)
        assert (ours.allow, ours.required, ours.granted_under, ours.deny, ours.obligations, ours.input_digest) == (
            theirs.allow, theirs.required, theirs.granted_under, theirs.deny, theirs.obligations, theirs.input_digest,
        ), kind  # fmt: skip


def test_a_refusal_carries_its_reasons(refused: Any) -> None:
    """A deny becomes a decision with reasons in the order of the answer, and without obligations."""
    decision = ask(Answering(refused), {**world.requests()["rows"], "purpose": None})
    assert not decision.allow
    assert decision.obligations is None
    assert decision.deny[0].control == "purpose-stated"
    assert {reason.control for reason in decision.deny} == set(decision.required) - set(decision.granted_under)


def test_an_engine_is_asked_once(allowed: Any) -> None:
    """One question, one call."""
    engine = Answering(allowed)
    ask(engine, world.requests()["rows"])
    assert len(engine.asked) == 1


def test_the_digest_is_that_of_the_canonical_input(embedded: EmbeddedEngine) -> None:
    """The decision carries SHA-256 over RFC 8785, whatever the order of the keys."""
    document = world.requests()["rows"]
    turned = dict(reversed(document.items()))
    expected = hashlib.sha256(rfc8785.dumps(document)).hexdigest()
    assert input_digest(document) == input_digest(turned) == expected
    assert ask(embedded, turned).input_digest == expected


@pytest.mark.parametrize(
    "change",
    [
        {"op": "remove", "path": "/purpose"},
        {"op": "add", "path": "/purpose", "value": ""},
        {"op": "add", "path": "/action", "value": "zzz"},
        {"op": "add", "path": "/time", "value": "yesterday"},
        {"op": "add", "path": "/more", "value": 1},
        {"op": "add", "path": "/query/scans", "value": []},
        {"op": "add", "path": "/query/scans/0/role", "value": "zzz"},
        {"op": "add", "path": "/query/row_limit", "value": 2**60},
        {"op": "add", "path": "/query/functions/-", "value": "\ud800"},
    ],
    ids=lambda change: f"{change['op']} {change['path']}",
)
def test_a_document_that_does_not_fit_is_never_asked_about(change: dict[str, Any], allowed: Any) -> None:
    """A decision input of another shape is a fault of ours, with an incident id, and no engine hears of it."""
    engine = Answering(allowed)
    with pytest.raises(Fault) as fault:
        ask(engine, patched(world.requests()["rows"], [change]))
    assert fault.value.params["incident"]
    assert engine.asked == []


@pytest.mark.parametrize(
    "failure",
    [RuntimeError("secret"), KeyError("x"), MemoryError(), RecursionError(), TimeoutError(), OSError()],
    ids=repr,
)
def test_any_failure_of_an_engine_is_no_answer(failure: Exception) -> None:
    """Whatever an engine raises comes out as ``PolicyUnavailable`` with the digest of the question, and tells nothing."""
    with pytest.raises(PolicyUnavailable) as refused:
        ask(Answering(failure), world.requests()["rows"])
    assert refused.value.code == "policy-engine-failed"
    assert refused.value.exit_status == 4
    assert refused.value.input_digest == input_digest(world.requests()["rows"])
    assert "secret" not in str(refused.value)


def test_a_failure_of_the_engine_keeps_its_code() -> None:
    """What an engine knows of its failure is passed on, with the digest of the question."""
    failure = PolicyUnavailable("policy-engine-timeout", engine="answering")
    with pytest.raises(PolicyUnavailable) as refused:
        ask(Answering(failure), world.requests()["rows"])
    assert refused.value.code == "policy-engine-timeout"
    assert refused.value.input_digest


def test_an_interrupt_is_not_swallowed() -> None:
    """A person who stops the program stops it."""
    with pytest.raises(KeyboardInterrupt):
        ask(Answering(KeyboardInterrupt()), world.requests()["rows"])


@pytest.mark.parametrize(
    "answer",
    [
        None,
        True,
        "allow",
        1,
        [],
        {},
        {"allow": True},
        {"result": {"allow": True}},
        [{"allow": True}],
        float("nan"),
        {1, 2},
    ],
    ids=str,
)
def test_an_answer_of_another_shape_is_no_answer(answer: Any) -> None:
    """True alone is no answer, nor is anything else but the whole object."""
    with pytest.raises(PolicyUnavailable) as refused:
        ask(Answering(answer), world.requests()["rows"])
    assert refused.value.code == "policy-answer-malformed"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/allow", "true"),
        ("/allow", 1),
        ("/required", []),
        ("/granted_under", None),
        ("/deny", {}),
        ("/deny", [{"control": "purpose-stated", "on": "purpose", "params": {}}]),
        ("/obligations/scans", {}),
        ("/obligations/scans/s1/forms", {}),
        ("/obligations/scans/s1/forms/stage/form", "zzz"),
        ("/obligations/scans/s1/forms/stage/leaves", "no"),
        ("/obligations/scans/s1/filter", "1 = 1"),
        ("/obligations/scans/s1/filter", {"type": "compound", "operator": "nand", "value": []}),
        ("/obligations/scans/s1/exclude", [1]),
        ("/obligations/output/min_group_size", -1),
        ("/obligations/output/max_rows", 0),
        ("/obligations/output/order", "any"),
        ("/obligations/pseudonyms/epoch", ""),
        ("/obligations/scans/s1/forms/stage", {"form": "ordinal", "leaves": True}),
        ("/obligations/scans/s1/filter", {"type": "compound", "operator": "not", "value": []}),
        ("/obligations/scans/s1/filter", {"type": "field", "operator": "in", "field": "a", "value": "b"}),
        ("/more", 1),
    ],
)
def test_an_allow_with_a_part_that_does_not_fit_is_no_answer(path: str, value: Any, allowed: Any) -> None:
    """One part of another shape, and the allow is worth nothing."""
    answer = patched(allowed, [{"op": "add", "path": path, "value": value}])
    with pytest.raises(PolicyUnavailable) as refused:
        ask(Answering(answer), world.requests()["rows"])
    assert refused.value.code == "policy-answer-malformed"
    assert refused.value.input_digest


def _without_a_grant(answer: Any) -> Any:
    return {**answer, "granted_under": answer["granted_under"][1:]}


def _with_a_foreign_grant(answer: Any) -> Any:
    return {**answer, "granted_under": [*answer["granted_under"], "made-up"]}


def _without_obligations(answer: Any) -> Any:
    return {**answer, "obligations": None}


def _without_a_scan(answer: Any) -> Any:
    return patched(answer, [{"op": "remove", "path": "/obligations/scans/s3"}])


def _with_a_foreign_scan(answer: Any) -> Any:
    scans = answer["obligations"]["scans"]
    return patched(answer, [{"op": "add", "path": "/obligations/scans/s9", "value": scans["s1"]}])


def _without_a_form(answer: Any) -> Any:
    return patched(answer, [{"op": "remove", "path": "/obligations/scans/s1/forms/stage"}])


@pytest.mark.parametrize(
    "change",
    [
        _without_a_grant,
        _with_a_foreign_grant,
        _without_obligations,
        _without_a_scan,
        _with_a_foreign_scan,
        _without_a_form,
    ],
)
def test_an_allow_that_contradicts_itself_is_no_answer(change: Callable[[Any], Any], allowed: Any) -> None:
    """Allow counts only where all that is required has granted and every column that is read has its form."""
    with pytest.raises(PolicyUnavailable) as refused:
        ask(Answering(change(allowed)), world.requests()["rows"])
    assert refused.value.code == "policy-answer-contradicts"


def test_a_refusal_without_a_reason_for_each_control_is_no_answer(refused: Any) -> None:
    """A deny that does not say why cannot cite an article (I6)."""
    reasons = [reason for reason in refused["deny"] if reason["control"] != "purpose-stated"]
    with pytest.raises(PolicyUnavailable) as failure:
        ask(Answering({**refused, "deny": reasons}), world.requests()["rows"])
    assert failure.value.code == "policy-answer-contradicts"


def test_obligations_for_an_action_that_reads_nothing_are_no_answer(allowed: Any, embedded: EmbeddedEngine) -> None:
    """Only a query has obligations."""
    answer: Any = embedded.decide(world.requests()["ledger"])
    with pytest.raises(PolicyUnavailable) as refused:
        ask(Answering({**answer, "obligations": allowed["obligations"]}), world.requests()["ledger"])
    assert refused.value.code == "policy-answer-contradicts"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(world.CONTROLS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["allow", "required", "granted_under", "deny", "obligations", "scans", "output", "forms", "s1"])
        | st.text(max_size=4),
        inner,
        max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@pytest.mark.fuzz
@given(answer=_JSON)
def test_no_answer_made_up_is_an_allow(answer: Any) -> None:
    """Whatever JSON an engine answers, it ends in no answer, or in a decision that is whole."""
    try:
        decision = ask(Answering(answer), world.requests()["rows"])
    except PolicyUnavailable:
        return
    assert not decision.allow
    assert decision.deny


@pytest.mark.fuzz
@given(value=_JSON, place=st.sampled_from(["allow", "required", "granted_under", "deny", "obligations"]))
def test_no_part_made_up_passes_where_it_weakens(value: Any, place: str, allowed: Any) -> None:
    """An allow with one part replaced at random is no answer, or says what it said before."""
    document = world.requests()["rows"]
    try:
        decision = ask(Answering({**allowed, place: value}), document)
    except PolicyUnavailable:
        return
    assert decision == ask(Answering(allowed), document)
