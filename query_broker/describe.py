"""Stage 2, **describe**: what the query does, as facts for the policy. No judgement but on shapes without a rule."""

from __future__ import annotations

from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.facts import (
    ColumnFact,
    Grain,
    OutputColumnFact,
    OutputFact,
    OutputKind,
    QueryFacts,
    ScanFact,
    ScopeFact,
)
from query_broker import relational as r
from query_broker.measures import Measures
from query_broker.parse import ParsedQuery
from query_broker.reliance import Reliance
from query_broker.roles import Roles, assign_roles
from query_broker.rows import rows_per_subject
from query_broker.usages import Lineage, collect_usages

_MEASURES = ("count", "sum", "avg")


def describe(parsed: ParsedQuery, *, catalogue: Catalogue) -> QueryFacts:
    """The facts of a query: scans with roles and columns, scopes with grain, the output's shape.

    Raises:
        BadInput: keys of different kinds are compared, an identifier is used as a value, no column of a table is read,
            or a scope has a shape for which there is no rule (``docs/scan-roles.md`` lists them).
    """
    select = parsed.select
    lineage = Lineage(select, catalogue)
    roles = assign_roles(select, catalogue)
    usages = dict(collect_usages(select, lineage))
    exists_scopes = {
        q.id for scope in r.scopes_in(select) for e in r.scope_expressions(scope) for q in r.subqueries_in(e)
    }
    grains = {
        scope.id: _grain(scope, roles, lineage, catalogue, is_exists=scope.id in exists_scopes)
        for scope in r.scopes_in(select)
    }
    for scope in r.scopes_in(select):
        if scope is not select and grains[scope.id] == "group":
            raise BadInput("sql-nested-group")
        _check_windows(scope, roles, lineage, catalogue)
    if grains[select.id] == "household":
        raise BadInput("sql-household-rows")
    kind: OutputKind = "aggregate" if grains[select.id] == "group" else "row_level"
    if kind == "aggregate":
        _check_measures(select, lineage, catalogue)
        # Groups are counted in distinct persons and households, whatever the query counts: the broker reads the keys.
        for scan in r.scans_in(select):
            dataset = catalogue.dataset(scan.dataset)
            household = next(iter(catalogue.household_kinds), "")
            for key in (catalogue.person_key(dataset), dataset.key_of_kind(household)):
                if roles.of_scan[scan.id] == "cohort" and key is not None:
                    counted = r.ColumnRef(source=scan.id, name=key)
                    usages[counted] = usages.get(counted, frozenset()) | {"count_distinct"}
    for scan in r.scans_in(select):
        if not any(ref.source == scan.id for ref in usages):
            raise BadInput("sql-table-unread", dataset=scan.dataset)
    rows = Reliance(select).rows
    return QueryFacts(
        sql_digest=parsed.sql_digest,
        scans=tuple(
            ScanFact(
                id=scan.id,
                dataset=scan.dataset,
                role=roles.of_scan[scan.id],
                decides_rows=kind == "aggregate" or scan.id in rows,
                columns=tuple(
                    ColumnFact(column=ref.name, usages=tuple(sorted(used)))
                    for ref, used in sorted(usages.items(), key=lambda item: item[0].name)
                    if ref.source == scan.id
                ),
            )
            for scan in r.scans_in(select)
        ),
        scopes=tuple(
            ScopeFact(
                id=scope.id,
                inputs=tuple(
                    j.source.id if isinstance(j.source, r.TableScan) else j.source.query.id for j in scope.sources
                ),
                grain=grains[scope.id],
                keys=tuple(_names(key, lineage) for key in scope.group),
                aggregates=tuple(
                    sorted(
                        {
                            f"{e.name}({_names(e.argument, lineage) if e.argument else '*'})"
                            for p in scope.projections
                            if not p.hidden
                            for e in r.walk(p.expression)
                            if isinstance(e, r.Aggregate)
                        }
                    )
                ),
            )
            for scope in r.scopes_in(select)
        ),
        output=OutputFact(
            kind=kind,
            scope=select.id,
            columns=tuple(
                OutputColumnFact(
                    name=p.name,
                    origins=tuple(sorted(f"{o.source}.{o.name}" for o in lineage.origins(p.expression))),
                )
                for p in select.projections
            ),
            rows_per_subject=rows_per_subject(select, roles, catalogue),
        ),
        functions=tuple(sorted(_functions(select))),
        row_limit=None,
    )


def _grain(scope: r.Select, roles: Roles, lineage: Lineage, catalogue: Catalogue, *, is_exists: bool) -> Grain:
    """What one row of a scope stands for."""
    if is_exists and any(roles.of_scan.get(j.source.id) == "household" for j in scope.sources):
        return "household"
    if not scope.grouped:
        return "subject"
    kinds = [lineage.key_kind(key) if isinstance(key, r.ColumnRef) else None for key in scope.group]
    if any(kind in catalogue.person_kinds for kind in kinds):
        return "subject"
    if any(kind in catalogue.household_kinds for kind in kinds):
        if len(kinds) > 1:
            raise BadInput("sql-household-key-alone")
        return "household"
    return "group"


def _check_windows(scope: r.Select, roles: Roles, lineage: Lineage, catalogue: Catalogue) -> None:
    """A window over rows of persons looks at the rows of one person: it is partitioned by that person's own key."""
    for expression in r.scope_expressions(scope):
        for part in r.walk(expression):
            if isinstance(part, r.Window) and (
                scope.grouped
                or not any(
                    isinstance(key, r.ColumnRef)
                    and key in roles.subject_nodes
                    and lineage.key_kind(key) in catalogue.person_kinds
                    for key in part.partition
                )
            ):
                raise BadInput("sql-window-rows")


def _check_measures(select: r.Select, lineage: Lineage, catalogue: Catalogue) -> None:
    """An aggregate answer has group keys that identify nobody, and plain measures whose persons can be counted.

    Distinct values are counted of persons and households only: how many there are tells that somebody has a rare one.
    At most one condition says who contributes: between two, subtraction finds the few that only one leaves out.
    """
    measures = Measures(select)
    chosen: set[tuple[r.Expression, ...]] = set()
    counted = {*catalogue.person_kinds, *catalogue.household_kinds}
    for key in select.group:
        if any(lineage.key_kind(ref) for ref in r.columns_in(key)):
            raise BadInput("sql-identifier-use")
    for position, projection in enumerate(select.projections):
        value = projection.expression
        if value in select.group:
            continue
        if not isinstance(value, r.Aggregate) or value.name not in _MEASURES or measures.contributes(value) is None:
            raise BadInput("sql-measure", position=position + 1)
        if value.distinct and not (
            isinstance(value.argument, r.ColumnRef) and lineage.key_kind(value.argument) in counted
        ):
            raise BadInput("sql-count-distinct", position=position + 1)
        chosen.add(measures.contributes(value) or ())
    if len(chosen - {()}) > 1:
        raise BadInput("sql-measures-differ")


def _names(expression: r.Expression, lineage: Lineage) -> str:
    """Names of the table columns in an expression; its literals stay out of the facts (I7)."""
    return "+".join(sorted(f"{o.source}.{o.name}" for o in lineage.origins(expression))) or "constant"


def _functions(select: r.Select) -> set[str]:
    found: set[str] = set()
    for scope in r.scopes_in(select):
        for expression in r.scope_expressions(scope):
            for part in r.walk(expression):
                match part:
                    case r.Function() | r.Aggregate() | r.Window():
                        found.add(part.name)
                    case r.Case():
                        found.add("case")
                    case r.Exists() | r.InQuery():
                        found.add("exists")
    return found
