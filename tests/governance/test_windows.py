"""What is in force when: the days of articles, rules and numbers, as files write them and as reports read them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from governance.errors import BadInput
from governance.load_guideline import load_guideline
from governance.windows import Window

PARAMETERS = "guideline/tables/parameters.yaml"
ARTICLE = "guideline/articles/art05.md"


def _rewrite(deployment: Path, name: str, old: str, new: str) -> None:
    path = deployment / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_both_ends_of_a_window_count() -> None:
    """What ends on a day is in force on that day; without ends it always is."""
    window = Window(begins="2023-04-01", ends="2024-03-31")
    days = ("2023-03-31", "2023-04-01", "2024-03-31", "2024-04-01")
    assert [window.holds(date.fromisoformat(day)) for day in days] == [False, True, True, False]
    assert Window().holds(date(1999, 1, 1))


def test_a_rule_is_in_force_within_its_article(deployment: Path) -> None:
    """A rule may begin later than its article, and ends with it at the latest."""
    _rewrite(
        deployment,
        ARTICLE,
        "    enforced_by: rego",
        "    effective: {from: 2025-04-01, to: null}\n    enforced_by: rego",
    )
    guideline = load_guideline(deployment / "guideline")
    assert guideline.window("hidden-address-excluded") == Window(begins="2025-04-01", ends="2029-03-31")


@pytest.mark.parametrize(
    "window",
    [
        "{from: 2024-03-31, to: null}",
        "{from: 2025-04-01, to: 2029-04-01}",
        "{from: 2025-04-01, to: 2025-03-31}",
        "{from: 2029-04-01, to: null}",
    ],
)
def test_a_rule_outside_of_its_article_is_refused(deployment: Path, window: str) -> None:
    """A rule that begins before its article, ends after it or before it began is a fault of the file, with its line."""
    _rewrite(deployment, ARTICLE, "    enforced_by: rego", f"    effective: {window}\n    enforced_by: rego")
    with pytest.raises(BadInput) as refused:
        load_guideline(deployment / "guideline")
    assert refused.value.code == "effective-range"
    assert refused.value.params["line"] > 1


def _versions(*written: str) -> str:
    return "k_internal: {versions: [" + ", ".join(written) + "]}"


def test_a_number_changes_on_its_day(deployment: Path) -> None:
    """A number with versions has the value of the day, and none before the first."""
    _rewrite(
        deployment,
        PARAMETERS,
        "k_internal: 5",
        _versions("{from: 2024-04-01, value: 5}", "{from: 2025-04-01, value: 8}"),
    )
    guideline = load_guideline(deployment / "guideline")
    days = ("2024-04-01", "2025-03-31", "2025-04-01", "2035-01-01")
    assert [guideline.parameters(date.fromisoformat(day))["k_internal"] for day in days] == [5, 5, 8, 8]
    before = guideline.parameters(date(2024, 3, 31))
    assert "k_internal" not in before
    assert "k_public" in before
    assert "k_internal" not in guideline.tables["parameters"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (_versions("{from: 2024-04-01, value: 5}", "{from: 2025-04-01, value: 1}"), "schema-mismatch"),
        (_versions("{from: 2024-04-01, value: 1}", "{from: 2025-04-01, value: 5}"), "schema-mismatch"),
        (_versions("{from: 2025-04-01, value: 5}", "{from: 2025-04-01, value: 8}"), "parameter-order"),
        (_versions("{from: 2025-04-01, value: 5}", "{from: 2024-04-01, value: 8}"), "parameter-order"),
        (_versions("{from: 2025-02-30, value: 5}"), "date-not-in-calendar"),
        (_versions("{value: 5}"), "schema-missing-field"),
        (_versions(), "schema-empty"),
        ("k_internal: 5\nlegal_bases: {versions: [{from: 2024-04-01, value: [x]}]}", "parameter-one-value"),
    ],
)
def test_versions_that_cannot_count_are_refused(deployment: Path, written: str, code: str) -> None:
    """Each version has to be a value that could stand alone, from a day later than the one before."""
    _rewrite(deployment, PARAMETERS, "k_internal: 5", written)
    with pytest.raises(BadInput) as refused:
        load_guideline(deployment / "guideline")
    assert refused.value.code == code
