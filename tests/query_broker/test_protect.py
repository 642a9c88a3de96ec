"""What may leave of a combined result: small groups go, small measures and their complements go, the rest is ordered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.errors import BadInput
from query_broker.certify import NotCertified, certify
from query_broker.protect import protect
from query_broker.rewrite import rewrite
from tests.query_broker.asking import DIGEST_KEY, Asked, ask, obligations_for, read
from tests.query_broker.holders import scans_of
from tests.query_broker.world import AS_OF, CATALOGUE, Tables, tables

K = 3
_SQL = (
    "SELECT c.sex, count(*) AS people, count(*) FILTER (WHERE c.age >= 12) AS older FROM town.person c GROUP BY c.sex"
)
_SUMS = "SELECT c.sex, count(*) AS people, sum(k.level) AS levels FROM town.person c LEFT JOIN care.cert k USING (resident_id) GROUP BY c.sex"


def _parsed(text: str, types: Mapping[str, pa.DataType]) -> pa.Table:
    """A table drawn with bars; ``-`` is NULL."""
    head, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    return pa.table(
        {
            name: pa.array(
                [None if row[n] == "-" else row[n] if types.get(name) == pa.string() else int(row[n]) for row in lines],
                types.get(name, pa.int64()),
            )
            for n, name in enumerate(head)
        }
    )


def _drawn(table: pa.Table) -> list[list[str]]:
    return [["-" if value is None else str(value) for value in row.values()] for row in table.to_pylist()]


def _cells(text: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]


TEXT = {"sex": pa.string()}

GROUPS = {
    # #0 households, #1 persons of the row; #2 households, #3 persons of ``older``
    "large groups and large parts stay": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 9     | 9  | 20 | 5  | 9
           m   | 12     | 4     | 8  | 12 | 3  | 4""",
        """f | 20 | 9
           m | 12 | 4""",
        0,
    ),
    "a group of too few persons goes": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 9     | 9  | 20 | 5  | 9
           m   | 2      | 0     | 2  | 2  | 0  | 0""",
        "f | 20 | 9",
        2,
    ),
    "a group of enough persons in too few households goes": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 7      | 4     | 2  | 7  | 2  | 4""",
        "",
        2,
    ),
    "many rows of few persons are few persons": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 900    | 400   | 2  | 2  | 2  | 2""",
        "",
        2,
    ),
    "a measure on too few persons is blank": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 2     | 9  | 20 | 2  | 2""",
        "f | 20 | -",
        1,
    ),
    "a measure on nobody is blank: that nobody is, is said of each": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 0     | 9  | 20 | 0  | 0""",
        "f | 20 | -",
        1,
    ),
    "a measure on enough persons of too few households is blank": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 6     | 9  | 20 | 2  | 6""",
        "f | 20 | -",
        1,
    ),
    "a measure that leaves too few out is blank": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 18    | 9  | 20 | 6  | 18""",
        "f | 20 | -",
        1,
    ),
    "a chosen measure that leaves nobody out is blank": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 20    | 9  | 20 | 9  | 20""",
        "f | 20 | -",
        1,
    ),
    "an unknown group is a group": (
        """sex | people | older | #0 | #1 | #2 | #3
           -   | 20     | 9     | 9  | 20 | 5  | 9
           f   | 20     | 9     | 9  | 20 | 5  | 9""",
        """f | 20 | 9
           - | 20 | 9""",
        0,
    ),
    "an unknown count is too small": (
        """sex | people | older | #0 | #1 | #2 | #3
           f   | 20     | 9     | -  | 20 | 5  | 9
           m   | 20     | 9     | 9  | 20 | 5  | -""",
        "m | 20 | -",
        3,
    ),
    "no group at all": ("sex | people | older | #0 | #1 | #2 | #3", "", 0),
}


@pytest.mark.parametrize("why", GROUPS)
def test_small_groups_and_small_measures_go(why: str) -> None:
    """Each table in gives the table out; the count columns never leave."""
    before, after, _ = GROUPS[why]
    protected = protect(_parsed(before, TEXT), ask(_SQL, smallest_group=K).plan)
    assert _drawn(protected.table) == (_cells(after) if after else [])
    assert protected.table.column_names == ["sex", "people", "older"]


@pytest.mark.parametrize("why", GROUPS)
def test_what_was_left_out_is_counted(why: str) -> None:
    """For the ledger: at least one for each row that went and each cell that was blanked, nothing where nothing was."""
    before, _, least = GROUPS[why]
    suppressed = protect(_parsed(before, TEXT), ask(_SQL, smallest_group=K).plan).suppressed
    assert suppressed >= least
    assert (suppressed == 0) == (least == 0)


def test_a_measure_that_the_data_and_not_the_query_limits_may_be_whole() -> None:
    """A sum over a column that everybody has leaves nobody out, and says of nobody that they were chosen."""
    before = _parsed("sex | people | levels | #0 | #1 | #2 | #3\nf | 20 | 31 | 9 | 20 | 9 | 20", TEXT)
    protected = protect(before, ask(_SUMS, smallest_group=K).plan)
    assert _drawn(protected.table) == [["f", "20", "31"]]
    few = _parsed("sex | people | levels | #0 | #1 | #2 | #3\nf | 20 | 31 | 9 | 20 | 9 | 19", TEXT)
    assert _drawn(protect(few, ask(_SUMS, smallest_group=K).plan).table) == [["f", "20", "-"]]


_LEVELS = """SELECT c.sex, k.level, count(*) AS people
FROM town.person c LEFT JOIN care.cert k USING (resident_id) GROUP BY c.sex, k.level"""

TELLING = {
    # #0 households, #1 persons; a level that is unknown is that of who has no certificate
    "rows beside which others stand stay": (
        """sex | level | people | #0 | #1
           f   | -     | 20     | 9  | 20
           f   | 2     | 9      | 5  | 9""",
        """f | 2 | 9
           f | - | 20""",
    ),
    "one row that holds all of its sex tells of each, and goes": (
        """sex | level | people | #0 | #1
           f   | 2     | 20     | 9  | 20
           m   | -     | 9      | 5  | 9
           m   | 2     | 9      | 5  | 9""",
        """m | 2 | 9
           m | - | 9""",
    ),
    "so does one that holds all but a few": (
        """sex | level | people | #0 | #1
           f   | 2     | 20     | 9  | 20
           f   | -     | 2      | 2  | 2""",
        "",
    ),
    "or all but a few households": (
        """sex | level | people | #0 | #1
           f   | 2     | 20     | 9  | 20
           f   | -     | 9      | 2  | 9""",
        "",
    ),
    "small rows are others, though they are not shown": (
        """sex | level | people | #0 | #1
           f   | 2     | 20     | 9  | 20
           f   | 1     | 2      | 2  | 2
           f   | -     | 2      | 2  | 2""",
        "f | 2 | 20",
    ),
}


@pytest.mark.parametrize("why", TELLING)
def test_rows_that_tell_of_nearly_everybody_go(why: str) -> None:
    """By a key that says something sensitive, a row goes beside which too few stand who are alike otherwise."""
    before, after = TELLING[why]
    plan = ask(_LEVELS, smallest_group=K).plan
    assert [column.tells for column in plan.columns] == [False, True, False]
    protected = protect(_parsed(before, TEXT), plan)
    assert _drawn(protected.table) == (_cells(after) if after else [])
    assert protected.suppressed == len(_cells(before)) - 1 - len(_cells(after) if after else [])


@pytest.mark.parametrize(
    ("sql", "tells"),
    [
        ("SELECT c.sex, count(*) AS n FROM town.person c GROUP BY 1", set()),
        ("SELECT c.sex, c.income, count(*) AS n FROM town.person c GROUP BY 1, 2", {"income"}),
        ("SELECT c.income IS NULL AS unsaid, count(*) AS n FROM town.person c GROUP BY 1", {"unsaid"}),
        ("SELECT k.level, count(*) AS n FROM town.person c JOIN care.cert k USING (resident_id) GROUP BY 1", set()),
        (
            "SELECT k.level, count(*) AS n FROM town.person c LEFT JOIN care.cert k USING (resident_id) GROUP BY 1",
            {"level"},
        ),
        (
            """SELECT q.level >= 1 AS l, q.sex, count(*) AS n FROM (SELECT c.resident_id, c.sex, k.level FROM town.person c
            LEFT JOIN care.cert k USING (resident_id)) q GROUP BY 1, 2""",
            {"l"},
        ),
        (
            """SELECT c.sex, q.served, count(*) AS n FROM town.person c JOIN (SELECT p.resident_id, EXISTS (SELECT 1 FROM
            care.cert k WHERE k.resident_id = p.resident_id) AS served FROM town.person p) q USING (resident_id)
            GROUP BY 1, 2""",
            {"served"},
        ),
    ],
)
def test_which_keys_tell(sql: str, tells: set[str]) -> None:
    """What is sensitive, and whether somebody has a row; the rewriter and the certificate say so by themselves."""
    parsed, facts = read(sql)
    granted = obligations_for(facts, smallest_group=K)
    sensitive = tuple((s.id, c.column) for s in facts.scans for c in s.columns if c.column == "income")
    granted = replace(granted, output=replace(granted.output, sensitive=sensitive))
    plan = rewrite(parsed, facts=facts, obligations=granted, catalogue=CATALOGUE, as_of=AS_OF)
    assert {column.name for column in plan.columns if column.tells} == tells
    stages = {"parsed": parsed, "facts": facts, "obligations": granted, "catalogue": CATALOGUE}
    certify(plan, **stages, as_of=AS_OF, digest_key=DIGEST_KEY)
    for column in plan.columns:
        turned = tuple(replace(c, tells=not c.tells) if c is column else c for c in plan.columns)
        with pytest.raises(NotCertified):
            certify(replace(plan, columns=turned), **stages, as_of=AS_OF, digest_key=DIGEST_KEY)


def test_rows_about_persons_are_only_ordered() -> None:
    """Without a smallest group nothing is suppressed, and every column stays."""
    plan = ask("SELECT age, sex FROM town.person JOIN town.member USING (resident_id)").plan
    table = pa.table({"age": [9, 7, None, 9], "sex": ["m", "f", "f", "f"]})
    protected = protect(table, plan)
    assert protected.suppressed == 0
    assert _drawn(protected.table) == [["7", "f"], ["9", "f"], ["9", "m"], ["-", "f"]]


@pytest.mark.parametrize(
    ("clause", "rows"),
    [
        ("", [["7", "m"], ["9", "f"], ["9", "m"]]),
        (" ORDER BY sex", [["9", "f"], ["7", "m"], ["9", "m"]]),
        (" ORDER BY age DESC", [["9", "f"], ["9", "m"], ["7", "m"]]),
        (" ORDER BY 2 DESC, 1 DESC", [["9", "m"], ["7", "m"], ["9", "f"]]),
    ],
)
def test_the_order_is_the_query_s_and_else_the_values(clause: str, rows: list[list[str]]) -> None:
    """Equal rows of other sources come out in one order, whatever order they came in."""
    plan = ask(f"SELECT age, sex FROM town.person JOIN town.member USING (resident_id){clause}").plan
    table = pa.table({"age": [9, 7, 9], "sex": ["m", "m", "f"]})
    for order in ([0, 1, 2], [2, 1, 0], [1, 2, 0]):
        assert _drawn(protect(table.take(order), plan).table) == rows


def test_more_rows_than_the_cap_are_refused() -> None:
    """A result is never cut: whoever reads a cut list believes it is whole."""
    table = pa.table({"age": [1, 2, 3], "sex": ["f", "f", "m"]})
    sql = "SELECT age, sex FROM town.person JOIN town.member USING (resident_id)"
    assert protect(table, ask(sql, max_rows=3).plan).table.num_rows == 3
    with pytest.raises(BadInput) as refusal:
        protect(table, ask(sql, max_rows=2).plan)
    assert (refusal.value.code, refusal.value.params) == ("mask-output-cap", {"max_rows": 2})


def test_counts_are_rounded_where_the_policy_says_so() -> None:
    """Measures that are numbers of something, after suppression; group keys and unknowns stay as they are."""
    before = _parsed(GROUPS["a measure on too few persons is blank"][0].replace("20     |", "23     |"), TEXT)
    protected = protect(before, ask(_SQL, smallest_group=K, rounding=5).plan)
    assert _drawn(protected.table) == [["f", "25", "-"]]


def _combined(asked: Asked, town: Tables) -> pa.Table:
    with duckdb.connect(":memory:", config={"threads": "1"}) as engine:
        for name, table in scans_of(asked.plan, town).items():
            engine.register(name, table)
        return engine.sql(asked.plan.sql).to_arrow_table()


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), k=st.integers(1, 8))
def test_what_is_released_stands_on_enough_people(seed: int, k: int) -> None:
    """From raw rows to the protected answer, against the persons themselves: no row and no cell stands on fewer."""
    town = tables(seed, people=60)
    asked = ask(_SQL, smallest_group=k)
    released = {row["sex"]: row for row in protect(_combined(asked, town), asked.plan).table.to_pylist()}
    for sex in ("f", "m"):
        group = [row for row in town["town.person"] if row["sex"] == sex]
        older = [row for row in group if row["age"] >= 12]
        assert (sex in released) == _enough(group, k)
        if sex in released:
            others = _count(group, "resident_id") - _count(older, "resident_id")
            homes = _count(group, "household_id") - _count(older, "household_id")
            safe = _enough(older, k) and others >= k and homes >= k
            assert released[sex]["people"] == len(group)
            assert released[sex]["older"] == (len(older) if safe else None)


def _count(rows: list[dict[str, Any]], key: str) -> int:
    return len({row[key] for row in rows} - {None})


def _enough(rows: list[dict[str, Any]], k: int) -> bool:
    return _count(rows, "resident_id") >= k and _count(rows, "household_id") >= k


def test_the_plan_carries_the_smallest_group_of_the_decision() -> None:
    """Another decision, another smallest group, with nothing in between to remember it."""
    plan = ask(_SQL, smallest_group=K).plan
    table = _parsed(GROUPS["large groups and large parts stay"][0], TEXT)
    larger = replace(plan, output=replace(plan.output, min_group_size=9))
    assert _drawn(protect(table, larger).table) == [["f", "20", "-"]]
