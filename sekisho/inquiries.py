"""Sheets that ask another body about one identified person, and their answers (照会票, 第29条).

Whoever has the case view of a ticket sends a sheet to the body that the case itself names; it shows who is meant and
asks what the guideline lists, and nothing of what the criteria found. That body alone reads it, and answers once, until
its day. What a sheet and its answer say lies sealed with the ticket and goes with its view; the ledger has the steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from governance.calendars import calendars_of
from governance.errors import BadInput, Fault
from governance.inquiries import Inquiry, SheetState
from governance.look_ups import Value
from governance.tickets import Ticket
from query_broker.record import Intent
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, Grounds, decide_action, decide_look_ups, would_allow
from sekisho.broker import Broker
from sekisho.ticket_log import Standing
from sekisho.ticket_steps import NO_TICKET, Step, TicketSteps
from sekisho.ticket_store import Sheet, TicketStore
from sekisho.work_list import WorkList

LONGEST = 400
"""Characters of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetStanding:
    """How far a sheet has got, as the ledger has it.

    Attributes:
        ticket: its number, and the sheet's.
        sent_by: account of whoever sent it.
        sent_on: the day.
        due: last day for the answer.
    """

    ticket: str
    state: SheetState
    sent_by: str
    sent_on: date
    due: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A sheet as one of the two may see it: items by dataset, questions, and the answers once there are any."""

    standing: SheetStanding
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiries:
    """The sheets of one deployment."""

    grounds: Grounds
    steps: TicketSteps
    store: TicketStore
    work_list: WorkList

    @classmethod
    def of(cls, broker: Broker) -> Inquiries:
        """The sheets of the deployment that a broker has open."""
        tickets = broker.reidentification
        return cls(grounds=broker.grounds, steps=tickets.steps, store=tickets.store(), work_list=tickets.work_list())

    def questions(self, asker: Asker) -> Mapping[str, Mapping[str, str]]:
        """What may be asked: name → label in both languages."""
        found: Mapping[str, Mapping[str, str]] = self._terms(asker).get("questions", {})
        return found

    def send(self, asker: Asker, *, number: str, questions: tuple[str, ...]) -> SheetStanding:
        """Send a sheet about the person of a ticket to the body that its case view names.

        Raises:
            Denied: the policy refuses: another person's case, no view that counts, a sheet that waits, a question that
                is not listed, a protected person, a case that names no body.
            Unavailable: a part does not answer; nothing was sent.
        """
        self.steps.erase_what_is_over(asker, self.store)
        ticket, asked = self.steps.ticket(self.store, number)
        sheet = self._sheet(asker, number, questions)
        facts = self._facts(asker, number, ticket, sheet=sheet)
        question, intent = self._ask(asker, "inquiry.send", ticket, facts)
        if ticket is None or asked is None or sheet is None:
            raise Fault  # The policy has allowed what it must refuse.
        step, due = self._step(question, intent, ticket, number), self._due(asker)
        candidate = self.work_list.get(asked.candidate)
        entry = self.steps.entry(step, "inquired", number, until=due, subject=ticket.subject)
        # The text first: an entry that says "sent" with nothing to read would keep another sheet from being sent.
        self.store.keep_sheet(number, sheet)
        self.steps.move(
            self.work_list, candidate, ("consulted",), step, event="consulted", entries=[entry], strict=False
        )
        return SheetStanding(ticket=number, state="sent", sent_by=step.principal.id, sent_on=asker.now.date(), due=due)

    def list(self, asker: Asker) -> tuple[SheetStanding, ...]:
        """The sheets that one has sent, and those that wait for one's own body, oldest first.

        Raises:
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        self.steps.erase_what_is_over(asker, self.store)
        decide_action(asker.request("inquiry.list", zone=self.grounds.zone), None, grounds=self.grounds)
        tickets = self.steps.log.standing()
        return tuple(
            each
            for number, each in self.standing().items()
            if would_allow(
                asker.request(
                    "inquiry.read",
                    zone=self.grounds.zone,
                    inquiry=self._facts(asker, number, tickets.get(number), sheet=self.store.sheet(number)),
                ),
                None,
                grounds=self.grounds,
            )
        )

    def read(self, asker: Asker, *, number: str) -> Read:
        """A sheet, and its answers once there are any.

        Raises:
            Denied: the policy refuses: neither who sent it nor the body that is asked, answered or past its day.
            Unavailable: a part does not answer.
        """
        return self._read(asker, "inquiry.read", number)[1]

    def answer(self, asker: Asker, *, number: str, answers: Mapping[str, str]) -> SheetStanding:
        """Answer a sheet: every question of it, in one go.

        Raises:
            BadInput: a question is missing or not asked, or a text is empty or too long.
            Denied: the policy refuses: another body's sheet, answered already, past its day.
            Unavailable: a part does not answer; nothing was changed.
        """
        step, found = self._read(asker, "inquiry.answer", number)
        texts = {name: text.strip() for name, text in answers.items()}
        if texts.keys() != set(found.sheet.questions):
            raise BadInput("inquiry-answers", questions=", ".join(found.sheet.questions))
        if not all(texts.values()) or max(map(len, texts.values())) > LONGEST:
            raise BadInput("inquiry-text", longest=LONGEST)
        standing = self.steps.log.standing()[number]
        self.store.keep_sheet(number, found.sheet.answered(texts))
        entry = self.steps.entry(step, "inquiry_answered", number, subject=standing.subject)
        self.grounds.ledger.append_all([entry])
        sheet = found.standing
        return SheetStanding(
            ticket=number, state="answered", sent_by=sheet.sent_by, sent_on=sheet.sent_on, due=sheet.due
        )

    def standing(self) -> Mapping[str, SheetStanding]:
        """The newest sheet of each ticket, oldest ticket first; nobody is asked."""
        found: dict[str, SheetStanding] = {}
        for entry in self.grounds.ledger.of_kind("ticket"):
            document = entry.document
            number, event = document["ticket"], document["event"]
            if event == "inquired":
                found[number] = SheetStanding(
                    ticket=number,
                    state="sent",
                    sent_by=document["principal"],
                    sent_on=date.fromisoformat(document["time"][:10]),
                    due=date.fromisoformat(document["until"]),
                )
            elif event == "inquiry_answered" and number in found:
                sent = found[number]
                found[number] = SheetStanding(
                    ticket=number, state="answered", sent_by=sent.sent_by, sent_on=sent.sent_on, due=sent.due
                )
        return found

    def _read(self, asker: Asker, action: Action, number: str) -> tuple[Step, Read]:
        self.steps.erase_what_is_over(asker, self.store)
        ticket, _ = self.steps.ticket(self.store, number)
        sheet, standing = self.store.sheet(number), self.standing().get(number)
        question, intent = self._ask(asker, action, ticket, self._facts(asker, number, ticket, sheet=sheet))
        if ticket is None or sheet is None or standing is None:
            raise Fault
        step = self._step(question, intent, ticket, number)
        if action == "inquiry.read":
            entry = self.steps.entry(step, "inquiry_read", number, subject=ticket.subject)
            self.grounds.ledger.append_all([entry])
        return step, Read(standing=standing, sheet=sheet)

    def _ask(
        self, asker: Asker, action: Action, ticket: Standing | None, facts: Inquiry
    ) -> tuple[QueryRequest, Intent]:
        purpose = ticket.purpose if ticket is not None else None
        question = asker.request(
            action, zone=self.grounds.zone, purpose=purpose, inquiry=facts, stopped=self.steps.stopped()
        )
        return question, decide_look_ups(question, (), grounds=self.grounds)

    def _step(self, question: QueryRequest, intent: Intent, ticket: Standing, number: str) -> Step:
        _, asked = self.steps.ticket(self.store, number)
        if asked is None:
            raise Fault
        return Step(
            question=question,
            intent=intent,
            reference=self.store.reference(asked),
            facts=_of_ticket(ticket),
        )

    def _sheet(self, asker: Asker, number: str, questions: tuple[str, ...]) -> Sheet | None:
        """What would be sent: the listed items of the view, as it is kept."""
        view, terms = self.store.view(number), self._terms(asker)
        if view is None or terms.get("addressee") is None:
            return None
        to = terms["addressee"]
        addressee = view.values.get(to["dataset"], {}).get(to["column"])
        items: dict[str, dict[str, Value]] = {
            dataset: {name: view.values[dataset].get(name) for name in columns}
            for dataset, columns in terms["items"].items()
            if dataset in view.values
        }
        return Sheet(
            addressee=str(addressee) if addressee is not None else None,
            items=items,
            questions=questions,
            answers={},
            protected=view.reduced is not None,
        )

    def _facts(self, asker: Asker, number: str, ticket: Standing | None, *, sheet: Sheet | None) -> Inquiry:
        standing = self.standing().get(number)
        unit = asker.principal.unit if asker.principal is not None else None
        addressee = sheet.addressee if sheet is not None else None
        return Inquiry(
            state=standing.state if standing is not None else "new",
            holder=ticket.requester if ticket is not None else None,
            open=_counts(ticket, asker.now.date()),
            protected=sheet is None or sheet.protected,
            items={dataset: tuple(values) for dataset, values in sheet.items.items()} if sheet is not None else {},
            questions=tuple(name if name in self.questions(asker) else "other" for name in sheet.questions)
            if sheet is not None
            else (),
            addressee=self.store.body_reference(addressee) if addressee is not None else None,
            reader=self.store.body_reference(unit) if unit is not None else None,
            due=standing.due if standing is not None else None,
        )

    def _due(self, asker: Asker) -> date:
        within, today = self._terms(asker)["answer_within"], asker.now.date()
        calendar = calendars_of(self.grounds.guideline.tables["calendars"])[within["calendar"]]
        return calendar.open_day_after(today, within["days"]) or today

    def _terms(self, asker: Asker) -> Mapping[str, Any]:
        terms: Mapping[str, Any] = self.grounds.guideline.parameters(asker.now.date()).get("inquiries", {})
        return terms


def _counts(ticket: Standing | None, today: date) -> bool:
    return ticket is not None and ticket.state == "open" and ticket.until is not None and ticket.until >= today


def _of_ticket(ticket: Standing) -> Ticket:
    return replace(NO_TICKET, state=ticket.state, emergency=ticket.emergency, alert=ticket.alert)
