"""The deployment's own store of approvals: SQLite, one row an approval, one row a change.

The store keeps states and judges nothing. It cannot be written without a ledger event: each change takes the function
that writes the ledger entry, and keeps the entry's index. The entry is durable before the change is.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from governance.absences import Absence
from governance.approvals import Approval, Paper, Remark, Series, Signature
from governance.errors import BadInput, Unavailable
from sekisho.store_file import FILE, connected

_APPLICATION = 0x53454B49  # "SEKI"
_TABLES = (
    """
    CREATE TABLE approval (
        id TEXT PRIMARY KEY,
        fiscal_year INTEGER NOT NULL,
        number INTEGER NOT NULL,
        version INTEGER NOT NULL,
        document TEXT NOT NULL,
        UNIQUE (fiscal_year, number)
    ) STRICT
    """,
    """
    CREATE TABLE change (
        approval TEXT NOT NULL REFERENCES approval (id),
        version INTEGER NOT NULL,
        event TEXT NOT NULL,
        principal TEXT NOT NULL,
        at TEXT NOT NULL,
        ledger_index INTEGER NOT NULL,
        PRIMARY KEY (approval, version)
    ) STRICT
    """,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An approval with the version that a change has to name."""

    approval: Approval
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of an approval: what happened, by whom, when, and the ledger entry that says so."""

    event: str
    principal: str
    at: str
    ledger_index: int


@dataclass(frozen=True, slots=True)
class ApprovalStore:
    """Approvals of one deployment.

    Every method opens its own connection, so that one store serves several threads, and processes see each other's
    changes.
    """

    path: Path

    @classmethod
    def create(cls, path: Path) -> ApprovalStore:
        """A new, empty store.

        Raises:
            BadInput: the file exists.
            Unavailable: it cannot be written.
        """
        if path.exists():
            raise BadInput("file-exists", file=FILE)
        store = cls(path)
        with store._connection(create=True) as connection:
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute("PRAGMA journal_mode = WAL")
            for table in _TABLES:
                connection.execute(table)
        return store

    @classmethod
    def open(cls, path: Path) -> ApprovalStore:
        """The store in a file.

        Raises:
            BadInput: no such file.
            Unavailable: the file is no store of approvals, or cannot be read.
        """
        if not path.is_file():
            raise BadInput("file-missing", file=FILE)
        store = cls(path)
        with store._connection() as connection:
            found = connection.execute("PRAGMA application_id").fetchone()
        if found != (_APPLICATION,):
            raise Unavailable("store-unavailable", file=FILE)
        return store

    def get(self, approval_id: str) -> Stored:
        """The approval of that id.

        Raises:
            BadInput: there is none.
        """
        with self._connection() as connection:
            row = connection.execute("SELECT document, version FROM approval WHERE id = ?", (approval_id,)).fetchone()
        if row is None:
            raise BadInput("approval-unknown")
        return Stored(approval=_read(row[0]), version=row[1])

    def all(self) -> tuple[Stored, ...]:
        """All approvals, oldest first."""
        with self._connection() as connection:
            rows = connection.execute("SELECT document, version FROM approval ORDER BY fiscal_year, number").fetchall()
        return tuple(Stored(approval=_read(document), version=version) for document, version in rows)

    def newest_granted(self, template: str) -> str | None:
        """The newest approval of a template that was granted. Whether it still counts is for the policy to say."""
        approvals = [stored.approval for stored in self.all()]
        granted = [each.id for each in approvals if each.template == template and each.state == "granted"]
        return granted[-1] if granted else None

    def changes(self, approval_id: str) -> tuple[Change, ...]:
        """What happened to an approval, oldest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT event, principal, at, ledger_index FROM change WHERE approval = ? ORDER BY version",
                (approval_id,),
            ).fetchall()
        return tuple(Change(event=e, principal=p, at=at, ledger_index=index) for e, p, at, index in rows)

    def add(
        self, fiscal_year: int, *, draft: Callable[[str], Approval], record: Callable[[Approval], int], by: str, at: str
    ) -> Approval:
        """Store a new approval under the year's next number.

        Args:
            fiscal_year: the year that the number counts in.
            draft: makes the approval from its id.
            record: writes the ledger entry, durably, and returns its index; what it raises undoes the change.
            by: who did it.
            at: when, ISO.
        """
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            (number,) = connection.execute(
                "SELECT coalesce(max(number), 0) + 1 FROM approval WHERE fiscal_year = ?", (fiscal_year,)
            ).fetchone()
            approval = draft(f"AP-{fiscal_year:04d}-{number:04d}")
            connection.execute(
                "INSERT INTO approval VALUES (?, ?, ?, 1, ?)", (approval.id, fiscal_year, number, _write(approval))
            )
            index = record(approval)
            connection.execute(
                "INSERT INTO change VALUES (?, 1, ?, ?, ?, ?)", (approval.id, "requested", by, at, index)
            )
            connection.execute("COMMIT")
        return approval

    def replace(
        self, stored: Stored, approval: Approval, *, event: str, record: Callable[[Approval], int], by: str, at: str
    ) -> Approval:
        """Put a changed approval in the place of the one that was read.

        Raises:
            BadInput: somebody else has changed it since.
        """
        version = stored.version + 1
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            done = connection.execute(
                "UPDATE approval SET document = ?, version = ? WHERE id = ? AND version = ?",
                (_write(approval), version, approval.id, stored.version),
            )
            if done.rowcount != 1:
                raise BadInput("approval-changed-meanwhile", approval=approval.id)
            index = record(approval)
            connection.execute(
                "INSERT INTO change VALUES (?, ?, ?, ?, ?, ?)", (approval.id, version, event, by, at, index)
            )
            connection.execute("COMMIT")
        return approval

    def _connection(self, *, create: bool = False) -> AbstractContextManager[sqlite3.Connection]:
        return connected(self.path, create=create)


def _write(approval: Approval) -> str:
    return json.dumps(asdict(approval), ensure_ascii=False, sort_keys=True)


def _read(text: str) -> Approval:
    try:
        document: dict[str, Any] = json.loads(text)
        approver = document.pop("approver")
        reviewers = document.pop("reviewers")
        # An approval of an earlier release has no such parts.
        paper = document.pop("paper", {})
        remarks, voided = document.pop("remarks", ()), document.pop("voided", ())
        absences, acknowledged = document.pop("absences", ()), document.pop("acknowledged", None)
        series = document.pop("series", None)
        document.setdefault("starts_on", document["requested_at"][:10])
        return Approval(
            **document,
            paper=Paper(**paper),
            remarks=tuple(Remark(**remark) for remark in remarks),
            voided=tuple(Signature(**signature) for signature in voided),
            absences=tuple(Absence(**{**absence, "roles": tuple(absence["roles"])}) for absence in absences),
            acknowledged=Signature(**acknowledged) if acknowledged is not None else None,
            series=Series(**series) if series is not None else None,
            reviewers=tuple(Signature(**signature) for signature in reviewers),
            approver=Signature(**approver) if approver is not None else None,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise Unavailable("store-unavailable", file=FILE) from None
