"""The forms in which a column may leave a department, and the type each has there (別表2).

A query sees each column in its granted form and with that form's type; what it compares a column with must have exactly
that type. The parameters of a form (edges, orders, conditions) are data of the guideline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Literal, get_args

from governance.conditions import Condition, parse_condition
from governance.errors import BadInput

ColumnType = Literal["text", "integer", "decimal", "date", "boolean"]
"""Type of a column at its holder. ``decimal``: an amount with two decimals, in datasets without data subjects."""

FormType = Literal["UUID", "BOOLEAN", "INTEGER", "DECIMAL", "TEXT", "DATE"]
"""Type of a column as a query sees it."""

FormKind = Literal[
    "pseudonym", "flag", "ordinal", "count", "band", "year", "year_month", "grade", "town", "raw", "match"
]

GENERALISED: frozenset[FormKind] = frozenset({"year", "year_month"})
"""Forms on a grid of dates: only ``<`` and ``>=`` against a point of the grid mean what they say."""

_SHORTEST_MONTH = 28

_TYPES: Mapping[FormKind, FormType] = {
    "pseudonym": "UUID",
    "flag": "BOOLEAN",
    "ordinal": "INTEGER",
    "count": "INTEGER",
    "band": "TEXT",
    "year": "DATE",
    "year_month": "DATE",
    "grade": "INTEGER",
    "town": "TEXT",
}

_RAW_TYPES: Mapping[ColumnType, FormType] = {
    "text": "TEXT",
    "integer": "INTEGER",
    "decimal": "DECIMAL",
    "date": "DATE",
    "boolean": "BOOLEAN",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One granted form.

    Attributes:
        kind: what is done to the values.
        leaves: false for a column that only filters at the source (``filter_only``) and is never sent.
        condition: for ``flag``, the condition over the column's own raw value, under the field name ``value``.
        null_as: for ``flag``, what an unknown value becomes; required when the flag does not leave, since a filter
            that is unknown would silently drop rows.
        order: for ``ordinal``, the codes from lowest to highest; the form is the position, from 0.
        edges: for ``band``, ascending lower bounds; ``[0, 3, 10]`` makes ``0-2``, ``3-9``, ``10+`` (see band_labels).
        ceiling: for ``count``, the value above which counts are not told apart.
        towns: for ``town``, the names of towns; the form is the longest that the address begins with.
        strip: for ``town``, prefixes of an address to ignore (prefecture, city).
        borders: for ``year``, the days (``MM-DD``, in order) on which a part of the year begins; the form is the first
            day of the part. Without any a year is one part. ``[04-02]`` makes years from 2 April on.
    """

    kind: FormKind
    leaves: bool = True
    condition: Condition | None = None
    null_as: bool | None = None
    order: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    ceiling: int | None = None
    towns: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    borders: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in get_args(FormKind):
            raise BadInput("form-kind-unknown", kind=str(self.kind))
        complete = {
            "flag": self.condition is not None and (self.leaves or self.null_as is not None),
            "ordinal": len(self.order) == len(set(self.order)) > 0,
            "band": len(self.edges) > 0 and all(a < b for a, b in pairwise(self.edges)),
            "town": bool(self.towns),
            "match": not self.leaves,
            "year": _are_borders(self.borders),
        }
        if not complete.get(self.kind, True):
            raise BadInput("form-parameters-incomplete", kind=self.kind)

    def to_json(self) -> dict[str, Any]:
        """The form as it stands in 別表2 and in the policy's answer; parameters that are not set are absent."""
        document: dict[str, Any] = {"form": self.kind, "leaves": self.leaves}
        if self.condition is not None:
            document["condition"] = self.condition.to_json()
        if self.null_as is not None:
            document["null_as"] = self.null_as
        if self.ceiling is not None:
            document["ceiling"] = self.ceiling
        for name in ("order", "edges", "towns", "strip", "borders"):
            if values := getattr(self, name):
                document[name] = list(values)
        return document


def parse_form(document: Mapping[str, Any]) -> Form:
    """Read a form from 別表2 or from the policy's answer.

    Raises:
        BadInput: unknown kind, or a parameter that the kind needs is missing.
    """
    known = {"form", "leaves", "condition", "null_as", "order", "edges", "ceiling", "towns", "strip", "borders"}
    if "form" not in document or document.keys() - known:
        raise BadInput("form-malformed", names=", ".join(sorted(map(str, document.keys() - known))))
    return Form(
        kind=document["form"],
        leaves=document.get("leaves", True) is True,
        condition=parse_condition(document["condition"]) if "condition" in document else None,
        null_as=document.get("null_as"),
        order=tuple(document.get("order", ())),
        edges=tuple(document.get("edges", ())),
        ceiling=document.get("ceiling"),
        towns=tuple(document.get("towns", ())),
        strip=tuple(document.get("strip", ())),
        borders=tuple(document.get("borders", ())),
    )


def form_type(form: Form, column_type: ColumnType) -> FormType:
    """The type with which a query sees a column of ``column_type`` in ``form``."""
    if form.kind in ("raw", "match"):
        return _RAW_TYPES[column_type]
    return _TYPES[form.kind]


def year_borders(form: Form) -> tuple[str, ...]:
    """The days of a year on which a part begins, for a ``year``."""
    return form.borders or ("01-01",)


def _are_borders(borders: tuple[str, ...]) -> bool:
    """Whether they are days that every year has, in order, and no part is shorter than a month.

    1 April and 2 April together would tell the birthday of everybody born between them.
    """
    try:
        days = [date.fromisoformat(f"2023-{border}") for border in borders]
    except ValueError:
        return False
    around = [*days, *(day.replace(year=2024) for day in days[:1])]
    return [day.strftime("%m-%d") for day in days] == list(borders) and all(
        (after - before).days >= _SHORTEST_MONTH for before, after in pairwise(around)
    )


def band_labels(edges: tuple[int, ...]) -> tuple[str, ...]:
    """The labels of a band form, lowest first: below the first edge, between edges, from the last edge up."""
    inner = tuple(f"{low}-{high - 1}" if high - 1 > low else f"{low}" for low, high in pairwise(edges))
    return (f"<{edges[0]}", *inner, f"{edges[-1]}+")
