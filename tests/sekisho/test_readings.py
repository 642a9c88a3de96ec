"""What people read above and in the columns of an approved answer is said by its template, and checked against its query."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from governance.approvals import TemplateColumn
from sekisho.checks import check
from sekisho.deployment import Deployment
from sekisho.readings import reading_faults, reading_of
from sekisho.template_facts import template_facts
from tests.city import TEMPLATE, part_of_check


@pytest.fixture(scope="module")
def deployment(pristine_city: Path) -> Deployment:
    return Deployment.load(pristine_city)


def outputs(deployment: Deployment, template: str) -> list[str]:
    facts = template_facts(
        deployment.templates[template],
        catalogue=deployment.catalogue,
        digest_key=deployment.digest_key,
        as_of=deployment.clock().date(),
    )
    return [column.name for column in facts.output.columns]


def test_every_column_of_every_template_of_the_city_has_labels_of_its_own(deployment: Deployment) -> None:
    """No column of an answer is shown by the query's own name, in the order of the answer, and no two look alike."""
    for name, template in deployment.templates.items():
        assert list(template.columns) == outputs(deployment, name)
        labels = [reading_of(template, guideline=deployment.guideline, lang="ja").heading(n) for n in template.columns]
        assert len(set(labels)) == len(labels)
        assert not any(label.isascii() for label in labels)


def test_levels_are_read_in_the_words_of_annex_2(deployment: Deployment) -> None:
    """Position 3 of the granted order of care levels is 要支援2, in either language; counts stay numbers."""
    for lang in ("ja", "en"):
        reading = reading_of(deployment.templates[TEMPLATE], guideline=deployment.guideline, lang=lang)
        assert reading.value("care_max", 3) == "要支援2"
        assert reading.value("absent", 3) == 3
    assert reading_of(None, guideline=deployment.guideline, lang="ja").heading("n") == "n"


@pytest.mark.parametrize(
    ("column", "values_of", "code"),
    [
        ("care_maximum", None, "template-column-unknown"),
        ("absent", "kaigo.cert.care_level", "template-column-values"),
        ("care_max", "kaigo.cert.any_service", "template-column-values"),
        ("served", "kaigo.cert.any_service", "template-column-values"),
        ("care_max", "kaigo.nothing.care_level", "template-column-values"),
    ],
)
def test_words_that_are_not_those_of_the_values_are_a_fault(
    deployment: Deployment, column: str, values_of: str | None, code: str
) -> None:
    """A label of no column, the levels of another column, and the codes of what is no ordinal are named."""
    template = deployment.templates[TEMPLATE]
    facts = template_facts(
        template,
        catalogue=deployment.catalogue,
        digest_key=deployment.digest_key,
        as_of=deployment.clock().date(),
    )
    spoilt = replace(template, columns={column: TemplateColumn(label_ja="列", label_en="column", values_of=values_of)})
    (fault,) = reading_faults(spoilt, facts=facts, guideline=deployment.guideline)
    assert fault.code == code
    assert column in fault.text("ja")
    assert not list(reading_faults(template, facts=facts, guideline=deployment.guideline))


def test_a_check_finds_labels_of_no_column_and_words_to_avoid(city_with_approval: Path) -> None:
    """``sekisho check`` refuses both before anybody reads them."""
    path = city_with_approval / "templates" / f"{TEMPLATE}.sql"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("  served: {label", "  serving: {label"), encoding="utf-8")
    found = part_of_check(city_with_approval, "templates").errors
    assert [error.code for error in found] == ["template-column-unknown"]
    path.write_text(text.replace("介護サービスの利用", "問題" + "児"), encoding="utf-8")
    (result,) = check(city_with_approval)
    assert [error.code for error in result.errors] == ["label-word"]
