"""Aggregate answers that were released, in the deployment's own store: a question gets its first answer again.

An answer stands under the keyed digest of its bytes, which its release in the ledger names. The store is believed as
far as the two agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sekisho.store_file import connected

_TABLE = "CREATE TABLE IF NOT EXISTS answer (digest TEXT PRIMARY KEY, body BLOB NOT NULL) STRICT"


@dataclass(frozen=True, slots=True)
class AnswerStore:
    """The answers of one deployment."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> AnswerStore:
        """The answers in the file of a deployment's store, which may have none yet.

        Raises:
            Unavailable: the file cannot be written.
        """
        with connected(path) as connection:
            connection.execute(_TABLE)
        return cls(path)

    def put(self, digest: str, body: bytes) -> None:
        """Keep an answer, durably; one that is there already stays."""
        with connected(self.path) as connection:
            connection.execute("INSERT OR IGNORE INTO answer VALUES (?, ?)", (digest, body))

    def get(self, digest: str) -> bytes | None:
        """The answer of a digest; ``None`` where it is not kept."""
        with connected(self.path) as connection:
            row = connection.execute("SELECT body FROM answer WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else bytes(row[0])
