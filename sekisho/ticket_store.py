"""What is kept of re-identifications: what was asked and why, and, for a few days, the view of the person (第15条).

How far a ticket has got stands in the ledger and nowhere else. Here lie its texts, its pseudonym and its view, each
sealed and bound to its ticket, so that a copy of the file tells how many there are, and no more. A view that is over
is erased, not hidden.

SPEC: AES-256-GCM (NIST SP 800-38D) with a nonce of 96 random bits, table and number as associated data; the key by
HKDF-SHA-256 (RFC 5869).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sqlite3
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.errors import Unavailable
from governance.look_ups import Value
from sekisho.store_file import connected, make_private

_APPLICATION = 0x53454B54  # "SEKT"
_TABLES = (
    """
    CREATE TABLE ticket (
        number TEXT PRIMARY KEY,
        fiscal_year INTEGER NOT NULL,
        position INTEGER NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (fiscal_year, position)
    ) STRICT
    """,
    "CREATE TABLE view (number TEXT PRIMARY KEY REFERENCES ticket (number), body BLOB NOT NULL) STRICT",
)
# Made with the first use after tickets have had sheets.
_SHEETS = (
    "CREATE TABLE IF NOT EXISTS sheet (number TEXT PRIMARY KEY REFERENCES ticket (number), body BLOB NOT NULL) STRICT"
)
_USE = b"sekisho tickets v1"
_NONCE_BYTES = 12
_REFERENCE_DIGITS = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked.

    Attributes:
        candidate: number of the candidate on the work list.
        subject: the pseudonym.
        domain: of the pseudonym.
        epoch: of the pseudonym.
        types: purposes for which the criteria found the person.
        hits: factors that are met.
        reason: why, in the words of whoever asked.
        contact: what contact is planned.
    """

    candidate: str
    subject: str
    domain: str
    epoch: str
    types: tuple[str, ...]
    hits: tuple[str, ...]
    reason: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """The items of one person that may be shown, by dataset.

    Attributes:
        reduced: the set because of which items are missing, ``None`` for everybody else.
    """

    values: Mapping[str, Mapping[str, Value]]
    reduced: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What asks another body about the person of a ticket.

    Attributes:
        addressee: the body, by the name that the case has for it.
        items: dataset → column → value: who is meant.
        questions: names of what is asked.
        answers: question → text; empty until it is answered.
        protected: the person is protected, so that no sheet may be sent.
    """

    addressee: str | None
    items: Mapping[str, Mapping[str, Value]]
    questions: tuple[str, ...]
    answers: Mapping[str, str]
    protected: bool = False

    def answered(self, answers: Mapping[str, str]) -> Sheet:
        """The sheet with its answers."""
        return replace(self, answers=answers)


@dataclass(frozen=True, slots=True)
class TicketStore:
    """The tickets of one deployment. Every method opens its own connection."""

    path: Path
    _cipher: AESGCM = field(repr=False)
    _reference_key: bytes = field(repr=False)

    @classmethod
    def open(cls, path: Path, *, key: bytes) -> TicketStore:
        """The tickets in a file that only its owner reads; an empty one is made where there is none.

        Args:
            key: the deployment's digest key, from which the tickets' own are derived.

        Raises:
            Unavailable: the file holds no tickets, or cannot be read or written.
        """
        sealing, naming = (
            HKDF(algorithm=SHA256(), length=32, salt=None, info=_USE + use).derive(key) for use in (b"", b" references")
        )
        store = cls(path, AESGCM(sealing), naming)
        make_private(path, application=_APPLICATION, tables=_TABLES)
        with connected(path) as connection:
            connection.execute(_SHEETS)
        return store

    def reference(self, asked: Asked) -> str:
        """How the ledger names a pseudonym: whoever changes it in the store is found by that."""
        named = json.dumps([asked.domain, asked.epoch, UUID(asked.subject).hex]).encode()
        return hmac.new(self._reference_key, named, hashlib.sha256).hexdigest()[:_REFERENCE_DIGITS]

    def add(self, asked: Asked, *, fiscal_year: int, record: Callable[[str], object]) -> str:
        """Keep what was asked under the year's next number.

        Args:
            asked: what was asked.
            fiscal_year: the year that the number counts in.
            record: writes the ledger entry of that number, durably; what it raises undoes the change.
        """
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            (position,) = connection.execute(
                "SELECT coalesce(max(position), 0) + 1 FROM ticket WHERE fiscal_year = ?", (fiscal_year,)
            ).fetchone()
            number = f"RI-{fiscal_year:04d}-{position:04d}"
            body = self._seal(json.dumps(asdict(asked), ensure_ascii=False), "ticket", number)
            connection.execute("INSERT INTO ticket VALUES (?, ?, ?, ?)", (number, fiscal_year, position, body))
            record(number)
            connection.execute("COMMIT")
        return number

    def get(self, number: str) -> Asked | None:
        """What was asked under a number, ``None`` where nothing was or it was erased.

        Raises:
            Unavailable: it is not what was put there.
        """
        with self._connection() as connection:
            row = connection.execute("SELECT body FROM ticket WHERE number = ?", (number,)).fetchone()
        if row is None or not row[0]:
            return None
        document = json.loads(self._open(row[0], "ticket", number))
        return Asked(**{**document, "types": tuple(document["types"]), "hits": tuple(document["hits"])})

    def keep_view(self, number: str, view: CaseView) -> None:
        """Keep a view, in the place of an earlier one."""
        document = {
            "reduced": view.reduced,
            "values": {
                dataset: {name: _written(value) for name, value in values.items()}
                for dataset, values in view.values.items()
            },
        }
        body = self._seal(json.dumps(document, ensure_ascii=False), "view", number)
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO view VALUES (?, ?)", (number, body))

    def view(self, number: str) -> CaseView | None:
        """The view that is kept for a ticket.

        Raises:
            Unavailable: it is not what was put there.
        """
        with self._connection() as connection:
            row = connection.execute("SELECT body FROM view WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        document = json.loads(self._open(row[0], "view", number))
        values = {
            dataset: {name: _read(value) for name, value in values.items()}
            for dataset, values in document["values"].items()
        }
        return CaseView(values=values, reduced=document["reduced"])

    def viewed(self) -> tuple[str, ...]:
        """Numbers of the tickets for which a view is kept."""
        with self._connection() as connection:
            rows = connection.execute("SELECT number FROM view ORDER BY number").fetchall()
        return tuple(number for (number,) in rows)

    def body_reference(self, name: str) -> str:
        """How the policy is told of a body: equal names alone have equal references."""
        named = json.dumps(["body", unicodedata.normalize("NFKC", name).strip()]).encode()
        return hmac.new(self._reference_key, named, hashlib.sha256).hexdigest()[:_REFERENCE_DIGITS]

    def keep_sheet(self, number: str, sheet: Sheet) -> None:
        """Keep a ticket's sheet, in the place of an earlier one."""
        document = {
            "addressee": sheet.addressee,
            "items": {
                dataset: {name: _written(value) for name, value in values.items()}
                for dataset, values in sheet.items.items()
            },
            "questions": list(sheet.questions),
            "answers": dict(sheet.answers),
        }
        body = self._seal(json.dumps(document, ensure_ascii=False), "sheet", number)
        with self._connection() as connection:
            connection.execute("INSERT OR REPLACE INTO sheet VALUES (?, ?)", (number, body))

    def sheet(self, number: str) -> Sheet | None:
        """The sheet that is kept for a ticket, ``None`` where there is none, or none any more.

        Raises:
            Unavailable: it is not what was put there.
        """
        with self._connection() as connection:
            row = connection.execute("SELECT body FROM sheet WHERE number = ?", (number,)).fetchone()
        if row is None:
            return None
        document = json.loads(self._open(row[0], "sheet", number))
        return Sheet(
            addressee=document["addressee"],
            items={
                dataset: {name: _read(value) for name, value in values.items()}
                for dataset, values in document["items"].items()
            },
            questions=tuple(document["questions"]),
            answers=document["answers"],
        )

    def erase_view(self, number: str) -> None:
        """Erase a view, and the sheet that was made of it; nothing of them stays in the file."""
        with self._connection() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM view WHERE number = ?", (number,))
            connection.execute("DELETE FROM sheet WHERE number = ?", (number,))

    def numbers(self) -> tuple[str, ...]:
        """Numbers of the tickets whose texts are kept."""
        with self._connection() as connection:
            rows = connection.execute("SELECT number FROM ticket WHERE length(body) > 0 ORDER BY number").fetchall()
        return tuple(number for (number,) in rows)

    def erase(self, numbers: Sequence[str]) -> int:
        """Erase what was asked, and views; how many there were. Numbers stay taken: the ledger names them for ever."""
        with self._connection() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            gone = 0
            for number in numbers:
                connection.execute("DELETE FROM view WHERE number = ?", (number,))
                connection.execute("DELETE FROM sheet WHERE number = ?", (number,))
                gone += connection.execute(
                    "UPDATE ticket SET body = x'' WHERE number = ? AND length(body) > 0", (number,)
                ).rowcount
            connection.execute("COMMIT")
            if gone:
                connection.execute("VACUUM")
        return gone

    def _seal(self, text: str, table: str, number: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), f"{table}/{number}".encode())

    def _open(self, sealed: bytes, table: str, number: str) -> str:
        try:
            place = f"{table}/{number}".encode()
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place).decode()
        except (InvalidTag, ValueError):
            raise Unavailable("store-unavailable", file=self.path.name) from None

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return connected(self.path)


def _written(value: Value) -> object:
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _read(value: object) -> Value:
    if isinstance(value, dict):
        return date.fromisoformat(value["date"])
    return value  # type: ignore[return-value]
