"""Values by name that remember where each was written: a check between two files can name the line of either."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from governance.located_yaml import Located

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A line of a file; ``?`` and 0 for a value that was not read from a file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The document that a value came from, and the path of the value in it."""

    located: Located
    path: tuple[str | int, ...] = ()

    def place(self, *path: str | int) -> Place:
        """The place of a part of the value."""
        return Place(file=self.located.file, line=self.located.line(*self.path, *path))


class Register(Mapping[str, T], Generic[T]):
    """An immutable mapping with the origin of each of its values."""

    __slots__ = ("_origins", "_values")

    def __init__(self, values: Mapping[str, T], *, origins: Mapping[str, Origin]) -> None:
        self._values = dict(values)
        self._origins = dict(origins)

    def __getitem__(self, name: str) -> T:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Register({', '.join(self._values)})"

    def origin(self, name: str) -> Origin:
        """Where the value of that name was written."""
        return self._origins[name]


def place_of(values: Mapping[str, object], name: str, *path: str | int) -> Place:
    """Where a value, or a part of it, was written; unknown for mappings that are no register."""
    if isinstance(values, Register) and name in values:
        return values.origin(name).place(*path)
    return Place(file="?", line=0)
