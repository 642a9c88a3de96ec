"""What the store keeps of policy and data: who approved which guideline, and who confirmed what of which dataset.

Like the approvals beside them, neither can be written without its ledger entry, and neither is judged here. Both are
bound to a digest: what is changed is no longer what was approved or confirmed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from governance.errors import Unavailable
from governance.registrations import GuidelineApproval
from sekisho.store_file import FILE, connected

_TABLES = (
    """
    CREATE TABLE IF NOT EXISTS guideline_approval (
        digest TEXT NOT NULL,
        version TEXT NOT NULL,
        principal TEXT NOT NULL,
        role TEXT NOT NULL,
        post TEXT NOT NULL,
        at TEXT NOT NULL,
        ledger_index INTEGER NOT NULL PRIMARY KEY
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS guideline_file (
        guideline TEXT NOT NULL,
        file TEXT NOT NULL,
        digest TEXT NOT NULL,
        PRIMARY KEY (guideline, file)
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS confirmation (
        dataset TEXT NOT NULL,
        part TEXT NOT NULL,
        digest TEXT NOT NULL,
        principal TEXT NOT NULL,
        at TEXT NOT NULL,
        ledger_index INTEGER NOT NULL PRIMARY KEY
    ) STRICT
    """,
)

_APPROVAL = "SELECT version, digest, principal, role, post, at, ledger_index FROM guideline_approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """That a person confirmed a part of a dataset's declaration, as it was then.

    Attributes:
        digest: of the part.
        ledger_index: the ledger entry that says so.
    """

    dataset: str
    part: str
    digest: str
    principal: str
    at: str
    ledger_index: int


@dataclass(frozen=True, slots=True)
class RegistrationStore:
    """Approvals of the guideline, and confirmations, of one deployment."""

    path: Path

    @classmethod
    def create(cls, path: Path) -> RegistrationStore:
        """Add what is needed to the deployment's store.

        Raises:
            Unavailable: the store cannot be written.
        """
        with connected(path) as connection:
            for table in _TABLES:
                connection.execute(table)
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RegistrationStore:
        """The same of an existing store, which may be older than these tables.

        Raises:
            Unavailable: the store cannot be read or written.
        """
        return cls.create(path)

    def latest_approval(self) -> GuidelineApproval | None:
        """The latest approval of any guideline, ``None`` where none was ever approved."""
        with connected(self.path) as connection:
            row = connection.execute(f"{_APPROVAL} ORDER BY ledger_index DESC LIMIT 1").fetchone()
        return _approval(row) if row is not None else None

    def approval_of(self, digest: str) -> GuidelineApproval | None:
        """The latest approval of the guideline of a digest, ``None`` where that is a draft."""
        with connected(self.path) as connection:
            row = connection.execute(
                f"{_APPROVAL} WHERE digest = ? ORDER BY ledger_index DESC LIMIT 1", (digest,)
            ).fetchone()
        return _approval(row) if row is not None else None

    def files_of(self, digest: str) -> dict[str, str]:
        """The digest of each file of an approved guideline; empty where they were not kept."""
        with connected(self.path) as connection:
            rows = connection.execute(
                "SELECT file, digest FROM guideline_file WHERE guideline = ?", (digest,)
            ).fetchall()
        return dict(rows)

    def approve(self, approval: Callable[[], GuidelineApproval], *, files: Mapping[str, str]) -> None:
        """Keep an approval of the guideline.

        Args:
            files: the digest of each of its files, to tell later which of them have changed.
            approval: writes the ledger entry, durably, and returns the approval with its index; what it raises undoes
                the change.
        """

        def insert(connection: sqlite3.Connection) -> None:
            a = approval()
            connection.execute(
                "INSERT INTO guideline_approval VALUES (?, ?, ?, ?, ?, ?, ?)",
                (a.digest, a.version, a.id, a.role, a.post, a.at, a.ledger_index),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO guideline_file VALUES (?, ?, ?)",
                [(a.digest, file, digest) for file, digest in files.items()],
            )

        self._change(insert)

    def confirmations(self, dataset: str) -> tuple[Confirmation, ...]:
        """Everything that was ever confirmed of a dataset, oldest first."""
        with connected(self.path) as connection:
            rows = connection.execute(
                "SELECT part, digest, principal, at, ledger_index FROM confirmation WHERE dataset = ?"
                " ORDER BY ledger_index",
                (dataset,),
            ).fetchall()
        return tuple(
            Confirmation(dataset=dataset, part=part, digest=digest, principal=principal, at=at, ledger_index=index)
            for part, digest, principal, at, index in rows
        )

    def confirm(self, confirmations: Callable[[], Sequence[Confirmation]]) -> None:
        """Keep confirmations, all or none; the function as in `approve`."""

        def insert(connection: sqlite3.Connection) -> None:
            connection.executemany(
                "INSERT INTO confirmation VALUES (?, ?, ?, ?, ?, ?)",
                [(c.dataset, c.part, c.digest, c.principal, c.at, c.ledger_index) for c in confirmations()],
            )

        self._change(insert)

    def _change(self, insert: Callable[[sqlite3.Connection], None]) -> None:
        if not self.path.is_file():
            raise Unavailable("store-unavailable", file=FILE)
        with connected(self.path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            insert(connection)
            connection.execute("COMMIT")


def _approval(row: tuple[str, str, str, str, str, str, int]) -> GuidelineApproval:
    version, digest, principal, role, post, at, index = row
    return GuidelineApproval(
        version=version, digest=digest, id=principal, role=role, post=post, at=at, ledger_index=index
    )
