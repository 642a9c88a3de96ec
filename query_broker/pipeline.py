"""The one path of a query, on one page. Every read of departmental data takes it.

Each stage is a function of its own module and hands over one frozen value:

    QueryRequest → 1 parse → ParsedQuery → 2 describe → QueryFacts → 3 decide → Decision → 4 rewrite → FederatedPlan
      → 5 certify → 6 record intent (durable) → 7 scan → 8 combine → 9 protect → 10 record outcome → Release

Of an aggregate query what can be computed from its protected answer alone is planned beside 4 and computed after 9.

Whatever ends a query early ends it in the ledger: a deny as a decision with its articles, everything else as a refusal
with its code and stage. Where the ledger itself does not answer, nothing was asked of a department (I2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from audit.receipt import Receipt
from governance.decisions import Decision, Obligations, Report
from governance.errors import Denied, Unavailable
from governance.facts import QueryFacts
from policies.ask import PolicyUnavailable, ask
from query_broker.certify import Certificate
from query_broker.compare import Comparison, comparison, repeated
from query_broker.coverage import known_rows
from query_broker.decide import decision_input
from query_broker.finish import FinishPlan, finish
from query_broker.languages import Query, certify_query, facts_of, plan_query, read_query
from query_broker.parse import ParsedQuery
from query_broker.parts import Parts
from query_broker.plan import FederatedPlan, PlannedScan
from query_broker.progress import Progress, recorded
from query_broker.protect import protect
from query_broker.record import (
    Intent,
    Outcome,
    record_decision,
    record_intent,
    record_no_answer,
    record_outcome,
)
from query_broker.release import Explanation, Release, ScanCells
from query_broker.request import QueryRequest
from query_broker.scan import scan_departments
from query_broker.wide.query import WideQuery

STAGES = (
    "parse", "describe", "decide", "rewrite", "certify",
    "record-intent", "scan", "combine", "protect", "record-outcome",
)  # fmt: skip


def run(request: QueryRequest, parts: Parts) -> Release:
    """Take a query down the whole path.

    Raises:
        BadInput: the query is outside what may be asked, or does not fit its granted forms.
        Denied: the policy refuses; with articles.
        Unavailable: the policy engine, a department, the combining process or the ledger does not answer.
        Fault: ours. In every case nothing was released.
    """
    with recorded(request, parts) as progress:
        parsed, facts = _read(request, parts, progress)
        progress.stage = "decide"
        decision, document = _decide(request, facts, parts, progress)
        obligations = decision.obligations
        if not decision.allow or obligations is None:
            receipt = record_decision(parts.ledger, **progress.grounds, decision=decision, document=document)
            raise Denied(
                tuple(parts.guideline.cite(reason, catalogue=parts.catalogue) for reason in decision.deny),
                decision_id=str(receipt.index),
            )
        progress.stage, progress.report = "rewrite", obligations.output.report
        plan, finishing = plan_query(
            parsed, facts=facts, obligations=obligations, catalogue=parts.catalogue, as_of=request.as_of
        )
        progress.stage = "certify"
        certificate = _certified(request, plan, parsed, facts, obligations, parts)
        compared = _compared(request, parsed, facts, obligations, plan, document, parts)
        progress.stage = "record-intent"
        intent = record_intent(
            parts.ledger,
            **progress.grounds,
            decision=decision,
            document=document,
            plan=plan,
            certificate=certificate,
        )
        progress.decision = intent.receipt
        stale = _stale(plan, document)
        answered = _answer(request, parsed, facts, plan, finishing, compared, intent, parts, progress, stale=stale)
        release = Release(
            request=request.id,
            table=answered.outcome.table,
            rows=answered.outcome.table.num_rows,
            smallest_group=obligations.output.min_group_size,
            cells=_told(answered.cells, obligations.output.report),
            known=answered.known,
            controls=decision.granted_under,
            articles=parts.guideline.articles_of(decision.granted_under),
            decision_index=intent.receipt.index,
            ledger_index=answered.receipt.index,
            receipt=answered.receipt,
            result_digest=answered.digest,
            expires_in_days=obligations.expires_in_days,
            key_id=answered.key_id,
            basis=request.basis,
            repeats=answered.outcome.repeats,
            stale=stale,
            unknown=frozenset(column.name for column in plan.columns if column.unknown),
            rounding=plan.output.rounding,
        )
        progress.released(release)
        return release


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answered:
    """Stages 7 to 10, done."""

    outcome: Outcome
    receipt: Receipt
    digest: str
    cells: Mapping[str, int]
    known: Mapping[str, int]
    key_id: str


def _answer(
    request: QueryRequest,
    parsed: Query,
    facts: QueryFacts,
    plan: FederatedPlan,
    finishing: FinishPlan | None,
    compared: Comparison | None,
    intent: Intent,
    parts: Parts,
    progress: Progress,
    *,
    stale: Mapping[str, date],
) -> _Answered:
    cells: Mapping[str, int] = dict.fromkeys(sorted({scan.department for scan in plan.scans}), 0)
    known: Mapping[str, int] = {}

    def record(outcome: Outcome) -> tuple[Receipt, str]:
        return record_outcome(
            parts.ledger,
            request=request,
            intent=intent,
            table=outcome.table,
            suppressed=outcome.suppressed,
            cells=cells,
            known=known,
            stale=stale,
            guideline=parts.guideline,
            digest_key=parts.digest_key,
            compared=outcome.compared,
            repeats=outcome.repeats,
        )

    first = compared.first_answer(parts) if compared is not None else None
    if first is not None:
        # Asked before in this data period: no department is asked again (R17-3).
        progress.stage = "record-outcome"
        outcome = repeated(*first)
        receipt, digest = record(outcome)
        return _Answered(
            outcome=outcome, receipt=receipt, digest=digest, cells=cells, known=known, key_id=first[0].key_id
        )
    progress.stage = "scan"
    parts.combiner.prepare(1 if finishing is None else 2)
    gathered = scan_departments(plan, intent=intent, departments=parts.departments, max_cells=parts.max_cells)
    cells = gathered.cells
    progress.stage = "combine"
    combined = parts.combiner.run_counted(
        plan.sql,
        parameters=plan.parameters,
        streams=gathered.streams,
        counting=compared.counting(parts) if compared is not None else None,
        most_rows=plan.output.max_rows if plan.output.min_group_size == 0 else None,
    )
    progress.stage = "protect"
    protected = protect(combined.table, plan)
    if isinstance(parsed, ParsedQuery):
        known = known_rows(parsed.select, facts=facts, catalogue=parts.catalogue, table=protected.table, plan=plan)
    if finishing is not None:
        protected = replace(protected, table=finish(protected.table, finishing, parts.combiner))
    if compared is not None:
        outcome, receipt, digest = compared.settle(
            protected, combined.populations, record, key_id=gathered.key_id, parts=parts
        )
    else:
        progress.stage = "record-outcome"
        outcome = Outcome(table=protected.table, suppressed=protected.suppressed, compared=None, repeats=None)
        receipt, digest = record(outcome)
    return _Answered(outcome=outcome, receipt=receipt, digest=digest, cells=cells, known=known, key_id=gathered.key_id)


def _stale(plan: FederatedPlan, document: Mapping[str, Any]) -> Mapping[str, date]:
    """Datasets that are not asked, each with the day that its holder says."""
    names = sorted({scan.order.dataset for scan in plan.scans if scan.unknown})
    return {name: date.fromisoformat(document["datasets"][name]["as_of"]) for name in names}


def explain(request: QueryRequest, parts: Parts) -> Explanation:
    """The first five stages, without a trace in the ledger but with the same refusals; no department gives data.

    Raises:
        BadInput: as `run`.
        Unavailable: the policy engine or a department does not answer.
    """
    parsed, facts = _read(request, parts, None)
    document = _document(request, facts, parts)
    decision = ask(parts.engine, document)
    if not decision.allow or decision.obligations is None:
        return Explanation(facts=facts, decision=decision, plan=None, cells=())
    plan, _ = plan_query(
        parsed, facts=facts, obligations=decision.obligations, catalogue=parts.catalogue, as_of=request.as_of
    )
    _certified(request, plan, parsed, facts, decision.obligations, parts)
    return Explanation(
        facts=facts,
        decision=decision,
        plan=plan,
        cells=tuple(
            ScanCells(
                scan=scan,
                rows_at_most=_counted(
                    _rows_at_most(scan, parts, as_of=request.as_of), decision.obligations.output.report
                ),
            )
            for scan in plan.scans
        ),
    )


def _counted(number: int, report: Report | None) -> int:
    return number if report is None else report.counted(number)


def _told(cells: Mapping[str, int], report: Report | None) -> Mapping[str, int]:
    """Cells as whoever asks is told them. The ledger has them as they are."""
    return {department: _counted(number, report) for department, number in cells.items()}


def describe_only(request: QueryRequest, parts: Parts) -> QueryFacts:
    """The facts of a query text, for the approval of a template."""
    return _read(request, parts, None)[1]


def _rows_at_most(scan: PlannedScan, parts: Parts, *, as_of: date) -> int:
    if scan.unknown:
        return 0
    department = parts.departments.get(scan.department)
    if department is None:
        raise Unavailable("department-missing", department=scan.department)
    return department.rows(scan.order.dataset, as_of=as_of)


def _certified(
    request: QueryRequest,
    plan: FederatedPlan,
    parsed: Query,
    facts: QueryFacts,
    obligations: Obligations,
    parts: Parts,
) -> Certificate:
    return certify_query(
        plan,
        query=parsed,
        asked=request.sql,
        facts=facts,
        obligations=obligations,
        catalogue=parts.catalogue,
        as_of=request.as_of,
        digest_key=parts.digest_key,
    )


def _compared(
    request: QueryRequest,
    parsed: Query,
    facts: QueryFacts,
    obligations: Obligations,
    plan: FederatedPlan,
    document: Mapping[str, Any],
    parts: Parts,
) -> Comparison | None:
    """How an answer about groups of persons is compared with earlier ones."""
    if isinstance(parsed, WideQuery):
        return None
    return comparison(
        request,
        parsed=parsed,
        facts=facts,
        obligations=obligations,
        plan=plan,
        extracts={name: dataset["as_of"] for name, dataset in document["datasets"].items()},
        guideline_version=parts.guideline.version,
        key=parts.digest_key,
    )


def _read(request: QueryRequest, parts: Parts, progress: Progress | None) -> tuple[Query, QueryFacts]:
    parsed = read_query(
        request.sql,
        catalogue=parts.catalogue,
        declared=request.declared,
        parameters=request.parameters,
        digest_key=parts.digest_key,
    )
    if progress is not None:
        progress.stage = "describe"
    facts = facts_of(parsed, catalogue=parts.catalogue)
    if progress is not None:
        progress.facts = facts
    return parsed, facts


def _document(request: QueryRequest, facts: QueryFacts, parts: Parts) -> dict[str, Any]:
    extracts: dict[str, date] = {}
    sets: dict[str, dict[str, date]] = {}
    for scan in facts.scans:
        department = parts.catalogue.dataset(scan.dataset).department
        if department not in parts.departments:
            continue
        extracts[scan.dataset] = parts.departments[department].as_of(scan.dataset)
        for name in _dated_sets(scan.role, department, parts):
            day = parts.departments[department].set_as_of(name)
            if day is not None:
                sets.setdefault(scan.dataset, {})[name] = day
    return decision_input(
        request, facts, guideline=parts.guideline, catalogue=parts.catalogue, extracts=extracts, sets=sets
    )


def _dated_sets(role: str, department: str, parts: Parts) -> Iterator[str]:
    """The named sets for a scan's role which have an age, as far as its holder has them."""
    holder = parts.catalogue.departments.get(department)
    held = {each.name for each in holder.sets} if holder is not None else set()
    for name, entry in parts.guideline.tables.get("named_sets", {}).items():
        if name in held and role in entry["roles"] and entry.get("refresh") is not None:
            yield name


def _decide(
    request: QueryRequest, facts: QueryFacts, parts: Parts, progress: Progress
) -> tuple[Decision, dict[str, Any]]:
    document = _document(request, facts, parts)
    try:
        return ask(parts.engine, document), document
    except PolicyUnavailable as error:
        # No answer is a deny (I3), and stands in the ledger as one.
        progress.decision = record_no_answer(
            parts.ledger,
            **progress.grounds,
            document=document,
            engine=parts.engine.name,
            input_digest=error.input_digest,
        )
        raise
