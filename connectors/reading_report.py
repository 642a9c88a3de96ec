"""What was found while a base dataset was read: figures for each column, rows that could not be read, columns beyond
the catalogue. It stands beside the snapshot on the department's side and never holds a value.

Figures are counts of the department's own data, made for the department itself. A source that is read in parts (a file,
a batch) gives one report a part; :func:`merged` makes one of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from governance.catalogue import Dataset
from governance.errors import BadInput

MOST_FAULTS = 1_000
"""Faults of a dataset that are kept one by one; the figures of the columns count all."""

Note = Literal["unknown-day", "late-era", "zero-padded", "replaced-character", "no-figure", "withheld"]
"""What was noticed about a value that could be read.

``unknown-day``: month or day not known, the date is null. ``late-era``: an era used after its end. ``zero-padded``: a
key that had lost its leading zeros. ``replaced-character``: 〓, ■, ?, or a character of private use (外字) in a name or
an address. ``no-figure`` and ``withheld``: ``-`` or ``…``, and ``×``, where a value would stand: unknown, never zero.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """A value that could not be read, by its place.

    Attributes:
        rejected: whether its row was set aside; else the value is unknown.
    """

    code: str
    column: str
    file: str
    row: int
    rejected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFigures:
    """How a declared column was filled, over all rows read.

    Attributes:
        known: rows with a value.
        blank: rows with none, or with a mark of none.
        unreadable: rows whose text is no value of the column, those that were set aside included.
        codes: how many rows hold each declared code, for columns with codes.
        notes: how many rows were read with each remark.
        number_like: how many values look like an individual number; an own concern only where that is undeclared.
    """

    known: int
    blank: int
    unreadable: int
    codes: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[Note, int] = field(default_factory=dict)
    number_like: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class UndeclaredColumn:
    """A column of the source that the catalogue does not have.

    Attributes:
        file: where it stands.
        position: which column it is, from 1.
        title: its header, ``""`` where there is none or it may itself be a value.
        filled: how many of its values are not blank.
        number_like: how many of those look like an individual number.
    """

    file: str
    position: int
    title: str
    filled: int
    number_like: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReport:
    """What was found in a base dataset, or in a part of one.

    Attributes:
        rows: rows read, those that were set aside included.
        rejected: rows that were set aside.
        faults: the first of them, in the order of the source.
    """

    rows: int
    rejected: int = 0
    columns: Mapping[str, ColumnFigures] = field(default_factory=dict)
    faults: tuple[RowFault, ...] = ()
    undeclared: tuple[UndeclaredColumn, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The report as it is kept beside a snapshot."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ReadingReport:
        """The report that was kept."""
        return cls(
            rows=document["rows"],
            rejected=document["rejected"],
            columns={name: ColumnFigures(**figures) for name, figures in document["columns"].items()},
            faults=tuple(RowFault(**fault) for fault in document["faults"]),
            undeclared=tuple(UndeclaredColumn(**column) for column in document["undeclared"]),
        )


def merged(reports: Iterable[ReadingReport]) -> ReadingReport:
    """One report of the parts of a source, in their order."""
    parts = tuple(reports)
    names = dict.fromkeys(name for part in parts for name in part.columns)
    return ReadingReport(
        rows=sum(part.rows for part in parts),
        rejected=sum(part.rejected for part in parts),
        columns={name: _sum(part.columns[name] for part in parts if name in part.columns) for name in names},
        faults=tuple(fault for part in parts for fault in part.faults)[:MOST_FAULTS],
        undeclared=_by_place(column for part in parts for column in part.undeclared),
    )


def check_rejected(report: ReadingReport, dataset: Dataset) -> None:
    """Refuse a dataset of which more rows had to be set aside than its catalogue allows.

    Raises:
        BadInput: it is so; what was found is a matter of the whole dataset, so it names the first place only.
    """
    if report.rejected > dataset.reject_up_to * report.rows:
        first = next((fault for fault in report.faults if fault.rejected), None)
        raise BadInput(
            "dataset-rows-rejected",
            dataset=dataset.name,
            rows=report.rejected,
            file=first.file if first is not None else "",
            row=first.row if first is not None else 0,
        )


def _sum(figures: Iterable[ColumnFigures]) -> ColumnFigures:
    parts = tuple(figures)
    codes: Counter[str] = Counter()
    notes: Counter[Note] = Counter()
    for part in parts:
        codes.update(part.codes)
        notes.update(part.notes)
    return ColumnFigures(
        known=sum(part.known for part in parts),
        blank=sum(part.blank for part in parts),
        unreadable=sum(part.unreadable for part in parts),
        codes=dict(codes),
        notes=dict(notes),
        number_like=sum(part.number_like for part in parts),
    )


def added(one: UndeclaredColumn, other: UndeclaredColumn) -> UndeclaredColumn:
    """Two parts of a column, under the place of the first."""
    return replace(one, filled=one.filled + other.filled, number_like=one.number_like + other.number_like)


def _by_place(columns: Iterable[UndeclaredColumn]) -> tuple[UndeclaredColumn, ...]:
    """The parts of one column of one file added up: a large file is read in batches."""
    places: dict[tuple[str, int], UndeclaredColumn] = {}
    for column in columns:
        place = (column.file, column.position)
        places[place] = added(places[place], column) if place in places else column
    return tuple(places.values())
