"""Inside a step of a re-identification: what the policy and the holders are asked, what is entered, who moves along."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Protocol
from uuid import UUID

from connectors.evidence import Evidence
from governance.calendars import calendars_of
from governance.decisions import PseudonymSpace
from governance.errors import Fault, Unavailable
from governance.look_ups import Found, LookUpOrder
from governance.principals import Principal
from governance.tickets import Ticket
from query_broker.look_ups import PlannedLookUp, evidence_of
from query_broker.record import Intent
from query_broker.request import QueryRequest
from risk.candidates import NEXT, Candidate, Ending, Outcome, State, Verdict
from sekisho.actions import Action, Asker, Dates, Grounds, decide_look_ups
from sekisho.ticket_log import Standing, TicketLog
from sekisho.ticket_store import Asked, CaseView, TicketStore
from sekisho.work_list import WorkList

NO_TICKET = Ticket(
    state="ended", requester=None, decided_by=None, emergency=False, alert=False, verdict=None, wish=0,
    wish_missing=0, types=(), hits=0,
    reason=0, contact=0, until=None, extensions=0, granted_this_month=0, due=(), look_ups=(),
)  # fmt: skip
"""A ticket that there is not: the policy refuses it like any that is over, so that numbers cannot be tried."""


class Holder(Protocol):
    """What a holder of a register does for a re-identification."""

    def as_of(self, dataset: str) -> date:
        """The day that a dataset is of."""
        ...

    def set_as_of(self, named_set: str) -> date | None:
        """The day that a set of persons is of."""
        ...

    def look_up(self, order: LookUpOrder, evidence: Evidence) -> Found | None:
        """Resolve one pseudonym."""
        ...

    def alerts(self) -> Sequence[str]:
        """Tickets with which a protected person was asked for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a person judges of one person.

    Attributes:
        reason: why, in the words of whoever judges.
        wish: what the person concerned wants.
        wish_missing: why that was not asked.
    """

    verdict: Verdict | None = None
    reason: str = ""
    wish: str = ""
    wish_missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step that was allowed: what its entries and the holders are told."""

    question: QueryRequest
    reference: str
    facts: Ticket
    intent: Intent

    @property
    def principal(self) -> Principal:
        """Who takes it; the policy allows nothing to nobody."""
        if self.question.principal is None:
            raise Fault
        return self.question.principal


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketSteps:
    """Asks and enters the steps of tickets.

    Attributes:
        holders: opens the departments.
        stopped: whether all releases are stopped.
        log: how far each ticket has got.
    """

    grounds: Grounds
    holders: Callable[[], Mapping[str, Holder]]
    stopped: Callable[[], bool]
    log: TicketLog

    def ticket(self, store: TicketStore, number: str) -> tuple[Standing | None, Asked | None]:
        """A ticket by its number; both or neither.

        Raises:
            Unavailable: what is kept is not what was asked.
        """
        standing, asked = self.log.standing().get(number), store.get(number)
        if standing is None or asked is None:
            return None, None
        if store.reference(asked) != standing.pseudonym:
            raise Unavailable("store-unavailable", file=store.path.name)
        return standing, asked

    def ask(
        self,
        asker: Asker,
        action: Action,
        standing: Standing | None,
        asked: Asked | None,
        store: TicketStore,
        *,
        orders: Sequence[PlannedLookUp] = (),
        reason: int | None = None,
        judged: Judged | None = None,
    ) -> Step:
        """Ask the policy about a step with a ticket, and record its answer."""
        facts, reference = NO_TICKET, ""
        if judged is not None:
            reason = len(judged.reason.strip())
        if standing is not None and asked is not None:
            reference = store.reference(asked)
            facts = Ticket(
                state=standing.state,
                requester=standing.requester,
                decided_by=standing.decided_by,
                emergency=standing.emergency,
                alert=standing.alert,
                verdict=judged.verdict if judged is not None else None,
                wish=len(judged.wish.strip()) if judged is not None else 0,
                wish_missing=len(judged.wish_missing.strip()) if judged is not None else 0,
                types=asked.types,
                hits=len(asked.hits),
                reason=len(asked.reason) if reason is None else reason,
                contact=len(asked.contact),
                until=standing.until,
                extensions=standing.extensions,
                granted_this_month=self._granted_this_month(asker),
                due=self.due(asker),
                look_ups=tuple(planned.order for planned in orders),
            )
        question = self.question(action, asker, facts, standing.purpose if standing is not None else None)
        intent = decide_look_ups(question, orders, grounds=self.grounds, dates=self._dates(orders))
        return Step(question=question, intent=intent, reference=reference, facts=facts)

    def _dates(self, orders: Sequence[PlannedLookUp]) -> Dates:
        """Of what day the holders say that their data and their sets are."""
        if not orders:
            return Dates()
        holders = self.holders()
        days = {
            (planned.order.dataset, name): holders[planned.department].set_as_of(name)
            for planned in orders
            for name in (*planned.order.leave_out, *planned.order.reduced)
        }
        return Dates(
            extracts={each.order.dataset: holders[each.department].as_of(each.order.dataset) for each in orders},
            sets={
                each.order.dataset: {
                    name: day for (dataset, name), day in days.items() if day and dataset == each.order.dataset
                }
                for each in orders
            },
        )

    def question(self, action: Action, asker: Asker, facts: Ticket, purpose: str | None) -> QueryRequest:
        """The question about a step."""
        return asker.request(action, zone=self.grounds.zone, purpose=purpose, ticket=facts, stopped=self.stopped())

    def orders(self, asked: Asked, number: str, asker: Asker, *, whole: bool = True) -> tuple[PlannedLookUp, ...]:
        """What the holders would be asked for; where a view is there already, whether the person may be shown."""
        cleared = asker.principal is not None and asker.principal.dv_cleared
        terms = self.view_terms(asker)
        return tuple(
            self._planned(part, asked, number, asker.now.date(), cleared=cleared, whole=whole)
            for part in (terms if whole else terms[:1])
        )

    def _planned(
        self, part: Mapping[str, Any], asked: Asked, number: str, today: date, *, cleared: bool, whole: bool
    ) -> PlannedLookUp:
        sets = self.grounds.guideline.tables["named_sets"]
        lifted = {name for name in part["reduced"] if cleared and sets[name].get("unless") == "dv_cleared"}
        leave_out = tuple(name for name in part["leave_out"] if name not in lifted)
        return PlannedLookUp(
            department=self.department(part["dataset"]),
            order=LookUpOrder(
                dataset=part["dataset"],
                pseudonym=UUID(asked.subject),
                pseudonyms=PseudonymSpace(domain=asked.domain, epoch=asked.epoch),
                columns=tuple(part["columns"]) if whole else (),
                among=part["among"],
                leave_out=leave_out,
                reduced={name: tuple(part["reduced"][name]) if whole else () for name in sorted(lifted)},
                alert=part["alert"] if part["alert"] in leave_out else None,
                ticket=number,
                as_of=today,
            ),
        )

    def look(self, orders: Sequence[PlannedLookUp], step: Step) -> tuple[CaseView | None, str | None]:
        """The register first; the others only where it has found somebody who may be shown whole."""
        holders = self.holders()
        values: dict[str, Mapping[str, Any]] = {}
        register, *others = orders
        found = holders[register.department].look_up(register.order, evidence_of(step.intent, 1))
        if found is None:
            return None, None
        values[register.order.dataset] = found.values
        for position, planned in enumerate(others if found.reduced is None else (), start=2):
            more = holders[planned.department].look_up(planned.order, evidence_of(step.intent, position))
            nothing = dict.fromkeys(planned.order.columns)
            values[planned.order.dataset] = more.values if more is not None else nothing
        return CaseView(values=values, reduced=found.reduced), found.subject

    def move(
        self,
        work_list: WorkList,
        candidate: Candidate,
        path: Sequence[State],
        step: Step,
        *,
        event: str,
        entries: Sequence[Mapping[str, Any]],
        note: str = "",
        strict: bool = True,
        ending: Ending | None = None,
        outcome: Outcome | None = None,
    ) -> None:
        """Write entries, and take the candidate along where it stands where the step expects it.

        Raises:
            BadInput: it does not stand there, and the step may not be taken without it (``strict``).
        """
        ledger, waiting = self.grounds.ledger, list(entries)
        if not strict and not (candidate.task is None and _leads(candidate.state, path)):
            ledger.append_all(waiting)
            return

        def record(after: Candidate) -> int:
            receipts = ledger.append_all([*waiting, self._candidate_entry(step, event, after)])
            waiting.clear()
            return receipts[-1].index

        by, at = step.principal.id, step.question.time.isoformat(timespec="seconds")
        for to in path:
            candidate = work_list.move(
                candidate, to=to, event=event, by=by, at=at, record=record, note=note,
                ending=ending if to == "closed" else None, outcome=outcome if to == "outcome" else None,
            )  # fmt: skip

    def entry(
        self,
        step: Step,
        event: str,
        number: str,
        *,
        until: date | None = None,
        subject: str | None = None,
        to: str | None = None,
    ) -> dict[str, Any]:
        """The entry of a ticket's step."""
        return {
            **self._common(step),
            "kind": "ticket",
            "event": event,
            "ticket": number,
            "pseudonym": step.reference,
            "subject": subject,
            "emergency": step.facts.emergency,
            "alert": step.facts.alert,
            "until": until.isoformat() if until is not None else None,
            "to": to,
        }

    def _candidate_entry(self, step: Step, event: str, after: Candidate) -> dict[str, Any]:
        moved = {"kind": "candidate", "event": event, "number": after.number, "state": after.state}
        return {**self._common(step), **moved}

    def _common(self, step: Step) -> dict[str, Any]:
        return {
            "v": 1,
            "time": step.question.time.isoformat(timespec="seconds"),
            "request": step.question.id,
            "principal": step.principal.id,
            "hat": step.principal.hats[0],
            "purpose": step.question.purpose,
            "recipient": None,
            "decision": step.intent.receipt.index,
            "guideline_version": self.grounds.guideline.version,
        }

    def _granted_this_month(self, asker: Asker) -> int:
        month = asker.now.date().replace(day=1)
        return sum(
            standing.granted_on is not None and standing.granted_on.replace(day=1) == month and standing.takes_a_place
            for standing in self.log.standing().values()
        )

    def decided_by(self, day: date, within: Mapping[str, Any]) -> date:
        """The last day for the decision on an emergency; the same day where the calendar does not reach so far."""
        calendar = calendars_of(self.grounds.guideline.tables["calendars"])[within["calendar"]]
        return calendar.open_day_after(day, within["days"]) or day

    def due(self, asker: Asker) -> tuple[date, ...]:
        """Last days for the decisions on the asker's emergencies that nobody has decided on."""
        asking = asker.principal.id if asker.principal is not None else None
        return tuple(
            standing.due
            for standing in self.log.standing().values()
            if standing.waits and standing.due is not None and standing.requester == asking
        )

    def erase_what_is_over(self, asker: Asker, store: TicketStore) -> None:
        """Erase the views whose last day is past, or whose ticket is no longer open."""
        standing, today = self.log.standing(), asker.now.date()
        for number in store.viewed():
            ticket = standing.get(number)
            if ticket is None or ticket.state != "open" or ticket.until is None or ticket.until < today:
                store.erase_view(number)

    def space(self, purpose: str) -> tuple[str, str]:
        """The pseudonymisation domain of a purpose, and its epoch."""
        tables = self.grounds.guideline.tables
        domain = tables["purposes"][purpose]["domain"]
        return domain, tables["domains"][domain]["epoch"]

    def terms(self, asker: Asker) -> Mapping[str, Any]:
        """What the guideline says of re-identification on the day."""
        terms: Mapping[str, Any] = self.grounds.guideline.parameters(asker.now.date()).get("reidentification", {})
        return terms

    def view_terms(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        """What it lists for a case view: the register first."""
        view: Sequence[Mapping[str, Any]] = self.terms(asker).get("view", ())
        return view

    def department(self, dataset: str) -> str:
        """The holder of a dataset."""
        return self.grounds.catalogue.dataset(dataset).department


def _leads(state: State, path: Sequence[State]) -> bool:
    """Whether the steps of a path can be taken from a state."""
    if not path:
        return False
    return path[0] in NEXT[state] and all(after in NEXT[before] for before, after in pairwise(path))
