"""The reference city as tests use it: who signs what, and asking as somebody."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from governance.approvals import Approval, Step
from query_broker.release import Release
from sekisho.actions import Asker
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.checks import PartResult, check
from sekisho.deployment import Deployment
from sekisho.template_facts import template_facts

APPROVAL = "AP-2023-0001"
TEMPLATE = "yc-household-care"
PURPOSE = "young_carer"

SIGNERS: tuple[tuple[str, str, Step], ...] = (
    ("privacy", "reviewer", "review"),
    ("steward-shimin", "data_steward", "consult"),
    ("steward-kaigo", "data_steward", "consult"),
    ("steward-kyoiku", "data_steward", "consult"),
    ("steward-school", "data_steward", "consult"),
    ("cpo", "cpo", "decide"),
)
"""Everybody whose signature the template needs, in order: it reads items that need care, so the cpo decides."""


def asker(deployment: Deployment, broker: Broker, principal: str, hat: str) -> Asker:
    """An account with a token that was issued just now, by the deployment's clock."""
    token = deployment.issuer.issue(deployment.principals[principal], now=deployment.clock())
    return broker.asker(token, hat=hat)


def draft(deployment: Deployment, broker: Broker, *, template: str = TEMPLATE, until: date | None = None) -> Approval:
    """Drafted by the case worker."""
    return broker.approvals.request(asker(deployment, broker, "center", "controller"), template=template, until=until)


def sign(deployment: Deployment, broker: Broker, number: str, *, upto: int = len(SIGNERS)) -> Approval:
    """Signed by the first ``upto`` of its signers."""
    signed = broker.approvals.store.get(number).approval
    for name, hat, step in SIGNERS[:upto]:
        signed = broker.approvals.sign(asker(deployment, broker, name, hat), approval=number, step=step)
    return signed


def grant(folder: Path, *, until: date | None = None, now: datetime | None = None) -> Approval:
    """An approval of the template, drafted and signed by everybody."""
    deployment = Deployment.load(folder, now=now)
    with deployment.broker() as broker:
        return sign(deployment, broker, draft(deployment, broker, until=until).id)


def stewards_of(deployment: Deployment, template: str) -> tuple[str, ...]:
    """The 保護管理者 of every department whose datasets a template reads."""
    facts = template_facts(
        deployment.templates[template],
        catalogue=deployment.catalogue,
        digest_key=deployment.digest_key,
        as_of=deployment.clock().date(),
    )
    departments = {deployment.catalogue.dataset(scan.dataset).department for scan in facts.scans}
    return tuple(deployment.catalogue.departments[name].steward for name in sorted(departments))


def approve(deployment: Deployment, broker: Broker, template: str, *, decider: tuple[str, str] = ("cpo", "cpo")) -> str:
    """An approval of any template: drafted, reviewed, consented to by the stewards, decided; its number."""
    number = draft(deployment, broker, template=template).id
    signers: list[tuple[str, str, Step]] = [("privacy", "reviewer", "review")]
    signers += [(steward, "data_steward", "consult") for steward in stewards_of(deployment, template)]
    for name, hat, step in (*signers, (*decider, "decide")):
        broker.approvals.sign(asker(deployment, broker, name, hat), approval=number, step=step)
    return number


def approve_capacity(broker: Broker, cycle: str, room: int) -> None:
    """The capacity of a cycle, approved by the manager."""
    broker.capacities.approve(asker(broker.deployment, broker, "center-head", "center_head"), cycle=cycle, room=room)


def ask(broker: Broker, deployment: Deployment, principal: str | None = "center", **request: Any) -> Release:
    """Asked with the account's own token; by default the approved query as it should be asked."""
    if "sql" not in request:
        request = {"approval": APPROVAL, **request}
    request = {"purpose": PURPOSE, "hat": "controller", **request}
    return broker.ask(AskRequest(token=deployment.token(principal), **request))


def part_of_check(folder: Path, part: str) -> PartResult:
    """What the deployment's check finds in one part; the parts after it, such as the departments' sources, are not read."""
    return next(each for each in check(folder) if each.part == part)
