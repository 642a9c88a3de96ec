"""Who stands behind a measure is told from its shape; where it cannot be told there is no measure."""

from __future__ import annotations

import pytest

from governance.errors import BadInput
from query_broker import relational as r
from query_broker.generate import generate_sql
from query_broker.measures import Measures
from tests.query_broker.asking import read

_COUNTS = (
    "(SELECT payer_id AS resident_id, count(*) AS n, count(*) FILTER (WHERE amount > 5) AS large, sum(amount) AS total, "
    "max(amount) AS most, CASE WHEN max(amount) > 5 THEN 1 ELSE 0 END AS any FROM care.payment GROUP BY payer_id)"
)

MEASURES = {
    # measure → conditions under which a row contributes, and whether the query chose them
    "count(*)": ("", False),
    "count(*) FILTER (WHERE c.age > 9)": ('"s1"."age" > 9', True),
    "count(c.age)": ('NOT ("s1"."age" IS NULL)', False),
    "count(DISTINCT c.resident_id)": ('NOT ("s1"."resident_id" IS NULL)', False),
    "count(CASE WHEN c.age > 9 THEN 1 END)": ('NOT (CASE WHEN "s1"."age" > 9 THEN 1 END IS NULL)', True),
    "count(nullif(c.age, 9))": ('NOT (NULLIF("s1"."age", 9) IS NULL)', True),
    "sum(c.age)": ('NOT ("s1"."age" IS NULL)', False),
    "avg(c.age)": ('NOT ("s1"."age" IS NULL)', False),
    "sum(c.age) FILTER (WHERE c.sex = 'f')": ('NOT ("s1"."age" IS NULL), "s1"."sex" = \'f\'', True),
    "sum(c.age - 3)": ('NOT (("s1"."age" - 3) IS NULL)', False),
    "sum(2 * c.age + 1)": ('NOT (((2 * "s1"."age") + 1) IS NULL)', False),
    "sum(1)": ("NOT (1 IS NULL)", False),
    "sum(CASE WHEN c.age > 9 THEN 1 ELSE 0 END)": (
        'NOT (CASE WHEN "s1"."age" > 9 THEN 1 ELSE 0 END IS NULL), CASE WHEN "s1"."age" > 9 THEN 1 ELSE 0 END <> 0',
        True,
    ),
    "avg(CASE WHEN c.age > 9 THEN c.age END)": (
        'NOT (CASE WHEN "s1"."age" > 9 THEN "s1"."age" END IS NULL), CASE WHEN "s1"."age" > 9 THEN "s1"."age" END <> 0',
        True,
    ),
    "sum(d.n)": ('NOT ("d1"."n" IS NULL)', False),
    "sum(d.total)": ('NOT ("d1"."total" IS NULL)', False),
    "sum(d.most)": ('NOT ("d1"."most" IS NULL)', False),
    "sum(d.large)": ('NOT ("d1"."large" IS NULL), "d1"."large" <> 0', True),
    "sum(3 * d.large)": ('NOT ((3 * "d1"."large") IS NULL), (3 * "d1"."large") <> 0', True),
    "sum(coalesce(d.large, 0))": ('NOT (COALESCE("d1"."large", 0) IS NULL), COALESCE("d1"."large", 0) <> 0', True),
    "sum(d.any)": ('NOT ("d1"."any" IS NULL), "d1"."any" <> 0', True),
}

NO_MEASURES = [
    "max(c.age)",
    "min(c.age)",
    "bool_or(c.age > 9)",
    "sum(c.age // 10)",
    "sum(c.age % 2)",
    "sum(abs(c.age - 9))",
    "sum(greatest(c.age, 9))",
    "sum(c.age * c.age)",
    "sum(CASE WHEN c.age > 9 THEN 2 ELSE 1 END)",
    "sum(CASE WHEN c.age > 9 THEN 2 WHEN c.age > 8 THEN 1 ELSE 0 END)",
    "sum(CASE WHEN c.age > 9 THEN c.age // 10 ELSE 0 END)",
    "sum(d.large + 1)",
    "sum(d.large + d.n)",
    "sum(d.any - c.age)",
    "sum(coalesce(d.large, 1))",
    "avg(coalesce(c.age, c.age))",
]


def _read(measure: str) -> r.Select:
    sql = f"SELECT c.sex, {measure} AS x FROM town.person c LEFT JOIN {_COUNTS} d USING (resident_id) GROUP BY c.sex"
    return read(sql)[0].select


@pytest.mark.parametrize("measure", MEASURES)
def test_who_contributes_to_a_measure(measure: str) -> None:
    """Known values of stored columns, values other than 0 of computed ones, and whoever FILTER lets through."""
    select = _read(measure)
    aggregate = select.projection("x").expression
    assert isinstance(aggregate, r.Aggregate)
    measures, (conditions, chosen) = Measures(select), MEASURES[measure]
    found = measures.contributes(aggregate)
    assert found is not None
    assert ", ".join(_said(condition) for condition in found) == conditions
    assert measures.chooses(aggregate) == chosen


def _said(condition: r.Expression) -> str:
    scan = r.JoinedSource(source=r.TableScan(id="s1", dataset="town.person"), join="from", on=())
    value = r.Projection(name="x", expression=condition)
    sql = generate_sql(
        r.Select(id="q", sources=(scan,), where=(), grouped=False, group=(), projections=(value,), order=())
    )
    return sql.removeprefix("SELECT ").removesuffix(' AS "x" FROM "s1" AS "s1"')


@pytest.mark.parametrize("measure", NO_MEASURES)
def test_what_cannot_be_counted_is_no_measure(measure: str) -> None:
    """Extremes, arithmetic over aggregates, and sums that could be made to count without being counted."""
    with pytest.raises(BadInput) as refusal:
        _read(measure)
    assert (refusal.value.code, refusal.value.params) == ("sql-measure", {"position": 2})
