"""The name under which an engine's rules and data go into the records: one digest over both."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from policies.bundle import Bundle


def revision_of(bundle: Bundle, data: Mapping[str, Any]) -> str:
    """SHA-256, in hex digits, over the revision of the rules and the digest of the canonical data (RFC 8785).

    Whoever holds rules and data of the past can tell by it that they are those of a decision, and replay it.
    """
    digest = hashlib.sha256(rfc8785.dumps(dict(data))).hexdigest()
    return hashlib.sha256(rfc8785.dumps({"rules": bundle.revision, "data": digest})).hexdigest()
