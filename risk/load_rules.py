"""Reads criteria: ``rules/<purpose>.yaml``. Whatever does not fit is refused with factor, file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from governance import located_yaml
from governance.approvals import Template
from governance.catalogue import Label
from governance.errors import BadInput
from governance.located_yaml import Located
from governance.schema_check import check_schema
from governance.text_files import read_bytes
from risk.conditions import NotACondition, columns_of, parse_condition, text_of
from risk.rule_set import Factor, Fades, Group, Needed, RuleSet, WatchedGroup


def load_rules(folder: Path, templates: Mapping[str, Template]) -> Mapping[str, RuleSet]:
    """Read and check the criteria of a deployment, by purpose; none where there is no such folder.

    Args:
        folder: the deployment's ``rules/`` folder.
        templates: the query templates, whose outputs conditions may read.

    Raises:
        BadInput: criteria that are malformed, read what their template does not put out, or would make a candidate of
            somebody for what must be no reason by itself.
    """
    loaded = {}
    for path in sorted(folder.glob("*.yaml")):
        file = f"{folder.name}/{path.name}"
        rules = read_rules(read_bytes(path, file=file), templates, file=file, purpose=path.stem)
        loaded[rules.purpose] = rules
    _check_groups(loaded)
    return loaded


def _check_groups(loaded: Mapping[str, RuleSet]) -> None:
    """A group is told by one purpose alone."""
    seen: set[str] = set()
    for rules in loaded.values():
        for name, group in rules.watched.items():
            if name in seen:
                raise BadInput("rules-group-twice", file=rules.file, line=group.line, name=name)
            seen.add(name)


def read_rules(data: bytes, templates: Mapping[str, Template], *, file: str, purpose: str | None = None) -> RuleSet:
    """Read and check the criteria of one purpose.

    Args:
        data: what a file holds.
        templates: the query templates, whose outputs conditions may read.
        file: the name that messages use.
        purpose: which they have to be for, as the file's name says.

    Raises:
        BadInput: as `load_rules`.
    """
    located = located_yaml.load(data, file=file)
    check_schema(located, "rule_set")
    document = located.data
    if purpose is not None and document["purpose"] != purpose:
        raise BadInput("rules-file-name", file=file)
    template = templates.get(document["template"])
    if template is None or template.purpose != document["purpose"]:
        raise BadInput("rules-template", file=file, line=located.line("template"), template=document["template"])
    factors = {
        name: _factor(name, entry, located, template)
        for name, entry in document["factors"].items()
        if "struck" not in entry
    }
    _check_names(located, factors)
    rules = RuleSet(
        purpose=document["purpose"],
        template=template.id,
        version=document["version"],
        digest=hashlib.sha256(data).hexdigest(),
        file=file,
        together=_together(located, template),
        supported=_condition(located, template, "supported", factor="supported", what="supported")[0],
        groups={name: Group(label=_label(g["label"]), cap=g["cap"]) for name, g in document["groups"].items()},
        listed=tuple(Needed(groups=tuple(n["groups"]), points=n["points"]) for n in document["listed"]),
        band_a=document["bands"]["a"],
        band_b=document["bands"]["b"],
        alerts=tuple(document.get("alerts", ())),
        factors=factors,
        never_alone=frozenset(document["never_alone"]),
        proposal=document.get("proposed", {}).get("proposal"),
        watched={
            name: WatchedGroup(
                label=_label(entry["label"]),
                hit=_condition(located, template, "watched", name, "hit", factor=name, what="hit")[0],
                known=_condition(located, template, "watched", name, "known", factor=name, what="known")[0]
                if "known" in entry
                else "TRUE",
                line=located.line("watched", name),
            )
            for name, entry in document.get("watched", {}).items()
        },
    )
    _check_alone(rules, rules.never_alone, located)
    return rules


def _factor(name: str, entry: Mapping[str, Any], located: Located, template: Template) -> Factor:
    hit, columns = _condition(located, template, "factors", name, "hit", factor=name, what="hit")
    known = "TRUE"
    if "known" in entry:
        known, _ = _condition(located, template, "factors", name, "known", factor=name, what="known")
    fades = Fades(**entry["fades"]) if "fades" in entry else None
    if fades is not None:
        line = located.line("factors", name, "fades")
        _check_column(fades.by, template, file=located.file, line=line, factor=name)
        if fades.full_to >= fades.gone_from:
            raise BadInput("rules-fades", file=located.file, line=line, factor=name)
    return Factor(
        id=name,
        label=_label(entry["label"]),
        group=entry["group"],
        weight=entry["weight"],
        evidence=entry["evidence"],
        hit=hit,
        known=known,
        fades=fades,
        columns=columns,
        line=located.line("factors", name),
    )


def _together(located: Located, template: Template) -> str | None:
    name: str | None = located.data.get("together")
    if name is not None:
        _check_column(name, template, file=located.file, line=located.line("together"), factor="together")
    return name


def _condition(located: Located, template: Template, *path: str, factor: str, what: str) -> tuple[str, frozenset[str]]:
    """A condition as it is evaluated, and the columns that it reads."""
    text = located.data
    for part in path:
        text = text[part]
    line = located.line(*path)
    try:
        tree = parse_condition(text)
    except NotACondition as error:
        raise BadInput("rules-condition", file=located.file, line=line, factor=factor, what=what) from error
    columns = columns_of(tree)
    for column in sorted(columns):
        _check_column(column, template, file=located.file, line=line, factor=factor)
    return text_of(tree), columns


def _check_column(column: str, template: Template, *, file: str, line: int, factor: str) -> None:
    if column not in template.columns:
        raise BadInput("rules-column", file=file, line=line, factor=factor, column=column, template=template.id)


def _check_names(located: Located, factors: Mapping[str, Factor]) -> None:
    """Groups and factors that are named exist, and band A lies above band B."""
    document = located.data
    for name, factor in factors.items():
        if factor.group not in document["groups"]:
            line = located.line("factors", name, "group")
            raise BadInput("rules-name", file=located.file, line=line, name=factor.group)
    for position, needed in enumerate(document["listed"]):
        for group in needed["groups"]:
            if group not in document["groups"]:
                line = located.line("listed", position, "groups")
                raise BadInput("rules-name", file=located.file, line=line, name=group)
    for alert in document.get("alerts", ()):
        if alert not in factors:
            raise BadInput("rules-name", file=located.file, line=located.line("alerts"), name=alert)
    if document["bands"]["a"] <= document["bands"]["b"]:
        raise BadInput("rules-bands", file=located.file, line=located.line("bands"))


def _check_alone(rules: RuleSet, never_alone: frozenset[str], located: Located) -> None:
    """Factors that read nothing but what must be no reason by itself never make a candidate or an alert together."""
    sole = [factor for factor in rules.factors.values() if factor.columns <= never_alone]
    for factor in sole:
        if factor.id in rules.alerts:
            raise BadInput("rules-alone", file=located.file, line=factor.line, factor=factor.id)
    if sole and all(_most(rules, sole, needed) >= needed.points for needed in rules.listed):
        raise BadInput("rules-alone", file=located.file, line=sole[0].line, factor=sole[0].id)


def _most(rules: RuleSet, factors: list[Factor], needed: Needed) -> int:
    """The most points that these factors can give to the groups of a condition."""
    return sum(
        min(rules.groups[group].cap, sum(max(0, f.weight) for f in factors if f.group == group))
        for group in needed.groups
    )


def _label(document: Mapping[str, str]) -> Label:
    return Label(ja=document["ja"], en=document["en"])
