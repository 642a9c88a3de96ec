"""What a deployment keeps and has to erase one day, each kind with the day from which its term counts (第24条).

A kind says how much of it there is and since when, and erases what it is told to. Terms are the guideline's, who may
erase is the policy's (`sekisho.retention`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from audit.entry import entry_time
from audit.ledger import Ledger
from connectors.department import LocalDepartment
from governance.decisions import PseudonymSpace
from governance.guideline import Guideline
from masking.epoch_keys import EpochKeys
from sekisho.answer_store import AnswerStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One thing that is kept.

    Attributes:
        id: by which its kind finds it again.
        since: the day from which its term counts; ``None`` while it has not begun, as for keys that are in use.
    """

    id: str
    since: date | None


class Kind(Protocol):
    """Things of one kind."""

    @property
    def name(self) -> str:
        """Its name in the guideline's table of terms."""
        ...

    def things(self) -> Sequence[Thing]:
        """Everything of it that is kept.

        Raises:
            Unavailable: it cannot be read.
        """
        ...

    def erase(self, ids: Sequence[str]) -> int:
        """Erase things; how many there were.

        Raises:
            Unavailable: it cannot be written. Some may be gone then.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswers:
    """Answers that a question would get again (第17条). The term counts from their release."""

    store: AnswerStore
    ledger: Ledger
    name: str = "kept-answers"

    def things(self) -> Sequence[Thing]:
        """Each by its digest. One whose release never came about is as old as the next one that was released."""
        released = {
            entry.document["result_digest"]: entry_time(entry.document).date()
            for entry in self.ledger.entries()
            if entry.document["kind"] == "release" and "repeats" not in entry.document
        }
        found: list[Thing] = []
        since: date | None = None
        for digest in reversed(self.store.digests()):
            since = released.get(digest, since)
            found.append(Thing(id=digest, since=since))
        return found[::-1]

    def erase(self, ids: Sequence[str]) -> int:
        """Take answers out of the store, and out of its file."""
        return self.store.erase(ids)


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymEpochs:
    """Secrets of epochs. The term counts from the last use of one that is no domain's epoch any more."""

    keys: EpochKeys
    guideline: Guideline
    ledger: Ledger
    name: str = "pseudonym-epochs"

    def things(self) -> Sequence[Thing]:
        """Each that was not destroyed."""
        used = _last_uses(self.ledger)
        # Whatever is written down may still be needed, or needed soon: it ends by being taken out of the table.
        current = {(name, epoch) for name in self.guideline.tables["domains"] for epoch in self.guideline.epochs(name)}
        begun = entry_time(self.ledger.entry(0).document).date()
        return [
            Thing(id=_id(space), since=None if _names(space) in current else used.get(_names(space), begun))
            for space in self._spaces()
        ]

    def erase(self, ids: Sequence[str]) -> int:
        """Destroy secrets, durably."""
        return sum(self.keys.destroy(space) for space in self._spaces() if _id(space) in ids)

    def _spaces(self) -> Iterable[PseudonymSpace]:
        return [epoch.space for epoch in self.keys.known() if not epoch.destroyed]


@dataclass(frozen=True, slots=True, kw_only=True)
class UseRecords:
    """What departments wrote down of whose rows left. The term counts from the day of the decision."""

    departments: Callable[[], Mapping[str, LocalDepartment]]
    name: str = "use-records"

    def things(self) -> Sequence[Thing]:
        """Each record of a scan, by department and day."""
        return [
            Thing(id=f"{name} {day.isoformat()}", since=day)
            for name, department in self.departments().items()
            for day, count in department.persons.use_days().items()
            for _ in range(count)
        ]

    def erase(self, ids: Sequence[str]) -> int:
        """Erase the records of the days of departments."""
        days: dict[str, set[date]] = {}
        for each in ids:
            name, _, day = each.partition(" ")
            days.setdefault(name, set()).add(date.fromisoformat(day))
        departments = self.departments()
        return sum(departments[name].persons.forget_uses(sorted(of)) for name, of in days.items())


def _last_uses(ledger: Ledger) -> Mapping[tuple[str, str], date]:
    """Domain and epoch → the day of the last decision that let pseudonyms of them be made."""
    used: dict[tuple[str, str], date] = {}
    for entry in ledger.entries():
        space = entry.document.get("pseudonyms")
        if space is not None:
            used[space["domain"], space["epoch"]] = entry_time(entry.document).date()
    return used


def _names(space: PseudonymSpace) -> tuple[str, str]:
    return space.domain, space.epoch


def _id(space: PseudonymSpace) -> str:
    return f"{space.domain} {space.epoch}"
