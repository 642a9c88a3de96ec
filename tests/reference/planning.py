"""What the broker makes of a template of the reference city under its own allow-list, without asking anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.approvals import Template
from governance.catalogue import Catalogue
from governance.conditions import ALWAYS
from governance.decisions import Obligations, OutputObligation, PseudonymSpace, ScanObligation
from governance.facts import QueryFacts
from governance.forms import parse_form
from governance.guideline import Guideline
from query_broker.certify import certify
from query_broker.describe import describe
from query_broker.parse import ParsedQuery, parse
from query_broker.rewrite import FederatedPlan, rewrite
from reference.akishima.city.days import BASE_DATE

_KEY = b"a key for digests in tests, 32 b"


def read(template: Template, catalogue: Catalogue) -> tuple[ParsedQuery, QueryFacts]:
    """The query and its facts; parameters are bound to 3."""
    bound: Mapping[str, Any] = dict.fromkeys(template.parameters, 3)
    parsed = parse(template.sql, catalogue=catalogue, declared=template.parameters, parameters=bound, digest_key=_KEY)
    return parsed, describe(parsed, catalogue=catalogue)


def plan(template: Template, *, guideline: Guideline, catalogue: Catalogue) -> FederatedPlan:
    """The certified plan under exactly the forms that 別表2 grants for the template's purpose.

    Raises:
        KeyError: a dataset or column is not on the list.
        BadInput: the query does not fit its forms.
    """
    parsed, facts = read(template, catalogue)
    allowed = guideline.tables["allow_list"][template.purpose]
    obligations = Obligations(
        scans={
            scan.id: ScanObligation(
                forms={fact.column: parse_form(allowed[scan.dataset]["columns"][fact.column]) for fact in scan.columns},
                filter=ALWAYS,
                exclude=(),
            )
            for scan in facts.scans
        },
        output=OutputObligation(
            min_group_size=0, count_by=(), rounding=None, max_rows=20_000, order="by_output", compare=None, sensitive=()
        ),
        pseudonyms=PseudonymSpace(domain="tests", epoch="2023"),
        expires_in_days=None,
        required_reviewers=(),
    )
    planned = rewrite(parsed, facts=facts, obligations=obligations, catalogue=catalogue, as_of=BASE_DATE)
    certify(
        planned,
        parsed=parsed,
        facts=facts,
        obligations=obligations,
        catalogue=catalogue,
        as_of=BASE_DATE,
        digest_key=_KEY,
    )
    return planned
