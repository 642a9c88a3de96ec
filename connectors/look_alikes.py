"""What an undeclared column may hold: individual numbers (個人番号) by their check digit, income and tax by header.

番号法 forbids to keep or to hand on an individual number here, whatever the column is called, so what looks like one
stops the dataset. Any twelve digits pass the check about one time in ten, so half of a column's values have to pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from connectors.reading_report import ReadingReport, UndeclaredColumn, added
from governance.errors import Unavailable
from masking.arrow_types import Values, pc, whole
from masking.canonical import canonical_text

FEWEST = 3
"""A column with fewer number-like values is no finding: chance makes one or two."""

_WEIGHTS = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2], dtype=np.int64)
"""平成26年総務省令85号5条: the weight of each of the first eleven digits, the highest first."""

_TWELVE_DIGITS = r"\A[\s\x{3000}]*(?:[0-9０-９][\s\x{3000}\-－‐−]{0,2}){12}\z"
"""Twelve digits, full-width or not, maybe with blanks and hyphens between: looked for as it stands, for speed."""

_TAX_WORDS = re.compile(
    r"所得|課税|税額|税区分|住民税|市民税|県民税|都民税|均等割|収入額|年収|income|tax(?!i)", re.IGNORECASE
)
_NUMBER_WORDS = re.compile(r"個人番号|マイナンバー|my[ _]?number|住民票コード|個人識別符号|kojin_?bango", re.IGNORECASE)
_VALUE_LIKE = re.compile(r"[0-9]{4,}|@")
_LONGEST_TITLE = 40


def number_like(texts: Values) -> int:
    """How many texts are twelve digits whose last is the check digit of the others (総務省令85号5条).

    Full-width digits, spaces and hyphens between the digits do not matter. Eleven digits may be telephones.
    """
    found = pc.filter(whole(texts), pc.match_substring_regex(whole(texts), _TWELVE_DIGITS))
    digits = pc.replace_substring_regex(canonical_text(found), r"[^0-9]", "")
    candidates = whole(pc.filter(digits, pc.equal(pc.utf8_length(digits), 12)))
    if len(candidates) == 0:
        return 0
    joined = "".join(map(str, candidates.to_pylist())).encode("ascii")
    figures = np.frombuffer(joined, dtype=np.uint8).reshape(-1, 12).astype(np.int64) - ord("0")
    remainder = (figures[:, :11] @ _WEIGHTS) % 11
    expected = np.where(remainder <= 1, 0, 11 - remainder)
    return int(np.count_nonzero((expected == figures[:, 11]) & (figures.any(axis=1))))


def undeclared_column(title: str, texts: Values, *, file: str, position: int) -> UndeclaredColumn:
    """What can be told of a column that the catalogue does not have."""
    return UndeclaredColumn(
        file=file,
        position=position,
        title=_shown(title),
        filled=len(canonical_text(texts).drop_null()),
        number_like=number_like(texts),
    )


def undeclared_columns(table: pa.Table, *, file: str, positions: Iterable[int]) -> tuple[UndeclaredColumn, ...]:
    """The same for every column of a table, under its headers."""
    named = zip(table.column_names, table.columns, positions, strict=True)
    return tuple(undeclared_column(title, texts, file=file, position=position) for title, texts, position in named)


def is_number_look_alike(column: UndeclaredColumn) -> bool:
    """Whether a column has to be taken for one of individual numbers.

    Its header says so and it is not empty (a hash of an individual number is one, too: 番号法2条8項), or at least half
    of its values pass.
    """
    if looks_like_number(column.title) and column.filled:
        return True
    return column.number_like >= FEWEST and 2 * column.number_like >= column.filled


def looks_like_tax(title: str) -> bool:
    """Whether a header speaks of income or of tax."""
    return _TAX_WORDS.search(unicodedata.normalize("NFKC", title)) is not None


def looks_like_number(title: str) -> bool:
    """Whether a header speaks of an individual number or a code of the resident network."""
    return _NUMBER_WORDS.search(unicodedata.normalize("NFKC", title)) is not None


def quarantined(report: ReadingReport) -> tuple[UndeclaredColumn, ...]:
    """The columns for which a dataset has to be held back, each by itself or with its namesakes in other files."""
    of_title: dict[str, UndeclaredColumn] = {}
    for column in report.undeclared:
        if column.title:
            before = of_title.get(column.title)
            of_title[column.title] = column if before is None else added(before, column)
    return tuple(
        column
        for column in report.undeclared
        if is_number_look_alike(column)
        or (column.title and column.number_like and is_number_look_alike(of_title[column.title]))
    )


def check_quarantine(report: ReadingReport, *, dataset: str) -> None:
    """Hold a dataset back from everybody while an undeclared column of it looks like individual numbers.

    Raises:
        Unavailable: one does. File and position are named, the header, which anybody may have written, is not.
    """
    if columns := quarantined(report):
        raise Unavailable("dataset-quarantined", dataset=dataset, file=columns[0].file, position=columns[0].position)


def _shown(title: str) -> str:
    """A header as the report shows it: not what may itself be a value, as in a file that lacks its header."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", title).strip() if sign.isprintable())
    return "" if _VALUE_LIKE.search(plain) or len(plain) > _LONGEST_TITLE else plain
