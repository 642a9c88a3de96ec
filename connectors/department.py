"""The department agent: takes a structured scan order with its proof, gives a stream of exactly what was granted.

`LocalDepartment` runs in the broker's process and has everything on the department's side; a remote one keeps the same
interface and the same contract tests. An order never carries SQL.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa
import rfc8785

from connectors.evidence import Evidence, EvidenceVerifier
from connectors.extracts import Extracts
from connectors.holdings import Holdings
from connectors.look_ups import check_look_up, resolve
from connectors.memory import Memory
from connectors.orders import CheckedOrder, check_order, kind_of_set
from connectors.reading_report import ReadingReport
from connectors.sources import BATCH_ROWS
from connectors.streams import BatchStream, RowStream, rebatched
from connectors.suspensions import Suspensions
from connectors.uses import Leaving, PersonTags, Tags, Use, Uses, kinds_of_persons
from connectors.watch import Watch
from governance.catalogue import Catalogue, Dataset, NamedSet
from governance.errors import BadInput, Fault, SekishoError
from governance.log import get_log
from governance.look_ups import LOOK_UP_ACTIONS, Found, LookUpOrder, look_up_digest
from governance.scans import ScanOrder, order_digest
from masking.arrow_types import ARROW_TYPES, pc
from masking.canonical import canonical_keys
from masking.conditions import rows_meeting
from masking.forms import apply_form
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

    def knows(self, dataset: str, identifier: str) -> bool:
        """Whether a person is in a dataset, by the column of its subjects. For the department itself.

        Raises:
            BadInput: the dataset is not the department's or has no such column, or this is no identifier of that kind.
            Unavailable: the source cannot be read.
        """
        return self._answer(lambda: self._knows(self._own(dataset), identifier))

    def person_tags(self, identifier: str) -> PersonTags:
        """How the departments' records know a person of this department's registers, by every kind of key.

        Raises:
            BadInput: this is no identifier of a subject.
            Unavailable: a source cannot be read.
        """
        return self._answer(lambda: self._person_tags(identifier))

    def uses(self, person: PersonTags) -> Sequence[Use]:
        """The scans of this department that a person's rows were among.

        Raises:
            Unavailable: the department's record cannot be read.
        """
        return self._answer(lambda: self._uses.of(person))

    def persons_of(self, scans: Sequence[tuple[int, str]]) -> Mapping[str, Tags]:
        """The tags of everybody whose rows left with some scans, by kind of key.

        Raises:
            Unavailable: the department's record cannot be read.
        """
        return self._answer(lambda: self._uses.persons(scans))

    def use_days(self) -> Mapping[date, int]:
        """How many records of whose rows left there are of each day.

        Raises:
            Unavailable: the department's record cannot be read.
        """
        return self._answer(self._uses.days)

    def forget_uses(self, days: Sequence[date]) -> int:
        """Erase the records of some days; how many there were.

        Raises:
            Unavailable: the department's record cannot be written.
        """
        return self._answer(lambda: self._uses.forget(days))

    def set_sizes(self, *, as_of: date) -> Mapping[str, int]:
        """Compute every named set once: how many keys each holds. For the department itself.

        Raises:
            BadInput: the SQL of one does not give keys.
            Unavailable: a source cannot be read.
        """
        return self._answer(lambda: self._set_sizes(as_of))

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
                met = _meeting(_without_sets(raw, sets), checked)
                formed, mask = self._in_forms(met, checked)
                leaving.see(met.filter(mask))
                yield pa.table({c.column: formed[c.column] for c in order.columns}, schema=schema)

    def _leaving(self, first: pa.RecordBatch | None, rest: Generator[pa.RecordBatch]) -> Generator[pa.RecordBatch]:
        with closing(rest):
            if first is None:
                return
            yield first
            while (batch := self._answer(lambda: next(rest, None))) is not None:
                yield batch

    def _answer(self, compute: Callable[[], _Answer]) -> _Answer:
        """Let every error say which department it comes from, and nothing that stood in its data (I7).

        What a driver, an engine or a codec said on the way may hold values, so it ends here: errors go out without
        their history, and what nobody foresaw goes out as a fault with an incident id.
        """
        error: SekishoError
        try:
            return compute()
        except SekishoError as refusal:
            error = refusal
        except Exception as unforeseen:  # noqa: BLE001 - whatever it is, its words stay on this side
            error = Fault()
            innermost = traceback.extract_tb(unforeseen.__traceback__)[-1]
            get_log().error(
                "department-fault",
                departments=self._department,
                exception_type=type(unforeseen).__name__,
                reason=f"{Path(innermost.filename).name}:{innermost.lineno}",
                incident=error.params["incident"],
            )
        # Outside of the handlers, so that nothing is handed on as the context of what is raised here.
        error.params.setdefault("department", self._department)
        error.__cause__ = error.__context__ = None
        raise error.with_traceback(None)

    def _check(self, as_of: date) -> None:
        own = [d for d in self._catalogue.datasets.values() if d.department == self._department]
        for dataset in own:
            self._day(dataset)
            self._holdings.count(dataset, as_of=as_of)
        self._set_sizes(as_of)

    def _set_sizes(self, as_of: date) -> Mapping[str, int]:
        sizes: dict[str, int] = {}
        for named_set in self._catalogue.departments[self._department].sets:
            kind = kind_of_set(named_set, catalogue=self._catalogue)
            if kind is None:
                raise BadInput("scan-order-set", dataset=self._department, set=named_set.name)
            sizes[named_set.name] = len(self._set_members(named_set, as_of=as_of, kind=kind))
        return sizes

    def _knows(self, own: Dataset, identifier: str) -> bool:
        kind = self._catalogue.kinds[self._catalogue.subject_kind]
        column = next((c.name for c in own.columns.values() if c.key == kind.name), None)
        keys = canonical_keys(pa.array([identifier], type=pa.string()), kind)
        if column is None or keys.first_rejected() is not None:
            raise BadInput("suspension-key", kind=kind.name)
        held = self._holdings.rows(own, as_of=self._day(own), columns=[column]).column(column)
        return bool(pc.any(pc.is_in(held, value_set=keys.values)).as_py())

    def _person_tags(self, identifier: str) -> PersonTags:
        kind = self._catalogue.kinds[self._catalogue.subject_kind]
        keys = canonical_keys(pa.array([identifier], type=pa.string()), kind)
        if keys.first_rejected() is not None or keys.values[0].as_py() is None:
            raise BadInput("suspension-key", kind=kind.name)
        kinds = kinds_of_persons(self._catalogue)
        found: dict[str, list[pa.Array[Any]]] = {kind.name: [keys.values]}
        for own in self._catalogue.datasets.values():
            key = own.key_of_kind(kind.name)
            if own.department != self._department or not own.bridge or key is None:
                continue
            others = [column for column in own.columns.values() if column.key in kinds and column.name != key]
            rows = self._holdings.rows(own, as_of=self._day(own), columns=[key, *(column.name for column in others)])
            mine = rows.filter(pc.is_in(rows.column(key), value_set=keys.values))
            for column in others:
                found.setdefault(column.key or "", []).append(mine.column(column.name).combine_chunks())
        return self._uses.tags_of({name: pa.concat_arrays(parts) for name, parts in found.items()})

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

    def _in_forms(self, raw: pa.Table, checked: CheckedOrder) -> tuple[Mapping[str, pa.Array[Any]], pa.Array[Any]]:
        """The columns in their forms, of the rows that meet the predicates; and which rows those are."""
        order, dataset = checked.order, checked.dataset
        formed: dict[str, pa.Array[Any]] = {}
        for name, form in checked.forms.items():
            column = dataset.columns[name]
            if form.kind == "pseudonym" and column.key is not None:
                kind = self._catalogue.kinds[column.key]
                formed[name] = self._keyring.pseudonyms(raw.column(name), kind=kind, space=order.pseudonyms)
            else:
                formed[name] = apply_form(
                    raw.column(name),
                    form,
                    column_type=column.type,
                    as_of=order.as_of,
                    dataset=dataset.name,
                    column=name,
                )
        mask = rows_meeting(order.predicates, formed, rows=raw.num_rows, dataset=dataset.name)
        return {name: pc.filter(values, mask) for name, values in formed.items()}, mask


def _meeting(raw: pa.Table, checked: CheckedOrder) -> pa.Table:
    columns = {name: raw.column(name) for name in raw.column_names}
    return raw.filter(rows_meeting(checked.order.filter, columns, rows=raw.num_rows, dataset=checked.dataset.name))


def _without_sets(raw: pa.Table, sets: Sequence[tuple[str, pa.Array[Any]]]) -> pa.Table:
    for column, members in sets:
        # A row without a key is in no set; is_in says false for it.
        raw = raw.filter(pc.invert(pc.is_in(raw.column(column), value_set=members)))
    return raw
