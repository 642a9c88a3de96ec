"""What officers look at of their own: a department's data and their uses, what would leave it, one person's uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from audit.entry import Entry
from connectors.department import LocalDepartment
from governance.approvals import Template
from governance.errors import BadInput
from governance.registrations import Registration
from query_broker.relational import Constant
from sekisho.actions import Asker, Grounds, decide_action
from sekisho.approval_preview import ApprovalPreview, preview_approval
from sekisho.approval_store import ApprovalStore
from sekisho.department_check import DepartmentCheck, check_department
from sekisho.matters import Matters
from sekisho.subject_uses import SubjectUse, uses_of_department, uses_of_person


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentLooks:
    """Every look is a decision of the policy and stands in the ledger before anything is shown.

    Attributes:
        departments: opens them.
        clock: the deployment's.
    """

    grounds: Grounds
    matters: Matters
    approvals: ApprovalStore
    templates: Mapping[str, Template]
    departments: Callable[[], Mapping[str, LocalDepartment]]
    clock: Callable[[], datetime]
    digest_key: bytes

    def check(self, asker: Asker, *, department: str) -> DepartmentCheck:
        """How a department's data is, for an officer of that department.

        Raises:
            BadInput: the catalogue has no such department.
            Denied: the policy refuses; with articles.
            Unavailable: the policy or the ledger does not answer.
        """
        registration = self._registration(department)
        decide_action(
            asker.request("dataset.check", zone=self.grounds.zone, registration=registration),
            None,
            grounds=self.grounds,
        )
        return check_department(
            self.departments()[department],
            catalogue=self.grounds.catalogue,
            guideline=self.grounds.guideline,
            today=self.clock().date(),
        )

    def uses_of_department(self, asker: Asker, *, department: str) -> tuple[SubjectUse, ...]:
        """How a department's data were used, for its steward.

        Raises:
            BadInput: the catalogue has no such department.
            Denied: the policy refuses; with articles.
            Unavailable: a part does not answer.
        """
        registration = self._registration(department)
        question = asker.request("ledger.department", zone=self.grounds.zone, registration=registration)
        decide_action(question, None, grounds=self.grounds)
        return uses_of_department(department, ledger=self.grounds.ledger, catalogue=self.grounds.catalogue)

    def preview(self, asker: Asker, *, approval: str, parameters: Mapping[str, Constant]) -> ApprovalPreview:
        """What would leave the asker's own department under an approval, for its steward to look at.

        Raises:
            BadInput: no such approval or template, a parameter does not fit, or nothing of that department is read.
            Denied: the policy refuses; with articles.
            Unavailable: a part does not answer.
        """
        found = self.approvals.get(approval).approval
        template = self.templates.get(found.template)
        if template is None:
            raise BadInput("template-unknown")
        return preview_approval(
            asker,
            approval=found,
            template=template,
            parameters=parameters,
            grounds=self.grounds,
            departments=self.departments(),
            digest_key=self.digest_key,
        )

    def uses_of_person(
        self, asker: Asker, *, number: str, identifier: str
    ) -> tuple[tuple[SubjectUse, ...], tuple[Entry, ...]]:
        """Who used what about one person; and the entries about the person: suspended, set free, looked up.

        Args:
            number: of the document that asks for it.
            identifier: the person's number in the register. It goes to the departments' side and no further.

        Raises:
            BadInput: the document's number is not written as one, or this is no identifier of a person.
            Denied: the policy refuses; with articles.
            Unavailable: a part does not answer; what is known is not shown without the rest.
        """
        reference = self.matters.trace(asker, number=number, identifier=identifier)
        uses = self.uses_of(identifier)
        tickets = [e for e in self.grounds.ledger.of_kind("ticket") if e.document["subject"] == reference]
        return uses, tuple(sorted((*self.matters.about(reference), *tickets), key=lambda entry: entry.index))

    def uses_of(self, identifier: str) -> tuple[SubjectUse, ...]:
        """The uses of a person's data, for a step that the policy has allowed."""
        departments = self.departments()
        return uses_of_person(
            identifier,
            register=departments[self.matters.keeper()],
            departments=departments,
            catalogue=self.grounds.catalogue,
            ledger=self.grounds.ledger,
        )

    def _registration(self, department: str) -> Registration:
        departments = self.grounds.catalogue.departments
        if department not in departments:
            raise BadInput("check-department-unknown", departments=", ".join(departments))
        return Registration(department=department)
