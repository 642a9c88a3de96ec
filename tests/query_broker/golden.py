"""Reads ``tests/fixtures/rewrite/*.sql``: what is asked, what each department is ordered, and the SQL that then runs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from governance.conditions import Condition, FieldCondition
from query_broker.plan import FederatedPlan

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "rewrite"

_PART = re.compile(r"^-- (title|parameters|smallest group|asked|ordered|runs):? ?", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One case."""

    title: str
    parameters: Mapping[str, Any]
    smallest_group: int
    asked: str
    ordered: str
    runs: str


def golden_cases(file: str | None = None) -> Iterator[Golden]:
    """Every case of one file, or of all."""
    for path in sorted(FOLDER.glob(f"{file or '*'}.sql")):
        _, *pieces = _PART.split(path.read_text(encoding="utf-8"))
        case: dict[str, Any] = {}
        for name, text in [*zip(pieces[::2], pieces[1::2], strict=True), ("title", "")]:
            if name == "title" and case:
                yield Golden(**{"parameters": {}, "smallest_group": 0} | case)
                case = {}
            value = text.strip()
            case[name.replace(" ", "_")] = yaml.safe_load(value) if name in ("parameters", "smallest group") else value


def orders_of(plan: FederatedPlan) -> str:
    """The scan orders of a plan, one a line: columns with forms, columns that only filter, predicates."""
    lines = []
    for scan in plan.scans:
        order = scan.order
        columns = " ".join(f"{column.column}:{column.form.kind}" for column in order.columns)
        filters = "".join(f" ({name}:{form.kind})" for name, form in order.filter_forms.items())
        condition = said(order.predicates)
        lines.append(f"{scan.id} {order.dataset}: {columns}{filters}{' where ' if condition else ''}{condition}")
    return "\n".join(lines)


def said(condition: Condition) -> str:
    """A condition, short."""
    if isinstance(condition, FieldCondition):
        return f"{condition.field} {condition.operator} {condition.value!r}"
    if condition.operator == "not":
        return f"not({said(condition.value[0])})"
    return f" {condition.operator} ".join(
        said(part) if isinstance(part, FieldCondition) or part.operator == "not" else f"({said(part)})"
        for part in condition.value
    )
