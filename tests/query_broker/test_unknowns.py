"""Unknown never becomes a value in silence, and nothing else is refused for its sake (refusals: ``refused.sql``)."""

from __future__ import annotations

import pytest

from governance.errors import BadInput
from governance.forms import Form
from tests.query_broker.asking import ask
from tests.query_broker.world import FORMS

_VISITS = "FROM town.person c JOIN clinic.register r USING (resident_id) JOIN clinic.visit v USING (patient)"
_CERT = "FROM town.person c LEFT JOIN care.cert k USING (resident_id)"
_MONTHS = (
    "(SELECT r.resident_id, sum(v.absent) AS absent, count(v.late) AS known, sum(v.late) AS late"
    " FROM clinic.register r JOIN clinic.visit v USING (patient) GROUP BY r.resident_id)"
)

ACCEPTED = {
    "as it is, unknown stays unknown": f"SELECT c.resident_id, k.hours {_CERT}",
    "compared, unknown stays unknown": f"SELECT c.resident_id, k.hours > 3 AS x {_CERT}",
    "computed with, unknown stays unknown": f"SELECT c.resident_id, k.hours * 2 - 1 AS x {_CERT}",
    "one branch without ELSE, unknown stays unknown": (
        f"SELECT c.resident_id, CASE WHEN k.hours > 3 THEN 1 END AS x {_CERT}"
    ),
    "whether it is known may be asked": f"SELECT c.resident_id, k.hours IS NULL AS x {_CERT}",
    "the outermost rows may be chosen": f"SELECT c.resident_id {_CERT} WHERE k.hours > 3",
    "rows with unknowns may be left out by name": (
        f"SELECT c.resident_id, count(*) AS n {_VISITS} WHERE v.late IS NOT NULL GROUP BY c.resident_id"
    ),
    "the known are counted beside a sum": (
        f"SELECT c.resident_id, sum(v.late) AS x, count(v.late) AS known {_VISITS} GROUP BY c.resident_id"
    ),
    "the known of both are counted beside a sum of both": (
        f"SELECT c.resident_id, sum(v.late + v.early) AS x, count(v.late + v.early) AS known {_VISITS} "
        "GROUP BY c.resident_id"
    ),
    "the known are counted beside FILTER": (
        f"SELECT c.resident_id, count(*) FILTER (WHERE v.late > 2) AS x, count(v.late) AS known {_VISITS} "
        "GROUP BY c.resident_id"
    ),
    "more is counted as known than is read": (
        f"SELECT c.resident_id, max(v.late) AS x, count(v.late + v.early) AS known {_VISITS} GROUP BY c.resident_id"
    ),
    "a count of the known needs no other count": (
        f"SELECT c.resident_id, count(v.late) AS known {_VISITS} GROUP BY c.resident_id"
    ),
    "a column that is always known": f"SELECT c.resident_id, sum(v.absent) AS x {_VISITS} GROUP BY c.resident_id",
    "NULL that means none": f"SELECT c.resident_id, coalesce(k.level, 0) AS x {_CERT}",
    "a missing row that means none": (
        "SELECT c.resident_id, coalesce(d.n, 0) AS n FROM town.person c "
        "LEFT JOIN (SELECT payer_id AS resident_id, count(*) AS n FROM care.payment GROUP BY payer_id) d USING (resident_id)"
    ),
    "counts handed through from a subquery": (
        f"SELECT c.resident_id, d.late, d.known FROM town.person c LEFT JOIN {_MONTHS} d USING (resident_id)"
    ),
    "a missing row that means unknown, as it is": (
        f"SELECT c.resident_id, d.absent FROM town.person c LEFT JOIN {_MONTHS} d USING (resident_id)"
    ),
    "keys are no values": f"SELECT c.resident_id, count(DISTINCT v.patient) AS n {_VISITS} GROUP BY c.resident_id",
    "EXISTS over rows whose absence means none": (
        "SELECT c.resident_id, EXISTS (SELECT 1 FROM care.cert k WHERE k.resident_id = c.resident_id) AS x "
        "FROM town.person c"
    ),
    "EXISTS over those that are known": (
        "SELECT c.resident_id FROM town.person c WHERE EXISTS "
        "(SELECT 1 FROM care.cert k WHERE k.resident_id = c.resident_id AND k.hours IS NOT NULL)"
    ),
}


@pytest.mark.parametrize("why", ACCEPTED)
def test_what_hides_no_unknown_may_be_asked(why: str) -> None:
    """Honest ways to handle columns that may be unknown pass."""
    assert ask(ACCEPTED[why]).plan.sql


def test_a_count_that_is_not_put_out_is_no_count() -> None:
    """The number of known values has to reach the reader: a subquery's own count that nobody reads does not help."""
    with pytest.raises(BadInput) as refusal:
        ask(f"SELECT c.resident_id, d.late FROM town.person c LEFT JOIN {_MONTHS} d USING (resident_id)")
    assert refusal.value.code == "unknown-becomes-value"
    assert refusal.value.params == {"dataset": "clinic.visit", "column": "late"}


def test_a_form_that_settles_unknowns_leaves_none() -> None:
    """A flag that says what an unknown becomes is never unknown, so that it may be counted."""
    flag = FORMS["care.cert"]["in_facility"]
    settled = Form(kind="flag", condition=flag.condition, null_as=False)
    open_flag = Form(kind="flag", condition=flag.condition)
    sql = f"SELECT c.resident_id, CASE WHEN k.hours THEN 1 ELSE 0 END AS x {_CERT}"
    assert ask(sql, forms={**FORMS, "care.cert": {**FORMS["care.cert"], "hours": settled}}).plan.sql
    with pytest.raises(BadInput) as refusal:
        ask(sql, forms={**FORMS, "care.cert": {**FORMS["care.cert"], "hours": open_flag}})
    assert refusal.value.code == "unknown-becomes-value"
