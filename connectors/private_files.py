"""Files of a department that hold how a source is reached: readable by their owner alone, or refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from governance.errors import BadInput, Unavailable

_MAX_BYTES = 64 * 1024


def read_private(path: Path, *, file: str) -> bytes:
    """The bytes of a private file.

    Args:
        path: where it is.
        file: the name that messages use, relative to the departments' folder.

    Raises:
        BadInput: it is open to other accounts, a link, no plain file, or larger than 64 KiB.
        Unavailable: it is missing or cannot be read.
    """
    try:
        # What is checked is what is read, whatever is swapped in meanwhile; a pipe must not hold the reader up.
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        raise Unavailable("source-missing", file=file) from None
    except OSError:
        raise Unavailable("source-unreadable", file=file) from None
    with os.fdopen(descriptor, "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BadInput("private-file-kind", file=file)
        if status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadInput("private-file-open", file=file, mode=f"{stat.S_IMODE(status.st_mode):04o}")
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise BadInput("private-file-kind", file=file)
    return content
