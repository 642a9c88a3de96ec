"""The city's generator: how long it takes and how much memory it needs, each size in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from reference.akishima.generate import DEFAULT_SEED, generate
from tests.benchmarks.measuring import Machine, load, peak_memory_mb


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One city.

    Attributes:
        seconds: to generate it in the formats of its departments.
        processor: seconds of processor time, which do not depend on what else the machine does.
        peak_mb: most memory.
        written_mb: size of what was written.
    """

    residents: int
    seconds: float
    processor: float
    peak_mb: int
    written_mb: int


def measured_generation(generator: Callable[[], object], *, folder: Path, residents: int) -> Measured:
    """Run a generator that writes below a folder, in this process."""
    begun, used = time.perf_counter(), _processor()
    generator()
    seconds, processor = time.perf_counter() - begun, _processor() - used
    written = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return Measured(
        residents=residents,
        seconds=round(seconds, 1),
        processor=round(processor, 1),
        peak_mb=peak_memory_mb(),
        written_mb=round(written / 2**20),
    )


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def measure(population: int) -> Measured:
    """Generate a city and remove it."""
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
        return measured_generation(
            lambda: generate(Path(folder), population=population, seed=DEFAULT_SEED),
            folder=Path(folder),
            residents=population,
        )


def main() -> None:
    """Measure and print one JSON document. Arguments: populations; or ``--one`` and a population, in a child."""
    if sys.argv[1] == "--one":
        sys.stdout.write(json.dumps(asdict(measure(int(sys.argv[2])))))
        return
    before = load()
    measured = []
    for population in sys.argv[1:]:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks.generation", "--one", population],
            stdout=subprocess.PIPE,
            check=True,
        )
        measured.append(json.loads(done.stdout))
        sys.stderr.write(f"{measured[-1]}\n")
    sys.stdout.write(json.dumps({"machine": asdict(Machine.now(load_before=before)), "measured": measured}))


if __name__ == "__main__":
    main()
