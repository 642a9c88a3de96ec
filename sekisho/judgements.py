"""Judging whom people should look at first: approved queries, criteria, and what a capacity leaves room for.

Everything is read through the broker's one path, as whoever asks, for that type's purpose and under its approval; the
criteria see what was released and nothing else. They stand in the guideline's folder (``guideline/rules``) and are
approved with it; one changed letter makes it a draft again (第16条).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import pyarrow as pa

from governance.approvals import Template
from governance.errors import BadInput
from query_broker.release import Release
from risk.capacity import Person, Selection, ThresholdRow, places, select, side_by_side, threshold_table
from risk.judge import Judgement, judge
from risk.rule_set import RuleSet
from sekisho.actions import decide_action
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a judgement gave.

    Attributes:
        rules: purpose → its criteria.
        judged: purpose → everybody's judgement.
        selection: who is looked at, within the capacity.
        thresholds: what each threshold would mean.
        releases: purpose → the answer that was judged.
    """

    rules: Mapping[str, RuleSet]
    judged: Mapping[str, tuple[Judgement, ...]]
    persons: tuple[Person, ...]
    selection: Selection
    thresholds: tuple[ThresholdRow, ...]
    releases: Mapping[str, Release]


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
    decide_action(asker.request("risk.run", zone=broker.grounds.zone), None, grounds=broker.grounds)
    releases: dict[str, Release] = {}
    judged: dict[str, tuple[Judgement, ...]] = {}
    for purpose in purposes:
        approval = _approval(broker, rules[purpose].template)
        # Without an approval the template is asked all the same, so that the policy refuses it and the ledger says so.
        sql = templates[rules[purpose].template].sql if approval is None else None
        releases[purpose] = broker.ask(
            AskRequest(token=token, hat=hat, purpose=purpose, approval=approval, sql=sql, as_of=as_of)
        )
        table = releases[purpose].table
        judged[purpose] = judge(rules[purpose], table, subject=_subject(table), little=little)
    persons = side_by_side(judged)
    return Run(
        rules={purpose: rules[purpose] for purpose in purposes},
        judged=judged,
        persons=persons,
        selection=select(persons, purposes=purposes, room=room),
        thresholds=threshold_table(persons, purposes=purposes, minutes=parameters["first_look_minutes"]),
        releases=releases,
    )


def _approval(broker: Broker, template: str) -> str | None:
    """The newest approval of a template that was granted. Whether it still counts is for the policy to say."""
    stored = [each.approval for each in broker.approvals.store.all()]
    granted = [approval.id for approval in stored if approval.template == template and approval.state == "granted"]
    return granted[-1] if granted else None


def _subject(table: pa.Table) -> str:
    """The column of the persons' pseudonyms: the first one of that type, which the one row a person is known by."""
    return next(field.name for field in table.schema if field.type == pa.uuid())
