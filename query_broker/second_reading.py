"""A second reading of the final SQL by another parser: DuckDB's own, in an engine without data.

Two parsers that understand a text differently are how a checked query turns into another one. The engine's reading is
checked against an allow-list of its own: expressions, operators, functions, joins, and nothing behind them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from threading import Lock
from typing import Any

import duckdb

_CLASSES = frozenset(
    {"CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR", "PARAMETER"}
    | {"SUBQUERY", "TYPE"}
)
_OPERATORS = frozenset({"COMPARE_IN", "OPERATOR_COALESCE", "OPERATOR_IS_NULL", "OPERATOR_NOT"})
_FUNCTIONS = frozenset(
    {"count", "count_star", "sum", "min", "max", "avg", "bool_or", "bool_and"}
    | {"coalesce", "abs", "least", "greatest", "nullif", "+", "-", "*", "//", "%"}
    | {"year", "month", "date_trunc"}
)
_WINDOWS = frozenset(
    {"row_number", "rank", "dense_rank", "ntile", "lag", "lead", "count", "count_star", "sum", "avg", "min", "max"}
)
_SOURCES = frozenset({"BASE_TABLE", "JOIN", "SELECT_NODE", "SUBQUERY"})
_NOTHING_BEHIND = ("having", "qualify", "modifiers")

_CURSORS = Lock()


def serialised(sql: str) -> dict[str, Any] | None:
    """The engine's own tree of a text, ``None`` where it cannot read it."""
    with _cursor() as cursor:
        rows = cursor.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchall()
    document: dict[str, Any] = json.loads(rows[0][0], object_pairs_hook=_named)
    return None if document.get("error") is not False else document


def tables_read(sql: str, *, windows: bool = False) -> list[str] | None:
    """The tables that the engine would read, sorted, each as often as it stands there.

    Args:
        windows: whether the text may hold window functions.

    ``None`` where the engine cannot read the text, or reads anything that final SQL does not hold.
    """
    document = serialised(sql)
    if document is None or len(document["statements"]) != 1:
        return None
    nodes = list(_nodes(document))
    if not all((windows and _is_window(node)) or _is_known(node) for node in nodes):
        return None
    return sorted(node["table_name"] for node in nodes if node.get("type") == "BASE_TABLE")


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # One for the process: it never sees data, and starting one takes longer than everything else here.
    return duckdb.connect(":memory:", config={"enable_external_access": "false", "threads": "1"})


def _cursor() -> duckdb.DuckDBPyConnection:
    with _CURSORS:
        return _engine().cursor()


def _named(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A node, what stands below it under ``operand`` or ``operands``; the engine's words for that are of the family."""
    return {
        ("operands" if name.endswith("n") else "operand") if name.startswith("chil") else name: value
        for name, value in pairs
    }


def _is_known(node: dict[str, Any]) -> bool:
    kind = node.get("type")
    if any(node.get(name) for name in ("sample", "at_clause", "schema", "schema_name", "catalog", "catalog_name")):
        return False
    if "class" in node:
        return (
            node["class"] in _CLASSES
            and (node["class"] != "OPERATOR" or kind in _OPERATORS)
            and ("function_name" not in node or node["function_name"] in _FUNCTIONS)
            and ("subquery_type" not in node or node["subquery_type"] in ("EXISTS", "ANY"))
        )
    if kind == "JOIN":
        return node["join_type"] in ("INNER", "LEFT") and node["ref_type"] == "REGULAR" and bool(node["condition"])
    if kind == "SELECT_NODE":
        plain = not any(node[name] for name in _NOTHING_BEHIND) and not node["cte_map"]["map"]
        return plain and node["aggregate_handling"] == "STANDARD_HANDLING"
    if kind == "ORDER_MODIFIER":
        return not node["orders"]
    return not isinstance(kind, str) or kind in _SOURCES


def _is_window(node: dict[str, Any]) -> bool:
    """A window function of the allow-list with the frame that SQL takes by itself, or one of its sort keys."""
    if node.get("class") == "WINDOW":
        plain = not any(node[name] for name in ("schema", "catalog", "filter_expr", "distinct", "ignore_nulls"))
        framed = (node["start"], node["end"]) != ("UNBOUNDED_PRECEDING", "CURRENT_ROW_RANGE")
        return plain and not framed and node["function_name"] in _WINDOWS
    return "class" not in node and node.get("type") in ("ASCENDING", "DESCENDING", "ORDER_DEFAULT")


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)
