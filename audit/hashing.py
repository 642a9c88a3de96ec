"""Leaf and node hash of the ledger's tree (RFC 6962 section 2.1): all that its writer and its verifier share."""

from __future__ import annotations

from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash of an entry as a leaf. The prefix 0x00 keeps a leaf from being passed off as an interior node."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an interior node over the hashes of its left and its right part."""
    return sha256(b"\x01" + left + right).digest()
