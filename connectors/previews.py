"""What a department would send for an order, for the department itself to look at before it consents (合議).

Nothing leaves by it, so it asks for no proof; what it shows stays with the department whose data it is. Pseudonyms in
it are made with keys of this one use, which no file holds: next to the values that they stand for, those of a real
domain would be a way back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from governance.decisions import PseudonymSpace
from masking.arrow_types import Values, pc, whole
from masking.keys import MASTER_BYTES, KeyRing

MOST_EXAMPLES = 10

SPACE = PseudonymSpace(domain="preview", epoch="0")
"""Of whose pseudonyms a preview's are; the keys are random and of one use, so no answer holds any of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One row as it is held and as it would leave, by column."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPreview:
    """What one order would send.

    Attributes:
        rows: how many rows.
        persons: of how many persons; ``None`` where the dataset has no key of persons.
        groups: how many different combinations the values that leave have, pseudonyms aside.
        small_groups: how many of these are of fewer persons, or rows, than the smallest group.
        small_rows: how many rows these small groups have.
        examples: at most ten, never of a protected person.
        withheld: no row can be held against the lists of protected persons, so there are no examples.
    """

    rows: int
    persons: int | None
    groups: int
    small_groups: int
    small_rows: int
    examples: tuple[Example, ...]
    withheld: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Protected:
    """Persons whom named sets of any department hold, as pseudonyms of one use.

    Attributes:
        keyring: of one use, with a random master that no file holds; it stays on the departments' side.
        members: pseudonyms, as plain bytes.
    """

    keyring: KeyRing
    members: pa.Array[Any]


def keys_of_one_use() -> KeyRing:
    """Keys that make pseudonyms for one preview, and have nothing to do with those of any answer."""
    return KeyRing(secrets.token_bytes(MASTER_BYTES))


def plain(pseudonyms: Values) -> pa.Array[Any]:
    """Pseudonyms as bytes, which sets are made of."""
    values = whole(pseudonyms)
    return values.storage if isinstance(values, pa.ExtensionArray) else values


@dataclass(slots=True)
class Gathered:
    """Rows that would leave, gathered batch by batch.

    Attributes:
        columns: the columns that leave, in their order.
        values: those of them that are no pseudonyms.
        counted: whether the rows have a key of persons, which groups are counted by.
    """

    columns: Sequence[str]
    values: Sequence[str]
    counted: bool
    _tables: list[pa.Table] = field(default_factory=list)
    _examples: list[Example] = field(default_factory=list)

    def add(
        self, raw: pa.Table, formed: Mapping[str, pa.Array[Any]], *, person: Values | None, shown: Values | None
    ) -> None:
        """Take a batch.

        Args:
            raw: the rows as they are held.
            formed: the same rows as they would leave.
            person: who each row is of, where the dataset says.
            shown: which rows may be shown as examples; ``None`` for none.
        """
        counted: dict[str, pa.Array[Any]] = {f"c{n}": formed[name] for n, name in enumerate(self.values)}
        counted["person"] = whole(person) if person is not None else pa.nulls(raw.num_rows, pa.string())
        self._tables.append(pa.table(counted))
        if shown is None:
            return
        for row in _spread(whole(pc.indices_nonzero(shown)).to_pylist()):
            self._examples.append(
                Example(
                    before={name: raw.column(name)[row].as_py() for name in self.columns},
                    after={name: formed[name][row].as_py() for name in self.columns},
                )
            )

    def preview(self, *, smallest: int, withheld: bool) -> ScanPreview:
        """What was gathered, counted."""
        table = pa.concat_tables(self._tables) if self._tables else None
        if table is None or table.num_rows == 0:
            return ScanPreview(
                rows=0,
                persons=0 if self.counted else None,
                groups=0,
                small_groups=0,
                small_rows=0,
                examples=(),
                withheld=withheld,
            )
        sizes = self._sizes(table)
        small = pc.less(sizes.column("people"), smallest)
        return ScanPreview(
            rows=table.num_rows,
            persons=pc.count_distinct(table.column("person")).as_py() if self.counted else None,
            groups=sizes.num_rows,
            small_groups=pc.sum(small).as_py() or 0,
            small_rows=pc.sum(pc.if_else(small, sizes.column("rows"), 0)).as_py() or 0,
            examples=tuple(_spread(self._examples)),
            withheld=withheld,
        )

    def _sizes(self, table: pa.Table) -> pa.Table:
        """Of each combination of values, how many people and how many rows have it."""
        keys = [name for name in table.column_names if name != "person"]
        counted = table.append_column("one", pa.array([1] * table.num_rows))
        grouped = counted.group_by(keys).aggregate([("one", "sum"), ("person", "count_distinct")])
        people = grouped.column("person_count_distinct" if self.counted else "one_sum")
        return pa.table({"people": whole(people), "rows": whole(grouped.column("one_sum"))})


def _spread(found: Sequence[Any]) -> Iterator[Any]:
    """At most ten, from the first to the last, evenly."""
    most = min(len(found), MOST_EXAMPLES)
    yield from (found[position * len(found) // most] for position in range(most))
