"""What the catalogue promises about values, held against base and derived datasets alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa

from governance.catalogue import Column, Dataset
from governance.errors import BadInput
from masking.arrow_types import pc

Refuse = Callable[[str, Column, int], BadInput]
"""Makes the error for a code, a column and a row."""


def check_codes(values: pa.Array[Any], column: Column, *, refuse: Refuse) -> None:
    """Refuse a value that is not among the declared codes.

    Raises:
        BadInput: there is one; its row is named, it is not.
    """
    if not column.codes:
        return
    texts = values.cast(pa.string())
    known = pc.or_(pc.is_null(texts), pc.is_in(texts, value_set=pa.array(column.codes, type=pa.string())))
    if (row := int(pc.index(known, False).as_py())) >= 0:
        raise refuse("value-code-unknown", column, row)


def check_present(values: pa.Array[Any], column: Column, *, refuse: Refuse) -> None:
    """Refuse a null where the catalogue says that there never is one; policies and queries rest on that.

    Raises:
        BadInput: there is one.
    """
    if column.nulls == "never" and values.null_count:
        raise refuse("value-missing", column, int(pc.index(pc.is_null(values), True).as_py()))


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
