"""I4: policy lives in Rego and in data compiled from the guideline, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from governance.errors import Denied
from governance.load_guideline import load_guideline
from sekisho.deployment import Deployment
from tests.architecture.sources import CORE_ROOMS, ROOT, modules, texts
from tests.city import ask

OPERATIONS = frozenset(
    {
        "query", "approval.request", "approval.sign", "approval.reject", "approval.revoke", "approval.read",
        "ledger.read",
    }
)  # fmt: skip


def strings(tree: ast.Module) -> Iterator[str]:
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def test_no_python_of_the_core_names_what_the_guideline_decides() -> None:
    """No role, purpose, recipient, organ, dataset or control of the guideline stands in the code as a value."""
    tables = load_guideline(ROOT / "guideline_docs").tables
    names = {*tables["purposes"], *tables["recipients"], *tables["parameters"]["organs"], *tables["domains"]}
    names |= {role for role in tables["action_matrix"] if "_" in role or role in {"analyst", "auditor", "cpo"}}
    names |= {dataset for grants in tables["allow_list"].values() for dataset in grants}
    controls = {control for required in tables["requirements"].values() for control in required}
    found = [
        f"{module.name}: {text}"
        for module in modules(*CORE_ROOMS)
        for text in strings(module.tree)
        if text in names - {"public"} or (text in controls and module.room in {"sekisho", "query_broker"})
    ]
    assert found == []


def test_no_rule_names_what_the_guideline_decides() -> None:
    """The rules, too, read roles, purposes, datasets and recipients from data; only their tests may name any."""
    tables = load_guideline(ROOT / "guideline_docs").tables
    names = {*tables["purposes"], *tables["recipients"], *tables["action_matrix"]} - {"user", "controller", "operator"}
    names |= {dataset for grants in tables["allow_list"].values() for dataset in grants}
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in texts("policies")
        if path.suffix == ".rego" and not path.name.endswith("_test.rego")
        for name in names
        if f'"{name}"' in path.read_text(encoding="utf-8")
    ]
    assert found == []


def change(path: Path, *steps: str, to: object) -> None:
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    inner = document
    for step in steps[:-1]:
        inner = inner[step]
    if to is None:
        del inner[steps[-1]]
    else:
        inner[steps[-1]] = to
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("table", "steps", "to", "control"),
    [
        ("allow_list.yaml", ("young_carer", "kaigo.cert"), None, "purpose-allow-list"),
        ("allow_list.yaml", ("young_carer", "shimin.child", "columns", "grade"), None, "purpose-allow-list"),
        ("purposes.yaml", ("young_carer", "status"), "suspended", "purpose-active"),
        ("purposes.yaml", ("young_carer", "valid_to"), "2023-09-30", "purpose-active"),
        ("action_matrix.yaml", ("controller", "query.row_level"), None, "action-matrix"),
        ("parameters.yaml", ("freshness_max_days", "care"), 1, "sources-fresh"),
    ],
)
def test_one_line_of_the_guideline_changes_the_decision(
    city_with_approval: Path, table: str, steps: tuple[str, ...], to: object, control: str
) -> None:
    """Without a change to code or rules, a change in a table refuses what was allowed, under its own control."""
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert ask(broker, deployment).rows > 0
    change(city_with_approval / "guideline" / "tables" / table, *steps, to=to)
    changed = Deployment.load(city_with_approval)
    with changed.broker() as broker, pytest.raises(Denied) as caught:
        ask(broker, changed)
    assert control in {citation.control for citation in caught.value.citations}
