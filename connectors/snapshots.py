"""Typed tables kept in the department's own folder, so that a source is parsed once for each state of its files.

A snapshot's name carries the key of everything that it was made from, and the digest of its own bytes: what does not
fit its name is thrown away and made again. Snapshots hold personal data; only their owner reads them, and those of an
earlier state of the source are removed.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from governance.errors import BadInput, Unavailable
from governance.log import get_log

MOST_DATES = 8
"""Snapshots of one derived dataset kept for different dates."""

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


class SnapshotStore:
    """The folder of a department's snapshots."""

    def __init__(self, folder: Path, *, department: str) -> None:
        self._folder = folder
        self._department = department
        self._trusted: dict[Path, tuple[int, ...]] = {}

    def read(self, key: SnapshotKey, columns: Sequence[str] | None = None) -> pa.Table | None:
        """The named columns of a snapshot, or all, with its notes as schema metadata; ``None`` where none is whole."""
        for path in sorted(self._folder.glob(f"{key.stem}*.parquet")):
            if self._is_whole(path, key):
                try:
                    with pq.ParquetFile(path) as file:
                        return file.read(columns=None if columns is None else list(columns))
                except (OSError, pa.ArrowException):
                    self._trusted.pop(path, None)  # removed or damaged since it was looked at
            get_log().warning("snapshot-rebuilt", departments=self._department)
            path.unlink(missing_ok=True)
        return None

    def save(self, key: SnapshotKey, table: pa.Table) -> None:
        """Keep a table, and remove what it replaces. Call it under :meth:`building`.

        Raises:
            BadInput: the dataset's name cannot be a file's.
            Unavailable: the folder cannot be written.
        """
        if not _NAME.fullmatch(key.name):
            raise BadInput("source-path-outside", path=key.name)
        part = self._folder / f"{key.stem}{_PART_SUFFIX}"
        try:
            descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(descriptor, "w+b") as file:
                pq.write_table(table, file)
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            part.replace(self._folder / f"{key.stem}{digest}.parquet")
        except OSError:
            raise Unavailable("snapshot-unwritable", department=self._department) from None
        self._remove_replaced(key)

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

    def _is_whole(self, path: Path, key: SnapshotKey) -> bool:
        try:
            status = path.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if self._trusted.get(path) == stamp:
                return True
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return False
        if path.name != f"{key.stem}{digest}.parquet":
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
