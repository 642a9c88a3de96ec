"""The list of suspensions: who is on it leaves no department, and a list that cannot be read is no empty list."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.suspensions import FILE, Suspensions, create_list
from governance.catalogue import KeyKind, Label
from governance.errors import BadInput, Unavailable
from masking.keys import KeyRing

KIND = KeyKind(name="resident", label=Label(ja="番号", en="number"), pattern="[0-9]{10}", pad=10, method="aes")


@pytest.fixture
def suspensions(tmp_path: Path) -> Suspensions:
    """An empty list."""
    create_list(tmp_path)
    return Suspensions(tmp_path, kind=KIND, keyring=KeyRing(bytes(range(32))))


def test_who_is_put_on_it_stands_there_once_in_canonical_form(suspensions: Suspensions) -> None:
    """However the number was typed, the person is the same."""
    suspensions.add("0000000012")
    suspensions.add("12")
    assert suspensions.members().to_pylist() == ["0000000012"]


def test_who_is_taken_off_by_reference_is_gone_and_nobody_else(suspensions: Suspensions) -> None:
    """A reference leads to one person."""
    for number in ("12", "13"):
        suspensions.add(number)
    assert suspensions.remove(suspensions.reference("12"))
    assert not suspensions.remove(suspensions.reference("12"))
    assert suspensions.members().to_pylist() == ["0000000013"]
    assert not suspensions.has(suspensions.reference("12"))
    assert suspensions.has(suspensions.reference("13"))


def test_a_reference_is_keyed_and_says_nothing(suspensions: Suspensions, tmp_path: Path) -> None:
    """The same person has another reference under another key, and no digit of the number is in it."""
    other = Suspensions(tmp_path, kind=KIND, keyring=KeyRing(bytes(32)))
    reference = suspensions.reference("1234567890")
    assert len(reference) == 32
    assert "1234567890" not in reference
    assert reference == suspensions.reference("1234567890") != other.reference("1234567890")


@pytest.mark.parametrize("number", ["", "x", "12345678901", "１２３x", "12\n13"])
def test_what_is_no_number_of_its_kind_is_refused(suspensions: Suspensions, number: str) -> None:
    """And what was typed is not in the message."""
    with pytest.raises(BadInput) as caught:
        suspensions.add(number)
    assert caught.value.code == "suspension-key"
    assert suspensions.members().to_pylist() == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text.replace("0000000013\n", ""),
        lambda text: text[:-1],
        lambda text: text + "0000000014\n",
        lambda text: text.replace("v1", "v2"),
        lambda text: text.replace("0", "０"),
        lambda text: "\n".join(reversed(text.splitlines())),
    ],
    ids=["empty", "a line fewer", "cut off", "a line more", "another version", "no ascii", "turned round"],
)
def test_a_list_that_is_not_as_it_was_written_is_no_list(
    suspensions: Suspensions, tmp_path: Path, spoil: object
) -> None:
    """Nobody is taken for not suspended because of half a file."""
    for number in ("12", "13"):
        suspensions.add(number)
    file = tmp_path / FILE
    file.write_text(spoil(file.read_text(encoding="utf-8")), encoding="utf-8")  # type: ignore[operator]
    for attempt in (suspensions.members, lambda: suspensions.add("15"), lambda: suspensions.remove("0" * 32)):
        with pytest.raises(Unavailable) as caught:
            attempt()
        assert caught.value.code == "suspensions-unreadable"


def test_a_list_that_is_missing_or_open_to_others_is_no_list(suspensions: Suspensions, tmp_path: Path) -> None:
    """It is personal data, and its absence is a fault."""
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(Unavailable):
        suspensions.members()
    (tmp_path / FILE).unlink()
    with pytest.raises(Unavailable):
        suspensions.members()


def test_a_list_is_never_replaced_by_an_empty_one(suspensions: Suspensions, tmp_path: Path) -> None:
    """Establishing a deployment twice does not set anybody free."""
    suspensions.add("12")
    with pytest.raises(BadInput):
        create_list(tmp_path)
    assert suspensions.members().to_pylist() == ["0000000012"]
