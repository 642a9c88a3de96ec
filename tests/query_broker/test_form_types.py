"""Every expression has the type of its forms; what fits passes (refusals: ``refused.sql``)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from governance.errors import BadInput
from governance.forms import Form
from tests.query_broker.asking import ask, certified
from tests.query_broker.world import FORMS

_CERT = "FROM town.person c LEFT JOIN care.cert k USING (resident_id)"

TYPES = [
    ("c.resident_id", "UUID"),
    ("c.age", "INTEGER"),
    ("c.sex", "TEXT"),
    ("c.birth", "DATE"),
    ("c.income", "TEXT"),
    ("k.level", "INTEGER"),
    ("k.any_service", "BOOLEAN"),
    ("k.hours", "INTEGER"),
    ("k.since", "DATE"),
    ("'x'", "TEXT"),
    ("-3", "INTEGER"),
    ("TRUE", "BOOLEAN"),
    ("DATE '2023-04-01'", "DATE"),
    ("c.age + 1 > 3", "BOOLEAN"),
    ("c.age // 2", "INTEGER"),
    ("c.household_id IS NULL", "BOOLEAN"),
    ("c.sex IN ('f', 'm')", "BOOLEAN"),
    ("NOT k.any_service", "BOOLEAN"),
    ("k.any_service = (c.age > 3)", "BOOLEAN"),
    ("CASE WHEN k.any_service THEN 'a' ELSE 'b' END", "TEXT"),
    ("CASE WHEN k.any_service THEN DATE '2023-04-01' END", "DATE"),
    ("coalesce(k.level, 0)", "INTEGER"),
    ("nullif(c.sex, 'f')", "TEXT"),
    ("greatest(c.age, k.level)", "INTEGER"),
    ("abs(c.age - 9)", "INTEGER"),
    ("EXISTS (SELECT 1 FROM town.member m WHERE m.resident_id = c.resident_id)", "BOOLEAN"),
    ("c.income = '200-499'", "BOOLEAN"),
    ("c.income IN ('<0', '500+')", "BOOLEAN"),
    ("c.income <> '0-199'", "BOOLEAN"),
    ("c.birth < DATE '2015-04-01'", "BOOLEAN"),
    ("DATE '2015-04-01' <= c.birth", "BOOLEAN"),
    ("k.since >= DATE '2022-01-01'", "BOOLEAN"),
    ("c.birth >= c.birth", "BOOLEAN"),
]


@pytest.mark.parametrize(("expression", "wanted"), TYPES)
def test_the_type_of_an_expression(expression: str, wanted: str) -> None:
    """A column of the answer has the type of its expression over the granted forms."""
    plan = ask(f"SELECT {expression} AS x, c.resident_id AS r {_CERT}").plan
    assert [column.type for column in plan.columns] == [wanted, "UUID"]


AGGREGATES = [
    ("count(*)", "INTEGER"),
    ("count(DISTINCT k.level)", "INTEGER"),
    ("sum(c.age)", "INTEGER"),
    ("avg(c.age)", "DOUBLE"),
    ("avg(c.age) > avg(k.level)", "BOOLEAN"),
    ("min(c.birth)", "DATE"),
    ("max(k.level)", "INTEGER"),
    ("bool_or(k.any_service)", "BOOLEAN"),
    ("bool_and(c.age > 7)", "BOOLEAN"),
    ("max(k.since) >= DATE '2022-01-01'", "BOOLEAN"),
]


@pytest.mark.parametrize(("expression", "wanted"), AGGREGATES)
def test_the_type_of_an_aggregate(expression: str, wanted: str) -> None:
    """Aggregates take what they can and make what they say."""
    plan = ask(f"SELECT {expression} AS x, c.resident_id AS r {_CERT} GROUP BY c.resident_id").plan
    assert plan.columns[0].type == wanted


def test_the_type_goes_through_subqueries() -> None:
    """A column of a subquery has the type, and the grid, of what it hands on."""
    inner = "SELECT resident_id, max(since) AS last, avg(hours) AS mean, count(hours) AS n FROM care.cert GROUP BY resident_id"
    middle = f"SELECT resident_id, last, mean, n FROM ({inner}) i"
    plan = ask(
        f"SELECT c.resident_id, d.last, d.mean, d.n FROM town.person c JOIN ({middle}) d USING (resident_id)"
    ).plan
    assert [column.type for column in plan.columns] == ["UUID", "DATE", "DOUBLE", "INTEGER"]
    with pytest.raises(BadInput) as refusal:
        ask(
            f"SELECT c.resident_id FROM town.person c JOIN ({middle}) d USING (resident_id) "
            "WHERE d.last = DATE '2022-01-01' AND d.mean > d.mean AND d.n > 0"
        )
    assert refusal.value.code == "grid-point"
    assert refusal.value.params == {
        "dataset": "care.cert",
        "column": "since",
        "form": "year",
        "points": "01-01",
    }


IN_PARTS = [
    (("01-01", "04-02"), "c.birth >= DATE '2012-04-02'", None),
    (("01-01", "04-02"), "c.birth < DATE '2012-01-01' OR year(c.birth) = 2013", None),
    (("01-01", "04-02"), "c.birth >= DATE '2012-04-01'", "grid-point"),
    (("01-01", "04-02"), "c.birth <= DATE '2012-04-02'", "grid-point"),
    (("01-01", "04-02"), "month(c.birth) = 4", "grid-unit"),
    (("04-02",), "c.birth >= DATE '2012-04-02'", None),
    (("04-02",), "c.birth >= DATE '2012-01-01'", "grid-point"),
    (("04-02",), "year(c.birth) = 2012", "grid-unit"),
    ((), "c.birth >= DATE '2012-04-02'", "grid-point"),
]


@pytest.mark.parametrize(("borders", "condition", "refused"), IN_PARTS)
def test_a_year_in_parts_is_compared_at_its_borders(
    borders: tuple[str, ...], condition: str, refused: str | None
) -> None:
    """A day on which a part begins is a point of the grid, no other day is, and a year is known where none is cut."""
    forms = {**FORMS, "town.person": {**FORMS["town.person"], "birth": Form(kind="year", borders=borders)}}
    sql = f"SELECT c.resident_id FROM town.person c WHERE {condition}"
    if refused is None:
        assert certified(ask(sql, forms=forms)).digest
        return
    with pytest.raises(BadInput) as refusal:
        ask(sql, forms=forms)
    assert refusal.value.code == refused


PARAMETERS: list[tuple[str, dict[str, Any]]] = [
    ("c.age >= $years", {"years": 7}),
    ("c.age IN ($years, 8)", {"years": -7}),
    ("c.sex = $word", {"word": "f"}),
    ("c.income = $word", {"word": "500+"}),
    ("c.birth < $day", {"day": date(2015, 4, 1)}),
    ("k.any_service = $served", {"served": False}),
]


@pytest.mark.parametrize(("condition", "parameters"), PARAMETERS)
def test_a_parameter_has_its_declared_type(condition: str, parameters: dict[str, Any]) -> None:
    """A parameter compares like a constant of its type, on grids by its value."""
    assert ask(f"SELECT c.resident_id {_CERT} WHERE {condition}", parameters).plan.sql
