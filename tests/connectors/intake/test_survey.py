"""What is told of a department's file: its encoding, where its header stands, and what cannot be told is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.intake.proposals import propose
from connectors.intake.survey import survey
from governance.catalogue import KeyKind, Label
from governance.errors import BadInput, Unavailable

LINES = "宛名番号,氏名,生年月日\n0000000001,架空一郎,S30.4.1\n0000000002,架空二郎,S31.4.2\n"


def _file(folder: Path, text: str, *, encoding: str = "cp932", name: str = "list.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize(("encoding", "told"), [("cp932", "cp932"), ("utf-8", "utf-8"), ("utf-8-sig", "utf-8")])
def test_encoding_and_header_are_told(tmp_path: Path, encoding: str, told: str) -> None:
    """CP932 and UTF-8, with a mark or without, with the line ends and the last sign of old systems."""
    path = _file(tmp_path, LINES.replace("\n", "\r\n") + "\x1a", encoding=encoding)
    found = survey(path, file="list.csv")
    assert (found.encoding, found.title_rows, found.titles, found.rows) == (
        told, 0, ("宛名番号", "氏名", "生年月日"), 2,
    )  # fmt: skip


def test_rows_above_the_header_are_told(tmp_path: Path) -> None:
    """A title, a day and a blank row above the header are not taken for it."""
    path = _file(tmp_path, "名簿,,\n,,\n令和5年10月1日現在,,\n" + LINES)
    assert survey(path, file="list.csv").title_rows == 3


def test_a_workbook_is_looked_at_like_a_file(tmp_path: Path) -> None:
    """The only worksheet that shows, below its title; a date of the spreadsheet is a date."""
    path = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        sheet = workbook.add_worksheet("名簿")
        sheet.write_row(0, 0, ["名簿（架空データ）"])
        sheet.write_row(1, 0, ["宛名番号", "氏名", "生年月日"])
        for row in range(2, 8):
            sheet.write_row(row, 0, [row, f"架空{row}"])
            sheet.write_datetime(row, 2, date(1950, 1, row), workbook.add_format({"num_format": "yyyy/mm/dd"}))
        workbook.add_worksheet("控え").hide()
    found = survey(path, file="list.xlsx")
    assert (found.encoding, found.title_rows, found.titles, found.rows) == (
        None, 1, ("宛名番号", "氏名", "生年月日"), 6,
    )  # fmt: skip
    kinds = {
        "resident": KeyKind(
            name="resident", label=Label(ja="宛名番号", en="number"), pattern="[0-9]{10}", pad=10, method="aes"
        )
    }
    key, name, born = propose(found, kinds=kinds, smallest_group=5)
    assert (key.key, name.column_class, born.type) == ("resident", "identifier", "date")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0000000001,架空一郎,S30.4.1\n0000000002,架空二郎,S31.4.2\n", "draft-header-missing"),
        ("番号,氏名,氏名\n1,a,b\n", "draft-header-missing"),
        ("番号,氏名,\n1,a,b\n", "draft-header-missing"),
        ("番号,氏名,住所\n", "draft-no-rows"),
        ("番号,氏名,住所\n1,架空一郎\n", "source-row-ragged"),
        ('番号,氏名,住所\n1,"架空一郎,見本町\n', "source-quotes"),
    ],
    ids=["no header", "a header twice", "a blank header", "no rows", "a short row", "an open quotation mark"],
)
def test_what_cannot_be_told_is_refused_without_a_value(tmp_path: Path, text: str, code: str) -> None:
    """The error names the file and never what stands in it."""
    with pytest.raises(BadInput) as caught:
        survey(_file(tmp_path, text), file="list.csv")
    assert caught.value.code == code
    for lang in ("ja", "en"):
        said = caught.value.text(lang) + caught.value.remedy(lang)  # type: ignore[arg-type]
        assert "list.csv" in said
        assert not any(value in said for value in ("架空", "見本町", "0000000001"))


def test_other_bytes_and_other_files_are_refused(tmp_path: Path) -> None:
    """Bytes in no encoding that departments use, other kinds of file, and files that are not there."""
    (tmp_path / "list.csv").write_bytes(b"\xff\xfe\x00\x81\x00")
    with pytest.raises(BadInput) as caught:
        survey(tmp_path / "list.csv", file="list.csv")
    assert caught.value.code == "draft-encoding"
    with pytest.raises(BadInput) as caught:
        survey(_file(tmp_path, LINES, name="list.txt"), file="list.txt")
    assert caught.value.code == "draft-file-kind"
    with pytest.raises(Unavailable):
        survey(tmp_path / "none.csv", file="none.csv")


_SIGNS = st.sampled_from(
    [*'0123456789,"\n\r\t ', "名", "簿", "番号", "S50.1.1", "有", "架空", "\x1a", "\ufeff", "〓", "𠮷"]
)


@pytest.mark.fuzz
@given(
    content=st.one_of(
        st.binary(max_size=300),
        st.lists(_SIGNS, max_size=120).map(lambda signs: "".join(signs).encode()),
        st.lists(_SIGNS, max_size=80).map(lambda signs: ("番号,氏名,生年月日\n" + "".join(signs)).encode()),
    )
)
@settings(max_examples=200)
def test_any_bytes_are_looked_at_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whatever a file holds, there is a draft's worth of proposals or one of our errors, and nothing else."""
    path = tmp_path_factory.getbasetemp() / "fuzzed.csv"
    path.write_bytes(content)
    try:
        found = survey(path, file="fuzzed.csv")
    except (BadInput, Unavailable):
        return
    proposals = propose(found, kinds={}, smallest_group=5)
    assert len(proposals) == len(found.titles) == len({p.name for p in proposals})
