"""Every error that the source can raise has its sentences, they render, and they say nothing that must not be said."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from governance.errors import (
    BadInput,
    CheckFailed,
    Citation,
    Denied,
    Fault,
    Lang,
    SekishoError,
    Unavailable,
    message_codes,
)
from governance.load_guideline import load_guideline
from tests.architecture.sources import CORE_ROOMS, ROOT, modules
from tests.architecture.test_house_rules import WORDS_NEVER_USED

CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LOG_METHODS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
RAISED = frozenset({"BadInput", "Unavailable", "CheckFailed"})
LANGUAGES: tuple[Lang, ...] = ("ja", "en")
MESSAGE_FILES = sorted((ROOT / "governance" / "messages").glob("*.yaml"))


def _calls() -> list[tuple[str, ast.Call]]:
    """Each place where one of the errors is made."""
    return [
        (f"{module.name}:{node.lineno}", node)
        for module in modules(*CORE_ROOMS, "reference")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED
    ]


def _code(call: ast.Call) -> str | None:
    """The code, where it stands at the call; some are handed on or looked up."""
    first = call.args[0] if call.args else None
    return first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def _constants() -> dict[str, str]:
    """Every text of the source that has the form of a code, with its place; names of log events are none."""
    found: dict[str, str] = {}
    for module in modules(*CORE_ROOMS, "reference"):
        events = {
            id(argument)
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LOG_METHODS
            for argument in node.args
        }
        for node in ast.walk(module.tree):
            value = node.value if isinstance(node, ast.Constant) and id(node) not in events else None
            if isinstance(value, str) and CODE.fullmatch(value):
                found.setdefault(value, f"{module.name}:{node.lineno}")  # type: ignore[attr-defined]
    return found


def _prefixes() -> frozenset[str]:
    """Beginnings of codes that are put together, as ``f"derived-{code}"``."""
    return frozenset(
        first.value
        for module in modules(*CORE_ROOMS, "reference")
        for node in ast.walk(module.tree)
        if isinstance(node, ast.JoinedStr)
        and isinstance(first := node.values[0], ast.Constant)
        and isinstance(first.value, str)
        and first.value.endswith("-")
        and CODE.fullmatch(first.value[:-1])
    )


def _messages() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for file in MESSAGE_FILES:
        found.update(yaml.safe_load(file.read_text(encoding="utf-8")) or {})
    return found


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_code_of_the_source_has_a_sentence() -> None:
    """No error ends in its bare code."""
    codes = {_code(call): where for where, call in _calls()}
    codes.pop(None, None)
    assert len(codes) > 100
    assert {code: where for code, where in codes.items() if code not in message_codes()} == {}


def test_every_code_that_is_handed_on_has_a_sentence() -> None:
    """Codes that are not written at the call come in families (``sql-…``, ``value-…``); each member has its sentences."""
    written = {_code(call) for _, call in _calls()}
    looked_up = [code.split("-")[0] for code in message_codes() - written]
    families = {word for word in looked_up if looked_up.count(word) > 2}
    assert "sql" in families
    controls = {c for a in load_guideline(ROOT / "guideline_docs").articles for rule in a.rules for c in rule.controls}
    strangers = {
        code: where
        for code, where in _constants().items()
        if "-" in code and code.split("-")[0] in families and code not in message_codes() | controls
    }
    assert strangers == {}


def test_every_sentence_gets_the_names_that_it_needs() -> None:
    """Each call gives every parameter that the sentences of its code name."""
    messages = _messages()
    missing = []
    for where, call in _calls():
        given = {keyword.arg for keyword in call.keywords}
        code = _code(call)
        if code is None or None in given or code not in messages:
            continue
        needed = set().union(*(_fields(sentence) for sentence in messages[code].values()))
        if needed - given:
            missing.append(f"{where} {code}: {sorted(needed - given)}")
    assert missing == []


def test_no_sentence_is_without_an_error() -> None:
    """A sentence that nothing raises is removed."""
    constants = _constants()
    joined = {prefix + constant for prefix in _prefixes() for constant in constants}
    assert sorted(message_codes() - constants.keys() - joined - {"denied"}) == []


@pytest.mark.parametrize("file", MESSAGE_FILES, ids=lambda file: file.name)
def test_messages_render_in_both_languages(file: Path) -> None:
    """Both sentences and both remedies are there, name the same things, and leave no brace behind."""
    for code, message in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
        assert set(message) == {"ja", "en", "remedy_ja", "remedy_en"}, code
        assert _fields(message["ja"]) == _fields(message["en"]), code
        error = SekishoError(code, **{name: "名前" for part in message.values() for name in _fields(part)})
        for lang in LANGUAGES:
            for sentence in (error.text(lang), error.remedy(lang)):
                assert sentence.strip() == sentence, code
                assert "{{" in str(message) or not set("{}") & set(sentence), code
        assert message["ja"].endswith("。"), code
        assert message["en"].endswith("."), code


@pytest.mark.parametrize("file", MESSAGE_FILES, ids=lambda file: file.name)
def test_no_message_uses_a_forbidden_word(file: Path) -> None:
    """Sentences keep to the words that the guideline allows."""
    text = file.read_text(encoding="utf-8")
    assert [word for word in WORDS_NEVER_USED if word in text] == []


def test_exit_statuses_are_those_of_the_contract() -> None:
    """Each kind of error ends the command line with its own status."""
    citation = Citation(control="c", article=7, rule="R7-2", on="s1", text={"ja": "。", "en": "."}, remedy={})
    errors: list[SekishoError] = [
        CheckFailed("denied"),
        BadInput("denied"),
        Denied((citation,)),
        Unavailable("denied"),
        Fault(),
    ]
    assert [error.exit_status for error in errors] == [1, 2, 3, 4, 5]


def test_a_refusal_names_its_articles_in_order() -> None:
    """The sentence of a deny lists each article once, in the order of their numbers, as each language writes a list."""
    citations = tuple(
        Citation(
            control=f"c{n}", article=n, rule=f"R{n}-1", on="", text={"ja": "", "en": ""}, remedy={"ja": "", "en": ""}
        )
        for n in (19, 7, 10, 19)
    )
    several, one = Denied(citations), Denied(citations[:1])
    assert several.text("ja") == "第7条・第10条・第19条により認められません。"
    assert several.text("en") == "Refused under articles 7, 10 and 19 of the guideline."
    assert one.text("ja") == "第19条により認められません。"
    assert one.text("en") == "Refused under article 19 of the guideline."
    assert several.params["articles"] == "7, 10, 19"


def test_a_refusal_without_an_article_is_a_fault_of_ours() -> None:
    """I6: a deny that cites nothing never reaches anybody as a deny."""
    with pytest.raises(Fault):
        Denied(())


def test_a_code_has_one_form() -> None:
    """A text that is not a code cannot become one by accident."""
    with pytest.raises(ValueError, match="not an error code"):
        BadInput("Something went wrong")


def test_an_error_is_readable_without_a_terminal() -> None:
    """``str`` gives code, sentence and remedy; an incomplete one still gives the code."""
    assert str(BadInput("file-missing", file="a.yaml")).startswith("[file-missing] The file a.yaml is missing. ")
    assert str(BadInput("file-missing")) == "[file-missing]"
