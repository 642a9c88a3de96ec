"""Short sums of vectors: which of them, added and subtracted, leave almost nothing.

The vectors are of whole numbers, and all their sums and differences are a lattice. A basis of it is reduced as Lenstra,
Lenstra and Lovász do, one vector after another, so that dependences come out as sums that leave nothing; then the sums
up to a length are searched in full, as Fincke and Pohst do. Nothing here is left to chance: equal vectors in equal
order give equal sums.
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
        return coefficients @ self._given if len(coefficients) else np.zeros((0, self.width), dtype=np.int64)

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
