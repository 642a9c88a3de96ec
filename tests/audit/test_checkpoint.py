"""Checkpoints: three lines under the pinned key, for the pinned origin."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checkpoint import MAX_SIZE, open_checkpoint, parse_decimal, sign_checkpoint
from audit.note import Signer, make_signer, sign_note
from governance.errors import BadInput, CheckFailed
from tests.audit.samples import ORIGIN, OTHER_KEY, SIGNER

ROOT = bytes(range(32))
ROOT_LINE = base64.b64encode(ROOT).decode()
BODY = f"{ORIGIN}\n42\n{ROOT_LINE}\n"


@given(st.integers(min_value=0, max_value=MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_checkpoints_round_trip(size: int, root: bytes) -> None:
    """What was signed is what is read, byte for byte."""
    signed = sign_checkpoint(size=size, root=root, signer=SIGNER)
    opened = open_checkpoint(signed.note, verifier=SIGNER.verifier, origin=ORIGIN)
    assert opened == signed
    assert (opened.origin, opened.size, opened.root) == (ORIGIN, size, root)
    assert open_checkpoint(signed.note.encode(), verifier=SIGNER.verifier, origin=ORIGIN) == signed


def test_the_body_is_that_of_the_specification() -> None:
    """Origin, size in decimal, root in base64: one line each and nothing else."""
    signed = sign_checkpoint(size=42, root=ROOT, signer=SIGNER)
    assert signed.note == sign_note(BODY, SIGNER)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(BODY.replace("42", "042"), id="leading-zero"),
        pytest.param(BODY.replace("42", "00"), id="two-zeros"),
        pytest.param(BODY.replace("42", "+42"), id="plus"),
        pytest.param(BODY.replace("42", "-42"), id="minus"),
        pytest.param(BODY.replace("42", " 42"), id="space-before"),
        pytest.param(BODY.replace("42", "42 "), id="space-after"),
        pytest.param(BODY.replace("42", "4_2"), id="underscore"),
        pytest.param(BODY.replace("42", "0x2a"), id="hexadecimal"),
        pytest.param(BODY.replace("42", "\uff14\uff12"), id="full-width-digits"),
        pytest.param(BODY.replace("42", "\u0664\u0662"), id="arabic-digits"),
        pytest.param(BODY.replace("42", ""), id="no-size"),
        pytest.param(BODY.replace("42", str(2**63)), id="beyond-63-bits"),
        pytest.param(BODY.replace("42", "9" * 5000), id="too-many-digits"),
        pytest.param(BODY.replace(ROOT_LINE, ROOT_LINE + "="), id="too-much-padding"),
        pytest.param(BODY.replace(ROOT_LINE, ROOT_LINE[:-1]), id="no-padding"),
        pytest.param(BODY.replace(ROOT_LINE, ROOT_LINE[:-2] + "9="), id="unused-bits"),
        pytest.param(BODY.replace(ROOT_LINE, ROOT_LINE + " "), id="space-after-root"),
        pytest.param(BODY.replace(ROOT_LINE, base64.b64encode(ROOT[:31]).decode()), id="short-root"),
        pytest.param(BODY.replace(ROOT_LINE, base64.b64encode(ROOT + b"x").decode()), id="long-root"),
        pytest.param(BODY.replace(ROOT_LINE, ""), id="no-root"),
        pytest.param(BODY + "extension\n", id="extension-line"),
        pytest.param(BODY + "\n", id="blank-line"),
        pytest.param("\n" + BODY, id="blank-line-first"),
        pytest.param(f"{ORIGIN}\n42\n", id="two-lines"),
        pytest.param("\n", id="one-blank-line"),
    ],
)
def test_malformed_bodies_are_refused_even_if_signed(body: str) -> None:
    """The right key does not make a checkpoint of another text."""
    with pytest.raises(BadInput, match="checkpoint-malformed"):
        open_checkpoint(sign_note(body, SIGNER), verifier=SIGNER.verifier, origin=ORIGIN)


@pytest.mark.parametrize("origin", ["", ORIGIN + " ", " " + ORIGIN, ORIGIN.upper(), "other.example/ledger"])
def test_another_origin_is_refused_even_if_signed(origin: str) -> None:
    """A key that signs for two ledgers does not let one stand for the other."""
    note = sign_note(BODY.replace(ORIGIN, origin), SIGNER)
    with pytest.raises(CheckFailed, match="checkpoint-origin"):
        open_checkpoint(note, verifier=SIGNER.verifier, origin=ORIGIN)


@pytest.mark.parametrize("signer", [OTHER_KEY, make_signer("other.example/ledger", seed=bytes(32))])
def test_another_key_is_refused(signer: Signer) -> None:
    """A checkpoint of the right origin under any other key does not open."""
    with pytest.raises(CheckFailed, match="note-unsigned"):
        open_checkpoint(sign_note(BODY, signer), verifier=SIGNER.verifier, origin=ORIGIN)


def test_every_bit_of_a_checkpoint_counts() -> None:
    """No checkpoint with one bit changed opens, at whatever place."""
    raw = sign_checkpoint(size=42, root=ROOT, signer=SIGNER).note.encode()
    for bit in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises((BadInput, CheckFailed)):
            open_checkpoint(bytes(changed), verifier=SIGNER.verifier, origin=ORIGIN)


@pytest.mark.fuzz
@given(st.text(max_size=100))
def test_only_documented_errors_escape_from_any_signed_text(text: str) -> None:
    """Whatever the key signed, the parser reads a checkpoint or says that it is none."""
    try:
        note = sign_note(text.replace("\r", "") + "\n", SIGNER)
        opened = open_checkpoint(note, verifier=SIGNER.verifier, origin=ORIGIN)
    except (BadInput, CheckFailed):
        return
    assert opened.note == note


@given(st.integers(min_value=0, max_value=MAX_SIZE))
def test_decimals_have_one_form(number: int) -> None:
    """A number is read from its own digits and from no others."""
    assert parse_decimal(str(number)) == number
    assert parse_decimal(f"0{number}") is None
    assert parse_decimal(str(number + MAX_SIZE + 1)) is None
