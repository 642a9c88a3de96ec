"""The criteria of a judgement: factors with points and evidence, groups with caps, and what makes a candidate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.catalogue import Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Fades:
    """How a factor loses points as a record ages: all up to ``full_to``, none from ``gone_from``, a line between."""

    by: str
    full_to: int
    gone_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One sign or circumstance.

    Attributes:
        hit: condition under which it is met.
        known: condition under which "not met" may be said; whatever is neither is unknown.
        columns: outputs of the template that ``hit`` reads.
        line: where it stands in its file.
    """

    id: str
    label: Label
    group: str
    weight: int
    evidence: str
    hit: str
    known: str
    fades: Fades | None
    columns: frozenset[str]
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Factors whose points count together up to ``cap``."""

    label: Label
    cap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """One condition of a candidate: the points of these groups together are at least so many."""

    groups: tuple[str, ...]
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedGroup:
    """A group whose members must not be listed more or less often than others unnoticed; it gives no points.

    Attributes:
        hit: condition under which somebody belongs to it.
        known: condition under which "does not belong" may be said; whoever is neither is not counted.
    """

    label: Label
    hit: str
    known: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """The criteria of one purpose, over the outputs of one approved template.

    Attributes:
        digest: SHA-256 of the file, by which an approval or a result names exactly these criteria.
        together: the output by whose pseudonym people stand together; ``None`` where there is none.
        watched: groups by name, told by this purpose's answer and counted for all purposes.
        supported: condition under which somebody is helped already and needs no new look.
        listed: all must hold for a candidate.
        band_a: points from which a candidate comes first.
        band_b: points from which a candidate is to be looked at.
        alerts: factors that are shown at once, whatever the capacity.
        never_alone: outputs that must be no reason by themselves.
        proposal: number of the proposal by which a contractor handed them in, ``None`` where none did.
    """

    purpose: str
    template: str
    version: str
    digest: str
    file: str
    together: str | None
    supported: str
    groups: Mapping[str, Group]
    listed: tuple[Needed, ...]
    band_a: int
    band_b: int
    alerts: tuple[str, ...]
    factors: Mapping[str, Factor]
    watched: Mapping[str, WatchedGroup]
    never_alone: frozenset[str] = frozenset()
    proposal: str | None = None
