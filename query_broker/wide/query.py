"""Stages 1 and 2 for the wide language: from a text to a resolved query, and to the facts that the policy is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlglot import exp
from sqlglot.errors import SqlglotError

from governance.approvals import TemplateParameter
from governance.catalogue import Catalogue
from governance.errors import BadInput
from governance.facts import ColumnFact, OutputColumnFact, OutputFact, QueryFacts, ScanFact, ScopeFact
from query_broker import relational as r
from query_broker.bounded_parser import statements_of
from query_broker.gate import admit
from query_broker.parse import check_parameters, sql_digest
from query_broker.wide.gate import FUNCTIONS, admit_tree
from query_broker.wide.names import Names, Origins, sort_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class WideQuery:
    """A resolved query over tables without data subjects.

    Attributes:
        sql: the query as the broker writes it, over tables named by scan id.
        facts: what the policy is told.
        order: positions of the answer's columns and whether descending.
        parameters: values for exactly the parameters that it uses.
    """

    sql: str
    facts: QueryFacts
    order: tuple[r.SortKey, ...]
    parameters: Mapping[str, r.Constant]


def read_wide(
    sql: str,
    *,
    catalogue: Catalogue,
    declared: Mapping[str, TemplateParameter],
    parameters: Mapping[str, r.Constant],
    digest_key: bytes,
) -> WideQuery | None:
    """Read a query by the wide language; ``None`` unless every table of it is declared to hold no data subject.

    Raises:
        BadInput: the text is outside what may be asked there, names something unknown, or its parameters do not fit.
    """
    tree = _wide_tree(sql, catalogue) if any(d.impersonal for d in catalogue.datasets.values()) else None
    if tree is None:
        return None
    try:
        admit_tree(tree)
        names = Names(catalogue=catalogue, declared=declared)
        functions = {FUNCTIONS[type(node)] for node in tree.walk() if type(node) in FUNCTIONS}
        outputs = names.query(tree)
        order = sort_keys(tree, outputs)
        text = tree.sql(dialect="duckdb", comments=False)
    except RecursionError:
        raise BadInput("sql-too-deep", limit=0) from None
    digest = sql_digest(sql, declared=declared, catalogue=catalogue, key=digest_key)
    return WideQuery(
        sql=text,
        facts=_facts(names, outputs, functions, catalogue, digest=digest),
        order=order,
        parameters=check_parameters(parameters, declared=declared, used=names.used),
    )


def _wide_tree(sql: str, catalogue: Catalogue) -> exp.Select | None:
    """The statement, where it is one SELECT that reads tables without data subjects and no others."""
    admit(sql)
    try:
        statements = statements_of(sql)
        tables = [table for statement in statements for table in statement.find_all(exp.Table) if table.db]
    except SqlglotError:
        raise BadInput("sql-unreadable") from None  # the parser's message repeats the text
    except RecursionError:
        raise BadInput("sql-too-deep", limit=0) from None
    read = [catalogue.datasets.get(f"{table.db}.{table.name}".lower()) for table in tables]
    impersonal = bool(read) and all(dataset is not None and dataset.impersonal for dataset in read)
    if len(statements) != 1 or not impersonal:
        return None
    (tree,) = statements
    return tree if isinstance(tree, exp.Select) else None


def _facts(
    names: Names, outputs: Mapping[str, Origins], functions: set[str], catalogue: Catalogue, *, digest: str
) -> QueryFacts:
    for scan, dataset in names.scans.items():
        if not any(column.source == scan for column in names.usages):
            # Only how many rows there are: something has to be sent for each.
            first = next(iter(catalogue.dataset(dataset).columns))
            names.usages[r.ColumnRef(source=scan, name=first)].add("aggregate")
    read = sorted(names.usages, key=lambda column: column.name)
    return QueryFacts(
        sql_digest=digest,
        scans=tuple(
            ScanFact(
                id=scan,
                dataset=dataset,
                role="impersonal",
                decides_rows=True,
                columns=tuple(
                    ColumnFact(column=column.name, usages=tuple(sorted(names.usages[column])))
                    for column in read
                    if column.source == scan
                ),
            )
            for scan, dataset in names.scans.items()
        ),
        scopes=tuple(
            ScopeFact(
                id=scope.id,
                inputs=scope.inputs,
                grain="impersonal",
                keys=tuple("+".join(_written(key)) or "constant" for key in scope.keys),
                aggregates=tuple(sorted(scope.aggregates)),
            )
            for scope in sorted(names.scopes, key=lambda scope: int(scope.id[1:]))
        ),
        output=OutputFact(
            kind="impersonal",
            scope="q1",
            columns=tuple(
                OutputColumnFact(name=name, origins=tuple(_written(origins))) for name, origins in outputs.items()
            ),
            rows_per_subject="many",
        ),
        functions=tuple(sorted(functions)),
        row_limit=None,
    )


def _written(origins: Origins) -> list[str]:
    return sorted(f"{column.source}.{column.name}" for column in origins)
