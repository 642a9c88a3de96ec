"""Reads a guideline's parameters: values, and values that change on a day that is known beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

from governance.dates import check_date
from governance.errors import BadInput
from governance.located_yaml import Located
from governance.schema_check import check_schema
from governance.windows import Version, in_force, versions

ALWAYS_ONE = frozenset({"organs", "legal_bases", "words_to_avoid", "file_register"})
"""Parameters that other files are checked against when a deployment is loaded: they have one value for all time."""


def split_parameters(located: Located) -> tuple[Located, Mapping[str, tuple[Version, ...]]]:
    """Part a document into the parameters of one value and those of several versions.

    Every version of every parameter is checked as if it had been written alone.

    Raises:
        BadInput: a version is malformed, stands before an earlier one, or belongs to a parameter that may have but one
            value; with file and line.
    """
    if not isinstance(located.data, dict):
        check_schema(located, "parameters")
    written = {name: value for name, value in located.data.items() if _is_timed(value)}
    timed = {name: _versions(located, name) for name in written}
    plain = {name: value for name, value in located.data.items() if name not in written}
    days = {version.window.begins for of in timed.values() for version in of}
    for day in sorted(day for day in days if day is not None) or (None,):
        check_schema(replace(located, data=_on(day, plain, timed)), "parameters")
    return replace(located, data=plain), timed


def _is_timed(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"versions"}


def _versions(located: Located, name: str) -> tuple[Version, ...]:
    check_schema(replace(located, data={name: located.data[name]}), "parameter_versions")
    written = located.data[name]["versions"]
    if name in ALWAYS_ONE:
        raise BadInput("parameter-one-value", file=located.file, line=located.line(name), parameter=name)
    for position in range(len(written)):
        check_date(located, name, "versions", position, "from")
    for position, (earlier, later) in enumerate(pairwise(written), start=1):
        if later["from"] <= earlier["from"]:
            line = located.line(name, "versions", position, "from")
            raise BadInput("parameter-order", file=located.file, line=line, parameter=name)
    return versions(written)


def _on(day: str | None, plain: Mapping[str, Any], timed: Mapping[str, tuple[Version, ...]]) -> dict[str, Any]:
    """The whole document as it counts on a day; the first version where none counts yet."""
    if day is None:
        return dict(plain)
    current = {name: in_force(of, date.fromisoformat(day)) or of[0] for name, of in timed.items()}
    return {**plain, **{name: version.value for name, version in current.items()}}
