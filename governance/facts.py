"""What a query does, as facts without judgement: output of ``describe``, and the query part of the policy input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

ScanRole = Literal["cohort", "attribute", "bridge", "household", "impersonal", "unreached"]
"""How a table reference is tied to the persons that the result is about (``docs/scan-roles.md``)."""

Usage = Literal["output", "predicate", "join", "group", "aggregate", "count_distinct", "order", "null_check"]
Grain = Literal["subject", "household", "group", "impersonal"]
OutputKind = Literal["row_level", "aggregate", "impersonal"]
"""``impersonal``: every table that is read is declared to hold no data subject, so that no row is about anybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFact:
    """A column that a scan reads, and every way in which the query uses it."""

    column: str
    usages: tuple[Usage, ...]

    def to_json(self) -> dict[str, Any]:
        return {"column": self.column, "usages": list(self.usages)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFact:
    """One table reference (never one table): ``id`` is ``s1``, ``s2``, … in order of appearance.

    Attributes:
        decides_rows: whether rows of the answer rest on it: it could not be left out and only its columns be unknown.
    """

    id: str
    dataset: str
    role: ScanRole
    decides_rows: bool
    columns: tuple[ColumnFact, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "dataset": self.dataset,
            "role": self.role,
            "decides_rows": self.decides_rows,
            "columns": [c.to_json() for c in self.columns],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeFact:
    """One SELECT: what it reads, what one of its rows stands for, its grouping keys and its aggregates."""

    id: str
    inputs: tuple[str, ...]
    grain: Grain
    keys: tuple[str, ...]
    aggregates: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "inputs": list(self.inputs),
            "grain": self.grain,
            "keys": list(self.keys),
            "aggregates": list(self.aggregates),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumnFact:
    """A column of the answer and the scan columns that it is computed from, as ``s1.grade``."""

    name: str
    origins: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "origins": list(self.origins)}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFact:
    """The shape of the answer."""

    kind: OutputKind
    scope: str
    columns: tuple[OutputColumnFact, ...]
    rows_per_subject: Literal["one", "many"]

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "scope": self.scope,
            "columns": [c.to_json() for c in self.columns],
            "rows_per_subject": self.rows_per_subject,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryFacts:
    """Everything the policy is told about a query. Holds names of the catalogue and no literal of the query (I7)."""

    sql_digest: str
    scans: tuple[ScanFact, ...]
    scopes: tuple[ScopeFact, ...]
    output: OutputFact
    functions: tuple[str, ...]
    row_limit: int | None

    def to_json(self) -> dict[str, Any]:
        return {
            "sql_digest": self.sql_digest,
            "scans": [s.to_json() for s in self.scans],
            "scopes": [s.to_json() for s in self.scopes],
            "output": self.output.to_json(),
            "functions": list(self.functions),
            "row_limit": self.row_limit,
        }
