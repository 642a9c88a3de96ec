"""The second opinion, step by step: each numbered step of `verify` has the tests that carry its number."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from audit.checkpoint import sign_checkpoint
from audit.encoding import encode_entry
from audit.findings import MAX_FINDINGS, Finding
from audit.hashing import leaf_hash
from audit.merkle import EMPTY_TREE, inclusion_proof
from audit.note import Signer, sign_note
from audit.receipt import Receipt
from audit.verification import VerificationReport, verify
from governance.errors import BadInput, Unavailable, message_codes
from tests.audit.samples import (
    ORIGIN,
    OTHER_KEY,
    SIGNER,
    VKEY,
    approval,
    decision,
    denial,
    every_kind,
    fill,
    genesis,
    new_ledger,
    open_ledger,
    refusal,
    release,
    signing_decision,
    spoil,
)

SIZE = 11


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sound ledger with every kind of entry, closed."""
    file = tmp_path / "ledger.sqlite"
    with new_ledger(file) as ledger:
        fill(ledger)
    return file


@pytest.fixture
def receipts(path: Path) -> tuple[Receipt, ...]:
    """A receipt for each entry, under the checkpoint of the whole."""
    with open_ledger(path) as ledger:
        return tuple(ledger.receipt(index) for index in range(SIZE))


def check(path: Path, **options: Any) -> VerificationReport:
    """Verify with the key and the origin that the tests pin."""
    return verify(path, **{"vkey": VKEY, "origin": ORIGIN, **options})


def codes(report: VerificationReport) -> list[tuple[str, int | None]]:
    """The findings, short."""
    assert report.ok == (not report.findings)
    return [(finding.code, finding.index) for finding in report.findings]


def rewrite(
    path: Path, documents: Sequence[Mapping[str, Any] | bytes], *, signer: Signer = SIGNER, **changes: Any
) -> None:
    """Put other entries into the file, with nodes, index of requests and signature to match.

    This is what the holder of the key could do, and the writer would not: it leaves the checks of content alone.
    """
    bodies = [d if isinstance(d, bytes) else encode_entry(d) for d in documents]
    tree, nodes = EMPTY_TREE.extend(map(leaf_hash, bodies))
    checkpoint = sign_checkpoint(size=tree.size, root=tree.root(), signer=signer)
    acts: dict[tuple[bytes, str], int] = {}
    for index, document in enumerate(documents):
        if not isinstance(document, bytes) and document["kind"] in ("decision", "release"):
            acts.setdefault((bytes.fromhex(document["request"]), document["kind"]), index)
    spoil(
        path,
        "DELETE FROM entries",
        "DELETE FROM nodes",
        "DELETE FROM requests",
        *(("INSERT INTO entries VALUES (?, ?)", row) for row in enumerate(bodies)),
        *(("INSERT INTO nodes VALUES (?, ?)", row) for row in enumerate(nodes)),
        *(("INSERT INTO requests VALUES (?, ?, ?)", (*act, index)) for act, index in acts.items()),
        ("UPDATE checkpoint SET note = ?", (changes.get("note", checkpoint.note).encode(),)),
    )


def test_a_sound_ledger_is_found_sound(path: Path, receipts: tuple[Receipt, ...]) -> None:
    """Size and root are those of the checkpoint, and every receipt holds."""
    report = check(path, receipts=receipts)
    with open_ledger(path) as ledger:
        head = ledger.checkpoint()
    assert report == VerificationReport(ok=True, size=SIZE, root=head.root.hex(), first_bad_index=None, findings=())


def test_a_ledger_is_verified_while_others_write(path: Path) -> None:
    """The reading sees one state, and entries that come meanwhile neither wait nor disturb."""
    with open_ledger(path) as ledger:
        ledger.append_all([refusal(number) for number in range(100, 10_100)])
        seen: list[int] = []

        def progress(count: int) -> None:
            seen.append(count)
            ledger.append(refusal(50_000))

        report = check(path, progress=progress)
        assert (report.ok, report.size, seen) == (True, 10_011, [10_000])
        assert check(path).size == 10_012


def test_the_verifier_shares_no_writing_code() -> None:
    """Importing it imports none of the modules that make trees, entries or files."""
    found = subprocess.run(
        [
            sys.executable,
            "-c",
            "import audit.verification, sys; print(*sorted(m for m in sys.modules if m.startswith('audit.')))",
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ).stdout.split()
    assert "audit.merkle_verify" in found
    writing = {
        f"audit.{name}" for name in ("merkle", "encoding", "store", "admission", "writer", "head", "ledger", "keys")
    }
    assert writing.isdisjoint(found)


def test_every_finding_has_its_sentences(path: Path) -> None:
    """Codes of findings have texts in both languages, with and without an index."""
    found = {code for code in message_codes() if code.startswith("finding-")}
    source = Path(__file__).resolve().parents[2] / "audit"
    used = {
        code
        for code in found
        for module in ("verification.py", "tree_check.py")
        if f'"{code}"' in (source / module).read_text()
    }
    assert used == found
    for code in found:
        for index in (7, None):
            finding = Finding(code=code, index=index)
            assert finding.text("ja") != finding.text("en") != ""


def test_a_file_that_is_not_there_is_unavailable(tmp_path: Path) -> None:
    """What cannot be read is not judged."""
    with pytest.raises(Unavailable, match="ledger-missing"):
        check(tmp_path / "ledger.sqlite")
    with pytest.raises(Unavailable, match="ledger-missing"):
        check(tmp_path)


def test_a_key_that_is_none_is_bad_input(path: Path) -> None:
    """Nothing is verified against garbage."""
    with pytest.raises(BadInput, match="key-malformed"):
        check(path, vkey="garbage")


def test_the_list_of_findings_is_limited(path: Path) -> None:
    """A ledger in which everything is wrong gives a report of bounded length that still names the first index."""
    rewrite(path, [genesis(), *([b"{}"] * (MAX_FINDINGS + 50))])
    report = check(path)
    assert len(report.findings) == MAX_FINDINGS
    assert report.first_bad_index == 1


# --- 1. The file is a ledger of this format -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statements",
    [
        ("DROP TRIGGER entries_update",),
        (
            "DROP TRIGGER checkpoint_delete",
            "CREATE TRIGGER checkpoint_delete BEFORE DELETE ON checkpoint BEGIN SELECT 1; END",
        ),
        ("CREATE TABLE more (x)",),
        ("CREATE INDEX more ON entries (body)",),
        ("ALTER TABLE entries ADD COLUMN more INTEGER",),
        ("PRAGMA application_id = 0",),
        ("PRAGMA user_version = 2",),
    ],
)
def test_step_1_a_file_of_another_make_is_found(path: Path, statements: tuple[str, ...]) -> None:
    """A missing or another trigger, a further table, index or column, another application or format."""
    with closing(sqlite3.connect(path, isolation_level=None)) as attacker:
        for statement in statements:
            attacker.execute(statement)
    assert codes(check(path)) == [("finding-format", None)]


@pytest.mark.parametrize("content", [b"", b"x" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_step_1_a_file_that_is_no_database_is_found(path: Path, content: bytes) -> None:
    """A report, not an error: the file is there and it is not a ledger."""
    path.write_bytes(content)
    report = check(path)
    assert not report.ok
    assert report.size == 0


# --- 2. The checkpoint opens under the pinned key, for the pinned origin -----------------------------------------------


def test_step_2_another_key_is_found(path: Path) -> None:
    """Neither a foreign key nor a foreign origin verifies, and the entries are checked all the same."""
    report = check(path, vkey=OTHER_KEY.verifier.vkey)
    assert codes(report) == [("finding-checkpoint", None)]
    assert report.size == SIZE
    assert ("finding-checkpoint", None) in codes(check(path, origin="other.example/ledger"))


def test_step_2_a_forged_checkpoint_is_found(path: Path) -> None:
    """A whole history, rewritten without a trace and signed by another key of the same name."""
    forged = [genesis(), *(entry for entry in every_kind())]
    forged[2] = release(1, decided=1, rows=1)
    rewrite(path, forged, signer=OTHER_KEY)
    assert codes(check(path)) == [("finding-checkpoint", None)]


@pytest.mark.parametrize("note", ["", "garbage\n", "\n\n\u2014 x y\n"])
def test_step_2_a_garbled_checkpoint_is_found(path: Path, note: str) -> None:
    """What is no note is not believed."""
    spoil(path, ("UPDATE checkpoint SET note = ?", (note.encode(),)))
    assert codes(check(path)) == [("finding-checkpoint", None)]


def test_step_2_a_checkpoint_in_another_row_is_found(path: Path) -> None:
    """The verifier believes the row that the ledger reads, and no other."""
    spoil(path, "PRAGMA ignore_check_constraints = ON", "UPDATE checkpoint SET one = 17")
    assert codes(check(path)) == [("finding-checkpoint", None)]


def test_step_2_a_missing_checkpoint_is_found(path: Path) -> None:
    """No signature is no proof."""
    spoil(path, "DELETE FROM checkpoint")
    assert codes(check(path)) == [("finding-checkpoint", None)]


# --- 3. Entries stand at 0, 1, 2, … without gap, as many as the checkpoint says ----------------------------------------


@pytest.mark.parametrize("index", range(SIZE))
def test_step_3_a_removed_entry_is_named(path: Path, index: int) -> None:
    """Whichever entry is deleted, the report names it first."""
    spoil(path, f"DELETE FROM entries WHERE idx = {index}")
    report = check(path)
    assert report.first_bad_index == index
    assert ("finding-missing", index) in codes(report)


@pytest.mark.parametrize("kept", range(SIZE))
def test_step_3_a_cut_tail_is_named(path: Path, kept: int) -> None:
    """Entries cut from the end, with their nodes: the first that is missing is named."""
    nodes = EMPTY_TREE.extend([bytes(32)] * kept)[1]
    spoil(path, f"DELETE FROM entries WHERE idx >= {kept}", f"DELETE FROM nodes WHERE position >= {len(nodes)}")
    report = check(path)
    assert ("finding-missing", kept) in codes(report)
    assert report.first_bad_index == kept


def test_step_3_entries_that_nobody_signed_are_named(path: Path) -> None:
    """An entry appended with all that belongs to it, but without the key, lies beyond the checkpoint."""
    with open_ledger(path) as ledger:
        signed = ledger.checkpoint().note
        ledger.append(refusal(50))
    spoil(path, ("UPDATE checkpoint SET note = ?", (signed.encode(),)))
    assert codes(check(path)) == [("finding-beyond", SIZE)]


@pytest.mark.parametrize("index", [0, 3, 9])
def test_step_3_a_shifted_sequence_is_named(path: Path, index: int) -> None:
    """A gap made by renumbering is a gap."""
    spoil(path, f"UPDATE entries SET idx = idx + 100 WHERE idx > {index}")
    report = check(path)
    assert ("finding-missing", index + 1) in codes(report)
    assert report.first_bad_index == index + 1


def test_step_3_a_negative_index_is_named(path: Path) -> None:
    """Nothing stands before the first entry."""
    spoil(path, "UPDATE entries SET idx = -1 WHERE idx = 5")
    assert check(path).first_bad_index == 0


# --- 4. Each is canonical JSON and fits the schema; the first, and no other, is the ledger's own --------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"\xff",
        encode_entry(refusal(3)) + b" ",
        encode_entry(refusal(3)).replace(b"refusal", b"comment"),
        encode_entry(refusal(3)).replace(b'"center"', '"山田太郎"'.encode(), 1),
        encode_entry(refusal(3)).replace(b'"exit_status":2', b'"exit_status":2.0'),
        encode_entry(refusal(3))[:-1] + b',"v":1}',
        b"[" * 60_000,
    ],
)
def test_step_4_an_entry_outside_the_schema_is_named(path: Path, body: bytes) -> None:
    """Even if tree and signature fit: the key does not make an entry of it."""
    documents: list[Any] = [genesis(), *every_kind()]
    documents[4] = body
    rewrite(path, documents)
    assert codes(check(path)) == [("finding-entry", 4)]


def test_step_4_the_first_entry_is_the_ledgers_own(path: Path) -> None:
    """A ledger without its first entry, with two of them, or with another origin in it."""
    rewrite(path, [refusal(1), *every_kind()])
    assert codes(check(path)) == [("finding-genesis", 0)]
    rewrite(path, [genesis(), *every_kind(), genesis()])
    assert codes(check(path)) == [("finding-genesis", 11)]
    rewrite(path, [{**genesis(), "origin": "other.example/ledger"}, *every_kind()])
    assert codes(check(path)) == [("finding-genesis", 0)]


# --- 5. Leaf and interior hashes, computed anew, equal the stored nodes ------------------------------------------------


@pytest.mark.parametrize("index", range(SIZE))
def test_step_5_a_changed_entry_is_named_alone(path: Path, index: int) -> None:
    """Another sound entry in an entry's place: it is named, and nothing that follows from it."""
    other = {**genesis(), "demo": False} if index == 0 else refusal(900)
    spoil(path, ("UPDATE entries SET body = ? WHERE idx = ?", (encode_entry(other), index)))
    report = check(path)
    assert report.first_bad_index == index
    assert [found for found in codes(report) if found[0] == "finding-node"] == [("finding-node", index)]
    assert ("finding-root", None) in codes(report)


def test_step_5_every_changed_node_is_found(path: Path) -> None:
    """Whichever stored hash is changed, the entry whose append stored it is named."""
    owner = []
    tree = EMPTY_TREE
    for index in range(SIZE):
        tree, completed = tree.extend([bytes(32)])
        owner += [index] * len(completed)
    for position, index in enumerate(owner):
        with closing(sqlite3.connect(path)) as connection:
            (stored,) = connection.execute("SELECT hash FROM nodes WHERE position = ?", (position,)).fetchone()
        spoil(path, ("UPDATE nodes SET hash = zeroblob(32) WHERE position = ?", (position,)))
        assert codes(check(path)) == [("finding-node", index)]
        spoil(path, ("UPDATE nodes SET hash = ? WHERE position = ?", (stored, position)))
    assert check(path).ok


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("DELETE FROM nodes WHERE position = 0", 0),
        ("DELETE FROM nodes WHERE position = 8", 5),
        ("DELETE FROM nodes WHERE position = 18", 10),
        ("DELETE FROM nodes", 0),
        ("INSERT INTO nodes VALUES (19, zeroblob(32))", 11),
        ("INSERT INTO nodes VALUES (-1, zeroblob(32))", 0),
        ("UPDATE nodes SET position = 99 WHERE position = 8", 5),
    ],
)
def test_step_5_missing_and_further_nodes_are_found(path: Path, statement: str, index: int) -> None:
    """There are exactly the nodes of the tree, each in its place."""
    spoil(path, statement)
    assert codes(check(path)) == [("finding-node", index)]


@pytest.mark.parametrize(("first", "second"), [(0, 1), (1, 2), (3, 10), (6, 8)])
def test_step_5_entries_that_changed_places_are_named(path: Path, first: int, second: int) -> None:
    """Two entries swapped: the first of them is named."""
    spoil(
        path,
        f"UPDATE entries SET idx = -5 WHERE idx = {first}",
        f"UPDATE entries SET idx = {first} WHERE idx = {second}",
        f"UPDATE entries SET idx = {second} WHERE idx = -5",
    )
    assert check(path).first_bad_index == first


@pytest.mark.parametrize("index", range(SIZE))
def test_step_5_a_duplicated_entry_is_named(path: Path, index: int) -> None:
    """An entry written a second time, the rest moved up: the place of the copy is named."""
    spoil(
        path,
        f"UPDATE entries SET idx = -idx WHERE idx > {index}",
        "UPDATE entries SET idx = 1 - idx WHERE idx < 0",
        f"INSERT INTO entries SELECT {index} + 1, body FROM entries WHERE idx = {index}",
    )
    assert check(path).first_bad_index == index + 1


# --- 6. Time does not go back -----------------------------------------------------------------------------------------


def test_step_6_time_that_goes_back_is_named(path: Path) -> None:
    """By the instant, not by the text; one entry ahead of its time makes the next one late."""
    rewrite(
        path,
        [
            genesis(),
            refusal(1, time="2023-10-01T09:00:01+09:00"),
            refusal(2, time="2023-10-01T00:00:01Z"),
            refusal(3, time="2023-10-01T09:00:00.999999+09:00"),
            refusal(4, time="2023-10-01T09:00:01+09:00"),
        ],
    )
    spoil(path, "DELETE FROM sidecars")
    assert codes(check(path)) == [("finding-time", 3)]


# --- 7. References -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        pytest.param(release(1, decided=2), "finding-reference", id="release-of-another-entry"),
        pytest.param(release(9, decided=1), "finding-reference", id="release-of-another-request"),
        pytest.param(release(1, decided=4), "finding-reference", id="release-of-itself"),
        pytest.param(release(1, decided=99), "finding-reference", id="release-of-the-future"),
        pytest.param(release(2, decided=2), "finding-reference", id="release-of-a-denial"),
        pytest.param(approval(2, decided=2), "finding-reference", id="change-that-was-denied"),
        pytest.param(approval(9, decided=3), "finding-reference", id="change-of-another-request"),
        pytest.param(refusal(9, decision=1), "finding-reference", id="refusal-of-another-request"),
        pytest.param(decision(1), "finding-repeated", id="a-second-decision"),
        pytest.param(denial(1), "finding-repeated", id="a-denial-after-the-allow"),
    ],
)
def test_step_7_references_that_lead_nowhere_are_named(path: Path, entry: dict[str, Any], code: str) -> None:
    """What the writer refuses is found where somebody with the key wrote it all the same."""
    rewrite(path, [genesis(), decision(1), denial(2), signing_decision(3), entry])
    assert (code, 4) in codes(check(path))
    assert check(path).first_bad_index == 4


def test_step_7_a_second_release_is_named(path: Path) -> None:
    """A request is released once."""
    rewrite(path, [genesis(), decision(1), release(1, decided=1), release(1, decided=1)])
    assert codes(check(path)) == [("finding-repeated", 3)]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("DELETE FROM requests WHERE idx = 5", 5),
        ("UPDATE requests SET idx = 3 WHERE idx = 2", 2),
        ("UPDATE requests SET kind = 'release' WHERE idx = 3", 3),
        ("UPDATE requests SET request = zeroblob(16) WHERE idx = 9", 9),
        ("INSERT INTO requests VALUES (zeroblob(16), 'decision', 4)", 4),
    ],
)
def test_step_7_an_index_of_requests_that_says_otherwise_is_found(path: Path, statement: str, index: int) -> None:
    """A request taken out of the index could be sent again; one that is put in could never be."""
    spoil(path, statement)
    report = check(path)
    assert {code for code, _ in codes(report)} == {"finding-requests"}
    assert report.first_bad_index == index


# --- 8. Sidecars ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE sidecars SET body = x'7b7d'", ("finding-sidecar", 1)),
        ("DELETE FROM sidecars", ("finding-sidecar-missing", 1)),
        ("INSERT INTO sidecars VALUES (zeroblob(32), x'7b7d')", ("finding-sidecar", None)),
        (
            "INSERT INTO sidecars VALUES (x'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a', x'7b7d')",
            ("finding-sidecar-unnamed", None),
        ),
    ],
)
def test_step_8_changed_missing_and_stray_sidecars_are_found(
    path: Path, statement: str, found: tuple[str, int | None]
) -> None:
    """Each input is there as it was, and nothing else is."""
    spoil(path, statement)
    assert codes(check(path)) == [found]


# --- 9. The root is the checkpoint's ---------------------------------------------------------------------------------


def test_step_9_a_rewritten_history_does_not_have_the_signed_root(path: Path) -> None:
    """An entry replaced with all nodes to match: nothing fits any longer under the signature."""
    with open_ledger(path) as ledger:
        signed = ledger.checkpoint().note
    documents = [genesis(), *every_kind()]
    documents[2] = release(1, decided=1, rows=1)
    rewrite(path, documents, note=signed)
    assert codes(check(path)) == [("finding-root", None)]


def test_step_9_a_checkpoint_over_nothing_is_none(path: Path) -> None:
    """An emptied ledger with a signed empty head is not sound."""
    empty = sign_checkpoint(size=0, root=EMPTY_TREE.root(), signer=SIGNER).note
    rewrite(path, [], note=empty)
    spoil(path, "DELETE FROM sidecars")
    assert codes(check(path)) == [("finding-root", None)]


# --- 10. Receipts ------------------------------------------------------------------------------------------------------


def test_step_10_yesterdays_copy_is_found_by_any_later_receipt(path: Path) -> None:
    """A whole and sound older copy passes everything but a receipt given since (F19)."""
    yesterday = path.read_bytes()
    with open_ledger(path) as ledger:
        later = [ledger.append(refusal(50)), ledger.append(refusal(51)), ledger.receipt(2)]
    path.write_bytes(yesterday)
    assert check(path).ok
    for receipt in later:
        assert codes(check(path, receipts=[receipt])) == [("finding-rolled-back", SIZE)]


def test_step_10_a_copy_that_went_another_way_is_found(path: Path) -> None:
    """Yesterday's copy that was appended to since, under the right key."""
    yesterday = path.read_bytes()
    with open_ledger(path) as ledger:
        own, older = ledger.append(refusal(50)), ledger.receipt(2)
    path.write_bytes(yesterday)
    with open_ledger(path) as ledger:
        ledger.append_all([refusal(60), refusal(61)])
    assert codes(check(path, receipts=[own])) == [("finding-receipt-history", None), ("finding-receipt-entry", 11)]
    assert codes(check(path, receipts=[older])) == [("finding-receipt-history", None)]


def test_step_10_a_rewritten_history_is_found_by_old_receipts(path: Path, receipts: tuple[Receipt, ...]) -> None:
    """Even the holder of the key cannot rewrite what somebody has a receipt for; the receipt's own entry is named."""
    documents = [genesis(), *every_kind()]
    documents[2] = release(1, decided=1, rows=1)
    rewrite(path, documents)
    assert check(path).ok
    found = codes(check(path, receipts=receipts))
    assert found == [("finding-receipt-history", None), ("finding-receipt-entry", 2)]


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda receipt: replace(receipt, entry=b"{}"),
        lambda receipt: replace(receipt, index=4),
        lambda receipt: replace(receipt, proof=()),
        lambda receipt: replace(receipt, checkpoint="garbage"),
        lambda receipt: replace(receipt, checkpoint=sign_note("other.example\n11\n\n", SIGNER)),
    ],
)
def test_step_10_a_receipt_that_proves_nothing_is_found(
    path: Path, receipts: tuple[Receipt, ...], spoiled: Any
) -> None:
    """It is reported, and held against no entry."""
    assert codes(check(path, receipts=[spoiled(receipts[3])])) == [("finding-receipt", None)]


def test_step_10_a_receipt_of_a_foreign_key_is_found(path: Path) -> None:
    """A consistent forgery is no evidence against the ledger."""
    tree, nodes = EMPTY_TREE.extend([leaf_hash(b"forged")] * 3)
    forged = Receipt(
        index=1,
        entry=b"forged",
        proof=inclusion_proof(1, size=3, node=nodes.__getitem__),
        checkpoint=sign_checkpoint(size=3, root=tree.root(), signer=OTHER_KEY).note,
    )
    assert codes(check(path, receipts=[forged])) == [("finding-receipt", None)]


# --- a copy that cannot be written ---------------------------------------------------------------------------------------

READ_ONLY = """
import os, sys
from pathlib import Path
from audit.ledger import Ledger
from audit.verification import verify
original, copy, vkey, origin = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
# Loads everything that is loaded late, while this account may still read the interpreter's own files.
verify(original, vkey=vkey, origin=origin)
if os.geteuid() == 0:
    os.setuid(65534)
with Ledger.open(copy, pinned=vkey) as ledger:
    print(verify(copy, vkey=vkey, origin=origin).ok, len(list(ledger.entries())))
"""


@pytest.fixture
def read_only_copy(path: Path) -> Iterator[Path]:
    """The ledger in a folder that nobody may write."""
    folder = Path(tempfile.mkdtemp())
    copy = folder / "ledger.sqlite"
    shutil.copy(path, copy)
    copy.chmod(0o444)
    folder.chmod(0o555)
    yield copy
    folder.chmod(0o700)
    shutil.rmtree(folder)


def test_a_copy_on_a_medium_that_cannot_be_written_is_verified(path: Path, read_only_copy: Path) -> None:
    """An auditor reads a copy without write access to it or beside it."""
    found = subprocess.run(
        [sys.executable, "-c", READ_ONLY, str(path), str(read_only_copy), VKEY, ORIGIN],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert found.stdout.split() == ["True", str(SIZE)]
    assert list(read_only_copy.parent.iterdir()) == [read_only_copy]
