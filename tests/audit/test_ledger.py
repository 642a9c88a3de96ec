"""The ledger as it is used: create, append, read, prove, open again."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.entry import parse_entry
from audit.hashing import leaf_hash
from audit.ledger import Ledger
from audit.merkle_verify import verify_consistency, verify_inclusion
from audit.note import make_signer
from audit.receipt import Receipt, parse_receipt, verify_receipt
from audit.verification import verify
from governance.errors import BadInput, CheckFailed, Unavailable
from governance.log import configure_log
from tests.audit.samples import (
    GENESIS,
    ORIGIN,
    OTHER_KEY,
    SIDECAR,
    SIGNER,
    VKEY,
    every_kind,
    fill,
    genesis,
    new_ledger,
    open_ledger,
    refusal,
    spoil,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the ledger of a test is."""
    return tmp_path / "ledger.sqlite"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    """A ledger with its first entry."""
    with new_ledger(path) as opened:
        yield opened


def test_a_new_ledger_holds_its_first_entry(ledger: Ledger) -> None:
    """It says which ledger this is, of which deployment, and is signed."""
    assert ledger.size == 1
    assert ledger.entry(0).document == genesis()
    assert (ledger.origin, ledger.vkey) == (ORIGIN, VKEY)
    verify_receipt(ledger.receipt(0), vkey=VKEY, origin=ORIGIN)


def test_receipts_verify_with_key_and_origin_alone(ledger: Ledger) -> None:
    """Each append returns a receipt under a checkpoint that covers the entry."""
    for index, entry in enumerate(every_kind(), start=1):
        receipt = ledger.append(entry, sidecars=[SIDECAR] if index == 1 else ())
        assert receipt.index == index
        assert parse_entry(receipt.entry) == entry
        assert verify_receipt(receipt, vkey=VKEY, origin=ORIGIN).size == index + 1
        assert parse_receipt(receipt.text, entry=receipt.entry) == receipt


def test_a_batch_is_one_commit_under_one_checkpoint(ledger: Ledger) -> None:
    """All receipts of a batch rest on the same checkpoint, which covers all of it."""
    receipts = ledger.append_all(every_kind(), sidecars=[SIDECAR])
    assert [receipt.index for receipt in receipts] == list(range(1, 11))
    assert {receipt.checkpoint for receipt in receipts} == {ledger.checkpoint().note}
    for receipt in receipts:
        assert verify_receipt(receipt, vkey=VKEY, origin=ORIGIN).size == 11


@given(st.lists(st.integers(1, 9), min_size=1, max_size=7))
@settings(max_examples=15)
def test_any_way_of_batching_makes_the_same_ledger(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> None:
    """The same entries in other commits have the same root, and every receipt on the way verifies."""
    folder = tmp_path_factory.mktemp("batches")
    entries = iter([refusal(number) for number in range(100)])
    with new_ledger(folder / "a.sqlite") as batched, new_ledger(folder / "b.sqlite") as whole:
        for size in sizes:
            for receipt in batched.append_all([next(entries) for _ in range(size)]):
                verify_receipt(receipt, vkey=VKEY, origin=ORIGIN)
        whole.append_all([refusal(number) for number in range(sum(sizes))])
        assert batched.checkpoint() == whole.checkpoint()


def test_entries_are_read_in_order(ledger: Ledger) -> None:
    """Any range of entries comes as it was written, and the end is where it is now."""
    fill(ledger)
    written = [genesis(), *every_kind()]
    assert [entry.document for entry in ledger.entries()] == written
    assert [entry.index for entry in ledger.entries(3, 6)] == [3, 4, 5]
    assert [entry.document for entry in ledger.entries(9, 999)] == written[9:]
    assert list(ledger.entries(5, 5)) == list(ledger.entries(999)) == list(ledger.entries(7, 3)) == []
    assert [ledger.entry(index).document for index in range(11)] == written


def test_long_ranges_are_read_in_parts(ledger: Ledger) -> None:
    """More entries than one read takes come without gap, and entries appended meanwhile do not disturb."""
    ledger.append_all([refusal(number) for number in range(1_200)])
    seen = []
    for entry in ledger.entries():
        if entry.index == 3:
            ledger.append(refusal(5_000))
        seen.append(entry.index)
    assert seen == list(range(1_201))


@pytest.mark.parametrize("index", [-1, 11, 2**40])
def test_entries_that_do_not_exist_are_refused(ledger: Ledger, index: int) -> None:
    """The error says how many there are."""
    fill(ledger)
    for ask in (ledger.entry, ledger.receipt, ledger.prove_inclusion):
        with pytest.raises(BadInput, match="ledger-index-unknown") as refused:
            ask(index)
        assert refused.value.params == {"index": index, "size": 11}


@pytest.mark.parametrize("digest", ["", "x", "0" * 63, "0" * 64, "G" * 64, "0" * 65, "\uff10" * 64])
def test_sidecars_that_do_not_exist_are_refused(ledger: Ledger, digest: str) -> None:
    """A digest that nobody wrote, and what is none."""
    with pytest.raises(BadInput, match="sidecar-unknown"):
        ledger.sidecar(digest)


def test_every_proof_that_the_ledger_makes_verifies(ledger: Ledger) -> None:
    """Inclusion of each entry in each tree that held it, and consistency of each pair of trees."""
    heads: list[Checkpoint] = [ledger.checkpoint()]
    for number in range(20):
        ledger.append(refusal(number))
        heads.append(ledger.checkpoint())
    bodies = [entry.body for entry in ledger.entries()]
    for new in heads:
        for index in range(new.size):
            proof = ledger.prove_inclusion(index, new.size)
            verify_inclusion(leaf_hash(bodies[index]), index=index, size=new.size, proof=proof, root=new.root)
        for old in heads[: new.size]:
            proof = ledger.prove_consistency(old.size, new.size)
            verify_consistency(old=old.size, old_root=old.root, new=new.size, new_root=new.root, proof=proof)
    assert ledger.prove_inclusion(3) == ledger.prove_inclusion(3, 21)
    assert ledger.prove_consistency(3) == ledger.prove_consistency(3, 21)


def test_sizes_that_were_never_there_have_no_proof(ledger: Ledger) -> None:
    """Nothing is proven about the future, nor from nothing."""
    fill(ledger)
    with pytest.raises(BadInput, match="ledger-index-unknown"):
        ledger.prove_inclusion(0, 12)
    for old, new in ((0, 11), (5, 4), (1, 12), (12, 12)):
        with pytest.raises(BadInput, match="proof-sizes"):
            ledger.prove_consistency(old, new)


def test_a_receipt_can_be_made_anew(ledger: Ledger) -> None:
    """For any entry, under the newest checkpoint."""
    fill(ledger)
    for index in range(11):
        receipt = ledger.receipt(index)
        assert verify_receipt(receipt, vkey=VKEY, origin=ORIGIN) == ledger.checkpoint()


# --- opening ----------------------------------------------------------------------------------------------------------


def test_a_ledger_goes_on_after_it_was_closed(path: Path) -> None:
    """What was appended is there, and the next index is the next."""
    with new_ledger(path) as ledger:
        fill(ledger)
        head = ledger.checkpoint()
    with open_ledger(path, seen=head.note) as ledger:
        assert ledger.checkpoint() == head
        assert ledger.append(refusal(50)).index == 11
    assert verify(path, vkey=VKEY, origin=ORIGIN).ok


def test_two_open_ledgers_see_each_other(path: Path, ledger: Ledger) -> None:
    """Each continues what the other wrote, and the receipts of both verify."""
    with open_ledger(path) as other:
        receipts = [(ledger, other)[number % 2].append(refusal(number)) for number in range(10)]
        assert ledger.checkpoint() == other.checkpoint()
    assert [receipt.index for receipt in receipts] == list(range(1, 11))
    for receipt in receipts:
        verify_receipt(receipt, vkey=VKEY, origin=ORIGIN)


def test_a_ledger_is_never_replaced(path: Path, ledger: Ledger) -> None:
    """Creating one where a file is, is refused and changes nothing."""
    before = path.read_bytes()
    with pytest.raises(BadInput, match="ledger-exists"):
        new_ledger(path)
    assert path.read_bytes() == before
    assert {each.name for each in path.parent.iterdir()} == {"ledger.sqlite", "ledger.sqlite-shm", "ledger.sqlite-wal"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"origin": "other.example/ledger"}, "ledger-origin"), ({"genesis": {**GENESIS, "demo": "yes"}}, "entry-field")],
)
def test_a_ledger_that_cannot_begin_leaves_no_file(path: Path, changes: dict[str, Any], code: str) -> None:
    """A wrong origin or a first entry outside the schema is refused before anything is made."""
    with pytest.raises(BadInput, match=code):
        Ledger.create(path, **{"signer": SIGNER, "origin": ORIGIN, "genesis": GENESIS, **changes})
    assert list(path.parent.iterdir()) == []


def test_a_ledger_in_a_folder_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """Nobody makes the folder by accident."""
    with pytest.raises(Unavailable, match="ledger-unavailable"):
        new_ledger(tmp_path / "nowhere" / "ledger.sqlite")


def test_a_missing_file_is_unavailable(path: Path) -> None:
    """Opening never creates."""
    with pytest.raises(Unavailable, match="ledger-missing") as refused:
        open_ledger(path)
    assert refused.value.params == {"file": "ledger.sqlite"}
    assert not path.exists()


def test_another_key_is_refused(path: Path, ledger: Ledger) -> None:
    """Neither a pinned key that did not sign, nor a signer that is not the pinned one, opens a ledger."""
    fill(ledger)
    with pytest.raises(CheckFailed, match="note-unsigned"):
        Ledger.open(path, signer=OTHER_KEY, pinned=OTHER_KEY.verifier.vkey)
    with pytest.raises(CheckFailed, match="ledger-key-other"):
        Ledger.open(path, signer=OTHER_KEY, pinned=VKEY)
    renamed = make_signer("other.example/ledger", seed=bytes(range(32)))
    with pytest.raises(CheckFailed, match="note-unsigned"):
        Ledger.open(path, pinned=renamed.verifier.vkey)


def test_without_a_key_a_ledger_is_read_only(path: Path, ledger: Ledger) -> None:
    """An auditor reads and proves, and cannot append."""
    fill(ledger)
    with Ledger.open(path, pinned=VKEY) as reader:
        assert reader.checkpoint() == ledger.checkpoint()
        assert len(list(reader.entries())) == 11
        with pytest.raises(Unavailable, match="ledger-read-only"):
            reader.append(refusal(50))


@pytest.mark.parametrize("content", [b"", b"not a database", b"SQLite format 3\x00" + bytes(4080)])
def test_a_file_that_is_no_ledger_is_damaged(path: Path, content: bytes) -> None:
    """Nothing is made of a file that is something else."""
    path.write_bytes(content)
    with pytest.raises(CheckFailed, match="ledger-damaged"):
        open_ledger(path)
    with pytest.raises(CheckFailed, match="ledger-damaged"):
        Ledger.open(path, pinned=VKEY)
    assert path.read_bytes() == content


def test_another_database_is_damaged(path: Path) -> None:
    """A database of another program is no ledger, even with tables of the same names."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE entries (idx INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    with pytest.raises(CheckFailed, match="ledger-damaged"):
        open_ledger(path)


def test_a_locked_file_is_busy(path: Path, ledger: Ledger) -> None:
    """Somebody who holds the file for himself makes opening and appending fail, and only for as long as he does."""
    with open_ledger(path, busy_seconds=0.05) as waiting, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="ledger-busy"):
            waiting.append(refusal(1))
        other.execute("ROLLBACK")
        assert waiting.append(refusal(2)).index == 1
    ledger.close()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        for key in (SIGNER, None):
            with pytest.raises(Unavailable, match="ledger-busy"):
                Ledger.open(path, signer=key, pinned=VKEY, busy_seconds=0.05)
        other.execute("ROLLBACK")


def test_yesterdays_copy_is_refused_by_a_checkpoint_seen_since(path: Path, tmp_path: Path) -> None:
    """A whole and sound older copy in the ledger's place does not open for whoever knows a later checkpoint (F19)."""
    with new_ledger(path) as ledger:
        fill(ledger)
    yesterday = path.read_bytes()
    with open_ledger(path) as ledger:
        receipt = ledger.append(refusal(50))
    path.write_bytes(yesterday)
    with pytest.raises(CheckFailed, match="ledger-rolled-back") as refused:
        open_ledger(path, seen=receipt.checkpoint)
    assert refused.value.params == {"file": "ledger.sqlite", "seen": 12, "size": 11}


def test_a_copy_that_went_another_way_is_refused_by_a_checkpoint_seen_since(path: Path) -> None:
    """Yesterday's copy that was appended to since is as long, and still not a continuation."""
    with new_ledger(path) as ledger:
        fill(ledger)
    yesterday = path.read_bytes()
    with open_ledger(path) as ledger:
        receipt = ledger.append(refusal(50))
    path.write_bytes(yesterday)
    with open_ledger(path) as ledger:
        ledger.append(refusal(51))
        ledger.append(refusal(52))
    with pytest.raises(CheckFailed, match="ledger-forked"):
        open_ledger(path, seen=receipt.checkpoint)


def test_a_seen_checkpoint_has_to_be_this_ledgers(path: Path, ledger: Ledger) -> None:
    """A checkpoint of another key is no evidence, and garbage is bad input."""
    foreign = sign_checkpoint(size=1, root=bytes(32), signer=OTHER_KEY)
    with pytest.raises(CheckFailed, match="note-unsigned"):
        open_ledger(path, seen=foreign.note)
    with pytest.raises(BadInput, match="note-malformed"):
        open_ledger(path, seen="garbage")


def test_a_ledger_that_is_swapped_while_open_takes_no_entry(path: Path, ledger: Ledger) -> None:
    """A writer that finds an older state than it left refuses, and refuses from then on."""
    fill(ledger)
    with open_ledger(path) as other:
        older = other.checkpoint().note
        receipt = ledger.append(refusal(50))
        spoil(
            path,
            "DELETE FROM entries WHERE idx = 11",
            "DELETE FROM nodes WHERE position > 18",
            ("UPDATE checkpoint SET note = ?", (older.encode(),)),
        )
        with pytest.raises(CheckFailed, match="ledger-rolled-back"):
            ledger.append(refusal(51))
        with pytest.raises(Unavailable, match="ledger-unavailable"):
            ledger.append(refusal(52))
    assert receipt.index == 11


# --- damage found while reading ---------------------------------------------------------------------------------------


def _execute(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "statements",
    [
        pytest.param(("DROP TRIGGER entries_update",), id="a-trigger-is-gone"),
        pytest.param(("CREATE TABLE more (x)",), id="a-table-more"),
        pytest.param(("PRAGMA application_id = 1",), id="another-application"),
        pytest.param(("PRAGMA user_version = 2",), id="another-format"),
        pytest.param(("UPDATE checkpoint SET note = CAST('garbage' AS BLOB)",), id="checkpoint-garbled"),
        pytest.param(("DROP TRIGGER checkpoint_delete", "DELETE FROM checkpoint"), id="checkpoint-gone"),
    ],
)
def test_a_file_that_is_not_as_it_was_made_does_not_open(path: Path, statements: tuple[str, ...]) -> None:
    """Format, guards and checkpoint are looked at on every opening."""
    new_ledger(path).close()
    _execute(path, *statements)
    for key in (SIGNER, None):
        with pytest.raises(CheckFailed, match="ledger-damaged"):
            Ledger.open(path, signer=key, pinned=VKEY)


TAIL_DAMAGE = [
    pytest.param("DELETE FROM entries WHERE idx = 10", id="last-entry-gone"),
    pytest.param("DELETE FROM nodes WHERE position = 18", id="last-node-gone"),
    pytest.param("UPDATE entries SET body = x'7b7d' WHERE idx = 10", id="last-entry-changed"),
    pytest.param("UPDATE nodes SET hash = zeroblob(32) WHERE position = 18", id="last-leaf-hash-changed"),
    pytest.param("UPDATE nodes SET hash = zeroblob(32) WHERE position = 14", id="a-peak-changed"),
    pytest.param("INSERT INTO entries SELECT 11, body FROM entries WHERE idx = 1", id="an-entry-more"),
    pytest.param("INSERT INTO nodes SELECT 19, hash FROM nodes WHERE position = 0", id="a-node-more"),
]


@pytest.mark.parametrize("statement", TAIL_DAMAGE)
def test_a_ledger_whose_end_was_changed_does_not_open(path: Path, statement: str) -> None:
    """The checkpoint is held against the right edge of the tree on every opening."""
    with new_ledger(path) as ledger:
        fill(ledger)
    spoil(path, statement)
    with pytest.raises(CheckFailed, match="ledger-damaged"):
        open_ledger(path)


def test_triggers_keep_mistakes_out(path: Path) -> None:
    """No plain SQL changes, removes, reorders or replaces what was appended."""
    with new_ledger(path) as ledger:
        fill(ledger)
    statements = [
        f"{verb} {table} {rest}"
        for table, column in (("entries", "body"), ("nodes", "hash"), ("sidecars", "body"), ("requests", "idx"))
        for verb, rest in (("UPDATE", f"SET {column} = {column}"), ("DELETE FROM", ""))
    ]
    statements += [
        "DELETE FROM checkpoint",
        "INSERT INTO entries SELECT 13, body FROM entries WHERE idx = 1",
        "INSERT OR REPLACE INTO entries SELECT 5, body FROM entries WHERE idx = 1",
        "REPLACE INTO nodes SELECT 5, hash FROM nodes WHERE position = 1",
        "REPLACE INTO sidecars SELECT digest, x'00' FROM sidecars",
        "REPLACE INTO requests SELECT request, kind, 9 FROM requests",
        "INSERT OR IGNORE INTO requests SELECT request, kind, 9 FROM requests",
    ]
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            with pytest.raises(sqlite3.IntegrityError):
                connection.execute(statement)
    assert verify(path, vkey=VKEY, origin=ORIGIN).ok


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = x'7b7d' WHERE idx = 4",
        "UPDATE entries SET idx = 40 WHERE idx = 4",
        "UPDATE sidecars SET body = x'7b7d'",
    ],
)
def test_damage_is_noticed_where_it_is_read(path: Path, statement: str) -> None:
    """An entry or a sidecar that was changed under an open ledger is reported, not returned."""
    with new_ledger(path) as ledger:
        fill(ledger)
        spoil(path, statement)

        def read_everything() -> None:
            for entry in ledger.entries():
                if "input_digest" in entry.document:
                    ledger.sidecar(entry.document["input_digest"])

        with pytest.raises(CheckFailed, match="ledger-damaged"):
            read_everything()


# --- processes and failures -------------------------------------------------------------------------------------------


def test_a_closed_ledger_does_not_append(path: Path, ledger: Ledger) -> None:
    """Neither writing nor reading goes on after closing; closing twice is no mistake."""
    ledger.close()
    ledger.close()
    with pytest.raises(Unavailable, match="ledger-unavailable"):
        ledger.append(refusal(1))
    with pytest.raises(Unavailable, match="ledger-unavailable"):
        ledger.checkpoint()


def test_writing_is_durable_by_setting(path: Path) -> None:
    """The writing connection has the write-ahead log and syncs on every commit; both were read back."""
    made: list[sqlite3.Connection] = []

    class Recording(sqlite3.Connection):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            made.append(self)

    new_ledger(path).close()
    with open_ledger(path, connection=Recording):
        settings_found = [
            (c.execute("PRAGMA journal_mode").fetchone()[0], c.execute("PRAGMA synchronous").fetchone()[0])
            for c in made
        ]
    assert settings_found[0] == ("wal", 2)


def test_a_file_system_without_a_write_ahead_log_is_refused(path: Path) -> None:
    """A file that was taken out of the journal mode is not appended to."""
    new_ledger(path).close()
    _execute(path, "PRAGMA journal_mode = DELETE")
    with pytest.raises(CheckFailed, match="ledger-damaged"):
        open_ledger(path)


def test_a_failure_is_logged_without_data(path: Path, ledger: Ledger) -> None:
    """The line names the failure by SQLite's own name for it and nothing of the entry."""
    stream = io.StringIO()
    configure_log(stream)
    try:
        _execute(path, "DROP TABLE nodes")
        with pytest.raises(Unavailable, match="ledger-unavailable"):
            ledger.append(refusal(1))
    finally:
        configure_log()
    line = json.loads(stream.getvalue())
    assert line["event"] == "ledger-unavailable"
    assert line["reason"] == "SQLITE_ERROR"
    assert line.keys() == {"event", "level", "timestamp", "stage", "reason", "exception_type"}


def test_receipts_are_values() -> None:
    """Two receipts of the same content are equal, and one with another index is not."""
    receipt = Receipt(index=0, entry=b"{}", proof=(), checkpoint="")
    assert receipt == Receipt(index=0, entry=b"{}", proof=(), checkpoint="")
    assert receipt != replace(receipt, index=1)
