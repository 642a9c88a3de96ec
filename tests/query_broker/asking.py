"""Taking a query down the first five stages over the neutral town, under obligations that grant every column a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.conditions import ALWAYS, Condition
from governance.decisions import CompareBy, CountBy, Obligations, OutputObligation, PseudonymSpace, ScanObligation
from governance.facts import QueryFacts, ScanFact
from governance.forms import Form
from query_broker.certify import Certificate, certify
from query_broker.describe import describe
from query_broker.finish import FinishPlan, plan_finish
from query_broker.parse import ParsedQuery, parse
from query_broker.plan import FederatedPlan
from query_broker.rewrite import rewrite
from tests.query_broker.world import AS_OF, CATALOGUE, FORMS, PARAMETERS

DIGEST_KEY = b"a key for digests in tests, 32 b"
SPACE = PseudonymSpace(domain="tests", epoch="2023")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What each stage made of a query."""

    parsed: ParsedQuery
    facts: QueryFacts
    obligations: Obligations
    plan: FederatedPlan
    finish: FinishPlan | None = None


def read(sql: str, parameters: Mapping[str, Any] | None = None) -> tuple[ParsedQuery, QueryFacts]:
    """Parse and describe."""
    parsed = parse(sql, catalogue=CATALOGUE, declared=PARAMETERS, parameters=parameters or {}, digest_key=DIGEST_KEY)
    return parsed, describe(parsed, catalogue=CATALOGUE)


def obligations_for(
    facts: QueryFacts,
    *,
    smallest_group: int = 0,
    rounding: int | None = None,
    max_rows: int = 10_000,
    forms: Mapping[str, Mapping[str, Form]] = FORMS,
    filters: Mapping[str, Condition] | None = None,
    exclude: Mapping[str, tuple[str, ...]] | None = None,
) -> Obligations:
    """What a permissive policy would oblige to: the forms of the town, and where asked filters and sets by dataset."""
    return Obligations(
        scans={
            scan.id: ScanObligation(
                forms={
                    fact.column: forms[scan.dataset][fact.column]
                    for fact in scan.columns
                    if fact.column in forms[scan.dataset]
                },
                filter=(filters or {}).get(scan.dataset, ALWAYS),
                exclude=(exclude or {}).get(scan.dataset, ()),
            )
            for scan in facts.scans
        },
        output=OutputObligation(
            min_group_size=smallest_group,
            count_by=_count_by(facts) if smallest_group else (),
            rounding=rounding,
            max_rows=max_rows,
            order="by_output",
            compare=CompareBy(period="month", smallest=smallest_group) if smallest_group else None,
            sensitive=tuple(
                (scan.id, fact.column)
                for scan in facts.scans
                for fact in scan.columns
                if CATALOGUE.dataset(scan.dataset).column(fact.column).sensitivity != "normal"
            ),
        ),
        pseudonyms=SPACE,
        expires_in_days=None,
        required_reviewers=(),
    )


def _count_by(facts: QueryFacts) -> tuple[CountBy, ...]:
    cohort = next(scan for scan in facts.scans if scan.role == "cohort")
    counted = (scan for scan in facts.scans if scan.role in ("household", "cohort"))
    return (
        CountBy(scan=cohort.id, column="resident_id", unit="person"),
        *(CountBy(scan=scan.id, column=key, unit="household") for scan in counted for key in _household_keys(scan)),
    )


def _household_keys(scan: ScanFact) -> list[str]:
    columns = CATALOGUE.dataset(scan.dataset).columns
    return [fact.column for fact in scan.columns if columns[fact.column].key in CATALOGUE.household_kinds]


def ask(sql: str, parameters: Mapping[str, Any] | None = None, **obligations: Any) -> Asked:
    """Parse, describe, oblige, rewrite."""
    parsed, facts = read(sql, parameters)
    smallest = obligations.pop("smallest_group", 5 if facts.output.kind == "aggregate" else 0)
    granted = obligations_for(facts, smallest_group=smallest, **obligations)
    plan = rewrite(parsed, facts=facts, obligations=granted, catalogue=CATALOGUE, as_of=AS_OF)
    finish = plan_finish(parsed, plan, facts=facts, obligations=granted, catalogue=CATALOGUE)
    return Asked(parsed=parsed, facts=facts, obligations=granted, plan=plan, finish=finish)


def certified(asked: Asked, plan: FederatedPlan | None = None) -> Certificate:
    """Certify the plan of a query, or another plan in its place."""
    return certify(
        plan or asked.plan,
        parsed=asked.parsed,
        facts=asked.facts,
        obligations=asked.obligations,
        catalogue=CATALOGUE,
        as_of=AS_OF,
        digest_key=DIGEST_KEY,
    )


def roles(sql: str) -> dict[str, str]:
    """Role by the dataset's short name; two references to one dataset get ``#2`` and so on."""
    found: dict[str, str] = {}
    for scan in read(sql)[1].scans:
        name = scan.dataset.partition(".")[2]
        number = sum(known == name or known.startswith(f"{name}#") for known in found) + 1
        found[name if number == 1 else f"{name}#{number}"] = scan.role
    return found
