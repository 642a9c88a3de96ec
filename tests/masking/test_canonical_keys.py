"""Identifiers come to one text form; what does not is rejected and never guessed."""

from __future__ import annotations

import re
import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.catalogue import KeyKind, Label
from masking.canonical import canonical_keys, canonical_text

LABEL = Label(ja="番号", en="Number")
PERSON = KeyKind(name="person", label=LABEL, pattern="[0-9]{10}", pad=10, method="aes")
PLACE = KeyKind(name="place", label=LABEL, pattern=r"[0-9]{4}\|[A-Z0-9]+\|.+", pad=None, method="hmac")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("0001234567", "0001234567"),
        ("1234567", "0001234567"),
        ("０００１２３４５６７", "0001234567"),
        (" 0001234567　", "0001234567"),
        ("　　", None),
        ("", None),
        (None, None),
    ],
)
def test_a_key_is_the_same_however_it_was_exported(written: str | None, canonical: str | None) -> None:
    """Lost zeros, full-width digits and trailing spaces give the same key; a blank is no key."""
    keys = canonical_keys(pa.array([written], type=pa.string()), PERSON)
    assert keys.values.to_pylist() == [canonical]
    assert keys.rejected.to_pylist() == [False]
    assert keys.first_rejected() is None


@pytest.mark.parametrize(
    "written", ["1.23E+14", "12345678901", "-1", "000123456x", "0001 234567", "〇一二", "٠١٢٣٤٥٦٧٨٩"]
)
def test_what_is_no_key_of_the_kind_is_rejected(written: str) -> None:
    """A text that does not come to the form is rejected, and its value is gone."""
    keys = canonical_keys(pa.array(["1", written, None]), PERSON)
    assert keys.values.to_pylist() == ["0000000001", None, None]
    assert (keys.first_rejected(), keys.rejections()) == (1, 1)


def oracle(text: str | None, kind: KeyKind) -> tuple[str | None, bool]:
    """The canonical form of one text, and whether it is rejected."""
    if text is None or not (text := unicodedata.normalize("NFKC", text).strip()):
        return None, False
    if kind.pad is not None and re.fullmatch("[0-9]+", text):
        text = text.zfill(kind.pad)
    return (text, False) if re.fullmatch(kind.pattern, text) else (None, True)


KEYS = st.none() | st.text(alphabet="019０９ 　\tA|-.ｱ髙", max_size=12) | st.from_regex(r"[0-9]{1,10}", fullmatch=True)


@given(st.lists(KEYS, max_size=8), st.sampled_from([PERSON, PLACE]))
def test_canonical_keys_equal_the_reading_of_one_text(texts: list[str | None], kind: KeyKind) -> None:
    """The whole column comes out as each of its texts does alone."""
    keys = canonical_keys(pa.array(texts, type=pa.string()), kind)
    expected = [oracle(text, kind) for text in texts]
    assert list(zip(keys.values.to_pylist(), keys.rejected.to_pylist(), strict=True)) == expected


@given(st.lists(KEYS, max_size=8), st.sampled_from([PERSON, PLACE]))
def test_a_canonical_key_is_its_own_canonical_form(texts: list[str | None], kind: KeyKind) -> None:
    """Doing it twice changes nothing."""
    once = canonical_keys(pa.array(texts, type=pa.string()), kind).values
    assert canonical_keys(once, kind).values.equals(once)


def test_a_pattern_that_only_python_reads_still_decides() -> None:
    """A look-ahead, which the column-wise matcher does not know, is asked of Python value by value."""
    kind = KeyKind(name="odd", label=LABEL, pattern="(?!00)[0-9]{4}", pad=None, method="hmac")
    keys = canonical_keys(pa.array(["0012", "1200", None]), kind)
    assert keys.values.to_pylist() == [None, "1200", None]
    assert keys.rejected.to_pylist() == [True, False, False]


def test_text_is_trimmed_and_folded_in_chunks_too() -> None:
    """Half-width kana becomes full-width, and a chunked column is one column."""
    assert canonical_text(pa.chunked_array([[" ﾜﾀﾅﾍﾞ　"], [None, ""]])).to_pylist() == ["ワタナベ", None, None]
