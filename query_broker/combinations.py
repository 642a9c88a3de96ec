"""The guard against differencing, beyond pairs: what all numbers together tell that no two of them do (R17-3).

Whoever has many exact numbers may add and subtract all of them. A sum of populations in which fewer persons, or
households, than the smallest group are left tells about the few, whichever numbers went into it and however often. So
the numbers of a new answer and of those before are taken as vectors, the counters of their sketches; sums in which a
few persons are left are short ones, and are searched for; the power sums then prove how many they are.

Up to `MOST_REDUCED` numbers every sum is searched, of however many numbers with whatever coefficients. Beyond that
every sum of three is, and every sum of those most alike to the new ones. Beyond `MOST_COMPARED` numbers, or
`MOST_WORK`, the answer is refused.

A sum in which nobody is left is judged as between two answers: where its parts are chosen by different sensitive
conditions, that nobody is left says something of each, but for a population and its rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from governance.errors import BadInput
from masking.short_vectors import ShortVectors, Unsearched, Whole
from masking.sketches import COUNTERS, PRIME, elements
from query_broker.differencing import Partition, Population

MOST_REDUCED = 192
"""Numbers whose sums are all searched; there have to be fewer than counters, or sums are short by chance."""

MOST_WORK = 600_000_000
"""Sums of three that are looked at for one answer: its own numbers times the square of all."""

MOST_COMPARED = 3_000
"""Numbers that are compared at all; how alike each two of them are is held in memory."""

MOST_STEPS = 50_000
"""Steps of one search; where they do not suffice the answer is refused."""

_STRAY = 1.5
"""How much longer than in the mean a vector of a few persons may be."""

_HOUSEHOLD = 8
"""Persons a household, up to whom a few households are looked for among sums."""

_MOST_PROVED = 2_000
"""Sums that are looked at for few households, the shortest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number that somebody has or is about to get: who stands behind it, and by what they are chosen."""

    population: Population
    chosen_by: str
    is_new: bool


@dataclass(frozen=True, kw_only=True)
class _Told:
    """All numbers that somebody would have.

    Attributes:
        rests: classes of conditions that belong together: a whole, a part of it that was counted, and the rest.
    """

    numbers: tuple[Number, ...]
    rests: frozenset[frozenset[str]]
    smallest: int

    @cached_property
    def vectors(self) -> Whole:
        """The counters, one row a number."""
        return np.stack([number.population.counters for number in self.numbers])

    @cached_property
    def products(self) -> npt.NDArray[np.float64]:
        """How alike each two numbers are."""
        vectors = self.vectors.astype(np.float64)
        return vectors @ vectors.T

    @cached_property
    def sums(self) -> tuple[npt.NDArray[np.object_], ...]:
        """The power sums by unit, one row a number; as many as prove fewer than the smallest group."""
        units = range(min(len(number.population.sums) for number in self.numbers))
        return tuple(
            np.array([number.population.sums[unit][: 2 * self.smallest] for number in self.numbers], dtype=np.object_)
            for unit in units
        )

    @property
    def few(self) -> float:
        """Squared length up to which a sum may be of a few persons."""
        return COUNTERS * _STRAY * (self.smallest - 1)

    @property
    def few_households(self) -> float:
        """Squared length up to which a sum is looked at for a few households."""
        return COUNTERS * _HOUSEHOLD * (self.smallest - 1)

    def most_alike(self, most: int) -> list[int]:
        """The new numbers, and those before that have most in common with them."""
        fresh = [position for position, number in enumerate(self.numbers) if number.is_new][: most // 2]
        lengths = np.sqrt(np.maximum(np.diag(self.products), 1))
        alike = (np.abs(self.products[fresh]) / lengths / lengths[fresh][:, None]).max(axis=0)
        old = [int(position) for position in np.argsort(-alike, kind="stable") if not self.numbers[position].is_new]
        return sorted([*fresh, *old[: most - len(fresh)]])

    def tells(self, members: Sequence[int], coefficients: Sequence[int]) -> bool:
        """Whether a sum of numbers, a new one among them, tells about a few."""
        terms = [(member, int(times)) for member, times in zip(members, coefficients, strict=True) if times]
        if not any(self.numbers[member].is_new for member, _ in terms):
            return False
        left = [elements(self._sum(unit, terms)) for unit in range(len(self.sums))]
        if left[0] == 0:
            return self._says_that_nobody_is_left(terms)
        return any(0 < number < self.smallest for number in left)

    def _says_that_nobody_is_left(self, terms: Sequence[tuple[int, int]]) -> bool:
        by_class: dict[str, list[tuple[int, int]]] = {}
        for member, times in terms:
            by_class.setdefault(self.numbers[member].chosen_by, []).append((member, times))
        # What adds up to nobody under one condition alone is arithmetic.
        open_ = frozenset(chosen for chosen, some in by_class.items() if elements(self._sum(0, some)))
        return bool(open_) and not any(open_ <= rest for rest in self.rests)

    def _sum(self, unit: int, terms: Sequence[tuple[int, int]]) -> list[int]:
        members = [member for member, _ in terms]
        times = np.array([times for _, times in terms], dtype=np.object_)
        return [int(value) % PRIME for value in times @ self.sums[unit][members]]


def tells_of_few(new: Sequence[Partition], earlier: Sequence[Sequence[Partition]], *, smallest: int) -> bool:
    """Whether numbers of a new answer and of earlier ones, added and subtracted, tell about a few.

    Args:
        new: the populations of an answer, as `partitions_of` has them.
        earlier: likewise, of each earlier one, in their order.
        smallest: the smallest group.

    Raises:
        BadInput: there are too many numbers to be compared.
    """
    told = _Told(numbers=tuple(_numbers(new, earlier)), rests=_rests((new, *earlier)), smallest=smallest)
    fresh, all_ = sum(number.is_new for number in told.numbers), len(told.numbers)
    if fresh in (0, all_):
        return False
    if all_ <= MOST_REDUCED:
        return _any_sum(told, range(all_))
    if all_ > MOST_COMPARED or fresh * all_**2 > MOST_WORK:
        raise BadInput("answer-too-many-compared", limit=all_ - fresh)
    return _any_three(told) or _any_sum(told, told.most_alike(MOST_REDUCED))


def _numbers(new: Sequence[Partition], earlier: Sequence[Sequence[Partition]]) -> Iterator[Number]:
    """Each population once; what somebody has already is not new."""
    seen: set[tuple[str, tuple[tuple[int, ...], ...]]] = set()
    for answer, is_new in (*((each, False) for each in earlier), (new, True)):
        everybody = {population.sums for partition in answer[:1] for population in partition.populations}
        for position, partition in enumerate(answer):
            if partition.rest_of is not None:
                continue  # told by subtraction, as every sum is
            for population in partition.populations:
                # A measure to which everybody of a group contributes says no more of whom it is than the group does.
                if (position and population.sums in everybody) or (partition.chosen_by, population.sums) in seen:
                    continue
                seen.add((partition.chosen_by, population.sums))
                yield Number(population=population, chosen_by=partition.chosen_by, is_new=is_new)


def _rests(answers: Iterable[Sequence[Partition]]) -> frozenset[frozenset[str]]:
    return frozenset(
        frozenset({partition.chosen_by, *partition.rest_of})
        for answer in answers
        for partition in answer
        if partition.rest_of is not None
    )


def _any_sum(told: _Told, members: Sequence[int]) -> bool:
    """Search the sums of some numbers."""
    vectors = ShortVectors(width=COUNTERS, number=len(members))
    # The new ones last: what the earlier ones tell among each other is not of this answer.
    order = sorted(range(len(members)), key=lambda at: told.numbers[members[at]].is_new)
    for at in order:
        vectors.add(at, told.vectors[members[at]])
    if any(told.tells(members, each.tolist()) for each in vectors.dependences):
        return True
    try:
        vectors.fill()
    except Unsearched:
        return True  # not known to be safe
    # The basis first: where there is such a sum at all, it most often stands there.
    if any(told.tells(members, each.tolist()) for each in _short_sums(vectors, told.few_households)):
        return True
    try:
        return any(told.tells(members, each.tolist()) for each in vectors.shorter_than(told.few, steps=MOST_STEPS))
    except Unsearched:
        return True  # not known to be safe


def _short_sums(vectors: ShortVectors, squared: float) -> list[Whole]:
    """The rows of a basis, and the short sums of two, up to a number; for what may be of a few households."""
    short = sorted(
        ((length, row) for length, row in vectors.basis() if length <= 2 * squared), key=lambda each: each[0]
    )
    found: list[tuple[float, Whole]] = []
    lattice = np.stack([row for _, row in short]) if short else np.zeros((0, 0), dtype=np.int64)
    points = vectors.points(lattice)
    products = points @ points.T
    for one in range(len(short)):
        for other in range(one):
            for sign in (1, -1):
                length = float(products[one, one] + products[other, other] + 2 * sign * products[one, other])
                if length <= squared:
                    found.append((length, lattice[one] + sign * lattice[other]))
    # Every row is looked at, however long: there are never too many, and a few persons may be in one many times.
    rows = [row for _, row in vectors.basis()]
    return [*rows, *(row for _, row in sorted(found, key=lambda each: each[0])[:_MOST_PROVED])]


def _any_three(told: _Told) -> bool:
    """Search every sum of three numbers, one of them new and one of them not."""
    products, squares = told.products, np.diag(told.products)
    fresh = np.array([number.is_new for number in told.numbers])
    pairs = squares[:, None] + squares[None, :]
    found: list[tuple[float, tuple[int, int, int], tuple[int, int, int]]] = []
    for a in np.flatnonzero(fresh).tolist():
        own = products[a]
        for b_times, c_times in ((-1, -1), (-1, 1), (1, -1)):
            lengths = (
                squares[a]
                + pairs
                + 2 * b_times * own[:, None]
                + 2 * c_times * own[None, :]
                + 2 * b_times * c_times * products
            )
            rows, columns = np.nonzero(np.triu(lengths <= told.few_households, k=1))
            for b, c in zip(rows.tolist(), columns.tolist(), strict=True):
                if a not in (b, c) and not (fresh[b] and fresh[c]):
                    found.append((float(lengths[b, c]), (a, b, c), (1, b_times, c_times)))
    found.sort(key=lambda each: each[0])
    return any(
        told.tells(members, times)
        for at, (length, members, times) in enumerate(found)
        if length <= told.few or at < _MOST_PROVED
    )
