"""The files that the house rules are about, read once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CORE_ROOMS = ("governance", "policies", "masking", "audit", "connectors", "query_broker", "risk", "sekisho")
"""Rooms that know nothing of the reference city."""

ROOMS = (*CORE_ROOMS, "guideline_docs", "reference")

TEXT_SUFFIXES = frozenset({".py", ".md", ".yaml", ".yml", ".json", ".rego", ".sql", ".toml", ".sh", ".txt", ".csv", ""})

_LEFT_OUT = frozenset({".git", ".venv", ".tools", "demo-city", "__pycache__", "dist", "node_modules"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """A Python module of a room: where it is and what it says."""

    path: Path
    room: str
    text: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """The path from the root, for messages."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def modules(*rooms: str) -> tuple[Module, ...]:
    """All modules of the rooms, parsed."""
    found = []
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            found.append(Module(path=path, room=room, text=text, tree=ast.parse(text, filename=str(path))))
    return tuple(found)


@cache
def texts(*folders: str) -> tuple[Path, ...]:
    """All text files below the folders (``"."``: the whole checkout), without what git ignores."""
    return tuple(
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*"))
        if path.is_file()
        and path.suffix in TEXT_SUFFIXES
        and not _LEFT_OUT & set(path.relative_to(ROOT).parts)
        and not any(part.startswith(".") and part.endswith("_cache") for part in path.relative_to(ROOT).parts)
        and not path.name.startswith(".coverage")
    )
