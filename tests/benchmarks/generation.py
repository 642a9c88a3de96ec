"""The city's generator: how long it takes and how much memory it needs, each size in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
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


def measure(population: int) -> Measured:
    """Generate a city in this process."""
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
        begun, used = time.perf_counter(), time.process_time()
        city = generate(Path(folder), population=population, seed=DEFAULT_SEED)
        seconds, processor = time.perf_counter() - begun, time.process_time() - used
        written = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        return Measured(
            residents=city.residents,
            seconds=round(seconds, 1),
            processor=round(processor, 1),
            peak_mb=peak_memory_mb(),
            written_mb=round(written / 2**20),
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
