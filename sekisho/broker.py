"""The broker of a deployment: its parts opened and put together, and the questions that it answers."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from audit.keys import load_signer
from audit.ledger import Ledger
from connectors.department import LocalDepartment
from governance.approvals import Approval, Template
from governance.errors import BadInput, Fault
from governance.log import get_log
from governance.principals import Principal
from governance.provisions import Provision
from masking.epoch_keys import EpochKeys
from masking.keys import epochs_path
from policies.open_engine import open_engine
from query_broker.combine import Combiner
from query_broker.parts import Parts
from query_broker.pipeline import explain, run
from query_broker.release import Explanation, Release
from query_broker.request import QueryRequest
from sekisho.absences import Absences
from sekisho.actions import Action, Asker, Grounds, decide_action, sole_recipient
from sekisho.answer_store import AnswerStore
from sekisho.approval_store import ApprovalStore
from sekisho.approvals import Approvals
from sekisho.ask_request import AskRequest
from sekisho.assessments import Assessments
from sekisho.bases import AheadUses, known_basis, sole_basis
from sekisho.candidates import Candidates
from sekisho.capacities import Capacities
from sekisho.department_looks import DepartmentLooks
from sekisho.departments import local_departments, newest_seen, rows_at_holders, suspensions
from sekisho.guideline_state import GuidelineApprovals
from sekisho.incident_log import IncidentLog
from sekisho.incidents import Incidents
from sekisho.kept_results import kept_results
from sekisho.kept_things import KeptAnswers, PseudonymEpochs, UseRecords
from sekisho.matters import Matters
from sekisho.occasional import OccasionalUses
from sekisho.package_store import PackageStore
from sekisho.packages import Packages
from sekisho.proposal_store import ProposalStore
from sekisho.proposals import Proposals
from sekisho.registration_store import RegistrationStore
from sekisho.registrations import Registrations
from sekisho.reidentification import Reidentification
from sekisho.renewals import Renewals
from sekisho.retention import Hold, Retention
from sekisho.settings import EngineName
from sekisho.subject_requests import SubjectRequests
from sekisho.ticket_log import TicketLog
from sekisho.ticket_steps import TicketSteps
from sekisho.ticket_store import TicketStore
from sekisho.work_list import WorkList

if TYPE_CHECKING:
    from sekisho.deployment import Deployment


class Broker:
    """Answers queries and keeps approvals, for one deployment and with one policy engine.

    Opens the ledger, the store and the engine at once, the departments and the combining process with the first query.
    Use as a context manager: leaving it ends its processes.

    Raises:
        BadInput: a part of the deployment is missing or malformed.
        Unavailable: the ledger or the policy engine cannot be opened.
        CheckFailed: the ledger is damaged, or does not continue what the departments have seen of it; or the policy's
            bundle is not what it should be.
    """

    def __init__(self, deployment: Deployment, *, engine: EngineName) -> None:
        self._deployment = deployment
        self._parts: Parts | None = None
        self._candidates: Candidates | None = None
        self._lock = threading.Lock()
        with ExitStack() as stack:
            layout, settings = deployment.layout, deployment.settings
            signer = load_signer(layout.ledger_key)
            self.ledger = stack.enter_context(
                Ledger.open(
                    layout.ledger,
                    pinned=deployment.ledger_vkey,
                    signer=signer,
                    seen=newest_seen(deployment.catalogue, layout=layout),
                )
            )
            policy = stack.enter_context(open_engine(engine, deployment.catalogue, deployment.guideline))
            self.grounds = Grounds(
                catalogue=deployment.catalogue,
                guideline=deployment.guideline,
                engine=policy.engine,
                policy_digest=policy.digest,
                ledger=self.ledger,
                zone=settings.network_zone,
            )
            self.absences = Absences(grounds=self.grounds, principals=deployment.principals)
            self.ahead = AheadUses(ledger=self.ledger, guideline=deployment.guideline, approval=self._approval)
            self.occasional = OccasionalUses(ledger=self.ledger, guideline=deployment.guideline)
            self.approvals = Approvals(
                ahead=self.ahead,
                occasional=self.occasional,
                store=ApprovalStore.open(layout.store),
                templates=deployment.templates,
                grounds=self.grounds,
                absences=self.absences,
                digest_key=deployment.digest_key,
                rows=rows_at_holders(self._departments, deployment.catalogue),
            )
            self.guideline = GuidelineApprovals(store=RegistrationStore.open(layout.store), grounds=self.grounds)
            self.registrations = Registrations(
                store=RegistrationStore.open(layout.store), grounds=self.grounds, layout=layout
            )
            self.reidentification = Reidentification(
                grounds=self.grounds,
                work_list=lambda: WorkList.open(layout.work_list, key=deployment.digest_key),
                store=lambda: TicketStore.open(layout.tickets, key=deployment.digest_key),
                steps=TicketSteps(
                    grounds=self.grounds,
                    holders=self._departments,
                    stopped=lambda: bool(self.matters.stops()),
                    log=TicketLog(self.ledger),
                ),
            )
            self.matters = Matters(
                grounds=self.grounds,
                suspensions=suspensions(deployment.catalogue, layout=layout),
                register=self._knows,
            )
            self.looks = DepartmentLooks(
                grounds=self.grounds,
                matters=self.matters,
                approvals=self.approvals.store,
                templates=deployment.templates,
                departments=self._departments,
                clock=deployment.clock,
                digest_key=deployment.digest_key,
            )
            self.incidents = Incidents(
                grounds=self.grounds,
                departments=self._departments,
                log=IncidentLog(ledger=self.ledger, guideline_version=deployment.guideline.version),
            )
            answers = AnswerStore.open(layout.store, key=deployment.digest_key)
            self.requests = SubjectRequests(
                grounds=self.grounds,
                reference=self.matters.suspensions.reference,
                departments=self._departments,
                uses=self.looks.uses_of,
                drop=answers.erase,
            )
            self.retention = Retention(
                grounds=self.grounds,
                kinds=(
                    KeptAnswers(store=answers, ledger=self.ledger),
                    PseudonymEpochs(
                        keys=EpochKeys(epochs_path(layout.master_key)),
                        guideline=deployment.guideline,
                        ledger=self.ledger,
                    ),
                    UseRecords(departments=self._departments),
                    *kept_results(layout, key=deployment.digest_key, ledger=self.ledger),
                ),
                others=self._holds,
            )
            self.packages = Packages(
                deployment=deployment,
                grounds=self.grounds,
                approvals=self.approvals.store,
                store=PackageStore.open(layout.store, key=deployment.digest_key),
                ask=self._ask_for_package,
            )
            self.proposals = Proposals(
                deployment=deployment,
                grounds=self.grounds,
                approvals=self.approvals.store,
                store=ProposalStore.open(layout.store),
                packages=self.packages,
                candidates=lambda: self.candidates,
                ask=lambda asker, request: run(self._query(request, asker=asker), self._all_parts()),
            )
            self.renewals = Renewals(grounds=self.grounds, matters=self.matters)
            self._opened = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes and close the files."""
        self._opened.close()

    @property
    def deployment(self) -> Deployment:
        """What it was opened from."""
        return self._deployment

    @property
    def capacities(self) -> Capacities:
        """The decisions on how many are looked at in a cycle."""
        return self.candidates.capacities

    @property
    def assessments(self) -> Assessments:
        """The steps of people with candidates."""
        return Assessments(candidates=self.candidates, holder=self.reidentification.holder_of)

    @property
    def candidates(self) -> Candidates:
        """The work list; its file is made with the first use. Raises Unavailable where that is no work list."""
        with self._lock:
            if self._candidates is None:
                deployment = self._deployment
                work_list = WorkList.open(deployment.layout.work_list, key=deployment.digest_key)
                capacities = Capacities(grounds=self.grounds, work_list=lambda: work_list)
                self._candidates = Candidates(work_list=work_list, grounds=self.grounds, capacities=capacities)
            return self._candidates

    def asker(self, token: str | None, *, hat: str | None) -> Asker:
        """Who asks for something that is no query."""
        now = self._deployment.clock()
        return Asker(
            principal=self._identify(token, hat=hat),
            now=now,
            guideline_approval=self.guideline.state().approval,
            renewals=self.renewals.on(now.date()),
            stopped=bool(self.matters.stops()),
        )

    def template_of(self, approval: str) -> Template | None:
        """The template that an approval is for, ``None`` where there is no such approval or template."""
        found = self._approval(approval)
        return self._deployment.templates.get(found.template) if found is not None else None

    def ask(self, request: AskRequest) -> Release:
        """Run a query down the whole path.

        Raises:
            BadInput: the query, a parameter or a name is outside what may be asked.
            Denied: the policy refuses; with articles.
            Unavailable: a part does not answer.
            Fault: ours. In every case nothing was released.
        """
        return run(self._query(request), self._all_parts())

    def _ask_for_package(self, asker: Asker, request: AskRequest, provision: Provision) -> Release:
        """Rows that leave in a package and in no other way; nobody outside of this room names a package."""
        return run(self._query(request, asker=asker, provision=provision), self._all_parts())

    def explain(self, request: AskRequest, *, at: date | None = None) -> Explanation:
        """What would happen to a query, without running it.

        Args:
            at: the day on which it would be asked, today unless given; who asks and the data are those of today.

        Raises:
            BadInput: as `ask`.
            Unavailable: the policy engine does not answer.
        """
        query = self._query(request)
        if at is not None:
            then = datetime.combine(at, query.time.timetz())
            query = replace(query, time=then, renewal=self.renewals.of(request.purpose, at))
        return explain(query, self._all_parts())

    def articles_of(self, action: Action) -> tuple[int, ...]:
        """The articles under which an action is granted."""
        guideline, today = self._deployment.guideline, self._deployment.clock().date()
        controls = guideline.tables["requirements"][action]
        return guideline.articles_of(tuple(c for c in controls if guideline.window(c).holds(today)))

    def _departments(self) -> Mapping[str, LocalDepartment]:
        deployment = self._deployment
        return local_departments(deployment.catalogue, layout=deployment.layout, ledger_vkey=deployment.ledger_vkey)

    def _holds(self) -> tuple[Hold, ...]:
        """What is open and holds up every erasure: incidents, and requests of persons."""
        stops = (Hold(number=s.number, at=s.at, ledger_index=s.ledger_index) for s in self.matters.stops())
        requests = (
            Hold(number=each.number, at=each.received_on.isoformat(), ledger_index=each.ledger_index)
            for each in self.requests.all()
            if each.open
        )
        return (*stops, *requests, *self.incidents.holds())

    def _knows(self, department: str, identifier: str) -> bool:
        """Whether a department's registers know a person; the number goes to that department and comes not back."""
        catalogue, kind = self._deployment.catalogue, self._deployment.catalogue.subject_kind
        local = local_departments(catalogue, layout=self._deployment.layout, ledger_vkey=self._deployment.ledger_vkey)
        registers = (
            dataset.name
            for dataset in catalogue.datasets.values()
            if dataset.department == department
            and not dataset.derived
            and [column.key for column in dataset.columns.values()].count(kind) == 1
        )
        return any(local[department].persons.knows(name, identifier) for name in registers)

    def _query(
        self, request: AskRequest, *, asker: Asker | None = None, provision: Provision | None = None
    ) -> QueryRequest:
        deployment = self._deployment
        now = deployment.clock()
        principal = self._identify(request.token, hat=request.hat) if asker is None else asker.principal
        guideline_approval = self.guideline.state().approval
        approval = self._approval(request.approval) if request.approval is not None else None
        template = deployment.templates.get(approval.template) if approval is not None else None
        if request.approval is not None and approval is None:
            # An approval that does not exist is a missing one: the policy refuses, and the ledger keeps the refusal.
            self._refuse_without_query(
                Asker(principal=principal, now=now, guideline_approval=guideline_approval), request
            )
        if approval is not None and template is None:
            raise BadInput("template-unknown")
        basis = known_basis(deployment.guideline, request.basis)
        if basis is None:
            basis = approval.basis if approval is not None else sole_basis(deployment.guideline, request.purpose)
        return QueryRequest(
            id=secrets.token_hex(16),
            principal=principal,
            purpose=request.purpose,
            sql=template.sql if template is not None else request.sql or "",
            approval=approval,
            parameters=request.parameters,
            declared=template.parameters if template is not None else {},
            recipient=request.recipient or sole_recipient(deployment.guideline, request.purpose),
            basis=basis,
            zone=deployment.settings.network_zone,
            time=now,
            as_of=request.as_of or now.date(),
            guideline_approval=guideline_approval,
            provision=provision,
            renewal=self.renewals.of(request.purpose, now.date()),
            occasional=self.occasional.under(approval, basis=basis),
            stopped=bool(self.matters.stops()),
            ahead=self.ahead.of(principal.id) if principal is not None else (),
        )

    def _identify(self, token: str | None, *, hat: str | None) -> Principal | None:
        verified = self._deployment.identify(token, hat=hat)
        if verified.reason is not None:
            get_log().info("token-refused", reason=verified.reason)
        return verified.principal

    def _refuse_without_query(self, asker: Asker, request: AskRequest) -> None:
        question = asker.request("query", zone=self._deployment.settings.network_zone, purpose=request.purpose)
        decide_action(question, None, grounds=self.grounds)
        # A query that names no dataset cannot have been allowed.
        raise Fault

    def _approval(self, number: str) -> Approval | None:
        try:
            return self.approvals.store.get(number).approval
        except BadInput:
            return None

    def _all_parts(self) -> Parts:
        with self._lock:
            if self._parts is None:
                deployment = self._deployment
                departments = local_departments(
                    deployment.catalogue, layout=deployment.layout, ledger_vkey=deployment.ledger_vkey
                )
                limits = deployment.settings.limits
                combiner = Combiner(
                    deadline_seconds=limits.combine_seconds,
                    memory_mb=limits.combine_memory_mb,
                    threads=limits.combine_threads,
                )
                self._parts = Parts(
                    catalogue=deployment.catalogue,
                    guideline=deployment.guideline,
                    engine=self.grounds.engine,
                    policy_digest=self.grounds.policy_digest,
                    departments=departments,
                    ledger=self.ledger,
                    combiner=self._opened.enter_context(combiner),
                    digest_key=deployment.digest_key,
                    answers=AnswerStore.open(deployment.layout.store, key=deployment.digest_key),
                )
            return self._parts
