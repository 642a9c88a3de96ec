"""Running the command: as people do, in a process of its own, or (faster, the same entry point) in this one."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sekisho import cli

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

    @property
    def error(self) -> dict[str, Any]:
        """The document's error."""
        error: dict[str, Any] = self.document["error"]
        return error


def sekisho(*arguments: str | Path) -> Ran:
    """Run ``sekisho`` in this process, without a deployment from the environment."""
    out, err = io.StringIO(), io.StringIO()
    inherited = os.environ.pop("SEKISHO_DEPLOYMENT", None)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = cli.run([str(argument) for argument in arguments])
    finally:
        if inherited is not None:
            os.environ["SEKISHO_DEPLOYMENT"] = inherited
    return Ran(status=status, out=out.getvalue(), err=err.getvalue())


def sekisho_process(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Ran:
    """Run ``sekisho`` in a process of its own."""
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
