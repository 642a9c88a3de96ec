"""Groups whose members must not be listed more often, or less, than everybody else without somebody noticing.

Counted when everybody is judged, from the released answers alone; nobody of whom membership is unknown is counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast
from uuid import UUID

import pyarrow as pa

from risk.conditions import columns_of, evaluate, parse_condition
from risk.judge import Judgement
from risk.rule_set import RuleSet, WatchedGroup


def count_groups(
    rules: Mapping[str, RuleSet],
    answers: Mapping[str, pa.Table],
    judged: Mapping[str, tuple[Judgement, ...]],
    *,
    unknown: Mapping[str, frozenset[str]],
) -> Mapping[str, Mapping[str, tuple[int, int, int, int]]]:
    """Group → purpose → members, members listed, others, others listed.

    Args:
        rules: purpose → its criteria, with the groups that are watched.
        answers: purpose → the answer that was judged.
        judged: purpose → everybody's judgement.
        unknown: purpose → columns of which nothing is known, since their source was out of date; a group that one of
            them tells is not counted.
    """
    listed = {
        purpose: {each.subject for each in judgements if each.queue in ("candidate", "alert")}
        for purpose, judgements in judged.items()
    }
    found: dict[str, Mapping[str, tuple[int, int, int, int]]] = {}
    for purpose, criteria in rules.items():
        for group, watched in criteria.watched.items():
            if columns_of(parse_condition(f"({watched.hit}) AND ({watched.known})")) & unknown[purpose]:
                continue
            members, others = _split(answers[purpose], watched, judged[purpose])
            found[group] = {
                each: (len(members), len(members & flagged), len(others), len(others & flagged))
                for each, flagged in listed.items()
            }
    return found


def _split(answer: pa.Table, group: WatchedGroup, judged: tuple[Judgement, ...]) -> tuple[set[UUID], set[UUID]]:
    """Who belongs to a group, and who does not; judgements stand in the order of the answer's rows."""
    plain = answer.drop_columns([field.name for field in answer.schema if field.type == pa.uuid()])
    belongs = f"CASE WHEN ({group.hit}) THEN TRUE WHEN ({group.known}) THEN FALSE END"
    states = [cast("bool | None", row[0]) for row in evaluate(plain, [belongs])]
    members = {each.subject for each, state in zip(judged, states, strict=True) if state is True}
    others = {each.subject for each, state in zip(judged, states, strict=True) if state is False}
    return members, others
