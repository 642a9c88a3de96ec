"""The conditions of criteria: a small, closed language over the columns of an answer, and its evaluation.

A condition is parsed and written again from its tree; what is evaluated is never the text of a file. The engine that
evaluates holds one table, has no files, no network and no settings that could be changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa
import sqlglot
from sqlglot import exp

_ALLOWED = (
    exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Add,
    exp.Sub, exp.Neg, exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null,
)  # fmt: skip
_LONGEST = 500


class NotACondition(ValueError):  # noqa: N818 - a verdict, turned into an error with file and line by the loader
    """The text is outside the language of conditions."""


def parse_condition(text: str) -> exp.Expr:
    """The tree of a condition.

    Raises:
        NotACondition: it holds anything but comparisons, sums, differences and logic over plain columns.
    """
    if len(text) > _LONGEST:
        raise NotACondition
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError as error:
        raise NotACondition from error
    for node in tree.walk():
        if not isinstance(node, _ALLOWED):
            raise NotACondition
        if isinstance(node, exp.Column) and (node.table or node.args.get("join_mark")):
            raise NotACondition
        if isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
            raise NotACondition
    return tree


def columns_of(condition: exp.Expr) -> frozenset[str]:
    """The columns that a condition reads."""
    return frozenset(column.name for column in condition.find_all(exp.Column))


def text_of(condition: exp.Expr) -> str:
    """The condition, written from its tree, every name quoted."""
    return condition.sql(dialect="duckdb", identify=True)


def kind_of(condition: str, columns: Sequence[tuple[str, str]]) -> str | None:
    """The type of a condition over columns of these types, ``None`` where it does not fit them."""
    with _engine() as engine:
        listed = ", ".join(f'"{name}" {kind}' for name, kind in columns)
        engine.execute(f"CREATE TABLE answer ({listed})")
        try:
            (found,) = engine.sql(f"SELECT ({condition}) AS verdict FROM answer").types  # noqa: S608 - written from a tree
        except duckdb.Error:
            return None
        return str(found)


def evaluate(table: pa.Table, expressions: Sequence[str]) -> list[tuple[object, ...]]:
    """Each expression for each row of a table, in the table's order."""
    with _engine() as engine:
        engine.register("arriving", table)
        engine.execute("CREATE TABLE answer AS SELECT *, row_number() OVER () AS _position FROM arriving")
        engine.unregister("arriving")
        listed = ", ".join(f"({expression})" for expression in expressions)
        rows: list[tuple[object, ...]] = engine.sql(
            f"SELECT {listed} FROM answer ORDER BY _position"  # noqa: S608 - written from trees
        ).fetchall()
        return rows


def _engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(
        config={
            "enable_external_access": False,
            "autoload_known_extensions": False,
            "threads": 1,
            "lock_configuration": True,
        }
    )
