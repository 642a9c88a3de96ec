"""The departments' raw files as plain rows of text, for the oracle: read by code that it shares with nobody.

What the notations of the departments mean is written down here a second time, on purpose: an oracle that read dates and
blanks with the connectors' code would repeat their mistakes.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd

from tests.reference.workbooks import read_sheet

Text = Mapping[str, str]

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_LETTERS = {"M": 1867, "T": 1911, "S": 1925, "H": 1988, "R": 2018}
_CODES = {"1": 1867, "2": 1911, "3": 1925, "4": 1988, "5": 2018}
_KANJI = {sign: value for value, sign in enumerate("〇一二三四五六七八九")}
_BLANKS = {"", "-", "ー", "－", "…", "×"}


@cache
def day_of(text: str) -> date | None:
    """A day in any notation of the departments; ``None`` where there is none or it is not known."""
    if text.strip() in _BLANKS:
        return None
    text = unicodedata.normalize("NFKC", text).strip()
    if found := re.fullmatch(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", text):
        return date(*map(int, found.groups()))
    if re.fullmatch(r"(19|20)\d{6}", text):
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    if re.fullmatch(r"[1-5]\d{6}", text):
        return date(_CODES[text[0]] + int(text[1:3]), int(text[3:5]), int(text[5:]))
    if re.fullmatch(r"\d{5}(\.0)?", text):
        return date(1899, 12, 30) + timedelta(days=int(float(text)))
    found = re.fullmatch(r"(\D{2}|[MTSHR])(元|[0-9〇一二三四五六七八九十]+)[年./](.+?)[月./](.+?)日?", text)
    if found is None:
        raise ValueError("no notation of the departments")
    era, year, month, day = found.groups()
    if _number(day) == 0:
        return None
    zero = _ERAS[era] if era in _ERAS else _LETTERS[era]
    return date(zero + (1 if year == "元" else _number(year)), _number(month), _number(day))


def number_of(text: str) -> int | None:
    """A whole number; ``None`` for a blank or a sign that says that nothing is written."""
    return None if text.strip() in _BLANKS else int(float(unicodedata.normalize("NFKC", text)))


def flag_of(text: str) -> bool | None:
    """``1``, ``有`` and their negations."""
    text = unicodedata.normalize("NFKC", text).strip()
    return None if text in _BLANKS else {"1": True, "有": True, "0": False, "無": False}[text]


def resident_of(text: str) -> str:
    """A resident number of ten digits, whatever a spreadsheet made of it."""
    return unicodedata.normalize("NFKC", text).strip().removesuffix(".0").zfill(10)


def _number(text: str) -> int:
    if text.isdigit() and text.isascii():
        return int(text)
    tens, ten, units = text.rpartition("十")
    high = _KANJI[tens] if tens else 1
    return (high * 10 if ten else 0) + (_KANJI[units] if units else 0)


def rows_of_table(path: Path, table: str) -> Iterator[Text]:
    """A table of a database file, blanks as empty text."""
    if path.suffix == ".duckdb":
        with closing(duckdb.connect(str(path), read_only=True)) as connection:
            frame = connection.execute(f"SELECT * FROM {table}").df()
    else:
        with closing(sqlite3.connect(path)) as connection:
            frame = pd.read_sql_query(f"SELECT * FROM {table}", connection, dtype=object)
    yield from _texts(frame)


def rows_of_parquet(path: Path) -> Iterator[Text]:
    """A Parquet file, whole numbers without a fraction."""
    yield from _texts(pd.read_parquet(path).astype(object))


def rows_of_csv(path: Path) -> Iterator[Text]:
    """A CSV in CP932; a first line with a single field is a title."""
    with path.open(encoding="cp932") as stream:
        titled = "," not in stream.readline()
    frame = pd.read_csv(path, encoding="cp932", dtype=str, keep_default_na=False, skiprows=int(titled))
    yield from frame.to_dict("records")


def rows_of_sheet(path: Path, sheet: str, names: Sequence[str], *, above: int, key: int = 0) -> Iterator[Text]:
    """The rows of a worksheet below ``above`` lines, by position; totals, which have no number in ``key``, left out."""
    for cells in read_sheet(path, sheet)[above:]:
        padded = [cell or "" for cell in cells] + [""] * (len(names) - len(cells))
        if re.search(r"\d", padded[key]):
            yield dict(zip(names, padded, strict=False))


def _texts(frame: pd.DataFrame) -> Iterator[Text]:
    for row in frame.to_dict("records"):
        yield {str(name): _text(value) for name, value in row.items()}


def _text(value: object) -> str:
    if value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, bool):
        return str(int(value))
    return str(int(value)) if isinstance(value, float) else str(value)
