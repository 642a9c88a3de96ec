"""Rows in which nobody stands out: generalised until enough of them share what could identify, the rest left out.

Full-domain generalisation (Samarati, Sweeney): every value of a column is at the same level. Of the combinations of
levels the one is taken that withholds fewest columns, and of these the one with the least loss, at which few enough
rows are left out. A row is left out where

* fewer than ``k`` rows share its quasi-identifiers (k-anonymity), in this package or together with what earlier ones
  have told about the same persons;
* a sensitive item has fewer than ``l`` values among these rows (distinct l-diversity); rows of whom nobody's value is
  known tell nothing;
* any of its values is shared by fewer than ``k`` rows.

Leaving rows out makes groups smaller, so all three are asked again until nothing is left out any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from governance.packages import Level, PackageColumn
from masking.arrow_types import Values, pc, whole
from masking.value_forms import band

Codes: TypeAlias = npt.NDArray[np.int64]
Members: TypeAlias = Mapping[bytes, int]
"""Person, by the bytes of the pseudonym → the group in which a package has shown the person."""

_ALONE = -1
"""The group of whoever an earlier package did not show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymised:
    """The rows that may leave, and what that cost.

    Attributes:
        table: sorted by pseudonym, which says nothing; columns that are withheld are not in it.
        levels: column → position of its level.
        k: the fewest rows of a group.
        l: the fewest values of a sensitive item in a group, ``None`` where no item is sensitive.
        groups: how many groups there are.
        suppressed: rows that were left out.
        loss: 0 where every column is at its finest level, 1 where all are at their coarsest.
        members: each person's group, for packages to come.
    """

    table: pa.Table
    levels: Mapping[str, int]
    k: int
    l: int | None  # noqa: E741 - the letter of the literature, beside k
    groups: int
    suppressed: int
    loss: Fraction
    members: Members


def generalised(values: Values, level: Level) -> pa.Array[Any]:
    """A column at a level; withheld, nothing but nulls."""
    if level.kind == "withheld":
        return pa.nulls(len(values), pa.string())
    if level.kind == "as_is":
        held = whole(values)
        # What combined the scans answers yes and no in bytes.
        return held.storage.cast(pa.bool_()) if isinstance(held, pa.Bool8Array) else held
    return band(pc.cast(whole(values), pa.int64()), level.edges)


def person_bytes(values: Values) -> list[bytes]:
    """Pseudonyms (``uuid``) as bytes."""
    uuids: list[Any] = whole(values).to_pylist()
    return [uuid.bytes for uuid in uuids]


def anonymise(
    table: pa.Table,
    columns: Sequence[PackageColumn],
    *,
    subject: str,
    k: int,
    l: int,  # noqa: E741
    most_suppressed: Fraction,
    earlier: Sequence[Members] = (),
) -> Anonymised | None:
    """Generalise and leave out as little as suffices; ``None`` where no combination of levels suffices.

    Args:
        subject: the column of pseudonyms (``uuid``), one row a person.
        most_suppressed: share of the rows that may be left out.
        earlier: what packages before this one have shown the same recipient under the same pseudonyms.
    """
    if table.num_rows == 0:
        return None
    persons = person_bytes(table.column(subject))
    shown = [np.array([members.get(person, _ALONE) for person in persons], dtype=np.int64) for members in earlier]
    codes = {c.name: [_codes(table.column(c.name), level, c) for level in c.levels] for c in columns}
    combinations = sorted(
        product(*(range(len(column.levels)) for column in columns)),
        key=lambda levels: (_withheld(levels, columns), _loss(levels, columns), levels),
    )
    for levels in combinations:
        chosen = {column.name: codes[column.name][level] for column, level in zip(columns, levels, strict=True)}
        kept, group = _kept(columns, chosen, shown, k=k, l=l)
        suppressed = table.num_rows - len(kept)
        if not len(kept) or Fraction(suppressed, table.num_rows) > most_suppressed:
            continue
        return Anonymised(
            table=_rendered(table, columns, levels, kept, subject=subject),
            levels={column.name: level for column, level in zip(columns, levels, strict=True)},
            k=int(np.bincount(group).min()),
            l=_least_values(columns, chosen, kept, group),
            groups=int(group.max()) + 1,
            suppressed=suppressed,
            loss=_loss(levels, columns),
            members={persons[row]: int(number) for row, number in zip(kept.tolist(), group.tolist(), strict=True)},
        )
    return None


def _withheld(levels: Sequence[int], columns: Sequence[PackageColumn]) -> int:
    """How many columns are not in the package at all."""
    return sum(c.levels[level].kind == "withheld" for level, c in zip(levels, columns, strict=True))


def _loss(levels: Sequence[int], columns: Sequence[PackageColumn]) -> Fraction:
    """How far the columns that have a choice are from their finest levels."""
    shares = [
        Fraction(level, len(column.levels) - 1)
        for level, column in zip(levels, columns, strict=True)
        if len(column.levels) > 1
    ]
    return Fraction(sum(shares), len(shares)) if shares else Fraction(0)


def _codes(values: Values, level: Level, column: PackageColumn) -> Codes:
    """A number for each value at a level; what is not known, or withheld, has a negative one."""
    if level.kind == "withheld":
        return np.full(len(values), -1, dtype=np.int64)
    encoded = pc.dictionary_encode(generalised(values, level))
    unknown = len(encoded.dictionary) if column.missing_is_none else -1
    filled = pc.fill_null(encoded.indices.cast(pa.int64()), unknown)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)


def _kept(
    columns: Sequence[PackageColumn],
    chosen: Mapping[str, Codes],
    shown: Sequence[Codes],
    *,
    k: int,
    l: int,  # noqa: E741
) -> tuple[Codes, Codes]:
    """The rows that stay, and the group of each."""
    quasi = [*(chosen[c.name] for c in columns if c.role == "quasi"), *shown]
    sensitive = [chosen[c.name] for c in columns if c.role == "sensitive"]
    rows = np.arange(len(next(iter(chosen.values()))), dtype=np.int64)
    while True:
        group = _groups([codes[rows] for codes in quasi], len(rows))
        if not len(rows):
            return rows, group
        bad = np.bincount(group)[group] < k
        for codes in sensitive:
            values = _values(codes[rows], group)
            bad |= ((values > 0) & (values < l))[group]
        for codes in chosen.values():
            _, number = np.unique(codes[rows], return_inverse=True)
            bad |= np.bincount(number)[number] < k
        if not bad.any():
            return rows, group
        rows = rows[~bad]


def _groups(quasi: Sequence[Codes], rows: int) -> Codes:
    """Rows with equal quasi-identifiers, numbered."""
    group = np.zeros(rows, dtype=np.int64)
    for codes in quasi:
        _, number = np.unique(codes, return_inverse=True)
        _, group = np.unique(group * (rows + 1) + number, return_inverse=True)
    return group.astype(np.int64)


def _values(codes: Codes, group: Codes) -> Codes:
    """For each group, how many values are known in it."""
    known = codes >= 0
    width = int(codes.max(initial=0)) + 1
    pairs = np.unique(group[known] * width + codes[known])
    return np.bincount(pairs // width, minlength=int(group.max()) + 1).astype(np.int64)


def _least_values(
    columns: Sequence[PackageColumn], chosen: Mapping[str, Codes], kept: Codes, group: Codes
) -> int | None:
    found = [_values(chosen[column.name][kept], group) for column in columns if column.role == "sensitive"]
    known = [int(values[values > 0].min()) for values in found if (values > 0).any()]
    return min(known, default=None)


def _rendered(
    table: pa.Table, columns: Sequence[PackageColumn], levels: Sequence[int], kept: Codes, *, subject: str
) -> pa.Table:
    rows = table.take(kept.tolist())
    shown: dict[str, pa.Array[Any]] = {subject: whole(rows.column(subject))}
    for column, level in zip(columns, levels, strict=True):
        if column.levels[level].kind != "withheld":
            shown[column.name] = generalised(rows.column(column.name), column.levels[level])
    persons = person_bytes(rows.column(subject))
    return pa.table(shown).take(sorted(range(rows.num_rows), key=persons.__getitem__))
