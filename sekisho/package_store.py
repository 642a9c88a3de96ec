"""What the store keeps of packages: what a draft found, whom a package showed, and how the receipt is known.

How far a package has come, and who reviewed it, is what the ledger says and nothing else. Persons stand here as keyed
digests of the recipient's pseudonyms, so that packages to come can be compared with those before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from governance.errors import BadInput, Unavailable
from masking.anonymity import Members
from sekisho.store_file import FILE, connected

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS package (
        number TEXT NOT NULL PRIMARY KEY,
        recipient TEXT NOT NULL,
        key_id TEXT NOT NULL,
        detail TEXT NOT NULL,
        receipt_digest TEXT
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS package_shown (
        number TEXT NOT NULL PRIMARY KEY REFERENCES package (number),
        persons BLOB NOT NULL
    ) STRICT
    """,
)

_PERSON = struct.Struct(">16sI")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPackage:
    """What is kept of a package.

    Attributes:
        key_id: of the keys that made its pseudonyms: packages of the same are compared.
        detail: what the draft found, as JSON.
    """

    number: str
    recipient: str
    key_id: str
    detail: Mapping[str, Any]
    receipt_digest: str | None


@dataclass(frozen=True, slots=True)
class PackageStore:
    """Packages of one deployment.

    Attributes:
        key: makes the digests of pseudonyms.
    """

    path: Path
    key: bytes = field(repr=False)

    @classmethod
    def open(cls, path: Path, *, key: bytes) -> PackageStore:
        """Of an existing store, which may be older than these tables.

        Raises:
            Unavailable: the store cannot be read or written.
        """
        with connected(path) as connection:
            for table in _TABLES:
                connection.execute(table)
        return cls(path, key)

    def get(self, number: str) -> StoredPackage:
        """One package.

        Raises:
            BadInput: there is none of this number.
        """
        found = [stored for stored in self.all() if stored.number == number]
        if not found:
            raise BadInput("package-unknown")
        return found[0]

    def all(self) -> tuple[StoredPackage, ...]:
        """All packages that are kept, oldest first."""
        with connected(self.path) as connection:
            rows = connection.execute(
                "SELECT number, recipient, key_id, detail, receipt_digest FROM package"
                " WHERE detail <> '' ORDER BY number"
            ).fetchall()
        return tuple(
            StoredPackage(number=n, recipient=r, key_id=k, detail=json.loads(d), receipt_digest=c)
            for n, r, k, d, c in rows
        )

    def add(self, year: int, *, recipient: str, draft: Callable[[str], tuple[str, Mapping[str, Any]]]) -> str:
        """Keep a new draft under the next number of the fiscal year.

        Args:
            draft: of the number: writes the ledger entry, durably, and returns the keys' id and the detail; what it
                raises undoes the change.
        """
        with self._changing() as connection:
            (latest,) = connection.execute(
                "SELECT max(CAST(substr(number, 9) AS INTEGER)) FROM package WHERE number LIKE ?", (f"PK-{year}-%",)
            ).fetchone()
            number = f"PK-{year}-{(latest or 0) + 1:04d}"
            key_id, detail = draft(number)
            connection.execute(
                "INSERT INTO package VALUES (?, ?, ?, ?, NULL)",
                (number, recipient, key_id, json.dumps(detail, ensure_ascii=False)),
            )
        return number

    def made(self, number: str, *, members: Members, receipt_code: str, record: Callable[[], None]) -> None:
        """Keep whom a package showed in which group, and by what its receipt is known; the record as in `add`."""
        persons = b"".join(_PERSON.pack(self._person(person), group) for person, group in sorted(members.items()))
        with self._changing() as connection:
            record()
            connection.execute(
                "UPDATE package SET receipt_digest = ? WHERE number = ?", (self.receipt_digest(receipt_code), number)
            )
            connection.execute("INSERT OR REPLACE INTO package_shown VALUES (?, ?)", (number, persons))

    def shown(self, numbers: list[str], *, persons: list[bytes]) -> tuple[tuple[Members, int], ...]:
        """For each package: the groups in which it showed these persons, and how many others it showed."""
        digests = {self._person(person): person for person in persons}
        found = []
        with connected(self.path) as connection:
            for number in numbers:
                row = connection.execute("SELECT persons FROM package_shown WHERE number = ?", (number,)).fetchone()
                if row is None:
                    raise Unavailable("store-unavailable", file=FILE)
                pairs = dict(_PERSON.iter_unpack(row[0]))
                known = {digests[digest]: group for digest, group in pairs.items() if digest in digests}
                found.append((known, len(pairs) - len(known)))
        return tuple(found)

    def erase(self, numbers: Sequence[str]) -> int:
        """Erase whom packages showed and what was found; how many there were. Numbers stay taken."""
        with connected(self.path) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            gone = 0
            for number in numbers:
                connection.execute("DELETE FROM package_shown WHERE number = ?", (number,))
                gone += connection.execute(
                    "UPDATE package SET detail = '', receipt_digest = NULL WHERE number = ? AND detail <> ''", (number,)
                ).rowcount
            connection.execute("COMMIT")
            if gone:
                connection.execute("VACUUM")
        return gone

    def receipt_digest(self, code: str) -> str:
        """By what a receipt is known: the code itself is in the package alone."""
        return hmac.new(self.key, b"package receipt\n" + code.encode(), hashlib.sha256).hexdigest()

    def _person(self, person: bytes) -> bytes:
        return hmac.new(self.key, b"package person\n" + person, hashlib.sha256).digest()[:16]

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with connected(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
