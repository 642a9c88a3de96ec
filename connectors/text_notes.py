"""What is noticed about texts that can be read all the same: marks of no figure, lost zeros, replaced characters."""

from __future__ import annotations

from typing import Any, Literal

import pyarrow as pa

from connectors.notations import NO_VALUE, folded
from governance.catalogue import KeyKind
from masking.arrow_types import pc, whole
from masking.canonical import CanonicalKeys, canonical_text

_WITHHELD = "×"

_REPLACED = (
    r"[〓■\x{FFFD}\x{E000}-\x{F8FF}\x{F0000}-\x{10FFFD}]"  # stand-ins, and characters of private use (外字)
    r"|[^\x00-\x7F]\?|\?[^\x00-\x7F]|\A\?+\z"  # a question mark within a Japanese text is what an encoding left
)


def withheld(text: str) -> Literal["withheld"] | None:
    """Whether a text is the mark × of the statistics: there is a figure, and it is not shown."""
    return "withheld" if folded(text) == _WITHHELD else None


def no_figures(text: str) -> Literal["no-figure"] | None:
    """Whether a text is a mark of no figure (``-``, ``…``), which is not the same as a blank and never a zero."""
    mark = folded(text)
    return "no-figure" if mark in NO_VALUE and mark else None


def lost_zeros(texts: pa.Array[Any], keys: CanonicalKeys, kind: KeyKind) -> int:
    """How many keys were shorter than their kind and were padded."""
    if kind.pad is None:
        return 0
    short = pc.less(pc.utf8_length(canonical_text(texts)), kind.pad)
    padded = pc.and_(pc.fill_null(short, False), pc.is_valid(keys.values))
    return int(pc.sum(whole(padded).cast(pa.int64())).as_py() or 0)


def replaced_characters(texts: pa.Array[Any]) -> int:
    """How many texts hold a character that stands for another one: 〓, ■, ?, or one of private use (外字).

    They stay as they are. Only their holder knows which character was meant.
    """
    found = pc.fill_null(pc.match_substring_regex(texts, _REPLACED), False)
    return int(pc.sum(whole(found).cast(pa.int64())).as_py() or 0)
