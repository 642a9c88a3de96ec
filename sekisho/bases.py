"""Legal bases (法的根拠): which kinds there are, and what was used on one before its approval was decided.

What a use ahead of the decision is worth, and until when it has to be decided, the policy says. Here stands what the
ledger knows of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from audit.ledger import Ledger
from governance.approvals import AheadUse, Approval
from governance.errors import BadInput
from governance.guideline import Guideline

_DECIDED = frozenset({"granted", "rejected", "revoked"})


def known_basis(guideline: Guideline, basis: str | None) -> str | None:
    """The kind of basis that was named, or none.

    Raises:
        BadInput: the guideline knows no such kind; the message says which there are.
    """
    kinds = guideline.tables["parameters"].get("legal_bases", {})
    if basis is not None and basis not in kinds:
        raise BadInput("basis-unknown", bases=", ".join(kinds))
    return basis


def sole_basis(guideline: Guideline, purpose: str | None) -> str | None:
    """The legal basis of a purpose that nobody has to name: the only one, or the only one that is approved before."""
    kinds = guideline.tables["parameters"].get("legal_bases", {})
    bases = guideline.tables["purposes"].get(purpose, {}).get("bases", ())
    before = [basis for basis in bases if "afterwards" not in kinds.get(basis, {})]
    return before[0] if len(before) == 1 else None


@dataclass(slots=True)
class _Uses:
    """First use of each approval on a kind of basis that is approved afterwards, read as the ledger grows."""

    _size: int = 0
    _first: dict[str, tuple[str, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up_to_date(self, ledger: Ledger, kinds: frozenset[str]) -> dict[str, tuple[str, str]]:
        with self._lock:
            # The size first: what enters meanwhile is read twice rather than not at all.
            size = ledger.size
            for entry in ledger.of_kind("decision", start=self._size):
                used = entry.document
                if used["allow"] and used["action"] == "query" and used.get("basis") in kinds and used["approval"]:
                    self._first.setdefault(used["approval"], (used["principal"], used["time"][:10]))
            self._size = size
            return dict(self._first)


@dataclass(frozen=True, slots=True, kw_only=True)
class AheadUses:
    """What was used ahead of its decision in one deployment, by the ledger alone.

    Attributes:
        approval: the approval of a number as it is now, ``None`` where there is none.
    """

    ledger: Ledger
    guideline: Guideline
    approval: Callable[[str], Approval | None]
    _read: _Uses = field(default_factory=_Uses)

    def open(self) -> tuple[AheadUse, ...]:
        """Every use that nobody has decided on, by the approval's number.

        Raises:
            Unavailable: the ledger or the store cannot be read.
        """
        kinds = self.guideline.tables["parameters"].get("legal_bases", {})
        afterwards = frozenset(name for name, kind in kinds.items() if "afterwards" in kind)
        if not afterwards:
            return ()
        return tuple(
            AheadUse(approval=number, requester=principal, since=since)
            for number, (principal, since) in sorted(self._read.up_to_date(self.ledger, afterwards).items())
            if self._is_open(number)
        )

    def of(self, principal: str | None) -> tuple[AheadUse, ...]:
        """Those of one person."""
        return tuple(use for use in self.open() if use.requester == principal)

    def _is_open(self, number: str) -> bool:
        found = self.approval(number)
        # A use without its approval is one that nobody can have decided on.
        return found is None or found.state not in _DECIDED
