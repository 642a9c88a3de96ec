"""Every kind of source fails in the same ways: missing, forbidden, damaged, changed, given up; nothing stays behind."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from connectors import csv_files, department, duckdb_file, excel_files, holdings, parquet_files, sqlite
from connectors.holdings import Holdings
from connectors.open import _SOURCES
from connectors.snapshots import SnapshotStore
from connectors.sources import Part, Source, SourceTexts
from governance.catalogue import Dataset
from governance.errors import BadInput, SekishoError, Unavailable
from tests.connectors.clinic import AS_OF, PERSONS, RAW, Clinic, Kind, make_clinic, order

IN_FILES: tuple[Kind, ...] = ("sqlite", "duckdb", "csv-cp932", "excel", "parquet")
"""The kinds whose state is the content of files."""


def source_of(clinic: Clinic) -> Source:
    """The source, opened apart from its department."""
    return _SOURCES[clinic.catalogue.departments["clinic"].source_kind](clinic.source, clinic.root)


def holdings_of(clinic: Clinic, source: Source) -> Holdings:
    """The holdings over a source."""
    store = SnapshotStore(clinic.root / "clinic" / "snapshots", department="clinic")
    return Holdings("clinic", catalogue=clinic.catalogue, source=source, store=store)


def refusal(clinic: Clinic) -> SekishoError:
    """What asking for the number of persons ends in; no history, no word of a library, no value."""
    with pytest.raises(SekishoError) as caught:
        clinic.department.rows("clinic.person", as_of=AS_OF)
    error = caught.value
    assert error.__cause__ is error.__context__ is None
    said = "".join((str(error), error.text("ja"), error.remedy("ja"), error.remedy("en")))
    assert [str(p["name"]) for p in PERSONS if p["name"] and str(p["name"]) in said] == []
    return error


def files_of(clinic: Clinic, table: str = "person") -> list[Path]:
    """The files that hold a table."""
    return [clinic.source] if clinic.source.is_file() else sorted(clinic.source.glob(f"{table}*"))


def open_files(clinic: Clinic) -> set[str]:
    """The files below the holder's folder that this process has open."""
    found: set[str] = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue  # that of the listing itself
        if target.startswith(str(clinic.root)):
            found.add(target)
    return found


@contextmanager
def nobody() -> Iterator[None]:
    """Without the rights of the superuser, as whom tests may run."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65_534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("any_clinic", IN_FILES, indirect=True)
def test_a_missing_source_is_named(any_clinic: Clinic) -> None:
    """The message says which file is missing, in which department."""
    for path in files_of(any_clinic):
        path.unlink()
    error = refusal(any_clinic)
    assert (type(error), error.code) == (Unavailable, "source-missing")
    assert str(error.params["file"]).startswith("clinic/")
    assert error.params["department"] == "clinic"


@pytest.mark.parametrize("kind", IN_FILES)
def test_a_source_that_may_not_be_read_is_named(kind: Kind) -> None:
    """Without the right to read: not missing and not damaged, but unreadable."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for clinic in make_clinic(Path(folder), kind):
            for path in files_of(clinic):
                path.chmod(0)
            with nobody():
                error = refusal(clinic)
            assert (type(error), error.code) == (Unavailable, "source-unreadable")


@pytest.mark.parametrize("any_clinic", IN_FILES, indirect=True)
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_source_cut_short_is_refused_or_is_a_shorter_text(any_clinic: Clinic, share: float) -> None:
    """What was cut off while it was copied is damaged. In CSV the cut is seen where it falls into a row."""
    (path,) = files_of(any_clinic)
    size = int(path.stat().st_size * share)
    if any_clinic.suffix == ".csv" and size:
        size = path.read_bytes().rindex(b",")
    os.truncate(path, size)
    if any_clinic.kind == "duckdb" and share == 0.9:
        # What is missing at the end was never of the table: it is read whole, or not at all.
        with suppress(BadInput):
            assert any_clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)
        return
    error = refusal(any_clinic)
    assert isinstance(error, BadInput)
    assert error.code in {
        "source-damaged", "source-row-ragged", "source-header-missing", "source-encoding", "source-table-missing",
    }  # fmt: skip


@pytest.mark.parametrize("any_clinic", ["sqlite", "duckdb", "excel", "parquet"], indirect=True)
def test_a_source_of_another_kind_is_refused(any_clinic: Clinic) -> None:
    """A file that is not what the catalogue says, as after a wrong copy."""
    (path,) = files_of(any_clinic)
    path.write_bytes("氏名,住所\n髙橋 一,田中町\n".encode("cp932") * 200)
    error = refusal(any_clinic)
    assert (type(error), error.code) == (BadInput, "source-damaged")


class Meddled:
    """A source to which something happens when it has been read."""

    def __init__(self, source: Source, clinic: Clinic, *, persons: Any) -> None:
        self._source = source
        self._clinic = clinic
        self._persons = persons

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        return self._source.parts(dataset, afresh=afresh)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        yield from self._source.read(dataset, part)
        if self._persons is not None:
            self._clinic.write(persons=self._persons)
            self._persons = None


@pytest.mark.parametrize("persons", [PERSONS[:2], (*PERSONS, {**PERSONS[0], "person_id": "9"})], ids=["fewer", "more"])
def test_a_source_that_changes_while_it_is_read_is_unavailable(any_clinic: Clinic, persons: Any) -> None:
    """What was read is of no one state: refused, nothing kept; the next reading is of the new state."""
    held = holdings_of(any_clinic, Meddled(source_of(any_clinic), any_clinic, persons=persons))
    dataset = any_clinic.catalogue.datasets["clinic.person"]
    with pytest.raises(Unavailable) as caught:
        held.count(dataset, as_of=AS_OF)
    assert caught.value.code == "source-changed"
    assert [p.name for p in (any_clinic.root / "clinic" / "snapshots").iterdir()] == [".lock"]
    assert held.count(dataset, as_of=AS_OF) == len(persons)


def test_more_rows_than_a_batch_are_the_same_rows(any_clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come in batches, in the source's order, each with its place; none is lost or doubled where a batch ends."""
    for module in (sqlite, duckdb_file, excel_files, parquet_files, holdings, department):
        monkeypatch.setattr(module, "BATCH_ROWS", 100)
    monkeypatch.setattr(csv_files, "_PIECE_BYTES", 1_001)
    persons = [{**PERSONS[0], "person_id": f"{n:010d}", "name": f'髙,\n"{n}'} for n in range(431)]
    any_clinic.write(persons=persons)
    ask = order(any_clinic, "clinic.person", {"person_id": RAW, "name": RAW})
    batches = list(any_clinic.department.scan(ask, any_clinic.evidence(ask)))
    assert [batch.num_rows for batch in batches] == [100, 100, 100, 100, 31]
    rows = [row for batch in batches for row in batch.to_pylist()]
    assert rows == [{"person_id": person["person_id"], "name": person["name"]} for person in persons]
    source, dataset = source_of(any_clinic), any_clinic.catalogue.datasets["clinic.person"]
    (part,) = source.parts(dataset)
    with closing(source.read(dataset, part)) as read:
        sizes, places = [], []
        for texts in read:
            sizes.append(texts.table.num_rows)
            places += [texts.place(row) for row in range(texts.table.num_rows)]
    assert places == [any_clinic.place("person", row) for row in range(431)]
    # A PostgreSQL's batches are as large as its driver makes them.
    assert max(sizes) <= 110 or any_clinic.kind == "postgresql"


def test_a_reading_that_is_given_up_leaves_nothing_open(any_clinic: Clinic) -> None:
    """Closing a source's generator after the first batch lets go of file, connection and lock."""
    any_clinic.write(persons=[{**PERSONS[0], "person_id": f"{n:010d}"} for n in range(3_000)])
    source, dataset = source_of(any_clinic), any_clinic.catalogue.datasets["clinic.person"]
    (part,) = source.parts(dataset)
    batches = source.read(dataset, part)
    assert next(batches).table.num_rows > 0
    batches.close()
    assert open_files(any_clinic) == set()
    with pytest.raises(StopIteration):
        next(batches)
    assert any_clinic.department.rows("clinic.person", as_of=AS_OF) == 3_000
