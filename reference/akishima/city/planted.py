"""The list of traps that stand in the city's data on purpose (``planted.csv``), for tests and for those who learn."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

REGISTER_FILE = "shimin/shimin.sqlite"

HEADERS = ("trap", "dataset", "file", "key", "what", "marking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One trap in one place.

    Attributes:
        trap: ``4.11-7`` or ``B-12``: the list of format and quality traps, and the list of twenty-five.
        file: relative to the departments' folder.
        key: what finds the row: the resident's number, the pupil's key, a row number, or blank for the whole file.
        what: what stands there, in Japanese.
    """

    trap: str
    dataset: str
    file: str
    key: str
    what: str


@dataclass(slots=True)
class Plants:
    """Collects what was planted."""

    entries: list[Plant] = field(default_factory=list)

    def add(self, *traps: str, dataset: str, file: str, key: str = "", what: str) -> None:
        """Note one place under one or more traps."""
        self.entries += [Plant(trap=trap, dataset=dataset, file=file, key=key, what=what) for trap in traps]

    def write(self, path: Path, *, marking: str) -> Path:
        """Write the list, ordered by trap."""
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(HEADERS)
            for entry in sorted(self.entries, key=_order):
                writer.writerow((entry.trap, entry.dataset, entry.file, entry.key, entry.what, marking))
        return path


def _order(entry: Plant) -> tuple[str, int, str, str, str]:
    listed, _, number = entry.trap.partition("-")
    return listed, int(number), entry.dataset, entry.file, entry.key
