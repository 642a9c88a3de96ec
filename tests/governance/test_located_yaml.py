"""YAML is read as it was meant, each value keeps its line, and only the documented error escapes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from governance.errors import BadInput
from governance.located_yaml import load, pointer_to

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: text.isprintable())
SCALARS = st.none() | st.booleans() | st.integers(-(10**17), 10**17) | NAMES
DOCUMENTS = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)

YAML_PIECES = st.sampled_from(
    ["a", "b: ", "- ", "\n", "  ", "\t", "[", "]", "{", "}", ",", "'", '"', "&x ", "*x", "!!int ", "? ", "|\n", ">\n",
     "---\n", "...\n", "#", "%YAML 1.1\n", "%TAG ! x\n", "<<: ", "\x00", "\ufeff", "\x85", "目的", "1", "true", "~", "\r", "\\"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("0", 0),
        ("1.5", 1.5),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("True", "True"),
        ("NULL", "NULL"),
        ("0001234567", "0001234567"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("12:30", "12:30"),
        ("2023-04-01", "2023-04-01"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("1234567890123456789", "1234567890123456789"),
        ("１２", "１２"),
        ("'true'", "true"),
        ('"12"', "12"),
        ("要介護1", "要介護1"),
    ],
)
def test_a_value_is_what_was_written(written: str, meant: object) -> None:
    """Only JSON's constants and numbers are more than text; what looks like a date or a number with zeros stays text."""
    value = load(f"a: {written}\n", file="x").data["a"]
    assert value == meant
    assert type(value) is type(meant)


@pytest.mark.parametrize("key", ["on", "no", "true", "null", "12", "2023-04-01"])
def test_a_key_is_always_text(key: str) -> None:
    """Keys are names; none of them becomes a truth value, a number or a date."""
    assert load(f"{key}: x\n", file="x").data == {key: "x"}


@given(DOCUMENTS)
def test_json_is_read_as_json_reads_it(document: Any) -> None:
    """JSON is a part of the dialect; the standard library's reader is the oracle for it."""
    text = json.dumps(document, ensure_ascii=False)
    assert load(text, file="x").data == json.loads(text)


@given(st.dictionaries(NAMES, DOCUMENTS, min_size=1, max_size=4))
def test_every_value_knows_its_line(document: dict[str, Any]) -> None:
    """The line of a value is the line on which its key, or it itself in a list, is written."""
    text = json.dumps(document, ensure_ascii=False, indent=1)
    located = load(text, file="x")
    lines = text.split("\n")
    for path, key, value in _walk(document, ()):
        line = lines[located.line(*path) - 1].strip()
        wanted = json.dumps(key if isinstance(key, str) else value, ensure_ascii=False)
        assert line.startswith(wanted if not isinstance(value, dict | list) or isinstance(key, str) else ("{", "["))


def _walk(value: Any, path: tuple[str | int, ...]) -> Any:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key), key, inner
        yield from _walk(inner, (*path, key))


def test_the_line_of_what_is_missing_is_that_of_what_encloses_it() -> None:
    """A field that is not there is reported where it should stand."""
    located = load("a:\n  b:\n    c: 1\n", file="x")
    assert located.line("a", "b", "missing", 3) == 2
    assert located.line("missing") == 1


def test_front_matter_counts_lines_of_its_file() -> None:
    """Text taken out of another file keeps that file's line numbers, errors included."""
    assert load("a: 1\nb: 2\n", file="x", first_line=5).line("b") == 6
    with pytest.raises(BadInput) as caught:
        load("a: 1\na: 2\n", file="x", first_line=5)
    assert caught.value.params == {"file": "x", "line": 6, "key": "a", "first": 5}


def test_pointers_escape_what_rfc_6901_escapes() -> None:
    """Keys with a slash or a tilde are told apart."""
    located = load("a/b: 1\na:\n  b: 2\na~b: 3\n", file="x")
    assert pointer_to("a/b", 0) == "/a~1b/0"
    assert (located.line("a/b"), located.line("a", "b"), located.line("a~b")) == (1, 3, 4)


def test_a_byte_order_mark_and_windows_line_ends_are_accepted(tmp_path: Path) -> None:
    """Files saved by an editor of an office computer are read."""
    path = tmp_path / "x.yaml"
    path.write_bytes("\ufeffa: 1\r\nb: 目的\r\n".encode())
    located = load(path, file="x.yaml")
    assert located.data == {"a": 1, "b": "目的"}
    assert located.line("b") == 2


@pytest.mark.fuzz
@given(st.lists(YAML_PIECES, max_size=40).map("".join) | st.text(max_size=60))
@example("[" * 5_000)
@example("{a: " * 5_000)
@example("- " * 5_000)
@example("\ud800")
@example("&a [*a]")
def test_only_bad_input_escapes_for_any_text(text: str) -> None:
    """Whatever the text, it is read or refused with a file and a line."""
    refusal = _refusal(text)
    if refusal is not None:
        assert refusal.params["file"] == "x"
        assert 1 <= int(refusal.params["line"]) <= text.count("\n") + text.count("\r") + text.count("\x85") + 2


@pytest.mark.fuzz
@given(st.binary(max_size=200))
def test_only_bad_input_escapes_for_any_bytes(data: bytes) -> None:
    """Bytes that are no text are refused in the same way."""
    refusal = _refusal(data)
    assert refusal is None or refusal.params["file"] == "x"


def _refusal(source: str | bytes) -> BadInput | None:
    try:
        json.dumps(load(source, file="x").data)
    except BadInput as error:
        return error
    return None
