"""House rules that a reader would otherwise have to remember, as checks over the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from statistics import median

import pytest
import yaml

from tests.architecture.sources import CORE_ROOMS, ROOMS, ROOT, modules, texts

PRIVACY_BOUNDARIES = ("governance", "policies", "masking", "audit", "connectors", "query_broker", "risk", "sekisho")
PURE_ROOMS = ("query_broker", "masking")

IMPURE_NAMES = frozenset(
    {
        "os.environ", "os.getenv", "os.environb",
        "datetime.now", "datetime.utcnow", "datetime.today", "datetime.datetime.now", "datetime.datetime.utcnow",
        "date.today", "datetime.date.today", "time.time", "time.time_ns", "time.localtime", "time.gmtime",
    }
)  # fmt: skip

REFERENCE_WORDS = re.compile(r"child|school|akishima|pupil|昭島|学校|こども|子ども|子供|児童|生徒", re.IGNORECASE)

WORDS_NEVER_USED = tuple(
    "".join(parts)
    for parts in (("仮名", "加工情報"), ("匿", "名"), ("危険", "世帯"), ("ブラック", "リスト"), ("問題", "児"))
)
"""Legally wrong or hurtful words, written in two parts so that this file does not contain them."""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return ""


def _definitions(tree: ast.Module) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_every_room_is_there() -> None:
    """Each room of the layout is a package with at least one module, so that no rule below passes on nothing."""
    for room in ROOMS:
        assert (ROOT / room / "__init__.py").is_file(), room
        assert modules(room), room


def test_no_print_in_core_rooms() -> None:
    """Core rooms never print: people's text goes through the command line, everything else through the log."""
    found = [
        f"{module.name}:{node.lineno}"
        for module in modules(*CORE_ROOMS)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and _dotted(node.func) in {"print", "pprint", "pprint.pprint"}
    ]
    assert found == []


def test_no_assert_on_a_privacy_boundary() -> None:
    """No check of these rooms disappears under ``python -O``."""
    found = [
        f"{module.name}:{node.lineno}"
        for module in modules(*PRIVACY_BOUNDARIES)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Assert)
    ]
    assert found == []


def test_the_path_reads_neither_environment_nor_clock_nor_chance() -> None:
    """The broker's stages and the masking get environment, time and randomness as arguments."""
    found = []
    for module in modules(*PURE_ROOMS):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and _dotted(node) in IMPURE_NAMES:
                found.append(f"{module.name}:{node.lineno} {_dotted(node)}")
            if isinstance(node, ast.Import) and any(alias.name == "random" for alias in node.names):
                found.append(f"{module.name}:{node.lineno} import random")
            if isinstance(node, ast.ImportFrom) and node.module == "random":
                found.append(f"{module.name}:{node.lineno} from random")
    assert found == []


def test_modules_are_small() -> None:
    """No module is longer than 400 lines, and half of them have at most 150."""
    sizes = {module.name: module.text.count("\n") for module in modules(*ROOMS)}
    assert {name: size for name, size in sizes.items() if size > 400} == {}
    assert median(sizes.values()) <= 150


def test_names_say_what_a_thing_does() -> None:
    """Nothing is called Manager, Helper or Utils."""
    vague = re.compile(r"manager|helper|utils?\b|_utils?_", re.IGNORECASE)
    found = [f"{m.name}: {d.name}" for m in modules(*ROOMS) for d in _definitions(m.tree) if vague.search(d.name)]
    found += [m.name for m in modules(*ROOMS) if vague.search(m.path.stem)]
    assert found == []


def test_public_names_have_docstrings() -> None:
    """Each module, public class and public function of a room says what it means."""
    found = []
    for module in modules(*ROOMS):
        if ast.get_docstring(module.tree) is None and module.text.strip():
            found.append(module.name)
        found += [
            f"{module.name}:{node.lineno} {node.name}"
            for node in module.tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and not node.name.startswith("_")
            and ast.get_docstring(node) is None
        ]
    assert found == []


@pytest.mark.parametrize("room", CORE_ROOMS)
def test_core_rooms_do_not_know_the_reference_city(room: str) -> None:
    """No file of a core room holds a word of the reference city's domain; those words are its guideline's and its data."""
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}"
        for path in texts(room)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if REFERENCE_WORDS.search(line)
    ]
    found += [str(p.relative_to(ROOT)) for p in texts(room) if REFERENCE_WORDS.search(p.name)]
    assert found == []


def test_no_text_uses_a_word_that_is_wrong_in_law_or_hurts() -> None:
    """No text of the project uses one of the words that the guideline forbids."""
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in texts(".")
        if path.name != "parameters.yaml"  # the list of words to avoid
        for word in WORDS_NEVER_USED
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    """No room raises NotImplementedError, no test is skipped, and no comment promises later work."""
    promise = re.compile(r"#.*\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3)) + r")\b")
    found = []
    for module in modules(*ROOMS, "tests"):
        found += [f"{module.name}: {line.strip()}" for line in module.text.splitlines() if promise.search(line)]
        for node in ast.walk(module.tree):
            name = _dotted(node) if isinstance(node, ast.Name | ast.Attribute) else ""
            if name == "NotImplementedError" or re.fullmatch(
                r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)", name
            ):
                found.append(f"{module.name}:{getattr(node, 'lineno', 0)} {name}")
    assert found == []


NUMBER_OF_AN_ARTICLE = re.compile(r"(?<!法)第[0-9０-９]+条|\barticles? [0-9]+(?![0-9]*\()", re.IGNORECASE)
"""An article of the guideline by its number; a statute is named before it (法第69条), or its paragraph after it."""


def _said(documents: Iterator[object] | list[object]) -> Iterator[str]:
    for document in documents:
        if isinstance(document, str):
            yield document
        elif isinstance(document, dict):
            yield from _said(list(document.values()))
        elif isinstance(document, list):
            yield from _said(document)


def _docstrings(tree: ast.Module) -> set[int]:
    bodies = [tree, *_definitions(tree)]
    first = [body.body[0] for body in bodies if body.body]
    return {id(node.value) for node in first if isinstance(node, ast.Expr)} | {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def test_no_message_names_an_article_by_a_number_of_its_own() -> None:
    """Messages get the number from the binding of a control, so that a guideline may be numbered otherwise."""
    found = [
        f"{path.name}: {text}"
        for path in sorted((ROOT / "governance" / "messages").glob("*.yaml"))
        for text in _said([yaml.safe_load(path.read_text(encoding="utf-8"))])
        if NUMBER_OF_AN_ARTICLE.search(text)
    ]
    assert found == []


def test_no_sentence_of_an_article_names_another_by_number() -> None:
    """Rules, their sentences, remedies and reasons name another article by its title; numbers are given when shown."""
    files = [*(ROOT / "guideline_docs").rglob("art[0-9]*.md")]
    assert files
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if NUMBER_OF_AN_ARTICLE.search(line)
    ]
    assert found == []


def test_no_code_says_an_article_by_number() -> None:
    """Texts in the code of the core take an article's number from a citation, never from whoever wrote the text."""
    found = [
        f"{module.name}:{node.lineno}"
        for module in modules(*CORE_ROOMS)
        for docstrings in [_docstrings(module.tree)]
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if NUMBER_OF_AN_ARTICLE.search(node.value)
    ]
    assert found == []
