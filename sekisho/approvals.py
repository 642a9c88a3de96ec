"""Approvals of query templates: 起案, 審査, 合議, 決裁 (第19条), each step one question to the policy.

A change happens in this order: the policy decides; the decision is durable in the ledger; in one transaction of the
store the state changes, and the ledger takes an ``approval`` entry that names the decision. A failure between the last
two leaves an entry for a change that did not happen, never a change without its entry.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from audit.receipt import Receipt
from governance.approvals import (
    Approval,
    ApprovalState,
    Mark,
    Paper,
    Remark,
    Series,
    Signature,
    Step,
    Template,
)
from governance.dates import fiscal_year, next_fiscal_year
from governance.errors import BadInput, Fault
from governance.facts import QueryFacts
from governance.occasional import OccasionalUse
from governance.principals import Principal
from query_broker.request import QueryRequest
from sekisho.actions import Action, Asker, decide_action, sole_recipient
from sekisho.approval_readings import ApprovalReadings
from sekisho.approval_sheet import check_paper
from sekisho.approval_store import Stored
from sekisho.bases import known_basis, sole_basis
from sekisho.fiscal_years import last_day
from sekisho.recurrence import counted_cohort, settle_series

_BACK: Mapping[Action, ApprovalState] = {"approval.return": "returned", "approval.recall": "recalled"}
_ENDS: Mapping[Action, ApprovalState] = {
    "approval.reject": "rejected",
    "approval.revoke": "revoked",
    "approval.withdraw": "withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Approvals(ApprovalReadings):
    """The approvals of one deployment: what is read of them, and the steps of their route."""

    def request(
        self,
        asker: Asker,
        *,
        template: str,
        until: date | None = None,
        paper: Paper | None = None,
        next_year: bool = False,
        basis: str | None = None,
    ) -> Approval:
        """Draft (起案) an approval of a template.

        Args:
            next_year: for the next fiscal year: decided from the day that the guideline names, used from 1 April.
            until: last day on which it shall count; unless given, and at the latest, the end of the fiscal year or,
                for a purpose that outlives it, the last of the days that the register of purposes says.
            paper: what shall stand on the sheet: why, the document's number, for how long it is kept.
            basis: kind of legal basis; the purpose's own one, where it has one, unless given.

        Raises:
            BadInput: no such template or kind of basis, a text that cannot be asked, a day that has passed, or a paper
                that cannot be printed.
            Denied: the policy refuses.
            Unavailable: the policy, the ledger or the store does not answer; nothing was changed.
        """
        wanted = self._template(template)
        today = asker.now.date()
        starts = next_fiscal_year(today) if next_year else today
        if until is not None and until < starts:
            raise BadInput("approval-until-past")
        written = paper or Paper()
        check_paper(written)
        facts = self._facts(wanted, as_of=today)
        basis = known_basis(self.grounds.guideline, basis) or sole_basis(self.grounds.guideline, wanted.purpose)
        occasional = self.occasional.drafted(wanted.purpose, basis, written, until=until, starts=starts)
        question = self._drafting("approval.request", asker, wanted, basis=basis, occasional=occasional)
        decision = decide_action(question, facts, grounds=self.grounds)
        series = self._series(wanted, facts, today=today)
        drafter = _present(asker.principal)
        at = asker.now.isoformat(timespec="seconds")
        return self.store.add(
            fiscal_year(starts),
            draft=lambda approval_id: Approval(
                id=approval_id,
                template=wanted.id,
                purpose=wanted.purpose,
                state="requested",
                requester=drafter.id,
                reviewers=(),
                approver=None,
                requested_at=at,
                starts_on=starts.isoformat(),
                expires_at=last_day(until, wanted.purpose, basis, starts=starts, guideline=self.grounds.guideline),
                guideline_version=self.grounds.guideline.version,
                sql_digest=facts.sql_digest,
                basis=basis,
                paper=written,
                series=series,
            ),
            record=self._record(question, decision, step=None),
            by=drafter.id,
            at=at,
        )

    def resubmit(
        self, asker: Asker, *, approval: str, until: date | None = None, paper: Paper | None = None
    ) -> Approval:
        """Hand a request in again that was sent or taken back: of the template as it is now, and with no signature.

        Args:
            until: as for `request`.
            paper: what shall stand on the sheet now; a part that is ``None`` stays as it was written.

        Raises:
            BadInput: no such approval, or as `request`.
            Denied: the policy refuses: somebody else's request, or one that is not with its drafter.
            Unavailable: as `request`.
        """
        stored = self.store.get(approval)
        before, today = stored.approval, asker.now.date()
        starts = max(today, date.fromisoformat(before.starts_on))
        if until is not None and until < starts:
            raise BadInput("approval-until-past")
        written = _rewritten(before.paper, paper or Paper())
        check_paper(written)
        wanted = self._template(before.template)
        facts = self._facts(wanted, as_of=today)
        occasional = self.occasional.drafted(wanted.purpose, before.basis, written, until=until, starts=starts)
        question = self._drafting(
            "approval.resubmit", asker, wanted, basis=before.basis, approval=before, occasional=occasional
        )
        decision = decide_action(question, facts, grounds=self.grounds)
        after = replace(
            before,
            purpose=wanted.purpose,
            state="requested",
            reviewers=(),
            starts_on=starts.isoformat(),
            expires_at=last_day(until, wanted.purpose, before.basis, starts=starts, guideline=self.grounds.guideline),
            guideline_version=self.grounds.guideline.version,
            sql_digest=facts.sql_digest,
            paper=written,
            series=self._series(wanted, facts, today=today),
        )
        return self.store.replace(
            stored,
            after,
            event="resubmitted",
            record=self._record(question, decision, step=None),
            by=_present(asker.principal).id,
            at=asker.now.isoformat(timespec="seconds"),
        )

    def send_back(self, asker: Asker, *, approval: str, reason: str) -> Approval:
        """Send a requested approval back to its drafter, with what has to change (差戻し). Its signatures are void."""
        return self._leave(_BACK, "approval.return", asker, approval=approval, reason=reason)

    def recall(self, asker: Asker, *, approval: str, reason: str) -> Approval:
        """Take one's own undecided request back to change it (引戻し). Its signatures are void."""
        return self._leave(_BACK, "approval.recall", asker, approval=approval, reason=reason)

    def sign(self, asker: Asker, *, approval: str, step: Step) -> Approval:
        """Give the signature of a step: 審査 (review), 合議 (consult); 決裁 (decide) or 代決 (deputise) grants.

        Raises:
            BadInput: no such approval, or the same signature is there already.
            Denied: the policy refuses: the requester's own approval, another's step, the order of the route.
            Unavailable: as `request`.
        """
        signed = {(s.step, s.id) for s in self.store.get(approval).approval.reviewers}
        if asker.principal is not None and (step, asker.principal.id) in signed:
            raise BadInput("approval-signed-already", approval=approval)
        stored, question, decision = self._ask("approval.sign", asker, approval=approval, step=step)
        before = stored.approval
        signature = _signature(asker, step)
        if step == "decide":
            after = replace(before, state="granted", approver=signature)
        elif step == "deputise":
            away = tuple(d.absence for d in question.deputy.deciders if d.absence) if question.deputy else ()
            after = replace(
                before,
                state="granted",
                approver=signature,
                absences=away,
                acknowledge_by=self._due(min(absence.last for absence in away), today=asker.now.date()),
            )
        else:
            after = replace(before, reviewers=(*before.reviewers, signature))
        return self.store.replace(
            stored,
            after,
            event=step,
            record=self._record(question, decision, step=step),
            by=signature.id,
            at=signature.at,
        )

    def acknowledge(self, asker: Asker, *, approval: str) -> Approval:
        """Look, as the decider, at what a deputy decided (後閲). Whoever finds that it should not stand revokes it.

        Raises:
            BadInput: no such approval.
            Denied: the policy refuses: nothing waits for it, or another's to look at.
            Unavailable: as `request`.
        """
        stored = self.store.get(approval)
        question = asker.request("approval.acknowledge", zone=self.grounds.zone, approval=stored.approval)
        decision = decide_action(question, None, grounds=self.grounds)
        signature = _signature(asker, "acknowledge")
        return self.store.replace(
            stored,
            replace(stored.approval, acknowledged=signature),
            event="acknowledge",
            record=self._record(question, decision, step="acknowledge"),
            by=signature.id,
            at=signature.at,
        )

    def reject(self, asker: Asker, *, approval: str, reason: str) -> Approval:
        """Refuse a requested approval for good (不承認)."""
        return self._leave(_ENDS, "approval.reject", asker, approval=approval, reason=reason)

    def revoke(self, asker: Asker, *, approval: str, reason: str) -> Approval:
        """Take a granted approval back; no query runs under it any more."""
        return self._leave(_ENDS, "approval.revoke", asker, approval=approval, reason=reason)

    def withdraw(self, asker: Asker, *, approval: str, reason: str) -> Approval:
        """Take one's own undecided request back (取下げ)."""
        return self._leave(_ENDS, "approval.withdraw", asker, approval=approval, reason=reason)

    def _series(self, template: Template, facts: QueryFacts, *, today: date) -> Series | None:
        """What is settled for a template that recurs; people approve it together with the text."""
        if template.recurs is None:
            return None
        cohort = counted_cohort(facts, catalogue=self.grounds.catalogue, template=template.id)
        return settle_series(
            persons=self.rows(cohort, today),
            interval=template.recurs,
            parameters=self.grounds.guideline.parameters(today),
        )

    def _due(self, last: str, *, today: date) -> str:
        """The day until which a decision in an absence has to be looked at."""
        days: int = self.grounds.guideline.parameters(today)["deputy"]["later_look_days"]
        return (date.fromisoformat(last) + timedelta(days=days)).isoformat()

    def _leave(
        self, states: Mapping[Action, ApprovalState], action: Action, asker: Asker, *, approval: str, reason: str
    ) -> Approval:
        """Take an approval out of the state it is in, for a reason that stays with it."""
        check_paper(Paper(reason=reason))
        stored, question, decision = self._ask(action, asker, approval=approval)
        before, by = stored.approval, _present(asker.principal).id
        at = asker.now.isoformat(timespec="seconds")
        after = replace(
            before,
            state=states[action],
            remarks=(*before.remarks, Remark(event=states[action], by=by, at=at, text=reason)),
        )
        if states is _ENDS:
            after = replace(after, ending=reason)
        else:
            # What is changed from here on is not what they signed.
            after = replace(after, reviewers=(), voided=(*before.voided, *before.reviewers))
        return self.store.replace(
            stored, after, event=after.state, record=self._record(question, decision, step=None), by=by, at=at
        )

    def _drafting(
        self,
        action: Action,
        asker: Asker,
        template: Template,
        *,
        basis: str | None,
        occasional: OccasionalUse | None,
        approval: Approval | None = None,
    ) -> QueryRequest:
        guideline = self.grounds.guideline
        return asker.request(
            action,
            zone=self.grounds.zone,
            purpose=template.purpose,
            recipient=sole_recipient(guideline, template.purpose),
            basis=basis,
            approval=approval,
            occasional=occasional,
        )

    def _ask(
        self, action: Action, asker: Asker, *, approval: str, step: Step | None = None
    ) -> tuple[Stored, QueryRequest, Receipt]:
        stored = self.store.get(approval)
        found = stored.approval
        facts = self._facts(self._template(found.template), as_of=asker.now.date())
        question = asker.request(
            action,
            zone=self.grounds.zone,
            purpose=found.purpose,
            basis=found.basis,
            approval=found,
            deputy=self._deputy(asker, step),
            ahead=self.ahead.of(found.requester),
            occasional=self.occasional.under(found, basis=found.basis),
        )
        return stored, question, decide_action(question, facts, grounds=self.grounds, step=step)

    def _record(self, question: QueryRequest, decision: Receipt, *, step: Mark | None) -> Callable[[Approval], int]:
        def record(approval: Approval) -> int:
            principal = _present(question.principal)
            entry = {
                "v": 1,
                "kind": "approval",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": approval.purpose,
                "recipient": question.recipient,
                "basis": approval.basis,
                "decision": decision.index,
                "approval": approval.id,
                "template": approval.template,
                "step": step,
                "state": approval.state,
                "sql_digest": approval.sql_digest,
                "guideline_version": approval.guideline_version,
            }
            return self.grounds.ledger.append(entry).index

        return record


def _signature(asker: Asker, step: Mark) -> Signature:
    signer = _present(asker.principal)
    return Signature(
        step=step,
        id=signer.id,
        role=signer.hats[0],
        post=signer.post,
        department=signer.department,
        at=asker.now.isoformat(timespec="seconds"),
    )


def _rewritten(before: Paper, changes: Paper) -> Paper:
    return Paper(
        reason=changes.reason if changes.reason is not None else before.reason,
        no_harm=changes.no_harm if changes.no_harm is not None else before.no_harm,
        document_number=changes.document_number if changes.document_number is not None else before.document_number,
        retention_years=changes.retention_years if changes.retention_years is not None else before.retention_years,
    )


def _present(principal: Principal | None) -> Principal:
    # Every action requires an identified principal with one hat; an allow without them would be a fault of the policy.
    if principal is None or len(principal.hats) != 1:
        raise Fault
    return principal
