"""Keys of pseudonyms: derivation from the master, and its custody. For the departments' side only.

The master is 32 random bytes in a file that only its owner reads. From it HKDF-SHA-256 (RFC 5869) derives one key per
pseudonymisation domain, epoch, kind of identifier and construction. Nobody who holds one of these can compute another,
so nothing joins across domains, epochs or kinds. Each domain and epoch has a secret of its own beside the master
(`masking.epoch_keys`); once it is destroyed, nobody derives the keys of that epoch again. The broker never imports this
module.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import stat
import struct
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.catalogue import KeyKind
from governance.decisions import PseudonymSpace
from governance.errors import BadInput
from masking.arrow_types import Values
from masking.canonical import canonical_keys
from masking.epoch_keys import SUFFIX, EpochKeys, create_epochs
from masking.pseudonyms import LONGEST_AES_TEXT, aes_block_pseudonyms, hmac_pseudonyms, longest_text

MASTER_BYTES = 32
KEY_ID_BYTES = 4
REFERENCE_DIGITS = 32
MOST_REMEMBERED = 2_000_000
MOST_KEYS_REMEMBERED = 8

_NONCE_BYTES = 12
_SALT = b"sekisho/pseudonym/v1/"
_RECORDS = PseudonymSpace(domain="records", epoch="0")
"""Of references in records, which outlive every epoch."""
_TAGS = PseudonymSpace(domain="records/uses", epoch="0")
"""Of tags; no guideline can call a domain so."""
_HEX = re.compile(rb"[0-9a-f]{%d}\n?" % (2 * MASTER_BYTES))


class KeyRing:
    """The pseudonym keys of a deployment's departments, derived from their master as they are needed.

    Args:
        master: 32 bytes.
        epochs: the secrets of the epochs; without them the master alone makes the keys of every epoch.
    """

    __slots__ = ("__epochs", "__known", "__master")

    def __init__(self, master: bytes, *, epochs: EpochKeys | None = None) -> None:
        if len(master) != MASTER_BYTES:
            raise BadInput("mask-master-malformed", file="", bytes=MASTER_BYTES)
        self.__master = master
        self.__epochs = epochs
        # Derived key → text → pseudonym: HMAC is made text by text, and every scan asks for the same ones again.
        self.__known: dict[bytes, dict[str, bytes]] = {}

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """Read the master from its file.

        Raises:
            BadInput: the file is missing, is readable by others than its owner, is no regular file, or does not hold
                exactly 64 lower-case hexadecimal digits. There is no default key.
        """
        master = bytes.fromhex(_read_private(path).decode().strip())
        return cls(master, epochs=EpochKeys(epochs_path(path)))

    def __repr__(self) -> str:
        return "KeyRing(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key ring stays in its process")

    def key_id(self, space: PseudonymSpace) -> str:
        """The public name of the keys of a domain and epoch: 8 hexadecimal digits.

        It goes with every stream. Streams of different keys are never joined: the result would be silently wrong.

        Raises:
            BadInput: the domain or the epoch is empty, or the epoch was destroyed.
            Unavailable: the secrets of the epochs cannot be read.
        """
        return self._derive(b"id", space, "", length=KEY_ID_BYTES).hex()

    def pseudonyms(self, values: Values, *, kind: KeyKind, space: PseudonymSpace) -> pa.Array[Any]:
        """The pseudonym of each identifier, as a ``uuid`` column; null stays null.

        Args:
            values: ``string`` column of identifiers of one kind; they are brought to the canonical form first.
            kind: the kind of key; its method is the construction.
            space: the domain and epoch whose keys are used.

        Raises:
            BadInput: an identifier is no key of its kind (the message counts them and shows none), one is too long for
                its construction, the domain or the epoch is empty, or the epoch was destroyed.
            Unavailable: the secrets of the epochs cannot be read.
        """
        canonical = canonical_keys(values, kind)
        if rejections := canonical.rejections():
            raise BadInput("mask-key-malformed", kind=kind.name, rejected=rejections)
        if kind.method == "hmac":
            key = self._derive(b"hmac", space, kind.name)
            return hmac_pseudonyms(canonical.values, key=key, known=self._remembered(key))
        if longest_text(canonical.values) > LONGEST_AES_TEXT:
            raise BadInput("mask-key-too-long", kind=kind.name, bytes=LONGEST_AES_TEXT)
        return aes_block_pseudonyms(canonical.values, key=self._derive(b"aes", space, kind.name))

    def reference(self, canonical: str, *, kind: KeyKind) -> str:
        """How records name a person without naming them: 32 hexadecimal digits, the same in every domain and epoch.

        Args:
            canonical: an identifier in the canonical form of its kind.
            kind: the kind.
        """
        key = self._derive(b"reference", _RECORDS, kind.name)
        return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()[:REFERENCE_DIGITS]

    def seal(self, body: bytes, *, use: str) -> bytes:
        """Encrypt what the departments' side notes for itself: AES-256-GCM under a key of that use alone."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self._sealing_key(use)).encrypt(nonce, body, None)

    def unseal(self, sealed: bytes, *, use: str) -> bytes:
        """What was sealed.

        Raises:
            InvalidTag: it is not what was sealed for this use.
        """
        return AESGCM(self._sealing_key(use)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], None)

    def _sealing_key(self, use: str) -> bytes:
        return self._derive(b"seal", _RECORDS, use)

    def tags(self, values: Values, *, kind: KeyKind) -> npt.NDArray[np.uint64]:
        """How the departments' own records know persons: 64 bits of each key, once, in ascending order.

        The same in every domain and epoch, and related to the pseudonyms of none. What is no key of its kind has none.

        Raises:
            BadInput: an identifier is too long for its construction.
        """
        keys = canonical_keys(values, kind).values.drop_null().unique()
        made = self.pseudonyms(keys, kind=kind, space=_TAGS).cast(pa.binary(16))
        halves = np.frombuffer(memoryview(made.buffers()[1] or b""), dtype="<u8")[
            2 * made.offset : 2 * (made.offset + len(made))
        ]
        return np.unique(halves[::2])

    def _remembered(self, key: bytes) -> dict[str, bytes]:
        """What a key has made so far; forgotten where it would be more than a large city's, or keys more than a few."""
        if len(self.__known) > MOST_KEYS_REMEMBERED:
            self.__known.clear()
        made = self.__known.setdefault(key, {})
        if len(made) > MOST_REMEMBERED:
            made.clear()
        return made

    def _derive(self, use: bytes, space: PseudonymSpace, kind: str, *, length: int = 32) -> bytes:
        if not space.domain or not space.epoch:
            raise BadInput("mask-space-empty")
        # The use stands in the salt, so that no key serves two algorithms; lengths keep (ab, c) from being (a, bc).
        info = b"".join(struct.pack(">H", len(part)) + part for part in _encoded(space.domain, space.epoch, kind))
        secret = self.__epochs.secret(space) if self.__epochs is not None and space not in (_RECORDS, _TAGS) else b""
        return HKDF(algorithm=SHA256(), length=length, salt=_SALT + use, info=info).derive(self.__master + secret)


def epochs_path(master: Path) -> Path:
    """Where the secrets of the epochs stand: beside the master's file."""
    return master.with_name(master.name + SUFFIX)


def create_master(path: Path) -> None:
    """Write a new random master to a file that only its owner can read, and beside it the secrets of no epoch yet.

    Raises:
        BadInput: there is a file already. A master is never overwritten: every pseudonym made with it would be cut off.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BadInput("mask-master-exists", file=path.name) from None
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(file.fileno(), 0o600)  # whatever the umask says
        file.write(secrets.token_bytes(MASTER_BYTES).hex().encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    create_epochs(epochs_path(path))


def _read_private(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        raise BadInput("mask-master-missing", file=path.name) from None
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadInput("mask-master-open", file=path.name)
        content = os.read(descriptor, 2 * MASTER_BYTES + 2)
    finally:
        os.close(descriptor)
    if not _HEX.fullmatch(content):
        raise BadInput("mask-master-malformed", file=path.name, bytes=MASTER_BYTES)
    return content


def _encoded(*parts: str) -> tuple[bytes, ...]:
    encoded = tuple(part.encode() for part in parts)
    if any(len(part) > 0xFFFF for part in encoded):
        raise BadInput("mask-space-empty")
    return encoded
