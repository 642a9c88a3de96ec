"""Whose package a file came from, told by its pseudonyms: no other recipient has had the same (第18条・第27条)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from governance.errors import BadInput

MOST_BYTES = 64 * 1024 * 1024
_HEX = rb"[0-9A-Fa-f]"
_GROUPS = rb"{8}(-?)" + _HEX + rb"{4}\1" + _HEX + rb"{4}\1" + _HEX + rb"{4}\1" + _HEX + rb"{12}"
_PSEUDONYM = re.compile(rb"(?<!" + _HEX + rb")" + _HEX + _GROUPS + rb"(?!" + _HEX + rb")")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """A package whose pseudonyms stand in a file.

    Attributes:
        found: how many of the file's pseudonyms it showed.
        of: how many pseudonyms the file holds.
    """

    package: str
    recipient: str
    found: int
    of: int


def pseudonyms_in(data: bytes, *, file: str) -> list[bytes]:
    """Everything in a file that is written as a pseudonym, once each: a table (Parquet), or any text.

    Args:
        data: what the file holds.
        file: its name in messages.

    Raises:
        BadInput: too large, no sound Parquet, or nothing in it is written as a pseudonym.
    """
    if len(data) > MOST_BYTES:
        raise BadInput("file-too-large", file=file, limit=MOST_BYTES)
    try:
        found = set(_in_parquet(data)) if data.startswith(b"PAR1") else set(_in_text(data))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadInput("package-trace-file", file=file) from error
    if not found:
        raise BadInput("package-trace-file", file=file)
    return sorted(found)


def _in_text(data: bytes) -> Iterator[bytes]:
    return (bytes.fromhex(match.group().replace(b"-", b"").decode("ascii")) for match in _PSEUDONYM.finditer(data))


def _in_parquet(data: bytes) -> Iterator[bytes]:
    table = pq.read_table(io.BytesIO(data))
    for column in table.columns:
        for value in column.to_pylist():
            if isinstance(value, UUID):
                yield value.bytes
            elif isinstance(value, bytes) and len(value) == len(UUID(int=0).bytes):
                yield value
            elif isinstance(value, str):
                yield from _in_text(value.encode())
