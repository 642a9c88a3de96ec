"""The final SQL read back into the broker's algebra, from the engine's own reading of it.

The certificate compares what will run with what was asked. It must not ask the generator what the generator wrote, so
it asks the engine: ``json_serialize_sql`` gives the tree that the engine itself would run, and each node of it has one
meaning in the algebra here, or none. What has none is not certified; a construct that the language admits is admitted
here, too, or its queries do not run.

What the text of SQL cannot carry is left empty: datasets of scans, ids of scopes, types of parameters, the order of the
answer. `bare` makes the asked query comparable by emptying the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import date
from typing import Any, Literal, TypeAlias, cast

from query_broker import relational as r
from query_broker.second_reading import serialised

_Node: TypeAlias = dict[str, Any]

_COMPARISONS: Mapping[str, Literal["=", "<>", "<", "<=", ">", ">="]] = {
    "COMPARE_EQUAL": "=",
    "COMPARE_NOTEQUAL": "<>",
    "COMPARE_LESSTHAN": "<",
    "COMPARE_LESSTHANOREQUALTO": "<=",
    "COMPARE_GREATERTHAN": ">",
    "COMPARE_GREATERTHANOREQUALTO": ">=",
}
_ARITHMETIC = ("+", "-", "*", "//", "%")
_AGGREGATES = ("count", "count_star", "sum", "min", "max", "avg", "bool_or", "bool_and")
_SCALARS = ("abs", "least", "greatest", "nullif", "year", "month")
_DESCENDING: Mapping[str, bool] = {"ASCENDING": False, "ORDER_DEFAULT": False, "DESCENDING": True}


class NoReading(Exception):  # noqa: N818 - it is a verdict on a text
    """The SQL holds something that the algebra has no word for."""


def read_back(sql: str) -> r.Select:
    """The query that an engine would run for a text.

    Raises:
        NoReading: the engine cannot read it, or it says more than the algebra can.
    """
    document = serialised(sql)
    if document is None or len(document["statements"]) != 1:
        raise NoReading
    try:
        return _select(document["statements"][0]["node"])
    except (KeyError, TypeError, ValueError, IndexError):
        raise NoReading from None


def bare(select: r.Select) -> r.Select:
    """The query without what SQL over scans does not say, its conjunctions and alternatives flat."""
    return replace(cast("r.Select", _bare(select)), order=())


def conjuncts(conditions: tuple[r.Expression, ...]) -> list[r.Expression]:
    """Conditions that all hold, one by one, however they were bracketed."""
    found: list[r.Expression] = []
    for condition in conditions:
        found.extend(conjuncts(condition.parts) if isinstance(condition, r.And) else [condition])
    return found


def _bare(value: Any) -> Any:
    if isinstance(value, tuple):
        return tuple(_bare(item) for item in value)
    if not is_dataclass(value) or isinstance(value, type):
        return value
    whole: Any = replace(value, **{field.name: _bare(getattr(value, field.name)) for field in fields(value)})
    match whole:
        case r.Select():
            return replace(whole, id="")
        case r.TableScan():
            return replace(whole, dataset="")
        case r.Parameter():
            return replace(whole, type="TEXT")
        case r.And(parts=parts):
            return r.And(parts=tuple(conjuncts(parts)))
        case r.Or(parts=parts):
            flat: list[r.Expression] = []
            for part in parts:
                flat.extend(part.parts if isinstance(part, r.Or) else [part])
            return r.Or(parts=tuple(flat))
        case _:
            return whole


def _only(node: _Node, *known: str) -> None:
    """Refuse a node with anything in it that its reading does not look at."""
    said = {name for name, value in node.items() if value not in (None, "", [], {}, False)}
    if said - {"query_location", "query_location_length", "type", "class", "alias", *known}:
        raise NoReading


def _select(node: _Node) -> r.Select:
    if node["type"] != "SELECT_NODE":
        raise NoReading
    read = {"select_list", "from_table", "where_clause", "group_expressions", "group_sets"}
    _only(node, *read, "aggregate_handling", "cte_map")
    if node["aggregate_handling"] != "STANDARD_HANDLING" or node["cte_map"]["map"]:
        raise NoReading
    group = tuple(_expression(key) for key in node["group_expressions"])
    if node["group_sets"] not in ([], [list(range(len(group)))]):
        raise NoReading
    projections = tuple(
        r.Projection(name=_name(item["alias"]), expression=_expression(item)) for item in node["select_list"]
    )
    where = node["where_clause"]
    aggregated = any(isinstance(e, r.Aggregate) for p in projections for e in r.walk(p.expression))
    return r.Select(
        id="",
        sources=_sources(node["from_table"]),
        where=(_expression(where),) if where else (),
        grouped=bool(group) or aggregated,
        group=group,
        projections=projections,
        order=(),
    )


def _name(alias: str) -> str:
    if not alias:
        raise NoReading
    return alias


def _sources(node: _Node) -> tuple[r.JoinedSource, ...]:
    if node["type"] != "JOIN":
        return (r.JoinedSource(source=_source(node), join="from", on=()),)
    # The nearest-join's numbers have values at every join; it would say so in ref_type.
    _only(node, "left", "right", "condition", "join_type", "ref_type", "nearest_count", "nearest_order_type")
    join = {"INNER": "inner", "LEFT": "left"}[node["join_type"]]
    if node["ref_type"] != "REGULAR" or node["right"]["type"] == "JOIN":
        raise NoReading
    on = (_expression(node["condition"]),)
    joined = r.JoinedSource(source=_source(node["right"]), join=cast("Literal['inner', 'left']", join), on=on)
    return (*_sources(node["left"]), joined)


def _source(node: _Node) -> r.TableScan | r.Derived:
    alias = _name(node["alias"])
    if node["type"] == "BASE_TABLE":
        _only(node, "table_name", "qualified_name")
        if node["table_name"] != alias or node["qualified_name"]["path"] != [alias]:
            raise NoReading
        return r.TableScan(id=alias, dataset="")
    if node["type"] == "SUBQUERY":
        _only(node, "subquery")
        return r.Derived(id=alias, query=_select(node["subquery"]["node"]))
    raise NoReading


def _expression(node: _Node) -> r.Expression:
    match node["class"]:
        case "COLUMN_REF":
            _only(node, "column_names")
            source, name = node["column_names"]
            return r.ColumnRef(source=source, name=name)
        case "CONSTANT":
            _only(node, "literal")
            return _literal(node["literal"])
        case "PARAMETER":
            _only(node, "identifier")
            return r.Parameter(name=node["identifier"], type="TEXT")
        case "COMPARISON":
            _only(node, "left", "right")
            return r.Comparison(
                operator=_COMPARISONS[node["type"]], left=_expression(node["left"]), right=_expression(node["right"])
            )
        case "CONJUNCTION":
            _only(node, "operands")
            parts = tuple(map(_expression, node["operands"]))
            if node["type"] not in ("CONJUNCTION_AND", "CONJUNCTION_OR"):
                raise NoReading
            return r.And(parts=parts) if node["type"] == "CONJUNCTION_AND" else r.Or(parts=parts)
        case "OPERATOR":
            _only(node, "operands")
            return _operator(node["type"], tuple(map(_expression, node["operands"])))
        case "CASE":
            _only(node, "case_checks", "else_expr")
            branches = tuple((_expression(c["when_expr"]), _expression(c["then_expr"])) for c in node["case_checks"])
            otherwise = None if _is_null(node["else_expr"]) else _expression(node["else_expr"])
            return r.Case(branches=branches, otherwise=otherwise)
        case "CAST":
            return _cast(node)
        case "SUBQUERY":
            return _subquery(node)
        case "WINDOW" if node["function_name"] != "sum":
            return _window(node)
        case "FUNCTION" if node["function_name"] != "sum":
            return _function(node)
        case _:
            raise NoReading


def _literal(document: _Node) -> r.Literal:
    _only(document, "kind", "text")
    kind, text = document["kind"], document.get("text", "")
    match kind:
        case "INTEGER":
            return r.Literal(value=int(text), type="INTEGER")
        case "STRING":
            return r.Literal(value=text, type="TEXT")
        case "BOOLEAN":
            return r.Literal(value={"true": True, "false": False}[text.lower()], type="BOOLEAN")
        case _:
            raise NoReading


def _is_null(node: _Node | None) -> bool:
    return node is None or (node["class"] == "CONSTANT" and node["literal"]["kind"] == "NULL_LITERAL")


def _operator(kind: str, parts: tuple[r.Expression, ...]) -> r.Expression:
    if kind == "OPERATOR_NOT" and len(parts) == 1:
        return r.Not(part=parts[0])
    if kind == "OPERATOR_IS_NULL" and len(parts) == 1:
        return r.IsNull(part=parts[0])
    if kind == "OPERATOR_COALESCE" and parts:
        return r.Function(name="coalesce", arguments=parts)
    if kind == "COMPARE_IN" and len(parts) > 1:
        items = tuple(part for part in parts[1:] if isinstance(part, r.Literal | r.Parameter))
        if len(items) == len(parts) - 1:
            return r.InList(part=parts[0], items=items)
    raise NoReading


def _cast(node: _Node) -> r.Expression:
    """The casts that the final SQL may hold: a date's text or a unit's first day into a date, a sum into 64 bits."""
    _only(node, "operand", "type_expr")
    to, inner = node["type_expr"], node["operand"]
    _only(to, "type_name", "qualified_name")
    if to["type_name"] == "BIGINT" and inner.get("function_name") == "sum":
        return _window(inner) if inner["class"] == "WINDOW" else _function(inner)
    if to["type_name"] == "DATE" and inner.get("function_name") == "date_trunc":
        return _date_trunc(inner)
    text = _expression(inner)
    if to["type_name"] == "DATE" and isinstance(text, r.Literal) and isinstance(text.value, str):
        return r.Literal(value=date.fromisoformat(text.value), type="DATE")
    raise NoReading


def _date_trunc(node: _Node) -> r.Expression:
    _only(node, "function_name", "qualified_name", "arguments", "order_bys")
    unit, value = (_expression(argument["expression"]) for argument in node["arguments"])
    if node["qualified_name"]["path"] != ["date_trunc"] or node["order_bys"]["orders"]:
        raise NoReading
    return r.Function(name="date_trunc", arguments=(unit, value))


def _window(node: _Node) -> r.Window:
    """A window over the rows of one key, with the frame that SQL takes by itself."""
    _only(
        node, "function_name", "qualified_name", "arguments", "partitions", "orders", "start", "end", "exclude_clause"
    )
    frame = (node["start"], node["end"], node["exclude_clause"])
    if frame != ("UNBOUNDED_PRECEDING", "CURRENT_ROW_RANGE", "NO_OTHER"):
        raise NoReading
    name = node["function_name"]
    if node["qualified_name"]["path"] != [name]:
        raise NoReading
    order: list[tuple[r.Expression, bool]] = []
    for key in node["orders"]:
        if key["null_order"] not in ("NULLS LAST", "ORDER_DEFAULT"):
            raise NoReading
        order.append((_expression(key["expression"]), _DESCENDING[key["type"]]))
    return r.Window(
        name=cast("Any", "count" if name == "count_star" else name),
        arguments=tuple(_expression(argument["expression"]) for argument in node["arguments"]),
        partition=tuple(map(_expression, node["partitions"])),
        order=tuple(order),
    )


def _without_flag_cast(node: _Node) -> r.Expression:
    """A flag in the cast that the generator puts around what ``bool_or`` takes; on a flag it does nothing."""
    if node["class"] != "CAST":
        return _expression(node)
    _only(node, "operand", "type_expr")
    _only(node["type_expr"], "type_name", "qualified_name")
    if node["type_expr"]["type_name"] != "BOOLEAN":
        raise NoReading
    return _expression(node["operand"])


def _subquery(node: _Node) -> r.Expression:
    _only(node, "subquery_type", "subquery", "operand", "comparison_type")
    query = _select(node["subquery"]["node"])
    if node["subquery_type"] == "EXISTS" and not node.get("operand") and node["comparison_type"] == "INVALID":
        return r.Exists(query=query)
    if node["subquery_type"] == "ANY" and node["comparison_type"] == "COMPARE_EQUAL":
        return r.InQuery(part=_expression(node["operand"]), query=query)
    raise NoReading


def _function(node: _Node) -> r.Expression:
    _only(node, "function_name", "qualified_name", "arguments", "filter", "distinct", "order_bys", "is_operator")
    name = node["function_name"]
    if node["qualified_name"]["path"] != [name] or node["order_bys"]["orders"]:
        raise NoReading
    for argument in node["arguments"]:
        _only(argument, "expression")
    plain = _without_flag_cast if name in ("bool_or", "bool_and") else _expression
    arguments = tuple(plain(argument["expression"]) for argument in node["arguments"])
    if name in _AGGREGATES:
        return _aggregate(node, name, arguments)
    if node["filter"] or node["distinct"]:
        raise NoReading
    if name in _ARITHMETIC and len(arguments) == 2:
        return r.Arithmetic(operator=name, left=arguments[0], right=arguments[1])
    if name in _SCALARS:
        return r.Function(name=name, arguments=arguments)
    raise NoReading


def _aggregate(node: _Node, name: str, arguments: tuple[r.Expression, ...]) -> r.Aggregate:
    if (name == "count_star") != (not arguments) or len(arguments) > 1:
        raise NoReading
    return r.Aggregate(
        name=cast("Any", "count" if name == "count_star" else name),
        argument=arguments[0] if arguments else None,
        distinct=bool(node["distinct"]),
        where=_expression(node["filter"]) if node["filter"] else None,
    )
