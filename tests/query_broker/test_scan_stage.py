"""Stage 7: every department is asked with its proof, once for equal orders, and what comes is checked before it counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.department import KEY_METADATA, ORDER_METADATA
from connectors.evidence import Evidence
from governance.errors import CheckFailed, Fault, Unavailable
from governance.scans import ScanOrder
from masking.arrow_types import ARROW_TYPES
from policies.ask import ask
from query_broker.certify import certify
from query_broker.combine import Combiner
from query_broker.decide import decision_input
from query_broker.describe import describe
from query_broker.parse import parse
from query_broker.plan import FederatedPlan
from query_broker.record import Intent, record_intent
from query_broker.rewrite import rewrite
from query_broker.scan import expected_schema, scan_departments
from tests.query_broker.holders import answer
from tests.query_broker.path_town import KEY_ID, Holder, Town, open_town, request

THREE = (
    "SELECT p.resident_id, k.level, v.absent FROM town.person p "
    "LEFT JOIN care.cert k USING (resident_id) "
    "LEFT JOIN (SELECT g.resident_id, max(v.absent) AS absent FROM clinic.register g "
    "JOIN clinic.visit v ON v.patient = g.patient GROUP BY g.resident_id) v USING (resident_id)"
)
TWICE = (
    "SELECT p.resident_id, a.year, b.year AS other FROM town.person p "
    "JOIN clinic.register a ON a.resident_id = p.resident_id "
    "JOIN clinic.register b ON b.resident_id = p.resident_id"
)


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    """Nothing is combined here, but the parts of the path want one."""
    with Combiner() as started:
        yield started


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    """The town, with a ledger of its own."""
    with open_town(tmp_path, combiner) as opened:
        yield opened


def planned(town: Town, sql: str) -> tuple[FederatedPlan, Intent]:
    """A plan, and its intent in the ledger: the path up to the scan."""
    question, parts = request(sql), town.parts
    parsed = parse(sql, catalogue=parts.catalogue, declared={}, parameters={}, digest_key=parts.digest_key)
    facts = describe(parsed, catalogue=parts.catalogue)
    document = decision_input(question, facts, guideline=parts.guideline, catalogue=parts.catalogue, extracts={})
    decision = ask(parts.engine, document)
    assert decision.obligations is not None
    plan = rewrite(
        parsed, facts=facts, obligations=decision.obligations, catalogue=parts.catalogue, as_of=question.as_of
    )
    intent = record_intent(
        parts.ledger,
        request=question,
        decision=decision,
        document=document,
        plan=plan,
        certificate=certify(
            plan,
            parsed=parsed,
            facts=facts,
            obligations=decision.obligations,
            catalogue=parts.catalogue,
            as_of=question.as_of,
            digest_key=parts.digest_key,
        ),
        guideline=parts.guideline,
        policy_digest=parts.policy_digest,
    )
    return plan, intent


class Stray(Holder):
    """A holder whose stream is spoiled on its way."""

    def __init__(self, town: Town, name: str, **spoiled: Any) -> None:
        super().__init__(name, town.tables)
        self._spoiled = spoiled

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        table = super().scan(order, evidence).read_all()
        spoiled = self._spoiled
        if "table" in spoiled:
            table = spoiled["table"](table).replace_schema_metadata(table.schema.metadata)
        metadata = {**(table.schema.metadata or {}), **spoiled.get("metadata", {})}
        metadata = {key: value for key, value in metadata.items() if value is not None}
        return table.replace_schema_metadata(metadata or None).to_reader()


def scanned(town: Town, /, sql: str = THREE, *, max_cells: int = 10_000, **holders: Any) -> Any:
    """A plan carried out, with other holders in the place of some."""
    plan, intent = planned(town, sql)
    departments = {name: holder for name, holder in {**town.holders, **holders}.items() if holder is not None}
    return scan_departments(plan, intent=intent, departments=departments, max_cells=max_cells)


def test_every_table_of_the_query_has_its_stream(town: Town) -> None:
    """Each table reference is served exactly what its holder computes for its order, under one key's id."""
    plan, intent = planned(town, THREE)
    gathered = scan_departments(plan, intent=intent, departments=town.holders, max_cells=10_000)
    assert {scan for stream in gathered.streams for scan in stream.ids} == {"s1", "s2", "s3", "s4"}
    assert gathered.key_id == KEY_ID
    orders = {scan.id: scan.order for scan in plan.scans}
    for stream in gathered.streams:
        assert stream.table.equals(answer(orders[stream.ids[0]], town.tables))
        assert stream.table.schema.remove_metadata() == expected_schema(orders[stream.ids[0]])


def test_cells_are_rows_times_columns_by_department(town: Town) -> None:
    """The cost of each department is the cells of all its streams, and every department that was asked is named."""
    plan, intent = planned(town, THREE)
    gathered = scan_departments(plan, intent=intent, departments=town.holders, max_cells=10_000)
    expected = dict.fromkeys(("care", "clinic", "town"), 0)
    for scan in plan.scans:
        table = answer(scan.order, town.tables)
        expected[scan.department] += table.num_rows * table.num_columns
    assert dict(gathered.cells) == expected
    assert list(gathered.cells) == sorted(gathered.cells)
    nothing = scanned(town, "SELECT p.resident_id FROM town.person p WHERE p.sex = 'x'")
    assert dict(nothing.cells) == {"town": 0}


def test_equal_orders_are_asked_once_and_serve_every_reference(town: Town) -> None:
    """Two references to a table that need the same of it are one order, one stream, and one cost."""
    plan, intent = planned(town, TWICE)
    assert [scan.id for scan in plan.scans] == ["s1", "s2", "s3"]
    assert plan.scans[1].order == plan.scans[2].order
    gathered = scan_departments(plan, intent=intent, departments=town.holders, max_cells=10_000)
    assert sorted(stream.ids for stream in gathered.streams) == [("s1",), ("s2", "s3")]
    assert len(town.holders["clinic"].asked) == 1
    served = next(stream.table for stream in gathered.streams if len(stream.ids) == 2)
    assert gathered.cells["clinic"] == served.num_rows * served.num_columns


def test_orders_that_differ_are_asked_each(town: Town) -> None:
    """The same table with another filter or other columns is another order."""
    differs = TWICE + " AND b.year = 2023"
    plan, intent = planned(town, differs)
    assert plan.scans[1].order != plan.scans[2].order
    gathered = scan_departments(plan, intent=intent, departments=town.holders, max_cells=10_000)
    assert len(town.holders["clinic"].asked) == 2
    assert [len(stream.ids) for stream in gathered.streams] == [1, 1, 1]


@pytest.mark.parametrize("key", [b"deadbeef", b"", None], ids=["other", "empty", "none"])
def test_streams_of_different_keys_are_never_joined(town: Town, key: bytes | None) -> None:
    """One holder with pseudonyms of another key, or of a key without a name: a fault of ours, and no result."""
    with pytest.raises(Fault) as caught:
        scanned(town, care=Stray(town, "care", metadata={KEY_METADATA: key}))
    assert caught.value.exit_status == 5


def test_one_stream_without_a_key_is_a_fault_too(town: Town) -> None:
    """Also where there is nothing to compare it with."""
    with pytest.raises(Fault):
        scanned(
            town, "SELECT p.resident_id FROM town.person p", town=Stray(town, "town", metadata={KEY_METADATA: None})
        )


def _renamed(table: pa.Table) -> pa.Table:
    return table.rename_columns([f"{name}_" for name in table.column_names])


def _retyped(table: pa.Table) -> pa.Table:
    first = table.column_names[0]
    return table.set_column(0, first, pa.array([str(v) for v in table.column(0).to_pylist()]))


SCHEMAS = {
    "one column less": lambda table: table.select(table.column_names[1:]),
    "one column more": lambda table: table.append_column("name", pa.array(["x"] * table.num_rows)),
    "another order": lambda table: table.select(table.column_names[::-1]),
    "other names": _renamed,
    "another type": _retyped,
    "a name twice": lambda table: table.append_column(table.column_names[0], table.column(0)),
    "no columns": lambda table: table.select([]),
    "not nullable": lambda table: table.cast(pa.schema([f.with_nullable(False) for f in table.schema])),
}


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_stream_of_another_shape_is_no_answer(town: Town, name: str) -> None:
    """Exactly the ordered columns, in their order, under their names, with their types: else the department does not
    answer as far as we are concerned, and is named.
    """
    plain = {"care": "SELECT p.resident_id, k.any_service FROM town.person p LEFT JOIN care.cert k USING (resident_id)"}
    with pytest.raises(Unavailable) as caught:
        scanned(town, plain["care"], care=Stray(town, "care", table=_known_nulls(SCHEMAS[name])))
    assert (caught.value.code, caught.value.exit_status) == ("stream-schema", 4)
    assert caught.value.params == {"department": "care", "dataset": "care.cert"}


def _known_nulls(change: Any) -> Any:
    """The change on a table without missing values, so that the shape alone is what is wrong with it."""

    def apply(table: pa.Table) -> pa.Table:
        return change(table.filter(table.column("any_service").is_valid()))

    return apply


@pytest.mark.parametrize("digest", [b"0" * 64, b"", None], ids=["other", "empty", "none"])
def test_the_stream_of_another_order_is_no_answer(town: Town, digest: bytes | None) -> None:
    """A stream says which order it answers; another one's, of the same shape, would join without a word."""
    with pytest.raises(Unavailable) as caught:
        scanned(town, clinic=Stray(town, "clinic", metadata={ORDER_METADATA: digest}))
    assert caught.value.code == "stream-order"
    assert caught.value.params["department"] == "clinic"


def test_a_department_that_is_not_there_is_unavailable(town: Town) -> None:
    """A dataset whose department is not connected ends the query, and is named."""
    with pytest.raises(Unavailable) as caught:
        scanned(town, care=None)
    assert (caught.value.code, caught.value.params) == ("department-missing", {"department": "care"})


class Endless(Holder):
    """A holder that never stops sending."""

    sent = 0

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        first = super().scan(order, evidence)
        batch = pa.record_batch([pa.nulls(100, f.type) for f in first.schema], schema=first.schema)

        def batches() -> Iterator[pa.RecordBatch]:
            while True:
                self.sent += 1
                yield batch

        return pa.RecordBatchReader.from_batches(first.schema, batches())


def test_a_department_that_sends_too_much_is_stopped(town: Town) -> None:
    """More cells than the limit is no answer, and what is beyond it is not read."""
    endless = Endless("clinic", town.tables)
    with pytest.raises(Unavailable) as caught:
        scanned(town, max_cells=1_000, clinic=endless)
    assert caught.value.code == "stream-too-large"
    assert endless.sent <= 7


def test_the_limit_is_for_all_that_one_department_sends(town: Town) -> None:
    """Exactly the limit is answered; one cell less of a limit, over all scans of the department, is not."""
    most = max(scanned(town).cells.values())
    assert scanned(town, max_cells=most).cells
    with pytest.raises(Unavailable):
        scanned(town, max_cells=most - 1)
    plan, _ = planned(town, THREE)
    clinic = [answer(s.order, town.tables) for s in plan.scans if s.department == "clinic"]
    assert (
        most
        == sum(table.num_rows * table.num_columns for table in clinic)
        > max(t.num_rows * t.num_columns for t in clinic)
    )


def test_what_a_department_refuses_comes_through(town: Town) -> None:
    """With a receipt of something else, the holder's refusal is what the caller gets."""
    plan, intent = planned(town, THREE)
    other = replace(intent, receipt=town.ledger.receipt(0))
    with pytest.raises(CheckFailed) as caught:
        scan_departments(plan, intent=other, departments=town.holders, max_cells=10_000)
    assert caught.value.code == "scan-evidence-no-allow"


def test_the_expected_schema_is_that_of_the_forms(town: Town) -> None:
    """Names in the order of the order, and the Arrow type of each form's type, all nullable."""
    plan, _ = planned(town, THREE)
    for scan in plan.scans:
        fields = [pa.field(c.column, ARROW_TYPES[c.type]) for c in scan.order.columns]
        assert expected_schema(scan.order) == pa.schema(fields)
