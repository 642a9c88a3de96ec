"""The combining worker's own code over the combiner's own words, in this process: some hundred times as many queries a second.

For the fuzzer alone, which is after what a query means. What the process of its own is for, and that it holds, is shown
in ``tests/query_broker/test_combine.py`` and ``test_worker_limits.py``; the attacks of the corpus run in real ones.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from governance.errors import Unavailable
from query_broker.combine import Combined, Combiner, Counting, ScanStream, _counting, _document, _read
from query_broker.relational import Constant
from query_broker.worker import _answer, hardened_connection


class InProcess(Combiner):
    """Reads and writes what a worker reads and writes, through its functions and a connection hardened as its is."""

    def __init__(self) -> None:
        """Start nothing."""

    def close(self) -> None:
        """Nothing waits."""

    def run_counted(
        self,
        sql: str,
        *,
        parameters: Mapping[str, Constant],
        streams: Sequence[ScanStream],
        counting: Counting | None,
    ) -> Combined:
        """As the worker answers.

        Raises:
            Unavailable: the worker refused.
        """
        request: dict[str, Any] = {
            "sql": sql,
            "parameters": {name: _document(value) for name, value in parameters.items()},
            "scans": [{"id": stream.ids[0], "also": list(stream.ids[1:])} for stream in streams],
            "counting": _counting(counting) if counting is not None else None,
        }
        asked, said = io.BytesIO(json.dumps(request).encode() + b"\n"), io.BytesIO()
        asked.seek(0, io.SEEK_END)
        for stream in streams:
            with pa.ipc.new_stream(asked, stream.table.schema) as writer:
                writer.write_table(stream.table)
        asked.seek(0)
        with hardened_connection(memory_mb=512, threads=1) as connection:
            _answer(io.BufferedReader(asked), said, connection)  # type: ignore[arg-type]
        said.seek(0)
        if said.readline() != b"done\n":
            raise Unavailable("combine-refused")
        return Combined(table=_read(said), populations=_read(said) if counting is not None else None)
