"""子ども家庭支援センター: its own SQLite database; days as ``2023/4/1``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from reference.akishima.city.centre import Case, Consultation
from reference.akishima.extracts.csv_files import flag
from reference.akishima.extracts.databases import Row, write_sqlite

FILE = "center/center.sqlite"

CASE_COLUMNS = (
    "case_id TEXT", "resident_id TEXT", "household_id TEXT", "accepted_on TEXT", "route TEXT", "main_type TEXT",
    "abuse_kind TEXT", "severity TEXT", "youtaikyo TEXT", "status TEXT", "closed_on TEXT", "outcome TEXT",
    "services_linked TEXT", "notifier TEXT", "summary TEXT",
)  # fmt: skip
CONSULT_COLUMNS = (
    "consult_id TEXT", "resident_id TEXT", "household_id TEXT", "consulted_on TEXT", "channel TEXT", "topic TEXT",
    "dv_related INTEGER", "content TEXT",
)  # fmt: skip


def write_centre(departments: Path, cases: Sequence[Case], consultations: Sequence[Consultation]) -> None:
    """Cases and consultations, numbered in the order in which they came in."""
    write_sqlite(
        departments / FILE,
        {
            "case_record": (CASE_COLUMNS, (_case(number, case) for number, case in enumerate(cases, start=1))),
            "consult": (CONSULT_COLUMNS, (_consult(number, c) for number, c in enumerate(consultations, start=1))),
        },
    )


def case_id(number: int, case: Case) -> str:
    """``2023-00123``: the year of acceptance, and the place in the file."""
    return f"{case.accepted_on.year}-{number:05}"


def _case(number: int, case: Case) -> Row:
    child = case.child
    return (
        case_id(number, case),
        child.resident_id if child else None,
        child.household_id if child else None,
        _day(case.accepted_on),
        case.route,
        case.main_type,
        case.abuse_kind or None,
        case.severity or None,
        case.registered,
        case.status,
        _day(case.closed_on),
        case.outcome or None,
        case.services or None,
        case.notifier,
        case.summary,
    )


def _consult(number: int, row: Consultation) -> Row:
    child = row.child
    return (
        f"S{number:06}",
        child.resident_id if child else None,
        child.household_id if child else None,
        _day(row.consulted_on),
        row.channel,
        row.topic,
        flag(row.about_violence),
        row.content,
    )


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.year}/{day.month}/{day.day}"
