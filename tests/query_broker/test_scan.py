"""Departments are asked once per distinct order, and what they send is checked before it is combined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
import pytest

from audit.receipt import Receipt
from connectors.department import KEY_METADATA, ORDER_METADATA, Department
from connectors.evidence import Evidence
from governance.errors import Fault, Unavailable
from governance.scans import ScanOrder, order_digest
from query_broker.record import Intent
from query_broker.scan import Gathered, expected_schema, scan_departments
from tests.query_broker.asking import ask
from tests.query_broker.holders import answer
from tests.query_broker.world import AS_OF, tables

TOWN = tables(7)
INTENT = Intent(receipt=Receipt(index=0, entry=b"{}", proof=(), checkpoint=""), nonce="0" * 32)
PLAN = ask(
    """SELECT c.resident_id, k.level, h.people, o.people AS again FROM town.person c
       LEFT JOIN care.cert k USING (resident_id)
       LEFT JOIN (SELECT household_id, count(*) AS people FROM town.member GROUP BY household_id) h USING (household_id)
       LEFT JOIN (SELECT household_id, count(*) AS people FROM town.member GROUP BY household_id) o USING (household_id)"""
).plan


def _digest(order: ScanOrder) -> bytes:
    return order_digest(order, nonce=INTENT.nonce).encode()


@dataclass(slots=True)
class ObedientDepartment:
    """A department that answers from the town, and remembers what it was asked."""

    id: str
    key: bytes = b"key-1"
    order_of: Callable[[ScanOrder], bytes] = _digest
    table_of: Callable[[ScanOrder], pa.Table] = lambda order: answer(order, TOWN)
    asked: list[Evidence] = field(default_factory=list)

    def as_of(self, dataset: str) -> date:
        return AS_OF

    def rows(self, dataset: str, *, as_of: date) -> int:
        return len(TOWN[dataset])

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        self.asked.append(evidence)
        metadata = {KEY_METADATA: self.key, ORDER_METADATA: self.order_of(order)}
        table = self.table_of(order).replace_schema_metadata(metadata)
        return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=5))


def _scan(departments: Mapping[str, Department], max_cells: int = 10_000) -> Gathered:
    return scan_departments(PLAN, intent=INTENT, departments=departments, max_cells=max_cells)


def _all(**others: ObedientDepartment) -> dict[str, Department]:
    return {"town": ObedientDepartment("town"), "care": ObedientDepartment("care")} | others


def test_equal_orders_are_asked_once() -> None:
    """Two references to one dataset with one order are one scan, under the proof of the first, and one stream."""
    departments = _all()
    gathered = _scan(departments)
    assert [stream.ids for stream in gathered.streams] == [("s1",), ("s2",), ("s3", "s4")]
    town = departments["town"]
    assert isinstance(town, ObedientDepartment)
    assert [(e.scan, e.nonce, e.receipt) for e in town.asked] == [
        ("s1", INTENT.nonce, INTENT.receipt),
        ("s3", INTENT.nonce, INTENT.receipt),
    ]
    assert gathered.key_id == "key-1"


def test_cells_are_counted_for_each_department() -> None:
    """What left is rows times columns of what each department sent, once for each order."""
    gathered = _scan(_all())
    assert gathered.cells == {
        "care": 2 * len(TOWN["care.cert"]),
        "town": 2 * len(TOWN["town.person"]) + len(TOWN["town.member"]),
    }
    assert [table.schema.remove_metadata() for table in (s.table for s in gathered.streams)] == [
        expected_schema(PLAN.scans[i].order) for i in (0, 1, 2)
    ]


@pytest.mark.parametrize("key", [b"key-2", b""])
def test_pseudonyms_of_different_keys_are_never_joined(key: bytes) -> None:
    """A department with another key, or none, is a fault: the join would be silent, and perhaps plausible."""
    with pytest.raises(Fault):
        _scan(_all(care=ObedientDepartment("care", key=key)))


def test_a_department_that_is_not_there_is_named() -> None:
    """No department, no answer."""
    with pytest.raises(Unavailable) as refusal:
        _scan({"town": ObedientDepartment("town")})
    assert (refusal.value.code, refusal.value.params) == ("department-missing", {"department": "care"})


def test_the_answer_to_another_order_is_refused() -> None:
    """The stream says for which order it is, and it is for this one."""
    with pytest.raises(Unavailable) as refusal:
        _scan(_all(care=ObedientDepartment("care", order_of=lambda order: b"0" * 64)))
    assert refusal.value.code == "stream-order"


def _renamed(order: ScanOrder) -> pa.Table:
    table = answer(order, TOWN)
    return table.rename_columns([f"{name}x" for name in table.column_names])


def _reordered(order: ScanOrder) -> pa.Table:
    table = answer(order, TOWN)
    return table.select(table.column_names[::-1])


def _one_more(order: ScanOrder) -> pa.Table:
    table = answer(order, TOWN)
    return table.append_column("more", pa.nulls(table.num_rows, pa.string()))


def _as_text(order: ScanOrder) -> pa.Table:
    table = answer(order, TOWN)
    return table.set_column(0, table.column_names[0], pa.nulls(table.num_rows, pa.string()))


@pytest.mark.parametrize("table_of", [_renamed, _reordered, _one_more, _as_text])
def test_another_shape_than_ordered_is_refused(table_of: Callable[[ScanOrder], pa.Table]) -> None:
    """Names, order, number and types of the columns are those of the order."""
    with pytest.raises(Unavailable) as refusal:
        _scan(_all(care=ObedientDepartment("care", table_of=table_of)))
    assert (refusal.value.code, refusal.value.params) == (
        "stream-schema",
        {"department": "care", "dataset": "care.cert"},
    )


def test_a_stream_ends_where_it_is_too_large() -> None:
    """A department sends at most so many cells for one query, over all its scans."""
    cells = _scan(_all()).cells
    assert _scan(_all(), max_cells=max(cells.values())).cells == cells
    with pytest.raises(Unavailable) as refusal:
        _scan(_all(), max_cells=max(cells.values()) - 1)
    assert refusal.value.code == "stream-too-large"
