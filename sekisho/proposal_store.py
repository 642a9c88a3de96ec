"""What the store keeps of criteria that contractors have handed back: their text and what their test has found.

How far one has come, and who has reviewed it, is what the ledger says and nothing else. The text of one that is not a
draft any more is erased: what was approved stands in the guideline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from governance.errors import BadInput
from sekisho.store_file import connected

_TABLE = """
CREATE TABLE IF NOT EXISTS proposal (number TEXT NOT NULL PRIMARY KEY, detail TEXT NOT NULL, body BLOB NOT NULL) STRICT
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProposal:
    """What is kept of a proposal.

    Attributes:
        detail: where it comes from, what would change and what its test has found, as JSON.
        body: the criteria as they were handed in; empty once they are no draft any more.
    """

    number: str
    detail: Mapping[str, Any]
    body: bytes

    def digest(self, *, replaced: str) -> str:
        """Of the criteria, of the test, and of the criteria that they would replace.

        Args:
            replaced: digest of the criteria in force now.
        """
        said: dict[str, Any] = {
            "detail": dict(self.detail),
            "body": hashlib.sha256(self.body).hexdigest(),
            "replaced": replaced,
        }
        return hashlib.sha256(b"proposal content\n" + rfc8785.dumps(said)).hexdigest()


@dataclass(frozen=True, slots=True)
class ProposalStore:
    """The proposals of one deployment."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> ProposalStore:
        """Of an existing store, which may be older than this table.

        Raises:
            Unavailable: the store cannot be read or written.
        """
        with connected(path) as connection:
            connection.execute(_TABLE)
        return cls(path)

    def get(self, number: str) -> StoredProposal:
        """One proposal.

        Raises:
            BadInput: there is none of this number.
        """
        found = [stored for stored in self.all() if stored.number == number]
        if not found:
            raise BadInput("proposal-unknown")
        return found[0]

    def all(self) -> tuple[StoredProposal, ...]:
        """All proposals, oldest first."""
        with connected(self.path) as connection:
            rows = connection.execute("SELECT number, detail, body FROM proposal ORDER BY number").fetchall()
        return tuple(StoredProposal(number=n, detail=json.loads(d), body=bytes(b)) for n, d, b in rows)

    def add(
        self, year: int, *, detail: Mapping[str, Any], body: bytes, record: Callable[[StoredProposal], object]
    ) -> str:
        """Keep a new proposal under the next number of the fiscal year.

        Args:
            year: the fiscal year.
            detail: as it is kept.
            body: as it is kept.
            record: writes the ledger entry, durably; what it raises undoes the change.
        """
        with connected(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            (latest,) = connection.execute(
                "SELECT max(CAST(substr(number, 9) AS INTEGER)) FROM proposal WHERE number LIKE ?", (f"RP-{year}-%",)
            ).fetchone()
            number = f"RP-{year}-{(latest or 0) + 1:04d}"
            text = json.dumps(detail, ensure_ascii=False)
            connection.execute("INSERT INTO proposal VALUES (?, ?, ?)", (number, text, body))
            record(StoredProposal(number=number, detail=json.loads(text), body=body))
            connection.execute("COMMIT")
        return number

    def end(self, number: str, *, record: Callable[[], object]) -> None:
        """Erase the text of a proposal that is no draft any more; the record as in `add`."""
        with connected(self.path) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE proposal SET body = x'' WHERE number = ?", (number,))
            record()
            connection.execute("COMMIT")
