"""Approved query templates: what was approved, by whom, until when (第19条).

An approval is bound to the digest of the template's text and to the version of the guideline; a change of either voids
it. Whether an approval suffices is the policy's question, not asked here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from governance.absences import Absence

ParameterType = Literal["integer", "text", "date", "boolean"]
ApprovalState = Literal["requested", "returned", "recalled", "granted", "rejected", "revoked", "withdrawn"]
"""``returned`` (差戻し) and ``recalled`` (引戻し) are with the drafter, who may hand them in again."""
Step = Literal["review", "consult", "decide", "deputise"]
"""審査 by the privacy team, 合議 of a holder's steward, 決裁, 代決 in the decider's absence."""

Mark = Step | Literal["acknowledge"]
"""A step of the route, or 後閲: the decider has looked at what a deputy decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateParameter:
    """A typed parameter of a template. ``personal`` ones are kept out of every record but as keyed digests (I7)."""

    name: str
    type: ParameterType
    personal: bool
    label_ja: str
    label_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateColumn:
    """How people read a column of the answer; the query and its answer for programs are the same without it.

    Attributes:
        values_of: ``department.dataset.column``, granted as ``ordinal``: the column's numbers are positions in its
            order, and people read the codes.
    """

    label_ja: str
    label_en: str
    values_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A query text with typed parameters, written ``$name``, and how people read the columns of its answer.

    Attributes:
        recurs: how often it is meant to run; ``None`` for a query that is asked when it is needed.
    """

    id: str
    title_ja: str
    title_en: str
    purpose: str
    sql: str
    parameters: Mapping[str, TemplateParameter]
    columns: Mapping[str, TemplateColumn] = field(default_factory=dict)
    recurs: Literal["month"] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What was settled for a template that recurs, so that its runs do not tell who came and who went between them.

    Attributes:
        runs: for how many runs births and moves were simulated.
        persons: how many persons the simulation had, about as many as the cohort.
        rounding: multiples to which the counts of every run are rounded.
        refused_exact: how many of the runs would have been refused had their counts been exact.
    """

    interval: Literal["month"]
    runs: int
    persons: int
    rounding: int
    refused_exact: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One step of the route, taken by one person."""

    step: Mark
    id: str
    role: str
    post: str
    department: str | None
    at: str

    def to_json(self) -> dict[str, Any]:
        """The signature as the policy sees it."""
        return {
            "step": self.step,
            "id": self.id,
            "role": self.role,
            "post": self.post,
            "department": self.department,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What stands on the drafter's sheet (起案用紙) beside the query, for people to read. The ledger holds none of it.

    Of an occasional use the policy is told how much was written.

    Attributes:
        reason: 起案理由, in the drafter's words.
        no_harm: how it was considered that nobody's rights are unjustly harmed, for an occasional use.
        document_number: 文書番号 of the city's own register of documents.
        retention_years: 保存年限.
    """

    reason: str | None = None
    no_harm: str | None = None
    document_number: str | None = None
    retention_years: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What somebody wrote when a request was sent back, taken back or ended. People read it; the policy does not."""

    event: ApprovalState
    by: str
    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The state of one request for approval.

    Attributes:
        reviewers: signatures of review and consultation so far, of the request as it was last handed in.
        approver: the signature of the decision, once there is one: the decider's, or a deputy's.
        starts_on: first day on which the approval counts, ISO date: the day of the request, or 1 April for one that was
            prepared for the next fiscal year.
        expires_at: last day on which the approval counts, ISO date; the end of the fiscal year at the latest.
        sql_digest: keyed digest of the template's canonical text.
        basis: kind of legal basis that its queries rest on; ``None`` in an approval of an earlier release.
        paper: what the drafter wrote on the sheet.
        ending: why it was rejected, revoked or withdrawn, in the words of whoever did it.
        remarks: why it was sent back, taken back or ended, oldest first.
        voided: signatures of the request as it was before it was sent back or taken back. They count for nothing.
        absences: where a deputy decided, the absences on record that day.
        acknowledge_by: where a deputy decided, the day until which the decider has to look at it, ISO date.
        acknowledged: the signature of the decider who has.
        series: what was settled for a template that recurs.
    """

    id: str
    template: str
    purpose: str
    state: ApprovalState
    requester: str
    reviewers: tuple[Signature, ...]
    approver: Signature | None
    requested_at: str
    starts_on: str
    expires_at: str
    guideline_version: str
    sql_digest: str
    basis: str | None = None
    paper: Paper = field(default_factory=Paper)
    ending: str | None = None
    remarks: tuple[Remark, ...] = ()
    voided: tuple[Signature, ...] = ()
    absences: tuple[Absence, ...] = ()
    acknowledge_by: str | None = None
    acknowledged: Signature | None = None
    series: Series | None = None

    @property
    def waits_for_a_look(self) -> bool:
        """Whether a deputy decided, it counts, and the decider has not looked at it yet (後閲待ち)."""
        return self.state == "granted" and self.acknowledge_by is not None and self.acknowledged is None

    def to_json(self) -> dict[str, Any]:
        """The approval of the decision document."""
        return {
            "id": self.id,
            "purpose": self.purpose,
            "state": self.state,
            "requester": self.requester,
            "reviewers": [s.to_json() for s in self.reviewers],
            "approver": self.approver.to_json() if self.approver else None,
            "acknowledged": self.acknowledged.to_json() if self.acknowledged else None,
            "starts_on": self.starts_on,
            "expires_at": self.expires_at,
            "guideline_version": self.guideline_version,
            "sql_digest": self.sql_digest,
            "basis": self.basis,
            "series": {"interval": self.series.interval, "rounding": self.series.rounding} if self.series else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadUse:
    """An approval that its requester has used before it was decided, and nobody has decided since.

    Attributes:
        since: day of the first use, ISO date.
    """

    approval: str
    requester: str
    since: str

    def to_json(self) -> dict[str, Any]:
        """The use as the policy sees it: of whoever asks."""
        return {"approval": self.approval, "since": self.since}
