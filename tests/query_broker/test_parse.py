"""A text becomes a resolved query: names by scope, parameters by value, and no word of it in any log."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from governance.approvals import TemplateParameter
from governance.errors import BadInput
from query_broker import relational as r
from query_broker.parse import ParsedQuery, parse, sql_digest
from tests.query_broker.asking import DIGEST_KEY
from tests.query_broker.world import CATALOGUE, PARAMETERS


def _parsed(sql: str, parameters: dict[str, Any] | None = None) -> ParsedQuery:
    return parse(sql, catalogue=CATALOGUE, declared=PARAMETERS, parameters=parameters or {}, digest_key=DIGEST_KEY)


def _refs(sql: str) -> list[str]:
    """The columns of the output, as ``s1.age``."""
    projections = _parsed(sql).select.projections
    return [f"{p.expression.source}.{p.expression.name}" for p in projections if isinstance(p.expression, r.ColumnRef)]


def test_only_parameters_that_are_used_are_handed_on() -> None:
    """Values for declared parameters that the text does not use are accepted and forgotten."""
    parsed = _parsed(
        "SELECT age FROM town.person WHERE age > $years", {"years": 7, "word": "x", "day": date(2023, 1, 1)}
    )
    assert parsed.parameters == {"years": 7}


def _digest(sql: str, *, key: bytes = DIGEST_KEY, declared: Mapping[str, TemplateParameter] = PARAMETERS) -> str:
    return sql_digest(sql, declared=declared, catalogue=CATALOGUE, key=key)


SAME = ["SELECT age FROM town.person", "  SELECT age FROM town.person\n", "SELECT age FROM town.person   \r\n\n"]
OTHERS = [
    "SELECT age FROM  town.person",
    "select age from town.person",
    "SELECT age FROM town.person -- x",
    "SELECT age\nFROM town.person",
]


def test_the_digest_of_a_text_is_of_its_words() -> None:
    """Outer space and the ends of lines do not count; everything else does, and so does the key."""
    assert len({_digest(sql) for sql in SAME}) == 1
    assert len({_digest(sql) for sql in [*OTHERS, SAME[0]]}) == 5
    assert _digest(SAME[0], key=b"another key") != _digest(SAME[0])
    assert _parsed(SAME[0]).sql_digest == _digest(SAME[0])


def test_the_digest_is_of_what_the_words_mean() -> None:
    """Another type of a parameter, or another catalogue, and it is another query to approve."""
    retyped = {**PARAMETERS, "years": replace(PARAMETERS["years"], type="text")}
    other = replace(CATALOGUE, digest="0" * 64)
    digests = {
        _digest(SAME[0]),
        _digest(SAME[0], declared=retyped),
        sql_digest(SAME[0], declared=PARAMETERS, catalogue=other, key=DIGEST_KEY),
    }
    assert len(digests) == 3


@pytest.mark.parametrize(
    "sql",
    [
        "EXPLAIN SELECT 1 FROM town.person WHERE sex = 'zqcanary'",
        "CALL zqcanary('zqcanary')",
        "SELECT age FROM town.person; LOAD 'zqcanary'",
        "VACUUM zqcanary",
        "SELECT zqcanary('zqcanary' FROM",
        "SELECT 'zqcanary",
    ],
)
def test_the_parser_tells_no_log(sql: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    """What the parser cannot read it would repeat in a warning; it reaches neither handlers nor the standard streams."""
    with caplog.at_level(logging.DEBUG), pytest.raises(BadInput):
        _parsed(sql)
    written = capfd.readouterr()
    assert (caplog.text, written.out, written.err) == ("", "", "")


def test_names_are_looked_up_from_the_inside_out() -> None:
    """A subquery of EXISTS sees its own tables first, and then those around it."""
    sql = (
        "SELECT c.age FROM town.person c WHERE EXISTS (SELECT 1 FROM town.member m WHERE kind = sex AND "
        "m.resident_id = c.resident_id AND EXISTS (SELECT 1 FROM care.cert c WHERE c.resident_id = m.resident_id))"
    )
    (exists,) = [part for e in _parsed(sql).select.where for part in r.walk(e) if isinstance(part, r.Exists)]
    kind, tie, inner = exists.query.where
    assert r.columns_in(kind) == (r.ColumnRef(source="s2", name="kind"), r.ColumnRef(source="s1", name="sex"))
    assert {ref.source for ref in r.columns_in(tie)} == {"s1", "s2"}
    (deeper,) = [part for part in r.walk(inner) if isinstance(part, r.Exists)]
    assert {ref.source for e in deeper.query.where for ref in r.columns_in(e)} == {"s2", "s3"}


@pytest.mark.parametrize(
    ("sql", "refs"),
    [
        ("SELECT resident_id FROM town.person JOIN town.member USING (resident_id)", ["s1.resident_id"]),
        (
            "SELECT resident_id, m.resident_id AS other FROM town.person LEFT JOIN town.member m USING (resident_id)",
            ["s1.resident_id", "s2.resident_id"],
        ),
        (
            "SELECT resident_id FROM town.person JOIN town.member USING (resident_id) JOIN care.cert USING (resident_id)",
            ["s1.resident_id"],
        ),
        ("SELECT d.age FROM (SELECT age, resident_id FROM town.person) d", ["d1.age"]),
        ("WITH person AS (SELECT kind AS age FROM town.member) SELECT age FROM person", ["d1.age"]),
        ("SELECT person.age FROM town.person", ["s1.age"]),
        ('SELECT "PERSON"."AGE" FROM TOWN.Person', ["s1.age"]),
    ],
)
def test_a_name_means_one_column(sql: str, refs: list[str]) -> None:
    """By alias, by table, by USING, by subquery; letter case does not matter."""
    assert _refs(sql) == refs


def test_ids_are_given_in_order_of_appearance() -> None:
    """Scans and subqueries are numbered as they stand in the text with its CTEs written out."""
    parsed = _parsed(
        "WITH k AS (SELECT resident_id FROM care.cert) SELECT c.age FROM town.person c JOIN k USING (resident_id) "
        "JOIN k again ON again.resident_id = c.resident_id JOIN town.member m ON m.resident_id = c.resident_id"
    )
    assert [(scan.id, scan.dataset) for scan in r.scans_in(parsed.select)] == [
        ("s1", "town.person"),
        ("s2", "care.cert"),
        ("s3", "care.cert"),
        ("s4", "town.member"),
    ]
    assert [joined.source.id for joined in parsed.select.sources] == ["s1", "d1", "d2", "s4"]


def test_columns_without_a_name_get_one() -> None:
    """A computed column is called by its place."""
    parsed = _parsed("SELECT age + 1, age, count(*) FROM town.person GROUP BY age + 1, age")
    assert [p.name for p in parsed.select.projections] == ["column1", "age", "column3"]


def test_groups_may_be_named_by_position_alias_or_expression() -> None:
    """A column of a table goes before an alias of the same name in GROUP BY."""
    keys = [
        _parsed(f"SELECT age + 1 AS x, age AS sex, count(*) AS n FROM town.person GROUP BY {clause}").select.group
        for clause in ("1, 2", "x, age", "age + 1, age")
    ]
    assert keys[0] == keys[1] == keys[2]
    with pytest.raises(BadInput) as refusal:
        _parsed("SELECT age AS sex, count(*) AS n FROM town.person GROUP BY sex")
    assert refusal.value.code == "sql-not-grouped"


def test_the_largest_queries_pass() -> None:
    """64 scans, 16 levels of subqueries, 32 brackets, 60 sums and 480 conjuncts are still read."""
    joins = " ".join(f"JOIN care.cert k{n} ON k{n}.resident_id = c.resident_id" for n in range(63))
    assert len(r.scans_in(_parsed(f"SELECT c.age FROM town.person c {joins}").select)) == 64
    nested = "SELECT age FROM (" * 16 + "SELECT age FROM town.person" + ") d" * 16
    assert len(list(r.scopes_in(_parsed(nested).select))) == 17
    assert _parsed(f"SELECT age FROM town.person WHERE {'(' * 32}age = 1{')' * 32}")
    assert _parsed(f"SELECT {'1 + ' * 60}age AS x, age FROM town.person")
    assert len(_parsed(f"SELECT age FROM town.person WHERE {' AND '.join(['moved'] * 480)}").select.where) == 480
