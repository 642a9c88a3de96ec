"""Secrets of epochs: without one nobody makes the epoch's pseudonyms, and what is lost is never made anew unseen."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from governance.catalogue import KeyKind, Label
from governance.decisions import PseudonymSpace
from governance.errors import BadInput, Unavailable
from masking.epoch_keys import Epoch, EpochKeys, create_epochs
from masking.keys import KeyRing, create_master, epochs_path

KIND = KeyKind(name="person", label=Label(ja="人", en="person"), pattern="[0-9]{10}", pad=None, method="aes")
OLD, NEW = PseudonymSpace(domain="screening", epoch="2023"), PseudonymSpace(domain="screening", epoch="2024")
PERSONS = pa.array(["0000000001", "0000000002"])


@pytest.fixture
def master(tmp_path: Path) -> Path:
    """A master with the secrets of its epochs."""
    path = tmp_path / ".master.key"
    create_master(path)
    return path


def made(master: Path, space: PseudonymSpace) -> list[object]:
    """The pseudonyms of two persons, by a ring of its own."""
    return list(KeyRing.load(master).pseudonyms(PERSONS, kind=KIND, space=space).to_pylist())


def test_an_epoch_keeps_its_pseudonyms_until_its_secret_is_destroyed(master: Path) -> None:
    """The same in every process; afterwards nobody makes one, and the other epoch goes on."""
    before, other = made(master, OLD), made(master, NEW)
    open_already = KeyRing.load(master)
    assert (made(master, OLD), made(master, NEW)) == (before, other)
    assert EpochKeys(epochs_path(master)).destroy(OLD)
    for ring in (open_already, KeyRing.load(master)):
        with pytest.raises(BadInput) as caught:
            ring.pseudonyms(PERSONS, kind=KIND, space=OLD)
        assert caught.value.code == "mask-epoch-destroyed"
        with pytest.raises(BadInput):
            ring.key_id(OLD)
    assert made(master, NEW) == other


def test_the_master_alone_does_not_bring_an_epoch_back(master: Path, tmp_path: Path) -> None:
    """A kept copy of the master, with a new file of epochs, makes other pseudonyms of the same name."""
    before = made(master, OLD)
    copy = Path(shutil.copy(master, tmp_path / "copy.key"))
    create_epochs(epochs_path(copy))
    assert set(made(copy, OLD)).isdisjoint(before)


def test_destroyed_is_destroyed_once_and_said(master: Path) -> None:
    """A second time does nothing, neither does an epoch that never was; the file says which were destroyed."""
    made(master, OLD), made(master, NEW)
    keys = EpochKeys(epochs_path(master))
    assert keys.known() == (Epoch(space=OLD, destroyed=False), Epoch(space=NEW, destroyed=False))
    secret = keys.secret(OLD).hex()
    assert secret in epochs_path(master).read_text()
    assert [keys.destroy(space) for space in (OLD, OLD, PseudonymSpace(domain="x", epoch="1"))] == [True, False, False]
    assert keys.known() == (Epoch(space=OLD, destroyed=True), Epoch(space=NEW, destroyed=False))
    assert not any(secret.encode() in file.read_bytes() for file in master.parent.iterdir())


def test_references_of_records_outlive_every_epoch(master: Path) -> None:
    """What the ledger calls a person by does not depend on an epoch."""
    ring = KeyRing.load(master)
    before = ring.reference("0000000001", kind=KIND)
    made(master, OLD)
    EpochKeys(epochs_path(master)).destroy(OLD)
    assert KeyRing.load(master).reference("0000000001", kind=KIND) == before


SPOILS: dict[str, Callable[[Path], object]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "cut short": lambda path: path.write_bytes(path.read_bytes()[:-20]),
    "a line taken out": lambda path: path.write_bytes(b"\n".join(path.read_bytes().split(b"\n")[:1]) + b"\n"),
    "read by others": lambda path: path.chmod(0o640),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path, 0o600)),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_lost_file_is_no_file_without_epochs(master: Path, spoil: Callable[[Path], object]) -> None:
    """Nothing is made with a new secret in the place of a lost one: the numbers would be others, and look right."""
    made(master, OLD)
    spoil(epochs_path(master))
    for space in (OLD, NEW):
        with pytest.raises(Unavailable) as caught:
            made(master, space)
        assert caught.value.code == "mask-epochs-unreadable"


def test_the_file_is_private_and_never_replaced(master: Path) -> None:
    """Only its owner reads it, whatever the umask; another master beside it does not take its place."""
    before = os.umask(0)
    try:
        made(master, OLD)
    finally:
        os.umask(before)
    path = epochs_path(master)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    master.unlink()
    with pytest.raises(BadInput) as caught:
        create_master(master)
    assert caught.value.code == "mask-master-exists"
    assert path.read_bytes() == content


@pytest.mark.parametrize("name", ["two words", "a\nb", "日本", "a" * 65])
def test_a_name_that_could_break_the_file_is_refused(master: Path, name: str) -> None:
    """Names are words without spaces."""
    for space in (PseudonymSpace(domain=name, epoch="1"), PseudonymSpace(domain="a", epoch=name)):
        with pytest.raises(BadInput) as caught:
            made(master, space)
        assert caught.value.code == "mask-space-name"
