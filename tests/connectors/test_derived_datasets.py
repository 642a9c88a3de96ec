"""Derived datasets and named sets: the holder's SQL, with nothing in reach, and checked against its declaration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from governance.errors import BadInput
from tests.connectors.clinic import (
    ADULT_COLUMNS,
    ADULT_SQL,
    AS_OF,
    GUARDED,
    PERSONS,
    RAW,
    Clinic,
    changed,
    column,
    order,
)


def adults(clinic: Clinic, *, as_of: date = AS_OF) -> list[dict[str, Any]]:
    """The derived dataset as it is."""
    names = clinic.catalogue.datasets["clinic.adult"].columns
    return clinic.scan(order(clinic, "clinic.adult", dict.fromkeys(names, RAW), as_of=as_of)).to_pylist()


def test_a_derived_dataset_is_computed_for_its_date(any_clinic: Clinic) -> None:
    """The same rows from every kind of source, and other rows for another date."""
    expected = [
        {"person_id": "0000000001", "house_id": "0000000901", "birth_date": date(1948, 2, 29), "age": 75, "visits": 1},
        {"person_id": "0000000004", "house_id": "0000000902", "birth_date": date(1969, 12, 31), "age": 54, "visits": 0},
    ]
    assert sorted(adults(any_clinic), key=lambda r: r["person_id"]) == expected
    assert [r["person_id"] for r in adults(any_clinic, as_of=date(1980, 1, 1))] == ["0000000001"]


def with_sql(clinic: Clinic, sql: str, **declared: Any) -> Clinic:
    """The holder with another SQL for its derived dataset."""
    clinic.catalogue = changed(clinic.catalogue, "clinic.adult", derived_sql=sql, **declared)
    clinic.departments = {}
    return clinic


SELECT = "SELECT person_id, house_id, birth_date, 1 AS age, 2 AS visits FROM clinic.person"


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("", "derived-not-a-select"),
        (f"{SELECT}; {SELECT}", "derived-not-a-select"),
        ("CREATE TABLE x AS SELECT 1", "derived-not-a-select"),
        ("COPY clinic.person TO '/tmp/out.csv'", "derived-not-a-select"),
        ("ATTACH 'x.duckdb'", "derived-not-a-select"),
        ("SET threads = 1", "derived-not-a-select"),
        ("SELEKT", "derived-failed"),
        ("SELECT * FROM clinic.nobody", "derived-failed"),
        ("SELECT * FROM clinic.adult", "derived-failed"),
        ("SELECT * FROM read_csv('/etc/passwd')", "derived-failed"),
        ("SELECT * FROM '/etc/passwd'", "derived-failed"),
        ("SELECT * FROM PERSONS", "derived-failed"),
        ("SELECT CAST(name AS INTEGER) AS age FROM clinic.person", "derived-failed"),
        (f"{SELECT} WHERE sex = $sex", "derived-parameters"),
        ("SELECT person_id FROM clinic.person", "derived-columns"),
        (f"SELECT *, 1 AS extra FROM ({SELECT})", "derived-columns"),
        (f"SELECT * FROM ({SELECT}) JOIN (SELECT 1 AS age) USING (age)", None),
        (SELECT.replace("1 AS age", "'1' AS age"), "derived-type"),
        (SELECT.replace("1 AS age", "1.5 AS age"), "derived-type"),
        (SELECT.replace("1 AS age", "1::HUGEINT AS age"), None),
        (SELECT.replace("1 AS age", "2::HUGEINT ** 70 AS age"), "derived-type"),
        (SELECT.replace("1 AS age", "99999999999999999999::HUGEINT AS age"), "derived-type"),
        (SELECT.replace("birth_date,", "birth_date::TIMESTAMP AS birth_date,"), "derived-type"),
        (SELECT.replace("1 AS age", "NULL AS age"), "derived-value-missing"),
        (SELECT.replace("person_id,", "'CANARY' AS person_id,"), "derived-value-key-malformed"),
        (SELECT.replace("house_id,", "name AS house_id,"), "derived-value-key-malformed"),
        (f"{SELECT} UNION ALL {SELECT}", "dataset-rows-repeated"),
    ],
)  # fmt: skip
def test_sql_that_does_not_give_what_is_declared_is_refused(clinic: Clinic, sql: str, code: str | None) -> None:
    """One SELECT over base tables, exactly the declared columns, types and promises; no message holds a value."""
    with_sql(clinic, sql)
    if code is None:
        assert len(adults(clinic)) == len(PERSONS)
        return
    with pytest.raises(BadInput) as caught:
        adults(clinic)
    assert caught.value.code == code
    assert caught.value.params["dataset"] == "clinic.adult"
    told = f"{caught.value} {caught.value.params} {caught.value.__cause__}"
    assert not any(str(p["name"]) in told for p in PERSONS if p["name"])
    assert "CANARY" not in told
    assert caught.value.__cause__ is None


def test_codes_hold_for_derived_columns(clinic: Clinic) -> None:
    """A derived code that is not declared is refused; declared ones pass."""
    sql = "SELECT person_id, CASE WHEN guarded THEN '保護' ELSE '一般' END AS state FROM clinic.person"
    for codes, code in ((("保護", "一般"), None), (("一般",), "derived-value-code-unknown")):
        declared = {"person_id": ADULT_COLUMNS["person_id"], "state": column("state", codes=codes)}
        with_sql(clinic, sql, columns=declared)
        if code is None:
            assert [row["state"] for row in adults(clinic)] == ["一般", "保護", "一般", "一般"]
        else:
            with pytest.raises(BadInput) as caught:
                adults(clinic)
            assert caught.value.code == code


def test_keys_of_derived_columns_are_canonical(clinic: Clinic) -> None:
    """A key that the SQL made of a number is padded like every other of its kind."""
    with_sql(clinic, SELECT.replace("person_id,", "CAST(CAST(person_id AS INTEGER) AS VARCHAR) AS person_id,"))
    assert [row["person_id"] for row in adults(clinic)] == [p["person_id"] for p in PERSONS]


def test_a_sql_without_a_date_is_bound_to_none(clinic: Clinic) -> None:
    """$as_of is offered and need not be used."""
    assert "$as_of" in ADULT_SQL
    assert len(adults(with_sql(clinic, SELECT))) == len(PERSONS)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT person_id, house_id FROM clinic.person", "derived-set-shape"),
        ("SELECT 1", "derived-set-shape"),
        ("SELECT 'CANARY'", "derived-set-key"),
        ("DELETE FROM clinic.person", "derived-not-a-select"),
        ("SELECT person_id FROM elsewhere", "derived-failed"),
    ],
)
def test_a_named_set_that_cannot_be_computed_stops_the_scan(clinic: Clinic, sql: str, code: str) -> None:
    """A scan that must leave a set out does not run without it."""
    held = clinic.catalogue.departments["clinic"]
    departments = {"clinic": replace(held, sets=(replace(GUARDED, sql=sql),))}
    clinic.catalogue = replace(clinic.catalogue, departments=departments)
    with pytest.raises(BadInput) as caught:
        clinic.scan(order(clinic, "clinic.person", {"person_id": RAW}, exclude=("guarded",)))
    assert caught.value.code == code
    assert "CANARY" not in str(caught.value)


def test_a_named_set_may_be_empty(clinic: Clinic) -> None:
    """A set without members leaves nobody out."""
    held = clinic.catalogue.departments["clinic"]
    for sql in ("SELECT person_id FROM clinic.person WHERE birth_date > $as_of", "SELECT NULL"):
        departments = {"clinic": replace(held, sets=(replace(GUARDED, sql=sql),))}
        clinic.catalogue, clinic.departments = replace(clinic.catalogue, departments=departments), {}
        table = clinic.scan(order(clinic, "clinic.person", {"person_id": RAW}, exclude=("guarded",)))
        assert table.num_rows == len(PERSONS)
