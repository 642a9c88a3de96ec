"""Writing entries and sidecars: the canonical bytes (RFC 8785) that are hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from audit.entry import MAX_ENTRY_BYTES, check_document
from governance.errors import BadInput

MAX_SIDECAR_BYTES = 1_048_576
_MAX_DEPTH = 64


def encode_entry(document: Mapping[str, Any]) -> bytes:
    """The bytes of an entry.

    Raises:
        BadInput: it holds a float or a value that JSON lacks, is outside the schema, or is longer than 65,535 bytes.
    """
    plain = check_document(_plain(document, depth=0))
    body = _canonical(plain)
    if len(body) > MAX_ENTRY_BYTES:
        raise BadInput("entry-too-long", bytes=len(body), limit=MAX_ENTRY_BYTES)
    return body


def encode_sidecar(document: Mapping[str, Any]) -> bytes:
    """The bytes of a document that an entry refers to by digest.

    Raises:
        BadInput: it holds a float or a value that JSON lacks, or is longer than 1 MiB.
    """
    body = _canonical(_plain(document, depth=0))
    if len(body) > MAX_SIDECAR_BYTES:
        raise BadInput("sidecar-too-long", bytes=len(body), limit=MAX_SIDECAR_BYTES)
    return body


def sidecar_digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical bytes, in hex: how an entry names a sidecar."""
    return hashlib.sha256(encode_sidecar(document)).hexdigest()


def _canonical(plain: Any) -> bytes:
    try:
        return rfc8785.dumps(plain)
    except rfc8785.CanonicalizationError:
        # An integer beyond 2**53 or a string that is no Unicode text.
        raise BadInput("entry-malformed") from None


def _plain(value: Any, *, depth: int) -> Any:
    """The value as plain JSON types: what is checked is what is written."""
    if depth > _MAX_DEPTH:
        raise BadInput("entry-malformed")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    # Floats have more than one decimal form, and a canonical one that few libraries agree on.
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str(key): _plain(item, depth=depth + 1) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth=depth + 1) for item in value]
    raise BadInput("entry-malformed")
