"""The keys of the local issuer: one that signs, and those it has replaced, until what they signed has run out (第20条).

A key is replaced in two ways. As a matter of course: tokens of the old key count until they would have ended, and its
private part is gone at once. Or because it may be known to others: then no token of it counts from that moment on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from governance.errors import BadInput
from sekisho.identity import RetiredKey, TokenIssuer, key_id, load_signing_key, new_signing_key
from sekisho.key_files import read_key_file, write_key_file
from sekisho.layout import Layout
from sekisho.settings import Settings

_SUFFIX = ".retired.json"
_RAW = re.compile(r"[0-9a-f]{64}", re.ASCII)


def load_issuer(layout: Layout, settings: Settings) -> TokenIssuer:
    """The issuer of a deployment with all its keys.

    Raises:
        BadInput: a key is missing, malformed or readable by others.
    """
    file = layout.name_of(layout.issuer_key)
    return TokenIssuer(
        name=settings.issuer,
        key=load_signing_key(read_key_file(layout.issuer_key, file=file), file=file),
        lifetime=settings.token_lifetime,
        retired=_retired(layout),
    )


def rotate(layout: Layout, settings: Settings, *, now: datetime, at_once: bool) -> str:
    """Replace the signing key.

    Args:
        now: by the deployment's clock.
        at_once: no token of the old key counts any more; else they count until they end.

    Returns:
        The id of the new key.

    Raises:
        BadInput: the present key cannot be read, or a file cannot be written; then nothing has changed.
    """
    issuer = load_issuer(layout, settings)
    old, file = issuer.key.public_key(), layout.name_of(layout.issuer_key)
    fresh = layout.issuer_key.with_name(f"{layout.issuer_key.name}.part")
    fresh.unlink(missing_ok=True)
    pem = new_signing_key()
    write_key_file(fresh, pem, file=file)
    if not at_once:
        # Before the new key is in force: a failure between the two leaves a key that is both, and counts as itself.
        document = {"public": _raw(old).hex(), "until": (now + settings.token_lifetime).isoformat(timespec="seconds")}
        retired = layout.issuer_key.with_name(f"issuer-{key_id(old)}{_SUFFIX}")
        retired.unlink(missing_ok=True)
        write_key_file(retired, json.dumps(document).encode(), file=layout.name_of(retired))
    try:
        fresh.replace(layout.issuer_key)
    except OSError as error:
        raise BadInput("file-unwritable", file=file) from error
    return key_id(load_signing_key(pem, file=file).public_key())


def _retired(layout: Layout) -> Mapping[str, RetiredKey]:
    found: dict[str, RetiredKey] = {}
    for path in sorted(layout.issuer_key.parent.glob(f"issuer-*{_SUFFIX}")):
        retired = _read(path, file=layout.name_of(path))
        found[key_id(retired.key)] = retired
    return found


def _read(path: Path, *, file: str) -> RetiredKey:
    try:
        document = json.loads(read_key_file(path, file=file))
        raw, until = document["public"], datetime.fromisoformat(document["until"])
        if not _RAW.fullmatch(raw) or until.tzinfo is None:
            raise ValueError
        return RetiredKey(key=Ed25519PublicKey.from_public_bytes(bytes.fromhex(raw)), until=until)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise BadInput("key-unreadable", file=file) from None


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)
