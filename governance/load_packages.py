"""Reads recipes of packages: ``packages/<id>.yaml``. Whatever does not fit is refused with file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

from governance import located_yaml
from governance.approvals import Template
from governance.catalogue import Catalogue, Label
from governance.errors import BadInput
from governance.facts import QueryFacts
from governance.guideline import Guideline
from governance.located_yaml import Located
from governance.packages import Level, PackageColumn, PackageRecipe
from governance.schema_check import check_schema

MOST_COMBINATIONS = 2_000
"""Combinations of levels that are tried at most."""


def load_packages(
    folder: Path, *, templates: Mapping[str, Template], guideline: Guideline
) -> Mapping[str, PackageRecipe]:
    """Read and check the recipes of a deployment, by id; none where there is no such folder.

    Args:
        folder: the guideline's ``packages/`` folder.

    Raises:
        BadInput: a recipe is malformed, reads what its template does not put out, leaves a column unexplained, or
            is for a recipient that the template's purpose does not serve.
    """
    found = (
        _recipe(path, file=f"{folder.name}/{path.name}", templates=templates, guideline=guideline)
        for path in sorted(folder.glob("*.yaml"))
    )
    return {recipe.id: recipe for recipe in found}


def check_roles(recipe: PackageRecipe, facts: QueryFacts, *, catalogue: Catalogue) -> None:
    """Refuse a recipe that calls an item harmless which the catalogue does not.

    Args:
        facts: of the template's text.

    Raises:
        BadInput: a column made from a sensitive item is ``other``, one made from an item that may identify is not
            ``quasi``, or a key other than the subject's stands in the answer.
    """
    scans = {scan.id: scan.dataset for scan in facts.scans}
    for column in facts.output.columns:
        if column.name == recipe.subject:
            continue
        declared = recipe.columns[column.name]
        for origin in column.origins:
            scan, _, name = origin.partition(".")
            source = catalogue.dataset(scans[scan]).columns[name]
            if source.column_class == "key" and len(column.origins) == 1:
                raise BadInput("package-key-column", package=recipe.id, column=column.name)
            if source.column_class == "quasi_identifier" and declared.role != "quasi":
                raise BadInput("package-role", package=recipe.id, column=column.name, role="quasi")
            if source.sensitivity != "normal" and declared.role == "other":
                raise BadInput("package-role", package=recipe.id, column=column.name, role="sensitive")


def _recipe(path: Path, *, file: str, templates: Mapping[str, Template], guideline: Guideline) -> PackageRecipe:
    located = located_yaml.load(path, file=file)
    check_schema(located, "package")
    document = located.data
    if document["id"] != path.stem:
        raise BadInput("package-file-name", file=file, line=located.line("id"))
    template = templates.get(document["template"])
    if template is None:
        raise BadInput("package-template", file=file, line=located.line("template"))
    purpose = guideline.tables["purposes"].get(template.purpose, {})
    if purpose.get("recipients") != [document["recipient"]]:
        raise BadInput("package-recipient", file=file, line=located.line("recipient"), recipient=document["recipient"])
    columns = {name: _column(name, entry, located) for name, entry in document["columns"].items()}
    named = {document["subject"], *columns}
    if named != set(template.columns):
        missing = sorted(set(template.columns) ^ named)
        raise BadInput("package-columns", file=file, line=located.line("columns"), columns=", ".join(missing))
    if prod(len(column.levels) for column in columns.values()) > MOST_COMBINATIONS:
        raise BadInput("package-levels", file=file, line=located.line("columns"), most=MOST_COMBINATIONS)
    return PackageRecipe(
        id=document["id"],
        label=_label(document["label"]),
        template=template.id,
        recipient=document["recipient"],
        subject=document["subject"],
        columns=columns,
        most_suppressed=Fraction(document["suppressed_percent"], 100),
        rows_at_most=document["rows_at_most"],
        days=document["days"],
        conditions=tuple(map(_label, document["conditions"])),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def _column(name: str, entry: Mapping[str, Any], located: Located) -> PackageColumn:
    levels = []
    for position, level in enumerate(entry["levels"]):
        if isinstance(level, str):
            levels.append(Level(kind="withheld" if level == "withheld" else "as_is"))
            continue
        if not all(low < high for low, high in pairwise(level["edges"])):
            line = located.line("columns", name, "levels", position)
            raise BadInput("package-edges", file=located.file, line=line, column=name)
        levels.append(Level(kind="bands", edges=tuple(level["edges"])))
    return PackageColumn(
        name=name,
        role=entry["role"],
        levels=tuple(levels),
        missing_is_none=entry["missing"]["means"] == "none",
        missing=_label(entry["missing"]),
        note=_label(entry["note"]) if "note" in entry else None,
    )


def _label(document: Mapping[str, str]) -> Label:
    return Label(ja=document["ja"], en=document["en"])
