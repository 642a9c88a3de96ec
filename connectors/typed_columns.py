"""From the texts of a source to columns of the declared types, checked: the one place that says what a text means.

Dictionary-encoded first: a column of 100,000 dates has some thousand different texts, and each is read once.

What cannot be read refuses the dataset, unless its catalogue entry says otherwise: a value becomes *unknown*
(``unreadable_values: unknown``) only in a column whose NULL means that, and a row is set aside (``reject_up_to``) only
where the absence of a row means that. Each is reported with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import pyarrow as pa

from connectors.column_checks import check_unique, missing_values, repeated_rows, unknown_codes
from connectors.composite_keys import compose
from connectors.dates import read_date
from connectors.look_alikes import number_like
from connectors.notations import NotationError, marks_only_yes, read_boolean, read_decimal, read_integer
from connectors.reading_report import MOST_FAULTS, ColumnFigures, Note, ReadingReport, RowFault, merged
from connectors.sources import SourceTexts
from connectors.text_notes import lost_zeros, no_figures, replaced_characters, withheld
from governance.catalogue import Column, Dataset, KeyKind
from governance.errors import BadInput
from governance.forms import ColumnType
from masking.arrow_types import HELD_TYPES, pc, whole
from masking.canonical import canonical_keys, canonical_text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What one text says, what was noticed about it, or the code of its fault."""

    value: Any
    notes: tuple[Note, ...]
    fault: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A base dataset, or a part of one, with its declared columns and types in the catalogue's order.

    Attributes:
        rows: where each row stood in the texts that were read, for :meth:`SourceTexts.place`; rows that were set aside
            are not among them.
        presumed: boolean columns in which a blank was read as "no", with the place of the first such row.
        said_no: boolean columns in which some text says "no" itself, or that there is no answer.
    """

    table: pa.Table
    report: ReadingReport
    rows: pa.Array[Any]
    presumed: Mapping[str, tuple[str, int]]
    said_no: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A column as it was read.

    Attributes:
        faults: for each kind of fault, the rows that have it.
        notes: for each remark, how many rows have it.
        presumed: the first row in which a blank was read as "no".
        says_no: whether some text says "no" itself, or that there is no answer.
    """

    values: pa.Array[Any]
    faults: Mapping[str, pa.Array[Any]]
    notes: Mapping[Note, int]
    presumed: int | None = None
    says_no: bool = False


def type_columns(
    texts: SourceTexts, dataset: Dataset, *, kinds: Mapping[str, KeyKind], whole_dataset: bool = True
) -> TypedTable:
    """Read every column of a base dataset.

    Args:
        whole_dataset: false for a part (one file of many): what is unique is then for whoever has all parts to check.

    Raises:
        BadInput: a text is no value of its column's type, no declared code, no key of its kind, or a blank where the
            catalogue promises a value, and the catalogue does not say to go on without it; two rows share what is
            declared unique. The message names file, row and column and never the value.
    """
    reader = _Reader(texts, dataset, kinds)
    typed = reader.typed()
    kept = pc.indices_nonzero(pc.invert(reader.rejected)).cast(pa.int64())
    table = pa.table({name: typed[name] for name in dataset.columns})
    if len(kept) < table.num_rows:
        table = table.take(kept)
    if whole_dataset:
        check_unique(table, dataset)
    return TypedTable(
        table=table,
        report=reader.report(),
        rows=kept,
        presumed={name: texts.place(row) for name, row in reader.presumed.items()},
        said_no=frozenset(reader.said_no),
    )


def survey(batches: Iterable[SourceTexts], dataset: Dataset, *, kinds: Mapping[str, KeyKind]) -> ReadingReport:
    """Everything that is wrong with the texts of a base dataset, for its holder to mend; nothing is refused.

    A reading stops at the first fault that refuses the dataset. Here every such row is told, and so is each further row
    that shares what is declared unique.
    """
    reports: list[ReadingReport] = []
    keys: list[pa.Table] = []
    places: list[tuple[SourceTexts, pa.Array[Any]]] = []
    for texts in batches:
        reader = _Reader(texts, dataset, kinds, refuses=False)
        typed = reader.typed()
        kept = pc.indices_nonzero(pc.invert(reader.rejected)).cast(pa.int64())
        if dataset.unique_by:
            keys.append(pa.table({name: typed[name] for name in dataset.unique_by}).take(kept))
            places.append((replace(texts, table=texts.table.slice(0, 0)), kept))
        reports.append(reader.report())
    if keys:
        faults = tuple(_repeated(keys, places, dataset))
        reports.append(ReadingReport(rows=0, faults=faults))
    return merged(reports)


def _repeated(
    keys: Sequence[pa.Table], places: Sequence[tuple[SourceTexts, pa.Array[Any]]], dataset: Dataset
) -> Iterator[RowFault]:
    """Rows that share what is declared unique with a row before them."""
    mask = repeated_rows(pa.concat_tables(keys), dataset)
    start = found = 0
    for texts, kept in places:
        for at in pc.indices_nonzero(mask.slice(start, len(kept))).to_pylist():
            file, row = texts.place(int(kept[at].as_py()))
            yield RowFault(code="value-repeated", column=dataset.unique_by[0], file=file, row=row, rejected=True)
            if (found := found + 1) == MOST_FAULTS:
                return
        start += len(kept)


class _Reader:
    """One reading of the texts of a dataset, and what is found on the way."""

    def __init__(
        self, texts: SourceTexts, dataset: Dataset, kinds: Mapping[str, KeyKind], *, refuses: bool = True
    ) -> None:
        self._refuses = refuses
        self._texts = texts
        self._dataset = dataset
        self._kinds = kinds
        self._rows = texts.table.num_rows
        self._faults: list[RowFault] = []
        self._bad = {name: _none_of(self._rows) for name in dataset.columns}
        self._notes: dict[str, Mapping[Note, int]] = {}
        self._values: dict[str, pa.Array[Any]] = {}
        self.rejected = _none_of(self._rows)
        self.presumed: dict[str, int] = {}
        self.said_no: set[str] = set()

    def typed(self) -> Mapping[str, pa.Array[Any]]:
        columns = self._dataset.columns.values()
        for column in columns:
            if not column.compose:
                self._take(column, _typed(whole(self._texts.table.column(column.name)), column, kinds=self._kinds))
        for column in columns:
            if column.compose:
                self._take(column, _composed(self._values, column, kinds=self._kinds))
        for column in columns:
            self._fault("value-code-unknown", column, unknown_codes(self._values[column.name], column))
            self._fault("value-missing", column, missing_values(self._values[column.name], column))
        return self._values

    def report(self) -> ReadingReport:
        return ReadingReport(
            rows=self._rows,
            rejected=_count(self.rejected),
            columns={column.name: self._figures(column) for column in self._dataset.columns.values()},
            faults=tuple(sorted(self._faults, key=lambda fault: (fault.file, fault.row)))[:MOST_FAULTS],
            undeclared=self._texts.undeclared,
        )

    def _take(self, column: Column, read: _Read) -> None:
        self._values[column.name] = read.values
        self._notes[column.name] = read.notes
        if read.presumed is not None:
            self.presumed[column.name] = read.presumed
        if read.says_no:
            self.said_no.add(column.name)
        for fault, at in read.faults.items():
            self._fault(fault, column, at)

    def _fault(self, code: str, column: Column, at: pa.Array[Any]) -> None:
        """Deal with the rows of a column that have a fault: refuse, set the row aside, or let the value be unknown."""
        at = whole(pc.and_(at, pc.invert(pc.or_(self.rejected, self._bad[column.name]))))
        first = int(pc.index(at, True).as_py())
        if first < 0:
            return
        unknown = code != "value-missing" and _may_be_unknown(column, self._dataset)
        if self._refuses and not unknown and self._dataset.reject_up_to == 0:
            file, number = self._texts.place(first)
            raise BadInput(code, dataset=self._dataset.name, column=column.name, file=file, row=number)
        if unknown:
            values = self._values[column.name]
            self._values[column.name] = whole(pc.if_else(at, pa.scalar(None, values.type), values))
        else:
            self.rejected = whole(pc.or_(self.rejected, at))
        self._bad[column.name] = whole(pc.or_(self._bad[column.name], at))
        for row in pc.indices_nonzero(at).slice(0, MOST_FAULTS).to_pylist():
            file, number = self._texts.place(int(row))
            self._faults.append(RowFault(code=code, column=column.name, file=file, row=number, rejected=not unknown))

    def _figures(self, column: Column) -> ColumnFigures:
        values, bad = self._values[column.name], self._bad[column.name]
        known = pc.and_(pc.is_valid(values), pc.invert(bad))
        unreadable = _count(bad)
        count = _count(known)
        codes: dict[str, int] = {}
        if column.codes:
            counted = pc.value_counts(pc.filter(values, known)).to_pylist()
            codes = {str(entry["values"]): int(entry["counts"]) for entry in counted}
        # A declared column that is none of individual numbers and holds them all the same is told to its holder.
        plain = column.type == "text" and not column.compose and column.origin not in ("my_number", "resident_code")
        return ColumnFigures(
            known=count,
            blank=self._rows - count - unreadable,
            unreadable=unreadable,
            codes=codes,
            notes={note: rows for note, rows in self._notes[column.name].items() if rows},
            number_like=number_like(self._texts.table.column(column.name)) if plain else 0,
        )


def _may_be_unknown(column: Column, dataset: Dataset) -> bool:
    """Whether an unreadable value may become NULL: that has to mean *unknown*, of the row as well where it is a key."""
    if dataset.unreadable_values != "unknown" or column.nulls != "unknown" or column.name in dataset.gates.values():
        return False
    return column.key is None or dataset.absent_row == "unknown"


def _typed(texts: pa.Array[Any], column: Column, *, kinds: Mapping[str, KeyKind]) -> _Read:
    match column.type:
        case "text":
            return _key(texts, kinds[column.key]) if column.key is not None else _text(texts, column)
        case "integer" | "decimal" | "date":
            return _read(texts, column)
        case "boolean":
            return _boolean(texts, column)


def _key(texts: pa.Array[Any], kind: KeyKind) -> _Read:
    keys = canonical_keys(texts, kind)
    exponent = whole(
        pc.and_(keys.rejected, pc.fill_null(pc.match_substring_regex(canonical_text(texts), _EXPONENT), False))
    )
    return _Read(
        values=keys.values,
        faults={
            "value-key-exponent": exponent,
            "value-key-malformed": whole(pc.and_(keys.rejected, pc.invert(exponent))),
        },
        notes={"zero-padded": lost_zeros(texts, keys, kind)},
    )


_EXPONENT = r"\A[0-9]+(\.[0-9]+)?[Ee]\+?[0-9]+\z"
"""1.23E+14: what a spreadsheet leaves of a number of fifteen digits."""


def _text(texts: pa.Array[Any], column: Column) -> _Read:
    # Only trimmed, never folded: the spelling of a name is the holder's, and official.
    trimmed = pc.utf8_trim_whitespace(texts)
    blank = whole(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))
    if not column.codes:
        notes: dict[Note, int] = {}
        if column.column_class in ("identifier", "quasi_identifier"):
            notes["replaced-character"] = replaced_characters(blank)
        return _Read(values=blank, faults={}, notes=notes)
    # A code in full-width is the same code, unless the codes themselves are full-width.
    listed = pa.array(column.codes, type=pa.string())
    codes = whole(pc.if_else(pc.is_in(blank, value_set=listed), blank, pc.utf8_normalize(blank, form="NFKC")))
    return _Read(values=codes, faults={}, notes={})


def _boolean(texts: pa.Array[Any], column: Column) -> _Read:
    read = _read(texts, column)
    if column.nulls != "never":
        return read
    # ○ or nothing: where the catalogue promises an answer in every row, and no row says "no", the blank is the "no".
    if not marks_only_yes([text or "" for text in pc.unique(texts).to_pylist()]):
        return replace(read, says_no=True)
    blank = int(pc.index(pc.is_null(read.values), True).as_py())
    return replace(read, values=whole(pc.fill_null(read.values, False)), presumed=blank if blank >= 0 else None)


def _read(texts: pa.Array[Any], column: Column) -> _Read:
    encoded = texts.dictionary_encode()
    values: list[Any] = []
    notes: dict[Note, list[int]] = {}
    faults: dict[str, list[int]] = {}
    for at, text in enumerate(map(str, encoded.dictionary.to_pylist())):
        reading = _reading(column.type, text)
        if reading.fault is not None:
            faults.setdefault(reading.fault, []).append(at)
        for note in reading.notes:
            notes.setdefault(note, []).append(at)
        values.append(reading.value)
    indices = encoded.indices

    def rows_of(at: list[int]) -> pa.Array[Any]:
        return whole(pc.is_in(indices, value_set=pa.array(at, type=indices.type)))

    return _Read(
        values=whole(pc.take(pa.array(values, type=HELD_TYPES[column.type]), indices)),
        faults={fault: rows_of(at) for fault, at in faults.items()},
        notes={note: _count(rows_of(at)) for note, at in notes.items()},
    )


@lru_cache(maxsize=100_000)
def _reading(column_type: ColumnType, text: str) -> _Reading:
    """What one text says. Remembered from batch to batch: a source of any size writes the same few thousand again."""
    note: Note | None = None
    value: Any = None
    try:
        match column_type:
            case "integer":
                value = read_integer(text)
            case "decimal":
                value = read_decimal(text)
            case "boolean":
                value = read_boolean(text)
            case _:
                read = read_date(text)
                value, note = read.value, read.note
    except NotationError as error:
        # The error ends here: what a caller sees has no history that could hold the text.
        return _Reading(value=None, notes=(), fault=f"value-{error.fault}")
    noticed = (note, (withheld(text) or no_figures(text)) if value is None else None)
    return _Reading(value=value, notes=tuple(n for n in noticed if n is not None), fault=None)


def _composed(typed: Mapping[str, pa.Array[Any]], column: Column, *, kinds: Mapping[str, KeyKind]) -> _Read:
    composed = compose([typed[part] for part in column.compose])
    faults = {"value-key-separator": composed.ambiguous}
    if column.key is None:
        return _Read(values=composed.values, faults=faults, notes={})
    keys = canonical_keys(composed.values, kinds[column.key])
    return _Read(values=keys.values, faults={**faults, "value-key-malformed": keys.rejected}, notes={})


def _none_of(rows: int) -> pa.Array[Any]:
    return whole(pa.repeat(pa.scalar(False), rows))


def _count(mask: pa.Array[Any]) -> int:
    return int(pc.sum(mask.cast(pa.int64())).as_py() or 0)
