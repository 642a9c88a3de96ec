"""Sketches of sets of persons: they tell whether two sets differ by a few, and who is in them they do not.

A sketch of a set is a row of numbers. Sketches add up as their sets do, and of the difference of two the number of
elements can be told exactly where it is small: the power sums of a few points determine them (Prony), and the length of
the shortest recurrence over the power sums is their number (Berlekamp and Massey). Of a large difference nothing can be
told but that it is large. The points are keyed hashes of pseudonyms; nobody without the key can make one, and a set of
hundreds is not in twenty numbers.

Beside the power sums a sketch has a projection: each person adds 1 or -1 to each of some counters, as its hash says.
Whether a set is about as large as its part in another one is read from those, approximately; which groups together make
up another group is found by them, and then proved by the power sums.

ADR 0020 says what follows from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

PRIME = 2**61 - 1
COUNTERS = 256

Words: TypeAlias = npt.NDArray[np.uint64]
Counts: TypeAlias = npt.NDArray[np.int64]
Signs: TypeAlias = npt.NDArray[np.int8]

_LOW30 = np.uint64(2**30 - 1)
_LOW31 = np.uint64(2**31 - 1)
_LOW32 = np.uint64(2**32 - 1)
_PRIME = np.uint64(PRIME)
_COUNTER_BYTES = COUNTERS // 8
_MAX_COUNTER = 2**15 - 1


@dataclass(frozen=True, slots=True)
class Points:
    """The keyed points of some keys, and the signs that each adds to the counters."""

    values: Words
    signs: Signs


def points_of(keys: Sequence[bytes], *, key: bytes) -> Points:
    """The points of keys in the order given, equal for equal keys."""
    digests = bytearray()
    for each in keys:
        digests += hashlib.blake2b(each, digest_size=8 + _COUNTER_BYTES, key=key).digest()
    rows = np.frombuffer(bytes(digests), dtype=np.uint8).reshape(len(keys), 8 + _COUNTER_BYTES)
    words = np.ascontiguousarray(rows[:, :8]).view(np.dtype("<u8")).reshape(-1).astype(np.uint64)
    # Never zero: a zero would be in no power sum but the first.
    values = words % np.uint64(PRIME - 1) + np.uint64(1)
    signs = np.unpackbits(rows[:, 8:], axis=1).astype(np.int8) * np.int8(2) - np.int8(1)
    return Points(values=values, signs=signs)


def power_sums(values: Words, groups: npt.NDArray[np.intp], *, number: int, length: int) -> list[list[int]]:
    """For each of ``number`` groups, the sums of the powers 0, 1, … of its points, ``length`` of them."""
    sums = [[0] * length for _ in range(number)]
    order, present, starts = _runs(groups)
    if not len(present):
        return sums
    points = values[order]
    power = np.ones_like(points)
    for exponent in range(length):
        # In halves, so that the sums of many fit into 64 bits.
        low = np.add.reduceat(power & _LOW32, starts)
        high = np.add.reduceat(power >> np.uint64(32), starts)
        for group, below, above in zip(present.tolist(), low.tolist(), high.tolist(), strict=True):
            sums[group][exponent] = (below + (above << 32)) % PRIME
        power = _multiply(power, points)
    return sums


def projections(signs: Signs, groups: npt.NDArray[np.intp], *, number: int) -> Counts:
    """For each group, its counters."""
    counters = np.zeros((number, COUNTERS), dtype=np.int64)
    order, present, starts = _runs(groups)
    if len(present):
        counters[present] = np.add.reduceat(signs[order], starts, axis=0, dtype=np.int64)
    return np.clip(counters, -_MAX_COUNTER, _MAX_COUNTER)


def _runs(groups: npt.NDArray[np.intp]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """An order in which each group stands together, the groups that there are, and where each begins."""
    order = np.argsort(groups, kind="stable")
    present, starts = np.unique(groups[order], return_index=True)
    return order, present, starts


def _multiply(left: Words, right: Words) -> Words:
    """Products modulo 2**61 - 1, by halves that fit into 64 bits."""
    a1, a0 = left >> np.uint64(30), left & _LOW30
    b1, b0 = right >> np.uint64(30), right & _LOW30
    high = a1 * b1
    middle = a1 * b0 + a0 * b1
    total = (
        (high >> np.uint64(1))
        + ((high & np.uint64(1)) << np.uint64(60))
        + (middle >> np.uint64(31))
        + ((middle & _LOW31) << np.uint64(30))
        + a0 * b0
    )
    total = (total & _PRIME) + (total >> np.uint64(61))
    return np.asarray(np.where(total >= _PRIME, total - _PRIME, total), dtype=np.uint64)


def difference(left: Sequence[int], right: Sequence[int]) -> list[int]:
    """The power sums of a difference, as far as both go."""
    return [(a - b) % PRIME for a, b in zip(left, right, strict=False)]


def elements(sums: Sequence[int]) -> int:
    """How many points a difference has, exact up to half as many as there are power sums, at least that beyond.

    The length of the shortest linear recurrence over the sums, by Berlekamp and Massey.
    """
    current, before = [1], [1]
    length, since, divisor = 0, 1, 1
    for position, value in enumerate(sums):
        discrepancy = value
        for step in range(1, min(length, len(current) - 1) + 1):
            discrepancy = (discrepancy + current[step] * sums[position - step]) % PRIME
        if discrepancy == 0:
            since += 1
            continue
        factor = discrepancy * pow(divisor, PRIME - 2, PRIME) % PRIME
        changed = current + [0] * max(0, len(before) + since - len(current))
        for step, coefficient in enumerate(before):
            changed[step + since] = (changed[step + since] - factor * coefficient) % PRIME
        if 2 * length <= position:
            length, before, divisor, since = position + 1 - length, current, discrepancy, 1
        else:
            since += 1
        current = changed
    return length


def union_near(target: Counts, parts: Counts, sizes: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Which parts of a partition together come nearest to a target, by their counters.

    Each part is in or out as most of it is or is not in the target; what is left over decides again, until nothing
    changes. Where a union of parts is the target but for a few, this finds it.
    """
    chosen = np.zeros(len(parts), dtype=np.bool_)
    for _ in range(_ROUNDS):
        rest = target - chosen.astype(np.int64) @ parts
        share = (parts @ rest) / (COUNTERS * np.maximum(sizes, 1))
        wanted = np.where(chosen, share > -0.5, share > 0.5)
        if bool((wanted == chosen).all()):
            break
        chosen = wanted
    return chosen


_ROUNDS = 24
