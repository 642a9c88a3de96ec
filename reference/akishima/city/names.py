"""Names of people who do not exist: by cohort of birth, with variant characters and, for some, alphabet and 通称."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import jaconv

from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.pyramid import MALE

Reading = tuple[str, str]
"""Written form and katakana reading."""

_SMALL_KANA = str.maketrans("ァィゥェォッャュョ", "アイウエオツヤユヨ")
_WINDOWS_FORMS = str.maketrans("〜−‖", "～－∥")
"""The same marks under the code points that Windows has for them in CP932."""
_VARIANT_SURNAMES = 0.012
_VARIANT_GIVEN = 0.01


@cache
def vocabulary() -> dict[str, Any]:
    """The contents of ``names.json``."""
    text = resources.files("reference.akishima").joinpath("names.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """The family of a foreign resident: nationality, family name, given names by sex."""

    nationality: str
    roman: str
    kana: str
    male: tuple[Reading, ...]
    female: tuple[Reading, ...]


class Namer:
    """Draws names; the only state is the stream of chance."""

    def __init__(self, draw: Draw) -> None:
        words = vocabulary()
        self._draw = draw
        # The list is ordered from common to rare; real surnames fall off about like this.
        self._surnames = Weighted(
            ((kanji, kana), 1.0 / (rank + 12)) for rank, (kanji, kana) in enumerate(words["surnames"])
        )
        self._readings = {(kanji, first): second for kanji, first, second in words["reading_variants"]}
        self._surname_variants: dict[str, list[str]] = {}
        for plain, variant in words["surname_variants"]:
            self._surname_variants.setdefault(plain, []).append(variant)
        self._with_variant = [pair for pair in words["surnames"] if pair[0] in self._surname_variants]
        self._given_variants = dict(words["given_variants"])
        self._given = words["given"]
        self._foreign = Weighted((entry, entry["share"]) for entry in words["foreign"])

    def surname(self) -> Reading:
        """A Japanese surname; one in eighty has a variant character (髙, 﨑, 𠮷 …)."""
        if self._draw.chance(_VARIANT_SURNAMES):
            plain, kana = self._draw.pick(self._with_variant)
            return self._draw.pick(self._surname_variants[plain]), kana
        kanji, kana = self._draw.weighted(self._surnames)
        other = self._readings.get((kanji, kana))
        return (kanji, other) if other and self._draw.chance(0.2) else (kanji, kana)

    def given(self, *, sex: int, birth_year: int, taken: frozenset[str]) -> Reading:
        """A given name of the cohort, not one that the household has."""
        cohort = "born_before_1960" if birth_year < 1960 else "born_1960_1999" if birth_year < 2000 else "born_2000_on"
        names = self._given["male" if sex == MALE else "female"][cohort]
        kanji, kana = self._draw.pick(names)
        while kanji in taken:
            kanji, kana = self._draw.pick(names)
        if kanji in self._given_variants and self._draw.chance(_VARIANT_GIVEN * 10):
            kanji = self._given_variants[kanji]
        return kanji, kana

    def foreign_family(self) -> Foreign:
        """A nationality and a family name."""
        entry = self._draw.weighted(self._foreign)
        roman, kana = self._draw.pick(entry["family"])
        return Foreign(
            nationality=entry["nationality"],
            roman=roman,
            kana=kana,
            male=tuple(map(tuple, entry["male"])),
            female=tuple(map(tuple, entry["female"])),
        )


def half_width(kana: str, *, legacy: bool) -> str:
    """Katakana as a 基幹系 holds it: half-width, voiced marks apart; ``legacy`` stores small kana as large (ｼﾖｳﾀ)."""
    return str(jaconv.z2h(kana.translate(_SMALL_KANA) if legacy else kana, kana=True, ascii=False, digit=False))


def as_cp932(text: str) -> str:
    """Text as a CP932 file can hold it: each character outside CP932 becomes 〓.

    Departments' systems hold such characters as 外字 of their own, and their exports print the geta mark for them. A
    variation selector marks its base character as 外字, so both together become one 〓.
    """
    text = text.translate(_WINDOWS_FORMS)
    try:
        text.encode("cp932")
    except UnicodeEncodeError:
        lines = text.splitlines(keepends=True)
        return _with_geta(text) if len(lines) < 2 else "".join(map(as_cp932, lines))
    return text


def _with_geta(text: str) -> str:
    written: list[str] = []
    for character in text:
        if 0xE0100 <= ord(character) <= 0xE01EF and written:
            written[-1] = "〓"
            continue
        try:
            character.encode("cp932")
        except UnicodeEncodeError:
            written.append("〓")
        else:
            written.append(character)
    return "".join(written)
