"""What every kind of source gives: the texts of a base dataset, and where each row stood.

A source reads everything as text. What a text means is decided in one place for all kinds of source
(:mod:`connectors.typed_columns`), so that the same value is the same whether it comes from a database or from a file.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from connectors.reading_report import UndeclaredColumn
from governance.catalogue import Column, Dataset
from governance.errors import BadInput, Unavailable

_CLEAN_AFTER_NS = 2_000_000_000
"""A file that was changed this recently may be changed again without its time stamps showing it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is read, typed and kept by itself: one file, or the whole of a table.

    Attributes:
        name: for messages, relative to the departments' folder.
        state: digest of everything in the source that its rows depend on. While it is the same, so are the rows.
    """

    name: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTexts:
    """Texts of a base dataset: a batch of the rows of one part.

    Attributes:
        table: ``string`` columns under their catalogue names; a blank and a null are the same.
        file: where the rows stand, for messages; a worksheet is named with its workbook.
        rows: the number of each row there, from 1 and headers included.
        undeclared: what can be told of the source's columns that the catalogue does not have.
    """

    table: pa.Table
    file: str
    rows: range | pa.Array[Any]
    undeclared: tuple[UndeclaredColumn, ...] = ()

    def place(self, row: int) -> tuple[str, int]:
        """File and row number of a row of the table."""
        number = self.rows[row]
        return self.file, number if isinstance(number, int) else int(number.as_py())


class Source(Protocol):
    """One department's source."""

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        """The parts of a base dataset, as they are now.

        Args:
            afresh: look at every byte again, whatever time stamps say.

        Raises:
            BadInput: the source is not what the catalogue says.
            Unavailable: it is missing, or cannot be read now.
        """
        ...

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        """The texts of a part, batch by batch; a part without rows gives none. Closing the generator ends the reading.

        Raises:
            BadInput: the source does not hold what the catalogue says, or is damaged; names file and line.
            Unavailable: it cannot be read now (missing, locked, no right to read).
        """
        ...


BATCH_ROWS = 65_536
"""Rows that a source gives at once."""


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


def database_part(path: Path, log: Path, *, digests: FileDigests, name: str, afresh: bool) -> Part:
    """The one part of a database in a file: all of it, with its write-ahead log, where committed rows may stand alone.

    Raises:
        Unavailable: the file is missing or cannot be read.
    """
    try:
        found = path.is_file()
    except OSError:
        raise Unavailable("source-unreadable", file=name) from None
    if not found:
        raise Unavailable("source-missing", file=name)
    state = digests.of(path, afresh=afresh)
    return Part(name=name, state=f"{state}+{digests.of(log, afresh=afresh)}" if written_to(log) else state)


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

    def of(self, file: Path, *, afresh: bool = False) -> str:
        """SHA-256 of a file's content.

        Args:
            afresh: read every byte again, whatever the time stamps say.

        Raises:
            Unavailable: the file is missing or cannot be read.
        """
        name = relative_name(file, root=self._root)
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
