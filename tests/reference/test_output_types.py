"""Criteria are typed before anybody is asked: against what the template will put out under the forms that are granted."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.load_guideline import load_guideline
from governance.load_templates import load_templates
from reference.akishima.city.days import BASE_DATE
from risk.load_rules import load_rules
from sekisho.output_types import check_rule_types, output_types


def checked(
    root: Path, catalogue: Catalogue, folder: Path, *, spoil: Callable[[dict], object] = lambda _: None
) -> None:  # type: ignore[type-arg]
    """The criteria of a folder, under an allow-list that may be spoiled."""
    templates = load_templates(root / "reference" / "akishima" / "templates")
    guideline = load_guideline(root / "guideline_docs")
    spoil(guideline.tables["allow_list"])
    check_rule_types(
        load_rules(folder, templates), templates=templates, guideline=guideline, catalogue=catalogue, as_of=BASE_DATE
    )


def test_the_criteria_of_the_reference_city_fit(root: Path, catalogue: Catalogue) -> None:
    """All four, every factor, group and condition of help."""
    checked(root, catalogue, root / "reference" / "akishima" / "rules")


def test_outputs_have_the_types_of_their_forms(root: Path, catalogue: Catalogue) -> None:
    """A pseudonym, a flag, a count."""
    template = load_templates(root / "reference" / "akishima" / "templates")["tr-features"]
    types = output_types(
        template, guideline=load_guideline(root / "guideline_docs"), catalogue=catalogue, as_of=BASE_DATE
    )
    assert (types["resident_id"], types["household_id"], types["moved_in_within_1y"]) == ("UUID", "UUID", "BOOLEAN")
    assert types["grade"] == "INTEGER"


@pytest.mark.parametrize(
    ("code", "was", "becomes"),
    [
        ("rules-types", "hit: alt_room", "hit: nurse_visits"),
        ("rules-types", "hit: alt_room", "hit: alt_room >= 4"),
        ("rules-types", "hit: moved_in_within_1y}", "hit: grade}"),
        ("rules-types", "together: household_id", "together: grade"),
        ("rules-column", "hit: alt_room", "hit: household_id IS NOT NULL"),
        ("rules-types", "supported: case_active", "supported: grade"),
    ],
)
def test_what_does_not_fit_is_named_with_its_line(
    root: Path, catalogue: Catalogue, tmp_path: Path, code: str, was: str, becomes: str
) -> None:
    """A number for yes or no, a yes or no for a number, a pseudonym in a condition: factor, file and line, and no query."""
    text = (root / "reference" / "akishima" / "rules" / "truancy.yaml").read_text(encoding="utf-8")
    assert text.count(was) >= 1
    (tmp_path / "truancy.yaml").write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        checked(root, catalogue, tmp_path)
    assert caught.value.code == code
    assert "truancy.yaml" in caught.value.text("ja")


def test_what_is_not_granted_is_named(root: Path, catalogue: Catalogue) -> None:
    """A column that annex 2 grants no longer."""

    def spoil(allow_list: dict) -> None:  # type: ignore[type-arg]
        changed = deepcopy(allow_list["truancy"])
        del changed["shimin.child"]["columns"]["grade"]
        allow_list["truancy"] = changed

    with pytest.raises(BadInput) as caught:
        checked(root, catalogue, root / "reference" / "akishima" / "rules", spoil=spoil)
    assert caught.value.code == "rules-not-granted"
    assert caught.value.params["column"] == "grade"
