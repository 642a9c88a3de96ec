"""The guideline's own state: a draft until somebody who may has approved it as it is, to the letter (第19条).

A change of any of its files makes it a draft again, since the approval is bound to the digest of them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from governance.errors import BadInput, Fault
from governance.guideline import Guideline, version_number
from governance.registrations import GuidelineApproval
from sekisho.actions import Asker, Grounds, decide_action
from sekisho.registration_store import RegistrationStore


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineState:
    """What is known of a deployment's guideline.

    Attributes:
        approval: of the guideline as it is now; ``None`` for a draft.
        before: the latest approval of an earlier one, for a draft that had been approved.
        fault: why it cannot be approved as it is, if it cannot.
    """

    version: str
    digest: str
    approval: GuidelineApproval | None
    before: GuidelineApproval | None
    fault: BadInput | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineApprovals:
    """The state of one deployment's guideline, and its approval."""

    store: RegistrationStore
    grounds: Grounds

    def state(self) -> GuidelineState:
        """Whether the guideline as it is now is approved, and by whom."""
        guideline = self.grounds.guideline
        approval = self.store.approval_of(guideline.digest)
        if approval is not None and not self._is_recorded(approval):
            approval = None
        return GuidelineState(
            version=guideline.version,
            digest=guideline.digest,
            approval=approval,
            before=self.store.latest_approval() if approval is None else None,
            fault=version_fault(guideline, store=self.store),
        )

    def approve(self, asker: Asker) -> GuidelineState:
        """Approve the guideline as it is now.

        Raises:
            BadInput: it differs from the one approved before, and its version is not higher.
            Denied: the policy refuses.
            Unavailable: the policy, the ledger or the store does not answer; nothing was changed.
        """
        question = asker.request("guideline.approve", zone=self.grounds.zone)
        decision = decide_action(question, None, grounds=self.grounds)
        principal = asker.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        fault = self.state().fault
        if fault is not None:
            raise fault
        guideline, at = self.grounds.guideline, asker.now.isoformat(timespec="seconds")

        def approved() -> GuidelineApproval:
            entry = {
                "v": 1,
                "kind": "guideline",
                "time": at,
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": None,
                "recipient": None,
                "decision": decision.index,
                "event": "approved",
                "guideline_version": guideline.version,
                "guideline_digest": guideline.digest,
            }
            return GuidelineApproval(
                version=guideline.version,
                digest=guideline.digest,
                id=principal.id,
                role=principal.hats[0],
                post=principal.post,
                at=at,
                ledger_index=self.grounds.ledger.append(entry).index,
            )

        self.store.approve(approved, files=guideline.files)
        return self.state()

    def _is_recorded(self, approval: GuidelineApproval) -> bool:
        """Whether the ledger says the same: a row that somebody wrote into the store is no approval."""
        if not 0 <= approval.ledger_index < self.grounds.ledger.size:
            return False
        entry = self.grounds.ledger.entry(approval.ledger_index).document
        return (entry["kind"], entry.get("guideline_digest"), entry["principal"], entry["hat"]) == (
            "guideline",
            approval.digest,
            approval.id,
            approval.role,
        )


def version_fault(guideline: Guideline, *, store: RegistrationStore) -> BadInput | None:
    """Why a guideline cannot be approved under its version: it is not what was approved under that one or a higher one.

    Returns:
        What is wrong, with the files that have changed; ``None`` for the approved one, a first and a higher version.
    """
    before = store.latest_approval()
    if before is None or before.digest == guideline.digest:
        return None
    if version_number(guideline.version) > version_number(before.version):
        return None
    kept = store.files_of(before.digest)
    files = sorted(f for f in {*kept, *guideline.files} if kept.get(f) != guideline.files.get(f)) if kept else []
    return BadInput(
        "guideline-version-not-raised",
        version=guideline.declared,
        approved=before.version.partition("-")[0],
        files=", ".join(files) or "?",
    )
