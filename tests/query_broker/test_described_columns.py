"""The facts say which columns each scan reads, and every way in which it does; what nobody reads is not scanned."""

from __future__ import annotations

import pytest

from tests.query_broker.asking import read


def _described(sql: str) -> dict[str, str]:
    """``s1.age`` → usages, joined by a comma."""
    return {f"{scan.id}.{fact.column}": ",".join(fact.usages) for scan in read(sql)[1].scans for fact in scan.columns}


USAGES = {
    "SELECT resident_id, age FROM town.person WHERE sex = 'f' AND age > 3 ORDER BY age": {
        "s1.resident_id": "output",
        "s1.age": "order,output,predicate",
        "s1.sex": "predicate",
    },
    "SELECT c.resident_id, k.level IS NULL AS x FROM town.person c LEFT JOIN care.cert k USING (resident_id)": {
        "s1.resident_id": "join,output",
        "s2.resident_id": "join",
        "s2.level": "null_check",
    },
    "SELECT sex, age + 1 AS x, count(*) AS n FROM town.person GROUP BY sex, age + 1": {
        "s1.sex": "group,output",
        "s1.age": "group,output",
        "s1.resident_id": "count_distinct",
        "s1.household_id": "count_distinct",
    },
    "SELECT c.resident_id, sum(p.amount) FILTER (WHERE p.payee_id IS NULL) AS x, count(DISTINCT p.payee_id) AS n "
    "FROM town.person c JOIN care.payment p ON p.payer_id = c.resident_id GROUP BY c.resident_id": {
        "s1.resident_id": "group,join,output",
        "s2.payer_id": "join",
        "s2.amount": "aggregate",
        "s2.payee_id": "count_distinct,null_check",
    },
    "SELECT c.resident_id, CASE WHEN c.age > 3 THEN c.sex ELSE 'x' END AS y FROM town.person c": {
        "s1.resident_id": "output",
        "s1.age": "predicate",
        "s1.sex": "output",
    },
    "SELECT c.resident_id FROM town.person c WHERE c.resident_id IN (SELECT k.resident_id FROM care.cert k WHERE k.level = 1) "
    "AND c.age IN (SELECT d.rooms FROM town.dwelling d WHERE d.dwelling_id = c.dwelling_id) "
    "AND c.age + 1 IN (SELECT r.year - 2000 FROM clinic.register r WHERE r.resident_id = c.resident_id)": {
        "s1.resident_id": "join,output",
        "s1.age": "predicate",
        "s1.dwelling_id": "join",
        "s2.resident_id": "join",
        "s2.level": "predicate",
        "s3.rooms": "predicate",
        "s3.dwelling_id": "join",
        "s4.year": "output,predicate",
        "s4.resident_id": "join",
    },
    # Through a subquery a column is used as the outer query uses it.
    "SELECT c.resident_id, d.level FROM town.person c JOIN (SELECT resident_id, level, since FROM care.cert) d "
    "USING (resident_id) WHERE d.since >= DATE '2022-01-01'": {
        "s1.resident_id": "join,output",
        "s2.resident_id": "join",
        "s2.level": "output",
        "s2.since": "predicate",
    },
    # What a subquery computes is an output whatever happens to it outside.
    "SELECT c.resident_id FROM town.person c JOIN (SELECT resident_id, hours + 1 AS x FROM care.cert) d "
    "USING (resident_id) WHERE d.x > 3": {
        "s1.resident_id": "join,output",
        "s2.resident_id": "join",
        "s2.hours": "output",
    },
}  # fmt: skip


@pytest.mark.parametrize("sql", USAGES)
def test_every_usage_of_every_column(sql: str) -> None:
    """Output, predicate, join, group, aggregate, count distinct, order and null check, traced to the tables."""
    assert _described(sql) == USAGES[sql]


UNREAD = {
    "a column of a subquery": (
        "SELECT c.resident_id FROM town.person c JOIN (SELECT resident_id, level, hours FROM care.cert) d USING (resident_id)",
        {"s2.resident_id"},
    ),
    "an aggregate of a subquery": (
        ("SELECT c.resident_id, d.n FROM town.person c JOIN (SELECT resident_id, count(*) AS n, max(hours) AS x "
        "FROM care.cert GROUP BY resident_id) d USING (resident_id)"),
        {"s2.resident_id"},
    ),
    "a column two levels down": (
        ("SELECT c.resident_id FROM town.person c JOIN (SELECT i.resident_id, i.level FROM "
        "(SELECT resident_id, level, hours FROM care.cert) i) d USING (resident_id)"),
        {"s2.resident_id"},
    ),
    "what EXISTS selects": (
        "SELECT c.resident_id FROM town.person c WHERE EXISTS (SELECT k.hours FROM care.cert k WHERE k.resident_id = c.resident_id)",
        {"s2.resident_id"},
    ),
    "a column of a subquery within EXISTS": (
        ("SELECT c.resident_id FROM town.person c WHERE EXISTS (SELECT 1 FROM (SELECT resident_id, level FROM care.cert) k "
        "WHERE k.resident_id = c.resident_id)"),
        {"s2.resident_id"},
    ),
    "a scan of a column that nobody reads": (
        ("SELECT c.resident_id FROM town.person c JOIN (SELECT m.resident_id, EXISTS (SELECT 1 FROM care.cert k "
        "WHERE k.resident_id = m.resident_id) AS x FROM town.member m) d USING (resident_id)"),
        {"s2.resident_id"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", UNREAD)
def test_what_nobody_reads_is_not_scanned(what: str) -> None:
    """Only what reaches the answer, a condition or a group is read."""
    sql, columns = UNREAD[what]
    assert {name for name in _described(sql) if not name.startswith("s1.")} == columns


def test_group_keys_are_read_whether_or_not_they_are_put_out() -> None:
    """They decide the rows."""
    sql = (
        "SELECT c.resident_id, d.n FROM town.person c JOIN (SELECT resident_id, count(*) AS n FROM town.member "
        "GROUP BY resident_id, kind) d USING (resident_id)"
    )
    assert _described(sql)["s2.kind"] == "group"


def test_origins_name_every_column_behind_an_output() -> None:
    """Also those that only a condition of a subquery reads."""
    facts = read(
        "SELECT c.resident_id, CASE WHEN c.age > 3 THEN d.x ELSE 0 END AS y, "
        "EXISTS (SELECT 1 FROM town.member m WHERE m.resident_id = c.resident_id AND m.kind = 'elder') AS z "
        "FROM town.person c JOIN (SELECT resident_id, max(hours + 1) AS x FROM care.cert GROUP BY resident_id) d USING (resident_id)"
    )[1]
    assert {column.name: column.origins for column in facts.output.columns} == {
        "resident_id": ("s1.resident_id",),
        "y": ("s1.age", "s2.hours"),
        "z": ("s1.resident_id", "s3.kind", "s3.resident_id"),
    }
