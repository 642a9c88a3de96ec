"""Addresses in one form, for comparing two registers and for nothing else: the official notation stays as it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_KANJI_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")}
_BLOCK_NUMBER = re.compile(r"([〇一二三四五六七八九十]+)(?=丁目|番|号)")


def fold_address(address: str, *, strip: Sequence[str] = ()) -> str:
    """An address with digits for 漢数字, hyphens for 丁目・番地・番・号・の, and without white space.

    ``本町一丁目17番1号``, ``本町１丁目１７－１`` and ``本町1丁目17番地の1`` are the same.

    Args:
        strip: what may stand in front (prefecture, city), taken off where it does.
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", address))
    for prefix in sorted(strip, key=len, reverse=True):
        plain = plain.removeprefix(unicodedata.normalize("NFKC", prefix))
    plain = _BLOCK_NUMBER.sub(lambda found: str(_number(found[1])), plain)
    # A long mark is a letter in ハイツ, and a hyphen between digits.
    plain = re.sub(r"(?<=[0-9])[‐‑‒–—―−ｰー](?=[0-9])", "-", plain)
    plain = re.sub(r"丁目|番地の|番地|番の|番|号室|号|(?<=[0-9])の(?=[0-9])", "-", plain)
    return re.sub(r"-+", "-", plain).strip("-")


def _number(text: str) -> int:
    tens, ten, units = text.rpartition("十")
    if not ten:
        return int("".join(str(_KANJI_DIGITS[digit]) for digit in text))
    return 10 * (_KANJI_DIGITS.get(tens[-1:], 1) if tens else 1) + (_KANJI_DIGITS.get(units[-1:], 0) if units else 0)
