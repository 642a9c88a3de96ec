"""What a department holds, typed and ready: base datasets from its source, derived datasets and named sets from those.

Everything is computed once for each state of the source files, each text of the catalogue, and each date, and kept as a
snapshot on the department's side.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import date
from typing import Any

import pyarrow as pa
import rfc8785

from connectors.derive import KEY_COLUMN, derive, members
from connectors.look_alikes import check_quarantine
from connectors.reading_report import ReadingReport, check_rejected
from connectors.snapshots import SnapshotKey, SnapshotStore
from connectors.sources import FileDigests, Source, state_of
from connectors.typed_columns import survey, type_columns
from governance.catalogue import Catalogue, Dataset, KeyKind, NamedSet
from governance.errors import Unavailable

_READING = "2"
"""Version of how texts are read; a new one makes old snapshots void."""

_REPORT = b"sekisho.report"
"""Schema metadata of the snapshot of a base dataset: what was found while it was read."""


class Holdings:
    """The datasets and named sets of one department."""

    def __init__(
        self, department: str, *, catalogue: Catalogue, source: Source, digests: FileDigests, store: SnapshotStore
    ) -> None:
        self._department = department
        self._catalogue = catalogue
        self._source = source
        self._digests = digests
        self._store = store
        self._declarations: dict[str, str] = {}
        self._lock = threading.RLock()

    def rows(self, dataset: Dataset, *, as_of: date, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows of a dataset, with the named columns or all.

        Raises:
            BadInput: the source or a derived dataset does not hold what the catalogue says.
            Unavailable: the source cannot be read now, changed while it was read, or is held back (quarantine).
        """
        with self._lock:
            return self._derived(dataset, as_of, columns) if dataset.derived else self._base(dataset, columns)

    def set_members(self, named_set: NamedSet, *, as_of: date, kind: KeyKind) -> pa.Array[Any]:
        """The canonical keys that a named set holds on a date.

        Raises:
            BadInput: the set's SQL does not give keys.
            Unavailable: as :meth:`rows`.
        """
        with self._lock:
            table = self._computed(
                f"set-{named_set.name}",
                _digest({"set": _without(named_set), "kind": _without(kind, "label")}),
                None,
                as_of=as_of,
                compute=lambda: members(named_set, self._all_base(), as_of=as_of, kind=kind),
            )
            return table.column(KEY_COLUMN).combine_chunks()

    def report(self, dataset: Dataset) -> ReadingReport:
        """What was found while a base dataset was read; of one that is held back, too.

        Raises:
            BadInput: as :meth:`rows`.
            Unavailable: the source cannot be read now, or changed while it was read.
        """
        with self._lock:
            return _report_of(self._read_base(dataset, ()))

    def survey(self, dataset: Dataset) -> ReadingReport:
        """Everything that is wrong with a base dataset, row by row, for its holder to mend. Nothing of it is kept.

        Raises:
            BadInput: the source is damaged, or lacks columns.
            Unavailable: the source cannot be read now.
        """
        return survey(self._source.read(dataset), dataset, kinds=self._catalogue.kinds)

    def base_datasets(self) -> tuple[Dataset, ...]:
        """The department's base datasets, in the catalogue's order."""
        own = (d for d in self._catalogue.datasets.values() if d.department == self._department)
        return tuple(d for d in own if not d.derived)

    def _base(self, dataset: Dataset, columns: Sequence[str] | None) -> pa.Table:
        """A base dataset for whoever asks: nothing of it while a column of it looks like individual numbers."""
        table = self._read_base(dataset, columns)
        check_quarantine(_report_of(table), dataset=dataset.name)
        return table

    def _read_base(self, dataset: Dataset, columns: Sequence[str] | None) -> pa.Table:
        key = self._base_key(dataset, self._state(dataset))
        if (table := self._store.read(key, columns)) is not None:
            return table
        with self._store.building():
            before = self._state(dataset, afresh=True)
            key = self._base_key(dataset, before)
            if (table := self._store.read(key, columns)) is not None:  # another process was faster
                return table
            typed = type_columns(self._source.read(dataset), dataset, kinds=self._catalogue.kinds)
            if before != self._state(dataset, afresh=True):
                raise Unavailable("source-changed", dataset=dataset.name)
            check_rejected(typed.report, dataset)
            table = typed.table.replace_schema_metadata({_REPORT: rfc8785.dumps(typed.report.to_json())})
            self._store.save(key, table)
        return table if columns is None else table.select(list(columns))

    def _derived(self, dataset: Dataset, as_of: date, columns: Sequence[str] | None) -> pa.Table:
        kinds = self._catalogue.kinds
        return self._computed(
            dataset.name,
            self._declaration(dataset),
            columns,
            as_of=as_of,
            compute=lambda: derive(dataset, self._all_base(), as_of=as_of, kinds=kinds),
        )

    def _computed(
        self,
        name: str,
        declaration: str,
        columns: Sequence[str] | None,
        *,
        as_of: date,
        compute: Callable[[], pa.Table],
    ) -> pa.Table:
        base = self._base_digests()
        key = SnapshotKey(
            name=name, made_from=_digest({"base": base, "declaration": declaration}), date=as_of.isoformat()
        )
        if (kept := self._store.read(key, columns)) is not None:
            return kept
        table = compute()
        if self._base_digests() != base:
            raise Unavailable("source-changed", dataset=name)
        with self._store.building():
            self._store.save(key, table)
        return table if columns is None else table.select(list(columns))

    def _all_base(self) -> Mapping[str, pa.Table]:
        return {dataset.name: self._base(dataset, None) for dataset in self.base_datasets()}

    def _base_digests(self) -> dict[str, str]:
        return {
            dataset.name: self._base_key(dataset, self._state(dataset)).made_from for dataset in self.base_datasets()
        }

    def _state(self, dataset: Dataset, *, afresh: bool = False) -> str:
        return state_of(self._source, dataset, digests=self._digests, afresh=afresh)

    def _base_key(self, dataset: Dataset, files: str) -> SnapshotKey:
        made_from = _digest({"files": files, "dataset": self._declaration(dataset)})
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


def _report_of(table: pa.Table) -> ReadingReport:
    return ReadingReport.from_json(json.loads((table.schema.metadata or {})[_REPORT]))


def _without(value: Any, *left_out: str) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value) if field.name not in left_out}


def _digest(document: Mapping[str, Any]) -> str:
    return hashlib.sha256(rfc8785.dumps(document)).hexdigest()
