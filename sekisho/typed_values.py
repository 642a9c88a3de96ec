"""Values as people type them, read as the types that a template declares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from connectors.dates import read_date
from connectors.notations import NotationError, read_boolean, read_integer
from governance.approvals import TemplateParameter
from governance.errors import BadInput
from query_broker.relational import Constant

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def read_parameters(assignments: Iterable[str], *, declared: Mapping[str, TemplateParameter]) -> Mapping[str, Constant]:
    """The values of ``name=value`` texts, each of its declared type.

    Raises:
        BadInput: a text without ``=``, a name that is not declared or stands twice, a value of another type. Values are
            never repeated: they may be personal.
    """
    values: dict[str, Constant] = {}
    for assignment in assignments:
        name, sign, text = assignment.partition("=")
        if not sign or not _NAME.fullmatch(name):
            raise BadInput("parameter-assignment")
        if name not in declared:
            raise BadInput("parameter-unknown", count=len(declared))
        if name in values:
            raise BadInput("parameter-twice", parameter=name)
        values[name] = _read(text, declared[name])
    return values


def read_day(text: str, *, option: str) -> date:
    """A date in any notation that staff use: ``2023-10-01``, ``2023/10/1``, ``20231001``, ``R5.10.1``.

    Raises:
        BadInput: no such notation, no such day, or an era's year without its era, which is not guessed.
    """
    try:
        value = read_date(text).value
    except NotationError as error:
        code = "day-era-missing" if error.fault == "date-era-missing" else "day-notation"
        raise BadInput(code, option=option) from None
    if value is None:
        raise BadInput("day-notation", option=option)
    return value


def _read(text: str, parameter: TemplateParameter) -> Constant:
    value: Constant | None = None
    try:
        match parameter.type:
            case "text":
                return text
            case "date":
                return read_day(text, option=parameter.name)
            case "integer":
                value = read_integer(text)
            case "boolean":
                value = read_boolean(text)
    except NotationError:
        value = None
    if value is None:
        raise BadInput("parameter-type", parameter=parameter.name, type=parameter.type)
    return value
