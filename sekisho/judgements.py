"""Judging whom people should look at first: approved queries, criteria, and what a capacity leaves room for.

Everything is read through the broker's one path, as whoever asks, for that type's purpose and under its approval; the
criteria see what was released and nothing else. They stand in the guideline's folder (``guideline/rules``) and are
approved with it; one changed letter makes it a draft again (第16条).

A judgement that people work with is entered into the work list as a cycle: its ledger entry names the criteria, the
answers, and what the sample was drawn with.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from uuid import UUID

import pyarrow as pa

from audit.receipt import Receipt
from governance.approvals import Template
from governance.dates import fiscal_year
from governance.errors import BadInput, Fault
from query_broker.release import Release
from query_broker.request import QueryRequest
from risk.candidates import Candidate
from risk.capacity import Person, Selection, ThresholdRow, places, select, side_by_side, threshold_table
from risk.cycles import Answers, Customs, Cycle, Turn, draw, turn
from risk.groups import count_groups
from risk.judge import Judgement, judge
from risk.rule_set import RuleSet
from sekisho.actions import Asker, decide_action
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.capacities import released


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a judgement gave.

    Attributes:
        rules: purpose → its criteria.
        judged: purpose → everybody's judgement.
        selection: who is looked at, within the capacity.
        thresholds: what each threshold would mean.
        releases: purpose → the answer that was judged.
        question: what the policy was asked, and its answer's receipt.
        room: places within the capacity, those of earlier cycles included.
    """

    rules: Mapping[str, RuleSet]
    judged: Mapping[str, tuple[Judgement, ...]]
    persons: tuple[Person, ...]
    selection: Selection
    thresholds: tuple[ThresholdRow, ...]
    releases: Mapping[str, Release]
    question: QueryRequest
    decision: Receipt
    room: int


def chosen_types(rules: Mapping[str, RuleSet], wanted: str) -> tuple[str, ...]:
    """The purposes of a type that was named, or of all.

    Raises:
        BadInput: there are no criteria for it.
    """
    if wanted == "all" and rules:
        return tuple(rules)
    if wanted not in rules:
        raise BadInput("risk-type-unknown", types=", ".join(rules))
    return (wanted,)


def run(
    broker: Broker,
    *,
    rules: Mapping[str, RuleSet],
    purposes: Sequence[str],
    token: str | None,
    hat: str | None,
    capacity: int,
    reserve: Fraction,
    templates: Mapping[str, Template],
    as_of: date | None = None,
) -> Run:
    """Judge everybody of some types, and choose within a capacity.

    Args:
        templates: the deployment's query templates.
        as_of: the date that the answers are computed for; today unless given.

    Raises:
        BadInput: the capacity leaves no place, or criteria do not fit what was released.
        Denied: the policy refuses the judgement or one of its queries, such as one whose template has no approval.
        Unavailable: a part does not answer. Nothing was judged then.
    """
    room = places(capacity, reserve)
    asker = broker.asker(token, hat=hat)
    parameters = broker.grounds.guideline.parameters(asker.now.date()).get("judgement")
    if parameters is None:
        raise BadInput("risk-parameters")
    little = Fraction(parameters["little_data_percent"], 100)
    question = asker.request("risk.run", zone=broker.grounds.zone)
    decision = decide_action(question, None, grounds=broker.grounds)
    releases: dict[str, Release] = {}
    judged: dict[str, tuple[Judgement, ...]] = {}
    for purpose in purposes:
        approval = broker.approvals.store.newest_granted(rules[purpose].template)
        # Without an approval the template is asked all the same, so that the policy refuses it and the ledger says so.
        sql = templates[rules[purpose].template].sql if approval is None else None
        releases[purpose] = broker.ask(
            AskRequest(token=token, hat=hat, purpose=purpose, approval=approval, sql=sql, as_of=as_of)
        )
        table = releases[purpose].table
        judged[purpose] = judge(
            rules[purpose], table, subject=_subject(table), little=little, unknown=releases[purpose].unknown
        )
    persons = side_by_side(judged)
    return Run(
        rules={purpose: rules[purpose] for purpose in purposes},
        judged=judged,
        persons=persons,
        selection=select(persons, purposes=purposes, room=room),
        thresholds=threshold_table(persons, purposes=purposes, minutes=parameters["first_look_minutes"]),
        releases=releases,
        question=question,
        decision=decision,
        room=room,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A judgement that was entered into the work list.

    Attributes:
        sampled: how many of those on no list were drawn to be looked at.
        ended: how many candidates ended with this cycle, with a record.
        tasks: how many have something to be settled since this cycle.
    """

    cycle: Cycle
    turn: Turn
    sampled: int
    ended: int
    tasks: int


def enter(broker: Broker, outcome: Run) -> Entered:
    """Enter a judgement into the work list, as its next cycle.

    Raises:
        BadInput: the answers hold nobody, which would make everybody on the list somebody to hand over; or somebody has
            changed the list meanwhile: judge again.
        Unavailable: the ledger or the list does not answer; nothing was changed.
    """
    if not outcome.persons:
        raise BadInput("cycle-empty")
    work_list, question = broker.candidates.work_list, outcome.question
    parameters = broker.grounds.guideline.parameters(question.time.date())["judgement"]
    (key_id,) = {release.key_id for release in outcome.releases.values()}
    earlier = work_list.cycles()
    # Places that nobody approved are given anew; whoever had one waits with the others.
    listed = released(work_list.candidates(), broker.capacities.standing(), outcome.rules)
    answers = Answers(
        cycle=_next_cycle(question.as_of, earlier),
        purposes=tuple(outcome.rules),
        key_id=key_id,
        cleared=broker.candidates.may_see_protected(_asker(question)),
        persons=outcome.persons,
        earlier=tuple(cycle.id for cycle in earlier),
        stale=any(release.unknown for release in outcome.releases.values()),
    )
    seed, sample = _sample(outcome, earlier, listed, answers, parameters["unflagged_sample"])
    made = turn(
        listed,
        answers,
        room=outcome.room,
        customs=Customs(
            carried_take_places=parameters["carried_take_places"],
            expires_after=parameters["expires_after_months"],
            rests_for=parameters["rests_for_months"],
        ),
        new_numbers=lambda count: work_list.new_numbers(count, fiscal_year=fiscal_year(question.as_of)),
        sample=sample,
    )
    principal = question.principal
    if principal is None or len(principal.hats) != 1:
        raise Fault
    at = question.time.isoformat(timespec="seconds")
    rules = {purpose: each.digest for purpose, each in outcome.rules.items()}
    releases = {purpose: release.ledger_index for purpose, release in outcome.releases.items()}
    entry = {
        "v": 1,
        "kind": "cycle",
        "time": at,
        "request": question.id,
        "principal": principal.id,
        "hat": principal.hats[0],
        "purpose": None,
        "recipient": None,
        "decision": outcome.decision.index,
        "cycle": answers.cycle,
        "rules": rules,
        "releases": releases,
        "room": outcome.room,
        "sample_seed": seed.hex() if seed is not None else None,
        "guideline_version": broker.grounds.guideline.version,
    }
    cycle = work_list.enter(
        lambda index: Cycle(
            id=answers.cycle,
            at=at,
            as_of=question.as_of.isoformat(),
            principal=principal.id,
            ledger_index=index,
            key_id=key_id,
            cleared=answers.cleared,
            rules=rules,
            releases=releases,
            room=outcome.room,
            thresholds=[threshold_row(row) for row in outcome.thresholds],
            counts=_counts(outcome, made, sampled=len(sample)),
            fairness=count_groups(
                outcome.rules,
                {name: each.table for name, each in outcome.releases.items()},
                outcome.judged,
                unknown={name: each.unknown for name, each in outcome.releases.items()},
            ),
        ),
        made.steps,
        by=principal.id,
        at=at,
        record=lambda: broker.grounds.ledger.append(entry).index,
    )
    return Entered(
        cycle=cycle,
        turn=made,
        sampled=len(sample),
        ended=sum(not step.candidate.open for step in made.steps),
        tasks=sum(step.event in ("left", "rekeyed") and step.candidate.open for step in made.steps),
    )


def threshold_row(row: ThresholdRow) -> Mapping[str, str | int]:
    """A threshold as the work list keeps it."""
    minutes = int(row.hours * 60)
    return {"type": row.purpose, "score": row.score, "candidates": row.candidates, "minutes": minutes}


def _next_cycle(as_of: date, earlier: Sequence[Cycle]) -> str:
    month = f"C{as_of:%Y-%m}"
    return f"{month}-{1 + sum(cycle.id.startswith(f'{month}-') for cycle in earlier)}"


def _sample(
    outcome: Run,
    earlier: Sequence[Cycle],
    listed: Sequence[Candidate],
    answers: Answers,
    customs: Mapping[str, int],
) -> tuple[bytes | None, tuple[UUID, ...]]:
    """Who is drawn of those on no list, and with what; nobody where that was done not long ago."""
    now = _months(answers.cycle)
    if any(cycle.counts.get("sample") and now - _months(cycle.id) < customs["every_months"] for cycle in earlier):
        return None, ()
    seed = secrets.token_bytes(32)
    known = {each.subject for each in listed}
    others = (person for person in outcome.persons if person.subject not in known)
    return seed, draw(others, count=customs["persons"], seed=seed)


def _months(cycle: str) -> int:
    year, month, _ = cycle[1:].split("-")
    return 12 * int(year) + int(month)


def _counts(outcome: Run, made: Turn, *, sampled: int) -> Mapping[str, int]:
    selection = made.selection
    return {
        "judged": len(outcome.persons),
        "alerts": len(selection.alerts),
        "chosen": len(selection.chosen),
        "waiting": len(selection.waiting),
        "carried": made.carried,
        "supported": len(outcome.selection.supported),
        "little_data": len(outcome.selection.little_data),
        "sample": sampled,
    }


def _asker(question: QueryRequest) -> Asker:
    return Asker(
        principal=question.principal,
        now=question.time,
        guideline_approval=question.guideline_approval,
        stopped=question.stopped,
    )


def _subject(table: pa.Table) -> str:
    """The column of the persons' pseudonyms: the first one of that type, which the one row a person is known by."""
    return next(field.name for field in table.schema if field.type == pa.uuid())
