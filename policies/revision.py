"""The name under which an engine's rules and data go into the records: one digest for each."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from policies.bundle import Bundle


def revision_of(bundle: Bundle, data: Mapping[str, Any]) -> str:
    """``rules-<64 hex digits>-data-<64 hex digits>``: what is needed to find and replay a decision's rules and data."""
    digest = hashlib.sha256(rfc8785.dumps(dict(data))).hexdigest()
    return f"rules-{bundle.revision}-data-{digest}"
