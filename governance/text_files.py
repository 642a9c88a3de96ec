"""Reading the small text files of a deployment: UTF-8, bounded, one clear error for each way to fail; their digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from governance.errors import BadInput

_MAX_BYTES = 4 * 1024 * 1024


def read_utf8(path: Path, *, file: str) -> str:
    """The text of a file, without a byte order mark and with line feeds as line ends.

    Args:
        path: where it is.
        file: the name that messages use, relative to the deployment.

    Raises:
        BadInput: missing, unreadable, larger than 4 MiB, or not UTF-8.
    """
    return decode_utf8(read_bytes(path, file=file), file=file)


def read_bytes(path: Path, *, file: str, most: int = _MAX_BYTES) -> bytes:
    """The bytes of a file.

    Args:
        path: where it is.
        file: the name that messages use.
        most: bytes that it may have.

    Raises:
        BadInput: missing or unreadable, or larger.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except FileNotFoundError:
        raise BadInput("file-missing", file=file) from None
    except OSError as error:
        raise BadInput("file-unreadable", file=file) from error
    if len(data) > most:
        raise BadInput("file-too-large", file=file, limit=most)
    return data


def decode_utf8(data: bytes, *, file: str) -> str:
    """The text of bytes that were read.

    Raises:
        BadInput: larger than 4 MiB, or not UTF-8; the line of the first bad byte is named.
    """
    if len(data) > _MAX_BYTES:
        raise BadInput("file-too-large", file=file, limit=_MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput("file-encoding", file=file, line=line) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def file_digests(folder: Path, *parts: str) -> dict[str, str]:
    """SHA-256 in hex of every file below a folder's parts, by its path from the folder."""
    paths = sorted(path for part in parts for path in (folder / part).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def folder_digest(folder: Path, *parts: str) -> str:
    """SHA-256 in hex over the names and the bytes of all files below a folder's parts (or the folder), with lengths."""
    digest = hashlib.sha256()
    for root in [folder / part for part in parts] or [folder]:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                name = path.relative_to(folder).as_posix().encode()
                content = path.read_bytes()
                digest.update(len(name).to_bytes(8, "big") + name + len(content).to_bytes(8, "big") + content)
    return digest.hexdigest()
