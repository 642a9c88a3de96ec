"""The two languages in which a query may be read, and stages 1, 2, 4 and 5 for each.

A query of which every table is declared to hold no data subject is read by the wide language (`query_broker.wide`), any
other by the strict one. Which of them read it never decides anything: policy and certificate ask the catalogue again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, TypeAlias

from governance.approvals import TemplateParameter
from governance.catalogue import Catalogue
from governance.decisions import Obligations
from governance.errors import BadInput
from governance.facts import QueryFacts
from query_broker.certify import Certificate, certify
from query_broker.describe import describe
from query_broker.finish import FinishPlan, plan_finish
from query_broker.parse import ParsedQuery, parse
from query_broker.plan import FederatedPlan
from query_broker.relational import Constant
from query_broker.rewrite import rewrite
from query_broker.wide.certify import certify_wide
from query_broker.wide.plan import plan_wide
from query_broker.wide.query import WideQuery, read_wide

Query: TypeAlias = ParsedQuery | WideQuery


def read_query(
    sql: str,
    *,
    catalogue: Catalogue,
    declared: Mapping[str, TemplateParameter],
    parameters: Mapping[str, Constant],
    digest_key: bytes,
) -> Query:
    """Stage 1.

    Raises:
        BadInput: the text is outside what may be asked, names something unknown, or its parameters do not fit.
    """
    given: dict[str, Any] = {
        "catalogue": catalogue,
        "declared": declared,
        "parameters": parameters,
        "digest_key": digest_key,
    }
    return read_wide(sql, **given) or parse(sql, **given)


def facts_of(query: Query, *, catalogue: Catalogue) -> QueryFacts:
    """Stage 2.

    Raises:
        BadInput: as `query_broker.describe`.
    """
    return query.facts if isinstance(query, WideQuery) else describe(query, catalogue=catalogue)


def plan_query(
    query: Query, *, facts: QueryFacts, obligations: Obligations, catalogue: Catalogue, as_of: date
) -> tuple[FederatedPlan, FinishPlan | None]:
    """Stage 4, with what is computed after the answer is protected, if anything is.

    Raises:
        BadInput: the query does not fit its granted forms.
    """
    if isinstance(query, WideQuery):
        return plan_wide(query, obligations=obligations, catalogue=catalogue, as_of=as_of), None
    plan = rewrite(query, facts=facts, obligations=obligations, catalogue=catalogue, as_of=as_of)
    return plan, plan_finish(query, plan, facts=facts, obligations=obligations, catalogue=catalogue)


def certify_query(
    plan: FederatedPlan,
    *,
    query: Query,
    asked: str,
    facts: QueryFacts,
    obligations: Obligations,
    catalogue: Catalogue,
    as_of: date,
    digest_key: bytes,
) -> Certificate:
    """Stage 5.

    Args:
        asked: the text, which the certificate of the wide language reads anew.

    Raises:
        NotCertified: the plan does not prove its obligations.
        BadInput: the text is nested too deeply to be read a second time.
    """
    given: dict[str, Any] = {
        "facts": facts,
        "obligations": obligations,
        "catalogue": catalogue,
        "as_of": as_of,
        "digest_key": digest_key,
    }
    try:
        if isinstance(query, WideQuery):
            return certify_wide(plan, asked=asked, parameters=query.parameters, order=query.order, **given)
        return certify(plan, parsed=query, **given)
    except RecursionError:
        raise BadInput("sql-too-deep", limit=0) from None
