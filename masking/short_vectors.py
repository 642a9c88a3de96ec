"""Short sums of vectors: which of them, added and subtracted, leave almost nothing.

The vectors are of whole numbers, and all their sums and differences are a lattice. A basis of it is reduced as Lenstra,
Lenstra and Lovász do, one vector after another, so that dependences come out as sums that leave nothing; then the sums
up to a length are searched in full, as Fincke and Pohst do. Nothing here is left to chance: equal vectors in equal
order give equal sums.

A sum of which all parts are multiples of a number tells as much as that part of it does: three times a person, of a
whole and three parts that each have the person, is long where the person is short. So the lattice is made full: what
can be divided, is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Whole: TypeAlias = npt.NDArray[np.int64]
Real: TypeAlias = npt.NDArray[np.float64]

_DELTA = 0.99
_ROUNDED = 0.501
_NOTHING = 1e-6
_LARGEST = 2**31


class Unsearched(Exception):  # noqa: N818 - a search ended at its limit
    """There are too many sums to be searched."""


@dataclass(slots=True)
class ShortVectors:
    """A reduced basis that grows; each of its rows is a sum of the vectors given so far, with whole coefficients.

    Attributes:
        dependences: sums of the given vectors that leave nothing, as coefficients; one for each vector that told
            nothing new.
    """

    width: int
    number: int
    dependences: list[Whole] = field(default_factory=list)
    _given: Whole = field(init=False)
    _rows: Whole = field(init=False)
    _sums: Whole = field(init=False)
    _straight: Real = field(init=False)
    _lengths: Real = field(init=False)
    _rank: int = 0
    _times: int = 1

    def __post_init__(self) -> None:
        self._given = np.zeros((self.number, self.width), dtype=np.int64)
        self._rows = self._given.copy()
        self._sums = np.zeros((self.number, self.number), dtype=np.int64)
        self._straight = np.zeros((self.number, self.width))
        self._lengths = np.zeros(self.number)

    @property
    def rank(self) -> int:
        """Vectors of the basis."""
        return self._rank

    def add(self, position: int, vector: Whole) -> None:
        """Add the vector of a position, and reduce."""
        at = self._rank
        self._given[position] = vector
        self._rows[at], self._sums[at] = vector, 0
        self._sums[at, position] = 1
        self._rank += 1
        self._reduce(at)

    def basis(self) -> Iterator[tuple[float, Whole]]:
        """The rows of the reduced basis: squared length, and coefficients."""
        for row, coefficients in zip(self._rows[: self._rank], self._sums[: self._rank], strict=True):
            yield float(row @ row), coefficients

    def points(self, coefficients: Whole) -> Whole:
        """The sums with some coefficients, one row each."""
        if not len(coefficients):
            return np.zeros((0, self.width), dtype=np.int64)
        return coefficients @ self._given // self._times

    def shorter_than(self, squared: float, *, steps: int) -> Iterator[Whole]:
        """Coefficients of every sum that is not zero and at most so long, each up to its sign.

        Raises:
            Unsearched: that takes more than so many steps.
        """
        n = self._rank
        squared *= 1 + _NOTHING  # a sum exactly so long is not lost by rounding
        lengths = self._lengths[:n]
        slopes = (self._rows[:n] @ self._straight[:n].T) / np.maximum(lengths, _NOTHING)
        chosen = np.zeros(n, dtype=np.int64)
        taken = 0
        # Depth first from the last vector to the first; each choice costs its part of the length.
        stack = [*self._choices(n - 1, 0.0, chosen, slopes, lengths, squared)] if n else []
        while stack:
            taken += 1
            if taken > steps:
                raise Unsearched
            at, value, spent = stack.pop()
            chosen[at] = value
            chosen[:at] = 0
            if at:
                stack.extend(self._choices(at - 1, spent, chosen, slopes, lengths, squared))
            elif chosen.any() and chosen[np.flatnonzero(chosen)[-1]] > 0:
                yield chosen @ self._sums[:n]

    @staticmethod
    def _choices(
        at: int, spent: float, chosen: Whole, slopes: Real, lengths: Real, squared: float
    ) -> Iterable[tuple[int, int, float]]:
        centre = -float(chosen[at + 1 :] @ slopes[at + 1 :, at])
        reach = ((squared - spent) / max(float(lengths[at]), _NOTHING)) ** 0.5
        for value in range(int(np.ceil(centre - reach)), int(np.floor(centre + reach)) + 1):
            cost = spent + (value - centre) ** 2 * float(lengths[at])
            if cost <= squared:
                yield at, value, cost

    def fill(self) -> None:
        """Divide what can be divided, by primes up to the number of vectors.

        From here on the coefficients are multiples of what they were, all of the same, and no vector can be added.

        The vectors have to be sums of vectors of which each part is odd, as counters of persons are: their halves are
        known by that all parts are odd together or even together.

        Raises:
            Unsearched: the coefficients would become too large.
        """
        changed = True
        while changed:
            changed = False
            for prime in _primes(self._rank):
                divided = _divisible(self._rows[: self._rank], prime)
                for coefficients in divided:
                    own = int(np.flatnonzero(coefficients)[-1])
                    self._sums[own] = coefficients @ self._sums[: self._rank]
                    self._rows[own] = coefficients @ self._rows[: self._rank] // prime
                    others = np.arange(self._rank) != own
                    self._sums[: self._rank][others] *= prime
                    self._times *= prime
                    if np.abs(self._sums[: self._rank]).max() > _LARGEST:
                        raise Unsearched
                if len(divided):
                    changed = True
                    self._reduce(0)

    def _reduce(self, at: int) -> None:
        while at < self._rank:
            self._straighten(at)
            if not self._rows[at].any():
                self._drop(at)
                continue
            if at == 0:
                at += 1
                continue
            slope = float(self._rows[at] @ self._straight[at - 1]) / max(float(self._lengths[at - 1]), _NOTHING)
            if self._lengths[at] >= (_DELTA - slope * slope) * self._lengths[at - 1]:
                at += 1
                continue
            for each in (self._rows, self._sums):
                each[[at - 1, at]] = each[[at, at - 1]]
            at -= 1

    def _straighten(self, at: int) -> None:
        """Take from a row whatever the earlier ones can take, and keep what stands upright on them."""
        while at:
            slopes = (self._straight[:at] @ self._rows[at]) / np.maximum(self._lengths[:at], _NOTHING)
            steep = np.flatnonzero(np.abs(slopes) > _ROUNDED)
            if not len(steep):
                break
            last = int(steep[-1])
            times = round(float(slopes[last]))
            self._rows[at] -= times * self._rows[last]
            self._sums[at] -= times * self._sums[last]
        upright = self._rows[at].astype(np.float64)
        for _ in range(2):  # once more for what rounding left
            slopes = (self._straight[:at] @ upright) / np.maximum(self._lengths[:at], _NOTHING)
            upright = upright - slopes @ self._straight[:at]
        self._straight[at] = upright
        self._lengths[at] = float(upright @ upright)

    def _drop(self, at: int) -> None:
        self.dependences.append(self._sums[at].copy())
        last = self._rank - 1
        moved: tuple[npt.NDArray[Any], ...] = (self._rows, self._sums)
        for each in moved:
            each[at:last] = each[at + 1 : last + 1]
        self._rank = last


def _primes(most: int) -> Iterator[int]:
    yield from (n for n in range(2, most + 1) if all(n % each for each in range(2, n)))


def _divisible(rows: Whole, prime: int) -> list[Whole]:
    """Coefficients of sums that a prime divides, the last of each 1 and its own; a basis of all such sums."""
    if prime == 2:  # every sum of an even number of persons looks even
        rows = np.concatenate([rows[:, :1], (rows[:, 1:] - rows[:, :1]) // 2], axis=1)
    left, made = (rows % prime).astype(np.int32), np.eye(len(rows), dtype=np.int32)
    found = []
    for at in range(len(left)):
        there = np.flatnonzero(left[at])
        if not len(there):
            found.append(np.where(made[at] > prime // 2, made[at] - prime, made[at]))
            continue
        column = there[0]
        times = left[at + 1 :, column, None] * pow(int(left[at, column]), -1, prime) % prime
        left[at + 1 :] = (left[at + 1 :] - times * left[at]) % prime
        made[at + 1 :] = (made[at + 1 :] - times * made[at]) % prime
    return [each.astype(np.int64) for each in found]
