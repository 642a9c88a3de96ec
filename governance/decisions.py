"""The policy's answer as frozen values: allow or deny with controls, and obligations per scan and for the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from governance.conditions import Condition, parse_condition
from governance.forms import Form, parse_form


@dataclass(frozen=True, slots=True, kw_only=True)
class DenyReason:
    """Why not: the control, what it refuses (``s2.name_kanji``, ``purpose``), and names for the sentence."""

    control: str
    on: str
    params: Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanObligation:
    """What a department must do to one scan: forms by column, a row filter on raw values, named sets to leave out.

    Attributes:
        unknown: the dataset is out of date: nothing is asked of it, and what rests on it is unknown.
    """

    forms: Mapping[str, Form]
    filter: Condition
    exclude: tuple[str, ...]
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CountBy:
    """A column whose distinct values count persons or households in an output group."""

    scan: str
    column: str
    unit: Literal["person", "household"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareBy:
    """How an aggregate answer is compared with earlier ones.

    Attributes:
        period: length of the data period within which answers are compared, and a question gets its first answer again.
        smallest: populations that differ by fewer are too close.
        series: the approval of a template that recurs, whose runs are rounded and not compared with each other.
    """

    period: Literal["month", "fiscal_year"]
    smallest: int
    series: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The obligation of the answer document."""
        said = {"period": self.period, "smallest": self.smallest}
        return said if self.series is None else said | {"series": self.series}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How exactly it is told, beside an answer, how much was read for it and how long that took.

    Attributes:
        rows: numbers of rows and cells are told as the next multiple of this; ``None``: as they are.
        seconds: an answer, or a refusal after the decision, leaves at whole multiples of this; ``None``: when it is
            ready.
    """

    rows: int | None
    seconds: int | None

    def counted(self, number: int) -> int:
        """A number as it is told."""
        return number if self.rows is None else -(-number // self.rows) * self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputObligation:
    """What the output stage must do.

    Attributes:
        min_group_size: smallest number of distinct persons per output row of an aggregate; 0 for row-level output.
        count_by: how persons and households are counted.
        rounding: base to which counts are rounded, ``None`` for no rounding.
        max_rows: more rows than this is a refusal, never a cut.
        order: ``by_output``: rows leave sorted by their own values, so that order says nothing of the source.
        compare: for aggregates, ``None`` for row-level answers.
        sensitive: columns, each a scan and a name, of which even *nobody* and *everybody* say something of each.
        report: how exactly effort is told, where the purpose asks for less than all.
    """

    min_group_size: int
    count_by: tuple[CountBy, ...]
    rounding: int | None
    max_rows: int
    order: Literal["by_output"]
    compare: CompareBy | None
    sensitive: tuple[tuple[str, str], ...]
    report: Report | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymSpace:
    """The pseudonymisation domain and epoch whose keys make this answer's pseudonyms."""

    domain: str
    epoch: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligations:
    """Everything an allowed query has to be done under."""

    scans: Mapping[str, ScanObligation]
    output: OutputObligation
    pseudonyms: PseudonymSpace
    expires_in_days: int | None
    required_reviewers: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The obligations of the answer document."""
        return {
            "scans": {
                scan: {
                    "forms": {column: form.to_json() for column, form in obligation.forms.items()},
                    "filter": obligation.filter.to_json(),
                    "exclude": list(obligation.exclude),
                    "unknown": obligation.unknown,
                }
                for scan, obligation in self.scans.items()
            },
            "output": {
                "min_group_size": self.output.min_group_size,
                "count_by": [{"scan": c.scan, "column": c.column, "unit": c.unit} for c in self.output.count_by],
                "rounding": self.output.rounding,
                "max_rows": self.output.max_rows,
                "order": self.output.order,
                "compare": self.output.compare.to_json() if self.output.compare is not None else None,
                "sensitive": [{"scan": scan, "column": column} for scan, column in self.output.sensitive],
                **({"report": asdict(self.output.report)} if self.output.report is not None else {}),
            },
            "pseudonyms": {"domain": self.pseudonyms.domain, "epoch": self.pseudonyms.epoch},
            "expires_in_days": self.expires_in_days,
            "required_reviewers": list(self.required_reviewers),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer, with the digest of what was asked.

    Attributes:
        allow: true only where every required control positively granted.
        required: controls that the action requires.
        granted_under: those that granted.
        deny: reasons; they explain, they do not decide.
        obligations: present exactly when a query is allowed.
        input_digest: SHA-256 of the canonical decision input, which the ledger keeps as a sidecar.
        engine: which engine answered.
    """

    allow: bool
    required: tuple[str, ...]
    granted_under: tuple[str, ...]
    deny: tuple[DenyReason, ...]
    obligations: Obligations | None
    input_digest: str
    engine: str


def parse_obligations(document: Mapping[str, Any]) -> Obligations:
    """Read the obligations of an answer that fits its schema."""
    output = document["output"]
    return Obligations(
        scans={
            scan: ScanObligation(
                forms={column: parse_form(form) for column, form in obligation["forms"].items()},
                filter=parse_condition(obligation["filter"]),
                exclude=tuple(obligation["exclude"]),
                unknown=obligation["unknown"],
            )
            for scan, obligation in document["scans"].items()
        },
        output=OutputObligation(
            min_group_size=output["min_group_size"],
            count_by=tuple(CountBy(scan=c["scan"], column=c["column"], unit=c["unit"]) for c in output["count_by"]),
            rounding=output["rounding"],
            max_rows=output["max_rows"],
            order=output["order"],
            compare=CompareBy(**output["compare"]) if output["compare"] is not None else None,
            sensitive=tuple((each["scan"], each["column"]) for each in output["sensitive"]),
            report=Report(**output["report"]) if "report" in output else None,
        ),
        pseudonyms=PseudonymSpace(domain=document["pseudonyms"]["domain"], epoch=document["pseudonyms"]["epoch"]),
        expires_in_days=document["expires_in_days"],
        required_reviewers=tuple(document["required_reviewers"]),
    )
