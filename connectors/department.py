"""The department agent: takes a structured scan order with its proof, gives a stream of exactly what was granted.

`LocalDepartment` runs in the broker's process and has everything on the department's side; a remote one keeps the same
interface and the same contract tests. An order never carries SQL.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import rfc8785

from connectors.evidence import Evidence, EvidenceVerifier
from connectors.extracts import Extracts
from connectors.guarded import guarded
from connectors.holdings import Holdings
from connectors.look_ups import check_look_up, resolve
from connectors.memory import Memory
from connectors.orders import CheckedOrder, check_order
from connectors.own_side import OwnSide
from connectors.person_records import PersonRecords
from connectors.previews import Protected, ScanPreview
from connectors.reading_report import ReadingReport
from connectors.scanned_rows import formed, meeting, without_sets
from connectors.sources import BATCH_ROWS
from connectors.streams import BatchStream, RowStream, rebatched
from connectors.suspensions import Suspensions
from connectors.uses import Leaving, Uses
from connectors.watch import Watch
from governance.catalogue import Catalogue, Dataset, NamedSet
from governance.errors import BadInput, SekishoError
from governance.log import get_log
from governance.look_ups import LOOK_UP_ACTIONS, Found, LookUpOrder, look_up_digest
from governance.scans import ScanOrder, order_digest
from masking.arrow_types import ARROW_TYPES, pc
from masking.keys import KeyRing

_Answer = TypeVar("_Answer")

KEY_METADATA = b"sekisho.key"
"""Schema metadata: id of the key that made the stream's pseudonyms."""

ORDER_METADATA = b"sekisho.order"
"""Schema metadata: digest of the order that the stream answers."""


class Department(Protocol):
    """A holding department, near or far."""

    @property
    def id(self) -> str:
        """The department's id in the catalogue."""
        ...

    def as_of(self, dataset: str) -> date:
        """The day that a dataset is of; for a derived one the oldest day of what it is computed from.

        Raises:
            BadInput: the dataset is not the department's, or the day is not stated.
            Unavailable: the department does not answer.
        """
        ...

    def set_as_of(self, named_set: str) -> date | None:
        """The day that the members of a named set are of; ``None`` for a list that is read as it is at the time.

        Raises:
            BadInput: the department has no such set, or the day is not stated.
            Unavailable: the department does not answer.
        """
        ...

    def rows(self, dataset: str, *, as_of: date) -> int:
        """How many rows a dataset has on a date: the most that any scan of it could send. A number, and no data.

        Raises:
            BadInput: the dataset is not the department's, or its source does not hold what the catalogue says.
            Unavailable: the department does not answer.
        """
        ...

    def scan(self, order: ScanOrder, evidence: Evidence) -> RowStream:
        """Run one order.

        The stream has exactly the ordered columns under their names, with the Arrow types of their forms, and the
        metadata ``sekisho.key`` and ``sekisho.order``. It is an answer once its end is reached, and nothing before;
        whoever stops earlier closes it.

        Raises:
            BadInput: the order does not fit the department's catalogue, or the source does not hold what it says.
            CheckFailed: the evidence does not prove that an allow for this order is in the ledger.
            Unavailable: the department does not answer.
        """
        ...

    def look_up(self, order: LookUpOrder, evidence: Evidence) -> Found | None:
        """Resolve one pseudonym; ``None`` where nobody has it, and where whoever has it may not be shown.

        Raises:
            BadInput: the order does not fit the department's catalogue, or the source does not hold what it says.
            CheckFailed: the evidence does not prove that an allow for this order is in the ledger.
            Unavailable: the department does not answer.
        """
        ...


class LocalDepartment:
    """A department in this process."""

    def __init__(
        self,
        department: str,
        *,
        catalogue: Catalogue,
        holdings: Holdings,
        extracts: Extracts,
        keyring: KeyRing,
        verify_evidence: EvidenceVerifier,
        memory: Memory,
        suspensions: Suspensions,
        watch: Watch,
        uses: Uses,
    ) -> None:
        self._department = department
        self._catalogue = catalogue
        self._holdings = holdings
        self._extracts = extracts
        self._keyring = keyring
        self._verify_evidence = verify_evidence
        self._memory = memory
        self._suspensions = suspensions
        self._watch = watch
        self._uses = uses

    @property
    def id(self) -> str:
        """The department's id in the catalogue."""
        return self._department

    @property
    def persons(self) -> PersonRecords:
        """What the department can say about one person, for its own side."""
        return PersonRecords(
            self._department,
            catalogue=self._catalogue,
            holdings=self._holdings,
            extracts=self._extracts,
            suspensions=self._suspensions,
            uses=self._uses,
        )

    def as_of(self, dataset: str) -> date:
        """The day that a dataset is of; for a derived one the oldest day of what it is computed from."""
        return self._answer(lambda: self._day(self._own(dataset)))

    def set_as_of(self, named_set: str) -> date | None:
        """The day that the members of a named set are of: the oldest day of what it is computed from."""
        return self._answer(lambda: self._set_day(named_set))

    def rows(self, dataset: str, *, as_of: date) -> int:
        """How many rows a dataset has on a date."""
        return self._answer(lambda: self._holdings.count(self._own(dataset), as_of=as_of))

    def check(self, *, as_of: date) -> None:
        """Read every source and compute every derived dataset and named set once, as ``sekisho check`` does.

        Raises:
            BadInput: the first thing that is not as the catalogue says.
            Unavailable: a source cannot be read.
        """
        self._answer(lambda: self._check(as_of))

    def report(self, dataset: str) -> ReadingReport:
        """What was found while a base dataset was read. For the department itself: small figures stay inside.

        Raises:
            BadInput: the dataset is not the department's, or its source does not hold what the catalogue says.
            Unavailable: the source cannot be read.
        """
        return self._answer(lambda: self._holdings.report(self._own(dataset)))

    def survey(self, dataset: str) -> ReadingReport:
        """Everything that is wrong with a base dataset, row by row, where :meth:`report` refuses it at the first.

        Raises:
            BadInput: the dataset is not the department's, or its source is damaged or lacks columns.
            Unavailable: the source cannot be read.
        """
        return self._answer(lambda: self._holdings.survey(self._own(dataset)))

    def preview(self, order: ScanOrder, *, protected: Protected, smallest: int) -> ScanPreview:
        """What an order would send: counts, and example rows before and after. For the department itself.

        Nothing leaves, so there is no proof. Whatever the order says, no example is of somebody in a named set of any
        department. Pseudonyms are made with keys of one use.

        Args:
            protected: persons whom named sets of any department hold.
            smallest: how many persons a group must have not to be small.

        Raises:
            BadInput: as :meth:`scan`.
            Unavailable: the source cannot be read.
        """
        return self._answer(lambda: self._own_side().preview(order, protected=protected, smallest=smallest))

    def protected(self, *, keyring: KeyRing, as_of: date) -> pa.Array[Any]:
        """Persons in the department's named sets, as pseudonyms of one preview, for the other departments' side.

        Raises:
            BadInput: a set does not give keys.
            Unavailable: a source or the list of suspensions cannot be read.
        """
        return self._answer(lambda: self._own_side().protected(keyring, as_of=as_of))

    def set_sizes(self, *, as_of: date) -> Mapping[str, int]:
        """Compute every named set once: how many keys each holds. For the department itself.

        Raises:
            BadInput: the SQL of one does not give keys.
            Unavailable: a source cannot be read.
        """
        return self._answer(lambda: self._own_side().set_sizes(as_of=as_of))

    def scan(self, order: ScanOrder, evidence: Evidence) -> RowStream:
        """Run one order: derive → exclude named sets → filter raw values → forms → predicates → project.

        Source, derived datasets and named sets are read and checked, and the first batch is made, before anything
        leaves. The rest follows batch by batch; should one fail, the stream ends in the error and is no answer.
        """
        return self._answer(lambda: self._scan(order, evidence))

    def look_up(self, order: LookUpOrder, evidence: Evidence) -> Found | None:
        """Resolve one pseudonym: the whole register is read, whoever is looked for."""
        return self._answer(lambda: self._look_up(order, evidence))

    def alerts(self) -> Sequence[str]:
        """Tickets with which a protected person was asked for. For cleared staff of the department's side alone.

        Raises:
            Unavailable: the department's notes cannot be read.
        """
        return self._answer(self._watch.alerts)

    def _look_up(self, order: LookUpOrder, evidence: Evidence) -> Found | None:
        digest = look_up_digest(order, nonce=evidence.nonce)
        # One decision, one look at each of its orders.
        self._memory.take(evidence, checkpoint=self._verify_evidence(evidence, digest, actions=LOOK_UP_ACTIONS))
        checked = check_look_up(order, department=self._department, catalogue=self._catalogue)
        names = list(dict.fromkeys([checked.key, *order.columns]))
        rows = self._holdings.rows(checked.dataset, as_of=order.as_of, columns=names)
        among = None
        if checked.among is not None:
            register, key = checked.among
            among = self._holdings.rows(register, as_of=order.as_of, columns=[key]).column(key)
        members = {s.name: self._set_members(s, as_of=order.as_of, kind=checked.kind.name) for s in checked.sets}
        looked = resolve(checked, rows, among=among, members=members, keyring=self._keyring)
        self._watch.note(order.ticket, alerted=looked.alerted)
        get_log().info("looked-up", departments=self._department, digest=digest)
        return looked.found

    def _scan(self, order: ScanOrder, evidence: Evidence) -> RowStream:
        try:
            digest = order_digest(order, nonce=evidence.nonce)
        except rfc8785.CanonicalizationError:
            # A literal without a canonical form (beyond 2**53, half a character): no entry can hold its digest.
            raise BadInput("scan-order-malformed", at="") from None
        # One decision, one reading of each of its scans.
        self._memory.take(evidence, checkpoint=self._verify_evidence(evidence, digest))
        checked = check_order(order, department=self._department, catalogue=self._catalogue)
        schema = pa.schema(
            [pa.field(column.column, ARROW_TYPES[column.type]) for column in order.columns],
            metadata={
                KEY_METADATA: self._keyring.key_id(order.pseudonyms).encode(),
                ORDER_METADATA: digest.encode(),
            },
        )
        batches = self._batches(checked, schema, digest=digest, evidence=evidence)
        try:
            first = next(batches, None)
        except BaseException:
            batches.close()
            raise
        return BatchStream(schema, self._leaving(first, batches))

    def _batches(
        self, checked: CheckedOrder, schema: pa.Schema, *, digest: str, evidence: Evidence
    ) -> Generator[pa.RecordBatch]:
        """The rows that leave, in batches that say nothing of what was left out between them."""
        rows, complete = 0, False
        leaving = self._uses.leaving(checked.dataset)
        try:
            with closing(rebatched(self._granted(checked, schema, leaving), rows=BATCH_ROWS)) as batches:
                for batch in batches:
                    rows += batch.num_rows
                    yield batch
            # Before the end is said: a scan that the department does not remember is no answer.
            self._uses.write(leaving, dataset=checked.dataset, evidence=evidence)
            complete = True
        finally:
            if not complete:
                with suppress(SekishoError):
                    self._uses.write(leaving, dataset=checked.dataset, evidence=evidence)
            get_log().info(
                "scan-served" if complete else "scan-broken-off",
                departments=self._department,
                rows=rows,
                columns=len(schema),
                cells=rows * len(schema),
                digest=digest,
            )

    def _granted(self, checked: CheckedOrder, schema: pa.Schema, leaving: Leaving) -> Generator[pa.Table]:
        order = checked.order
        sets = self._members(checked)
        columns = tuple(dict.fromkeys((*checked.raw_columns, *leaving.names)))
        raw_rows = self._holdings.batches(checked.dataset, as_of=order.as_of, columns=columns)
        with closing(raw_rows):
            for raw in raw_rows:
                met = meeting(without_sets(raw, sets), checked)
                made, mask = formed(met, checked, catalogue=self._catalogue, keyring=self._keyring)
                leaving.see(met.filter(mask))
                yield pa.table({c.column: pc.filter(made[c.column], mask) for c in order.columns}, schema=schema)

    def _leaving(self, first: pa.RecordBatch | None, rest: Generator[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
        with closing(rest):
            if first is None:
                return
            yield first
            while (batch := self._answer(lambda: next(rest, None))) is not None:
                yield batch

    def _answer(self, compute: Callable[[], _Answer]) -> _Answer:
        return guarded(self._department, compute)

    def _check(self, as_of: date) -> None:
        own = [d for d in self._catalogue.datasets.values() if d.department == self._department]
        for dataset in own:
            self._day(dataset)
            self._holdings.count(dataset, as_of=as_of)
        self._own_side().set_sizes(as_of=as_of)

    def _own_side(self) -> OwnSide:
        return OwnSide(
            department=self._department,
            catalogue=self._catalogue,
            holdings=self._holdings,
            members=lambda named_set, as_of, kind: self._set_members(named_set, as_of=as_of, kind=kind),
        )

    def _set_members(self, named_set: NamedSet, *, as_of: date, kind: str) -> pa.Array[Any]:
        if named_set.sql is None:
            return self._suspensions.members()
        return self._holdings.set_members(named_set, as_of=as_of, kind=self._catalogue.kinds[kind])

    def _day(self, own: Dataset) -> date:
        return self._extracts.day(own.name) if own.derived_sql is None else self._extracts.oldest(own.derived_sql)

    def _set_day(self, name: str) -> date | None:
        held = next((s for s in self._catalogue.departments[self._department].sets if s.name == name), None)
        if held is None:
            raise BadInput("scan-order-set", dataset=self._department, set=name)
        return self._extracts.oldest(held.sql) if held.sql is not None else None

    def _own(self, name: str) -> Dataset:
        dataset = self._catalogue.dataset(name)
        if dataset.department != self._department:
            raise BadInput("scan-order-foreign", dataset=name, department=self._department)
        return dataset

    def _members(self, checked: CheckedOrder) -> Sequence[tuple[str, pa.Array[Any]]]:
        """Columns of keys, each with the members of a named set that its rows must not be among."""
        found: list[tuple[str, pa.Array[Any]]] = []
        for named_set, kind, columns in checked.sets:
            members = self._set_members(named_set, as_of=checked.order.as_of, kind=kind)
            found += [(column, members) for column in columns]
        return found
