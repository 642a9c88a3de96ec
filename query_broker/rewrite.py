"""Stage 4, **rewrite**: each table reference becomes one scan order, and the query runs over what the scans bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from governance.catalogue import Catalogue
from governance.conditions import all_of, fields_of
from governance.decisions import CountBy, Obligations
from governance.errors import BadInput, Fault
from governance.facts import QueryFacts
from governance.forms import form_type
from governance.scans import ScanColumn, ScanOrder
from query_broker import relational as r
from query_broker.carry import carried_column
from query_broker.form_types import TypeCheck
from query_broker.generate import generate_sql
from query_broker.granted import GrantedColumn, granted_columns
from query_broker.magnitudes import check_magnitudes
from query_broker.matches import check_matches
from query_broker.measures import Measures
from query_broker.parse import ParsedQuery
from query_broker.plan import FederatedPlan, OutputColumn, PlannedScan, PopulationPlan
from query_broker.pushdown import push_down
from query_broker.reliance import Reliance
from query_broker.telling_keys import sensitive_columns, telling_keys
from query_broker.unknowns import check_unknowns
from query_broker.usages import Lineage


def rewrite(
    parsed: ParsedQuery, *, facts: QueryFacts, obligations: Obligations, catalogue: Catalogue, as_of: date
) -> FederatedPlan:
    """Plan an allowed query.

    Raises:
        BadInput: types do not fit the granted forms, arithmetic could fail, an unknown would become a value, or a
            column that only filters is used for anything else.
    """
    granted = granted_columns(facts, obligations, catalogue)
    types = TypeCheck(parsed.select, granted, parsed.parameters).check()
    check_matches(parsed.select, granted)
    check_magnitudes(parsed.select, granted, parsed.parameters)
    check_unknowns(parsed.select, granted, Lineage(parsed.select, catalogue), catalogue)
    # The number of rows that leave for an aggregate must not be one that the query chose: it would count whom it likes.
    filters = frozenset(ref for ref, column in granted.items() if not column.form.leaves)
    pushed = push_down(
        parsed.select, parsed.parameters, only=filters if obligations.output.min_group_size > 0 else None
    )
    counts = _counts(pushed.select, facts, obligations, catalogue)
    tells = telling_keys(parsed.select, sensitive_columns(obligations), Lineage(parsed.select, catalogue))
    sql = generate_sql(pushed.select, counts=counts.projections)
    read = _columns_read(pushed.select) | {c for p in counts.projections for c in r.columns_in(p.expression)}
    unknown = {scan for scan, obligation in obligations.scans.items() if obligation.unknown}
    reliance = Reliance(parsed.select)
    scans: list[PlannedScan] = []
    for scan in facts.scans:
        dataset = catalogue.dataset(scan.dataset)
        predicates = all_of(*pushed.conditions.get(scan.id, ()))
        columns = tuple(_leaving(granted[ref]) for ref in sorted(read, key=lambda c: c.name) if ref.source == scan.id)
        leaving = {column.column for column in columns}
        scans.append(
            PlannedScan(
                id=scan.id,
                department=dataset.department,
                unknown=scan.id in unknown,
                order=ScanOrder(
                    dataset=dataset.name,
                    columns=columns,
                    filter_forms={
                        name: obligations.scans[scan.id].forms[name] for name in sorted(fields_of(predicates) - leaving)
                    },
                    filter=obligations.scans[scan.id].filter,
                    exclude=obligations.scans[scan.id].exclude,
                    predicates=predicates,
                    pseudonyms=obligations.pseudonyms,
                    as_of=as_of,
                ),
            )
        )
    return FederatedPlan(
        scans=tuple(scans),
        sql=sql,
        parameters={name: parsed.parameters[name] for name in sorted(_parameters_in(pushed.select))},
        columns=tuple(
            OutputColumn(
                name=name,
                type=type_,
                counts=counts.of_column.get(name, ()),
                filtered=name in counts.filtered,
                tells=name in tells and bool(counts.of_row),
                unknown=bool(reliance.of(parsed.select.projection(name).expression) & unknown),
            )
            for name, type_ in types
        ),
        row_counts=counts.of_row,
        order=parsed.select.order,
        output=obligations.output,
        population=_population(pushed.select, counts) if counts.units else None,
    )


def _population(select: r.Select, counts: _Counts) -> PopulationPlan:
    """The same scope, one row a group, person and household."""
    measures = Measures(select)
    own: dict[str, r.Expression] = {}
    for projection in select.projections:
        measure = projection.expression
        if isinstance(measure, r.Aggregate) and counts.of_column[projection.name] != counts.of_row:
            conditions = measures.contributes(measure) or ()
            own[projection.name] = r.And(parts=conditions) if len(conditions) > 1 else conditions[0]
    contributes = [r.Aggregate(name="bool_or", argument=c, distinct=False, where=None) for c in own.values()]
    named: list[tuple[str, r.Expression]] = [
        *((f"g{n}", key) for n, key in enumerate(select.group)),
        *((f"u{n}", key) for n, key in enumerate(counts.units)),
        *((f"m{n}", each) for n, each in enumerate(contributes)),
    ]
    persons = replace(
        select,
        grouped=True,
        group=(*select.group, *counts.units),
        projections=tuple(r.Projection(name=name, expression=expression) for name, expression in named),
        order=(),
    )
    return PopulationPlan(
        sql=generate_sql(persons),
        groups=len(select.group),
        units=counts.units,
        measures=tuple(own),
        parameters=tuple(sorted(_parameters_in(persons))),
    )


def _leaving(granted: GrantedColumn) -> ScanColumn:
    if not granted.form.leaves:
        raise BadInput("filter-only-column", dataset=granted.dataset, column=granted.column.name)
    return ScanColumn(column=granted.column.name, form=granted.form, type=form_type(granted.form, granted.column.type))


def _columns_read(select: r.Select) -> set[r.ColumnRef]:
    """Table columns that the query reads after pushing down."""
    return {
        ref
        for scope in r.scopes_in(select)
        for expression in r.scope_expressions(scope)
        for ref in r.columns_in(expression)
        if ref.source.startswith("s")
    }


def _parameters_in(select: r.Select) -> set[str]:
    return {
        part.name
        for scope in r.scopes_in(select)
        for expression in r.scope_expressions(scope)
        for part in r.walk(expression)
        if isinstance(part, r.Parameter)
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    units: tuple[r.ColumnRef, ...]
    projections: tuple[r.Projection, ...]
    of_row: tuple[str, ...]
    of_column: Mapping[str, tuple[str, ...]]
    filtered: frozenset[str]


def _counts(select: r.Select, facts: QueryFacts, obligations: Obligations, catalogue: Catalogue) -> _Counts:
    """The count columns that the output stage needs: distinct persons and households, per row and per measure."""
    if obligations.output.min_group_size == 0:
        return _Counts(units=(), projections=(), of_row=(), of_column={}, filtered=frozenset())
    keys = sorted(
        {_count_key(select, count, facts, catalogue) for count in obligations.output.count_by}, key=lambda k: k.name
    )
    if not keys:
        raise Fault
    projections: list[r.Projection] = []

    def count(key: r.ColumnRef, where: r.Expression | None) -> str:
        name = f"#{len(projections)}"  # no alias of a query can have this name
        projections.append(
            r.Projection(name=name, expression=r.Aggregate(name="count", argument=key, distinct=True, where=where))
        )
        return name

    of_row = tuple(count(key, None) for key in keys)
    of_column: dict[str, tuple[str, ...]] = {}
    filtered: set[str] = set()
    measures = Measures(select)
    for projection in select.projections:
        measure = projection.expression
        if isinstance(measure, r.Aggregate):
            conditions = measures.contributes(measure)
            if conditions is None:
                raise Fault  # describe has refused such a measure
            where = r.And(parts=conditions) if len(conditions) > 1 else next(iter(conditions), None)
            of_column[projection.name] = of_row if where is None else tuple(count(key, where) for key in keys)
            if measures.chooses(measure):
                filtered.add(projection.name)
    return _Counts(
        units=tuple(
            dict.fromkeys(_count_key(select, count, facts, catalogue) for count in _persons_first(obligations))
        ),
        projections=tuple(projections),
        of_row=of_row,
        of_column=of_column,
        filtered=frozenset(filtered),
    )


def _persons_first(obligations: Obligations) -> list[CountBy]:
    return sorted(obligations.output.count_by, key=lambda count: (count.unit != "person", count.scan, count.column))


def _count_key(select: r.Select, count: CountBy, facts: QueryFacts, catalogue: Catalogue) -> r.ColumnRef:
    """The cohort's column whose distinct values count a unit.

    Persons are counted by the cohort's key. A household scan stands inside a subquery, so its households are counted by
    the cohort's own key of the same kind, through which the scan was reached.
    """
    scans = {scan.id: scan for scan in facts.scans}
    cohort = next(scan for scan in facts.scans if scan.role == "cohort")
    kind = catalogue.dataset(scans[count.scan].dataset).column(count.column).key
    for fact in cohort.columns:
        if catalogue.dataset(cohort.dataset).column(fact.column).key == kind:
            return carried_column(select, cohort.id, fact.column)
    raise BadInput("count-key-missing", dataset=cohort.dataset)
