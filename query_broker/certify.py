"""Stage 5, **certify**: an independent reading of the final SQL and of the scan orders, against the decision.

Nothing of the rewriter is used here: the final SQL is parsed afresh, and a second parser, DuckDB's own, has to name the
same tables. What is proved:

1. every scan that the facts describe is ordered once, of its own dataset, and nothing else is ordered;
2. every order carries the decision's row filter, its exclusions and its pseudonym space, unchanged;
3. every column that leaves was read by the asked query (or is counted by), leaves in exactly the granted form, and is
   allowed to leave; predicates read granted forms only;
4. the final SQL names each scan exactly once and no other table, reads of it only columns that its order brings, and
   puts out the asked columns, the counts of statement 6 and nothing else;
5. both parsers agree on the tables; every expression, function and join of the second reading is on an allow-list;
6. where groups must have a smallest size, the SQL counts distinct persons (and households) of the cohort for the row
   and, under the measure's own conditions, for each measure.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any

import rfc8785
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from governance.conditions import fields_of
from governance.decisions import Obligations
from governance.errors import SekishoError
from governance.facts import QueryFacts
from query_broker.rewrite import FederatedPlan, PlannedScan
from query_broker.second_reading import tables_read


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
    try:
        tree = sqlglot.parse_one(plan.sql, read="duckdb")
    except SqlglotError:
        raise NotCertified("not-certified", statement=5) from None
    brought = {scan.id: {c.column for c in scan.order.columns} for scan in plan.scans}
    _check_tables(tree, brought)
    _check_output(tree, plan, facts)
    _require(tables_read(plan.sql) == sorted(brought), 5)
    if obligations.output.min_group_size > 0:
        _check_counts(tree, plan, facts, obligations)
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


def _check_output(tree: exp.Expr, plan: FederatedPlan, facts: QueryFacts) -> None:
    asked = [column.name for column in facts.output.columns]
    counts = {*plan.row_counts, *(name for column in plan.columns for name in column.counts)}
    _require(isinstance(tree, exp.Select) and [column.name for column in plan.columns] == asked, 4)
    names = [item.alias for item in tree.expressions]
    _require(names[: len(asked)] == asked and sorted(names[len(asked) :]) == sorted(counts), 4)


def _check_counts(tree: exp.Expr, plan: FederatedPlan, facts: QueryFacts, obligations: Obligations) -> None:
    _require(bool(plan.row_counts), 6)
    projected = {item.alias: item.this for item in tree.expressions}
    units = [_counted(projected.get(name)) for name in plan.row_counts]
    _require(not any(conditions for _, conditions in units), 6)
    counted = [column for column, _ in units]
    persons = {(c.scan, c.column) for c in obligations.output.count_by if c.unit == "person"}
    households = any(c.unit == "household" for c in obligations.output.count_by)
    _require(bool(persons) and persons <= set(counted) and len(set(counted)) >= len(persons) + households, 6)
    _require({scan for scan, _ in counted} <= {scan.id for scan in facts.scans if scan.role == "cohort"}, 6)
    keys = {key.sql() for key in tree.args["group"].expressions} if tree.args.get("group") else set()
    for column in plan.columns:
        measure = projected[column.name]  # it is there: statement 4
        if measure.sql() in keys:
            continue
        conditions = _contributes(measure)
        contributing = [_counted(projected.get(name)) for name in column.counts]
        _require([counted_column for counted_column, _ in contributing] == counted, 6)
        _require(all(conditions <= found for _, found in contributing), 6)
        _require(column.filtered or not measure.find(exp.Filter, exp.Case), 6)


def _counted(projected: exp.Expr | None) -> tuple[tuple[str, str], frozenset[str]]:
    """Of a count of distinct values: the column, as scan and name, and the conditions of its FILTER."""
    call, conditions = _unfiltered(projected)
    distinct = call.this if isinstance(call, exp.Count) else None
    columns = distinct.expressions if isinstance(distinct, exp.Distinct) else []
    _require(len(columns) == 1 and isinstance(columns[0], exp.Column), 6)
    return (columns[0].table, columns[0].name), conditions


def _contributes(projected: exp.Expr) -> frozenset[str]:
    """What a row must at least meet to contribute to a measure."""
    call, conditions = _unfiltered(projected.this if isinstance(projected, exp.Cast) else projected)
    _require(isinstance(call, exp.Count | exp.Sum | exp.Avg), 6)
    argument = call.this if call is not None else None
    if isinstance(argument, exp.Distinct):
        argument = argument.expressions[0]
    if argument is None or isinstance(argument, exp.Star):
        return conditions
    return conditions | {_not_null(argument)}


def _unfiltered(projected: exp.Expr | None) -> tuple[exp.Expr | None, frozenset[str]]:
    if not isinstance(projected, exp.Filter):
        return projected, frozenset()
    rest, conditions = [projected.expression.this], set()
    while rest:
        part = rest.pop().unnest()
        if isinstance(part, exp.And):
            rest.extend((part.this, part.expression))
        elif isinstance(part, exp.Not) and isinstance(part.this.unnest(), exp.Is):
            conditions.add(_not_null(part.this.unnest().this))
        else:
            conditions.add(part.sql())
    return projected.this, frozenset(conditions)


def _not_null(argument: exp.Expr) -> str:
    return f"{argument.unnest().sql()} IS NOT NULL"
