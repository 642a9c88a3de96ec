"""What is computed from the protected answer alone: the second half of stage 9.

Nothing is asked of a department here and nothing is decided; `query_broker.split` says why it tells nothing new. Types
are checked and SQL is generated as for the core; a measure that may have been blanked counts as unknown, so that what
was suppressed never becomes a zero or drops out of a total in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from governance.catalogue import Catalogue, Column, Dataset, Label
from governance.decisions import Obligations
from governance.errors import Fault
from governance.facts import QueryFacts
from governance.forms import ColumnType, Form, FormType
from masking.output import order_by_output, refuse_over_cap
from masking.totals import with_totals
from query_broker import relational as r
from query_broker.combine import Combiner, ScanStream
from query_broker.form_types import TypeCheck
from query_broker.generate import generate_sql
from query_broker.granted import GrantedColumn, granted_columns
from query_broker.magnitudes import Magnitudes
from query_broker.parse import ParsedQuery
from query_broker.plan import FederatedPlan
from query_broker.second_reading import tables_read
from query_broker.split import ANSWER, settled
from query_broker.unknowns import check_unknowns
from query_broker.usages import Lineage

_LABEL = Label(ja=ANSWER, en=ANSWER)
_ARROW: Mapping[FormType, pa.DataType] = {
    "BOOLEAN": pa.bool_(),
    "INTEGER": pa.int64(),
    "TEXT": pa.string(),
    "DATE": pa.date32(),
}
_OF_HOLDER: Mapping[FormType, ColumnType] = {
    "BOOLEAN": "boolean",
    "INTEGER": "integer",
    "TEXT": "text",
    "DATE": "date",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishPlan:
    """What will run over the protected answer.

    Attributes:
        order: positions of the finished columns and whether descending.
        limit: most rows, after sorting.
        lists: the rows that the query brought along.
        levels: for each level of GROUPING SETS the keys by which it groups; none without them.
        keys: the answer's group keys.
        max_rows: most rows that an answer with its totals may have.
    """

    sql: str
    parameters: Mapping[str, r.Constant]
    order: tuple[r.SortKey, ...]
    distinct: bool
    limit: int | None
    lists: tuple[r.LiteralRows, ...] = ()
    levels: tuple[tuple[str, ...], ...] = ()
    keys: tuple[str, ...] = ()
    max_rows: int = 0


def plan_finish(
    parsed: ParsedQuery, plan: FederatedPlan, *, facts: QueryFacts, obligations: Obligations, catalogue: Catalogue
) -> FinishPlan | None:
    """Plan the finish of a query, if it has one.

    Raises:
        BadInput: types do not fit, arithmetic could fail, or what was suppressed would become a value.
    """
    finish = parsed.finish
    if finish is None:
        return None
    levels = next(
        source.levels
        for scope in r.scopes_in(finish)
        for source in (joined.source for joined in scope.sources)
        if isinstance(source, r.Answer)
    )
    granted = granted_columns(facts, obligations, catalogue)
    core_types = TypeCheck(parsed.select, granted, parsed.parameters)
    core_sizes = Magnitudes(parsed.select, granted, parsed.parameters)
    columns: dict[r.ColumnRef, GrantedColumn] = {}
    sizes = {}
    for projection, column in zip(parsed.select.projections, plan.columns, strict=True):
        ref = r.ColumnRef(source=ANSWER, name=projection.name)
        grid = core_types.generalised(projection.expression)
        columns[ref] = GrantedColumn(
            dataset=ANSWER,
            column=Column(
                name=projection.name,
                label=_LABEL,
                type="integer",
                column_class="attribute",
                nulls="unknown" if column.counts and column.counts != plan.row_counts else "none",
            ),
            form=grid.form if grid is not None else Form(kind="raw"),
            type=column.type,
        )
        if column.type in ("INTEGER", "DOUBLE"):
            sizes[ref] = core_sizes.of(projection.expression)
    lists = {
        joined.source.id: joined.source
        for scope in r.scopes_in(finish)
        for joined in scope.sources
        if isinstance(joined.source, r.LiteralRows)
    }
    constants = {
        r.ColumnRef(source=rows.id, name=name): tuple(row[position] for row in rows.rows)
        for rows in lists.values()
        for position, name in enumerate(rows.columns)
    }
    columns |= {ref: _constant(ref, values[0].type) for ref, values in constants.items()}
    TypeCheck(finish, columns, parsed.parameters, finish=True, constants=constants).check()
    Magnitudes(finish, columns, parsed.parameters, known=sizes).check()
    answer = _answer_catalogue(columns)
    check_unknowns(finish, columns, Lineage(finish, answer), answer)
    sql = generate_sql(settled(finish, Lineage(finish, answer)))
    if tables_read(sql, windows=True) != sorted([ANSWER, *lists]):
        raise Fault
    return FinishPlan(
        sql=sql,
        parameters={name: parsed.parameters[name] for name in sorted(r.parameters_in(finish))},
        order=finish.order,
        distinct=finish.distinct,
        limit=finish.limit,
        lists=tuple(lists.values()),
        levels=levels,
        keys=tuple(column.name for column in plan.columns if not column.counts),
        max_rows=plan.output.max_rows,
    )


def finish(table: pa.Table, plan: FinishPlan, combiner: Combiner) -> pa.Table:
    """Run a finish over a protected answer, and over nothing else.

    Raises:
        BadInput: more rows than the cap, with the totals.
        Unavailable: the process that computes it died, was late, or ran out of memory; nothing is released.
    """
    if plan.levels:
        measures = [name for name in table.column_names if name not in plan.keys]
        table = with_totals(table, keys=plan.keys, measures=measures, levels=plan.levels)
        table = refuse_over_cap(table, max_rows=plan.max_rows)
    streams = (
        ScanStream(ids=(ANSWER,), table=table),
        *(ScanStream(ids=(rows.id,), table=_table(rows)) for rows in plan.lists),
    )
    made = combiner.run(plan.sql, parameters=plan.parameters, streams=streams)
    if plan.distinct:
        made = made.group_by(made.column_names, use_threads=False).aggregate([])
    made = order_by_output(made, first=[(sort.position, sort.descending) for sort in plan.order])
    return made if plan.limit is None else made.slice(0, plan.limit)


def _table(rows: r.LiteralRows) -> pa.Table:
    by_column = zip(rows.columns, zip(*rows.rows, strict=True), strict=True)
    return pa.table(
        {name: pa.array([value.value for value in values], _ARROW[values[0].type]) for name, values in by_column}
    )


def _constant(ref: r.ColumnRef, type_: FormType) -> GrantedColumn:
    column = Column(name=ref.name, label=_LABEL, type=_OF_HOLDER[type_], column_class="attribute", nulls="never")
    return GrantedColumn(dataset=ref.source, column=column, form=Form(kind="raw"), type=type_)


def _answer_catalogue(columns: Mapping[r.ColumnRef, GrantedColumn]) -> Catalogue:
    def dataset(name: str) -> Dataset:
        return Dataset(
            name=name,
            department=ANSWER,
            label=_LABEL,
            columns={ref.name: granted.column for ref, granted in columns.items() if ref.source == name},
            # A group that is not there may have been left out.
            absent_row="unknown" if name == ANSWER else "none",
            refresh=ANSWER,
            gates={},
        )

    names = {ANSWER, *(ref.source for ref in columns)}
    datasets = {name: dataset(name) for name in names}
    return Catalogue(departments={}, datasets=datasets, kinds={}, subject_kind="", household_kinds=())
