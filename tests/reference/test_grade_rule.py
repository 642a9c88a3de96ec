"""Grade by the 1 April rule, in the generator, in the derived SQL and in the oracle."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.catalogue import Catalogue
from reference.akishima.city.days import grade_on
from reference.akishima.generate import GeneratedCity
from tests.reference.households import child_row, derive, head, member
from tests.reference.oracle import grade_of

CASES = [
    ("H28.4.1", 2),  # born on 1 April: the older cohort
    ("H28.4.2", 1),
    ("H29.4.1", 1),
    ("H29.4.2", 0),
    ("H28.2.29", 2),
    ("H24.2.29", 6),
    ("H20.2.29", 10),
    ("H17.4.2", 12),
    ("H18.4.1", 12),
]


@pytest.mark.parametrize(("birth", "grade"), CASES)
def test_grade_in_the_derived_dataset(tmp_path: Path, catalogue: Catalogue, birth: str, grade: int) -> None:
    """The view gives the grade that the school gives."""
    tables = derive(tmp_path, catalogue, {"h": [head("m"), member("c", "子", birth)]})
    assert child_row(tables, "c")["grade"] == grade


def test_whoever_has_left_the_age_is_not_in_the_view(tmp_path: Path, catalogue: Catalogue) -> None:
    """A person born on 1 April leaves one year earlier than the birthday says."""
    tables = derive(tmp_path, catalogue, {"h": [head("m"), member("c", "子", "H17.4.1"), member("d", "子", "H17.4.2")]})
    assert tables.sql("SELECT resident_id FROM shimin.child").fetchall() == [("d",)]


@given(
    birth=st.dates(date(1990, 1, 1), date(2030, 12, 31)),
    day=st.dates(date(2020, 1, 1), date(2032, 12, 31)),
)
@example(birth=date(2016, 2, 29), day=date(2023, 3, 31))
@example(birth=date(2017, 4, 1), day=date(2023, 4, 1))
@example(birth=date(2017, 4, 1), day=date(2023, 3, 31))
def test_generator_and_oracle_agree_on_every_birthday(birth: date, day: date) -> None:
    """Two formulations of the rule, one by the day before the birthday and one by the sixth birthday, are one rule."""
    assert grade_on(birth, day) == grade_of(birth, day)


def test_derived_sql_agrees_on_every_birthday_of_thirty_years(catalogue: Catalogue) -> None:
    """The expression of the derived dataset is the same rule, for each day around each 1 April and each leap day."""
    sql = catalogue.dataset("shimin.child").derived_sql or ""
    start = sql.index("CAST(year(CAST($as_of")
    expression = sql[start : sql.index(" AS grade", start)]
    births = [date(1995, 1, 1) + timedelta(days=n) for n in range(30 * 366)]
    for day in (date(2023, 10, 1), date(2024, 3, 31), date(2024, 4, 1), date(2024, 2, 29)):
        connection = duckdb.connect()
        connection.execute("CREATE TABLE r AS SELECT unnest($births) AS birth_date", {"births": births})
        rows = connection.execute(f"SELECT birth_date, {expression} FROM r", {"as_of": day}).fetchall()
        assert [(birth, grade_of(birth, day)) for birth in births] == rows


def test_the_city_holds_the_edges_of_the_rule(city: GeneratedCity, tables: duckdb.DuckDBPyConnection) -> None:
    """Among the children of the city are some born on 1 April, on 2 April and on 29 February."""
    assert city.residents == 5_000
    days = {
        row[0]: row[1]
        for row in tables.sql(
            "SELECT strftime(birth_date, '%m-%d'), count(*) FROM shimin.child WHERE grade > 0 GROUP BY 1"
        ).fetchall()
    }
    assert min(days["04-01"], days["04-02"], days["02-29"]) >= 2
