"""Departments that note what they were asked and what they sent, and let the real ones do the work."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from audit.ledger import Ledger
from connectors.department import Department
from connectors.evidence import Evidence
from governance.scans import ScanOrder
from query_broker.parts import Parts
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.settings import EngineName


@dataclass(slots=True)
class RecordingDepartment:
    """A department as it is, and a note of each order with its evidence and its stream.

    Attributes:
        ledger_sizes: how long the ledger was each time the department was asked.
    """

    real: Department
    ledger: Ledger
    served: list[tuple[ScanOrder, Evidence, pa.Table]] = field(default_factory=list)
    ledger_sizes: list[int] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The department's id."""
        return self.real.id

    def as_of(self, dataset: str) -> date:
        """The day that a dataset is of."""
        return self.real.as_of(dataset)

    def rows(self, dataset: str, *, as_of: date) -> int:
        """How many rows a dataset has."""
        return self.real.rows(dataset, as_of=as_of)

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        """Run one order and note it."""
        self.ledger_sizes.append(self.ledger.size)
        table = self.real.scan(order, evidence).read_all()
        self.served.append((order, evidence, table))
        return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())


@contextmanager
def recorded_broker(
    folder: Path, *, engine: EngineName | None = None
) -> Iterator[tuple[Deployment, Broker, Mapping[str, RecordingDepartment]]]:
    """A deployment's broker whose departments are recorded."""
    deployment = Deployment.load(folder)
    with deployment.broker(engine) as broker:
        parts: Parts = broker._all_parts()
        recording = {name: RecordingDepartment(real, broker.ledger) for name, real in parts.departments.items()}
        broker._parts = replace(parts, departments=recording)
        yield deployment, broker, recording
