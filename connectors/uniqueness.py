"""What is declared unique, held over any number of rows: eight bytes a row, and never the keys themselves.

Keys are hashed, the hashes are sorted. Equal hashes are only a suspicion; a second pass over those rows settles it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from connectors.column_checks import check_unique
from connectors.duckdb_lockdown import CONFIGURATION, lock_down
from connectors.snapshots import Snapshot
from connectors.sources import BATCH_ROWS
from governance.catalogue import Dataset
from governance.errors import BadInput
from masking.arrow_types import pc, whole

HASHED_FROM = 1_000_000
"""Tables of fewer rows are checked directly."""

_MOST_SUSPECTS = 100_000
"""Rows of equal hashes that are compared; of more no chance is the cause."""


def check_unique_rows(snapshot: Snapshot, dataset: Dataset) -> None:
    """Refuse two rows that share what is declared unique. As in SQL, rows with a null there share nothing.

    Raises:
        BadInput: there are such rows.
    """
    if not dataset.unique_by:
        return
    if snapshot.num_rows < HASHED_FROM:
        check_unique(snapshot.table(dataset.unique_by), dataset)
        return
    hashes = _hashes(snapshot, dataset.unique_by)
    hashes.sort()
    repeated = hashes[1:][hashes[1:] == hashes[:-1]]
    if not len(repeated):
        return
    suspects = _rows_of(snapshot, dataset.unique_by, pa.array(np.unique(repeated)))
    if suspects is not None:
        check_unique(suspects, dataset)
        return
    columns = ", ".join(dataset.unique_by)
    raise BadInput("dataset-rows-repeated", dataset=dataset.name, columns=columns, rows=len(repeated))


def _hashes(snapshot: Snapshot, columns: Sequence[str]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    hashes = np.empty(snapshot.num_rows, dtype=np.uint64)
    filled = 0
    with _hasher() as connection:
        for batch in snapshot.batches(columns, rows=BATCH_ROWS):
            found = _hashed(connection, pa.Table.from_batches([batch]).drop_null())
            hashes[filled : filled + len(found)] = found.to_numpy()
            filled += len(found)
    return hashes[:filled]


def _rows_of(snapshot: Snapshot, columns: Sequence[str], hashes: pa.Array[Any]) -> pa.Table | None:
    """The keys that have one of these hashes; ``None`` where they are too many."""
    found: list[pa.Table] = []
    rows = 0
    with _hasher() as connection:
        for batch in snapshot.batches(columns, rows=BATCH_ROWS):
            keys = pa.Table.from_batches([batch]).drop_null()
            of_hash = keys.filter(pc.is_in(_hashed(connection, keys), value_set=hashes))
            rows += of_hash.num_rows
            if rows > _MOST_SUSPECTS:
                return None
            found.append(of_hash)
    return pa.concat_tables(found)


def _hasher() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config=dict(CONFIGURATION))
    lock_down(connection)
    return connection


def _hashed(connection: duckdb.DuckDBPyConnection, keys: pa.Table) -> pa.Array[Any]:
    connection.register("keys", keys)
    listed = ", ".join('"' + name.replace('"', '""') + '"' for name in keys.column_names)
    hashes = connection.sql(f"SELECT hash({listed}) AS hash FROM keys").to_arrow_table().column("hash")  # noqa: S608 - quoted names
    connection.unregister("keys")
    return whole(hashes)
