"""Whatever a deployment's files hold, the loaders read them or refuse them with the documented error."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import located_yaml
from governance.check_deployment import check_deployment
from governance.errors import BadInput
from governance.load_catalogue import load_catalogue
from governance.load_guideline import load_guideline
from governance.load_principals import load_principals
from governance.load_templates import load_templates
from tests.governance.broken_files import load_all
from tests.governance.conftest import EVACUATION

FILES = tuple(sorted(path.relative_to(EVACUATION).as_posix() for path in EVACUATION.rglob("*") if path.is_file()))
YAML_FILES = tuple(name for name in FILES if name.endswith(".yaml"))
FRONT_MATTER = tuple(name for name in FILES if name.endswith((".md", ".sql")) and "/derived/" not in name)

WORDS = st.sampled_from(
    ["evacuation", "jumin", "jumin.listed", "person_id", "born", "form", "flag", "value", "eq", "not", "cohort", "people",
     "rego", "2024-04-01", "{dataset}", "{", "", "..", "/", "\x00", "現存"]
)  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers(-5, 30) | WORDS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(shutil.copytree(EVACUATION, Path(folder) / "deployment"))


def _read(deployment: Path) -> None:
    said: list[BadInput] = []
    try:
        said = [finding.error for finding in load_all(deployment)]
    except BadInput as error:
        said = [error]
    for error in said:
        assert error.text("ja")
        assert error.text("en")


@pytest.mark.fuzz
@settings(max_examples=60)
@given(data=st.data())
def test_text_that_was_cut_and_pasted(data: st.DataObject) -> None:
    """A file of which a piece was replaced by other bytes never ends in anything but the documented error."""
    name = data.draw(st.sampled_from(FILES))
    content = (EVACUATION / name).read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    piece = data.draw(
        st.binary(max_size=8) | WORDS.map(str.encode) | st.sampled_from([b"\n", b": ", b"  ", b"- ", b"{"])
    )
    with _copy() as deployment:
        (deployment / name).write_bytes(content[:start] + piece + content[end:])
        _read(deployment)


@pytest.mark.fuzz
@settings(max_examples=120)
@given(data=st.data())
def test_values_that_were_replaced(data: st.DataObject) -> None:
    """A file in which one value, anywhere, is another one never ends in anything but the documented error."""
    name = data.draw(st.sampled_from(YAML_FILES + FRONT_MATTER))
    before, document, after = _document(name)
    path = data.draw(st.sampled_from(list(_paths(document, ()))))
    changed = _with(document, path, data.draw(VALUES))
    with _copy() as deployment:
        (deployment / name).write_text(before + json.dumps(changed) + after, encoding="utf-8")
        _read(deployment)


def test_the_fuzzer_reaches_what_lies_behind_the_schemas() -> None:
    """A document that goes through the fuzzer unchanged is accepted, so that changes reach the later checks."""
    with _copy() as deployment:
        for name in YAML_FILES + FRONT_MATTER:
            before, document, after = _document(name)
            (deployment / name).write_text(before + json.dumps(document) + after, encoding="utf-8")
        assert load_all(deployment) == ()


def test_parts_of_different_deployments_are_compared_without_a_fault_of_ours(root: Path) -> None:
    """Parts that have nothing to do with each other yield findings, never an exception."""
    findings = check_deployment(
        load_catalogue(EVACUATION / "catalogue"),
        load_guideline(root / "guideline_docs"),
        load_templates(EVACUATION / "templates"),
        load_principals(EVACUATION / "principals.yaml"),
    )
    assert {"allow-list-dataset", "gate-unknown", "role-unknown", "purpose-unknown"} <= {f.code for f in findings}


def _document(name: str) -> tuple[str, Any, str]:
    text = (EVACUATION / name).read_text(encoding="utf-8")
    before, after = "", ""
    if name.endswith(".md"):
        before, rest = "---\n", text.removeprefix("---\n")
        text, after = rest[: rest.index("\n---\n")], rest[rest.index("\n---\n") :]
    elif name.endswith(".sql"):
        before, rest = "/* ---\n", text.removeprefix("/* ---\n")
        text, after = rest[: rest.index("\n--- */\n")], rest[rest.index("\n--- */\n") :]
    return before, located_yaml.load(text, file=name).data, after


def _paths(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield from _paths(inner, (*path, key))


def _with(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = _with(value[path[0]], path[1:], new)
    return changed
