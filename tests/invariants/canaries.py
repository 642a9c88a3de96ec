"""Canaries: values that stand nowhere but in a city's sources or in what somebody typed, and everything told of a query."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from governance.errors import Denied, SekishoError

WORD = "カナリア"
KANA = "ｶﾅﾘｱ"
ROMAN = "QANARY"
NUMBER = "9987659987"
TYPED = "qanarie"
"""What is typed where a name is expected: lower-case ASCII, so that it gets as far as a name can."""

PLANTED = (WORD, KANA, ROMAN, NUMBER)
"""What is in the sources."""

ALL = (*PLANTED, TYPED)


_NAMES = ("氏名", "住所", "保護者氏名", "備考", "開始理由", "障害名")


def plant(departments: Path) -> None:
    """Put a canary into every identifier and every free text of every source."""
    with closing(sqlite3.connect(departments / "shimin" / "shimin.sqlite")) as register, register:
        register.execute(
            "UPDATE resident SET name_kanji = ? || rowid, name_kana = ? || rowid, alias_name = ? || rowid,"
            " name_roman = ? || rowid, head_name = ? || rowid, address = ? || rowid, building = ? || rowid,"
            " kojin_bango = ? || rowid",
            (WORD, KANA, WORD, ROMAN, WORD, WORD, WORD, NUMBER),
        )
    with duckdb.connect(departments / "kaigo" / "kaigo.duckdb") as care:
        care.execute(f"UPDATE certificate SET insured_no = '{NUMBER}' || rowid")
    with closing(sqlite3.connect(departments / "center" / "center.sqlite")) as center, center:
        center.execute("UPDATE case_record SET notifier = ? || rowid, summary = ? || rowid", (WORD, WORD))
        center.execute("UPDATE consult SET content = ? || rowid", (WORD,))
    with closing(sqlite3.connect(departments / "kosodate" / "kosodate.sqlite")) as allowance, allowance:
        allowance.execute("UPDATE allowance SET bank_account = ? || rowid", (NUMBER,))
    for path in departments.glob("kenko/*.parquet"):
        records = pq.read_table(path)
        place = records.schema.get_field_index("health_no")
        numbers = pa.array([f"{NUMBER}{row}" for row in range(records.num_rows)])
        pq.write_table(records.set_column(place, "health_no", numbers), path)
    for path in lists(departments):
        rewrite(
            path,
            lambda row: (
                row
                | {name: WORD for name in _NAMES if name in row}
                | {name: KANA for name in ("フリガナ",) if name in row}
                | {name: NUMBER for name in ("手帳番号", "受給者証番号") if name in row}
            ),
        )


def lists(departments: Path) -> list[Path]:
    """The lists in CSV, those with a title above their header left out."""
    found = [
        path
        for folder in ("kyoiku", "school/roster", "seifuku", "shofuku")
        for path in departments.glob(f"{folder}/*.csv")
    ]
    return found + [path for path in departments.glob("school/attendance/*.csv") if "月報" not in path.name]


def rewrite(path: Path, change: Callable[[dict[str, str]], dict[str, str]], *, only: int | None = None) -> None:
    """Change the rows of a CSV file of the city, or the one of a number alone."""
    with path.open(encoding="cp932", newline="") as stream:
        rows = list(csv.DictReader(stream))
    text = io.StringIO()
    writer = csv.DictWriter(text, list(change(rows[0])), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(change(row) if only in (None, number) else row for number, row in enumerate(rows))
    path.write_bytes(text.getvalue().encode("cp932"))


def _csv(file: str, change: Callable[[dict[str, str]], dict[str, str]]) -> Callable[[Path], None]:
    return lambda departments: rewrite(departments / file, change, only=0)


def _register(statement: str) -> Callable[[Path], None]:
    def spoil(departments: Path) -> None:
        with closing(sqlite3.connect(departments / "shimin" / "shimin.sqlite")) as register, register:
            register.execute(statement)

    return spoil


def _care(statement: str) -> Callable[[Path], None]:
    def spoil(departments: Path) -> None:
        with duckdb.connect(departments / "kaigo" / "kaigo.duckdb") as care:
            care.execute(statement)

    return spoil


def _cut(departments: Path) -> None:
    path = departments / "kyoiku" / "gakurei_2023.csv"
    path.write_bytes(path.read_bytes()[:-9] + f",{WORD},{WORD}".encode("cp932") + b"\x81")


def _twice(departments: Path) -> None:
    path = departments / "kyoiku" / "gakurei_2023.csv"
    heading, *rows = path.read_bytes().split(b"\r\n")
    path.write_bytes(b"\r\n".join([heading, rows[0], *rows]))


_CHILD = "(SELECT resident_id FROM resident WHERE relation = '子' AND status = '現存' LIMIT 1)"

CORRUPTIONS: Mapping[str, tuple[str, Callable[[Path], None]]] = {
    "date": ("kyoiku/gakurei_2023.csv", _csv("kyoiku/gakurei_2023.csv", lambda r: r | {"生年月日": WORD})),
    "number": ("kyoiku/gakurei_2023.csv", _csv("kyoiku/gakurei_2023.csv", lambda r: r | {"転校回数": WORD})),
    "code": ("kyoiku/gakurei_2023.csv", _csv("kyoiku/gakurei_2023.csv", lambda r: r | {"学年": WORD})),
    "key": ("kyoiku/gakurei_2023.csv", _csv("kyoiku/gakurei_2023.csv", lambda r: r | {"宛名番号": WORD})),
    "row cut off": ("kyoiku/gakurei_2023.csv", _cut),
    "row twice": ("kyoiku/gakurei_2023.csv", _twice),
    "register date": ("shimin/shimin.sqlite", _register(f"UPDATE resident SET birth_date = '{WORD}' WHERE resident_id = {_CHILD}")),
    "register code": ("shimin/shimin.sqlite", _register(f"UPDATE resident SET status = '{WORD}' WHERE resident_id = {_CHILD}")),
    "register key": ("shimin/shimin.sqlite", _register(f"UPDATE resident SET household_id = '{WORD}' WHERE resident_id = {_CHILD}")),
    "certificate code": ("kaigo/kaigo.duckdb", _care(f"UPDATE certificate SET care_level = '{WORD}'")),
    "days": ("kaigo/extract.yaml", lambda d: (d / "kaigo" / "extract.yaml").write_text(f"kaigo.certificate: {WORD}\n", "utf-8") and None),
}  # fmt: skip
"""How a source is broken → the file that is, and what breaks it: each leaves a canary where it can be tripped over."""


@contextmanager
def corrupted(departments: Path, name: str, keep: Path) -> Iterator[None]:
    """A source broken for as long as the context lasts."""
    file, spoil = CORRUPTIONS[name]
    shutil.copy(departments / file, keep)
    try:
        spoil(departments)
        yield
    finally:
        shutil.copy(keep, departments / file)


@dataclass(slots=True, kw_only=True)
class Told:
    """Everything that an error tells anybody."""

    code: str
    text: str


def told(error: SekishoError) -> Told:
    """What a person, a program, a log and a traceback see of an error."""
    parts: list[str] = [str(error), repr(error), repr(error.args), repr(error.params)]
    for lang in ("ja", "en"):
        parts += [error.text(lang), error.remedy(lang)]  # type: ignore[arg-type]
        for citation in error.citations if isinstance(error, Denied) else ():
            parts += [citation.on, citation.text[lang], citation.remedy[lang]]  # type: ignore[index]
    chain = traceback.TracebackException.from_exception(error)
    seen: traceback.TracebackException | None = chain
    while seen is not None:
        parts += list(seen.format_exception_only())
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return Told(code=error.code, text="\n".join(parts))
