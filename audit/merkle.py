"""Growing the ledger's Merkle tree and making proofs from it (RFC 6962 section 2.1): the writer's side.

The hashes of all *complete* subtrees are kept in post-order: a leaf, then every subtree that it completes, smallest
first. That order only ever grows at its end, so a node, once stored, never moves and is never written again. The node
of a level (0 is the leaves) and index stands at `node_position`. Subtrees at the right edge that are not complete yet
are folded from complete ones when a root or a proof needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from audit.hashing import EMPTY_ROOT, node_hash
from governance.errors import BadInput

NodeReader: TypeAlias = Callable[[int], bytes]
"""Gives the hash at a post-order position."""


def node_count(size: int) -> int:
    """How many complete subtrees, leaves included, a tree of ``size`` leaves has."""
    return 2 * size - size.bit_count()


def node_position(*, level: int, index: int) -> int:
    """Post-order position of the complete subtree over the leaves ``index << level`` up to ``(index + 1) << level``."""
    last_leaf = ((index + 1) << level) - 1
    return node_count(last_leaf) + level


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRange:
    """The state from which a tree grows: its size and the roots of its maximal complete subtrees, largest first."""

    size: int
    peaks: tuple[bytes, ...]

    def root(self) -> bytes:
        """Root of the tree."""
        return _fold(self.peaks) if self.peaks else EMPTY_ROOT

    def extend(self, leaves: Iterable[bytes]) -> tuple[CompactRange, list[bytes]]:
        """The tree after appending leaf hashes, and the nodes that this completed, in post-order."""
        peaks, size, completed = list(self.peaks), self.size, []
        for leaf in leaves:
            completed.append(leaf)
            node, carry = leaf, size
            while carry & 1:
                node = node_hash(peaks.pop(), node)
                completed.append(node)
                carry >>= 1
            peaks.append(node)
            size += 1
        return CompactRange(size=size, peaks=tuple(peaks)), completed


EMPTY_TREE = CompactRange(size=0, peaks=())


def compact_range(size: int, node: NodeReader) -> CompactRange:
    """The state of the tree of ``size`` leaves, read from stored nodes."""
    return CompactRange(size=size, peaks=tuple(node(position) for position in _complete_subtrees(0, size)))


def inclusion_proof(index: int, *, size: int, node: NodeReader) -> tuple[bytes, ...]:
    """The audit path of leaf ``index`` in the tree of ``size`` leaves, from the leaf's sibling up (section 2.1.1).

    Raises:
        BadInput: there is no such leaf.
    """
    if not 0 <= index < size:
        raise BadInput("ledger-index-unknown", index=index, size=size)
    start, stop = 0, size
    path: list[tuple[int, int]] = []
    while stop - start > 1:
        split = _split(start, stop)
        if index < split:
            path.append((split, stop))
            stop = split
        else:
            path.append((start, split))
            start = split
    return tuple(_range_root(first, end, node) for first, end in reversed(path))


def consistency_proof(old: int, *, new: int, node: NodeReader) -> tuple[bytes, ...]:
    """The proof that the tree of ``new`` leaves begins with the tree of ``old`` leaves (section 2.1.2).

    Raises:
        BadInput: ``old`` is 0 (everything is consistent with nothing, so a proof would say nothing) or above ``new``.
    """
    if not 0 < old <= new:
        raise BadInput("proof-sizes", old=old, new=new)
    start, stop = 0, new
    path: list[tuple[int, int]] = []
    while old != stop:
        split = _split(start, stop)
        if old <= split:
            path.append((split, stop))
            stop = split
        else:
            path.append((start, split))
            start = split
    if start > 0:
        # Only where the old tree is itself a subtree of the new one does the verifier know this hash already.
        path.append((start, stop))
    return tuple(_range_root(first, end, node) for first, end in reversed(path))


def _split(start: int, stop: int) -> int:
    """Where RFC 6962 divides a range: after the largest power of two smaller than its length."""
    return start + (1 << ((stop - start - 1).bit_length() - 1))


def _complete_subtrees(start: int, stop: int) -> Iterator[int]:
    """Positions of the maximal complete subtrees that make up an aligned range, largest first."""
    while start < stop:
        level = (stop - start).bit_length() - 1
        yield node_position(level=level, index=start >> level)
        start += 1 << level


def _range_root(start: int, stop: int, node: NodeReader) -> bytes:
    return _fold([node(position) for position in _complete_subtrees(start, stop)])


def _fold(hashes: Iterable[bytes]) -> bytes:
    """Root over subtrees given largest first: the smaller ones hang below on the right."""
    *left, root = hashes
    for sibling in reversed(left):
        root = node_hash(sibling, root)
    return root
