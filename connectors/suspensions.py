"""The list of persons whose use is suspended (利用停止, 個人情報保護法98条), kept on the departments' side alone.

One file for all departments of a deployment: a person who is on it is in no scan from the next one on. It holds
identifiers in their canonical form, so only its owner reads it; outside of it a person is a keyed reference
(`masking.keys.KeyRing.reference`). A list that is missing or damaged is no empty list: nobody's data leave until it is
mended.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from connectors.private_files import read_private
from governance.catalogue import KeyKind
from governance.errors import BadInput, SekishoError, Unavailable
from masking.canonical import canonical_keys
from masking.keys import KeyRing

FILE = ".suspended"

_HEADER = "sekisho.suspended.v1"


class Suspensions:
    """The list of one deployment's departments.

    Args:
        folder: the departments' folder.
        kind: what the list holds: the kind of key of the subjects.
        keyring: makes the references.
    """

    def __init__(self, folder: Path, *, kind: KeyKind, keyring: KeyRing) -> None:
        self._folder = folder
        self._kind = kind
        self._keyring = keyring

    def members(self) -> pa.Array[Any]:
        """The canonical keys of everybody on the list.

        Raises:
            Unavailable: the list cannot be read as one. Everybody is treated as suspended then.
        """
        return pa.array(self._read(), type=pa.string())

    def reference(self, identifier: str) -> str:
        """How records name a person: 32 hexadecimal digits that only the holder of the key can make or test.

        Raises:
            BadInput: the identifier is no key of the subjects' kind.
        """
        return self._keyring.reference(self._canonical(identifier), kind=self._kind)

    def add(self, identifier: str) -> None:
        """Put a person on the list, durably; who is on it stays on it.

        Raises:
            BadInput: the identifier is no key of the subjects' kind.
            Unavailable: the list cannot be read or written.
        """
        key = self._canonical(identifier)
        with self._locked():
            members = self._read()
            if key not in members:
                self._write([*members, key])

    def remove(self, reference: str) -> bool:
        """Take the person of a reference off the list, durably; whether there was one.

        Raises:
            Unavailable: the list cannot be read or written.
        """
        with self._locked():
            members = self._read()
            left = [key for key in members if self._keyring.reference(key, kind=self._kind) != reference]
            if len(left) < len(members):
                self._write(left)
            return len(left) < len(members)

    def has(self, reference: str) -> bool:
        """Whether the person of a reference is on the list.

        Raises:
            Unavailable: the list cannot be read.
        """
        return any(self._keyring.reference(key, kind=self._kind) == reference for key in self._read())

    def _canonical(self, identifier: str) -> str:
        keys = canonical_keys(pa.array([identifier], type=pa.string()), self._kind)
        found = keys.values[0].as_py() if keys.first_rejected() is None else None
        if found is None:
            raise BadInput("suspension-key", kind=self._kind.name)
        return str(found)

    def _read(self) -> list[str]:
        try:
            text = read_private(self._folder / FILE, file=FILE).decode("ascii")
        except (SekishoError, UnicodeError):
            raise Unavailable("suspensions-unreadable", file=FILE) from None
        head, _, body = text.partition("\n")
        if head != _header(body) or not (body == "" or body.endswith("\n")):
            raise Unavailable("suspensions-unreadable", file=FILE)
        return body.splitlines()

    def _write(self, members: list[str]) -> None:
        write_list(self._folder, members)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            lock = os.open(self._folder / f"{FILE}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError:
            raise Unavailable("suspensions-unreadable", file=FILE) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def create_list(folder: Path) -> None:
    """Write an empty list.

    Raises:
        BadInput: there is one already. A list is never replaced by an empty one.
        Unavailable: it cannot be written.
    """
    if (folder / FILE).exists():
        raise BadInput("file-exists", file=FILE)
    write_list(folder, [])


def write_list(folder: Path, members: list[str]) -> None:
    """Replace the list by another one, whole or not at all.

    Raises:
        Unavailable: it cannot be written.
    """
    body = "".join(f"{key}\n" for key in members)
    part = folder / f"{FILE}.part"
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(f"{_header(body)}\n{body}".encode("ascii"))
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(folder / FILE)
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except OSError:
        raise Unavailable("suspensions-unreadable", file=FILE) from None


def _header(body: str) -> str:
    """Says how the list was when it was written, so that half a list is not taken for a short one."""
    return f"{_HEADER} {hashlib.sha256(body.encode()).hexdigest()}"
