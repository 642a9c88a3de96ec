"""Stage 7, **scan**: ask each department, with the proof that the decision is in the ledger, and check what comes.

Equal orders are asked once and serve every table reference that needs them. A stream has exactly the ordered columns
and types, and all streams carry the id of one pseudonym key: pseudonyms of different keys would join to nothing, or
worse, to something plausible.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

import pyarrow as pa

from connectors.department import KEY_METADATA, ORDER_METADATA, Department
from connectors.evidence import Evidence
from governance.errors import Fault, Unavailable
from governance.scans import ScanOrder, order_digest
from masking.arrow_types import ARROW_TYPES
from query_broker.combine import ScanStream
from query_broker.plan import FederatedPlan
from query_broker.record import Intent


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """What the departments sent.

    Attributes:
        streams: one per distinct order.
        cells: cells that left each department.
        key_id: id of the pseudonym key of all streams.
    """

    streams: tuple[ScanStream, ...]
    cells: Mapping[str, int]
    key_id: str


def scan_departments(
    plan: FederatedPlan, *, intent: Intent, departments: Mapping[str, Department], max_cells: int
) -> Gathered:
    """Run every scan of a plan, but for those of data that are out of date.

    Raises:
        Unavailable: a department does not answer, answers with another schema, or sends more than ``max_cells``.
        Fault: streams carry different key ids.
    """
    references: defaultdict[str, list[str]] = defaultdict(list)
    orders: dict[str, tuple[str, ScanOrder]] = {}
    streams: list[ScanStream] = []
    for scan in plan.scans:
        if scan.unknown:
            # Out of date: its department is not asked, and what the query reads of it has no rows.
            streams.append(ScanStream(ids=(scan.id,), table=expected_schema(scan.order).empty_table()))
            continue
        digest = order_digest(scan.order, nonce=intent.nonce)
        references[digest].append(scan.id)
        orders[digest] = (scan.department, scan.order)
    cells: dict[str, int] = dict.fromkeys(sorted({scan.department for scan in plan.scans}), 0)
    keys: set[bytes] = set()
    for digest, (name, order) in orders.items():
        if name not in departments:
            raise Unavailable("department-missing", department=name)
        evidence = Evidence(receipt=intent.receipt, nonce=intent.nonce, scan=references[digest][0])
        # Whatever happens, nothing is left running in a department; of a stream that breaks off nothing is used.
        with closing(departments[name].scan(order, evidence)) as reader:
            if reader.schema.remove_metadata() != expected_schema(order):
                raise Unavailable("stream-schema", department=name, dataset=order.dataset)
            metadata = reader.schema.metadata or {}
            if metadata.get(ORDER_METADATA) != digest.encode():
                raise Unavailable("stream-order", department=name, dataset=order.dataset)
            keys.add(metadata.get(KEY_METADATA, b""))
            batches: list[pa.RecordBatch] = []
            for batch in reader:
                cells[name] += batch.num_rows * batch.num_columns
                if cells[name] > max_cells:
                    raise Unavailable("stream-too-large", department=name, dataset=order.dataset)
                batches.append(batch)
            table = pa.Table.from_batches(batches, schema=reader.schema)
        streams.append(ScanStream(ids=tuple(references[digest]), table=table))
    if len(keys) != 1 or not all(keys):
        raise Fault
    return Gathered(streams=tuple(streams), cells=cells, key_id=keys.pop().decode())


def expected_schema(order: ScanOrder) -> pa.Schema:
    """The schema that a stream for an order has."""
    return pa.schema([pa.field(column.column, ARROW_TYPES[column.type]) for column in order.columns])
