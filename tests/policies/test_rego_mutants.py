"""The rules' tests notice when a rule is spoiled: a few mutants here, the rest with ``scripts/rego_mutants.py``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def script(root: Path, opa: Path) -> ModuleType:
    """The script; it runs the pinned OPA."""
    assert opa.is_file()
    spec = importlib.util.spec_from_file_location("rego_mutants", root / "scripts" / "rego_mutants.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["rego_mutants"] = module
    spec.loader.exec_module(module)
    return module


def test_there_are_mutants_of_every_rule_and_every_kind(script: ModuleType) -> None:
    """Far more than sixty, in every file that decides something, and none of them twice."""
    found = list(script.mutants())
    assert len(found) > 1_000
    assert {mutant.how for mutant in found} == {
        "dropped condition", "negated guard", "wrong comparison", "some for every", "off by one", "an element fewer",
    }  # fmt: skip
    controls = {
        path.name for path in (script.RULES / "sekisho" / "controls").glob("*.rego") if "_test" not in path.name
    }
    assert controls <= {Path(mutant.file).name for mutant in found}
    assert len({(mutant.file, mutant.start, mutant.before, mutant.after) for mutant in found}) == len(found)
    assert len(script.sample(found, each=2)) >= 60


def test_spoiled_rules_are_noticed(script: ModuleType) -> None:
    """Of small rules about persons and matters, one mutant each."""
    files = {f"sekisho/controls/{name}.rego" for name in ("second-person", "account-in-force", "releases-not-stopped")}
    chosen = script.sample([mutant for mutant in script.mutants() if mutant.file in files], each=1)
    results = script.try_all(chosen)
    assert [mutant.name for mutant in results["survived"]] == []
    assert len(results["killed"]) == 3
