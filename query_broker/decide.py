"""Stage 3, **decide**: the one question to the policy. Everything that may bear on the answer is in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from governance.approvals import Step
from governance.catalogue import Catalogue
from governance.facts import QueryFacts
from governance.guideline import Guideline
from query_broker.request import QueryRequest


def decision_input(
    request: QueryRequest,
    facts: QueryFacts | None,
    *,
    guideline: Guideline,
    catalogue: Catalogue,
    extracts: Mapping[str, date],
    step: Step | None = None,
) -> dict[str, Any]:
    """The decision document of a query or of another action (``policies/schemas/decision_input.schema.json``).

    Classes, origins and allow-lists are not in it: the policy reads them from its own data, so that a broker that lies
    gains nothing.

    Args:
        facts: of the query that is run or approved; ``None`` for an action on no query.
        extracts: for each dataset, the date that its data speak of, as its holder says.
        step: which signature is given, for ``approval.sign``.
    """
    datasets = sorted({scan.dataset for scan in facts.scans}) if facts else []
    return {
        "action": request.action,
        "time": request.time.isoformat(timespec="seconds"),
        "as_of": request.as_of.isoformat(),
        "zone": request.zone,
        "principal": request.principal.to_json() if request.principal else None,
        "recipient": request.recipient,
        "purpose": request.purpose,
        "basis": request.basis,
        "approval": request.approval.to_json() if request.approval else None,
        "step": step,
        "guideline_version": guideline.version,
        "datasets": {
            name: {"as_of": extracts[name].isoformat()}
            for name in datasets
            if name in extracts and name in catalogue.datasets
        },
        "query": facts.to_json() if facts else None,
    }
