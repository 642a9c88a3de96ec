"""支援措置 (住民基本台帳事務における支援措置): whose address must not become known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.draw import Draw
from reference.akishima.city.kinship import Home
from reference.akishima.city.pyramid import FEMALE
from reference.akishima.city.register import Person

_SHARE = 0.0025
"""Of all residents (assumption)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The measure of one person: the day until which it runs. A measure past its day still protects until cleared."""

    until: date


def protect(draw: Draw, homes: Sequence[Home], persons: Sequence[Person]) -> Mapping[str, Protection]:
    """Choose protected persons: single parents with children of school age first, then women alone.

    In every third family only the parent has the flag, as happens when the application named that person alone; the
    named set of the holder covers the children nevertheless.
    """
    members: dict[int, list[Person]] = {}
    for person in persons:
        if person.status == "現存":
            members.setdefault(person.home, []).append(person)
    wanted = max(3, round(len(persons) * _SHARE))
    parents = [
        n
        for n, h in enumerate(homes)
        if h.shape == "single_parent" and n in members and any(7 <= m.age <= 17 for m in h.members)
    ]
    women = [
        n
        for n, h in enumerate(homes)
        if h.shape == "single" and n in members and h.members[0].sex == FEMALE and 20 <= h.members[0].age <= 64
    ]
    flagged: dict[str, Protection] = {}
    for families, number in enumerate(draw.shuffled(parents)):
        if len(flagged) >= wanted * 0.7:
            break
        until = _until(draw)
        parent_only = families % 3 == 1
        for person in members[number][: 1 if parent_only else None]:
            flagged[person.resident_id] = until
    for number in draw.shuffled(women):
        if len(flagged) >= wanted:
            break
        flagged[members[number][0].resident_id] = _until(draw)
    return flagged


def _until(draw: Draw) -> Protection:
    """A year from some day of the past year; one in twenty ran out last month and waits for its renewal."""
    if draw.chance(0.05):
        return Protection(until=BASE_DATE - timedelta(days=draw.between(1, 30)))
    return Protection(until=BASE_DATE + timedelta(days=draw.between(5, 364)))
