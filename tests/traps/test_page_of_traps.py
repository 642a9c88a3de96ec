"""``docs/data-traps.md`` lists every trap, and what it says is tested is tested."""

from __future__ import annotations

import ast
import re
from pathlib import Path

EXPECTED = [f"4.11-{n:02}" for n in range(1, 23)] + [f"B-{n:02}" for n in range(1, 26)]


def rows(root: Path) -> dict[str, tuple[str, list[str]]]:
    """Trap → what happens, and the tests."""
    page = (root / "docs" / "data-traps.md").read_text(encoding="utf-8")
    found = {}
    for line in page.splitlines():
        if match := re.match(r"\| (4\.11-\d\d|B-\d\d) ", line):
            _, _, happens, tests, _ = (cell.strip() for cell in re.split(r"(?<!\\)\|", line))
            found[match[1]] = (happens, re.findall(r"`(test_\w+)`", tests))
    return found


def functions(folder: Path) -> set[str]:
    """Names of all tests below a folder."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.rglob("test_*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_trap_is_on_the_page_in_order(root: Path) -> None:
    """22 of formats, 25 of people; each says what happens."""
    found = rows(root)
    assert list(found) == EXPECTED
    assert all(happens for happens, _ in found.values())


def test_what_has_no_test_says_that_it_is_not_there_yet(root: Path) -> None:
    """A trap without a test is an open one, and open ones are few."""
    open_traps = [trap for trap, (happens, tests) in rows(root).items() if not tests]
    assert all("not yet" in rows(root)[trap][0] for trap in open_traps)
    assert open_traps == []


def test_every_named_test_exists_and_every_trap_test_is_named(root: Path) -> None:
    """The page neither promises a test that is gone nor forgets one that is there."""
    page = (root / "docs" / "data-traps.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+)`", page))
    assert named - functions(root / "tests") == set()
    own = {name for name in functions(root / "tests" / "traps") if re.match(r"test_(4_11|b)_\d\d|test_what_the", name)}
    assert own - {"test_what_has_no_test_says_that_it_is_not_there_yet"} - named == set()
