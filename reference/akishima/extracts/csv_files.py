"""CSV as the systems of the city and its schools write it: CP932, CRLF, 外字 as 〓."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

from reference.akishima.city.names import as_cp932

Cell = str | int | None


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Cell]], *, title: str | None = None) -> None:
    """One file; a ``title`` stands in a line of its own above the header. ``None`` is a blank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if title is not None:
        writer.writerow([title])
    writer.writerow(headers)
    writer.writerows(rows)
    path.write_bytes(as_cp932(text.getvalue()).encode("cp932"))


def flag(value: bool | None) -> Cell:
    """1, 0, or blank where nobody wrote anything."""
    return None if value is None else int(value)
