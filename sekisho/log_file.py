"""Where the log goes: the deployment's ``log/sekisho.jsonl``, and standard error only where that was asked for."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO, cast

from governance.errors import BadInput
from governance.log import configure_log

LOG_FILE = Path("log") / "sekisho.jsonl"


@contextmanager
def log_of(folder: Path, *, also_on_stderr: bool) -> Iterator[None]:
    """Send the log to the file of the deployment in ``folder`` while the context lasts.

    Raises:
        BadInput: the file cannot be opened for writing.
    """
    file = folder / LOG_FILE
    try:
        file.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BadInput("file-unwritable", file=str(LOG_FILE)) from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        configure_log(_tee(stream, sys.stderr) if also_on_stderr else stream)
        try:
            yield
        finally:
            silence_log()


def silence_log() -> None:
    """Drop the log; before a deployment is known there is no place for it."""
    configure_log(_tee())


class _Tee(io.TextIOBase):
    """A stream that hands its lines to others; to none, it drops them."""

    def __init__(self, *streams: TextIO) -> None:
        self._streams = streams

    def write(self, text: str) -> int:
        """Write to each of them."""
        for stream in self._streams:
            stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush each of them."""
        for stream in self._streams:
            stream.flush()


def _tee(*streams: TextIO) -> TextIO:
    # The log writes whole lines and flushes, nothing else of a text file is used.
    return cast("TextIO", _Tee(*streams))
