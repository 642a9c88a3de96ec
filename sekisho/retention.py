"""Retention (第24条): what is past its term is found, and erased by two persons, with counts in the ledger.

Terms stand in the guideline's parameters (`retention`), for what this deployment keeps and for what others keep. One
person orders the erasure of whatever is past its term, another erases it. Nothing is erased while a request of a
person, a dispute or an incident holds it up. The ledger is the only record of all of this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from audit.entry import Entry, entry_time
from governance.catalogue import Label
from governance.errors import BadInput, Fault
from governance.matters import Matter
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, Grounds, decide_action
from sekisho.kept_things import Kind, Thing
from sekisho.numbered_entries import EntriesOfKind, check_number, still_open

Event = Literal["ordered", "erased", "held", "freed"]
KeptBy = Literal["here", "people"]

_CLOSED_BY: Mapping[str, Event] = {"ordered": "erased", "held": "freed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TermReport:
    """One line of the table of terms.

    Attributes:
        days: how long things of the kind are kept; ``None`` for a kind without a term in the guideline.
        kept: by this deployment, or by people who erase them themselves.
        held: how many there are; ``None`` where this deployment does not keep them.
        past: how many of them are past their term.
        oldest: the day from which the term of the oldest counts.
    """

    kind: str
    label: Label
    days: int | None
    kept: KeptBy
    held: int | None = None
    past: int | None = None
    oldest: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """What holds erasure up: a document, and the entry of the ledger that began it."""

    number: str
    at: str
    ledger_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """An order to erase, or what was erased under it: how many things of each kind."""

    number: str
    counts: Mapping[str, int]
    ledger_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Retention of one deployment.

    Attributes:
        kinds: what the deployment keeps.
        others: holds that come from elsewhere: incidents and requests that are open.
    """

    grounds: Grounds
    kinds: Sequence[Kind]
    others: Callable[[], Sequence[Hold]]
    _read: EntriesOfKind = field(default_factory=lambda: EntriesOfKind("retention"))

    def report(self, asker: Asker) -> tuple[TermReport, ...]:
        """The terms, and what there is of each kind.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        decide_action(asker.request("retention.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return self.terms(asker.now.date())

    def terms(self, today: date) -> tuple[TermReport, ...]:
        """The same for the deployment's own checks."""
        table = self._table(today)
        mine = {kind.name: kind for kind in self.kinds}
        lines = [
            TermReport(
                kind=name,
                label=Label(**entry["label"]),
                days=entry["days"],
                kept=entry["kept"],
                **(self._held(mine[name], entry["days"], today) if name in mine else {}),
            )
            for name, entry in table.items()
        ]
        # What a guideline gives no term is shown as soon as there is any of it.
        unnamed = (kind for kind in self.kinds if kind.name not in table and kind.things())
        return (
            *lines,
            *(
                TermReport(
                    kind=kind.name,
                    label=Label(ja=kind.name, en=kind.name),
                    days=None,
                    kept="here",
                    **self._held(kind, None, today),
                )
                for kind in unnamed
            ),
        )

    def holds(self) -> tuple[Hold, ...]:
        """What holds erasure up now."""
        return (*map(_hold, self._open("held")), *self.others())

    def order(self, asker: Asker, *, number: str) -> Erasure:
        """Order the erasure of everything that is past its term today.

        Raises:
            BadInput: the document's number is not written as one or is taken, or nothing is past its term.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        question, decision = self._ask("retention.order", asker, self._new(number, "ordered"), opened_by=None)
        counts = {kind.name: len(past) for kind, past in self._past(asker.now.date())}
        if not any(counts.values()):
            raise BadInput("retention-nothing-past")
        return self._record(question, decision, "ordered", number, counts)

    def erase(self, asker: Asker, *, number: str) -> Erasure:
        """Erase what was past its term when that was ordered, as another person than the one who ordered it.

        Raises:
            BadInput: no such order is open.
            Denied: the policy refuses, as it does while something holds erasure up.
            Unavailable: a part does not answer. What was erased by then is gone; the order stays open for the rest.
        """
        ordered = self._find(number, "ordered")
        question, decision = self._ask("retention.erase", asker, number, opened_by=ordered.document["principal"])
        counts = {
            kind.name: kind.erase([thing.id for thing in past])
            for kind, past in self._past(entry_time(ordered.document).date())
        }
        return self._record(question, decision, "erased", number, counts)

    def hold(self, asker: Asker, *, number: str) -> None:
        """Hold up every erasure, for a request, a dispute or an incident.

        Raises:
            BadInput: the document's number is not written as one or is taken.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        question, decision = self._ask("retention.hold", asker, self._new(number, "held"), opened_by=None)
        self._record(question, decision, "held", number, {})

    def free(self, asker: Asker, *, number: str) -> None:
        """End a hold, as another person than the one who began it.

        Raises:
            BadInput: no such hold is open.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        held = self._find(number, "held")
        question, decision = self._ask("retention.free", asker, number, opened_by=held.document["principal"])
        self._record(question, decision, "freed", number, {})

    def _table(self, day: date) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.grounds.guideline.parameters(day).get("retention", {})
        return found

    def _past(self, today: date) -> list[tuple[Kind, list[Thing]]]:
        """What is past its term on a day. What has no term in the guideline never is."""
        table = self._table(today)
        return [
            (kind, [thing for thing in kind.things() if _is_past(thing, table[kind.name]["days"], today)])
            for kind in self.kinds
            if kind.name in table
        ]

    def _held(self, kind: Kind, days: int | None, today: date) -> dict[str, Any]:
        things = kind.things()
        begun = [thing.since for thing in things if thing.since is not None]
        return {
            "held": len(things),
            "past": sum(_is_past(thing, days, today) for thing in things) if days is not None else None,
            "oldest": min(begun, default=None),
        }

    def _ask(self, action: Action, asker: Asker, number: str, *, opened_by: str | None) -> tuple[QueryRequest, int]:
        matter = Matter(number=number, opened_by=opened_by, held=bool(self.holds()))
        question = asker.request(action, zone=self.grounds.zone, matter=matter)
        return question, decide_action(question, None, grounds=self.grounds).index

    def _record(
        self, question: QueryRequest, decision: int, event: Event, number: str, counts: Mapping[str, int]
    ) -> Erasure:
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        receipt = self.grounds.ledger.append(
            {
                "v": 1,
                "kind": "retention",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": None,
                "recipient": None,
                "decision": decision,
                "event": event,
                "number": number,
                "counts": dict(counts),
                "guideline_version": self.grounds.guideline.version,
            }
        )
        return Erasure(number=number, counts=counts, ledger_index=receipt.index)

    def _open(self, opening: Event) -> tuple[Entry, ...]:
        entries = self._read.up_to_date(self.grounds.ledger)
        return still_open(entries, opening=opening, closing=_CLOSED_BY[opening])

    def _new(self, number: str, opening: Event) -> str:
        if any(entry.document["number"] == number for entry in self._open(opening)):
            raise BadInput("matter-open", number=number)
        return check_number(number)

    def _find(self, number: str, opening: Event) -> Entry:
        found = next((entry for entry in self._open(opening) if entry.document["number"] == number), None)
        if found is None:
            raise BadInput("retention-unknown")
        return found


def _hold(entry: Entry) -> Hold:
    return Hold(number=entry.document["number"], at=entry.document["time"], ledger_index=entry.index)


def _is_past(thing: Thing, days: int, today: date) -> bool:
    return thing.since is not None and thing.since + timedelta(days=days) < today
