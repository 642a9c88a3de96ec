"""Small files of a department, written as people and old systems write them, and read as the product reads them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.reading_report import ReadingReport
from governance.catalogue import Column
from governance.errors import SekishoError
from tests.connectors.clinic import RAW, Clinic, changed, column, columns, laid_out, order

NAME = "clinic.person"

DAY = columns(column("day", "date", source="日"))
NUMBER = columns(column("n", "integer", source="数"), column("line", source="行"))
KEY = columns(column("person_id", column_class="key", key="person", nulls="never", source="番号"))
TEXT = columns(column("name", column_class="identifier", source="氏名"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file of one dataset, read.

    Attributes:
        rows: as a query would get them raw.
    """

    rows: Sequence[Mapping[str, Any]]
    report: ReadingReport

    def values(self, name: str) -> list[Any]:
        """The values of a column."""
        return [row[name] for row in self.rows]

    def notes(self, name: str) -> dict[str, int]:
        """What was noticed in a column."""
        return dict(self.report.columns[name].notes)


def as_csv(declared: Mapping[str, Column], rows: Sequence[Sequence[str]], *, encoding: str = "cp932") -> bytes:
    """A CSV file with the headers of the catalogue."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([c.source or c.name for c in declared.values() if not c.compose])
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def declare(
    clinic: Clinic, declared: Mapping[str, Column], content: bytes, *, suffix: str = ".csv", **more: Any
) -> None:
    """Make a file the only one of the only dataset that matters here; ``more`` is the dataset's, or its layout's."""
    for path in clinic.source.glob("person*"):
        path.unlink()
    (clinic.source / f"person_0{suffix}").write_bytes(content)
    layout = {key: value for key, value in more.items() if key in _LAYOUT}
    if suffix != ".csv":
        layout["files"] = (f"person_*{suffix}",)
    of_dataset = {key: value for key, value in more.items() if key not in _LAYOUT}
    clinic.catalogue = changed(clinic.catalogue, NAME, **{"columns": declared, "unique_by": (), **of_dataset})
    if layout:
        clinic.catalogue = laid_out(clinic.catalogue, NAME, **layout)
    clinic.departments = {}


_LAYOUT = {"encoding", "sheet", "title_rows", "header_rows", "leave_out", "from_name", "from_cell", "titles", "missing"}


def read(clinic: Clinic, declared: Mapping[str, Column], rows: Sequence[Sequence[str]] | bytes, **more: Any) -> Paper:
    """Read a file: its rows as they would leave raw, and the report beside the snapshot."""
    declare(clinic, declared, rows if isinstance(rows, bytes) else as_csv(declared, rows), **more)
    table = clinic.scan(order(clinic, NAME, dict.fromkeys(declared, RAW)))
    return Paper(rows=table.to_pylist(), report=clinic.department.report(NAME))


def refusal(
    clinic: Clinic, declared: Mapping[str, Column], rows: Sequence[Sequence[str]] | bytes, **more: Any
) -> SekishoError:
    """The refusal of a file. It names what is to be done, and none of the values that stand in the rows."""
    with pytest.raises(SekishoError) as caught:
        read(clinic, declared, rows, **more)
    error = caught.value
    told = str(error) + "".join(error.text(lang) + error.remedy(lang) for lang in ("ja", "en"))
    given = {cell for row in rows for cell in row if len(cell) > 3} if not isinstance(rows, bytes) else set()
    assert not [value for value in given if value in told]
    assert error.remedy("ja")
    return error
