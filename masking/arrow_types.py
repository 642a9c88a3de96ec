"""Which Arrow type carries a value: at its holder, and in the form in which a query sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

from governance.forms import ColumnType, FormType

Values: TypeAlias = "pa.Array[Any] | pa.ChunkedArray[Any]"
"""A column, whole or in chunks."""

pc: Any = pyarrow.compute
"""Arrow's compute functions, untyped: the published stubs know them for concrete classes of arrays only, not for the
columns of any type that masking works on. Results are typed again by :func:`whole`."""

ARROW_TYPES: Mapping[FormType, pa.DataType] = {
    "UUID": pa.uuid(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int64(),
    "DECIMAL": pa.decimal128(15, 2),
    "TEXT": pa.string(),
    "DATE": pa.date32(),
}
"""Type of a form on the stream. Pseudonyms are UUIDs because they join at nearly the cost of integers."""

HELD_TYPES: Mapping[ColumnType, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int64(),
    "decimal": pa.decimal128(15, 2),
    "date": pa.date32(),
    "boolean": pa.bool_(),
}
"""Type of a column at its holder, after typing."""


def whole(values: Values) -> pa.Array[Any]:
    """The column as one array."""
    if isinstance(values, pa.ChunkedArray):
        return values.combine_chunks()
    return values
