"""The steps from raw rows to those that an order is answered with: sets, filter, forms, predicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from connectors.orders import CheckedOrder
from governance.catalogue import Catalogue
from masking.arrow_types import Values, pc
from masking.conditions import rows_meeting
from masking.forms import apply_form
from masking.keys import KeyRing


def meeting(raw: pa.Table, checked: CheckedOrder) -> pa.Table:
    """The rows that meet the obligation's filter on raw values."""
    columns = {name: raw.column(name) for name in raw.column_names}
    return raw.filter(rows_meeting(checked.order.filter, columns, rows=raw.num_rows, dataset=checked.dataset.name))


def without_sets(raw: pa.Table, sets: Sequence[tuple[str, pa.Array[Any]]]) -> pa.Table:
    """The rows whose keys are in none of the sets."""
    for column, members in sets:
        # A row without a key is in no set; is_in says false for it.
        raw = raw.filter(pc.invert(pc.is_in(raw.column(column), value_set=members)))
    return raw


def formed(
    raw: pa.Table, checked: CheckedOrder, *, catalogue: Catalogue, keyring: KeyRing
) -> tuple[Mapping[str, pa.Array[Any]], Values]:
    """Columns in their forms, and which rows meet the predicates on these."""
    order, dataset = checked.order, checked.dataset
    made: dict[str, pa.Array[Any]] = {}
    for name, form in checked.forms.items():
        column = dataset.columns[name]
        if form.kind == "pseudonym" and column.key is not None:
            kind = catalogue.kinds[column.key]
            made[name] = keyring.pseudonyms(raw.column(name), kind=kind, space=order.pseudonyms)
        else:
            made[name] = apply_form(
                raw.column(name),
                form,
                column_type=column.type,
                as_of=order.as_of,
                dataset=dataset.name,
                column=name,
            )
    return made, rows_meeting(order.predicates, made, rows=raw.num_rows, dataset=dataset.name)
