"""Row conditions as UCAST trees: how a filter travels from the policy to a department.

A condition is never SQL text. ``{"type": "field", "operator": "ge", "field": "birth_date", "value": "2005-04-02"}`` or
``{"type": "compound", "operator": "and", "value": [...]}``. Dates are ISO strings; the side that evaluates knows the
column's type and reads them as such. Evaluation is SQL's three-valued logic: a row passes where the condition is true,
and *unknown* is not true.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from governance.errors import BadInput

Scalar: TypeAlias = str | int | bool

FieldOperator = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "is_null"]
CompoundOperator = Literal["and", "or", "not"]

_FIELD_OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "is_null")
_COMPOUND_OPERATORS = ("and", "or", "not")
_MAX_DEPTH = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldCondition:
    """A comparison of one column with a constant. ``in`` takes a tuple; ``is_null`` takes ``True`` or ``False``."""

    operator: FieldOperator
    field: str
    value: Scalar | tuple[Scalar, ...]

    def __post_init__(self) -> None:
        if self.operator not in _FIELD_OPERATORS:
            raise BadInput("condition-operator-unknown", operator=str(self.operator))
        if (self.operator == "in") != isinstance(self.value, tuple):
            raise BadInput("condition-value-shape", operator=self.operator, field=self.field)
        if self.operator == "is_null" and not isinstance(self.value, bool):
            raise BadInput("condition-value-shape", operator=self.operator, field=self.field)

    def to_json(self) -> dict[str, Any]:
        """The UCAST object."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"type": "field", "operator": self.operator, "field": self.field, "value": value}


@dataclass(frozen=True, slots=True, kw_only=True)
class CompoundCondition:
    """``and``/``or`` over any number of conditions (empty: true and false), ``not`` over one."""

    operator: CompoundOperator
    value: tuple[Condition, ...]

    def __post_init__(self) -> None:
        if self.operator not in _COMPOUND_OPERATORS:
            raise BadInput("condition-operator-unknown", operator=str(self.operator))
        if self.operator == "not" and len(self.value) != 1:
            raise BadInput("condition-value-shape", operator=self.operator, field="")

    def to_json(self) -> dict[str, Any]:
        """The UCAST object."""
        return {"type": "compound", "operator": self.operator, "value": [c.to_json() for c in self.value]}


Condition: TypeAlias = FieldCondition | CompoundCondition

ALWAYS: Condition = CompoundCondition(operator="and", value=())
"""The condition that every row meets."""


def all_of(*conditions: Condition) -> Condition:
    """The conjunction, flattened, without conditions that are always true."""
    flat: list[Condition] = []
    for condition in conditions:
        if isinstance(condition, CompoundCondition) and condition.operator == "and":
            flat.extend(c for c in condition.value if c not in flat)
        elif condition not in flat:
            flat.append(condition)
    return flat[0] if len(flat) == 1 else CompoundCondition(operator="and", value=tuple(flat))


def parse_condition(document: object, *, _depth: int = 0) -> Condition:
    """Read a UCAST object.

    Raises:
        BadInput: the document is no UCAST tree, or deeper than 32 levels.
    """
    if _depth > _MAX_DEPTH:
        raise BadInput("condition-too-deep", depth=_MAX_DEPTH)
    if not isinstance(document, Mapping) or document.keys() - {"type", "operator", "field", "value"}:
        raise BadInput("condition-malformed")
    operator, value = document.get("operator"), document.get("value")
    if document.get("type") == "compound" and operator in _COMPOUND_OPERATORS and isinstance(value, list | tuple):
        return CompoundCondition(operator=operator, value=tuple(parse_condition(c, _depth=_depth + 1) for c in value))
    field = document.get("field")
    if document.get("type") == "field" and operator in _FIELD_OPERATORS and isinstance(field, str):
        if isinstance(value, list | tuple):
            if not all(isinstance(v, str | int | bool) for v in value):
                raise BadInput("condition-value-shape", operator=str(operator), field=field)
            return FieldCondition(operator=operator, field=field, value=tuple(value))
        if isinstance(value, str | int | bool):
            return FieldCondition(operator=operator, field=field, value=value)
    raise BadInput("condition-malformed")


def fields_of(condition: Condition) -> frozenset[str]:
    """The columns that a condition reads."""
    return frozenset(c.field for c in _field_conditions(condition))


def _field_conditions(condition: Condition) -> Iterator[FieldCondition]:
    if isinstance(condition, FieldCondition):
        yield condition
        return
    for part in condition.value:
        yield from _field_conditions(part)
