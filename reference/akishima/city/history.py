"""異動履歴 of the register: how everybody came, moved within the city and left, with corrections and double rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reference.akishima.city.addresses import towns
from reference.akishima.city.circumstances import Circumstances
from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.draw import Draw
from reference.akishima.city.register import Person

_MOVES = {"welfare": 0.10, "low": 0.085, "plain": 0.035}
"""Chance in a year that a household moves within the city."""
_TWICE = 0.015
_CORRECTED = 0.01
_TOWNS = tuple(town.code for town, _ in towns())


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One row: what happened, and where the person lived from then on."""

    person: Person
    number: int
    reason: str
    changed_on: date
    notified_on: date | None
    from_pref: str
    town_code: str
    dwelling_key: str
    valid_to: date | None
    corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stay:
    """Where a household lived from a day on."""

    since: date
    town_code: str
    dwelling_key: str


def changes(draw: Draw, persons: Sequence[Person], circumstances: Sequence[Circumstances]) -> list[Change]:
    """All rows, person after person."""
    stays: dict[int, list[_Stay]] = {}
    rows: list[Change] = []
    for person in persons:
        if person.home not in stays:
            stays[person.home] = _stays(draw, person, circumstances[person.home])
        rows.extend(_of(draw, person, stays[person.home]))
    return rows


def _stays(draw: Draw, head: Person, found: Circumstances) -> list[_Stay]:
    """The household's dwellings, oldest first; the last is the one in the register."""
    here = (BASE_DATE - head.became_resident_on).days
    years = min(here / 365.25, 10.0)
    count = draw.poisson(_MOVES[found.economy] * years)
    if head.move_reason == "転居":
        count = max(count, 1)
    longest = max(min(here, 3652) - 1, 1)
    moved_on = [BASE_DATE - timedelta(days=draw.between(1, longest)) for _ in range(count)]
    stays = []
    for since in (head.became_resident_on, *sorted(set(moved_on))):
        key = f"{int(draw.share() * 2**32):08x}{int(draw.share() * 2**32):08x}"
        stays.append(_Stay(since=since, town_code=draw.pick(_TOWNS), dwelling_key=key))
    return [*stays[:-1], replace(stays[-1], town_code=head.town_code, dwelling_key=head.dwelling_key)]


def _of(draw: Draw, person: Person, stays: Sequence[_Stay]) -> list[Change]:
    arrived = person.became_resident_on
    at_first = [stay for stay in stays if stay.since <= arrived][-1:] or list(stays[:1])
    born = person.move_reason == "出生" or arrived == person.birth
    first = "出生" if born else "職権" if draw.chance(0.004) else "転入"
    steps = [(first, arrived, at_first[0])] + [("転居", stay.since, stay) for stay in stays if stay.since > arrived]
    if person.status != "現存":
        left = person.moved_out_on or BASE_DATE - timedelta(days=draw.between(2, 28))
        steps = [step for step in steps if step[1] <= left] + [(person.status, left, steps[-1][2])]
    rows: list[Change] = []
    for place, (reason, day, stay) in enumerate(steps):
        after = steps[place + 1][1] if place + 1 < len(steps) else None
        change = Change(
            person=person,
            number=len(rows) + 1,
            reason=reason,
            changed_on=day,
            notified_on=None if reason == "職権" else min(day + timedelta(days=draw.between(0, 13)), BASE_DATE),
            from_pref=person.prev_pref if reason == "転入" else "",
            town_code=stay.town_code,
            dwelling_key=stay.dwelling_key,
            valid_to=None if after is None else max(after - timedelta(days=1), day),
        )
        if draw.chance(_CORRECTED):
            wrong = day - timedelta(days=draw.between(1, 40))
            rows.append(replace(change, changed_on=wrong, notified_on=None, corrected=True))
            change = replace(change, number=len(rows) + 1)
        rows.append(change)
        if draw.chance(_TWICE):
            rows.append(replace(change, number=len(rows) + 1))
    return rows


def same_day(rows: Sequence[Change], resident_id: str) -> list[Change]:
    """The same rows, but this person moved in and on to another dwelling on one day (同日の転入と転居)."""
    own = [row for row in rows if row.person.resident_id == resident_id and not row.corrected]
    first = own[0]
    passed = replace(first, town_code=_TOWNS[0], dwelling_key="0" * 16, valid_to=first.changed_on)
    again = replace(first, number=first.number + 1, reason="転居", from_pref="")
    changed: list[Change] = []
    for row in rows:
        if row is first:
            changed += [passed, again]
        elif row.person.resident_id == resident_id:
            changed.append(replace(row, number=row.number + 1))
        else:
            changed.append(row)
    return changed
