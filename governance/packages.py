"""How a package for a recipient under contract is made: which answer, what may identify somebody, how coarse (第18条).

A recipe is data of the guideline, approved with it. It names columns of one approved template; nothing is in a package
that it does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from governance.catalogue import Label

ColumnRole = Literal["quasi", "sensitive", "other"]
"""*quasi*: may tell who somebody is, together with others; *sensitive*: what nobody may learn of a person so known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How coarse a column is: as it is, in bands that begin at these edges, or withheld altogether."""

    kind: Literal["as_is", "bands", "withheld"]
    edges: tuple[int, ...] = ()

    def text(self) -> str:
        """The level as records and manifests say it."""
        return f"bands:{','.join(map(str, self.edges))}" if self.kind == "bands" else self.kind


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageColumn:
    """A column of a package.

    Attributes:
        levels: from fine to coarse; the finest at which the groups are safe is used.
        missing_is_none: a missing value says that there is none, which is a value like others; else it is not known.
        missing: what a missing value means, for people.
        note: what the values mean, for people.
    """

    name: str
    role: ColumnRole
    levels: tuple[Level, ...]
    missing_is_none: bool
    missing: Label
    note: Label | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageRecipe:
    """How a package is made.

    Attributes:
        subject: the column of pseudonyms; one row a person.
        most_suppressed: share of persons that may be left out; above it there is no package.
        rows_at_most: a package with more rows is refused.
        days: for how long it may be used, within the contract.
        conditions: what the recipient has to keep to, for people.
        digest: SHA-256 of its file.
    """

    id: str
    label: Label
    template: str
    recipient: str
    subject: str
    columns: Mapping[str, PackageColumn]
    most_suppressed: Fraction
    rows_at_most: int
    days: int
    conditions: tuple[Label, ...]
    digest: str
