"""The head of a stored ledger: the checkpoint with the state from which the tree grows, read with distrust."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from audit.checkpoint import Checkpoint, open_checkpoint
from audit.entry import entry_time, parse_entry
from audit.hashing import leaf_hash
from audit.merkle import CompactRange, compact_range, consistency_proof, node_count, node_position
from audit.merkle_verify import verify_consistency
from audit.note import Verifier
from audit.store import Store
from governance.errors import BadInput, CheckFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where a ledger stands.

    Attributes:
        latest: time of the last entry.
    """

    checkpoint: Checkpoint
    tree: CompactRange
    latest: datetime


def read_head(store: Store, *, verifier: Verifier, origin: str) -> Head:
    """The head of a ledger, after checking that the signed checkpoint is that of the stored tree's right edge.

    This is what a start can afford; `audit.verification` reads the whole.

    Raises:
        CheckFailed: the signature, the origin, or what is stored does not fit.
    """
    try:
        checkpoint = open_checkpoint(store.checkpoint_note(), verifier=verifier, origin=origin)
        size = checkpoint.size
        if size == 0 or store.ends() != (size, node_count(size)):
            raise CheckFailed("ledger-damaged", file=store.file)
        tree = compact_range(size, store.node)
        last = store.body(size - 1)
        if tree.root() != checkpoint.root or leaf_hash(last) != store.node(node_position(level=0, index=size - 1)):
            raise CheckFailed("ledger-damaged", file=store.file)
        return Head(checkpoint=checkpoint, tree=tree, latest=entry_time(parse_entry(last)))
    except BadInput:
        # A malformed checkpoint or entry, but it was not handed in: it stood in the file.
        raise CheckFailed("ledger-damaged", file=store.file) from None


def check_continues(store: Store, *, seen: Checkpoint, now: Checkpoint) -> None:
    """Check that the stored tree still begins with one that was seen before.

    Raises:
        CheckFailed: the file is older than what was seen, or has another history.
    """
    if seen.size > now.size:
        raise CheckFailed("ledger-rolled-back", file=store.file, seen=seen.size, size=now.size)
    try:
        verify_consistency(
            old=seen.size,
            old_root=seen.root,
            new=now.size,
            new_root=now.root,
            proof=consistency_proof(seen.size, new=now.size, node=store.node),
        )
    except (BadInput, CheckFailed):
        raise CheckFailed("ledger-forked", file=store.file, seen=seen.size, size=now.size) from None
