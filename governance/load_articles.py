"""Reads the articles of a guideline: one Markdown file each, the machine-checkable part in its front matter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from governance import located_yaml
from governance.catalogue import Label
from governance.dates import check_date
from governance.errors import BadInput
from governance.guideline import Article, ControlText, Rule
from governance.located_yaml import Located
from governance.registers import Place
from governance.schema_check import check_schema
from governance.text_files import read_utf8
from governance.windows import Window

_FILE_NAME = re.compile(r"art([0-9]{2,3})\.md", re.ASCII)
_NUMBERED_RULE = re.compile(r"R([0-9]+)-[0-9]+", re.ASCII)
_FIELD = re.compile(r"[a-z][a-z_]*", re.ASCII)


def load_articles(folder: Path, *, file: str) -> tuple[tuple[Article, ...], Mapping[str, Place]]:
    """Read every ``artNN.md`` of a folder, by number.

    Args:
        folder: the guideline's ``articles/`` folder.
        file: its name in messages.

    Returns:
        The articles, and where each control is bound.

    Raises:
        BadInput: a malformed article, a rule or control that stands twice, a sentence that cannot be rendered.
    """
    articles: list[Article] = []
    rules: dict[str, Place] = {}
    controls: dict[str, Place] = {}
    for path in sorted(folder.glob("*.md")):
        located, body = _split(path, file=f"{file}/{path.name}")
        check_schema(located, "article")
        articles.append(_article(located, body))
        _check_number(path.name, located)
        for position, rule in enumerate(located.data["rules"]):
            place = Place(file=located.file, line=located.line("rules", position, "id"))
            _claim("rule-twice", rule["id"], place, rules)
            for control in rule.get("controls", ()):
                line = located.line("rules", position, "controls", control)
                _claim("control-bound-twice", control, Place(file=located.file, line=line), controls)
                _check_sentences(located, position, control)
    if not articles:
        raise BadInput("articles-empty", file=file)
    return tuple(sorted(articles, key=lambda article: article.number)), controls


def _split(path: Path, *, file: str) -> tuple[Located, str]:
    text = read_utf8(path, file=file)
    opening, marker, rest = text.partition("---\n")
    front, end, body = (rest + "\n").partition("\n---\n")
    if opening or not marker or not end:
        raise BadInput("article-front-matter", file=file, line=1)
    if not body.strip():
        raise BadInput("article-body-missing", file=file, line=(front + end).count("\n") + 1)
    return located_yaml.load(front, file=file, first_line=2), body.strip() + "\n"


def _check_number(name: str, located: Located) -> None:
    number: int = located.data["article"]
    matched = _FILE_NAME.fullmatch(name)
    if matched is None or int(matched[1]) != number:
        raise BadInput("article-file-name", file=located.file, line=located.line("article"), article=number)
    for position, rule in enumerate(located.data["rules"]):
        numbered = _NUMBERED_RULE.fullmatch(rule["id"])
        if numbered is not None and int(numbered[1]) != number:
            line = located.line("rules", position, "id")
            raise BadInput("rule-of-other-article", file=located.file, line=line, rule=rule["id"], article=number)


def _claim(code: str, name: str, place: Place, claimed: dict[str, Place]) -> None:
    first = claimed.setdefault(name, place)
    if first == place:
        return
    where: dict[str, str | int] = {
        "file": place.file,
        "line": place.line,
        "first_file": first.file,
        "first_line": first.line,
    }
    if code == "rule-twice":
        raise BadInput("rule-twice", **where, rule=name)
    raise BadInput("control-bound-twice", **where, control=name)


def _check_sentences(located: Located, position: int, control: str) -> None:
    texts = located.data["rules"][position]["controls"][control]
    for part, languages in texts.items():
        fields = {}
        for lang, sentence in languages.items():
            line = located.line("rules", position, "controls", control, part, lang)
            fields[lang] = _fields(sentence, file=located.file, line=line, control=control)
        if fields["ja"] != fields["en"]:
            line = located.line("rules", position, "controls", control, part)
            raise BadInput("sentence-fields-differ", file=located.file, line=line, control=control)


def _fields(sentence: str, *, file: str, line: int, control: str) -> frozenset[str]:
    try:
        parts = list(Formatter().parse(sentence))
    except ValueError as error:
        raise BadInput("sentence-malformed", file=file, line=line, control=control) from error
    names = [(name, spec, conversion) for _, name, spec, conversion in parts if name is not None]
    if any(spec or conversion or not _FIELD.fullmatch(name) for name, spec, conversion in names):
        raise BadInput("sentence-malformed", file=file, line=line, control=control)
    return frozenset(name for name, _, _ in names)


def _article(located: Located, body: str) -> Article:
    document = located.data
    _check_window(located, "effective")
    for position, rule in enumerate(document["rules"]):
        if "effective" in rule:
            _check_window(located, "rules", position, "effective")
    return Article(
        number=document["article"],
        chapter=document["chapter"],
        title=_label(document["title"]),
        body_ja=body,
        body_en=document["en"].strip(),
        law=tuple(document["law"]),
        effective_from=document["effective"]["from"],
        effective_to=document["effective"]["to"],
        rules=tuple(_rule(rule) for rule in document["rules"]),
        file=located.file,
    )


def _rule(document: Mapping[str, Any]) -> Rule:
    return Rule(
        id=document["id"],
        text=_label(document["text"]),
        enforced_by=document["enforced_by"],
        controls={slug: _control(texts) for slug, texts in document.get("controls", {}).items()},
        reason=_label(document["reason"]) if "reason" in document else None,
        window=_window(document["effective"]) if "effective" in document else Window(),
    )


def _window(document: Mapping[str, Any]) -> Window:
    return Window(begins=document["from"], ends=document["to"])


def _check_window(located: Located, *path: str | int) -> None:
    """Refuse a window with a day that is none, that ends before it begins, or that leaves its article's."""
    document = located.data
    for part in path:
        document = document[part]
    for end in ("from", "to"):
        check_date(located, *path, end)
    window, article = _window(document), _window(located.data["effective"])
    begins, ends = window.begins or "", window.ends or article.ends
    if begins < (article.begins or "") or (ends is not None and (ends < begins or ends > (article.ends or ends))):
        raise BadInput("effective-range", file=located.file, line=located.line(*path))


def _control(document: Mapping[str, Any]) -> ControlText:
    return ControlText(
        text={"ja": document["text"]["ja"], "en": document["text"]["en"]},
        remedy={"ja": document["remedy"]["ja"], "en": document["remedy"]["en"]},
    )


def _label(document: Mapping[str, str]) -> Label:
    return Label(ja=document["ja"], en=document["en"])
