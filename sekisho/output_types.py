"""What types a template puts out under the forms that the guideline grants for its purpose, before anybody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from governance.approvals import Template
from governance.catalogue import Catalogue
from governance.conditions import ALWAYS
from governance.decisions import Obligations, OutputObligation, PseudonymSpace, ScanObligation
from governance.errors import BadInput
from governance.forms import parse_form
from governance.guideline import Guideline
from query_broker.languages import facts_of, plan_query, read_query
from risk.judge import check_types
from risk.rule_set import RuleSet


def check_rule_types(
    rules: Mapping[str, RuleSet],
    *,
    templates: Mapping[str, Template],
    guideline: Guideline,
    catalogue: Catalogue,
    as_of: date,
) -> None:
    """Refuse criteria whose conditions do not fit what their templates will put out.

    Raises:
        BadInput: with factor, file and line; or the template reads what is not granted, or does not fit its forms.
    """
    for each in rules.values():
        template = templates[each.template]
        columns = output_types(template, guideline=guideline, catalogue=catalogue, as_of=as_of)
        if each.together is not None and columns.get(each.together) != "UUID":
            raise BadInput(
                "rules-types", what="together", file=each.file, line=1, factor="together", template=each.template
            )
        check_types(each, {name: kind for name, kind in columns.items() if kind != "UUID"})


def output_types(template: Template, *, guideline: Guideline, catalogue: Catalogue, as_of: date) -> Mapping[str, str]:
    """Output → SQL type.

    Raises:
        BadInput: the template reads what its purpose is not granted, or does not fit the granted forms.
    """
    # Neither digests nor names leave here, and the template of a judgement has no parameters.
    parsed = read_query(template.sql, catalogue=catalogue, declared={}, parameters={}, digest_key=bytes(32))
    facts = facts_of(parsed, catalogue=catalogue)
    allowed = guideline.tables["allow_list"].get(template.purpose, {})
    scans = {}
    for scan in facts.scans:
        granted = allowed.get(scan.dataset, {}).get("columns", {})
        for fact in scan.columns:
            if fact.column not in granted:
                raise BadInput("rules-not-granted", template=template.id, dataset=scan.dataset, column=fact.column)
        scans[scan.id] = ScanObligation(
            forms={fact.column: parse_form(granted[fact.column]) for fact in scan.columns}, filter=ALWAYS, exclude=()
        )
    obligations = Obligations(
        scans=scans,
        output=OutputObligation(
            min_group_size=0, count_by=(), rounding=None, max_rows=1, order="by_output", compare=None, sensitive=()
        ),
        pseudonyms=PseudonymSpace(domain="types", epoch="0"),
        expires_in_days=None,
        required_reviewers=(),
    )
    plan, _ = plan_query(parsed, facts=facts, obligations=obligations, catalogue=catalogue, as_of=as_of)
    return {column.name: str(column.type) for column in plan.columns}
