"""Every factor of every purpose is computable from the forms granted to it, or struck with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from governance.catalogue import Catalogue
from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from governance.load_templates import load_templates
from guideline_docs import FOLDER
from tests.reference.factors import Factor, Outputs, load_factors
from tests.reference.planning import plan, read

NUMBERED = {"young_carer": ("YC", 16), "poverty": ("PV", 12), "abuse": ("AB", 14), "truancy": ("TR", 12)}
STRUCK = {"AB13", "TR05", "TR11"}


@pytest.fixture(scope="module")
def guideline() -> Guideline:
    """The guideline of the reference city."""
    return load_guideline(FOLDER)


@pytest.fixture(scope="module")
def factors(akishima: Path) -> Mapping[str, tuple[str, tuple[Factor, ...]]]:
    """Purpose → template and factors."""
    return load_factors(akishima)


@pytest.fixture(scope="module")
def outputs(
    akishima: Path, guideline: Guideline, catalogue: Catalogue, factors: Mapping[str, tuple[str, tuple[Factor, ...]]]
) -> Mapping[str, Outputs]:
    """Purpose → what its template puts out under 別表2."""
    templates = load_templates(akishima / "templates")
    found = {}
    for purpose, (name, _) in factors.items():
        assert templates[name].purpose == purpose
        found[purpose] = Outputs(
            plan(templates[name], guideline=guideline, catalogue=catalogue),
            read(templates[name], catalogue)[0].select,
            allowed=guideline.tables["allow_list"][purpose],
            catalogue=catalogue,
        )
    return found


def test_all_factors_of_the_four_purposes_are_there(factors: Mapping[str, tuple[str, tuple[Factor, ...]]]) -> None:
    """Fifty-four factors, numbered; three are struck, each with its reason in both languages, the rest have a condition."""
    for purpose, (prefix, count) in NUMBERED.items():
        assert [f.id for f in factors[purpose][1]] == [f"{prefix}{n:02}" for n in range(1, count + 1)]
    every = [factor for _, found in factors.values() for factor in found]
    assert {factor.id for factor in every if factor.hit is None} == STRUCK
    for factor in every:
        assert factor.document["label"]["ja"]
        assert factor.document["label"]["en"]
        assert ("struck" in factor.document) == (factor.id in STRUCK)
        if factor.hit is None:
            assert factor.document["struck"]["ja"].endswith("ため。") or factor.document["struck"]["ja"].endswith("。")
            assert len(factor.document["struck"]["en"]) > 30


@pytest.mark.parametrize("purpose", NUMBERED)
def test_each_condition_fits_what_its_template_puts_out(
    purpose: str, outputs: Mapping[str, Outputs], factors: Mapping[str, tuple[str, tuple[Factor, ...]]]
) -> None:
    """Conditions are read and typed like a query over the outputs: known names, exact types, labels of bands."""
    for factor in factors[purpose][1]:
        if factor.hit is None:
            continue
        for condition in (factor.hit, factor.known):
            kind, _ = outputs[purpose].type_of(condition)
            assert kind == "BOOLEAN", factor.id
        if "fades" in factor.document:
            fades = factor.document["fades"]
            assert outputs[purpose].types[fades["by"]] == "INTEGER"
            assert fades["full_to"] < fades["gone_from"]


@pytest.mark.parametrize("purpose", NUMBERED)
def test_what_may_be_unknown_says_when_it_is_known(
    purpose: str, outputs: Mapping[str, Outputs], factors: Mapping[str, tuple[str, tuple[Factor, ...]]]
) -> None:
    """A factor that rests on a column which may be unknown has a condition under which "no" may be said."""
    for factor in factors[purpose][1]:
        if factor.hit is None:
            continue
        _, columns = outputs[purpose].type_of(factor.hit)
        if columns & outputs[purpose].may_be_unknown:
            assert "known" in factor.document, factor.id


@pytest.mark.parametrize("purpose", NUMBERED)
def test_no_output_is_of_no_use(
    purpose: str, outputs: Mapping[str, Outputs], factors: Mapping[str, tuple[str, tuple[Factor, ...]]]
) -> None:
    """Every column of a template serves a factor, says how much is known or who is supported, or keeps siblings together."""
    read_by_factors = {"resident_id", "household_id", "grade", "case_active"}
    for factor in factors[purpose][1]:
        for condition in (factor.hit, factor.known):
            if condition is not None:
                read_by_factors |= outputs[purpose].type_of(condition)[1]
    context = {
        "young_carer": {"already_known"},
        "abuse": {"registered", "months_recorded"},
        "truancy": {"days_required", "elsewhere", "not_enrolled", "transfers"},
    }
    assert set(outputs[purpose].types) - read_by_factors == context.get(purpose, set())


KEPT_FOR_OTHER_TEMPLATES = {
    "shimin.child": {"n_siblings", "hh_size", "has_75plus"},
    "shimin.household_member": {"kind"},
    "kyoiku.gakurei": set(),
    "school.attendance": {"pupil", "month", "days_required", "absent", "late", "early"},
}
"""What the young carers' list grants beyond the feature template: items of the two templates about care and lateness."""


@pytest.mark.parametrize("purpose", NUMBERED)
def test_a_list_grants_no_more_than_its_templates_read(
    purpose: str, akishima: Path, guideline: Guideline, catalogue: Catalogue
) -> None:
    """第8条: what no template of a type reads is not granted for it."""
    reads: dict[str, set[str]] = {}
    for template in load_templates(akishima / "templates").values():
        if template.id == f"{NUMBERED[purpose][0].lower()}-features":
            for scan in read(template, catalogue)[1].scans:
                reads.setdefault(scan.dataset, set()).update(fact.column for fact in scan.columns)
    for dataset, entry in guideline.tables["allow_list"][purpose].items():
        spare = set(entry["columns"]) - reads.get(dataset, set())
        allowed = KEPT_FOR_OTHER_TEMPLATES.get(dataset, set()) if purpose == "young_carer" else set()
        assert spare <= allowed, dataset
