"""Incidents (第27条): data have leaked, or may have; opened, assessed, reported, told to the persons, closed.

The ledger is their only record (`sekisho.incident_log`). What leaked is found in it, how many persons that concerns at
the holders. Persons under protection come first; that somebody has seen to them is recorded, and whether there is
anybody is not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from connectors.department import LocalDepartment
from governance.calendars import calendars_of
from governance.errors import BadInput
from governance.incidents import Incident, Stage
from governance.matters import Matter
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, Grounds, decide_action
from sekisho.incident_assessment import Assessment, assess
from sekisho.incident_extent import Extent, check_entries, extent
from sekisho.incident_log import IncidentLog, KnownIncident, facts_of
from sekisho.incident_terms import Deadlines, deadlines
from sekisho.numbered_entries import check_number
from sekisho.retention import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class DueReport:
    """A report that is still to be made.

    Attributes:
        days: until its last day, negative where that is over.
    """

    number: str
    stage: Stage
    last_day: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtectedAmong:
    """How many of a set of persons under protection are among those whose rows left.

    Attributes:
        found: ``None`` where it is not known.
        at_least: there may be more, since some rows name persons by other keys.
    """

    set: str
    found: int | None
    at_least: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Incidents:
    """The incidents of one deployment.

    Attributes:
        departments: opens the departments' side.
    """

    grounds: Grounds
    departments: Callable[[], Mapping[str, LocalDepartment]]
    log: IncidentLog

    def open(self, asker: Asker, *, number: str, discovered_on: date, entries: Sequence[int]) -> KnownIncident:
        """Open an incident.

        Args:
            discovered_on: the day on which it became known; terms are counted from it.
            entries: of the ledger, that leaked as far as is known; none where that is not known yet.

        Raises:
            BadInput: the number is not written as one or is taken, or an entry is none that can leak.
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer.
        """
        self.terms(asker.now.date())
        if any(each.number == number for each in self.log.all()):
            raise BadInput("matter-open", number=number)
        found = self._checked(entries)
        incident = Incident(state="new", discovered_on=discovered_on)
        matter = Matter(number=check_number(number), opened_by=None)
        question, decision = self._ask("incident.open", asker, matter, incident)
        self.log.record(question, decision, "opened", number=number, discovered_on=discovered_on, entries=found)
        return self.log.find(number)

    def assess(
        self,
        asker: Asker,
        *,
        number: str,
        entries: Sequence[int] | None = None,
        elsewhere: bool = False,
        facts: Mapping[str, bool],
        found: int | None,
    ) -> Assessment:
        """Find out whether an incident has to be reported, from what leaked; again, as more becomes known.

        Args:
            entries: what leaked; as before, unless given.
            elsewhere: something leaked that is in none of them.
            facts: what people answer where the calculation cannot tell.
            found: how many persons people have found.

        Raises:
            BadInput: no such incident, an entry is none that can leak, or what people say cannot be.
            Denied: the policy refuses, as it does after the final report.
            Unavailable: a part does not answer; nothing is assessed on a part of the records.
        """
        incident = self.log.find(number)
        terms = self.terms(asker.now.date())
        named = incident.entries if entries is None else self._checked(entries)
        question, decision = self._ask("incident.assess", asker, _matter(incident), incident.fact())
        assessed = assess(
            self._extent(named, elsewhere=elsewhere),
            terms=terms,
            facts=facts,
            found=found,
            catalogue=self.grounds.catalogue,
        )
        after = replace(
            incident, entries=named, facts=assessed.facts, persons=assessed.persons, required=assessed.required
        )
        self.log.record(question, decision, "assessed", **facts_of(after))
        return assessed

    def protected(self, asker: Asker, *, number: str) -> tuple[ProtectedAmong, ...]:
        """How many persons under protection are concerned, for cleared staff; it is written down nowhere.

        Raises:
            BadInput: no such incident.
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer.
        """
        incident = self.log.find(number)
        terms = self.terms(asker.now.date())
        self._ask("incident.protected", asker, _matter(incident), incident.fact())
        leaked, departments = self._extent(incident.entries, elsewhere=False), self.departments()
        subject = self.grounds.catalogue.subject_kind
        tags = leaked.tags.get(subject)
        return tuple(
            ProtectedAmong(
                set=name,
                found=departments[department].persons.set_among(name, tags, as_of=asker.now.date())
                if tags is not None
                else None,
                at_least=leaked.most is None or set(leaked.by_kind) != {subject},
            )
            for name, department in terms["protected"].items()
        )

    def contact(self, asker: Asker, *, number: str, route: str, on: date, document: str | None) -> KnownIncident:
        """Record that cleared staff have seen to the persons under protection; it reads alike where there is nobody.

        Raises:
            BadInput: no such incident.
            Denied: the policy refuses, as it does for a route that is not safe.
        """
        incident = self.log.find(number)
        route, document = self._known("safe_routes", route, asker), _document(document)
        question, decision = self._ask("incident.contact", asker, _matter(incident), incident.fact(route=route, on=on))
        self.log.record(question, decision, "contacted", **facts_of(incident), route=route, on=on, document=document)
        return self.log.find(number)

    def report(self, asker: Asker, *, number: str, stage: Stage, on: date, document: str) -> KnownIncident:
        """Record that the commission was told.

        Args:
            document: number of the report as it was sent.

        Raises:
            BadInput: no such incident, or the document's number is not written as one.
            Denied: the policy refuses.
        """
        incident, document = self.log.find(number), check_number(document)
        question, decision = self._ask("incident.report", asker, _matter(incident), incident.fact(stage=stage, on=on))
        self.log.record(question, decision, "reported", **facts_of(incident), stage=stage, on=on, document=document)
        return self.log.find(number)

    def notify(
        self, asker: Asker, *, number: str, route: str, obstacle: str | None, on: date, document: str | None
    ) -> KnownIncident:
        """Record that the persons were told; or why they could not be, and what replaced it.

        Args:
            route: how they were told, or what replaced that.
            obstacle: why they could not be told.

        Raises:
            BadInput: no such incident, or the guideline has no such route or obstacle.
            Denied: the policy refuses, as it does before the persons under protection were seen to.
        """
        incident = self.log.find(number)
        route = self._known("notice_routes" if obstacle is None else "substitutes", route, asker)
        obstacle = self._known("obstacles", obstacle, asker) if obstacle is not None else None
        document = _document(document)
        question, decision = self._ask(
            "incident.notify", asker, _matter(incident), incident.fact(route=route, obstacle=obstacle, on=on)
        )
        self.log.record(
            question,
            decision,
            "notified",
            **facts_of(incident),
            route=route,
            obstacle=obstacle,
            on=on,
            document=document,
        )
        return self.log.find(number)

    def close(self, asker: Asker, *, number: str, measures: Sequence[str], document: str) -> KnownIncident:
        """Close an incident, as another person than the one who opened it.

        Args:
            measures: against repetition, by kind.
            document: number of the paper that describes them.

        Raises:
            BadInput: no such incident, or the guideline has no such measure.
            Denied: the policy refuses, as it does while something is missing.
        """
        incident, document = self.log.find(number), check_number(document)
        taken = tuple(self._known("measures", measure, asker) for measure in dict.fromkeys(measures))
        question, decision = self._ask("incident.close", asker, _matter(incident), incident.fact(measures=taken))
        self.log.record(question, decision, "closed", **facts_of(incident), measures=taken, document=document)
        return self.log.find(number)

    def listed(self, asker: Asker) -> tuple[KnownIncident, ...]:
        """All incidents, oldest first, for whoever may read them.

        Raises:
            Denied: the policy refuses.
        """
        decide_action(asker.request("incident.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return self.log.all()

    def shown(self, asker: Asker, *, number: str) -> tuple[KnownIncident, Extent]:
        """One incident and what leaked, for whoever may read it.

        Raises:
            BadInput: no such incident.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        incident = self.log.find(number)
        decide_action(asker.request("incident.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return incident, self._extent(incident.entries, elsewhere=False)

    def deadlines(self, incident: KnownIncident, today: date) -> Deadlines:
        """The terms of an incident's reports.

        Raises:
            BadInput: the guideline has no terms for incidents.
        """
        calendars = calendars_of(self.grounds.guideline.tables["calendars"])
        return deadlines(incident.discovered_on, facts=incident.facts, terms=self.terms(today), calendars=calendars)

    def due(self, today: date) -> tuple[DueReport, ...]:
        """The reports that are still to be made, the earliest first. What is not assessed may have to be reported."""
        found = []
        for each in self.log.all():
            if not each.open or each.required == "no" or each.last("reported", "final") is not None:
                continue
            terms = self.deadlines(each, today)
            if each.last("reported") is None:
                found.append(("preliminary", terms.preliminary, each.number))
            found.append(("final", terms.final, each.number))
        return tuple(
            DueReport(number=number, stage=stage, last_day=day, days=(day - today).days)  # type: ignore[arg-type]
            for stage, day, number in sorted(found, key=lambda due: (due[1], due[2]))
        )

    def holds(self) -> tuple[Hold, ...]:
        """What is open and holds every erasure up."""
        return tuple(
            Hold(number=each.number, at=each.discovered_on.isoformat(), ledger_index=each.steps[0].ledger_index)
            for each in self.log.all()
            if each.open
        )

    def terms(self, today: date) -> Mapping[str, Any]:
        """What the guideline lays down for incidents.

        Raises:
            BadInput: nothing.
        """
        terms: Mapping[str, Any] | None = self.grounds.guideline.parameters(today).get("incidents")
        if terms is None:
            raise BadInput("incident-no-terms")
        return terms

    def _known(self, part: str, name: str, asker: Asker) -> str:
        """A name of the guideline, so that nothing else is ever typed into a record."""
        known = self.terms(asker.now.date())[part]
        if name not in known:
            raise BadInput("incident-name", names=", ".join(known))
        return name

    def _checked(self, entries: Sequence[int]) -> tuple[int, ...]:
        return check_entries(entries, ledger=self.grounds.ledger, catalogue=self.grounds.catalogue)

    def _extent(self, entries: Sequence[int], *, elsewhere: bool) -> Extent:
        return extent(
            entries,
            elsewhere=elsewhere,
            ledger=self.grounds.ledger,
            catalogue=self.grounds.catalogue,
            departments=self.departments() if entries else {},
        )

    def _ask(self, action: Action, asker: Asker, matter: Matter, incident: Incident) -> tuple[QueryRequest, int]:
        question = asker.request(action, zone=self.grounds.zone, matter=matter, incident=incident)
        return question, decide_action(question, None, grounds=self.grounds).index


def _document(number: str | None) -> str | None:
    return check_number(number) if number is not None else None


def _matter(incident: KnownIncident) -> Matter:
    return Matter(number=incident.number, opened_by=incident.opened_by)
