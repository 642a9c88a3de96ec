"""Reads Excel workbooks in a process of its own: ``python -I -m connectors.workbook_worker``.

A workbook is a compressed archive that anybody may have made. A cell at the far end of a sheet, or a few kilobytes that
unpack to gigabytes, end the process that reads them, and no exception tells of it; here it is this one, with bounded
memory and time. It speaks to :mod:`connectors.workbooks` over its pipes: one JSON line a question; one JSON line, and
where it announces them the rows as an Arrow stream, an answer.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import resource
import select
import sys
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import fastexcel
import pyarrow as pa
from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

_MEMORY_BYTES = 4 * 2**30
_CPU_SECONDS = 600
_IDLE_SECONDS = 60
_UNPACKED_BYTES = 2 * 2**30
_MOST_ERRORS = 1_000

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


_NO_ARCHIVE = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError)


class RefusedError(Exception):
    """The workbook is not read, for the reason of a message code."""


def main() -> int:
    """Answer questions until there are none, or none has come for a while."""
    # Whatever the libraries print is not part of the conversation.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    allowed = resource.getrlimit(resource.RLIMIT_AS)[1]
    memory = _MEMORY_BYTES if allowed == resource.RLIM_INFINITY else min(allowed, _MEMORY_BYTES)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    while select.select([sys.stdin], [], [], _IDLE_SECONDS)[0] and (line := sys.stdin.buffer.readline()):
        used = int(resource.getrusage(resource.RUSAGE_SELF).ru_utime)
        # The soft limit alone: a hard one could not be raised again for the next workbook.
        resource.setrlimit(resource.RLIMIT_CPU, (used + _CPU_SECONDS, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        rows = None
        try:
            answer, rows = _answer(json.loads(line))
        except RefusedError as refused:
            answer = {"refused": str(refused)}
        except FileNotFoundError:
            answer = {"refused": "source-missing"}
        except OSError:
            answer = {"refused": "source-unreadable"}
        except MemoryError:
            answer = {"refused": "source-workbook-too-large"}
        except Exception:  # noqa: BLE001 - whatever a library says of a damaged file, its words stay here
            answer = {"refused": "source-damaged"}
        answers.write(json.dumps(answer).encode() + b"\n")
        if rows is not None:
            with pa.ipc.new_stream(answers, rows.schema) as writer:
                writer.write_batch(rows)
        answers.flush()
    return 0


def _answer(question: Mapping[str, Any]) -> tuple[dict[str, Any], pa.RecordBatch | None]:
    path = question["path"]
    _check_kind(path)
    with ThreadPoolExecutor(1) as pool:
        # Beside the reading, which stops at the end of the table and so does not see every checksum.
        checked = pool.submit(_check_archive, path)
        try:
            return _read(path, question)
        finally:
            checked.result()


def _read(path: str, question: Mapping[str, Any]) -> tuple[dict[str, Any], pa.RecordBatch | None]:
    workbook = CalamineWorkbook.from_path(path)
    sheet = _sheet(workbook, question["sheet"])
    if "cells" in question:
        return {"cells": _cells(workbook, sheet, question["cells"], from_used=question["from_used"])}, None
    read = fastexcel.read_excel(path).load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    rows, errors = read.to_arrow_with_errors()
    positions = [error.position for error in errors.errors[:_MOST_ERRORS]] if errors is not None else []
    named = pa.RecordBatch.from_arrays(rows.columns, names=[str(at) for at in range(rows.num_columns)])
    return {"errors": positions, "several": len(workbook.sheet_names) > 1}, named


def _check_kind(path: str) -> None:
    """Refuse what is no archive but a workbook all the same: of the old format, or locked by a password."""
    with open(path, "rb") as file:  # noqa: PTH123 - the path comes as text
        start = file.read(len(_OLE))
        if start == _OLE:
            raise RefusedError("source-workbook-locked" if _ENCRYPTED in file.read() else "source-workbook-old")
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _UNPACKED_BYTES:
                raise RefusedError("source-workbook-too-large")
            if any(member.flag_bits & 1 for member in archive.infolist()):
                raise RefusedError("source-workbook-locked")
    except _NO_ARCHIVE:
        raise RefusedError("source-damaged") from None


def _check_archive(path: str) -> None:
    """Unpack everything once, and throw it away: each part is whole, and no longer than the archive says."""
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as content:
                    while content.read(2**20):
                        pass
    except _NO_ARCHIVE:
        raise RefusedError("source-damaged") from None


def _sheet(workbook: CalamineWorkbook, name: str | None) -> str:
    """The worksheet of a name, hidden or not, or the only one that shows."""
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    if name is not None:
        if name not in {sheet.name for sheet in sheets}:
            raise RefusedError("source-sheet-missing")
        return name
    visible = [sheet.name for sheet in sheets if sheet.visible == SheetVisibleEnum.Visible]
    if len(visible) != 1:
        raise RefusedError("source-sheet-several" if visible else "source-sheet-none")
    return visible[0]


def _cells(
    workbook: CalamineWorkbook, sheet: str, places: Sequence[tuple[int, int]], *, from_used: bool
) -> list[tuple[str, str]]:
    """The kind of some cells and their texts; columns count from the first of the sheet, or the first that is used."""
    read = workbook.get_sheet_by_name(sheet)
    left = read.start[1] if from_used and read.start is not None else 0
    rows = read.to_python(skip_empty_area=False)
    return [
        _kind(rows[row][left + column]) if row < len(rows) and left + column < len(rows[row]) else ("blank", "")
        for row, column in places
    ]


def _kind(value: object) -> tuple[str, str]:
    match value:
        case bool():
            return "boolean", str(value).lower()
        case float() | int():
            return "number", str(int(value)) if value == int(value) else str(value)
        case dt.datetime() | dt.date():
            return "date", value.isoformat()[:10]
        case dt.time() | dt.timedelta():
            return "time", ""
        case str():
            return ("blank", "") if not value else ("text", value)
        case _:
            return "other", ""


if __name__ == "__main__":
    sys.exit(main())
