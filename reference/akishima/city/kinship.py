"""Places in a household before they have a name: sex, age, 続柄 toward the head, and who shares a surname."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Status = Literal["現存", "転出", "死亡"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One member of a household.

    Attributes:
        sex: 1 男, 2 女.
        age: completed years on the base date.
        relation: 続柄 toward the head of the household.
        line: members of one line share a surname; 0 is the head's.
        twin: born on the same day as the member before.
        status: 現存, or still on the register after 転出 or 死亡.
    """

    sex: int
    age: int
    relation: str
    line: int = 0
    twin: bool = False
    status: Status = "現存"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """One household (世帯).

    Attributes:
        members: the head (世帯主) first.
        dwelling: number of the dwelling; 世帯分離 means two households with one number.
        shape: how it was formed, for reports and tests.
        facility: whether the dwelling is a care facility.
        surname_of: dwelling whose first household's surname it shares, for relatives who register apart.
    """

    members: tuple[Place, ...]
    dwelling: int
    shape: str
    facility: bool = False
    surname_of: int | None = None


Dwellings = Iterator[int]
"""The numbers of dwellings not yet lived in."""
