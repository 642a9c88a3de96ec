"""The small world of these tests is one for Rego and Python, and asks for what the guideline asks for."""

from __future__ import annotations

from pathlib import Path

import yaml

from policies.schema_check import misfit
from tests.policies import world


def test_the_rego_tests_read_the_same_world(root: Path) -> None:
    """``world_test.json`` is what ``python -m tests.policies.world`` writes."""
    assert (root / "policies" / "rego" / "world_test.json").read_text(encoding="utf-8") == world.as_json()


def test_the_requests_of_the_world_fit_the_schema() -> None:
    """Each request of the world is a decision input."""
    assert {kind: misfit("decision_input", request) for kind, request in world.requests().items()} == dict.fromkeys(
        world.requests()
    )


def test_the_world_requires_what_the_guideline_requires(root: Path) -> None:
    """Each action needs the same controls here as in the guideline's own table."""
    table = yaml.safe_load((root / "guideline_docs" / "tables" / "requirements.yaml").read_text(encoding="utf-8"))
    assert {action: set(controls) for action, controls in world.REQUIREMENTS.items()} == {
        action: set(controls) for action, controls in table.items()
    }
