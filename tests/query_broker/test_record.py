"""Stages 6 and 10: what the ledger is told before the departments are asked and before anything is released."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.encoding import sidecar_digest
from audit.entry import entry_schema
from audit.receipt import verify_receipt
from audit.verification import verify
from governance.approvals import Approval
from governance.decisions import Decision, DenyReason
from governance.errors import BadInput, Denied, Fault, Unavailable
from governance.facts import QueryFacts
from governance.scans import order_digest
from policies.ask import ask
from query_broker.certify import Certificate, certify
from query_broker.combine import Combiner
from query_broker.decide import decision_input
from query_broker.describe import describe
from query_broker.parse import parse
from query_broker.pipeline import run
from query_broker.plan import FederatedPlan
from query_broker.record import (
    CONTROL_NO_ANSWER,
    MAX_REASONS,
    Intent,
    record_decision,
    record_intent,
    record_no_answer,
    record_outcome,
    record_refusal,
    result_digest,
)
from query_broker.request import QueryRequest
from query_broker.rewrite import rewrite
from tests.audit.samples import ORIGIN, VKEY
from tests.query_broker.asking import DIGEST_KEY
from tests.query_broker.path_town import GUIDELINE, TIME, Town, deny, open_town, request

SQL = "SELECT p.resident_id, k.level FROM town.person p LEFT JOIN care.cert k USING (resident_id)"
POLICY = "0a" * 32
ON = {"guideline": GUIDELINE, "policy_digest": POLICY}

APPROVAL = Approval(
    id="AP-2023-0007",
    template="some",
    purpose="care",
    state="granted",
    requester="clerk-1",
    reviewers=(),
    approver=None,
    requested_at="2023-09-01T09:00:00+09:00",
    starts_on="2023-10-01",
    expires_at="2024-03-31",
    guideline_version=GUIDELINE.version,
    sql_digest="0" * 64,
)


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as started:
        yield started


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    with open_town(tmp_path, combiner) as opened:
        yield opened


def decided(town: Town, question: QueryRequest) -> tuple[QueryFacts, dict[str, Any], Decision]:
    """The path up to the decision."""
    parts = town.parts
    parsed = parse(question.sql, catalogue=parts.catalogue, declared={}, parameters={}, digest_key=parts.digest_key)
    facts = describe(parsed, catalogue=parts.catalogue)
    document = decision_input(question, facts, guideline=GUIDELINE, catalogue=parts.catalogue, extracts={})
    return facts, document, ask(parts.engine, document)


def intended(town: Town, question: QueryRequest) -> tuple[FederatedPlan, Certificate, Intent]:
    """The path up to the intent."""
    parts = town.parts
    facts, document, decision = decided(town, question)
    obligations = decision.obligations
    assert obligations is not None
    parsed = parse(question.sql, catalogue=parts.catalogue, declared={}, parameters={}, digest_key=parts.digest_key)
    plan = rewrite(parsed, facts=facts, obligations=obligations, catalogue=parts.catalogue, as_of=question.as_of)
    certificate = certify(
        plan,
        parsed=parsed,
        facts=facts,
        obligations=obligations,
        catalogue=parts.catalogue,
        as_of=question.as_of,
        digest_key=parts.digest_key,
    )
    intent = record_intent(
        parts.ledger, request=question, decision=decision, document=document, plan=plan, certificate=certificate, **ON
    )
    return plan, certificate, intent


def last(town: Town) -> dict[str, Any]:
    """The newest entry."""
    return town.entries()[-1]


def test_an_intent_holds_the_digest_of_every_order(town: Town) -> None:
    """The allow names each scan with department, dataset and the digest of its order under the nonce; its receipt is a
    proof under the ledger's key, and the decision's input is kept with it.
    """
    question = request(SQL, approval=APPROVAL)
    plan, certificate, intent = intended(town, question)
    entry = last(town)
    assert json.loads(intent.receipt.entry) == entry
    verify_receipt(intent.receipt, vkey=VKEY, origin=ORIGIN)
    assert entry["scans"] == {
        scan.id: {
            "department": scan.department,
            "dataset": scan.order.dataset,
            "order": order_digest(scan.order, nonce=intent.nonce),
        }
        for scan in plan.scans
    }
    assert (entry["kind"], entry["allow"], entry["deny"]) == ("decision", True, [])
    assert (entry["request"], entry["time"]) == (question.id, TIME.isoformat())
    assert (entry["principal"], entry["hat"], entry["purpose"], entry["recipient"]) == (
        "clerk-1", "clerk", "care", "town-hall",
    )  # fmt: skip
    assert (entry["approval"], entry["articles"], entry["engine"]) == ("AP-2023-0007", [3], "council")
    assert (entry["final_sql_digest"], entry["certificate_digest"]) == (
        certificate.final_sql_digest,
        certificate.digest,
    )
    assert entry["pseudonyms"] == {"domain": "tests", "epoch": "2023"}
    assert sidecar_digest(town.ledger.sidecar(entry["input_digest"])) == entry["input_digest"]


def test_no_two_intents_share_a_nonce(town: Town) -> None:
    """128 random bits for each request, so that equal orders leave different digests."""
    intents = [intended(town, request(SQL))[2] for _ in range(3)]
    assert len({intent.nonce for intent in intents}) == 3
    assert all(len(bytes.fromhex(intent.nonce)) == 16 for intent in intents)
    orders = [entry["scans"]["s1"]["order"] for entry in town.entries()]
    assert len(set(orders)) == 3
    assert not any(intent.nonce in json.dumps(town.entries()) for intent in intents)


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({"principal": None}, ("principal", "hat")),
        ({"purpose": None}, ("purpose",)),
        ({"purpose": "yamada"}, ("purpose",)),
        ({"recipient": "yamada"}, ("recipient",)),
        ({"recipient": None}, ("recipient",)),
        ({"hats": ()}, ("hat",)),
        ({"hats": ("clerk", "clerk")}, ("hat",)),
        ({"hats": ("yamada",)}, ("hat",)),
    ],
    ids=str,
)
def test_what_nobody_has_registered_is_recorded_as_absent(
    town: Town, changes: dict[str, Any], absent: tuple[str, ...]
) -> None:
    """A name that the guideline does not know may be anything: it is in no entry and in no sidecar."""
    changes = dict(changes)
    hats = changes.pop("hats", None)
    question = request(SQL, **changes)
    if hats is not None and question.principal is not None:
        question = replace(question, principal=replace(question.principal, hats=hats))
    town.council.says = lambda _: deny(("only-in-town", "purpose"))
    with pytest.raises(Denied):
        run(question, town.parts)
    entry = last(town)
    for field in ("principal", "hat", "purpose", "recipient"):
        assert (entry[field] is None) == (field in absent)
    assert "yamada" not in json.dumps([entry, town.ledger.sidecar(entry["input_digest"])])


def test_a_deny_is_recorded_with_its_reasons_and_articles(town: Town) -> None:
    """Reasons in their order, each with what it is about; articles ascending, each once; no scan and no final SQL."""
    town.council.says = lambda _: deny(("only-on-weekdays", "time"), ("only-in-town", "s1.age"), ("only-in-town", "s2"))
    question = request(SQL)
    _, document, decision = decided(town, question)
    receipt = record_decision(town.ledger, request=question, decision=decision, document=document, **ON)
    entry = last(town)
    assert (receipt.index, entry["allow"], entry["articles"]) == (1, False, [7])
    assert entry["deny"] == [
        {"control": "only-on-weekdays", "on": "time"},
        {"control": "only-in-town", "on": "s1.age"},
        {"control": "only-in-town", "on": "s2"},
    ]
    assert (entry["granted_under"], entry["scans"], entry["final_sql_digest"]) == (["all-in-order"], {}, None)


@given(st.lists(st.sampled_from(["only-on-weekdays", "only-in-town", "all-in-order"]), min_size=1, max_size=1_200))
def test_of_very_many_reasons_each_control_is_kept_and_the_order_stays(controls: list[str]) -> None:
    """As many as the ledger's schema admits; what is kept stands in its order, and no control is lost."""
    from query_broker.record import _reasons

    reasons = tuple(DenyReason(control=c, on=f"s{n}", params={}) for n, c in enumerate(controls, start=1))
    decision = Decision(
        allow=False, required=("all-in-order",), granted_under=(), deny=reasons, obligations=None, input_digest="", engine=""
    )  # fmt: skip
    kept = _reasons(decision)
    assert len(kept) == min(len(reasons), MAX_REASONS)
    assert {reason.control for reason in kept} == set(controls)
    assert kept == [reason for reason in reasons if reason in kept]


def test_the_most_reasons_are_what_the_schema_of_entries_says() -> None:
    """The two numbers are one."""
    assert entry_schema()["$defs"]["decision"]["properties"]["deny"]["maxItems"] == MAX_REASONS


def test_no_answer_is_recorded_as_a_deny_with_its_article(town: Town) -> None:
    """Where the policy gave none, the entry says so under the control that stands for it."""
    question = request(SQL)
    _, document, decision = decided(town, question)
    record_no_answer(
        town.ledger, request=question, document=document, engine="council", input_digest=decision.input_digest, **ON
    )
    entry = last(town)
    assert (entry["allow"], entry["required"], entry["articles"]) == (False, [], [3])
    assert entry["deny"] == [{"control": CONTROL_NO_ANSWER, "on": ""}]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadInput("sql-empty"), {"code": "sql-empty", "exit_status": 2, "department": None, "incident": None}),
        (
            Unavailable("department-missing", department="care"),
            {"code": "department-missing", "exit_status": 4, "department": "care", "incident": None},
        ),
        (Fault("0123456789ab"), {"code": "internal-fault", "exit_status": 5, "incident": "0123456789ab"}),
        (BadInput("sql-empty", incident="0123456789ab"), {"incident": None}),
    ],
    ids=["input", "department", "fault", "no-fault"],
)
def test_a_refusal_is_recorded_with_code_stage_and_place(town: Town, error: Any, expected: dict[str, Any]) -> None:
    """Code, exit status and stage; the department where one is concerned; the incident where it is a fault of ours."""
    record_refusal(
        town.ledger, request=request("x"), error=error, stage="parse", decision=None, facts=None, guideline=GUIDELINE
    )
    entry = last(town)
    assert {name: entry[name] for name in expected} == expected
    assert (entry["kind"], entry["stage"], entry["decision"], entry["sql_digest"]) == ("refusal", "parse", None, None)


def test_a_refusal_after_the_decision_names_it(town: Town) -> None:
    """The index of the decision, and the digest of the text once that is known."""
    question = request(SQL)
    facts, _, _ = decided(town, question)
    _, _, intent = intended(town, question)
    record_refusal(
        town.ledger,
        request=question,
        error=Unavailable("combine-late"),
        stage="combine",
        decision=intent.receipt,
        facts=facts,
        guideline=GUIDELINE,
    )
    entry = last(town)
    assert (entry["decision"], entry["sql_digest"]) == (intent.receipt.index, facts.sql_digest)


def test_an_entry_that_the_ledger_does_not_admit_is_a_fault_of_ours(town: Town) -> None:
    """Whoever asked has done nothing wrong where what we wrote is outside the schema, or a request is used again."""
    question = request(SQL)
    intended(town, question)
    with pytest.raises(Fault):
        intended(town, question)
    town.council.says = lambda _: deny(("only-in-town", "山田 太郎"))
    again = request(SQL)
    _, document, decision = decided(town, again)
    with pytest.raises(Fault) as caught:
        record_decision(town.ledger, request=again, decision=decision, document=document, **ON)
    assert "山田" not in str(caught.value)
    assert len(town.entries()) == 1


def test_an_outcome_says_what_is_released(town: Town) -> None:
    """Rows, columns, suppressed groups, cells by department, and the digest of the result that is handed over."""
    question = request(SQL)
    _, _, intent = intended(town, question)
    table = pa.table({"a": [1, 2, 3], "b": ["x", None, "y"]})
    receipt, digest = record_outcome(
        town.ledger,
        request=question,
        intent=intent,
        table=table,
        suppressed=4,
        cells={"care": 7},
        known={"care.cert": 3, "clinic.visit": 2},
        guideline=GUIDELINE,
        digest_key=DIGEST_KEY,
    )
    entry = last(town)
    assert (entry["kind"], entry["decision"]) == ("release", intent.receipt.index)
    assert (entry["rows"], entry["columns"], entry["suppressed_groups"], entry["cells"]) == (3, 2, 4, {"care": 7})
    assert entry["known"] == {"care.cert": 3, "clinic.visit": 2}
    assert entry["result_digest"] == digest == result_digest(table, key=DIGEST_KEY)
    verify_receipt(receipt, vkey=VKEY, origin=ORIGIN)


def test_every_kind_of_entry_stands_up_to_verification(town: Town, tmp_path: Path) -> None:
    """What this room writes, an auditor's second reading finds sound."""
    run(request(SQL), town.parts)
    town.council.says = lambda _: deny(("only-in-town", "s1"))
    with pytest.raises(Denied):
        run(request(SQL), town.parts)
    town.council.says = lambda _: None
    with pytest.raises(Unavailable):
        run(request(SQL), town.parts)
    with pytest.raises(BadInput):
        run(request("SELECT"), town.parts)
    kinds = [(entry["kind"], entry.get("allow")) for entry in town.entries()]
    assert kinds == [
        ("decision", True), ("release", None), ("decision", False), ("decision", False), ("refusal", None), ("refusal", None),
    ]  # fmt: skip
    assert verify(tmp_path / "ledger.sqlite", vkey=VKEY, origin=ORIGIN).ok


# --- the digest of a result -------------------------------------------------------------------------------------------

ROWS = st.lists(st.tuples(st.none() | st.integers(0, 3), st.none() | st.text(max_size=3)), max_size=6)


def _table(rows: list[tuple[int | None, str | None]]) -> pa.Table:
    return pa.table({"n": pa.array([n for n, _ in rows], pa.int64()), "t": pa.array([t for _, t in rows], pa.string())})


@given(ROWS, st.integers(1, 3))
def test_the_digest_does_not_depend_on_how_a_table_is_cut(rows: list[tuple[int | None, str | None]], size: int) -> None:
    """Chunks and metadata are no part of the result."""
    table = _table(rows)
    cut = pa.Table.from_batches(table.to_batches(max_chunksize=size), schema=table.schema)
    sliced = pa.concat_tables([table, table]).slice(len(rows))
    for same in (cut, sliced, table.replace_schema_metadata({"a": "b"})):
        assert result_digest(same, key=DIGEST_KEY) == result_digest(table, key=DIGEST_KEY)


@given(ROWS, ROWS)
def test_different_results_have_different_digests(
    one: list[tuple[int | None, str | None]], other: list[tuple[int | None, str | None]]
) -> None:
    """Values, their order, and what is missing are all in it."""
    assert (result_digest(_table(one), key=DIGEST_KEY) == result_digest(_table(other), key=DIGEST_KEY)) == (
        one == other
    )


def test_the_digest_is_of_names_and_types_too() -> None:
    """The same values under another name or of another type are another result."""
    tables = [
        pa.table({"a": pa.array([1], pa.int64())}),
        pa.table({"b": pa.array([1], pa.int64())}),
        pa.table({"a": pa.array([1], pa.int32())}),
        pa.table({"a": pa.array([date(1970, 1, 2)], pa.date32())}),
        pa.table({"a": pa.array([1], pa.int64()), "b": pa.array([1], pa.int64())}),
    ]
    digests = {result_digest(table, key=DIGEST_KEY) for table in tables}
    assert len(digests) == len(tables)
    assert all(len(digest) == hashlib.sha256().digest_size * 2 for digest in digests)
