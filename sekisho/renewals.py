"""Reviews and renewals of purposes of use (見直し・更新): entries of the ledger, and nothing else.

A purpose ends with the fiscal year. Somebody reviews it, somebody else renews it, and from 1 April it goes on. The
guideline is not touched by that, so that approvals of the present year live until its end. Whether a review or a
renewal may be done, and whether one counts, is the policy's question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from audit.entry import Entry, entry_time
from governance.catalogue import Label
from governance.dates import end_of_fiscal_year, next_fiscal_year
from governance.errors import BadInput, Fault
from governance.matters import Matter
from governance.renewals import Renewal
from sekisho.actions import Action, Asker, Grounds, decide_action
from sekisho.matters import Matters

Event = Literal["purpose_reviewed", "purpose_renewed"]
_ACTIONS: Mapping[Event, Action] = {"purpose_reviewed": "purpose.review", "purpose_renewed": "purpose.renew"}
_NUMBER = re.compile(r"[A-Z]{1,4}[0-9]{1,2}-[0-9]{1,5}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """That somebody reviewed a purpose: who, on which day, under which document number, and the entry that says so."""

    purpose: str
    by: str
    on: date
    number: str
    ledger_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeTerm:
    """A purpose with its term, its latest review, and the term for which it is prepared.

    Attributes:
        ends: ``None`` for a purpose without an end.
    """

    purpose: str
    label: Label
    status: str
    begins: str
    ends: str | None
    reviewed_on: str | None
    reviewed_by: str | None
    next_begins: str | None
    next_ends: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewals:
    """Reviews and renewals of one deployment; its matters read the entries."""

    grounds: Grounds
    matters: Matters

    def review(self, asker: Asker, *, purpose: str, number: str) -> Review:
        """Record that a purpose was reviewed: its effect, its errors, its burden, its fairness.

        Args:
            number: of the document that holds the review.

        Raises:
            BadInput: the number is not written as one.
            Denied: the policy refuses.
            Unavailable: a part does not answer.
        """
        self._do("purpose_reviewed", asker, purpose=purpose, number=number, renewal=None)
        found = self._latest_review(purpose, today=asker.now.date())
        if found is None:
            raise Fault
        return found

    def renew(self, asker: Asker, *, purpose: str, number: str) -> Renewal:
        """Renew a purpose for the next fiscal year. It counts from 1 April.

        Raises:
            BadInput: the number is not written as one, or the purpose has been renewed for that year.
            Denied: the policy refuses: out of season, without a review, or by whoever reviewed it.
            Unavailable: a part does not answer.
        """
        today = asker.now.date()
        begins = next_fiscal_year(today)
        if self.of(purpose, begins) is not None:
            raise BadInput("purpose-renewed-already", purpose=purpose)
        review = self._latest_review(purpose, today=today)
        wanted = Renewal(
            purpose=purpose,
            begins=begins.isoformat(),
            ends=end_of_fiscal_year(begins).isoformat(),
            reviewed_on=review.on.isoformat() if review is not None else None,
            reviewed_by=review.by if review is not None else None,
            renewed_by=None,
        )
        self._do("purpose_renewed", asker, purpose=purpose, number=number, renewal=wanted)
        renewed = self.of(purpose, begins)
        if renewed is None:
            raise Fault
        return renewed

    def of(self, purpose: str | None, day: date) -> Renewal | None:
        """The renewal of a purpose in whose term a day lies."""
        return self.on(day).get(purpose or "")

    def on(self, day: date) -> Mapping[str, Renewal]:
        """The renewals in whose term a day lies, by purpose."""
        found: dict[str, Renewal] = {}
        for entry in self._entries("purpose_renewed"):
            decided = entry_time(entry.document).date()
            begins = next_fiscal_year(decided)
            purpose: str = entry.document["purpose"]
            review = self._latest_review(purpose, today=decided, before=entry.index)
            renewal = Renewal(
                purpose=purpose,
                begins=begins.isoformat(),
                ends=end_of_fiscal_year(begins).isoformat(),
                reviewed_on=review.on.isoformat() if review is not None else None,
                reviewed_by=review.by if review is not None else None,
                renewed_by=entry.document["principal"],
            )
            if renewal.holds(day):
                found[purpose] = renewal
        return found

    def reviews(self) -> tuple[Review, ...]:
        """Every review, oldest first."""
        return tuple(
            Review(
                purpose=entry.document["purpose"],
                by=entry.document["principal"],
                on=entry_time(entry.document).date(),
                number=entry.document["number"],
                ledger_index=entry.index,
            )
            for entry in self._entries("purpose_reviewed")
        )

    def terms(self, today: date) -> tuple[PurposeTerm, ...]:
        """Every purpose with its present term, its latest review and the term for which it is renewed."""
        present, prepared = self.on(today), self.on(next_fiscal_year(today))
        found = []
        for name, purpose in self.grounds.guideline.tables["purposes"].items():
            renewal, following = present.get(name), prepared.get(name)
            review = self._latest_review(name, today=today)
            written = purpose.get("reviewed") or {}
            found.append(
                PurposeTerm(
                    purpose=name,
                    label=Label(**purpose["label"]),
                    status=purpose["status"],
                    begins=renewal.begins if renewal is not None else purpose["valid_from"],
                    ends=renewal.ends if renewal is not None else purpose["valid_to"],
                    reviewed_on=review.on.isoformat() if review is not None else written.get("on"),
                    reviewed_by=review.by if review is not None else written.get("by"),
                    next_begins=following.begins if following is not None else None,
                    next_ends=following.ends if following is not None else None,
                )
            )
        return tuple(found)

    def _latest_review(self, purpose: str, *, today: date, before: int | None = None) -> Review | None:
        known = (r for r in self.reviews() if r.purpose == purpose and r.on <= today)
        return max(
            (r for r in known if before is None or r.ledger_index < before),
            key=lambda review: review.ledger_index,
            default=None,
        )

    def _do(self, event: Event, asker: Asker, *, purpose: str, number: str, renewal: Renewal | None) -> None:
        if not _NUMBER.fullmatch(number):
            raise BadInput("matter-number")
        question = asker.request(
            _ACTIONS[event],
            zone=self.grounds.zone,
            purpose=purpose,
            matter=Matter(number=number, opened_by=None),
            renewal=renewal,
        )
        decision = decide_action(question, None, grounds=self.grounds).index
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        entry: dict[str, Any] = {
            "v": 1,
            "kind": "matter",
            "time": question.time.isoformat(timespec="seconds"),
            "request": question.id,
            "principal": principal.id,
            "hat": principal.hats[0],
            "purpose": purpose,
            "recipient": None,
            "decision": decision,
            "event": event,
            "number": number,
            "subject": None,
            "guideline_version": self.grounds.guideline.version,
        }
        self.grounds.ledger.append(entry)

    def _entries(self, event: Event) -> tuple[Entry, ...]:
        return tuple(e for e in self.matters.entries() if e.document["event"] == event)
