"""Who asks: the claims of a verified token, as the policy sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A person or body with an account of its own.

    Attributes:
        id: account name; the only thing about staff that the ledger holds.
        roles: roles that the account may wear as a hat.
        hats: the hat worn in this request; exactly one is acceptable (第6条).
        organ: mayor, board_of_education, audit_commissioners, vendor, …
        post: official post (所長, 課長, …), for who may decide what (別表3).
        department: department that the account belongs to, if it is a holder's.
        unit: the body of the city that the account answers for, by the name that a case has for it. The policy never
            sees it, but for whether it is the one that is asked.
        oath: whether the oath of secrecy is filed (第26条).
        training_until: last day on which the training counts, ISO date.
        dv_cleared: whether the account may see persons under address protection (第13条).
        mfa: whether the session was opened with two factors (第20条).
        valid_until: last day of the account, ISO date: accounts end with the fiscal year, a transfer or a retirement
            (第20条). ``None`` for an account without one, which the policy refuses where it asks.
    """

    id: str
    roles: tuple[str, ...]
    hats: tuple[str, ...]
    organ: str
    post: str
    department: str | None
    oath: bool
    training_until: str | None
    dv_cleared: bool
    mfa: bool
    valid_until: str | None = None
    unit: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The principal of the decision document."""
        return {
            "id": self.id,
            "roles": list(self.roles),
            "hats": list(self.hats),
            "organ": self.organ,
            "post": self.post,
            "department": self.department,
            "oath": self.oath,
            "training_until": self.training_until,
            "dv_cleared": self.dv_cleared,
            "mfa": self.mfa,
            "valid_until": self.valid_until,
        }
