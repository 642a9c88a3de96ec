"""Parquet files: typed already, read as text all the same, so that the catalogue decides what a column is."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.layouts import arrange, plain
from connectors.sources import BATCH_ROWS, SourceTexts
from governance.catalogue import Dataset, Layout
from governance.errors import BadInput, Unavailable
from masking.arrow_types import pc, whole

_EXACT_FLOATS = 2.0**53


def read_parquet(
    path: Path, dataset: Dataset, layout: Layout, *, told: Mapping[str, str], file: str
) -> Generator[SourceTexts]:
    """The rows of a Parquet file, batch by batch; lists are joined by commas.

    Raises:
        BadInput: the file is not as the catalogue says, or damaged.
        Unavailable: it is missing or cannot be read.
    """
    try:
        with path.open("rb") as content, pq.ParquetFile(content) as parquet:
            names = parquet.schema_arrow.names
            arrangement = arrange([plain(name) for name in names], dataset, layout, told=told, file=file)
            declared = {position: name for name, position in arrangement.positions.items()}
            row = 1
            for batch in parquet.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                cells = [
                    _as_text(column, must=declared.get(at), dataset=dataset, file=file, row=row)
                    for at, column in enumerate(batch.columns)
                ]
                table = pa.table(cells, names=[str(at) for at in range(len(cells))])
                yield arrangement.texts(table, range(row, row + batch.num_rows))
                row += batch.num_rows
    except FileNotFoundError:
        raise Unavailable("source-missing", file=file) from None
    except (pa.ArrowException, UnicodeDecodeError):
        # Its words may quote what stands in the file.
        raise BadInput("source-damaged", file=file) from None
    except OSError as error:
        # Arrow reports damage as an OSError of no number.
        if error.errno is None:
            raise BadInput("source-damaged", file=file) from None
        raise Unavailable("source-unreadable", file=file) from None


def _as_text(values: pa.Array[Any], *, must: str | None, dataset: Dataset, file: str, row: int) -> pa.Array[Any]:
    """A column as text; of one that nobody asked for, nothing where it has none."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _as_text(values.cast(kind.value_type), must=must, dataset=dataset, file=file, row=row)
    if pa.types.is_floating(kind):
        return _whole_numbers(values, must=must, dataset=dataset, file=file, row=row)
    if pa.types.is_list(kind) and pa.types.is_string(kind.value_type):
        return whole(pc.binary_join(values, ","))
    if pa.types.is_timestamp(kind) and kind.tz is None:
        return whole(pc.strftime(values.cast(pa.timestamp("s"), safe=False), format="%Y-%m-%d %H:%M:%S"))
    plain_kind = (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_null(kind)
    )
    if plain_kind:
        texts = values.cast(pa.string())
        texts.validate(full=True)
        return texts
    if must is not None:
        raise BadInput("source-column-type", file=file, dataset=dataset.name, column=must)
    return pa.nulls(len(values), pa.string())


def _whole_numbers(values: pa.Array[Any], *, must: str | None, dataset: Dataset, file: str, row: int) -> pa.Array[Any]:
    """Floating-point numbers as text, whole ones without a fraction; an integer that a float cannot hold is lost."""
    wide = values.cast(pa.float64())
    finite = pc.fill_null(pc.is_finite(wide), False)
    is_whole = whole(pc.and_(finite, pc.equal(pc.floor(wide), wide)))
    lost = pc.and_(pc.fill_null(is_whole, False), pc.greater_equal(pc.abs(wide), _EXACT_FLOATS))
    first = int(pc.index(pc.fill_null(lost, False), True).as_py())
    if first >= 0:
        if must is None:
            return pa.nulls(len(values), pa.string())
        raise BadInput("source-number-lost", file=file, dataset=dataset.name, column=must, row=row + first)
    integers = pc.if_else(is_whole, wide, pa.scalar(None, pa.float64())).cast(pa.int64())
    return whole(pc.coalesce(integers.cast(pa.string()), wide.cast(pa.string())))
