"""A plan that does anything else than it was obliged to is not certified."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from governance.conditions import ALWAYS, CompoundCondition, Condition, FieldCondition
from governance.decisions import PseudonymSpace
from governance.forms import Form
from governance.scans import ScanColumn, ScanOrder
from query_broker.certify import Certificate, NotCertified, certify
from query_broker.plan import FederatedPlan
from tests.query_broker.asking import DIGEST_KEY, Asked, ask, certified
from tests.query_broker.world import AS_OF, CATALOGUE

ADULT: Condition = FieldCondition(operator="ge", field="age", value=18)

ROWS = ask(
    """WITH care AS (SELECT m.household_id, max(k.level) AS care_max FROM care.cert k JOIN town.member m USING (resident_id)
                     WHERE NOT k.in_facility GROUP BY m.household_id)
       SELECT c.resident_id, c.age, care.care_max FROM town.person c LEFT JOIN care USING (household_id)
              JOIN town.member o ON o.resident_id = c.resident_id WHERE c.sex = 'f'""",
    filters={"town.person": ADULT},
    exclude={"town.person": ("protected",), "care.cert": ("protected",)},
)
GROUPS = ask(
    "SELECT c.sex, count(*) AS people, count(*) FILTER (WHERE c.age > 9) AS older FROM town.person c GROUP BY c.sex"
)
SUMS = ask(
    """SELECT c.sex, count(*) AS people, sum(h.members) AS members
       FROM town.person c JOIN (SELECT household_id, count(*) AS members FROM town.member GROUP BY household_id) h
            USING (household_id) GROUP BY c.sex"""
)


def test_what_the_rewriter_makes_is_certified() -> None:
    """The plans of this file are proved as they are."""
    assert len({certified(asked).digest for asked in (ROWS, GROUPS, SUMS)}) == 3


Order = Callable[[ScanOrder], ScanOrder]


def _in_order(scan: str, change: Order) -> Callable[[FederatedPlan], FederatedPlan]:
    def mutate(plan: FederatedPlan) -> FederatedPlan:
        scans = tuple(replace(s, order=change(s.order)) if s.id == scan else s for s in plan.scans)
        return replace(plan, scans=scans)

    return mutate


def _in_sql(old: str, new: str) -> Callable[[FederatedPlan], FederatedPlan]:
    def mutate(plan: FederatedPlan) -> FederatedPlan:
        assert old in plan.sql
        return replace(plan, sql=plan.sql.replace(old, new, 1))

    return mutate


def _form(column: str, form: Form) -> Order:
    return lambda order: replace(
        order, columns=tuple(replace(c, form=form) if c.column == column else c for c in order.columns)
    )


def _more(column: str, form: Form) -> Order:
    more = ScanColumn(column=column, form=form, type="TEXT")
    return lambda order: replace(order, columns=(*order.columns, more))


def _swapped(first: str, second: str) -> Callable[[FederatedPlan], FederatedPlan]:
    """The orders of two scans, each under the other's id."""

    def mutate(plan: FederatedPlan) -> FederatedPlan:
        by_id = {scan.id: scan for scan in plan.scans}
        other = {first: second, second: first}
        return replace(
            plan,
            scans=tuple(replace(by_id[other.get(s.id, s.id)], id=s.id) for s in plan.scans),
        )

    return mutate


RAW = Form(kind="raw")
FLAG = ROWS.obligations.scans["s2"].forms["in_facility"]

ORDER_MUTANTS = {
    "the row filter is gone": (2, _in_order("s1", lambda o: replace(o, filter=ALWAYS))),
    "the row filter lets more through": (
        2,
        _in_order("s1", lambda o: replace(o, filter=CompoundCondition(operator="or", value=(o.filter, ALWAYS)))),
    ),
    "the row filter compares with something else": (
        2,
        _in_order("s1", lambda o: replace(o, filter=FieldCondition(operator="ge", field="age", value=17))),
    ),
    "a filter is added to a household": (2, _in_order("s3", lambda o: replace(o, filter=ADULT))),
    "nobody is left out": (2, _in_order("s1", lambda o: replace(o, exclude=()))),
    "others are left out": (2, _in_order("s2", lambda o: replace(o, exclude=("somebody",)))),
    "another domain's pseudonyms": (
        2,
        _in_order("s1", lambda o: replace(o, pseudonyms=PseudonymSpace(domain="other", epoch="2023"))),
    ),
    "another year's pseudonyms": (
        2,
        _in_order("s2", lambda o: replace(o, pseudonyms=PseudonymSpace(domain="tests", epoch="2024"))),
    ),
    "a key leaves raw": (3, _in_order("s1", _form("resident_id", RAW))),
    "a code leaves raw": (3, _in_order("s2", _form("level", RAW))),
    "a code in another order": (3, _in_order("s2", _form("level", Form(kind="ordinal", order=("heavy", "light"))))),
    "a column leaves that was not read": (3, _in_order("s1", _more("birth", Form(kind="year_month")))),
    "a column leaves that another scan may send": (3, _in_order("s3", _more("level", RAW))),
    "a column leaves that only filters": (3, _in_order("s2", _more("in_facility", FLAG))),
    "a column that only filters leaves as another form": (
        3,
        _in_order("s2", _more("in_facility", replace(FLAG, leaves=True))),
    ),
    "no column leaves": (3, _in_order("s1", lambda o: replace(o, columns=()))),
    "a predicate reads a column that was not granted": (
        3,
        _in_order("s1", lambda o: replace(o, predicates=FieldCondition(operator="eq", field="remark", value="x"))),
    ),
    "a predicate reads a form that was not granted": (3, _in_order("s1", lambda o: replace(o, filter_forms={}))),
    "a filter column in another form": (
        3,
        _in_order("s2", lambda o: replace(o, filter_forms={"in_facility": RAW})),
    ),
    "another dataset": (1, _in_order("s3", lambda o: replace(o, dataset="town.person"))),
    "two scans of different datasets are swapped": (1, _swapped("s1", "s2")),
    "two scans of one dataset are swapped": (3, _swapped("s3", "s4")),
    "a scan is missing": (1, lambda plan: replace(plan, scans=plan.scans[:-1])),
    "a scan is ordered twice": (1, lambda plan: replace(plan, scans=(*plan.scans, plan.scans[0]))),
    "a scan more": (1, lambda plan: replace(plan, scans=(*plan.scans, replace(plan.scans[0], id="s5")))),
    "no scan": (1, lambda plan: replace(plan, scans=())),
}

SQL_MUTANTS = {
    "a table more": (4, _in_sql('INNER JOIN "s4"', 'INNER JOIN "s9" AS "s9" ON TRUE INNER JOIN "s4"')),
    "a table of the holder": (4, _in_sql('FROM "s1" AS "s1"', 'FROM town.person AS "s1"')),
    "a scan of another schema": (4, _in_sql('FROM "s1" AS "s1"', 'FROM other."s1" AS "s1"')),
    "one scan under the name of another": (4, _in_sql('JOIN "s3" AS "s3"', 'JOIN "s4" AS "s3"')),
    "one scan in place of another": (4, _in_sql('JOIN "s3" AS "s3"', 'JOIN "s1" AS "s3"')),
    "a subquery under the name of a scan": (4, _in_sql('AS "d1" ON', 'AS "s3" ON')),
    "a table function": (4, _in_sql('FROM "s1" AS "s1"', "FROM read_csv('x.csv') AS \"s1\"")),
    "a file": (4, _in_sql('FROM "s1" AS "s1"', "FROM 'x.parquet' AS \"s1\"")),
    "a star": (4, _in_sql('"s1"."age" AS "age"', "*")),
    "a star of a scan": (4, _in_sql('"s1"."age" AS "age"', '"s1".*')),
    "all columns by a function": (4, _in_sql('"s1"."age" AS "age"', "COLUMNS('age')")),
    "a whole row": (4, _in_sql('"s1"."age" AS "age"', '"s1" AS "age"')),
    "a column that no order brings": (4, _in_sql('"s1"."age" AS "age"', '"s1"."sex" AS "age"')),
    "a column that another order brings": (4, _in_sql('"s1"."age" AS "age"', '"s1"."level" AS "age"')),
    "a column of nothing": (4, _in_sql('"s1"."age" AS "age"', '"age" AS "age"')),
    "a column more": (4, _in_sql('"s1"."age" AS "age"', '"s1"."age" AS "age", "s1"."age" AS "more"')),
    "a column less": (4, _in_sql(', "s1"."age" AS "age"', "")),
    "a column under another name": (4, _in_sql('AS "age"', 'AS "years"')),
    "columns in another order": (4, lambda plan: replace(plan, columns=plan.columns[::-1])),
    "a WITH": (4, lambda plan: replace(plan, sql=f'WITH "x" AS (SELECT 1 AS "y") {plan.sql}')),
    "a UNION": (4, lambda plan: replace(plan, sql=f"{plan.sql} UNION ALL {plan.sql}")),
    "a window": (4, _in_sql('"s1"."age" AS "age"', 'max("s1"."age") OVER () AS "age"')),
    "a scalar subquery": (
        4,
        _in_sql('"s1"."age" AS "age"', '(SELECT max("s9"."age") FROM "s9" AS "s9") AS "age"'),
    ),
    "a scalar subquery without a table": (4, _in_sql('"s1"."age" AS "age"', '(SELECT 1 AS "x") AS "age"')),
    "a function that is not on the list": (5, _in_sql('"s1"."age" AS "age"', 'hash("s1"."age") AS "age"')),
    "a function of the engine's own": (4, _in_sql('"s1"."age" AS "age"', "getenv('HOME') AS \"age\"")),
    "a list": (5, _in_sql('"s1"."age" AS "age"', '["s1"."age"] AS "age"')),
    "a struct": (5, _in_sql('"s1"."age" AS "age"', '{\'a\': "s1"."age"} AS "age"')),
    "an order": (5, lambda plan: replace(plan, sql=f"{plan.sql} ORDER BY 1")),
    "a limit": (5, lambda plan: replace(plan, sql=f"{plan.sql} LIMIT 1")),
    "DISTINCT": (5, _in_sql("SELECT ", "SELECT DISTINCT ")),
    "HAVING": (5, lambda plan: replace(plan, sql=f"{plan.sql} HAVING TRUE")),
    "QUALIFY": (5, lambda plan: replace(plan, sql=f"{plan.sql} QUALIFY TRUE")),
    "a sample": (5, lambda plan: replace(plan, sql=f"{plan.sql} USING SAMPLE 10%")),
    "a sampled scan": (5, _in_sql('FROM "s1" AS "s1"', 'FROM "s1" AS "s1" TABLESAMPLE 10%')),
    "GROUP BY ALL": (5, _in_sql('GROUP BY "s3"."household_id"', "GROUP BY ALL")),
    "another kind of join": (5, _in_sql("LEFT JOIN", "FULL JOIN")),
    "a join that keeps no key": (5, _in_sql("INNER JOIN", "SEMI JOIN")),
    "a second statement": (4, lambda plan: replace(plan, sql=f"{plan.sql}; SELECT 1")),
    "no SQL": (4, lambda plan: replace(plan, sql="please")),
    "SQL that one parser cannot read": (5, lambda plan: replace(plan, sql=f"{plan.sql} FROM")),
    "SQL that only one parser can read": (5, lambda plan: replace(plan, sql=f"{plan.sql} {{# nothing #}}")),
    "SQL that the parsers read differently": (5, _in_sql('FROM "s1" AS "s1"', 'FROM "s1" AS "s1" AT (VERSION => 1)')),
}


def _without_counts(plan: FederatedPlan) -> FederatedPlan:
    return replace(plan, row_counts=())


def _measure(plan: FederatedPlan, name: str, counts: tuple[str, ...]) -> FederatedPlan:
    return replace(plan, columns=tuple(replace(c, counts=counts) if c.name == name else c for c in plan.columns))


_PERSONS = 'COUNT(DISTINCT "s1"."resident_id") AS "#1"'

COUNT_MUTANTS: dict[str, tuple[int, Any]] = {
    "persons are not counted": (4, _in_sql(f", {_PERSONS}", "")),
    "persons are counted by rows": (6, _in_sql(_PERSONS, 'COUNT("s1"."resident_id") AS "#1"')),
    "rows are counted": (6, _in_sql(_PERSONS, 'COUNT(*) AS "#1"')),
    "a constant stands for a count": (6, _in_sql(_PERSONS, '1000 AS "#1"')),
    "something else is counted": (6, _in_sql(_PERSONS, 'COUNT(DISTINCT "s1"."age") AS "#1"')),
    "households are counted as persons": (6, _in_sql(_PERSONS, 'COUNT(DISTINCT "s1"."household_id") AS "#1"')),
    "persons are counted among some": (
        6,
        _in_sql(_PERSONS, 'COUNT(DISTINCT "s1"."resident_id") FILTER(WHERE "s1"."age" > 9) AS "#1"'),
    ),
    "households are not counted": (
        6,
        _in_sql('COUNT(DISTINCT "s1"."household_id") AS "#0"', 'COUNT(DISTINCT "s1"."resident_id") AS "#0"'),
    ),
    "the plan forgets the counts of rows": (6, _without_counts),
    "the plan takes another column for a count": (4, lambda plan: replace(plan, row_counts=("people", "#1"))),
    "the plan forgets the counts of a measure": (4, lambda plan: _measure(plan, "older", ())),
    "a measure without counts": (6, lambda plan: _measure(plan, "people", ())),
    "a measure counted as its row": (4, lambda plan: _measure(plan, "older", plan.row_counts)),
    "a choice of the query that is said to be none": (
        6,
        lambda plan: replace(plan, columns=tuple(replace(c, filtered=False) for c in plan.columns)),
    ),
    "a measure counted without its condition": (6, _in_sql(' FILTER(WHERE "s1"."age" > 9) AS "#3"', ' AS "#3"')),
    "a measure counted under a weaker condition": (
        6,
        _in_sql('FILTER(WHERE "s1"."age" > 9) AS "#3"', 'FILTER(WHERE "s1"."age" > 8) AS "#3"'),
    ),
    "a measure that cannot be counted": (7, _in_sql('COUNT(*) AS "people"', 'MAX("s1"."age") AS "people"')),
    "a measure that is no aggregate": (7, _in_sql('COUNT(*) AS "people"', '1 AS "people"')),
}  # fmt: skip


def _refused(asked: Asked, mutate: Callable[[FederatedPlan], FederatedPlan]) -> int:
    mutant = mutate(asked.plan)
    assert mutant != asked.plan
    with pytest.raises(NotCertified) as refusal:
        certified(asked, mutant)
    assert refusal.value.exit_status == 5
    return int(refusal.value.params["statement"])


@pytest.mark.parametrize("name", ORDER_MUTANTS)
def test_another_order_is_not_certified(name: str) -> None:
    """What a department is asked for is exactly what was decided for that scan."""
    statement, mutate = ORDER_MUTANTS[name]
    assert _refused(ROWS, mutate) == statement


@pytest.mark.parametrize("name", SQL_MUTANTS)
def test_other_sql_is_not_certified(name: str) -> None:
    """The SQL reads each scan once, nothing else, puts out what was asked, and holds nothing that is not on the list."""
    statement, mutate = SQL_MUTANTS[name]
    assert _refused(ROWS, mutate) == statement


@pytest.mark.parametrize("name", COUNT_MUTANTS)
def test_groups_that_are_not_counted_are_not_certified(name: str) -> None:
    """Where groups have a smallest size, persons and households are counted, for the row and under each measure."""
    statement, mutate = COUNT_MUTANTS[name]
    assert _refused(GROUPS, mutate) == statement


def test_a_sum_is_counted_among_those_it_adds() -> None:
    """A sum over what may be missing does not count the persons for whom it is."""
    unknowns_too = _in_sql(' FILTER(WHERE NOT ("d1"."members" IS NULL)) AS "#3"', ' AS "#3"')
    assert _refused(SUMS, unknowns_too) == 6


def test_the_certificate_is_bound_to_everything_that_was_proved() -> None:
    """Another asked text, other obligations, other SQL or another key give another certificate."""
    whole = certified(ROWS)

    def another(**changes: Any) -> Certificate:
        given = {"parsed": ROWS.parsed, "facts": ROWS.facts, "obligations": ROWS.obligations, "digest_key": DIGEST_KEY}
        return certify(ROWS.plan, catalogue=CATALOGUE, as_of=AS_OF, **{**given, **changes})

    text = another(facts=replace(ROWS.facts, sql_digest="0" * 64))
    obliged = another(obligations=replace(ROWS.obligations, expires_in_days=3))
    spaced = certified(ROWS, replace(ROWS.plan, sql=f"{ROWS.plan.sql} "))
    keyed = another(digest_key=b"another key")
    assert len({c.digest for c in (whole, text, obliged, spaced, keyed)}) == 5
    assert whole.final_sql_digest == text.final_sql_digest == obliged.final_sql_digest
    assert len({whole.final_sql_digest, spaced.final_sql_digest, keyed.final_sql_digest}) == 3
