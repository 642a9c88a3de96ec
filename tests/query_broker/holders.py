"""What the departments of the neutral town send for a scan order, in plain Python: slow, obvious, and our oracle.

The same forms make the tables over which the asked SQL runs as it was written, so that two ways to an answer can be
compared: the plan over scans, and the query over everything.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa

from governance.catalogue import Column
from governance.conditions import Condition, FieldCondition
from governance.forms import Form, FormType, band_labels, form_type
from governance.scans import ScanOrder
from query_broker.plan import FederatedPlan
from tests.query_broker.world import CATALOGUE, FORMS, Row, Tables

ARROW: Mapping[FormType, pa.DataType] = {
    "UUID": pa.uuid(),
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int64(),
    "TEXT": pa.string(),
    "DATE": pa.date32(),
}


def in_form(value: Any, form: Form, column: Column) -> Any:
    """One value as it leaves."""
    match form.kind:
        case "flag":
            answer = None if form.condition is None else holds(form.condition, {"value": value})
            return form.null_as if answer is None else answer
        case _ if value is None:
            return None
        case "pseudonym":
            return uuid.uuid5(uuid.NAMESPACE_OID, f"{column.key}|{value}")
        case "ordinal":
            return form.order.index(value)
        case "count":
            return value if form.ceiling is None else min(value, form.ceiling)
        case "band":
            return band_labels(form.edges)[sum(edge <= value for edge in form.edges)]
        case "year":
            return value.replace(month=1, day=1)
        case "year_month":
            return value.replace(day=1)
        case "raw":
            return value
    raise ValueError(form.kind)


def holds(condition: Condition, row: Mapping[str, Any]) -> bool | None:
    """SQL's answer for one row: true, false, or ``None`` for unknown."""
    if not isinstance(condition, FieldCondition):
        parts = [holds(part, row) for part in condition.value]
        if condition.operator == "not":
            return None if parts[0] is None else not parts[0]
        decisive = condition.operator == "or"
        return decisive if decisive in parts else None if None in parts else not decisive
    value, other = row[condition.field], condition.value
    if condition.operator == "is_null":
        return (value is None) == other
    if value is None:
        return None
    if isinstance(value, date):
        value = value.isoformat()
    if condition.operator == "in":
        return value in other  # type: ignore[operator]
    return {
        "eq": value == other,
        "ne": value != other,
        "lt": condition.operator == "lt" and value < other,
        "le": condition.operator == "le" and value <= other,
        "gt": condition.operator == "gt" and value > other,
        "ge": condition.operator == "ge" and value >= other,
    }[condition.operator]


def _formed(rows: Iterable[Row], dataset: str, forms: Mapping[str, Form]) -> list[Row]:
    columns = CATALOGUE.dataset(dataset).columns
    return [{name: in_form(row[name], form, columns[name]) for name, form in forms.items()} for row in rows]


def _table(rows: list[Row], types: Mapping[str, FormType]) -> pa.Table:
    return pa.table({name: _array([row[name] for row in rows], type_) for name, type_ in types.items()})


def _array(values: list[Any], form: FormType) -> pa.Array[Any]:
    if form != "UUID":
        return pa.array(values, ARROW[form])
    storage = pa.array([None if value is None else value.bytes for value in values], pa.binary(16))
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def answer(order: ScanOrder, town: Tables) -> pa.Table:
    """Filter raw rows, put them into their forms, apply the pushed predicates, project."""
    kept = [row for row in town[order.dataset] if holds(order.filter, row)]
    forms = {column.column: column.form for column in order.columns} | dict(order.filter_forms)
    formed = [row for row in _formed(kept, order.dataset, forms) if holds(order.predicates, row)]
    return _table(formed, {column.column: column.type for column in order.columns})


def scans_of(plan: FederatedPlan, town: Tables) -> dict[str, pa.Table]:
    """The stream of every scan, by scan id."""
    return {scan.id: answer(scan.order, town) for scan in plan.scans}


def run_plan(plan: FederatedPlan, town: Tables, connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    """The rows of the plan's SQL over its scans, without the count columns."""
    for name, table in scans_of(plan, town).items():
        connection.register(name, table)
    rows = connection.execute(plan.sql, dict(plan.parameters)).fetchall()
    return [row[: len(plan.columns)] for row in rows]


def masked_town(
    town: Tables,
    *,
    forms: Mapping[str, Mapping[str, Form]] = FORMS,
    filters: Mapping[str, Condition] | None = None,
) -> duckdb.DuckDBPyConnection:
    """An engine in which every dataset stands under its own name, whole, in its forms; filters drop raw rows."""
    connection = duckdb.connect(":memory:")
    for name, dataset in CATALOGUE.datasets.items():
        kept = [row for row in town[name] if name not in (filters or {}) or holds((filters or {})[name], row)]
        types = {column: form_type(form, dataset.column(column).type) for column, form in forms[name].items()}
        table = _table(_formed(kept, name, forms[name]), types)
        connection.register("incoming", table)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {dataset.department}")
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        connection.unregister("incoming")
    return connection


def in_any_order(rows: Iterable[tuple[Any, ...]]) -> list[tuple[str, ...]]:
    """Rows as text, sorted, to compare answers whose order is nobody's business."""
    return sorted(tuple(_text(value) for value in row) for row in rows)


def _text(value: Any) -> str:
    return f"{value:.9g}" if isinstance(value, float) else f"{value}"
