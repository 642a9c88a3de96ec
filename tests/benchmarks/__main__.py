"""``make bench``: measures what is asked for, keeps the figures, and writes the page from all that are kept.

python -m tests.benchmarks                     everything, some tens of minutes
python -m tests.benchmarks sources governed    only these parts; the others keep the figures they have
python -m tests.benchmarks --page              write the page again
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.benchmarks.page import page

ROOT = Path(__file__).resolve().parents[2]
FIGURES = Path(__file__).with_name("figures.json")
PAGE = ROOT / "docs" / "benchmarks.md"

CITY, TEN_CITIES = 114_447, 1_144_470


def main() -> None:
    """Measure, keep, write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("parts", nargs="*", help="what to measure")
    arguments.add_argument("--populations", type=int, nargs="+", default=[CITY, TEN_CITIES])
    arguments.add_argument("--runs", type=int, default=9)
    arguments.add_argument("--page", action="store_true", help="measure nothing")
    given = arguments.parse_args()
    figures: dict[str, Any] = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for part in [] if given.page else given.parts or ["sources", "governed", "judgement", "workload"]:
        sizes = [str(population) for population in given.populations]
        runs = [] if part == "generation" else [str(given.runs)]
        # A process of its own for each: what one part leaves behind does not weigh on the next.
        command = [sys.executable, "-m", f"tests.benchmarks.{part}", *runs, *sizes]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT)
        found = json.loads(done.stdout)
        if generated := found.pop("generated", None):
            # Built for the queries already, and measured while that was done.
            _keep(figures, "generation", {"runs": 1, "machine": found["machine"], "measured": generated})
        _keep(figures, part, {"runs": given.runs, **found})
        FIGURES.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(figures), encoding="utf-8")


def _keep(figures: dict[str, Any], part: str, found: dict[str, Any]) -> None:
    """Put what was measured in the place of the same at the same size; each figure says how it came about."""
    about = {"runs": found["runs"], "machine": found["machine"]}
    kept = {_what(figure): figure for figure in figures.get(part, [])}
    kept |= {_what(figure): {**figure, **about} for figure in found["measured"]}
    figures[part] = [kept[what] for what in sorted(kept, key=lambda what: what[0])]


def _what(figure: dict[str, Any]) -> tuple[int, str]:
    """Size and name of what was measured."""
    return figure.get("residents") or figure["rows"], figure.get("template") or figure.get("kind") or ""


if __name__ == "__main__":
    main()
