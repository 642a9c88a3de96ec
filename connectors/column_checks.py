"""What the catalogue promises about values, held against base and derived datasets alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from governance.catalogue import Column, Dataset
from governance.errors import BadInput
from masking.arrow_types import pc, whole

Refuse = Callable[[str, Column, int], BadInput]
"""Makes the error for a code, a column and a row."""


def unknown_codes(values: pa.Array[Any], column: Column) -> pa.Array[Any]:
    """True where a value is not among the declared codes; without nulls."""
    if not column.codes:
        return whole(pa.repeat(pa.scalar(False), len(values)))
    texts = values.cast(pa.string())
    known = pc.or_(pc.is_null(texts), pc.is_in(texts, value_set=pa.array(column.codes, type=pa.string())))
    return whole(pc.invert(known))


def missing_values(values: pa.Array[Any], column: Column) -> pa.Array[Any]:
    """True where there is a null and the catalogue says that there never is one; policies and queries rest on that."""
    if column.nulls != "never" or not values.null_count:
        return whole(pa.repeat(pa.scalar(False), len(values)))
    return whole(pc.is_null(values))


def check_codes(values: pa.Array[Any], column: Column, *, refuse: Refuse) -> None:
    """Refuse a value that is not among the declared codes.

    Raises:
        BadInput: there is one; its row is named, it is not.
    """
    if (row := int(pc.index(unknown_codes(values, column), True).as_py())) >= 0:
        raise refuse("value-code-unknown", column, row)


def check_present(values: pa.Array[Any], column: Column, *, refuse: Refuse) -> None:
    """Refuse a null where the catalogue says that there never is one.

    Raises:
        BadInput: there is one.
    """
    if (row := int(pc.index(missing_values(values, column), True).as_py())) >= 0:
        raise refuse("value-missing", column, row)


def repeated_rows(table: pa.Table, dataset: Dataset) -> pa.Array[Any]:
    """True for each row that shares what is declared unique with a row before it; without nulls."""
    if not dataset.unique_by:
        return whole(pa.repeat(pa.scalar(False), table.num_rows))
    keys = table.select(list(dataset.unique_by))
    blank: pa.Array[Any] = whole(pa.repeat(pa.scalar(False), table.num_rows))
    for column in keys.columns:
        blank = whole(pc.or_(blank, whole(pc.is_null(column))))
    repeated = pa.array(keys.to_pandas().duplicated(keep="first"), type=pa.bool_())
    return whole(pc.and_(repeated, pc.invert(blank)))


def check_unique(table: pa.Table, dataset: Dataset) -> None:
    """Refuse two rows that share what is declared unique. As in SQL, rows with a null there share nothing.

    Raises:
        BadInput: there are such rows.
    """
    if not dataset.unique_by:
        return
    keys = table.select(list(dataset.unique_by)).drop_null()
    counts = keys.group_by(list(dataset.unique_by)).aggregate([([], "count_all")]).column("count_all")
    if repeated := keys.num_rows - len(counts):
        raise BadInput(
            "dataset-rows-repeated", dataset=dataset.name, columns=", ".join(dataset.unique_by), rows=repeated
        )
