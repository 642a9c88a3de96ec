"""What a department looks at on its own side: what an order would send, and whom its named sets hold.

Nothing leaves by it. The department whose data it is asks for it, and sees what comes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from connectors.holdings import Holdings
from connectors.orders import CheckedOrder, check_order, kind_of_set
from connectors.previews import SPACE, Gathered, Protected, ScanPreview, plain
from connectors.scanned_rows import formed, meeting, without_sets
from governance.catalogue import Catalogue, Dataset, NamedSet
from governance.errors import BadInput
from governance.scans import ScanOrder
from masking.arrow_types import Values, pc
from masking.keys import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSide:
    """A department's own side.

    Attributes:
        members: the canonical keys that a named set holds on a day, by set, day and kind of key.
    """

    department: str
    catalogue: Catalogue
    holdings: Holdings
    members: Callable[[NamedSet, date, str], pa.Array[Any]]

    def preview(self, order: ScanOrder, *, protected: Protected, smallest: int) -> ScanPreview:
        """What an order would send."""
        checked = check_order(replace(order, pseudonyms=SPACE), department=self.department, catalogue=self.catalogue)
        dataset, kind = checked.dataset, self.catalogue.subject_kind
        persons = [column.name for column in dataset.columns.values() if column.key == kind]
        guarded = self._every_set(dataset, as_of=order.as_of)
        left_out = self._members(checked)
        gathered = Gathered(
            columns=[column.column for column in order.columns],
            values=[column.column for column in order.columns if column.form.kind != "pseudonym"],
            counted=bool(persons),
        )
        read = tuple(dict.fromkeys([*checked.raw_columns, *persons, *(column for column, _ in guarded)]))
        with closing(self.holdings.batches(dataset, as_of=order.as_of, columns=read)) as raw_rows:
            for raw in raw_rows:
                kept = meeting(without_sets(raw, left_out), checked)
                made, mask = formed(kept, checked, catalogue=self.catalogue, keyring=protected.keyring)
                leaving = kept.filter(mask)
                gathered.add(
                    leaving,
                    {name: pc.filter(values, mask) for name, values in made.items()},
                    person=leaving.column(persons[0]) if persons else None,
                    shown=self._unprotected(leaving, persons, protected, guarded) if persons else None,
                )
        return gathered.preview(smallest=smallest, withheld=not persons)

    def set_sizes(self, *, as_of: date) -> Mapping[str, int]:
        """How many keys each named set holds."""
        sizes: dict[str, int] = {}
        for named_set in self.catalogue.departments[self.department].sets:
            kind = kind_of_set(named_set, catalogue=self.catalogue)
            if kind is None:
                raise BadInput("scan-order-set", dataset=self.department, set=named_set.name)
            sizes[named_set.name] = len(self.members(named_set, as_of, kind))
        return sizes

    def _unprotected(
        self,
        rows: pa.Table,
        persons: Sequence[str],
        protected: Protected,
        guarded: Sequence[tuple[str, pa.Array[Any]]],
    ) -> Values:
        """Which rows are of nobody whom any department protects; a row that is of nobody known is not among them."""
        kind = self.catalogue.kinds[self.catalogue.subject_kind]
        shown: Values = pa.array([True] * rows.num_rows, type=pa.bool_())
        for column in persons:
            pseudonyms = plain(protected.keyring.pseudonyms(rows.column(column), kind=kind, space=SPACE))
            known = pc.and_(pc.is_valid(pseudonyms), pc.invert(pc.is_in(pseudonyms, value_set=protected.members)))
            shown = pc.and_(shown, known)
        for column, members in guarded:
            shown = pc.and_(shown, pc.invert(pc.is_in(rows.column(column), value_set=members)))
        return shown

    def protected(self, keyring: KeyRing, *, as_of: date) -> pa.Array[Any]:
        """Persons in the department's named sets, as pseudonyms of one use."""
        kind = self.catalogue.kinds[self.catalogue.subject_kind]
        found = [pa.array([], type=pa.binary(16))]
        for named_set in self.catalogue.departments[self.department].sets:
            if kind_of_set(named_set, catalogue=self.catalogue) == kind.name:
                members = self.members(named_set, as_of, kind.name)
                found.append(plain(keyring.pseudonyms(members, kind=kind, space=SPACE)))
        return pa.concat_arrays(found)

    def _every_set(self, dataset: Dataset, *, as_of: date) -> Sequence[tuple[str, pa.Array[Any]]]:
        """Columns of keys, each with the members of a named set: all sets that the dataset holds keys of."""
        found: list[tuple[str, pa.Array[Any]]] = []
        for named_set in self.catalogue.departments[self.department].sets:
            kind = kind_of_set(named_set, catalogue=self.catalogue)
            if kind is None:
                raise BadInput("scan-order-set", dataset=dataset.name, set=named_set.name)
            columns = [column.name for column in dataset.columns.values() if column.key == kind]
            if columns:
                members = self.members(named_set, as_of, kind)
                found += [(column, members) for column in columns]
        return found

    def _members(self, checked: CheckedOrder) -> Sequence[tuple[str, pa.Array[Any]]]:
        """Columns of keys, each with the members of a set that the order leaves out."""
        as_of = checked.order.as_of
        return [
            (column, self.members(named_set, as_of, kind))
            for named_set, kind, columns in checked.sets
            for column in columns
        ]
