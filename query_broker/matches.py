"""Columns that are granted for a look-up: compared with a parameter, at their source, and nothing else.

``match`` stands for a value that whoever asks knows already, such as a birth date that was told to them. Every other
use (a range, a list, a choice between two) would search for persons instead of finding one.
"""

from __future__ import annotations

from collections.abc import Mapping

from governance.errors import BadInput
from query_broker import relational as r
from query_broker.granted import GrantedColumn


def check_matches(select: r.Select, granted: Mapping[r.ColumnRef, GrantedColumn]) -> None:
    """Hold that each such column stands in conditions of the form ``column = $parameter`` alone.

    Raises:
        BadInput: it stands elsewhere.
    """
    matched = {ref for ref, column in granted.items() if column.form.kind == "match"}
    if not matched:
        return
    for scope in r.scopes_in(select):
        whole = [*scope.where, *(conjunct for joined in scope.sources for conjunct in joined.on)]
        sound = [conjunct for conjunct in whole if _is_match(conjunct, matched)]
        for expression in r.scope_expressions(scope):
            if expression in sound:
                continue
            for ref in r.columns_in(expression):
                if ref in matched:
                    column = granted[ref]
                    raise BadInput("match-equality", dataset=column.dataset, column=column.column.name)


def _is_match(conjunct: r.Expression, matched: set[r.ColumnRef]) -> bool:
    match conjunct:
        case r.Comparison(operator="=", left=r.ColumnRef() as column, right=r.Parameter()):
            return column in matched
        case r.Comparison(operator="=", left=r.Parameter(), right=r.ColumnRef() as column):
            return column in matched
        case _:
            return False
