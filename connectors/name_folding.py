"""Names in one form, for comparing two registers and for nothing else.

The spelling in a register is official: what is folded here is never stored, shown or sent. Two names that fold alike
may be one person's, and a person decides; two that do not may be one person's, too (渡部 is ワタナベ and ワタベ).
"""

from __future__ import annotations

import re
import unicodedata

import jaconv

_VARIANTS = (
    "髙高", "﨑崎", "嵜崎", "齋斎", "斉斎", "齊斎", "邊辺", "邉辺", "濱浜", "濵浜", "櫻桜", "廣広", "澤沢",
    "嶋島", "嶌島", "眞真", "惠恵", "國国", "德徳", "瀨瀬", "𠮷吉", "凜凛", "ヶケ", "がケ", "ガケ",
)  # fmt: skip
"""Variant and the character that it is compared as. It need not be complete: an unknown one makes a person look."""

_AS = str.maketrans({pair[0]: pair[1] for pair in _VARIANTS})
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Variation selectors: 辻 with one and without are one character for whoever compares."""

_SEPARATORS = re.compile(r"[\s・･.,=＝-]")
_VOICE_MARKS = str.maketrans({"゛": "\u3099", "゜": "\u309a", "ﾞ": "\u3099", "ﾟ": "\u309a"})
_LONG_MARKS = str.maketrans(dict.fromkeys("ｰ‐‑–—―−-－", "ー"))
_SOUND_ALIKES = str.maketrans("ヅヂヲヮヶヵ", "ズジオワケカ")


def fold_kanji(name: str) -> str:
    """A name in kanji without separators, selectors and well-known variants: 髙橋　一郎 and 高橋一郎 are the same."""
    plain = _SELECTORS.sub("", unicodedata.normalize("NFKC", name))
    return _SEPARATORS.sub("", plain).translate(_AS)


def fold_kana(name: str) -> str:
    """A reading in one form: full-width katakana, voice marks joined, small kana large, as old systems keep them.

    ``ｼﾖｳﾀ``, ``ショウタ`` and ``しょうた`` are the same; so are ヅ and ズ, ヂ and ジ, ヲ and オ, and all long marks.
    ナカジマ and ナカシマ are not: the voiced and the unvoiced are two readings, and two families.
    """
    wide = jaconv.h2z(name.translate(_VOICE_MARKS), kana=True, ascii=False, digit=False)
    joined = unicodedata.normalize("NFC", wide.replace(" \u3099", "\u3099").replace(" \u309a", "\u309a"))
    katakana = str(jaconv.hira2kata(joined)).translate(_LONG_MARKS)
    large = str(jaconv.enlarge_smallkana(katakana)).translate(_SOUND_ALIKES)
    return re.sub(r"[\s・･.,=＝]", "", large)


def fold_roman(name: str) -> str:
    """A name in the alphabet, whatever the order of its parts and their case: FAMILY GIVEN MIDDLE on one register."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name))
    letters = "".join(sign for sign in plain if not unicodedata.combining(sign)).casefold()
    return " ".join(sorted(re.findall(r"[^\W\d_]+", letters)))
