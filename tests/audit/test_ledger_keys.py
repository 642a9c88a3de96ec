"""The files of the ledger's keys: one form, one owner, no default."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from audit.keys import generate_key, load_signer, load_vkey, vkey_path
from audit.note import encode_signer
from governance.errors import BadInput
from tests.audit.samples import ORIGIN, SIGNER


def test_a_generated_key_is_loaded_again(tmp_path: Path) -> None:
    """Private and public file belong together, and the private one is its owner's alone."""
    path = tmp_path / "ledger.key"
    made = generate_key(path, name=ORIGIN)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert vkey_path(path) == tmp_path / "ledger.vkey"
    assert load_signer(path).verifier.vkey == made.verifier.vkey == load_vkey(vkey_path(path)).vkey
    assert encode_signer(load_signer(path)) == encode_signer(made)


def test_keys_are_random(tmp_path: Path) -> None:
    """Two keys of one name are different."""
    first, second = (generate_key(tmp_path / f"{name}.key", name=ORIGIN) for name in "ab")
    assert first.verifier.vkey != second.verifier.vkey


@pytest.mark.parametrize("existing", ["ledger.key", "ledger.vkey"])
def test_no_key_is_replaced(tmp_path: Path, existing: str) -> None:
    """An existing file of either key stays as it is."""
    (tmp_path / existing).write_text("mine\n")
    with pytest.raises(BadInput, match="ledger-key-exists") as refused:
        generate_key(tmp_path / "ledger.key", name=ORIGIN)
    assert refused.value.params == {"file": existing}
    assert (tmp_path / existing).read_text() == "mine\n"


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o644, 0o660, 0o601, 0o610, 0o666, 0o777])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Any right of group or others is too much; the message names file and mode."""
    path = tmp_path / "ledger.key"
    generate_key(path, name=ORIGIN)
    path.chmod(mode)
    with pytest.raises(BadInput, match="ledger-key-open") as refused:
        load_signer(path)
    assert refused.value.params == {"file": "ledger.key", "mode": f"{mode:04o}"}


SECRET = encode_signer(SIGNER)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("", id="empty"),
        pytest.param("\n", id="blank-line"),
        pytest.param(SECRET, id="no-newline"),
        pytest.param(SECRET[:-1] + "\n", id="cut"),
        pytest.param(SECRET[:-8] + "\n", id="too-short"),
        pytest.param(SECRET + "AAAA\n", id="too-long"),
        pytest.param(SECRET + "\n\n", id="two-newlines"),
        pytest.param(SECRET + "\r\n", id="crlf"),
        pytest.param(" " + SECRET + "\n", id="space-before"),
        pytest.param(SECRET.replace(ORIGIN, "other.example") + "\n", id="another-name"),
        pytest.param(SIGNER.verifier.vkey + "\n", id="public-key"),
        pytest.param("x" * 5000 + "\n", id="large"),
        pytest.param(b"\xff\xfe\n", id="no-text"),
    ],
)
def test_a_file_that_holds_no_key_is_refused(tmp_path: Path, content: str | bytes) -> None:
    """No part of a key is taken for a key; the message names the file and shows nothing of it."""
    path = tmp_path / "ledger.key"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o600)
    with pytest.raises(BadInput, match="ledger-key-malformed") as refused:
        load_signer(path)
    assert refused.value.params == {"file": "ledger.key"}
    assert SECRET[-20:] not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """There is no default key."""
    for load in (load_signer, load_vkey):
        with pytest.raises(BadInput, match="ledger-key-missing"):
            load(tmp_path / "ledger.key")


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    """A folder, a link and a pipe are no key files; none of them makes the start wait."""
    folder, link, pipe = tmp_path / "folder", tmp_path / "link", tmp_path / "pipe"
    folder.mkdir(mode=0o700)
    generate_key(tmp_path / "ledger.key", name=ORIGIN)
    link.symlink_to(tmp_path / "ledger.key")
    os.mkfifo(pipe, mode=0o600)
    for path in (folder, link, pipe):
        with pytest.raises(BadInput, match="ledger-key-unreadable"):
            load_signer(path)


def test_a_key_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message names the file that cannot be written."""
    with pytest.raises(BadInput, match="ledger-key-unwritable"):
        generate_key(tmp_path / "nowhere" / "ledger.key", name=ORIGIN)


@pytest.mark.parametrize("content", [b"", b"\xff\n", b"name+0+x\n", b"x" * 5000])
def test_a_file_that_holds_no_public_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """What is pinned is a key, or nothing is."""
    path = tmp_path / "ledger.vkey"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="ledger-key-malformed"):
        load_vkey(path)
    with pytest.raises(BadInput, match="ledger-key-unreadable"):
        load_vkey(tmp_path)
