"""Mutations of a query's text: the same in other words, or something else that looks like it. Deterministic by seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping

_TOKEN = re.compile(r"/\*.*?\*/|--[^\n]*\n?|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[A-Za-z_][A-Za-z_0-9]*|\s+|.", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_KEYWORDS = frozenset(
    [
        "select",
        "from",
        "where",
        "group",
        "by",
        "order",
        "having",
        "join",
        "left",
        "right",
        "full",
        "outer",
        "inner",
        "cross",
        "natural",
        "on",
        "using",
        "as",
        "and",
        "or",
        "not",
        "in",
        "is",
        "null",
        "case",
        "when",
        "then",
        "else",
        "end",
        "count",
        "sum",
        "avg",
        "min",
        "max",
        "with",
        "recursive",
        "union",
        "intersect",
        "except",
        "all",
        "over",
        "partition",
        "rank",
        "distinct",
        "filter",
        "exists",
        "values",
        "limit",
        "offset",
        "asc",
        "desc",
        "nulls",
        "first",
        "last",
        "between",
        "like",
        "date",
        "interval",
        "cast",
        "true",
        "false",
        "pivot",
        "for",
        "grouping",
        "sets",
        "rollup",
        "cube",
        "rows",
        "range",
        "preceding",
        "following",
        "unbounded",
        "current",
        "row",
        "qualify",
        "within",
        "lateral",
    ]
)
"""Words that mean something else in quotes: a name, where a keyword stood."""
_LOOKALIKES = {"a": "а", "e": "е", "o": "о", "n": "ｎ", "s": "ｓ", "k": "K", "i": "ı"}


def _tokens(sql: str) -> list[str]:
    return _TOKEN.findall(sql)


def _names(tokens: list[str]) -> list[int]:
    return [p for p, token in enumerate(tokens) if _WORD.fullmatch(token) and token.lower() not in _KEYWORDS]


def other_case(sql: str, chance: random.Random) -> str:
    """Words in another case; what is quoted stays."""
    return "".join(
        "".join(chance.choice((c.lower(), c.upper())) for c in token) if _WORD.fullmatch(token) else token
        for token in _tokens(sql)
    )


def with_comments(sql: str, chance: random.Random) -> str:
    """Comments and line breaks where there was space."""
    fillers = ("/* x */", " -- x\n", "\n", "\t", " /* '; -- */ ")
    tokens = _tokens(sql)
    for place, token in enumerate(tokens):
        # The parser reads GROUP BY and GROUPING SETS as one word and takes no comment within it: refused, which is safe.
        within = place + 1 < len(tokens) and tokens[place + 1].lower() in ("by", "sets")
        if token.isspace() and not within and chance.random() < 0.4:
            tokens[place] = chance.choice(fillers)
    return "".join(tokens)


def quoted_names(sql: str, chance: random.Random) -> str:
    """Some names in double quotes."""
    tokens = _tokens(sql)
    for place in _names(tokens):
        following = "".join(tokens[place + 1 :]).lstrip()[:1]
        if following != "(" and chance.random() < 0.3:
            tokens[place] = f'"{tokens[place]}"'
    return "".join(tokens)


def around(sql: str, chance: random.Random) -> str:
    """A SELECT around it."""
    return chance.choice(
        ("SELECT * FROM ({}) q", "WITH q AS ({}) SELECT * FROM q", "SELECT q.* FROM ({}) AS q")
    ).format(sql)


def twice(sql: str, chance: random.Random) -> str:
    """A set operation with itself, or with something innocent."""
    other = chance.choice((sql, "SELECT sex, count(*) FROM resident.person GROUP BY sex"))
    return f"{sql} {chance.choice(('UNION ALL', 'UNION', 'EXCEPT', 'INTERSECT'))} {other}"


def lookalikes(sql: str, chance: random.Random) -> str:
    """A letter of a name by one that looks like it."""
    tokens = _tokens(sql)
    places = [p for p in _names(tokens) if set(tokens[p].lower()) & set(_LOOKALIKES)]
    for place in chance.sample(places, k=min(1, len(places))):
        letter = chance.choice(sorted(set(tokens[place].lower()) & set(_LOOKALIKES)))
        tokens[place] = tokens[place].replace(letter, _LOOKALIKES[letter], 1)
    return "".join(tokens)


def unseen(sql: str, chance: random.Random) -> str:
    """A character that is not seen, somewhere."""
    place = chance.randrange(len(sql) + 1)
    return sql[:place] + chance.choice(("\u200b", "\u00a0", "\ufeff", "\u202e", "\x00", "\u3000")) + sql[place:]


def cut(sql: str, chance: random.Random) -> str:
    """Some words gone, twice, or in another place."""
    tokens = _tokens(sql)
    for _ in range(chance.randint(1, 3)):
        place = chance.randrange(len(tokens))
        match chance.randrange(3):
            case 0:
                tokens[place] = ""
            case 1:
                tokens[place] *= 2
            case _:
                other = chance.randrange(len(tokens))
                tokens[place], tokens[other] = tokens[other], tokens[place]
    return "".join(tokens)


def other_column(sql: str, chance: random.Random) -> str:
    """A name in the place of another."""
    tokens = _tokens(sql)
    places = _names(tokens)
    if places:
        tokens[chance.choice(places)] = chance.choice(
            (
                "name",
                "kana",
                "address",
                "atena_no",
                "household_no",
                "student_no",
                "birth_date",
                "finding",
                "sex",
                "hours",
            )
        )
    return "".join(tokens)


def other_aggregate(sql: str, chance: random.Random) -> str:
    """A function in the place of another."""
    wanted = chance.choice(("min", "max", "sum", "avg", "any_value", "first", "list", "string_agg", "mode", "median"))
    return re.sub(r"\b(count|sum|avg|min|max)\s*\(", f"{wanted}(", sql, count=1, flags=re.IGNORECASE)


Mutation = Callable[[str, random.Random], str]

SAME: Mapping[str, Mutation] = {f.__name__: f for f in (other_case, with_comments, quoted_names)}
"""What changes nothing of the meaning."""

OTHER: Mapping[str, Mutation] = {
    f.__name__: f for f in (around, twice, lookalikes, unseen, cut, other_column, other_aggregate)
}
"""What may change everything."""


def mutated(sql: str, chance: random.Random) -> tuple[str, tuple[str, ...]]:
    """A mutant of one to three mutations, and their names."""
    names = chance.choices(sorted({**SAME, **OTHER}), k=chance.randint(1, 3))
    for name in names:
        sql = {**SAME, **OTHER}[name](sql, chance)
    return sql, tuple(names)
