"""Addresses of the city as people write them, and the key that is the same however they write it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from reference.akishima.city.draw import Draw, Weighted
from reference.akishima.city.names import vocabulary

_KANJI_DIGITS = "〇一二三四五六七八九"
_PREFIX = re.compile(r"^(東京都)?昭島市")
_HYPHENS = re.compile(r"[‐‑‒–—―−ーｰ－]")
_FLATS = 0.45
_FULL_WIDTH_DIGITS = str.maketrans("0123456789-", "０１２３４５６７８９－")


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A 町 of the city: its code, postal code, how many 丁目 it has, and whether part of it still uses 番地."""

    code: str
    name: str
    postal_code: str
    blocks: int
    lots: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    """Where a household lives, before anybody writes it down."""

    town: Town
    place: tuple[int, ...]
    building: str
    room: int | None


@cache
def towns() -> tuple[tuple[Town, float], ...]:
    """The towns with their shares of the population."""
    return tuple(
        (
            Town(
                code=f"{number:02}00",
                name=entry["name"],
                postal_code=entry["postal"].replace("-", ""),
                blocks=max(entry["chome"], default=0),
                lots=entry["banchi"],
            ),
            entry["share"],
        )
        for number, entry in enumerate(vocabulary()["towns"], start=1)
    )


class Streets:
    """Draws dwellings and the way in which each household writes its own."""

    def __init__(self, draw: Draw, *, room: int = 1) -> None:
        """``room``: how many times the city's own size there must be place for."""
        self._draw = draw
        self._room = room
        self._towns = Weighted(towns())
        self._buildings = tuple(vocabulary()["buildings"])
        self._facilities = tuple(vocabulary()["facilities"])
        self._taken: set[tuple[str, tuple[int, ...], str, int | None]] = set()

    def dwelling(self) -> Dwelling:
        """A dwelling in which nobody lives yet."""
        while True:
            town = self._draw.weighted(self._towns)
            if town.blocks == 0 or (town.lots and self._draw.chance(0.3)):
                place: tuple[int, ...] = (
                    self._draw.between(100, 2999),
                    self._draw.between(1, 30 * self._room),
                )
            else:
                place = (
                    self._draw.between(1, town.blocks),
                    self._draw.between(1, 38),
                    self._draw.between(1, 40 * self._room),
                )
            building, room = "", None
            if self._draw.chance(_FLATS):
                building = self._draw.pick(self._buildings)
                room = self._draw.between(1, 6) * 100 + self._draw.between(1, 12)
            key = (town.name, place, building, room)
            if key not in self._taken:
                self._taken.add(key)
                return Dwelling(town=town, place=place, building=building, room=room)

    def facility(self) -> Dwelling:
        """One of the care facilities; all its residents have one address."""
        number = self._draw.between(0, len(self._facilities) - 1)
        town = self._towns.at(number / len(self._facilities))
        place = (1, 3 + number, 5) if town.blocks else (900 + number, 1)
        return Dwelling(town=town, place=place, building=self._facilities[number], room=None)

    def written(self, dwelling: Dwelling) -> tuple[str, str]:
        """Address and 方書 in one of the notations in use."""
        prefix = self._draw.pick(("", "", "昭島市", "東京都昭島市"))
        style = self._draw.between(0, 3)
        if len(dwelling.place) == 3:
            block, lot, house = dwelling.place
            text = (
                f"{_KANJI_DIGITS[block]}丁目{lot}番{house}号",
                f"{block}-{lot}-{house}",
                f"{block}丁目{lot}-{house}".translate(_FULL_WIDTH_DIGITS),
                f"{block}丁目{lot}番地の{house}",
            )[style]
        else:
            lot, house = dwelling.place
            text = (f"{lot}番地{house}", f"{lot}-{house}", f"{lot}番地の{house}", f"{lot}－{house}")[style]
        if dwelling.room is None:
            return prefix + dwelling.town.name + text, dwelling.building
        room = (
            f"{dwelling.room}号室",
            f"{dwelling.room}号室".translate(_FULL_WIDTH_DIGITS),
            f"{dwelling.room}",
            f"－{dwelling.room}",
        )
        return prefix + dwelling.town.name + text, dwelling.building + room[self._draw.between(0, 3)]


def dwelling_key(address: str, building: str) -> str:
    """The same sixteen hexadecimal digits for every notation of one address and 方書.

    Folds width, kanji numerals before 丁目, 番・番地・番地の・号 and all hyphens; city and prefecture do not count.
    """
    text = _PREFIX.sub("", unicodedata.normalize("NFKC", address).replace(" ", ""))
    text = re.sub("[〇一二三四五六七八九](?=丁目)", lambda digit: str(_KANJI_DIGITS.index(digit.group())), text)
    text = re.sub(r"(丁目|番地の|番地|番|号)", "-", _HYPHENS.sub("-", text))
    house = re.sub(r"-+", "-", text).strip("-")
    rooms = _HYPHENS.sub("-", unicodedata.normalize("NFKC", building).replace(" ", "").removesuffix("号室"))
    rooms = re.sub(r"-?(\d+)$", r"-\1", rooms)
    return hashlib.sha256(f"{house}|{rooms}".encode()).hexdigest()[:16]
