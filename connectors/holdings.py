"""What a department holds, typed and ready: base datasets from its source, derived datasets and named sets from those.

Everything is computed once for each state of the source files, each text of the catalogue, and each date, and kept as a
snapshot on the department's side.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

import pyarrow as pa
import rfc8785

from connectors.derive import KEY_COLUMN, derive, members
from connectors.look_alikes import check_quarantine
from connectors.reading_report import ReadingReport, check_rejected, merged
from connectors.snapshots import Snapshot, SnapshotDraft, SnapshotKey, SnapshotStore
from connectors.sources import BATCH_ROWS, Part, Source, SourceTexts, read_columns
from connectors.typed_columns import TypedTable, survey, type_columns
from connectors.uniqueness import check_unique_rows
from governance.catalogue import Catalogue, Dataset, KeyKind, NamedSet
from governance.errors import BadInput, Unavailable
from masking.arrow_types import HELD_TYPES

_READING = "3"
"""Version of how texts are read; a new one makes old snapshots void."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _KeptPart:
    """A part of the source as a snapshot holds it: rows of a stretch, and what was found while they were read."""

    snapshot: Snapshot
    start: int
    rows: int
    report: ReadingReport


class Holdings:
    """The datasets and named sets of one department."""

    def __init__(self, department: str, *, catalogue: Catalogue, source: Source, store: SnapshotStore) -> None:
        self._department = department
        self._catalogue = catalogue
        self._source = source
        self._store = store
        self._declarations: dict[str, str] = {}
        self._lock = threading.RLock()

    def rows(self, dataset: Dataset, *, as_of: date, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a dataset, with the named columns or all, at once.

        Raises:
            BadInput: the source or a derived dataset does not hold what the catalogue says.
            Unavailable: the source cannot be read now, changed while it was read, or is held back (quarantine).
        """
        with closing(self._snapshot(dataset, as_of)) as snapshot:
            return snapshot.table(columns)

    def count(self, dataset: Dataset, *, as_of: date) -> int:
        """How many rows a dataset has.

        Raises:
            BadInput: as :meth:`rows`.
            Unavailable: as :meth:`rows`.
        """
        with closing(self._snapshot(dataset, as_of)) as snapshot:
            return snapshot.num_rows

    def batches(self, dataset: Dataset, *, as_of: date, columns: Sequence[str]) -> Generator[pa.Table]:
        """The rows of a dataset, batch by batch: they are all of one state, whatever happens to the source meanwhile.

        Everything that can be wrong with the source is found before the first batch. Closing the generator lets go of
        the snapshot.

        Raises:
            BadInput: as :meth:`rows`.
            Unavailable: as :meth:`rows`.
        """
        with closing(self._snapshot(dataset, as_of)) as snapshot:
            for batch in snapshot.batches(columns, rows=BATCH_ROWS):
                yield pa.Table.from_batches([batch])

    def set_members(self, named_set: NamedSet, *, as_of: date, kind: KeyKind) -> pa.Array[Any]:
        """The canonical keys that a named set holds on a date.

        Raises:
            BadInput: the set's SQL does not give keys.
            Unavailable: as :meth:`rows`.
        """
        with self._lock:
            snapshot = self._computed(
                f"set-{named_set.name}",
                _digest({"set": _without(named_set), "kind": _without(kind, "label")}),
                as_of=as_of,
                compute=lambda: members(named_set, self._all_base(), as_of=as_of, kind=kind),
            )
        with closing(snapshot):
            return snapshot.table().column(KEY_COLUMN).combine_chunks()

    def report(self, dataset: Dataset) -> ReadingReport:
        """What was found while a base dataset was read; of one that is held back, too.

        Raises:
            BadInput: as :meth:`rows`.
            Unavailable: the source cannot be read now, or changed while it was read.
        """
        with self._lock, closing(self._read_base(dataset)) as snapshot:
            return _report_of(snapshot)

    def survey(self, dataset: Dataset) -> ReadingReport:
        """Everything that is wrong with a base dataset, row by row, for its holder to mend. Nothing of it is kept.

        Raises:
            BadInput: the source is damaged, or lacks columns.
            Unavailable: the source cannot be read now.
        """
        return survey(self._texts(dataset), dataset, kinds=self._catalogue.kinds)

    def _texts(self, dataset: Dataset) -> Iterator[SourceTexts]:
        for part in self._source.parts(dataset):
            yield _no_rows(dataset, part)
            with closing(self._source.read(dataset, part)) as batches:
                yield from batches

    def base_datasets(self) -> tuple[Dataset, ...]:
        """The department's base datasets, in the catalogue's order."""
        own = (d for d in self._catalogue.datasets.values() if d.department == self._department)
        return tuple(d for d in own if not d.derived)

    def _snapshot(self, dataset: Dataset, as_of: date) -> Snapshot:
        with self._lock:
            return self._derived(dataset, as_of) if dataset.derived else self._base(dataset)

    def _base(self, dataset: Dataset) -> Snapshot:
        """A base dataset for whoever asks: nothing of it while a column of it looks like individual numbers."""
        snapshot = self._read_base(dataset)
        check_quarantine(_report_of(snapshot), dataset=dataset.name)
        return snapshot

    def _read_base(self, dataset: Dataset) -> Snapshot:
        if (snapshot := self._store.find(self._base_key(dataset, self._source.parts(dataset)))) is not None:
            return snapshot
        with self._store.building():
            parts = self._source.parts(dataset, afresh=True)
            key = self._base_key(dataset, parts)
            if (snapshot := self._store.find(key)) is not None:  # another process was faster
                return snapshot
            with self._store.draft(key, _schema(dataset)) as draft:
                read = [
                    {**asdict(part), "rows": rows, "report": report.to_json()}
                    for part, rows, report in self._read_parts(dataset, parts, draft)
                ]
                report = merged(ReadingReport.from_json(part["report"]) for part in read)
                notes = {"declaration": self._declaration(dataset), "report": report.to_json(), "parts": read}
                snapshot = draft.finish(notes)
                if parts != self._source.parts(dataset, afresh=True):
                    raise Unavailable("source-changed", dataset=dataset.name)
                check_rejected(report, dataset)
                check_unique_rows(snapshot, dataset)
                self._store.publish(draft, key)
        return snapshot

    def _read_parts(
        self, dataset: Dataset, parts: Sequence[Part], draft: SnapshotDraft
    ) -> Iterator[tuple[Part, int, ReadingReport]]:
        """Write every part to the draft: copied where an earlier snapshot holds it in the same state, else read."""
        kept = self._kept_parts(dataset)
        for part in parts:
            before = draft.num_rows
            if (known := kept.get(part)) is not None:
                report = known.report
                for table in known.snapshot.stretch(known.start, known.rows):
                    draft.write(table)
            else:
                report = self._read_part(dataset, part, draft)
            yield part, draft.num_rows - before, report

    def _read_part(self, dataset: Dataset, part: Part, draft: SnapshotDraft) -> ReadingReport:
        reports: list[ReadingReport] = []
        presumed: dict[str, tuple[str, int]] = {}
        said_no: set[str] = set()
        with closing(self._source.read(dataset, part)) as batches:
            for texts in batches:
                typed = self._typed(texts, dataset)
                draft.write(typed.table)
                reports.append(typed.report)
                presumed = {**typed.presumed, **presumed}
                said_no |= typed.said_no
        # A blank says "no" in a column that only ever marks "yes"; later rows have shown that this one does not.
        if contradicted := sorted(presumed.keys() & said_no):
            file, row = presumed[contradicted[0]]
            raise BadInput("value-missing", dataset=dataset.name, column=contradicted[0], file=file, row=row)
        # A part without rows has figures, too: zeros for each of its columns.
        return merged(reports) if reports else self._typed(_no_rows(dataset, part), dataset).report

    def _typed(self, texts: SourceTexts, dataset: Dataset) -> TypedTable:
        return type_columns(texts, dataset, kinds=self._catalogue.kinds, whole_dataset=False)

    def _kept_parts(self, dataset: Dataset) -> Mapping[Part, _KeptPart]:
        kept: dict[Part, _KeptPart] = {}
        for snapshot in self._store.earlier(dataset.name):
            if snapshot.note("declaration") != self._declaration(dataset):
                continue
            start = 0
            for part in snapshot.note("parts"):
                kept[Part(name=part["name"], state=part["state"])] = _KeptPart(
                    snapshot=snapshot,
                    start=start,
                    rows=part["rows"],
                    report=ReadingReport.from_json(part["report"]),
                )
                start += part["rows"]
        return kept

    def _derived(self, dataset: Dataset, as_of: date) -> Snapshot:
        kinds = self._catalogue.kinds
        return self._computed(
            dataset.name,
            self._declaration(dataset),
            as_of=as_of,
            compute=lambda: derive(dataset, self._all_base(), as_of=as_of, kinds=kinds),
        )

    def _computed(self, name: str, declaration: str, *, as_of: date, compute: Callable[[], pa.Table]) -> Snapshot:
        base = self._base_digests()
        key = SnapshotKey(
            name=name, made_from=_digest({"base": base, "declaration": declaration}), date=as_of.isoformat()
        )
        if (kept := self._store.find(key)) is not None:
            return kept
        table = compute()
        if self._base_digests() != base:
            raise Unavailable("source-changed", dataset=name)
        with self._store.building():
            return self._store.save(key, table)

    def _all_base(self) -> Mapping[str, pa.Table]:
        tables: dict[str, pa.Table] = {}
        for dataset in self.base_datasets():
            with closing(self._base(dataset)) as snapshot:
                tables[dataset.name] = snapshot.table()
        return tables

    def _base_digests(self) -> dict[str, str]:
        return {
            dataset.name: self._base_key(dataset, self._source.parts(dataset)).made_from
            for dataset in self.base_datasets()
        }

    def _base_key(self, dataset: Dataset, parts: Sequence[Part]) -> SnapshotKey:
        made_from = _digest({"parts": [asdict(part) for part in parts], "dataset": self._declaration(dataset)})
        return SnapshotKey(name=dataset.name, made_from=made_from)

    def _declaration(self, dataset: Dataset) -> str:
        """Digest of everything in the catalogue that decides about the rows of a dataset."""
        if dataset.name not in self._declarations:
            columns = [_without(column, "label") for column in dataset.columns.values()]
            kinds = sorted({column.key for column in dataset.columns.values() if column.key is not None})
            self._declarations[dataset.name] = _digest(
                {
                    "reading": _READING,
                    "dataset": _without(dataset, "label", "columns", "gates", "layouts"),
                    "layouts": [asdict(layout) for layout in dataset.layouts],
                    "columns": columns,
                    "kinds": [_without(self._catalogue.kinds[kind], "label") for kind in kinds],
                }
            )
        return self._declarations[dataset.name]


def _schema(dataset: Dataset) -> pa.Schema:
    return pa.schema([pa.field(column.name, HELD_TYPES[column.type]) for column in dataset.columns.values()])


def _no_rows(dataset: Dataset, part: Part) -> SourceTexts:
    nothing = pa.table({column.name: pa.array([], type=pa.string()) for column in read_columns(dataset)})
    return SourceTexts(table=nothing, file=part.name, rows=range(0))


def _report_of(snapshot: Snapshot) -> ReadingReport:
    return ReadingReport.from_json(snapshot.note("report"))


def _without(value: Any, *left_out: str) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in left_out}


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()
