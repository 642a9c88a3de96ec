"""Recomputing the tree leaf by leaf and holding it against the stored nodes: the verifier's tree, not the writer's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from audit.findings import Findings
from audit.hashing import EMPTY_ROOT, node_hash


class TreeCheck:
    """The tree over the leaves so far, and the stored nodes read along with it.

    Stored nodes come in post-order: each leaf, followed by the interior nodes that it completes. A wrong leaf makes
    everything above it wrong; only the leaf is reported then.

    Attributes:
        size: number of leaves so far.
    """

    def __init__(self, findings: Findings) -> None:
        self.size = 0
        self._findings = findings
        self._subtrees: list[bytes] = []
        self._stored: Iterator[tuple[object, object]] = iter(())
        self._position = 0
        self._following = False
        self._last_bad_leaf = -1

    def follow(self, stored: Iterable[tuple[object, object]]) -> None:
        """Compare with these stored nodes, (position, hash) in the order of positions."""
        self._stored = iter(stored)
        self._following = True

    @property
    def root(self) -> bytes:
        """Root over the leaves so far."""
        if not self._subtrees:
            return EMPTY_ROOT
        *left, root = self._subtrees
        for subtree in reversed(left):
            root = node_hash(subtree, root)
        return root

    def append(self, leaf: bytes) -> None:
        """Take the next leaf hash in."""
        index = self.size
        if self._differs(leaf):
            self._findings.add("finding-node", index)
            self._last_bad_leaf = index
        computed, leaves = leaf, 1
        while index & leaves:
            computed = node_hash(self._subtrees.pop(), computed)
            leaves <<= 1
            if self._differs(computed) and self._last_bad_leaf <= index - leaves:
                self._findings.add("finding-node", index)
        self._subtrees.append(computed)
        self.size += 1

    def end(self) -> None:
        """Say that no leaf follows: no node may either."""
        if self._following and next(self._stored, None) is not None:
            self._findings.add("finding-node", self.size)

    def _differs(self, computed: bytes) -> bool:
        if not self._following:
            return False
        stored = next(self._stored, None)
        if stored is None or stored[0] != self._position:
            # From a gap on there is nothing to compare with; it is reported once, here.
            self._findings.add("finding-node", self.size)
            self._following = False
            return False
        self._position += 1
        return stored[1] != computed
