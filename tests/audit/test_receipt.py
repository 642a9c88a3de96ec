"""Receipts: what a department checks before it gives data, with nothing but a pinned key and an origin."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import sign_checkpoint
from audit.hashing import leaf_hash
from audit.merkle import EMPTY_TREE, inclusion_proof
from audit.receipt import HEADER, Receipt, parse_receipt, verify_receipt
from governance.errors import BadInput, CheckFailed
from tests.audit.samples import ORIGIN, OTHER_KEY, SIDECAR, SIGNER, VKEY, decision, new_ledger

ENTRIES = [f"entry {index}".encode() for index in range(40)]


def receipt_for(index: int, size: int) -> Receipt:
    """The receipt of an entry in the tree of the first ``size``."""
    tree, nodes = EMPTY_TREE.extend(map(leaf_hash, ENTRIES[:size]))
    checkpoint = sign_checkpoint(size=size, root=tree.root(), signer=SIGNER)
    proof = inclusion_proof(index, size=size, node=nodes.__getitem__)
    return Receipt(index=index, entry=ENTRIES[index], proof=proof, checkpoint=checkpoint.note)


RECEIPT = receipt_for(5, 13)


@given(
    st.integers(1, 40).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))), st.binary(max_size=9)
)
def test_receipts_round_trip_and_verify(place: tuple[int, int], extra: bytes) -> None:
    """The text of a receipt is read back to the same receipt, which verifies."""
    receipt = replace(receipt_for(*place), extra=extra)
    assert parse_receipt(receipt.text, entry=receipt.entry) == receipt
    assert parse_receipt(receipt.text.encode(), entry=receipt.entry) == receipt
    assert verify_receipt(receipt, vkey=VKEY, origin=ORIGIN).size == place[1]


def test_the_text_is_that_of_the_specification() -> None:
    """Header, index, hashes, a blank line, the checkpoint verbatim."""
    receipt = receipt_for(1, 2)
    sibling = base64.b64encode(leaf_hash(ENTRIES[0])).decode()
    assert receipt.text == f"c2sp.org/tlog-proof@v1\nindex 1\n{sibling}\n\n{receipt.checkpoint}"
    alone = receipt_for(0, 1)
    assert alone.text == f"c2sp.org/tlog-proof@v1\nindex 0\n\n{alone.checkpoint}"
    assert replace(alone, extra=b"x").text.startswith("c2sp.org/tlog-proof@v1\nextra eA==\nindex 0\n\n")


def test_every_bit_of_every_receipt_of_small_ledgers_counts() -> None:
    """In all ledgers up to 3 entries, no receipt with one bit of its text changed is accepted: size and root
    included, for they stand in the signed checkpoint.
    """
    for size in range(1, 4):
        for index in range(size):
            receipt = receipt_for(index, size)
            raw = receipt.text.encode()
            for bit in range(len(raw) * 8):
                changed = bytearray(raw)
                changed[bit // 8] ^= 1 << bit % 8
                with pytest.raises((BadInput, CheckFailed)):
                    verify_receipt(parse_receipt(bytes(changed), entry=receipt.entry), vkey=VKEY, origin=ORIGIN)


def test_no_size_but_the_signed_one_is_accepted_in_any_ledger_up_to_40() -> None:
    """Each receipt with any one bit of the size in its checkpoint changed is refused, where mathematics alone would
    accept some.
    """
    for size in range(1, 41):
        for index in (0, size // 2, size - 1):
            receipt = receipt_for(index, size)
            for bit in range(7):
                checkpoint = receipt.checkpoint.replace(f"\n{size}\n", f"\n{size ^ (1 << bit)}\n")
                assert checkpoint != receipt.checkpoint
                with pytest.raises((BadInput, CheckFailed)):
                    verify_receipt(replace(receipt, checkpoint=checkpoint), vkey=VKEY, origin=ORIGIN)


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(replace(RECEIPT, entry=ENTRIES[6]), id="another-entry"),
        pytest.param(replace(RECEIPT, entry=RECEIPT.entry + b" "), id="a-longer-entry"),
        pytest.param(replace(RECEIPT, entry=b""), id="no-entry"),
        pytest.param(replace(RECEIPT, index=4), id="another-index"),
        pytest.param(replace(RECEIPT, index=13), id="index-beyond-the-end"),
        pytest.param(replace(RECEIPT, proof=RECEIPT.proof[:-1]), id="a-hash-missing"),
        pytest.param(replace(RECEIPT, proof=()), id="no-hash"),
        pytest.param(replace(RECEIPT, proof=(*RECEIPT.proof, RECEIPT.proof[0])), id="a-hash-more"),
        pytest.param(replace(RECEIPT, proof=RECEIPT.proof[::-1]), id="hashes-reversed"),
        pytest.param(replace(RECEIPT, checkpoint=receipt_for(5, 14).checkpoint), id="another-checkpoint"),
    ],
)
def test_receipts_that_do_not_prove_are_refused(changed: Receipt) -> None:
    """Entry, place, path and checkpoint have to belong together."""
    verify_receipt(RECEIPT, vkey=VKEY, origin=ORIGIN)
    with pytest.raises(CheckFailed, match="proof-inclusion"):
        verify_receipt(changed, vkey=VKEY, origin=ORIGIN)


def test_nothing_that_a_receipt_says_of_itself_counts() -> None:
    """A whole and consistent ledger of somebody else's, under the same name, proves nothing."""
    tree, nodes = EMPTY_TREE.extend(map(leaf_hash, ENTRIES[:3]))
    forged = Receipt(
        index=1,
        entry=ENTRIES[1],
        proof=inclusion_proof(1, size=3, node=nodes.__getitem__),
        checkpoint=sign_checkpoint(size=3, root=tree.root(), signer=OTHER_KEY).note,
    )
    verify_receipt(forged, vkey=OTHER_KEY.verifier.vkey, origin=ORIGIN)
    with pytest.raises(CheckFailed, match="note-unsigned"):
        verify_receipt(forged, vkey=VKEY, origin=ORIGIN)
    with pytest.raises(CheckFailed, match="checkpoint-origin"):
        verify_receipt(RECEIPT, vkey=VKEY, origin="other.example/ledger")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param(RECEIPT.text.replace("@v1", "@v2"), id="another-version"),
        pytest.param(RECEIPT.text.replace(HEADER, HEADER + " "), id="space-after-the-header"),
        pytest.param("\n" + RECEIPT.text, id="blank-line-first"),
        pytest.param(RECEIPT.text.replace("\n", "\r\n"), id="crlf"),
        pytest.param(RECEIPT.text.replace("index 5", "index 05"), id="leading-zero"),
        pytest.param(RECEIPT.text.replace("index 5", "index  5"), id="two-spaces"),
        pytest.param(RECEIPT.text.replace("index 5", "index 5 "), id="trailing-space"),
        pytest.param(RECEIPT.text.replace("index 5", "index -5"), id="negative"),
        pytest.param(RECEIPT.text.replace("index 5", "Index 5"), id="capital"),
        pytest.param(RECEIPT.text.replace("index 5\n", ""), id="no-index"),
        pytest.param(RECEIPT.text.replace("index 5\n", "index 5\nindex 5\n"), id="index-twice"),
        pytest.param(RECEIPT.text.replace("index 5\n", "extra \nindex 5\n"), id="empty-extra"),
        pytest.param(RECEIPT.text.replace("index 5\n", "extra eB==\nindex 5\n"), id="extra-with-unused-bits"),
        pytest.param(RECEIPT.text.replace("index 5\n", "extra eA==\nextra eA==\nindex 5\n"), id="extra-twice"),
        pytest.param(RECEIPT.text.replace("index 5\n", "index 5\nextra eA==\n"), id="extra-after-index"),
        pytest.param(RECEIPT.text.replace("=\n\n", "\n\n", 1), id="hash-without-padding"),
        pytest.param(RECEIPT.text.replace("index 5\n", "index 5\nAAAA\n"), id="short-hash"),
        pytest.param(RECEIPT.text.replace("index 5\n", "index 5\n" + ("A" * 43 + "=\n") * 64), id="too-many-hashes"),
        pytest.param(RECEIPT.text.split("\n\n")[0], id="no-checkpoint"),
        pytest.param("\ud800" + RECEIPT.text, id="lone-surrogate"),
        pytest.param(b"\xff" + RECEIPT.text.encode(), id="no-utf-8"),
        pytest.param(RECEIPT.text + "x" * 1_000_000, id="too-long"),
    ],
)
def test_malformed_receipts_are_refused(text: str | bytes) -> None:
    """Each deviation from the one form is refused as malformed."""
    with pytest.raises(BadInput, match="receipt-malformed"):
        parse_receipt(text, entry=RECEIPT.entry)


@pytest.mark.fuzz
@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: f"{HEADER}\nindex 0\n".encode() + tail))
def test_only_documented_errors_escape_from_any_bytes(text: bytes) -> None:
    """Whatever is handed in, it is refused as malformed or fails to verify."""
    with pytest.raises((BadInput, CheckFailed)):
        verify_receipt(parse_receipt(text, entry=b""), vkey=VKEY, origin=ORIGIN)


@pytest.mark.fuzz
@given(st.data())
def test_no_changed_receipt_verifies(data: st.DataObject) -> None:
    """Replacing, removing or inserting bytes anywhere never leaves a receipt that proves something else."""
    raw = RECEIPT.text.encode()
    start = data.draw(st.integers(0, len(raw)))
    stop = data.draw(st.integers(start, min(len(raw), start + 8)))
    changed = raw[:start] + data.draw(st.binary(max_size=8)) + raw[stop:]
    try:
        receipt = parse_receipt(changed, entry=RECEIPT.entry)
        checkpoint = verify_receipt(receipt, vkey=VKEY, origin=ORIGIN)
    except (BadInput, CheckFailed):
        return
    assert (receipt.index, receipt.proof, checkpoint.size) == (RECEIPT.index, RECEIPT.proof, 13)


def test_a_receipt_of_the_ledger_is_enough_for_a_department(tmp_path: Path) -> None:
    """What append returns can be sent as text and entry, and be verified elsewhere with key and origin alone."""
    with new_ledger(tmp_path / "ledger.sqlite") as ledger:
        sent = ledger.append(decision(1), sidecars=[SIDECAR])
    text, entry = sent.text, sent.entry
    received = parse_receipt(text, entry=entry)
    assert verify_receipt(received, vkey=VKEY, origin=ORIGIN).size == 2
