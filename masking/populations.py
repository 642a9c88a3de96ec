"""Who stands behind each number of an aggregate answer, as sketches; made where the rows are, and they stay there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from masking.arrow_types import pc, whole
from masking.sketches import Points, points_of, power_sums, projections

SCHEMA = pa.schema(
    [
        pa.field("group", pa.int32()),
        pa.field("measure", pa.int32()),
        pa.field("counts", pa.list_(pa.int64())),
        pa.field("sums", pa.list_(pa.binary())),
        pa.field("counters", pa.binary()),
    ]
)
"""One row a population: the position of its group, its measure (-1: everybody of the group), how many persons and
households it has, their power sums, and the counters of its persons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the columns of a table of persons are laid out: ``g0`` … are group keys, ``u0`` … the units (persons first),
    ``m0`` … say for each measure whether the person contributes.

    Attributes:
        smallest: populations of fewer persons or households are left out; nothing is released of them.
        length: how many power sums a sketch has.
    """

    groups: int
    units: int
    measures: int
    smallest: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """A unit's keys by row, as numbers, and their points."""

    codes: npt.NDArray[np.intp]
    points: Points


def sketch_populations(table: pa.Table, shape: Shape, *, key: bytes) -> pa.Table:
    """The sketches of every population of a table that has one row a group, person and household."""
    table = table.filter(pc.is_valid(table.column("u0")))
    if table.num_rows == 0:
        return SCHEMA.empty_table()
    groups, number = _group_ids(table, shape.groups)
    units = [_unit(table.column(f"u{n}"), key=key) for n in range(shape.units)]
    everybody = np.ones(table.num_rows, dtype=np.bool_)
    rows = list(_cells(-1, everybody, groups, number, units, shape))
    for measure in range(shape.measures):
        flags = _plain(table.column(f"m{measure}")).cast(pa.bool_()).fill_null(False)
        contributing = np.asarray(flags.to_numpy(zero_copy_only=False), dtype=np.bool_)
        rows += _cells(measure, contributing, groups, number, units, shape)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _cells(
    measure: int,
    member: npt.NDArray[np.bool_],
    groups: npt.NDArray[np.intp],
    number: int,
    units: list[_Unit],
    shape: Shape,
) -> Iterator[dict[str, Any]]:
    # A person counts once in a group, however many rows it has there.
    persons = _first_of_each(groups, units[0].codes, member)
    counts = np.stack(
        [np.bincount(groups[_first_of_each(groups, unit.codes, member)], minlength=number) for unit in units]
    )
    of_group = groups[persons]
    own = units[0].points.values[units[0].codes[persons]]
    sums = []
    for unit in units:
        # Whose household is not known has one to itself.
        points = np.where(unit.codes[persons] >= 0, unit.points.values[unit.codes[persons]], own)
        sums.append(power_sums(points, of_group, number=number, length=shape.length))
    counters = projections(units[0].points.signs[units[0].codes[persons]], of_group, number=number)
    for group in np.flatnonzero((counts >= max(shape.smallest, 1)).all(axis=0)):
        yield {
            "group": int(group),
            "measure": measure,
            "counts": [int(count) for count in counts[:, group]],
            "sums": [np.array(each[group], dtype="<u8").tobytes() for each in sums],
            "counters": counters[group].astype("<i2").tobytes(),
        }


def _first_of_each(
    groups: npt.NDArray[np.intp], codes: npt.NDArray[np.intp], member: npt.NDArray[np.bool_]
) -> npt.NDArray[np.intp]:
    """Positions of the first row of each key in each group, among the members with a key."""
    rows = np.flatnonzero(member & (codes >= 0))
    pairs = groups[rows].astype(np.int64) * (int(codes.max(initial=0)) + 2) + codes[rows]
    _, first = np.unique(pairs, return_index=True)
    return np.asarray(rows[np.sort(first)], dtype=np.intp)


def _group_ids(table: pa.Table, keys: int) -> tuple[npt.NDArray[np.intp], int]:
    if keys == 0:
        return np.zeros(table.num_rows, dtype=np.intp), 1
    codes = np.stack([_codes(table.column(f"g{n}")) for n in range(keys)], axis=1)
    distinct, ids = np.unique(codes, axis=0, return_inverse=True)
    return np.asarray(ids, dtype=np.intp).reshape(-1), len(distinct)


def _unit(column: pa.ChunkedArray[Any], *, key: bytes) -> _Unit:
    values = _plain(column)
    encoded: Any = pc.dictionary_encode(values)
    keys = [bytes(each) for each in encoded.dictionary.to_pylist()]
    return _Unit(codes=_indices(encoded), points=points_of(keys, key=key))


def _codes(column: pa.ChunkedArray[Any]) -> npt.NDArray[np.intp]:
    return _indices(pc.dictionary_encode(_plain(column)))


def _plain(column: pa.ChunkedArray[Any]) -> pa.Array[Any]:
    """The column as one array of what it is stored as: bytes of a UUID, numbers of a truth."""
    values = whole(column)
    return values.storage if isinstance(values, pa.ExtensionArray) else values


def _indices(encoded: Any) -> npt.NDArray[np.intp]:
    """Numbers for values, equal for equal ones; -1 for the unknown."""
    indices = encoded.indices.fill_null(-1)
    return np.asarray(indices.to_numpy(zero_copy_only=False), dtype=np.intp)
