"""The second opinion: reads a whole ledger file and shares no writing code with the ledger.

`verify` works in the numbered steps of its docstring; the code carries the same numbers. It reads in one transaction,
so that writers may go on meanwhile, and needs about 300 bytes of memory an entry.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.entry import entry_time, parse_entry
from audit.file_format import check_format, connect, explain
from audit.findings import Findings, VerificationReport
from audit.hashing import leaf_hash
from audit.note import Verifier, parse_vkey
from audit.receipt import Receipt, verify_receipt
from audit.tree_check import TreeCheck
from governance.errors import BadInput, CheckFailed, Unavailable

__all__ = ["Progress", "VerificationReport", "verify"]

Progress: TypeAlias = Callable[[int], None]
"""Told the number of entries read so far, now and then."""

_PROGRESS_EVERY = 10_000
_BUSY_SECONDS = 30.0


def verify(
    path: Path,
    *,
    vkey: str,
    origin: str,
    receipts: Sequence[Receipt] = (),
    progress: Progress | None = None,
) -> VerificationReport:
    """Check a ledger file from its first entry to its last.

    1. The file is a ledger of this format, with the tables and triggers that it was made with, and sound as a database.
    2. The checkpoint opens under the pinned key, for the pinned origin.
    3. Entries stand at 0, 1, 2, … without gap, as many as the checkpoint says.
    4. Each is canonical JSON within its limits and fits the schema; the first, and no other, is the ledger's own.
    5. Leaf and interior hashes, computed anew, equal the stored nodes.
    6. Time does not go back.
    7. A release, an approval's change, and a refusal that names a decision, refer to an earlier decision of their own
       request; release and change to one that allowed. A request has at most one decision and one release, and the
       index of requests says the same.
    8. Each sidecar has its digest and is named by an entry, and those that entries name are there.
    9. The root over the entries is the checkpoint's.
    10. Each kept receipt proves its entry under the pinned key, the same bytes stand at its index, and the ledger had
        the receipt's root at the receipt's size. A file that is older than a receipt was rolled back.

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
    reading = _Reading(verifier=parse_vkey(vkey), origin=origin, receipts=receipts, progress=progress)
    try:
        connection = connect(path, mode="ro", busy_seconds=_BUSY_SECONDS)
        try:
            connection.execute("BEGIN")
            reading.run(connection, file=path.name)
        finally:
            connection.close()
    except sqlite3.Error as error:
        failure = explain(error, file=path.name)
        if isinstance(failure, Unavailable):
            raise failure from None
        reading.findings.add("finding-damaged", reading.tree.size)
    except CheckFailed:
        reading.findings.add("finding-format")
    return reading.findings.report(size=reading.tree.size, root=reading.tree.root)


class _Reading:
    """One pass over a file: what has been read so far and what it amounts to."""

    def __init__(
        self, *, verifier: Verifier, origin: str, receipts: Sequence[Receipt], progress: Progress | None
    ) -> None:
        self.findings = Findings()
        self.tree = TreeCheck(self.findings)
        self._verifier = verifier
        self._origin = origin
        self._receipts = receipts
        self._progress = progress
        self._roots: dict[int, bytes | None] = {}
        self._kept: dict[int, list[bytes]] = {}
        self._latest: datetime | None = None
        self._decisions: dict[bytes, int] = {}
        self._allowed = bytearray()
        self._releases: dict[bytes, int] = {}
        self._inputs: dict[bytes, int] = {}

    def run(self, connection: sqlite3.Connection, *, file: str) -> None:
        """All steps; what stops one of them does not stop the others, as far as there is something to read.

        Raises:
            CheckFailed: the file is no ledger.
        """
        # 1. The file is a ledger of this format. Nothing below means anything in a file that is none.
        check_format(connection, file=file)
        # Text that is no UTF-8 has to become a finding, not an exception of the driver.
        connection.text_factory = bytes
        # What is read below in order, the ledger looks up: SQLite's own check holds the trees of pages together.
        if connection.execute("PRAGMA integrity_check(1)").fetchall() != [(b"ok",)]:
            self.findings.add("finding-structure")
        checkpoint = self._open_checkpoint(connection)
        proven = self._open_receipts()
        self._roots = dict.fromkeys(head.size for _, head in proven)
        if checkpoint is not None:
            self._roots[checkpoint.size] = None
        self._read_entries(connection)
        self._check_requests(connection)
        self._check_sidecars(connection)
        if checkpoint is not None:
            self._check_head(checkpoint)
        self._check_receipts(proven)

    def _open_checkpoint(self, connection: sqlite3.Connection) -> Checkpoint | None:
        # 2. The checkpoint opens under the pinned key, for the pinned origin.
        rows = connection.execute("SELECT one, note FROM checkpoint").fetchall()
        try:
            if len(rows) == 1 and rows[0][0] == 1 and isinstance(rows[0][1], bytes):
                return open_checkpoint(rows[0][1], verifier=self._verifier, origin=self._origin)
        except (BadInput, CheckFailed):
            pass
        self.findings.add("finding-checkpoint")
        return None

    def _open_receipts(self) -> list[tuple[Receipt, Checkpoint]]:
        # 10, first half. A receipt counts only under the pinned key.
        proven = []
        for receipt in self._receipts:
            try:
                head = verify_receipt(receipt, vkey=self._verifier.vkey, origin=self._origin)
            except (BadInput, CheckFailed):
                self.findings.add("finding-receipt")
                continue
            proven.append((receipt, head))
            self._kept.setdefault(receipt.index, []).append(receipt.entry)
        return proven

    def _read_entries(self, connection: sqlite3.Connection) -> None:
        self.tree.follow(connection.execute("SELECT position, hash FROM nodes ORDER BY position"))
        for stored, body in connection.execute("SELECT idx, body FROM entries ORDER BY idx"):
            index = self.tree.size
            # 3. Entries stand at 0, 1, 2, … without gap.
            if stored != index:
                self.findings.add("finding-missing", index)
                break
            if not isinstance(body, bytes):
                self.findings.add("finding-damaged", index)
                break
            self._check_entry(index, body)
            # 5. Leaf and interior hashes, computed anew, equal the stored nodes.
            self.tree.append(leaf_hash(body))
            if self.tree.size in self._roots:
                self._roots[self.tree.size] = self.tree.root
            if any(body != kept for kept in self._kept.get(index, ())):
                self.findings.add("finding-receipt-entry", index)
            if self._progress is not None and self.tree.size % _PROGRESS_EVERY == 0:
                self._progress(self.tree.size)
        self.tree.end()

    def _check_entry(self, index: int, body: bytes) -> None:
        # 4. Each is canonical JSON within its limits and fits the schema; the first, and no other, is the ledger's own.
        self._allowed.append(False)
        try:
            entry = parse_entry(body)
        except BadInput:
            self.findings.add("finding-entry", index)
            return
        kind = entry["kind"]
        if (kind == "ledger") != (index == 0) or (kind == "ledger" and entry["origin"] != self._origin):
            self.findings.add("finding-genesis", index)
            return
        # 6. Time does not go back.
        time = entry_time(entry)
        if self._latest is not None and time < self._latest:
            self.findings.add("finding-time", index)
        else:
            self._latest = time
        if kind != "ledger":
            self._check_reference(index, entry, kind=kind)

    def _check_reference(self, index: int, entry: Mapping[str, Any], *, kind: str) -> None:
        # 7. References lead to an earlier decision of the same request, and no request is decided or released twice.
        request = bytes.fromhex(entry["request"])
        if kind == "decision":
            # 8, first half: whose input it is, and below whose populations.
            self._inputs.setdefault(bytes.fromhex(entry["input_digest"]), index)
            self._allowed[index] = entry["allow"]
            if self._decisions.setdefault(request, index) != index:
                self.findings.add("finding-repeated", index)
            return
        if kind == "release":
            if self._releases.setdefault(request, index) != index:
                self.findings.add("finding-repeated", index)
            if "populations" in entry:
                self._inputs.setdefault(bytes.fromhex(entry["populations"]), index)
        if entry["decision"] is None:
            return
        decided = self._decisions.get(request)
        if decided is None or decided != entry["decision"] or (kind != "refusal" and not self._allowed[decided]):
            self.findings.add("finding-reference", index)

    def _check_requests(self, connection: sqlite3.Connection) -> None:
        # 7, the index of requests. A row that is right is taken away; what is left over has no row.
        expected = {(request, b"decision"): index for request, index in self._decisions.items()}
        expected.update({(request, b"release"): index for request, index in self._releases.items()})
        for request, kind, index in connection.execute("SELECT request, kind, idx FROM requests"):
            if not isinstance(index, int):
                self.findings.add("finding-requests")
            elif expected.get((request, kind)) == index:
                del expected[request, kind]
            else:
                self.findings.add("finding-requests", index)
        for index in expected.values():
            self.findings.add("finding-requests", index)

    def _check_sidecars(self, connection: sqlite3.Connection) -> None:
        # 8. Each sidecar has its digest and is named by an entry, and those that entries name are there.
        for digest, body in connection.execute("SELECT digest, body FROM sidecars"):
            if not isinstance(body, bytes) or hashlib.sha256(body).digest() != digest:
                self.findings.add("finding-sidecar", self._inputs.pop(digest, None))
            elif self._inputs.pop(digest, None) is None:
                self.findings.add("finding-sidecar-unnamed")
        for index in self._inputs.values():
            self.findings.add("finding-sidecar-missing", index)

    def _check_head(self, checkpoint: Checkpoint) -> None:
        # 3. As many as the checkpoint says.
        if self.tree.size < checkpoint.size:
            self.findings.add("finding-missing", self.tree.size)
        elif self.tree.size > checkpoint.size:
            self.findings.add("finding-beyond", checkpoint.size)
        # 9. The root over the entries is the checkpoint's. A checkpoint over nothing is none: the ledger's own entry
        # is there before anybody sees one.
        if self.tree.size >= checkpoint.size and self._roots[checkpoint.size] != checkpoint.root:
            self.findings.add("finding-root")

    def _check_receipts(self, proven: Sequence[tuple[Receipt, Checkpoint]]) -> None:
        # 10. The ledger had the receipt's root at the receipt's size, and still reaches that far.
        for _, head in proven:
            if head.size > self.tree.size:
                self.findings.add("finding-rolled-back", self.tree.size)
            elif self._roots[head.size] != head.root:
                self.findings.add("finding-receipt-history")
