"""A reader of the workbooks that the generator writes, from their XML: the third hand beside the writer and the connectors."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from xml.etree import ElementTree as ET

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
Grid = list[list[str | None]]
"""Rows of cell texts; numbers, and so dates, as they are stored."""


@cache
def _place(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def sheet_names(path: Path) -> dict[str, str]:
    """Name → ``visible`` or ``hidden``, in order."""
    with zipfile.ZipFile(path) as archive:
        book = ET.fromstring(archive.read("xl/workbook.xml"))
    return {s.attrib["name"]: s.attrib.get("state", "visible") for s in book.iter(f"{_MAIN}sheet")}


def read_sheet(path: Path, name: str) -> Grid:
    """All rows of a sheet, blank cells as ``None``."""
    number = list(sheet_names(path)).index(name) + 1
    with zipfile.ZipFile(path) as archive:
        texts = ET.fromstring(archive.read("xl/sharedStrings.xml"))
        shared = ["".join(t.text or "" for t in item.iter(f"{_MAIN}t")) for item in texts]
        sheet = ET.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))
    grid: Grid = []
    for row in sheet.iter(f"{_MAIN}row"):
        while len(grid) < int(row.attrib["r"]):
            grid.append([])
        cells = grid[-1]
        for cell in row:
            value = cell.find(f"{_MAIN}v")
            if value is None or value.text is None:
                continue
            place = _place(re.sub(r"\d", "", cell.attrib["r"]))
            cells += [None] * (place + 1 - len(cells))
            cells[place] = shared[int(value.text)] if cell.attrib.get("t") == "s" else value.text
    return grid


def titles_of(grid: Grid, *, first: int, rows: int) -> list[str]:
    """One title a column: of two header rows ``upper/lower``, groups filled to the right."""
    upper = grid[first]
    if rows == 1:
        return [title or "" for title in upper]
    lower = grid[first + 1] if first + 1 < len(grid) else []
    width = max(len(upper), len(lower))
    titles: list[str] = []
    group = ""
    for place in range(width):
        above = upper[place] if place < len(upper) else None
        below = lower[place] if place < len(lower) else None
        group = above or group
        titles.append(f"{group}/{below}" if below else group)
    return titles


def records(grid: Grid, titles: Sequence[str], *, first: int) -> list[Mapping[str, str | None]]:
    """The rows below the header by title."""
    return [
        {title: row[place] if place < len(row) else None for place, title in enumerate(titles)} for row in grid[first:]
    ]
