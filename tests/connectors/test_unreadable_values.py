"""What becomes of values that cannot be read: refused, unknown, or their rows set aside; always told by their place."""

from __future__ import annotations

import sqlite3
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from connectors.look_alikes import is_number_look_alike, looks_like_number, looks_like_tax, number_like
from connectors.reading_report import ReadingReport, RowFault, UndeclaredColumn, check_rejected, merged
from connectors.sources import SourceTexts
from connectors.typed_columns import TypedTable, type_columns
from governance.catalogue import Dataset
from governance.errors import BadInput, Unavailable
from tests.connectors.clinic import (
    AS_OF,
    KEY_KINDS,
    LABEL,
    PERSON_COLUMNS,
    PERSONS,
    RAW,
    Clinic,
    add_column,
    changed,
    column,
    columns,
    order,
)

COLUMNS = columns(
    column("person_id", column_class="key", key="person", nulls="never"),
    column("born", "date"),
    column("n", "integer"),
    column("level", codes=("軽", "重"), nulls="never"),
    column("name", column_class="identifier"),
)
ROWS: tuple[dict[str, str], ...] = (
    {"person_id": "1", "born": "R5.4.1", "n": "3", "level": "軽", "name": "髙橋"},
    {"person_id": "１２３　", "born": "H31.5.1", "n": "-", "level": "重", "name": "〓田"},
    {"person_id": "0000000003", "born": "S50.00.00", "n": "×", "level": "軽", "name": "山?"},
    {"person_id": "0000000004", "born": "", "n": "0", "level": "軽", "name": ""},
)


def dataset(**more: Any) -> Dataset:
    """The dataset of these rows."""
    return Dataset(
        name="clinic.note",
        department="clinic",
        label=LABEL,
        refresh="daily",
        **{"absent_row": "unknown", "columns": COLUMNS, "gates": {}, **more},
    )


def read(*rows: dict[str, str], **declared: Any) -> TypedTable:
    """The rows as the reader gives them, two title rows above."""
    table = pa.table({name: [row[name] for row in rows] for name in COLUMNS})
    texts = SourceTexts(table=table, file="clinic/n.csv", rows=range(3, 3 + len(rows)))
    return type_columns(texts, dataset(**declared), kinds=KEY_KINDS)


def but(**changes: str) -> dict[str, str]:
    """The first row with changes."""
    return {**ROWS[0], **changes}


def test_every_row_is_known_blank_or_unreadable() -> None:
    """The figures of a column add up to the rows; remarks say what was odd about those that could be read."""
    report = read(*ROWS).report
    assert (report.rows, report.rejected, report.faults) == (4, 0, ())
    figures = {name: (f.known, f.blank, f.unreadable) for name, f in report.columns.items()}
    assert figures == {
        "person_id": (4, 0, 0), "born": (2, 2, 0), "n": (2, 2, 0), "level": (4, 0, 0), "name": (3, 1, 0),
    }  # fmt: skip
    notes = {name: dict(f.notes) for name, f in report.columns.items() if f.notes}
    assert notes == {
        "person_id": {"zero-padded": 2},
        "born": {"late-era": 1, "unknown-day": 1},
        "n": {"no-figure": 1, "withheld": 1},
        "name": {"replaced-character": 2},
    }
    assert report.columns["level"].codes == {"軽": 3, "重": 1}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (but(person_id="1.23E+14"), "value-key-exponent"), (but(person_id="A1"), "value-key-malformed"),
        (but(person_id=""), "value-missing"), (but(born="R5.2.30"), "value-date-impossible"),
        (but(born="45017"), "value-date-serial"), (but(n="3日"), "value-integer-notation"),
        (but(level="中"), "value-code-unknown"),
    ],
)  # fmt: skip
def test_by_default_one_bad_value_refuses_the_dataset(row: dict[str, str], code: str) -> None:
    """File, row as a spreadsheet shows it, column and remedy are told, the value is not."""
    with pytest.raises(BadInput) as caught:
        read(ROWS[0], row)
    assert caught.value.code == code
    assert (caught.value.params["file"], caught.value.params["row"]) == ("clinic/n.csv", 4)
    assert caught.value.remedy("ja")


def test_where_null_means_unknown_an_unreadable_value_may_become_it() -> None:
    """The row stays, the value is unknown and never zero, and its place is reported."""
    typed = read(*ROWS, but(born="R5.2.30", n="3日", person_id="5"), unreadable_values="unknown")
    assert typed.table.to_pylist()[4] == {
        "person_id": "0000000005", "born": None, "n": None, "level": "軽", "name": "髙橋",
    }  # fmt: skip
    assert typed.report.faults == (
        RowFault(code="value-date-impossible", column="born", file="clinic/n.csv", row=7, rejected=False),
        RowFault(code="value-integer-notation", column="n", file="clinic/n.csv", row=7, rejected=False),
    )
    assert typed.report.columns["born"].unreadable == 1
    assert typed.report.rejected == 0


@pytest.mark.parametrize("row", [but(person_id="x"), but(level="中"), but(level="")])
def test_what_is_promised_is_never_made_unknown(row: dict[str, str]) -> None:
    """A key or a value that the catalogue promises refuses the dataset, or its row is set aside."""
    with pytest.raises(BadInput):
        read(*ROWS, row, unreadable_values="unknown")


def test_a_key_is_made_unknown_only_where_an_absent_row_is_unknown() -> None:
    """A row whose key is lost is nobody's: to its person it is as if it were not there."""
    declared = {**COLUMNS, "person_id": column("person_id", column_class="key", key="person")}
    row = but(person_id="x")
    assert read(row, columns=declared, unreadable_values="unknown").table.column("person_id").to_pylist() == [None]
    with pytest.raises(BadInput):
        read(row, columns=declared, unreadable_values="unknown", absent_row="none")


def test_what_a_gate_reads_is_never_made_unknown() -> None:
    """A protection that could not be read must not look like none."""
    with pytest.raises(BadInput):
        read(but(born="R5.2.30"), unreadable_values="unknown", gates={"target-age": "born"})


def test_rows_are_set_aside_up_to_the_declared_share() -> None:
    """Set-aside rows are missing from the table and told one by one; one too many refuses the dataset."""
    bad = [but(person_id="1.23E+14"), but(level="")]
    typed = read(*ROWS, *bad, reject_up_to=0.34)
    assert typed.table.num_rows == 4
    assert typed.rows.to_pylist() == [0, 1, 2, 3]
    assert typed.report.rejected == 2
    assert [(f.code, f.row, f.rejected) for f in typed.report.faults] == [
        ("value-key-exponent", 7, True),
        ("value-missing", 8, True),
    ]
    check_rejected(typed.report, dataset(reject_up_to=0.34))
    with pytest.raises(BadInput) as caught:
        check_rejected(typed.report, dataset(reject_up_to=0.33))
    assert (caught.value.code, caught.value.params["rows"], caught.value.params["row"]) == (
        "dataset-rows-rejected", 2, 7,
    )  # fmt: skip


def test_a_rejected_row_is_told_once() -> None:
    """Two faults of one row: it is set aside for the first, and counted once."""
    typed = read(*ROWS, but(person_id="x", level="中"), reject_up_to=0.5)
    assert [(f.column, f.row) for f in typed.report.faults] == [("person_id", 7)]
    assert typed.report.rejected == 1


def test_reports_of_parts_add_up() -> None:
    """A dataset read file by file has the figures of one that was read at once, and comes back from its document."""
    bad = but(person_id="x")
    parts = merged([read(*ROWS[:2], reject_up_to=0.5).report, read(*ROWS[2:], bad, reject_up_to=0.5).report])
    at_once = read(*ROWS, bad, reject_up_to=0.5).report
    assert parts.columns == at_once.columns
    assert (parts.rows, parts.rejected) == (5, 1)
    assert ReadingReport.from_json(parts.to_json()) == parts


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["123456789018"], 1), (["１２３４５６７８９０１８"], 1), (["1234 5678 9018", "1234-5678-9018"], 2),
        (["123456789012"], 0), (["09012345678"], 0), (["000000000000"], 0), ([None, "", "山田"], 0),
        ([f"{n:012d}" for n in range(300000000000, 300000001000)], 100),
    ],
)  # fmt: skip
def test_the_check_digit_of_an_individual_number(texts: list[str | None], count: int) -> None:
    """Twelve digits with the right last one count; eleven are a telephone; any series of twelve passes one time in ten."""
    assert number_like(pa.array(texts, type=pa.string())) == count


def undeclared(filled: int, like: int, title: str = "番号2") -> UndeclaredColumn:
    """A column that nobody declared."""
    return UndeclaredColumn(file="a.csv", position=9, title=title, filled=filled, number_like=like)


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (undeclared(3, 3), True), (undeclared(6, 3), True), (undeclared(7, 3), False), (undeclared(2, 2), False),
        (undeclared(100, 11), False), (undeclared(1, 0, "個人番号（ハッシュ）"), True), (undeclared(0, 0, "個人番号"), False),
        (undeclared(1, 0, "個人番号カード交付済"), True),
    ],
)  # fmt: skip
def test_half_of_the_values_or_the_header_make_a_look_alike(found: UndeclaredColumn, answer: bool) -> None:
    """One in ten passes by chance; a header that says so suffices, in whatever form the values are."""
    assert is_number_look_alike(found) is answer


@pytest.mark.parametrize("title", ["課税所得", "市民税所得割", "税額", "合計所得金額", "非課税区分", "年収", "収入額"])
def test_headers_that_speak_of_tax(title: str) -> None:
    """As far as a program can tell from a header."""
    assert looks_like_tax(title)
    assert not looks_like_number(title)


@pytest.mark.parametrize("title", ["保険料階層", "備考", "体温", "taxi利用", "所属"])
def test_headers_that_do_not(title: str) -> None:
    """Near misses are left alone."""
    assert not looks_like_tax(title)


def valid_numbers(count: int) -> list[str]:
    """Numbers with the check digit of 総務省令85号5条, computed in another way than the product does; they are nobody's."""
    numbers = []
    for start in range(41234567890, 41234567890 + count):
        total = sum(int(digit) * (n + 1 if n <= 6 else n - 5) for n, digit in enumerate(reversed(str(start)), start=1))
        numbers.append(f"{start}{0 if total % 11 <= 1 else 11 - total % 11}")
    return numbers


def test_a_column_like_individual_numbers_holds_the_dataset_back(any_clinic: Clinic) -> None:
    """番号2 in any kind of source: nobody gets the dataset or what is computed from it, until the column is gone."""
    numbers = valid_numbers(4)
    spoil(any_clinic, "番号2", numbers)
    for name in ("clinic.person", "clinic.adult"):
        with pytest.raises(Unavailable) as caught:
            any_clinic.department.rows(name, as_of=AS_OF)
        assert (caught.value.code, caught.value.params["dataset"]) == ("dataset-quarantined", "clinic.person")
        told = str(caught.value) + caught.value.text("ja") + caught.value.remedy("ja")
        assert not any(number in told for number in numbers)
    asked = order(any_clinic, "clinic.person", {"sex": RAW})
    with pytest.raises(Unavailable):
        any_clinic.scan(asked)
    assert any_clinic.department.rows("clinic.visit", as_of=AS_OF) == 3
    any_clinic.write()
    assert any_clinic.department.rows("clinic.person", as_of=AS_OF) == 4


def test_the_department_sees_why_and_may_declare_the_column(any_clinic: Clinic) -> None:
    """The report names the column; declared as an individual number it can never be asked for, and the rest is served."""
    spoil(any_clinic, "番号2", valid_numbers(4))
    report = any_clinic.department.report("clinic.person")
    found = [c for c in report.undeclared if c.title == "番号2"]
    assert [(c.filled, c.number_like) for c in found] == [(4, 4)]
    declared = column("other_number", column_class="identifier", origin="my_number", source="番号2")
    persons = any_clinic.catalogue.datasets["clinic.person"].columns
    any_clinic.catalogue = changed(any_clinic.catalogue, "clinic.person", columns={**persons, "other_number": declared})
    any_clinic.departments = {}
    assert any_clinic.department.rows("clinic.person", as_of=AS_OF) == 4


def spoil(clinic: Clinic, title: str, values: list[str]) -> None:
    """Add a column that nobody declared to the persons."""
    if clinic.suffix:
        declared = {**PERSON_COLUMNS, "other": column("other", source=title)}
        clinic.write_file("person_0", declared, [{**p, "other": v} for p, v in zip(PERSONS, values, strict=True)])
        return
    ids = [str(person["person_id"]) for person in PERSONS]
    if clinic.kind == "postgresql":
        add_column(clinic, "person", title, dict(zip(ids, values, strict=True)))
        return
    connect: Any = sqlite3.connect if clinic.kind == "sqlite" else duckdb.connect
    connection = connect(str(clinic.source))
    kind = "TEXT" if clinic.kind == "sqlite" else "VARCHAR"
    connection.execute(f'ALTER TABLE "person" ADD COLUMN "{title}" {kind}')
    for value, number in zip(values, ids, strict=True):
        connection.execute(f'UPDATE "person" SET "{title}" = ? WHERE "番号" = ?', (value, number))
    connection.commit()
    connection.close()
