"""What is asked, what departments are ordered, what runs, and that it answers what was asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import duckdb
import pytest

from query_broker.combine import Combiner, ScanStream
from query_broker.worker import hardened_connection
from tests.query_broker.asking import ask, certified
from tests.query_broker.golden import Golden, golden_cases, orders_of
from tests.query_broker.holders import in_any_order, masked_town, run_plan, scans_of
from tests.query_broker.world import CATALOGUE, Tables, tables

CASES = [pytest.param(case, id=case.title) for case in golden_cases()]


@pytest.mark.parametrize("case", CASES)
def test_the_plan_is_the_one_written_down(case: Golden) -> None:
    """Each scan order and the SQL that runs are those of the fixture, and the plan is certified."""
    asked = ask(case.asked, case.parameters, smallest_group=case.smallest_group)
    assert orders_of(asked.plan) == case.ordered
    assert " ".join(asked.plan.sql.split()) == " ".join(case.runs.split())
    assert certified(asked).digest


@pytest.fixture(scope="module")
def towns() -> Iterator[list[tuple[Tables, duckdb.DuckDBPyConnection]]]:
    """Three towns, each with an engine that holds its whole tables in their forms."""
    with ExitStack() as stack:
        yield [(town, stack.enter_context(masked_town(town))) for town in map(tables, (1, 2, 3))]


@pytest.mark.parametrize("case", CASES)
def test_the_plan_answers_what_was_asked(case: Golden, towns: list[tuple[Tables, duckdb.DuckDBPyConnection]]) -> None:
    """In three towns the plan over its scans gives the rows that the asked text gives over whole tables in their forms."""
    asked = ask(case.asked, case.parameters, smallest_group=case.smallest_group)
    rows = 0
    with hardened_connection(memory_mb=512, threads=1) as combined:
        for town, whole in towns:
            wanted = whole.execute(case.asked, dict(case.parameters)).fetchall()
            assert in_any_order(run_plan(asked.plan, town, combined)) == in_any_order(wanted)
            rows += len(wanted)
    assert rows > 0


def test_values_of_parameters_are_in_no_sql() -> None:
    """A parameter's value reaches the engine as a bound value, whatever it looks like."""
    case = next(case for case in golden_cases("pushdown") if case.parameters)
    plan = ask(case.asked, case.parameters).plan
    assert not any(str(value) in plan.sql for value in case.parameters.values())
    assert plan.parameters == {"word": "minor'; --", "years": 9}


def test_the_first_case_runs_in_the_real_process() -> None:
    """The acceptance query gives the same rows in the disposable process as by the asked text."""
    case = next(golden_cases("households"))
    plan, town = ask(case.asked).plan, tables(1)
    with Combiner() as combiner, masked_town(town) as whole:
        streams = [ScanStream(ids=(scan,), table=table) for scan, table in scans_of(plan, town).items()]
        answer = combiner.run(plan.sql, parameters=plan.parameters, streams=streams)
        rows = [tuple(row.values()) for row in answer.to_pylist()]
        assert in_any_order(rows) == in_any_order(whole.execute(case.asked).fetchall())
    assert answer.schema.names == [column.name for column in plan.columns]


def test_a_scan_brings_nothing_but_what_it_was_ordered_to() -> None:
    """Not one raw key of the town is among the values of any scan of any case."""
    town = tables(1)
    raw = {
        row[column.name]
        for name, dataset in CATALOGUE.datasets.items()
        for column in dataset.columns.values()
        if column.key
        for row in town[name]
    } - {None}
    for case in golden_cases():
        plan = ask(case.asked, case.parameters, smallest_group=case.smallest_group).plan
        for table in scans_of(plan, town).values():
            values = {str(value) for column in table.to_pydict().values() for value in column}
            assert not values & raw, case.title


def test_the_oracle_is_not_the_plan() -> None:
    """The engine of whole tables knows the datasets by name and no scan by id."""
    with masked_town(tables(1)) as whole, pytest.raises(duckdb.CatalogException):
        whole.execute('SELECT * FROM "s1"')
