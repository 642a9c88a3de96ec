"""The conditions of criteria: a small, closed language over the columns of an answer, and its evaluation.

A condition is parsed and written again from its tree; what is evaluated is never the text of a file. The engine that
evaluates holds one table, has no files, no network and no settings that could be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    except (sqlglot.errors.SqlglotError, RecursionError) as error:
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
    """The type of a condition over columns of these types, ``None`` where it does not fit them.

    An engine would cast: it takes ``flag >= 3`` and ``count = '5'``. Here nothing is cast.
    """
    kinds = {name: "NUMBER" if kind in _NUMBERS else "TEXT" if kind in _TEXTS else kind for name, kind in columns}
    return _kind(parse_condition(condition), kinds)


_NUMBERS = frozenset({"INTEGER", "BIGINT", "HUGEINT", "SMALLINT", "DOUBLE"})
_TEXTS = frozenset({"VARCHAR", "TEXT"})


def _kind(node: exp.Expr, columns: Mapping[str, str]) -> str | None:
    match node:
        case exp.Column():
            return columns.get(node.name)
        case exp.Literal():
            return "TEXT" if node.is_string else "NUMBER"
        case exp.Boolean():
            return "BOOLEAN"
        case exp.Paren():
            return _kind(node.this, columns)
        case exp.And() | exp.Or():
            return "BOOLEAN" if _both(node, columns) == "BOOLEAN" else None
        case exp.Not():
            return "BOOLEAN" if _kind(node.this, columns) == "BOOLEAN" else None
        case exp.Is():
            return "BOOLEAN" if _is_test(node, columns) else None
        case exp.In():
            asked = _kind(node.this, columns)
            offered = {_kind(each, columns) for each in node.expressions}
            return "BOOLEAN" if asked is not None and offered == {asked} else None
        case exp.EQ() | exp.NEQ():
            return "BOOLEAN" if _both(node, columns) is not None else None
        case exp.GT() | exp.GTE() | exp.LT() | exp.LTE():
            return "BOOLEAN" if _both(node, columns) == "NUMBER" else None
        case exp.Add() | exp.Sub():
            return "NUMBER" if _both(node, columns) == "NUMBER" else None
        case exp.Neg():
            return "NUMBER" if _kind(node.this, columns) == "NUMBER" else None
        case _:
            return None


def _both(node: exp.Expr, columns: Mapping[str, str]) -> str | None:
    """The type of both sides, ``None`` where they differ or one has none."""
    left, right = _kind(node.this, columns), _kind(node.expression, columns)
    return left if left == right else None


def _is_test(node: exp.Expr, columns: Mapping[str, str]) -> bool:
    """Whether it asks for NULL, or whether something that is true or false is so."""
    kind = _kind(node.this, columns)
    return kind is not None and (
        isinstance(node.expression, exp.Null) or (kind == "BOOLEAN" and isinstance(node.expression, exp.Boolean))
    )


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
