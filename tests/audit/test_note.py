"""Signed notes: what is accepted, byte for byte, and what is not."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.note import (
    MAX_NOTE_BYTES,
    Note,
    encode_signer,
    make_signer,
    open_note,
    parse_signer,
    parse_vkey,
    sign_note,
)
from governance.errors import BadInput, CheckFailed

# The key and the note in the documentation of Go's golang.org/x/mod/sumdb/note.
GO_SIGNER = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_NOTE = (
    GO_TEXT
    + "\n\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)

ALICE = make_signer("example.com/alice", seed=b"a" * 32)
BOB = make_signer("example.com/bob", seed=b"b" * 32)
TEXT = "first line\n\nthird line: è 記録\n"
NOTE = sign_note(TEXT, ALICE)
BODY, SIGNATURE = NOTE.rsplit("\n\n", 1)[0], NOTE.rsplit("\n\n", 1)[1]

note_texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]) | st.just("\n"), max_size=80)
key_names = st.from_regex(r"[a-z0-9./-]{1,30}", fullmatch=True)
seeds = st.binary(min_size=32, max_size=32)


def line(name: str, blob: bytes) -> str:
    """A signature line over any bytes."""
    return f"\u2014 {name} {base64.b64encode(blob).decode()}\n"


def test_the_note_of_go_is_read_and_written_alike() -> None:
    """Key ids, keys and signatures equal those of the Go implementation."""
    signer = parse_signer(GO_SIGNER)
    assert signer.verifier.vkey == GO_VKEY
    assert encode_signer(signer) == GO_SIGNER
    assert sign_note(GO_TEXT, signer) == GO_NOTE
    assert open_note(GO_NOTE, verifiers=[parse_vkey(GO_VKEY)]) == Note(text=GO_TEXT, signed_by=("PeterNeumann",))


@given(note_texts, key_names, seeds)
def test_signed_notes_round_trip(text: str, name: str, seed: bytes) -> None:
    """What was signed is what is read, for any text, name and key, and keys survive their text forms."""
    signer = make_signer(name, seed=seed)
    note = sign_note(text + "\n", signer)
    verifier = parse_vkey(signer.verifier.vkey)
    assert open_note(note.encode(), verifiers=[verifier]) == Note(text=text + "\n", signed_by=(name,))
    assert encode_signer(parse_signer(encode_signer(signer))) == encode_signer(signer)


def test_signatures_of_unknown_keys_are_ignored() -> None:
    """A second signature by a key that nobody pinned changes nothing, wherever it stands."""
    for note in (sign_note(TEXT, ALICE, BOB), sign_note(TEXT, BOB, ALICE)):
        assert open_note(note, verifiers=[ALICE.verifier]).signed_by == ("example.com/alice",)
    both = open_note(sign_note(TEXT, ALICE, BOB), verifiers=[BOB.verifier, ALICE.verifier])
    assert set(both.signed_by) == {"example.com/alice", "example.com/bob"}


def test_a_note_that_no_known_key_signed_is_refused() -> None:
    """Neither another name's signature nor no verifier at all opens a note."""
    with pytest.raises(CheckFailed, match="note-unsigned"):
        open_note(sign_note(TEXT, BOB), verifiers=[ALICE.verifier])
    with pytest.raises(CheckFailed, match="note-unsigned"):
        open_note(NOTE, verifiers=[])


def test_a_wrong_signature_of_a_known_key_refuses_the_whole_note() -> None:
    """Even where another known key signed rightly."""
    forged = line(ALICE.name, ALICE.verifier.key_id + bytes(64))
    with pytest.raises(CheckFailed, match="note-signature-invalid"):
        open_note(sign_note(TEXT, BOB) + forged, verifiers=[ALICE.verifier, BOB.verifier])


def test_the_same_name_with_another_key_does_not_open() -> None:
    """A forger who uses the name has another key id; with the right id the signature is wrong."""
    forger = make_signer(ALICE.name, seed=b"f" * 32)
    with pytest.raises(CheckFailed, match="note-unsigned"):
        open_note(sign_note(TEXT, forger), verifiers=[ALICE.verifier])
    forged = f"{TEXT}\n{line(ALICE.name, ALICE.verifier.key_id + forger.sign(TEXT.encode()))}"
    with pytest.raises(CheckFailed, match="note-signature-invalid"):
        open_note(forged, verifiers=[ALICE.verifier])


@pytest.mark.parametrize(
    "note",
    [
        pytest.param(NOTE.replace("\n", "\r\n"), id="crlf"),
        pytest.param(NOTE.replace("\n\n\u2014", "\r\n\n\u2014"), id="one-carriage-return"),
        pytest.param(NOTE.replace("first", "fi\trst"), id="tab-in-text"),
        pytest.param(NOTE.replace("first", "fi\x00rst"), id="nul-in-text"),
        pytest.param(NOTE.replace("first", "fi\x1brst"), id="escape-in-text"),
        pytest.param(NOTE[:-1], id="no-last-newline"),
        pytest.param(NOTE[:-1] + " \n", id="trailing-space"),
        pytest.param(NOTE + " ", id="space-after-the-end"),
        pytest.param(NOTE + "\n", id="blank-line-after-the-end"),
        pytest.param(NOTE + "x\n", id="text-after-the-end"),
        pytest.param(f"{BODY}\n{SIGNATURE}", id="no-blank-line"),
        pytest.param(SIGNATURE, id="signature-alone"),
        pytest.param(TEXT, id="text-alone"),
        pytest.param(TEXT + "\n", id="no-signature"),
        pytest.param("", id="empty"),
        pytest.param("\n", id="newline"),
        pytest.param(NOTE.replace("\u2014 ", "- "), id="hyphen"),
        pytest.param(NOTE.replace("\u2014 ", "\u2013 "), id="en-dash"),
        pytest.param(NOTE.replace("\u2014 ", "\u2014"), id="no-space-after-the-dash"),
        pytest.param(NOTE.replace("\u2014 ", "\u2014  "), id="two-spaces-after-the-dash"),
        pytest.param(NOTE.replace("alice ", "alice  "), id="two-spaces-after-the-name"),
        pytest.param(NOTE.replace("alice ", "al\u3000ice "), id="full-width-space-in-the-name"),
        pytest.param(NOTE.replace("alice ", "al+ice "), id="plus-in-the-name"),
        pytest.param(NOTE.replace(ALICE.name, ""), id="no-name"),
        pytest.param(NOTE.removesuffix("=\n") + "\n", id="no-padding"),
        pytest.param(NOTE.removesuffix("=\n") + "==\n", id="too-much-padding"),
        pytest.param(NOTE.replace(SIGNATURE[-10:-2], SIGNATURE[-10:-6] + "-_" + SIGNATURE[-4:-2]), id="url-alphabet"),
        pytest.param(f"{TEXT}\n{line(ALICE.name, b'1234')}", id="key-id-without-signature"),
        pytest.param(f"{TEXT}\n{line(ALICE.name, b'123')}", id="too-short-for-a-key-id"),
        pytest.param(f"{TEXT}\n\u2014 {ALICE.name} \n", id="empty-signature"),
        pytest.param(NOTE + SIGNATURE, id="the-same-signature-twice"),
        pytest.param(NOTE + line(ALICE.name, ALICE.verifier.key_id + bytes(64)), id="the-same-key-twice"),
        pytest.param(NOTE + line("other", b"12345") + line("other", b"12346"), id="an-unknown-key-twice"),
        pytest.param(
            TEXT + "\n" + "".join(line(f"n{i}", b"12345") for i in range(100)) + SIGNATURE, id="101-signatures"
        ),
        pytest.param("x" * MAX_NOTE_BYTES + NOTE, id="too-long"),
        pytest.param("\ud800" + NOTE, id="lone-surrogate"),
        pytest.param(b"\xff" + NOTE.encode(), id="no-utf-8"),
        pytest.param(b"\xed\xa0\x80" + NOTE.encode(), id="surrogate-in-utf-8"),
        pytest.param(b"\xc0\x8a" + NOTE.encode(), id="overlong-newline"),
        pytest.param(NOTE.encode("utf-16"), id="utf-16"),
    ],
)
def test_malformed_notes_are_refused(note: str | bytes) -> None:
    """Each deviation from the one form is refused as malformed, whoever signed."""
    with pytest.raises(BadInput, match="note-malformed"):
        open_note(note, verifiers=[ALICE.verifier])


def test_base64_with_unused_bits_is_refused() -> None:
    """The last character before the padding carries bits that decoding drops; only zeros are accepted there."""
    assert SIGNATURE.endswith("=\n")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet.index(SIGNATURE[-3])
    for unused in (1, 2, 3):
        twin = f"{NOTE[:-3]}{alphabet[last | unused]}=\n"
        assert base64.b64decode(twin.rsplit(" ", maxsplit=1)[-1]) == base64.b64decode(NOTE.split(" ")[-1])
        with pytest.raises(BadInput, match="note-malformed"):
            open_note(twin, verifiers=[ALICE.verifier])


def test_a_hundred_signatures_are_accepted() -> None:
    """The limit itself is allowed."""
    note = TEXT + "\n" + "".join(line(f"n{i}", b"12345") for i in range(99)) + SIGNATURE
    assert open_note(note, verifiers=[ALICE.verifier]).text == TEXT


def test_malformed_lines_are_named() -> None:
    """The error says which line is wrong, counted from 1."""
    with pytest.raises(BadInput) as refused:
        open_note(NOTE + "broken\n", verifiers=[ALICE.verifier])
    assert refused.value.params == {"line": NOTE.count("\n") + 1}


@pytest.mark.parametrize("text", ["no newline", "", "tab\t\n", "bell\x07\n", "carriage return\r\n", "\ud800\n"])
def test_texts_that_no_note_can_hold_are_not_signed(text: str) -> None:
    """The signer refuses what its reader would."""
    with pytest.raises(BadInput, match="note-malformed"):
        sign_note(text, ALICE)


def test_a_note_needs_signers_and_each_once() -> None:
    """No signer, or one twice, is refused."""
    with pytest.raises(BadInput, match="note-malformed"):
        sign_note(TEXT)
    with pytest.raises(BadInput, match="note-malformed"):
        sign_note(TEXT, ALICE, BOB, ALICE)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\tb", "a\nb", "a\u3000b", "a\u00a0b", "\ud800"])
def test_names_that_no_key_can_have_are_refused(name: str) -> None:
    """A key name is not empty and has no space, plus sign or control character."""
    with pytest.raises(BadInput, match="key-malformed"):
        make_signer(name, seed=bytes(32))


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_seeds_of_another_length_are_refused(length: int) -> None:
    """An Ed25519 seed has 32 bytes."""
    with pytest.raises(BadInput, match="key-malformed"):
        make_signer("example.com", seed=bytes(length))


def _vkey(name: str = "x", key_id: str | None = None, key: bytes = b"\x01" + bytes(32)) -> str:
    made = make_signer("x", seed=bytes(32)).verifier.vkey.split("+", 2)
    return f"{name}+{made[1] if key_id is None else key_id}+{base64.b64encode(key).decode()}"


SPOILED_VKEYS = [
    "", "+", "++", "name", "name+00000000", GO_VKEY[:-1], GO_VKEY + "=", GO_VKEY + "\n", " " + GO_VKEY,
    GO_VKEY.replace("c74f20a3", "c74f20a4"), GO_VKEY.replace("c74f20a3", "C74F20A3"), GO_VKEY.replace("c74f20a3", "c74f20a"),
    GO_VKEY.replace("Peter", "Petra"), GO_VKEY.replace("Peter", "Pe ter"), GO_VKEY.replace("PeterNeumann", ""),
    GO_VKEY.replace("+ARpc", "+AhPc"), GO_VKEY.replace("+ARpc", "+ARp"), GO_SIGNER,
    _vkey(key=b"\x04" + bytes(32)), _vkey(key=b"\x01" + bytes(31)), _vkey(key=b"\x01" + bytes(33)), _vkey(key=b""),
    _vkey(key_id="0000000g"), _vkey(key_id="\uff10" * 8),
]  # fmt: skip


@pytest.mark.parametrize("vkey", SPOILED_VKEYS)
def test_malformed_public_keys_are_refused(vkey: str) -> None:
    """A public key is accepted in exactly one form, and only with its own key id."""
    with pytest.raises(BadInput, match="key-malformed"):
        parse_vkey(vkey)


@pytest.mark.parametrize(
    "key", [f"PRIVATE+KEY+{vkey}" for vkey in SPOILED_VKEYS] + [GO_VKEY, GO_SIGNER.lower(), GO_SIGNER[1:]]
)
def test_malformed_private_keys_are_refused(key: str) -> None:
    """A private key is accepted in exactly one form, and only with its own key id."""
    with pytest.raises(BadInput, match="key-malformed"):
        parse_signer(key)


def test_a_signer_never_shows_its_key() -> None:
    """Its representation holds no part of the seed, in no encoding."""
    seed = bytes(range(100, 132))
    shown = repr(make_signer("example.com", seed=seed))
    assert not any(form in shown for form in (seed.hex(), base64.b64encode(seed).decode(), str(seed), repr(seed)))


@pytest.mark.fuzz
@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text + "\n\n\u2014 n MTIzNDU2\n"))
def test_only_documented_errors_escape_from_any_bytes(note: Any) -> None:
    """Whatever is handed in, the parser accepts it or says so."""
    try:
        open_note(note, verifiers=[ALICE.verifier])
    except (BadInput, CheckFailed):
        return
    pytest.fail("a note that nobody signed was opened")


@pytest.mark.fuzz
@given(st.data())
def test_no_changed_note_opens(data: st.DataObject) -> None:
    """Replacing, removing or inserting bytes anywhere in a note never leaves a note that opens to another text."""
    raw = NOTE.encode()
    start = data.draw(st.integers(0, len(raw)))
    stop = data.draw(st.integers(start, min(len(raw), start + 8)))
    changed = raw[:start] + data.draw(st.binary(max_size=8)) + raw[stop:]
    try:
        opened = open_note(changed, verifiers=[ALICE.verifier])
    except (BadInput, CheckFailed):
        return
    assert opened.text == TEXT
    assert changed == raw or b"\n\xe2\x80\x94 " in changed[raw.rindex(b"\n\n") :]


@pytest.mark.fuzz
@given(st.text(max_size=120) | st.text(st.sampled_from("abc+/=019AZ PRIVATEKEY"), max_size=120))
def test_only_documented_errors_escape_from_any_key(text: str) -> None:
    """Whatever is handed in as a key, the parsers accept it or say so."""
    for parse in (parse_vkey, parse_signer):
        try:
            parse(text)
        except BadInput:
            continue
        pytest.fail("random text was taken for a key")
