"""What the holder of a register is asked when one pseudonym is to be resolved: an order of a kind of its own (第15条).

It is no scan. A scan never compares a pseudonym with anything; this order does nothing else, and has room for one
pseudonym only. Its digest is in the ledger, with the decision that allowed it, before it is sent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

import rfc8785

from governance.decisions import PseudonymSpace

LOOK_UP_ACTIONS = ("reidentify.run", "reidentify.show")
"""The actions whose decision opens an order of this kind; the decision on a query opens none."""

Value: TypeAlias = str | int | bool | date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookUpOrder:
    """One look-up, exactly as the holder has to do it.

    Attributes:
        dataset: where the person is looked for: a row a person.
        pseudonym: the one that is resolved.
        pseudonyms: domain and epoch of the key that made it.
        columns: what comes back of the person; empty where it is only asked whether the person may be shown.
        among: a dataset of the same holder: only who is in it is found.
        leave_out: named sets whose members are not found, and look as if nobody had the pseudonym.
        reduced: named set → the columns that come back of its members, a part of ``columns``.
        alert: a set of ``leave_out``: that one of its members was asked for is noted on the holder's side.
        ticket: number of the ticket, for that note.
        as_of: the date that derived datasets are computed for.
    """

    dataset: str
    pseudonym: UUID
    pseudonyms: PseudonymSpace
    columns: tuple[str, ...]
    among: str | None
    leave_out: tuple[str, ...]
    reduced: Mapping[str, tuple[str, ...]]
    alert: str | None
    ticket: str
    as_of: date

    def to_json(self) -> dict[str, Any]:
        """The order as it crosses to the holder; it carries the pseudonym and is never recorded itself."""
        return {
            "dataset": self.dataset,
            "pseudonym": str(self.pseudonym),
            "pseudonyms": {"domain": self.pseudonyms.domain, "epoch": self.pseudonyms.epoch},
            "columns": list(self.columns),
            "among": self.among,
            "leave_out": list(self.leave_out),
            "reduced": {name: list(columns) for name, columns in sorted(self.reduced.items())},
            "alert": self.alert,
            "ticket": self.ticket,
            "as_of": self.as_of.isoformat(),
        }

    def facts(self) -> dict[str, Any]:
        """What the policy judges of it: everything but the pseudonym, the ticket and the day."""
        return {
            "dataset": self.dataset,
            "columns": list(self.columns),
            "among": self.among,
            "leave_out": list(self.leave_out),
            "reduced": {name: list(columns) for name, columns in sorted(self.reduced.items())},
            "alert": self.alert,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who was found.

    Attributes:
        subject: keyed reference by which records name the person; only the holders' side can make it.
        values: column → value, of the columns that were ordered and may be shown.
        reduced: the set because of which fewer columns came back, ``None`` for everybody else.
    """

    subject: str
    values: Mapping[str, Value]
    reduced: str | None


def look_up_digest(order: LookUpOrder, *, nonce: str) -> str:
    """SHA-256 over the canonical order and the request's random nonce, which the ledger does not hold.

    The key under which the order stands differs from a scan's, so that no digest is one of both.
    """
    return hashlib.sha256(rfc8785.dumps({"look_up": order.to_json(), "nonce": nonce})).hexdigest()
