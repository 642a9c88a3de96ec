"""Ten million rows go from a source to a stream without being held at once."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

ROWS = 10_000_000
ALLOWED_MIB = 400
"""Beyond what the process takes before. As text alone the rows are 240 MiB, as columns of text twice that; typed, 300."""


def test_ten_million_rows_are_scanned_in_bounded_memory(tmp_path: Path) -> None:
    """Reading, typing, writing, the look for repeated keys, and the scan: batch by batch, each of them."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.connectors.large_scan", str(tmp_path), str(ROWS)],
        capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    told = json.loads(process.stdout)
    days = [date(2019, 5, 1) + timedelta(days=n) for n in range(2_500)]
    sent = sum(1 for n, day in enumerate(days) if n % 31 >= 1 and day >= date(2020, 1, 1)) * (ROWS // 2_500)
    assert told["sent"] == sent
    assert told["after"] - told["before"] < ALLOWED_MIB
