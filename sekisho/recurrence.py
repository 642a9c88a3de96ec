"""Templates that recur: twelve months of births and moves are simulated before one is approved (R17-3).

A statistic that comes every month tells, by the difference of two months, about those who came and went between them.
Its approval settles beforehand how that is kept from telling about a few: counts are rounded to multiples, the same in
every run. How large they have to be is found by simulating the months that the guideline names, over as many persons
as the cohort has, in groups of all sizes from the smallest that may be shown. The simulation reads no data of anybody,
and is the same whenever it is done with the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from governance.approvals import Series
from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.facts import QueryFacts

_MOST_PERSONS = 200_000
_MOST_GROUPS = 200
_MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Months:
    """A simulated cohort: the group of each person, and the first and the last month but one in which it is there."""

    group: npt.NDArray[np.int64]
    comes: npt.NDArray[np.int64]
    goes: npt.NDArray[np.int64]
    number: int

    def present(self, month: int) -> npt.NDArray[np.bool_]:
        """Who is there in a month."""
        return (self.comes <= month) & (month < self.goes)

    def counts(self, who: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
        """How many of some persons each group has, and, last, how many they are together."""
        by_group = np.bincount(self.group[who], minlength=int(self.group.max()) + 1)
        return np.append(by_group, by_group.sum()).astype(np.int64)


def counted_cohort(facts: QueryFacts, *, catalogue: Catalogue, template: str) -> str:
    """The dataset whose persons a template counts.

    Raises:
        BadInput: it does something else than count persons by groups, or rows of which one person may have several, so
            that one person could move a rounded count over many of its steps.
    """
    cohorts = [scan.dataset for scan in facts.scans if scan.role == "cohort"]
    if facts.output.kind != "aggregate" or not cohorts or facts.functions != ("count",):
        raise BadInput("template-recurs-counts", template=template)
    for scan in facts.scans:
        dataset = catalogue.dataset(scan.dataset)
        if scan.role not in ("cohort", "attribute") or dataset.unique_by != (catalogue.person_key(dataset),):
            raise BadInput("template-recurs-rows", template=template, dataset=dataset.name)
    return cohorts[0]


def settle_series(*, persons: int, interval: Literal["month"], parameters: Mapping[str, Any]) -> Series:
    """The smallest of the guideline's roundings with which no two simulated runs tell about a few.

    Raises:
        BadInput: the guideline lays nothing down for templates that recur, or none of its roundings suffices.
    """
    laid_down = parameters.get("recurring")
    if laid_down is None:
        raise BadInput("template-recurs-not-laid-down")
    smallest = max(parameters["k_internal"], parameters["k_public"])
    months = simulate(
        persons=persons,
        smallest=smallest,
        number=laid_down["months"],
        arrivals=laid_down["arrivals_per_thousand"],
        departures=laid_down["departures_per_thousand"],
    )
    for base in sorted(laid_down["roundings"]):
        # Below the smallest group the policy takes none, and the runs would be exact.
        if base >= smallest and not rounded_tells(months, base=base, smallest=smallest):
            return Series(
                interval=interval,
                runs=months.number,
                persons=_about(persons),
                rounding=base,
                refused_exact=refused_exact(months, smallest=smallest),
            )
    raise BadInput("template-recurs-rounding", least=smallest)


def simulate(*, persons: int, smallest: int, number: int, arrivals: int, departures: int) -> Months:
    """A cohort over some months: its largest group is a third of it, the next a third of the rest, to the smallest."""
    first = _groups(min(max(persons, smallest), _MOST_PERSONS), smallest)
    coming = round(len(first) * arrivals * number / (1_000 * _MONTHS_A_YEAR))
    chance = _Numbers()
    group = np.concatenate([first, first[(chance.draw(coming) * len(first)).astype(np.int64)]])
    comes = np.concatenate(
        [np.zeros(len(first), dtype=np.int64), 1 + (chance.draw(coming) * (number - 1)).astype(np.int64)]
    )
    monthly = departures / (1_000 * _MONTHS_A_YEAR)
    stays = (
        np.floor(np.log1p(-chance.draw(len(group))) / np.log1p(-monthly)).astype(np.int64)
        if monthly
        else np.full(len(group), number)
    )
    return Months(group=group, comes=comes, goes=comes + 1 + stays, number=number)


def refused_exact(months: Months, *, smallest: int) -> int:
    """In how many runs some population would differ from an earlier run's by fewer persons than the smallest group."""
    near = {
        later
        for earlier, later in combinations(range(months.number), 2)
        if _is_few(months.counts(months.present(earlier) ^ months.present(later)), smallest).any()
    }
    return len(near)


def rounded_tells(months: Months, *, base: int, smallest: int) -> bool:
    """Whether the rounded counts of two runs leave nothing but a few persons for what changed between them."""
    shown = [_rounded(months.counts(months.present(month)), base) for month in range(months.number)]
    for earlier, later in combinations(shown, 2):
        # Each count is within its multiple; their difference is within both.
        least, most = later - earlier - (base - 1), later - earlier + (base - 1)
        more, fewer = (least >= 1) & (most < smallest), (most <= -1) & (least > -smallest)
        if (more | fewer).any():
            return True
    return False


def _is_few(counts: npt.NDArray[np.int64], smallest: int) -> npt.NDArray[np.bool_]:
    return (counts > 0) & (counts < smallest)


def _rounded(counts: npt.NDArray[np.int64], base: int) -> npt.NDArray[np.int64]:
    return (counts + base // 2) // base * base


def _groups(persons: int, smallest: int) -> npt.NDArray[np.int64]:
    sizes: list[int] = []
    rest = persons
    while rest >= 2 * smallest and len(sizes) < _MOST_GROUPS:
        sizes.append(max(smallest, rest // 3))
        rest -= sizes[-1]
    return np.repeat(np.arange(len(sizes) + 1), [*sizes, rest])


def _about(persons: int) -> int:
    """A number of persons to two places, which is all that stands on the sheet."""
    unit: int = 10 ** max(0, len(str(persons)) - 2)
    return (persons + unit // 2) // unit * unit


class _Numbers:
    """Numbers from 0 up to 1, the same on every machine and in every release of a library (SplitMix64)."""

    def __init__(self) -> None:
        self._drawn = 0

    def draw(self, number: int) -> npt.NDArray[np.float64]:
        """The next numbers."""
        state = np.arange(self._drawn + 1, self._drawn + number + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        self._drawn += number
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return np.asarray((state ^ (state >> np.uint64(31))) >> np.uint64(11), dtype=np.float64) / 2.0**53
