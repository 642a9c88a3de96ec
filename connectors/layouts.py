"""Where the columns of a dataset stand in one of its files, and the rows of the file as texts of the dataset.

Shared by the readers of all formats, so that a header, a subtotal or a blank row is the same in each of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

import pyarrow as pa

from connectors.look_alikes import undeclared_column
from connectors.sources import SourceTexts, read_columns, refuse_missing, source_name
from governance.catalogue import Column, Dataset, Layout
from governance.errors import BadInput
from masking.arrow_types import pc, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Where the columns of a dataset stand in a file.

    Attributes:
        titles: the file's titles, one a column.
        positions: column → position, from 0.
        constants: column → the text that stands for all rows; ``None`` for a column that these files do not have.
        leave_out: position of the column that tells rows which are no records.
    """

    dataset: Dataset
    layout: Layout
    file: str
    titles: tuple[str, ...]
    positions: Mapping[str, int]
    constants: Mapping[str, str | None]
    leave_out: int | None

    def texts(self, cells: pa.Table, rows: range | pa.Array[Any]) -> SourceTexts:
        """Rows of the file as texts of the dataset, without blank rows and those that the catalogue leaves out.

        Args:
            cells: a ``string`` column for each title.
            rows: the number of each row in the file.
        """
        kept = self._records(cells)
        if kept is not None:
            cells, rows = cells.filter(kept), _numbers(rows).filter(kept)
        columns: list[Any] = []
        for column in read_columns(self.dataset):
            if column.name in self.positions:
                columns.append(cells.column(self.positions[column.name]))
            else:
                text = pa.scalar(self.constants[column.name], pa.string())
                columns.append(pa.repeat(text, cells.num_rows))
        declared = set(self.positions.values())
        undeclared = tuple(
            undeclared_column(title, cells.column(at), file=self.file, position=at + 1)
            for at, title in enumerate(self.titles)
            if at not in declared
        )
        table = pa.table(columns, names=[column.name for column in read_columns(self.dataset)])
        return SourceTexts(table=table, file=self.file, rows=rows, undeclared=undeclared)

    def _records(self, cells: pa.Table) -> pa.Array[Any] | None:
        """Which rows are records; ``None`` for all of them."""
        blank = _blank(cells.column(0)) if cells.num_columns else None
        if blank is not None and pc.any(blank).as_py():
            for column in cells.columns[1:]:
                blank = whole(pc.and_(blank, _blank(column)))
        records = whole(pc.invert(blank)) if blank is not None and pc.any(blank).as_py() else None
        if self.leave_out is not None and self.layout.leave_out is not None:
            words = pc.replace_substring_regex(pc.utf8_normalize(cells.column(self.leave_out), form="NFKC"), r"\s", "")
            listed = pa.array([plain(value) for value in self.layout.leave_out.values], type=pa.string())
            ordinary = whole(pc.invert(pc.is_in(words, value_set=listed)))
            records = ordinary if records is None else whole(pc.and_(records, ordinary))
        return None if records is None or pc.all(records).as_py() else records


def arrange(
    titles: Sequence[str] | None, dataset: Dataset, layout: Layout, *, told: Mapping[str, str], file: str
) -> Arrangement:
    """Find the columns of a dataset by the titles of a file.

    Args:
        titles: as :func:`joined_titles` gives them; ``None`` where the columns stand in the catalogue's order.
        told: columns whose text comes from the file's name or from a cell above the header.

    Raises:
        BadInput: a title is missing, or there more than once.
    """
    constants: dict[str, str | None] = {**dict.fromkeys(layout.missing), **told}
    columns = [column for column in read_columns(dataset) if column.name not in constants]
    wanted = {column.name: plain(_title(column, layout)) for column in columns}
    found = tuple(wanted.values()) if titles is None else tuple(titles)
    leave_out = plain(layout.leave_out.column) if layout.leave_out is not None else None
    refuse_missing(
        [_title(column, layout) for column in columns if wanted[column.name] not in found]
        + ([leave_out] if leave_out is not None and leave_out not in found else []),
        file=file,
        dataset=dataset.name,
    )
    for title in (*wanted.values(), *((leave_out,) if leave_out is not None else ())):
        if found.count(title) > 1:
            raise BadInput("source-header-doubled", file=file, header=title)
    return Arrangement(
        dataset=dataset,
        layout=layout,
        file=file,
        titles=found,
        positions={name: found.index(title) for name, title in wanted.items()},
        constants=constants,
        leave_out=None if leave_out is None else found.index(leave_out),
    )


def joined_titles(header: Sequence[Sequence[str | None]], *, width: int) -> list[str]:
    """One title a column of one or several header rows: ``欠席/病気`` for 欠席 above 病気.

    A blank cell belongs to the one on its left while the rows above agree and something stands below it, which is what
    is left of a merged cell; blanks below a title, and repetitions of it, add nothing.
    """
    rows = [[plain(cell or "") for cell in row] + [""] * (width - len(row)) for row in header]
    for depth, row in enumerate(rows):
        for at in range(1, width):
            below = any(rows[deeper][at] for deeper in range(depth + 1, len(rows)))
            same_above = all(rows[higher][at] == rows[higher][at - 1] for higher in range(depth))
            if not row[at] and below and same_above:
                row[at] = row[at - 1]
    return ["/".join(dict.fromkeys(part for row in rows if (part := row[at]))) for at in range(width)]


def layout_of(dataset: Dataset, path: PurePosixPath) -> Layout:
    """The layout of a file, given by its path below the source's folder."""
    return next(
        (layout for layout in dataset.layouts if any(matches(path, pattern) for pattern in layout.files)),
        dataset.layouts[-1],
    )


def matches(path: PurePosixPath, pattern: str) -> bool:
    """Whether a glob finds a path, folder by folder; ``**`` stands for any number of folders."""
    return _matches(path.parts, PurePosixPath(pattern).parts)


def _matches(parts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_matches(parts[skipped:], patterns[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _matches(parts[1:], patterns[1:])


def told_by_name(layout: Layout, path: PurePosixPath, *, file: str) -> Mapping[str, str]:
    """The columns whose text comes from the name of a file.

    Raises:
        BadInput: the name is not as the catalogue says: a copy (``… (1).xlsx``) would count its rows twice.
    """
    if layout.from_name is None:
        return {}
    found = re.fullmatch(layout.from_name, unicodedata.normalize("NFKC", path.stem))
    if found is None:
        raise BadInput("source-name", file=file)
    return {name: text or "" for name, text in found.groupdict().items()}


def column_of(letters: str) -> int:
    """The position, from 0, of a column by its letters: ``A`` is 0, ``AA`` is 26."""
    position = 0
    for letter in letters:
        position = position * 26 + ord(letter) - ord("A") + 1
    return position - 1


def plain(title: str) -> str:
    """A title as titles are compared: NFKC, without white space, with which forms spread their words (氏　名)."""
    return "".join(unicodedata.normalize("NFKC", title).split())


def _title(column: Column, layout: Layout) -> str:
    return layout.titles.get(column.name, source_name(column))


def _blank(column: Any) -> pa.Array[Any]:
    return whole(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True))


def _numbers(rows: range | pa.Array[Any]) -> pa.Array[Any]:
    return pa.array(rows, type=pa.int64()) if isinstance(rows, range) else rows
