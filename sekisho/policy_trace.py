"""From an article to what carries it out: article → rule → control → Rego or code → tests → how often it decided.

The trace is computed from the guideline of the deployment, the installed rules and, in a checkout of the source, the
tests beside them. Where a link is missing it is a gap, and a gap is a fault.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import yaml

from audit.entry import Entry
from governance.catalogue import Label
from governance.errors import Lang
from governance.guideline import Article, Guideline, Rule
from governance.windows import Window
from policies.bundle import ROOM

SOURCE = ROOM.parent
"""Root of the source; tests stand there only in a checkout."""

_CONTROLS = "policies/rego/sekisho/controls"
_CASES = "tests/policies/cases"
_CODE_CONTROLS = ROOM / "code_controls.yaml"

COLUMNS: Mapping[Lang, tuple[str, ...]] = {
    "ja": ("条", "規則", "担い手", "統制", "実装", "試験", "認めた", "断った"),
    "en": ("article", "rule", "enforced by", "control", "carried out in", "tests", "granted", "refused"),
}

_BY: Mapping[str, Label] = {
    "rego": Label(ja="規則（Rego）", en="rego"),
    "engine": Label(ja="プログラム", en="engine"),
    "ledger": Label(ja="監査記録", en="ledger"),
    "people": Label(ja="人", en="people"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How often a control took part in the decisions of a ledger."""

    granted: int
    refused: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """One control of one rule, or a rule without a control.

    Attributes:
        enforced_by: ``rego``, ``engine``, ``ledger`` or ``people``.
        control: ``None`` where people carry the rule out.
        says: the sentence of a refusal; for people the reason why software cannot.
        remedy: what would be acceptable, ``None`` for people.
        code: files that carry it out, from the root of the source.
        tests: files that hold it, from the root of the source; those of the checkout only where there is one.
        counts: ``None`` where the ledger was not read.
        window: when the rule is in force.
    """

    article: int
    title: Label
    rule: str
    text: Label
    enforced_by: str
    control: str | None
    says: Label
    remedy: Label | None
    code: tuple[str, ...]
    tests: tuple[str, ...]
    counts: Counts | None
    window: Window

    def document(self, *, lang: Lang) -> dict[str, Any]:
        """The line as programs read it."""
        return {
            "article": self.article,
            "title": getattr(self.title, lang),
            "rule": self.rule,
            "text": getattr(self.text, lang),
            "enforced_by": self.enforced_by,
            "effective": self.window.to_json(),
            "control": self.control,
            "says": getattr(self.says, lang),
            "remedy": None if self.remedy is None else getattr(self.remedy, lang),
            "code": list(self.code),
            "tests": list(self.tests),
            "granted": None if self.counts is None else self.counts.granted,
            "refused": None if self.counts is None else self.counts.refused,
        }

    def cells(self, *, lang: Lang) -> list[str]:
        """The line as people read it, under `COLUMNS`."""
        article = f"第{self.article}条 {self.title.ja}" if lang == "ja" else f"{self.article} {self.title.en}"
        counts = ("-", "-") if self.counts is None else (f"{self.counts.granted:,}", f"{self.counts.refused:,}")
        return [
            article,
            f"{self.rule} {getattr(self.text, lang)}",
            getattr(_BY[self.enforced_by], lang),
            self.control or getattr(self.says, lang),
            "\n".join(self.code) or "-",
            "\n".join(self.tests) or "-",
            *counts,
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A link that is missing.

    Attributes:
        at: the control or the rule.
        missing: what is not there.
    """

    at: str
    missing: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """All lines of a guideline, and what is missing."""

    lines: tuple[TraceLine, ...]
    gaps: tuple[Gap, ...]

    def on(self, day: date) -> Trace:
        """The same with the rules alone that are in force on a day."""
        return replace(self, lines=tuple(line for line in self.lines if line.window.holds(day)))

    def of_control(self, control: str) -> tuple[TraceLine, ...]:
        """The lines of one control."""
        return tuple(line for line in self.lines if line.control == control)

    def of_rule(self, rule: str) -> tuple[TraceLine, ...]:
        """The lines of one rule, a line for each of its controls."""
        return tuple(line for line in self.lines if line.rule == rule)

    def of_article(self, number: int) -> tuple[TraceLine, ...]:
        """The lines of one article."""
        return tuple(line for line in self.lines if line.article == number)


def trace(guideline: Guideline, *, entries: Iterable[Entry] | None = None) -> Trace:
    """Trace every rule of a guideline.

    Args:
        entries: of the ledger, to count decisions; ``None`` to leave the counts out.
    """
    counted = None if entries is None else _counted(entries)
    code_controls = read_code_controls()
    lines = tuple(
        line
        for article in guideline.articles
        for rule in article.rules
        for line in _lines(article, rule, code_controls=code_controls, counted=counted)
    )
    return Trace(lines=lines, gaps=tuple(_gaps(lines)))


def read_code_controls() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Controls that code carries out: the files of the code and of its tests."""
    document: dict[str, dict[str, list[str]]] = yaml.safe_load(_CODE_CONTROLS.read_text(encoding="utf-8"))
    return document


def controls_of(entry: Entry) -> tuple[str, ...]:
    """The controls that refused in a decision, in the order of its reasons; of an allow, those that granted."""
    document = entry.document
    reasons = [reason["control"] for reason in document.get("deny", ())]
    return tuple(dict.fromkeys(reasons or document.get("granted_under", ())))


def markdown(lines: Sequence[TraceLine], *, lang: Lang, notice: str | None) -> str:
    """The trace as a Markdown page."""
    title = {"ja": "条文から実装、試験、記録まで", "en": "From article to code, tests and ledger"}[lang]
    head = COLUMNS[lang]
    text = io.StringIO()
    text.write(f"# {title}\n\n")
    if notice:
        text.write(f"{notice}\n\n")
    text.write("| " + " | ".join(head) + " |\n|" + "---|" * len(head) + "\n")
    for line in lines:
        cells = (cell.replace("|", "\\|").replace("\n", "<br>") for cell in line.cells(lang=lang))
        text.write("| " + " | ".join(cells) + " |\n")
    return text.getvalue()


def _counted(entries: Iterable[Entry]) -> tuple[Counter[str], Counter[str]]:
    granted: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for entry in entries:
        if entry.document["kind"] == "decision":
            granted.update(entry.document["granted_under"])
            refused.update({reason["control"] for reason in entry.document["deny"]})
    return granted, refused


def _lines(
    article: Article,
    rule: Rule,
    *,
    code_controls: Mapping[str, Mapping[str, Sequence[str]]],
    counted: tuple[Counter[str], Counter[str]] | None,
) -> Iterator[TraceLine]:
    window = rule.window.within(article.window)
    if not rule.controls:
        yield TraceLine(
            article=article.number, title=article.title, rule=rule.id, text=rule.text, enforced_by=rule.enforced_by,
            control=None, says=rule.reason or Label(ja="", en=""), remedy=None, code=(), tests=(), counts=None,
            window=window,
        )  # fmt: skip
    for control, text in rule.controls.items():
        if rule.enforced_by == "rego":
            code, tests = _rego_files(control)
        else:
            known = code_controls.get(control, {})
            code, tests = tuple(known.get("code", ())), _in_checkout(known.get("tests", ()))
        yield TraceLine(
            article=article.number,
            title=article.title,
            rule=rule.id,
            text=rule.text,
            enforced_by=rule.enforced_by,
            control=control,
            says=Label(ja=text.text["ja"], en=text.text["en"]),
            remedy=Label(ja=text.remedy["ja"], en=text.remedy["en"]),
            code=code,
            tests=tests,
            counts=None if counted is None else Counts(granted=counted[0][control], refused=counted[1][control]),
            window=window,
        )


def _rego_files(control: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    rule, test = f"{_CONTROLS}/{control}.rego", f"{_CONTROLS}/{control}_test.rego"
    present = tuple(path for path in (rule, test) if (SOURCE / path).is_file())
    return (
        tuple(path for path in present if path == rule),
        (*(path for path in present if path == test), *_in_checkout([f"{_CASES}/{control}.yaml"])),
    )


def _in_checkout(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(path for path in paths if (SOURCE / path).is_file())


def _gaps(lines: Sequence[TraceLine]) -> Iterator[Gap]:
    for line in lines:
        if line.control is None:
            if not (line.says.ja and line.says.en):
                yield Gap(at=line.rule, missing=Label(ja="人が担う理由", en="the reason why people carry it out"))
            continue
        if not line.code or any(not (SOURCE / path).is_file() for path in line.code):
            yield Gap(at=line.control, missing=Label(ja="実装", en="what carries it out"))
        if not line.tests:
            yield Gap(at=line.control, missing=Label(ja="試験", en="a test"))
    bound = {line.control for line in lines}
    written = (path.stem for path in sorted((SOURCE / _CONTROLS).glob("*.rego")))
    for control in (name for name in written if not name.endswith("_test")):
        if control not in bound:
            yield Gap(at=control, missing=Label(ja="条文", en="an article"))
