"""The second opinion: reads a whole ledger file and shares no writing code with the ledger.

`verify` works in the numbered steps of its docstring; the code carries the same numbers. It reads in one transaction,
so that writers may go on meanwhile, and holds 21 bytes an entry in memory.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.entry import parse_entry
from audit.file_format import check_format, connect, explain
from audit.findings import Findings, VerificationReport
from audit.hashing import EMPTY_ROOT, leaf_hash, node_hash
from audit.note import Verifier, parse_vkey
from audit.receipt import Receipt, verify_receipt
from governance.errors import BadInput, CheckFailed, Unavailable

Progress = Callable[[int, int], None]
"""Called now and then with the number of entries read and the number that the checkpoint promises."""

_REQUEST_BYTES = 16
_PROGRESS_EVERY = 10_000
_BUSY_SECONDS = 30.0

# What an entry is, for step 7; one byte an entry.
_OTHER, _DENIED, _ALLOWED, _RELEASE = range(4)


def verify(
    path: Path,
    *,
    vkey: str,
    origin: str,
    receipts: Sequence[Receipt] = (),
    progress: Progress | None = None,
) -> VerificationReport:
    """Check a ledger file from its first byte to its last.

    1. The file is a ledger of this format, with the tables and triggers that it was made with.
    2. The checkpoint opens under the pinned key, for the pinned origin.
    3. Entries stand at 0, 1, 2, … without gap, as many as the checkpoint says.
    4. Each is canonical JSON within its limits and fits the schema; the first, and no other, is the ledger's own.
    5. Leaf and interior hashes, computed anew, equal the stored nodes.
    6. Time does not go back.
    7. A release, an approval's change, and a refusal that names a decision, refer to an earlier decision of their own
       request; release and change to one that allowed. A request has one decision and one release at most, and the
       index of requests says the same.
    8. Each sidecar has its digest and is named by an entry, and each decision's input is there.
    9. The root over the entries is the checkpoint's.
    10. Each kept receipt proves its entry under the pinned key, the same bytes stand at its index, and the ledger at
        the receipt's size has the receipt's root. A file that is older than a receipt was rolled back.

    Args:
        path: the file; it is opened read only.
        vkey: public key that the reader pinned.
        origin: origin that the reader pinned.
        receipts: kept anywhere outside the file.
        progress: told how far the reading is.

    Raises:
        BadInput: ``vkey`` is malformed.
        Unavailable: the file is missing, locked, or cannot be read. Everything else is a finding.
    """
    verifier = parse_vkey(vkey)
    findings = Findings()
    reading = _Reading(findings, receipts=receipts, verifier=verifier, origin=origin, progress=progress)
    try:
        connection = connect(path, mode="ro", busy_seconds=_BUSY_SECONDS)
        try:
            # Text that is no UTF-8 has to be a finding, not an exception.
            connection.text_factory = bytes
            connection.execute("BEGIN")
            reading.run(connection, file=path.name)
        finally:
            connection.close()
    except sqlite3.Error as error:
        failure = explain(error, file=path.name)
        if isinstance(failure, Unavailable):
            raise failure from None
        findings.add("ledger-damaged-at", reading.size)
    except CheckFailed:
        findings.add("ledger-damaged-at", reading.size)
    return findings.report(size=reading.size, root=reading.root)


class _Reading:
    """One pass over a file: what has been read so far, and what it amounts to."""

    def __init__(
        self,
        findings: Findings,
        *,
        receipts: Sequence[Receipt],
        verifier: Verifier,
        origin: str,
        progress: Progress | None,
    ) -> None:
        self.size = 0
        self._findings = findings
        self._receipts = receipts
        self._verifier = verifier
        self._origin = origin
        self._progress = progress
        self._peaks: list[bytes] = []
        self._kinds = bytearray()
        self._requests = bytearray()
        self._latest: datetime | None = None
        self._inputs: set[bytes] = set()
        self._wanted_roots: dict[int, bytes] = {}
        self._wanted_bodies: dict[int, bytes] = {}

    @property
    def root(self) -> bytes:
        """Root over the entries read so far."""
        if not self._peaks:
            return EMPTY_ROOT
        *left, root = self._peaks
        for peak in reversed(left):
            root = node_hash(peak, root)
        return root

    def run(self, connection: sqlite3.Connection, *, file: str) -> None:
        """All steps."""
