"""Private key files are the owner's alone, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.errors import BadInput
from sekisho.key_files import read_key_file, write_key_file


def test_a_written_key_is_the_owners_alone(tmp_path: Path) -> None:
    """A new key file has mode 0600 and reads back as it was written."""
    path = tmp_path / "keys" / "issuer.pem"
    write_key_file(path, b"secret", file="keys/issuer.pem")
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_key_file(path, file="keys/issuer.pem") == b"secret"


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Writing over an existing key is refused and leaves it as it was."""
    path = tmp_path / "k"
    write_key_file(path, b"first", file="k")
    with pytest.raises(BadInput) as caught:
        write_key_file(path, b"second", file="k")
    assert caught.value.code == "file-exists"
    assert path.read_bytes() == b"first"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o610, 0o601, 0o777])
def test_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Any permission for group or others refuses the key, and the message says what to do."""
    path = tmp_path / "k"
    write_key_file(path, b"secret", file="k")
    path.chmod(mode)
    with pytest.raises(BadInput) as caught:
        read_key_file(path, file="k")
    assert caught.value.code == "key-file-open"
    assert "600" in caught.value.remedy("ja")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    """A key file that is not there is named in the error."""
    with pytest.raises(BadInput) as caught:
        read_key_file(tmp_path / "k", file="keys/ledger.key")
    assert caught.value.code == "file-missing"
    assert caught.value.params["file"] == "keys/ledger.key"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link in place of a key file is refused."""
    write_key_file(tmp_path / "k", b"secret", file="k")
    (tmp_path / "link").symlink_to(tmp_path / "k")
    with pytest.raises(BadInput):
        read_key_file(tmp_path / "link", file="link")


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    """A folder, or a file far larger than any key, is refused."""
    big = tmp_path / "big"
    write_key_file(big, bytes(16 * 1024 + 1), file="big")
    for path, code in ((tmp_path, "file-unreadable"), (big, "key-file-kind")):
        with pytest.raises(BadInput) as caught:
            read_key_file(path, file=path.name)
        assert caught.value.code == code
