"""Pseudonyms as keyed functions of canonical keys, over whole columns; the two constructions of ADR 0003.

Both give 128 bits, carried as Arrow UUIDs. They are plain functions of a derived key; who holds which key is the
concern of :mod:`masking.keys`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, MutableMapping
from typing import Any

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB

from masking.arrow_types import pc

BLOCK = 16
"""Bytes of an AES block, and of a pseudonym."""

LONGEST_AES_TEXT = BLOCK - 1
"""UTF-8 bytes of the longest text that fits a block beside its length."""


def aes_block_pseudonyms(texts: pa.Array[Any], *, key: bytes) -> pa.Array[Any]:
    """One AES-256 block a text: its length in one byte, its UTF-8 bytes, zeros to the end of the block.

    The mode is ECB, which is sound here and only here: each value is exactly one block, no two texts share one (the
    length byte tells the text from its padding), and that equal values show as equal is what a pseudonym is for.

    Args:
        texts: ``string`` column of canonical keys of at most 15 bytes; the caller has checked the length.
        key: 32 bytes, used for nothing else.

    Returns:
        A ``uuid`` column, null where the text is null.
    """
    blocks = _blocks(texts)
    sealed = np.zeros(blocks.size + BLOCK - 1, dtype=np.uint8)  # update_into wants room for one block less a byte
    encryptor = Cipher(AES256(key), ECB()).encryptor()  # noqa: S305 - see above
    encryptor.update_into(blocks.reshape(-1).data, sealed.data)
    return _uuids(sealed[: blocks.size].reshape(-1, BLOCK), texts)


def hmac_pseudonyms(
    texts: pa.Array[Any], *, key: bytes, known: MutableMapping[str, bytes] | None = None
) -> pa.Array[Any]:
    """The first 128 bits of HMAC-SHA-256 of each text's UTF-8 bytes; each distinct text is computed once.

    Args:
        texts: ``string`` column of canonical keys of any length.
        key: 32 bytes, used for nothing else.
        known: what the key has made of texts before; what is new is added.

    Returns:
        A ``uuid`` column, null where the text is null.
    """
    encoded = texts.dictionary_encode()
    mac, known = _hmac_sha256(key), {} if known is None else known
    digests: list[bytes] = []
    for text in map(str, encoded.dictionary.to_pylist()):
        if (digest := known.get(text)) is None:
            digest = known[text] = mac(text.encode())[:BLOCK]
        digests.append(digest)
    storage = pc.take(pa.array(digests, type=pa.binary(BLOCK)), encoded.indices)
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def longest_text(texts: pa.Array[Any]) -> int:
    """UTF-8 bytes of the longest text, 0 for none."""
    return int(pc.max(pc.binary_length(texts)).as_py() or 0)


def _hmac_sha256(key: bytes) -> Callable[[bytes], bytes]:
    # RFC 2104 with both keyed states made once: three times as fast as hmac.digest a text.
    block = key.ljust(hashlib.sha256().block_size, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))

    def mac(message: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(message)
        second.update(first.digest())
        return second.digest()

    return mac


def _blocks(texts: pa.Array[Any]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    lengths = pc.fill_null(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False).astype(np.int64)
    blocks = np.zeros((len(texts), BLOCK), dtype=np.uint8)
    blocks[:, 0] = lengths
    # Filling nulls gives a column whose bytes stand without gaps, whatever lies behind the null slots of the original.
    filled = pc.fill_null(texts, "")
    _, offset_buffer, bytes_buffer = filled.buffers()
    offsets = np.frombuffer(offset_buffer, dtype=np.int32)[filled.offset : filled.offset + len(filled) + 1]
    joined = np.frombuffer(bytes_buffer or b"", dtype=np.uint8)[offsets[0] : offsets[-1]]
    if joined.size == len(texts) * int(lengths.max(initial=0)):
        # Keys of one length, the usual case, are one rectangle.
        width = int(lengths.max(initial=0))
        blocks[:, 1 : 1 + width] = joined.reshape(len(texts), width)
        return blocks
    starts = np.cumsum(lengths) - lengths
    rows = np.repeat(np.arange(len(texts)), lengths)
    blocks[rows, 1 + np.arange(joined.size) - np.repeat(starts, lengths)] = joined
    return blocks


def _uuids(sealed: np.ndarray[Any, np.dtype[np.uint8]], texts: pa.Array[Any]) -> pa.Array[Any]:
    valid = pc.is_valid(texts)
    missing = ~valid.to_numpy(zero_copy_only=False)
    # What stands behind a null is on the stream too: it must not be the block of the empty text.
    sealed[missing] = 0
    validity = pa.array(np.packbits(~missing, bitorder="little")).buffers()[1] if missing.any() else None
    storage = pa.Array.from_buffers(pa.binary(BLOCK), len(texts), [validity, pa.py_buffer(sealed.tobytes())])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)
