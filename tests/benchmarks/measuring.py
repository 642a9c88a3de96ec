"""What all measurements share: times of alternating runs, peak memory, and the machine they were made on."""

from __future__ import annotations

import gc
import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import pyarrow as pa


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where and how a part of the page was measured; the load tells what else was going on."""

    day: str
    system: str
    cores: int
    python: str
    duckdb: str
    pyarrow: str
    load_before: float
    load_after: float

    @classmethod
    def now(cls, *, load_before: float) -> Machine:
        """The machine, at the end of a measurement."""
        return cls(
            day=datetime.now(tz=UTC).date().isoformat(),
            system=f"{platform.system()} {platform.machine()}",
            cores=os.cpu_count() or 0,
            python=platform.python_version(),
            duckdb=duckdb.__version__,
            pyarrow=pa.__version__,
            load_before=round(load_before, 1),
            load_after=round(os.getloadavg()[0], 1),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """What several runs took, in milliseconds. The fastest is the one that other work disturbed least."""

    median: float
    fastest: float

    @classmethod
    def of(cls, milliseconds: Sequence[float]) -> Times:
        """Of the times of all runs."""
        return cls(median=round(statistics.median(milliseconds), 1), fastest=round(min(milliseconds), 1))


def timed(calls: Mapping[str, Callable[[], object]], *, runs: int) -> dict[str, Times]:
    """The times of each call, after one that is not counted.

    The calls take turns, so that a quiet or a busy moment of the machine falls to all of them alike.
    """
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(runs):
        for name, call in calls.items():
            gc.collect()
            begun = time.perf_counter()
            call()
            times[name].append((time.perf_counter() - begun) * 1000)
    return {name: Times.of(measured) for name, measured in times.items()}


def peak_memory_mb() -> int:
    """The most memory that this process has had, or the largest of its children."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return max(own, children) // 1024


def load() -> float:
    """The machine's load of the last minute."""
    return os.getloadavg()[0]
