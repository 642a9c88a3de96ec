"""What in the ledger is unusual by the guideline's marks (第23条): for an auditor to ask about, never a verdict.

A mark that the guideline does not set is not looked for. Entries name no data subject, so neither does what is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, Literal

from audit.entry import Entry

Mark = Literal["outside_hours", "queries_per_day", "same_query_per_day", "denials_per_day"]

_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One account on one day, by one mark.

    Attributes:
        principal: the account; ``None`` where no token was valid.
        day: ISO.
        count: decisions that bear the mark.
        first: the ledger's index of the first of them.
    """

    mark: Mark
    principal: str | None
    day: str
    count: int
    first: int


def unusual_use(entries: Iterable[Entry], marks: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What bears a mark, by day, account and mark.

    Args:
        entries: of any kind; decisions alone are looked at.
        marks: ``unusual_use`` of the guideline's parameters.
    """
    counts: Counter[tuple[str, str | None, Mark, str]] = Counter()
    firsts: dict[tuple[str, str | None, Mark, str], int] = {}
    for entry in entries:
        if entry.document["kind"] != "decision":
            continue
        at = datetime.fromisoformat(entry.document["time"])
        for mark, of in _borne(entry.document, at, marks):
            key = (at.date().isoformat(), entry.document["principal"], mark, of)
            counts[key] += 1
            firsts.setdefault(key, entry.index)
    found = (
        Finding(mark=key[2], principal=key[1], day=key[0], count=count, first=firsts[key])
        for key, count in counts.items()
        if count > _most(key[2], marks)
    )
    return tuple(sorted(found, key=lambda f: (f.day, f.principal or "", f.mark, f.first)))


def _borne(document: Mapping[str, Any], at: datetime, marks: Mapping[str, Any]) -> Iterable[tuple[Mark, str]]:
    query = document["action"].startswith("query")
    if query and "office_hours" in marks and not _in_hours(at, marks["office_hours"]):
        yield "outside_hours", ""
    if query and "queries_per_day" in marks:
        yield "queries_per_day", ""
    if query and document["sql_digest"] is not None and "same_query_per_day" in marks:
        yield "same_query_per_day", document["sql_digest"]
    if not document["allow"] and "denials_per_day" in marks:
        yield "denials_per_day", ""


def _in_hours(at: datetime, hours: Mapping[str, str]) -> bool:
    """Whether it was a weekday between the two times; holidays are for people to know."""
    start, end = (time.fromisoformat(hours[name]) for name in ("from", "to"))
    return at.weekday() < _SATURDAY and start <= at.time().replace(tzinfo=None) < end


def _most(mark: Mark, marks: Mapping[str, Any]) -> int:
    return 0 if mark == "outside_hours" else int(marks[mark])
