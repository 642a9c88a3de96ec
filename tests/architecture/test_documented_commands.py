"""Every command of the command line and every target of the Makefile stands in the documents as it is."""

from __future__ import annotations

import importlib.util
import re

import click

from sekisho.cli import cli
from tests.architecture.sources import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")


def command_paths(command: click.Command, path: str = "sekisho") -> list[str]:
    if not isinstance(command, click.Group):
        return [path]
    context = click.Context(command)
    found = [(name, command.get_command(context, name)) for name in command.list_commands(context)]
    return [inner_path for name, inner in found if inner for inner_path in command_paths(inner, f"{path} {name}")]


def test_the_reference_is_what_the_command_says() -> None:
    """docs/cli.md is what the script makes of the command's help today (python scripts/cli_reference.py)."""
    spec = importlib.util.spec_from_file_location("cli_reference", ROOT / "scripts" / "cli_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.reference() == REFERENCE


def test_every_command_is_in_the_reference_and_its_group_in_the_readme() -> None:
    """Each command has its section, and README names each group of commands."""
    paths = command_paths(cli)
    assert len(paths) >= 16
    for path in paths:
        assert f"## `{path}`" in REFERENCE
        assert " ".join(path.split()[:2]) in README


def test_every_target_that_people_call_is_in_the_readme() -> None:
    """What `make help` lists stands in README."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"@echo 'make (\w+)", makefile)
    assert {"demo", "test"} <= set(targets)
    for target in targets:
        assert f"`make {target}`" in README


def test_what_builds_is_locked_as_it_is_declared() -> None:
    """The build backend that pyproject.toml pins is the one that requirements/build.txt locks."""
    pyproject = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (pinned,) = re.findall(r'requires = \["(hatchling==[\d.]+)"\]', pyproject)
    assert pinned in (ROOT / "requirements" / "build.txt").read_text(encoding="utf-8")
