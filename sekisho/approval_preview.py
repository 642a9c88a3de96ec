"""What would leave a steward's own department under an approval, before the steward consents (第19条の合議).

The policy says whose data may be looked at and in which forms the query would get them. The rows are read on that
department's side, and shown to its steward alone. Of other departments only whom they protect plays a part, as
pseudonyms of this one look, so that no protected person is an example.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from connectors.department import LocalDepartment
from connectors.previews import Protected, ScanPreview, keys_of_one_use
from governance.approvals import Approval, Template
from governance.catalogue import Dataset
from governance.decisions import Obligations
from governance.errors import BadInput, Fault
from governance.forms import Form
from governance.guideline import Guideline
from governance.registrations import Registration
from query_broker.languages import facts_of, plan_query, read_query
from query_broker.plan import PlannedScan
from query_broker.relational import Constant
from sekisho.actions import Asker, Grounds, decide_obliged, sole_recipient


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPreview:
    """What would leave one dataset, for one place where the query reads it.

    Attributes:
        forms: each column that is read, in which form; one whose form does not leave only filters.
        filter: the condition on rows that the guideline lays down, as data.
        predicates: the query's own conditions on the forms, as data.
        exclude: named sets that are left out, each with the mark of those whose query it is not left out of, if any.
        found: counts and examples.
    """

    dataset: Dataset
    scan: str
    forms: Mapping[str, Form]
    filter: Mapping[str, Any]
    predicates: Mapping[str, Any]
    exclude: Mapping[str, str | None]
    found: ScanPreview


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalPreview:
    """What would leave a department under an approval.

    Attributes:
        smallest: how many persons a group must have not to be small.
        ledger_index: the decision that allowed the look.
    """

    approval: Approval
    department: str
    smallest: int
    datasets: tuple[DatasetPreview, ...]
    ledger_index: int


def preview_approval(
    asker: Asker,
    *,
    approval: Approval,
    template: Template,
    parameters: Mapping[str, Constant],
    grounds: Grounds,
    departments: Mapping[str, LocalDepartment],
    digest_key: bytes,
) -> ApprovalPreview:
    """Look at what would leave the asker's own department.

    Args:
        parameters: values of the template's parameters, as a query would give them.

    Raises:
        BadInput: a parameter does not fit, or the query reads nothing of that department.
        Denied: the policy refuses: not the department's steward, or the approval is past that.
        Unavailable: a part does not answer.
    """
    catalogue, guideline = grounds.catalogue, grounds.guideline
    parsed = read_query(
        template.sql, catalogue=catalogue, declared=template.parameters, parameters=parameters, digest_key=digest_key
    )
    facts = facts_of(parsed, catalogue=catalogue)
    read = sorted({catalogue.dataset(scan.dataset).department for scan in facts.scans})
    own = asker.principal.department if asker.principal is not None else None
    # Whoever belongs to no department is refused under the name of one whose data the query reads.
    department = own if own is not None and own in catalogue.departments else read[0]
    question = asker.request(
        "approval.preview",
        zone=grounds.zone,
        purpose=approval.purpose,
        recipient=sole_recipient(guideline, approval.purpose),
        basis=approval.basis,
        approval=approval,
        registration=Registration(department=department),
    )
    receipt, decision = decide_obliged(question, facts, grounds=grounds)
    if decision.obligations is None:
        raise Fault
    if department not in read:
        raise BadInput("approval-preview-nothing", department=department)
    today = asker.now.date()
    plan, _ = plan_query(parsed, facts=facts, obligations=decision.obligations, catalogue=catalogue, as_of=today)
    roles = {scan.id: scan.role for scan in facts.scans}
    keyring = keys_of_one_use()
    members = [each.protected(keyring=keyring, as_of=today) for each in departments.values()]
    protected = Protected(keyring=keyring, members=pa.concat_arrays(members))
    smallest: int = guideline.parameters(today)["k_internal"]
    return ApprovalPreview(
        approval=approval,
        department=department,
        smallest=smallest,
        datasets=tuple(
            _of(
                scan,
                obligations=decision.obligations,
                dataset=catalogue.dataset(scan.order.dataset),
                exclude=(left_out := _left_out(roles[scan.id], department, guideline)),
                # As somebody's query would have it who has no clearance, whatever the steward has.
                found=departments[department].preview(
                    replace(scan.order, exclude=tuple(left_out)), protected=protected, smallest=smallest
                ),
            )
            for scan in plan.scans
            if scan.department == department
        ),
        ledger_index=receipt.index,
    )


def _left_out(role: str, department: str, guideline: Guideline) -> Mapping[str, str | None]:
    """The named sets that a scan of a role leaves out in a department, each with the mark that lifts it."""
    return {
        name: entry.get("unless")
        for name, entry in sorted(guideline.tables["named_sets"].items())
        if role in entry["roles"] and department in entry["departments"]
    }


def _of(
    scan: PlannedScan,
    *,
    obligations: Obligations,
    dataset: Dataset,
    exclude: Mapping[str, str | None],
    found: ScanPreview,
) -> DatasetPreview:
    leaving = {column.column for column in scan.order.columns}
    forms = {
        name: form
        for name, form in obligations.scans[scan.id].forms.items()
        if name in leaving or name in scan.order.filter_forms
    }
    return DatasetPreview(
        dataset=dataset,
        scan=scan.id,
        forms={name: forms[name] for name in dataset.columns if name in forms},
        filter=scan.order.filter.to_json(),
        predicates=scan.order.predicates.to_json(),
        exclude=exclude,
        found=found,
    )
