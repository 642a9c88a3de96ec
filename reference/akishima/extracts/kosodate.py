"""子ども子育て支援課: the allowances' SQLite database; days are ISO, flags 0 and 1."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from reference.akishima.city.allowances import Allowance
from reference.akishima.extracts.csv_files import flag
from reference.akishima.extracts.databases import Row, write_sqlite

FILE = "kosodate/kosodate.sqlite"

COLUMNS = (
    "child_id TEXT", "payee_id TEXT", "child_allowance TEXT", "hitorioya_allowance TEXT", "reason TEXT",
    "mc_oya INTEGER", "mc_child TEXT", "report_missing INTEGER", "ikusei_teate INTEGER", "granted_from TEXT",
    "bank_account TEXT", "income_amount INTEGER",
)  # fmt: skip


def write_allowances(departments: Path, rows: Sequence[Allowance]) -> None:
    """One row a child."""
    write_sqlite(departments / FILE, {"allowance": (COLUMNS, map(_row, rows))})


def _row(row: Allowance) -> Row:
    return (
        row.child.resident_id,
        row.payee_id or None,
        row.child_allowance,
        row.lone_parent,
        row.reason or None,
        flag(row.medical_lone),
        row.medical_child,
        flag(row.report_missing),
        flag(row.ikusei),
        row.granted_from.isoformat(),
        row.bank_account,
        row.income,
    )
