"""What a department does with an order: its sequence, what leaves, and what never does."""

from __future__ import annotations

import json
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.orders import MAX_ORDER_BYTES, check_order, read_order
from governance.conditions import CompoundCondition, Condition, FieldCondition
from governance.decisions import PseudonymSpace
from governance.errors import BadInput
from governance.forms import Form
from governance.scans import ScanColumn, ScanOrder, order_digest
from masking.keys import KeyRing
from tests.connectors.clinic import (
    AS_OF,
    KEY_KINDS,
    PERSONS,
    PSEUDONYM,
    RAW,
    SPACE,
    VISITS,
    Clinic,
    changed,
    clinic_catalogue,
    column,
    order,
)

CATALOGUE = clinic_catalogue("sqlite")


def where(name: str, operator: Any, value: Any) -> Condition:
    """A comparison."""
    return FieldCondition(operator=operator, field=name, value=value)


def ids(table: pa.Table) -> list[str]:
    """The raw keys of a result."""
    return table.column("person_id").to_pylist()


def test_a_stream_has_exactly_the_ordered_columns_forms_and_marks(clinic: Clinic) -> None:
    """Names, order, Arrow types, pseudonyms, the key's id and the order's digest; nothing else."""
    forms = {
        "birth_date": Form(kind="year_month"),
        "person_id": PSEUDONYM,
        "sex": Form(kind="ordinal", order=("1", "2")),
        "address": Form(kind="town", towns=("田中町", "中神町"), strip=("東京都", "昭和市")),
        "guarded": Form(kind="flag", condition=where("value", "eq", True)),
    }
    ask = order(clinic, "clinic.person", forms)
    table = clinic.scan(ask)
    assert table.schema.names == list(forms)
    assert table.schema.types == [pa.date32(), pa.uuid(), pa.int64(), pa.string(), pa.bool_()]
    ring = KeyRing(clinic.master)
    assert table.schema.metadata == {
        b"sekisho.key": ring.key_id(SPACE).encode(),
        b"sekisho.order": order_digest(ask, nonce="ab" * 16).encode(),
    }
    keys = pa.array([p["person_id"] for p in PERSONS])
    assert (
        table.column("person_id").to_pylist()
        == ring.pseudonyms(keys, kind=KEY_KINDS["person"], space=SPACE).to_pylist()
    )
    assert table.column("birth_date").to_pylist() == [date(1948, 2, 1), date(2012, 4, 1), None, date(1969, 12, 1)]
    assert table.column("sex").to_pylist() == [0, 1, None, 1]
    assert table.column("address").to_pylist() == ["田中町", "中神町", None, "田中町"]
    assert table.column("guarded").to_pylist() == [False, True, False, False]


def test_pseudonyms_join_across_datasets_and_not_across_spaces(clinic: Clinic) -> None:
    """One person is one pseudonym in persons and visits; another domain or epoch shares none."""
    seen = {
        space: {
            dataset: set(clinic.scan(order(clinic, dataset, {"person_id": PSEUDONYM}, space=space))["person_id"].to_pylist())
            for dataset in ("clinic.person", "clinic.visit")
        }
        for space in (SPACE, PseudonymSpace(domain="other", epoch="2023"), PseudonymSpace(domain="screening", epoch="2024"))
    }  # fmt: skip
    for sets in seen.values():
        assert sets["clinic.visit"] - {None} < sets["clinic.person"]
    persons = [value for sets in seen.values() for value in sets["clinic.person"]]
    assert len(set(persons)) == len(persons) == 3 * len(PERSONS)
    assert all(isinstance(value, uuid.UUID) for value in persons)


def test_composite_keys_have_pseudonyms_of_the_whole(clinic: Clinic) -> None:
    """The same local number in another year or place is another pseudonym."""
    table = clinic.scan(order(clinic, "clinic.visit", {"visit_key": PSEUDONYM}))
    assert len(set(table["visit_key"].to_pylist())) == len(VISITS)


def test_named_sets_are_left_out_of_every_dataset_with_their_kind_of_key(clinic: Clinic) -> None:
    """A guarded person's row does not leave, whichever dataset holds it; rows without a key stay."""
    for dataset, expected in (("clinic.person", ["1", "3", "4"]), ("clinic.visit", ["1", None])):
        table = clinic.scan(order(clinic, dataset, {"person_id": RAW}, exclude=("guarded",)))
        assert [key and key.lstrip("0") for key in ids(table)] == expected


def test_a_set_reaches_every_column_of_its_kind(clinic: Clinic) -> None:
    """Where a row holds two persons, either being in the set takes it out."""
    sql = "SELECT person_id, house_id, (SELECT max(person_id) FROM clinic.person o WHERE o.house_id = p.house_id) AS other_id FROM clinic.person p"  # fmt: skip
    declared = {
        "person_id": column("person_id", column_class="key", key="person"),
        "house_id": column("house_id", column_class="key", key="house"),
        "other_id": column("other_id", column_class="key", key="person"),
    }
    clinic.catalogue = changed(clinic.catalogue, "clinic.adult", derived_sql=sql, columns=declared)
    table = clinic.scan(order(clinic, "clinic.adult", {"person_id": RAW}, exclude=("guarded",)))
    assert sorted(ids(table)) == ["0000000003", "0000000004"]


def test_the_filter_sees_raw_values_and_predicates_see_forms(clinic: Clinic) -> None:
    """A filter on the birth date cuts between days; a predicate on the year form does not."""
    forms = {"person_id": RAW, "birth_date": Form(kind="year")}
    filtered = order(clinic, "clinic.person", forms, filter=where("birth_date", "lt", "1969-12-31"))
    assert ids(clinic.scan(filtered)) == ["0000000001"]
    pushed = order(clinic, "clinic.person", forms, predicates=where("birth_date", "lt", "1969-12-31"))
    assert ids(clinic.scan(pushed)) == ["0000000001", "0000000004"]


def test_columns_that_only_filter_do_not_leave(clinic: Clinic) -> None:
    """A predicate may read a form that is not sent; match compares the raw value at the source."""
    ask = order(
        clinic,
        "clinic.person",
        {"house_id": PSEUDONYM},
        filter_forms={
            "person_id": Form(kind="match", leaves=False),
            "guarded": Form(kind="flag", condition=where("value", "eq", True), leaves=False, null_as=False),
        },
        predicates=CompoundCondition(
            operator="and", value=(where("person_id", "eq", "0000000001"), where("guarded", "eq", False))
        ),
    )
    table = clinic.scan(ask)
    assert (table.schema.names, table.num_rows) == (["house_id"], 1)


def test_grades_are_of_the_order_s_date(clinic: Clinic) -> None:
    """The April-1 rule counts for the date of the order, not for the extract's."""
    for as_of, expected in ((date(2023, 3, 31), 5), (date(2023, 4, 1), 6)):
        table = clinic.scan(order(clinic, "clinic.person", {"birth_date": Form(kind="grade")}, as_of=as_of))
        assert table["birth_date"].to_pylist()[1] == expected


def test_a_code_that_the_order_does_not_know_fails_the_scan_before_anything_leaves(clinic: Clinic) -> None:
    """There is no stream that breaks off: the scan is refused as a whole."""
    ask = order(clinic, "clinic.visit", {"level": Form(kind="ordinal", order=("軽", "中"))})
    with pytest.raises(BadInput) as caught:
        clinic.department.scan(ask, clinic.evidence(ask))
    assert caught.value.code == "mask-code-unknown"


def test_large_tables_leave_in_batches(clinic: Clinic) -> None:
    """No batch has more than 65,536 rows, and together they are the table."""
    clinic.write(visits=[{**VISITS[0], "local_no": f"n{n}"} for n in range(70_000)])
    ask = order(clinic, "clinic.visit", {"days": RAW})
    sizes = [batch.num_rows for batch in clinic.department.scan(ask, clinic.evidence(ask))]
    assert sizes == [65_536, 70_000 - 65_536]


NAMED = Form(kind="town", towns=("田中町",))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"dataset": "clinic.nobody"}, "scan-order-foreign"),
        ({"dataset": "other.person"}, "scan-order-foreign"),
        ({"columns": ()}, "scan-order-empty"),
        ({"columns": (("nobody", RAW, "TEXT"),)}, "name-column-unknown"),
        ({"columns": (("kojin_bango", RAW, "TEXT"),)}, "scan-order-withheld"),
        ({"columns": (("kojin_bango", PSEUDONYM, "UUID"),)}, "scan-order-withheld"),
        ({"columns": (("juminhyo_code", RAW, "TEXT"),)}, "scan-order-withheld"),
        ({"columns": (("my_key", PSEUDONYM, "UUID"),)}, "scan-order-withheld"),
        ({"filter": where("kojin_bango", "is_null", False)}, "scan-order-withheld"),
        ({"filter_forms": {"kojin_bango": Form(kind="match", leaves=False)}}, "scan-order-withheld"),
        ({"filter": where("nobody", "is_null", False)}, "name-column-unknown"),
        ({"predicates": where("sex", "is_null", False)}, "scan-order-field"),
        ({"predicates": where("kojin_bango", "is_null", False)}, "scan-order-field"),
        ({"columns": (("person_id", PSEUDONYM, "TEXT"),)}, "scan-order-type"),
        ({"columns": (("birth_date", Form(kind="year"), "TEXT"),)}, "scan-order-type"),
        ({"columns": (("person_id", RAW, "TEXT"), ("person_id", RAW, "TEXT"))}, "scan-order-twice"),
        ({"columns": (("sex", RAW, "TEXT"),), "filter_forms": {"sex": RAW}}, "scan-order-twice"),
        ({"columns": (("sex", Form(kind="match", leaves=False), "TEXT"),)}, "scan-order-stays"),
        ({"columns": (("sex", Form(kind="raw", leaves=False), "TEXT"),)}, "scan-order-stays"),
        ({"columns": (("name", NAMED, "TEXT"),)}, "scan-order-identifier"),
        ({"columns": (("person_id", Form(kind="flag", condition=where("value", "eq", "1")), "BOOLEAN"),)}, "scan-order-identifier"),
        ({"columns": (("name", PSEUDONYM, "UUID"),)}, "scan-order-keyless"),
        ({"columns": (("sex", PSEUDONYM, "UUID"),)}, "scan-order-keyless"),
        ({"columns": (("birth_date", NAMED, "TEXT"),)}, "mask-form-type"),
        ({"exclude": ("nobody",)}, "scan-order-set"),
        ({"exclude": ("guarded",), "dataset": "clinic.place", "columns": (("place", RAW, "TEXT"),)}, "scan-order-set"),
        ({"columns": (("ghost_id", PSEUDONYM, "UUID"),)}, "scan-order-kind"),
    ],
)  # fmt: skip
def test_an_order_that_does_not_fit_the_department_s_catalogue_is_refused(changes: dict[str, Any], code: str) -> None:
    """The department looks for itself: its datasets, its columns, its identifiers, and what never leaves."""
    person = CATALOGUE.datasets["clinic.person"]
    declared = {
        **person.columns,
        "juminhyo_code": column("juminhyo_code", column_class="identifier", origin="resident_code"),
        "my_key": column("my_key", column_class="key", key="visit", compose=("sex", "kojin_bango")),
        "ghost_id": column("ghost_id", column_class="key", key="ghost"),
    }
    catalogue = changed(CATALOGUE, "clinic.person", columns=declared)
    place = replace(person, name="clinic.place", columns={"place": column("place")})
    catalogue = replace(catalogue, datasets={**catalogue.datasets, "clinic.place": place})
    changes = dict(changes)
    if "columns" in changes:
        changes["columns"] = tuple(ScanColumn(column=n, form=f, type=t) for n, f, t in changes["columns"])
    sound = ScanOrder(
        dataset="clinic.person", columns=(ScanColumn(column="person_id", form=PSEUDONYM, type="UUID"),), filter_forms={},
        filter=CompoundCondition(operator="and", value=()), exclude=(),
        predicates=CompoundCondition(operator="and", value=()), pseudonyms=SPACE, as_of=AS_OF,
    )  # fmt: skip
    assert check_order(sound, department="clinic", catalogue=catalogue).raw_columns == ("person_id",)
    with pytest.raises(BadInput) as caught:
        check_order(replace(sound, **changes), department="clinic", catalogue=catalogue)
    assert caught.value.code == code
    assert caught.value.text("ja")
    assert caught.value.remedy("en")


def test_an_order_without_a_digest_is_refused(clinic: Clinic) -> None:
    """A literal that has no canonical form cannot stand in the ledger, so no proof can be about it."""
    sound = order(clinic, "clinic.visit", {"days": RAW})
    evidence = clinic.evidence(sound)
    with pytest.raises(BadInput) as caught:
        clinic.department.scan(replace(sound, predicates=where("days", "lt", 2**60)), evidence)
    assert caught.value.code == "scan-order-malformed"


def test_an_order_survives_its_json() -> None:
    """An order that came as JSON is the order that was sent, with all that it may hold."""
    sent = ScanOrder(
        dataset="clinic.person",
        columns=(
            ScanColumn(column="person_id", form=PSEUDONYM, type="UUID"),
            ScanColumn(column="address", form=Form(kind="town", towns=("田中町",), strip=("東京都",)), type="TEXT"),
            ScanColumn(column="sex", form=Form(kind="ordinal", order=("1", "2")), type="INTEGER"),
        ),
        filter_forms={
            "guarded": Form(kind="flag", condition=where("value", "in", (True,)), leaves=False, null_as=False)
        },
        filter=CompoundCondition(operator="not", value=(where("birth_date", "ge", "2005-04-02"),)),
        exclude=("guarded",),
        predicates=where("guarded", "eq", True),
        pseudonyms=SPACE,
        as_of=AS_OF,
    )
    assert read_order(json.dumps(sent.to_json()).encode()) == sent


SOUND = {
    "dataset": "clinic.person",
    "columns": [{"column": "person_id", "form": {"form": "pseudonym"}, "type": "UUID"}],
    "filter_forms": {},
    "filter": {"type": "compound", "operator": "and", "value": []},
    "exclude": [],
    "predicates": {"type": "compound", "operator": "and", "value": []},
    "pseudonyms": {"domain": "screening", "epoch": "2023"},
    "as_of": "2023-10-01",
}


@pytest.mark.parametrize(
    "changes",
    [
        {"sql": "SELECT CANARY"},
        {"predicates": "name = 'CANARY'"},
        {"filter": {"type": "sql", "operator": "eq", "field": "CANARY", "value": "1"}},
        {"columns": []},
        {"columns": [{"column": "CANARY", "form": {"form": "sql"}, "type": "TEXT"}]},
        {"columns": [{"column": "a", "form": {"form": "band", "edges": [1.0]}, "type": "TEXT"}]},
        {"columns": [{"column": "a", "form": {"form": "band"}, "type": "TEXT"}]},
        {"columns": [{"column": "a", "form": {"form": "raw"}, "type": "VARCHAR"}]},
        {"as_of": "2023-02-30"},
        {"as_of": "20231001"},
        {"pseudonyms": {"domain": "", "epoch": "2023"}},
        {"predicates": {"type": "field", "operator": "eq", "field": "n", "value": 1.5}},
        {"predicates": {"type": "field", "operator": "eq", "field": "n", "value": None}},
        {"predicates": {"type": "field", "operator": "eq", "field": "n", "value": 2**60}},
        {"exclude": ["guarded", "guarded"]},
        {"dataset": 1},
    ],
)
def test_a_document_that_is_no_order_is_refused_without_being_quoted(changes: dict[str, Any]) -> None:
    """SQL text, unknown fields, wrong types and floats do not pass the door, and no message repeats them."""
    assert read_order(json.dumps(SOUND).encode()).dataset == "clinic.person"
    with pytest.raises(BadInput) as caught:
        read_order(json.dumps({**SOUND, **changes}).encode())
    assert "CANARY" not in str(caught.value)


def test_a_part_that_is_missing_named_twice_or_too_much_is_refused() -> None:
    """Each field is needed, once, and a body has a limit."""
    for name in SOUND:
        with pytest.raises(BadInput):
            read_order(json.dumps({k: v for k, v in SOUND.items() if k != name}).encode())
    twice = json.dumps(SOUND)[:-1] + ', "dataset": "clinic.visit"}'
    deep = json.dumps(SOUND).replace('"value": []', '"value": ' + "[" * 50_000 + "]" * 50_000)
    for body in (twice, deep, "[]", "null", "", "{", "NaN", json.dumps(SOUND) + " " * MAX_ORDER_BYTES):
        with pytest.raises(BadInput):
            read_order(body.encode())


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["and", "eq", "field"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "operator", "value", "field", "form", "column", "x"]), inner, max_size=4
        )
    ),
    max_leaves=6,
)


@pytest.mark.fuzz
@settings(max_examples=200)
@given(
    st.binary(max_size=40)
    | st.dictionaries(st.sampled_from(sorted(SOUND)), JSON, max_size=3).map(
        lambda changes: json.dumps({**SOUND, **changes}).encode()
    )
)
def test_any_bytes_are_an_order_or_a_refusal(body: bytes) -> None:
    """Whatever comes to the door, only the documented error goes back."""
    with suppress(BadInput):
        assert read_order(body).columns
