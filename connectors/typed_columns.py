"""From the texts of a source to columns of the declared types, checked: the one place that says what a text means.

Dictionary-encoded first: a column of 100,000 dates has some thousand different texts, and each is read once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors.column_checks import check_codes, check_present, check_unique
from connectors.composite_keys import compose
from connectors.dates import read_date
from connectors.notations import NotationError, marks_only_yes, read_boolean, read_integer
from connectors.sources import SourceTexts
from governance.catalogue import Column, Dataset, KeyKind
from governance.errors import BadInput
from masking.arrow_types import HELD_TYPES, pc, whole
from masking.canonical import canonical_keys

Reading = tuple[Any, str | None]
"""A value and what was noticed while reading it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """How many rows of a column were read with a remark (``unknown-day``, ``late-era``)."""

    column: str
    note: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedTable:
    """A base dataset with its declared columns and types, in the catalogue's order."""

    table: pa.Table
    notices: tuple[Notice, ...]


def type_columns(texts: SourceTexts, dataset: Dataset, *, kinds: Mapping[str, KeyKind]) -> TypedTable:
    """Read every column of a base dataset.

    Raises:
        BadInput: a text is no value of its column's type, no declared code, no key of its kind, or a blank where the
            catalogue promises a value; two rows share what is declared unique. The message names file, row and
            column and never the value.
    """

    def refuse(code: str, column: Column, row: int) -> BadInput:
        file, number = texts.place(row)
        return BadInput(code, dataset=dataset.name, column=column.name, file=file, row=number)

    typed: dict[str, pa.Array[Any]] = {}
    notices: list[Notice] = []
    for column in dataset.columns.values():
        if not column.compose:
            values, noticed = _typed(whole(texts.table.column(column.name)), column, kinds=kinds, refuse=refuse)
            typed[column.name] = values
            notices += noticed
    for column in dataset.columns.values():
        if column.compose:
            typed[column.name] = _composed(typed, column, kinds=kinds, refuse=refuse)
    for column in dataset.columns.values():
        check_codes(typed[column.name], column, refuse=refuse)
        check_present(typed[column.name], column, refuse=refuse)
    table = pa.table({name: typed[name] for name in dataset.columns})
    check_unique(table, dataset)
    return TypedTable(table=table, notices=tuple(notices))


Refuse = Callable[[str, Column, int], BadInput]


def _typed(
    texts: pa.Array[Any], column: Column, *, kinds: Mapping[str, KeyKind], refuse: Refuse
) -> tuple[pa.Array[Any], list[Notice]]:
    match column.type:
        case "text":
            return _text(texts, column, kinds=kinds, refuse=refuse), []
        case "integer":
            return _read(texts, column, lambda text: (read_integer(text), None), refuse=refuse)
        case "date":
            return _read(texts, column, _date, refuse=refuse)
        case "boolean":
            return _boolean(texts, column, refuse=refuse)


def _text(texts: pa.Array[Any], column: Column, *, kinds: Mapping[str, KeyKind], refuse: Refuse) -> pa.Array[Any]:
    if column.key is not None:
        keys = canonical_keys(texts, kinds[column.key])
        if (row := keys.first_rejected()) is not None:
            raise refuse("value-key-malformed", column, row)
        return keys.values
    # Only trimmed, never folded: the spelling of a name is the holder's, and official.
    trimmed = pc.utf8_trim_whitespace(texts)
    blank = whole(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))
    if not column.codes:
        return blank
    # A code in full-width is the same code, unless the codes themselves are full-width.
    listed = pa.array(column.codes, type=pa.string())
    return whole(pc.if_else(pc.is_in(blank, value_set=listed), blank, pc.utf8_normalize(blank, form="NFKC")))


def _date(text: str) -> Reading:
    reading = read_date(text)
    return reading.value, reading.note


def _boolean(texts: pa.Array[Any], column: Column, *, refuse: Refuse) -> tuple[pa.Array[Any], list[Notice]]:
    values, notices = _read(texts, column, lambda text: (read_boolean(text), None), refuse=refuse)
    # ○ or nothing: where the catalogue promises an answer in every row, and no row says "no", the blank is the "no".
    if column.nulls == "never" and marks_only_yes([text or "" for text in pc.unique(texts).to_pylist()]):
        values = whole(pc.fill_null(values, False))
    return values, notices


def _read(
    texts: pa.Array[Any], column: Column, read: Callable[[str], Reading], *, refuse: Refuse
) -> tuple[pa.Array[Any], list[Notice]]:
    encoded = texts.dictionary_encode()
    values: list[Any] = []
    notes: dict[str, list[int]] = {}
    for at, text in enumerate(map(str, encoded.dictionary.to_pylist())):
        try:
            value, note = read(text)
        except NotationError as error:
            fault = f"value-{error.fault}"
        else:
            values.append(value)
            if note is not None:
                notes.setdefault(note, []).append(at)
            continue
        # Outside the handler: the error that a caller sees has no history that could hold the text.
        raise refuse(fault, column, int(pc.index(encoded.indices, at).as_py()))
    typed = whole(pc.take(pa.array(values, type=HELD_TYPES[column.type]), encoded.indices))
    counted = [
        Notice(
            column=column.name,
            note=note,
            rows=int(pc.sum(pc.is_in(encoded.indices, value_set=pa.array(at, type=encoded.indices.type))).as_py() or 0),
        )
        for note, at in notes.items()
    ]
    return typed, counted


def _composed(
    typed: Mapping[str, pa.Array[Any]], column: Column, *, kinds: Mapping[str, KeyKind], refuse: Refuse
) -> pa.Array[Any]:
    composed = compose([typed[part] for part in column.compose])
    if (row := composed.first_ambiguous) is not None:
        raise refuse("value-key-separator", column, row)
    if column.key is None:
        return composed.values
    keys = canonical_keys(composed.values, kinds[column.key])
    if (row := keys.first_rejected()) is not None:
        raise refuse("value-key-malformed", column, row)
    return keys.values
