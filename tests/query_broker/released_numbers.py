"""A town of a thousand persons for questions about counts, and an oracle that has the persons themselves.

The oracle is linear algebra: whoever has numbers has every sum of them, with any coefficients. It looks whether one of
those sums is of one to k-1 persons alone. Persons who are in the same numbers cannot be told apart and go
together; those of classes of k and more have to vanish; of what is left, every sum of least support is looked at. Of households every sum of up to three numbers is.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from masking.sketches import points_of, power_sums, projections
from query_broker.differencing import Partition, Population, sketch_length

Mask: TypeAlias = npt.NDArray[np.bool_]
Matrix: TypeAlias = npt.NDArray[np.int64]

K = 5
PRIME = 2**31 - 1
_KEY = b"a key for sketches in tests 32 b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Persons by position, and what is known of each."""

    household: npt.NDArray[np.intp]
    facts: dict[str, npt.NDArray[np.intp]]

    @property
    def persons(self) -> int:
        """How many there are."""
        return len(self.household)


def town(seed: int, *, persons: int = 1_000) -> Town:
    """A town whose every fact is drawn."""
    chance = random.Random(seed)
    homes: list[int] = []
    while len(homes) < persons:
        homes += [len(homes)] * chance.randint(1, 4)

    def drawn(most: int) -> npt.NDArray[np.intp]:
        return np.array([chance.randrange(most) for _ in range(persons)], dtype=np.intp)

    return Town(
        household=np.array(homes[:persons], dtype=np.intp),
        facts={"age": drawn(18), "sex": drawn(2), "place": drawn(9), "band": drawn(4)},
    )


class Sketcher:
    """Makes what the guard sees of a question; nothing of it names a person."""

    def __init__(self, of: Town) -> None:
        self._town = of
        self._persons = points_of([b"p%d" % n for n in range(of.persons)], key=_KEY)
        homes = points_of([b"h%d" % n for n in range(of.persons)], key=_KEY)
        self._homes = homes.values[of.household]

    def released(self, groups: Iterable[Mask]) -> list[Mask]:
        """The groups that are not too small."""
        return [mask for mask in groups if min(mask.sum(), len(set(self._town.household[mask].tolist()))) >= K]

    def partition(self, groups: Sequence[Mask], chosen_by: str = "") -> Partition:
        """The populations of one measure."""
        made = []
        for mask in groups:
            inside = np.flatnonzero(mask)
            one = np.zeros(len(inside), dtype=np.intp)
            sums = [
                power_sums(values[inside], one, number=1, length=sketch_length(K))[0]
                for values in (self._persons.values, self._homes)
            ]
            made.append(
                Population(
                    counts=(len(inside), len(set(self._town.household[inside].tolist()))),
                    sums=tuple(map(tuple, sums)),
                    counters=projections(self._persons.signs[inside], one, number=1)[0],
                )
            )
        return Partition(chosen_by=chosen_by, populations=tuple(made))


def isolates(numbers: Sequence[Mask], of: Town) -> bool:
    """Whether some sum of the numbers is of a few persons or, of up to three added and subtracted, of a few households."""
    persons = np.array(numbers, dtype=np.int64).reshape(len(numbers), -1)
    homes = np.stack([np.bincount(of.household, weights=row, minlength=of.persons) for row in persons]).astype(np.int64)
    return _has_small_support(persons) or _three_leave_few(homes)


def _three_leave_few(numbers: Matrix) -> bool:
    single = np.concatenate([numbers, np.zeros_like(numbers[:1])]).astype(np.int16)
    for one, other in combinations(range(len(single)), 2):
        for two in (single[one] + single[other], single[one] - single[other]):
            left = np.concatenate([np.count_nonzero(two + single, axis=1), np.count_nonzero(two - single, axis=1)])
            if ((left > 0) & (left < K)).any():
                return True
    return False


def _has_small_support(numbers: Matrix) -> bool:
    classes, sizes = np.unique(numbers, axis=1, return_counts=True)
    kept = classes.any(axis=0)
    classes, sizes = classes[:, kept], sizes[kept]
    large, small = classes[:, sizes >= K], classes[:, sizes < K]
    if not small.shape[1]:
        return False
    # Sums in which nobody of a large class is left, as what they leave of the small ones.
    left = _rows_behind(np.concatenate([large, small], axis=1), large.shape[1])
    return any(0 < sizes[sizes < K][row != 0].sum() < K for row in _least(left))


def _rows_behind(matrix: Matrix, columns: int) -> Matrix:
    """Of the row space, a basis of what is zero in the first columns, without those."""
    reduced, pivots = _reduced(matrix)
    return reduced[[row for row, pivot in enumerate(pivots) if pivot >= columns], columns:]


def _least(basis: Matrix) -> Iterator[Matrix]:
    """Every vector of least support in a row space: each is zero in columns that leave one dimension."""
    if len(basis) <= 1:
        yield from basis
        return
    seen: set[tuple[int, ...]] = set()
    for column in range(basis.shape[1]):
        if not basis[:, column].any():
            continue
        order = [column, *(other for other in range(basis.shape[1]) if other != column)]
        rest, pivots = _reduced(basis[:, order])
        inner = np.zeros((len(pivots) - 1, basis.shape[1]), dtype=np.int64)
        inner[:, order] = rest[[row for row, pivot in enumerate(pivots) if pivot > 0]]
        for row in _least(inner):
            if (key := tuple(row.tolist())) not in seen:
                seen.add(key)
                yield row


def _reduced(matrix: Matrix) -> tuple[Matrix, list[int]]:
    """The reduced row echelon form modulo a prime, without empty rows, and its pivots."""
    rows, pivots = matrix.astype(np.int64) % PRIME, list[int]()
    for column in range(rows.shape[1]):
        at = len(pivots)
        if at == len(rows):
            break
        found = np.flatnonzero(rows[at:, column])
        if not len(found):
            continue
        rows[[at, at + found[0]]] = rows[[at + found[0], at]]
        rows[at] = rows[at] * pow(int(rows[at, column]), PRIME - 2, PRIME) % PRIME
        for other in np.flatnonzero(rows[:, column]).tolist():
            if other != at:
                rows[other] = (rows[other] - rows[other, column] * rows[at]) % PRIME
        pivots.append(column)
    return rows[: len(pivots)], pivots
