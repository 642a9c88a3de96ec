"""Random queries answer the same by their plan over scans and by their text over whole tables."""

from __future__ import annotations

import random
from collections import Counter

import duckdb
import pytest

from governance.errors import BadInput
from governance.forms import Form
from tests.query_broker.asking import ask, certified
from tests.query_broker.holders import in_any_order, masked_town, run_plan
from tests.query_broker.query_generator import QueryGenerator
from tests.query_broker.world import CATALOGUE, tables

RAW = {
    dataset.name: {column.name: Form(kind="pseudonym" if column.key else "raw") for column in dataset.columns.values()}
    for dataset in CATALOGUE.datasets.values()
}
"""Every column as it is, so that types refuse nothing and predicates of every type travel to the departments."""

REFUSED = {
    "unknown-becomes-value",
    "unknown-in-exists",
    "sql-nested-group",
    "sql-household-key-alone",
    "sql-household-rows",
    "sql-identifier-use",
    "sql-window-rows",
}


@pytest.mark.parametrize("seed", range(3))
def test_random_queries_answer_the_same(seed: int) -> None:
    """Inlining, USING, pruning, moving conjuncts and generating SQL change no answer, and every plan is certified."""
    town, generator = tables(seed + 50), QueryGenerator(random.Random(seed))
    met: Counter[str] = Counter()
    with masked_town(town, forms=RAW) as whole, duckdb.connect(":memory:") as combined:
        while met["same"] < 50:
            query = generator.query()
            try:
                asked = ask(query, forms=RAW)
            except BadInput as refusal:
                met[refusal.code] += 1
                continue
            certified(asked)
            wanted = in_any_order(whole.execute(query).fetchall())
            assert in_any_order(run_plan(asked.plan, town, combined)) == wanted, query
            met["same"] += 1
            met["rows"] += len(wanted)
            met["moved"] += sum(bool(scan.order.predicates != scan.order.filter) for scan in asked.plan.scans)
    assert set(met) <= REFUSED | {"same", "rows", "moved"}
    assert met["rows"] > 200
    assert met["moved"] > 20
