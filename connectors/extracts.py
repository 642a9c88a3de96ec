"""Of which day a department's data is: ``extract.yaml`` beside its sources, written by whoever delivers them.

::

    clinic.person: 2023-09-30
    clinic.visit: 2023-09-29
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import yaml

from connectors.derive import base_tables
from connectors.sources import relative_name
from governance.errors import BadInput, Unavailable

FILE = "extract.yaml"


class Extracts:
    """The days of a department's base datasets, read again whenever the file has changed."""

    def __init__(self, folder: Path, *, root: Path, datasets: Iterable[str]) -> None:
        self._path = folder / FILE
        self._name = relative_name(self._path, root=root)
        self._datasets = frozenset(datasets)
        self._read: tuple[tuple[int, ...], dict[str, date]] | None = None

    def day(self, dataset: str) -> date:
        """The day of a base dataset.

        Raises:
            BadInput: the file is malformed, names what is no base dataset, or leaves this one out.
            Unavailable: there is no such file.
        """
        days = self._days()
        if dataset not in days:
            raise BadInput("extract-dataset-missing", file=self._name, dataset=dataset)
        return days[dataset]

    def oldest(self, sql: str) -> date:
        """The oldest day of the base datasets that a SELECT reads: what is computed from them is no fresher.

        Raises:
            BadInput: as :meth:`day`, for any of them.
            Unavailable: as :meth:`day`.
        """
        return min(self.day(dataset) for dataset in base_tables(sql, self._datasets))

    def _days(self) -> dict[str, date]:
        try:
            status = self._path.stat()
            stamp = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
            if self._read is not None and self._read[0] == stamp:
                return self._read[1]
            text = self._path.read_text(encoding="utf-8")
        except OSError:
            raise Unavailable("extract-missing", file=self._name) from None
        except UnicodeDecodeError:
            raise BadInput("extract-malformed", file=self._name, line=1) from None
        days = self._parsed(text)
        self._read = (stamp, days)
        return days

    def _parsed(self, text: str) -> dict[str, date]:
        try:
            document = yaml.safe_load(text)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            raise BadInput("extract-malformed", file=self._name, line=mark.line + 1 if mark else 1) from None
        if not isinstance(document, dict):
            raise BadInput("extract-malformed", file=self._name, line=1)
        if unknown := sorted(str(name) for name in document if name not in self._datasets):
            raise BadInput("extract-dataset-unknown", file=self._name, dataset=unknown[0])
        return {name: self._day(value, dataset=name) for name, value in document.items()}

    def _day(self, value: object, *, dataset: str) -> date:
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            day = None
        # ISO 8601 knows weeks and dates without hyphens, too; people reading the file do not.
        if day is None or day.isoformat() != value:
            raise BadInput("extract-day", file=self._name, dataset=dataset)
        return day
