"""Absences of those who decide, and what the policy is told before a deputy decides in their place (第19条の代決)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Somebody is away: who and for how long, and not why.

    Attributes:
        id: account of the person who is away.
        roles: roles of that account.
        first: first day, ISO date.
        last: last day, ISO date.
        recorded_by: account of whoever recorded it; ``None`` where this request does.
    """

    id: str
    roles: tuple[str, ...]
    first: str
    last: str
    recorded_by: str | None

    def to_json(self) -> dict[str, Any]:
        """The absence as the policy sees it."""
        return {
            "id": self.id,
            "roles": list(self.roles),
            "first": self.first,
            "last": self.last,
            "recorded_by": self.recorded_by,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Decider:
    """An account with a role that decides on some route.

    Attributes:
        valid_until: last day of the account, ISO date.
        absence: the record of today's absence, if there is one.
    """

    id: str
    roles: tuple[str, ...]
    valid_until: str | None
    absence: Absence | None

    def to_json(self) -> dict[str, Any]:
        """The decider as the policy sees it."""
        away = self.absence
        return {
            "id": self.id,
            "roles": list(self.roles),
            "valid_until": self.valid_until,
            "absence": {"first": away.first, "last": away.last, "recorded_by": away.recorded_by} if away else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """What bears on a decision by a deputy.

    Attributes:
        deciders: everybody who decides on some route.
        due: until when each earlier decision of this deputy that nobody has looked at has to be, ISO dates.
    """

    deciders: tuple[Decider, ...]
    due: tuple[str, ...]

    def to_json(self) -> Mapping[str, Any]:
        """The deputy as the policy sees it."""
        return {"deciders": [decider.to_json() for decider in self.deciders], "due": list(self.due)}
