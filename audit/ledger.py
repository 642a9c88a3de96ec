"""The ledger: append durably, read, prove.

Many threads and many processes may append. Threads of one process share commits: while one waits for the disk the
others queue up, and the next commit takes them all. Processes take turns through SQLite's lock, one commit at a time.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import threading
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from audit.admission import Draft, make_draft
from audit.checkpoint import Checkpoint, open_checkpoint
from audit.entry import Entry, parse_entry
from audit.file_format import explain
from audit.head import check_continues, read_head
from audit.merkle import consistency_proof, inclusion_proof
from audit.note import Signer, Verifier, parse_vkey
from audit.receipt import Receipt
from audit.store import NewFile, Store
from audit.writer import Outcome, Writer
from governance.errors import BadInput, CheckFailed, SekishoError, Unavailable
from governance.log import get_log

BUSY_SECONDS = 30.0
"""How long a writer waits for the others before it gives up."""

_MAX_DRAFTS_PER_COMMIT = 1_024
_READ_ROWS = 512
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """A draft in the queue, and what became of it."""

    draft: Draft
    outcome: Outcome | SekishoError | None = None


class Ledger:
    """An open ledger. Make one with `create` or `open`, and close it.

    A ledger belongs to the process that opened it. After a failure while writing it refuses to write: what the disk
    holds is then unknown to this process (an fsync that failed once cannot be asked again), and only opening the file
    anew finds out. Reading goes on.
    """

    def __init__(
        self, reader: Store, *, writer: Writer | None, writing: Store | None, verifier: Verifier, file: str
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._writing = writing
        self._verifier = verifier
        self._file = file
        self._process = os.getpid()
        self._lock = threading.Lock()
        self._queue: deque[_Waiting] = deque()
        self._failed = False

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        signer: Signer,
        origin: str,
        genesis: Mapping[str, Any],
        connection: type[sqlite3.Connection] = sqlite3.Connection,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Ledger:
        """A new ledger with its first entry.

        Args:
            path: file that does not exist yet; it appears whole or not at all.
            signer: the ledger's key; its name is the origin.
            origin: identity of the ledger, a URL without schema.
            genesis: ``time``, ``deployment``, ``demo``, ``guideline_version`` and ``policy_digest`` of the first entry;
                ``principal`` and ``hat`` where a person made the ledger.
            connection: class of connections to SQLite.
            busy_seconds: how long to wait for other writers.

        Raises:
            BadInput: the file exists, the origin is not the key's name, or the first entry is outside the schema.
            Unavailable: the file cannot be written.
        """
        if origin != signer.name:
            raise BadInput("ledger-origin", origin=origin)
        if path.exists():
            raise BadInput("ledger-exists", file=path.name)
        blank = dict.fromkeys(("request", "principal", "hat", "purpose", "recipient"))
        entry = {**blank, **genesis, "v": 1, "kind": "ledger", "event": "genesis", "origin": origin}
        draft = make_draft((entry,), sidecars=())
        try:
            new = NewFile(path)
            try:
                store = new.store(connection=connection, busy_seconds=busy_seconds)
                try:
                    Writer(store, signer=signer, head=None).write((draft,))
                finally:
                    store.close()
                new.publish()
            finally:
                new.discard()
        except (sqlite3.Error, OSError) as error:
            _log_failure(error)
            raise Unavailable("ledger-unavailable", file=path.name) from None
        return cls.open(
            path, signer=signer, pinned=signer.verifier.vkey, connection=connection, busy_seconds=busy_seconds
        )

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        pinned: str,
        signer: Signer | None = None,
        seen: str | None = None,
        connection: type[sqlite3.Connection] = sqlite3.Connection,
        busy_seconds: float = BUSY_SECONDS,
    ) -> Ledger:
        """An existing ledger, after checking its signed head.

        Args:
            path: the file.
            pinned: public key (vkey) that the deployment holds; its name is the origin. Nothing that the file says of
                itself is believed.
            signer: the private key of ``pinned``, for appending; without it the ledger is read only.
            seen: a checkpoint known from elsewhere (of a receipt, a department, an auditor): a file that does not
                continue it, such as yesterday's copy, is refused.
            connection: class of connections to SQLite.
            busy_seconds: how long to wait for other writers.

        Raises:
            BadInput: ``pinned`` or ``seen`` is malformed.
            Unavailable: the file is missing, locked, or cannot be read.
            CheckFailed: the file is damaged, is another key's or another origin's, or is older than ``seen``.
        """
        verifier = parse_vkey(pinned)
        if signer is not None and signer.verifier.vkey != pinned:
            raise CheckFailed("ledger-key-other", file=path.name)
        known = None if seen is None else open_checkpoint(seen, verifier=verifier, origin=verifier.name)
        opened: list[Store] = []
        try:
            writing = None
            if signer is not None:
                writing = Store.writing(path, connection=connection, busy_seconds=busy_seconds)
                opened.append(writing)
            reader = Store.reading(path, connection=connection, busy_seconds=busy_seconds)
            opened.append(reader)
            reader.begin_reading()
            head = read_head(reader, verifier=verifier, origin=verifier.name)
            if known is not None:
                check_continues(reader, seen=known, now=head.checkpoint)
            reader.rollback()
        except BaseException as error:
            for store in opened:
                store.close()
            if isinstance(error, sqlite3.Error):
                raise explain(error, file=path.name) from None
            raise
        writer = None
        if signer is not None and writing is not None:
            writer = Writer(writing, signer=signer, head=head)
        return cls(reader, writer=writer, writing=writing, verifier=verifier, file=path.name)

    def close(self) -> None:
        """Close the file. Entries that were appended stay appended."""
        with self._lock:
            # The writing connection last: the last one to close moves the log into the file, and a reader may not.
            self._reader.close()
            self._stop_writing()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def origin(self) -> str:
        """Identity of the ledger."""
        return self._verifier.name

    @property
    def vkey(self) -> str:
        """Public key that its checkpoints are checked with; the one that was pinned."""
        return self._verifier.vkey

    def append(
        self,
        entry: Mapping[str, Any],
        *,
        sidecars: Sequence[Mapping[str, Any]] = (),
        compared: int | None = None,
    ) -> Receipt:
        """Append one entry; durable when this returns.

        Args:
            entry: a document of ``schemas/entry.schema.json`` without ``clock``.
            sidecars: documents that the entry names by digest (`audit.encoding.sidecar_digest`).
            compared: for a release, how many entries it was compared with. Where another one with populations, to the
                same recipient for the same purpose, has entered since, this one does not.

        Raises:
            BadInput: the entry is outside the schema or does not fit those before it; nothing was written.
            Unavailable: the entry is not durable as far as anybody knows; nothing may be released on it.
            CheckFailed: the file is not what this ledger left.
        """
        return self.append_all((entry,), sidecars=sidecars, compared=compared)[0]

    def append_all(
        self,
        entries: Sequence[Mapping[str, Any]],
        *,
        sidecars: Sequence[Mapping[str, Any]] = (),
        compared: int | None = None,
    ) -> tuple[Receipt, ...]:
        """Append entries in one commit, all or none; see `append`."""
        draft = make_draft(entries, sidecars=sidecars, compared=compared)
        if self._writer is None:
            raise Unavailable("ledger-read-only", file=self._file)
        if os.getpid() != self._process:
            # SQLite's locks do not survive a fork; two processes on one connection destroy the file.
            raise Unavailable("ledger-other-process", file=self._file)
        waiting = _Waiting(draft=draft)
        self._queue.append(waiting)
        with self._lock:
            while waiting.outcome is None:
                self._commit(self._writer)
        if isinstance(waiting.outcome, SekishoError):
            raise waiting.outcome
        return waiting.outcome

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.checkpoint().size

    def checkpoint(self) -> Checkpoint:
        """The newest signed head, other processes' appends included."""
        with self._reading():
            note = self._reader.checkpoint_note()
        with self._stored():
            return open_checkpoint(note, verifier=self._verifier, origin=self.origin)

    def entry(self, index: int) -> Entry:
        """The entry at an index.

        Raises:
            BadInput: there is none.
        """
        size = self.size
        if not 0 <= index < size:
            raise BadInput("ledger-index-unknown", index=index, size=size)
        return next(self.entries(index, index + 1))

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Entries of a range in order, read as the iteration goes; up to the present end unless ``stop`` says less."""
        size = self.size
        end = size if stop is None else min(stop, size)
        for first in range(max(start, 0), end, _READ_ROWS):
            last = min(first + _READ_ROWS, end)
            with self._reading():
                rows = self._reader.bodies(first, last)
            if [index for index, _ in rows] != list(range(first, last)):
                raise CheckFailed("ledger-damaged", file=self._file)
            with self._stored():
                found = [Entry(index=index, body=body, document=parse_entry(body)) for index, body in rows]
            yield from found

    def of_kind(self, kind: str, *, start: int = 0) -> tuple[Entry, ...]:
        """The entries of a kind from an index on, in order; for kinds of which there are few."""
        with self._reading(), self._stored():
            rows = self._reader.bodies_with(f'"kind":"{kind}"'.encode(), start)
            found = tuple(Entry(index=index, body=body, document=parse_entry(body)) for index, body in rows)
        return tuple(entry for entry in found if entry.document["kind"] == kind)

    def sidecar(self, digest: str) -> dict[str, Any]:
        """The document of a digest that an entry names.

        Raises:
            BadInput: there is none.
        """
        if not _DIGEST.fullmatch(digest):
            raise BadInput("sidecar-unknown")
        with self._reading():
            body = self._reader.sidecar(bytes.fromhex(digest))
        if body is None:
            raise BadInput("sidecar-unknown")
        if hashlib.sha256(body).hexdigest() != digest:
            raise CheckFailed("ledger-damaged", file=self._file)
        document: dict[str, Any] = json.loads(body)
        return document

    def prove_inclusion(self, index: int, size: int | None = None) -> tuple[bytes, ...]:
        """The audit path of an entry in the tree of the first ``size`` entries, all of them unless given.

        Raises:
            BadInput: the entry is not among them, or there are not so many.
        """
        present = self.size
        wanted = present if size is None else size
        if wanted > present:
            raise BadInput("ledger-index-unknown", index=index, size=present)
        with self._reading():
            return inclusion_proof(index, size=wanted, node=self._reader.node)

    def prove_consistency(self, old: int, new: int | None = None) -> tuple[bytes, ...]:
        """The proof that the first ``new`` entries, all of them unless given, begin with the first ``old``.

        Raises:
            BadInput: ``old`` is 0 or above ``new``, or there are not so many.
        """
        present = self.size
        wanted = present if new is None else new
        if wanted > present:
            raise BadInput("proof-sizes", old=old, new=wanted)
        with self._reading():
            return consistency_proof(old, new=wanted, node=self._reader.node)

    def receipt(self, index: int) -> Receipt:
        """A receipt for an entry under the newest checkpoint.

        Raises:
            BadInput: there is no such entry.
        """
        checkpoint = self.checkpoint()
        entry = self.entry(index)
        return Receipt(
            index=index,
            entry=entry.body,
            proof=self.prove_inclusion(index, checkpoint.size),
            checkpoint=checkpoint.note,
        )

    def _commit(self, writer: Writer) -> None:
        """Write what waits in the queue, in one commit, and tell each waiting draft what became of it."""
        waiting = [self._queue.popleft() for _ in range(min(len(self._queue), _MAX_DRAFTS_PER_COMMIT))]
        outcomes: Sequence[Outcome | SekishoError] = ()
        try:
            if not self._failed:
                outcomes = writer.write([each.draft for each in waiting])
        except Unavailable as busy:
            outcomes = [Unavailable(busy.code, **busy.params) for _ in waiting]
        except CheckFailed as fault:
            self._stop_writing()
            outcomes = [CheckFailed(fault.code, **fault.params) for _ in waiting]
        except sqlite3.Error as error:
            self._stop_writing()
            _log_failure(error)
        except BaseException:
            self._stop_writing()
            raise
        finally:
            if len(outcomes) != len(waiting):
                outcomes = [Unavailable("ledger-unavailable", file=self._file) for _ in waiting]
            for each, outcome in zip(waiting, outcomes, strict=True):
                each.outcome = outcome

    def _stop_writing(self) -> None:
        self._failed = True
        if self._writing is not None:
            # Whatever was begun is undone with the connection, and its lock is free for other processes.
            self._writing.close()

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise explain(error, file=self._file) from None

    @contextmanager
    def _stored(self) -> Iterator[None]:
        """What is malformed here stood in the file; nobody handed it in."""
        try:
            yield
        except BadInput:
            raise CheckFailed("ledger-damaged", file=self._file) from None


def _log_failure(error: Exception) -> None:
    reason = getattr(error, "sqlite_errorname", type(error).__name__)
    get_log().error("ledger-unavailable", stage="record", reason=reason, exception_type=type(error).__name__)
