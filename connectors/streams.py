"""A stream of rows that cannot look complete when it is not, and whose work ends when it is closed."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Protocol, Self

import pyarrow as pa

from governance.errors import SekishoError, Unavailable


class RowStream(Protocol):
    """What a department answers with. It is complete when iteration ends; every other way to end is an error."""

    @property
    def schema(self) -> pa.Schema:
        """Columns, types and metadata of every batch."""
        ...

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        """The batches, once."""
        ...

    def read_all(self) -> pa.Table:
        """All batches.

        Raises:
            SekishoError: the stream broke off; nothing of it counts.
        """
        ...

    def close(self) -> None:
        """End the work, whether or not all was read."""
        ...


class BatchStream:
    """Batches of a generator as a stream.

    A generator that has failed, or was closed, ends like one that is exhausted when it is asked again. Here the failure
    stays: whoever asks again is told again.
    """

    def __init__(self, schema: pa.Schema, batches: Generator[pa.RecordBatch]) -> None:
        self._schema = schema
        self._batches = batches
        self._failure: SekishoError | None = None
        self._ended = False

    @property
    def schema(self) -> pa.Schema:
        """Columns, types and metadata of every batch."""
        return self._schema

    def __iter__(self) -> Self:
        """The batches, once."""
        return self

    def __next__(self) -> pa.RecordBatch:
        """The next batch.

        Raises:
            SekishoError: the stream broke off, now or before.
        """
        if self._failure is not None:
            raise self._failure
        if self._ended:
            raise StopIteration
        try:
            return next(self._batches)
        except StopIteration:
            self._ended = True
            raise
        except SekishoError as failure:
            self._failure = failure
            raise

    def read_all(self) -> pa.Table:
        """All batches that are left."""
        return pa.Table.from_batches(list(self), schema=self._schema)

    def close(self) -> None:
        """End the work. A stream that is closed before its end is broken off."""
        if not self._ended and self._failure is None:
            self._failure = Unavailable("stream-closed")
            self._batches.close()


def rebatched(tables: Generator[pa.Table], *, rows: int) -> Generator[pa.RecordBatch]:
    """The rows of tables of any sizes in batches of exactly so many rows, the last one shorter."""
    held: list[pa.Table] = []
    count = 0
    with closing(tables):
        for table in tables:
            held.append(table)
            count += table.num_rows
            while count >= rows:
                joined = pa.concat_tables(held)
                yield _as_batch(joined.slice(0, rows))
                held, count = [joined.slice(rows)], count - rows
    if count:
        yield _as_batch(pa.concat_tables(held))


def _as_batch(table: pa.Table) -> pa.RecordBatch:
    (batch,) = table.combine_chunks().to_batches()
    return batch
