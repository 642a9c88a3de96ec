"""Requests of persons (第28条): disclosure, correction, suspension; of the person or of a representative.

One route for all of them: taken at the desk, seen by cleared staff who ask whether an answer could do harm, decided by
a third person, answered on one day in one wording. The desk asks no department anything, and no entry says what the
review found, so that neither the receipt nor the time nor the ledger tells whether there is a record. A request is
known by its document's number and a keyed reference of the person; whoever needs the person's number brings it along.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, Literal

from audit.entry import Entry, entry_time
from connectors.department import LocalDepartment
from governance.errors import BadInput, Fault, SekishoError
from governance.matters import Matter
from governance.registrations import Registration
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, Grounds, decide_action
from sekisho.numbered_entries import EntriesOfKind, check_number
from sekisho.subject_uses import SubjectUse

Right = Literal["disclosure", "correction", "suspension"]
By = Literal["self", "representative"]
Event = Literal["received", "extended", "reviewed", "decided", "answered", "corrected"]
Outcome = Literal["granted", "partly", "refused"]
Found = Literal["yes", "no", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRequest:
    """A request as the ledger has it.

    Attributes:
        reference: of the person.
        due: last day for the decision, and the day from which it is answered.
        received_by: account of the desk.
        ledger_index: the entry that began it.
        reviewed_by: ``None`` before the review.
        outcome: ``None`` before the decision.
        affected: releases that a corrected holder's data of the person went into.
    """

    number: str
    reference: str
    right: Right
    by: By
    received_on: date
    received_by: str
    ledger_index: int
    due: date
    extended: bool = False
    reviewed_by: str | None = None
    outcome: Outcome | None = None
    answered: bool = False
    affected: tuple[int, ...] = ()
    corrected_by: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether something is still to be done."""
        return not self.answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """What the legal review looks at; shown to cleared staff alone, and written down nowhere.

    Attributes:
        found: whether the person is in one of the sets that the guideline names. Where a department cannot say, or its
            data are old, that is not known.
        careful: whether the answer has to rest on not saying what is on record: a representative, and not surely no.
    """

    request: SubjectRequest
    found: Found
    careful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What a correction at one holder touches.

    Attributes:
        affected: releases that its data of the person went into, to be made anew.
        recipients: who received them and has to be told.
        dropped: aggregate answers that are no longer given again.
    """

    request: SubjectRequest
    affected: tuple[int, ...]
    recipients: tuple[str, ...]
    dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRequests:
    """The requests of one deployment.

    Attributes:
        reference: a person's number → the keyed reference.
        departments: opens the departments' side.
        uses: a person's number → the scans that their rows were among.
        drop: digests of kept answers → how many were dropped.
    """

    grounds: Grounds
    reference: Callable[[str], str]
    departments: Callable[[], Mapping[str, LocalDepartment]]
    uses: Callable[[str], Sequence[SubjectUse]]
    drop: Callable[[Sequence[str]], int]
    _read: EntriesOfKind = field(default_factory=lambda: EntriesOfKind("subject_request"))

    def receive(self, asker: Asker, *, number: str, right: Right, by: By, identifier: str) -> SubjectRequest:
        """Take a request at the desk. No department is asked, whoever the person is.

        Raises:
            BadInput: the document's number is not written as one or is taken, this is no person's number, or the
                guideline has no terms for requests.
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer.
        """
        terms = self._terms(asker)
        if any(each.number == number for each in self.all()):
            raise BadInput("matter-open", number=number)
        question, decision = self._ask("subject.request", asker, Matter(number=check_number(number), opened_by=None))
        self._record(
            question,
            decision,
            "received",
            number=number,
            subject=self.reference(identifier),
            right=right,
            by=by,
            due=asker.now.date() + timedelta(days=terms["decide_within_days"]),
        )
        return self._find(number)

    def extend(self, asker: Asker, *, number: str) -> SubjectRequest:
        """Prolong the term, once, and before the review: what is found must not decide how long it takes.

        Raises:
            BadInput: no such request is open, it was prolonged already, or the review has been.
            Denied: the policy refuses.
        """
        request = self._find(number)
        if request.extended or request.reviewed_by is not None:
            raise BadInput("request-not-extendable")
        question, decision = self._ask("subject.extend", asker, self._matter(request))
        due = request.due + timedelta(days=self._terms(asker)["extend_by_days"])
        self._record(question, decision, "extended", **_of(request) | {"due": due})
        return self._find(number)

    def review(self, asker: Asker, *, number: str, identifier: str) -> Review:
        """Look whether an answer could do harm. Every request takes this way; the ledger does not learn what is found.

        Raises:
            BadInput: no such request is open, or it is about somebody else.
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer.
        """
        request = self._find(number, identifier)
        if request.outcome is not None:
            raise BadInput("request-decided")
        question, decision = self._ask("subject.review", asker, self._matter(request))
        self._record(question, decision, "reviewed", **_of(request))
        found = self._look(identifier, asker.now.date(), self._terms(asker))
        careful = request.by == "representative" and found != "no"
        return Review(request=self._find(number), found=found, careful=careful)

    def decide(self, asker: Asker, *, number: str, outcome: Outcome) -> SubjectRequest:
        """Decide a request, as neither the desk nor the reviewer.

        Raises:
            BadInput: no such request is open, or it was decided.
            Denied: the policy refuses, as it does before the review.
            Unavailable: the policy or the ledger does not answer.
        """
        request = self._find(number)
        if request.outcome is not None:
            raise BadInput("request-decided")
        question, decision = self._ask("subject.decide", asker, self._matter(request))
        self._record(question, decision, "decided", **_of(request) | {"outcome": outcome})
        return self._find(number)

    def answer(self, asker: Asker, *, number: str) -> SubjectRequest:
        """End a request: the letter leaves, on the day on which all letters leave that were asked for on the same day.

        Raises:
            BadInput: no such request is open, it is not decided, or the day has not come.
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer.
        """
        request = self._find(number)
        if request.outcome is None:
            raise BadInput("request-undecided")
        if asker.now.date() < request.due:
            raise BadInput("request-early", day=request.due.isoformat())
        question, decision = self._ask("subject.answer", asker, self._matter(request))
        self._record(question, decision, "answered", **_of(request))
        return next(each for each in self.all() if each.number == number)

    def correct(self, asker: Asker, *, number: str, department: str, identifier: str) -> Correction:
        """Pass on that a holder has corrected its register: what rested on it is marked, who received it is named.

        Raises:
            BadInput: no such request, it is about somebody else or no correction, or it was not granted.
            Denied: the policy refuses, as it does for whoever is not the holder's steward.
            Unavailable: a part does not answer.
        """
        request = self._find(number, identifier, ended=True)
        if request.right != "correction" or request.outcome not in ("granted", "partly"):
            raise BadInput("request-no-correction")
        question, decision = self._ask(
            "subject.correct", asker, self._matter(request), registration=Registration(department=department)
        )
        uses = [use for use in self.uses(identifier) if use.department == department and use.released is not None]
        affected = tuple(sorted({use.released for use in uses if use.released is not None}))
        self._record(
            question, decision, "corrected", **_of(request) | {"department": department, "affected": list(affected)}
        )
        digests = [self.grounds.ledger.entry(index).document["result_digest"] for index in affected]
        return Correction(
            request=next(each for each in self.all() if each.number == number),
            affected=affected,
            recipients=tuple(sorted({use.recipient for use in uses if use.recipient is not None})),
            dropped=self.drop(digests),
        )

    def listed(self, asker: Asker) -> tuple[SubjectRequest, ...]:
        """All requests, oldest first, for whoever may read them; nobody is named.

        Raises:
            Denied: the policy refuses.
        """
        decide_action(asker.request("subject.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return self.all()

    def all(self) -> tuple[SubjectRequest, ...]:
        """The same for the deployment's own checks and holds."""
        found: dict[str, SubjectRequest] = {}
        for entry in self._read.up_to_date(self.grounds.ledger):
            number = entry.document["number"]
            found[number] = _after(found.get(number), entry)
        return tuple(found.values())

    def overdue(self, today: date) -> tuple[SubjectRequest, ...]:
        """Requests whose term is over and that nobody has decided."""
        return tuple(each for each in self.all() if each.outcome is None and each.due < today)

    def _terms(self, asker: Asker) -> Mapping[str, Any]:
        terms: Mapping[str, Any] | None = self.grounds.guideline.parameters(asker.now.date()).get("subject_requests")
        if terms is None:
            raise BadInput("request-no-terms")
        return terms

    def _look(self, identifier: str, today: date, terms: Mapping[str, Any]) -> Found:
        """Ask every department with a set whether the person is in it. All are asked, whatever the first one says."""
        departments = self.departments()
        answers: set[Found] = set()
        for name, department in terms["review_sets"].items():
            try:
                has, as_of = departments[department].persons.set_has(name, identifier, as_of=today)
            except SekishoError:
                answers.add("unknown")
                continue
            old = (today - as_of).days > terms["review_data_max_days"]
            answers.add("yes" if has else "unknown" if old else "no")
        return "yes" if "yes" in answers else "unknown" if answers != {"no"} else "no"

    def _ask(
        self, action: Action, asker: Asker, matter: Matter, *, registration: Registration | None = None
    ) -> tuple[QueryRequest, int]:
        question = asker.request(action, zone=self.grounds.zone, matter=matter, registration=registration)
        return question, decide_action(question, None, grounds=self.grounds).index

    def _matter(self, request: SubjectRequest) -> Matter:
        return Matter(number=request.number, opened_by=request.received_by, reviewed_by=request.reviewed_by)

    def _record(
        self,
        question: QueryRequest,
        decision: int,
        event: Event,
        *,
        number: str,
        subject: str,
        right: Right,
        by: By,
        due: date,
        outcome: Outcome | None = None,
        department: str | None = None,
        affected: Sequence[int] = (),
    ) -> None:
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        self.grounds.ledger.append(
            {
                "v": 1,
                "kind": "subject_request",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": None,
                "recipient": None,
                "decision": decision,
                "event": event,
                "number": number,
                "subject": subject,
                "right": right,
                "by": by,
                "due": due.isoformat(),
                "outcome": outcome,
                "department": department,
                "affected": list(affected),
                "guideline_version": self.grounds.guideline.version,
            }
        )

    def _find(self, number: str, identifier: str | None = None, *, ended: bool = False) -> SubjectRequest:
        found = next((each for each in self.all() if each.number == number and (ended or each.open)), None)
        if found is None:
            raise BadInput("request-unknown")
        if identifier is not None and self.reference(identifier) != found.reference:
            raise BadInput("request-other-person")
        return found


def _of(request: SubjectRequest) -> dict[str, Any]:
    """What every entry of a request repeats."""
    return {
        "number": request.number,
        "subject": request.reference,
        "right": request.right,
        "by": request.by,
        "due": request.due,
    }


def _after(request: SubjectRequest | None, entry: Entry) -> SubjectRequest:
    """A request after one more entry."""
    document = entry.document
    due = date.fromisoformat(document["due"])
    if request is None:
        return SubjectRequest(
            number=document["number"],
            reference=document["subject"],
            right=document["right"],
            by=document["by"],
            received_on=entry_time(document).date(),
            received_by=document["principal"],
            ledger_index=entry.index,
            due=due,
        )
    changes: dict[str, Any] = {
        "extended": {"extended": True, "due": due},
        "reviewed": {"reviewed_by": document["principal"]},
        "decided": {"outcome": document["outcome"]},
        "answered": {"answered": True},
        "corrected": {
            "affected": tuple(sorted({*request.affected, *document["affected"]})),
            "corrected_by": tuple(sorted({*request.corrected_by, str(document["department"])})),
        },
    }.get(document["event"], {})
    return replace(request, **changes)
