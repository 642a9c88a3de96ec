"""What a department remembers: evidence serves once, whatever is restarted, and an older ledger is found out."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from audit.ledger import Ledger
from audit.receipt import verify_receipt
from connectors.evidence import Evidence
from connectors.memory import NEWEST, USED, Memory, newest_checkpoint, size_of
from governance.errors import CheckFailed, Unavailable
from tests.audit.samples import ORIGIN, VKEY
from tests.connectors.clinic import PSEUDONYM, Clinic, order


@pytest.fixture
def evidence(clinic: Clinic) -> Evidence:
    """Of one scan."""
    return clinic.evidence(order(clinic, "clinic.person", {"person_id": PSEUDONYM}))


def take(memory: Memory, evidence: Evidence) -> None:
    """Remember evidence with the checkpoint that it rests on."""
    memory.take(evidence, checkpoint=verify_receipt(evidence.receipt, vkey=VKEY, origin=ORIGIN))


def test_evidence_serves_once_in_every_process(tmp_path: Path, evidence: Evidence) -> None:
    """A memory that is open already, and one that is opened afterwards, both know what a third one took."""
    first, second = Memory(tmp_path), Memory(tmp_path)
    take(first, evidence)
    for memory in (first, second, Memory(tmp_path)):
        with pytest.raises(CheckFailed) as caught:
            take(memory, evidence)
        assert caught.value.code == "scan-evidence-used"


def test_of_many_that_come_at_once_one_is_served(tmp_path: Path, evidence: Evidence) -> None:
    """The question and the note are one step."""

    def served(_: int) -> bool:
        try:
            take(Memory(tmp_path), evidence)
        except CheckFailed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(served, range(32))) == 1


def test_half_a_note_of_a_process_that_died_is_no_note(tmp_path: Path, clinic: Clinic) -> None:
    """What stands behind the last whole record is written over, and hides nothing that comes after."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    one, two = clinic.evidence(ask), clinic.evidence(ask)
    take(Memory(tmp_path), one)
    with (tmp_path / USED).open("ab") as file:
        file.write(b"half")
    take(Memory(tmp_path), two)
    for evidence in (one, two):
        with pytest.raises(CheckFailed):
            take(Memory(tmp_path), evidence)


def test_a_memory_that_was_cut_short_gives_nothing(tmp_path: Path, clinic: Clinic) -> None:
    """A running department sees that its notes are fewer than they were."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    memory = Memory(tmp_path)
    take(memory, clinic.evidence(ask))
    (tmp_path / USED).write_bytes(b"")
    with pytest.raises(Unavailable) as caught:
        take(memory, clinic.evidence(ask))
    assert caught.value.code == "department-memory"


def test_only_the_owner_reads_it_and_a_link_is_not_followed(tmp_path: Path, evidence: Evidence) -> None:
    """The files are the department's own."""
    own = tmp_path / "own"
    take(Memory(own), evidence)
    assert {path.name: path.stat().st_mode & 0o777 for path in own.iterdir()} == {USED: 0o600, NEWEST: 0o600}
    (own / USED).rename(own / "elsewhere")
    (own / USED).symlink_to(own / "elsewhere")
    with pytest.raises(Unavailable):
        take(Memory(own), evidence)


def test_the_newest_checkpoint_stays(tmp_path: Path, clinic: Clinic) -> None:
    """Evidence of an earlier decision that comes late takes nothing back."""
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    earlier, later = clinic.evidence(ask), clinic.evidence(ask)
    for evidence in (later, earlier):
        take(Memory(tmp_path), evidence)
    assert newest_checkpoint(tmp_path) == later.receipt.checkpoint
    assert newest_checkpoint(tmp_path / "nowhere") is None


def test_yesterdays_ledger_does_not_continue_what_departments_have_seen(clinic: Clinic, tmp_path: Path) -> None:
    """A copy of the ledger that was made before a scan is refused with the checkpoint that the scan has left behind."""
    path, copy = clinic.root.parent / "ledger.sqlite", tmp_path / "yesterday.sqlite"
    with closing(sqlite3.connect(path)) as now, closing(sqlite3.connect(copy)) as then:
        now.backup(then)
    clinic.scan(order(clinic, "clinic.person", {"person_id": PSEUDONYM}))
    seen = newest_checkpoint(clinic.root / "clinic")
    assert size_of(seen or "") == clinic.ledger.size
    Ledger.open(path, pinned=VKEY, seen=seen).close()
    with pytest.raises(CheckFailed) as caught:
        Ledger.open(copy, pinned=VKEY, seen=seen)
    assert caught.value.code == "ledger-rolled-back"
