"""Every code that masking and the connectors raise has its sentences, and each call gives what they name."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from typing import get_args

import pytest

from connectors.notations import NotationFault
from governance.errors import BadInput, message_codes
from tests.architecture.sources import modules

ERRORS = {"BadInput", "Unavailable", "CheckFailed"}
PLACED = {"dataset", "column", "file", "row"}
CHECKS = ("value-code-unknown", "value-missing", "value-key-malformed")


def calls() -> Iterator[tuple[str, frozenset[str], str]]:
    """Code, names of parameters and place of every error that is made."""
    for module in modules("masking", "connectors"):
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in ERRORS:
                continue
            if node.args and isinstance(node.args[0], ast.Constant):
                named = frozenset(k.arg for k in node.keywords if k.arg is not None)
                yield str(node.args[0].value), named, f"{module.name}:{node.lineno}"


def fields(code: str) -> set[str]:
    """The parameters that the sentences of a code name, in either language."""
    error = BadInput(code, **dict.fromkeys(_all_parameters(code), "x"))
    assert all(error.text(lang) and error.remedy(lang) for lang in ("ja", "en"))
    return _all_parameters(code)


def _all_parameters(code: str) -> set[str]:
    recorder = _Recorder()
    for lang in ("ja", "en"):
        error = BadInput(code)
        error.params = recorder  # type: ignore[assignment]
        error.text(lang)
        error.remedy(lang)
    return recorder.seen


class _Recorder(dict[str, str]):
    """A mapping that has every key and remembers which were asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def __missing__(self, key: str) -> str:
        self.seen.add(key)
        return string.ascii_lowercase


def test_every_error_is_given_what_its_sentences_name() -> None:
    """No sentence breaks off for want of a parameter."""
    found = [(code, sorted(fields(code) - named), place) for code, named, place in calls() if fields(code) - named]
    assert found == []
    assert len(list(calls())) > 60


@pytest.mark.parametrize("code", [f"value-{fault}" for fault in get_args(NotationFault)] + list(CHECKS))
def test_faults_of_values_name_their_place(code: str) -> None:
    """What is made from a fault of notation or a check has sentences with dataset, column, file and row."""
    assert code in message_codes()
    assert fields(code) <= PLACED
    if code in CHECKS:
        assert fields(f"derived-{code}") <= {"dataset", "column"}
