"""YAML with the line of every value, for files that people write and errors that name file and line.

The dialect is small on purpose, so that what stands there is what is meant:

- plain ``true``/``false`` are booleans, ``null``/``~``/nothing is null, JSON numbers are numbers, and every other plain
  value is text: ``no``, ``on``, ``2023-04-01``, ``0001234567`` stay what was written;
- keys are always text; a key that stands twice is refused (the second would silently win);
- anchors, aliases, tags, merge keys and several documents are refused: a reader must not have to compute the file.

The parser is PyYAML's binding to libyaml, read as a stream of events; depth and size are bounded before anything is
built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from governance.errors import BadInput
from governance.text_files import decode_utf8, read_utf8

_MAX_DEPTH = 40
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_FRACTION = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", re.ASCII)
_UNCLOSED = ("while scanning a quoted scalar", "while parsing a flow sequence", "while parsing a flow mapping")
_CONSTANTS: Mapping[str, bool | None] = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A document and where each of its values stands.

    Attributes:
        data: mappings (keys are text), lists, text, integers, fractions, booleans and ``None``.
        file: the file's name in messages.
        lines: JSON pointer (RFC 6901) → line, counted from 1: the line of the key, or of the item in a list.
    """

    data: Any
    file: str
    lines: Mapping[str, int]

    def line(self, *path: str | int) -> int:
        """The line of the value at a path of keys and positions, or of the nearest value that encloses it."""
        pointer = pointer_to(*path)
        while pointer not in self.lines and pointer:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)


def pointer_to(*path: str | int) -> str:
    """The JSON pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def load(source: Path | str | bytes, *, file: str, first_line: int = 1) -> Located:
    """Read one YAML document.

    Args:
        source: a path, or the text itself (front matter of another file).
        file: the name that messages use; never a path of this machine.
        first_line: line of the file at which ``source`` begins, for front matter.

    Raises:
        BadInput: missing file, not UTF-8, not YAML, outside the dialect, a key twice, too deep or too large.
    """
    if isinstance(source, Path):
        text = read_utf8(source, file=file)
    elif isinstance(source, bytes):
        text = decode_utf8(source, file=file)
    else:
        text = source
    builder = _Builder(file=file, offset=first_line)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise BadInput("yaml-syntax", file=file, line=first_line + _line_of(error)) from error
    except yaml.reader.ReaderError as error:
        line = first_line + text.encode()[: error.position].count(b"\n")
        raise BadInput("yaml-control-character", file=file, line=line) from error
    except UnicodeEncodeError as error:
        raise BadInput("yaml-control-character", file=file, line=first_line) from error
    return Located(data=builder.root, file=file, lines=builder.lines)


def _line_of(error: yaml.MarkedYAMLError) -> int:
    """The line to look at: where a quote or bracket was opened that is never closed, else where reading stopped."""
    unclosed = error.context_mark if error.context in _UNCLOSED else None
    mark = unclosed or error.problem_mark or error.context_mark
    return mark.line if mark else 0


class _Builder:
    """Builds the document from events, without recursion."""

    def __init__(self, *, file: str, offset: int) -> None:
        self.root: Any = None
        self.lines: dict[str, int] = {"": offset}
        self._file = file
        self._offset = offset
        self._open: list[_Container] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        line = (event.start_mark.line if event.start_mark else 0) + self._offset
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise BadInput("yaml-several-documents", file=self._file, line=line)
        elif isinstance(event, yaml.AliasEvent):
            raise BadInput("yaml-alias", file=self._file, line=line)
        elif isinstance(event, yaml.ScalarEvent):
            self._refuse_decoration(event, line=line)
            self._place(event, line=line)
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self._refuse_decoration(event, line=line)
            self._enter({} if isinstance(event, yaml.MappingStartEvent) else [], line=line)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()

    def _refuse_decoration(self, event: yaml.NodeEvent, *, line: int) -> None:
        if event.anchor is not None:
            raise BadInput("yaml-alias", file=self._file, line=line)
        if getattr(event, "tag", None) is not None:
            raise BadInput("yaml-tag", file=self._file, line=line)

    def _enter(self, value: dict[str, Any] | list[Any], *, line: int) -> None:
        if len(self._open) >= _MAX_DEPTH:
            raise BadInput("yaml-too-deep", file=self._file, line=line, limit=_MAX_DEPTH)
        pointer = self._attach(value, line=line)
        self._open.append(_Container(value=value, pointer=pointer))

    def _place(self, event: yaml.ScalarEvent, *, line: int) -> None:
        parent = self._open[-1] if self._open else None
        if parent is None or isinstance(parent.value, list) or parent.key is not None:
            self._attach(_scalar(event), line=line)
            return
        if event.value in parent.value:
            first = self.lines[parent.pointer + pointer_to(event.value)]
            raise BadInput("yaml-duplicate-key", file=self._file, line=line, key=event.value, first=first)
        parent.key = event.value
        parent.key_line = line

    def _attach(self, value: object, *, line: int) -> str:
        if not self._open:
            self.root = value
            self.lines[""] = line
            return ""
        parent = self._open[-1]
        if isinstance(parent.value, list):
            pointer = parent.pointer + pointer_to(len(parent.value))
            parent.value.append(value)
            self.lines[pointer] = line
            return pointer
        if parent.key is None:
            raise BadInput("yaml-key-not-text", file=self._file, line=line)
        pointer = parent.pointer + pointer_to(parent.key)
        parent.value[parent.key] = value
        self.lines[pointer] = parent.key_line
        parent.key = None
        return pointer


class _Container:
    """A mapping or list that is still open, and the key whose value comes next."""

    __slots__ = ("key", "key_line", "pointer", "value")

    def __init__(self, *, value: dict[str, Any] | list[Any], pointer: str) -> None:
        self.value = value
        self.pointer = pointer
        self.key: str | None = None
        self.key_line = 0


def _scalar(event: yaml.ScalarEvent) -> str | int | float | bool | None:
    value: str = event.value
    plain = event.implicit[0]
    if not plain:
        return value
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    if _FRACTION.fullmatch(value):
        return float(value)
    return value
