"""What is kept of judgements and of what follows from them, with the day from which each term counts (第24条).

The same as in `sekisho.kept_things`, for the work list, re-identifications and packages. To look at terms makes no file
where there is none yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from audit.entry import entry_time
from audit.ledger import Ledger
from governance.dates import end_of_fiscal_year
from risk.candidates import SUPPORTED, Candidate, Ending
from sekisho.kept_things import Kind, Thing
from sekisho.layout import Layout
from sekisho.package_register import PackageStatus, status_of
from sekisho.package_store import PackageStore
from sekisho.ticket_log import TicketLog
from sekisho.ticket_store import TicketStore
from sekisho.work_list import WorkList

ResultKind = Literal["results-supported", "results-left", "results-not-supported"]

_LEFT: frozenset[Ending] = frozenset({"handed_over", "no_hand_over"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptResults:
    """Candidates of the work list, closed or open, of one kind.

    The term counts from the day on which somebody closed the candidate; of those who have left the answers, as by their
    age, from the end of that fiscal year.
    """

    name: ResultKind
    work_list: Callable[[], WorkList | None]

    def things(self) -> Sequence[Thing]:
        """Each by its number."""
        work_list = self.work_list()
        if work_list is None:
            return ()
        closed_on = work_list.last_changes()
        return [
            Thing(id=each.number, since=self._since(each, closed_on[each.number]))
            for each in work_list.candidates()
            if _kind_of(each) == self.name
        ]

    def erase(self, ids: Sequence[str]) -> int:
        """Take candidates and what happened with them out of the list, and out of its file."""
        work_list = self.work_list()
        return work_list.erase(ids) if work_list is not None else 0

    def _since(self, candidate: Candidate, changed_on: date) -> date | None:
        if candidate.state != "closed":
            return None
        return end_of_fiscal_year(changed_on) if self.name == "results-left" else changed_on


def _kind_of(candidate: Candidate) -> ResultKind:
    if candidate.outcome is not None and candidate.outcome.verdict in SUPPORTED:
        return "results-supported"
    return "results-left" if candidate.ending in _LEFT else "results-not-supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptViews:
    """Case views. They are erased on the first step after their last day, from which the term counts."""

    tickets: Callable[[], TicketStore | None]
    log: TicketLog
    name: str = "case-views"

    def things(self) -> Sequence[Thing]:
        """Each by the number of its ticket; one of which the ledger knows no ticket has been there too long already."""
        store = self.tickets()
        standing = self.log.standing()
        return [
            Thing(id=number, since=standing[number].until if number in standing else date.min)
            for number in (store.viewed() if store is not None else ())
        ]

    def erase(self, ids: Sequence[str]) -> int:
        """Erase views, and nothing of the tickets."""
        store = self.tickets()
        there = set(store.viewed()) & set(ids) if store is not None else set()
        for number in sorted(there):
            if store is not None:
                store.erase_view(number)
        return len(there)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTickets:
    """What was asked in re-identifications, and why. The term counts from the ticket's end."""

    tickets: Callable[[], TicketStore | None]
    log: TicketLog
    name: str = "tickets"

    def things(self) -> Sequence[Thing]:
        """Each by its number."""
        store = self.tickets()
        ended = self._ended() if store is not None else {}
        return [Thing(id=number, since=ended.get(number)) for number in (store.numbers() if store is not None else ())]

    def erase(self, ids: Sequence[str]) -> int:
        """Erase texts and pseudonyms, with a view that is still there; the number stays taken."""
        store = self.tickets()
        return store.erase(ids) if store is not None else 0

    def _ended(self) -> Mapping[str, date]:
        """Ticket → the day of its end; a grant that nobody used has ended with its last day."""
        last = {entry.document["ticket"]: entry_time(entry.document).date() for entry in self.log.entries()}
        found: dict[str, date] = {}
        for number, ticket in self.log.standing().items():
            if ticket.state in ("ended", "rejected"):
                found[number] = last[number]
            elif ticket.state == "granted" and ticket.until is not None:
                found[number] = ticket.until
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPackages:
    """Whom packages showed, and what their drafts found.

    The term counts from the certificate of deletion; while the recipient may hold another package of the same
    pseudonyms, it has not begun, since packages to come are compared with this one. Of a draft it counts from its day.
    """

    store: PackageStore
    ledger: Ledger
    name: str = "vendor-packages"

    def things(self) -> Sequence[Thing]:
        """Each by its number."""
        statuses = [status_of(stored, self.ledger) for stored in self.store.all()]
        held = {s.stored.key_id for s in statuses if s.state in ("created", "handed_over", "received")}
        return [Thing(id=status.number, since=_since(status, held)) for status in statuses]

    def erase(self, ids: Sequence[str]) -> int:
        """Take packages out of the store and its file; the number stays taken, and the ledger keeps every step."""
        return self.store.erase(ids)


def _since(status: PackageStatus, held: set[str]) -> date | None:
    if status.state not in ("drafted", "deleted") or (status.state == "deleted" and status.stored.key_id in held):
        return None
    return entry_time(status.entry).date()


def kept_results(layout: Layout, *, key: bytes, ledger: Ledger) -> tuple[Kind, ...]:
    """Everything of these kinds that a deployment keeps.

    Args:
        layout: where its files stand.
        key: the deployment's digest key.
        ledger: says how far each thing has come.
    """
    log = TicketLog(ledger)

    def work_list() -> WorkList | None:
        return WorkList.open(layout.work_list, key=key) if layout.work_list.exists() else None

    def tickets() -> TicketStore | None:
        return TicketStore.open(layout.tickets, key=key) if layout.tickets.exists() else None

    return (
        KeptResults(name="results-supported", work_list=work_list),
        KeptResults(name="results-not-supported", work_list=work_list),
        KeptResults(name="results-left", work_list=work_list),
        KeptViews(tickets=tickets, log=log),
        KeptTickets(tickets=tickets, log=log),
        KeptPackages(store=PackageStore.open(layout.store, key=key), ledger=ledger),
    )
