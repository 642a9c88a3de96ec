"""The guard against differencing (R17-3): an aggregate answer is compared with those that its recipient has already.

Two answers whose populations differ by a few persons tell about the few. So whoever stands behind each number of an
answer is kept beside the ledger as a sketch (`masking.sketches`), which adds and subtracts as sets do and names nobody.
Before a further answer leaves, each of its populations, and all of them together, is set against each earlier one, and
against every union of earlier ones that comes near it; and the other way round.

*Differ by a few* is 1 to k-1 persons, or households. No difference at all is a few as well where the two populations
are chosen by different conditions on something sensitive: that nobody is between them says something of each.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from governance.errors import BadInput
from masking.sketches import COUNTERS, Counts, difference, elements, union_near

EVERYBODY = -1
"""The measure of a population that is a whole group."""

MAX_POPULATIONS = 1_000
"""Most populations of one answer; more could not be kept for the comparison."""

_LEAST_LENGTH = 20
_APRIL = 4
_CROWDED = 40
"""Persons a household beyond which a difference in persons is large whatever it is in households."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Population:
    """The persons behind one number: how many persons and households, their power sums, the counters of the persons."""

    counts: tuple[int, ...]
    sums: tuple[tuple[int, ...], ...]
    counters: Counts


@dataclass(frozen=True, kw_only=True)
class Partition:
    """The populations of one measure, over all groups that were released.

    Attributes:
        chosen_by: keyed digest of the sensitive conditions that choose them.
        rest_of: for those told by subtraction within one answer, the digests of the whole and of the part.
    """

    chosen_by: str
    populations: tuple[Population, ...]
    rest_of: tuple[str, str] | None = None

    @cached_property
    def counters(self) -> Counts:
        """The counters of all, one row a population."""
        return np.stack([population.counters for population in self.populations])

    @cached_property
    def sizes(self) -> Counts:
        """Persons of each."""
        return np.array([population.counts[0] for population in self.populations], dtype=np.int64)

    @cached_property
    def whole(self) -> Population:
        """All of them together."""
        return self.union(np.ones(len(self.populations), dtype=np.bool_))

    def union(self, chosen: np.ndarray[Any, np.dtype[np.bool_]]) -> Population:
        """Some of them together."""
        some = [population for population, is_in in zip(self.populations, chosen, strict=True) if is_in]
        return Population(
            counts=tuple(map(sum, zip(*(p.counts for p in some), strict=True))),
            sums=tuple(tuple(map(sum, zip(*each, strict=True))) for each in zip(*(p.sums for p in some), strict=True)),
            counters=np.sum([p.counters for p in some], axis=0),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """By what the populations of an answer are chosen, as keyed digests.

    Attributes:
        everybody: those of whole groups.
        contributing: for each measure with contributors of its own, those who contribute.
        others: likewise, those who do not.
    """

    everybody: str
    contributing: tuple[str, ...]
    others: tuple[str, ...]


def sketch_length(smallest: int) -> int:
    """How many power sums a sketch needs, for a smallest group; the same for all usual ones."""
    return max(_LEAST_LENGTH, 2 * smallest)


def period_of(day: date, length: Literal["month", "fiscal_year"]) -> str:
    """The data period that a day is in."""
    if length == "month":
        return f"{day.year:04d}-{day.month:02d}"
    return f"FY{day.year if day.month >= _APRIL else day.year - 1:04d}"


def populations_document(
    table: pa.Table,
    conditions: Conditions,
    *,
    question: str,
    period: str,
    extracts: Mapping[str, str],
    smallest: int,
    key_id: str,
    series: str | None = None,
) -> dict[str, Any]:
    """The sidecar of a release.

    Args:
        table: as `masking.populations` makes it.
        conditions: by what they are chosen.
        question: keyed digest of what was asked.
        period: the data period.
        extracts: the day that each dataset is of.
        smallest: the smallest group of the answer.
        key_id: id of the key of the answer's pseudonyms.
        series: the approval of a template that recurs, where it is a run of one.

    Raises:
        BadInput: too many groups to be kept.
    """
    if table.num_rows > MAX_POPULATIONS:
        raise BadInput("answer-too-many-groups", limit=MAX_POPULATIONS)
    return {
        "v": 1,
        "kind": "populations",
        "question": question,
        "period": period,
        "extracts": dict(extracts),
        "smallest": smallest,
        "key_id": key_id,
        **({"series": series} if series is not None else {}),
        "everybody": conditions.everybody,
        "contributing": list(conditions.contributing),
        "others": list(conditions.others),
        "populations": [
            {
                "group": row["group"],
                "measure": row["measure"],
                "counts": row["counts"],
                "sums": [base64.b64encode(each).decode() for each in row["sums"]],
                "counters": base64.b64encode(row["counters"]).decode(),
            }
            for row in table.to_pylist()
        ],
    }


def partitions_of(document: Mapping[str, Any]) -> tuple[Partition, ...]:
    """The populations of a sidecar, those included that are told by subtraction within one answer."""
    smallest = document["smallest"]
    found: dict[int, dict[int, Population]] = {}
    for row in document["populations"]:
        found.setdefault(row["measure"], {})[row["group"]] = _population(row)
    everybody = found.get(EVERYBODY, {})
    partitions = [_partition(document["everybody"], everybody.values())]
    for measure, (inside, outside) in enumerate(zip(document["contributing"], document["others"], strict=True)):
        contributing = found.get(measure, {})
        partitions.append(_partition(inside, contributing.values()))
        others = [
            _minus(everybody[group], population) for group, population in contributing.items() if group in everybody
        ]
        rest = [p for p in others if min(p.counts) >= smallest]
        partitions.append(_partition(outside, rest, rest_of=(document["everybody"], inside)))
    return tuple(partition for partition in partitions if partition.populations)


def too_close(new: Sequence[Partition], earlier: Sequence[Partition], *, smallest: int) -> bool:
    """Whether subtracting some of one answer from some of the other tells about fewer than the smallest group."""
    return any(_near(one, other, smallest=smallest) for one in new for other in earlier)


def _near(one: Partition, other: Partition, *, smallest: int) -> bool:
    least = 1 if one.chosen_by == other.chosen_by else 0
    if any(
        _is_few(a, other.populations[position], least=least, smallest=smallest)
        for a in one.populations
        for position in _candidates(a, other, smallest)
    ):
        return True
    return any(
        _is_few(target, partition.union(chosen), least=least, smallest=smallest)
        for partition, targets in (
            (other, (*one.populations, one.whole)),
            (one, (*other.populations, other.whole)),
        )
        for target in targets
        if (chosen := union_near(target.counters, partition.counters, partition.sizes)).any()
    )


def _candidates(population: Population, partition: Partition, smallest: int) -> Iterator[int]:
    """Those of a partition that a population could be near to; of the others that is certain."""
    rest = partition.counters - population.counters
    # A difference of d persons moves no counter by more than d; on average it moves them by its root.
    norms = np.einsum("ij,ij->i", rest, rest) / COUNTERS
    yield from (int(position) for position in np.flatnonzero(norms <= max((smallest - 1) ** 2, _CROWDED * smallest)))


def _is_few(one: Population, other: Population, *, least: int, smallest: int) -> bool:
    return any(least <= elements(difference(a, b)) < smallest for a, b in zip(one.sums, other.sums, strict=False))


def _partition(chosen_by: str, populations: Iterable[Population], rest_of: tuple[str, str] | None = None) -> Partition:
    return Partition(chosen_by=chosen_by, populations=tuple(populations), rest_of=rest_of)


def _minus(whole: Population, part: Population) -> Population:
    return Population(
        counts=tuple(a - b for a, b in zip(whole.counts, part.counts, strict=True)),
        sums=tuple(tuple(difference(a, b)) for a, b in zip(whole.sums, part.sums, strict=True)),
        counters=whole.counters - part.counters,
    )


def _population(row: Mapping[str, Any]) -> Population:
    return Population(
        counts=tuple(row["counts"]),
        sums=tuple(
            tuple(int(value) for value in np.frombuffer(base64.b64decode(each), dtype="<u8")) for each in row["sums"]
        ),
        counters=np.frombuffer(base64.b64decode(row["counters"]), dtype="<i2").astype(np.int64),
    )
