"""What README shows runs as it stands there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.city import APPROVAL
from tests.e2e.commands import ROOT, sekisho

README = (ROOT / "README.md").read_text(encoding="utf-8")
NUMBER_IN_README = "AP-2023-0002"
"""In the demo's city, where an approval that expires was granted first."""


def test_the_python_example_runs(
    city_with_approval: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The example of the Python API prints rows, cells and articles."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert NUMBER_IN_README in example
    monkeypatch.chdir(city_with_approval.parent)
    exec(compile(example.replace(NUMBER_IN_README, APPROVAL), "README.md", "exec"), {})
    out = capsys.readouterr().out
    assert re.fullmatch(r"\d+ \{.*'kaigo': \d+.*\} \(1, .*\)\n", out)


def test_the_commands_run(city_with_approval: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command line of the README ends with 0 on the reference city."""
    lines = [line[2:] for line in README.splitlines() if line.startswith("$ sekisho ")]
    assert len(lines) >= 5
    # What a command writes stays out of the checkout; what it reads of it is there.
    folder = city_with_approval.parent
    (folder / "reference").symlink_to(ROOT / "reference")
    monkeypatch.chdir(folder)
    for line in lines:
        words = shlex.split(line.replace(NUMBER_IN_README, APPROVAL), comments=True)[1:]
        ran = sekisho("--deployment", city_with_approval, *words)
        assert ran.status == 0, line + ran.err


def test_the_japanese_readme_keeps_step() -> None:
    """Its command lines are those of the English one, its commands exist, its figures are the same, its links lead somewhere."""
    japanese = (ROOT / "README.ja.md").read_text(encoding="utf-8")
    shown = {line.split("  #")[0].rstrip() for line in README.splitlines() if line.startswith("$ ")}
    assert {line for line in japanese.splitlines() if line.startswith("$ ")} <= shown
    reference = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for command in re.findall(r"`(sekisho [a-z]+(?: [a-z]+)?)`", japanese):
        assert f"## `{command}" in reference, command
    for figure in re.findall(r"[0-9][0-9,]{2,}", japanese):
        assert figure in README, figure
    for link in re.findall(r"\]\(([^)]+)\)", japanese):
        assert (ROOT / link).exists(), link
