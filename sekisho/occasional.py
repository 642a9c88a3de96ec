"""Occasional use (臨時の利用・提供): what the policy is told of one, from its approval and from the ledger.

On which days the same was used before, the ledger says alone: an approval that was deleted, or copied under another
name, changes nothing of it.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date

from audit.ledger import Ledger
from governance.approvals import Approval, Paper
from governance.guideline import Guideline
from governance.occasional import OccasionalUse, PastUse
from sekisho.fiscal_years import last_day


@dataclass(slots=True)
class _Days:
    """Days on which approvals on such a basis were used, read as the ledger grows."""

    _size: int = 0
    _datasets: dict[tuple[str, str, str], frozenset[str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def up_to_date(self, ledger: Ledger, kinds: frozenset[str]) -> tuple[PastUse, ...]:
        with self._lock:
            # The size first: what enters meanwhile is read twice rather than not at all.
            size = ledger.size
            for entry in ledger.of_kind("decision", start=self._size):
                used = entry.document
                if used["allow"] and used["action"] == "query" and used.get("basis") in kinds and used["approval"]:
                    day = (used["approval"], used["purpose"], used["time"][:10])
                    asked = frozenset(scan["dataset"] for scan in used["scans"].values())
                    self._datasets[day] = self._datasets.get(day, frozenset()) | asked
            self._size = size
            return tuple(
                PastUse(approval=approval, purpose=purpose, on=on, datasets=tuple(sorted(datasets)))
                for (approval, purpose, on), datasets in sorted(self._datasets.items())
                if datasets
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class OccasionalUses:
    """What one deployment knows of occasional uses."""

    ledger: Ledger
    guideline: Guideline
    _read: _Days = field(default_factory=_Days)

    def drafted(
        self, purpose: str, basis: str | None, paper: Paper, *, until: date | None, starts: date
    ) -> OccasionalUse | None:
        """One that is drafted; ``None`` where the basis is not one of occasional use.

        Args:
            until: the last day that was asked for; the latest possible, unless given.

        Raises:
            Unavailable: the ledger cannot be read.
        """
        asked = until.isoformat() if until is not None else None
        latest = asked or last_day(None, purpose, basis, starts=starts, guideline=self.guideline)
        return self._use(purpose, basis, paper, starts_on=starts.isoformat(), expires_at=latest)

    def under(self, approval: Approval | None, *, basis: str | None) -> OccasionalUse | None:
        """The one that an approval is for; ``None`` where there is none, or the basis is not one of occasional use.

        Raises:
            Unavailable: the ledger cannot be read.
        """
        if approval is None:
            return None
        return self._use(
            approval.purpose, basis, approval.paper, starts_on=approval.starts_on, expires_at=approval.expires_at
        )

    def _use(
        self, purpose: str, basis: str | None, paper: Paper, *, starts_on: str, expires_at: str
    ) -> OccasionalUse | None:
        kinds = self.guideline.tables["parameters"].get("legal_bases", {})
        occasional = frozenset(name for name, kind in kinds.items() if "occasional" in kind)
        if basis not in occasional:
            return None
        return OccasionalUse(
            reason=len((paper.reason or "").strip()),
            harm=len((paper.no_harm or "").strip()),
            starts_on=starts_on,
            expires_at=expires_at,
            uses=tuple(use for use in self._read.up_to_date(self.ledger, occasional) if use.purpose == purpose),
        )
