"""What the path of a query ends in: a release, or the explanation of what would happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa

from audit.receipt import Receipt
from governance.decisions import Decision
from governance.facts import QueryFacts
from query_broker.plan import FederatedPlan, PlannedScan


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """The answer, and what it cost (I9).

    Attributes:
        cells: cells that left each department for it.
        known: dataset → rows for which it had a known answer, for row-level answers (``query_broker/coverage.py``).
        smallest_group: persons (and households) that must stand behind a row or a measure, 0 for row-level answers. How
            many were left out is in the ledger only: to whoever asks, it would tell whether somebody is there.
        articles: articles that it was granted under.
        basis: kind of legal basis that it rests on.
        receipt: proof that the outcome is in the ledger, to be kept.
        key_id: id of the key that made its pseudonyms.
        repeats: the release whose answer is given again, because the question is the same in the same data period.
        stale: datasets that were out of date and not asked, each with its day.
        unknown: columns that rest on them; they hold no value in any row.
        rounding: multiples to which its counts are rounded, ``None`` where they are exact.
    """

    request: str
    table: pa.Table
    rows: int
    smallest_group: int
    cells: Mapping[str, int]
    known: Mapping[str, int]
    controls: tuple[str, ...]
    articles: tuple[int, ...]
    decision_index: int
    ledger_index: int
    receipt: Receipt
    result_digest: str
    expires_in_days: int | None
    key_id: str
    basis: str | None = None
    repeats: int | None = None
    stale: Mapping[str, date] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    rounding: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What would happen, without asking a department: facts, decision, plan.

    Attributes:
        plan: absent where the policy denies.
        cells: for each scan, the columns that would leave and how many rows its dataset has at most.
    """

    facts: QueryFacts
    decision: Decision
    plan: FederatedPlan | None
    cells: tuple[ScanCells, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCells:
    """An upper bound of what one scan lets leave: every row of its dataset, before any filter."""

    scan: PlannedScan
    rows_at_most: int

    @property
    def cells_at_most(self) -> int:
        """Rows times columns."""
        return self.rows_at_most * len(self.scan.order.columns)
