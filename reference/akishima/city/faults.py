"""Spoilt copies: faults that real extracts have and that no reading can mend, put into a city's files on purpose.

What can be read all the same stands in every generated city already. These are for those who want to see what the check
of a department says, and for the tests::

    python -m reference.akishima.city.faults demo-city 4.11-05-exponent
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from reference.akishima.city.numbers import check_digit

_CP932 = "cp932"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoilt:
    """What was spoilt, and by which code the check tells it.

    Attributes:
        trap: number of the trap in the list of formats (4.11) or of people and rules (B).
        row: as a spreadsheet counts; 0 where the file as a whole is meant.
        level: ``row``: told by file and row. ``dataset``: the dataset is refused or held back. ``note``: read, noted.
    """

    trap: str
    department: str
    dataset: str
    file: str
    row: int
    code: str
    level: str


Fault = Callable[[Path], Spoilt]


def spoil(departments: Path, fault: str) -> Spoilt:
    """Put a fault of `FAULTS` into the files below a deployment's ``departments`` folder."""
    return FAULTS[fault](departments)


class Csv:
    """A CSV file with a header, as a table that can be changed."""

    def __init__(self, path: Path, *, encoding: str = _CP932) -> None:
        self._path, self._encoding = path, encoding
        with path.open(encoding=encoding, newline="") as file:
            self.header, *self.rows = csv.reader(file)

    def write(self) -> None:
        """Write it back as departments do: CRLF."""
        with self._path.open("w", encoding=self._encoding, newline="") as file:
            csv.writer(file).writerows([self.header, *self.rows])

    def put(self, row: int, title: str, text: str) -> int:
        """Write a text into a cell; gives the row as a spreadsheet counts."""
        self.rows[row][self.header.index(title)] = text
        self.write()
        return row + 2

    def add(self, title: str, texts: Sequence[str]) -> None:
        """Add a column, its texts from the first row on, again and again."""
        self.header.append(title)
        for at, row in enumerate(self.rows):
            row.append(texts[at % len(texts)])
        self.write()


def numbers(count: int) -> list[str]:
    """Numbers that pass the check of individual numbers, in series, so that they are nobody's in particular."""
    bodies = (f"{90_000_000_000 + at}" for at in range(count))
    return [body + str(check_digit(body)) for body in bodies]


def add_column(path: Path, table: str, title: str, texts: Sequence[str]) -> None:
    """Add a column to a table of an SQLite or DuckDB file."""
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path)) as database:
            database.execute(f'ALTER TABLE "{table}" ADD COLUMN "{title}" VARCHAR')
            update = f'UPDATE "{table}" SET "{title}" = $texts[1 + rowid % len($texts)]'  # noqa: S608 - names of this module
            database.execute(update, {"texts": list(texts)})
        return
    connection = sqlite3.connect(path)
    connection.execute(f'ALTER TABLE "{table}" ADD COLUMN "{title}" TEXT')
    rows = connection.execute(f'SELECT rowid FROM "{table}"').fetchall()  # noqa: S608 - names of this module
    connection.executemany(
        f'UPDATE "{table}" SET "{title}" = ? WHERE rowid = ?',  # noqa: S608
        [(texts[at % len(texts)], rowid) for at, (rowid,) in enumerate(rows)],
    )
    connection.commit()
    connection.close()


def _register(departments: Path) -> Path:
    return max((departments / "kyoiku").glob("gakurei_*.csv"))


def _cell(trap: str, title: str, text: str, code: str, *, level: str = "row") -> Fault:
    def spoil_register(departments: Path) -> Spoilt:
        path = _register(departments)
        row = Csv(path).put(3, title, text)
        return Spoilt(
            trap=trap, department="kyoiku", dataset="kyoiku.gakurei", file=f"kyoiku/{path.name}", row=row, code=code,
            level=level,
        )  # fmt: skip

    return spoil_register


def _whole(trap: str, code: str, change: Callable[[Path], None], *, level: str = "dataset") -> Fault:
    def spoil_register(departments: Path) -> Spoilt:
        path = _register(departments)
        change(path)
        return Spoilt(
            trap=trap, department="kyoiku", dataset="kyoiku.gakurei", file=f"kyoiku/{path.name}", row=0, code=code,
            level=level,
        )  # fmt: skip

    return spoil_register


def _as_utf8(path: Path) -> None:
    path.write_text(path.read_text(encoding=_CP932), encoding="utf-8-sig")


def _twice(path: Path) -> None:
    table = Csv(path)
    table.rows.append(list(table.rows[0]))
    table.write()


def _without_a_column(path: Path) -> None:
    table = Csv(path)
    at = table.header.index("生年月日")
    table.header[at] = "誕生日"
    table.write()


def _register_number(path: Path) -> None:
    Csv(path).add("番号2", numbers(50))


def _tax(path: Path) -> None:
    Csv(path).add("課税区分", ["課税", "非課税"])


def _ragged(path: Path) -> None:
    with path.open("a", encoding=_CP932, newline="") as file:
        file.write("2023,1\r\n")


def _in_sqlite(departments: Path) -> Spoilt:
    add_column(departments / "shimin" / "shimin.sqlite", "resident", "番号2", numbers(50))
    return Spoilt(
        trap="B-18", department="shimin", dataset="shimin.resident", file="shimin/shimin.sqlite", row=0,
        code="dataset-quarantined", level="dataset",
    )  # fmt: skip


def _in_duckdb(departments: Path) -> Spoilt:
    add_column(departments / "kaigo" / "kaigo.duckdb", "certificate", "番号2", numbers(50))
    return Spoilt(
        trap="B-18", department="kaigo", dataset="kaigo.certificate", file="kaigo/kaigo.duckdb", row=0,
        code="dataset-quarantined", level="dataset",
    )  # fmt: skip


_CONSULT = ("受付番号", "宛名番号", "世帯番号", "相談受付日", "相談種別", "支援プラン", "学習支援", "相談内容")


def _workbook(trap: str, code: str, *, day: str = "R5.4.3", extra: bool = False, level: str = "row") -> Fault:
    """One more workbook of consultations, with a fault in its second row, or a column of numbers."""

    def spoil_consultations(departments: Path) -> Spoilt:
        path = departments / "seifuku" / "consult_2099.xlsx"
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("受付簿")
            sheet.write(0, 0, "困窮相談受付簿（架空データ）")
            sheet.write_row(2, 0, [*_CONSULT, *(["番号2"] if extra else [])])
            for at, number in enumerate(numbers(5)):
                row = [f"X{at:04}", f"{at:010}", f"{at:010}", day if at == 1 else "R5.4.3", "自立相談", "不要", "", ""]
                sheet.write_row(3 + at, 0, [*row, *([number] if extra else [])])
        return Spoilt(
            trap=trap, department="seifuku", dataset="seifuku.consult", file="seifuku/consult_2099.xlsx［受付簿］",
            row=5 if level == "row" else 0, code=code, level=level,
        )  # fmt: skip

    return spoil_consultations


def _in_parquet(departments: Path) -> Spoilt:
    path = max((departments / "kenko").glob("mch_*.parquet"))
    table = pq.read_table(path)
    given = numbers(table.num_rows)
    pq.write_table(table.append_column("番号2", pa.array(given)), path)
    return Spoilt(
        trap="B-18", department="kenko", dataset="kenko.mch", file=f"kenko/{path.name}", row=0,
        code="dataset-quarantined", level="dataset",
    )  # fmt: skip


FAULTS: Mapping[str, Fault] = {
    "4.11-01-serial": _cell("4.11-01", "生年月日", "45017", "value-date-serial"),
    "4.11-01-impossible": _cell("4.11-01", "生年月日", "R5.2.30", "value-date-impossible"),
    "4.11-01-no-era": _cell("4.11-01", "生年月日", "5.9.1", "value-date-era-missing"),
    "4.11-02-before-its-era": _cell("4.11-02", "生年月日", "R1.4.30", "value-date-era-range"),
    "4.11-05-exponent": _cell("4.11-05", "宛名番号", "1.23E+14", "value-key-exponent"),
    "4.11-05-too-long": _cell("4.11-05", "宛名番号", "12345678901", "value-key-malformed"),
    "4.11-06-utf8": _whole("4.11-06", "source-encoding", _as_utf8),
    "4.11-16-blank-where-promised": _cell("4.11-16", "生年月日", "", "value-missing"),
    "4.11-16-unit": _cell("4.11-16", "転校回数", "3回", "value-integer-notation"),
    "4.11-17-unknown-code": _cell("4.11-17", "就学状況", "在籍", "value-code-unknown"),
    "4.11-21-twice": _whole("4.11-21", "dataset-rows-repeated", _twice),
    "4.11-22-other-header": _whole("4.11-22", "source-column-missing", _without_a_column),
    "4.11-22-ragged": _whole("4.11-22", "source-row-ragged", _ragged),
    "B-18-csv": _whole("B-18", "dataset-quarantined", _register_number),
    "B-18-sqlite": _in_sqlite,
    "B-18-duckdb": _in_duckdb,
    "B-18-parquet": _in_parquet,
    "B-18-workbook": _workbook("B-18", "dataset-quarantined", extra=True, level="dataset"),
    "B-04-serial-in-a-workbook": _workbook("B-04", "value-date-serial", day="45017"),
    "B-20-tax-column": _whole("B-20", "check-undeclared-tax", _tax, level="note"),
}
"""Name → what spoils a city's files in that way."""


def main(arguments: Sequence[str]) -> int:
    """Spoil a city from the command line."""
    if len(arguments) != 2 or arguments[1] not in FAULTS:
        sys.stderr.write(f"usage: faults DEPLOYMENT FAULT\nfaults: {' '.join(FAULTS)}\n")
        return 2
    spoilt = spoil(Path(arguments[0]) / "departments", arguments[1])
    sys.stdout.write(f"{spoilt.file}: {spoilt.code}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
