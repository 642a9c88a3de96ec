"""What the ledger says of incidents (第27条): read as it grows, and written step by step.

An entry holds indices, answers, numbers and days, names of the guideline and numbers of documents; no person, no text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from audit.entry import Entry, entry_time
from audit.ledger import Ledger
from governance.errors import BadInput, Fault
from governance.incidents import Answer, Incident, Stage
from query_broker.request import QueryRequest
from sekisho.incident_assessment import Persons
from sekisho.numbered_entries import EntriesOfKind

Event = Literal["opened", "assessed", "contacted", "reported", "notified", "closed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A step that is recorded.

    Attributes:
        by: account of whoever recorded it.
        on: day on which it was done.
        document: number of the city's document.
        ledger_index: its entry.
    """

    event: Event
    by: str
    on: date
    stage: Stage | None
    route: str | None
    obstacle: str | None
    measures: tuple[str, ...]
    document: str | None
    ledger_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIncident:
    """An incident as the ledger has it.

    Attributes:
        entries: of the ledger, that leaked.
        facts: kind → answer, as assessed last.
        required: whether the commission has to be told; ``None`` before the assessment.
    """

    number: str
    opened_by: str
    discovered_on: date
    entries: tuple[int, ...]
    steps: tuple[Done, ...]
    facts: Mapping[str, Answer] = field(default_factory=dict)
    persons: Persons | None = None
    required: Answer | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has closed it."""
        return self.last("closed") is None

    def last(self, event: Event, stage: Stage | None = None) -> Done | None:
        """The last step of a kind that is recorded."""
        found = (step for step in reversed(self.steps) if step.event == event and stage in (None, step.stage))
        return next(found, None)

    def fact(self, **step: Any) -> Incident:
        """The incident as the policy sees it, with the step that is asked for."""
        return Incident(
            state="open" if self.open else "closed",
            discovered_on=self.discovered_on,
            required=self.required,
            contacted=self.last("contacted") is not None,
            preliminary=self.last("reported", "preliminary") is not None,
            final=self.last("reported", "final") is not None,
            notified=self.last("notified") is not None,
            **step,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentLog:
    """The incidents of one ledger.

    Attributes:
        guideline_version: under which steps are recorded.
    """

    ledger: Ledger
    guideline_version: str
    _read: EntriesOfKind = field(default_factory=lambda: EntriesOfKind("incident"))

    def all(self) -> tuple[KnownIncident, ...]:
        """All incidents, oldest first."""
        found: dict[str, KnownIncident] = {}
        for entry in self._read.up_to_date(self.ledger):
            number = entry.document["number"]
            found[number] = _after(found.get(number), entry)
        return tuple(found.values())

    def find(self, number: str) -> KnownIncident:
        """An incident by its number.

        Raises:
            BadInput: there is none.
        """
        found = next((each for each in self.all() if each.number == number), None)
        if found is None:
            raise BadInput("incident-unknown")
        return found

    def record(
        self,
        question: QueryRequest,
        decision: int,
        event: Event,
        *,
        number: str,
        discovered_on: date,
        entries: Sequence[int],
        facts: Mapping[str, Answer] | None = None,
        persons: Persons | None = None,
        required: Answer | None = None,
        stage: Stage | None = None,
        on: date | None = None,
        route: str | None = None,
        obstacle: str | None = None,
        measures: Sequence[str] = (),
        document: str | None = None,
    ) -> None:
        """Write a step down that a decision has allowed."""
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        counted = persons or Persons(least=0, most=None, found=None)
        self.ledger.append(
            {
                "v": 1,
                "kind": "incident",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": None,
                "recipient": None,
                "decision": decision,
                "event": event,
                "number": number,
                "discovered_on": discovered_on.isoformat(),
                "entries": list(entries),
                "facts": dict(facts or {}),
                "persons": {"least": counted.least, "most": counted.most, "found": counted.found},
                "required": required,
                "stage": stage,
                "on": on.isoformat() if on is not None else None,
                "route": route,
                "obstacle": obstacle,
                "measures": list(measures),
                "document": document,
                "guideline_version": self.guideline_version,
            }
        )


def facts_of(incident: KnownIncident) -> dict[str, Any]:
    """What every entry of an incident repeats."""
    return {
        "number": incident.number,
        "discovered_on": incident.discovered_on,
        "entries": incident.entries,
        "facts": incident.facts,
        "persons": incident.persons,
        "required": incident.required,
    }


def _after(incident: KnownIncident | None, entry: Entry) -> KnownIncident:
    """An incident after one more entry."""
    document = entry.document
    at = entry_time(document).date()
    step = Done(
        event=document["event"],
        by=document["principal"],
        on=date.fromisoformat(document["on"]) if document["on"] is not None else at,
        stage=document["stage"],
        route=document["route"],
        obstacle=document["obstacle"],
        measures=tuple(document["measures"]),
        document=document["document"],
        ledger_index=entry.index,
    )
    return KnownIncident(
        number=document["number"],
        opened_by=document["principal"] if incident is None else incident.opened_by,
        discovered_on=date.fromisoformat(document["discovered_on"]),
        entries=tuple(document["entries"]),
        steps=(*(incident.steps if incident is not None else ()), step),
        facts=document["facts"],
        persons=Persons(**document["persons"]) if document["required"] is not None else None,
        required=document["required"],
    )
