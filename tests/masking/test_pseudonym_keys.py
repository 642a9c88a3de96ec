"""Pseudonyms equal an independent computation, keys are kept strictly, and nothing joins across key spaces."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import os
import pickle
import stat
import subprocess
import uuid
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalogue import KeyKind, Label
from governance.decisions import PseudonymSpace
from governance.errors import BadInput
from masking.keys import KeyRing, create_master

LABEL = Label(ja="番号", en="Number")
PERSON = KeyKind(name="person", label=LABEL, pattern="[0-9]{10}", pad=10, method="aes")
HOUSE = KeyKind(name="house", label=LABEL, pattern="[0-9]{10}", pad=10, method="aes")
FREE = KeyKind(name="free", label=LABEL, pattern="(?s).+", pad=None, method="aes")
VISIT = KeyKind(name="visit", label=LABEL, pattern="(?s).+", pad=None, method="hmac")
SPACE = PseudonymSpace(domain="screening", epoch="2023")
MASTER = bytes(range(32))


def hkdf(master: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF-SHA-256 written out from RFC 5869."""
    pseudorandom = hmac.digest(salt, master, "sha256")
    block, output = b"", b""
    for counter in itertools.count(1):
        if len(output) >= length:
            return output[:length]
        block = hmac.digest(pseudorandom, block + info + bytes([counter]), "sha256")
        output += block
    raise AssertionError


def derived(use: str, kind: str, *, space: PseudonymSpace = SPACE, length: int = 32) -> bytes:
    """A key as ADR 0003 describes it."""
    info = b"".join(len(p.encode()).to_bytes(2, "big") + p.encode() for p in (space.domain, space.epoch, kind))
    return hkdf(MASTER, salt=b"sekisho/pseudonym/v1/" + use.encode(), info=info, length=length)


def openssl_aes_block(block: bytes, key: bytes) -> bytes:
    """One block through the openssl command line."""
    command = ["openssl", "enc", "-aes-256-ecb", "-nopad", "-K", key.hex()]
    return subprocess.run(command, input=block, capture_output=True, check=True).stdout


def pseudonyms(
    texts: list[str | None], kind: KeyKind, *, ring: KeyRing, space: PseudonymSpace = SPACE
) -> list[uuid.UUID]:
    """Pseudonyms as Python values."""
    answer = ring.pseudonyms(pa.array(texts, type=pa.string()), kind=kind, space=space)
    assert answer.type == pa.uuid()
    return answer.to_pylist()


@pytest.fixture
def ring() -> KeyRing:
    """The key ring of a fixed master."""
    return KeyRing(MASTER)


def test_aes_pseudonyms_equal_those_of_openssl(ring: KeyRing) -> None:
    """Each pseudonym is one AES-256 block of length, text and zeros, computed here by another program."""
    texts = ["0001234567", "x", "宛名番号五", "123456789012345"]
    key = derived("aes", "free")
    expected = []
    for text in texts:
        encoded = text.encode()
        block = (bytes([len(encoded)]) + encoded).ljust(16, b"\0")
        expected.append(uuid.UUID(bytes=openssl_aes_block(block, key)))
    assert pseudonyms(texts, FREE, ring=ring) == expected


def test_what_the_ring_remembers_is_what_it_would_make(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again, and again after it forgot, it gives the same; another space and another kind have their own."""
    spaces = [SPACE, PseudonymSpace(domain="screening", epoch="2024"), PseudonymSpace(domain="other", epoch="2023")]
    kinds = [VISIT, KeyKind(name="call", label=LABEL, pattern="(?s).+", pad=None, method="hmac")]
    texts: list[str | None] = [f"2023|B{n % 7}|{n}" for n in range(50)] + [None]

    def made() -> list[list[uuid.UUID]]:
        return [pseudonyms(texts, kind, ring=ring, space=space) for space in spaces for kind in kinds]

    first = made()
    assert made() == first
    assert len({row[0] for row in first}) == len(first)
    monkeypatch.setattr("masking.keys.MOST_REMEMBERED", 10)
    monkeypatch.setattr("masking.keys.MOST_KEYS_REMEMBERED", 2)
    assert made() == first


def test_hmac_pseudonyms_equal_those_of_the_standard_library(ring: KeyRing) -> None:
    """Each pseudonym is HMAC-SHA-256 of the text, cut to 128 bits; a repeated text has the same."""
    texts: list[str | None] = ["2023|B1|R5-3-2-14", "2023|B2|R5-3-2-14", None, "2023|B1|R5-3-2-14", "あ" * 100]
    key = derived("hmac", "visit")
    expected = [t and uuid.UUID(bytes=hmac.new(key, t.encode(), hashlib.sha256).digest()[:16]) for t in texts]
    assert pseudonyms(texts, VISIT, ring=ring) == expected


@pytest.mark.parametrize(
    ("kind", "text", "known"),
    [
        (PERSON, "0001234567", "67fe3ff9-7d87-3830-9356-40ef2a80189c"),
        (VISIT, "2023|B1|R5-3-2-14", "27f36d1f-911e-dcea-b678-0e8eb916ead3"),
    ],
)
def test_pseudonyms_do_not_change_with_a_release(ring: KeyRing, kind: KeyKind, text: str, known: str) -> None:
    """Known answers, made with openssl (kdf, enc, dgst): every later version has to give an epoch's pseudonyms again."""
    assert pseudonyms([text], kind, ring=ring) == [uuid.UUID(known)]


def test_the_key_id_is_derived_and_public(ring: KeyRing) -> None:
    """The id is eight hexadecimal digits of a derivation of its own, the same for all kinds of a space."""
    assert ring.key_id(SPACE) == derived("id", "", length=4).hex()
    assert ring.key_id(SPACE) != ring.key_id(PseudonymSpace(domain="screening", epoch="2024"))
    assert ring.key_id(SPACE) != KeyRing(bytes(32)).key_id(SPACE)


TEXTS = st.none() | st.text(min_size=1, max_size=5).filter(lambda t: bool(t.strip()) and len(t.encode()) <= 15)


@given(st.lists(TEXTS, max_size=12), st.integers(0, 3))
def test_a_column_gives_what_its_values_give_alone(texts: list[str | None], offset: int) -> None:
    """Lengths, nulls, slices and repetitions do not leak into each other's pseudonyms."""
    ring = KeyRing(MASTER)
    column = pa.array(texts, type=pa.string())[offset:]
    for kind in (FREE, VISIT):
        answer = ring.pseudonyms(column, kind=kind, space=SPACE)
        alone = [t and pseudonyms([t], kind, ring=ring)[0] for t in column.to_pylist()]
        assert answer.to_pylist() == alone
        answer.validate(full=True)


def test_nothing_stands_behind_a_null(ring: KeyRing) -> None:
    """The bytes behind a null are zeros, not the block of some text."""
    answer = ring.pseudonyms(pa.array([None, "0000000001"]), kind=PERSON, space=SPACE)
    assert answer.storage.buffers()[1].to_pybytes()[:16] == bytes(16)


def test_the_canonical_form_decides_about_the_pseudonym(ring: KeyRing) -> None:
    """One number written in four ways is one pseudonym."""
    assert len(set(pseudonyms(["0001234567", "1234567", "１２３４５６７", " 1234567　"], PERSON, ring=ring))) == 1


def test_a_key_of_the_wrong_form_refuses_the_column_without_showing_it(ring: KeyRing) -> None:
    """One malformed identifier stops the scan; the message counts and holds no value."""
    with pytest.raises(BadInput) as caught:
        pseudonyms(["0001234567", "CANARY-1", "CANARY-2"], PERSON, ring=ring)
    assert caught.value.code == "mask-key-malformed"
    assert caught.value.params == {"kind": "person", "rejected": 2}
    assert "CANARY" not in str(caught.value)


def test_a_text_that_does_not_fit_a_block_is_refused(ring: KeyRing) -> None:
    """Sixteen bytes leave no room for the length: refused, never cut."""
    assert len(pseudonyms(["x" * 15], FREE, ring=ring)) == 1
    with pytest.raises(BadInput) as caught:
        pseudonyms(["x" * 16], FREE, ring=ring)
    assert caught.value.code == "mask-key-too-long"


def test_nothing_joins_across_master_domain_epoch_kind_or_construction(ring: KeyRing) -> None:
    """Of ten thousand identifiers no two pseudonyms are equal, within one key or between any two."""
    ids = pa.array([f"{n:010d}" for n in range(10_000)])
    spaces = [SPACE, PseudonymSpace(domain="screening", epoch="2024"), PseudonymSpace(domain="vendor", epoch="2023")]
    columns = [ring.pseudonyms(ids, kind=kind, space=space) for kind in (PERSON, HOUSE, VISIT) for space in spaces]
    columns.append(KeyRing(bytes(32)).pseudonyms(ids, kind=PERSON, space=SPACE))
    seen = [value for column in columns for value in column.storage.to_pylist()]
    assert len(set(seen)) == len(seen) == 10 * 10_000


def test_names_that_run_together_are_different_spaces(ring: KeyRing) -> None:
    """Domain and epoch are told apart by their lengths: ("ab", "c") is not ("a", "bc")."""
    spaces = [PseudonymSpace(domain="ab", epoch="c"), PseudonymSpace(domain="a", epoch="bc")]
    assert len({ring.key_id(space) for space in spaces}) == 2
    assert len({pseudonyms(["1"], PERSON, ring=ring, space=space)[0] for space in spaces}) == 2


@pytest.mark.parametrize("space", [PseudonymSpace(domain="", epoch="2023"), PseudonymSpace(domain="d", epoch="")])
def test_an_empty_space_is_refused(ring: KeyRing, space: PseudonymSpace) -> None:
    """There is no default domain and no default epoch."""
    for action in (lambda: ring.key_id(space), lambda: pseudonyms(["1"], PERSON, ring=ring, space=space)):
        with pytest.raises(BadInput) as caught:
            action()
        assert caught.value.code == "mask-space-empty"


def test_a_new_master_is_random_private_and_never_overwritten(tmp_path: Path) -> None:
    """Two masters differ, only the owner reads them whatever the umask, and an existing one stays."""
    before = os.umask(0)
    try:
        create_master(tmp_path / "a")
        create_master(tmp_path / "b")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600
    assert KeyRing.load(tmp_path / "a").key_id(SPACE) != KeyRing.load(tmp_path / "b").key_id(SPACE)
    content = (tmp_path / "a").read_bytes()
    with pytest.raises(BadInput) as caught:
        create_master(tmp_path / "a")
    assert caught.value.code == "mask-master-exists"
    assert (tmp_path / "a").read_bytes() == content


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o610])
def test_a_master_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or others refuses the start, naming the file."""
    create_master(tmp_path / ".master.key")
    (tmp_path / ".master.key").chmod(mode)
    with pytest.raises(BadInput) as caught:
        KeyRing.load(tmp_path / ".master.key")
    assert (caught.value.code, caught.value.params["file"]) == ("mask-master-open", ".master.key")


@pytest.mark.parametrize(
    "content", ["", "ab" * 31, "ab" * 33, "AB" * 32, "zz" * 32, "ab" * 32 + "\n\n", " " + "ab" * 32]
)
def test_a_master_of_the_wrong_form_is_refused_without_being_shown(tmp_path: Path, content: str) -> None:
    """Anything but 32 bytes in lower-case hexadecimal on one line is refused."""
    path = tmp_path / ".master.key"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(BadInput) as caught:
        KeyRing.load(path)
    assert caught.value.code == "mask-master-malformed"
    assert "abab" not in str(caught.value)


def test_a_missing_master_is_refused(tmp_path: Path) -> None:
    """No file, no key: there is no default. A folder or a pipe is no file."""
    with pytest.raises(BadInput) as caught:
        KeyRing.load(tmp_path / "none")
    assert caught.value.code == "mask-master-missing"
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(BadInput) as caught:
        KeyRing.load(tmp_path / "pipe")
    assert caught.value.code == "mask-master-open"
    with pytest.raises(BadInput):
        KeyRing.load(tmp_path)


def test_a_key_ring_neither_shows_nor_ships_its_master(ring: KeyRing) -> None:
    """Its representation holds no key, and it cannot be pickled into another process."""
    assert MASTER.hex() not in repr(ring)
    assert repr(MASTER) not in repr(ring)
    with pytest.raises(TypeError):
        pickle.dumps(ring)


def test_a_ring_of_a_short_master_cannot_exist() -> None:
    """The constructor takes 32 bytes and nothing else."""
    with pytest.raises(BadInput):
        KeyRing(b"short")
