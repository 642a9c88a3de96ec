"""The tree: roots against an independent implementation, and every proof of every small tree."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.hashing import EMPTY_ROOT, leaf_hash, node_hash
from audit.merkle import (
    EMPTY_TREE,
    CompactRange,
    compact_range,
    consistency_proof,
    inclusion_proof,
    node_count,
    node_position,
)
from audit.merkle_verify import verify_consistency, verify_inclusion
from governance.errors import BadInput, CheckFailed

# Values that the implementations of Certificate Transparency publish for these leaves.
PUBLISHED_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
PUBLISHED_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PUBLISHED_CONSISTENCY = {
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (2, 5): (
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
PUBLISHED_INCLUSION_OF_5_IN_8 = (
    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
)

LARGEST = 130
LEAVES = [leaf_hash(f"entry {index}".encode()) for index in range(LARGEST)]
NODES = EMPTY_TREE.extend(LEAVES)[1]
ROOTS = [compact_range(size, NODES.__getitem__).root() for size in range(LARGEST + 1)]


def obvious_root(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + obvious_root(leaves[:split]) + obvious_root(leaves[split:])).digest()


@cache
def sides(index: int, size: int) -> str:
    """The side on which each sibling of a leaf's audit path stands, from the leaf up, by RFC 6962 section 2.1.1."""
    if size == 1:
        return ""
    split = 1 << ((size - 1).bit_length() - 1)
    return sides(index, split) + "R" if index < split else sides(index - split, size - split) + "L"


def flipped(value: bytes, bit: int) -> bytes:
    """The bytes with one bit changed."""
    return (int.from_bytes(value) ^ (1 << bit)).to_bytes(len(value))


def accepts_inclusion(*, leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof is accepted; any error but the documented one fails the test."""
    try:
        verify_inclusion(leaf, index=index, size=size, proof=proof, root=root)
    except CheckFailed:
        return False
    return True


def accepts_consistency(*, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof is accepted; any error but the documented one fails the test."""
    try:
        verify_consistency(old=old, old_root=old_root, new=new, new_root=new_root, proof=proof)
    except CheckFailed:
        return False
    return True


def test_roots_equal_those_of_an_independent_implementation() -> None:
    """For every size up to 130 the root is that of pymerkle over the same entries, and that of the RFC's definition."""
    oracle = pymerkle.InmemoryTree(algorithm="sha256")
    assert EMPTY_TREE.root() == EMPTY_ROOT == oracle.hash_empty() == obvious_root([])
    for size in range(1, LARGEST + 1):
        oracle.append_entry(f"entry {size - 1}".encode())
        assert ROOTS[size] == oracle.get_root() == obvious_root(LEAVES[:size])


def test_published_values_of_certificate_transparency_are_met() -> None:
    """Roots and proofs over the eight leaves that all implementations are tested with are the published ones."""
    leaves = [leaf_hash(bytes.fromhex(leaf)) for leaf in PUBLISHED_LEAVES]
    nodes = EMPTY_TREE.extend(leaves)[1]
    roots = [compact_range(size, nodes.__getitem__).root().hex() for size in range(1, 9)]
    assert roots == list(PUBLISHED_ROOTS)
    for (old, new), expected in PUBLISHED_CONSISTENCY.items():
        proof = consistency_proof(old, new=new, node=nodes.__getitem__)
        assert tuple(sibling.hex() for sibling in proof) == expected
    proof = inclusion_proof(5, size=8, node=nodes.__getitem__)
    assert tuple(sibling.hex() for sibling in proof) == PUBLISHED_INCLUSION_OF_5_IN_8


def test_hashes_carry_their_prefixes() -> None:
    """Leaf and node hashes are SHA-256 after 0x00 and 0x01."""
    assert leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    assert node_hash(b"l" * 32, b"r" * 32) == hashlib.sha256(b"\x01" + b"l" * 32 + b"r" * 32).digest()


@given(st.lists(st.integers(min_value=0, max_value=40), max_size=6))
def test_growing_in_any_steps_gives_the_same_tree(steps: list[int]) -> None:
    """Batches of any lengths make the same nodes and the same state as one leaf after the other."""
    tree, nodes = EMPTY_TREE, []
    for step in steps:
        before = tree.size
        tree, completed = tree.extend(LEAVES[index % LARGEST] for index in range(before, before + step))
        nodes.extend(completed)

    one_by_one, expected = EMPTY_TREE, []
    for index in range(sum(steps)):
        one_by_one, completed = one_by_one.extend([LEAVES[index % LARGEST]])
        expected.extend(completed)
    assert (tree, nodes) == (one_by_one, expected)
    assert compact_range(tree.size, nodes.__getitem__) == tree
    assert len(nodes) == node_count(tree.size)


def test_nodes_stand_in_post_order() -> None:
    """Each complete subtree is found at its position."""
    for level in range(8):
        for index in range(LARGEST >> level):
            leaves = LEAVES[index << level : (index + 1) << level]
            assert NODES[node_position(level=level, index=index)] == obvious_root(leaves)


def test_every_inclusion_proof_verifies_and_no_changed_one_does() -> None:
    """All leaves of all trees up to 130: the proof holds, and not after one bit of proof, root, leaf or index changed.

    Which bit of a hash is changed goes round through all of them; the next test takes every bit of small trees.
    """
    turn = 0
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size=size, node=NODES.__getitem__)
            root = ROOTS[size]
            assert accepts_inclusion(leaf=LEAVES[index], index=index, size=size, proof=proof, root=root)
            turn += 1
            for place, sibling in enumerate(proof):
                changed = [*proof[:place], flipped(sibling, (turn * 7 + place * 37) % 256), *proof[place + 1 :]]
                assert not accepts_inclusion(leaf=LEAVES[index], index=index, size=size, proof=changed, root=root)
            bit = turn % 256
            assert not accepts_inclusion(
                leaf=LEAVES[index], index=index, size=size, proof=proof, root=flipped(root, bit)
            )
            assert not accepts_inclusion(
                leaf=flipped(LEAVES[index], bit), index=index, size=size, proof=proof, root=root
            )
            for place in range(9):
                assert not accepts_inclusion(
                    leaf=LEAVES[index], index=index ^ (1 << place), size=size, proof=proof, root=root
                )


def test_every_bit_of_the_proofs_of_small_trees_counts() -> None:
    """In all trees up to 9 leaves, no proof with any one bit changed is accepted, inclusion and consistency."""
    for size in range(1, 10):
        for index in range(size):
            proof = inclusion_proof(index, size=size, node=NODES.__getitem__)
            for place, sibling in enumerate(proof):
                for bit in range(256):
                    changed = [*proof[:place], flipped(sibling, bit), *proof[place + 1 :]]
                    assert not accepts_inclusion(
                        leaf=LEAVES[index], index=index, size=size, proof=changed, root=ROOTS[size]
                    )
        for old in range(1, size):
            proof = consistency_proof(old, new=size, node=NODES.__getitem__)
            for place, sibling in enumerate(proof):
                for bit in range(256):
                    changed = [*proof[:place], flipped(sibling, bit), *proof[place + 1 :]]
                    assert not accepts_consistency(
                        old=old, old_root=ROOTS[old], new=size, new_root=ROOTS[size], proof=changed
                    )


def test_a_wrong_size_is_accepted_only_where_it_prescribes_the_same_steps() -> None:
    """A proof binds the size as far as mathematics goes: for sizes with another path it fails, for all others the size
    has to come from the signed checkpoint (see the receipt's tests, where no flip of it is accepted).
    """
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size=size, node=NODES.__getitem__)
            for bit in range(9):
                claimed = size ^ (1 << bit)
                same_steps = index < claimed and sides(index, claimed) == sides(index, size)
                assert same_steps == accepts_inclusion(
                    leaf=LEAVES[index], index=index, size=claimed, proof=proof, root=ROOTS[size]
                )


def test_every_consistency_proof_verifies_and_no_changed_one_does() -> None:
    """All pairs of sizes up to 130: the proof holds, and not after one bit of proof or a root changed, nor with hashes
    added or left out.
    """
    turn = 0
    for new in range(1, LARGEST + 1):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new=new, node=NODES.__getitem__)
            roots = {"old_root": ROOTS[old], "new_root": ROOTS[new]}
            assert accepts_consistency(old=old, new=new, proof=proof, **roots)
            turn += 1
            for place, sibling in enumerate(proof):
                changed = [*proof[:place], flipped(sibling, (turn * 7 + place * 37) % 256), *proof[place + 1 :]]
                assert not accepts_consistency(old=old, new=new, proof=changed, **roots)
            for name, root in roots.items():
                spoiled = {**roots, name: flipped(root, turn % 256)}
                assert not accepts_consistency(old=old, new=new, proof=proof, **spoiled)
            assert not accepts_consistency(old=old, new=new, proof=[*proof, ROOTS[1]], **roots)
            assert not accepts_consistency(old=old, new=new, proof=[ROOTS[1], *proof], **roots)
            if proof:
                assert not accepts_consistency(old=old, new=new, proof=proof[:-1], **roots)
                assert not accepts_consistency(old=old, new=new, proof=proof[1:], **roots)


def test_a_wrong_old_size_is_never_accepted() -> None:
    """The proof from one size does not pass for the proof from another size with that size's true root, or with its
    own.
    """
    for new in range(1, 66):
        for old in range(1, new + 1):
            proof = consistency_proof(old, new=new, node=NODES.__getitem__)
            for claimed in range(1, new + 1):
                if claimed != old:
                    assert not accepts_consistency(
                        old=claimed, old_root=ROOTS[claimed], new=new, new_root=ROOTS[new], proof=proof
                    ) or proof == consistency_proof(claimed, new=new, node=NODES.__getitem__)


def test_a_fork_has_no_consistency_proof() -> None:
    """Trees that differ in one old leaf are told apart by every proof made of either's nodes."""
    forged = EMPTY_TREE.extend([LEAVES[0], LEAVES[2], *LEAVES[2:]])[1]
    for old in range(2, 40):
        old_root = ROOTS[old]
        for new in range(old, 40):
            new_root = compact_range(new, forged.__getitem__).root()
            for nodes in (NODES, forged):
                proof = consistency_proof(old, new=new, node=nodes.__getitem__)
                assert not accepts_consistency(old=old, old_root=old_root, new=new, new_root=new_root, proof=proof)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (6, 5), (-1, 5)])
def test_sizes_without_a_meaning_are_refused(old: int, new: int) -> None:
    """Nothing is proven from an empty tree, from a larger one, or from less than nothing."""
    with pytest.raises(BadInput, match="proof-sizes"):
        consistency_proof(old, new=new, node=NODES.__getitem__)
    with pytest.raises(CheckFailed, match="proof-consistency"):
        verify_consistency(old=old, old_root=EMPTY_ROOT, new=new, new_root=ROOTS[max(new, 0)], proof=[])


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_leaves_that_do_not_exist_have_no_proof(index: int, size: int) -> None:
    """A leaf outside the tree is refused by maker and verifier."""
    with pytest.raises(BadInput, match="ledger-index-unknown"):
        inclusion_proof(index, size=size, node=NODES.__getitem__)
    with pytest.raises(CheckFailed, match="proof-inclusion"):
        verify_inclusion(LEAVES[0], index=index, size=size, proof=[], root=ROOTS[size])


def test_values_that_are_no_hashes_are_refused() -> None:
    """Moving a byte from one sibling to the other keeps the hash input and is refused by length."""
    left, right = LEAVES[0], LEAVES[1]
    assert accepts_inclusion(leaf=left, index=0, size=2, proof=[right], root=ROOTS[2])
    assert not accepts_inclusion(leaf=left + right[:1], index=0, size=2, proof=[right[1:]], root=ROOTS[2])
    assert not accepts_consistency(old=1, old_root=left + right[:1], new=2, new_root=ROOTS[2], proof=[right[1:]])


def test_a_compact_range_of_the_wrong_peaks_has_another_root() -> None:
    """The root depends on every peak and on their order."""
    tree = compact_range(7, NODES.__getitem__)
    swapped = CompactRange(size=7, peaks=(tree.peaks[1], tree.peaks[0], tree.peaks[2]))
    assert swapped.root() != tree.root()
