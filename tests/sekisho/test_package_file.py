"""The file of a package: whoever has the public keys verifies it, whoever has the private key opens it, nobody else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pytest
import rfc8785

from audit.ledger import Ledger
from audit.note import Signer, make_signer
from audit.receipt import Receipt
from governance.errors import BadInput, CheckFailed, SekishoError
from sekisho.package_file import (
    DATA,
    ENTRY,
    FORMAT,
    MANIFEST,
    NOTE,
    PROOF,
    decrypt,
    manifest_bytes,
    new_identity,
    pack,
    seal,
    verify,
)
from tests.audit import samples

TODAY = date(2023, 10, 1)
PACKAGE_KEY = make_signer("city.example/ledger/packages", seed=b"p" * 32)
LEDGER_KEY = make_signer("city.example/ledger", seed=b"l" * 32)
PRIVATE, PUBLIC = new_identity()
ROWS = pa.table({"person": pa.array([UUID(int=n) for n in range(1, 7)], type=pa.uuid()), "grade": ["1-3"] * 6})


def _receipt(folder: Path, number: str, digest: str) -> Receipt:
    """The ledger's entry about a manifest, after the decision that allowed it."""
    made = {
        "decision": 1, "event": "created", "package": number, "recipe": "r", "approval": "AP-2023-0001", "release": 1,
        "content_digest": "c0" * 32, "manifest_digest": digest, "k": 5, "l": 2, "findings": 0, "expires_on": "2024-03-31",
        "number": None, "guideline_version": samples.GUIDELINE,
    }  # fmt: skip
    path = folder / "ledger.sqlite"
    with Ledger.create(path, signer=LEDGER_KEY, origin=LEDGER_KEY.name, genesis=samples.GENESIS) as ledger:
        ledger.append(samples.decision(7, action="package.create"), sidecars=[samples.SIDECAR])
        return ledger.append(samples.common("package", 7, **made))


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return {
        "format": FORMAT, "package": "PK-2023-0001", "label": {"ja": "提供物", "en": "package"}, "notice": "架空データ",
        "recipient": {"id": "firm", "label": {"ja": "委託先", "en": "firm"}}, "purpose": {"id": "study", "label": {}},
        "articles": [18], "guideline_version": "1", "policy_digest": "d" * 64, "approval": "AP-1", "pseudonyms": {},
        "contract": {}, "created_at": "2023-10-01T09:00:00+09:00", "expires_on": "2024-03-31", "as_of": "2023-10-01",
        "columns": [], "withheld": [], "anonymity": {}, "conditions": [], "ledger": {},
    }  # fmt: skip


@pytest.fixture(scope="module")
def package(manifest: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A sound package."""
    return _packed(manifest, tmp_path_factory.mktemp("ledger"))


def _packed(manifest: dict[str, Any], folder: Path, *, signer: Signer = PACKAGE_KEY, rows: int = 6) -> bytes:
    sealed = seal(ROWS, recipient_key=PUBLIC, receipt_code="0123abcd")
    body = manifest_bytes(
        {**manifest, "data": {"sha256": sealed.digest, "plain_sha256": sealed.plain_digest, "rows": rows}}
    )
    receipt = _receipt(folder, manifest["package"], hashlib.sha256(body).hexdigest())
    return pack(body, number=manifest["package"], signer=signer, receipt=receipt, ciphertext=sealed.ciphertext)


def _verify(file: bytes, *, today: date = TODAY, **keys: Any) -> Any:
    return verify(file, **{"package_key": PACKAGE_KEY.verifier, "ledger_key": LEDGER_KEY.verifier, **keys}, today=today)


def _with(file: bytes, **members: bytes | None) -> bytes:
    """The same with members changed, by file name with dots for underscores."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(buffer, "w") as new:
        for info in old.infolist():
            data = members.get(info.filename, old.read(info))
            if data is not None:
                new.writestr(info.filename, data)
    return buffer.getvalue()


def _member(file: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(file)) as archive:
        return archive.read(name)


def _code(attempt: Any) -> str:
    with pytest.raises(SekishoError) as caught:
        attempt()
    assert isinstance(caught.value, BadInput | CheckFailed)
    return caught.value.code


def test_a_sound_package_is_verified_and_opened(package: bytes) -> None:
    """The rows come out as they went in, with the code that says that somebody opened it."""
    found = _verify(package)
    assert found.manifest["package"] == "PK-2023-0001"
    opened = decrypt(found, identity=PRIVATE)
    assert opened.table.equals(ROWS)
    assert opened.receipt_code == "0123abcd"


def test_the_rows_are_not_in_the_file(package: bytes) -> None:
    """Neither the values nor the code stand in it in the clear."""
    assert b"1-3" not in package
    assert b"0123abcd" not in package
    assert _member(package, DATA).startswith(b"age-encryption.org/v1\n")


def test_another_key_opens_nothing(package: bytes) -> None:
    """Neither another recipient's nor something that is no key; the error names no key."""
    other, _ = new_identity()
    assert _code(lambda: decrypt(_verify(package), identity=other)) == "package-key-wrong"
    for text in ("", "AGE-SECRET-KEY-1", PUBLIC, "鍵"):
        assert _code(lambda text=text: decrypt(_verify(package), identity=text)) == "package-private-key"


def test_an_expired_package_is_refused(package: bytes) -> None:
    """On its last day it still opens; on the next it does not."""
    _verify(package, today=date(2024, 3, 31))
    assert _code(lambda: _verify(package, today=date(2024, 4, 1))) == "package-expired"


def test_nobody_else_signs_a_package(package: bytes, manifest: dict[str, Any], tmp_path: Path) -> None:
    """A package of another key of the same name, and a checkpoint in the place of the signature."""
    forged = _packed(manifest, tmp_path, signer=make_signer(PACKAGE_KEY.name, seed=b"x" * 32))
    assert _code(lambda: _verify(forged)) == "package-signature"
    checkpoint = _member(package, PROOF).partition(b"\n\n")[2]
    assert _code(lambda: _verify(_with(package, **{NOTE: checkpoint}))) == "package-signature"
    assert _code(lambda: _verify(package, package_key=LEDGER_KEY.verifier)) == "package-signature"


def test_a_longer_term_is_not_written_in(package: bytes) -> None:
    """A changed manifest is not the signed one, whatever is changed."""
    document = json.loads(_member(package, MANIFEST))
    for change in ({"expires_on": "2099-03-31"}, {"package": "PK-2023-0002"}, {"conditions": ["なし"]}):
        changed = rfc8785.dumps({**document, **change})
        assert _code(lambda changed=changed: _verify(_with(package, **{MANIFEST: changed}))) == "package-signature"


def test_exchanged_data_are_found(package: bytes) -> None:
    """Rows of somebody else under a true manifest."""
    other = seal(ROWS.slice(0, 3), recipient_key=PUBLIC, receipt_code="0").ciphertext
    assert _code(lambda: _verify(_with(package, **{DATA: other}))) == "package-tampered"


def test_rows_other_than_announced_are_found(manifest: dict[str, Any], tmp_path: Path) -> None:
    """What is decrypted is held against the manifest, too."""
    file = _packed(manifest, tmp_path, rows=7)
    assert _code(lambda: decrypt(_verify(file), identity=PRIVATE)) == "package-tampered"


def test_a_package_that_is_not_in_the_ledger_is_refused(
    package: bytes, manifest: dict[str, Any], tmp_path: Path
) -> None:
    """The proof is checked against the pinned key, and the entry has to be about this manifest."""
    stranger = make_signer(LEDGER_KEY.name, seed=b"y" * 32).verifier
    assert _code(lambda: _verify(package, ledger_key=stranger)) == "package-ledger"
    other = _packed({**manifest, "as_of": "2023-09-01"}, tmp_path)
    swapped = _with(package, **{ENTRY: _member(other, ENTRY), PROOF: _member(other, PROOF)})
    assert _code(lambda: _verify(swapped)) == "package-ledger"
    assert _code(lambda: _verify(_with(package, **{PROOF: b"c2sp.org/tlog-proof@v1\n"}))) == "package-ledger"


@pytest.mark.parametrize("name", [MANIFEST, NOTE, ENTRY, PROOF, DATA])
def test_a_missing_or_mangled_member_is_found(package: bytes, name: str) -> None:
    """One member less, an empty one, half of it: no package of them is accepted, and nothing but our errors comes out."""
    half = _member(package, name)[: len(_member(package, name)) // 2]
    for data in (None, b"", half, b"\xff" * 40):
        assert _code(lambda data=data: _verify(_with(package, **{name: data}))).startswith("package-")


def test_every_changed_byte_is_found(package: bytes) -> None:
    """Flipped anywhere, a package is refused or says the same as before."""
    truth = _verify(package)
    for at in range(0, len(package), 41):
        changed = bytearray(package)
        changed[at] ^= 0x55
        try:
            found = _verify(bytes(changed))
        except (BadInput, CheckFailed):
            continue
        assert (found.manifest, found.data) == (truth.manifest, truth.data)


@pytest.mark.parametrize("file", [b"", b"PK", b"no archive", b"\x00" * 500])
def test_what_is_no_archive_is_no_package(file: bytes) -> None:
    """Whatever was named by mistake."""
    assert _code(lambda: _verify(file)) == "package-malformed"


def test_an_archive_of_other_files_is_no_package(package: bytes) -> None:
    """A member too many, twice, compressed, or of another name; nothing is unpacked then."""

    def archive(*names: str, compression: int = zipfile.ZIP_STORED) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", compression) as made:
            for name in names:
                made.writestr(name, b"x" * 100)
        return buffer.getvalue()

    sound = (MANIFEST, NOTE, ENTRY, PROOF, DATA)
    for file in (
        archive(*sound, "more.txt"), archive(*sound[:-1], "../data.parquet.age"), archive(*reversed(sound)),
        archive(*sound, compression=zipfile.ZIP_DEFLATED),
    ):  # fmt: skip
        assert _code(lambda file=file: _verify(file)) == "package-malformed"


@pytest.mark.parametrize(
    "body", [b"[]", b"{}", b'{"format": "sekisho.package/v1"}', b"{" * 5_000, b'{"a":1e400}', b"\xff"]
)
def test_a_manifest_that_is_none_is_refused(package: bytes, body: bytes) -> None:
    """Not canonical, without its fields, too deep, no JSON."""
    assert _code(lambda: _verify(_with(package, **{MANIFEST: body}))) == "package-malformed"


def test_rows_are_sealed_to_a_public_key_only() -> None:
    """Something else in the register is found before anything is encrypted."""
    for key in ("", "age1", PRIVATE, "ssh-ed25519 AAAA"):
        assert _code(lambda key=key: seal(ROWS, recipient_key=key, receipt_code="0")) == "package-public-key"
