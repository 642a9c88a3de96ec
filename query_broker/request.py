"""What the broker is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from governance.absences import Absence, Deputy
from governance.approvals import AheadUse, Approval, TemplateParameter
from governance.assessments import Assessment, CapacityDecision
from governance.incidents import Incident
from governance.inquiries import Inquiry
from governance.matters import Matter
from governance.occasional import OccasionalUse
from governance.principals import Principal
from governance.proposals import Proposal
from governance.provisions import Provision
from governance.registrations import GuidelineApproval, Registration
from governance.renewals import Renewal
from governance.tickets import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryRequest:
    """One query by one principal for one purpose.

    Attributes:
        id: name of the request in log and ledger.
        action: what the policy is asked to allow (``query``).
        principal: ``None`` where the token did not verify; the policy refuses.
        sql: the text: an approved template's, or ad hoc.
        parameters: values of the template's parameters.
        declared: the parameters that the text may use.
        as_of: the date that derived datasets are computed for.
        time: now, by the deployment's clock, with its offset.
        guideline_approval: who approved the guideline as it is now; ``None`` where nobody has.
        registration: the dataset that is drafted, confirmed or registered, for these actions.
        matter: the suspension or the stop that an action opens or closes, for these actions.
        absence: the absence that an action records or ends, for these actions.
        deputy: who is away, where a deputy decides.
        provision: the package that an action makes or hands over, or that a query is read for.
        proposal: the criteria that a contractor has handed back, where the action is about them.
        renewal: of the stated purpose: the one whose day it is, or the one that is asked for.
        inquiry: the sheet that an action sends, reads or answers.
        ticket: the controlled re-identification that an action is about, for these actions.
        assessment: the step with a candidate that an action takes.
        capacity: the cycle whose capacity an action decides on, or rests on.
        incident: the leak, or suspicion of one, that an action is about, for these actions.
        occasional: a use beyond the registered purposes, where the basis is one of such uses.
        ahead: what the principal has used before it was decided, and nobody has decided since.
        stopped: releases have been stopped for an incident, and nobody has lifted that.
    """

    id: str
    principal: Principal | None
    purpose: str | None
    sql: str
    approval: Approval | None
    parameters: Mapping[str, str | int | bool | date]
    declared: Mapping[str, TemplateParameter]
    recipient: str | None
    basis: str | None
    zone: str
    time: datetime
    as_of: date
    action: str = "query"
    guideline_approval: GuidelineApproval | None = None
    registration: Registration | None = None
    matter: Matter | None = None
    absence: Absence | None = None
    deputy: Deputy | None = None
    provision: Provision | None = None
    proposal: Proposal | None = None
    renewal: Renewal | None = None
    inquiry: Inquiry | None = None
    ticket: Ticket | None = None
    assessment: Assessment | None = None
    capacity: CapacityDecision | None = None
    incident: Incident | None = None
    occasional: OccasionalUse | None = None
    stopped: bool = False
    ahead: tuple[AheadUse, ...] = ()
