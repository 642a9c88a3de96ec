"""JSON Patch over plain documents, and every small way to spoil a field of one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Step = str | int


def patched(document: Any, operations: list[dict[str, Any]]) -> Any:
    """A copy of ``document`` after the operations (``add``, ``replace`` and ``remove`` of RFC 6902)."""
    changed = deepcopy(document)
    for operation in operations:
        *parents, last = operation["path"].removeprefix("/").split("/")
        target = changed
        for step in parents:
            target = target[int(step) if isinstance(target, list) else step]
        if isinstance(target, list):
            position = len(target) if last == "-" else int(last)
            if operation["op"] != "add":
                del target[position]
            if operation["op"] != "remove":
                target.insert(position, operation["value"])
        elif operation["op"] == "remove":
            del target[last]
        else:
            target[last] = operation["value"]
    return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """A document with one field spoiled: where (``/query/scans/0/role``), how (``absent``, ``null``, …), the document."""

    at: str
    how: str
    document: Any

    @property
    def id(self) -> str:
        """Name of the case."""
        return f"{self.at} {self.how}"


def spoiled(document: dict[str, Any]) -> Iterator[Spoiled]:
    """Every field of a document, at every depth: absent, null, empty, of another type, unknown.

    Of a list, the first and the last element stand for all.
    """
    for path in _paths(document):
        yield from _spoiled_at(document, path)


def spoiled_at_random(document: dict[str, Any], chance: random.Random) -> Spoiled:
    """One field of a document, spoiled in one way."""
    path = chance.choice(list(_paths(document)))
    return chance.choice(list(_spoiled_at(document, path)))


def _spoiled_at(document: dict[str, Any], path: tuple[Step, ...]) -> Iterator[Spoiled]:
    at = "/" + "/".join(map(str, path))
    original = _value(document, path)
    yield Spoiled(at=at, how="absent", document=_without(document, path))
    for how, value in _spoilings(original):
        if value != original or type(value) is not type(original):
            yield Spoiled(at=at, how=how, document=_with(document, path, value))


def _spoilings(original: Any) -> list[tuple[str, Any]]:
    empty: Any = {dict: {}, list: [], str: ""}.get(type(original), "")
    other: Any = 7 if isinstance(original, str | bool | dict | list) or original is None else "7"
    wrapped: Any = {"0": original} if isinstance(original, list) else [original]
    return [("null", None), ("empty", empty), ("wrong type", other), ("wrapped", wrapped), ("unknown", "zzz")]


def _paths(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    inner: list[tuple[Step, Any]] = []
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = [(i, value[i]) for i in sorted({0, len(value) - 1}) if value]
    for step, part in inner:
        yield (*path, step)
        yield from _paths(part, (*path, step))


def _value(document: Any, path: tuple[Step, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


def _with(document: Any, path: tuple[Step, ...], value: Any) -> Any:
    changed = deepcopy(document)
    _value(changed, path[:-1])[path[-1]] = value
    return changed


def _without(document: Any, path: tuple[Step, ...]) -> Any:
    changed = deepcopy(document)
    del _value(changed, path[:-1])[path[-1]]
    return changed
