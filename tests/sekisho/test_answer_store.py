"""Kept answers: given back as they were, readable by nobody who has the file alone, and none where somebody changed it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sekisho.answer_store import AnswerStore

DIGEST, BODY = "ab" * 32, b"figures of a group"


@pytest.fixture
def store(tmp_path: Path) -> AnswerStore:
    path = tmp_path / "store.sqlite"
    path.touch()
    return AnswerStore.open(path, key=b"k" * 32)


def test_an_answer_is_given_back(store: AnswerStore) -> None:
    """What was kept comes back to the byte; a second one under the same digest changes nothing."""
    store.put(DIGEST, BODY)
    store.put(DIGEST, b"another")
    assert store.get(DIGEST) == BODY
    assert store.get("cd" * 32) is None


def test_the_file_alone_tells_nothing(store: AnswerStore) -> None:
    """No byte of an answer stands in the file, and another key opens nothing."""
    store.put(DIGEST, BODY)
    assert BODY not in store.path.read_bytes()
    assert AnswerStore.open(store.path, key=b"x" * 32).get(DIGEST) is None


@pytest.mark.parametrize("changed", [b"", b"short", b"0" * 64], ids=["empty", "cut", "other"])
def test_a_changed_answer_is_none(store: AnswerStore, changed: bytes) -> None:
    """What somebody put in its place, or moved from another digest, is not given back."""
    store.put(DIGEST, BODY)
    with closing(sqlite3.connect(store.path)) as connection, connection:
        connection.execute("INSERT INTO answer SELECT ?, body FROM answer", ("cd" * 32,))
        connection.execute("UPDATE answer SET body = ? WHERE digest = ?", (changed, DIGEST))
    assert store.get(DIGEST) is None
    assert store.get("cd" * 32) is None
