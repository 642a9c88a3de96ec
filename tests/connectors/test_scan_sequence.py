"""A scan equals, row for row, the sequence that the design states, written out in plain Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.conditions import ALWAYS, CompoundCondition, Condition, FieldCondition, all_of
from governance.forms import Form
from masking.keys import KeyRing
from tests.connectors.clinic import AS_OF, KEY_KINDS, PSEUDONYM, RAW, SPACE, Clinic, make_clinic, order

PEOPLE: list[dict[str, Any]] = [
    {
        "person_id": f"{n:010d}",
        "house_id": None if n % 7 == 0 else f"{n // 3:010d}",
        "name": f"人{n}",
        "kojin_bango": None,
        "birth_date": None if n % 11 == 0 else date(1930 + 2 * n, 1 + n % 12, 1 + n % 28),
        "sex": ("1", "2", None)[n % 3],
        "address": None,
        "guarded": n % 5 == 0,
    }
    for n in range(1, 41)
]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """Forty persons, opened once."""
    for clinic in make_clinic(tmp_path_factory.mktemp("town"), "sqlite"):
        clinic.write(persons=PEOPLE, visits=())
        yield clinic


def field(name: str, operator: Any, value: Any) -> Condition:
    """A comparison."""
    return FieldCondition(operator=operator, field=name, value=value)


FILTERS = st.lists(
    st.sampled_from(
        [
            field("birth_date", "ge", "1970-01-01"),
            field("birth_date", "is_null", False),
            field("sex", "in", ("1", "2")),
            CompoundCondition(operator="not", value=(field("sex", "eq", "1"),)),
            field("house_id", "gt", "0000000004"),
        ]
    ),
    max_size=3,
)
PREDICATES = st.sampled_from(
    [
        ALWAYS,
        field("birth_date", "lt", "1980-01-01"),
        field("sex", "eq", 1),
        CompoundCondition(operator="not", value=(field("sex", "eq", 1),)),
        CompoundCondition(operator="or", value=(field("person_id", "is_null", True), field("sex", "ge", 1))),
    ]
)
FORMS = {"person_id": PSEUDONYM, "birth_date": Form(kind="year"), "sex": Form(kind="ordinal", order=("1", "2"))}


def passes(condition: Condition, row: dict[str, Any]) -> bool | None:
    """SQL's answer for one row."""
    if isinstance(condition, CompoundCondition):
        parts = [passes(part, row) for part in condition.value]
        if condition.operator == "not":
            return None if parts[0] is None else not parts[0]
        decisive = condition.operator == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    value, constant = row[condition.field], condition.value
    if condition.operator == "is_null":
        return (value is None) == constant
    if value is None:
        return None
    if isinstance(value, date):
        value = value.isoformat()
    answers = {
        "eq": lambda: value == constant,
        "ge": lambda: value >= constant,
        "gt": lambda: value > constant,
        "lt": lambda: value < constant,
        "in": lambda: value in constant,
    }
    return bool(answers[condition.operator]())


@settings(max_examples=60)
@given(FILTERS, PREDICATES, st.booleans(), st.permutations(sorted(FORMS)))
def test_a_scan_is_the_stated_sequence(
    town: Clinic, filters: list[Condition], predicates: Condition, exclude: bool, names: list[str]
) -> None:
    """Sets out, filter on raw values, forms, predicates on forms, columns in order: and nothing in between."""
    condition = all_of(*filters) if filters else ALWAYS
    ask = order(
        town, "clinic.person", {n: FORMS[n] for n in names}, filter=condition, predicates=predicates,
        exclude=("guarded",) if exclude else (),
    )  # fmt: skip
    ring = KeyRing(town.master)
    expected = []
    for person in PEOPLE:
        if (exclude and person["guarded"]) or passes(condition, person) is not True:
            continue
        born = person["birth_date"]
        formed = {
            "person_id": person["person_id"],
            "birth_date": born and born.replace(month=1, day=1),
            "sex": person["sex"] and ("1", "2").index(person["sex"]),
        }
        if passes(predicates, formed) is True:
            expected.append({name: formed[name] for name in names})
    table = town.scan(ask)
    ids = pa.array([row["person_id"] for row in expected], type=pa.string())
    pseudonyms = ring.pseudonyms(ids, kind=KEY_KINDS["person"], space=SPACE).to_pylist()
    assert table.to_pylist() == [
        {**row, "person_id": pseudonym} for row, pseudonym in zip(expected, pseudonyms, strict=True)
    ]


def test_no_raw_identifier_is_in_a_stream_of_pseudonyms(town: Clinic) -> None:
    """The bytes of a stream hold none of the identifiers that it stands for (I1)."""
    table = town.scan(order(town, "clinic.person", {"person_id": PSEUDONYM, "house_id": PSEUDONYM}, as_of=AS_OF))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    sent = sink.getvalue().to_pybytes()
    assert not any(
        str(p[name]).encode() in sent for p in PEOPLE for name in ("person_id", "house_id", "name") if p[name]
    )
    raw = town.scan(order(town, "clinic.person", {"person_id": RAW}))
    assert raw.column("person_id").to_pylist() == [p["person_id"] for p in PEOPLE]
