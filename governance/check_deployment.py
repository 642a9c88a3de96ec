"""Checks catalogue, guideline, templates and principals against each other: ``sekisho check``, and every start.

Each part was checked by its own loader. What is left are the references between them; all faults are reported, in the
order of the checks below, each with the file and line to correct.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from governance.approvals import Template
from governance.catalogue import Catalogue, Dataset
from governance.check_forms import condition_faults, form_faults
from governance.conditions import parse_condition
from governance.errors import BadInput, Lang
from governance.forms import Form, parse_form
from governance.guideline import Guideline
from governance.principals import Principal
from governance.registers import Place, place_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault between the parts of a deployment; ``error`` can be raised as it is (exit status 2)."""

    error: BadInput

    @property
    def code(self) -> str:
        """The error's code."""
        return self.error.code

    @property
    def params(self) -> Mapping[str, str | int]:
        """Names, ``file`` and ``line``."""
        return self.error.params

    def text(self, lang: Lang = "en") -> str:
        """What is wrong, as a sentence."""
        return self.error.text(lang)

    def remedy(self, lang: Lang = "en") -> str:
        """What to do about it, as a sentence."""
        return self.error.remedy(lang)


def check_deployment(
    catalogue: Catalogue,
    guideline: Guideline,
    templates: Mapping[str, Template],
    principals: Mapping[str, Principal],
) -> tuple[Finding, ...]:
    """Every fault between the parts of a deployment; empty when it may be used."""
    faults = chain(
        _departments(catalogue, guideline, principals),
        _datasets(catalogue, guideline),
        _named_sets(catalogue, guideline),
        _incidents(catalogue, guideline),
        _allow_list(catalogue, guideline),
        _templates(guideline, templates),
        _principals(catalogue, guideline, principals),
        _routes(guideline, principals),
        _reidentification(catalogue, guideline),
        _words(catalogue, guideline, templates),
    )
    return tuple(Finding(error=fault) for fault in faults)


def _departments(catalogue: Catalogue, guideline: Guideline, principals: Mapping[str, Principal]) -> Iterator[BadInput]:
    organs, matrix = guideline.tables["parameters"]["organs"], guideline.tables["action_matrix"]
    for name, department in catalogue.departments.items():
        if department.organ not in organs:
            place = place_of(catalogue.departments, name, "organ")
            yield BadInput("organ-unknown", file=place.file, line=place.line, organ=department.organ)
        steward = principals.get(department.steward)
        may_consult = steward is not None and any("approval.consult" in matrix.get(role, {}) for role in steward.roles)
        if steward is None or steward.department != name or not may_consult:
            place = place_of(catalogue.departments, name, "steward")
            yield BadInput(
                "steward-unfit", file=place.file, line=place.line, department=name, steward=department.steward
            )


def _datasets(catalogue: Catalogue, guideline: Guideline) -> Iterator[BadInput]:
    gates, freshness = guideline.tables["gates"], _always_fresh(guideline)
    for name, dataset in catalogue.datasets.items():
        if dataset.refresh not in freshness:
            place = place_of(catalogue.datasets, name, "refresh")
            yield BadInput("refresh-unknown", file=place.file, line=place.line, dataset=name, refresh=dataset.refresh)
        for control, column in dataset.gates.items():
            place = place_of(catalogue.datasets, name, "gates", control)
            if control not in gates:
                yield BadInput("gate-unknown", file=place.file, line=place.line, dataset=name, control=control)
            else:
                yield from _gate(gates[control], dataset, column, control=control, place=place)
        if dataset.cohort:
            for control, gate in gates.items():
                if "cohort" in gate["roles"] and control not in dataset.gates:
                    place = place_of(catalogue.datasets, name)
                    yield BadInput("gate-missing", file=place.file, line=place.line, dataset=name, control=control)


def _always_fresh(guideline: Guideline) -> frozenset[str]:
    """The kinds of data that have a limit of days whatever the day."""
    if "freshness_max_days" in guideline.tables["parameters"]:
        return frozenset(guideline.tables["parameters"]["freshness_max_days"])
    return frozenset.intersection(*(frozenset(v.value) for v in guideline.timed["freshness_max_days"]))


def _gate(gate: Mapping[str, object], dataset: Dataset, name: str, *, control: str, place: Place) -> Iterator[BadInput]:
    column = dataset.columns[name]
    if gate["kind"] == "condition":
        yield from condition_faults(parse_condition(gate["condition"]), column, dataset=dataset.name, place=place)
    elif column.type != "date":
        yield BadInput(
            "gate-not-date", file=place.file, line=place.line, dataset=dataset.name, column=name, control=control
        )


def _reidentification(catalogue: Catalogue, guideline: Guideline) -> Iterator[BadInput]:
    """What a case view shows has to be in the catalogue."""
    parameters = guideline.tables["parameters"]
    for position, part in enumerate(parameters.get("reidentification", {}).get("view", ())):
        place = place_of(guideline.tables, "parameters", "reidentification", "view", position)
        dataset = catalogue.datasets.get(part["dataset"])
        unknown = [
            *([part["dataset"]] if dataset is None else []),
            *([part["among"]] if part["among"] is not None and part["among"] not in catalogue.datasets else []),
            *(f"{dataset.name}.{c}" for c in part["columns"] if dataset is not None and c not in dataset.columns),
        ]
        if unknown:
            yield BadInput("annex-dataset", file=place.file, line=place.line, item=unknown[0])
        elif strange := [name for name in part["leave_out"] if name not in guideline.tables["named_sets"]]:
            yield BadInput("annex-unknown", file=place.file, line=place.line, name=strange[0])


def _named_sets(catalogue: Catalogue, guideline: Guideline) -> Iterator[BadInput]:
    table = guideline.tables["named_sets"]
    for name, entry in table.items():
        for position, department in enumerate(entry["departments"]):
            place = place_of(guideline.tables, "named_sets", name, "departments", position)
            holder = catalogue.departments.get(department)
            if holder is None:
                yield BadInput("department-unknown", file=place.file, line=place.line, department=department)
            elif name not in {named_set.name for named_set in holder.sets}:
                yield BadInput("set-unknown", file=place.file, line=place.line, department=department, set=name)
    reviewed: Mapping[str, str] = guideline.tables["parameters"].get("subject_requests", {}).get("review_sets", {})
    for name, department in reviewed.items():
        if not any(held.name == name for held in getattr(catalogue.departments.get(department), "sets", ())):
            place = place_of(guideline.tables, "parameters", "subject_requests", "review_sets", name)
            yield BadInput("set-unknown", file=place.file, line=place.line, department=department, set=name)
    for department, holder in catalogue.departments.items():
        for position, named_set in enumerate(holder.sets):
            if reviewed.get(named_set.name) == department:
                continue
            if department not in table.get(named_set.name, {}).get("departments", ()):
                place = place_of(catalogue.departments, department, "sets", position, "name")
                yield BadInput(
                    "set-unused", file=place.file, line=place.line, department=department, set=named_set.name
                )


def _incidents(catalogue: Catalogue, guideline: Guideline) -> Iterator[BadInput]:
    """Sets and items that the terms of incidents name are there."""
    terms: Mapping[str, Any] = guideline.tables["parameters"].get("incidents", {})
    for name, department in terms.get("protected", {}).items():
        if not any(held.name == name for held in getattr(catalogue.departments.get(department), "sets", ())):
            place = place_of(guideline.tables, "parameters", "incidents", "protected", name)
            yield BadInput("set-unknown", file=place.file, line=place.line, department=department, set=name)
    for name, trigger in terms.get("triggers", {}).items():
        for position, item in enumerate(trigger.get("items", ())):
            dataset, _, column = item.rpartition(".")
            if dataset not in catalogue.datasets or column not in catalogue.datasets[dataset].columns:
                place = place_of(guideline.tables, "parameters", "incidents", "triggers", name, "items", position)
                yield BadInput("incident-item-unknown", file=place.file, line=place.line, item=item)


def _allow_list(catalogue: Catalogue, guideline: Guideline) -> Iterator[BadInput]:
    for purpose, entries in guideline.tables["allow_list"].items():
        for dataset_name, entry in entries.items():
            dataset = catalogue.datasets.get(dataset_name)
            if dataset is None:
                place = place_of(guideline.tables, "allow_list", purpose, dataset_name)
                yield BadInput("allow-list-dataset", file=place.file, line=place.line, dataset=dataset_name)
                continue
            for name, document in entry["columns"].items():
                place = place_of(guideline.tables, "allow_list", purpose, dataset_name, "columns", name)
                yield from _grant(parse_form(document), dataset, name, place=place)


def _grant(form: Form, dataset: Dataset, name: str, *, place: Place) -> Iterator[BadInput]:
    column = dataset.columns.get(name)
    if column is None:
        yield BadInput("allow-list-column", file=place.file, line=place.line, dataset=dataset.name, column=name)
        return
    yield from form_faults(form, column, dataset=dataset.name, place=place)


def _templates(guideline: Guideline, templates: Mapping[str, Template]) -> Iterator[BadInput]:
    for name, template in templates.items():
        if template.purpose not in guideline.tables["purposes"]:
            place = place_of(templates, name, "purpose")
            yield BadInput("purpose-unknown", file=place.file, line=place.line, purpose=template.purpose)


def _principals(catalogue: Catalogue, guideline: Guideline, principals: Mapping[str, Principal]) -> Iterator[BadInput]:
    organs, matrix = guideline.tables["parameters"]["organs"], guideline.tables["action_matrix"]
    for name, principal in principals.items():
        for position, role in enumerate(principal.roles):
            if role not in matrix:
                place = place_of(principals, name, "roles", position)
                yield BadInput("role-unknown", file=place.file, line=place.line, role=role)
        if principal.organ not in organs:
            place = place_of(principals, name, "organ")
            yield BadInput("organ-unknown", file=place.file, line=place.line, organ=principal.organ)
        if principal.department is not None and principal.department not in catalogue.departments:
            place = place_of(principals, name, "department")
            yield BadInput("department-unknown", file=place.file, line=place.line, department=principal.department)


def _routes(guideline: Guideline, principals: Mapping[str, Principal]) -> Iterator[BadInput]:
    held = {role for principal in principals.values() for role in principal.roles}
    for name, route in guideline.tables["routes"].items():
        for path in (("review",), ("decide", "normal"), ("decide", "sensitive")):
            step = route
            for part in path:
                step = step[part]
            if not held & set(step["roles"]):
                place = place_of(guideline.tables, "routes", name, *path)
                yield BadInput("route-nobody", file=place.file, line=place.line, roles=", ".join(step["roles"]))


def _words(catalogue: Catalogue, guideline: Guideline, templates: Mapping[str, Template]) -> Iterator[BadInput]:
    """Names for people that use a word which the guideline keeps them from using."""
    avoided: list[str] = guideline.tables["parameters"].get("words_to_avoid", [])
    for label, place in chain(_labels(catalogue), _titles(guideline, templates)):
        for word in avoided:
            if word in label:
                yield BadInput("label-word", file=place.file, line=place.line, word=word)


def _labels(catalogue: Catalogue) -> Iterator[tuple[str, Place]]:
    for name, department in catalogue.departments.items():
        yield department.label.ja, place_of(catalogue.departments, name, "label")
    for name, dataset in catalogue.datasets.items():
        yield dataset.label.ja, place_of(catalogue.datasets, name, "label")
        for column_name, column in dataset.columns.items():
            yield column.label.ja, place_of(catalogue.datasets, name, "columns", column_name, "label")


def _titles(guideline: Guideline, templates: Mapping[str, Template]) -> Iterator[tuple[str, Place]]:
    for name, purpose in guideline.tables["purposes"].items():
        yield purpose["label"]["ja"], place_of(guideline.tables, "purposes", name, "label")
    for name, template in templates.items():
        yield template.title_ja, place_of(templates, name, "title")
        for column_name, column in template.columns.items():
            yield column.label_ja, place_of(templates, name, "columns", column_name, "label")
