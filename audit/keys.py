"""The files of the ledger's keys: the private one readable by its owner alone, the public one for everybody to pin."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from audit.note import Signer, Verifier, encode_signer, make_signer, parse_signer, parse_vkey
from governance.errors import BadInput

_MAX_BYTES = 4_096


def generate_key(path: Path, *, name: str) -> Signer:
    """Make a key and keep it: the private one in ``path`` with mode 0600, the public one beside it as ``.vkey``.

    Args:
        path: of the private key; no existing file is ever replaced.
        name: origin of the ledger.

    Raises:
        BadInput: the name cannot be a key's, a file exists, or one cannot be written.
    """
    signer = make_signer(name, seed=secrets.token_bytes(32))
    _write_new(path, f"{encode_signer(signer)}\n", mode=0o600)
    _write_new(vkey_path(path), f"{signer.verifier.vkey}\n", mode=0o644)
    return signer


def vkey_path(path: Path) -> Path:
    """Where the public key of a private key's file stands."""
    return path.with_suffix(".vkey")


def load_signer(path: Path) -> Signer:
    """The private key of a file. There is no default key: without a sound file nothing is signed.

    Raises:
        BadInput: the file is missing, no plain file, open to other accounts, or no key; names the file.
    """
    try:
        # The descriptor that is checked is the one that is read.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise BadInput("ledger-key-unreadable", file=path.name)
            if status.st_mode & 0o077:
                raise BadInput("ledger-key-open", file=path.name, mode=f"{stat.S_IMODE(status.st_mode):04o}")
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput("ledger-key-missing", file=path.name) from None
    except OSError:
        raise BadInput("ledger-key-unreadable", file=path.name) from None
    try:
        return parse_signer(_line(data))
    except BadInput:
        raise BadInput("ledger-key-malformed", file=path.name) from None


def load_vkey(path: Path) -> Verifier:
    """The public key of a file, to be pinned.

    Raises:
        BadInput: the file is missing, cannot be read, or holds no key; names the file.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except FileNotFoundError:
        raise BadInput("ledger-key-missing", file=path.name) from None
    except OSError:
        raise BadInput("ledger-key-unreadable", file=path.name) from None
    try:
        return parse_vkey(_line(data))
    except BadInput:
        raise BadInput("ledger-key-malformed", file=path.name) from None


def _line(data: bytes) -> str:
    """The one line of a key file."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise BadInput("key-malformed") from None
    if len(data) > _MAX_BYTES or not text.endswith("\n"):
        # Without its end the file was cut, and half a key must not be taken for another one.
        raise BadInput("key-malformed")
    return text.removesuffix("\n")


def _write_new(path: Path, text: str, *, mode: int) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode), "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
    except FileExistsError:
        raise BadInput("ledger-key-exists", file=path.name) from None
    except OSError:
        raise BadInput("ledger-key-unwritable", file=path.name) from None
