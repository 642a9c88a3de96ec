"""What a query text must look like before a parser sees it: length, nesting, characters.

The parser recurses; a hundred nested parentheses are enough to exhaust the stack of the process that serves everybody.
Length and nesting are counted over the whole text, quotes and comments included: a check that had to know where a
string ends could be told wrong.
"""

from __future__ import annotations

import unicodedata

from governance.errors import BadInput

MAX_LENGTH = 20_000
MAX_DEPTH = 32
MAX_WORDS = 2_000


def admit(sql: str) -> None:
    """Let a text pass to the parser.

    Raises:
        BadInput: empty, too long, too deeply nested, or with characters that may not stand where they do: outside
            quotes printable ASCII without braces (the parser would take ``{#`` for a comment, the engine would not),
            inside quotes no control character and no half of a surrogate pair.
    """
    if not sql.strip():
        raise BadInput("sql-empty")
    if len(sql) > MAX_LENGTH:
        raise BadInput("sql-too-long", limit=MAX_LENGTH)
    depth = words = 0
    in_word = False
    for character in sql:
        if character in "([{":
            depth += 1
            if depth > MAX_DEPTH:
                raise BadInput("sql-too-deep", limit=MAX_DEPTH)
        elif character in ")]}":
            depth = max(0, depth - 1)
        is_word = character.isalnum() or character == "_"
        words += (is_word and not in_word) or not (is_word or character.isspace())
        in_word = is_word
    if words > MAX_WORDS:
        raise BadInput("sql-too-many-words", limit=MAX_WORDS)
    for allowed, text in ((_is_text, sql), (_is_code, _without_quoted(sql))):
        line = 1
        for character in text:
            line += character == "\n"
            if not allowed(character):
                raise BadInput("sql-characters", line=line)


def is_text(value: str) -> bool:
    """Whether a value can stand in quotes: no control character, nothing that has no UTF-8."""
    return all(map(_is_text, value))


def _is_text(character: str) -> bool:
    return character in "\t\r\n" or unicodedata.category(character) not in ("Cc", "Cs")


def _is_code(character: str) -> bool:
    return character in "\t\r\n" or (" " <= character <= "~" and character not in "{}")


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
