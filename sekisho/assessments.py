"""What people do with somebody on the work list, one at a time, on papers as long as these are enough (第29条).

Papers are looked at and judged on by pseudonym. Whoever needs more asks for a re-identification, which leads on by
itself; consultations and meetings are noted by whoever has the case view; a case view ends with the judgement
(`reidentify close`). Each step is one question to the policy and one entry of the ledger, which holds no word of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from governance.assessments import Assessment, AssessmentStep
from governance.errors import BadInput, Fault
from risk.candidates import Candidate, Outcome, State, Verdict
from sekisho.actions import Asker, decide_action
from sekisho.candidates import Candidates
from sekisho.capacities import is_shown

STEPS: tuple[AssessmentStep, ...] = get_args(AssessmentStep)
LONGEST = 400
"""Characters of a text that the work list keeps."""

_PATHS: Mapping[AssessmentStep, Sequence[State]] = {
    "begin": ("desk_review",),
    "judge": ("outcome", "closed"),
    "consult": ("consulted",),
    "meet": ("case_meeting",),
    "reopen": ("desk_review",),
}
_EVENTS: Mapping[AssessmentStep, str] = {
    "begin": "papers_begun",
    "judge": "papers_judged",
    "consult": "consulted",
    "meet": "met",
    "reopen": "reopened",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a person writes with a step.

    Attributes:
        reason: why, or what was discussed.
        wish: what the person concerned wants.
        wish_missing: why that was not asked.
    """

    verdict: Verdict | None = None
    reason: str = ""
    wish: str = ""
    wish_missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessments:
    """The steps of people with one work list.

    Attributes:
        holder: number of a candidate → account of whoever has the case view, ``None`` where nobody has.
    """

    candidates: Candidates
    holder: Callable[[str], str | None]

    def take(self, asker: Asker, *, number: str, step: AssessmentStep, written: Written | None = None) -> Candidate:
        """Take one step with one candidate.

        Raises:
            BadInput: a text is too long, or the person is on the list again under another number.
            Denied: the policy refuses: out of turn, another person's case, no verdict, no reason, nobody heard, or a
                cycle whose capacity nobody has approved; a candidate that there is not is refused like any other.
            Unavailable: a part does not answer; nothing was changed.
        """
        texts = written or Written()
        if max(map(len, (texts.reason, texts.wish, texts.wish_missing))) > LONGEST:
            raise BadInput("candidate-text", longest=LONGEST)
        list_ = self.candidates
        found = self._visible(asker, number)
        facts = _facts(found, step, texts, holder=self.holder(number) if found is not None else None)
        question = asker.request("risk.assess", zone=list_.grounds.zone, assessment=facts)
        decision = decide_action(question, None, grounds=list_.grounds)
        principal = question.principal
        if found is None or principal is None:
            raise Fault  # The policy has allowed what it must refuse.
        if not is_shown(found, shown=list_.capacities.shown(asker)):
            list_.capacities.refuse_unapproved(asker, found)
        if step == "reopen" and self._is_listed_anew(found):
            raise BadInput("candidate-listed-anew", number=number)
        at = question.time.isoformat(timespec="seconds")
        outcome = None
        if step == "judge" and texts.verdict is not None:
            outcome = Outcome(
                verdict=texts.verdict,
                reason=texts.reason.strip(),
                wish=texts.wish.strip() or None,
                wish_missing=texts.wish_missing.strip() or None,
                by=principal.id,
                at=at,
            )
        event = _EVENTS[step]
        for to in _PATHS[step]:
            found = list_.work_list.move(
                found,
                to=to,
                event=event,
                by=principal.id,
                at=at,
                record=list_.recorder(question, decision, event=event),
                note=texts.reason.strip(),
                outcome=outcome if to == "outcome" else None,
                ending="not_pursued" if to == "closed" else None,
            )
        return found

    def _visible(self, asker: Asker, number: str) -> Candidate | None:
        try:
            return self.candidates.visible(number, protected_too=self.candidates.may_see_protected(asker))
        except BadInput:
            return None

    def _is_listed_anew(self, candidate: Candidate) -> bool:
        return any(
            each.open and each.subject == candidate.subject and each.number != candidate.number
            for each in self.candidates.work_list.candidates()
        )


def _facts(found: Candidate | None, step: AssessmentStep, written: Written, *, holder: str | None) -> Assessment:
    return Assessment(
        step=step,
        state=found.state if found is not None else "none",
        ending=found.ending if found is not None else None,
        unsettled=found is not None and found.task is not None,
        drawn=found is not None and found.place == "sample",
        holder=holder,
        verdict=written.verdict,
        reason=len(written.reason.strip()),
        wish=len(written.wish.strip()),
        wish_missing=len(written.wish_missing.strip()),
    )
