"""How far each re-identification has got: read from the ledger, which is the only place where that stands (第15条)."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from audit.entry import Entry
from audit.ledger import Ledger
from governance.tickets import TicketState


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A ticket, as its entries have it.

    Attributes:
        pseudonym: keyed reference of the pseudonym.
        subject: keyed reference to the person, once somebody was found.
        until: last day of the grant or of the view.
        due: last day for the decision on an emergency.
        granted_on: the day of the grant.
    """

    number: str
    purpose: str
    requester: str
    pseudonym: str
    emergency: bool
    alert: bool
    asked_at: str
    due: date | None
    state: TicketState = "requested"
    decided_by: str | None = None
    granted_on: date | None = None
    until: date | None = None
    subject: str | None = None
    extensions: int = 0

    @property
    def waits(self) -> bool:
        """An emergency that nobody has decided on."""
        return self.emergency and self.decided_by is None

    @property
    def takes_a_place(self) -> bool:
        """Whether its grant counts in the month's number."""
        return not self.emergency and not self.alert


@dataclass(slots=True)
class TicketLog:
    """The tickets of one ledger, read on as it grows."""

    ledger: Ledger
    _size: int = 0
    _seen: frozenset[int] = frozenset()
    _standing: dict[str, Standing] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def standing(self) -> Mapping[str, Standing]:
        """Every ticket by its number, oldest first."""
        with self._lock:
            # The size first: what enters meanwhile is read twice rather than not at all.
            size = self.ledger.size
            new = [e for e in self.ledger.of_kind("ticket", start=self._size) if e.index not in self._seen]
            self._take(new)
            self._seen = frozenset(e.index for e in new)
            self._size = size
            return dict(self._standing)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry about a ticket, oldest first."""
        return tuple(self.ledger.of_kind("ticket"))

    def _take(self, entries: Iterable[Entry]) -> None:
        for entry in entries:
            number = entry.document["ticket"]
            after = _after(self._standing.get(number), entry)
            if after is not None:
                self._standing[number] = after


def _after(before: Standing | None, entry: Entry) -> Standing | None:
    document = entry.document
    until = date.fromisoformat(document["until"]) if document["until"] else None
    if document["event"] == "requested":
        return Standing(
            number=document["ticket"],
            purpose=document["purpose"],
            requester=document["principal"],
            pseudonym=document["pseudonym"],
            emergency=document["emergency"],
            alert=document["alert"],
            asked_at=document["time"],
            due=until,
        )
    if before is None:
        return None
    day = date.fromisoformat(document["time"][:10])
    match document["event"]:
        case "granted" if before.state == "requested":
            return replace(before, state="granted", decided_by=document["principal"], granted_on=day, until=until)
        case "granted":
            return replace(before, decided_by=document["principal"], granted_on=day)
        case "rejected":
            return replace(before, state="rejected", decided_by=document["principal"])
        case "opened":
            return replace(before, state="open", until=until, subject=document["subject"])
        case "nothing" | "closed":
            return replace(before, state="ended")
        case "extended":
            return replace(before, until=until, extensions=before.extensions + 1)
        case _:
            return before
