"""What the generator plants in every city, and lists in ``planted.csv``, is read as what it means, and noted."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pytest

from audit.checkpoint import Checkpoint
from connectors.department import LocalDepartment
from connectors.evidence import Evidence
from connectors.open import open_departments
from connectors.reading_report import ReadingReport
from governance.catalogue import Catalogue
from governance.errors import CheckFailed
from masking.keys import KeyRing
from reference.akishima.city.days import BASE_DATE
from reference.akishima.generate import GeneratedCity, generate


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A small city with its planted traps, its departments opened."""

    city: GeneratedCity
    catalogue: Catalogue
    departments: Mapping[str, LocalDepartment]

    def report(self, dataset: str) -> ReadingReport:
        """What reading a base dataset told."""
        return self.departments[self.catalogue.dataset(dataset).department].report(dataset)

    def table(self, dataset: str, *names: str) -> pa.Table:
        """Columns of a base dataset as its holder has them."""
        found = self.catalogue.dataset(dataset)
        return self.departments[found.department]._holdings.rows(found, as_of=BASE_DATE, columns=names)

    def planted(self) -> Iterator[tuple[str, str, str]]:
        """Trap, dataset and key of what was planted about a person or a pupil."""
        with self.city.planted.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                yield row["trap"], row["dataset"], row["key"]


def _nothing_is_asked(_evidence: Evidence, _digest: str) -> Checkpoint:
    raise CheckFailed("scan-evidence-invalid")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, root: Path, catalogue: Catalogue) -> Town:
    """5,000 people: the smallest city that holds every trap."""
    city = generate(tmp_path_factory.mktemp("planted"), population=5_000)
    departments = open_departments(
        catalogue, root=city.departments, keyring=KeyRing(bytes(range(32))), verify_evidence=_nothing_is_asked
    )
    return Town(city=city, catalogue=catalogue, departments=departments)


def test_everything_that_was_planted_is_read(town: Town) -> None:
    """No file of a generated city is refused, no row set aside, no value unreadable, no column left undeclared."""
    for dataset in town.catalogue.datasets.values():
        if not dataset.derived:
            report = town.report(dataset.name)
            assert (report.rejected, report.faults, report.undeclared) == (0, (), ()), dataset.name
            assert report.rows > 0, dataset.name


@pytest.mark.parametrize(
    ("dataset", "column", "note"),
    [
        ("shimin.resident", "birth_date", "unknown-day"),
        ("shofuku.handbook", "issued_on", "late-era"),
        ("ikusei.care", "child_id", "zero-padded"),
        ("kyoiku.gakurei", "name_kanji", "replaced-character"),
        ("school.attendance", "late", "no-figure"),
    ],
)
def test_what_is_odd_about_it_is_noted(town: Town, dataset: str, column: str, note: str) -> None:
    """The officer sees how often; the rows are read."""
    assert town.report(dataset).columns[column].notes[note] >= 1  # type: ignore[index]


@pytest.mark.parametrize(
    ("dataset", "column", "code"),
    [
        ("seifuku.welfare", "aid_state", "停止中"),
        ("kosodate.allowance", "hitorioya_allowance", "全部停止"),
    ],
)
def test_4_11_19_suspended_is_a_state_of_its_own(town: Town, dataset: str, column: str, code: str) -> None:
    """停止中 is not 廃止 and not 受給中, 全部停止 is not なし: each is read as its own code."""
    assert town.report(dataset).columns[column].codes[code] >= 3


def test_every_planted_person_is_there(town: Town) -> None:
    """Each key of the list stands, in its canonical form, in the dataset that the list names."""
    keys: dict[str, set[str]] = {}
    checked = 0
    for _, name, key in town.planted():
        if name not in keys:
            dataset = town.catalogue.dataset(name)
            columns = [c.name for c in dataset.columns.values() if c.key is not None]
            table = town.table(name, *columns)
            keys[name] = {str(v) for c in columns for v in table.column(c).to_pylist() if v is not None}
        if re.fullmatch(r"[0-9]{10}|[0-9]{4}\|.+", key):
            assert key in keys[name], name
            checked += 1
    assert checked > 150


def test_numbers_in_cells_are_the_same_persons(town: Town) -> None:
    """A key that a spreadsheet kept as a number is the register's key: it is found there."""
    cared = set(town.table("ikusei.care", "child_id").column(0).to_pylist())
    register = set(town.table("shimin.resident", "resident_id").column(0).to_pylist())
    assert {key for trap, name, key in town.planted() if trap == "B-5" and name == "ikusei.care"} <= cared & register
