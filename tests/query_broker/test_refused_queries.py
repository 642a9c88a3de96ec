"""Everything that may not be asked is refused with its own code, and the refusal repeats nothing that was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import TokenError
from sqlglot.tokens import TokenType

from governance.errors import BadInput, message_codes
from query_broker.parse import parse
from tests.query_broker.asking import DIGEST_KEY, ask
from tests.query_broker.world import CATALOGUE, PARAMETERS

FIXTURE = Path(__file__).resolve().parents[1] / "fixtures" / "refused.sql"

_CASE = re.compile(r"^-- ([a-z]+(?:-[a-z]+)+): (.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A text, the parameters that come with it, and the code of its refusal."""

    code: str
    why: str
    sql: str
    parameters: Mapping[str, Any]


def _written() -> Iterator[Refused]:
    _, *pieces = _CASE.split(FIXTURE.read_text(encoding="utf-8"))
    for code, why, text in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        sql, parameters = text.strip(), {}
        if sql.startswith("-- parameters:"):
            first, _, sql = sql.partition("\n")
            parameters = yaml.safe_load(first.removeprefix("-- parameters:"))
        yield Refused(code=code, why=why, sql=sql, parameters=parameters)


WHERE = "SELECT c.resident_id FROM town.person c WHERE "


def _exploding(levels: int) -> str:
    """CTEs that each read the one before twice."""
    text = "WITH a AS (SELECT resident_id AS r FROM town.person)"
    for level in range(levels):
        before = "ab"[level % 2] + "x" * ((level + 1) // 2)
        name = "ab"[(level + 1) % 2] + "x" * ((level + 2) // 2)
        text += f",{name} AS (SELECT p.r FROM {before} p JOIN {before} q USING(r))"
    return f"{text} SELECT r FROM {name}"


def _made() -> Iterator[Refused]:
    """Texts that are shapes rather than sentences."""
    shapes = [
        ("sql-empty", "nothing", ""),
        ("sql-empty", "space", " \n\t "),
        ("sql-too-long", "20,001 characters", WHERE + "c.sex = '" + "x" * 20_000 + "'"),
        ("sql-too-many-words", "1,500 conjuncts", WHERE + " AND ".join(["c.moved"] * 1_500)),
        ("sql-too-many-words", "1,500 alternatives", WHERE + " OR ".join(["moved"] * 1_500)),
        ("sql-too-many-words", "300 CTEs", "WITH " + ", ".join(f"c{n} AS (SELECT 1)" for n in range(300)) + " SELECT 1"),
        ("sql-too-many-words", "many words in CTEs that are read often", _repeated(40, times=62)),
        ("sql-too-deep", "3,000 parentheses", WHERE + "(" * 3_000 + "c.moved" + ")" * 3_000),
        ("sql-too-deep", "33 parentheses", WHERE + "(" * 33 + "c.moved" + ")" * 33),
        ("sql-too-deep", "900 brackets", WHERE + "[" * 900),
        ("sql-too-deep", "1,900 negations", WHERE + "NOT " * 1_900 + "c.moved"),
        ("sql-too-deep", "70 negations", WHERE + "NOT " * 70 + "c.moved"),
        ("sql-too-deep", "1,900 signs", WHERE + "c.age = " + "- " * 1_900 + "1"),
        ("sql-too-deep", "400 sums", WHERE + "1 + " * 400 + "c.age > 1"),
        ("sql-too-deep", "70 sums", WHERE + "1 + " * 70 + "c.age > 1"),
        ("sql-too-deep", "150 CASE in CASE", WHERE + "CASE WHEN moved THEN 1 ELSE " * 150 + "1" + " END" * 150 + " = 1"),
        ("sql-too-deep", "500 IS NULL", WHERE + "c.age" + " IS NULL" * 500),
        ("sql-too-deep", "140 CTEs in a row", _chain(140)),
        ("sql-too-deep", "18 subqueries in FROM", _nested_from(18)),
        ("sql-too-deep", "17 EXISTS in EXISTS", _nested_exists(17)),
        ("sql-too-deep", "negations and EXISTS together", _nested_exists(12, between="NOT " * 6)),
        ("sql-unreadable", "40 joins without ON, each of which may hold the rest", "SELECT 1 FROM a " + "JOIN b " * 40),
        ("sql-unreadable", "the same with aliases that look like USING", "SELECT 1 FROM a " + "JOIN b AS USING " * 40),
        ("sql-unreadable", "40 words that may be functions or names", WHERE + "1 " + "+ IF " * 40),
        ("sql-too-many-tables", "256 scans in 638 characters", _exploding(8)),
        ("sql-too-many-tables", "65 joins", _joins(65)),
        ("sql-characters", "a wide space", "SELECT\u3000resident_id FROM town.person"),
        ("sql-characters", "a wide letter", "SELECT ａge FROM town.person"),
        ("sql-characters", "a dash that is no comment", "SELECT age FROM town.person \u2014 hm"),
        ("sql-characters", "a right-to-left mark", "SELECT age FROM town.person \u202e"),
        ("sql-characters", "a NUL", "SELECT age FROM town.person\0"),
        ("sql-characters", "a NUL in quotes", WHERE + "c.sex = 'f\0'"),
        ("sql-characters", "half a character in quotes", WHERE + "c.sex = '\ud800'"),
        ("sql-characters", "half a character in a comment", "SELECT age FROM town.person -- \udfff"),
        ("sql-characters", "what the parser takes for a comment and the engine does not", "SELECT age FROM town.person {# x #}"),
        ("sql-characters", "a struct", WHERE + "{'a': c.age} IS NULL"),
        ("sql-number", "15,000 digits", WHERE + "c.age = " + "9" * 15_000),
        ("sql-number", "a position of 15,000 digits", "SELECT age FROM town.person ORDER BY " + "9" * 15_000),
    ]  # fmt: skip
    for code, why, sql in shapes:
        yield Refused(code=code, why=why, sql=sql, parameters={})


def _repeated(columns: int, *, times: int) -> str:
    wide = ", ".join(f"age + age + age + age + age + age AS x{n}" for n in range(columns))
    joins = " ".join(f"JOIN d d{n} USING (resident_id)" for n in range(1, times))
    return f"WITH d AS (SELECT resident_id, {wide} FROM town.person) SELECT d.x0 FROM d {joins}"


def _chain(length: int) -> str:
    links = ", ".join(f"c{n} AS (SELECT r FROM c{n - 1})" for n in range(1, length))
    return f"WITH c0 AS (SELECT resident_id AS r FROM town.person), {links} SELECT r FROM c{length - 1}"


def _nested_from(depth: int) -> str:
    return "SELECT r FROM (" * depth + "SELECT resident_id AS r FROM town.person" + ") d" * depth


def _nested_exists(depth: int, *, between: str = "") -> str:
    opened = "".join(f"{between}EXISTS (SELECT 1 FROM care.cert k{n} WHERE " for n in range(depth))
    return f"{WHERE}{opened}TRUE{')' * depth}"


def _joins(count: int) -> str:
    joins = " ".join(f"JOIN care.cert k{n} ON k{n}.resident_id = c.resident_id" for n in range(1, count))
    return f"SELECT c.resident_id FROM town.person c {joins}"


CASES = [*_written(), *_made()]


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case.code}: {case.why}") for case in CASES])
def test_it_is_refused_with_its_code(case: Refused) -> None:
    """Each construct outside the language ends as bad input, with the code that says which rule it is outside of."""
    with pytest.raises(BadInput) as refusal:
        ask(case.sql, case.parameters)
    assert refusal.value.code == case.code
    assert refusal.value.exit_status == 2


def test_every_code_of_the_path_to_the_plan_has_a_case() -> None:
    """No refusal of parse, describe and rewrite is without a text that meets it, and each has its sentences."""
    room = yaml.safe_load(
        (Path(__file__).resolve().parents[2] / "governance" / "messages" / "query_broker.yaml").read_text("utf-8")
    )
    # What stands in test_matches.py and in tests/tpch, and what later stages say.
    later = ("match-", "wide-", "not-certified", "department-", "stream-", "combine-", "answer-", "answers-")
    codes = {code for code in room if not code.startswith(later)}
    assert {case.code for case in CASES} == codes
    assert codes <= message_codes()


def _canaries(case: Refused) -> str:
    """The text with every name that is not the catalogue's, every string and every number made recognisable."""
    known = {word for name, dataset in CATALOGUE.datasets.items() for word in (*name.split("."), *dataset.columns)}
    try:
        tokens = DuckDB().tokenize(case.sql)
    except TokenError:
        return case.sql
    text = case.sql
    for place, token in reversed(list(enumerate(tokens))):
        following = tokens[place + 1].token_type if place + 1 < len(tokens) else None
        if token.token_type == TokenType.NUMBER:
            new = "918273645"
        elif token.token_type == TokenType.STRING:
            new = "'zqcanary'"
        elif token.token_type == TokenType.VAR and token.text.lower() not in known and following != TokenType.L_PAREN:
            new = f"{token.text}_zqcanary"
        else:
            continue
        text = text[: token.start] + new + text[token.end + 1 :]
    return text


def test_refusals_repeat_nothing() -> None:
    """No sentence, remedy or parameter of a refusal holds a literal or a name that only the query has."""
    refused = 0
    for case in CASES:
        for sql in (_canaries(case), case.sql.replace("'", "'zqcanary")):
            parameters = {name: f"zqcanary{value}" for name, value in case.parameters.items()}
            try:
                ask(sql, parameters)
            except BadInput as refusal:
                refused += 1
                said = [str(refusal), repr(refusal), repr(refusal.params)]
                said += [part for lang in ("ja", "en") for part in (refusal.text(lang), refusal.remedy(lang))]
                assert not [part for part in said if "zqcanary" in part.lower() or "918273645" in part], sql
    assert refused > len(CASES)


def test_a_refusal_says_where() -> None:
    """Where the parser knows the place, the refusal names line and column, counted from 1."""
    with pytest.raises(BadInput) as refusal:
        ask("SELECT c.resident_id\nFROM town.person c\nWHERE upper(c.sex) = 'F'")
    assert refusal.value.params["line"] == 3


def test_from_first_is_the_same_query() -> None:
    """FROM before an explicit SELECT list, as the engine has it, means the same as after it."""
    first, second = (
        parse(sql, catalogue=CATALOGUE, declared=PARAMETERS, parameters={}, digest_key=DIGEST_KEY).select
        for sql in ("FROM town.person SELECT age", "SELECT age FROM town.person")
    )
    assert first == second


def test_comments_mean_nothing() -> None:
    """A query may carry comments, in any script; what they hold is neither read nor refused."""
    plain, commented = (
        parse(sql, catalogue=CATALOGUE, declared=PARAMETERS, parameters={}, digest_key=DIGEST_KEY).select
        for sql in (
            "SELECT resident_id FROM town.person",
            "SELECT /* 世帯 ' \" */ resident_id -- DROP TABLE '\nFROM /* /* x */ */ town.person -- 終わり",
        )
    )
    assert commented == plain
