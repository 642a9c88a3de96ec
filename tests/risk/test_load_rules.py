"""Criteria are read strictly: whatever does not fit is refused with factor, file and line."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput
from governance.load_templates import load_templates
from risk.load_rules import load_rules
from tests.risk.samples import DOCUMENT, rules, template, written


def test_the_criteria_of_the_reference_city_are_read(root: Path) -> None:
    """All four, over the outputs of their templates; what is struck is not among the factors."""
    akishima = root / "reference" / "akishima"
    found = load_rules(akishima / "rules", load_templates(akishima / "templates"))
    assert {name: len(each.factors) for name, each in found.items()} == {
        "abuse": 13, "poverty": 12, "truancy": 10, "young_carer": 16,
    }  # fmt: skip
    assert all(each.version and len(each.digest) == 64 for each in found.values())
    assert all(factor.evidence for each in found.values() for factor in each.factors.values())


def test_a_deployment_that_judges_nobody_has_none(tmp_path: Path) -> None:
    """No folder, no criteria."""
    assert load_rules(tmp_path / "nowhere", {}) == {}


def factor(name: str, **changes: Any) -> Callable[[dict[str, Any]], object]:
    """Changes one factor."""
    return lambda document: document["factors"][name].update(changes)


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("rules-column", factor("XX01", hit="salary > 3")),
        ("rules-column", factor("XX02", known="days IS NOT NULL")),
        ("rules-column", factor("XX04", fades={"by": "years", "full_to": 1, "gone_from": 2})),
        ("rules-condition", factor("XX01", hit="need OR (SELECT true)")),
        ("rules-condition", factor("XX01", hit="read_csv('/etc/passwd') IS NOT NULL")),
        ("rules-condition", factor("XX01", hit="need; DROP TABLE answer")),
        ("rules-condition", factor("XX01", hit="answer.need")),
        ("rules-condition", factor("XX01", hit="getenv('HOME') = 'x'")),
        ("rules-condition", factor("XX01", hit="need OR")),
        ("rules-condition", factor("XX01", hit="late IN (SELECT late FROM answer)")),
        ("rules-fades", factor("XX04", fades={"by": "age", "full_to": 6, "gone_from": 6})),
        ("rules-name", factor("XX01", group="luck")),
        ("rules-name", lambda d: d["listed"][0].update(groups=["luck"])),
        ("rules-name", lambda d: d.update(alerts=["XX99"])),
        ("rules-bands", lambda d: d.update(bands={"a": 4, "b": 4})),
        ("rules-template", lambda d: d.update(template="other")),
        ("rules-file-name", lambda d: d.update(purpose="other")),
        ("schema-unknown-field", factor("XX01", colour="red")),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(
    tmp_path: Path, code: str, spoil: Callable[[dict[str, Any]], object]
) -> None:
    """Unknown columns and names, what is no condition, numbers that contradict each other."""
    document = deepcopy(DOCUMENT)
    spoil(document)
    with pytest.raises(BadInput) as caught:
        load_rules(written(tmp_path, document), {"help-features": template()})
    assert caught.value.code == code
    assert "help.yaml" in caught.value.text("ja")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(listed=[{"groups": ["context"], "points": 2}]),
        lambda d: d.update(listed=[{"groups": ["need", "context"], "points": 2}]),
        lambda d: d["alerts"].append("XX03"),
        lambda d: d.update(never_alone=["poor", "gone"]),
        lambda d: d.update(never_alone=["poor", "need", "age", "late", "gone"]),
    ],
    ids=["one group", "any of two groups", "an alert", "an alert of another item", "everything"],
)
def test_what_must_be_no_reason_alone_suffices_for_nobody(
    tmp_path: Path, spoil: Callable[[dict[str, Any]], object]
) -> None:
    """Criteria by which such items would make a candidate, or an alert, are refused when they are read (R16-2)."""
    document = deepcopy(DOCUMENT)
    spoil(document)
    with pytest.raises(BadInput) as caught:
        rules(tmp_path, document)
    assert caught.value.code == "rules-alone"


def test_the_digest_names_exactly_these_criteria(tmp_path: Path) -> None:
    """One more point is another set of criteria."""
    before = rules(tmp_path).digest
    document = deepcopy(DOCUMENT)
    document["factors"]["XX01"]["weight"] = 4
    assert rules(tmp_path, document).digest != before
