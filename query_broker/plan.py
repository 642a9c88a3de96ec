"""What the rewriter hands over: the plan of a query, which the certificate is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from governance.decisions import OutputObligation
from governance.scans import ScanOrder
from query_broker import relational as r


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedScan:
    """A scan of the plan: which department is asked for what. ``id`` names the table reference in the SQL.

    Attributes:
        unknown: the department is not asked: its data are out of date. The SQL runs without a row of it.
    """

    id: str
    department: str
    order: ScanOrder
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumn:
    """A column of the answer.

    Attributes:
        counts: for a measure, the names of the count columns that hold how many distinct persons (or households)
            contribute to it; empty for group keys and for row-level answers.
        filtered: whether the query chooses who contributes, so that *everybody does* says something of each.
        tells: for a group key, whether it says something sensitive of whoever is in the group.
        unknown: it rests on a scan that is not asked for, so that it holds no value in any row.
    """

    name: str
    type: r.ValueType
    counts: tuple[str, ...]
    filtered: bool
    tells: bool
    unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationPlan:
    """The persons behind an aggregate answer, for the comparison with earlier ones; they stay where the SQL runs.

    Attributes:
        sql: one row a group, person and household: group keys ``g0`` …, units ``u0`` … (persons first), and for each
            measure with contributors of its own whether the person contributes, ``m0`` ….
        groups: how many group keys.
        units: the columns of the cohort that tell persons and households apart, persons first.
        measures: names of the answer's columns that the ``m`` columns are of.
        parameters: names of the parameters that the SQL binds.
    """

    sql: str
    groups: int
    units: tuple[r.ColumnRef, ...]
    measures: tuple[str, ...]
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FederatedPlan:
    """What will run.

    Attributes:
        scans: one per table reference, in order of id.
        sql: over tables named by scan id.
        parameters: values that the SQL still binds.
        columns: the answer's own columns.
        row_counts: count columns of the whole row; empty for row-level answers.
        order: positions of columns and whether descending, for the output stage.
        output: the obligation that the output stage carries out.
        population: for answers with a smallest group.
    """

    scans: tuple[PlannedScan, ...]
    sql: str
    parameters: Mapping[str, r.Constant]
    columns: tuple[OutputColumn, ...]
    row_counts: tuple[str, ...]
    order: tuple[r.SortKey, ...]
    output: OutputObligation
    population: PopulationPlan | None
