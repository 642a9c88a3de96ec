"""Derived datasets and named sets: the holder's own SQL over its own base tables, on the holder's side.

The SQL stands in the catalogue and is the holder's; it runs all the same in a DuckDB that reaches nothing but these
tables. Only the declared columns come out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from connectors.column_checks import check_codes, check_present, check_unique
from connectors.duckdb_lockdown import CONFIGURATION, lock_down
from governance.catalogue import Column, Dataset, KeyKind, NamedSet
from governance.errors import BadInput
from masking.arrow_types import HELD_TYPES, whole
from masking.canonical import canonical_keys

PARAMETER = "as_of"
KEY_COLUMN = "key"
"""The one column of a named set's snapshot."""


def derive(dataset: Dataset, base: Mapping[str, pa.Table], *, as_of: date, kinds: Mapping[str, KeyKind]) -> pa.Table:
    """Compute a derived dataset.

    Args:
        dataset: with its SELECT.
        base: the department's typed base tables by their names (``department.name``).
        as_of: bound to ``$as_of``.
        kinds: kinds of key, for the canonical form of key columns.

    Raises:
        BadInput: the SQL is no single SELECT or fails, gives other columns or types than declared, a null, a code or a
            key that the catalogue rules out, or two rows for what is declared unique.
    """

    def refuse(code: str, column: Column, row: int) -> BadInput:  # noqa: ARG001 - a computed row has no place
        return BadInput(f"derived-{code}", dataset=dataset.name, column=column.name)

    rows = _run(dataset.derived_sql or "", base, as_of=as_of, name=dataset.name)
    if sorted(rows.column_names) != sorted(dataset.columns):
        differing = set(rows.column_names) ^ set(dataset.columns)
        raise BadInput("derived-columns", dataset=dataset.name, columns=", ".join(sorted(differing)))
    typed = {name: _typed(rows.column(name), column, dataset=dataset) for name, column in dataset.columns.items()}
    for name, column in dataset.columns.items():
        if column.key is not None and column.type == "text":
            keys = canonical_keys(typed[name], kinds[column.key])
            if keys.first_rejected() is not None:
                raise refuse("value-key-malformed", column, 0)
            typed[name] = keys.values
        check_codes(typed[name], column, refuse=refuse)
        check_present(typed[name], column, refuse=refuse)
    table = pa.table(typed)
    check_unique(table, dataset)
    return table


def members(named_set: NamedSet, base: Mapping[str, pa.Table], *, as_of: date, kind: KeyKind) -> pa.Table:
    """Compute the members of a named set: one column, ``key``, of canonical keys.

    Raises:
        BadInput: the SQL is no single SELECT of one text column or fails, or gives what is no key of the kind.
    """
    rows = _run(named_set.sql or "", base, as_of=as_of, name=named_set.name)
    if rows.num_columns != 1 or not (
        pa.types.is_string(rows.schema.types[0]) or pa.types.is_null(rows.schema.types[0])
    ):
        raise BadInput("derived-set-shape", set=named_set.name)
    keys = canonical_keys(whole(rows.column(0)).cast(pa.string()), kind)
    if keys.first_rejected() is not None:
        raise BadInput("derived-set-key", set=named_set.name, kind=kind.name)
    return pa.table({KEY_COLUMN: keys.values.drop_null().unique()})


def base_tables(sql: str, own: frozenset[str]) -> frozenset[str]:
    """Which of a department's base tables a SELECT reads; all of them where that cannot be told."""
    try:
        statements = sqlglot.parse(sql, read="duckdb")
    except SqlglotError:
        return own
    found: set[str] = set()
    local = {cte.alias.lower() for statement in statements if statement for cte in statement.find_all(exp.CTE)}
    for statement in statements:
        for table in statement.find_all(exp.Table) if statement else ():
            name = f"{table.db}.{table.name}".lower()
            if name in own and not table.catalog:
                found.add(name)
            elif table.db or table.name.lower() not in local:
                return own
    return frozenset(found) or own


def _run(sql: str, base: Mapping[str, pa.Table], *, as_of: date, name: str) -> pa.Table:
    try:
        with duckdb.connect(":memory:", config=dict(CONFIGURATION)) as connection:
            statements = connection.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise BadInput("derived-not-a-select", dataset=name)
            parameters = statements[0].named_parameters
            if parameters - {PARAMETER}:
                raise BadInput("derived-parameters", dataset=name)
            _show(connection, base)
            lock_down(connection)
            bound = {PARAMETER: as_of} if parameters else None
            rows: pa.Table = connection.sql(sql, params=bound).to_arrow_table()
            return rows
    except (duckdb.Error, pa.ArrowException):
        # What the engine says may hold a value (a cast that failed prints it), so it ends here.
        raise BadInput("derived-failed", dataset=name) from None


def _show(connection: duckdb.DuckDBPyConnection, base: Mapping[str, pa.Table]) -> None:
    """Make the base tables visible as ``department.name``."""
    for at, (name, table) in enumerate(base.items()):
        schema, _, relation = name.partition(".")
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {_quoted(schema)}")
        connection.register(f"base_{at}", table)
        connection.execute(
            f"CREATE VIEW {_quoted(schema)}.{_quoted(relation)} AS SELECT * FROM base_{at}"  # noqa: S608 - quoted names
        )


def _typed(values: pa.ChunkedArray[Any], column: Column, *, dataset: Dataset) -> pa.Array[Any]:
    wanted = HELD_TYPES[column.type]
    found = values.type
    number = pa.types.is_integer(found) or (pa.types.is_decimal(found) and found.scale == 0)
    fits = found == wanted or pa.types.is_null(found) or (pa.types.is_int64(wanted) and number)
    if pa.types.is_dictionary(found) and pa.types.is_string(wanted):
        fits = pa.types.is_string(found.value_type)
    if not fits:
        raise BadInput("derived-type", dataset=dataset.name, column=column.name, type=column.type)
    try:
        return whole(values).cast(wanted)
    except pa.ArrowInvalid:
        raise BadInput("derived-type", dataset=dataset.name, column=column.name, type=column.type) from None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
