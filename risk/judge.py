"""Judges every row of an answer by criteria: what is met, what is not, what is unknown, and what follows.

Unknown is never zero: it gives no points, and it lowers the coverage that stands beside every score. A score is a sum
of points, not a probability.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, cast
from uuid import UUID

import pyarrow as pa

from governance.errors import BadInput
from risk.conditions import columns_of, evaluate, kind_of, parse_condition
from risk.rule_set import Factor, RuleSet

Band = Literal["A", "B", "C", "none"]
Queue = Literal["alert", "candidate", "supported", "watch", "little_data", "none"]

_SQL_TYPES: Mapping[str, str] = {
    "bool": "BOOLEAN",
    "extension<arrow.bool8>": "BOOLEAN",
    "int32": "INTEGER",
    "int64": "BIGINT",
    "string": "VARCHAR",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the criteria say of one person.

    Attributes:
        subject: the pseudonym.
        hits: factors that are met.
        unknown: factors of which nothing can be said.
        score: points, capped by group.
        coverage: share of the factors that are known.
        queue: where the person belongs: an alert comes before everything, help that is in place before a new look.
        supported: whether help is in place, whatever the queue.
        household: the pseudonym by which people stand together, where the criteria name one.
    """

    subject: UUID
    hits: tuple[str, ...]
    unknown: tuple[str, ...]
    score: Fraction
    coverage: Fraction
    band: Band
    queue: Queue
    supported: bool = False
    household: UUID | None = None


def check_types(rules: RuleSet, columns: Mapping[str, str]) -> None:
    """Refuse criteria whose conditions do not fit the types of the answers that they shall judge.

    Args:
        columns: output → its SQL type. Pseudonyms are not among them: they say nothing of a person, so that no
            condition reads them.

    Raises:
        BadInput: with factor, file and line.
    """
    listed = tuple(columns.items())
    conditions: list[tuple[str, int, frozenset[str], tuple[tuple[str, str], ...]]] = [
        (factor.id, factor.line, factor.columns, (("hit", factor.hit), ("known", factor.known)))
        for factor in rules.factors.values()
    ]
    for name, group in rules.watched.items():
        conditions.append((name, group.line, frozenset(), (("hit", group.hit), ("known", group.known))))
    for name, line, read, texts in conditions:
        place: dict[str, str | int] = {"file": rules.file, "line": line, "factor": name, "template": rules.template}
        for column in sorted(read - columns.keys()):
            raise BadInput("rules-column", column=column, **place)
        for what, condition in texts:
            if kind_of(condition, listed) != "BOOLEAN":
                raise BadInput("rules-types", what=what, **place)
    if kind_of(rules.supported, listed) != "BOOLEAN":
        raise BadInput(
            "rules-types", file=rules.file, line=1, factor="supported", what="supported", template=rules.template
        )


def judge(
    rules: RuleSet, answer: pa.Table, *, subject: str, little: Fraction, unknown: frozenset[str] = frozenset()
) -> tuple[Judgement, ...]:
    """Judge every row of an answer with one row a person.

    Args:
        rules: the criteria.
        answer: the released answer of the template that the criteria are for.
        subject: the column of the pseudonym.
        little: below this share of known factors "nothing found" says nothing.
        unknown: columns of which nothing is known of anybody, since their source was out of date. A factor that reads
            one of them is unknown, whatever the absence of a value says otherwise.

    Raises:
        BadInput: the criteria do not fit the answer.
    """
    check_types(
        rules,
        {field.name: _SQL_TYPES.get(str(field.type), "VARCHAR") for field in answer.schema if field.type != pa.uuid()},
    )
    factors = tuple(rules.factors.values())
    expressions = [_state(factor, unknown) for factor in factors]
    fading = [factor for factor in factors if factor.fades is not None]
    expressions += [f'"{factor.fades.by}"' for factor in fading if factor.fades is not None]
    # Help that cannot be seen holds nobody back from being looked at.
    told = not columns_of(parse_condition(rules.supported)) & unknown
    expressions.append(f"coalesce({rules.supported}, FALSE)" if told else "FALSE")
    subjects = cast("list[UUID]", answer.column(subject).to_pylist())
    households = cast(
        "list[UUID | None]",
        answer.column(rules.together).to_pylist() if rules.together is not None else [None] * len(subjects),
    )
    plain = answer.drop_columns([field.name for field in answer.schema if field.type == pa.uuid()])
    judged = []
    for person, household, row in zip(subjects, households, evaluate(plain, expressions), strict=True):
        states = dict(zip((factor.id for factor in factors), row[: len(factors)], strict=True))
        ages = dict(zip((factor.id for factor in fading), row[len(factors) : -1], strict=True))
        found = _judgement(rules, person, states=states, ages=ages, supported=row[-1] is True, little=little)
        judged.append(replace(found, household=household))
    return tuple(judged)


def _state(factor: Factor, unknown: frozenset[str]) -> str:
    """True where it is met, false where that is known not to be so, else NULL."""
    if (factor.columns | ({factor.fades.by} if factor.fades is not None else set())) & unknown:
        return "CAST(NULL AS BOOLEAN)"
    known = "FALSE" if columns_of(parse_condition(factor.known)) & unknown else factor.known
    if factor.fades is not None:
        # Of a record whose age is unknown, nobody can say what it still counts for.
        known = f'({known}) AND "{factor.fades.by}" IS NOT NULL'
        return f'CASE WHEN ({factor.hit}) AND "{factor.fades.by}" IS NOT NULL THEN TRUE WHEN {known} THEN FALSE END'
    return f"CASE WHEN ({factor.hit}) THEN TRUE WHEN ({known}) THEN FALSE END"


def _judgement(
    rules: RuleSet,
    person: UUID,
    *,
    states: Mapping[str, object],
    ages: Mapping[str, object],
    supported: bool,
    little: Fraction,
) -> Judgement:
    hits = tuple(name for name, state in states.items() if state is True)
    unknown = tuple(name for name, state in states.items() if state is None)
    points = dict.fromkeys(rules.groups, Fraction(0))
    for name in hits:
        factor = rules.factors[name]
        points[factor.group] += factor.weight * _left(factor, ages.get(name))
    capped = {group: min(value, Fraction(rules.groups[group].cap)) for group, value in points.items()}
    score = max(Fraction(0), sum(capped.values(), Fraction(0)))
    coverage = Fraction(len(states) - len(unknown), len(states))
    listed = all(sum(capped[group] for group in needed.groups) >= needed.points for needed in rules.listed)
    band = _band(rules, score, listed=listed)
    return Judgement(
        subject=person,
        hits=hits,
        unknown=unknown,
        score=score,
        coverage=coverage,
        band=band,
        queue=_queue(rules, hits, band=band, coverage=coverage, supported=supported, little=little),
        supported=supported,
    )


def _left(factor: Factor, age: object) -> Fraction:
    """The share of its points that a factor still has."""
    if factor.fades is None or not isinstance(age, int):
        return Fraction(1)
    fades = factor.fades
    share = Fraction(fades.gone_from - age, fades.gone_from - fades.full_to)
    return min(Fraction(1), max(Fraction(0), share))


def _band(rules: RuleSet, score: Fraction, *, listed: bool) -> Band:
    if listed and score >= rules.band_a:
        return "A"
    if listed and score >= rules.band_b:
        return "B"
    return "C" if listed or score >= rules.band_b else "none"


def _queue(
    rules: RuleSet, hits: tuple[str, ...], *, band: Band, coverage: Fraction, supported: bool, little: Fraction
) -> Queue:
    if any(alert in hits for alert in rules.alerts):
        return "alert"
    if supported:
        return "supported"
    if band in {"A", "B"}:
        return "candidate"
    if coverage < little:
        return "little_data"
    return "watch" if band == "C" else "none"
