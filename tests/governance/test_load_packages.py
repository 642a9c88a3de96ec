"""Recipes of packages: what is malformed, incomplete, or laxer than the catalogue is refused with its line."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from governance.errors import BadInput
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_packages import check_roles, load_packages
from governance.load_templates import load_templates
from guideline_docs import FOLDER
from sekisho.template_facts import template_facts


@pytest.fixture
def recipes(root: Path, tmp_path: Path) -> Path:
    """A copy of the reference city's recipes."""
    return Path(shutil.copytree(root / "reference" / "akishima" / "packages", tmp_path / "packages"))


def _load(root: Path, recipes: Path) -> None:
    """What drafting a package does with every recipe before any data are read."""
    city = root / "reference" / "akishima"
    templates, catalogue = load_templates(city / "templates"), load_catalogue(city / "catalogue")
    loaded = load_packages(recipes, templates=templates, guideline=load_guideline(FOLDER))
    assert set(loaded) == {"va-truancy", "vb-young-carer"}
    for recipe in loaded.values():
        facts = template_facts(
            templates[recipe.template], catalogue=catalogue, digest_key=b"k" * 32, as_of=date(2023, 10, 1)
        )
        check_roles(recipe, facts, catalogue=catalogue)


def test_the_reference_recipes_are_sound(root: Path, recipes: Path) -> None:
    """As they stand they load, and call nothing harmless that is not."""
    _load(root, recipes)
    assert load_packages(recipes / "none", templates={}, guideline=load_guideline(FOLDER)) == {}


@pytest.mark.parametrize(
    ("old", "new", "code", "line"),
    [
        ("  alt_room:\n    role: sensitive", "  alt_room:\n    role: other", "package-role", False),
        ("  grade:\n    role: quasi", "  grade:\n    role: other", "package-role", False),
        ("  grade:\n    role: quasi", "  grade:\n    role: sensitive", "package-role", False),
        ("template: va-truancy", "template: nowhere", "package-template", True),
        ("recipient: vendor-a", "recipient: vendor-b", "package-recipient", True),
        ("{edges: [1, 7, 10]}", "{edges: [7, 1]}", "package-edges", True),
        ("id: va-truancy", "id: other", "package-file-name", True),
        ("  alt_room:\n", "  alt_rooms:\n", "package-columns", True),
        ("subject: resident_id", "subject: grade", "package-columns", True),
        ("role: quasi", "role: secret", "schema-not-allowed", True),
        ("suppressed_percent: 10", "suppressed_percent: 90", "schema-", True),
        ("rows_at_most: 20000", "rows_at_most: 0", "schema-", True),
        ("levels: [as_is, withheld]", "levels: []", "schema-", True),
        ("levels: [as_is, withheld]", "levels: [half]", "schema-", True),
        ("days: 180\n", "", "schema-", True),
    ],
)
def test_a_recipe_that_will_not_do_is_refused(
    root: Path, recipes: Path, old: str, new: str, code: str, line: bool
) -> None:
    """With a remedy in both languages, and with the line where the recipe itself is wrong."""
    file = recipes / "va-truancy.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        _load(root, recipes)
    assert caught.value.code.startswith(code.replace("schema-not-allowed", "schema-"))
    assert ("line" in caught.value.params) == line
    assert caught.value.remedy("ja")
    assert caught.value.remedy("en")


def test_too_many_combinations_are_refused(root: Path, recipes: Path) -> None:
    """Before hours are spent on them."""
    file = recipes / "vb-young-carer.yaml"
    levels = ", ".join(f"{{edges: [{edge}]}}" for edge in range(8))
    text = file.read_text(encoding="utf-8")
    lines = [
        f"    levels: [{levels}]" if "levels:" in line and line.startswith(" ") else line for line in text.splitlines()
    ]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        _load(root, recipes)
    assert caught.value.code == "package-levels"
