"""How integers and marks are written in the files of departments, one text at a time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from decimal import Decimal
from typing import Literal, TypeAlias

NotationFault: TypeAlias = Literal[
    "integer-notation",
    "integer-range",
    "decimal-notation",
    "boolean-notation",
    "date-notation",
    "date-era-missing",
    "date-era-range",
    "date-impossible",
    "date-lunar",
    "date-serial",
]
"""What is wrong with a text, as the end of an error code; never the text itself."""

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
"""One sign is U+2212 or U+FF0D, as an encoding has it, and people type what looks alike."""

NO_VALUE = frozenset({"", "-", "...", "..", "×"})
"""Texts, folded, that statistics write where there is no figure: not available, withheld. They are not zero."""

_INTEGER = re.compile(r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.0+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,3}|[0-9](?:,[0-9]{3}){4})(?:\.[0-9]{1,2}0*)?")
_TRUE = frozenset({"1", "1.0", "true", "○", "◯", "〇", "有", "あり"})
_FALSE = frozenset({"0", "0.0", "false", "無", "なし"})
_NO_MARK = NO_VALUE - {"×"}
_INT64 = range(-(2**63), 2**63)


class NotationError(ValueError):
    """A text that does not say a value of its type. Holds the fault and not the text (I7)."""

    def __init__(self, fault: NotationFault) -> None:
        super().__init__(fault)
        self.fault: NotationFault = fault


def folded(text: str) -> str:
    """The text in NFKC without any white space: full-width digits, padding and which of the dashes do not matter."""
    if text.isascii():  # its own NFKC, and of one dash alone
        return "".join(text.split())
    return "".join(unicodedata.normalize("NFKC", text).split()).translate(_DASHES)


def read_integer(text: str) -> int | None:
    """The integer that a text says, ``None`` for a blank or a mark of no figure (``-``, ``…``, ``×``).

    Full-width digits, thousands separators and a fraction of zeros (``3.0``, as spreadsheets write) are read.

    Raises:
        NotationError: it says none, or one beyond 64 bits.
    """
    digits = folded(text)
    if digits in NO_VALUE:
        return None
    if not _INTEGER.fullmatch(digits):
        raise NotationError("integer-notation")
    whole = digits.partition(".")[0].replace(",", "")
    if len(whole) > 20 or int(whole) not in _INT64:
        raise NotationError("integer-range")
    return int(whole)


def read_decimal(text: str) -> Decimal | None:
    """The amount that a text says, of at most thirteen digits and two decimals; ``None`` as for integers.

    Raises:
        NotationError: it says none, or one that would have to be rounded.
    """
    digits = folded(text)
    if digits in NO_VALUE:
        return None
    if not _DECIMAL.fullmatch(digits):
        raise NotationError("decimal-notation")
    return Decimal(digits.replace(",", "")).quantize(Decimal("0.01"))


def read_boolean(text: str) -> bool | None:
    """The answer that a text says: 1, ○, 有 and 0, 無; ``None`` for a blank or a mark of no answer.

    ``×`` is refused: it means *no* on one form and *withheld* on another.

    Raises:
        NotationError: it says neither.
    """
    mark = folded(text).lower()
    if mark in _TRUE:
        return True
    if mark in _FALSE:
        return False
    if mark in _NO_MARK:
        return None
    raise NotationError("boolean-notation")


def marks_only_yes(texts: Collection[str]) -> bool:
    """Whether a column only ever marks *yes* (○ and blank), so that a blank in it may mean *no*.

    It does where no text says *no* and none is a mark of no answer.
    """
    return all(folded(text).lower() in _TRUE or folded(text) == "" for text in texts)
