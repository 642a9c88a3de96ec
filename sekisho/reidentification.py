"""Controlled re-identification: one person at a time, asked for, decided by another, resolved by the register's holder.

Each step is one question to the policy and one entry of the ledger; how far a ticket has got stands there alone
(`sekisho.ticket_log`). The pseudonym goes to the holder with the proof of the decision, and comes back as the items
that the guideline lists, or as nothing: for somebody whom the register does not know, for a protected and for a
suspended person alike (第13条・第15条・第28条). The view is kept sealed until its last day, and before each look the
holder is asked again whether the person may still be shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from governance.dates import fiscal_year
from governance.errors import BadInput, Fault
from query_broker.look_ups import evidence_of
from risk.candidates import Candidate, Outcome, State
from sekisho.actions import Action, Asker, Grounds, decide_action, decide_look_ups, would_allow
from sekisho.capacities import Capacities, is_shown
from sekisho.ticket_log import Standing
from sekisho.ticket_steps import NO_TICKET, Judged, Step, TicketSteps
from sekisho.ticket_store import Asked, CaseView, TicketStore
from sekisho.work_list import WorkList


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
class Reidentification:
    """The tickets of one deployment.

    Attributes:
        work_list: opens the list of candidates.
        store: opens what is kept of tickets.
        steps: ask and enter.
    """

    grounds: Grounds
    work_list: Callable[[], WorkList]
    store: Callable[[], TicketStore]
    steps: TicketSteps

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
        self.steps.erase_what_is_over(asker, store)
        found = self._visible(work_list, candidate, asker)
        types = _types(found)
        if purpose is None and len(types) == 1:
            (purpose,) = types
        of_type = found.found.get(purpose) if found is not None and purpose is not None else None
        hits = of_type.hits if of_type is not None else ()
        facts = replace(
            NO_TICKET, state="new", emergency=emergency, alert=found is not None and found.alert, types=types,
            hits=len(hits), reason=len(reason.strip()), contact=len(contact.strip()), due=self.steps.due(asker),
        )  # fmt: skip
        question = self.steps.question("reidentify.request", asker, facts, purpose)
        intent = decide_look_ups(question, (), grounds=self.grounds)
        if found is None or purpose is None:
            raise Fault  # The policy has allowed what it must refuse.
        capacities = Capacities(grounds=self.grounds, work_list=self.work_list)
        if not emergency and not is_shown(found, shown=capacities.shown(asker)):
            capacities.refuse_unapproved(asker, found)
        domain, epoch = self.steps.space(purpose)
        asked = Asked(
            candidate=found.number, subject=str(found.subject), domain=domain, epoch=epoch, types=types, hits=hits,
            reason=reason.strip(), contact=contact.strip(),
        )  # fmt: skip
        step = Step(question=question, intent=intent, reference=store.reference(asked), facts=facts)
        today, terms = asker.now.date(), self.steps.terms(asker)
        due = self.steps.decided_by(today, terms["emergency_within"]) if emergency else None
        # Whoever asks has looked at what was found, and says why: that is the review at the desk.
        reviewed: tuple[State, ...] = ("desk_review",) if found.state == "candidate" else ()
        path: tuple[State, ...] = (*reviewed, "reid_requested")

        def record(number: str) -> None:
            entries = [self.steps.entry(step, "requested", number, until=due)]
            if emergency:
                entries += [self.steps.entry(step, "alerted", number, to=role) for role in terms["told"]]
            self.steps.move(work_list, found, path, step, event="reid_requested", note=reason.strip(), entries=entries)

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
            Denied: the policy refuses, or nobody has approved the capacity of the candidate's cycle.
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
        self.steps.erase_what_is_over(asker, store)
        standing, asked = self.steps.ticket(store, number)
        orders = self.steps.orders(asked, number, asker) if asked is not None else ()
        step = self.steps.ask(asker, "reidentify.run", standing, asked, store, orders=orders)
        if standing is None or asked is None:
            raise Fault
        view, subject = self.steps.look(orders, step)
        work_list = self.work_list()
        candidate = work_list.get(asked.candidate)
        if view is None:
            self.steps.move(
                work_list, candidate, ("desk_review",), step, event="reid_nobody", strict=False,
                entries=[self.steps.entry(step, "nothing", number)],
            )  # fmt: skip
            return None
        until = asker.now.date() + timedelta(days=self.steps.terms(asker)["view_days"])
        path: tuple[State, ...] = (
            ("case_open",) if candidate.state == "reid_approved" else ("reid_approved", "case_open")
        )
        opened = self.steps.entry(step, "opened", number, until=until, subject=subject)
        self.steps.move(work_list, candidate, path, step, event="case_open", strict=False, entries=[opened])
        store.keep_view(number, view)
        return Opened(view=view, until=until)

    def show(self, asker: Asker, *, number: str) -> Opened | None:
        """A case view, once its holder has said that the person may still be shown; ``None`` where not, from then on.

        Raises:
            Denied: the policy refuses: another person, a view that is over.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self.steps.erase_what_is_over(asker, store)
        standing, asked = self.steps.ticket(store, number)
        orders = self.steps.orders(asked, number, asker, whole=False) if asked is not None else ()
        step = self.steps.ask(asker, "reidentify.show", standing, asked, store, orders=orders)
        if standing is None or asked is None or standing.until is None:
            raise Fault
        holder = self.steps.holders()[orders[0].department]
        found = holder.look_up(orders[0].order, evidence_of(step.intent, 1))
        kept = store.view(number)
        if found is None or kept is None:
            store.erase_view(number)
            self.grounds.ledger.append_all([self.steps.entry(step, "nothing", number, subject=standing.subject)])
            return None
        if found.reduced is not None and kept.reduced is None:
            # Protected since it was opened: what may not be shown is not kept either.
            dataset = orders[0].order.dataset
            names = self.steps.view_terms(asker)[0]["reduced"][found.reduced]
            kept = CaseView(
                values={dataset: {name: kept.values[dataset].get(name) for name in names}}, reduced=found.reduced
            )
            store.erase_view(number)
            store.keep_view(number, kept)
        self.grounds.ledger.append_all([self.steps.entry(step, "looked", number, subject=standing.subject)])
        return Opened(view=kept, until=standing.until)

    def extend(self, asker: Asker, *, number: str, reason: str) -> date:
        """Let a view count for as long again, from today; its new last day. Decided by another person, with a reason.

        Raises:
            Denied: the policy refuses: whoever asked, too often, a view that is over.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self.steps.erase_what_is_over(asker, store)
        standing, asked = self.steps.ticket(store, number)
        step = self.steps.ask(asker, "reidentify.extend", standing, asked, store, reason=len(reason.strip()))
        if standing is None:
            raise Fault
        until = asker.now.date() + timedelta(days=self.steps.terms(asker)["view_days"])
        entry = self.steps.entry(step, "extended", number, until=until, subject=standing.subject)
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
        self.steps.erase_what_is_over(asker, store)
        standing, asked = self.steps.ticket(store, number)
        step = self.steps.ask(asker, "reidentify.close", standing, asked, store, judged=judged or Judged())
        if standing is None or asked is None:
            raise Fault
        work_list = self.work_list()
        candidate = work_list.get(asked.candidate)
        ended = self.steps.entry(step, "closed", number, subject=standing.subject)
        if standing.state != "open" or judged is None or judged.verdict is None:
            self.steps.move(
                work_list, candidate, ("desk_review",), step, event="reid_closed", entries=[ended], strict=False
            )
        else:
            outcome = Outcome(
                verdict=judged.verdict,
                reason=judged.reason.strip(),
                wish=judged.wish.strip() or None,
                wish_missing=judged.wish_missing.strip() or None,
                by=step.principal.id,
                at=step.question.time.isoformat(timespec="seconds"),
            )
            self.steps.move(
                work_list, candidate, ("outcome", "closed"), step, event="judged", entries=[ended],
                note=outcome.reason, ending="assessed", outcome=outcome,
            )  # fmt: skip
        store.erase_view(number)

    def holder_of(self, candidate: str) -> str | None:
        """Account of whoever has the case view of a candidate; ``None`` where nobody has. Nobody is asked."""
        store = self.store()
        for standing in self.steps.log.standing().values():
            if standing.state == "open":
                asked = store.get(standing.number)
                if asked is not None and asked.candidate == candidate:
                    return standing.requester
        return None

    def tickets(self, asker: Asker) -> tuple[Listed, ...]:
        """Tickets, oldest first: one's own, and to whom the policy shows them, all that others have asked for.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        store = self.store()
        self.steps.erase_what_is_over(asker, store)
        everybodys = self._would_allow(asker, "reidentify.read_all")
        action: Action = "reidentify.read_all" if everybodys else "reidentify.read"
        decide_action(asker.request(action, zone=self.grounds.zone), None, grounds=self.grounds)
        principal = asker.principal
        if principal is None:
            raise Fault
        return tuple(
            Listed(standing=standing, asked=asked)
            for standing in self.steps.log.standing().values()
            if (everybodys or standing.requester == principal.id) and (asked := store.get(standing.number)) is not None
        )

    def alerts(self, asker: Asker) -> tuple[Listed, ...]:
        """Tickets with which a protected person was asked for, for cleared staff alone.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        decide_action(asker.request("reidentify.alerts", zone=self.grounds.zone), None, grounds=self.grounds)
        register = self.steps.view_terms(asker)[:1]
        numbers = self.steps.holders()[self.steps.department(register[0]["dataset"])].alerts() if register else ()
        store, standing = self.store(), self.steps.log.standing()
        return tuple(
            Listed(standing=standing[number], asked=asked)
            for number in numbers
            if number in standing and (asked := store.get(number)) is not None
        )

    def _visible(self, work_list: WorkList, number: str, asker: Asker) -> Candidate | None:
        """A candidate of whom the policy lets the asker know; one who is protected is nobody to everybody else."""
        # Asked before anybody looks, so that the answer takes as long for whoever there is.
        protected_too = self._would_allow(asker, "risk.read_protected")
        try:
            candidate = work_list.get(number)
        except BadInput:
            return None
        return candidate if protected_too or not candidate.protected else None

    def _would_allow(self, asker: Asker, action: Action) -> bool:
        """Whether the policy would let the asker see what an action shows. Nothing is recorded."""
        return would_allow(asker.request(action, zone=self.grounds.zone), None, grounds=self.grounds)

    def _decide(self, asker: Asker, action: Action, event: Literal["granted", "rejected"], number: str) -> None:
        store = self.store()
        self.steps.erase_what_is_over(asker, store)
        standing, asked = self.steps.ticket(store, number)
        step = self.steps.ask(asker, action, standing, asked, store)
        if standing is None or asked is None:
            raise Fault
        until = None
        if event == "granted" and standing.state == "requested" and not standing.emergency:
            until = asker.now.date() + timedelta(days=self.steps.terms(asker)["grant_days"])
        work_list = self.work_list()
        candidate = work_list.get(asked.candidate)
        entry = self.steps.entry(step, event, number, until=until, subject=standing.subject)
        if event == "rejected":
            store.erase_view(number)
        waits = standing.state == "requested"
        to: State = "reid_approved" if event == "granted" else "desk_review"
        self.steps.move(
            work_list, candidate, (to,) if waits else (), step, event=f"reid_{event}", entries=[entry], strict=False
        )


def _types(candidate: Candidate | None) -> tuple[str, ...]:
    """Purposes for which the criteria found the candidate; whoever is helped already is known by name."""
    found = candidate.found if candidate is not None else {}
    return tuple(purpose for purpose, each in found.items() if each.hits and not each.supported)
