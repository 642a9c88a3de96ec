"""Checking inclusion and consistency proofs: the reader's side, by the algorithms of RFC 9162.

Shares nothing with the code that makes proofs but the two hash functions. A proof does not bind the size: some sizes
prescribe the same steps for the same leaf. Size and root therefore MUST come from one checkpoint whose signature was
checked, never from the one who hands in the proof.
"""

from __future__ import annotations

from collections.abc import Sequence

from audit.hashing import HASH_BYTES, node_hash
from governance.errors import CheckFailed


def verify_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash is leaf ``index`` of the tree of ``size`` leaves and root ``root``.

    Source: RFC 9162 section 2.1.3.2; its proofs are those of RFC 6962 section 2.1.1.

    Raises:
        CheckFailed: the proof does not show it.
    """
    if not 0 <= index < size or not _all_hashes(leaf, root, *proof):
        raise CheckFailed("proof-inclusion", index=index, size=size)
    position, last, computed = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise CheckFailed("proof-inclusion", index=index, size=size)
        if position & 1 or position == last:
            computed = node_hash(sibling, computed)
            position, last = _up_to_right_node(position, last)
        else:
            computed = node_hash(computed, sibling)
        position >>= 1
        last >>= 1
    if last != 0 or computed != root:
        raise CheckFailed("proof-inclusion", index=index, size=size)


def verify_consistency(*, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of ``new`` leaves begins with the tree of ``old`` leaves.

    Source: RFC 9162 section 2.1.4.2. An old size of 0 is an error: the empty tree is a prefix of everything, and a
    proof of that would be taken for one that says something.

    Raises:
        CheckFailed: the proof does not show it.
    """
    if not 0 < old <= new or not _all_hashes(old_root, new_root, *proof):
        raise CheckFailed("proof-consistency", old=old, new=new)
    if old == new:
        if proof or old_root != new_root:
            raise CheckFailed("proof-consistency", old=old, new=new)
        return
    # A tree whose size is a power of two is one subtree of the new tree, and the proof leaves its root out.
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise CheckFailed("proof-consistency", old=old, new=new)
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    computed_old = computed_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise CheckFailed("proof-consistency", old=old, new=new)
        if position & 1 or position == last:
            computed_old = node_hash(sibling, computed_old)
            computed_new = node_hash(sibling, computed_new)
            position, last = _up_to_right_node(position, last)
        else:
            computed_new = node_hash(computed_new, sibling)
        position >>= 1
        last >>= 1
    if last != 0 or computed_old != old_root or computed_new != new_root:
        raise CheckFailed("proof-consistency", old=old, new=new)


def _up_to_right_node(position: int, last: int) -> tuple[int, int]:
    """Skip the levels at which a node of the right edge has no sibling."""
    while position and not position & 1:
        position >>= 1
        last >>= 1
    return position, last


def _all_hashes(*values: bytes) -> bool:
    # A value of another length would shift the boundary between left and right inside the hash input.
    return all(len(value) == HASH_BYTES for value in values)
