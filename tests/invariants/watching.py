"""A real deployment of the reference city whose departments and whose policy engine are watched, and otherwise real.

What passes between the broker and its parts is kept as it was: every scan order with its evidence, every stream, every
question to the policy with its answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from audit.ledger import Ledger
from connectors.department import Department
from connectors.evidence import Evidence
from governance.scans import ScanOrder
from policies.ask import ask as ask_policy
from policies.engine import PolicyEngine
from query_broker.earlier import EarlierAnswers
from query_broker.parts import Parts
from query_broker.release import Release
from query_broker.request import QueryRequest
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import APPROVAL, PURPOSE


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One scan that a department answered."""

    department: str
    order: ScanOrder
    evidence: Evidence
    table: pa.Table

    @property
    def sent(self) -> bytes:
        """The stream as bytes, its metadata included."""
        return arrow_bytes(self.table)


def arrow_bytes(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


@dataclass(slots=True, kw_only=True)
class Watch:
    """What the departments were asked and sent, and what is to happen when one is asked."""

    asked: list[tuple[str, ScanOrder, Evidence]] = field(default_factory=list)
    served: list[Served] = field(default_factory=list)
    on_scan: Callable[[ScanOrder, Evidence], None] | None = None


class WatchedDepartment:
    """A department like any other (`connectors.department.Department`), with somebody at its door."""

    def __init__(self, real: Department, watch: Watch) -> None:
        self._real = real
        self._watch = watch

    @property
    def id(self) -> str:
        return self._real.id

    def as_of(self, dataset: str) -> date:
        return self._real.as_of(dataset)

    def set_as_of(self, named_set: str) -> date | None:
        return self._real.set_as_of(named_set)

    def rows(self, dataset: str, *, as_of: date) -> int:
        return self._real.rows(dataset, as_of=as_of)

    def scan(self, order: ScanOrder, evidence: Evidence) -> pa.RecordBatchReader:
        self._watch.asked.append((self.id, order, evidence))
        if self._watch.on_scan is not None:
            self._watch.on_scan(order, evidence)
        reader = self._real.scan(order, evidence)
        table = pa.Table.from_batches(list(reader), schema=reader.schema)
        self._watch.served.append(Served(department=self.id, order=order, evidence=evidence, table=table))
        return table.to_reader()


class WatchedEngine:
    """A policy engine like any other, whose questions and answers are kept as JSON."""

    def __init__(self, real: PolicyEngine) -> None:
        self._real = real
        self.questions: list[dict[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def decide(self, document: Mapping[str, Any]) -> Any:
        self.questions.append(json.loads(json.dumps(document)))
        return self._real.decide(document)


@dataclass(slots=True, kw_only=True)
class Watched:
    """An open deployment under watch."""

    deployment: Deployment
    broker: Broker
    watch: Watch
    engine: WatchedEngine

    @property
    def folder(self) -> Path:
        """The deployment's folder."""
        return self.deployment.layout.folder

    @property
    def parts(self) -> Parts:
        """The parts of the broker."""
        return self.broker._all_parts()

    @contextmanager
    def with_parts(self, **parts: Any) -> Iterator[None]:
        """Other parts, for as long as the context lasts."""
        before = self.parts
        self.broker._parts = replace(before, **parts)
        try:
            yield
        finally:
            self.broker._parts = before

    def request(self, principal: str | None = "center", **request: Any) -> AskRequest:
        """A question with the account's own token; by default the approved query as it should be asked."""
        if "sql" not in request:
            request = {"approval": APPROVAL, **request}
        request = {"purpose": PURPOSE, "hat": "controller", **request}
        return AskRequest(token=self.deployment.token(principal), **request)

    def prepared(self, principal: str | None = "center", **request: Any) -> QueryRequest:
        """The question as the pipeline takes it: identified, with its approval looked up."""
        return self.broker._query(self.request(principal, **request))

    def ask(self, principal: str | None = "center", **request: Any) -> Release:
        """Ask it, as the first question that is ever asked here: what was released before is not compared with."""
        ledger = self.broker.ledger
        self.broker._parts = replace(self.parts, earlier=EarlierAnswers(_ledger=ledger, _read=ledger.size))
        return self.broker.ask(self.request(principal, **request))

    def question(self, principal: str | None = "center", **request: Any) -> dict[str, Any]:
        """The decision document that a question leads to, as the policy gets it."""
        before = len(self.engine.questions)
        self.broker.explain(self.request(principal, **request))
        (document,) = self.engine.questions[before:]
        return document

    def served_by(self, ask: Callable[[], Release]) -> tuple[Release, tuple[Served, ...]]:
        """A release, and the scans that it was made from."""
        before = len(self.watch.served)
        release = ask()
        return release, tuple(self.watch.served[before:])

    def records(self) -> dict[str, bytes]:
        """Everything that the broker's side keeps: the files of ledger and store, write-ahead logs included."""
        paths = [*self.folder.glob("ledger.sqlite*"), *self.folder.glob("store.sqlite*"), *self.folder.glob("log/*")]
        return {path.name: path.read_bytes() for path in sorted(paths)}

    def last_entry(self) -> dict[str, Any]:
        """The newest entry of the ledger."""
        return dict(self.broker.ledger.entry(self.broker.ledger.size - 1).document)


@contextmanager
def open_watched(folder: Path, *, engine: Literal["embedded", "opa"] = "embedded") -> Iterator[Watched]:
    """Open a deployment and put it under watch."""
    deployment = Deployment.load(folder)
    with deployment.broker(engine) as broker:
        parts, watch = broker._all_parts(), Watch()
        watched_engine = WatchedEngine(parts.engine)
        departments = {name: WatchedDepartment(real, watch) for name, real in parts.departments.items()}
        broker._parts = replace(parts, departments=departments, engine=watched_engine)
        broker.grounds = replace(broker.grounds, engine=watched_engine)
        broker.approvals = replace(broker.approvals, grounds=broker.grounds)
        yield Watched(deployment=deployment, broker=broker, watch=watch, engine=watched_engine)


def allows(engine: PolicyEngine, document: Mapping[str, Any]) -> bool:
    """Whether the policy allows, asked in the only way in which the project asks it."""
    return ask_policy(engine, document).allow


def decision_of(ledger: Ledger, index: int) -> dict[str, Any]:
    """An entry of the ledger as a document of its own."""
    document: dict[str, Any] = json.loads(ledger.entry(index).body)
    return document
