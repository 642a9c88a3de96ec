"""Secrets of epochs: one for each pseudonymisation domain and epoch, which its keys are derived with beside the master.

To destroy one is to destroy every pseudonym of that epoch: nobody, with the master or without, makes or finds one again
(crypto-shredding, 第24条). A destroyed epoch stays written down as destroyed, so that no new secret takes its place.
They stand in one file beside the master, which only its owner reads, with a digest of itself; it is replaced whole or
not at all. A file that is missing or damaged is no file without epochs: nothing is made with other secrets in the place
of lost ones.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from governance.decisions import PseudonymSpace
from governance.errors import BadInput, Unavailable

SUFFIX = ".epochs"

_SECRET_BYTES = 32
_HEADER = "sekisho.epochs.v1"
_DESTROYED = "destroyed"
_NAME = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}", re.ASCII)
_SECRET = re.compile(rf"[0-9a-f]{{{2 * _SECRET_BYTES}}}", re.ASCII)
_MAX_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """An epoch of a domain, and whether it was destroyed."""

    space: PseudonymSpace
    destroyed: bool


class EpochKeys:
    """The secrets of a deployment's epochs.

    Args:
        path: the file. It is read each time, so that what one process destroys is gone for all of them.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def secret(self, space: PseudonymSpace) -> bytes:
        """The secret of an epoch; a new one for an epoch that was never used.

        Raises:
            BadInput: the epoch was destroyed, or its name or its domain's is no name.
            Unavailable: the file cannot be read or written.
        """
        found = self._read().get(space)
        if found is None:
            found = self._begin(space)
        if found == _DESTROYED:
            raise BadInput("mask-epoch-destroyed", domain=space.domain, epoch=space.epoch)
        return bytes.fromhex(found)

    def known(self) -> tuple[Epoch, ...]:
        """Every epoch that was ever used, in the order of their names.

        Raises:
            Unavailable: the file cannot be read.
        """
        found = self._read()
        ordered = sorted(found, key=lambda space: (space.domain, space.epoch))
        return tuple(Epoch(space=space, destroyed=found[space] == _DESTROYED) for space in ordered)

    def destroy(self, space: PseudonymSpace) -> bool:
        """Destroy the secret of an epoch, durably; whether there was one.

        Raises:
            Unavailable: the file cannot be read or written.
        """
        with self._locked():
            found = self._read()
            if found.get(space, _DESTROYED) == _DESTROYED:
                return False
            self._write({**found, space: _DESTROYED})
            return True

    def _begin(self, space: PseudonymSpace) -> str:
        if not (_NAME.fullmatch(space.domain) and _NAME.fullmatch(space.epoch)):
            raise BadInput("mask-space-name")
        with self._locked():
            found = self._read()
            if space not in found:
                found = {**found, space: secrets.token_hex(_SECRET_BYTES)}
                self._write(found)
            return found[space]

    def _read(self) -> dict[PseudonymSpace, str]:
        try:
            text = _private(self._path).decode("ascii")
        except (OSError, UnicodeError):
            raise self._unreadable() from None
        head, _, body = text.partition("\n")
        lines = [line.split(" ") for line in body.splitlines()]
        if head != _header(body) or not all(map(_is_epoch, lines)):
            raise self._unreadable()
        return {PseudonymSpace(domain=domain, epoch=epoch): secret for domain, epoch, secret in lines}

    def _write(self, found: Mapping[PseudonymSpace, str]) -> None:
        try:
            _replace(self._path, found)
        except OSError:
            raise self._unreadable() from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = self._path.with_name(f"{self._path.name}.lock")
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError:
            raise self._unreadable() from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _unreadable(self) -> Unavailable:
        return Unavailable("mask-epochs-unreadable", file=self._path.name)


def create_epochs(path: Path) -> None:
    """Write a file without epochs. One that exists is never replaced.

    Raises:
        BadInput: there is one already.
        Unavailable: it cannot be written.
    """
    if path.exists():
        raise BadInput("mask-master-exists", file=path.name)
    try:
        _replace(path, {})
    except OSError:
        raise Unavailable("mask-epochs-unreadable", file=path.name) from None


def _is_epoch(line: list[str]) -> bool:
    return len(line) == 3 and (line[2] == _DESTROYED or _SECRET.fullmatch(line[2]) is not None)


def _replace(path: Path, found: Mapping[PseudonymSpace, str]) -> None:
    body = "".join(f"{space.domain} {space.epoch} {secret}\n" for space, secret in found.items())
    part = path.with_name(f"{path.name}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        os.fchmod(stream.fileno(), 0o600)  # whatever the umask says
        stream.write(f"{_header(body)}\n{body}".encode("ascii"))
        stream.flush()
        os.fsync(stream.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _private(path: Path) -> bytes:
    """The bytes of a plain file that is its owner's alone; an ``OSError`` for any other."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        mode = os.fstat(stream.fileno()).st_mode
        if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise OSError
        content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise OSError
    return content


def _header(body: str) -> str:
    """Says how the file was when it was written, so that half of it is not taken for the whole."""
    return f"{_HEADER} {hashlib.sha256(body.encode()).hexdigest()}"
