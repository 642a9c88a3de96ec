"""Controlled re-identification: one person at a time, asked for, decided by another, resolved by the register's holder.

Each step is one question to the policy and one entry of the ledger; how far a ticket has got stands there alone
(`sekisho.ticket_log`). The pseudonym goes to the holder with the proof of the decision, and comes back as the items
that the guideline lists, or as nothing: for somebody whom the register does not know, for a protected and for a
suspended person alike (第13条・第15条・第28条). The view is kept sealed until its last day, and before each look the
holder is asked again whether the person may still be shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal, Protocol
from uuid import UUID

from connectors.evidence import Evidence
from governance.calendars import calendars_of
from governance.dates import fiscal_year
from governance.decisions import PseudonymSpace
from governance.errors import BadInput, Fault, Unavailable
from governance.look_ups import Found, LookUpOrder
from governance.principals import Principal
from governance.tickets import Ticket
from query_broker.look_ups import PlannedLookUp, evidence_of
from query_broker.record import Intent
from query_broker.request import QueryRequest
from risk.candidates import NEXT, Candidate, Ending, Outcome, State, Verdict
from sekisho.actions import Action, Asker, Dates, Grounds, decide_action, decide_look_ups
from sekisho.ticket_log import Standing, TicketLog
from sekisho.ticket_store import Asked, CaseView, TicketStore
from sekisho.work_list import WorkList

_EMPTY = Ticket(
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
class Listed:
    """A ticket as a list shows it.

    Attributes:
        standing: how far it has got.
        asked: its texts, for whoever asked and whoever decides.
    """

    standing: Standing
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A case view, and until when it counts."""

    view: CaseView
    until: date


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
class Reidentification:
    """The tickets of one deployment.

    Attributes:
        work_list: opens the list of candidates.
        store: opens what is kept of tickets.
        holders: opens the departments.
        stopped: whether all releases are stopped.
    """

    grounds: Grounds
    work_list: Callable[[], WorkList]
    store: Callable[[], TicketStore]
    holders: Callable[[], Mapping[str, Holder]]
    stopped: Callable[[], bool]
    log: TicketLog = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "log", TicketLog(self.grounds.ledger))

    def request(
        self, asker: Asker, *, candidate: str, purpose: str | None, reason: str, contact: str, emergency: bool = False
    ) -> str:
        """Ask for one candidate of the work list to be identified; the ticket's number.

        Args:
            candidate: the candidate's number. A pseudonym is nothing that can be handed in.
            purpose: the type for which the candidate was found; needed where there are several.
            reason: why.
            contact: what contact is planned.
            emergency: life or body is in danger: carried out at once, decided afterwards.

        Raises:
            BadInput: the candidate is not where it has to be in the procedure.
            Denied: the policy refuses; a candidate that there is not is refused like any other.
            Unavailable: a part does not answer.
        """
        work_list, store = self.work_list(), self.store()
        self._erase_what_is_over(asker, store)
        found = _visible(work_list, candidate, asker.principal)
        types = _types(found)
        if purpose is None and len(types) == 1:
            (purpose,) = types
        of_type = found.found.get(purpose) if found is not None and purpose is not None else None
        hits = of_type.hits if of_type is not None else ()
        facts = replace(
            _EMPTY, state="new", emergency=emergency, alert=found is not None and found.alert, types=types,
            hits=len(hits), reason=len(reason.strip()), contact=len(contact.strip()), due=self._due(asker),
        )  # fmt: skip
        question = self._question("reidentify.request", asker, facts, purpose)
        intent = decide_look_ups(question, (), grounds=self.grounds)
        if found is None or purpose is None:
            raise Fault  # The policy has allowed what it must refuse.
        domain, epoch = self._space(purpose)
        asked = Asked(
            candidate=found.number, subject=str(found.subject), domain=domain, epoch=epoch, types=types, hits=hits,
            reason=reason.strip(), contact=contact.strip(),
        )  # fmt: skip
        step = _Step(question=question, intent=intent, reference=store.reference(asked), facts=facts)
        today, terms = asker.now.date(), self._terms(asker)
        due = self._decided_by(today, terms["emergency_within"]) if emergency else None
        # Whoever asks has looked at what was found, and says why: that is the review at the desk.
        reviewed: tuple[State, ...] = ("desk_review",) if found.state == "candidate" else ()
        path: tuple[State, ...] = (*reviewed, "reid_requested")

        def record(number: str) -> None:
            entries = [self._entry(step, "requested", number, until=due)]
            if emergency:
                entries += [self._entry(step, "alerted", number, to=role) for role in terms["told"]]
            self._move(work_list, found, path, step, event="reid_requested", note=reason.strip(), entries=entries)

        return store.add(asked, fiscal_year=fiscal_year(today), record=record)

    def grant(self, asker: Asker, *, number: str) -> None:
        """Decide that a ticket may be carried out, or that an emergency was right.

        Raises:
            Denied: the policy refuses: whoever asked, another post, the number of the month, another state.
            Unavailable: a part does not answer.
        """
        self._decide(asker, "reidentify.grant", "granted", number)

    def reject(self, asker: Asker, *, number: str) -> None:
        """Decide that a ticket may not be carried out; the view of an emergency is erased.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        self._decide(asker, "reidentify.reject", "rejected", number)

    def run(self, asker: Asker, *, number: str) -> Opened | None:
        """Have the register's holder resolve the pseudonym of a ticket; ``None`` where there is nobody to be shown.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer; the ticket stands as before.
        """
        store = self.store()
        self._erase_what_is_over(asker, store)
        standing, asked = self._ticket(store, number)
        orders = self._orders(asked, number, asker) if asked is not None else ()
        step = self._asked(asker, "reidentify.run", standing, asked, store, orders=orders)
        if standing is None or asked is None:
            raise Fault
        view, subject = self._look(orders, step)
        work_list = self.work_list()
        candidate = work_list.get(asked.candidate)
        if view is None:
            self._move(
                work_list, candidate, ("desk_review",), step, event="reid_nobody", strict=False,
                entries=[self._entry(step, "nothing", number)],
            )  # fmt: skip
            return None
        until = asker.now.date() + timedelta(days=self._terms(asker)["view_days"])
        path: tuple[State, ...] = (
            ("case_open",) if candidate.state == "reid_approved" else ("reid_approved", "case_open")
        )
        opened = self._entry(step, "opened", number, until=until, subject=subject)
        self._move(work_list, candidate, path, step, event="case_open", strict=False, entries=[opened])
        store.keep_view(number, view)
        return Opened(view=view, until=until)

    def show(self, asker: Asker, *, number: str) -> Opened | None:
        """A case view, once its holder has said that the person may still be shown; ``None`` where not, from then on.

        Raises:
            Denied: the policy refuses: another person, a view that is over.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self._erase_what_is_over(asker, store)
        standing, asked = self._ticket(store, number)
        orders = self._orders(asked, number, asker, whole=False) if asked is not None else ()
        step = self._asked(asker, "reidentify.show", standing, asked, store, orders=orders)
        if standing is None or asked is None or standing.until is None:
            raise Fault
        holder = self.holders()[orders[0].department]
        found = holder.look_up(orders[0].order, evidence_of(step.intent, 1))
        kept = store.view(number)
        if found is None or kept is None:
            store.erase_view(number)
            self.grounds.ledger.append_all([self._entry(step, "nothing", number, subject=standing.subject)])
            return None
        if found.reduced is not None and kept.reduced is None:
            # Protected since it was opened: what may not be shown is not kept either.
            dataset = orders[0].order.dataset
            names = self._view_terms(asker)[0]["reduced"][found.reduced]
            kept = CaseView(
                values={dataset: {name: kept.values[dataset].get(name) for name in names}}, reduced=found.reduced
            )
            store.erase_view(number)
            store.keep_view(number, kept)
        self.grounds.ledger.append_all([self._entry(step, "looked", number, subject=standing.subject)])
        return Opened(view=kept, until=standing.until)

    def extend(self, asker: Asker, *, number: str, reason: str) -> date:
        """Let a view count for as long again, from today; its new last day. Decided by another person, with a reason.

        Raises:
            Denied: the policy refuses: whoever asked, too often, a view that is over.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self._erase_what_is_over(asker, store)
        standing, asked = self._ticket(store, number)
        step = self._asked(asker, "reidentify.extend", standing, asked, store, reason=len(reason.strip()))
        if standing is None:
            raise Fault
        until = asker.now.date() + timedelta(days=self._terms(asker)["view_days"])
        entry = self._entry(step, "extended", number, until=until, subject=standing.subject)
        self.grounds.ledger.append_all([entry])
        return until

    def close(self, asker: Asker, *, number: str, judged: Judged | None = None) -> None:
        """End a ticket: its view is erased. One that was carried out ends with the judgement of a person.

        Raises:
            BadInput: the candidate is not where it can be judged.
            Denied: the policy refuses: no verdict, no reason, nobody heard.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self._erase_what_is_over(asker, store)
        standing, asked = self._ticket(store, number)
        step = self._asked(asker, "reidentify.close", standing, asked, store, judged=judged or Judged())
        if standing is None or asked is None:
            raise Fault
        work_list = self.work_list()
        candidate = work_list.get(asked.candidate)
        ended = self._entry(step, "closed", number, subject=standing.subject)
        if standing.state != "open" or judged is None or judged.verdict is None:
            self._move(work_list, candidate, ("desk_review",), step, event="reid_closed", entries=[ended], strict=False)
        else:
            outcome = Outcome(
                verdict=judged.verdict,
                reason=judged.reason.strip(),
                wish=judged.wish.strip() or None,
                wish_missing=judged.wish_missing.strip() or None,
                by=step.principal.id,
                at=step.question.time.isoformat(timespec="seconds"),
            )
            self._move(
                work_list, candidate, ("outcome", "closed"), step, event="judged", entries=[ended],
                note=outcome.reason, ending="assessed", outcome=outcome,
            )  # fmt: skip
        store.erase_view(number)

    def tickets(self, asker: Asker) -> tuple[Listed, ...]:
        """Tickets, oldest first: one's own, and for whoever decides all that others have asked for.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self._erase_what_is_over(asker, store)
        decide_action(asker.request("reidentify.read", zone=self.grounds.zone), None, grounds=self.grounds)
        principal = asker.principal
        if principal is None:
            raise Fault
        decides = principal.post in (self._terms(asker).get("decided_by", ()))
        return tuple(
            Listed(standing=standing, asked=asked)
            for standing in self.log.standing().values()
            if (decides or standing.requester == principal.id) and (asked := store.get(standing.number)) is not None
        )

    def alerts(self, asker: Asker) -> tuple[Listed, ...]:
        """Tickets with which a protected person was asked for, for cleared staff alone.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        decide_action(asker.request("reidentify.alerts", zone=self.grounds.zone), None, grounds=self.grounds)
        register = self._view_terms(asker)[:1]
        numbers = self.holders()[self._department(register[0]["dataset"])].alerts() if register else ()
        store, standing = self.store(), self.log.standing()
        return tuple(
            Listed(standing=standing[number], asked=asked)
            for number in numbers
            if number in standing and (asked := store.get(number)) is not None
        )

    def _decide(self, asker: Asker, action: Action, event: Literal["granted", "rejected"], number: str) -> None:
        store = self.store()
        self._erase_what_is_over(asker, store)
        standing, asked = self._ticket(store, number)
        step = self._asked(asker, action, standing, asked, store)
        if standing is None or asked is None:
            raise Fault
        until = None
        if event == "granted" and standing.state == "requested" and not standing.emergency:
            until = asker.now.date() + timedelta(days=self._terms(asker)["grant_days"])
        work_list = self.work_list()
        candidate = work_list.get(asked.candidate)
        entry = self._entry(step, event, number, until=until, subject=standing.subject)
        if event == "rejected":
            store.erase_view(number)
        waits = standing.state == "requested"
        to: State = "reid_approved" if event == "granted" else "desk_review"
        self._move(
            work_list, candidate, (to,) if waits else (), step, event=f"reid_{event}", entries=[entry], strict=False
        )

    def _ticket(self, store: TicketStore, number: str) -> tuple[Standing | None, Asked | None]:
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

    def _asked(
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
    ) -> _Step:
        """Ask the policy about a step with a ticket, and record its answer."""
        facts, reference = _EMPTY, ""
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
                due=self._due(asker),
                look_ups=tuple(planned.order for planned in orders),
            )
        question = self._question(action, asker, facts, standing.purpose if standing is not None else None)
        intent = decide_look_ups(question, orders, grounds=self.grounds, dates=self._dates(orders))
        return _Step(question=question, intent=intent, reference=reference, facts=facts)

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

    def _question(self, action: Action, asker: Asker, facts: Ticket, purpose: str | None) -> QueryRequest:
        return asker.request(action, zone=self.grounds.zone, purpose=purpose, ticket=facts, stopped=self.stopped())

    def _orders(self, asked: Asked, number: str, asker: Asker, *, whole: bool = True) -> tuple[PlannedLookUp, ...]:
        """What the holders would be asked for; where a view is there already, whether the person may be shown."""
        cleared = asker.principal is not None and asker.principal.dv_cleared
        terms = self._view_terms(asker)
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
            department=self._department(part["dataset"]),
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

    def _look(self, orders: Sequence[PlannedLookUp], step: _Step) -> tuple[CaseView | None, str | None]:
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

    def _move(
        self,
        work_list: WorkList,
        candidate: Candidate,
        path: Sequence[State],
        step: _Step,
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

    def _entry(
        self,
        step: _Step,
        event: str,
        number: str,
        *,
        until: date | None = None,
        subject: str | None = None,
        to: str | None = None,
    ) -> dict[str, Any]:
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

    def _candidate_entry(self, step: _Step, event: str, after: Candidate) -> dict[str, Any]:
        moved = {"kind": "candidate", "event": event, "number": after.number, "state": after.state}
        return {**self._common(step), **moved}

    def _common(self, step: _Step) -> dict[str, Any]:
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

    def _decided_by(self, day: date, within: Mapping[str, Any]) -> date:
        """The last day for the decision on an emergency; the same day where the calendar does not reach so far."""
        calendar = calendars_of(self.grounds.guideline.tables["calendars"])[within["calendar"]]
        return calendar.open_day_after(day, within["days"]) or day

    def _due(self, asker: Asker) -> tuple[date, ...]:
        """Last days for the decisions on the asker's emergencies that nobody has decided on."""
        asking = asker.principal.id if asker.principal is not None else None
        return tuple(
            standing.due
            for standing in self.log.standing().values()
            if standing.waits and standing.due is not None and standing.requester == asking
        )

    def _erase_what_is_over(self, asker: Asker, store: TicketStore) -> None:
        standing, today = self.log.standing(), asker.now.date()
        for number in store.viewed():
            ticket = standing.get(number)
            if ticket is None or ticket.state != "open" or ticket.until is None or ticket.until < today:
                store.erase_view(number)

    def _space(self, purpose: str) -> tuple[str, str]:
        tables = self.grounds.guideline.tables
        domain = tables["purposes"][purpose]["domain"]
        return domain, tables["domains"][domain]["epoch"]

    def _terms(self, asker: Asker) -> Mapping[str, Any]:
        terms: Mapping[str, Any] = self.grounds.guideline.parameters(asker.now.date()).get("reidentification", {})
        return terms

    def _view_terms(self, asker: Asker) -> Sequence[Mapping[str, Any]]:
        view: Sequence[Mapping[str, Any]] = self._terms(asker).get("view", ())
        return view

    def _department(self, dataset: str) -> str:
        return self.grounds.catalogue.dataset(dataset).department


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
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


def _visible(work_list: WorkList, number: str, principal: Principal | None) -> Candidate | None:
    """A candidate whom the asker may know of; one whom only cleared staff may is nobody to others."""
    try:
        candidate = work_list.get(number)
    except BadInput:
        return None
    return candidate if not candidate.protected or (principal is not None and principal.dv_cleared) else None


def _types(candidate: Candidate | None) -> tuple[str, ...]:
    """Purposes for which the criteria found the candidate; whoever is helped already is known by name."""
    found = candidate.found if candidate is not None else {}
    return tuple(purpose for purpose, each in found.items() if each.hits and not each.supported)


def _leads(state: State, path: Sequence[State]) -> bool:
    """Whether the steps of a path can be taken from a state."""
    if not path:
        return False
    return path[0] in NEXT[state] and all(after in NEXT[before] for before, after in pairwise(path))
