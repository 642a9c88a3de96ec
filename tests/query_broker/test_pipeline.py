"""The one path: what comes out of it, where it ends early, and what the ledger and the log say of each end."""

from __future__ import annotations

import json
import re
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from audit.ledger import Ledger
from connectors.evidence import Evidence
from governance.errors import BadInput, CheckFailed, Denied, Fault, SekishoError, Unavailable
from governance.scans import ScanOrder
from policies.ask import PolicyUnavailable
from query_broker.certify import NotCertified
from query_broker.combine import Combiner
from query_broker.pipeline import STAGES, describe_only, explain, run
from query_broker.record import CONTROL_NO_ANSWER, result_digest
from tests.audit.samples import SIGNER, VKEY
from tests.query_broker.asking import DIGEST_KEY
from tests.query_broker.holders import in_any_order, masked_town
from tests.query_broker.path_town import KEY_ID, Holder, Town, deny, open_town, request

ROWS = "SELECT p.resident_id, p.age, k.level FROM town.person p LEFT JOIN care.cert k USING (resident_id)"
GROUPS = "SELECT p.sex, count(*) AS n FROM town.person p GROUP BY p.sex"
SECRET = "山田花子"


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as started:
        yield started


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    with open_town(tmp_path, combiner) as opened:
        yield opened


def lines(town: Town) -> list[dict[str, Any]]:
    """The canonical lines of the log: one a request."""
    parsed = [json.loads(line) for line in town.log.getvalue().splitlines()]
    return [line for line in parsed if line["event"] == "query"]


# --- to the end -------------------------------------------------------------------------------------------------------


SERVED = (
    "SELECT p.resident_id FROM town.person p WHERE EXISTS "
    "(SELECT 1 FROM care.cert k WHERE k.resident_id = p.resident_id AND NOT k.in_facility)"
)
VISITS = (
    "SELECT p.resident_id, v.absent FROM town.person p LEFT JOIN (SELECT g.resident_id, sum(v.absent) AS absent "
    "FROM clinic.register g JOIN clinic.visit v ON v.patient = g.patient GROUP BY g.resident_id) v USING (resident_id)"
)


@pytest.mark.parametrize(
    "sql", [ROWS, "SELECT p.resident_id, p.age FROM town.person p WHERE p.age >= 10", SERVED, VISITS]
)
def test_a_release_is_what_the_query_says_about_the_masked_town(town: Town, sql: str) -> None:
    """Through orders, holders, proofs and the combining process comes what plain SQL gives over the same forms."""
    release = run(request(sql), town.parts)
    with masked_town(town.tables) as everything:
        expected = everything.execute(sql).fetchall()
    assert in_any_order([tuple(row.values()) for row in release.table.to_pylist()]) == in_any_order(expected)
    assert release.rows == len(expected) > 0


def test_a_release_carries_its_grounds_and_its_places_in_the_ledger(town: Town) -> None:
    """Controls, articles, cells, key, digest; the decision stands before the release, and both are of this request."""
    question = request(ROWS)
    release = run(question, town.parts)
    decision, outcome = town.entries()
    assert (release.decision_index, release.ledger_index) == (1, 2)
    assert release.request == question.id == decision["request"] == outcome["request"]
    assert (release.controls, release.articles) == (("all-in-order",), (3,))
    assert (release.key_id, release.smallest_group) == (KEY_ID, 0)
    assert release.result_digest == outcome["result_digest"] == result_digest(release.table, key=DIGEST_KEY)
    assert json.loads(release.receipt.entry) == outcome
    (line,) = lines(town)
    assert (line["outcome"], line["exit_status"], line["stage"], line["ledger_index"]) == ("released", 0, STAGES[-1], 2)
    assert (line["departments"], line["scans"], line["cells"]) == (["care", "town"], 2, dict(release.cells))


def test_small_groups_do_not_leave_and_are_counted(town: Town) -> None:
    """The smallest group of the decision is kept by the path; how many were left out is in the ledger, and there alone."""
    sql = "SELECT p.age, count(*) AS n FROM town.person p GROUP BY p.age"
    with masked_town(town.tables) as everything:
        sizes = dict(everything.execute(sql).fetchall())
    town.council.smallest = 4
    release = run(request(sql), town.parts)
    assert release.rows < len(sizes)
    assert all(row["n"] == sizes[row["age"]] >= 4 for row in release.table.to_pylist())
    assert release.smallest_group == 4
    assert town.entries()[-1]["suppressed_groups"] > 0
    assert "suppressed" not in town.log.getvalue()


def test_a_parameter_binds_its_value(town: Town) -> None:
    """The value goes with the plan, and stands in no record."""
    release = run(
        request("SELECT p.resident_id, p.age FROM town.person p WHERE p.age >= $years", parameters={"years": 15}),
        town.parts,
    )
    assert {row["age"] for row in release.table.to_pylist()} <= {15, 16, 17}
    assert release.rows > 0


# --- where it ends early ----------------------------------------------------------------------------------------------


class Tripping(Holder):
    """A holder that fails in a way of its own."""

    def __init__(self, town: Town, name: str, error: BaseException, *, on: str = "scan") -> None:
        super().__init__(name, town.tables)
        self._error = error
        self._on = on

    def as_of(self, dataset: str) -> date:
        if self._on == "as_of":
            raise self._error
        return super().as_of(dataset)

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        reader = super().scan(order, evidence)
        if self._on == "scan":
            raise self._error

        def batches() -> Iterator[pa.RecordBatch]:
            yield from reader
            raise self._error

        return pa.RecordBatchReader.from_batches(reader.schema, batches())


def _care(town: Town, error: BaseException, *, on: str = "scan") -> Any:
    return town.other(departments={**town.holders, "care": Tripping(town, "care", error, on=on)})


def _without_care(town: Town) -> Any:
    return town.other(departments={name: h for name, h in town.holders.items() if name != "care"})


def _says(change: Callable[[dict[str, Any]], object]) -> Callable[[Town], Any]:
    def parts(town: Town) -> Any:
        def say(document: Mapping[str, Any]) -> Any:
            answer = town.council.allow(document)
            change(answer)
            return answer

        town.council.says = say
        return town.parts

    return parts


def _cap(answer: dict[str, Any]) -> None:
    answer["obligations"]["output"]["max_rows"] = 1


def _household(answer: dict[str, Any]) -> None:
    counts = answer["obligations"]["output"]["count_by"]
    counts.append({"scan": counts[0]["scan"], "column": counts[0]["column"], "unit": "household"})


ENDS: list[tuple[str, str, Callable[[Town], Any], type[SekishoError], str, str]] = [
    ("no-text", "", lambda t: t.parts, BadInput, "sql-empty", "parse"),
    ("no-sql", "SELECT FROM", lambda t: t.parts, BadInput, "sql-unreadable", "parse"),
    ("no-column", "SELECT p.nothing FROM town.person p", lambda t: t.parts, BadInput, "sql-name-unknown", "parse"),
    ("keys-of-two-kinds", "SELECT p.resident_id FROM town.person p JOIN town.dwelling d ON d.dwelling_id = p.resident_id", lambda t: t.parts, BadInput, "sql-key-kinds-differ", "describe"),
    ("holder-without-a-day", ROWS, lambda t: _care(t, Unavailable("extract-missing", file="x"), on="as_of"), Unavailable, "extract-missing", "decide"),
    ("another-type", "SELECT p.resident_id FROM town.person p WHERE p.age = 'x'", lambda t: t.parts, BadInput, "", "rewrite"),
    ("a-plan-without-proof", GROUPS, _says(_household), NotCertified, "not-certified", "certify"),
    ("holder-not-there", ROWS, _without_care, Unavailable, "department-missing", "scan"),
    ("holder-down", ROWS, lambda t: _care(t, Unavailable("source-missing", file="x")), Unavailable, "source-missing", "scan"),
    ("holder-refuses-the-proof", ROWS, lambda t: _care(t, CheckFailed("scan-evidence-invalid")), CheckFailed, "scan-evidence-invalid", "scan"),
    ("holder-sends-too-much", ROWS, lambda t: t.other(max_cells=3), Unavailable, "stream-too-large", "scan"),
    ("holder-breaks-off", ROWS, lambda t: _care(t, Unavailable("source-missing", file="x"), on="stream"), Unavailable, "source-missing", "scan"),
    ("too-many-rows", ROWS, _says(_cap), BadInput, "", "combine"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "spoil", "kind", "code", "stage"), [pytest.param(*end[1:], id=end[0]) for end in ENDS])
def test_an_early_end_is_recorded_with_its_stage_and_code(
    town: Town, sql: str, spoil: Callable[[Town], Any], kind: type[SekishoError], code: str, stage: str
) -> None:
    """Wherever the path ends, the same error comes out, the ledger has a refusal with its code and stage, after the
    decision where there is one, and the log has the one line of the request.
    """
    parts = spoil(town)
    question = request(sql)
    with pytest.raises(kind) as caught:
        run(question, parts)
    assert not code or caught.value.code == code
    *before, refusal = town.entries()
    assert (refusal["kind"], refusal["request"]) == ("refusal", question.id)
    assert (refusal["code"], refusal["exit_status"]) == (caught.value.code, caught.value.exit_status)
    assert refusal["stage"] == stage
    decisions = [index for index, entry in enumerate(before, start=1) if entry["kind"] == "decision"]
    asked_anybody = STAGES.index(stage) > STAGES.index("record-intent")
    assert len(decisions) == asked_anybody
    assert refusal["decision"] == (decisions[0] if asked_anybody else None)
    assert any(holder.asked for holder in town.holders.values()) == asked_anybody
    (line,) = lines(town)
    assert (line["outcome"], line["code"], line["stage"]) == (kind.kind, caught.value.code, stage)


def test_a_department_that_fails_is_named(town: Town) -> None:
    """The ledger says whose failure it was."""
    with pytest.raises(Unavailable):
        run(request(ROWS), _care(town, Unavailable("source-missing", file="x", department="care")))
    assert town.entries()[-1]["department"] == "care"


def test_a_combination_that_is_late_is_killed_and_recorded(town: Town) -> None:
    """The combining process has a deadline; past it nothing is released, and the departments' cells are gone."""
    with Combiner(deadline_seconds=0.0) as late, pytest.raises(Unavailable) as caught:
        run(request(ROWS), town.other(combiner=late))
    assert caught.value.code.startswith("combine-")
    refusal = town.entries()[-1]
    assert (refusal["stage"], refusal["exit_status"], refusal["decision"]) == ("combine", 4, 1)


def test_a_deny_is_one_entry_and_no_refusal(town: Town) -> None:
    """The decision itself is the record; it tells its articles, and no department hears of the query."""
    town.council.says = lambda _: deny(("only-in-town", "s2"), ("only-on-weekdays", "time"))
    with pytest.raises(Denied) as caught:
        run(request(ROWS), town.parts)
    (entry,) = town.entries()
    assert (entry["kind"], entry["allow"], entry["articles"]) == ("decision", False, [7])
    assert caught.value.decision_id == "1"
    assert [(c.control, c.article, c.rule, c.on) for c in caught.value.citations] == [
        ("only-in-town", 7, "R7-2", "s2"),
        ("only-on-weekdays", 7, "R7-1", "time"),
    ]
    assert not any(holder.asked for holder in town.holders.values())
    (line,) = lines(town)
    assert (line["outcome"], line["articles"], line["exit_status"]) == ("denied", [7], 3)


def test_no_answer_of_the_policy_is_a_deny_and_a_refusal(town: Town) -> None:
    """Two entries: the deny that stands in the place of the answer, and the end of the query that names it."""
    town.council.says = lambda _: {"allow": True}
    with pytest.raises(PolicyUnavailable):
        run(request(ROWS), town.parts)
    decision, refusal = town.entries()
    assert decision["deny"] == [{"control": CONTROL_NO_ANSWER, "on": ""}]
    assert (refusal["stage"], refusal["decision"], refusal["exit_status"]) == ("decide", 1, 4)
    assert not any(holder.asked for holder in town.holders.values())


def test_a_deny_under_a_control_that_no_article_binds_is_a_fault(town: Town) -> None:
    """A reason without an article cannot be told: nothing is released, and the fault is recorded."""
    town.council.says = lambda _: deny(("nobody-wrote-this", "s1"))
    with pytest.raises(Fault):
        run(request(ROWS), town.parts)
    (refusal,) = town.entries()
    assert (refusal["kind"], refusal["exit_status"]) == ("refusal", 5)


# --- what is not ours -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        ValueError(f"cannot convert {SECRET}"),
        KeyError(SECRET),
        pa.ArrowInvalid(SECRET),
        MemoryError(),
        RecursionError(),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("on", ["scan", "stream", "as_of"])
def test_a_foreign_exception_becomes_a_fault_without_its_text(town: Town, error: Exception, on: str) -> None:
    """Whatever a part raises: an incident, the same in error, ledger and log; the log has its type and its place, and
    no word of it is anywhere, in a traceback neither.
    """
    with pytest.raises(Fault) as caught:
        run(request(ROWS), _care(town, error, on=on))
    incident = caught.value.params["incident"]
    refusal = town.entries()[-1]
    assert (refusal["code"], refusal["exit_status"], refusal["incident"]) == ("internal-fault", 5, incident)
    assert refusal["stage"] == ("decide" if on == "as_of" else "scan")
    (line,) = lines(town)
    assert (line["incident"], line["exception_type"]) == (incident, type(error).__name__)
    assert re.fullmatch(r"\w+\.\w+:\d+", line["reason"])
    told = "".join(traceback.format_exception(caught.value)) + str(caught.value) + repr(caught.value.params)
    assert SECRET not in told + town.log.getvalue() + json.dumps(town.entries(), ensure_ascii=False)


def test_an_interrupt_comes_through_and_releases_nothing(town: Town) -> None:
    """Whoever stops the process stops the query: the allow stands alone in the ledger."""
    with pytest.raises(KeyboardInterrupt):
        run(request(ROWS), _care(town, KeyboardInterrupt()))
    assert [entry["kind"] for entry in town.entries()] == ["decision"]


class Disk(sqlite3.Connection):
    """A connection to SQLite whose disk can be made read-only."""

    opened: ClassVar[list[Disk]] = []

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        Disk.opened.append(self)


@pytest.fixture
def failing(town: Town, tmp_path: Path) -> Iterator[Ledger]:
    """The town's ledger, on a disk that can fail; the writing connection is the first."""
    Disk.opened.clear()
    with closing(Ledger.open(tmp_path / "ledger.sqlite", pinned=VKEY, signer=SIGNER, connection=Disk)) as ledger:
        yield ledger


def test_without_the_ledger_nothing_is_asked_and_the_log_knows(town: Town, failing: Ledger) -> None:
    """A ledger that takes no entry ends the query before any department, and there is no refusal to write either."""
    Disk.opened[0].execute("PRAGMA query_only = ON")
    with pytest.raises(Unavailable) as caught:
        run(request(ROWS), town.other(ledger=failing))
    assert (caught.value.code, caught.value.exit_status) == ("ledger-unavailable", 4)
    assert town.entries() == []
    assert not any(holder.asked for holder in town.holders.values())
    (line,) = lines(town)
    assert (line["code"], line["stage"]) == ("ledger-unavailable", "record-intent")


def test_a_refusal_that_cannot_be_recorded_ends_as_unavailable_without_foreign_words(
    town: Town, failing: Ledger
) -> None:
    """The ledger fails while the end of a query is written: that is what comes out, and the traceback shows no word of
    what had happened before.
    """

    class Last(Tripping):
        def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
            Disk.opened[0].execute("PRAGMA query_only = ON")
            return super().scan(order, evidence)

    departments = {**town.holders, "care": Last(town, "care", ValueError(SECRET))}
    with pytest.raises(Unavailable) as caught:
        run(request(ROWS), town.other(ledger=failing, departments=departments))
    assert caught.value.code == "ledger-unavailable"
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + town.log.getvalue()
    assert [entry["kind"] for entry in town.entries()] == ["decision"]
    # The log still has the fault itself.
    assert [line["outcome"] for line in lines(town)] == ["fault"]


# --- explanations -----------------------------------------------------------------------------------------------------


def test_an_explanation_has_the_plan_and_asks_nobody(town: Town) -> None:
    """Facts, decision and plan as a run would have them, a bound of cells, no entry, no order and no line in the log."""
    question = request(ROWS)
    explanation = explain(question, town.parts)
    assert explanation.plan is not None
    assert explanation.decision.allow
    assert [cells.scan.order.dataset for cells in explanation.cells] == ["town.person", "care.cert"]
    bound = {cells.scan.department: cells.cells_at_most for cells in explanation.cells}
    assert town.entries() == []
    assert lines(town) == []
    assert not any(holder.asked for holder in town.holders.values())
    assert describe_only(question, town.parts) == explanation.facts
    release = run(question, town.parts)
    assert all(release.cells[name] <= bound[name] for name in bound)


def test_an_explanation_of_a_deny_has_no_plan(town: Town) -> None:
    """The reasons are there, and nothing that would run."""
    town.council.says = lambda _: deny(("only-in-town", "s2"))
    explanation = explain(request(ROWS), town.parts)
    assert (explanation.plan, explanation.cells) == (None, ())
    assert [reason.control for reason in explanation.decision.deny] == ["only-in-town"]


@pytest.mark.parametrize(
    ("sql", "kind"), [("SELECT", BadInput), ("SELECT p.resident_id FROM town.person p WHERE p.age = 'x'", BadInput)]
)
def test_an_explanation_refuses_what_a_run_refuses(town: Town, sql: str, kind: type[SekishoError]) -> None:
    """With the same code, and without a trace."""
    with pytest.raises(kind) as explained:
        explain(request(sql), town.parts)
    assert town.entries() == []
    with pytest.raises(kind) as ran:
        run(request(sql), town.parts)
    assert explained.value.code == ran.value.code


def test_an_explanation_without_a_department_is_unavailable(town: Town) -> None:
    """A dataset whose department is not connected has no bound of cells, and is named as in a run."""
    with pytest.raises(Unavailable) as caught:
        explain(request(ROWS), _without_care(town))
    assert (caught.value.code, caught.value.params) == ("department-missing", {"department": "care"})


def test_without_an_answer_there_is_no_explanation(town: Town) -> None:
    """The policy engine does not answer: unavailable, as for a run."""
    town.council.says = lambda _: None
    with pytest.raises(PolicyUnavailable):
        explain(request(ROWS), town.parts)
    assert town.entries() == []


# --- the order of things ----------------------------------------------------------------------------------------------


def test_every_stage_is_passed_in_its_order(town: Town) -> None:
    """The policy is asked before the ledger has anything, the ledger has the allow before a holder is asked, and the
    release before the answer is handed over.
    """
    seen: list[tuple[str, int]] = []

    class Noting(Holder):
        def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
            seen.append((f"scan {order.dataset}", len(town.entries())))
            return super().scan(order, evidence)

    def say(document: Mapping[str, Any]) -> Any:
        seen.append(("decide", len(town.entries())))
        return town.council.allow(document)

    town.council.says = say
    departments = {name: Noting(name, town.tables) for name in town.holders}
    run(request(ROWS), town.other(departments=departments))
    assert seen == [("decide", 0), ("scan town.person", 1), ("scan care.cert", 1)]
    assert len(town.entries()) == 2


def test_a_request_is_decided_once(town: Town) -> None:
    """The same request sent again is not decided again, asks nobody, and ends as a fault of whoever numbered it."""
    question = request(ROWS)
    run(question, town.parts)
    asked = {name: len(holder.asked) for name, holder in town.holders.items()}
    with pytest.raises(Fault):
        run(replace(question), town.parts)
    assert {name: len(holder.asked) for name, holder in town.holders.items()} == asked
    assert [entry["kind"] for entry in town.entries()] == ["decision", "release", "refusal"]
