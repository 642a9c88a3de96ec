"""The SQL that is made of the algebra means what the algebra means, to both parsers and to the engine."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.catalogue import Catalogue, Column, Dataset, Label
from query_broker import relational as r
from query_broker.generate import generate_sql
from query_broker.parse import parse
from query_broker.second_reading import tables_read
from query_broker.worker import hardened_connection
from tests.query_broker.algebra import COLUMNS, CONDITIONS, INTEGERS, ROWS, TEXT, column, evaluated, select_of, table_of

_LABEL = Label(ja="x", en="x")
FIVE_COLUMNS = Catalogue(
    departments={},
    kinds={},
    subject_kind="resident",
    household_kinds=(),
    datasets={
        "town.person": Dataset(
            name="town.person",
            department="town",
            label=_LABEL,
            columns={
                name: Column(name=name, label=_LABEL, type="text", column_class="attribute", nulls="none")
                for name in COLUMNS
            },
            absent_row="none",
            refresh="monthly",
            gates={},
        )
    },
)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    """One engine for all examples."""
    return duckdb.connect(":memory:", config={"threads": "1"})


@settings(max_examples=80)
@given(condition=CONDITIONS, number=INTEGERS, rows=ROWS)
def test_the_engine_computes_what_the_algebra_says(
    engine: duckdb.DuckDBPyConnection, condition: r.Expression, number: r.Expression, rows: list[dict[str, Any]]
) -> None:
    """Operators, NULL, CASE and functions, however they are nested, row by row against an obvious evaluator."""
    engine.register("s1", table_of(rows))
    found = engine.execute(generate_sql(select_of(condition, number, condition))).fetchall()
    wanted = [(evaluated(number, row), True) for row in rows if evaluated(condition, row) is True]
    assert sorted(map(repr, found)) == sorted(map(repr, wanted))


@settings(max_examples=80)
@given(condition=CONDITIONS, number=INTEGERS)
def test_reading_the_sql_again_gives_the_same_algebra(condition: r.Expression, number: r.Expression) -> None:
    """What is generated is itself in the language, and means to our own reading what it was made of."""
    select = select_of(condition, number)
    flat = condition.parts if isinstance(condition, r.And) else (condition,)
    sql = generate_sql(select).replace('FROM "s1" AS "s1"', 'FROM "town"."person" AS "s1"')
    again = parse(sql, catalogue=FIVE_COLUMNS, declared={}, parameters={}, digest_key=b"k").select
    assert (again.where, again.projections) == (flat, select.projections)


@settings(max_examples=60)
@given(condition=CONDITIONS, number=INTEGERS)
def test_the_engine_s_own_parser_reads_it(condition: r.Expression, number: r.Expression) -> None:
    """The second reading finds the one table, and no construct that is not on its list."""
    assert tables_read(generate_sql(select_of(condition, number))) == ["s1"]


@given(text=TEXT)
def test_texts_come_out_as_they_went_in(engine: duckdb.DuckDBPyConnection, text: str) -> None:
    """No quote, backslash, dollar or other character ends a text early."""
    literal = r.Literal(value=text, type="TEXT")
    engine.register("s1", table_of([{"n": 1, "m": 1, "t": text, "d": None, "b": None}]))
    same = r.Comparison(operator="=", left=column("t"), right=literal)
    assert engine.execute(generate_sql(select_of(same, literal))).fetchall() == [(text,)]


@pytest.mark.parametrize("connective", [r.And, r.Or])
def test_long_chains_run(connective: type[r.And | r.Or]) -> None:
    """As many conditions as the text may have words, in the hardened engine that bounds the depth of expressions."""
    parts = tuple(
        r.Comparison(operator="<>", left=column("n"), right=r.Literal(value=n, type="INTEGER")) for n in range(600)
    )
    connection = hardened_connection(memory_mb=256, threads=1)
    connection.register("s1", table_of([{"n": -1, "m": 1, "t": "", "d": None, "b": None}]))
    sql = generate_sql(select_of(connective(parts=parts), column("n")))
    assert connection.execute(sql).fetchall() == [(-1,)]
    assert tables_read(sql) == ["s1"]


@given(number=st.integers(-(2**31) + 1, 2**31 - 1))
def test_numbers_come_out_as_they_went_in(engine: duckdb.DuckDBPyConnection, number: int) -> None:
    """Negative ones too, wherever they stand."""
    select = select_of(
        r.Comparison(operator="=", left=column("n"), right=r.Literal(value=number, type="INTEGER")),
        r.Arithmetic(operator="-", left=column("n"), right=r.Literal(value=number, type="INTEGER")),
    )
    engine.register("s1", table_of([{"n": number, "m": 1, "t": "", "d": None, "b": None}]))
    assert engine.execute(generate_sql(select)).fetchall() == [(0,)]
