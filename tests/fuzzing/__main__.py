"""Fuzz with libFuzzer's coverage feedback: ``python -m tests.fuzzing [TARGET …] --seconds 60`` or ``--runs 2000``.

Each target runs in a process of its own, begins with its sound examples and with what was found before (``found/``),
and goes where new branches of our code are reached. What goes wrong is written down beside the working files and named;
the exit status is then 1.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOMS = ["audit", "connectors", "governance", "masking", "policies", "query_broker", "sekisho"]
FOUND = Path(__file__).parent / "found"
LONGEST = 64 * 1024
_DONE = re.compile(r"stat::number_of_executed_units:\s+(\d+)")


def fuzz(name: str, limits: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Fuzz one target in a process of its own."""
    command = [sys.executable, "-m", "tests.fuzzing", "--inside", str(folder), name, *limits]
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; 1 if anything was found."""
    options, limits = _options(arguments)
    if options.inside is not None:
        _inside(options.targets[0], Path(options.inside), limits)
        return 0
    from tests.fuzzing.targets import TARGETS

    limits = [f"-runs={options.runs}"] if options.runs else [f"-max_total_time={options.seconds}"]
    wrong = 0
    for name in options.targets or TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            done = fuzz(name, limits, Path(folder))
            ran = _DONE.search(done.stderr)
            sys.stdout.write(
                f"{name}: {ran[1] if ran else '?'} inputs, {'sound' if not done.returncode else 'FOUND'}\n"
            )
            if done.returncode:
                wrong += 1
                said = [line for line in done.stderr.splitlines() if not line.startswith("INFO: ")]
                sys.stdout.write("\n".join([done.stdout[-4000:], *said[-60:], ""]))
    return 1 if wrong else 0


def _options(arguments: Sequence[str] | None) -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--runs", type=int, help="inputs for each target, instead of seconds")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    return parser.parse_known_args(arguments)


def _inside(name: str, folder: Path, limits: Sequence[str]) -> None:
    import atheris

    with atheris.instrument_imports(include=ROOMS):
        from tests.fuzzing.targets import TARGETS
    from governance.log import configure_log

    configure_log((folder / "log").open("w", encoding="utf-8"), level=0)
    (folder / "work").mkdir()
    target = TARGETS[name](folder / "work")
    seeds = folder / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(target.seeds):
        (seeds / f"{number:04d}").write_bytes(seed)
    found = FOUND / name
    folders = [str(seeds), *([str(found)] if found.is_dir() else [])]
    libfuzzer = [
        f"-artifact_prefix={folder}/",
        f"-max_len={LONGEST}",
        "-print_final_stats=1",
        "-rss_limit_mb=0",
        *limits,
    ]
    atheris.Setup([sys.argv[0], *libfuzzer, *folders], target.attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    raise SystemExit(main())
