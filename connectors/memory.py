"""What a department remembers of the ledger, across restarts and between processes, beside its own data.

Two things. Which evidence has served: one decision allows one reading of each of its scans, and a broker that is
started again, or a second one, is no second decision. And the newest signed checkpoint that came with evidence: whoever
puts yesterday's ledger in the place of today's finds that the departments have seen more (`audit.ledger.Ledger.open`).

Neither holds personal data. Writing is not forced to the disk: what a loss of power takes is the memory of the last
moments, and the ledger has those.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audit.checkpoint import Checkpoint
from connectors.evidence import Evidence
from governance.errors import CheckFailed, Unavailable

USED = ".evidence-used"
NEWEST = ".checkpoint-seen"

_USE_BYTES = 16
_MAX_CHECKPOINT_BYTES = 64 * 1024


class Memory:
    """The memory of one department.

    Args:
        folder: the department's own folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[bytes] = set()
        self._read = 0
        self._newest = 0
        self._lock = threading.Lock()

    def take(self, evidence: Evidence, *, checkpoint: Checkpoint) -> None:
        """Remember evidence as used, and its checkpoint where it is the newest so far.

        Args:
            evidence: verified.
            checkpoint: the one that it rests on.

        Raises:
            CheckFailed: it has served already.
            Unavailable: the memory cannot be read or written; without it nothing is given.
        """
        use = hashlib.sha256(evidence.receipt.entry + b"\0" + evidence.scan.encode()).digest()[:_USE_BYTES]
        try:
            with self._lock, self._locked() as file:
                self._catch_up(file)
                if use in self._used:
                    raise CheckFailed("scan-evidence-used")
                if os.pwrite(file, use, self._read) != _USE_BYTES:
                    raise OSError
                self._used.add(use)
                self._read += _USE_BYTES
                if checkpoint.size > self._newest:
                    self._see(checkpoint)
        except OSError:
            raise Unavailable("department-memory", file=USED) from None

    def _catch_up(self, file: int) -> None:
        """Read what other processes have added. Half a record, of a writer that died, does not count."""
        whole = os.fstat(file).st_size // _USE_BYTES * _USE_BYTES
        if whole < self._read:
            raise OSError  # somebody has shortened it
        while self._read < whole:
            records = os.pread(file, min(whole - self._read, 1 << 20), self._read)
            if not records:
                raise OSError
            usable = len(records) // _USE_BYTES * _USE_BYTES
            self._used.update(records[at : at + _USE_BYTES] for at in range(0, usable, _USE_BYTES))
            self._read += usable

    def _see(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint, unless another process has seen a newer one; under the lock of the other file."""
        found = newest_checkpoint(self._folder)
        self._newest = size_of(found) if found is not None else 0
        if checkpoint.size <= self._newest:
            return
        fresh = self._folder / f"{NEWEST}.part"
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(checkpoint.note.encode())
        fresh.replace(self._folder / NEWEST)
        self._newest = checkpoint.size

    @contextmanager
    def _locked(self) -> Iterator[int]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(self._folder / USED, flags, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file
        finally:
            os.close(file)


def newest_checkpoint(folder: Path) -> str | None:
    """The newest checkpoint that a department has seen, ``None`` where it has seen none. Verified when it was kept.

    Raises:
        Unavailable: it cannot be read.
    """
    try:
        with (folder / NEWEST).open("rb") as stream:
            note = stream.read(_MAX_CHECKPOINT_BYTES)
        return note.decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeError):
        raise Unavailable("department-memory", file=NEWEST) from None


def size_of(note: str) -> int:
    """How many entries the tree of a checkpoint has, as its second line says; 0 where it says nothing of the kind."""
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isascii() and lines[1].isdigit() else 0
