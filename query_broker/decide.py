"""Stage 3, **decide**: the one question to the policy. Everything that may bear on the answer is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from governance.approvals import Step
from governance.catalogue import Catalogue
from governance.facts import QueryFacts
from governance.guideline import Guideline
from governance.principals import Principal
from query_broker.request import QueryRequest


def decision_input(
    request: QueryRequest,
    facts: QueryFacts | None,
    *,
    guideline: Guideline,
    catalogue: Catalogue,
    extracts: Mapping[str, date],
    sets: Mapping[str, Mapping[str, date]] | None = None,
    step: Step | None = None,
) -> dict[str, Any]:
    """The decision document of a query or of another action (``policies/schemas/decision_input.schema.json``).

    Classes, origins and allow-lists are not in it: the policy reads them from its own data, so that a broker that lies
    gains nothing. The ledger keeps it, and a person may have typed anything: a purpose, a hat or a recipient that the
    guideline does not know is absent from it, and columns of the answer stand there by their position (I7).

    Args:
        facts: of the query that is run or approved; ``None`` for an action on no query.
        extracts: for each dataset, the date that its data speak of, as its holder says.
        sets: for each dataset, the date that the sets of persons speak of which its holder leaves out of it.
        step: which signature is given, for ``approval.sign``.
    """
    asked = request.ticket.look_ups if request.ticket else ()
    datasets = sorted({scan.dataset for scan in facts.scans} if facts else {order.dataset for order in asked})
    tables = guideline.tables
    return {
        "action": request.action,
        "time": request.time.isoformat(timespec="seconds"),
        "as_of": request.as_of.isoformat(),
        "zone": request.zone,
        "principal": _principal(request.principal, guideline) if request.principal else None,
        "recipient": request.recipient if request.recipient in tables["recipients"] else None,
        "purpose": request.purpose if request.purpose in tables["purposes"] else None,
        "basis": request.basis if request.basis in tables.get("parameters", {}).get("legal_bases", ()) else None,
        "approval": request.approval.to_json() if request.approval else None,
        "step": step,
        "guideline_version": guideline.version,
        "guideline_approval": request.guideline_approval.to_json() if request.guideline_approval else None,
        "registration": request.registration.to_json() if request.registration else None,
        "matter": request.matter.to_json() if request.matter else None,
        "absence": request.absence.to_json() if request.absence else None,
        "deputy": request.deputy.to_json() if request.deputy else None,
        "provision": request.provision.to_json() if request.provision else None,
        "proposal": request.proposal.to_json() if request.proposal else None,
        "renewal": request.renewal.to_json() if request.renewal else None,
        "inquiry": request.inquiry.to_json() if request.inquiry else None,
        "ticket": request.ticket.to_json() if request.ticket else None,
        "assessment": request.assessment.to_json() if request.assessment else None,
        "capacity": request.capacity.to_json() if request.capacity else None,
        "incident": request.incident.to_json() if request.incident else None,
        "occasional": request.occasional.to_json() if request.occasional else None,
        "stopped": request.stopped,
        "ahead": [use.to_json() for use in request.ahead],
        "datasets": {
            name: {
                "as_of": extracts[name].isoformat(),
                "sets": {each: day.isoformat() for each, day in sorted((sets or {}).get(name, {}).items())},
            }
            for name in datasets
            if name in extracts and name in catalogue.datasets
        },
        "query": _query(facts) if facts else None,
    }


def _principal(principal: Principal, guideline: Guideline) -> dict[str, Any]:
    """The principal; with a hat that is nobody's, none is worn: to leave out that one alone could leave a right one."""
    known = all(hat in guideline.tables["action_matrix"] for hat in principal.hats)
    return principal.to_json() | ({} if known else {"hats": []})


def _query(facts: QueryFacts) -> dict[str, Any]:
    """The facts, with the answer's columns named ``c1``, ``c2``, …: an alias is the asker's own word."""
    document = facts.to_json()
    for position, column in enumerate(document["output"]["columns"], start=1):
        column["name"] = f"c{position}"
    return document
