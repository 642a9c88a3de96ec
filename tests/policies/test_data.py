"""The data documents that the rules read are made from catalogue and guideline, and checked before anybody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from policies.data import policy_data
from policies.schema_check import misfit
from tests.policies import world
from tests.policies.patches import patched


def test_a_column_carries_what_the_rules_ask_about() -> None:
    """Class, sensitivity, origin, key and type of a column come from the catalogue."""
    column = world.documents()["catalogue"]["datasets"]["b.visit"]["columns"]["stage"]
    assert column == {
        "type": "text",
        "key": None,
        "class": "attribute",
        "sensitivity": "youhairyo",
        "origin": "own",
        "nulls": "unknown",
    }


def test_a_dataset_with_two_keys_of_persons_has_no_subject_key() -> None:
    """Where two columns hold keys of persons, nobody can say whose row it is."""
    catalogue = world.catalogue()
    dataset = catalogue.datasets["a.member"]
    second = replace(dataset.columns["person_id"], name="other_id")
    datasets = {**catalogue.datasets, "a.member": replace(dataset, columns={**dataset.columns, "other_id": second})}
    data = policy_data(replace(catalogue, datasets=datasets), world.guideline())
    assert data["catalogue"]["datasets"]["a.member"]["subject_key"] is None
    assert data["catalogue"]["datasets"]["c.log"]["subject_key"] is None
    assert data["catalogue"]["datasets"]["a.person"]["subject_key"] == "person_id"


def test_every_control_stands_with_its_article() -> None:
    """The data name article and rule of each control that the guideline binds."""
    controls = world.documents()["guideline"]["controls"]
    assert set(controls) == set(world.CONTROLS)
    assert controls["purpose-allow-list"] == {"article": 1, "rule": "R1-1", "from": "2023-04-01", "to": None}


def test_the_documents_are_a_copy() -> None:
    """A later change to the guideline's tables does not reach an engine that has its data."""
    guideline = world.guideline()
    data = policy_data(world.catalogue(), guideline)
    guideline.tables["parameters"]["k_internal"] = 1
    assert data["guideline"]["parameters"]["k_internal"] == 5


def test_the_reference_deployment_makes_valid_data(root: Path) -> None:
    """The guideline and the catalogue that are shipped fit the schema, with every table."""
    data = policy_data(
        load_catalogue(root / "reference" / "akishima" / "catalogue"), load_guideline(root / "guideline_docs")
    )
    assert data["catalogue"]["datasets"]
    assert data["guideline"]["requirements"]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"op": "remove", "path": "/purposes"}, "guideline (required)"),
        ({"op": "add", "path": "/parameters/k_internal", "value": 1}, "guideline.parameters.k_internal (minimum)"),
        ({"op": "add", "path": "/parameters/k_public", "value": "10"}, "guideline.parameters.k_public (type)"),
        ({"op": "remove", "path": "/parameters/max_rows"}, "guideline (anyOf)"),
        (
            {"op": "add", "path": "/purposes/care/needs_approval", "value": "no"},
            "guideline.purposes.care.needs_approval",
        ),
        ({"op": "add", "path": "/gates/target-age/roles", "value": []}, "guideline.gates.target-age"),
        ({"op": "remove", "path": "/gates/target-age/from"}, "guideline.gates.target-age"),
        ({"op": "add", "path": "/action_matrix/runner/ledger.read", "value": True}, "guideline.action_matrix.runner"),
        ({"op": "add", "path": "/routes/template/consult", "value": "none"}, "guideline.routes.template.consult"),
        ({"op": "add", "path": "/requirements/query", "value": []}, "guideline.requirements.query"),
        (
            {"op": "add", "path": "/allow_list/care/b.visit/columns/stage", "value": {"form": "zzz"}},
            "guideline.allow_list",
        ),
    ],
    ids=lambda value: value["path"] if isinstance(value, dict) else "",
)
def test_data_that_do_not_fit_are_refused_with_their_place(change: dict[str, Any], place: str) -> None:
    """A table that is incomplete or of another shape is refused before an engine sees it; the message names the place."""
    guideline = replace(world.guideline(), tables=patched(world.tables(), [change]))
    with pytest.raises(BadInput) as refused:
        policy_data(world.catalogue(), guideline)
    assert refused.value.code == "policy-data-invalid"
    assert str(refused.value.params["place"]).startswith(place)
    assert refused.value.text("ja")


@pytest.mark.parametrize("action", sorted(world.REQUIREMENTS))
@pytest.mark.parametrize("control", ["request-well-formed", "identity-verified", "single-hat", "action-matrix"])
def test_no_action_can_do_without_the_controls_of_every_action(action: str, control: str) -> None:
    """Who asks, whether it is whole, and whether the role may do it is asked of every action, whatever the table says."""
    _assert_refused_without(action, control)


@pytest.mark.parametrize(
    "control",
    [
        "purpose-allow-list", "identifier-never-leaves", "identifier-pseudonymised", "minimal-form",
        "my-number-prohibited", "tax-origin-prohibited", "scans-reached", "cohort-declared", "smallest-group",
        "approval-route", "approval-current", "approval-unchanged", "separation-of-duties",
    ],
)  # fmt: skip
def test_no_query_can_do_without_what_protects_people(control: str) -> None:
    """A guideline that leaves one of these out of the requirements of a query is refused."""
    _assert_refused_without("query", control)


def _assert_refused_without(action: str, control: str) -> None:
    rest = [name for name in world.REQUIREMENTS[action] if name != control]
    requirements = {**world.REQUIREMENTS, action: rest}
    guideline = replace(world.guideline(), tables={**world.tables(), "requirements": requirements})
    with pytest.raises(BadInput) as refused:
        policy_data(world.catalogue(), guideline)
    assert f"guideline.requirements.{action}" in str(refused.value.params["place"])


def _endless() -> dict[str, Any]:
    value: dict[str, Any] = {}
    value["a"] = value
    return value


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"a": {1, 2}},
        lambda: {"a": object()},
        lambda: {"a": "\ud800"},
        lambda: {"a": float("nan")},
        _endless,
        lambda: None,
        list,
    ],
    ids=["set", "object", "lone surrogate", "not a number", "endless", "null", "list"],
)
@pytest.mark.parametrize("document", ["decision_input", "decision_answer", "data"])
def test_what_is_not_json_fits_no_schema(document: Any, make: Callable[[], Any]) -> None:
    """A value that no JSON document can hold is a misfit and no error of another kind."""
    assert misfit(document, make())


def test_a_misfit_never_shows_a_value_or_a_foreign_key() -> None:
    """What does not fit is told by names of the schema alone (I7)."""
    request = world.requests()["rows"]
    request["principal"]["secret-key"] = "secret-value"
    request["datasets"]["secret-dataset"] = {"as_of": "secret-date"}
    for document in (request, {**request, "time": "secret"}, {"secret": 1}):
        assert "secret" not in str(misfit("decision_input", document))
