"""Every kind of source gives the same typed rows, and refuses the same faults by file and row."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from governance.errors import BadInput, Unavailable
from tests.connectors.clinic import (
    AS_OF,
    KINDS,
    PERSON_COLUMNS,
    PERSONS,
    RAW,
    SUFFIXES,
    VISIT_COLUMNS,
    VISITS,
    Clinic,
    changed,
    column,
    order,
)


def all_raw(clinic: Clinic, dataset: str) -> list[dict[str, Any]]:
    """Every column that may be asked for, as it is."""
    declared = clinic.catalogue.datasets[dataset].columns
    forms = {name: RAW for name, c in declared.items() if c.origin != "my_number"}
    return clinic.scan(order(clinic, dataset, forms)).to_pylist()


def test_rows_are_the_same_from_every_kind_of_source(any_clinic: Clinic) -> None:
    """Types, nulls, dates before 1970, characters outside of JIS X 0208, blanks and composite keys come out alike."""
    persons = [{k: v for k, v in row.items() if k != "kojin_bango"} for row in PERSONS]
    assert all_raw(any_clinic, "clinic.person") == persons
    assert all_raw(any_clinic, "clinic.visit") == list(VISITS)


def test_the_second_reading_comes_from_the_snapshot_and_is_equal(any_clinic: Clinic) -> None:
    """Opened anew, a department gives the same rows without its source being parsed again."""
    first = all_raw(any_clinic, "clinic.visit")
    any_clinic.departments = {}
    before = {p: p.stat().st_mtime_ns for p in (any_clinic.root / "clinic" / "snapshots").glob("*.parquet")}
    assert all_raw(any_clinic, "clinic.visit") == first
    assert {p: p.stat().st_mtime_ns for p in before} == before


def test_an_empty_source_has_all_columns_in_their_types(any_clinic: Clinic) -> None:
    """A table without rows gives a stream without rows, of the ordered schema."""
    any_clinic.write(persons=(), visits=())
    forms = dict.fromkeys(("person_id", "birth_date", "guarded", "sex"), RAW)
    table = any_clinic.scan(order(any_clinic, "clinic.person", forms))
    assert table.schema.types == [pa.string(), pa.date32(), pa.bool_(), pa.string()]
    assert (table.num_rows, all_raw(any_clinic, "clinic.visit"), all_raw(any_clinic, "clinic.adult")) == (0, [], [])


def test_a_column_without_any_value_keeps_its_type(any_clinic: Clinic) -> None:
    """All-null columns are of the declared types, not of whatever a driver makes of them."""
    any_clinic.write(persons=[{"person_id": "0000000001", "guarded": False}] * 1)
    table = any_clinic.scan(order(any_clinic, "clinic.person", dict.fromkeys(("house_id", "birth_date", "name"), RAW)))
    assert table.schema.types == [pa.string(), pa.date32(), pa.string()]
    assert table.to_pylist() == [{"house_id": None, "birth_date": None, "name": None}]


@pytest.mark.parametrize("any_clinic", [*KINDS, "csv-utf8"], indirect=True)
def test_characters_outside_the_basic_plane_survive_where_they_can_be_written(any_clinic: Clinic) -> None:
    """𠮷 and a variation sequence come through; CP932 has neither, so there the user-defined area is what survives."""
    name = "\ue000田" if any_clinic.kind == "csv-cp932" else "𠮷田 辻\U000e0100"
    any_clinic.write(persons=[{**PERSONS[0], "name": name}])
    assert all_raw(any_clinic, "clinic.person")[0]["name"] == name


def test_padding_and_full_width_are_the_same_key(any_clinic: Clinic) -> None:
    """Keys that lost their zeros or came in full-width are the canonical ones, and join."""
    any_clinic.write(persons=[{**PERSONS[0], "person_id": "１"}, {**PERSONS[3], "person_id": " 4　"}])
    assert [row["person_id"] for row in all_raw(any_clinic, "clinic.person")] == ["0000000001", "0000000004"]
    assert [row["visits"] for row in all_raw(any_clinic, "clinic.adult")] == [1, 0]


@pytest.mark.parametrize(
    ("dataset", "name", "value", "code"),
    [
        ("person", "birth_date", "5.9.1", "value-date-era-missing"),
        ("person", "birth_date", "R5.2.29", "value-date-impossible"),
        ("person", "birth_date", "R1.4.30", "value-date-era-range"),
        ("person", "birth_date", "S70.1.1", "value-date-era-range"),
        ("person", "birth_date", "18680101", "value-date-lunar"),
        ("person", "birth_date", "45017", "value-date-serial"),
        ("person", "guarded", "×", "value-boolean-notation"),
        ("person", "sex", "9", "value-code-unknown"),
        ("person", "person_id", "1.23E+14", "value-key-exponent"),
        ("person", "person_id", "", "value-missing"),
        ("visit", "days", "3日", "value-integer-notation"),
        ("visit", "days", "9" * 19, "value-integer-range"),
        ("visit", "days", "-", "value-missing"),
        ("visit", "local_no", "a|b", "value-key-separator"),
        ("visit", "place", "b-1", "value-key-malformed"),
    ],
)
def test_a_broken_value_is_refused_by_file_row_and_column(
    any_clinic: Clinic, dataset: str, name: str, value: str, code: str
) -> None:
    """The message says where, in files with their headers counted, and never what stood there."""
    rows = {"person": PERSONS, "visit": VISITS}[dataset]
    broken = [*rows[:2], {**rows[0], "person_id": rows[0]["person_id"], "local_no": "R9", name: value}]
    any_clinic.write(**{f"{dataset}s": broken})
    with pytest.raises(BadInput) as caught:
        all_raw(any_clinic, f"clinic.{dataset}")
    assert caught.value.code == code
    assert (caught.value.params["file"], caught.value.params["row"]) == any_clinic.place(dataset, 2)
    assert caught.value.params["column"] in (name, "visit_key")
    assert caught.value.__cause__ is None
    if len(value) > 1:
        assert value not in str(caught.value) + caught.value.text("ja") + caught.value.remedy("ja").replace(
            "R5.9.1", ""
        )


def test_dates_with_an_unknown_day_are_null_and_reported(any_clinic: Clinic) -> None:
    """Registers of foreigners write 00: the date is unknown, the row stays, and the holder is told how many."""
    written: list[Any] = ["S50.00.00", "昭和50年4月不詳", "H31.5.1", "昭和64年1月8日"]
    any_clinic.write(persons=[{**p, "birth_date": w} for p, w in zip(PERSONS, written, strict=True)])
    births = [row["birth_date"] for row in all_raw(any_clinic, "clinic.person")]
    assert births == [None, None, date(2019, 5, 1), date(1989, 1, 8)]
    figures = any_clinic.department.report("clinic.person").columns["birth_date"]
    assert figures.notes == {"unknown-day": 2, "late-era": 2}
    assert (figures.known, figures.blank, figures.unreadable) == (2, 2, 0)


def test_two_rows_for_what_is_unique_are_refused(any_clinic: Clinic) -> None:
    """History rows in an extract would count a person twice: refused, with how many and without which."""
    any_clinic.write(persons=[*PERSONS, PERSONS[0]])
    with pytest.raises(BadInput) as caught:
        all_raw(any_clinic, "clinic.person")
    assert caught.value.code == "dataset-rows-repeated"
    assert caught.value.params == {
        "dataset": "clinic.person", "columns": "person_id", "rows": 1, "department": "clinic",
    }  # fmt: skip


def test_a_source_without_a_declared_column_is_refused(any_clinic: Clinic) -> None:
    """The columns that the catalogue expects are named; what the source has instead is not."""
    declared = {**PERSON_COLUMNS, "height": column("height", "integer", source="身長")}
    any_clinic.catalogue = changed(any_clinic.catalogue, "clinic.person", columns=declared)
    with pytest.raises(BadInput) as caught:
        any_clinic.department.rows("clinic.person", as_of=AS_OF)
    assert (caught.value.code, caught.value.params["columns"]) == ("source-column-missing", "身長")


def test_a_missing_source_is_unavailable_and_stops_nobody_else(any_clinic: Clinic) -> None:
    """Opening succeeds; asking says which file is missing, within no time."""
    for path in [any_clinic.source] if any_clinic.source.is_file() else list(any_clinic.source.glob("person*")):
        path.unlink()
    with pytest.raises(Unavailable) as caught:
        any_clinic.department.rows("clinic.person", as_of=AS_OF)
    assert caught.value.code == "source-missing"


def test_a_changed_source_is_read_again(any_clinic: Clinic) -> None:
    """New files are a new state: the rows are the new ones, and the snapshot of the old state is gone."""
    assert any_clinic.department.rows("clinic.person", as_of=AS_OF) == 4
    any_clinic.write(persons=PERSONS[:2])
    assert any_clinic.department.rows("clinic.person", as_of=AS_OF) == 2
    snapshots = [p.name for p in (any_clinic.root / "clinic" / "snapshots").glob("clinic.person*")]
    assert len(snapshots) == 1


@pytest.mark.parametrize("any_clinic", sorted(SUFFIXES), indirect=True)
def test_visits_of_all_files_are_one_dataset(any_clinic: Clinic) -> None:
    """Files of a pattern are read one after the other, by name."""
    assert [row["visit_key"] for row in all_raw(any_clinic, "clinic.visit")] == [v["visit_key"] for v in VISITS]
    any_clinic.write_file("visit_2", VISIT_COLUMNS, [{**VISITS[0], "local_no": "R9"}])
    assert len(all_raw(any_clinic, "clinic.visit")) == 4
