"""A conjunct that moved into a scan means there what it meant in the query, and what may not move stays."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings

from governance.conditions import FieldCondition, all_of
from masking.conditions import rows_meeting
from query_broker import relational as r
from query_broker.generate import generate_sql
from query_broker.pushdown import push_down
from tests.query_broker.algebra import CONDITIONS, ROWS, SIMPLE_CONDITIONS, column, evaluated, select_of, table_of


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """One engine for all examples."""
    return duckdb.connect(":memory:", config={"threads": "1"})


@settings(max_examples=120)
@given(condition=SIMPLE_CONDITIONS, rows=ROWS)
def test_a_department_finds_the_same_rows(condition: r.Expression, rows: list[dict[str, Any]]) -> None:
    """Conditions over columns and constants move whole, and the department's evaluation keeps exactly their rows."""
    pushed = push_down(select_of(condition, column("n")), {})
    assert pushed.select.where == ()
    table = table_of(rows)
    mask = rows_meeting(
        all_of(*pushed.conditions["s1"]),
        dict(zip(table.column_names, table.columns, strict=True)),
        rows=table.num_rows,
        dataset="town.person",
    )
    assert mask.to_pylist() == [evaluated(condition, row) is True for row in rows]


@settings(max_examples=60)
@given(condition=CONDITIONS, rows=ROWS)
def test_what_moved_and_what_stayed_together_find_the_same_rows(
    engine: duckdb.DuckDBPyConnection, condition: r.Expression, rows: list[dict[str, Any]]
) -> None:
    """Whatever the condition is, filtering at the department and then in the engine is filtering once."""
    pushed = push_down(select_of(condition, column("n"), column("t")), {})
    table = table_of(rows)
    mask = rows_meeting(
        all_of(*pushed.conditions.get("s1", ())),
        dict(zip(table.column_names, table.columns, strict=True)),
        rows=table.num_rows,
        dataset="town.person",
    )
    engine.register("s1", table.filter(mask))
    found = engine.execute(generate_sql(pushed.select)).fetchall()
    wanted = [(row["n"], row["t"]) for row in rows if evaluated(condition, row) is True]
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


def _scan(number: int) -> r.TableScan:
    return r.TableScan(id=f"s{number}", dataset="town.person")


def _ref(number: int, name: str) -> r.ColumnRef:
    return r.ColumnRef(source=f"s{number}", name=name)


def _is(number: int, name: str, value: int) -> r.Comparison:
    return r.Comparison(operator="=", left=_ref(number, name), right=r.Literal(value=value, type="INTEGER"))


_TIE = r.Comparison(operator="=", left=_ref(1, "k"), right=_ref(2, "k"))


@pytest.mark.parametrize(
    ("join", "on", "where", "moved"),
    [
        ("inner", (), (_is(1, "n", 1), _is(2, "n", 2)), {"s1", "s2"}),
        ("left", (), (_is(1, "n", 1), _is(2, "n", 2)), {"s1"}),
        ("inner", (_is(1, "n", 1), _is(2, "n", 2)), (), {"s1", "s2"}),
        ("left", (_is(1, "n", 1), _is(2, "n", 2)), (), {"s2"}),
    ],
)
def test_where_a_conjunct_may_move_from(
    join: Any, on: tuple[r.Expression, ...], where: tuple[r.Expression, ...], moved: set[str]
) -> None:
    """To a table that is not optional from WHERE and inner ON; to an optional one from its own ON only."""
    select = r.Select(
        id="q1",
        sources=(
            r.JoinedSource(source=_scan(1), join="from", on=()),
            r.JoinedSource(source=_scan(2), join=join, on=(_TIE, *on)),
        ),
        where=where,
        grouped=False,
        group=(),
        projections=(r.Projection(name="n", expression=_ref(1, "n")),),
        order=(),
    )
    pushed = push_down(select, {})
    assert set(pushed.conditions) == moved
    assert pushed.select.sources[1].on[0] == _TIE
    assert len(pushed.select.sources[1].on) + len(pushed.select.where) == 1 + 2 - len(moved)


def test_only_the_named_columns_move_where_others_must_not() -> None:
    """With a limit, a conjunct moves that reads a named column, and no other does."""
    both = r.And(parts=(_is(1, "n", 1), _is(1, "m", 2)))
    select = select_of(both, column("n"))
    select = r.Select(**{f: getattr(select, f) for f in select.__slots__} | {"where": both.parts})
    pushed = push_down(select, {}, only=frozenset({column("m")}))
    assert pushed.conditions == {"s1": (FieldCondition(operator="eq", field="m", value=2),)}
    assert pushed.select.where == (_is(1, "n", 1),)


def test_parameters_travel_by_value() -> None:
    """A department gets the value, typed, and no name."""
    condition = r.Comparison(operator=">=", left=column("n"), right=r.Parameter(name="years", type="INTEGER"))
    assert push_down(select_of(condition, column("t")), {"years": 7}).conditions == {
        "s1": (FieldCondition(operator="ge", field="n", value=7),)
    }
