"""Private keys as files of a deployment: readable by the broker's account alone, or refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from governance.errors import BadInput

_MAX_BYTES = 16 * 1024


def read_key_file(path: Path, *, file: str) -> bytes:
    """The bytes of a private key file.

    Args:
        path: where it is.
        file: the name that messages use, relative to the deployment.

    Raises:
        BadInput: missing, unreadable, not a plain file, larger than 16 KiB, or open to other accounts.
    """
    try:
        # The descriptor that is checked is the one that is read; a link that is swapped in between changes nothing.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise BadInput("key-file-kind", file=file)
            if status.st_mode & 0o077:
                raise BadInput("key-file-open", file=file, mode=f"{stat.S_IMODE(status.st_mode):04o}")
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput("file-missing", file=file) from None
    except OSError as error:
        raise BadInput("file-unreadable", file=file) from error
    if len(data) > _MAX_BYTES:
        raise BadInput("key-file-kind", file=file)
    return data


def write_key_file(path: Path, data: bytes, *, file: str) -> None:
    """Write a new private key file with mode 0600; an existing file is never replaced.

    Raises:
        BadInput: the file exists, or cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise BadInput("file-exists", file=file) from None
    except OSError as error:
        raise BadInput("file-unwritable", file=file) from error
