"""Random expressions of the broker's algebra over one table of four types, with the rows to try them on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from query_broker import relational as r

COLUMNS: Mapping[str, pa.DataType] = {
    "n": pa.int64(),
    "m": pa.int64(),
    "t": pa.string(),
    "d": pa.date32(),
    "b": pa.bool_(),
}

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=4) | st.sampled_from(
    ["a", "it's", '"', "\\", "$p"]
)
_CONSTANTS: dict[str, st.SearchStrategy[Any]] = {
    "INTEGER": st.integers(-3, 9),
    "TEXT": TEXT,
    "DATE": st.dates(date(2023, 3, 30), date(2023, 4, 3)),
    "BOOLEAN": st.booleans(),
}
_NAMES = {"INTEGER": ("n", "m"), "TEXT": ("t",), "DATE": ("d",), "BOOLEAN": ("b",)}
_TYPES = tuple(_NAMES)

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "n": st.none() | st.integers(-3, 9),
            "m": st.none() | st.integers(-3, 9),
            "t": st.none() | TEXT,
            "d": st.none() | _CONSTANTS["DATE"],
            "b": st.none() | st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


def table_of(rows: list[dict[str, Any]]) -> pa.Table:
    """The rows as a table."""
    return pa.table({name: pa.array([row[name] for row in rows], type_) for name, type_ in COLUMNS.items()})


def column(name: str) -> r.ColumnRef:
    """A column of the table, which is scan ``s1``."""
    return r.ColumnRef(source="s1", name=name)


def literals(kind: str) -> st.SearchStrategy[r.Literal]:
    """Constants of a type."""
    return _CONSTANTS[kind].map(lambda value: r.Literal(value=value, type=kind))  # type: ignore[arg-type]


def columns(kind: str) -> st.SearchStrategy[r.ColumnRef]:
    """Columns of a type."""
    return st.sampled_from(_NAMES[kind]).map(column)


@st.composite
def comparisons(draw: st.DrawFn) -> r.Expression:
    """A column against a constant, in any of the ways that a department understands."""
    kind = draw(st.sampled_from(_TYPES))
    ref, constant = draw(columns(kind)), draw(literals(kind))
    operators = ["=", "<>", *([] if kind in ("TEXT", "BOOLEAN") else ["<", "<=", ">", ">="])]
    operator: Any = draw(st.sampled_from(operators))
    match draw(st.integers(0, 4)):
        case 0:
            return r.Comparison(operator=operator, left=constant, right=ref)
        case 1:
            return r.IsNull(part=ref)
        case 2:
            return r.InList(part=ref, items=tuple(draw(st.lists(literals(kind), min_size=1, max_size=3))))
        case 3 if kind == "BOOLEAN":
            return ref
        case _:
            return r.Comparison(operator=operator, left=ref, right=constant)


def _connected(parts: st.SearchStrategy[r.Expression]) -> st.SearchStrategy[r.Expression]:
    """and, or, not; an AND directly in an AND is written as one."""
    pairs = st.lists(parts, min_size=2, max_size=3)
    return (
        pairs.map(lambda found: r.And(parts=_flat(found, r.And)))
        | pairs.map(lambda found: r.Or(parts=_flat(found, r.Or)))
        | parts.map(lambda part: r.Not(part=part))
    )


def _flat(parts: list[r.Expression], kind: type[r.And | r.Or]) -> tuple[r.Expression, ...]:
    return tuple(inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,)))


SIMPLE_CONDITIONS = st.recursive(comparisons(), _connected, max_leaves=6)
"""Conditions that a department can check: columns against constants, joined by AND, OR and NOT."""


def _integers(conditions: st.SearchStrategy[r.Expression]) -> st.SearchStrategy[r.Expression]:
    def grow(parts: st.SearchStrategy[r.Expression]) -> st.SearchStrategy[r.Expression]:
        return (
            st.builds(
                lambda operator, left, right: r.Arithmetic(operator=operator, left=left, right=right),
                st.sampled_from(["+", "-", "*"]),
                parts,
                parts,
            )
            | st.builds(
                lambda operator, left, by: r.Arithmetic(
                    operator=operator, left=left, right=r.Literal(value=by, type="INTEGER")
                ),
                st.sampled_from(["//", "%"]),
                parts,
                st.sampled_from([1, 2, 3, -2]),
            )
            | st.builds(
                lambda name, arguments: r.Function(name=name, arguments=tuple(arguments)),
                st.sampled_from(["coalesce", "least", "greatest"]),
                st.lists(parts, min_size=2, max_size=3),
            )
            | parts.map(lambda part: r.Function(name="abs", arguments=(part,)))
            | st.builds(lambda a, b: r.Function(name="nullif", arguments=(a, b)), parts, parts)
            | st.builds(
                lambda branches, otherwise: r.Case(branches=tuple(branches), otherwise=otherwise),
                st.lists(st.tuples(conditions, parts), min_size=1, max_size=2),
                st.none() | parts,
            )
        )

    return st.recursive(columns("INTEGER") | literals("INTEGER"), grow, max_leaves=5)


INTEGERS = _integers(SIMPLE_CONDITIONS)
"""Whole numbers, computed in every way that there is."""

CONDITIONS = st.recursive(
    SIMPLE_CONDITIONS
    | st.builds(
        lambda operator, left, right: r.Comparison(operator=operator, left=left, right=right),
        st.sampled_from(["=", "<>", "<", "<=", ">", ">="]),
        INTEGERS,
        INTEGERS,
    )
    | st.builds(
        lambda left, right: r.Comparison(operator="=", left=left, right=right), SIMPLE_CONDITIONS, SIMPLE_CONDITIONS
    )
    | INTEGERS.map(lambda part: r.IsNull(part=part)),
    _connected,
    max_leaves=4,
)
"""Conditions of every kind but those with subqueries."""


def select_of(condition: r.Expression, *values: r.Expression) -> r.Select:
    """A query of one scope: row number and values where the condition holds."""
    return r.Select(
        id="q1",
        sources=(r.JoinedSource(source=r.TableScan(id="s1", dataset="town.person"), join="from", on=()),),
        where=(condition,),
        grouped=False,
        group=(),
        projections=tuple(r.Projection(name=f"x{n}", expression=value) for n, value in enumerate(values)),
        order=(),
    )


def evaluated(expression: r.Expression, row: Mapping[str, Any]) -> Any:
    """The value of an expression in one row, by SQL's rules, written out; ``None`` is NULL."""
    match expression:
        case r.ColumnRef(name=name):
            return row[name]
        case r.Literal(value=value):
            return value
        case r.IsNull(part=part):
            return evaluated(part, row) is None
        case r.Not(part=part):
            value = evaluated(part, row)
            return None if value is None else not value
        case r.And(parts=parts) | r.Or(parts=parts):
            decisive = isinstance(expression, r.Or)
            values = [evaluated(part, row) for part in parts]
            return decisive if decisive in values else None if None in values else not decisive
        case r.InList(part=part, items=items):
            value = evaluated(part, row)
            return None if value is None else any(value == item.value for item in items if isinstance(item, r.Literal))
        case r.Comparison(operator=operator, left=left, right=right):
            a, b = evaluated(left, row), evaluated(right, row)
            if a is None or b is None:
                return None
            return {"=": a == b, "<>": a != b}[operator] if operator in ("=", "<>") else _ordered(operator, a, b)
        case r.Arithmetic(operator=operator, left=left, right=right):
            a, b = evaluated(left, row), evaluated(right, row)
            return None if a is None or b is None else _computed(operator, a, b)
        case r.Case(branches=branches, otherwise=otherwise):
            for when, then in branches:
                if evaluated(when, row) is True:
                    return evaluated(then, row)
            return None if otherwise is None else evaluated(otherwise, row)
        case r.Function(name=name, arguments=arguments):
            return _called(name, [evaluated(argument, row) for argument in arguments])
    raise TypeError(type(expression).__name__)


def _ordered(operator: str, a: Any, b: Any) -> bool:
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])


def _computed(operator: str, a: int, b: int) -> int:
    match operator:
        case "+":
            return a + b
        case "-":
            return a - b
        case "*":
            return a * b
        case "//":
            # SQL divides towards zero, Python downwards.
            return abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
        case _:
            return a - _computed("//", a, b) * b


def _called(name: str, values: list[Any]) -> Any:
    known = [value for value in values if value is not None]
    match name:
        case "coalesce":
            return known[0] if known else None
        case "least":
            return min(known, default=None)
        case "greatest":
            return max(known, default=None)
        case "abs":
            return None if values[0] is None else abs(values[0])
        case _:
            return None if values[0] == values[1] else values[0]
