"""Running the command as people do: another process, its exit status, standard output and standard error."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run of the command left."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as the one JSON document that it has to be."""
        document: dict[str, Any] = json.loads(self.out)
        return document


def sekisho(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Ran:
    """Run ``sekisho`` with these arguments, without a deployment in the environment unless one is given."""
    inherited = {name: value for name, value in os.environ.items() if name != "SEKISHO_DEPLOYMENT"}
    done = subprocess.run(
        [sys.executable, "-m", "sekisho", *map(str, arguments)],
        cwd=ROOT,
        env={**inherited, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return Ran(status=done.returncode, out=done.stdout, err=done.stderr)
