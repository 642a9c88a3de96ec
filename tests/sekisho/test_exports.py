"""Exports: the same values in each file, no text taken for a formula, and the notice of synthetic data inside."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from governance.errors import BadInput
from sekisho.exports import (
    Caption,
    Coverage,
    Reading,
    csv_bytes,
    for_people,
    japanese_date,
    json_rows,
    parquet_bytes,
    people_rows,
    reserve_export,
    write_export,
    xlsx_bytes,
)

PSEUDONYM = UUID("00112233-4455-6677-8899-aabbccddeeff")
TABLE = pa.table(
    {
        "resident_id": pa.array([PSEUDONYM.bytes, None], pa.uuid()),
        "since": pa.array([date(2023, 9, 1), None], pa.date32()),
        "n": pa.array([1234, None], pa.int64()),
        "served": pa.array([True, None], pa.bool_()),
        "town": pa.array(["=1+1", "玉川町"], pa.string()),
    }
)
CAPTION = Caption(notice="架空データ", principal="center", at=datetime(2023, 10, 1, 9, tzinfo=UTC), articles=(4, 7))


def test_json_keeps_missing_values_missing() -> None:
    """Identifiers and dates are text, numbers and truth stay what they are, missing is null and never 0."""
    assert json_rows(TABLE) == [
        {"resident_id": str(PSEUDONYM), "since": "2023-09-01", "n": 1234, "served": True, "town": "=1+1"},
        {"resident_id": None, "since": None, "n": None, "served": None, "town": "玉川町"},
    ]


def test_exact_amounts_stay_exact() -> None:
    """An amount is text in JSON and a number in a sheet, but for one of more digits than a sheet keeps."""
    amounts = [Decimal("1234.50"), Decimal("12345678901234567.89"), None]
    table = pa.table({"yen": pa.array(amounts, pa.decimal128(38, 2))})
    assert json_rows(table) == [{"yen": "1234.50"}, {"yen": "12345678901234567.89"}, {"yen": None}]
    assert [row[0] for row in people_rows(table, lang="ja")] == ["1,234.50", "12,345,678,901,234,567.89", "-"]
    assert csv_bytes(table, caption=CAPTION).decode("utf-8-sig").splitlines()[2:] == [
        "1234.50",
        "12345678901234567.89",
        '""',
    ]
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(table, caption=CAPTION))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        texts = book.read("xl/sharedStrings.xml").decode()
    assert "<v>1234.5</v>" in sheet.replace("<v>1234.50</v>", "<v>1234.5</v>")
    assert "12,345,678,901,234,567.89" in texts


def test_people_see_eras_separators_and_words() -> None:
    """People read 令和, thousands separators and words; what is missing is a dash."""
    rows = list(people_rows(TABLE, lang="ja"))
    assert rows[0][1:4] == ["令和5年9月1日(2023/9/1)", "1,234", "はい"]
    assert rows[1] == ["-", "-", "-", "-", "玉川町"]
    assert for_people(date(2023, 9, 1), lang="en") == "2023-09-01"
    assert for_people(False, lang="en") == "no"


def test_a_text_does_not_steer_a_terminal() -> None:
    """Control characters in a value are shown as such and not sent to the terminal."""
    assert for_people("\x1b[31m玉川町\x07\u202e", lang="ja") == "\ufffd[31m玉川町\ufffd\ufffd"


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2019, 4, 30), "平成31年4月30日(2019/4/30)"),
        (date(2019, 5, 1), "令和元年5月1日(2019/5/1)"),
        (date(1989, 1, 7), "昭和64年1月7日(1989/1/7)"),
        (date(1989, 1, 8), "平成元年1月8日(1989/1/8)"),
        (date(1926, 12, 25), "昭和元年12月25日(1926/12/25)"),
    ],
)
def test_the_first_year_of_an_era_is_its_origin(day: date, text: str) -> None:
    """Eras change on the day, and their first year is written 元年."""
    assert japanese_date(day) == text


def test_a_csv_is_read_by_excel_and_says_that_it_is_synthetic() -> None:
    """A CSV has a byte order mark, the notice in its first line, and no cell that a spreadsheet would compute."""
    data = csv_bytes(TABLE, caption=CAPTION)
    assert data.startswith(b"\xef\xbb\xbf")
    notice, *lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert notice == ["# 架空データ"]
    assert lines == [
        ["resident_id", "since", "n", "served", "town"],
        [str(PSEUDONYM), "2023-09-01", "1234", "true", "'=1+1"],
        ["", "", "", "", "玉川町"],
    ]


def test_a_negative_number_stays_a_number() -> None:
    """Only text is guarded against formulas: a negative number is left as it is."""
    data = csv_bytes(pa.table({"n": [-5], "t": ["-5"]}), caption=CAPTION).decode("utf-8-sig")
    assert data.splitlines()[2] == "-5,'-5"


def test_parquet_keeps_types_and_carries_the_notice() -> None:
    """A Parquet file has the released types, and the notice in its metadata."""
    table = pq.read_table(io.BytesIO(parquet_bytes(TABLE, caption=CAPTION)))
    assert table.column("n").to_pylist() == [1234, None]
    assert table.column("since").type == pa.date32()
    assert "架空データ" in table.schema.metadata[b"sekisho.caption"].decode()


def test_a_sheet_is_ready_for_print() -> None:
    """The sheet is A4 landscape, has the caption in its header, a filter, and texts that are no formulas."""
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(TABLE, caption=CAPTION))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
    assert 'paperSize="9"' in sheet
    assert 'orientation="landscape"' in sheet
    assert "<autoFilter" in sheet
    assert "取扱注意 架空データ 出力者 center 出力日時 令和5年10月1日(2023/10/1) 09:00" in sheet
    assert "第4条・第7条" in sheet
    assert "<f>" not in sheet
    assert "令和5年9月1日" in strings


def test_the_sheet_says_for_how_many_people_each_dataset_had_an_answer() -> None:
    """Coverage stands on a sheet of its own, with the share as a number."""
    coverage = (Coverage(dataset="出欠の記録", known=1, of=2), Coverage(dataset="要介護認定", known=2, of=2))
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(TABLE, caption=replace(CAPTION, coverage=coverage)))) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
        strings = archive.read("xl/sharedStrings.xml").decode()
        assert "網羅率" in archive.read("xl/workbook.xml").decode()
    assert "出欠の記録" in strings
    assert "<v>0.5</v>" in sheet
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(TABLE, caption=CAPTION))) as archive:
        assert "xl/worksheets/sheet2.xml" not in archive.namelist()


def test_people_read_labels_and_the_words_of_levels() -> None:
    """A label stands above its column and a level is its word; a number beyond the words, truth and nothing stay."""
    table = pa.table(
        {
            "care_max": pa.array([3, 0, 4, None], pa.int32()),
            "served": pa.array([True, False, None, True], pa.bool_()),
        }
    )
    codes = ("非該当", "要支援1", "要支援2", "要介護1")
    reading = Reading(headings={"care_max": "最も重い要介護度"}, words={"care_max": codes, "served": codes})
    assert list(people_rows(table, lang="ja", reading=reading)) == [
        ["要介護1", "はい"],
        ["非該当", "いいえ"],
        ["4", "-"],
        ["-", "はい"],
    ]
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(table, caption=CAPTION, reading=reading))) as archive:
        strings = archive.read("xl/sharedStrings.xml").decode()
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert all(f">{text}<" in strings for text in ("最も重い要介護度", "served", "要介護1", "非該当"))
    assert '<c r="A5"><v>4</v></c>' in sheet
    assert "care_max" not in strings


def test_an_empty_result_is_a_sheet_and_a_csv_with_headings() -> None:
    """No rows is an answer, too."""
    empty = TABLE.slice(0, 0)
    assert csv_bytes(empty, caption=CAPTION).decode("utf-8-sig").splitlines()[1].startswith("resident_id,")
    assert zipfile.is_zipfile(io.BytesIO(xlsx_bytes(empty, caption=CAPTION)))


def test_an_export_is_the_owners_and_replaces_nothing(tmp_path: Path) -> None:
    """A released file has mode 0600 and never overwrites another."""
    path = tmp_path / "out.csv"
    write_export(path, b"one")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BadInput) as caught:
        write_export(path, b"two")
    assert caught.value.code == "file-exists"
    assert path.read_bytes() == b"one"
    with pytest.raises(BadInput) as caught:
        write_export(tmp_path / "no" / "out.csv", b"")
    assert caught.value.code == "file-unwritable"


def test_a_reserved_export_that_is_not_written_is_no_file(tmp_path: Path) -> None:
    """A query that is refused after its file was made leaves none behind."""
    path = tmp_path / "out.csv"
    with pytest.raises(RuntimeError), reserve_export(path):
        raise RuntimeError
    assert not path.exists()
