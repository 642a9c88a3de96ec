"""What is read of approvals: which there are, where each stands, what waits for whom, and the sheet (第19条)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import get_args

from governance.absences import Deputy
from governance.approvals import Approval, Mark, Step, Template
from governance.errors import BadInput
from governance.facts import QueryFacts
from sekisho.absences import Absences
from sekisho.actions import Asker, Grounds, decide_action, would_allow
from sekisho.approval_progress import Progress, progress
from sekisho.approval_sheet import Sheet, make_sheet
from sekisho.approval_store import ApprovalStore, Change
from sekisho.bases import AheadUses
from sekisho.occasional import OccasionalUses
from sekisho.template_facts import template_facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A step of an approval that waits for somebody."""

    approval: Approval
    step: Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalReadings:
    """The approvals of one deployment, to read.

    Attributes:
        absences: of those who decide; a deputy decides only in them.
        digest_key: keys the digest of a template's text, as it does for queries.
        ahead: what was used before it was decided.
        occasional: what was used beyond the registered purposes.
        rows: how many rows a dataset has at its holder on a day.
    """

    store: ApprovalStore
    templates: Mapping[str, Template]
    grounds: Grounds
    absences: Absences
    digest_key: bytes = field(repr=False)
    ahead: AheadUses
    occasional: OccasionalUses
    rows: Callable[[str, date], int]

    def list(self, asker: Asker) -> tuple[Approval, ...]:
        """All approvals, oldest first, for whoever may read them."""
        decide_action(asker.request("approval.read", zone=self.grounds.zone), None, grounds=self.grounds)
        return tuple(stored.approval for stored in self.store.all())

    def show(self, asker: Asker, *, approval: str) -> tuple[Approval, tuple[Change, ...]]:
        """One approval and what happened to it, for whoever may read it."""
        found = self.store.get(approval).approval
        question = asker.request("approval.read", zone=self.grounds.zone, approval=found)
        decide_action(question, None, grounds=self.grounds)
        return found, self.store.changes(found.id)

    def waiting(self, asker: Asker) -> tuple[Waiting, ...]:
        """The steps that the policy would let the asker take now: of undecided approvals, and later looks (後閲).

        Reading is decided and recorded as in `list`; whether a step would be allowed is asked without taking it.
        """
        approvals = self.list(asker)
        steps = [
            Waiting(approval=approval, step=step)
            for approval in approvals
            if approval.state == "requested"
            for step in get_args(Step)
            if self._may_sign(asker, approval, step)
        ]
        looks = [
            Waiting(approval=approval, step="acknowledge")
            for approval in approvals
            if approval.waits_for_a_look and self._may_look(asker, approval)
        ]
        return (*steps, *looks)

    def progress(self, approval: Approval, *, today: date) -> Progress:
        """Where an approval stands on a day, for people."""
        try:
            facts = self._facts(self._template(approval.template), as_of=today)
        except BadInput:
            facts = None
        return progress(
            approval, facts, catalogue=self.grounds.catalogue, guideline=self.grounds.guideline, today=today
        )

    def sheet(self, asker: Asker, *, approval: str) -> Sheet:
        """The sheet of an approval (決裁文書), for whoever may read the approval.

        Raises:
            BadInput: no such approval, or its template is no longer there.
            Denied: the policy refuses.
            Unavailable: as `request`.
        """
        found, changes = self.show(asker, approval=approval)
        template = self._template(found.template)
        today = asker.now.date()
        return make_sheet(
            found,
            changes,
            template=template,
            facts=self._facts(template, as_of=today),
            stage=self.progress(found, today=today),
            catalogue=self.grounds.catalogue,
            guideline=self.grounds.guideline,
        )

    def _may_sign(self, asker: Asker, approval: Approval, step: Step) -> bool:
        if asker.principal is None or (step, asker.principal.id) in {(s.step, s.id) for s in approval.reviewers}:
            return False
        try:
            facts = self._facts(self._template(approval.template), as_of=asker.now.date())
        except BadInput:
            return False
        question = asker.request(
            "approval.sign",
            zone=self.grounds.zone,
            purpose=approval.purpose,
            basis=approval.basis,
            approval=approval,
            deputy=self._deputy(asker, step),
            occasional=self.occasional.under(approval, basis=approval.basis),
        )
        return would_allow(question, facts, grounds=self.grounds, step=step)

    def _may_look(self, asker: Asker, approval: Approval) -> bool:
        question = asker.request("approval.acknowledge", zone=self.grounds.zone, approval=approval)
        return would_allow(question, None, grounds=self.grounds)

    def _deputy(self, asker: Asker, step: Step | None) -> Deputy | None:
        if step != "deputise" or asker.principal is None:
            return None
        waiting = [stored.approval for stored in self.store.all() if stored.approval.waits_for_a_look]
        return Deputy(
            deciders=self.absences.deciders(asker.now.date()),
            due=tuple(
                sorted(a.acknowledge_by or "" for a in waiting if a.approver and a.approver.id == asker.principal.id)
            ),
        )

    def _facts(self, template: Template, *, as_of: date) -> QueryFacts:
        return template_facts(template, catalogue=self.grounds.catalogue, digest_key=self.digest_key, as_of=as_of)

    def _template(self, name: str) -> Template:
        try:
            return self.templates[name]
        except KeyError:
            raise BadInput("template-unknown") from None
