"""Excel workbooks, read by a process that may die of them (:mod:`connectors.workbook_worker`)."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, cast

import pyarrow as pa

from governance.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from io import IOBase

CellKind = Literal["text", "number", "date", "time", "boolean", "blank", "other"]

_UNAVAILABLE = frozenset({"source-missing", "source-unreadable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A worksheet as text.

    Attributes:
        rows: all rows from the first of the sheet on, columns from the first that is used on; a date or a time is
            ``YYYY-MM-DD hh:mm:ss``, a whole number has no fraction, a cell without a value is null.
        errors: row and column of cells that hold an error (``#N/A``); they are null.
        several: whether the workbook has further sheets.
    """

    rows: pa.Table
    errors: tuple[tuple[int, int], ...]
    several: bool


class WorkbookReader:
    """One reading process, started when it is first needed and again after it has died. Safe for threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker: subprocess.Popen[bytes] | None = None

    def sheet(self, path: Path, *, sheet: str | None, file: str) -> Sheet:
        """Read a worksheet: the named one, or the only one that shows.

        Raises:
            BadInput: the workbook is damaged, locked by a password, of the old format or too large, or there is no
                such sheet.
            Unavailable: it is missing or cannot be read.
        """
        with self._lock:
            answer, rows = self._ask({"path": str(path), "sheet": sheet}, file=file, sheet=sheet, with_rows=True)
        if rows is None:
            raise BadInput("source-damaged", file=file)
        errors = tuple((int(row), int(column)) for row, column in answer["errors"])
        return Sheet(rows=rows, errors=errors, several=bool(answer["several"]))

    def cells(
        self, path: Path, places: Sequence[tuple[int, int]], *, sheet: str | None, from_used: bool, file: str
    ) -> list[tuple[CellKind, str]]:
        """Kind and text of some cells, by row and column from 0.

        Args:
            from_used: columns count from the first that is used, as in :class:`Sheet`; else from the first.

        Raises:
            BadInput: as :meth:`sheet`.
            Unavailable: as :meth:`sheet`.
        """
        with self._lock:
            question = {"path": str(path), "sheet": sheet, "cells": list(places), "from_used": from_used}
            answer, _ = self._ask(question, file=file, sheet=sheet, with_rows=False)
        return [(kind, text) for kind, text in answer["cells"]]

    def close(self) -> None:
        """End the process; the next question starts another."""
        with self._lock:
            self._end()

    def _ask(
        self, question: dict[str, Any], *, file: str, sheet: str | None, with_rows: bool
    ) -> tuple[dict[str, Any], pa.Table | None]:
        if self._worker is not None and self._worker.poll() is not None:
            self._end()
        worker = self._worker = self._worker or _start()
        try:
            answer, rows = _converse(worker, question, with_rows=with_rows)
        except (OSError, ValueError, pa.ArrowException):
            if _left(worker):
                # It had nothing to do for a while, and went just now.
                self._end()
                return self._ask(question, file=file, sheet=sheet, with_rows=with_rows)
            # It died over this workbook.
            self._end()
            raise BadInput("source-workbook-too-large", file=file) from None
        except BaseException:
            self._end()
            raise
        if (code := answer.get("refused")) is None:
            return answer, rows
        if code in _UNAVAILABLE:
            raise Unavailable(code, file=file)
        raise BadInput(code, file=file, sheet=sheet or "")

    def _end(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()
            for pipe in (worker.stdin, worker.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()
            worker.wait()


def _left(worker: subprocess.Popen[bytes]) -> bool:
    """Whether the process has ended by itself."""
    try:
        return worker.wait(timeout=1) == 0
    except subprocess.TimeoutExpired:
        return False


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-m", "connectors.workbook_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a library's own words may hold values
        env={},
        close_fds=True,
    )


def _converse(
    worker: subprocess.Popen[bytes], question: dict[str, Any], *, with_rows: bool
) -> tuple[dict[str, Any], pa.Table | None]:
    stdin, stdout = cast("IO[bytes]", worker.stdin), cast("IO[bytes]", worker.stdout)
    stdin.write(json.dumps(question).encode() + b"\n")
    stdin.flush()
    line = stdout.readline()
    if not line.endswith(b"\n"):
        raise ValueError
    answer: dict[str, Any] = json.loads(line)
    if not with_rows or "refused" in answer:
        return answer, None
    with pa.ipc.open_stream(cast("IOBase", stdout)) as reader:
        return answer, reader.read_all()
