"""Files as departments really export them are read, and broken ones are refused by file and line."""

from __future__ import annotations

import csv
import io
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import csv_files
from connectors.files import FilesSource
from connectors.typed_columns import type_columns
from governance.catalogue import Dataset, Layout
from governance.errors import BadInput
from tests.connectors.clinic import AS_OF, LABEL, RAW, Clinic, changed, column, columns, laid_out, order

NOTES = columns(column("code"), column("note", column_class="free_text"), column("n", "integer"))


def notes_of(clinic: Clinic, content: bytes, **declared: Any) -> list[dict[str, Any]]:
    """The rows of one file with three columns, read as the only dataset that matters here."""
    for path in clinic.source.glob("person*"):
        path.unlink()
    (clinic.source / "person_0.csv").write_bytes(content)
    catalogue = changed(clinic.catalogue, "clinic.person", columns=NOTES, unique_by=())
    catalogue = laid_out(catalogue, "clinic.person", **declared)
    clinic.catalogue, clinic.departments = catalogue, {}
    return clinic.scan(order(clinic, "clinic.person", dict.fromkeys(NOTES, RAW))).to_pylist()


EXPECTED = [{"code": "a", "note": "髙い", "n": 1}, {"code": "b", "note": None, "n": None}]


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        ("code,note,n\r\na,髙い,1\r\nb,,\r\n".encode("cp932"), {}),
        ("code,note,n\na,髙い,1\nb,,".encode("cp932"), {}),
        ("code,note,n\ra,髙い,1\rb,,\r".encode("cp932"), {}),
        ("code,note,n\r\na,髙い,1\r\nb,,\r\n\x1a".encode("cp932"), {}),
        ("\ufeffcode,note,n\na,髙い,1\nb,,\n".encode(), {"encoding": "utf-8"}),
        ("code,note,n\na,髙い,1\nb,,\n".encode(), {"encoding": "UTF-8"}),
        ("n,x,code,note\n1,余分,a,髙い\n,,b,\n".encode("cp932"), {}),
        ("ｃｏｄｅ, note ,n　\na,髙い,1\nb,,\n".encode("cp932"), {}),
        ("code,note,n\n\na,髙い,1\n\n\nb,,\n\n".encode("cp932"), {}),
        ("code,note,n\na,髙い,1\nb,,\n".encode("cp932"), {"encoding": "Shift_JIS"}),
        ('"code","note","n"\n"a","髙い","1"\n"b","",""\n'.encode("cp932"), {}),
        ("帳票,,\ncode,note,n\na,髙い,1\nb,,\n".encode("cp932"), {"title_rows": 1}),
        ("a,髙い,1\nb,,\n".encode("cp932"), {"header_rows": 0}),
    ],
    ids=["crlf", "no-last-newline", "cr", "control-z", "bom", "utf-8", "other-order", "padded-headers", "blank-lines", "shift-jis",
         "quoted", "two-headers", "no-header"],
)  # fmt: skip
def test_a_file_is_read_whatever_wrote_it(csv_clinic: Clinic, content: bytes, declared: dict[str, Any]) -> None:
    """Line ends, byte order marks, blank lines, quotes, order and headers of every habit give the same rows."""
    assert notes_of(csv_clinic, content, **declared) == EXPECTED


def test_values_may_hold_commas_quotes_and_line_breaks(csv_clinic: Clinic) -> None:
    """What is quoted is one value."""
    rows = notes_of(csv_clinic, 'code,note,n\na,"1,2 ""三""\r\n四",5\n'.encode("cp932"))
    assert rows == [{"code": "a", "note": '1,2 "三"\n四', "n": 5}]


@pytest.mark.parametrize(
    ("content", "declared", "code", "params"),
    [
        (b"code,note,n\na,b,1\nCANARY,2\n", {}, "source-row-ragged", {"line": 3, "expected": 3, "found": 2}),
        (b"code,note,n\na,b,1\n\n\na,b,CANARY,4\n", {}, "source-row-ragged", {"line": 5, "found": 4}),
        (b'code,note,n\na,"x\ny",1\nCANARY\n', {}, "source-row-ragged", {"line": 4, "found": 1}),
        (b'code,note,n\na,"CANARY,1\nb,c,2\n', {}, "source-row-ragged", {}),
        (b'code,note,n\na,b,1\nb,c,"CANARY\n', {}, "source-quotes", {"line": 3}),
        (b"code,note,n\na,\x81\x20CANARY,1\n", {}, "source-encoding", {"line": 2, "encoding": "cp932"}),
        (b"\xef\xbb\xbfcode,note,n\n", {}, "source-encoding", {"line": 1}),
        ("code,note,n\na,髙CANARY,1\n".encode("cp932"), {"encoding": "utf-8"}, "source-encoding", {"line": 2}),
        (b'code,note,n\na,b,1\n"x' + b"CANARY" * 30_000 + b"\n", {}, "source-row-ragged", {"line": 3}),
        (b"code,note,n\n", {"encoding": "base64"}, "source-encoding-unknown", {"encoding": "base64"}),
        (b"code,note,n\n", {"encoding": "utf-16"}, "source-encoding-unknown", {"encoding": "utf-16"}),
        (b"code,note,n\n", {"encoding": "klingon"}, "source-encoding-unknown", {"encoding": "klingon"}),
        (b"code,CANARY,n\na,b,1\n", {}, "source-column-missing", {"columns": "note"}),
        (b"code,note,note,n\na,b,c,1\n", {}, "source-header-doubled", {"header": "note"}),
        (b"", {}, "source-header-missing", {"rows": 1}),
        (b"code,note,n\n", {"header_rows": 3}, "source-header-missing", {"rows": 3}),
        (b"a,b\n", {"header_rows": 0}, "source-row-ragged", {"line": 1}),
    ],
)  # fmt: skip
def test_a_broken_file_is_refused_by_file_and_line(
    csv_clinic: Clinic, content: bytes, declared: dict[str, Any], code: str, params: dict[str, Any]
) -> None:
    """Each fault has its own message with file and line, and none shows what the file holds."""
    with pytest.raises(BadInput) as caught:
        notes_of(csv_clinic, content, **declared)
    assert caught.value.code == code
    assert caught.value.params["file"] == "clinic/files/person_0.csv"
    assert {name: caught.value.params[name] for name in params} == params
    assert "CANARY" not in str(caught.value) + caught.value.text("ja") + caught.value.remedy("ja")
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_record_that_does_not_end_is_refused_before_it_fills_the_memory(
    csv_clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quotation mark that is never closed makes one value of the rest of the file, however large that is."""
    monkeypatch.setattr(csv_files, "_PIECE_BYTES", 100)
    monkeypatch.setattr(csv_files, "_LONGEST_RECORD", 5_000)
    with pytest.raises(BadInput) as caught:
        notes_of(csv_clinic, b'code,note,n\na,b,1\nb,"CANARY,2\n' + b"c,d,3\n" * 1_000)
    assert caught.value.code == "source-record-endless"


@pytest.mark.parametrize("size", [20, 21, 64, 333])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r"])
def test_a_file_is_the_same_in_pieces_of_any_size(
    csv_clinic: Clinic, monkeypatch: pytest.MonkeyPatch, size: int, line_end: str
) -> None:
    """A piece may end within a character, a line end or a quoted value."""
    monkeypatch.setattr(csv_files, "_PIECE_BYTES", size)
    rows = [{"code": f"c{n}", "note": f'髙 "{n}",\n﨑' if n % 3 else None, "n": n} for n in range(40)]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows([("code", "note", "n"), *(row.values() for row in rows)])
    assert notes_of(csv_clinic, text.getvalue().encode("cp932")) == rows


@pytest.mark.parametrize("pattern", ["../../ledger*", "/etc/passwd", "a/../../x.csv", ""])
def test_a_pattern_does_not_lead_out_of_the_folder(csv_clinic: Clinic, pattern: str) -> None:
    """A catalogue cannot make a department read somebody else's files."""
    csv_clinic.catalogue = laid_out(csv_clinic.catalogue, "clinic.person", files=(pattern,))
    with pytest.raises(BadInput) as caught:
        csv_clinic.department.rows("clinic.person", as_of=AS_OF)
    assert caught.value.code == "source-path-outside"


def test_a_link_out_of_the_folder_is_not_followed(csv_clinic: Clinic) -> None:
    """A file that is a link to elsewhere is refused."""
    elsewhere = csv_clinic.root.parent / "elsewhere.csv"
    (csv_clinic.source / "person_0.csv").rename(elsewhere)
    (csv_clinic.source / "person_0.csv").symlink_to(elsewhere)
    with pytest.raises(BadInput) as caught:
        csv_clinic.department.rows("clinic.person", as_of=AS_OF)
    assert caught.value.code == "source-path-outside"


NOTE_FILES = Dataset(
    name="clinic.note", department="clinic", label=LABEL, columns=NOTES, absent_row="none", refresh="daily",
    layouts=(Layout(files=("*.csv",), encoding="cp932"),), gates={},
)  # fmt: skip
SPACES = " \t\n\x0b\x0c\x85\xa0\u3000"


def typed(content: bytes) -> list[tuple[Any, ...]]:
    """The rows of one CP932 file, read and typed."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "a.csv").write_bytes(content)
        source = FilesSource(Path(folder), root=Path(folder))
        (part,) = source.parts(NOTE_FILES)
        tables = [type_columns(texts, NOTE_FILES, kinds={}).table for texts in source.read(NOTE_FILES, part)]
        return [tuple(row.values()) for table in tables for row in table.to_pylist()]


# Left out: six characters that CP932 writes as others, and control characters, which no two programs trim alike.
CELLS = st.text(
    alphabet=st.characters(codec="cp932", exclude_categories=["Cc"], exclude_characters="¢£¬‖−〜"), max_size=6
) | st.text(alphabet='",\n 髙\u3000', max_size=6)


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS, st.none() | st.integers(0, 99)), max_size=6), st.sampled_from(["\r\n", "\n"]))
def test_what_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str, int | None]], line_end: str) -> None:
    """Any texts, written by the standard library's writer, come back row for row, trimmed, blanks as nulls; a row of
    blanks is none.
    """
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=line_end).writerows([("code", "note", "n"), *rows])
    written = [(a.strip(SPACES) or None, b.strip(SPACES) or None, n) for a, b, n in rows]
    expected = [row for row in written if row != (None, None, None)]
    assert typed(text.getvalue().encode("cp932")) == expected


@pytest.mark.fuzz
@settings(max_examples=200)
@given(
    st.binary(max_size=80)
    | st.text(alphabet='code,note"\n\r髙1', max_size=60).map(lambda text: f"code,note,n\n{text}".encode("cp932"))
)
def test_any_bytes_are_rows_or_a_refusal(content: bytes) -> None:
    """Whatever the bytes of a file are, only the project's own refusal comes out."""
    with suppress(BadInput):
        assert all(len(row) == len(NOTES) for row in typed(content))
