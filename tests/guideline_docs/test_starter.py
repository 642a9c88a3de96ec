"""The guideline that a city begins with: neutral, complete, and as strict as the reference city's or stricter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from guideline_docs import write_starter
from tests.architecture.test_house_rules import REFERENCE_WORDS, WORDS_NEVER_USED


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The starter guideline as a new deployment gets it."""
    target = tmp_path_factory.mktemp("starter") / "guideline"
    write_starter(target, today=date(2026, 4, 1))
    return target


@pytest.fixture(scope="module")
def starter(folder: Path) -> Guideline:
    return load_guideline(folder)


def _bound(guideline: Guideline) -> dict[str, int]:
    return {control: a.number for a in guideline.articles for rule in a.rules for control in rule.controls}


def test_it_names_nothing_of_the_reference_city(folder: Path) -> None:
    """No word of the reference city's field is left; what has one needs a text of its own in ``starter/``."""
    found = [
        f"{path.name}: {line.strip()[:60]}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
        if REFERENCE_WORDS.search(line)
        or (path.name != "parameters.yaml" and any(word in line for word in WORDS_NEVER_USED))
    ]
    assert found == []


def test_it_binds_every_control_in_the_same_article(starter: Guideline, guideline: Guideline) -> None:
    """No control of the shipped guideline is lost on the way, also where an article was written anew."""
    assert _bound(starter) == _bound(guideline)
    assert [(a.number, [rule.id for rule in a.rules if rule.controls]) for a in starter.articles] == [
        (a.number, [rule.id for rule in a.rules if rule.controls]) for a in guideline.articles
    ]


def test_it_requires_what_the_shipped_one_requires_and_an_approved_guideline(
    starter: Guideline, guideline: Guideline
) -> None:
    """Each action needs the same controls; asking and approving need the guideline approved as well."""
    ours: Mapping[str, list[str]] = starter.tables["requirements"]
    shipped: Mapping[str, list[str]] = guideline.tables["requirements"]
    assert {action: set(ours[action]) for action in ours} == {
        action: set(controls)
        | ({"guideline-approved"} if action in ("query", "approval.request", "approval.sign") else set())
        for action, controls in shipped.items()
    }


def test_it_knows_every_action_and_every_parameter(starter: Guideline, guideline: Guideline) -> None:
    """Some role may do whatever some role may do in the shipped guideline, and no parameter is missing."""
    ours, shipped = (
        {action for actions in g.tables["action_matrix"].values() for action in actions} for g in (starter, guideline)
    )
    assert ours == shipped
    assert set(starter.tables["parameters"]) == set(guideline.tables["parameters"])
    assert starter.tables["parameters"]["k_internal"] == guideline.tables["parameters"]["k_internal"]


def test_it_allows_nothing_yet(starter: Guideline, folder: Path) -> None:
    """There is no purpose, no item and nobody whose register of protected persons is known; it is dated today."""
    assert [dict(starter.tables[t]) for t in ("purposes", "allow_list", "domains", "named_sets")] == [{}, {}, {}, {}]
    assert 'decided_on: "2026-04-01"' in (folder / "tables" / "version.yaml").read_text(encoding="utf-8")
