"""The check of a package before people review it: what they would have to refuse, found without them (第18条).

It shares no code with what made the rows: groups are counted by an SQL engine over the rows as they would leave.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from governance.approvals import Template
from governance.errors import BadInput
from governance.packages import PackageRecipe

_FEW = 12
"""Different values of a number from which on it is no longer a band, but a count that tells people apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What bars a package.

    Attributes:
        column: of the package, where the finding is about one.
    """

    code: str
    column: str | None = None

    def error(self) -> BadInput:
        """The finding with its sentences."""
        return BadInput(self.code, column=self.column or "")


def find(
    table: pa.Table,
    recipe: PackageRecipe,
    template: Template,
    *,
    k: int,
    l: int,  # noqa: E741
    gone: Sequence[int],
) -> tuple[Finding, ...]:
    """Look for whatever bars a package.

    Args:
        table: the rows as they would leave.
        gone: for each earlier package to the same recipient under the same pseudonyms, how many of its persons are no
            longer in this one.
    """
    findings = [*_shape(table, recipe), *_context(table, recipe, template)]
    if any(0 < count < k for count in gone):
        findings.append(Finding(code="package-difference"))
    with duckdb.connect(":memory:") as engine:
        engine.execute("SET enable_external_access = false")
        engine.register("rows", table)
        findings += _groups(engine, table, recipe, k=k, l=l)
        findings += _values(engine, table, recipe, k=k)
    return tuple(findings)


def _shape(table: pa.Table, recipe: PackageRecipe) -> list[Finding]:
    found = [Finding(code="package-rows")] if table.num_rows > recipe.rows_at_most else []
    people = table.column(recipe.subject).to_pylist()
    if len(set(people)) != len(people) or None in people:
        found.append(Finding(code="package-persons", column=recipe.subject))
    if [person.bytes for person in people if person] != sorted(person.bytes for person in people if person):
        found.append(Finding(code="package-order", column=recipe.subject))
    return found


def _context(table: pa.Table, recipe: PackageRecipe, template: Template) -> list[Finding]:
    """Every column is declared and explained."""
    explained = {recipe.subject, *recipe.columns} & set(template.columns)
    return [Finding(code="package-context", column=name) for name in table.column_names if name not in explained]


def _groups(
    engine: duckdb.DuckDBPyConnection,
    table: pa.Table,
    recipe: PackageRecipe,
    *,
    k: int,
    l: int,  # noqa: E741
) -> list[Finding]:
    quasi = [_name(n) for n, c in recipe.columns.items() if c.role == "quasi" and n in table.column_names]
    grouping = f"GROUP BY {', '.join(quasi)}" if quasi else ""
    found = []
    if _any(engine, f"SELECT 1 FROM rows {grouping} HAVING count(*) < {k}"):  # noqa: S608 - names of the recipe, quoted
        found.append(Finding(code="package-group"))
    for name, column in recipe.columns.items():
        if column.role != "sensitive" or name not in table.column_names:
            continue
        quoted = _name(name)
        some = f" + (count(*) > count({quoted}))::INTEGER" if column.missing_is_none else ""
        values = f"count(DISTINCT {quoted}){some}"
        if _any(engine, f"SELECT 1 FROM rows {grouping} HAVING {values} BETWEEN 1 AND {l - 1}"):  # noqa: S608 - names of the recipe, quoted
            found.append(Finding(code="package-diversity", column=name))
    return found


def _values(engine: duckdb.DuckDBPyConnection, table: pa.Table, recipe: PackageRecipe, *, k: int) -> list[Finding]:
    found = []
    for name in table.column_names:
        if name == recipe.subject:
            continue
        quoted = _name(name)
        if _any(engine, f"SELECT 1 FROM rows GROUP BY {quoted} HAVING count(*) < {k}"):  # noqa: S608 - names of the recipe, quoted
            found.append(Finding(code="package-rare", column=name))
        is_number = pa.types.is_integer(table.schema.field(name).type) or pa.types.is_decimal(
            table.schema.field(name).type
        )
        if is_number and _any(engine, f"SELECT 1 FROM rows HAVING count(DISTINCT {quoted}) > {_FEW}"):  # noqa: S608 - names of the recipe, quoted
            found.append(Finding(code="package-unrounded", column=name))
    return found


def _any(engine: duckdb.DuckDBPyConnection, sql: str) -> bool:
    return engine.execute(f"SELECT EXISTS ({sql})").fetchall() == [(True,)]


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
