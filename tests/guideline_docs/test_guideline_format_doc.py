"""The description of the format describes what the loaders accept, and its example is a sound one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from governance import located_yaml
from governance.catalogue import Catalogue
from governance.check_forms import form_faults
from governance.errors import BadInput
from governance.forms import FormKind, parse_form
from governance.guideline import EnforcedBy
from governance.load_articles import load_articles
from governance.load_guideline import TABLES
from governance.registers import Place
from governance.schema_check import check_schema
from tests.guideline_docs.test_guideline_articles import PARAMETERS, RULES


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    return (root / "docs" / "guideline-format.md").read_text(encoding="utf-8")


def _block(text: str, language: str) -> str:
    indented = re.search(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    assert indented is not None
    return "".join(line.removeprefix(indented[1]) for line in indented[2].splitlines(keepends=True))


def test_the_example_article_is_accepted(text: str, tmp_path: Path) -> None:
    """The article of the page loads as it stands."""
    (tmp_path / "art07.md").write_text(_block(text, "markdown"), encoding="utf-8")

    (article,), controls = load_articles(tmp_path, file="articles")

    assert (article.number, set(controls)) == (7, {"purpose-allow-list"})
    assert [rule.enforced_by for rule in article.rules] == ["rego", "people"]


def test_the_example_item_fits_the_catalogue(text: str, catalogue: Catalogue) -> None:
    """The worked example can be granted from the column that it names."""
    located = located_yaml.load(_block(text, "yaml"), file="allow_list.yaml")
    check_schema(located, "allow_list")
    column = catalogue.dataset("kaigo.cert").column("main_carer")
    form = parse_form(located.data["young_carer"]["kaigo.cert"]["columns"]["main_carer"])
    assert list(form_faults(form, column, dataset="kaigo.cert", place=Place(file="f", line=1))) == []


def test_the_example_message_is_the_one_that_is_shown(text: str, catalogue: Catalogue) -> None:
    """The fault of the worked example reads as the page says."""
    column = catalogue.dataset("kaigo.cert").column("main_carer")
    condition = {"type": "field", "operator": "eq", "field": "value", "value": "知人"}
    form = parse_form({"form": "flag", "condition": condition})
    place = Place(file="guideline/tables/allow_list.yaml", line=7)
    (fault,) = form_faults(form, column, dataset="kaigo.cert", place=place)
    assert isinstance(fault, BadInput)
    assert _block(text, "text").strip() == fault.text("ja")


def test_everything_that_can_be_written_is_described(text: str) -> None:
    """Each table, each form, each kind of enforcement and each control of the policy is on the page."""
    names = [*TABLES, *get_args(FormKind), *get_args(EnforcedBy)]
    assert [name for name in names if f"`{name}`" not in text] == []
    assert [control for control in RULES if control not in text and control != "decision-recorded"] == []


def test_the_names_that_the_policy_tells_are_described(text: str) -> None:
    """The page lists, for each control, exactly the names that its sentences may use."""
    section = text.partition("### What the policy tells")[2].partition("## Tables")[0]
    described: dict[str, set[str]] = {}
    for line in section.splitlines():
        cells = line.strip("|").split("|")
        if len(cells) == 2:
            controls = re.findall(r"[a-z]+(?:-[a-z]+)+", re.sub(r"\(.*?\)", "", cells[1]))
            names = re.findall(r"\{([a-z_]+)\}", cells[0])
            described.update({control: set(names) for control in controls})
    assert described == {c: set(PARAMETERS.get(c, {})) for c in RULES if c != "decision-recorded"}
