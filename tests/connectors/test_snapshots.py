"""A source is parsed once for each state; snapshots are private, checked and replaced."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Generator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from connectors.holdings import Holdings
from connectors.snapshots import MOST_DATES, SnapshotKey, SnapshotStore
from connectors.sources import FileDigests, Part, Source, SourceTexts
from connectors.sqlite import SqliteSource
from governance.catalogue import Dataset
from governance.errors import BadInput, Unavailable
from tests.connectors.clinic import AS_OF, PERSONS, RAW, Clinic, changed, order


def snapshots(clinic: Clinic, name: str = "") -> list[Path]:
    """The snapshot files whose names begin so."""
    return sorted((clinic.root / "clinic" / "snapshots").glob(f"{name}*.parquet"))


def test_snapshots_are_for_their_owner_only(clinic: Clinic) -> None:
    """The folder is 0700 and each file 0600 whatever the umask, and nothing half-written is left."""
    before = os.umask(0)
    try:
        clinic.department.check(as_of=AS_OF)
    finally:
        os.umask(before)
    folder = clinic.root / "clinic" / "snapshots"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(p.stat().st_mode) for p in folder.iterdir()} == {0o600}
    assert {p.name.split("~")[0] for p in folder.iterdir()} == {
        ".lock", "clinic.person", "clinic.visit", "clinic.adult", "set-guarded",
    }  # fmt: skip


@pytest.mark.parametrize("at", [0, 0.3, 0.6, 0.999])
def test_a_damaged_snapshot_is_made_again(clinic: Clinic, at: float) -> None:
    """One flipped bit anywhere in the file is noticed, and the rows are those of the source."""
    ask = order(clinic, "clinic.person", {"person_id": RAW, "name": RAW})
    sound = clinic.scan(ask)
    (path,) = snapshots(clinic, "clinic.person")
    content = bytearray(path.read_bytes())
    content[int(len(content) * at)] ^= 1
    path.write_bytes(content)
    assert clinic.scan(ask).equals(sound)
    (again,) = snapshots(clinic, "clinic.person")
    assert again.read_bytes() != bytes(content)


def test_a_snapshot_cut_short_is_made_again(clinic: Clinic) -> None:
    """A truncated or emptied file is no snapshot."""
    for size in (0, 100):
        clinic.department.check(as_of=AS_OF)
        (path,) = snapshots(clinic, "clinic.person")
        os.truncate(path, size)
        assert clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)


def test_a_changed_catalogue_does_not_see_old_snapshots(clinic: Clinic) -> None:
    """What a text means is the catalogue's: another declaration is another snapshot."""
    assert clinic.department.rows("clinic.person", as_of=AS_OF) == len(PERSONS)
    clinic.catalogue = changed(clinic.catalogue, "clinic.person", unique_by=("house_id",))
    clinic.departments = {}
    with pytest.raises(BadInput):
        clinic.department.rows("clinic.person", as_of=AS_OF)


def test_derived_snapshots_are_kept_for_a_few_dates(clinic: Clinic) -> None:
    """One snapshot for each date, the oldest removed beyond eight, all removed when the source changes."""
    for day in range(MOST_DATES + 3):
        clinic.department.rows("clinic.adult", as_of=AS_OF + timedelta(days=day))
    assert len(snapshots(clinic, "clinic.adult")) == MOST_DATES
    clinic.write(persons=PERSONS[:1])
    clinic.department.rows("clinic.adult", as_of=AS_OF)
    assert len(snapshots(clinic, "clinic.adult")) == 1


def test_leftovers_of_a_process_that_died_are_removed(clinic: Clinic) -> None:
    """A half-written file does not stay, and does not count."""
    folder = clinic.root / "clinic" / "snapshots"
    folder.mkdir()
    (folder / "clinic.person~00~~.part").write_bytes(b"half")
    clinic.department.rows("clinic.person", as_of=AS_OF)
    assert [p for p in folder.iterdir() if p.suffix == ".part"] == []


def test_a_folder_that_cannot_be_written_is_unavailable(clinic: Clinic) -> None:
    """Where snapshots cannot be kept nothing is read: a file in the folder's place."""
    (clinic.root / "clinic" / "snapshots").write_text("in the way")
    with pytest.raises(Unavailable) as caught:
        clinic.department.rows("clinic.person", as_of=AS_OF)
    assert caught.value.code == "snapshot-unwritable"


def test_readers_at_the_same_time_agree(clinic: Clinic) -> None:
    """Threads of one process and departments opened twice build once and read the same."""
    clinic.write(persons=[{**PERSONS[0], "person_id": f"{n:010d}"} for n in range(3_000)])
    opened = [clinic.open()["clinic"] for _ in range(3)]
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda d=department: counts.append(d.rows("clinic.adult", as_of=AS_OF)))
        for department in opened
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [3_000] * 6
    assert len(snapshots(clinic, "clinic.person")) == 1


class ChangingSource:
    """A source whose file is replaced while it is read."""

    def __init__(self, source: Source, path: Path, *, times: int) -> None:
        self._source = source
        self._path = path
        self._times = times

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        return self._source.parts(dataset, afresh=afresh)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        yield from self._source.read(dataset, part)
        if self._times:
            self._times -= 1
            self._path.write_bytes(self._path.read_bytes() + b"\0")


@pytest.mark.parametrize("dataset", ["clinic.person", "clinic.adult"])
def test_a_source_that_changes_while_it_is_read_is_unavailable(clinic: Clinic, dataset: str) -> None:
    """What was read belongs to no state of the source: refused and not kept. The next reading succeeds."""
    source = ChangingSource(SqliteSource(clinic.source, root=clinic.root), clinic.source, times=1)
    holdings = Holdings(
        "clinic",
        catalogue=clinic.catalogue,
        source=source,
        store=SnapshotStore(clinic.root / "clinic" / "snapshots", department="clinic"),
    )
    declared = clinic.catalogue.datasets[dataset]
    with pytest.raises(Unavailable) as caught:
        holdings.rows(declared, as_of=AS_OF)
    assert caught.value.code == "source-changed"
    assert snapshots(clinic) == []
    assert holdings.rows(declared, as_of=AS_OF).num_rows > 0


class ReplacedSource:
    """A source whose file is replaced by a new extract at a moment that a test chooses."""

    def __init__(self, source: Source, path: Path, *, content: bytes, at: int) -> None:
        self._source = source
        self._path = path
        self._content = content
        self._at = at

    def _moment(self) -> None:
        self._at -= 1
        if self._at == 0:
            self._path.write_bytes(self._content)

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        self._moment()
        return self._source.parts(dataset, afresh=afresh)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        self._moment()
        yield from self._source.read(dataset, part)


@pytest.mark.parametrize("at", range(1, 19))
def test_a_result_is_of_one_state_of_the_source_whenever_it_is_replaced(clinic: Clinic, at: int) -> None:
    """At whatever step a new extract arrives: the old rows, the new rows, or a refusal; afterwards the new rows."""
    old = clinic.source.read_bytes()
    clinic.write(persons=[{**PERSONS[0], "person_id": "77"}, {**PERSONS[3], "person_id": "88"}], visits=())
    new = clinic.source.read_bytes()
    clinic.source.write_bytes(old)
    clinic.age()
    holdings = Holdings(
        "clinic",
        catalogue=clinic.catalogue,
        source=ReplacedSource(SqliteSource(clinic.source, root=clinic.root), clinic.source, content=new, at=at),
        store=SnapshotStore(clinic.root / "clinic" / "snapshots", department="clinic"),
    )
    adult = clinic.catalogue.datasets["clinic.adult"]
    states = [[("0000000001", 1), ("0000000004", 0)], [("0000000077", 0), ("0000000088", 0)]]
    with suppress(Unavailable):
        table = holdings.rows(adult, as_of=AS_OF, columns=("person_id", "visits"))
        assert sorted(zip(*table.to_pydict().values(), strict=True)) in states
    clinic.source.write_bytes(new)
    again = holdings.rows(adult, as_of=AS_OF, columns=("person_id", "visits"))
    assert sorted(zip(*again.to_pydict().values(), strict=True)) == states[1]


def test_a_digest_notices_a_change_that_time_stamps_hide(tmp_path: Path) -> None:
    """A file that was just written is read again; one asked for afresh, always."""
    path = tmp_path / "a"
    digests = FileDigests(root=tmp_path)
    path.write_bytes(b"one")
    first = digests.of(path)
    times = (path.stat().st_atime_ns, path.stat().st_mtime_ns)
    path.write_bytes(b"two")
    os.utime(path, ns=times)
    assert digests.of(path) != first
    assert digests.of(path) == digests.of(path, afresh=True)
    with pytest.raises(Unavailable):
        digests.of(tmp_path / "none")


def test_a_snapshot_s_name_cannot_be_a_path(tmp_path: Path) -> None:
    """A dataset's name that is a path is refused before anything is written."""
    store = SnapshotStore(tmp_path / "snapshots", department="clinic")
    key = SnapshotKey(name="../x", made_from="0" * 64)
    with store.building(), pytest.raises(BadInput):
        store.save(key, pa.table({"a": [1]}))
    assert not (tmp_path / "x").exists()


def test_the_store_gives_back_what_it_was_given(tmp_path: Path) -> None:
    """Every type of a holder comes back, chosen columns only, and another key finds nothing."""
    store = SnapshotStore(tmp_path / "snapshots", department="clinic")
    table = pa.table(
        {
            "t": pa.array(["𠮷", None]),
            "n": pa.array([1, None], pa.int64()),
            "d": pa.array([date(1912, 7, 30), None], pa.date32()),
            "b": pa.array([True, None]),
        }
    )
    key = SnapshotKey(name="clinic.x", made_from="0" * 64)
    with store.building():
        store.save(key, table)
    read = store.find(key)
    assert read is not None
    assert read.table().equals(table)
    assert read.table(["d", "t"]) == table.select(["d", "t"])
    assert [batch.num_rows for batch in read.batches(["t"], rows=1)] == [1, 1]
    assert store.find(SnapshotKey(name="clinic.x", made_from="1" * 64)) is None
    assert store.find(SnapshotKey(name="clinic.x", made_from="0" * 64, date="2023-10-01")) is None
