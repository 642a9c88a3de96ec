"""Reading entries: strict bytes, a closed schema, and the rules that a schema cannot say.

An entry is canonical JSON (RFC 8785) of at most 65,535 bytes, ASCII alone, with no number but integers. The closed
schema ``schemas/entry.schema.json`` has no free text, so that no name of a person and no value of a query can stand in
the ledger (I7).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any, NoReturn

from jsonschema_rs import Draft202012Validator, RegexOptions
from jsonschema_rs.canonical.json import to_string as canonical_text

from governance.errors import BadInput

MAX_ENTRY_BYTES = 65_535
"""What the length prefix of a tile bundle can say (C2SP ``tlog-tiles``)."""

KINDS = (
    "ledger",
    "decision",
    "release",
    "refusal",
    "approval",
    "guideline",
    "registration",
    "matter",
    "absence",
    "cycle",
    "capacity",
    "candidate",
    "ticket",
    "retention",
    "subject_request",
    "package",
    "proposal",
    "incident",
)


def _refuse_number(_text: str) -> NoReturn:
    raise ValueError


_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry in its place.

    Attributes:
        body: the bytes that the leaf hash is over.
        document: what they say.
    """

    index: int
    body: bytes
    document: Mapping[str, Any]


def parse_entry(body: bytes) -> dict[str, Any]:
    """What the bytes of an entry say.

    Raises:
        BadInput: they are too long, not canonical, or outside the schema.
    """
    if len(body) > MAX_ENTRY_BYTES:
        raise BadInput("entry-too-long", bytes=len(body), limit=MAX_ENTRY_BYTES)
    # No string of the schema needs an escape. Refusing them here keeps lone surrogates from everything behind.
    if b"\\" in body:
        raise BadInput("entry-malformed")
    try:
        text = body.decode("ascii")
        document = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise BadInput("entry-malformed") from None
    checked = check_document(document)
    # Compared only after the schema: for the documents that it admits, and no others, this form is RFC 8785's.
    if canonical_text(checked) != text:
        raise BadInput("entry-not-canonical")
    return checked


def check_document(document: object) -> dict[str, Any]:
    """Check a parsed entry against the schema of its kind, and its rules.

    Raises:
        BadInput: it does not fit; names the field, never its value.
    """
    if not isinstance(document, dict):
        raise BadInput("entry-malformed")
    kind = document.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadInput("entry-field", field="kind")
    validator = _validators()[kind]
    try:
        if not validator.is_valid(document):
            _refuse_field(validator, document)
    except (ValueError, RecursionError):
        # Nested deeper than the validator reads.
        raise BadInput("entry-malformed") from None
    for field in ("time", "clock"):
        if field in document and not _is_instant(document[field]):
            raise BadInput("entry-field", field=field)
    # The record of an allow is what a department relies on (I2, I3): one that was not granted cannot be written.
    if document.get("allow") is True and not set(document["required"]) <= set(document["granted_under"]):
        raise BadInput("entry-field", field="granted_under")
    return document


def entry_time(document: Mapping[str, Any]) -> datetime:
    """The time of a checked entry, with its offset."""
    return datetime.fromisoformat(document["time"])


@cache
def entry_schema() -> Mapping[str, Any]:
    """The JSON Schema of entries."""
    schema: dict[str, Any] = json.loads(
        resources.files("audit").joinpath("schemas", "entry.schema.json").read_text(encoding="utf-8")
    )
    return schema


@cache
def _validators() -> Mapping[str, Draft202012Validator]:
    definitions = entry_schema()["$defs"]
    # The engine without backtracking: the patterns run on bytes that anybody may hand in.
    return {
        kind: Draft202012Validator(
            {"$ref": f"#/$defs/{kind}", "$defs": definitions}, pattern_options=RegexOptions(), validate_formats=False
        )
        for kind in KINDS
    }


def _refuse_field(validator: Draft202012Validator, document: Mapping[str, Any]) -> NoReturn:
    for error in validator.iter_errors(document):
        # Below the first name of the path there may be names that the caller chose.
        field = str(error.instance_path[0]) if error.instance_path else ""
        raise BadInput("entry-field", field=field if field in _fields(document["kind"]) else "")
    raise BadInput("entry-malformed")


def _fields(kind: str) -> frozenset[str]:
    return frozenset(entry_schema()["$defs"][kind]["properties"])


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        # 30 February has the shape of a date.
        return False
    return True
