"""Checkpoints: the signed head of the ledger's tree (C2SP ``tlog-checkpoint``).

Exactly three lines: origin, size, root. Extension lines are refused: nobody audits them.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from audit.hashing import HASH_BYTES
from audit.note import Signer, Verifier, decode_base64, open_note, sign_note
from governance.errors import BadInput, CheckFailed

MAX_SIZE = 2**63 - 1
"""Largest tree: indices are SQLite integers."""

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The head of a tree, with the signed note that says so.

    Attributes:
        origin: identity of the ledger, equal to the name of its key.
        size: number of entries.
        root: RFC 6962 root over them.
        note: the signed text, byte for byte.
    """

    origin: str
    size: int
    root: bytes
    note: str


def sign_checkpoint(*, size: int, root: bytes, signer: Signer) -> Checkpoint:
    """Sign the head of a tree under the signer's name as origin.

    The caller answers for the one rule that a signature cannot carry: never sign two heads of which one is not a
    continuation of the other.
    """
    body = f"{signer.name}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"
    return Checkpoint(origin=signer.name, size=size, root=root, note=sign_note(body, signer))


def open_checkpoint(note: bytes | str, *, verifier: Verifier, origin: str) -> Checkpoint:
    """Read a checkpoint that the pinned key signed for the pinned origin.

    Raises:
        BadInput: the note or its body is malformed.
        CheckFailed: the signature is missing or wrong, or the checkpoint is another ledger's.
    """
    opened = open_note(note, verifiers=(verifier,))
    lines = opened.text.split("\n")
    if len(lines) != 4:
        raise BadInput("checkpoint-malformed")
    found, digits, encoded, _ = lines
    size, root = parse_decimal(digits), decode_base64(encoded)
    if size is None or root is None or len(root) != HASH_BYTES:
        raise BadInput("checkpoint-malformed")
    if found != origin:
        raise CheckFailed("checkpoint-origin", origin=origin)
    return Checkpoint(origin=origin, size=size, root=root, note=note if isinstance(note, str) else note.decode())


def parse_decimal(digits: str) -> int | None:
    """A size or an index: ASCII digits, no leading zero, at most 2**63 - 1; ``None`` for anything else."""
    if not _DECIMAL.fullmatch(digits) or int(digits) > MAX_SIZE:
        return None
    return int(digits)
