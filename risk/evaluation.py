"""Whether the criteria are of use, told from what people found: by cycle, by factor, beside a sample of the unflagged.

Only those who were looked at have an outcome, so that a share says nothing of the others; a drawn sample of those on no
list says how many may have been missed. A share comes with its Wilson interval; no share of few persons is told, and
none from which fewer persons than the guideline's smallest group could be read, in either direction: then the interval
is all that is told, as wide as the smallest group leaves it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import sqrt
from statistics import median
from typing import Literal

from risk.candidates import NOT_COUNTED, POSITIVE, Candidate

_Z = 1.959963984540054
"""Of the 95 % interval."""


ShareName = Literal["assessed", "precision", "novel", "unclear", "wrong", "missed"]
"""Those with an outcome, of the listed; support or watching needed, of those within the capacity of whom anything could
be said; not known before, of all of whom anything could be said; too little known to say, and data of another person,
of all with an outcome; support or watching needed, of the drawn sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What may be told.

    Attributes:
        least: persons below whom no share is told.
        smallest: the smallest group that may be read from a figure.
        compared: persons that a watched group, and the rest, must have to be compared.
        highest: a ratio above it is a warning.
        lowest: a ratio below it is one, too.
    """

    least: int
    smallest: int
    compared: int
    highest: Fraction
    lowest: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of persons.

    Attributes:
        of: persons that it is a share of; ``None`` where they are too few to be told.
        value: ``None`` where it is not told.
        low: lower end of the 95 % interval; ``None`` where nothing is told.
        high: upper end.
    """

    of: int | None
    value: Fraction | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorReport:
    """How often a factor was right.

    Attributes:
        below: whether it does worse than the list as a whole, beyond chance: a candidate to be dropped or weighed less.
    """

    purpose: str
    factor: str
    precision: Share
    below: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """A candidate with the days on which it was listed and somebody was first in contact about it."""

    candidate: Candidate
    listed: date
    contacted: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What people found of those whom a cycle, or all cycles, brought.

    Attributes:
        listed: persons listed, the sample not among them; ``None`` where they are too few to be told.
        shares: each by its name.
        days: median from being listed to the first contact; ``None`` where too few had one.
        coverage: purpose → mean share of the factors that were known, of those listed.
        factors: of all cycles together alone.
    """

    cycle: str | None
    listed: int | None
    shares: Mapping[ShareName, Share]
    days: float | None
    coverage: Mapping[str, Fraction]
    factors: tuple[FactorReport, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """How often members of a group are listed for a purpose, against everybody else.

    Attributes:
        ratio: ``None`` where either side is too small, or too few are listed.
        warning: whether the ratio is beyond what the guideline names: a person has to ask why.
    """

    cycle: str
    group: str
    purpose: str
    ratio: Fraction | None
    warning: bool


def report(courses: Sequence[Course], *, limits: Limits, cycle: str | None = None) -> Report:
    """The report of a cycle, or of all, over candidates that came with it."""
    mine = [each for each in courses if cycle is None or each.candidate.first_cycle == cycle]
    listed = [each for each in mine if each.candidate.place != "sample"]
    people = [each.candidate for each in listed]
    judged = [each for each in people if each.outcome is not None]
    counted = [each for each in judged if _counts(each)]
    within = [each for each in counted if each.chosen_in is not None]
    drawn = [each.candidate for each in mine if each.candidate.place == "sample" and _counts(each.candidate)]
    contacts = [(each.contacted - each.listed).days for each in listed if each.contacted is not None]
    return Report(
        cycle=cycle,
        listed=len(people) if len(people) >= limits.smallest or not people else None,
        shares={
            "assessed": share(len(judged), len(people), limits),
            "precision": share(_positive(within), len(within), limits),
            "novel": share(sum(not _known(each) for each in counted), len(counted), limits),
            "unclear": share(_verdicts(judged, "insufficient"), len(judged), limits),
            "wrong": share(_verdicts(judged, "wrong_person"), len(judged), limits),
            "missed": share(_positive(drawn), len(drawn), limits),
        },
        days=float(median(contacts)) if len(contacts) >= limits.least else None,
        coverage=_coverage(people, limits),
        factors=_factors(counted, limits) if cycle is None else (),
    )


def reports(courses: Sequence[Course], cycles: Sequence[str], *, limits: Limits) -> tuple[Report, ...]:
    """The report of each cycle, and of all together, which tells no share that would give that of one cycle away."""
    parts = [report(courses, limits=limits, cycle=cycle) for cycle in cycles]
    whole = report(courses, limits=limits)
    shares = {name: _without(each, [part.shares[name] for part in parts]) for name, each in whole.shares.items()}
    listed = whole.listed if len(parts) == 1 or sum(part.listed is None for part in parts) != 1 else None
    return (*parts, replace(whole, listed=listed, shares=shares))


def _without(whole: Share, parts: Sequence[Share]) -> Share:
    """The share of all; nothing of it, where all the other parts are told and one is not (R17-2)."""
    if len(parts) > 1 and sum(part.value is None for part in parts) == 1:
        return Share(of=None, value=None, low=None, high=None)
    return whole


def share(some: int, of: int, limits: Limits) -> Share:
    """A share of persons, as far as it may be told."""
    if of < limits.least or of < 2 * limits.smallest:
        return Share(of=None, value=None, low=None, high=None)
    k = limits.smallest
    if some < k:
        # Fewer than the smallest group, none at all included: only the most that it could be is told.
        return Share(of=of, value=None, low=0.0, high=wilson(k - 1, of)[1])
    if of - some < k:
        return Share(of=of, value=None, low=wilson(of - k + 1, of)[0], high=1.0)
    low, high = wilson(some, of)
    return Share(of=of, value=Fraction(some, of), low=low, high=high)


def wilson(some: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share by Wilson (1927), which holds for few persons and for shares near 0 and 1."""
    rate, square = some / of, _Z * _Z
    middle = (rate + square / (2 * of)) / (1 + square / of)
    reach = _Z / (1 + square / of) * sqrt(rate * (1 - rate) / of + square / (4 * of * of))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def watched(cycle: str, groups: Mapping[str, Mapping[str, Sequence[int]]], *, limits: Limits) -> tuple[Watched, ...]:
    """How often groups are listed.

    Args:
        groups: group → purpose → members, members listed, others, others listed, of those of whom it is known.
    """
    found = []
    for group, purposes in groups.items():
        for purpose, (members, listed, others, others_listed) in purposes.items():
            ratio = None
            # Neither those who are listed nor those who are not may be few on a side.
            told = (listed, members - listed, others_listed, others - others_listed)
            if min(members, others) >= limits.compared and min(told) >= limits.smallest:
                ratio = Fraction(listed, members) / Fraction(others_listed, others)
            warning = ratio is not None and not limits.lowest <= ratio <= limits.highest
            found.append(Watched(cycle=cycle, group=group, purpose=purpose, ratio=ratio, warning=warning))
    return tuple(found)


def _counts(candidate: Candidate) -> bool:
    return candidate.outcome is not None and candidate.outcome.verdict not in NOT_COUNTED


def _known(candidate: Candidate) -> bool:
    """Whether somebody helped already when the candidate was listed, by the data or by what people found."""
    supported = candidate.outcome is not None and candidate.outcome.verdict == "supported_already"
    return supported or any(found.supported for found in candidate.found.values())


def _positive(candidates: Iterable[Candidate]) -> int:
    return sum(each.outcome is not None and each.outcome.verdict in POSITIVE for each in candidates)


def _verdicts(candidates: Iterable[Candidate], verdict: str) -> int:
    return sum(each.outcome is not None and each.outcome.verdict == verdict for each in candidates)


def _coverage(people: Sequence[Candidate], limits: Limits) -> Mapping[str, Fraction]:
    found: dict[str, list[Fraction]] = {}
    for each in people:
        for purpose, what in each.found.items():
            found.setdefault(purpose, []).append(what.coverage)
    return {
        purpose: sum(shares, Fraction(0)) / len(shares)
        for purpose, shares in sorted(found.items())
        if len(shares) >= limits.least
    }


def _factors(counted: Sequence[Candidate], limits: Limits) -> tuple[FactorReport, ...]:
    overall = Fraction(_positive(counted), len(counted)) if counted else Fraction(0)
    hits: dict[tuple[str, str], list[Candidate]] = {}
    for each in counted:
        for purpose, found in each.found.items():
            for factor in found.hits:
                hits.setdefault((purpose, factor), []).append(each)
    reports = []
    for (purpose, factor), people in sorted(hits.items()):
        precision = share(_positive(people), len(people), limits)
        below = precision.high is not None and precision.high < overall
        reports.append(FactorReport(purpose=purpose, factor=factor, precision=precision, below=below))
    return tuple(reports)
