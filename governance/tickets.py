"""A ticket of a controlled re-identification, as the policy sees it: facts, and no judgement (第15条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from governance.look_ups import LookUpOrder

TicketState = Literal["new", "requested", "granted", "open", "ended", "rejected"]
"""``open`` while a view is kept; ``ended`` where nobody was found, or whoever asked has ended it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """How far a ticket has got, and what its next step would be.

    Attributes:
        requester: account of whoever asked; ``None`` where this request asks.
        decided_by: account of whoever granted or rejected it.
        emergency: life or body is in danger, so that it is carried out at once and decided afterwards.
        alert: the criteria wanted the person seen at once; such a ticket takes no place of the month's number.
        verdict: what people have judged, for the step that ends a view.
        wish: characters of what the person wants.
        wish_missing: characters of why the person was not asked.
        types: purposes for which the criteria found the person.
        hits: how many indicators are met.
        reason: characters of the reason that is given for this step.
        contact: characters of what contact is planned.
        until: last day of the grant, or of the view.
        extensions: how often the view has been extended.
        granted_this_month: how many tickets were granted this month that take a place.
        due: last days for the decisions on the requester's emergencies that nobody has decided on.
        look_ups: what the holders would be asked for, the register first.
    """

    state: TicketState
    requester: str | None
    decided_by: str | None
    emergency: bool
    alert: bool
    verdict: str | None
    wish: int
    wish_missing: int
    types: tuple[str, ...]
    hits: int
    reason: int
    contact: int
    until: date | None
    extensions: int
    granted_this_month: int
    due: tuple[date, ...]
    look_ups: tuple[LookUpOrder, ...]

    def to_json(self) -> dict[str, Any]:
        """The ticket as the policy sees it; no pseudonym, no text."""
        return {
            "state": self.state,
            "requester": self.requester,
            "decided_by": self.decided_by,
            "emergency": self.emergency,
            "alert": self.alert,
            "verdict": self.verdict,
            "wish": self.wish,
            "wish_missing": self.wish_missing,
            "types": list(self.types),
            "hits": self.hits,
            "reason": self.reason,
            "contact": self.contact,
            "until": self.until.isoformat() if self.until else None,
            "extensions": self.extensions,
            "granted_this_month": self.granted_this_month,
            "due": [day.isoformat() for day in self.due],
            "look_ups": [order.facts() for order in self.look_ups],
        }
