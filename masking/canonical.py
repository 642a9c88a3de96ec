"""Identifiers in the one text form of their kind, so that the same number is the same pseudonym everywhere.

Exports lose leading zeros, carry full-width digits and trailing U+3000. What cannot be brought to the form is
*rejected* and never repaired by guessing: ``1.23E+14`` was once a number of fifteen digits, nobody knows which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from governance.catalogue import KeyKind
from masking.arrow_types import Values, pc, whole


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonicalKeys:
    """Keys in their canonical text form.

    Attributes:
        values: the canonical texts; null where there was no key, and where it was rejected.
        rejected: true where there was a text that is no key of the kind; without nulls.
    """

    values: pa.Array[Any]
    rejected: pa.Array[Any]

    def first_rejected(self) -> int | None:
        """Index of the first key that was rejected."""
        index = int(pc.index(self.rejected, True).as_py())
        return None if index < 0 else index

    def rejections(self) -> int:
        """How many keys were rejected."""
        return int(pc.sum(self.rejected.cast(pa.int64())).as_py() or 0)


def canonical_text(values: Values) -> pa.Array[Any]:
    """Texts in NFKC without white space around them; what is empty then is null."""
    texts = whole(values).cast(pa.string())
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        trimmed = pc.ascii_trim_whitespace(texts)
    else:
        trimmed = pc.utf8_trim_whitespace(pc.utf8_normalize(texts, form="NFKC"))
    return whole(pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed))


def canonical_keys(values: Values, kind: KeyKind) -> CanonicalKeys:
    """Texts as keys of a kind: NFKC, trimmed, bare numbers left-padded to ``kind.pad``, checked against its pattern."""
    texts = canonical_text(values)
    if kind.pad is not None:
        short = pc.less(pc.utf8_length(texts), kind.pad)
        if pc.any(short).as_py():
            number = pc.and_(short, pc.match_substring_regex(texts, r"\A[0-9]+\z"))
            texts = whole(pc.if_else(number, pc.utf8_lpad(texts, width=kind.pad, padding="0"), texts))
    rejected = _not_of_pattern(texts, kind.pattern)
    return CanonicalKeys(
        values=whole(pc.if_else(rejected, pa.scalar(None, pa.string()), texts)),
        rejected=rejected,
    )


def _not_of_pattern(texts: pa.Array[Any], pattern: str) -> pa.Array[Any]:
    """True where a text is there and does not wholly match the pattern.

    The pattern is Python's. RE2 answers for whole columns at once and says yes to almost every key there is; what it
    does not match, or the whole column where it cannot read the pattern, is asked again of Python.
    """
    try:
        matched = pc.match_substring_regex(texts, rf"\A(?:{pattern})\z")
    except pa.ArrowInvalid:
        matched = pa.repeat(pa.scalar(False), len(texts))
    doubtful = whole(pc.and_(pc.is_valid(texts), pc.invert(pc.fill_null(matched, False))))
    if not pc.any(doubtful).as_py():
        return doubtful
    whole_pattern = re.compile(pattern)
    answers = [
        doubt and whole_pattern.fullmatch(str(text)) is None
        for doubt, text in zip(doubtful.to_pylist(), texts.to_pylist(), strict=True)
    ]
    return pa.array(answers, type=pa.bool_())
