"""What a holder's derived dataset makes of base rows written by hand: the real SQL through the real connector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import pyarrow as pa

from connectors.derive import derive
from governance.catalogue import Catalogue, Column, Dataset
from masking.arrow_types import HELD_TYPES
from reference.akishima.city.days import BASE_DATE

Row = Mapping[str, Any]

_DEFAULTS: Mapping[str, Any] = {"integer": 0, "boolean": False, "date": date(2000, 1, 1), "text": "x"}


def resident(number: int) -> str:
    """A resident number."""
    return f"{number:010d}"


def base_table(dataset: Dataset, rows: Iterable[Row]) -> pa.Table:
    """The rows as a typed base table; what a row does not name is missing, or where it may not be, anything that fits."""
    given = list(rows)
    unknown = {name for row in given for name in row} - set(dataset.columns)
    if unknown:
        raise ValueError(f"{dataset.name} has no {sorted(unknown)}")
    return pa.table(
        {
            column.name: pa.array([row.get(column.name, _default(column)) for row in given], HELD_TYPES[column.type])
            for column in dataset.columns.values()
        }
    )


def derived_rows(
    catalogue: Catalogue, name: str, bases: Mapping[str, Iterable[Row]], *, as_of: date = BASE_DATE
) -> list[dict[str, Any]]:
    """The rows of a derived dataset in order; base tables of its department that are not given are empty."""
    dataset = catalogue.dataset(name)
    own = (d for d in catalogue.datasets.values() if d.department == dataset.department and not d.derived)
    tables = {base.name: base_table(base, bases.get(base.name, ())) for base in own}
    rows = derive(dataset, tables, as_of=as_of, kinds=catalogue.kinds).to_pylist()
    return sorted(rows, key=lambda row: [str(row[key]) for key in dataset.unique_by])


def one_row(
    catalogue: Catalogue, name: str, bases: Mapping[str, Iterable[Row]], *, as_of: date = BASE_DATE
) -> dict[str, Any]:
    """The only row."""
    (row,) = derived_rows(catalogue, name, bases, as_of=as_of)
    return row


def _default(column: Column) -> Any:
    if column.nulls != "never":
        return None
    if column.codes:
        return column.codes[0]
    return resident(0) if column.key == "resident" else _DEFAULTS[column.type]
