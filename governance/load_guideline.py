"""Reads a guideline folder: ``articles/*.md`` and ``tables/*.yaml``, into one value with a version of its own.

The version is what approvals are bound to (第19条): the declared one and twelve hex digits of a digest over every file,
so that no change, however small, keeps an approval alive.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from governance import located_yaml
from governance.errors import BadInput
from governance.forms import parse_form
from governance.guideline import Guideline
from governance.guideline_checks import check_tables
from governance.load_articles import load_articles
from governance.load_parameters import split_parameters
from governance.located_yaml import Located
from governance.registers import Origin, Register
from governance.schema_check import check_schema
from governance.text_files import file_digests, folder_digest

TABLES = (
    "purposes",
    "domains",
    "recipients",
    "allow_list",
    "action_matrix",
    "routes",
    "parameters",
    "gates",
    "named_sets",
    "calendars",
    "requirements",
)
"""The tables of a guideline, each ``tables/<name>.yaml`` with a schema of the same name."""


def load_guideline(folder: Path) -> Guideline:
    """Read and check a guideline.

    Args:
        folder: the deployment's ``guideline/`` folder.

    Returns:
        The guideline. ``tables`` is a ``Register``: it knows the file and line of every value. Forms of the allow-list
        are complete (``leaves`` is always there).

    Raises:
        BadInput: a file is missing, unreadable or malformed, or the parts contradict each other; with file and line.
    """
    for part in (folder, folder / "articles", folder / "tables"):
        if not part.is_dir():
            raise BadInput("folder-missing", file=part.relative_to(folder.parent).as_posix())
    articles, controls = load_articles(folder / "articles", file=f"{folder.name}/articles")
    located = {name: _table(folder, name) for name in (*TABLES, "version") if name != "parameters"}
    located["parameters"], timed = split_parameters(_document(folder, "parameters"))
    for path in sorted((folder / "tables").iterdir()):
        if path.suffix in (".yaml", ".yml") and path.name.removesuffix(".yaml") not in located:
            raise BadInput("table-unknown", file=f"{folder.name}/tables/{path.name}", tables=", ".join(TABLES))
    rego = {slug for a in articles for rule in a.rules if rule.enforced_by == "rego" for slug in rule.controls}
    check_tables(located, controls=controls, rego=frozenset(rego))
    tables = {name: located[name].data for name in TABLES}
    tables["allow_list"] = _complete_forms(located["allow_list"])
    # Criteria of judgement and recipes of packages stand beside them and are approved with them.
    digest = folder_digest(folder, "articles", "tables", "rules", "packages")
    return Guideline(
        version=f"{located['version'].data['version']}-{digest[:12]}",
        articles=articles,
        tables=Register(tables, origins={name: Origin(located=located[name]) for name in TABLES}),
        digest=digest,
        declared=located["version"].data["version"],
        files=file_digests(folder, "articles", "tables", "rules"),
        timed=timed,
    )


def _table(folder: Path, name: str) -> Located:
    located = _document(folder, name)
    check_schema(located, name)
    return located


def _document(folder: Path, name: str) -> Located:
    return located_yaml.load(folder / "tables" / f"{name}.yaml", file=f"{folder.name}/tables/{name}.yaml")


def _complete_forms(located: Located) -> Mapping[str, Any]:
    complete: dict[str, Any] = {}
    for purpose, datasets in located.data.items():
        complete[purpose] = {}
        for dataset, entry in datasets.items():
            forms = {column: parse_form(document).to_json() for column, document in entry["columns"].items()}
            complete[purpose][dataset] = {"evidence": entry["evidence"], "columns": forms}
    return complete
