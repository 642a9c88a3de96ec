"""Whatever is sent as a query, the answer is bad input or facts: no other error, and no long wait."""

from __future__ import annotations

import random
import re
from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from governance.errors import BadInput
from tests.query_broker.asking import ask
from tests.query_broker.golden import golden_cases
from tests.query_broker.query_generator import QueryGenerator
from tests.query_broker.test_refused_queries import CASES

_WORDS = [
    *re.findall(
        r"\S+",
        r"""SELECT FROM WHERE GROUP BY ORDER HAVING LIMIT JOIN LEFT INNER ON USING AS WITH UNION ALL DISTINCT EXISTS IN
        NOT AND OR IS NULL BETWEEN CASE WHEN THEN ELSE END TRUE FALSE DATE CAST OVER PARTITION FILTER INTERVAL RECURSIVE
        VALUES PIVOT count sum max bool_or coalesce abs read_csv query COLUMNS unnest town person member care cert c m k
        resident_id household_id age sex level ( ) , . ; * + - / // % = <> < >= :: -> || [ ] { } $years ? : @ # ~ ^ & |
        ! ' " ` \ 0 1 2147483648 1.5 1e9 0x1 'x' "y" $$ E'\'' -- /* */ é 漢""",
    ),
    "\n",
    "\t",
    "\u3000",
    "\0",
]

_HONEST = [case.asked for case in golden_cases()]
_REFUSED = [case.sql for case in CASES if len(case.sql) < 400]


def _outcome(sql: str) -> str:
    """The code of a refusal, or that there was none; every other error fails the test."""
    try:
        ask(sql, {"years": 7, "word": "x", "served": True})
    except BadInput as refusal:
        return refusal.code
    return "accepted"


@pytest.mark.fuzz
@settings(max_examples=400)
@given(st.text(max_size=80))
@example("\ud800")
@example("SELECT '\ud800' FROM town.person")
@example("/*")
@example('"')
@example("-")
@example("SELECT" * 3_000)
def test_any_text_is_bad_input(text: str) -> None:
    """No text makes anything but a refusal of its own."""
    assert _outcome(text).startswith(("sql-", "accepted"))


@pytest.mark.fuzz
@settings(max_examples=400)
@given(st.lists(st.sampled_from(_WORDS), max_size=60))
def test_any_words_of_the_language_are_bad_input(words: list[str]) -> None:
    """Words that mean something, in an order that means nothing."""
    assert _outcome("SELECT " + " ".join(words))


@pytest.mark.fuzz
def test_mutated_queries_are_refused_or_answered() -> None:
    """Honest and refused queries with words dropped, doubled, swapped and put in from one another."""
    chance, met = random.Random(20231001), Counter[str]()
    honest, refused = ([re.findall(r"\w+|\s+|[^\w\s]", sql) for sql in texts] for texts in (_HONEST, _REFUSED))
    for _ in range(2_000):
        mutant = list(chance.choice(chance.choice((honest, honest, refused))))
        for _ in range(chance.choice((1, 1, 1, 3))):
            place = chance.randint(0, len(mutant))
            other = chance.choice(chance.choice((honest, refused)))
            start = chance.randint(0, len(other))
            match chance.randrange(5):
                case 0:
                    del mutant[place : place + chance.randint(1, 3)]
                case 1:
                    mutant[place:place] = mutant[place : place + chance.randint(1, 8)]
                case 2:
                    mutant[place:place] = other[start : start + chance.randint(1, 8)]
                case 3:
                    mutant[place : place + 1] = [chance.choice(_WORDS)]
                case _:
                    mutant[place : place + 8] = reversed(mutant[place : place + 8])
        met[_outcome("".join(mutant))] += 1
    assert met["accepted"] > 30
    assert len(met) > 30


@pytest.mark.fuzz
def test_nested_queries_are_refused_or_answered() -> None:
    """Random queries put into one another as tables, conditions and values."""
    chance, generator = random.Random(5), QueryGenerator(random.Random(5))
    met = Counter[str]()
    for _ in range(150):
        query = generator.query()
        for _ in range(chance.randint(0, 3)):
            inner = generator.query()
            query = chance.choice(
                (
                    f"SELECT q.subject AS subject FROM ({query}) q JOIN ({inner}) r ON r.subject = q.subject",
                    f"{query} AND EXISTS ({inner})",
                    f"SELECT t.age AS subject FROM town.person t WHERE t.resident_id IN ({query})",
                    query.replace("SELECT ", f"SELECT CASE WHEN EXISTS ({inner}) THEN 1 END AS y, ", 1),
                )
            )
        met[_outcome(query)] += 1
    assert len(met) > 5
