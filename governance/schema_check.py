"""Checks a located document against a JSON Schema (draft 2020-12) and reports the first error by file and line.

The validator's own messages quote the value; ours name the place, the field and what is expected there, in both
languages, and never the value (I7).
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs

from governance.errors import BadInput
from governance.located_yaml import Located

_Kind = jsonschema_rs.ValidationErrorKind
_LONGEST_NAME = 60


def check_schema(located: Located, schema: str) -> None:
    """Refuse a document that does not fit ``governance/schemas/<schema>.schema.json``.

    Raises:
        BadInput: it does not; the error that stands first in the file is reported.
    """
    errors = [_as_error(error, located) for error in _validator(schema).iter_errors(located.data)]
    if errors:
        raise min(errors, key=lambda error: (error.params["line"], error.code))


def shown(name: object) -> str:
    """A name as messages show it: one line, not longer than sixty characters."""
    text = " ".join(str(name).split())
    return text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "…"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@cache
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(
        _schema(schema), registry=jsonschema_rs.Registry([("sekisho:common", _schema("common"))])
    )


def _schema(name: str) -> dict[str, Any]:
    text = resources.files("governance").joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


def _as_error(error: jsonschema_rs.ValidationError, located: Located) -> BadInput:
    kind, path = error.kind, list(error.instance_path)
    at = "/".join(shown(part) for part in path) or "/"
    if isinstance(kind, _Kind.AdditionalProperties | _Kind.UnevaluatedProperties):
        field = min(kind.unexpected, key=lambda name: located.line(*path, name))
        line = located.line(*path, field)
        return BadInput("schema-unknown-field", file=located.file, line=line, at=at, field=shown(field))
    if isinstance(kind, _Kind.PropertyNames):
        name = str(kind.error.instance)
        line = located.line(*path, name)
        if isinstance(kind.error.kind, _Kind.Enum):
            return BadInput("schema-unknown-field", file=located.file, line=line, at=at, field=shown(name))
        return BadInput("schema-name", file=located.file, line=line, at=at, field=shown(name))
    where: dict[str, str | int] = {"file": located.file, "line": located.line(*path), "at": at}
    match kind:
        case _Kind.Required():
            return BadInput("schema-missing-field", **where, field=shown(kind.property))
        case _Kind.Type():
            return BadInput("schema-wrong-type", **where, expected=", ".join(kind.types))
        case _Kind.Enum():
            return BadInput("schema-not-in-list", **where, allowed=", ".join(map(_text, kind.options)))
        case _Kind.Constant():
            return BadInput("schema-not-in-list", **where, allowed=_text(kind.expected_value))
        case _Kind.Pattern():
            return BadInput("schema-pattern", **where, pattern=kind.pattern)
        case _Kind.MinItems() | _Kind.MinProperties() | _Kind.MinLength():
            return BadInput("schema-empty", **where)
        case _Kind.UniqueItems():
            return BadInput("schema-item-twice", **where)
        case _:
            return BadInput("schema-mismatch", **where, rule=kind.name)
