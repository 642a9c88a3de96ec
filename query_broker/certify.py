"""Stage 5, **certify**: an independent reading of the final SQL and of the scan orders, against the decision.

Nothing of the rewriter is used here (a test holds that): the final SQL is parsed afresh, and a second parser, DuckDB's
own, has to name the same tables and to mean the asked query. What is proved:

1. every scan that the facts describe is ordered once, of its own dataset and from its holder, and nothing else is;
2. every order carries the decision's row filter, its exclusions and its pseudonym space, unchanged;
3. every column that leaves was read by the asked query (or is counted by), leaves in exactly the granted form, and is
   allowed to leave; predicates read granted forms only;
4. the final SQL names each scan exactly once and no other table, reads of it exactly the columns that its order brings,
   and puts out the asked columns, the counts of statement 6 and nothing else;
5. both parsers agree on the tables; every expression, function and join of the second reading is on an allow-list;
6. where groups must have a smallest size, the SQL counts distinct persons (and households) of the cohort for the row
   and, under exactly the measure's own conditions, for each measure; elsewhere it counts nobody;
7. the final SQL and the scans' predicates together are the asked query (`same_query`): the same scans in the same
   places of the same joins, the same conditions, keys, columns and order, with the same values of parameters, for the
   same day and under the same output obligation;
8. where groups must have a smallest size, the persons behind the answer are those of the same scans, joins and
   conditions: by its group keys, person and household, and for each measure whether they meet its conditions;
9. scans of data that are out of date, and no others, are not asked for; no row rests on one of them, and every column
   that does is put out as unknown.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import rfc8785
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from governance.catalogue import Catalogue
from governance.conditions import fields_of
from governance.decisions import Obligations
from governance.errors import SekishoError
from governance.facts import QueryFacts
from governance.forms import form_type
from query_broker import relational as r
from query_broker.contributors import Contributors
from query_broker.parse import ParsedQuery
from query_broker.plan import FederatedPlan, PlannedScan
from query_broker.read_back import NoReading, bare, conjuncts, read_back
from query_broker.same_query import NotTheSame, prove_same
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
        digest: SHA-256 over the asked query's digest, the obligations, and the digests of the final SQL and of the SQL
            of the persons behind it.
    """

    final_sql_digest: str
    digest: str


def certify(
    plan: FederatedPlan,
    *,
    parsed: ParsedQuery,
    facts: QueryFacts,
    obligations: Obligations,
    catalogue: Catalogue,
    as_of: date,
    digest_key: bytes,
) -> Certificate:
    """Prove that a plan keeps its obligations and asks what was asked.

    Raises:
        NotCertified: with the number of the statement above that fails.
    """
    check_orders(plan, facts, obligations, catalogue)
    try:
        tree = sqlglot.parse_one(plan.sql, read="duckdb")
    except SqlglotError:
        raise NotCertified("not-certified", statement=5) from None
    brought = {scan.id: {c.column for c in scan.order.columns} for scan in plan.scans}
    _check_tables(tree, brought)
    _check_output(tree, plan, facts)
    _check_unknown(tree, plan, obligations)
    _require(tables_read(plan.sql, windows=True) == sorted(brought), 5)
    added = _check_same(plan, parsed, facts, obligations, as_of=as_of)
    if obligations.output.min_group_size > 0:
        _check_counts(bare(parsed.select), added, plan, facts, obligations)
        _check_population(plan, parsed, obligations)
    else:
        _require(not added and not plan.row_counts, 6)
        _require(not any(c.counts or c.filtered or c.tells for c in plan.columns), 6)
        _require(plan.population is None, 8)
    return certificate_of(plan, facts=facts, obligations=obligations, digest_key=digest_key)


def certificate_of(
    plan: FederatedPlan, *, facts: QueryFacts, obligations: Obligations, digest_key: bytes
) -> Certificate:
    """The digests of what was proved."""
    final = hmac.new(digest_key, plan.sql.encode(), hashlib.sha256).hexdigest()
    persons = plan.population.sql if plan.population is not None else ""
    whole: dict[str, Any] = {
        "asked": facts.sql_digest,
        "obligations": obligations.to_json(),
        "final": final,
        "population": hmac.new(digest_key, persons.encode(), hashlib.sha256).hexdigest(),
    }
    return Certificate(final_sql_digest=final, digest=hashlib.sha256(rfc8785.dumps(whole)).hexdigest())


def _require(proved: bool, statement: int) -> None:
    if not proved:
        raise NotCertified("not-certified", statement=statement)


def check_orders(plan: FederatedPlan, facts: QueryFacts, obligations: Obligations, catalogue: Catalogue) -> None:
    """Statements 1 to 3.

    Raises:
        NotCertified: with the number of the statement that fails.
    """
    described = {scan.id: scan for scan in facts.scans}
    _require([s.id for s in plan.scans] == list(described) and set(described) == set(obligations.scans), 1)
    for scan in plan.scans:
        dataset = catalogue.dataset(described[scan.id].dataset)
        _require(scan.order.dataset == dataset.name and scan.department == dataset.department, 1)
        _check_order(scan, {c.column for c in described[scan.id].columns}, obligations)
        _require(all(c.type == form_type(c.form, dataset.column(c.column).type) for c in scan.order.columns), 3)


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
    _require(not list(tree.find_all(exp.CTE, exp.Dot, exp.TableColumn, exp.SetOperation)), 4)
    _require(all(window.args.get("partition_by") for window in tree.find_all(exp.Window)), 4)
    for star in tree.find_all(exp.Star):
        _require(isinstance(star.parent, exp.Count), 4)
    read: dict[str, set[str]] = {scan: set() for scan in brought}
    for column in tree.find_all(exp.Column):
        _require(column.table in subqueries or column.table in brought, 4)
        read.get(column.table, set()).add(column.name)
    _require(read == brought, 4)


def _check_output(tree: exp.Expr, plan: FederatedPlan, facts: QueryFacts) -> None:
    asked = [column.name for column in facts.output.columns]
    counts = {*plan.row_counts, *(name for column in plan.columns for name in column.counts)}
    _require(isinstance(tree, exp.Select) and [column.name for column in plan.columns] == asked, 4)
    names = [item.alias for item in tree.expressions]
    _require(names[: len(asked)] == asked and sorted(names[len(asked) :]) == sorted(counts), 4)


def _check_unknown(tree: exp.Expr, plan: FederatedPlan, obligations: Obligations) -> None:
    unknown = {scan for scan, obligation in obligations.scans.items() if obligation.unknown}
    _require({scan.id for scan in plan.scans if scan.unknown} == unknown, 9)
    if not unknown:
        _require(not any(column.unknown for column in plan.columns), 9)
        return
    _require(obligations.output.min_group_size == 0, 9)
    reached: dict[str, set[str]] = {}

    def reads(node: exp.Expr | None) -> set[str]:
        if node is None:
            return set()
        columns = {scan for column in node.find_all(exp.Column) for scan in reached.get(column.table, set())}
        return columns | {table.name for table in node.find_all(exp.Table)}

    first = tree.args["from_"].this
    reached[first.alias_or_name] = reads(first)
    rows = set(reached[first.alias_or_name])
    for join in tree.args.get("joins") or []:
        _require(not join.args.get("using"), 9)
        reached[join.this.alias_or_name] = reads(join.this) | reads(join.args.get("on"))
        if join.side != "LEFT":
            rows |= reached[join.this.alias_or_name]
    for clause in ("where", "group", "having"):
        rows |= reads(tree.args.get(clause))
    _require(not any(tree.args.get(clause) for clause in ("limit", "offset", "distinct", "qualify")), 9)
    _require(not rows & unknown, 9)
    for column, item in zip(plan.columns, tree.expressions, strict=True):
        merged = any(not isinstance(each.parent, exp.Window) for each in item.find_all(exp.AggFunc))
        _require(column.unknown or not (merged or reads(item) & unknown), 9)


def _check_same(
    plan: FederatedPlan, parsed: ParsedQuery, facts: QueryFacts, obligations: Obligations, *, as_of: date
) -> tuple[r.Projection, ...]:
    """Statement 7; the projections that the final SQL has beside the asked ones."""
    asked = parsed.select
    _require([(s.id, s.dataset) for s in r.scans_in(asked)] == [(s.id, s.dataset) for s in facts.scans], 7)
    _require([p.name for p in asked.projections] == [c.name for c in facts.output.columns], 7)
    _require(plan.order == asked.order and plan.output == obligations.output, 7)
    _require(all(scan.order.as_of == as_of for scan in plan.scans), 7)
    try:
        final = read_back(plan.sql)
        read = {
            part.name
            for scope in r.scopes_in(final)
            for expression in r.scope_expressions(scope)
            for part in r.walk(expression)
            if isinstance(part, r.Parameter)
        }
        bound = {name: value for name, value in parsed.parameters.items() if name in read}
        _require(_typed(bound) == _typed(plan.parameters), 7)
        return _prove(asked, final, plan, parsed, obligations)
    except (NoReading, NotTheSame):
        raise NotCertified("not-certified", statement=7) from None


def _prove(
    asked: r.Select, final: r.Select, plan: FederatedPlan, parsed: ParsedQuery, obligations: Obligations
) -> tuple[r.Projection, ...]:
    staying = {
        r.ColumnRef(source=scan, name=column)
        for scan, granted in obligations.scans.items()
        for column, form in granted.forms.items()
        if not form.leaves
    }
    return prove_same(
        asked,
        final,
        parameters=parsed.parameters,
        ordered={scan.id: scan.order.predicates for scan in plan.scans},
        # ADR 0011: the number of rows that leave for an aggregate must not be one that the query chose.
        only_with=frozenset(staying) if obligations.output.min_group_size > 0 else None,
    )


def _typed(parameters: Mapping[str, r.Constant]) -> dict[str, tuple[type, r.Constant]]:
    return {name: (type(value), value) for name, value in parameters.items()}


def _check_counts(
    select: r.Select, added: tuple[r.Projection, ...], plan: FederatedPlan, facts: QueryFacts, obligations: Obligations
) -> None:
    _require(bool(plan.row_counts), 6)
    counting = {projection.name: projection.expression for projection in added}
    units = [_counted(counting.get(name)) for name in plan.row_counts]
    _require(not any(conditions for _, conditions in units), 6)
    counted = [_table_column(select, column) for column, _ in units]
    persons = {r.ColumnRef(source=c.scan, name=c.column) for c in obligations.output.count_by if c.unit == "person"}
    households = any(c.unit == "household" for c in obligations.output.count_by)
    _require(bool(persons) and persons <= set(counted) and len(set(counted)) >= len(persons) + households, 6)
    _require({column.source for column in counted} <= {s.id for s in facts.scans if s.role == "cohort"}, 6)
    population = plan.population.units if plan.population is not None else ()
    _require({_table_column(select, unit) for unit in population} == set(counted), 8)
    people = Contributors(select)
    for column, projection in zip(plan.columns, select.projections, strict=True):
        if projection.expression in select.group:
            _require(not column.counts and not column.filtered, 6)
            _require(column.tells == _says_something_sensitive(projection.expression, select, obligations), 6)
            continue
        _require(not column.tells, 6)
        measure = projection.expression
        needed = people.of(measure) if isinstance(measure, r.Aggregate) else None
        contributing = [_counted(counting.get(name)) for name in column.counts]
        _require([_table_column(select, each) for each, _ in contributing] == counted, 6)
        _require(needed is not None and all(needed.conditions == found for _, found in contributing), 6)
        _require(needed is not None and column.filtered == needed.chosen, 6)


def _says_something_sensitive(key: r.Expression, select: r.Select, obligations: Obligations) -> bool:
    """Whether a key depends on a sensitive column, or on whether there is a row: below a left join, or by EXISTS."""
    sources = {joined.source.id: joined for scope in r.scopes_in(select) for joined in scope.sources}
    pending = [key]
    while pending:
        value = pending.pop()
        if r.subqueries_in(value):
            return True
        for column in r.columns_in(value):
            joined = sources[column.source]
            if joined.join == "left" or (column.source, column.name) in obligations.output.sensitive:
                return True
            if isinstance(joined.source, r.Derived):
                pending.append(joined.source.query.projection(column.name).expression)
    return False


def _check_population(plan: FederatedPlan, parsed: ParsedQuery, obligations: Obligations) -> None:
    asked, population = parsed.select, plan.population
    if population is None:
        raise NotCertified("not-certified", statement=8)
    persons = {r.ColumnRef(source=c.scan, name=c.column) for c in obligations.output.count_by if c.unit == "person"}
    _require(population.units[:1] != () and _table_column(bare(asked), population.units[0]) in persons, 8)
    own = [c.name for c in plan.columns if c.counts and c.counts != plan.row_counts]
    _require(list(population.measures) == own and population.groups == len(asked.group), 8)
    try:
        final = bare(read_back(population.sql))
        persons_of = replace(asked, grouped=True, group=(*asked.group, *population.units), projections=())
        found = _prove(persons_of, final, plan, parsed, obligations)
    except (NoReading, NotTheSame):
        raise NotCertified("not-certified", statement=8) from None
    shape = [*(f"g{n}" for n in range(population.groups)), *(f"u{n}" for n in range(len(population.units)))]
    _require([p.name for p in found] == [*shape, *(f"m{n}" for n in range(len(own)))], 8)
    whole = bare(asked)
    _require(tuple(p.expression for p in found[: len(shape)]) == (*whole.group, *population.units), 8)
    people = Contributors(whole)
    for name, projection in zip(own, found[len(shape) :], strict=True):
        measure, flag = whole.projection(name).expression, projection.expression
        needed = people.of(measure) if isinstance(measure, r.Aggregate) else None
        if needed is None or not isinstance(flag, r.Aggregate) or flag.argument is None or flag.name != "bool_or":
            raise NotCertified("not-certified", statement=8)
        _require(flag.where is None and not flag.distinct, 8)
        _require(frozenset(conjuncts((flag.argument,))) == needed.conditions, 8)


def _counted(projected: r.Expression | None) -> tuple[r.ColumnRef, frozenset[r.Expression]]:
    """Of a count of distinct values: the column, and the conditions of its FILTER."""
    if not isinstance(projected, r.Aggregate) or projected.name != "count" or not projected.distinct:
        raise NotCertified("not-certified", statement=6)
    if not isinstance(projected.argument, r.ColumnRef):
        raise NotCertified("not-certified", statement=6)
    where = () if projected.where is None else (projected.where,)
    return projected.argument, frozenset(conjuncts(where))


def _table_column(select: r.Select, column: r.ColumnRef) -> r.ColumnRef:
    """The table column that a counted one hands through: as it is, or one of each row of a subquery by ``min``.

    As many distinct ones as there are of those, or fewer, so that a group never looks larger than it is.
    """
    below = {j.source.id: j.source.query for j in select.sources if isinstance(j.source, r.Derived)}
    if column.source not in below:
        return column
    query = below[column.source]
    value = query.projection(column.name).expression
    if isinstance(value, r.Aggregate) and value.name == "min" and value.where is None:
        value = value.argument if value.argument is not None else value
    if not isinstance(value, r.ColumnRef):
        raise NotCertified("not-certified", statement=6)
    return _table_column(query, value)
