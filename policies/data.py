"""The data documents that the rules read: the catalogue and the guideline's tables, as JSON values.

The rules name controls and nothing else. Which datasets, columns, roles, purposes and recipients there are, and what is
granted to whom, they read here (I4).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from governance.calendars import Calendar, calendars_of
from governance.catalogue import Catalogue, Column, Dataset
from governance.errors import BadInput
from governance.guideline import Guideline
from governance.windows import versions
from policies.schema_check import misfit

_TABLES = (
    "purposes",
    "domains",
    "recipients",
    "allow_list",
    "action_matrix",
    "routes",
    "parameters",
    "gates",
    "named_sets",
    "requirements",
)


def policy_data(catalogue: Catalogue, guideline: Guideline) -> dict[str, Any]:
    """The documents ``data.catalogue`` and ``data.guideline``, as plain JSON values of their own.

    Raises:
        BadInput: they do not fit ``policies/schemas/data.schema.json``; the message names the place.
    """
    documents: dict[str, Any] = {"catalogue": _catalogue(catalogue), "guideline": _guideline(guideline)}
    place = misfit("data", documents)
    if place is not None:
        raise BadInput("policy-data-invalid", place=place)
    return documents


def _guideline(guideline: Guideline) -> dict[str, Any]:
    controls = {
        control: {"article": article.number, "rule": rule.id, **rule.window.within(article.window).to_json()}
        for article in guideline.articles
        for rule in article.rules
        for control in rule.controls
    }
    tables: dict[str, Any] = {name: _plain(guideline.tables[name]) for name in _TABLES if name in guideline.tables}
    tables["domains"] = {name: _domain(domain) for name, domain in tables.get("domains", {}).items()}
    timed = {
        name: [{"value": _plain(version.value), **version.window.to_json()} for version in of]
        for name, of in guideline.timed.items()
    }
    if "calendars" in guideline.tables:
        tables["calendars"] = {name: _calendar(c) for name, c in calendars_of(guideline.tables["calendars"]).items()}
    return {"version": guideline.version, "controls": controls, **tables, "timed_parameters": timed}


def _calendar(calendar: Calendar) -> dict[str, Any]:
    """Every month that is covered as a whole or in part, with its open days: a month that is missing is not covered."""
    months: dict[str, list[str]] = {}
    month = calendar.first.replace(day=1)
    while month <= calendar.last:
        months[f"{month:%Y-%m}"] = []
        month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    for day in calendar.days:
        months[f"{day:%Y-%m}"].append(day.isoformat())
    return {"from": calendar.first.isoformat(), "to": calendar.last.isoformat(), "open": months}


def _domain(domain: dict[str, Any]) -> dict[str, Any]:
    """A domain; an epoch that changes on a day as its versions, each with its time."""
    epoch = domain["epoch"]
    if isinstance(epoch, str):
        return domain
    epochs = [{"value": version.value, **version.window.to_json()} for version in versions(epoch["versions"])]
    return {**{name: value for name, value in domain.items() if name != "epoch"}, "epochs": epochs}


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value


def _catalogue(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "subject_kind": catalogue.subject_kind,
        "household_kinds": list(catalogue.household_kinds),
        "departments": {d.id: {"organ": d.organ, "steward": d.steward} for d in catalogue.departments.values()},
        "datasets": {d.name: _dataset(d, catalogue) for d in catalogue.datasets.values()},
    }


def _dataset(dataset: Dataset, catalogue: Catalogue) -> dict[str, Any]:
    # Whose row is it, where two columns hold keys of persons? Then there is no key by which its persons are counted.
    person = catalogue.person_key(dataset)
    kind = dataset.columns[person].key if person is not None else None
    subject_keys = [c.name for c in dataset.columns.values() if kind is not None and c.key == kind]
    return {
        "department": dataset.department,
        "organ": catalogue.departments[dataset.department].organ,
        "cohort": dataset.cohort,
        "bridge": dataset.bridge,
        "impersonal": dataset.impersonal,
        "derived": dataset.derived,
        "subject_key": subject_keys[0] if len(subject_keys) == 1 else None,
        "unique_by": list(dataset.unique_by),
        "refresh": dataset.refresh,
        "absent_row": dataset.absent_row,
        "gates": dict(dataset.gates),
        "columns": {c.name: _column(c) for c in dataset.columns.values()},
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "type": column.type,
        "key": column.key,
        "class": column.column_class,
        "sensitivity": column.sensitivity,
        "origin": column.origin,
        "nulls": column.nulls,
    }
