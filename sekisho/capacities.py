"""How many are looked at in a cycle: a manager approves that before its candidates are shown (第16条).

A judgement chooses within a capacity. That, and the thresholds with it, decides about the office's hours, and is for
another person than the one who judged. Until then the list shows alerts, what has to be settled, and whom people
have begun with; whoever judges again gives the places that nobody approved anew. Decisions stand in the ledger alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from audit.receipt import Receipt
from governance.assessments import CapacityDecision
from governance.errors import BadInput, Fault
from query_broker.request import QueryRequest
from risk.candidates import UNREVIEWED, Candidate
from risk.cycles import Cycle
from sekisho.actions import Asker, Grounds, decide_action, would_allow
from sekisho.work_list import WorkList


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """Who approved a cycle's capacity, when, and the ledger entry that says so."""

    by: str
    at: str
    ledger_index: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleStanding:
    """A cycle, and whether its capacity is approved.

    Attributes:
        superseded: a later judgement of the same types has given its places anew, so that there is nothing to approve.
    """

    cycle: Cycle
    approved: Approved | None
    superseded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacities:
    """The decisions on capacities of one deployment.

    Attributes:
        work_list: opens the list of candidates.
    """

    grounds: Grounds
    work_list: Callable[[], WorkList]

    def cycles(self, asker: Asker) -> tuple[CycleStanding, ...]:
        """The judgements that made the list, oldest first, with what each threshold would mean: numbers alone.

        Those for cleared staff are shown to whoever may decide on them or see whom they list.

        Raises:
            Denied: the policy refuses.
            Unavailable: the policy, the ledger or the list does not answer.
        """
        decide_action(asker.request("risk.report", zone=self.grounds.zone), None, grounds=self.grounds)
        return tuple(self._visible(asker))

    def approve(self, asker: Asker, *, cycle: str, room: int) -> CycleStanding:
        """Approve the capacity of a cycle, once its thresholds have been looked at.

        Args:
            room: how many places whoever decides means to approve, so that nobody approves what they have not seen.

        Raises:
            BadInput: its places were given anew by a later judgement, or are not as many as that.
            Denied: the policy refuses: whoever judged, another post, a second time, no such cycle.
            Unavailable: as `cycles`; nothing was changed.
        """
        standing = {each.cycle.id: each for each in self._visible(asker)}
        found = standing.get(cycle)
        facts = _facts(found) if found is not None else _NO_CYCLE
        question = asker.request("risk.approve", zone=self.grounds.zone, capacity=facts)
        decision = decide_action(question, None, grounds=self.grounds)
        if found is None:
            raise Fault  # The policy has allowed what it must refuse.
        if found.superseded:
            raise BadInput("cycle-superseded", cycle=cycle)
        if found.cycle.room != room:
            raise BadInput("cycle-room", cycle=cycle, room=found.cycle.room)
        approved = self._record(question, decision, found.cycle)
        return replace(found, approved=approved)

    def shown(self, asker: Asker) -> frozenset[str]:
        """Cycles whose candidates the policy shows to whoever asks. Nothing is recorded: the look itself is."""
        return frozenset(
            each.cycle.id
            for each in self.standing()
            if would_allow(
                asker.request("risk.read_cycle", zone=self.grounds.zone, capacity=_facts(each)),
                None,
                grounds=self.grounds,
            )
        )

    def refuse_unapproved(self, asker: Asker, candidate: Candidate) -> None:
        """Ask for the cycle that a candidate waits for, so that the refusal cites its article and is recorded.

        Raises:
            Denied: the policy refuses.
            Unavailable: as `cycles`.
        """
        wanted = candidate.chosen_in or candidate.last_cycle
        found = next((each for each in self.standing() if each.cycle.id == wanted), None)
        facts = _facts(found) if found is not None else _NO_CYCLE
        question = asker.request("risk.read_cycle", zone=self.grounds.zone, capacity=facts)
        decide_action(question, None, grounds=self.grounds)

    def standing(self) -> tuple[CycleStanding, ...]:
        """Every cycle and its decision, oldest first. Nobody is asked; for parts that ask for themselves."""
        cycles, approved = self.work_list().cycles(), self._approved()
        return tuple(
            CycleStanding(
                cycle=each,
                approved=approved.get(each.id),
                superseded=each.id not in approved and _given_anew(each, cycles[position + 1 :]),
            )
            for position, each in enumerate(cycles)
        )

    def _visible(self, asker: Asker) -> Iterator[CycleStanding]:
        question = asker.request("risk.read_protected", zone=self.grounds.zone)
        cleared = would_allow(question, None, grounds=self.grounds)
        return (each for each in self.standing() if cleared or not each.cycle.cleared)

    def _approved(self) -> Mapping[str, Approved]:
        return {
            entry.document["cycle"]: Approved(
                by=entry.document["principal"], at=entry.document["time"], ledger_index=entry.index
            )
            for entry in self.grounds.ledger.of_kind("capacity")
        }

    def _record(self, question: QueryRequest, decision: Receipt, cycle: Cycle) -> Approved:
        principal = question.principal
        if principal is None or len(principal.hats) != 1:
            raise Fault
        at = question.time.isoformat(timespec="seconds")
        entry = {
            "v": 1,
            "kind": "capacity",
            "time": at,
            "request": question.id,
            "principal": principal.id,
            "hat": principal.hats[0],
            "purpose": None,
            "recipient": None,
            "decision": decision.index,
            "event": "approved",
            "cycle": cycle.id,
            "room": cycle.room,
            "guideline_version": self.grounds.guideline.version,
        }
        return Approved(by=principal.id, at=at, ledger_index=self.grounds.ledger.append(entry).index)


_NO_CYCLE = CapacityDecision(judged_by="nobody", decided_by=None, room=0)
"""A cycle that there is not, or not for this asker: refused like any that has no place."""


def is_shown(candidate: Candidate, *, shown: frozenset[str]) -> bool:
    """Whether a candidate may be looked at: an alert, one with a task, one whom people have begun with, or one whose
    cycle is approved.

    Whoever waits, or was drawn, may be looked at with any approved cycle that listed the person.
    """
    if candidate.alert or candidate.place == "added" or candidate.task is not None:
        return True
    if candidate.state not in UNREVIEWED:
        return True
    if candidate.chosen_in is not None and candidate.place == "chosen":
        return candidate.chosen_in in shown
    return any(_order(candidate.first_cycle) <= _order(each) <= _order(candidate.last_cycle) for each in shown)


def released(
    listed: Iterable[Candidate], standing: Iterable[CycleStanding], purposes: Iterable[str]
) -> tuple[Candidate, ...]:
    """The list with the places free again that nobody approved, of cycles that a judgement of these types replaces."""
    judged = frozenset(purposes)
    void = {each.cycle.id for each in standing if each.approved is None and each.cycle.rules.keys() <= judged}
    return tuple(
        replace(each, place="waiting", chosen_in=None)
        if each.place == "chosen" and each.chosen_in in void and each.state in UNREVIEWED
        else each
        for each in listed
    )


def _given_anew(cycle: Cycle, later: Iterable[Cycle]) -> bool:
    return any(cycle.rules.keys() <= each.rules.keys() for each in later)


def _order(cycle: str) -> tuple[str, int]:
    month, _, number = cycle.rpartition("-")
    return month, int(number)


def _facts(standing: CycleStanding) -> CapacityDecision:
    return CapacityDecision(
        judged_by=standing.cycle.principal,
        decided_by=standing.approved.by if standing.approved is not None else None,
        room=standing.cycle.room,
    )
