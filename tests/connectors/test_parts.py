"""One changed file of hundreds is all that is read again, and what is unique is so across all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors import uniqueness
from connectors.files import FilesSource
from connectors.holdings import Holdings
from connectors.snapshots import Snapshot, SnapshotKey, SnapshotStore
from connectors.sources import Part, SourceTexts
from connectors.uniqueness import check_unique_rows
from governance.catalogue import Catalogue, Dataset, Layout
from governance.errors import BadInput
from tests.connectors.clinic import AS_OF, KEY_KINDS, LABEL, Clinic, column, columns

VISITS = columns(
    column("person_id", column_class="key", key="person", nulls="never"),
    column("days", "integer"),
    column("seen", "boolean", nulls="never"),
)
DATASET = Dataset(
    name="clinic.visit", department="clinic", label=LABEL, columns=VISITS, absent_row="unknown", refresh="daily",
    unique_by=("person_id",), layouts=(Layout(files=("*.csv",)),), gates={},
)  # fmt: skip


class Counted:
    """A source that counts what is read of it."""

    def __init__(self, folder: Path) -> None:
        self._source = FilesSource(folder, root=folder)
        self.read_parts: Counter[str] = Counter()

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        return self._source.parts(dataset, afresh=afresh)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        self.read_parts[part.name] += 1
        return self._source.read(dataset, part)


@pytest.fixture
def months(tmp_path: Path) -> tuple[Path, Counted, Holdings]:
    """Forty small files, and the holdings over them."""
    folder = tmp_path / "files"
    folder.mkdir()
    for number in range(40):
        write(folder, number)
    source = Counted(folder)
    return folder, source, opened(tmp_path, source)


def opened(tmp_path: Path, source: Any, dataset: Dataset = DATASET) -> Holdings:
    """The holdings over a source."""
    catalogue = Catalogue(
        departments={}, datasets={dataset.name: dataset}, kinds=KEY_KINDS, subject_kind="person", household_kinds=()
    )
    store = SnapshotStore(tmp_path / "snapshots", department="clinic")
    return Holdings("clinic", catalogue=catalogue, source=source, store=store)


def write(folder: Path, number: int, *, days: int = 1, seen: str = "○") -> None:
    """One file with two persons."""
    rows = "".join(f"{number * 2 + n},{days},{seen}\n" for n in range(2))
    (folder / f"{number:02}.csv").write_text("person_id,days,seen\n" + rows, encoding="utf-8")


def days_of(holdings: Holdings) -> list[Any]:
    """The days, in order."""
    return holdings.rows(DATASET, as_of=AS_OF).column("days").to_pylist()


def test_only_the_changed_file_is_read_again(months: tuple[Path, Counted, Holdings]) -> None:
    """The rows of the others are copied from the snapshot, in their places; figures and notes come along."""
    folder, source, holdings = months
    assert days_of(holdings) == [1] * 80
    write(folder, 17, days=5)
    assert days_of(holdings) == [1] * 34 + [5, 5] + [1] * 44
    assert source.read_parts == {f"{n:02}.csv": 2 if n == 17 else 1 for n in range(40)}
    report = holdings.report(DATASET)
    assert (report.rows, report.columns["days"].known) == (80, 80)
    assert len(list((folder.parent / "snapshots").glob("*.parquet"))) == 1


def test_a_file_that_goes_takes_its_rows_with_it(months: tuple[Path, Counted, Holdings]) -> None:
    """Nothing is read for it; and a file that comes is the only one that is."""
    folder, source, holdings = months
    days_of(holdings)
    (folder / "00.csv").unlink()
    write(folder, 40, days=7)
    assert days_of(holdings) == [1] * 78 + [7, 7]
    assert sum(source.read_parts.values()) == 41


def test_a_file_under_another_name_is_another_part(months: tuple[Path, Counted, Holdings]) -> None:
    """Columns may come from the name: the same bytes under a new name are read."""
    folder, source, holdings = months
    days_of(holdings)
    (folder / "39.csv").rename(folder / "99.csv")
    days_of(holdings)
    assert source.read_parts["99.csv"] == 1


def test_another_declaration_reads_everything(months: tuple[Path, Counted, Holdings], tmp_path: Path) -> None:
    """What a text means is the catalogue's: nothing is taken over from what was read under another."""
    _, source, holdings = months
    days_of(holdings)
    changed = Dataset(**{**{f: getattr(DATASET, f) for f in DATASET.__slots__}, "unreadable_values": "unknown"})
    opened(tmp_path, source, changed).rows(changed, as_of=AS_OF)
    assert set(source.read_parts.values()) == {2}


def test_what_is_unique_is_so_across_files(months: tuple[Path, Counted, Holdings]) -> None:
    """A copy under a new name repeats its persons: refused, and the state before is not served instead."""
    folder, _, holdings = months
    days_of(holdings)
    (folder / "copy.csv").write_bytes((folder / "05.csv").read_bytes())
    with pytest.raises(BadInput) as caught:
        days_of(holdings)
    assert (caught.value.code, caught.value.params["rows"]) == ("dataset-rows-repeated", 2)


def test_a_damaged_snapshot_is_not_taken_over(months: tuple[Path, Counted, Holdings], tmp_path: Path) -> None:
    """The parts of a snapshot that is not whole are read from the source."""
    folder, source, holdings = months
    days_of(holdings)
    (snapshot,) = (tmp_path / "snapshots").glob("*.parquet")
    content = bytearray(snapshot.read_bytes())
    content[len(content) // 3] ^= 1
    snapshot.write_bytes(content)
    write(folder, 3, days=9)
    assert days_of(opened(tmp_path, source)) == [1] * 6 + [9, 9] + [1] * 72
    assert set(source.read_parts.values()) == {2}


class Batched:
    """A source that gives marks of a column in two batches of one part."""

    def __init__(self, *marks: list[str]) -> None:
        self._marks = marks

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        return (Part(name="a.csv", state=str(self._marks)),)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        row = 0
        for marks in self._marks:
            numbers = [str(row + n) for n in range(len(marks))]
            table = pa.table({"person_id": numbers, "days": [""] * len(marks), "seen": marks})
            yield SourceTexts(table=table, file="a.csv", rows=range(row + 2, row + 2 + len(marks)))
            row += len(marks)


def test_a_blank_is_no_only_where_the_whole_file_marks_only_yes(tmp_path: Path) -> None:
    """○ and blanks in the first batch mean yes and no, until a later batch says 無: then the blank said nothing."""
    holdings = opened(tmp_path, Batched(["○", ""], ["○", "○"]))
    assert holdings.rows(DATASET, as_of=AS_OF).column("seen").to_pylist() == [True, False, True, True]
    with pytest.raises(BadInput) as caught:
        opened(tmp_path, Batched(["○", ""], ["無", "○"])).count(DATASET, as_of=AS_OF)
    assert (caught.value.code, caught.value.params["row"], caught.value.params["column"]) == (
        "value-missing",
        3,
        "seen",
    )


def snapshot_of(tmp_path: Path, ids: list[str | None], places: list[int]) -> Snapshot:
    """A snapshot of two columns."""
    store = SnapshotStore(tmp_path / "snapshots", department="clinic")
    table = pa.table({"person_id": pa.array(ids, pa.string()), "place": pa.array(places, pa.int64())})
    with store.building():
        return store.save(SnapshotKey(name="clinic.x", made_from=str(len(ids)) * 64), table)


UNIQUE = Dataset(
    name="clinic.x", department="clinic", label=LABEL, absent_row="none", refresh="daily", gates={},
    unique_by=("person_id", "place"), columns=columns(column("person_id"), column("place", "integer")),
)  # fmt: skip


@pytest.mark.parametrize(("limit", "most"), [(10**6, 10**5), (0, 10**5), (0, 0)], ids=["direct", "hashed", "many"])
def test_repeated_rows_are_found_directly_and_by_their_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, most: int
) -> None:
    """Both ways agree: how many rows repeat others, nulls share nothing, and parts of a key do not run together."""
    monkeypatch.setattr(uniqueness, "HASHED_FROM", limit)
    monkeypatch.setattr(uniqueness, "_MOST_SUSPECTS", most)
    ids: list[str | None] = [f"{n:04}" for n in range(2_000)]
    check_unique_rows(snapshot_of(tmp_path, ids, list(range(2_000))), UNIQUE)
    check_unique_rows(snapshot_of(tmp_path, [None] * 30, [1] * 30), UNIQUE)
    check_unique_rows(snapshot_of(tmp_path, ["1", "11"], [11, 1]), UNIQUE)
    with pytest.raises(BadInput) as caught:
        check_unique_rows(snapshot_of(tmp_path, [*ids, "0007", "0007", "1999"], [*range(2_000), 7, 7, 1_999]), UNIQUE)
    assert (caught.value.code, caught.value.params["rows"]) == ("dataset-rows-repeated", 3)


def test_equal_hashes_of_different_keys_are_no_repetition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash is a suspicion only: where every key has the same one, the keys decide."""
    monkeypatch.setattr(uniqueness, "HASHED_FROM", 0)
    monkeypatch.setattr(uniqueness, "_hashed", lambda _, keys: pa.array([1] * keys.num_rows, pa.uint64()))
    check_unique_rows(snapshot_of(tmp_path, ["1", "2", "3"], [1, 1, 1]), UNIQUE)
    with pytest.raises(BadInput):
        check_unique_rows(snapshot_of(tmp_path, ["1", "2", "3", "2"], [1, 1, 1, 1]), UNIQUE)


def test_a_scan_lets_go_of_its_snapshot(clinic: Clinic) -> None:
    """Closing the generator of batches closes the file; a snapshot that is replaced meanwhile is read to its end."""
    dataset = clinic.catalogue.datasets["clinic.person"]
    held = clinic.department._holdings.batches(dataset, as_of=AS_OF, columns=("person_id",))
    first = next(held)
    clinic.write(persons=())
    assert clinic.department.rows("clinic.person", as_of=AS_OF) == 0
    assert [table.num_rows for table in held] == []
    assert first.num_rows == 4
    assert not [p for p in Path("/proc/self/fd").iterdir() if str(clinic.root) in str(p.resolve())]
