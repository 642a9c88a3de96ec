"""Stage 4 for the wide language: scan orders of whole columns, and the query with every column of a stated type."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from threading import Lock

import duckdb
import pyarrow as pa

from governance.catalogue import Catalogue
from governance.conditions import all_of
from governance.decisions import Obligations
from governance.errors import BadInput
from governance.forms import form_type
from governance.scans import ScanColumn, ScanOrder
from masking.arrow_types import ARROW_TYPES
from query_broker import relational as r
from query_broker.plan import FederatedPlan, OutputColumn, PlannedScan
from query_broker.wide.query import WideQuery

ANSWER = "answer"
_STATED: Mapping[str, tuple[r.ValueType, str]] = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UINTEGER", "UBIGINT"), ("INTEGER", "BIGINT")
    ),
    **dict.fromkeys(("FLOAT", "DOUBLE"), ("DOUBLE", "DOUBLE")),
    "VARCHAR": ("TEXT", "VARCHAR"),
    "DATE": ("DATE", "DATE"),
    "BOOLEAN": ("BOOLEAN", "BOOLEAN"),
    "UUID": ("UUID", "UUID"),
}
"""The engine's types of an answer's columns, and the types under which they are put out."""
_DECIMAL = re.compile(r"DECIMAL\([0-9]+,[0-9]+\)")
_BINDING = Lock()
_CONFIGURATION: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "threads": "1",
}


def plan_wide(query: WideQuery, *, obligations: Obligations, catalogue: Catalogue, as_of: date) -> FederatedPlan:
    """Plan an allowed query.

    Raises:
        BadInput: a column is granted to filter only, types do not fit, or a column of the answer is an interval or a
            moment, which no answer holds.
    """
    scans = tuple(
        PlannedScan(
            id=scan.id,
            department=catalogue.dataset(scan.dataset).department,
            order=ScanOrder(
                dataset=scan.dataset,
                columns=tuple(
                    _leaving(scan.dataset, fact.column, scan.id, obligations, catalogue) for fact in scan.columns
                ),
                filter_forms={},
                filter=obligations.scans[scan.id].filter,
                exclude=obligations.scans[scan.id].exclude,
                predicates=all_of(),
                pseudonyms=obligations.pseudonyms,
                as_of=as_of,
            ),
        )
        for scan in query.facts.scans
    )
    types = _types(query, scans)
    names = [column.name for column in query.facts.output.columns]
    return FederatedPlan(
        scans=scans,
        sql=_stated(query.sql, names, [written for _, written in types]),
        parameters=query.parameters,
        columns=tuple(
            OutputColumn(name=name, type=type_, counts=(), filtered=False, tells=False)
            for name, (type_, _) in zip(names, types, strict=True)
        ),
        row_counts=(),
        order=query.order,
        output=obligations.output,
        population=None,
    )


def _leaving(dataset: str, column: str, scan: str, obligations: Obligations, catalogue: Catalogue) -> ScanColumn:
    form = obligations.scans[scan].forms.get(column)
    if form is None:
        raise BadInput("form-not-granted", dataset=dataset, column=column)
    if not form.leaves:
        raise BadInput("filter-only-column", dataset=dataset, column=column)
    return ScanColumn(column=column, form=form, type=form_type(form, catalogue.dataset(dataset).column(column).type))


def _stated(sql: str, names: Sequence[str], types: Sequence[str]) -> str:
    """Whole numbers are put out in 64 bits, as everywhere: the engine's sums of them have 128, which Arrow lacks."""
    columns = ", ".join(f'CAST("{ANSWER}"."{n}" AS {t}) AS "{n}"' for n, t in zip(names, types, strict=True))
    listed = ", ".join(f'"{name}"' for name in names)
    return f'SELECT {columns} FROM ({sql}) AS "{ANSWER}" ({listed})'  # noqa: S608 - names are checked, the rest is our own


def _types(query: WideQuery, scans: Sequence[PlannedScan]) -> list[tuple[r.ValueType, str]]:
    """The types of the answer, as the engine finds them over tables of the ordered columns without a row."""
    with _BINDING, _engine().cursor() as cursor:
        for scan in scans:
            fields = [pa.field(column.column, ARROW_TYPES[column.type]) for column in scan.order.columns]
            cursor.register(scan.id, pa.schema(fields).empty_table())
        try:
            found = [str(each) for each in cursor.sql(query.sql, params=dict(query.parameters)).types]
        except duckdb.Error:
            raise BadInput("wide-types") from None  # the engine's words repeat the query
        finally:
            for scan in scans:
                cursor.unregister(scan.id)
    types: list[tuple[r.ValueType, str]] = []
    for position, name in enumerate(found, start=1):
        if name not in _STATED and not _DECIMAL.fullmatch(name):
            raise BadInput("wide-output-type", position=position)
        types.append(_STATED.get(name, ("DECIMAL", name)))
    return types


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    # One for the process: it never sees a row.
    connection = duckdb.connect(":memory:", config=_CONFIGURATION)
    connection.execute("SET lock_configuration = true").fetchall()
    return connection
