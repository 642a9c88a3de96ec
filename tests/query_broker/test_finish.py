"""What is computed from a protected answer is computed from nothing else, and a carried cohort counts nobody twice."""

from __future__ import annotations

import random
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from governance.errors import BadInput
from query_broker import relational as r
from query_broker.carry import HIDDEN
from query_broker.combine import Combiner
from query_broker.finish import finish
from query_broker.protect import protect
from query_broker.second_reading import tables_read
from query_broker.worker import hardened_connection
from tests.query_broker.asking import ask, certified
from tests.query_broker.holders import in_any_order, masked_town, scans_of
from tests.query_broker.world import Row, Tables, people_of, tables

FINISHED = [
    "SELECT c.sex, count(*) AS n FROM town.person c GROUP BY ALL HAVING n >= 10 ORDER BY ALL",
    "SELECT c.age, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS place FROM town.person c GROUP BY c.age ORDER BY n DESC LIMIT 3",
    "SELECT q.year, q.n, sum(q.n) OVER (ORDER BY q.year) AS so_far FROM (SELECT year(c.birth) AS year, count(*) AS n FROM town.person c GROUP BY 1) q",
    "SELECT c.sex, 'all' AS what, 100 * count(*) FILTER (WHERE c.age > 9) AS x FROM town.person c GROUP BY c.sex",
    "SELECT DISTINCT c.sex FROM town.person c GROUP BY c.sex, c.age",
    "SELECT d.age, d.mean - 5 AS x FROM (SELECT * FROM (SELECT c.age, avg(c.age) AS mean, count(*) AS n FROM town.person c GROUP BY c.age)) d WHERE d.n > 2",
    "SELECT max(n) AS most, count(*) AS groups FROM (SELECT c.age, count(*) AS n FROM town.person c GROUP BY c.age)",
    "SELECT c.age, ntile(2) OVER (ORDER BY count(*)) AS half, lag(count(*)) OVER (ORDER BY c.age) AS before FROM town.person c GROUP BY c.age",
    "SELECT * FROM town.person PIVOT (avg(age) FOR sex IN ('f', 'm') GROUP BY age)",
    "SELECT * FROM (SELECT c.sex, c.birth, c.age FROM town.person c) PIVOT (avg(age) AS mean FOR birth IN (DATE '2006-05-01' AS may, DATE '2008-05-01' AS next) GROUP BY sex)",
    "PIVOT (SELECT c.sex, c.age >= 12 AS older FROM town.person c) ON older IN (TRUE, FALSE) USING count(*)",
    "WITH p AS (PIVOT town.person ON sex IN ('f', 'm') USING avg(age) GROUP BY age) SELECT p.age, p.f - p.m AS x FROM p WHERE p.age > 8 ORDER BY x DESC",
    "SELECT m.day, avg(p.age) AS n FROM (VALUES (DATE '2007-07-01'), (DATE '2010-05-01')) AS m(day) LEFT JOIN town.person p ON p.birth = m.day AND p.sex = 'f' GROUP BY m.day ORDER BY n DESC",
    "WITH m(age, word) AS (VALUES (7, 'a'), (9, 'b'), (99, 'z')) SELECT m.age, m.word, p.sex, sum(p.age) AS n FROM m LEFT JOIN town.person p ON p.age = m.age WHERE m.age > 7 GROUP BY ALL",
    "SELECT u.age, count(p.resident_id) AS n FROM (SELECT unnest([7, 8]) AS age) u JOIN town.person p ON u.age = p.age GROUP BY u.age HAVING n > 0",
    "SELECT v.name, q.n FROM (VALUES ('f', 'women'), ('x', 'others')) v(code, name) LEFT JOIN (SELECT p.sex, count(*) AS n FROM town.person p GROUP BY p.sex) q ON v.code = q.sex",
    "SELECT v.area, sum(q.n) AS n FROM (SELECT p.age, count(*) AS n FROM town.person p GROUP BY 1) q JOIN (VALUES (7, 1), (8, 1)) v(age, area) USING (age) GROUP BY 1",
    "SELECT m.age, v.name, count(*) AS n FROM (VALUES (7), (8)) AS m(age) JOIN town.person p ON p.age = m.age JOIN (VALUES ('f', 'F')) v(sex, name) ON v.sex = p.sex GROUP BY ALL",
    "SELECT c.sex, c.age >= 12 AS older, count(*) AS n, sum(c.age) AS years FROM town.person c GROUP BY GROUPING SETS ((sex, older), (sex), ())",
    "SELECT c.sex, c.age >= 12 AS older, count(*) AS n FROM town.person c GROUP BY c.sex, ROLLUP (older) HAVING n > 2",
    "SELECT coalesce(q.sex, 'all') AS sex, q.n, rank() OVER (ORDER BY q.n) AS place FROM (SELECT c.sex, c.age // 6 AS band, count(c.resident_id) AS n FROM town.person c GROUP BY CUBE (sex, band)) q",
]


@pytest.fixture(scope="module")
def combiner() -> Any:
    """The real process."""
    with Combiner() as opened:
        yield opened


@pytest.mark.parametrize("sql", FINISHED)
def test_a_finish_gives_what_was_asked_and_reads_the_answer_alone(sql: str, combiner: Combiner) -> None:
    """Where nothing is suppressed, core and finish give the rows of the asked text; the finish names one table."""
    asked, town = ask(sql, smallest_group=1), tables(7)
    certified(asked)
    assert asked.finish is not None
    assert tables_read(asked.finish.sql, windows=True) == ["answer", *(rows.id for rows in asked.finish.lists)]
    with hardened_connection(memory_mb=512, threads=1) as engine, masked_town(town) as whole:
        for name, table in scans_of(asked.plan, town).items():
            engine.register(name, table)
        groups = engine.sql(asked.plan.sql).to_arrow_table()
        core = protect(groups, asked.plan).table
        wanted = whole.execute(sql).fetchall()
    made = finish(core, asked.finish, combiner)
    rows = [tuple(row.values()) for row in made.to_pylist()]
    assert in_any_order(rows) == in_any_order(wanted)
    if " ORDER BY n DESC LIMIT" in sql:
        assert [row[1] for row in rows] == sorted((row[1] for row in wanted), reverse=True)
    # The same answer in another order of rows gives the same: nothing is left to the engine.
    shuffled = core.take(pa.array(random.Random(3).sample(range(core.num_rows), core.num_rows)))
    assert finish(shuffled, asked.finish, combiner).equals(made)


CARRIED = [
    "SELECT h.n, count(*) AS x FROM (SELECT c.household_id, count(*) AS n FROM town.person c GROUP BY c.household_id) h GROUP BY h.n",
    "SELECT h.oldest, count(*) AS x, sum(h.n) AS y FROM (SELECT c.household_id, max(c.age) AS oldest, count(*) AS n FROM town.person c GROUP BY c.household_id) h GROUP BY h.oldest",
    "SELECT d.x, count(*) AS n FROM (SELECT c.resident_id, count(*) AS x FROM town.person c GROUP BY c.resident_id) d GROUP BY d.x",
    "SELECT d.sex, count(*) AS n FROM (SELECT c.sex, c.resident_id, row_number() OVER (PARTITION BY c.resident_id ORDER BY c.age) AS x FROM town.person c) d WHERE d.x = 1 GROUP BY d.sex",
    """SELECT h.n, sum(k.most) AS x FROM (SELECT c.household_id, count(*) AS n FROM town.person c GROUP BY c.household_id) h
       JOIN (SELECT m.household_id, max(m.kind = 'elder') AS e, count(*) AS most FROM town.member m GROUP BY m.household_id) k
            USING (household_id) GROUP BY h.n""".replace("max(m.kind = 'elder')", "bool_or(m.kind = 'elder')"),
    "SELECT c.sex, count(DISTINCT c.household_id) AS n FROM town.person c JOIN town.member m ON m.household_id = c.household_id WHERE m.kind = 'elder' GROUP BY c.sex",
]
"""Answers whose persons stand in a subquery, or who are met by household."""


def _groups(sql: str, town: Tables) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Group keys → measures and, behind them, the numbers of distinct persons and households that the plan counts."""
    asked = ask(sql, smallest_group=2)
    keys = sum(p.expression in asked.parsed.select.group for p in asked.parsed.select.projections)
    counts = [column.name for column in asked.plan.columns] + list(asked.plan.row_counts)
    with duckdb.connect(":memory:") as engine:
        for name, table in scans_of(asked.plan, town).items():
            engine.register(name, table)
        found = engine.sql(asked.plan.sql).to_arrow_table().select(counts).to_pylist()
    return {tuple(row.values())[:keys]: tuple(row.values())[keys:] for row in found}


@pytest.mark.parametrize("sql", CARRIED)
def test_no_more_persons_are_counted_than_stand_behind_a_group(sql: str) -> None:
    """In a town without a person, only groups change of which that person was counted among: so few are never taken for many."""
    certified(ask(sql))
    town = tables(11, people=18)
    whole = _groups(sql, town)
    behind: dict[tuple[Any, ...], set[str]] = {key: set() for key in whole}
    for person in people_of(town["town.person"]) | people_of(town["town.member"]):
        without = _groups(
            sql, {name: [row for row in rows if not _is_about(row, person)] for name, rows in town.items()}
        )
        for key, measures in whole.items():
            if without.get(key) != measures:
                behind[key].add(person)
    assert whole
    for key, measures in whole.items():
        counted = measures[len(measures) - len(ask(sql).plan.row_counts) :]
        assert min(counted) <= len(behind[key]), key


def _is_about(row: Row, person: str) -> bool:
    return person in (row.get("resident_id"), row.get("payer_id"), row.get("payee_id"))


def test_what_is_carried_has_a_name_that_nobody_can_write() -> None:
    """The keys that count stand in the subquery beside what was asked for, and in no answer."""
    parsed = ask(CARRIED[0]).parsed
    (joined,) = parsed.select.sources
    assert isinstance(joined.source, r.Derived)
    assert [p.name for p in joined.source.query.projections if p.hidden] == ["#resident_id", "#household_id"]
    assert not any(p.name.startswith(HIDDEN) for p in parsed.select.projections)


def test_a_pivot_of_persons_is_one_row_a_person() -> None:
    """By a person's key a PIVOT is aggregates with a FILTER, and asks for nothing more than those would."""
    columns = "count(*) FILTER (WHERE r.year = 2022) AS a, count(*) FILTER (WHERE r.year = 2023) AS b"
    pivot = ask(
        "SELECT * FROM clinic.register PIVOT (count(*) FOR year IN (2022 AS a, 2023 AS b) GROUP BY resident_id)"
    )
    plain = ask(f"SELECT * FROM (SELECT r.resident_id, {columns} FROM clinic.register r GROUP BY r.resident_id)")
    assert pivot.finish is None
    assert pivot.plan.sql == plain.plan.sql
    assert certified(pivot).digest


def test_a_cell_that_is_left_out_is_empty_in_a_pivot(combiner: Combiner) -> None:
    """A count of few is no number and no 0, and neither is the count of a group that nobody is in."""
    asked = ask("PIVOT town.person ON sex IN ('f', 'm', 'x') USING count(*) GROUP BY age", smallest_group=5)
    assert asked.finish is not None
    shown = pa.table({"age": [9, 8, 8], "sex": ["f", "f", "m"], "measure0": [7, 8, 9]})
    assert finish(shown, asked.finish, combiner).to_pylist() == [
        {"age": 8, "f": 8, "m": 9, "x": None},
        {"age": 9, "f": 7, "m": None, "x": None},
    ]


def test_a_group_is_named_by_its_label(combiner: Combiner) -> None:
    """Among groups by a generalised date, ``=`` says which row of the answer is meant, and not which day."""
    asked = ask("SELECT c.birth, count(*) AS n FROM town.person c GROUP BY 1 HAVING birth = DATE '2007-07-01'")
    assert asked.finish is not None
    shown = pa.table({"birth": [date(2007, 7, 1), date(2007, 8, 1)], "n": [7, 8]})
    assert finish(shown, asked.finish, combiner).to_pylist() == [{"birth": date(2007, 7, 1), "n": 7}]


def test_a_row_of_a_calendar_without_a_group_is_empty(combiner: Combiner) -> None:
    """Whether a group is too small to be shown or nobody is in it, its row says nothing, and no 0."""
    asked = ask(
        "SELECT m.age, count(p.resident_id) AS n FROM unnest([7, 8]) m(age) LEFT JOIN town.person p USING (age) GROUP BY 1"
    )
    assert asked.finish is not None
    shown = pa.table({"age": [7, 9], "measure2": [6, 7]})
    assert finish(shown, asked.finish, combiner).to_pylist() == [
        {"age": 7, "n": 6},
        {"age": 8, "n": None},
    ]


def test_a_total_tells_nothing_of_a_group_that_was_left_out(combiner: Combiner) -> None:
    """It is the sum of what is shown. Were it missing beside a group of a few, it would tell that group from none."""
    asked = ask("SELECT c.sex, c.age >= 12 AS older, count(*) AS n FROM town.person c GROUP BY ROLLUP (sex, older)")
    assert asked.finish is not None
    shown = pa.table({"sex": ["f", "m"], "older": [True, True], "n": [8, 9]})
    assert finish(shown, asked.finish, combiner).to_pylist() == [
        {"sex": "f", "older": True, "n": 8},
        {"sex": "f", "older": None, "n": 8},
        {"sex": "m", "older": True, "n": 9},
        {"sex": "m", "older": None, "n": 9},
        {"sex": None, "older": None, "n": 17},
    ]


def test_an_answer_with_its_totals_is_refused_over_the_cap(combiner: Combiner) -> None:
    """Totals are rows like any other: with them, an answer may have too many."""
    asked = ask("SELECT c.sex, count(*) AS n FROM town.person c GROUP BY ROLLUP (sex)", max_rows=2)
    assert asked.finish is not None
    groups = pa.table({"sex": ["f", "m"], "n": [8, 9]})
    with pytest.raises(BadInput) as refusal:
        finish(groups, asked.finish, combiner)
    assert refusal.value.code == "mask-output-cap"
