"""The report on whether the criteria are of use (第16条・第30条): from outcomes in the work list, as groups alone.

Persons under protection, and cycles for cleared staff alone, are no part of it, whoever asks: two reports that differ
in them would tell of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from governance.errors import BadInput
from risk.candidates import Candidate, State
from risk.evaluation import Course, Limits, Report, Watched, reports, watched
from sekisho.actions import Asker, decide_action
from sekisho.candidates import Candidates

_IN_CONTACT: frozenset[State] = frozenset({"case_open", "consulted", "case_meeting"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What the work list says of the criteria.

    Attributes:
        reports: one a cycle, oldest first, and one of all.
        groups: how often watched groups were listed, by cycle.
    """

    reports: tuple[Report, ...]
    groups: tuple[Watched, ...]
    limits: Limits


def evaluate_list(candidates: Candidates, asker: Asker) -> Evaluation:
    """The report, for whoever may read it.

    Raises:
        BadInput: the guideline has no numbers for it.
        Denied: the policy refuses.
        Unavailable: the policy, the ledger or the list does not answer.
    """
    grounds = candidates.grounds
    decide_action(asker.request("risk.report", zone=grounds.zone), None, grounds=grounds)
    limits = limits_of(grounds.guideline.parameters(asker.now.date()))
    cycles = [cycle for cycle in candidates.work_list.cycles() if not cycle.cleared]
    courses = [_course(candidates, each) for each in candidates.work_list.candidates() if not each.protected]
    return Evaluation(
        reports=reports(courses, [cycle.id for cycle in cycles], limits=limits),
        groups=tuple(each for cycle in cycles for each in watched(cycle.id, cycle.fairness, limits=limits)),
        limits=limits,
    )


def limits_of(parameters: Mapping[str, Any]) -> Limits:
    """What may be told, by the guideline's numbers.

    Raises:
        BadInput: it has none for judgements.
    """
    if "judgement" not in parameters:
        raise BadInput("risk-parameters")
    evaluation = parameters["judgement"]["evaluation"]
    return Limits(
        least=evaluation["least_persons"],
        smallest=parameters["k_internal"],
        compared=evaluation["least_compared"],
        highest=Fraction(evaluation["highest_percent"], 100),
        lowest=Fraction(evaluation["lowest_percent"], 100),
    )


def _course(candidates: Candidates, candidate: Candidate) -> Course:
    changes = candidates.work_list.changes(candidate.number)
    contacts = [datetime.fromisoformat(change.at).date() for change in changes if change.state in _IN_CONTACT]
    return Course(
        candidate=candidate,
        listed=datetime.fromisoformat(changes[0].at).date(),
        contacted=min(contacts, default=None),
    )
