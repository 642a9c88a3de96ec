"""What a query text must look like before a parser sees it: length, nesting, characters.

The parser recurses; a hundred nested parentheses are enough to exhaust the stack of the process that serves everybody.
Length and nesting are counted over the whole text, quotes and comments included: a check that had to know where a
string ends could be told wrong.
"""

from __future__ import annotations

from governance.errors import BadInput

MAX_LENGTH = 20_000
MAX_DEPTH = 32
MAX_WORDS = 2_000


def admit(sql: str) -> None:
    """Let a text pass to the parser.

    Raises:
        BadInput: empty, too long, too deeply nested, or with characters outside quotes that are not printable ASCII.
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
    line = 1
    for character in _without_quoted(sql):
        line += character == "\n"
        if not (" " <= character <= "~" or character in "\t\r\n"):
            raise BadInput("sql-characters", line=line)


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
