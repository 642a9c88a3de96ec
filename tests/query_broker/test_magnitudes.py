"""Arithmetic that passes cannot fail on any data within the bounds; what could is refused (``refused.sql``)."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from governance.errors import BadInput
from query_broker.magnitudes import ROWS, VALUE
from tests.query_broker.asking import ask

_PAYMENTS = "FROM town.person c JOIN care.payment p ON p.payer_id = c.resident_id GROUP BY c.resident_id"
_CERT = "FROM town.person c JOIN care.cert k USING (resident_id)"

PASSING = [
    f"SELECT c.resident_id, c.age + c.age - c.age AS x {_CERT}",
    f"SELECT c.resident_id, c.age * 2147483647 AS x {_CERT}",
    f"SELECT c.resident_id, c.age * c.age AS x {_CERT}",
    f"SELECT c.resident_id, k.level * 2147483647 * 1000 AS x {_CERT}",
    f"SELECT c.resident_id, k.level * k.level * k.level * 2147483647 AS x {_CERT}",
    f"SELECT c.resident_id, 2147483646 + 1 AS x {_CERT}",
    f"SELECT c.resident_id, c.age // 3 % 2 AS x {_CERT}",
    f"SELECT c.resident_id, c.age // -1 AS x {_CERT}",
    f"SELECT c.resident_id, abs(CASE WHEN c.age > 3 THEN c.age ELSE 2147483647 END) * 1000 AS x {_CERT}",
    f"SELECT c.resident_id, sum(p.amount) AS x {_PAYMENTS}",
    f"SELECT c.resident_id, sum(p.amount * 60) AS x {_PAYMENTS}",
    f"SELECT c.resident_id, count(*) * 1000 AS x {_PAYMENTS}",
    f"SELECT c.resident_id, max(p.amount) * 2147483647 AS x {_PAYMENTS}",
    (
        "SELECT sum(d.x) AS n FROM town.person c JOIN (SELECT payer_id AS resident_id, sum(amount) AS x FROM care.payment "
        "GROUP BY payer_id) d USING (resident_id)"
    ),
]

FAILING = [
    f"SELECT c.resident_id, c.age * c.age * c.age AS x {_CERT}",
    f"SELECT c.resident_id, c.age * c.age * 3 AS x {_CERT}",
    f"SELECT c.resident_id, 2147483647 * 2 AS x {_CERT}",
    f"SELECT c.resident_id, CASE WHEN c.age > 3 THEN 1 ELSE 2147483647 END * 2 AS x {_CERT}",
    f"SELECT c.resident_id, sum(p.amount * p.amount) AS x {_PAYMENTS}",
    f"SELECT c.resident_id, sum(p.amount) * sum(p.amount) AS x {_PAYMENTS}",
    f"SELECT c.resident_id, max(p.amount) * max(p.amount) * max(p.amount) AS x {_PAYMENTS}",
]


@pytest.mark.parametrize("sql", PASSING)
def test_what_fits_is_computed(sql: str) -> None:
    """Ordinary arithmetic passes, and the engine computes it over the largest and smallest values there may be."""
    plan = ask(sql, smallest_group=1 if "AS n" in sql else 0).plan
    with duckdb.connect(":memory:", config={"threads": "1"}) as engine:
        for scan in plan.scans:
            columns = {}
            for column in scan.order.columns:
                largest = 2 if column.form.kind == "ordinal" else VALUE
                integers = pa.array([largest, -largest, 0, 1], pa.int64())
                columns[column.column] = integers if column.type == "INTEGER" else pa.array(["x"] * 4)
            engine.register(scan.id, pa.table(columns))
        assert engine.execute(plan.sql).fetchall()


@pytest.mark.parametrize("sql", FAILING)
def test_what_may_not_fit_is_refused(sql: str) -> None:
    """Before anything runs, so that no error depends on anybody's data."""
    with pytest.raises(BadInput) as refusal:
        ask(sql)
    assert (refusal.value.code, refusal.value.params) == ("sql-magnitude", {})


def test_the_bounds_hold_for_whole_towns() -> None:
    """Sums of the largest values over the most rows fit 64 bits."""
    assert VALUE * ROWS * 60 < 2**63
