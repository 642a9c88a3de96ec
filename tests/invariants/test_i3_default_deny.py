"""I3: default deny: a missing rule, a missing answer, an unknown purpose, an expired approval is a deny with the reason."""

from __future__ import annotations

import copy
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied, SekishoError, Unavailable
from policies.ask import PolicyUnavailable, ask
from policies.bundle import load_bundle
from policies.data import policy_data
from policies.server import OpaServer
from query_broker.record import CONTROL_NO_ANSWER
from reference.akishima.demo_refusals import query_text
from sekisho.ask_request import AskRequest
from sekisho.deployment import Deployment
from tests.city import APPROVAL, PURPOSE, asker
from tests.city import ask as ask_city
from tests.invariants.watching import Watched
from tests.policies.engines import OpenEmbedded, OpenServer, open_server

Steps = tuple[str | int, ...]
ABSENT = object()


@pytest.fixture(scope="module")
def data(watched: Watched) -> dict[str, Any]:
    """The data documents of the city."""
    return policy_data(watched.deployment.catalogue, watched.deployment.guideline)


@pytest.fixture(scope="module")
def engines(
    data: dict[str, Any], opa: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[OpenEmbedded, OpenServer]]:
    """Both engines, over data that a test may replace."""
    bundle = load_bundle()
    with ExitStack() as stack:
        embedded = OpenEmbedded(bundle, data)
        stack.callback(embedded.close)
        yield embedded, stack.enter_context(open_server(opa, bundle, tmp_path_factory.mktemp("rules")))


@pytest.fixture(params=["embedded", "opa"])
def engine(
    request: pytest.FixtureRequest, engines: tuple[OpenEmbedded, OpenServer], data: dict[str, Any]
) -> OpenEmbedded | OpenServer:
    """Each of them, with the city's own data."""
    chosen = engines[["embedded", "opa"].index(request.param)]
    chosen.put_data(data)
    return chosen


@pytest.fixture(scope="module")
def approved(watched: Watched) -> dict[str, Any]:
    """The decision document of the approved query."""
    return watched.question()


@pytest.fixture(scope="module")
def statistic(watched: Watched) -> dict[str, Any]:
    """The decision document of the statistic, which needs no approval."""
    return watched.question(purpose="stat", sql=query_text("stat_by_grade"))


def parent(document: Any, path: Steps) -> Any:
    for step in path[:-1]:
        document = document[step]
    return document


def changed(document: Mapping[str, Any], changes: Mapping[Steps, object]) -> dict[str, Any]:
    """A copy with other values at some paths, or with nothing there."""
    copied = copy.deepcopy(dict(document))
    for path, value in changes.items():
        if value is ABSENT:
            del parent(copied, path)[path[-1]]
        else:
            parent(copied, path)[path[-1]] = value
    return copied


def refusing(engine: Any, document: Mapping[str, Any]) -> set[str]:
    """The controls that refuse; empty for an allow."""
    decision = ask(engine, document)
    assert decision.allow == (not decision.deny)
    assert (decision.obligations is not None) == decision.allow
    return {reason.control for reason in decision.deny}


def test_what_is_asked_as_it_should_be_is_allowed(
    engine: Any, approved: dict[str, Any], statistic: dict[str, Any]
) -> None:
    """Without this, everything below would be refused for any reason whatever."""
    assert refusing(engine, approved) == set()
    assert refusing(engine, statistic) == set()


_NOTHING: list[Any] = []
MISSING: list[tuple[str, dict[Steps, object], str]] = [
    ("nobody", {("principal",): None}, "identity-verified"),
    ("no-second-factor", {("principal", "mfa"): False}, "identity-verified"),
    ("no-oath", {("principal", "oath"): False}, "training-current"),
    ("training-over", {("principal", "training_until"): "2023-09-30"}, "training-current"),
    ("training-never", {("principal", "training_until"): None}, "training-current"),
    ("account-over", {("principal", "valid_until"): "2023-09-30"}, "account-in-force"),
    ("roles-that-exclude-each-other", {("principal", "roles"): ["controller", "auditor"]}, "roles-compatible"),
    ("from-another-network", {("zone",): "lgwan"}, "network-zone"),
    ("no-hat", {("principal", "hats"): _NOTHING}, "single-hat"),
    ("two-hats", {("principal", "hats"): ["controller", "user"]}, "single-hat"),
    ("hat-of-somebody-else", {("principal", "hats"): ["cpo"]}, "single-hat"),
    ("role-nobody-knows", {("principal", "hats"): ["zzz"], ("principal", "roles"): ["zzz"]}, "action-matrix"),
    ("role-that-may-nothing", {("principal", "hats"): ["analyst"], ("principal", "roles"): ["analyst"]}, "action-matrix"),
    ("no-purpose", {("purpose",): None}, "purpose-stated"),
    ("unknown-purpose", {("purpose",): "zzz"}, "purpose-stated"),
    ("purpose-of-another-kind", {("purpose",): "stat"}, "purpose-output-kind"),
    ("no-recipient", {("recipient",): None}, "pseudonym-domain-declared"),
    ("unknown-recipient", {("recipient",): "zzz"}, "pseudonym-domain-declared"),
    ("recipient-of-another-domain", {("recipient",): "vendor-a"}, "pseudonym-domain-declared"),
    # No article is in force yet: nothing is required, and so nothing is allowed.
    ("before-the-guideline", {("time",): "2023-03-31T09:00:00+09:00"}, "request-well-formed"),
    ("after-the-purpose", {("time",): "2024-04-01T00:00:00+09:00"}, "purpose-active"),
    ("no-approval", {("approval",): None}, "approval-route"),
    ("approval-expired", {("approval", "expires_at"): "2023-09-30"}, "approval-current"),
    ("approval-not-yet-granted", {("approval", "state"): "requested"}, "approval-current"),
    ("approval-rejected", {("approval", "state"): "rejected"}, "approval-current"),
    ("approval-revoked", {("approval", "state"): "revoked"}, "approval-current"),
    ("approval-of-another-guideline", {("approval", "guideline_version"): "2022.1+0123456789ab"}, "approval-current"),
    ("approval-of-another-text", {("approval", "sql_digest"): "0" * 64}, "approval-unchanged"),
    ("approval-for-another-purpose", {("approval", "purpose"): "stat"}, "approval-route"),
    ("approval-undecided", {("approval", "approver"): None}, "approval-route"),
    ("approval-unreviewed", {("approval", "reviewers"): _NOTHING}, "approval-route"),
    ("approval-decided-by-a-reviewer", {("approval", "approver", "role"): "reviewer"}, "approval-route"),
    ("approval-of-ones-own", {("approval", "approver", "id"): "center"}, "separation-of-duties"),
    ("no-extract", {("datasets", "kaigo.cert"): ABSENT}, "sources-fresh"),
    ("extract-of-unknown-day", {("datasets", "kaigo.cert", "as_of"): None}, "sources-fresh"),
    ("extract-too-old", {("datasets", "shimin.child", "as_of"): "2023-01-01"}, "sources-fresh"),
    ("extract-of-tomorrow", {("datasets", "kaigo.cert", "as_of"): "2023-10-02"}, "sources-fresh"),
    ("another-guideline-running", {("guideline_version",): "2022.1+0123456789ab"}, "request-well-formed"),
    ("answer-of-another-day", {("as_of",): "2023-10-02"}, "request-well-formed"),
    ("nobody-in-the-rows", {("query", "scans", 0, "role"): "attribute"}, "cohort-declared"),
    ("unknown-table", {("query", "scans", 0, "dataset"): "zzz.zzz"}, "purpose-allow-list"),
    ("unknown-column", {("query", "scans", 0, "columns", 0, "column"): "zzz"}, "purpose-allow-list"),
    ("table-that-hangs-loose", {("query", "scans", 1, "role"): "unreached"}, "scans-reached"),
    ("many-rows-a-person", {("query", "output", "rows_per_subject"): "many"}, "one-row-per-subject"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "control"), [pytest.param(c, name, id=i) for i, c, name in MISSING])
def test_what_is_missing_unknown_or_over_is_refused_with_its_reason(
    engine: Any, approved: dict[str, Any], changes: dict[Steps, object], control: str
) -> None:
    """One thing that is not as it must be, and the same query is refused, under the control whose business that is."""
    assert control in refusing(engine, changed(approved, changes))


def test_without_an_approval_rows_of_persons_are_refused_whatever_the_purpose(
    engine: Any, approved: dict[str, Any]
) -> None:
    """No approval and a purpose that needs none: the purpose then gives no rows of persons."""
    bare = changed(approved, {("approval",): None, ("purpose",): "stat"})
    assert {"approval-route", "purpose-output-kind"} <= refusing(engine, bare)


def fields(document: Any, prefix: Steps = ()) -> Iterator[Steps]:
    """The path of every field of every object, at every depth."""
    steps = (
        document.items() if isinstance(document, dict) else enumerate(document if isinstance(document, list) else ())
    )
    for step, inner in steps:
        if isinstance(step, str):
            yield (*prefix, step)
        yield from fields(inner, (*prefix, step))


def test_no_field_of_the_question_can_be_left_out(watched: Watched, approved: dict[str, Any]) -> None:
    """Whatever field of an allowed question is removed, at whatever depth: it is not allowed, or not even asked."""
    paths = list(fields(approved))
    assert len(paths) > 150
    asked = len(watched.engine.questions)
    still = []
    for path in paths:
        try:
            allowed = ask(watched.engine, changed(approved, {path: ABSENT})).allow
        except SekishoError:
            allowed = False
        if allowed:
            still.append(path)
    assert still == []
    # Only what may be absent by its form, the day of an extract or of a set, came to the engine at all.
    dated = [day for entry in approved["datasets"].values() for day in (entry["as_of"], *entry["sets"].values())]
    assert len(watched.engine.questions) - asked == len(dated)


DECIDING: list[Steps] = [
    ("action",), ("time",), ("as_of",), ("principal",), ("principal", "id"), ("principal", "hats"),
    ("principal", "roles"), ("principal", "organ"), ("purpose",), ("recipient",), ("approval",),
    ("approval", "state"), ("approval", "requester"), ("approval", "reviewers"), ("approval", "approver"),
    ("approval", "expires_at"), ("approval", "guideline_version"), ("approval", "sql_digest"),
    ("guideline_version",), ("datasets",), ("query",), ("query", "sql_digest"), ("query", "scans"),
    ("query", "scans", 0, "role"), ("query", "scans", 0, "dataset"), ("query", "scans", 0, "columns"),
    ("query", "scopes"), ("query", "output"), ("query", "output", "kind"),
]  # fmt: skip


@pytest.mark.parametrize("value", ["", "zzz", 0, -1, [], {}, True], ids=repr)
def test_no_field_that_decides_takes_another_value(engine: Any, approved: dict[str, Any], value: object) -> None:
    """What decides (who, what for, under what, when) allows nothing when it is of another type or unknown."""
    # Any account of the role may ask, under an approval that whoever has drafted.
    harmless = {("principal", "id"), ("approval", "requester")} if value == "zzz" else set()
    still = []
    for path in DECIDING:
        try:
            allowed = ask(engine, changed(approved, {path: value})).allow
        except SekishoError:
            allowed = False
        if allowed and path not in harmless:
            still.append(path)
    assert still == []


@pytest.mark.parametrize(
    "requirements",
    [
        pytest.param({}, id="no-action-has-requirements"),
        pytest.param({"query": []}, id="nothing-is-required"),
        pytest.param({"query": ["rule-nobody-wrote"]}, id="a-rule-nobody-wrote"),
        pytest.param({"query": "all"}, id="no-list"),
        pytest.param({"query": [7]}, id="no-names"),
    ],
)
def test_a_missing_rule_is_a_deny(
    engine: Any, data: dict[str, Any], statistic: dict[str, Any], requirements: dict[str, Any]
) -> None:
    """Allow means that everything required has granted: no requirement, and one that no rule grants, is a deny."""
    engine.put_data({**data, "guideline": {**data["guideline"], "requirements": requirements}})
    answer = engine.decide(statistic)
    assert answer["allow"] is False
    assert answer["obligations"] is None
    assert answer["deny"]


def test_one_rule_more_that_nobody_wrote_refuses_under_its_name(
    engine: Any, data: dict[str, Any], statistic: dict[str, Any]
) -> None:
    """All that was required grants, and the one control that has no rule does not: it alone is the reason."""
    required = [*data["guideline"]["requirements"]["query"], "rule-nobody-wrote"]
    engine.put_data({**data, "guideline": {**data["guideline"], "requirements": {"query": required}}})
    assert refusing(engine, statistic) == {"rule-nobody-wrote"}


@pytest.mark.parametrize(
    "table",
    ["purposes", "domains", "recipients", "allow_list", "action_matrix", "parameters", "gates", "named_sets"],
)
def test_an_empty_table_allows_nothing(engine: Any, data: dict[str, Any], approved: dict[str, Any], table: str) -> None:
    """With one table of the guideline empty or gone, the approved query is refused and never runs under less."""
    for value in ({}, None):
        engine.put_data({**data, "guideline": {**data["guideline"], table: value}})
        assert engine.decide(approved)["allow"] is False


class Broken:
    """An engine that answers whatever it was made with, or fails with it."""

    name = "broken"
    revision = "0" * 64

    def __init__(self, answer: object) -> None:
        self._answer = answer

    def decide(self, document: Mapping[str, Any]) -> Any:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def close(self) -> None:
        """Nothing is held."""


def _but(**parts: object) -> Callable[[dict[str, Any]], object]:
    """The true answer, an allow, but for some parts."""
    return lambda answer: {name: value for name, value in {**answer, **parts}.items() if value is not ABSENT}


def _is(value: object) -> Callable[[dict[str, Any]], object]:
    return lambda _: value


_REASON = {"control": "purpose-active", "on": "purpose", "params": {}}
_DENY = {
    "allow": False,
    "required": ["purpose-active", "single-hat"],
    "granted_under": ["single-hat"],
    "obligations": None,
}

UNUSABLE: dict[str, Callable[[dict[str, Any]], object]] = {
    "nothing": _is(None),
    "true": _is(True),
    "a-text": _is("allow"),
    "a-list": _is([]),
    "an-empty-object": _is({}),
    "allow-alone": _is({"allow": True}),
    "allow-missing": _but(allow=ABSENT),
    "allow-as-a-text": _but(allow="true"),
    "allow-as-one": _but(allow=1),
    "nothing-required": _but(required=[], granted_under=[]),
    "required-missing": _but(required=ABSENT),
    "granted-missing": _but(granted_under=ABSENT),
    "required-and-not-granted": lambda answer: {**answer, "granted_under": answer["granted_under"][1:]},
    "granted-and-not-required": lambda answer: {**answer, "required": answer["required"][1:]},
    "allowed-with-a-reason-against": _but(deny=[_REASON]),
    "allowed-without-obligations": _but(obligations=None),
    "obligations-missing": _but(obligations=ABSENT),
    "obligations-of-another-shape": lambda answer: {**answer, "obligations": {**answer["obligations"], "output": {}}},
    "denied-without-a-reason": _is({**_DENY, "deny": []}),
    "denied-for-another-reason": _is({**_DENY, "deny": [{**_REASON, "control": "single-hat"}]}),
    "denied-with-obligations": lambda answer: {**_DENY, "deny": [_REASON], "obligations": answer["obligations"]},
    "one-key-more": _but(reason="because"),
    "an-error": _is(RuntimeError("山田太郎")),
    "too-deep": _is(RecursionError()),
}


@pytest.mark.parametrize("name", sorted(UNUSABLE))
def test_no_usable_answer_is_a_deny_with_its_article_and_nobody_is_asked(
    watched: Watched, approved: dict[str, Any], name: str
) -> None:
    """Whatever the engine gives in place of an answer: unavailable, a deny in the ledger, and no department has heard."""
    answer = UNUSABLE[name](copy.deepcopy(watched.engine.decide(approved)))
    asked, size = len(watched.watch.asked), watched.broker.ledger.size
    with watched.with_parts(engine=Broken(answer)), pytest.raises(Unavailable) as caught:
        watched.ask()
    assert caught.value.exit_status == 4
    assert isinstance(caught.value, PolicyUnavailable)
    assert "山田" not in str(caught.value)
    decision, refusal = [entry.document for entry in watched.broker.ledger.entries(size)]
    assert (decision["kind"], decision["allow"], decision["scans"]) == ("decision", False, {})
    assert decision["deny"] == [{"control": CONTROL_NO_ANSWER, "on": ""}]
    assert decision["articles"] == [3]
    assert (refusal["kind"], refusal["stage"], refusal["exit_status"]) == ("refusal", "decide", 4)
    assert len(watched.watch.asked) == asked


def test_the_true_answers_are_usable(watched: Watched, approved: dict[str, Any]) -> None:
    """What the answers above were made from: an allow is an allow, and a deny with its reason a deny."""
    assert ask(Broken(watched.engine.decide(approved)), approved).allow
    assert ask(Broken({**_DENY, "deny": [_REASON]}), approved).deny[0].control == "purpose-active"


def test_obligations_for_other_tables_are_no_allow(watched: Watched, approved: dict[str, Any]) -> None:
    """The answer to another question, or one that obliges to nothing for one of the tables, is not believed."""
    answer = watched.engine.decide(approved)
    scans = answer["obligations"]["scans"]
    for spoiled in (
        {name: scan for name, scan in scans.items() if name != "s1"},
        {**scans, "s9": scans["s1"]},
        {**scans, "s1": {**scans["s1"], "forms": {}}},
    ):
        broken = Broken({**answer, "obligations": {**answer["obligations"], "scans": spoiled}})
        with pytest.raises(PolicyUnavailable):
            ask(broken, approved)
    assert ask(Broken(answer), approved).allow


def test_a_policy_server_that_dies_refuses(watched: Watched, data: dict[str, Any], opa: Path) -> None:
    """A server that is killed between two questions gives no answer to the second: a deny, and nobody is asked."""
    asked = len(watched.watch.asked)
    with OpaServer(opa, bundle=load_bundle(), data=data) as server, watched.with_parts(engine=server):
        assert watched.broker.explain(watched.request()).decision.allow
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        with pytest.raises(Unavailable) as caught:
            watched.ask()
    assert caught.value.code.startswith("policy-engine")
    assert len(watched.watch.asked) == asked
    assert watched.last_entry()["exit_status"] == 4


@pytest.mark.parametrize(
    ("request_", "control"),
    [
        ({"purpose": "unknown_purpose"}, "purpose-stated"),
        ({"purpose": None}, "purpose-stated"),
        ({"approval": "AP-1999-0001"}, "approval-route"),
        ({"principal": None}, "identity-verified"),
        ({"principal": "nobody-of-that-name"}, "identity-verified"),
        ({"recipient": "unknown"}, "pseudonym-domain-declared"),
        ({"hat": "unknown"}, "single-hat"),
    ],
)
def test_what_a_person_leaves_out_or_invents_is_refused(
    watched: Watched, request_: dict[str, Any], control: str
) -> None:
    """An unknown purpose, no purpose, an unknown approval, an unverified person, an invented hat: each has its reason."""
    with pytest.raises(Denied) as caught:
        watched.ask(**request_)
    assert control in {citation.control for citation in caught.value.citations}


def test_a_year_later_nothing_counts_any_more(city: Path) -> None:
    """After the fiscal year the same request is refused: approval, purpose and sources are all over."""
    deployment = Deployment.load(city, now=datetime.fromisoformat("2024-10-01T09:00:00+09:00"))
    token = deployment.issuer.issue(deployment.principals["center"], now=deployment.clock())
    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        broker.ask(AskRequest(token=token, hat="controller", purpose=PURPOSE, approval=APPROVAL))
    controls = {citation.control for citation in caught.value.citations}
    assert {"approval-current", "purpose-active", "sources-fresh"} <= controls


def test_what_was_revoked_runs_no_more(city_with_approval: Path) -> None:
    """The approved query runs; the chief privacy officer takes the approval back; the very next request is refused."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert ask_city(broker, deployment).rows > 0
        broker.approvals.revoke(asker(deployment, broker, "cpo", "cpo"), approval=APPROVAL, reason="見直しのため")
        with pytest.raises(Denied) as caught:
            ask_city(broker, deployment)
    assert "approval-current" in {citation.control for citation in caught.value.citations}
