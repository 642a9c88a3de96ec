"""What every kind of source gives: the texts of a base dataset, and where each row stood.

A source reads everything as text. What a text means is decided in one place for all kinds of source
(:mod:`connectors.typed_columns`), so that the same value is the same whether it comes from a database or from a file.
"""

from __future__ import annotations

import bisect
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import pyarrow as pa

from connectors.reading_report import UndeclaredColumn
from governance.catalogue import Column, Dataset
from governance.errors import BadInput, Fault, Unavailable

_CLEAN_AFTER_NS = 2_000_000_000
"""A file that was changed this recently may be changed again without its time stamps showing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rows that stand together: in a file, or in a table.

    Attributes:
        file: for messages, relative to the departments' folder.
        rows: how many.
        header_rows: rows of the file before the first of them.
    """

    file: str
    rows: int
    header_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTexts:
    """The texts of a base dataset.

    Attributes:
        table: ``string`` columns under their catalogue names; a blank and a null are the same.
        stretches: where the rows came from, in order.
        undeclared: what can be told of the source's columns that the catalogue does not have.
    """

    table: pa.Table
    stretches: tuple[Stretch, ...]
    undeclared: tuple[UndeclaredColumn, ...] = ()

    def place(self, row: int) -> tuple[str, int]:
        """File and row number, from 1 and headers included, of a row of the table."""
        ends: list[int] = []
        for stretch in self.stretches:
            ends.append((ends[-1] if ends else 0) + stretch.rows)
        at = min(bisect.bisect_right(ends, row), len(ends) - 1)
        stretch = self.stretches[at]
        return stretch.file, row - (ends[at] - stretch.rows) + stretch.header_rows + 1


class Source(Protocol):
    """One department's source: files, or a server."""

    def read(self, dataset: Dataset) -> SourceTexts:
        """The texts of a base dataset.

        Raises:
            BadInput: the source does not hold what the catalogue says, or is damaged; names file and line.
            Unavailable: it cannot be read now (missing, locked, no right to read, no answer).
        """
        ...


@runtime_checkable
class FileSource(Source, Protocol):
    """A source whose state is the content of files."""

    def files(self, dataset: Dataset) -> tuple[Path, ...]:
        """The files that a base dataset is read from, as they are now.

        Raises:
            Unavailable: a file is missing.
        """
        ...


@runtime_checkable
class LiveSource(Source, Protocol):
    """A source that runs by itself and says what state it is in."""

    def state(self, dataset: Dataset) -> str:
        """Digest of what a base dataset holds now: equal while its rows and the columns read of it are.

        Raises:
            BadInput: the source does not hold what the catalogue says.
            Unavailable: it cannot be asked now.
        """
        ...


def state_of(source: Source, dataset: Dataset, *, digests: FileDigests, afresh: bool = False) -> str:
    """What tells one state of a base dataset's source from another.

    Args:
        digests: of the files, for a source of files.
        afresh: look at every byte again, whatever time stamps say.

    Raises:
        BadInput: the source does not hold what the catalogue says.
        Unavailable: it cannot be read now.
    """
    if isinstance(source, LiveSource):
        return source.state(dataset)
    if isinstance(source, FileSource):
        return digests.of(source.files(dataset), afresh=afresh)
    raise Fault


def read_columns(dataset: Dataset) -> tuple[Column, ...]:
    """The columns that stand in the source; composite keys are made of them later."""
    return tuple(column for column in dataset.columns.values() if not column.compose)


def source_name(column: Column) -> str:
    """The column's name, or header, in the source."""
    return column.source or column.name


def refuse_missing(names: Iterable[str], *, file: str, dataset: str) -> None:
    """Refuse a source that lacks columns of the catalogue.

    Raises:
        BadInput: with the names that the catalogue expects; what the source has instead is not shown.
    """
    if missing := ", ".join(names):
        raise BadInput("source-column-missing", file=file, dataset=dataset, columns=missing)


def inside(folder: Path, path: str, *, root: Path) -> Path:
    """A path of the catalogue below a folder of the departments.

    Raises:
        BadInput: it leads outside.
    """
    target = (folder / path).resolve()
    if not target.is_relative_to(root.resolve()):
        raise BadInput("source-path-outside", path=path)
    return target


def written_to(log: Path) -> bool:
    """Whether a write-ahead log holds anything. An empty one comes and goes with whoever opens the database."""
    try:
        return log.stat().st_size > 0
    except OSError:
        return False


class FileDigests:
    """Digests of source files, computed again only where a file may have changed."""

    def __init__(self, *, root: Path) -> None:
        self._root = root.resolve()
        self._known: dict[Path, tuple[tuple[int, ...], str]] = {}

    def of(self, files: Iterable[Path], *, afresh: bool = False) -> str:
        """SHA-256 over names and contents of the files.

        Args:
            afresh: read every byte again, whatever the time stamps say.

        Raises:
            Unavailable: a file is missing or cannot be read.
        """
        whole = hashlib.sha256()
        for file in files:
            name = relative_name(file, root=self._root)
            whole.update(f"{name}\0{self._digest(file, name=name, afresh=afresh)}\n".encode())
        return whole.hexdigest()

    def _digest(self, file: Path, *, name: str, afresh: bool) -> str:
        try:
            status = file.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            known = self._known.get(file)
            if known is not None and known[0] == stamp and not afresh:
                return known[1]
            started = time.time_ns()
            with file.open("rb") as content:
                digest = hashlib.file_digest(content, "sha256").hexdigest()
        except FileNotFoundError:
            raise Unavailable("source-missing", file=name) from None
        except OSError:
            raise Unavailable("source-unreadable", file=name) from None
        if started - max(status.st_mtime_ns, status.st_ctime_ns) > _CLEAN_AFTER_NS:
            self._known[file] = (stamp, digest)
        return digest


def relative_name(file: Path, *, root: Path) -> str:
    """A file's name for messages: its path below the departments' folder, both free of links."""
    try:
        return file.relative_to(root).as_posix()
    except ValueError:
        return file.name
