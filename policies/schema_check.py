"""The JSON Schemas of the documents that cross the border to a policy engine, compiled once."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Literal

import jsonschema_rs

Document = Literal["decision_input", "decision_answer", "data"]


@cache
def _validator(document: Document) -> jsonschema_rs.Draft202012Validator:
    file = resources.files("policies").joinpath("schemas", f"{document}.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return jsonschema_rs.Draft202012Validator(schema)


def misfit(document: Document, value: object) -> str | None:
    """Where ``value`` does not fit the schema of ``document``, or ``None`` where it fits.

    Returns:
        The path of the first misfit and the keyword of the schema that it breaks, as ``principal.mfa (type)``. Names of
        the schema only: never the value that stands there (I7), and no key that the schema does not know.
    """
    try:
        error = next(_validator(document).iter_errors(value), None)
    except (ValueError, TypeError, OverflowError, RecursionError):
        # What is not JSON at all (a set, an endless list, a lone surrogate) fits no schema.
        return "document (json)"
    if error is None:
        return None
    # In the data documents every name is one of the guideline or the catalogue; elsewhere a key may be anything.
    known = {str(step) for step in (error.instance_path if document == "data" else error.schema_path)}
    place = ".".join(str(step) if isinstance(step, int) or step in known else "*" for step in error.instance_path)
    return f"{place or 'document'} ({list(error.schema_path)[-1]})"
