"""The page of security properties names files that exist, and a test for each property."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.sources import ROOT

PAGE = (ROOT / "docs" / "security-properties.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", range(1, 10))
def test_each_property_has_a_test_file_of_its_number(number: int) -> None:
    """I1 to I9 stand in the page, each with a test file named after it that holds at least one test."""
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| I{number} |"))
    named = re.findall(rf"`(tests/invariants/test_i{number}_\w+\.py)`", row)
    assert len(named) == 1
    tree = ast.parse((ROOT / named[0]).read_text(encoding="utf-8"))
    assert any(isinstance(node, ast.FunctionDef) and node.name.startswith("test_") for node in tree.body)


def test_every_file_that_the_page_names_exists() -> None:
    """The page does not point at code that has moved."""
    named = re.findall(r"`([a-z_]+/[\w./]*)`", PAGE)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []
