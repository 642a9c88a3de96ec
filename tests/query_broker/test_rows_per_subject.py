"""Whether a person can have more than one row is proved from unique keys, and *many* wherever it is not."""

from __future__ import annotations

import pytest

from tests.query_broker.asking import read

_ONE_A_PERSON = "(SELECT payer_id AS r, sum(amount) AS x FROM care.payment GROUP BY payer_id)"

ONE = [
    "SELECT resident_id FROM town.person",
    "SELECT c.resident_id FROM town.person c LEFT JOIN care.cert k USING (resident_id)",
    "SELECT c.resident_id FROM town.person c JOIN town.member m ON m.resident_id = c.resident_id AND m.kind = 'minor'",
    (
        "SELECT c.resident_id FROM town.person c JOIN town.member m ON m.household_id = c.household_id "
        "WHERE m.resident_id = c.resident_id"
    ),
    f"SELECT c.resident_id, d.x FROM town.person c LEFT JOIN {_ONE_A_PERSON} d ON d.r = c.resident_id",
    (
        f"SELECT c.resident_id, o.x FROM town.person c LEFT JOIN (SELECT r, x FROM {_ONE_A_PERSON} d WHERE x > 1) o "
        "ON o.r = c.resident_id"
    ),
    (
        "SELECT c.resident_id, h.n FROM town.person c LEFT JOIN (SELECT household_id, count(*) AS n FROM town.member "
        "GROUP BY household_id) h USING (household_id)"
    ),
    "SELECT c.resident_id, d.rooms FROM town.person c JOIN town.dwelling d ON d.dwelling_id = c.dwelling_id",
    "SELECT c.resident_id FROM town.person c WHERE EXISTS (SELECT 1 FROM care.payment p WHERE p.payer_id = c.resident_id)",
    (
        "SELECT c.resident_id, sum(p.amount) AS x FROM town.person c LEFT JOIN care.payment p ON p.payer_id = c.resident_id "
        "GROUP BY c.resident_id"
    ),
    (
        "SELECT c.resident_id, c.age, sum(p.amount) AS x FROM town.person c LEFT JOIN care.payment p "
        "ON p.payer_id = c.resident_id GROUP BY c.resident_id, c.age"
    ),
]
MANY = [
    "SELECT c.resident_id FROM town.person c LEFT JOIN care.payment p ON p.payer_id = c.resident_id",
    "SELECT c.resident_id FROM town.person c LEFT JOIN clinic.register r USING (resident_id)",
    "SELECT c.resident_id FROM town.person c LEFT JOIN town.member m USING (household_id)",
    # Unique by the member's own key, but tied to the person's row by the household's.
    (
        "SELECT c.resident_id FROM town.person c LEFT JOIN town.member m ON m.household_id = c.household_id "
        "AND m.resident_id = m.resident_id"
    ),
    # WHERE says nothing of an optional table's rows before it is applied to them; it is not counted on.
    (
        "SELECT c.resident_id FROM town.person c LEFT JOIN town.member m ON m.household_id = c.household_id "
        "WHERE m.resident_id = c.resident_id"
    ),
    "SELECT d.r FROM (SELECT resident_id AS r FROM town.person) d JOIN town.person c ON c.resident_id = d.r",
    "SELECT p.payer_id FROM care.payment p",
    (
        "SELECT c.resident_id, e.n FROM town.person c JOIN (SELECT resident_id, kind, count(*) AS n FROM town.member "
        "GROUP BY resident_id, kind) e ON e.resident_id = c.resident_id"
    ),
    # The NULL group is nobody's.
    "SELECT k.resident_id, count(*) AS n FROM town.person c LEFT JOIN care.cert k USING (resident_id) GROUP BY k.resident_id",
    (
        "SELECT c.resident_id, p.amount, count(*) AS n FROM town.person c JOIN care.payment p ON p.payer_id = c.resident_id "
        "GROUP BY c.resident_id, p.amount"
    ),
    (
        "SELECT c.resident_id, e.n FROM town.person c JOIN (SELECT payer_id AS r, amount, count(*) AS n FROM care.payment "
        "GROUP BY payer_id, amount) e ON e.r = c.resident_id"
    ),
]


@pytest.mark.parametrize("sql", ONE)
def test_one_row_a_person(sql: str) -> None:
    """Each table beside the cohort has at most one row for each row before it, or the rows are grouped by the person."""
    assert read(sql)[1].output.rows_per_subject == "one"


@pytest.mark.parametrize("sql", MANY)
def test_perhaps_many_rows_a_person(sql: str) -> None:
    """Where it cannot be proved, it is many."""
    assert read(sql)[1].output.rows_per_subject == "many"
