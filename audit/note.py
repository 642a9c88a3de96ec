"""Signed notes and their keys (C2SP ``signed-note``, Ed25519): text, a blank line, signature lines.

Parsing is strict, stricter than the specification asks: one byte sequence per meaning, so that whoever keeps a note and
whoever compares two need not canonicalise anything. ``golang.org/x/mod/sumdb/note`` reads everything that is written
here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from governance.errors import BadInput, CheckFailed

MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100
_ED25519 = b"\x01"
_SIGNATURE_MARK = "\u2014 "
_KEY_ID = re.compile(r"[0-9a-f]{8}")
_PRIVATE = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """A public key under its name."""

    name: str
    key_id: bytes
    public_key: Ed25519PublicKey = field(repr=False, compare=False)
    vkey: str

    def verify(self, text: bytes, *, signature: bytes) -> None:
        """Check a signature over the text of a note.

        Raises:
            CheckFailed: it is not this key's.
        """
        try:
            self.public_key.verify(signature, text)
        except InvalidSignature:
            raise CheckFailed("note-signature-invalid", name=self.name) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A private key under its name. Its representation shows no part of the key."""

    verifier: Verifier
    private_key: Ed25519PrivateKey = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Name of the key; the ledger's origin."""
        return self.verifier.name

    def sign(self, text: bytes) -> bytes:
        """Signature over the text of a note."""
        return self.private_key.sign(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """An opened note: its text, newline included, and the names of the known keys that signed it."""

    text: str
    signed_by: tuple[str, ...]


def make_signer(name: str, *, seed: bytes) -> Signer:
    """The signer of a 32-byte Ed25519 seed.

    Raises:
        BadInput: the name is empty or holds a space, a plus sign or a control character, or the seed is not 32 bytes.
    """
    if not _is_key_name(name) or len(seed) != 32:
        raise BadInput("key-malformed")
    private_key = Ed25519PrivateKey.from_private_bytes(seed)
    return Signer(
        verifier=_make_verifier(name, public=private_key.public_key().public_bytes_raw()), private_key=private_key
    )


def encode_signer(signer: Signer) -> str:
    """The secret text form: ``PRIVATE+KEY+name+id+base64(0x01 || seed)``."""
    seed = signer.private_key.private_bytes_raw()
    return f"{_PRIVATE}{signer.name}+{signer.verifier.key_id.hex()}+{_base64(_ED25519 + seed)}"


def parse_signer(text: str) -> Signer:
    """Read the secret text form.

    Raises:
        BadInput: it is malformed, or the key id does not belong to name and key.
    """
    if not text.startswith(_PRIVATE):
        raise BadInput("key-malformed")
    name, key_id, seed = _key_parts(text.removeprefix(_PRIVATE))
    signer = make_signer(name, seed=seed)
    if signer.verifier.key_id != key_id:
        raise BadInput("key-malformed")
    return signer


@lru_cache(maxsize=64)
def parse_vkey(text: str) -> Verifier:
    """Read the public text form: ``name+id+base64(0x01 || public key)``.

    Raises:
        BadInput: it is malformed, or the key id does not belong to name and key.
    """
    name, key_id, public = _key_parts(text)
    verifier = _make_verifier(name, public=public)
    if verifier.key_id != key_id:
        raise BadInput("key-malformed")
    return verifier


def sign_note(text: str, *signers: Signer) -> str:
    """The note: the text and one signature line for each signer.

    Raises:
        BadInput: the text does not end in a newline or holds a control character, there is no signer, or one is twice.
    """
    if not text.endswith("\n") or _has_control_character(text) or not signers:
        raise BadInput("note-malformed", line=0)
    if len({signer.verifier.vkey for signer in signers}) != len(signers):
        raise BadInput("note-malformed", line=0)
    signed = _encode(text)
    lines = (
        f"{_SIGNATURE_MARK}{signer.name} {_base64(signer.verifier.key_id + signer.sign(signed))}\n"
        for signer in signers
    )
    return f"{text}\n{''.join(lines)}"


def open_note(note: bytes | str, *, verifiers: Sequence[Verifier]) -> Note:
    """The text of a note that at least one known key signed. Lines of unknown keys are ignored, as the format asks.

    Raises:
        BadInput: the note is malformed.
        CheckFailed: a known key's signature is wrong, or no known key signed.
    """
    raw = _encode(note) if isinstance(note, str) else note
    text, signatures = _parse(raw)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signed_by = []
    for key, signature in signatures.items():
        verifier = known.get(key)
        if verifier is not None:
            verifier.verify(text.encode(), signature=signature)
            signed_by.append(verifier.name)
    if not signed_by:
        raise CheckFailed("note-unsigned", names=", ".join(verifier.name for verifier in verifiers))
    return Note(text=text, signed_by=tuple(signed_by))


def decode_base64(text: str) -> bytes | None:
    """The bytes of standard, padded, canonical base64, ``None`` for anything else."""
    try:
        decoded = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return None
    # Several texts decode to the same bytes where the last character carries unused bits.
    return decoded if _base64(decoded) == text else None


def _parse(raw: bytes) -> tuple[str, dict[tuple[str, bytes], bytes]]:
    if len(raw) > MAX_NOTE_BYTES:
        _malformed(0)
    try:
        note = raw.decode()
    except UnicodeDecodeError:
        _malformed(0)
    if _has_control_character(note) or not note.endswith("\n"):
        _malformed(0)
    head, separator, tail = note.rpartition("\n\n")
    if not separator or not tail:
        _malformed(0)
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        _malformed(0)
    signatures: dict[tuple[str, bytes], bytes] = {}
    for number, line in enumerate(lines, start=head.count("\n") + 3):
        name, blank, encoded = line.removeprefix(_SIGNATURE_MARK).partition(" ")
        decoded = decode_base64(encoded)
        if not line.startswith(_SIGNATURE_MARK) or not blank or not _is_key_name(name) or decoded is None:
            _malformed(number)
        key, signature = (name, decoded[:4]), decoded[4:]
        if not signature or key in signatures:
            _malformed(number)
        signatures[key] = signature
    return f"{head}\n", signatures


def _malformed(line: int) -> NoReturn:
    raise BadInput("note-malformed", line=line)


def _key_parts(text: str) -> tuple[str, bytes, bytes]:
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise BadInput("key-malformed")
    name, key_id, encoded = parts
    key = decode_base64(encoded)
    if not _is_key_name(name) or not _KEY_ID.fullmatch(key_id) or key is None or len(key) != 33 or key[:1] != _ED25519:
        raise BadInput("key-malformed")
    return name, bytes.fromhex(key_id), key[1:]


def _make_verifier(name: str, *, public: bytes) -> Verifier:
    key_id = hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]
    return Verifier(
        name=name,
        key_id=key_id,
        public_key=Ed25519PublicKey.from_public_bytes(public),
        vkey=f"{name}+{key_id.hex()}+{_base64(_ED25519 + public)}",
    )


def _is_key_name(name: str) -> bool:
    if not name or "+" in name or _has_control_character(name) or any(character.isspace() for character in name):
        return False
    # A lone surrogate has no UTF-8 form and so no key id.
    return not any("\ud800" <= character <= "\udfff" for character in name)


def _has_control_character(text: str) -> bool:
    return any(character < " " and character != "\n" for character in text)


def _encode(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise BadInput("note-malformed", line=0) from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
