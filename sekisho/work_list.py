"""The work list of those who judge: cycles, candidates by pseudonym, and what became of them, in a file of its own.

The store keeps states and decides nothing but the order of steps. Nothing in it changes without an entry of the ledger:
each change takes the function that writes the entry, and keeps its index; the entry is durable before the change is.

Pseudonyms, reasons and points are about persons. They lie in the file encrypted, each bound to its row and version, so
that a copy of the file tells how many rows there are and in what state, and no more; a row that somebody put in the
place of another is refused.

SPEC: AES-256-GCM (NIST SP 800-38D) with a nonce of 96 random bits, table, id and version as associated data; the key by
HKDF-SHA-256 (RFC 5869).
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from governance.errors import BadInput, Unavailable
from risk.candidates import NEXT, Candidate, Ending, Outcome, State, Task
from risk.cycles import Cycle, Step
from sekisho.store_file import connected, make_private
from sekisho.work_list_rows import read_candidate, read_cycle, write_candidate, write_cycle

_APPLICATION = 0x53454B57  # "SEKW"
_TABLES = (
    """
    CREATE TABLE cycle (
        position INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        ledger_index INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE candidate (
        number TEXT PRIMARY KEY,
        state TEXT NOT NULL,
        version INTEGER NOT NULL,
        body BLOB NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE change (
        candidate TEXT NOT NULL REFERENCES candidate (number),
        version INTEGER NOT NULL,
        event TEXT NOT NULL,
        state TEXT NOT NULL,
        principal TEXT NOT NULL,
        at TEXT NOT NULL,
        ledger_index INTEGER NOT NULL,
        note BLOB NOT NULL,
        PRIMARY KEY (candidate, version)
    ) STRICT
    """,
)
_USE = b"sekisho work list v1"
_NONCE_BYTES = 12
_NUMBERS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step of a candidate: what happened, by whom, when, why, and the ledger entry that says so."""

    event: str
    state: State
    principal: str
    at: str
    ledger_index: int
    note: str


@dataclass(frozen=True, slots=True)
class WorkList:
    """The work list of one deployment.

    Every method opens its own connection, so that one list serves several threads, and processes see each other's
    changes.
    """

    path: Path
    _cipher: AESGCM = field(repr=False)

    @classmethod
    def open(cls, path: Path, *, key: bytes) -> WorkList:
        """The work list in a file that only its owner reads; an empty one is made where there is none.

        Args:
            key: the deployment's digest key, from which the list's own is derived.

        Raises:
            Unavailable: the file is no work list, or cannot be read or written.
        """
        derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_USE).derive(key)
        work_list = cls(path, AESGCM(derived))
        make_private(path, application=_APPLICATION, tables=_TABLES)
        return work_list

    def cycles(self) -> tuple[Cycle, ...]:
        """All cycles, oldest first."""
        with self._connection() as connection:
            rows = connection.execute("SELECT id, ledger_index, body FROM cycle ORDER BY position").fetchall()
        return tuple(
            read_cycle(self._open(body, "cycle", name, index), name=name, index=index) for name, index, body in rows
        )

    def candidates(self) -> tuple[Candidate, ...]:
        """Everybody on the list, the closed ones too, in the order of their numbers, which says nothing."""
        with self._connection() as connection:
            rows = connection.execute("SELECT number, state, version, body FROM candidate ORDER BY number").fetchall()
        return tuple(self._read(row) for row in rows)

    def get(self, number: str) -> Candidate:
        """The candidate of a number.

        Raises:
            BadInput: there is none.
        """
        with self._connection() as connection:
            row = connection.execute(
                "SELECT number, state, version, body FROM candidate WHERE number = ?", (number,)
            ).fetchone()
        if row is None:
            raise BadInput("candidate-unknown")
        return self._read(row)

    def changes(self, number: str) -> tuple[Change, ...]:
        """What happened to a candidate, oldest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT version, event, state, principal, at, ledger_index, note FROM change"
                " WHERE candidate = ? ORDER BY version",
                (number,),
            ).fetchall()
        return tuple(
            Change(
                event=event, state=state, principal=principal, at=at, ledger_index=index,
                note=self._open(note, "change", number, version),
            )
            for version, event, state, principal, at, index, note in rows
        )  # fmt: skip

    def move(
        self,
        candidate: Candidate,
        *,
        to: State,
        event: str,
        by: str,
        at: str,
        record: Callable[[Candidate], int],
        note: str = "",
        outcome: Outcome | None = None,
        task: Task | None = None,
        ending: Ending | None = None,
        settles: bool = False,
    ) -> Candidate:
        """Take one step with one candidate.

        Args:
            candidate: as it was read.
            to: the state that it shall have; the same state is a step of its own only where `NEXT` has it.
            event: a word for what happened, for the history.
            by: who did it.
            at: when, ISO.
            record: writes the ledger entry, durably, and returns its index; what it raises undoes the step.
            note: why, in the words of whoever did it.
            outcome: the judgement of a person; the earlier one stays where none is given.
            task: what has to be settled first from now on; none, unless given.
            ending: how it ended, for a candidate that is closed.
            settles: whether this step settles the candidate's task, which may go to any state; without a task there is
                nothing to settle, and with one no other step is taken.

        Raises:
            BadInput: there is no such step, a task has to be settled first, or somebody else has changed the candidate
                since.
        """
        if (candidate.task is not None) != settles:
            raise BadInput("candidate-task", number=candidate.number)
        if not settles and to not in NEXT[candidate.state]:
            raise BadInput("candidate-step", number=candidate.number)
        after = replace(
            candidate,
            state=to,
            task=task,
            ending=ending if to == "closed" else None,
            outcome=outcome if outcome is not None else candidate.outcome,
        )
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            after = self._write(connection, after)
            index = record(after)
            self._note(connection, after, event=event, by=by, at=at, index=index, note=note)
            connection.execute("COMMIT")
        return after

    def enter(
        self, cycle: Callable[[int], Cycle], steps: Iterable[Step], *, by: str, at: str, record: Callable[[], int]
    ) -> Cycle:
        """Enter a cycle with everything that it changes, all or nothing.

        Args:
            cycle: makes the cycle from the index of its ledger entry.
            record: writes the entry, durably, and returns its index; what it raises undoes everything.

        Raises:
            BadInput: somebody else has changed a candidate since, or the cycle is there already.
        """
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            written = [(self._write(connection, step.candidate), step) for step in steps]
            index = record()
            entered = cycle(index)
            for candidate, step in written:
                self._note(connection, candidate, event=step.event, by=by, at=at, index=index, note=step.note)
            body = self._seal(write_cycle(entered), "cycle", entered.id, index)
            try:
                connection.execute(
                    "INSERT INTO cycle (id, ledger_index, body) VALUES (?, ?, ?)", (entered.id, index, body)
                )
            except sqlite3.IntegrityError:
                raise BadInput("cycle-exists", cycle=entered.id) from None
            connection.execute("COMMIT")
        return entered

    def last_changes(self) -> Mapping[str, date]:
        """Candidate → the day of the last step with it."""
        with self._connection() as connection:
            rows = connection.execute("SELECT candidate, max(version), at FROM change GROUP BY candidate").fetchall()
        return {number: datetime.fromisoformat(at).date() for number, _, at in rows}

    def erase(self, numbers: Sequence[str]) -> int:
        """Take candidates with their history out, so that the file does not hold them any more; how many there were."""
        with self._connection() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            gone = 0
            for number in numbers:
                connection.execute("DELETE FROM change WHERE candidate = ?", (number,))
                gone += connection.execute("DELETE FROM candidate WHERE number = ?", (number,)).rowcount
            connection.execute("COMMIT")
            if gone:
                connection.execute("VACUUM")
        return gone

    def new_numbers(self, count: int, *, fiscal_year: int) -> Sequence[str]:
        """Numbers that no candidate has, drawn: they tell neither an order nor how many there are."""
        with self._connection() as connection:
            taken = {number for (number,) in connection.execute("SELECT number FROM candidate")}
        drawn: dict[str, None] = {}
        while len(drawn) < count:
            number = f"WL-{fiscal_year:04d}-{secrets.randbelow(_NUMBERS):06d}"
            if number not in taken:
                drawn[number] = None
        return tuple(drawn)

    def _write(self, connection: sqlite3.Connection, candidate: Candidate) -> Candidate:
        after = replace(candidate, version=candidate.version + 1)
        body = self._seal(write_candidate(after), "candidate", after.number, after.version)
        if candidate.version == 0:
            try:
                connection.execute("INSERT INTO candidate VALUES (?, ?, 1, ?)", (after.number, after.state, body))
            except sqlite3.IntegrityError:
                raise BadInput("candidate-changed-meanwhile", number=candidate.number) from None
            return after
        done = connection.execute(
            "UPDATE candidate SET state = ?, version = ?, body = ? WHERE number = ? AND version = ?",
            (after.state, after.version, body, candidate.number, candidate.version),
        )
        if done.rowcount != 1:
            raise BadInput("candidate-changed-meanwhile", number=candidate.number)
        return after

    def _note(
        self, connection: sqlite3.Connection, after: Candidate, *, event: str, by: str, at: str, index: int, note: str
    ) -> None:
        sealed = self._seal(note, "change", after.number, after.version)
        connection.execute(
            "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (after.number, after.version, event, after.state, by, at, index, sealed),
        )

    def _read(self, row: tuple[str, str, int, bytes]) -> Candidate:
        number, state, version, body = row
        candidate = read_candidate(self._open(body, "candidate", number, version), number=number, version=version)
        if candidate.state != state:
            raise Unavailable("store-unavailable", file=self.path.name)
        return candidate

    def _seal(self, text: str, table: str, name: str, version: int) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, text.encode(), f"{table}/{name}/{version}".encode())

    def _open(self, sealed: bytes, table: str, name: str, version: int) -> str:
        try:
            place = f"{table}/{name}/{version}".encode()
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place).decode()
        except (InvalidTag, ValueError):
            raise Unavailable("store-unavailable", file=self.path.name) from None

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return connected(self.path)
