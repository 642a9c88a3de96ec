"""The age pyramid as a stock of persons that households are formed from, until nobody is left."""

from __future__ import annotations

from collections.abc import Callable
from itertools import accumulate, pairwise

from reference.akishima.city.draw import Draw, Weighted

MALE = 1
FEMALE = 2
OLDEST = 101

FIVE_YEAR_GROUPS = (
    3950, 4600, 4950, 5150, 6000, 6050, 5900, 6600, 7500, 9000,
    10000, 8600, 6900, 6100, 7400, 6500, 5000, 2900, 1347,
)  # fmt: skip
"""Persons aged 0-4, 5-9, … 85-89, 90 and over, of a city of 114,447 (our rounding)."""

_TABLE_LASTS = 400
"""A table of weights serves for one draw in so many of those left."""

CITY_POPULATION = sum(FIVE_YEAR_GROUPS)


def _share_of_men(age: int) -> float:
    """More boys are born, women live longer; 49.3 % of all are men."""
    if age < 60:
        return 0.512
    if age < 75:
        return 0.489
    return 0.425 if age < 85 else 0.315


def _persons_of_age(age: int) -> float:
    if age < 90:
        return FIVE_YEAR_GROUPS[age // 5] / 5
    # The oldest: each year of age has about three quarters of the one before.
    weights = [0.75**year for year in range(OLDEST - 89)]
    return FIVE_YEAR_GROUPS[18] * weights[age - 90] / sum(weights)


def scaled_counts(weights: list[float], total: int) -> list[int]:
    """Integers in proportion to weights that sum to ``total`` exactly.

    Rounds running totals and not single shares: in a small city, where every cell is below one half, neighbouring ages
    still get their persons between them.
    """
    whole = sum(weights)
    reached = [round(part * total / whole) for part in accumulate(weights)]
    reached[-1] = total
    return [now - before for before, now in pairwise((0, *reached))]


class Pyramid:
    """How many persons of each sex and age are still without a household."""

    def __init__(self, population: int) -> None:
        cells = [
            _persons_of_age(age) * (_share_of_men(age) if sex == MALE else 1 - _share_of_men(age))
            for sex in (MALE, FEMALE)
            for age in range(OLDEST + 1)
        ]
        counts = scaled_counts(cells, population)
        self._counts = {MALE: counts[: OLDEST + 1], FEMALE: counts[OLDEST + 1 :]}
        self._tables: dict[tuple[int, int, Callable[[int], float]], tuple[Weighted[tuple[int, int]], int]] = {}

    def left(self, *, low: int = 0, high: int = OLDEST) -> int:
        """Persons of these ages without a household."""
        return sum(sum(counts[low : high + 1]) for counts in self._counts.values())

    def take(self, sex: int, *, age: float, low: int, high: int) -> int | None:
        """Take one person of the age nearest to ``age`` within the bounds; ``None`` where there is none."""
        counts = self._counts[sex]
        wanted = min(max(round(age), low), high)
        for distance in range(high - low + 1):
            for candidate in (wanted - distance, wanted + distance):
                if low <= candidate <= high and counts[candidate]:
                    counts[candidate] -= 1
                    return candidate
        return None

    def take_any(self, draw: Draw, *, low: int, high: int, wanted: Callable[[int], float]) -> tuple[int, int]:
        """Take one person of these ages, in proportion to those left and to a weight for each age.

        Raises:
            LookupError: nobody of these ages is left.
        """
        key = (low, high, wanted)
        while True:
            table, uses = self._tables.get(key) or (self._table(low, high, wanted), 0)
            sex, age = table.at(draw.share())
            if self._counts[sex][age] and uses > 0:
                self._tables[key] = (table, uses - 1)
                break
            # The table has become old; it is made again often enough that a share is never far off.
            self._tables[key] = (self._table(low, high, wanted), max(1, self.left(low=low, high=high) // _TABLE_LASTS))
        self._counts[sex][age] -= 1
        return sex, age

    def _table(self, low: int, high: int, wanted: Callable[[int], float]) -> Weighted[tuple[int, int]]:
        stock = [
            ((sex, age), self._counts[sex][age] * wanted(age))
            for sex in (MALE, FEMALE)
            for age in range(low, min(high, OLDEST) + 1)
            if self._counts[sex][age]
        ]
        if not stock:
            raise LookupError("nobody of these ages is left")
        return Weighted(stock)

    def put_back(self, sex: int, age: int) -> None:
        """Return a person, who counts no longer as living in the city."""
        self._counts[sex][age] += 1
