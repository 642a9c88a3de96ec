"""The file of a package: signed, in the ledger, encrypted to its recipient; made here, verified and opened anywhere.

A ZIP of five members, stored and not compressed, which standard tools read, too:

* ``manifest.json``: what the package is, and the digest of the encrypted data (RFC 8785 canonical JSON);
* ``manifest.note``: a signed note (C2SP, Ed25519) over the manifest's digest;
* ``ledger-entry.json``, ``ledger-entry.tlog-proof``: the ledger's entry about this manifest, with its proof;
* ``data.parquet.age``: the rows, encrypted in the age format to the recipient's key alone.

Who holds the two public keys verifies it without asking anybody; who holds the private key opens it. Nothing of a
file is believed before it is checked: sizes, names, digests, signatures, then the decryption.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq
import pyrage
import rfc8785

from audit.entry import parse_entry
from audit.note import Signer, Verifier, open_note, sign_note
from audit.receipt import Receipt, parse_receipt, verify_receipt
from governance.errors import BadInput, CheckFailed, SekishoError

FORMAT: Final = "sekisho.package/v1"
MANIFEST, NOTE, ENTRY, PROOF, DATA = (
    "manifest.json", "manifest.note", "ledger-entry.json", "ledger-entry.tlog-proof", "data.parquet.age",
)  # fmt: skip
_MEMBERS = (MANIFEST, NOTE, ENTRY, PROOF, DATA)
MOST_BYTES = 512 * 1024 * 1024
_MOST_OF_A_TEXT = 1024 * 1024
_DATED = (1980, 1, 1, 0, 0, 0)
_RECEIPT_KEY = b"sekisho.receipt"
_MANIFEST_FIELDS = frozenset(
    {
        "format", "package", "recipient", "purpose", "articles", "guideline_version", "policy_digest", "pseudonyms",
        "contract", "created_at", "expires_on", "as_of", "data", "columns", "withheld", "anonymity", "conditions",
        "approval", "ledger", "notice", "label",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Encrypted rows, and what a manifest says of them."""

    ciphertext: bytes
    plain_digest: str

    @property
    def digest(self) -> str:
        """SHA-256 of the encrypted bytes."""
        return hashlib.sha256(self.ciphertext).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A package of which everything holds that the public keys can tell.

    Attributes:
        manifest: what it says.
        data: the encrypted rows.
        ledger_index: the ledger entry about it.
    """

    manifest: dict[str, Any]
    data: bytes
    ledger_index: int


def new_identity() -> tuple[str, str]:
    """A private key of a recipient, and its public key."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def seal(table: pa.Table, *, recipient_key: str, receipt_code: str) -> Sealed:
    """Encrypt rows to a recipient.

    Args:
        receipt_code: what only whoever opens the package learns; they send it back as the sign that they did.

    Raises:
        BadInput: the key is no age recipient.
    """
    try:
        recipient = pyrage.x25519.Recipient.from_str(recipient_key)
    except pyrage.RecipientError:
        raise BadInput("package-public-key") from None
    buffer = io.BytesIO()
    metadata = {**(table.schema.metadata or {}), _RECEIPT_KEY: receipt_code.encode()}
    pq.write_table(table.replace_schema_metadata(metadata), buffer)
    plain = buffer.getvalue()
    return Sealed(
        ciphertext=pyrage.encrypt(plain, [recipient]),
        plain_digest=hashlib.sha256(plain).hexdigest(),
    )


def manifest_bytes(manifest: dict[str, Any]) -> bytes:
    """The bytes of a manifest, which its digest is over."""
    return rfc8785.dumps(manifest)


def pack(manifest: bytes, *, number: str, signer: Signer, receipt: Receipt, ciphertext: bytes) -> bytes:
    """The file of a package, whose manifest is in the ledger already."""
    members = {
        MANIFEST: manifest,
        NOTE: sign_note(_signed_text(number, hashlib.sha256(manifest).hexdigest()), signer).encode(),
        ENTRY: receipt.entry,
        PROOF: receipt.text.encode(),
        DATA: ciphertext,
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, date_time=_DATED), data)
    return buffer.getvalue()


def verify(file: bytes, *, package_key: Verifier, ledger_key: Verifier, today: date) -> Verified:
    """Check everything about a package that needs no private key.

    Args:
        today: packages that have expired before it are refused.

    Raises:
        BadInput: the file is no package.
        CheckFailed: a signature, a digest, the ledger's proof or the term does not hold.
    """
    members = _members(file)
    manifest = _manifest(members[MANIFEST])
    digest = hashlib.sha256(members[MANIFEST]).hexdigest()
    try:
        note = open_note(members[NOTE], verifiers=[package_key])
    except CheckFailed:
        raise CheckFailed("package-signature") from None
    except BadInput:
        raise CheckFailed("package-signature") from None
    if note.text != _signed_text(manifest["package"], digest):
        raise CheckFailed("package-signature")
    index = _check_ledger(members, manifest, digest=digest, ledger_key=ledger_key)
    if hashlib.sha256(members[DATA]).hexdigest() != manifest["data"]["sha256"]:
        raise CheckFailed("package-tampered")
    if today > date.fromisoformat(manifest["expires_on"]):
        raise CheckFailed("package-expired", expires_on=manifest["expires_on"])
    return Verified(manifest=manifest, data=members[DATA], ledger_index=index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The rows of a package, and the code that says that somebody opened it."""

    table: pa.Table
    receipt_code: str


def decrypt(verified: Verified, *, identity: str) -> Opened:
    """The rows, for whoever holds the recipient's private key.

    Args:
        identity: the private key (``AGE-SECRET-KEY-…``).

    Raises:
        BadInput: this is no private key, or not the one that the package was made for.
        CheckFailed: what was encrypted is not what the manifest says.
    """
    try:
        key = pyrage.x25519.Identity.from_str(identity)
    except pyrage.IdentityError:
        raise BadInput("package-private-key") from None
    try:
        plain = pyrage.decrypt(verified.data, [key])
    except pyrage.DecryptError:
        # The bytes are the signed ones, so it is the key.
        raise BadInput("package-key-wrong", recipient=verified.manifest["recipient"]["id"]) from None
    if hashlib.sha256(plain).hexdigest() != verified.manifest["data"]["plain_sha256"]:
        raise CheckFailed("package-tampered")
    try:
        table = pq.read_table(pa.BufferReader(plain))
    except (pa.ArrowInvalid, OSError):
        raise CheckFailed("package-tampered") from None
    metadata = table.schema.metadata or {}
    code = metadata.get(_RECEIPT_KEY, b"").decode("ascii", errors="replace")
    if table.num_rows != verified.manifest["data"]["rows"]:
        raise CheckFailed("package-tampered")
    return Opened(table=table.replace_schema_metadata(None), receipt_code=code)


def _signed_text(number: str, digest: str) -> str:
    """What is signed. No checkpoint of a ledger begins like this, so no signature serves for the other."""
    return f"{FORMAT}\n{number}\n{digest}\n"


def _members(file: bytes) -> dict[str, bytes]:
    if len(file) > MOST_BYTES:
        raise BadInput("package-malformed")
    try:
        with zipfile.ZipFile(io.BytesIO(file)) as archive:
            infos = archive.infolist()
            if tuple(info.filename for info in infos) != _MEMBERS:
                raise BadInput("package-malformed")
            for info in infos:
                most = MOST_BYTES if info.filename == DATA else _MOST_OF_A_TEXT
                if info.compress_type != zipfile.ZIP_STORED or info.file_size > most or info.flag_bits & 0x1:
                    raise BadInput("package-malformed")
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError):
        # A member whose checksum does not hold was changed by hand or on its way.
        raise BadInput("package-malformed") from None


def _manifest(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
        is_canonical = rfc8785.dumps(document) == body
    except (ValueError, RecursionError, rfc8785.CanonicalizationError):
        raise BadInput("package-malformed") from None
    if not is_canonical or not isinstance(document, dict) or set(document) != _MANIFEST_FIELDS:
        raise BadInput("package-malformed")
    if document["format"] != FORMAT:
        raise BadInput("package-malformed")
    return document


def _check_ledger(members: dict[str, bytes], manifest: dict[str, Any], *, digest: str, ledger_key: Verifier) -> int:
    """The ledger's entry is about this manifest, and in the ledger of the pinned key."""
    try:
        receipt = parse_receipt(members[PROOF], entry=members[ENTRY])
        verify_receipt(receipt, vkey=ledger_key.vkey, origin=ledger_key.name)
        entry = parse_entry(members[ENTRY])
    except SekishoError:
        raise CheckFailed("package-ledger") from None
    said = (entry["kind"], entry.get("event"), entry.get("package"), entry.get("manifest_digest"))
    if said != ("package", "created", manifest["package"], digest):
        raise CheckFailed("package-ledger")
    return receipt.index
