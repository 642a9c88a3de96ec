"""Where an approval stands, as people say it (第19条).

The store keeps seven states; which step is due and whether an approval has lapsed follow from its signatures, the day,
its query and the guideline. This is what people are shown: whether an approval may be used is the policy's question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from governance.approvals import Approval, Mark
from governance.catalogue import Catalogue, Label
from governance.facts import QueryFacts
from governance.guideline import Guideline

Stage = Literal[
    "review", "consult", "decide", "granted", "returned", "recalled", "rejected", "revoked", "withdrawn",
    "expired", "void",
]  # fmt: skip

STEP_LABELS: Mapping[Mark, Label] = {
    "review": Label(ja="審査", en="review"),
    "consult": Label(ja="合議", en="consultation"),
    "decide": Label(ja="決裁", en="decision"),
    "deputise": Label(ja="代決", en="decision by a deputy"),
    "acknowledge": Label(ja="後閲", en="later look"),
}
"""What people call the steps of the route."""

STAGE_LABELS: Mapping[Stage, Label] = {
    "review": Label(ja="審査中", en="under review"),
    "consult": Label(ja="合議中", en="in consultation"),
    "decide": Label(ja="決裁待ち", en="awaiting decision"),
    "granted": Label(ja="決裁済", en="granted"),
    "returned": Label(ja="差戻し（起案者の手元）", en="sent back to the drafter"),
    "recalled": Label(ja="引戻し（起案者の手元）", en="taken back by the drafter"),
    "rejected": Label(ja="不承認", en="rejected"),
    "revoked": Label(ja="取消し", en="revoked"),
    "withdrawn": Label(ja="取下げ", en="withdrawn"),
    "expired": Label(ja="失効（期限）", en="expired"),
    "void": Label(ja="失効（照会又はガイドラインの変更）", en="void: the query or the guideline has changed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where an approval stands.

    Attributes:
        missing: departments whose steward has not consented, by id, where the query can still be read.
        look_by: where a deputy decided and the decider has not looked at it: until when, ISO date.
        overdue: that day has passed.
    """

    stage: Stage
    missing: tuple[str, ...] = ()
    look_by: str | None = None
    overdue: bool = False


def progress(
    approval: Approval, facts: QueryFacts | None, *, catalogue: Catalogue, guideline: Guideline, today: date
) -> Progress:
    """Where an approval stands on a day, and whether the decider has still to look at it (後閲).

    Args:
        facts: of its template's text as it is now, ``None`` where there is none that can be asked.
    """
    stands = _stands(approval, facts, catalogue=catalogue, guideline=guideline, today=today)
    if not approval.waits_for_a_look or approval.acknowledge_by is None:
        return stands
    return replace(stands, look_by=approval.acknowledge_by, overdue=date.fromisoformat(approval.acknowledge_by) < today)


def _stands(
    approval: Approval, facts: QueryFacts | None, *, catalogue: Catalogue, guideline: Guideline, today: date
) -> Progress:
    match approval.state:
        case "returned" | "recalled" | "rejected" | "revoked" | "withdrawn" as left:
            return Progress(stage=left)
        case _:
            pass
    if facts is None or facts.sql_digest != approval.sql_digest or guideline.version != approval.guideline_version:
        return Progress(stage="void")
    missing = tuple(name for name in holders(facts, catalogue) if not _consented(approval, name, catalogue))
    if approval.expires_at < today.isoformat():
        return Progress(stage="expired", missing=missing)
    if approval.state == "granted":
        return Progress(stage="granted", missing=missing)
    if not any(signature.step == "review" for signature in approval.reviewers):
        return Progress(stage="review", missing=missing)
    return Progress(stage="consult" if missing else "decide", missing=missing)


def holders(facts: QueryFacts, catalogue: Catalogue) -> tuple[str, ...]:
    """The departments whose datasets a query reads, by id."""
    return tuple(sorted({catalogue.dataset(scan.dataset).department for scan in facts.scans}))


def _consented(approval: Approval, department: str, catalogue: Catalogue) -> bool:
    steward = catalogue.departments[department].steward
    return any(signature.step == "consult" and signature.id == steward for signature in approval.reviewers)
