"""Typed tables kept in the department's own folder, so that a source is parsed once for each state of its files.

A snapshot's name carries the key of everything that it was made from, and the digest of its own bytes: what does not
fit its name is thrown away and made again. It is written and read in batches, so that its size does not matter.
Snapshots hold personal data; only their owner reads them, and those of an earlier state of the source are removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import rfc8785

from governance.errors import BadInput, Unavailable
from governance.log import get_log

MOST_DATES = 8
"""Snapshots of one derived dataset kept for different dates."""

_GROUP_ROWS = 131_072
"""Rows of a row group: hundreds of small files share one, and one is all that a reader holds."""

_NOTE = b"sekisho."
_NAME = re.compile(r"[\w.-]+")
_PART_SUFFIX = ".part"


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotKey:
    """What a snapshot is of.

    Attributes:
        name: the dataset, or the named set.
        made_from: digest of everything that its rows depend on, but for the date.
        date: ISO date for what is computed for a date; empty for base datasets.
    """

    name: str
    made_from: str
    date: str = ""

    @property
    def stem(self) -> str:
        """The beginning of the file's name."""
        return f"{self.name}~{self.made_from[:32]}~{self.date}~"


class Snapshot:
    """The rows of a snapshot, from a file that stays readable while this is held, whoever replaces it."""

    def __init__(self, path: Path) -> None:
        self._file = pq.ParquetFile(path)
        self._last: tuple[int, pa.Table] | None = None

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self._file.metadata.num_rows)

    @property
    def schema(self) -> pa.Schema:
        """Columns and types."""
        return self._file.schema_arrow

    def note(self, name: str) -> Any:
        """What was written down under a name when the rows were saved; ``None`` where nothing was."""
        return json.loads((self._file.metadata.metadata or {}).get(_NOTE + name.encode(), b"null"))

    def table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """The named columns, or all, at once."""
        return self._file.read(columns=None if columns is None else list(columns))

    def batches(self, columns: Sequence[str], *, rows: int) -> Generator[pa.RecordBatch]:
        """The named columns in batches of at most so many rows."""
        yield from self._file.iter_batches(batch_size=rows, columns=list(columns))

    def stretch(self, start: int, rows: int) -> Generator[pa.Table]:
        """All columns of a stretch of rows, row group by row group."""
        end, at = start + rows, 0
        for group in range(self._file.num_row_groups):
            held = self._file.metadata.row_group(group).num_rows
            first, last = max(start, at), min(end, at + held)
            if first < last:
                yield self._group(group).slice(first - at, last - first)
            at += held

    def _group(self, number: int) -> pa.Table:
        """A row group. The last one is kept: stretches of hundreds of small files lie in one."""
        if self._last is None or self._last[0] != number:
            self._last = (number, self._file.read_row_group(number))
        return self._last[1]

    def close(self) -> None:
        """Let go of the file."""
        self._file.close(force=True)


class SnapshotDraft:
    """A snapshot in the making. Nobody sees it before it is published; what is never published is removed."""

    def __init__(self, part: Path, schema: pa.Schema) -> None:
        self._path = part
        self._schema = schema
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._writer = pq.ParquetWriter(self._file, schema)
        self._held: list[pa.Table] = []
        self._held_rows = 0
        self.num_rows = 0
        self.published = False

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self.num_rows += table.num_rows
        self._held_rows += table.num_rows
        self._held.append(table)
        if self._held_rows >= _GROUP_ROWS:
            self._flush(whole_groups=True)

    def finish(self, notes: Mapping[str, Any]) -> Snapshot:
        """Write down what there is to say about the rows, and read them back; nothing can be added after that."""
        self._flush(whole_groups=False)
        written: Any = {_NOTE + name.encode(): rfc8785.dumps(note) for name, note in notes.items()}
        self._writer.add_key_value_metadata(written)
        self._writer.close()
        self._file.flush()
        return Snapshot(self._path)

    def digest(self) -> str:
        """SHA-256 of the finished file."""
        self._file.seek(0)
        return hashlib.file_digest(self._file, "sha256").hexdigest()

    def drop(self) -> None:
        """Close the file, and remove it unless it was published."""
        if self._writer.is_open:
            self._writer.close()
        self._file.close()
        if not self.published:
            self._path.unlink(missing_ok=True)

    def _flush(self, *, whole_groups: bool) -> None:
        table = pa.concat_tables([*self._held, self._schema.empty_table()])
        rows = table.num_rows - table.num_rows % _GROUP_ROWS if whole_groups else table.num_rows
        if rows:
            self._writer.write_table(table.slice(0, rows), row_group_size=_GROUP_ROWS)
        rest = table.slice(rows)
        self._held, self._held_rows = [rest], rest.num_rows


class SnapshotStore:
    """The folder of a department's snapshots."""

    def __init__(self, folder: Path, *, department: str) -> None:
        self._folder = folder
        self._department = department
        self._trusted: dict[Path, tuple[int, ...]] = {}

    def find(self, key: SnapshotKey) -> Snapshot | None:
        """The snapshot of a key; ``None`` where none is whole."""
        return next(self._whole(key.stem), None)

    def earlier(self, name: str) -> Iterator[Snapshot]:
        """The snapshots of that name, of whatever state of the source."""
        return self._whole(f"{name}~")

    @contextmanager
    def draft(self, key: SnapshotKey, schema: pa.Schema) -> Iterator[SnapshotDraft]:
        """Begin a snapshot. Use it under :meth:`building`; it counts once it is handed to :meth:`publish`.

        Raises:
            BadInput: the dataset's name cannot be a file's.
            Unavailable: the folder cannot be written.
        """
        if not _NAME.fullmatch(key.name):
            raise BadInput("source-path-outside", path=key.name)
        try:
            draft = SnapshotDraft(self._folder / f"{key.stem}{_PART_SUFFIX}", schema)
            try:
                yield draft
            finally:
                draft.drop()
        except OSError:
            raise Unavailable("snapshot-unwritable", department=self._department) from None

    def publish(self, draft: SnapshotDraft, key: SnapshotKey) -> None:
        """Keep a finished draft, and remove what it replaces.

        Raises:
            Unavailable: the folder cannot be written.
        """
        try:
            part = self._folder / f"{key.stem}{_PART_SUFFIX}"
            part.replace(self._folder / f"{key.stem}{draft.digest()}.parquet")
        except OSError:
            raise Unavailable("snapshot-unwritable", department=self._department) from None
        draft.published = True
        self._remove_replaced(key)

    def save(self, key: SnapshotKey, table: pa.Table) -> Snapshot:
        """Keep a whole table. Use it under :meth:`building`.

        Raises:
            BadInput: as :meth:`draft`.
            Unavailable: as :meth:`draft`.
        """
        with self.draft(key, table.schema) as draft:
            draft.write(table)
            snapshot = draft.finish({})
            self.publish(draft, key)
        return snapshot

    @contextmanager
    def building(self) -> Iterator[None]:
        """Hold off every other process that would build snapshots of this department.

        Raises:
            Unavailable: the folder cannot be made or written.
        """
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._folder.chmod(0o700)
            lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError:
            raise Unavailable("snapshot-unwritable", department=self._department) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            for leftover in self._folder.glob(f"*{_PART_SUFFIX}"):
                leftover.unlink(missing_ok=True)  # of a process that died; nobody else writes now
            yield
        finally:
            os.close(lock)

    def _whole(self, beginning: str) -> Iterator[Snapshot]:
        for path in sorted(self._folder.glob(f"{beginning}*.parquet")):
            if self._is_whole(path):
                try:
                    yield Snapshot(path)
                except (OSError, pa.ArrowException):
                    self._trusted.pop(path, None)  # removed or damaged since it was looked at
                else:
                    continue
            get_log().warning("snapshot-rebuilt", departments=self._department)
            path.unlink(missing_ok=True)

    def _is_whole(self, path: Path) -> bool:
        try:
            status = path.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if self._trusted.get(path) == stamp:
                return True
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return False
        if not path.name.endswith(f"~{digest}.parquet"):
            return False
        self._trusted[path] = stamp
        return True

    def _remove_replaced(self, key: SnapshotKey) -> None:
        of_name = list(self._folder.glob(f"{key.name}~*.parquet"))
        current = [path for path in of_name if path.name.startswith(f"{key.name}~{key.made_from[:32]}~")]
        newest_first = sorted(current, key=_modified, reverse=True)
        for path in (set(of_name) - set(current)) | set(newest_first[MOST_DATES:]):
            path.unlink(missing_ok=True)
            self._trusted.pop(path, None)


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
