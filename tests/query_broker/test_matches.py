"""A column that is granted for a look-up is compared with a parameter, at its source, and is nothing else."""

from __future__ import annotations

from datetime import date

import pytest

from governance.approvals import TemplateParameter
from governance.errors import BadInput
from governance.forms import Form
from query_broker.describe import describe
from query_broker.parse import parse
from query_broker.plan import FederatedPlan
from query_broker.rewrite import rewrite
from tests.query_broker.asking import DIGEST_KEY, Asked, certified, obligations_for
from tests.query_broker.world import AS_OF, CATALOGUE, FORMS

MATCH = Form(kind="match", leaves=False)
FORMS_OF_LOOK_UP = {**FORMS, "town.person": {**FORMS["town.person"], "birth": MATCH, "sex": MATCH}}
TOLD = {"born": date(2012, 4, 1), "sex": "f"}
DECLARED = {
    name: TemplateParameter(name=name, type=type_, personal=True, label_ja=name, label_en=name)  # type: ignore[arg-type]
    for name, type_ in (("born", "date"), ("sex", "text"))
}


def planned(condition: str, *, more: str = "") -> FederatedPlan:
    """The certified plan of a query for which birth date and sex are granted for looking up."""
    sql = f"SELECT c.resident_id{more} FROM town.person c WHERE {condition}"
    used = {name: value for name, value in TOLD.items() if f"${name}" in sql}
    parsed = parse(sql, catalogue=CATALOGUE, declared=DECLARED, parameters=used, digest_key=DIGEST_KEY)
    facts = describe(parsed, catalogue=CATALOGUE)
    obligations = obligations_for(facts, forms=FORMS_OF_LOOK_UP)
    plan = rewrite(parsed, facts=facts, obligations=obligations, catalogue=CATALOGUE, as_of=AS_OF)
    certified(Asked(parsed=parsed, facts=facts, obligations=obligations, plan=plan))
    return plan


@pytest.mark.parametrize("condition", ["c.birth = $born AND c.sex = $sex", "$born = c.birth", "c.sex = $sex"])
def test_what_was_told_is_compared_at_the_source(condition: str) -> None:
    """The comparison moves into the scan with the value, and no column that it reads leaves."""
    plan = planned(condition)
    (scan,) = plan.scans
    assert "WHERE" not in plan.sql
    assert {column.column for column in scan.order.columns} == {"resident_id"}
    assert set(scan.order.filter_forms) <= {"birth", "sex"}


@pytest.mark.parametrize(
    ("condition", "more"),
    [
        ("c.birth < $born", ""),
        ("c.birth >= $born", ""),
        ("c.birth <> $born", ""),
        ("c.birth = DATE '2012-04-01'", ""),
        ("c.sex IN ($sex)", ""),
        ("NOT c.sex = $sex", ""),
        ("c.sex = $sex OR c.birth = $born", ""),
        ("c.sex IS NULL", ""),
        ("c.sex = $sex", ", c.birth"),
        ("c.sex = $sex", ", c.birth = $born AS same"),
        ("c.sex = $sex", ", CASE WHEN c.birth = $born THEN 1 ELSE 0 END AS same"),
    ],
)
def test_a_search_is_refused(condition: str, more: str) -> None:
    """A range, a list, a denial, a choice, a constant that is written into the text, an output: none is a look-up."""
    with pytest.raises(BadInput) as caught:
        planned(condition, more=more)
    assert caught.value.code in ("match-equality", "filter-only-column")
    assert caught.value.params["column"] in ("birth", "sex")
