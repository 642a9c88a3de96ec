"""Stage 5, **certify**: an independent reading of the final SQL and of the scan orders, against the decision.

Nothing of the rewriter is used here: the final SQL is parsed afresh, and a second parser, DuckDB's own, has to name the
same tables. What is proved:

1. every scan that the facts describe is ordered once, of its own dataset, and nothing else is ordered;
2. every order carries the decision's row filter, its exclusions and its pseudonym space, unchanged;
3. every column that leaves was read by the asked query (or is counted by), leaves in exactly the granted form, and is
   allowed to leave; predicates read granted forms only;
4. the final SQL names each scan exactly once and no other table, and reads of it only columns that its order brings;
5. both parsers agree on the tables and on the functions, all of which are on the allow-list;
6. where groups must have a smallest size, the SQL counts distinct persons for the row and for each measure.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import rfc8785
import sqlglot
from sqlglot import exp

from governance.conditions import fields_of
from governance.decisions import Obligations
from governance.errors import SekishoError
from governance.facts import QueryFacts
from query_broker.rewrite import FederatedPlan, PlannedScan

_FUNCTIONS = frozenset(
    {"count", "count_star", "sum", "min", "max", "avg", "bool_or", "bool_and"}
    | {"coalesce", "abs", "least", "greatest", "nullif", "+", "-", "*", "//", "%"}
)


class NotCertified(SekishoError):  # noqa: N818 - a refusal, like its siblings
    """The plan does not prove its obligations. A fault of ours, found before any department was asked."""

    exit_status = 5
    kind = "fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What was proved, as digests for the ledger.

    Attributes:
        final_sql_digest: keyed digest of the SQL that runs.
        digest: SHA-256 over the asked query's digest, the obligations and the final SQL's digest.
    """

    final_sql_digest: str
    digest: str


def certify(plan: FederatedPlan, *, facts: QueryFacts, obligations: Obligations, digest_key: bytes) -> Certificate:
    """Prove that a plan keeps its obligations.

    Raises:
        NotCertified: with the number of the statement above that fails.
    """
    _check_orders(plan, facts, obligations)
    tree = sqlglot.parse_one(plan.sql, read="duckdb")
    brought = {scan.id: {c.column for c in scan.order.columns} for scan in plan.scans}
    _check_tables(tree, brought)
    _check_second_reading(plan.sql, set(brought))
    if obligations.output.min_group_size > 0:
        _check_counts(tree, plan)
    final = hmac.new(digest_key, plan.sql.encode(), hashlib.sha256).hexdigest()
    whole: dict[str, Any] = {"asked": facts.sql_digest, "obligations": obligations.to_json(), "final": final}
    return Certificate(final_sql_digest=final, digest=hashlib.sha256(rfc8785.dumps(whole)).hexdigest())


def _require(proved: bool, statement: int) -> None:
    if not proved:
        raise NotCertified("not-certified", statement=statement)


def _check_orders(plan: FederatedPlan, facts: QueryFacts, obligations: Obligations) -> None:
    described = {scan.id: scan for scan in facts.scans}
    _require([s.id for s in plan.scans] == list(described) and set(described) == set(obligations.scans), 1)
    for scan in plan.scans:
        _require(scan.order.dataset == described[scan.id].dataset, 1)
        _check_order(scan, {c.column for c in described[scan.id].columns}, obligations)


def _check_order(scan: PlannedScan, read: set[str], obligations: Obligations) -> None:
    granted, order = obligations.scans[scan.id], scan.order
    _require(order.filter == granted.filter and set(order.exclude) == set(granted.exclude), 2)
    _require(order.pseudonyms == obligations.pseudonyms, 2)
    _require(bool(order.columns), 3)
    for column in order.columns:
        _require(column.column in read and granted.forms.get(column.column) == column.form and column.form.leaves, 3)
    leaving = {c.column for c in order.columns}
    for name, form in order.filter_forms.items():
        _require(name in read and granted.forms.get(name) == form and name not in leaving, 3)
    _require(fields_of(order.predicates) <= leaving | set(order.filter_forms), 3)


def _check_tables(tree: exp.Expr, brought: dict[str, set[str]]) -> None:
    tables = list(tree.find_all(exp.Table))
    _require(sorted(t.name for t in tables) == sorted(brought), 4)
    _require(all(t.alias == t.name and not t.db and not t.catalog for t in tables), 4)
    subqueries = {s.alias for s in tree.find_all(exp.Subquery) if s.alias}
    _require(not subqueries & set(brought), 4)
    _require(not list(tree.find_all(exp.CTE, exp.Dot, exp.TableColumn, exp.Window, exp.SetOperation)), 4)
    for star in tree.find_all(exp.Star):
        _require(isinstance(star.parent, exp.Count), 4)
    for column in tree.find_all(exp.Column):
        table = column.table
        _require(table in subqueries or column.name in brought.get(table, set()), 4)


def _check_second_reading(sql: str, scans: set[str]) -> None:
    with duckdb.connect(":memory:") as connection:
        rows = connection.execute("SELECT json_serialize_sql($sql)", {"sql": sql}).fetchall()
    document = json.loads(rows[0][0])
    _require(document.get("error") is False and len(document["statements"]) == 1, 5)
    nodes = list(_nodes(document))
    tables = [n["table_name"] for n in nodes if n.get("type") == "BASE_TABLE"]
    _require(sorted(tables) == sorted(scans), 5)
    _require(not any(n.get("type") in ("TABLE_FUNCTION", "SHOW_REF", "COLUMN_DATA") for n in nodes), 5)
    _require({n["function_name"] for n in nodes if "function_name" in n} <= _FUNCTIONS, 5)


def _nodes(value: object) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _nodes(child)
    elif isinstance(value, list):
        for child in value:
            yield from _nodes(child)


def _check_counts(tree: exp.Expr, plan: FederatedPlan) -> None:
    _require(isinstance(tree, exp.Select) and bool(plan.row_counts), 6)
    projected = {item.alias: item.this for item in tree.expressions}
    for name in {*plan.row_counts, *(c for column in plan.columns for c in column.counts)}:
        counted = projected.get(name)
        call = counted.this if isinstance(counted, exp.Filter) else counted
        _require(isinstance(call, exp.Count) and isinstance(call.this, exp.Distinct), 6)
    keys = {item.sql() for item in tree.args["group"].expressions} if tree.args.get("group") else set()
    for column in plan.columns:
        _require(projected[column.name].sql() in keys or bool(column.counts), 6)
