"""The work list as people use it: look at it or at one, settle what has to be settled. Each a question to the policy.

Whoever is not cleared for persons under protection sees the list without everybody whom only an answer to cleared staff
has held; asking for one of them by number is the same as asking for a number that does not exist (第13条).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from audit.receipt import Receipt
from governance.errors import BadInput, Fault
from query_broker.request import QueryRequest
from risk.candidates import Candidate
from risk.cycles import Cycle, in_families
from sekisho.actions import Asker, Grounds, decide_action, would_allow
from sekisho.capacities import Capacities, is_shown
from sekisho.work_list import Change, WorkList

_REASON = 400

Settlement = Literal["handed_over", "no_hand_over", "still_here"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """The work list of one deployment, behind its policy."""

    work_list: WorkList
    grounds: Grounds
    capacities: Capacities

    def list(self, asker: Asker) -> tuple[Candidate, ...]:
        """Everybody whom the asker may see, the closed ones too: the most urgent first, each household together.

        Candidates of a cycle whose capacity nobody has approved are not among them; alerts always are.

        Raises:
            Denied: the policy refuses.
            Unavailable: the policy, the ledger or the list does not answer.
        """
        protected_too = self.read(asker)
        shown = self.capacities.shown(asker)
        return in_families(each for each in self._of(protected_too=protected_too) if is_shown(each, shown=shown))

    def held_back(self, asker: Asker) -> Mapping[str, int]:
        """How many of each cycle wait for its capacity to be approved. Nobody is listed, so nothing is recorded."""
        shown, held = self.capacities.shown(asker), Counter[str]()
        for each in self._of(protected_too=self.may_see_protected(asker)):
            if not is_shown(each, shown=shown):
                held[each.chosen_in or each.last_cycle] += 1
        return held

    def _of(self, *, protected_too: bool) -> Iterable[Candidate]:
        return (each for each in self.work_list.candidates() if protected_too or not each.protected)

    def show(self, asker: Asker, *, number: str) -> tuple[Candidate, tuple[Change, ...]]:
        """One candidate and what happened with it.

        Raises:
            BadInput: there is none of that number, or none that the asker may see.
            Denied: the policy refuses, or nobody has approved the capacity of its cycle.
            Unavailable: as `list`.
        """
        found = self.visible(number, protected_too=self.read(asker))
        if not is_shown(found, shown=self.capacities.shown(asker)):
            self.capacities.refuse_unapproved(asker, found)
        return found, self.work_list.changes(number)

    def cycles(self, asker: Asker) -> tuple[Cycle, ...]:
        """The judgements that made the list, oldest first.

        Raises:
            Denied: the policy refuses.
            Unavailable: as `list`.
        """
        protected_too = self.read(asker)
        return tuple(cycle for cycle in self.work_list.cycles() if protected_too or not cycle.cleared)

    def settle(self, asker: Asker, *, number: str, how: Settlement, reason: str) -> Candidate:
        """Settle what has to be settled with somebody whom the answers hold no longer (転出先への引継ぎの要否).

        Args:
            how: handed over to whoever is in charge now, not necessary, or still here: then it goes on as before.
            reason: in the words of whoever decides.

        Raises:
            BadInput: no such candidate, nothing to settle, or no reason.
            Denied: the policy refuses.
            Unavailable: as `list`; nothing was changed.
        """
        if not reason.strip() or len(reason) > _REASON:
            raise BadInput("candidate-reason", longest=_REASON)
        question = asker.request("risk.settle", zone=self.grounds.zone)
        decision = decide_action(question, None, grounds=self.grounds)
        found = self.visible(number, protected_too=self.may_see_protected(asker))
        return self.work_list.move(
            found,
            to=found.state if how == "still_here" else "closed",
            event=how,
            by=question.principal.id if question.principal is not None else "",
            at=question.time.isoformat(timespec="seconds"),
            record=self.recorder(question, decision, event=how),
            note=reason,
            ending=None if how == "still_here" else how,
            settles=True,
        )

    def read(self, asker: Asker) -> bool:
        """Ask to read the list.

        Returns:
            Whether persons under protection are part of what the asker may see; then that look is recorded, too.

        Raises:
            Denied: the policy refuses.
            Unavailable: the policy or the ledger does not answer.
        """
        decide_action(asker.request("risk.read", zone=self.grounds.zone), None, grounds=self.grounds)
        if not self.may_see_protected(asker):
            return False
        decide_action(asker.request("risk.read_protected", zone=self.grounds.zone), None, grounds=self.grounds)
        return True

    def may_see_protected(self, asker: Asker) -> bool:
        """Whether the policy would show the asker the persons under protection. Nothing is recorded."""
        question = asker.request("risk.read_protected", zone=self.grounds.zone)
        return would_allow(question, None, grounds=self.grounds)

    def visible(self, number: str, *, protected_too: bool) -> Candidate:
        """The candidate of a number, for who may see it.

        Raises:
            BadInput: there is none, or it is not for this asker: the same words for both.
        """
        found = self.work_list.get(number)
        if found.protected and not protected_too:
            raise BadInput("candidate-unknown")
        return found

    def recorder(self, question: QueryRequest, decision: Receipt, *, event: str) -> Callable[[Candidate], int]:
        """What writes the ledger entry of a step with a candidate."""

        def record(candidate: Candidate) -> int:
            principal = question.principal
            if principal is None or len(principal.hats) != 1:
                raise Fault
            entry = {
                "v": 1,
                "kind": "candidate",
                "time": question.time.isoformat(timespec="seconds"),
                "request": question.id,
                "principal": principal.id,
                "hat": principal.hats[0],
                "purpose": question.purpose,
                "recipient": question.recipient,
                "decision": decision.index,
                "event": event,
                "number": candidate.number,
                "state": candidate.state,
                "guideline_version": self.grounds.guideline.version,
            }
            return self.grounds.ledger.append(entry).index

        return record
