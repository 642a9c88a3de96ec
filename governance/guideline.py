"""The guideline as values: articles, rules, the controls they bind, and the tables the policy reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from governance.calendars import EVERY_DAY
from governance.catalogue import Catalogue, Label
from governance.decisions import DenyReason
from governance.errors import Citation, Fault, Lang
from governance.windows import Version, Window, in_force

EnforcedBy = Literal["rego", "engine", "ledger", "people"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlText:
    """What a control says when it refuses, and what would be acceptable. ``str.format`` fields are deny parameters."""

    text: Mapping[Lang, str]
    remedy: Mapping[Lang, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of an article (``R7-2``) and what enforces it.

    Attributes:
        controls: controls that carry the rule out, with their sentences. Empty only for ``people``.
        reason: for ``people``, why software cannot.
        window: when it is in force, within the time of its article.
    """

    id: str
    text: Label
    enforced_by: EnforcedBy
    controls: Mapping[str, ControlText]
    reason: Label | None
    window: Window = field(default_factory=Window)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article, from one Markdown file."""

    number: int
    chapter: int
    title: Label
    body_ja: str
    body_en: str
    law: tuple[str, ...]
    effective_from: str
    effective_to: str | None
    rules: tuple[Rule, ...]
    file: str

    @property
    def window(self) -> Window:
        """When it is in force."""
        return Window(begins=self.effective_from, ends=self.effective_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """The guideline of a deployment.

    Attributes:
        version: declared version with 12 hex digits of the digest of all its files; approvals are bound to it.
        tables: the machine-checkable tables as plain data, validated against their schemas: ``purposes``,
            ``allow_list`` (別表2), ``action_matrix`` (別表1), ``routes`` (別表3), ``parameters``, ``domains``,
            ``requirements``, ``gates``, ``named_sets``, ``recipients``. Of ``parameters`` those that have one value for
            all time; `parameters` has all.
        declared: the version as it is written down, without the digest.
        files: SHA-256 of each of its files, by name.
        timed: parameters with several versions, each with its time.
        digest: SHA-256 over all its files; what is approved is the guideline of this digest.
    """

    version: str
    articles: tuple[Article, ...]
    tables: Mapping[str, Any]
    digest: str = ""
    declared: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    timed: Mapping[str, tuple[Version, ...]] = field(default_factory=dict)

    def parameters(self, day: date) -> Mapping[str, Any]:
        """The parameters as they are on a day. One that has no value yet is absent."""
        found = {name: in_force(of, day) for name, of in self.timed.items()}
        current = {name: version.value for name, version in found.items() if version is not None}
        return {**self.tables["parameters"], **current}

    def epochs(self, domain: str) -> tuple[str, ...]:
        """Every epoch that is written down for a pseudonymisation domain, the oldest first."""
        epoch = self.tables["domains"][domain]["epoch"]
        return (epoch,) if isinstance(epoch, str) else tuple(version["value"] for version in epoch["versions"])

    def window(self, control: str) -> Window:
        """When the rule that a control carries out is in force.

        Raises:
            Fault: as `binding`.
        """
        article, rule = self.binding(control)
        return rule.window.within(article.window)

    def binding(self, control: str) -> tuple[Article, Rule]:
        """The article and the rule that a control carries out.

        Raises:
            Fault: no rule binds the control; a deployment is refused at load where Rego knows such a control.
        """
        for article in self.articles:
            for rule in article.rules:
                if control in rule.controls:
                    return article, rule
        raise Fault

    def cite(self, reason: DenyReason, *, catalogue: Catalogue) -> Citation:
        """The reason with its article and its sentences (I6).

        Sentences may use the parameters of the reason, ``{on}``, and ``{item}``: the dataset or the column that the
        reason is about, by its label for people and its name. A calendar is named by its label.
        """
        article, rule = self.binding(reason.control)
        text = rule.controls[reason.control]

        def render(sentences: Mapping[Lang, str]) -> dict[Lang, str]:
            return {
                lang: sentence.format_map(self._words(reason, catalogue, lang)) for lang, sentence in sentences.items()
            }

        return Citation(
            control=reason.control,
            article=article.number,
            rule=rule.id,
            on=reason.on,
            text=render(text.text),
            remedy=render(text.remedy),
        )

    def _words(self, reason: DenyReason, catalogue: Catalogue, lang: Lang) -> dict[str, str | int]:
        words = {"on": reason.on, "item": _item(reason, catalogue, lang), **reason.params}
        if "calendar" in reason.params:
            listed = self.tables.get("calendars", {}).get("calendars", {})
            words["calendar"] = listed.get(reason.params["calendar"], {"label": EVERY_DAY})["label"][lang]
        return words

    def articles_of(self, controls: tuple[str, ...]) -> tuple[int, ...]:
        """The numbers of the articles that the controls carry out, ascending, each once."""
        return tuple(sorted({self.binding(control)[0].number for control in controls}))


def version_number(text: str) -> tuple[int, ...]:
    """A declared version, or the one that a version with its digest begins with, as numbers that can be compared."""
    return tuple(int(part) for part in text.partition("-")[0].split("."))


def _item(reason: DenyReason, catalogue: Catalogue, lang: Lang) -> str:
    """What a reason is about, as people call it and as the catalogue names it."""
    name, column = str(reason.params.get("dataset", "")), str(reason.params.get("column", ""))
    dataset = catalogue.datasets.get(name)
    full_name = f"{name}.{column}" if column else name
    if dataset is None:
        return full_name
    table = getattr(dataset.label, lang)
    if column not in dataset.columns:
        return f"{table} {full_name}"
    item = getattr(dataset.columns[column].label, lang)
    return f"{table}「{item}」 {full_name}" if lang == "ja" else f"{item} in {table}, {full_name}"
