"""Aggregate answers that were released, in the deployment's own store: a question gets its first answer again.

An answer stands under the keyed digest of its bytes, which its release in the ledger names. The store is believed as
far as the two agree. An answer holds figures and whatever the asker called them, so it lies there encrypted (I7): what
copies the store, a backup or a support case, carries none of it.

SPEC: AES-256-GCM (NIST SP 800-38D) with a nonce of 96 random bits, the digest as associated data; the key by
HKDF-SHA-256 (RFC 5869).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sekisho.store_file import connected

_TABLE = "CREATE TABLE IF NOT EXISTS answer (digest TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT"
_USE = b"sekisho kept answers v1"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class AnswerStore:
    """The answers of one deployment."""

    path: Path
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def open(cls, path: Path, *, key: bytes) -> AnswerStore:
        """The answers in the file of a deployment's store, which may have none yet.

        Args:
            key: the deployment's digest key, from which the answers' own is derived.

        Raises:
            Unavailable: the file cannot be written.
        """
        with connected(path) as connection:
            connection.execute(_TABLE)
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_USE).derive(key)
        return cls(path, AESGCM(derived))

    def put(self, digest: str, body: bytes) -> None:
        """Keep an answer, durably; one that is there already stays."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, body, digest.encode())
        with connected(self.path) as connection:
            connection.execute("INSERT OR IGNORE INTO answer VALUES (?, ?)", (digest, sealed))

    def digests(self) -> tuple[str, ...]:
        """The digests of all answers, in the order in which they were put."""
        with connected(self.path) as connection:
            return tuple(row[0] for row in connection.execute("SELECT digest FROM answer ORDER BY rowid"))

    def erase(self, digests: Sequence[str]) -> int:
        """Take answers out, so that the file does not hold them any more either; how many there were."""
        with connected(self.path) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            gone = sum(
                connection.execute("DELETE FROM answer WHERE digest = ?", (digest,)).rowcount for digest in digests
            )
            connection.execute("COMMIT")
        return gone

    def get(self, digest: str) -> bytes | None:
        """The answer of a digest; ``None`` where it is not kept, or is not what was put there."""
        with connected(self.path) as connection:
            row = connection.execute("SELECT body FROM answer WHERE digest = ?", (digest,)).fetchone()
        if row is None:
            return None
        sealed = bytes(row[0])
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest.encode())
        except (InvalidTag, ValueError):
            return None
