"""Stage 5 for the wide language: an independent reading of the final SQL, against the decision and the asked text.

Nothing of the wide language's gate, names and plan is used here (a test holds that): both texts are read by DuckDB's
own parser, which neither was made with. What is proved:

1. – 3. as for the strict language (`query_broker.certify`): scans, orders and forms are those of facts and decision;
4. the catalogue says of every dataset that is read that it holds no data subject, and of each of its columns that it
   identifies nobody; the facts say so of every scan and of the answer, and the decision asks for no protection of
   groups, counts nobody, leaves nobody out and filters no row: whoever decided otherwise decided about persons;
5. the engine reads each scan exactly once, no other table, and nothing that is not on an allow-list of its own;
6. the final SQL puts out the answer's columns, each cast to its stated type, of a subquery;
7. that subquery is the asked text, node by node, but for table references, each of which stands for a scan of just that
   dataset; with the same values of parameters, for the same day, under the same output obligation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from governance.catalogue import Catalogue
from governance.conditions import all_of
from governance.decisions import Obligations
from governance.facts import QueryFacts
from query_broker import relational as r
from query_broker.certify import Certificate, NotCertified, certificate_of, check_orders
from query_broker.plan import FederatedPlan
from query_broker.second_reading import serialised

_CLASSES = frozenset(
    {"BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR"}
    | {"PARAMETER", "STAR", "SUBQUERY", "TYPE", "WINDOW"}
)
_OPERATORS = frozenset(
    {"COMPARE_IN", "COMPARE_NOT_IN", "OPERATOR_COALESCE", "OPERATOR_IS_NULL", "OPERATOR_IS_NOT_NULL", "OPERATOR_NOT"}
    | {"OPERATOR_NULLIF"}
)
_FUNCTIONS = frozenset(
    {"+", "-", "*", "/", "~~", "!~~"}
    | {
        "abs",
        "avg",
        "coalesce",
        "count",
        "count_star",
        "date_part",
        "greatest",
        "least",
        "length",
        "lower",
        "max",
        "min",
    }
    | {"nullif", "round", "substring", "sum", "upper", "year", "month", "day", "quarter", "week"}
    | {"to_days", "to_weeks", "to_months", "to_quarters", "to_years", "trunc"}
)
_WINDOWS = frozenset({"rank", "dense_rank", "avg", "count", "count_star", "max", "min", "sum"})
_SUBQUERIES = frozenset({"ANY", "EXISTS", "NOT_EXISTS", "SCALAR"})
_SOURCES = frozenset({"BASE_TABLE", "JOIN", "SELECT_NODE", "SUBQUERY"})
_MODIFIERS = frozenset({"DISTINCT_MODIFIER", "LIMIT_MODIFIER", "ORDER_MODIFIER"})
_SORTED = frozenset({"ASCENDING", "DESCENDING", "ORDER_DEFAULT"})
_OUTSIDE = ("sample", "at_clause", "schema", "schema_name", "catalog", "catalog_name", "qualify")
_STATED: Mapping[r.ValueType, str] = {
    "INTEGER": "BIGINT", "DECIMAL": "DECIMAL", "DOUBLE": "DOUBLE", "TEXT": "VARCHAR", "DATE": "DATE",
    "BOOLEAN": "BOOLEAN", "UUID": "UUID",
}  # fmt: skip


def certify_wide(
    plan: FederatedPlan,
    *,
    asked: str,
    parameters: Mapping[str, r.Constant],
    order: tuple[r.SortKey, ...],
    facts: QueryFacts,
    obligations: Obligations,
    catalogue: Catalogue,
    as_of: date,
    digest_key: bytes,
) -> Certificate:
    """Prove that a plan keeps its obligations, reads of nobody, and asks what was asked.

    Raises:
        NotCertified: with the number of the statement above that fails.
    """
    check_orders(plan, facts, obligations, catalogue)
    for scan, fact in zip(plan.scans, facts.scans, strict=True):
        _require({c.column for c in scan.order.columns} == {c.column for c in fact.columns}, 3)
        _require(scan.order.predicates == all_of() and not scan.order.filter_forms and not scan.unknown, 3)
    _check_nobody(plan, facts, obligations, catalogue)
    final, text = _statement(plan.sql), _statement(asked)
    scans = {scan.id: scan.order.dataset for scan in plan.scans}
    _require(sorted(_read_outside(final, frozenset())) == sorted(scans), 5)
    _require(all(_is_known(node) for node in _nodes(final)) and _stars_put_nothing_out(final), 5)
    inner = _check_answer(final, plan, facts)
    _require(_compared(inner, scans) == _compared(text, {}), 7)
    typed = {name: (type(value), value) for name, value in parameters.items()}
    _require(typed == {name: (type(value), value) for name, value in plan.parameters.items()}, 7)
    _require(plan.order == order and plan.output == obligations.output, 7)
    _require(all(scan.order.as_of == as_of for scan in plan.scans), 7)
    return certificate_of(plan, facts=facts, obligations=obligations, digest_key=digest_key)


def _require(proved: bool, statement: int) -> None:
    if not proved:
        raise NotCertified("not-certified", statement=statement)


def _check_nobody(plan: FederatedPlan, facts: QueryFacts, obligations: Obligations, catalogue: Catalogue) -> None:
    _require(facts.output.kind == "impersonal" and bool(facts.scans), 4)
    for fact in facts.scans:
        dataset = catalogue.dataset(fact.dataset)
        _require(fact.role == "impersonal" and dataset.impersonal and not dataset.derived, 4)
        for column in dataset.columns.values():
            _require(column.column_class == "attribute" and column.key is None, 4)
            _require(column.sensitivity == "normal" and column.origin == "own", 4)
    output = obligations.output
    _require(output.min_group_size == 0 and not output.count_by and output.compare is None and not output.sensitive, 4)
    for obligation in obligations.scans.values():
        _require(not obligation.exclude and obligation.filter == all_of() and not obligation.unknown, 4)
    _require(plan.population is None and not plan.row_counts, 4)
    _require(not any(c.counts or c.filtered or c.tells or c.unknown for c in plan.columns), 4)


def _statement(sql: str) -> dict[str, Any]:
    document = serialised(sql)
    if document is None or len(document["statements"]) != 1:
        raise NotCertified("not-certified", statement=5)
    statement: dict[str, Any] = document["statements"][0]["node"]
    return statement


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _nodes(part)
    elif isinstance(value, list):
        for part in value:
            yield from _nodes(part)


def _read_outside(value: object, named: frozenset[str]) -> Iterator[str]:
    """Tables that the engine reads, each as often as it stands there, and not one of WITH: names tell no case apart.

    A name of WITH stands for its query in what follows it, not within itself and not before.
    """
    if isinstance(value, list):
        for part in value:
            yield from _read_outside(part, named)
    if not isinstance(value, dict):
        return
    if value.get("type") == "BASE_TABLE" and value["table_name"].lower() not in named:
        yield value["table_name"]
    for entry in value.get("cte_map", {}).get("map", ()):
        yield from _read_outside(entry["value"], named)
        named |= {entry["key"].lower()}
    for name, part in value.items():
        if name != "cte_map":
            yield from _read_outside(part, named)


def _is_known(node: dict[str, Any]) -> bool:
    kind = node.get("type")
    if any(node.get(name) for name in _OUTSIDE):
        return False
    if "class" in node:
        return (
            node["class"] in _CLASSES
            and (node["class"] != "OPERATOR" or kind in _OPERATORS)
            and ("function_name" not in node or node["function_name"] in _FUNCTIONS)
            and ("subquery_type" not in node or node["subquery_type"] in _SUBQUERIES)
            and not any(node.get(name) for name in ("order_bys", "export_state", "try_cast"))
            and node["class"] != "WINDOW"
        ) or (_is_window(node) if node["class"] == "WINDOW" else _is_plain_function(node))
    if kind == "JOIN":
        return node["join_type"] in ("INNER", "LEFT") and node["ref_type"] in ("REGULAR", "CROSS")
    if kind == "SELECT_NODE":
        return bool(node["aggregate_handling"] == "STANDARD_HANDLING" and len(node["group_sets"]) <= 1)
    return not isinstance(kind, str) or kind in _SOURCES | _MODIFIERS | _SORTED


def _is_plain_function(node: dict[str, Any]) -> bool:
    """A function that carries an order of its arguments, as the engine always does, with nothing in it."""
    ordered = node.get("order_bys") or {}
    return (
        node["class"] == "FUNCTION"
        and node["function_name"] in _FUNCTIONS
        and not ordered.get("orders")
        and not node.get("export_state")
    )


def _is_window(node: dict[str, Any]) -> bool:
    """A window with the frame that SQL takes by itself: rows that are alike in its order share one value."""
    return (
        node["function_name"] in _WINDOWS
        and (node["start"], node["end"]) == ("UNBOUNDED_PRECEDING", "CURRENT_ROW_RANGE")
        and node["exclude_clause"] == "NO_OTHER"
        and not any(node[name] for name in ("start_expr", "end_expr", "offset_expr", "default_expr", "arg_orders"))
        and not node["ignore_nulls"]
    )


def _stars_put_nothing_out(node: object, *, below_exists: bool = False) -> bool:
    """Every star is the whole SELECT list of an EXISTS."""
    if isinstance(node, list):
        return all(_stars_put_nothing_out(part) for part in node)
    if not isinstance(node, dict):
        return True
    if node.get("class") == "STAR":
        return False
    if node.get("subquery_type") in ("EXISTS", "NOT_EXISTS"):
        rest = {name: part for name, part in node.items() if name not in ("subquery", "subquery_type")}
        return _stars_put_nothing_out(rest) and _stars_put_nothing_out(node["subquery"]["node"], below_exists=True)
    if below_exists and [each.get("class") for each in node["select_list"]] == ["STAR"]:
        return _stars_put_nothing_out({name: part for name, part in node.items() if name != "select_list"})
    return all(_stars_put_nothing_out(part) for part in node.values())


def _check_answer(final: dict[str, Any], plan: FederatedPlan, facts: QueryFacts) -> dict[str, Any]:
    """Statement 6; the subquery of which the answer's columns are put out."""
    names = [column.name for column in plan.columns]
    source = final["from_table"]
    _require(source["type"] == "SUBQUERY" and source["column_name_alias"] == names, 6)
    _require(names == [column.name for column in facts.output.columns] and bool(names), 6)
    inner: dict[str, Any] = source["subquery"]["node"]
    bare = {**final, "select_list": [], "from_table": {**source, "subquery": None, "column_name_alias": []}}
    stub = _statement('SELECT 1 FROM (SELECT 1) AS "answer"')
    stub["select_list"], stub["from_table"]["subquery"] = [], None
    _require(_compared(bare, {}) == _compared(stub, {}), 6)
    _require(len(final["select_list"]) == len(names), 6)
    for item, column in zip(final["select_list"], plan.columns, strict=True):
        _require(item["class"] == "CAST" and item["alias"] == column.name and not item["try_cast"], 6)
        _require(item["operand"].get("column_names") == [source["alias"], column.name], 6)
        _require(item["type_expr"]["type_name"] == _STATED[column.type], 6)
    return inner


def _compared(value: object, scans: Mapping[str, str]) -> object:
    """A tree for comparison: without places in the text, and with datasets where tables are read."""
    if isinstance(value, list):
        return [_compared(part, scans) for part in value]
    if not isinstance(value, dict):
        return value
    plain = {name: part for name, part in _canonical(value).items() if not name.startswith("query_location")}
    if plain.get("type") == "BASE_TABLE":
        name = plain["table_name"].lower()
        schema = plain.pop("schema_name").lower()
        plain["alias"] = (plain["alias"] or name).lower()
        plain["table_name"] = scans.get(name, f"{schema}.{name}" if schema else name)
        plain.pop("qualified_name")
    return {name: _compared(part, scans) for name, part in plain.items()}


def _canonical(node: dict[str, Any]) -> dict[str, Any]:
    """One way of writing where there are several: what is written here is what the engine itself takes for the same."""
    kind, name = node.get("type"), str(node.get("function_name"))
    if kind == "OPERATOR_IS_NOT_NULL":
        return {**node, "type": "OPERATOR_NOT", "operands": [{**node, "type": "OPERATOR_IS_NULL", "alias": ""}]}
    if kind == "FUNCTION" and name == "+" and len(node["arguments"]) == 1:
        return _canonical({**node["arguments"][0]["expression"], "alias": node["alias"]})
    if kind == "FUNCTION" and name in _SYNONYMS:
        return {**node, "function_name": _SYNONYMS[name], "qualified_name": {"path": [_SYNONYMS[name]]}}
    if kind == "FUNCTION" and name.startswith("to_"):
        return {**node, "arguments": _without_quotes(node["arguments"])}
    if kind == "TYPE":
        written = node["type_name"].upper()
        return {**node, "type_name": "VARCHAR" if written == "TEXT" else written, "qualified_name": None}
    return node


_SYNONYMS = {"substr": "substring", "len": "length", "char_length": "length"}


def _without_quotes(value: Any) -> Any:
    """``INTERVAL 3 MONTH`` and ``INTERVAL '3' MONTH``: the number is the same."""
    if isinstance(value, list):
        return [_without_quotes(part) for part in value]
    if not isinstance(value, dict):
        return value
    if value.keys() >= {"kind", "text"} and str(value["text"]).isdigit():
        return {**value, "kind": "INTEGER"}
    return {name: _without_quotes(part) for name, part in value.items()}
