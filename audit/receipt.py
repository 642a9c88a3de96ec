"""Receipts: the proof, checked without asking anybody, that an entry is in the ledger (C2SP ``tlog-proof@v1``).

A receipt is what a department asks for before it gives data (I2), and what shows years later that the ledger was
rolled back: whoever keeps one keeps evidence.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass

from audit.checkpoint import Checkpoint, open_checkpoint, parse_decimal
from audit.hashing import HASH_BYTES, leaf_hash
from audit.merkle_verify import verify_inclusion
from audit.note import MAX_NOTE_BYTES, decode_base64, parse_vkey
from governance.errors import BadInput

HEADER = "c2sp.org/tlog-proof@v1"
_MAX_PROOF_HASHES = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An entry's place in the ledger. Proves nothing before `verify_receipt` has accepted it.

    Attributes:
        index: place of the entry, from 0.
        entry: the entry, byte for byte; it travels beside the text.
        proof: hashes of the audit path, from the leaf up.
        checkpoint: the signed note of the tree that holds the entry.
        extra: bytes that a carrier attached; authenticated by nothing, and never read here.
    """

    index: int
    entry: bytes
    proof: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""

    @property
    def text(self) -> str:
        """The receipt as a ``.tlog-proof`` file."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines.extend(_base64(sibling) for sibling in self.proof)
        return "\n".join([*lines, "", self.checkpoint])


def parse_receipt(text: bytes | str, *, entry: bytes) -> Receipt:
    """Read a ``.tlog-proof`` text for an entry. Nothing is verified yet.

    Raises:
        BadInput: the text is malformed; the checkpoint inside is looked at by `verify_receipt` only.
    """
    head, separator, checkpoint = _decode(text).partition("\n\n")
    header, *lines = head.split("\n")
    if not separator or header != HEADER:
        raise BadInput("receipt-malformed")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0).removeprefix("extra ")) or b""
        if not extra:
            raise BadInput("receipt-malformed")
    if not lines or not lines[0].startswith("index "):
        raise BadInput("receipt-malformed")
    index = parse_decimal(lines.pop(0).removeprefix("index "))
    proof = tuple(sibling for sibling in map(decode_base64, lines) if sibling is not None)
    if index is None or len(proof) != len(lines) or len(proof) > _MAX_PROOF_HASHES:
        raise BadInput("receipt-malformed")
    if any(len(sibling) != HASH_BYTES for sibling in proof):
        raise BadInput("receipt-malformed")
    return Receipt(index=index, entry=entry, proof=proof, checkpoint=checkpoint, extra=extra)


def verify_receipt(receipt: Receipt, *, vkey: str, origin: str) -> Checkpoint:
    """Check a receipt against the key and the origin that the reader pinned; what it says of itself counts for nothing.

    Returns the checkpoint that the receipt rests on.

    Raises:
        BadInput: the key or the checkpoint is malformed.
        CheckFailed: the signature, the origin or the proof is wrong.
    """
    checkpoint = open_checkpoint(receipt.checkpoint, verifier=parse_vkey(vkey), origin=origin)
    verify_inclusion(
        leaf_hash(receipt.entry),
        index=receipt.index,
        size=checkpoint.size,
        proof=receipt.proof,
        root=checkpoint.root,
    )
    return checkpoint


def _decode(text: bytes | str) -> str:
    if len(text) > MAX_NOTE_BYTES:
        raise BadInput("receipt-malformed")
    try:
        # Through bytes in both cases, so that a lone surrogate in a str is refused as well.
        return (text.encode() if isinstance(text, str) else text).decode()
    except UnicodeError:
        raise BadInput("receipt-malformed") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
