"""One pseudonym resolved on the holder's side: the pseudonyms of the whole register made anew, and compared.

Whoever is looked for, the same work is done over every row: the search has no early end, and a person who is left out,
one whom nobody knows and a pseudonym of another key are one answer, ``None``. What the holder notes about a protected
person it notes for its own side alone, with a record of the same length for everybody (`connectors.watch`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from connectors.orders import NEVER_OUT, kind_of_set
from governance.catalogue import Catalogue, Dataset, KeyKind, NamedSet
from governance.errors import BadInput, CheckFailed
from governance.look_ups import Found, LookUpOrder, Value
from masking.arrow_types import pc
from masking.keys import KeyRing


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLookUp:
    """A look-up that fits the holder's catalogue.

    Attributes:
        key: the column of the persons' identifiers, and its kind.
        among: the dataset that the person has to be in, with its column of the same kind.
        sets: every set that the order names.
    """

    order: LookUpOrder
    dataset: Dataset
    key: str
    kind: KeyKind
    among: tuple[Dataset, str] | None
    sets: tuple[NamedSet, ...]


def check_look_up(order: LookUpOrder, *, department: str, catalogue: Catalogue) -> CheckedLookUp:
    """Hold a look-up against the holder's own catalogue.

    Raises:
        BadInput: the dataset is not the holder's or not one row a person, a column is unknown, stands twice or must
            never leave, a set cannot be applied, or a reduction gives more than the order.
    """
    dataset, key = _register(order.dataset, department=department, catalogue=catalogue)
    if dataset.unique_by != (key,):
        raise BadInput("look-up-dataset", dataset=dataset.name)
    for position, name in enumerate(order.columns):
        column = dataset.column(name)
        parts = [dataset.columns[part] for part in column.compose if part in dataset.columns]
        if any(each.origin in NEVER_OUT for each in (column, *parts)):
            raise BadInput("scan-order-withheld", dataset=dataset.name, column=name)
        if name in order.columns[:position]:
            raise BadInput("scan-order-twice", dataset=dataset.name, column=name)
    for shown in order.reduced.values():
        if surplus := sorted(set(shown) - set(order.columns)):
            raise BadInput("look-up-reduced", dataset=dataset.name, column=surplus[0])
    if order.alert is not None and order.alert not in order.leave_out:
        raise BadInput("scan-order-set", dataset=dataset.name, set=order.alert)
    named = tuple(dict.fromkeys([*order.leave_out, *order.reduced]))
    if len(named) != len(order.leave_out) + len(order.reduced):
        raise BadInput("scan-order-set", dataset=dataset.name, set=named[0] if named else "")
    subject_kind = catalogue.subject_kind
    held = {each.name: each for each in catalogue.departments[department].sets}
    for name in named:
        if name not in held or kind_of_set(held[name], catalogue=catalogue) != subject_kind:
            raise BadInput("scan-order-set", dataset=dataset.name, set=name)
    return CheckedLookUp(
        order=order,
        dataset=dataset,
        key=key,
        kind=catalogue.kinds[subject_kind],
        among=_register(order.among, department=department, catalogue=catalogue) if order.among is not None else None,
        sets=tuple(held[name] for name in named),
    )


def _register(name: str, *, department: str, catalogue: Catalogue) -> tuple[Dataset, str]:
    dataset = catalogue.datasets.get(name)
    if dataset is None or dataset.department != department:
        raise BadInput("scan-order-foreign", dataset=name, department=department)
    keys = [column.name for column in dataset.columns.values() if column.key == catalogue.subject_kind]
    if len(keys) != 1:
        raise BadInput("look-up-dataset", dataset=name)
    return dataset, keys[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What a look-up came to.

    Attributes:
        found: who may be shown, ``None`` for nobody.
        alerted: a member of the set whose look-ups are noted was asked for. For the holder's side alone.
    """

    found: Found | None
    alerted: bool


def resolve(
    checked: CheckedLookUp,
    rows: pa.Table,
    *,
    among: pa.ChunkedArray[Any] | None,
    members: Mapping[str, pa.Array[Any]],
    keyring: KeyRing,
) -> Looked:
    """Look one pseudonym up in a register.

    Args:
        rows: the whole register: its key column and the ordered columns.
        among: the keys that the person has to be among, where the order says so.
        members: of every set that the order names.

    Raises:
        CheckFailed: two rows have the pseudonym; neither is shown.
    """
    order = checked.order
    keys = rows.column(checked.key)
    made = keyring.pseudonyms(keys, kind=checked.kind, space=order.pseudonyms)
    stored = made.cast(pa.binary(16))
    matching = pc.fill_null(pc.equal(stored, pa.scalar(order.pseudonym.bytes, type=pa.binary(16))), False)
    if among is not None:
        matching = pc.and_(matching, pc.is_in(keys, value_set=among.combine_chunks()).combine_chunks())
    inside = {name: pc.is_in(keys, value_set=each).combine_chunks() for name, each in members.items()}
    alerted = bool(pc.any(pc.and_(matching, inside[order.alert])).as_py()) if order.alert is not None else False
    shown = matching
    for name in order.leave_out:
        shown = pc.and_(shown, pc.invert(inside[name]))
    picked = rows.filter(shown)
    if picked.num_rows > 1:
        raise CheckFailed("look-up-ambiguous")
    if picked.num_rows == 0:
        return Looked(found=None, alerted=alerted)
    reduced = next((name for name in order.reduced if pc.any(pc.and_(shown, inside[name])).as_py()), None)
    names = order.columns if reduced is None else order.reduced[reduced]
    values: dict[str, Value] = {name: picked.column(name)[0].as_py() for name in names}
    subject = keyring.reference(picked.column(checked.key)[0].as_py(), kind=checked.kind)
    return Looked(found=Found(subject=subject, values=values, reduced=reduced), alerted=alerted)
