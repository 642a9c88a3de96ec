"""The pages of the controls are what articles, rules and tests make of them today, and each shows both sides."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from types import ModuleType

import pytest

from tests.architecture.sources import ROOT


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that writes them."""
    spec = importlib.util.spec_from_file_location("control_pages", ROOT / "scripts" / "control_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages(script: ModuleType) -> Mapping[str, str]:
    """Every page as it would be written now."""
    written: Mapping[str, str] = script.pages()
    return written


def test_the_pages_are_what_the_script_makes_today(pages: Mapping[str, str]) -> None:
    """docs/controls/ is fresh and whole (python scripts/control_pages.py)."""
    present = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "controls").glob("*.md")}
    assert sorted(present) == sorted(pages)
    assert [name for name, text in pages.items() if present[name] != text] == []


def test_every_rule_of_the_policy_has_an_allowed_and_a_refused_example(pages: Mapping[str, str]) -> None:
    """The examples are answers of the rules; the refused one is refused under the control, in people's words."""
    rules = sorted((ROOT / "policies" / "rego" / "sekisho" / "controls").glob("*.rego"))
    controls = [rule.stem for rule in rules if not rule.stem.endswith("_test")]
    assert len(controls) > 45
    for control in controls:
        allowed, _, refused = pages[f"{control}.md"].partition("認めない / Refused")
        assert "認める / Allowed" in allowed
        assert "× " not in allowed
        assert f"`{control}`" in refused


def test_every_page_says_what_would_be_acceptable(pages: Mapping[str, str]) -> None:
    """In both languages, with the article and its source in law."""
    for name, text in pages.items():
        if name != "README.md":
            assert text.count("\n> → ") == 2, name
            assert "根拠 / source in law: " in text
            assert "試験 / tests: [" in text, name
