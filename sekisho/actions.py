"""Actions that run no query: one question to the policy, and its answer in the ledger before anything happens."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from audit.ledger import Ledger
from audit.receipt import Receipt
from governance.absences import Absence, Deputy
from governance.approvals import AheadUse, Approval, Step
from governance.assessments import Assessment, CapacityDecision
from governance.catalogue import Catalogue
from governance.decisions import Decision
from governance.errors import Denied, SekishoError
from governance.facts import QueryFacts
from governance.guideline import Guideline
from governance.incidents import Incident
from governance.inquiries import Inquiry
from governance.log import get_log
from governance.matters import Matter
from governance.occasional import OccasionalUse
from governance.principals import Principal
from governance.proposals import Proposal
from governance.provisions import Provision
from governance.registrations import GuidelineApproval, Registration
from governance.renewals import Renewal
from governance.tickets import Ticket
from policies.ask import PolicyUnavailable, ask
from policies.engine import PolicyEngine
from query_broker.decide import decision_input
from query_broker.look_ups import PlannedLookUp, record_look_ups
from query_broker.record import Intent, record_decision, record_no_answer
from query_broker.request import QueryRequest

Action = Literal[
    "query",
    "approval.request",
    "approval.sign",
    "approval.reject",
    "approval.revoke",
    "approval.withdraw",
    "approval.return",
    "approval.recall",
    "approval.resubmit",
    "approval.acknowledge",
    "approval.preview",
    "absence.record",
    "absence.end",
    "approval.read",
    "ledger.read",
    "purpose.review",
    "purpose.renew",
    "guideline.approve",
    "dataset.draft",
    "dataset.confirm",
    "dataset.register",
    "dataset.check",
    "subject.suspend",
    "subject.release",
    "subject.read",
    "subject.request",
    "subject.extend",
    "subject.review",
    "subject.decide",
    "subject.answer",
    "subject.correct",
    "subject.trace",
    "ledger.trace",
    "ledger.department",
    "ledger.review",
    "incident.stop",
    "incident.lift",
    "incident.open",
    "incident.read",
    "incident.assess",
    "incident.protected",
    "incident.contact",
    "incident.report",
    "incident.notify",
    "incident.close",
    "risk.run",
    "retention.read",
    "retention.order",
    "retention.erase",
    "retention.hold",
    "retention.free",
    "risk.read",
    "risk.read_protected",
    "risk.settle",
    "risk.assess",
    "risk.approve",
    "risk.read_cycle",
    "inquiry.send",
    "inquiry.list",
    "inquiry.read",
    "inquiry.answer",
    "package.draft",
    "package.review",
    "package.create",
    "package.hand_over",
    "package.close",
    "package.read",
    "proposal.draft",
    "proposal.review",
    "proposal.approve",
    "proposal.reject",
    "proposal.withdraw",
    "proposal.read",
    "risk.report",
    "reidentify.request",
    "reidentify.grant",
    "reidentify.reject",
    "reidentify.run",
    "reidentify.show",
    "reidentify.extend",
    "reidentify.close",
    "reidentify.read",
    "reidentify.read_all",
    "reidentify.alerts",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What a decision is taken and recorded with."""

    catalogue: Catalogue
    guideline: Guideline
    engine: PolicyEngine
    policy_digest: str
    ledger: Ledger
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks, and when.

    Attributes:
        principal: ``None`` where the token did not verify.
        guideline_approval: of the guideline as it is now, ``None`` for a draft.
        renewals: the renewal of each purpose whose day it is.
        stopped: whether all releases are stopped.
    """

    principal: Principal | None
    now: datetime
    guideline_approval: GuidelineApproval | None = None
    renewals: Mapping[str, Renewal] = field(default_factory=dict)
    stopped: bool = False

    def request(
        self,
        action: Action,
        *,
        zone: str,
        purpose: str | None = None,
        recipient: str | None = None,
        basis: str | None = None,
        approval: Approval | None = None,
        registration: Registration | None = None,
        matter: Matter | None = None,
        absence: Absence | None = None,
        deputy: Deputy | None = None,
        provision: Provision | None = None,
        proposal: Proposal | None = None,
        renewal: Renewal | None = None,
        inquiry: Inquiry | None = None,
        ticket: Ticket | None = None,
        assessment: Assessment | None = None,
        capacity: CapacityDecision | None = None,
        incident: Incident | None = None,
        occasional: OccasionalUse | None = None,
        stopped: bool = False,
        ahead: tuple[AheadUse, ...] = (),
    ) -> QueryRequest:
        """A request for an action that runs no query."""
        return QueryRequest(
            id=secrets.token_hex(16),
            action=action,
            principal=self.principal,
            purpose=purpose,
            sql="",
            approval=approval,
            parameters={},
            declared={},
            recipient=recipient,
            basis=basis,
            zone=zone,
            time=self.now,
            as_of=self.now.date(),
            guideline_approval=self.guideline_approval,
            registration=registration,
            matter=matter,
            absence=absence,
            deputy=deputy,
            provision=provision,
            proposal=proposal,
            renewal=renewal or self.renewals.get(purpose or ""),
            inquiry=inquiry,
            ticket=ticket,
            assessment=assessment,
            capacity=capacity,
            incident=incident,
            occasional=occasional,
            stopped=stopped or self.stopped,
            ahead=ahead,
        )


def sole_recipient(guideline: Guideline, purpose: str | None) -> str | None:
    """The recipient of a purpose that has exactly one, so that nobody has to name it."""
    recipients = guideline.tables["purposes"].get(purpose, {}).get("recipients", ())
    return recipients[0] if len(recipients) == 1 else None


def decide_action(
    request: QueryRequest, facts: QueryFacts | None, *, grounds: Grounds, step: Step | None = None
) -> Receipt:
    """Ask the policy whether an action may be done, and record the answer, as `decide_obliged`."""
    return decide_obliged(request, facts, grounds=grounds, step=step)[0]


def decide_obliged(
    request: QueryRequest, facts: QueryFacts | None, *, grounds: Grounds, step: Step | None = None
) -> tuple[Receipt, Decision]:
    """Ask the policy whether an action may be done, and record the answer.

    Args:
        facts: of the query text that the action is about, ``None`` where it is about none.

    Returns:
        The receipt of the decision, an allow, and the decision.

    Raises:
        Denied: the policy refuses; with articles.
        Unavailable: the policy or the ledger does not answer; nothing was done.
    """
    intent, decision = _decide(request, facts, grounds=grounds, step=step, orders=(), dates=Dates())
    return intent.receipt, decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Dates:
    """What data and sets of persons speak of, as their holders say: dataset → day, dataset → set → day."""

    extracts: Mapping[str, date] = field(default_factory=dict)
    sets: Mapping[str, Mapping[str, date]] = field(default_factory=dict)


def decide_look_ups(
    request: QueryRequest, orders: Sequence[PlannedLookUp], *, grounds: Grounds, dates: Dates | None = None
) -> Intent:
    """Ask the policy whether a pseudonym may be resolved, and record the answer with the orders.

    Args:
        orders: what the holders would be asked for, as the request's ticket states it.
        dates: what the holders say of their data.

    Returns:
        What the holders want to see before they answer.

    Raises:
        Denied: the policy refuses; with articles.
        Unavailable: the policy or the ledger does not answer; nobody was asked.
    """
    return _decide(request, None, grounds=grounds, step=None, orders=orders, dates=dates or Dates())[0]


def _decide(
    request: QueryRequest,
    facts: QueryFacts | None,
    *,
    grounds: Grounds,
    step: Step | None,
    orders: Sequence[PlannedLookUp],
    dates: Dates,
) -> tuple[Intent, Decision]:
    document = decision_input(
        request,
        facts,
        guideline=grounds.guideline,
        catalogue=grounds.catalogue,
        extracts=dates.extracts,
        sets=dates.sets,
        step=step,
    )
    try:
        decision = ask(grounds.engine, document)
    except PolicyUnavailable as error:
        # No answer is a deny (I3), and stands in the ledger as one.
        record_no_answer(
            grounds.ledger,
            request=request,
            document=document,
            engine=grounds.engine.name,
            input_digest=error.input_digest,
            guideline=grounds.guideline,
            policy_digest=grounds.policy_digest,
        )
        _log(request, grounds, error)
        raise
    if decision.allow and orders:
        intent = record_look_ups(
            grounds.ledger,
            request=request,
            decision=decision,
            document=document,
            orders=orders,
            guideline=grounds.guideline,
            policy_digest=grounds.policy_digest,
        )
    else:
        receipt = record_decision(
            grounds.ledger,
            request=request,
            decision=decision,
            document=document,
            guideline=grounds.guideline,
            policy_digest=grounds.policy_digest,
        )
        intent = Intent(receipt=receipt, nonce="")
    if not decision.allow:
        denied = Denied(
            tuple(grounds.guideline.cite(reason, catalogue=grounds.catalogue) for reason in decision.deny),
            decision_id=str(intent.receipt.index),
        )
        _log(request, grounds, denied)
        raise denied
    _log(request, grounds, None)
    return intent, decision


def would_allow(request: QueryRequest, facts: QueryFacts | None, *, grounds: Grounds, step: Step | None = None) -> bool:
    """Whether the policy would allow an action that nobody takes yet. Nothing is done and nothing is recorded.

    Raises:
        Unavailable: the policy does not answer.
    """
    document = decision_input(
        request, facts, guideline=grounds.guideline, catalogue=grounds.catalogue, extracts={}, step=step
    )
    return ask(grounds.engine, document).allow


def _log(request: QueryRequest, grounds: Grounds, error: SekishoError | None) -> None:
    """The one canonical line of a request."""
    get_log().info(
        "action",
        request=request.id,
        action=request.action,
        principal=request.principal.id if request.principal else None,
        approval=request.approval.id if request.approval else None,
        engine=grounds.engine.name,
        guideline=grounds.guideline.version,
        outcome=error.kind if error else "granted",
        exit_status=error.exit_status if error else 0,
        code=error.code if error else None,
        articles=sorted({c.article for c in error.citations}) if isinstance(error, Denied) else [],
    )
