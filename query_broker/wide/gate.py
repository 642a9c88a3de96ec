"""What the wide language is made of: an allow-list of nodes with the arguments that each may carry.

There is nobody to be protected from here, but there is the process that runs the query, and the one that asks it to:
nothing that reads elsewhere, makes values out of proportion, changes settings, or whose meaning hangs on the moment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sqlglot import exp

from governance.errors import BadInput
from query_broker.names import identifier, only, refuse

MAX_NODES = 10_000
FUNCTIONS: Mapping[type[exp.Expr], str] = {
    exp.Abs: "abs",
    exp.Avg: "avg",
    exp.Case: "case",
    exp.Coalesce: "coalesce",
    exp.Count: "count",
    exp.DenseRank: "dense_rank",
    exp.Exists: "exists",
    exp.Extract: "extract",
    exp.Greatest: "greatest",
    exp.Least: "least",
    exp.Length: "length",
    exp.Lower: "lower",
    exp.Max: "max",
    exp.Min: "min",
    exp.Month: "month",
    exp.Nullif: "nullif",
    exp.Rank: "rank",
    exp.Round: "round",
    exp.Substring: "substring",
    exp.Sum: "sum",
    exp.Upper: "upper",
    exp.Year: "year",
}
"""Functions, by the name under which the policy is told of them."""

_BINARY = (exp.And, exp.Or, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul, exp.Div)
_KNOWN: Mapping[type[exp.Expr], tuple[str, ...]] = {
    exp.Select: (
        "expressions", "from_", "joins", "where", "group", "having", "order", "limit", "distinct", "with_",
    ),
    exp.With: ("expressions",),
    exp.CTE: ("this", "alias"),
    exp.From: ("this",),
    exp.Join: ("this", "side", "kind", "on", "using"),
    exp.Table: ("this", "db", "alias"),
    exp.Subquery: ("this", "alias"),
    exp.TableAlias: ("this", "columns"),
    exp.Where: ("this",),
    exp.Group: ("expressions",),
    exp.Having: ("this",),
    exp.Order: ("expressions",),
    exp.Ordered: ("this", "desc"),
    exp.Limit: ("expression",),
    exp.Distinct: ("expressions",),
    exp.Alias: ("this", "alias"),
    exp.Column: ("this", "table"),
    exp.Identifier: ("this", "quoted"),
    exp.Star: (),
    exp.Literal: ("this", "is_string"),
    exp.Boolean: ("this",),
    exp.Null: (),
    exp.Placeholder: ("this", "kind"),
    exp.Paren: ("this",),
    exp.Not: ("this",),
    exp.Neg: ("this",),
    exp.Is: ("this", "expression"),
    exp.Between: ("this", "low", "high"),
    exp.Like: ("this", "expression", "negate"),
    exp.In: ("this", "expressions", "query"),
    exp.Filter: ("this", "expression"),
    exp.Window: ("this", "partition_by", "order", "over"),
    exp.If: ("this", "true"),
    exp.Cast: ("this", "to"),
    exp.DataType: ("this", "expressions"),
    exp.DataTypeParam: ("this",),
    exp.Interval: ("this", "unit"),
    exp.Var: ("this",),
    **dict.fromkeys(_BINARY, ("this", "expression")),
    **dict.fromkeys(FUNCTIONS, ("this",)),
    exp.Case: ("this", "ifs", "default"),
    exp.Coalesce: ("this", "expressions"),
    exp.Extract: ("this", "expression"),
    exp.Greatest: ("this", "expressions"),
    exp.Least: ("this", "expressions"),
    exp.Nullif: ("this", "expression"),
    exp.Round: ("this", "decimals"),
    exp.Substring: ("this", "start", "length"),
}  # fmt: skip
_JOINS = {("", ""), ("", "INNER"), ("", "CROSS"), ("LEFT", ""), ("LEFT", "OUTER")}
_TYPES = {"DATE", "BIGINT", "DOUBLE", "DECIMAL", "TEXT", "VARCHAR"}
_UNITS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_SCAN_NAME = re.compile(r"s[0-9]+")
_NUMBER = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,10})?")
_WHOLE = re.compile(r"[0-9]{1,9}")


def admit_tree(tree: exp.Expr) -> None:
    """Let a parsed statement into the wide language.

    Raises:
        BadInput: a node, an argument, or a place that has no rule; a name with characters that names may not have.
    """
    if not isinstance(tree, exp.Select):
        raise refuse(tree, "sql-not-a-select")
    for count, node in enumerate(tree.walk()):
        if count >= MAX_NODES:
            raise BadInput("sql-too-many-words", limit=MAX_NODES)
        if type(node) not in _KNOWN:
            raise refuse(node, "sql-construct")
        only(node, *_KNOWN[type(node)])
        _admit_in_its_place(node, tree)


def _admit_in_its_place(node: exp.Expr, root: exp.Expr) -> None:
    match node:
        case exp.Identifier():
            identifier(node)
        case exp.Select() if node.args.get("from_") is None:
            raise refuse(node, "sql-no-table")
        case exp.Subquery() | exp.CTE() | exp.Exists() if not isinstance(_unwrapped(node.this), exp.Select):
            raise refuse(node, "sql-not-a-select")
        case exp.CTE() if _SCAN_NAME.fullmatch(identifier(node.args["alias"].this)):
            raise refuse(node, "sql-identifier")  # scans are called so where the query runs
        case exp.Table() if not isinstance(node.this, exp.Identifier):
            raise refuse(node, "sql-construct")
        case exp.Join() if (str(node.args.get("side") or ""), str(node.args.get("kind") or "")) not in _JOINS:
            raise refuse(node, "sql-join-kind")
        case exp.Order() if node.parent is not root and not isinstance(node.parent, exp.Window):
            raise refuse(node, "sql-order-inside")
        case exp.Rank() | exp.DenseRank() if not isinstance(node.parent, exp.Window):
            raise refuse(node, "sql-window-here")
        case exp.Window() if isinstance(node.this, exp.Rank | exp.DenseRank) and node.args.get("order") is None:
            raise refuse(node, "sql-window-order")
        case exp.Limit() if node.parent is not root or not _is_whole(node.expression):
            raise refuse(node, "sql-limit-here")
        case exp.Distinct() if not isinstance(node.parent, exp.Select) and len(node.expressions) != 1:
            raise refuse(node, "sql-construct")
        case exp.Star() if not (isinstance(node.parent, exp.Count) or _stands_for_any_row(node)):
            raise refuse(node, "sql-star")
        case exp.Literal() if not node.is_string and not _NUMBER.fullmatch(node.name):
            raise refuse(node, "sql-number")
        case exp.Interval() if not (_is_whole(node.this) and _is_unit(node.args.get("unit"))):
            raise refuse(node, "sql-construct")
        case exp.Extract() if not _is_unit(node.this):
            raise refuse(node, "sql-construct")
        case exp.Cast() if node.to.this.name not in _TYPES:
            raise refuse(node, "sql-cast")
        case _:
            return


def _unwrapped(node: exp.Expr) -> exp.Expr:
    return node.this if isinstance(node, exp.Subquery) and node.args.get("alias") is None else node


def _stands_for_any_row(star: exp.Star) -> bool:
    """``EXISTS (SELECT * …)``: nothing is put out."""
    select = star.parent
    return isinstance(select, exp.Select) and isinstance(select.parent, exp.Exists) and len(select.expressions) == 1


def _is_whole(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Literal) and bool(_WHOLE.fullmatch(node.name))


def _is_unit(node: exp.Expr | None) -> bool:
    return isinstance(node, exp.Var) and node.name.upper() in _UNITS
