"""Chance from a seed, the same on every machine and Python version.

Only ``random.Random.random`` has a sequence that Python promises to keep, so every draw is made from it alone.
"""

from __future__ import annotations

import math
import random
from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")


class Weighted(Generic[T]):
    """Values with weights, prepared once and drawn from often."""

    __slots__ = ("_edges", "_values")

    def __init__(self, pairs: Iterable[tuple[T, float]]) -> None:
        entries = tuple(pairs)
        self._values = tuple(value for value, _ in entries)
        self._edges = tuple(accumulate(weight for _, weight in entries))

    def at(self, share: float) -> T:
        """The value that stands at a share (0 up to, not including, 1) of the total weight."""
        place = bisect(self._edges, share * self._edges[-1])
        return self._values[min(place, len(self._values) - 1)]


class Draw:
    """One stream of chance. Streams of different names are independent, so a change in one part moves no other."""

    __slots__ = ("_next",)

    def __init__(self, seed: int, stream: str) -> None:
        self._next = random.Random(f"{seed}/{stream}").random

    def share(self) -> float:
        """A number from 0 up to, not including, 1."""
        return self._next()

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return self._next() < probability

    def between(self, low: int, high: int) -> int:
        """An integer from ``low`` to ``high``, both included."""
        return low + int(self._next() * (high - low + 1))

    def pick(self, values: Sequence[T]) -> T:
        """One of the values, each equally likely."""
        return values[int(self._next() * len(values))]

    def weighted(self, values: Weighted[T]) -> T:
        """One of the values, by weight."""
        return values.at(self._next())

    def normal(self, mean: float, deviation: float) -> float:
        """A normally distributed number (Box-Muller)."""
        radius = math.sqrt(-2.0 * math.log(1.0 - self._next()))
        return mean + deviation * radius * math.cos(2.0 * math.pi * self._next())

    def binomial(self, trials: int, probability: float) -> int:
        """How many of so many trials succeed."""
        return sum(self._next() < probability for _ in range(trials))

    def poisson(self, mean: float) -> int:
        """A count with the given mean (Knuth's product of uniforms; means here are small)."""
        limit = math.exp(-mean)
        count = 0
        product = self._next()
        while product > limit:
            count += 1
            product *= self._next()
        return count

    def shuffled(self, values: Iterable[T]) -> list[T]:
        """The values in random order (Fisher-Yates)."""
        cards = list(values)
        for last in range(len(cards) - 1, 0, -1):
            other = int(self._next() * (last + 1))
            cards[last], cards[other] = cards[other], cards[last]
        return cards
