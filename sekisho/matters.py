"""Matters that people open and close: suspensions of use (第28条), and the stop of all releases (第27条).

The ledger is their only record; what is open is what it says. Who is suspended stands on the list of the departments'
side (`connectors.suspensions`), and in the ledger as a keyed reference alone. In doubt the safe side holds: a person is
put on the list before the entry is written, and taken off after it; a stop counts from its entry on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from audit.entry import Entry
from connectors.suspensions import Suspensions
from governance.errors import BadInput, Fault
from governance.matters import Matter
from governance.registrations import Registration
from query_broker.request import QueryRequest
from sekisho.actions import Asker, Grounds, decide_action
from sekisho.numbered_entries import EntriesOfKind, check_number, still_open

Event = Literal["suspended", "released", "stopped", "lifted", "traced", "reviewed"]

_CLOSED_BY: dict[str, Event] = {"suspended": "released", "stopped": "lifted"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMatter:
    """A matter that nobody has closed.

    Attributes:
        number: of the document that asked for it.
        reference: of the person, for a suspension.
        at: when, ISO with offset.
        ledger_index: the entry that opened it.
    """

    number: str
    reference: str | None
    opened_by: str
    at: str
    ledger_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Matters:
    """Suspensions and stops of one deployment.

    Attributes:
        register: asks the department that keeps the list whether it knows a person, by the person's number.
    """

    grounds: Grounds
    suspensions: Suspensions
    register: Callable[[str, str], bool]
    _read: EntriesOfKind = field(default_factory=lambda: EntriesOfKind("matter"))

    def suspend(self, asker: Asker, *, number: str, identifier: str) -> OpenMatter:
        """Leave a person out of every query from now on.

        Args:
            number: of the document.
            identifier: the person's number in the register. It goes to the departments' side and no further.

        Raises:
            BadInput: the document's number is not written as one or is taken, or the register does not know the person.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        department = self.keeper()
        question, decision = self._ask(
            "subject.suspend",
            asker,
            Matter(number=self._new("suspended", number), opened_by=None),
            registration=Registration(department=department),
        )
        reference = self.suspensions.reference(identifier)
        if not self.register(department, identifier):
            raise BadInput("suspension-unknown")
        self.suspensions.add(identifier)
        self._record(question, decision, "suspended", number, reference)
        return self._find("suspended", number)

    def release(self, asker: Asker, *, number: str) -> None:
        """End a suspension.

        Raises:
            BadInput: no suspension of this number is open.
            Denied: the policy refuses, as it does for whoever asked for the suspension.
            Unavailable: a part does not answer.
        """
        matter = self._find("suspended", number)
        question, decision = self._ask(
            "subject.release", asker, Matter(number=matter.number, opened_by=matter.opened_by)
        )
        self._record(question, decision, "released", number, matter.reference)
        if matter.reference not in {other.reference for other in self._open("suspended")}:
            self.suspensions.remove(matter.reference or "")

    def suspended(self, asker: Asker) -> tuple[OpenMatter, ...]:
        """The suspensions that are open, oldest first, for whoever may read them; nobody is named.

        Raises:
            Denied: the policy refuses.
        """
        decide_action(asker.request("subject.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return self._open("suspended")

    def stop(self, asker: Asker, *, number: str) -> OpenMatter:
        """Stop all releases.

        Raises:
            BadInput: the document's number is not written as one, or is taken.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        question, decision = self._ask(
            "incident.stop", asker, Matter(number=self._new("stopped", number), opened_by=None)
        )
        self._record(question, decision, "stopped", number, None)
        return self._find("stopped", number)

    def lift(self, asker: Asker, *, number: str) -> None:
        """End a stop. Releases go on once every stop has ended.

        Raises:
            BadInput: no stop of this number is open.
            Denied: the policy refuses, as it does for whoever stopped them.
            Unavailable: a part does not answer.
        """
        matter = self._find("stopped", number)
        question, decision = self._ask("incident.lift", asker, Matter(number=matter.number, opened_by=matter.opened_by))
        self._record(question, decision, "lifted", number, None)

    def stops(self) -> tuple[OpenMatter, ...]:
        """The stops that are open; releases go on where there is none."""
        return self._open("stopped")

    def trace(self, asker: Asker, *, number: str, identifier: str) -> str:
        """Record that the uses of a person's data are looked up; the reference of the person.

        Asked at the department that keeps the register by whoever belongs to a department, else as an auditor.

        Raises:
            BadInput: the document's number is not written as one, or this is no identifier of a person.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        registration, action = None, "ledger.trace"
        if asker.principal is not None and asker.principal.department is not None:
            registration, action = Registration(department=self.keeper()), "subject.trace"
        question, decision = self._ask(
            action, asker, Matter(number=check_number(number), opened_by=None), registration=registration
        )
        reference = self.suspensions.reference(identifier)
        self._record(question, decision, "traced", number, reference)
        return reference

    def review(self, asker: Asker, *, number: str) -> None:
        """Record that the ledger was reviewed, and under which document the result stands.

        Raises:
            BadInput: the document's number is not written as one.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        question, decision = self._ask("ledger.review", asker, Matter(number=check_number(number), opened_by=None))
        self._record(question, decision, "reviewed", number, None)

    def last_review(self) -> Entry | None:
        """The entry of the last review of the ledger."""
        entries = self.entries()
        return next((entry for entry in reversed(entries) if entry.document["event"] == "reviewed"), None)

    def about(self, reference: str) -> tuple[Entry, ...]:
        """The entries about a person, by reference: suspended, set free, looked up."""
        entries = self.entries()
        return tuple(entry for entry in entries if entry.document["subject"] == reference)

    def entries(self) -> tuple[Entry, ...]:
        """Every entry of a matter, in order."""
        return self._read.up_to_date(self.grounds.ledger)

    def unmatched(self) -> tuple[str, ...]:
        """Numbers of open suspensions whose person is not on the list: somebody has taken them off without a decision.

        Raises:
            Unavailable: the list or the ledger cannot be read.
        """
        return tuple(m.number for m in self._open("suspended") if not self.suspensions.has(m.reference or ""))

    def _ask(
        self, action: Any, asker: Asker, matter: Matter, *, registration: Registration | None = None
    ) -> tuple[QueryRequest, int]:
        question = asker.request(action, zone=self.grounds.zone, matter=matter, registration=registration)
        return question, decide_action(question, None, grounds=self.grounds).index

    def _record(self, question: QueryRequest, decision: int, event: Event, number: str, reference: str | None) -> None:
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        self.grounds.ledger.append(
            {
                "v": 1,
                "kind": "matter",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": None,
                "recipient": None,
                "decision": decision,
                "event": event,
                "number": number,
                "subject": reference,
                "guideline_version": self.grounds.guideline.version,
            }
        )

    def _new(self, opening: Event, number: str) -> str:
        check_number(number)
        if any(matter.number == number for matter in self._open(opening)):
            raise BadInput("matter-open", number=number)
        return number

    def _find(self, opening: Event, number: str) -> OpenMatter:
        found = next((matter for matter in self._open(opening) if matter.number == number), None)
        if found is None:
            raise BadInput("matter-unknown")
        return found

    def _open(self, opening: Event) -> tuple[OpenMatter, ...]:
        """By document number, what was opened with one event and not closed with the other since."""
        return tuple(
            OpenMatter(
                number=entry.document["number"],
                reference=entry.document["subject"],
                opened_by=entry.document["principal"],
                at=entry.document["time"],
                ledger_index=entry.index,
            )
            for entry in still_open(self.entries(), opening=opening, closing=_CLOSED_BY[opening])
        )

    def keeper(self) -> str:
        """The department that keeps the list, as the guideline says.

        Raises:
            BadInput: it names none.
        """
        for entry in self.grounds.guideline.tables["named_sets"].values():
            if "kept_by" in entry:
                return str(entry["kept_by"])
        raise BadInput("suspension-nobody-keeps")
