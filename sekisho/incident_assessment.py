"""Whether an incident has to be reported (第27条): computed from its items and numbers, kind by kind, with the reasons.

What the calculation finds, nobody can answer otherwise. What it cannot tell, people may answer; what nobody has
answered stays unknown, and an incident that may have to be reported is treated as one that has to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from governance.catalogue import Catalogue, Label
from governance.errors import BadInput
from governance.incidents import Answer
from sekisho.incident_extent import Extent, Item

By = Literal["items", "persons", "people", "nothing"]
"""What an answer rests on: ``nothing`` where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One kind of incident, and whether this is one.

    Attributes:
        items: of the kind, among what leaked.
        more_than: the number of persons above which it is of the kind.
        open: the calculation could not tell, so that people may answer.
    """

    name: str
    label: Label
    answer: Answer
    by: By
    items: tuple[Item, ...] = ()
    more_than: int | None = None
    open: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """How many persons: at least, at most, and as people have found."""

    least: int
    most: int | None
    found: int | None

    def more_than(self, number: int) -> Answer:
        """Whether there are more than a number."""
        if self.found is not None:
            return "yes" if self.found > number else "no"
        if self.least > number:
            return "yes"
        return "unknown" if self.most is None or self.most > number else "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """An incident as assessed."""

    findings: tuple[Finding, ...]
    persons: Persons
    extent: Extent

    @property
    def facts(self) -> Mapping[str, Answer]:
        """Kind → answer."""
        return {finding.name: finding.answer for finding in self.findings}

    @property
    def required(self) -> Answer:
        """Whether the commission has to be told."""
        return required(self.facts)


def required(facts: Mapping[str, Answer]) -> Answer:
    """Whether the commission has to be told: one kind is enough, and what is not known is not no."""
    answers = set(facts.values())
    return "yes" if "yes" in answers else "unknown" if "unknown" in answers or not answers else "no"


def assess(
    extent: Extent, *, terms: Mapping[str, Any], facts: Mapping[str, bool], found: int | None, catalogue: Catalogue
) -> Assessment:
    """Assess an incident.

    Args:
        terms: the guideline's (`incidents`).
        facts: what people answer, by kind.
        found: how many persons people have found.

    Raises:
        BadInput: a kind that the guideline does not name, an answer to what the calculation tells, or a number of
            persons that cannot be.
    """
    for name in facts:
        if name not in terms["triggers"]:
            raise BadInput("incident-fact-unknown", facts=", ".join(terms["triggers"]))
    if found is not None and (found < extent.least or (extent.most is not None and found > extent.most)):
        raise BadInput("incident-persons")
    persons = Persons(least=extent.least, most=extent.most, found=found)
    findings = tuple(
        _finding(name, trigger, extent=extent, persons=persons, catalogue=catalogue)
        for name, trigger in terms["triggers"].items()
    )
    return Assessment(findings=tuple(_answered(each, facts) for each in findings), persons=persons, extent=extent)


def _answered(finding: Finding, facts: Mapping[str, bool]) -> Finding:
    if finding.name not in facts:
        return finding
    if not finding.open:
        raise BadInput("incident-fact-computed", fact=finding.name)
    return replace(finding, answer="yes" if facts[finding.name] else "no", by="people")


def _finding(
    name: str, trigger: Mapping[str, Any], *, extent: Extent, persons: Persons, catalogue: Catalogue
) -> Finding:
    label = Label(**trigger["label"])
    of_kind = tuple(item for item in extent.items if _is_of_kind(item, trigger, catalogue))
    limit = trigger.get("more_than")
    number = persons.more_than(limit) if limit is not None else "no"
    if any(item.of_persons for item in of_kind):
        return Finding(name=name, label=label, answer="yes", by="items", items=of_kind, more_than=limit)
    if number == "yes":
        return Finding(name=name, label=label, answer="yes", by="persons", items=of_kind, more_than=limit)
    by_items = "sensitivity" in trigger or "items" in trigger
    # Items that stood in figures about groups alone may tell of a person or not; what is not recorded here, too.
    undecided = trigger.get("people", False) or bool(of_kind) or number == "unknown" or (by_items and not extent.whole)
    if undecided:
        return Finding(
            name=name, label=label, answer="unknown", by="nothing", items=of_kind, more_than=limit, open=True
        )
    return Finding(name=name, label=label, answer="no", by="items" if by_items else "persons", more_than=limit)


def _is_of_kind(item: Item, trigger: Mapping[str, Any], catalogue: Catalogue) -> bool:
    if item.name in trigger.get("items", ()):
        return True
    dataset = catalogue.datasets.get(item.dataset)
    column = dataset.columns.get(item.column) if dataset is not None else None
    return column is not None and column.sensitivity in trigger.get("sensitivity", ())


def explained(
    extent: Extent,
    *,
    terms: Mapping[str, Any],
    facts: Mapping[str, Answer],
    persons: Persons,
    catalogue: Catalogue,
) -> tuple[Finding, ...]:
    """The findings of an assessment that is recorded, with what each rests on."""
    found = []
    for name, trigger in terms["triggers"].items():
        computed = _finding(name, trigger, extent=extent, persons=persons, catalogue=catalogue)
        answer = facts.get(name, "unknown")
        by: By = computed.by if answer == computed.answer else "nothing" if answer == "unknown" else "people"
        found.append(replace(computed, answer=answer, by=by))
    return tuple(found)
