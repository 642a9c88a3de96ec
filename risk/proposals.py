"""Criteria that a contractor hands back: read as what a stranger sends, and compared with those in force (第18条).

A contractor proposes points, conditions, groups and thresholds. What protects people is not theirs to propose: which
items are no reason by themselves, who is helped already, which groups are watched, what is an alert at once. And no
text may carry what could be the number of a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

import pyarrow as pa
import yaml

from governance import located_yaml
from governance.approvals import Template
from governance.errors import BadInput
from governance.located_yaml import Located
from risk.capacity import select, side_by_side
from risk.evaluation import Limits, Share, share
from risk.judge import Judgement
from risk.load_rules import read_rules
from risk.rule_set import Factor, RuleSet

MOST_BYTES = 256 * 1024
MOST_FACTORS = 80
_MOST_TEXT = 300
_NUMBER_OF_SOMEBODY = re.compile(r"[0-9０-９]{6,}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}|[0-9a-fA-F]{16,}")
"""Digits as identifiers have them, and what begins like a pseudonym."""

_KEPT = ("purpose", "template", "together", "supported", "never_alone", "watched", "alerts")

Change = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """Criteria that were handed in, and what they say as data."""

    rules: RuleSet
    document: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorChange:
    """What would become of one factor."""

    factor: str
    change: Change
    before: Factor | None
    after: Factor | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What a judgement by the proposed criteria would have said, against the present ones; counts of persons alone.

    Attributes:
        listed: candidates by the present criteria; each count is ``None`` where few persons could be read from it.
        enter: whom only the proposed ones list.
        leave: whom only the present ones list.
        room: places within the capacity for this purpose; ``None`` where there was no cycle.
        room_enter: who would take such a place, and did not.
        precision: of those within the capacity who were looked at, by the present criteria.
        precision_proposed: by the proposed ones, of those of them who were looked at all the same.
        rare: factors that are new or changed and that few persons meet, or all but few, as a record of them would be.
        alone: factors that are new or changed and that follow from what must be no reason by itself, in whatever words.
    """

    listed: int | None
    enter: int | None
    leave: int | None
    room: int | None
    room_enter: int | None
    precision: Share
    precision_proposed: Share
    rare: tuple[str, ...]
    alone: tuple[str, ...]


def read_proposal(
    data: bytes, *, file: str, current: Mapping[str, RuleSet], templates: Mapping[str, Template]
) -> Proposed:
    """Read criteria from bytes that anybody may have sent: YAML or JSON.

    Args:
        data: the bytes.
        file: the name that messages use.
        current: the criteria in force, by purpose.
        templates: the query templates, whose outputs conditions may read.

    Raises:
        BadInput: too large, malformed, outside the language, about another purpose or template, with a changed
            safeguard, with what could be the number of a person, or for what must be no reason by itself. With factor
            and line where there is one, and without a word of the text.
    """
    if len(data) > MOST_BYTES:
        raise BadInput("file-too-large", file=file, limit=MOST_BYTES)
    located = located_yaml.load(data, file=file)
    _check_texts(located)
    rules = read_rules(data, templates, file=file)
    if len(located.data["factors"]) > MOST_FACTORS:
        raise BadInput("proposal-factors", file=file, line=located.line("factors"), limit=MOST_FACTORS)
    if rules.purpose not in current:
        raise BadInput("proposal-purpose", file=file, line=located.line("purpose"))
    _check_kept(rules, current[rules.purpose], located)
    return Proposed(rules=rules, document=located.data)


def written(document: Mapping[str, Any], *, proposal: str, recipient: str, package: str) -> bytes:
    """Criteria as a file of the guideline: the data, written anew without comments, and where they come from."""
    origin = {"proposal": proposal, "recipient": recipient, "package": package}
    said = {"purpose": document["purpose"], "proposed": origin}
    text: str = yaml.safe_dump({**said, **document}, allow_unicode=True, sort_keys=False, width=120)
    return text.encode()


def factor_changes(current: RuleSet, proposed: RuleSet) -> tuple[FactorChange, ...]:
    """What would become of each factor that does not stay as it is."""
    found = []
    for name in sorted(current.factors.keys() | proposed.factors.keys()):
        before, after = current.factors.get(name), proposed.factors.get(name)
        if before is None or after is None or _meaning(before) != _meaning(after):
            change: Change = "added" if before is None else "removed" if after is None else "changed"
            found.append(FactorChange(factor=name, change=change, before=before, after=after))
    return tuple(found)


def compare(
    current: RuleSet,
    proposed: RuleSet,
    judged: tuple[Sequence[Judgement], Sequence[Judgement]],
    *,
    answer: pa.Table,
    outcomes: Mapping[UUID, bool],
    room: int | None,
    limits: Limits,
) -> Comparison:
    """Compare two judgements of the same persons.

    Args:
        current: the criteria in force.
        proposed: those that would replace them.
        judged: everybody, by the first and by the second.
        answer: what was judged, in the same order.
        outcomes: of those who were looked at, whether support or watching was needed.
        room: places within the capacity.
        limits: what may be told.
    """
    now, then = ({each.subject for each in found if each.queue == "candidate"} for found in judged)
    chosen, chosen_then = (_within(found, current.purpose, room) for found in judged)
    new = _new_conditions(current, proposed)
    known, known_then = chosen & outcomes.keys(), chosen_then & outcomes.keys()
    k = limits.smallest
    # Two shares of nearly the same persons would tell of those in whom they differ.
    apart = all(not some or len(some) >= k for some in (known - known_then, known_then - known))
    hidden = Share(of=None, value=None, low=None, high=None)
    return Comparison(
        listed=_told(len(now), k),
        enter=_told(len(then - now), k),
        leave=_told(len(now - then), k) if not 0 < len(now & then) < k else None,
        room=room,
        room_enter=_told(len(chosen_then - chosen), k),
        precision=share(sum(outcomes[each] for each in known), len(known), limits),
        precision_proposed=share(sum(outcomes[each] for each in known_then), len(known_then), limits)
        if apart
        else hidden,
        rare=tuple(name for name in new if _is_rare(name, judged[1], k)),
        alone=tuple(name for name in new if _follows(proposed, name, judged[1], answer)),
    )


def _within(judged: Sequence[Judgement], purpose: str, room: int | None) -> set[UUID]:
    if room is None:
        return set()
    selection = select(side_by_side({purpose: judged}), purposes=(purpose,), room=room)
    return {person.subject for person in selection.chosen}


def _new_conditions(current: RuleSet, proposed: RuleSet) -> list[str]:
    return [
        each.factor
        for each in factor_changes(current, proposed)
        if each.after is not None
        and (each.before is None or (each.before.hit, each.before.known) != (each.after.hit, each.after.known))
    ]


def _is_rare(factor: str, judged: Sequence[Judgement], k: int) -> bool:
    hit = sum(factor in each.hits for each in judged)
    not_hit = sum(factor not in each.hits and factor not in each.unknown for each in judged)
    return 0 < hit < k or 0 < not_hit < k


def _follows(rules: RuleSet, factor: str, judged: Sequence[Judgement], answer: pa.Table) -> bool:
    """Whether items that must be no reason by themselves tell it of everybody, however the condition is written."""
    read = sorted(rules.factors[factor].columns & rules.never_alone)
    if not read or rules.factors[factor].columns <= rules.never_alone:
        # That reads none, or says so openly: then it was looked at when it was read.
        return False
    said: dict[tuple[object, ...], set[bool]] = {}
    for values, found in zip(zip(*(answer.column(n).to_pylist() for n in read), strict=True), judged, strict=True):
        said.setdefault(values, set()).add(factor in found.hits)
    return any(factor in found.hits for found in judged) and all(len(each) == 1 for each in said.values())


def _told(count: int, k: int) -> int | None:
    return None if 0 < count < k else count


def _meaning(factor: Factor) -> tuple[object, ...]:
    return factor.group, factor.weight, factor.hit, factor.known, factor.fades


def _check_kept(rules: RuleSet, current: RuleSet, located: Located) -> None:
    """What protects people stays as it is, and so does what an alert is."""
    for part in _KEPT:
        if _safeguard(rules, part) != _safeguard(current, part):
            raise BadInput("proposal-keeps", file=located.file, line=located.line(part), part=part)
    for alert in current.alerts:
        before, after = current.factors[alert], rules.factors[alert]
        if (before.hit, before.known, before.fades) != (after.hit, after.known, after.fades):
            raise BadInput("proposal-keeps", file=located.file, line=after.line, part=alert)
    if "proposed" in located.data:
        raise BadInput("proposal-keeps", file=located.file, line=located.line("proposed"), part="proposed")
    if rules.version == current.version:
        raise BadInput("proposal-version", file=located.file, line=located.line("version"))


def _safeguard(rules: RuleSet, part: str) -> object:
    if part == "watched":
        return {name: (group.hit, group.known) for name, group in rules.watched.items()}
    found = getattr(rules, part)
    return frozenset(found) if part in ("alerts", "never_alone") else found


def _check_texts(located: Located) -> None:
    """Nothing is longer than a text of criteria has to be, and nothing looks like the number of a person."""
    for path, text in _texts(located.data, ()):
        if len(text) > 2 * _MOST_TEXT or (len(text) > _MOST_TEXT and path[-1] not in ("hit", "known")):
            raise BadInput("proposal-text-long", file=located.file, line=located.line(*path), limit=_MOST_TEXT)
        if _NUMBER_OF_SOMEBODY.search(text):
            raise BadInput("proposal-text", file=located.file, line=located.line(*path))


def _texts(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of a document and every number as it is written, keys too, with its place."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name), name
            yield from _texts(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from _texts(inner, (*path, position))
    elif isinstance(value, str | int | float) and not isinstance(value, bool):
        yield path or ("",), str(value)
