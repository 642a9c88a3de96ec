"""Bits flipped in the file itself: in every byte of what the ledger holds, and anywhere else.

The file is changed below SQLite, as a failing disk or somebody with a hex editor does. What was changed in an entry is
named by its index; elsewhere the file is either reported or still says exactly what it said.
"""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from audit.ledger import Ledger
from audit.merkle import EMPTY_TREE
from audit.verification import verify
from governance.errors import CheckFailed, Unavailable
from tests.audit.samples import (
    ORIGIN,
    SIDECAR,
    VKEY,
    decision,
    denial,
    new_ledger,
    open_ledger,
    refusal,
    release,
)

TABLES = {
    "entries": "SELECT idx, body FROM entries ORDER BY idx",
    "nodes": "SELECT position, hash FROM nodes ORDER BY position",
    "sidecars": "SELECT digest, body FROM sidecars ORDER BY digest",
    "requests": "SELECT request, kind, idx FROM requests ORDER BY request, kind",
    "checkpoint": "SELECT one, note FROM checkpoint",
    "schema": "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name",
    "application": "PRAGMA application_id",
    "format": "PRAGMA user_version",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A small ledger, closed: one file and no log beside it."""
    file = tmp_path / "ledger.sqlite"
    with new_ledger(file) as ledger:
        ledger.append_all([decision(1), release(1, decided=1), denial(2), refusal(3)], sidecars=[SIDECAR])
    return file


def content(path: Path) -> dict[str, Any] | None:
    """Everything that a file says; ``None`` where SQLite cannot read it all."""
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            return {name: connection.execute(query).fetchall() for name, query in TABLES.items()}
    except (sqlite3.Error, UnicodeDecodeError):
        return None


@contextmanager
def one_bit_flipped(path: Path, *, offset: int, bit: int) -> Iterator[None]:
    """The file with one bit changed, for as long as the block lasts."""
    file = os.open(path, os.O_RDWR)
    try:
        byte = os.pread(file, 1, offset)
        os.pwrite(file, bytes([byte[0] ^ (1 << bit)]), offset)
        try:
            yield
        finally:
            os.pwrite(file, byte, offset)
    finally:
        os.close(file)


def only_place(raw: bytes, value: bytes) -> int:
    """Where a value stands in the file; it stands there once."""
    assert raw.count(value) == 1
    return raw.index(value)


def findings(path: Path) -> tuple[int | None, set[str]]:
    """First bad index and codes of a ledger that is not sound."""
    report = verify(path, vkey=VKEY, origin=ORIGIN)
    assert not report.ok
    return report.first_bad_index, {finding.code for finding in report.findings}


def test_one_bit_in_any_byte_of_any_entry_is_found_and_its_entry_named(path: Path) -> None:
    """Every byte of every entry, the bit going round: the report names that entry as the first bad one."""
    raw = path.read_bytes()
    rows: Sequence[tuple[int, bytes]] = (content(path) or {})["entries"]
    positions = 0
    for index, body in rows:
        start = only_place(raw, body)
        for place in range(len(body)):
            with one_bit_flipped(path, offset=start + place, bit=(place + index) % 8):
                first, codes = findings(path)
            assert first == index
            assert "finding-node" in codes
            positions += 1
    assert positions > 3_000
    assert verify(path, vkey=VKEY, origin=ORIGIN).ok


def test_one_bit_in_any_byte_of_the_tree_is_found_and_its_entry_named(path: Path) -> None:
    """Every byte of every stored hash: the report names the entry whose append stored it."""
    raw = path.read_bytes()
    tree, owner = EMPTY_TREE, []
    for index in range(5):
        tree, completed = tree.extend([bytes(32)])
        owner += [index] * len(completed)
    for position, stored in (content(path) or {})["nodes"]:
        start = only_place(raw, stored)
        for place in range(32):
            with one_bit_flipped(path, offset=start + place, bit=place % 8):
                assert findings(path) == (owner[position], {"finding-node"})


def test_one_bit_in_any_byte_of_the_checkpoint_is_found(path: Path) -> None:
    """Every bit of every byte of the signed note."""
    ((_, note),) = (content(path) or {})["checkpoint"]
    start = only_place(path.read_bytes(), note)
    for place in range(len(note)):
        with one_bit_flipped(path, offset=start + place, bit=place % 8):
            assert findings(path) == (None, {"finding-checkpoint"})


def test_one_bit_in_any_byte_of_a_sidecar_is_found(path: Path) -> None:
    """The decision whose input it is, is named."""
    ((_, body),) = (content(path) or {})["sidecars"]
    start = only_place(path.read_bytes(), body)
    for place in range(len(body)):
        with one_bit_flipped(path, offset=start + place, bit=place % 8):
            assert findings(path) == (1, {"finding-sidecar"})


def test_a_bit_anywhere_in_the_file_is_found_or_says_nothing_else(path: Path) -> None:
    """Places drawn over the whole file, page headers and free space included: the verifier reports, or everything that
    the file says is unchanged. It never fails in another way, and the ledger never opens on what it would report as
    unreadable.
    """
    raw, sound = path.read_bytes(), content(path)
    chance = random.Random(20231001)
    # The first page and the start of each page decide how everything else is read.
    page = int.from_bytes(raw[16:18])
    places = {*range(108), *(start + place for start in range(0, len(raw), page) for place in range(12))}
    places |= {chance.randrange(len(raw)) for _ in range(700)}
    reported = 0
    for offset in sorted(places):
        with one_bit_flipped(path, offset=offset, bit=chance.randrange(8)):
            try:
                report = verify(path, vkey=VKEY, origin=ORIGIN)
            except Unavailable:
                # The file says that a newer SQLite is needed to read it, or the like: not read, not judged.
                assert content(path) is None
                continue
            finally:
                for suffix in ("-wal", "-shm"):
                    path.with_name(f"{path.name}{suffix}").unlink(missing_ok=True)
            reported += not report.ok
            assert not report.ok or content(path) == sound
    assert reported > 200
    assert verify(path, vkey=VKEY, origin=ORIGIN).ok


@pytest.mark.parametrize("kept", [0.0, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_cut_file_is_found(path: Path, kept: float) -> None:
    """A file that lost its end does not verify and does not open."""
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * kept)])
    report = verify(path, vkey=VKEY, origin=ORIGIN)
    assert not report.ok
    with pytest.raises((CheckFailed, Unavailable)):
        open_ledger(path)


def test_a_log_that_was_cut_loses_whole_commits_only(tmp_path: Path) -> None:
    """A write-ahead log cut anywhere, as after a torn write, leaves the longest sound beginning: no entry is half there,
    and the next append continues.
    """
    path, copy = tmp_path / "ledger.sqlite", tmp_path / "copy.sqlite"
    with new_ledger(path) as ledger:
        for number in range(6):
            ledger.append(refusal(number))
        raw, log = path.read_bytes(), path.with_name("ledger.sqlite-wal").read_bytes()
    sizes = []
    for kept in [*range(0, len(log), 1_009), len(log)]:
        copy.write_bytes(raw)
        copy.with_name("copy.sqlite-wal").write_bytes(log[:kept])
        report = verify(copy, vkey=VKEY, origin=ORIGIN)
        assert report.ok
        with open_ledger(copy) as ledger:
            assert ledger.append(refusal(99)).index == report.size
        assert verify(copy, vkey=VKEY, origin=ORIGIN).ok
        sizes.append(report.size)
    assert sizes == sorted(sizes)
    assert set(sizes) == {1, 2, 3, 4, 5, 6, 7}


def test_a_log_with_a_flipped_bit_loses_whole_commits_only(tmp_path: Path) -> None:
    """A damaged write-ahead log ends before the damage; what is left verifies."""
    path, copy = tmp_path / "ledger.sqlite", tmp_path / "copy.sqlite"
    with new_ledger(path) as ledger:
        for number in range(3):
            ledger.append(refusal(number))
        raw, log = path.read_bytes(), bytearray(path.with_name("ledger.sqlite-wal").read_bytes())
    for place in range(40, len(log), 911):
        copy.write_bytes(raw)
        damaged = bytearray(log)
        damaged[place] ^= 1 << place % 8
        copy.with_name("copy.sqlite-wal").write_bytes(damaged)
        copy.with_name("copy.sqlite-shm").unlink(missing_ok=True)
        report = verify(copy, vkey=VKEY, origin=ORIGIN)
        assert report.ok
        assert 1 <= report.size <= 4
        with Ledger.open(copy, pinned=VKEY) as ledger:
            assert ledger.size == report.size
