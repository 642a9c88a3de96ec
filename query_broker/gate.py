"""What a query text must look like before a parser sees it: length, nesting, characters.

The parser recurses; a hundred nested parentheses are enough to exhaust the stack of the process that serves everybody.
Length and nesting are counted over the whole text, quotes and comments included: a check that had to know where a
string ends could be told wrong.
"""

from __future__ import annotations

import re

from governance.errors import BadInput

MAX_LENGTH = 20_000
MAX_DEPTH = 32
MAX_WORDS = 2_000

_WORD = re.compile(r"\w+|[^\w\s]")
_BRACKET = re.compile(r"[(\[{)\]}]")
# Control characters but for tab and line breaks, and halves of surrogate pairs.
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Braces and pipes: ``{#`` would be a comment to the parser, ``|>`` a subquery, and neither is anything to the engine.
_NO_CODE = re.compile(r"[^\t\r\n -z|~]|\|>")


def admit(sql: str) -> None:
    """Let a text pass to the parser.

    Raises:
        BadInput: empty, too long, too deeply nested, or with characters that may not stand where they do: outside
            quotes printable ASCII without braces and pipes, inside quotes no control character and no half of a
            surrogate pair.
    """
    if not sql.strip():
        raise BadInput("sql-empty")
    if len(sql) > MAX_LENGTH:
        raise BadInput("sql-too-long", limit=MAX_LENGTH)
    depth = 0
    for bracket in _BRACKET.finditer(sql):
        depth = depth + 1 if bracket[0] in "([{" else max(0, depth - 1)
        if depth > MAX_DEPTH:
            raise BadInput("sql-too-deep", limit=MAX_DEPTH)
    if sum(1 for _ in _WORD.finditer(sql)) > MAX_WORDS:
        raise BadInput("sql-too-many-words", limit=MAX_WORDS)
    for wrong, text in ((_NO_TEXT, sql), (_NO_CODE, _without_quoted(sql))):
        found = wrong.search(text)
        if found is not None:
            raise BadInput("sql-characters", line=text.count("\n", 0, found.start()) + 1)


def is_text(value: str) -> bool:
    """Whether a value can stand in quotes: no control character, nothing that has no UTF-8."""
    return _NO_TEXT.search(value) is None


def _without_quoted(sql: str) -> str:
    """The text without the insides of '…', "…" and comments; their line breaks are kept."""
    kept: list[str] = []
    position, end = 0, len(sql)
    while position < end:
        start = position
        opening = sql[position]
        if opening in "'\"":
            closing = sql.find(opening, position + 1)
            position = end if closing < 0 else closing + 1
        elif sql.startswith("--", position):
            closing = sql.find("\n", position)
            position = end if closing < 0 else closing
        elif sql.startswith("/*", position):
            closing = sql.find("*/", position + 2)
            position = end if closing < 0 else closing + 2
        else:
            kept.append(opening)
            position += 1
            continue
        kept.append("\n" * sql.count("\n", start, position))
    return "".join(kept)
