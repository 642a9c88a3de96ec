"""The approved query over the raw tables gives what the oracle computes by itself, child by child."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlglot
from sqlglot import exp

from governance.catalogue import Catalogue
from governance.load_templates import load_templates
from reference.akishima.city.days import BASE_DATE
from reference.akishima.generate import generate
from tests.reference.loading import load_city, members_of
from tests.reference.oracle import CARE_LEVELS, household_care_and_absence

FEATURES = ["grade", "n_siblings_u6", "care_max", "served", "absent", "months_late", "months_known"]

AS_DESIGNED = """
WITH care AS (SELECT m.household_id, max(k.care_level) AS care_max, bool_or(k.any_service) AS served
              FROM kaigo.cert k JOIN shimin.household_member m USING (resident_id)
              WHERE NOT k.in_facility GROUP BY m.household_id),
     absence AS (SELECT g.resident_id, sum(a.absent) AS absent,
                        count(*) FILTER (WHERE a.late + a.early >= 3) AS months_late,
                        count(a.late + a.early) AS months_known
              FROM kyoiku.gakurei g JOIN school.attendance a ON a.pupil = g.pupil GROUP BY g.resident_id)
SELECT c.resident_id, c.grade, c.n_siblings_u6, care.care_max, care.served,
       absence.absent, absence.months_late, absence.months_known
FROM shimin.child c LEFT JOIN care USING (household_id) LEFT JOIN absence USING (resident_id)
"""


def asked_over_raw_tables(tables: duckdb.DuckDBPyConnection, catalogue: Catalogue, sql: str) -> pd.DataFrame:
    """The template's answer with the care level as an ordinal and the cohort as the guideline limits it."""
    order = ", ".join(f"'{level}'" for level in CARE_LEVELS)
    hidden = members_of(tables, catalogue, "address-protected", as_of=BASE_DATE)
    tables.execute("BEGIN")
    try:
        tables.execute(
            "CREATE OR REPLACE TABLE kaigo.cert AS SELECT * REPLACE "
            f"(list_position([{order}], care_level) - 1 AS care_level) FROM kaigo.cert"
        )
        tables.execute(
            "CREATE OR REPLACE TABLE shimin.child AS SELECT * FROM shimin.child "
            "WHERE grade BETWEEN 1 AND 12 AND status = '現存' AND NOT list_contains($hidden, resident_id)",
            {"hidden": sorted(hidden)},
        )
        answer = tables.execute(sql).df()
    finally:
        tables.execute("ROLLBACK")
    numbers = [name for name in FEATURES if name != "served"]
    answer = answer.set_index("resident_id").sort_index()
    return answer.astype({**dict.fromkeys(numbers, "Int64"), "served": "boolean"})


def template(akishima: Path) -> str:
    return load_templates(akishima / "templates")["yc-household-care"].sql


def test_the_template_is_the_designed_query(akishima: Path) -> None:
    """The approved text is the designed query but for layout and comments."""
    written = sqlglot.parse_one(template(akishima), dialect="duckdb")
    for node in written.walk():
        node.comments = None
    assert written == sqlglot.parse_one(AS_DESIGNED, dialect="duckdb")
    assert isinstance(written, exp.Select)


def test_query_over_raw_tables_equals_the_oracle_child_by_child(
    akishima: Path, catalogue: Catalogue, oracle_answer: pd.DataFrame, tables: duckdb.DuckDBPyConnection
) -> None:
    """Derived SQL and query give the oracle's answer for every child of the demonstration's city."""
    actual = asked_over_raw_tables(tables, catalogue, template(akishima))
    assert len(oracle_answer) > 400
    pd.testing.assert_frame_equal(oracle_answer, actual, check_index_type=False)


@pytest.mark.parametrize(("population", "seed"), [(300, 1), (1200, 2), (2500, 3)])
def test_query_equals_the_oracle_in_other_cities(
    akishima: Path, catalogue: Catalogue, tmp_path: Path, population: int, seed: int
) -> None:
    """The agreement does not rest on the default seed or size."""
    other = generate(tmp_path, population=population, seed=seed)
    expected = household_care_and_absence(other.departments, BASE_DATE)
    with load_city(other.departments, catalogue, as_of=BASE_DATE) as tables:
        actual = asked_over_raw_tables(tables, catalogue, template(akishima))
    pd.testing.assert_frame_equal(expected, actual, check_index_type=False)


@pytest.mark.parametrize("feature", FEATURES)
def test_no_feature_is_constant(oracle_answer: pd.DataFrame, feature: str) -> None:
    """Every column of the answer tells children apart."""
    assert oracle_answer[feature].dropna().nunique() >= 2


def test_most_households_have_no_care_and_some_have(oracle_answer: pd.DataFrame) -> None:
    """Care in the household is rare, of several levels, served in some and not served in others."""
    answer = oracle_answer
    with_care = answer["care_max"].notna()
    assert 0.02 <= with_care.mean() <= 0.12
    assert answer.loc[with_care, "care_max"].nunique() >= 4
    assert set(answer.loc[with_care, "served"]) == {True, False}


def test_unknown_stays_apart_from_none(oracle_answer: pd.DataFrame) -> None:
    """Children without school data, with data but without records of lateness, and with records all occur."""
    answer = oracle_answer
    no_data = answer["months_known"].isna()
    unrecorded = answer["months_known"].eq(0).fillna(False)
    assert no_data.sum() > 50
    assert unrecorded.sum() > 50
    assert (~no_data & ~unrecorded).sum() > 50
    assert answer.loc[no_data, "absent"].isna().all()
    assert answer.loc[unrecorded, "absent"].notna().all()


def test_protected_children_are_not_in_the_answer(
    catalogue: Catalogue, oracle_answer: pd.DataFrame, tables: duckdb.DuckDBPyConnection
) -> None:
    """The named set covers children without a flag of their own, and the oracle leaves all of them out."""
    hidden = members_of(tables, catalogue, "address-protected", as_of=BASE_DATE)
    targets = tables.execute(
        "SELECT c.resident_id, r.dv_support_flag FROM shimin.child c JOIN shimin.resident r USING (resident_id) "
        "WHERE c.grade BETWEEN 1 AND 12 AND c.status = '現存'"
    ).fetchall()
    protected = {child: flag for child, flag in targets if child in hidden}
    assert set(protected.values()) == {"0", "1"}
    assert not set(oracle_answer.index) & protected.keys()
