"""Entries of the ledger that go by a document's number: what one opens, another of the same number closes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field

from audit.entry import Entry
from audit.ledger import Ledger
from governance.errors import BadInput

_NUMBER = re.compile(r"[A-Z]{1,4}[0-9]{1,2}-[0-9]{1,5}", re.ASCII)
# Letters, a year of the era and a running number: nothing that a name, a date or a number of a person could be.


@dataclass(slots=True)
class EntriesOfKind:
    """Entries of one kind, read as the ledger grows: every query asks for some of them."""

    kind: str
    _size: int = 0
    _entries: tuple[Entry, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up_to_date(self, ledger: Ledger) -> tuple[Entry, ...]:
        """All of them, in order."""
        with self._lock:
            # The size first: what enters meanwhile is read twice rather than not at all.
            size = ledger.size
            new = ledger.of_kind(self.kind, start=self._size)
            known = {entry.index for entry in self._entries}
            self._entries += tuple(entry for entry in new if entry.index not in known)
            self._size = size
            return self._entries


def check_number(number: str) -> str:
    """A document's number.

    Raises:
        BadInput: it is not written as one.
    """
    if not _NUMBER.fullmatch(number):
        raise BadInput("matter-number")
    return number


def still_open(entries: Iterable[Entry], *, opening: str, closing: str) -> tuple[Entry, ...]:
    """What was opened with one event and, by its number, not closed with the other since; oldest first."""
    found: dict[str, Entry] = {}
    for entry in entries:
        if entry.document["event"] == opening:
            found[entry.document["number"]] = entry
        elif entry.document["event"] == closing:
            found.pop(entry.document["number"], None)
    return tuple(found.values())
