"""A plan of the wide language that does not do what was asked, of nobody, under the decision, gets no certificate."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from governance.catalogue import Catalogue
from governance.conditions import FieldCondition
from governance.decisions import CountBy, Obligations
from governance.facts import QueryFacts
from governance.forms import Form
from query_broker import relational as r
from query_broker.certify import NotCertified
from query_broker.plan import FederatedPlan
from query_broker.wide.certify import certify_wide
from tests.tpch.deployed import Offices

ASKED = (
    "SELECT n_name, count(*) AS n FROM places.nation JOIN supply.supplier ON s_nationkey = n_nationkey "
    "WHERE s_acctbal > 10.50 AND NOT EXISTS (SELECT * FROM places.region WHERE r_regionkey = n_regionkey AND r_name = 'ASIA') "
    "GROUP BY n_name ORDER BY n DESC, n_name LIMIT 9"
)
KEY = bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """What a certificate is asked for with."""

    plan: FederatedPlan
    facts: QueryFacts
    obligations: Obligations
    catalogue: Catalogue
    parameters: Mapping[str, r.Constant]
    order: tuple[r.SortKey, ...]
    as_of: date
    asked: str = ASKED

    def certify(self) -> str:
        """The digest of the certificate."""
        given = {name: getattr(self, name) for name in self.__slots__ if name != "plan"}
        return certify_wide(self.plan, **given, digest_key=KEY).digest


@pytest.fixture(scope="module")
def sound(offices: Offices) -> Certified:
    """A query that is allowed, with its plan."""
    explained = offices.explain(ASKED)
    assert explained.plan is not None
    assert explained.decision.obligations is not None
    return Certified(
        plan=explained.plan,
        facts=explained.facts,
        obligations=explained.decision.obligations,
        catalogue=offices.deployment.catalogue,
        parameters={},
        order=explained.plan.order,
        as_of=explained.plan.scans[0].order.as_of,
    )


def _sql(old: str, new: str) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        assert old in given.plan.sql
        return replace(given, plan=replace(given.plan, sql=given.plan.sql.replace(old, new, 1)))

    return change


def _order(**changes: Any) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        first, *others = given.plan.scans
        spoiled = replace(first, order=replace(first.order, **changes))
        return replace(given, plan=replace(given.plan, scans=(spoiled, *others)))

    return change


def _dataset(name: str, **changes: Any) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        datasets = given.catalogue.datasets
        spoiled = {**datasets, name: replace(datasets[name], **changes)}
        return replace(given, catalogue=replace(given.catalogue, datasets=spoiled))

    return change


def _column(name: str, **changes: Any) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        dataset = given.catalogue.datasets["places.nation"]
        columns = {**dataset.columns, name: replace(dataset.columns[name], **changes)}
        return _dataset("places.nation", columns=columns)(given)

    return change


def _output(**changes: Any) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        output = replace(given.obligations.output, **changes)
        both = replace(given.obligations, output=output)
        return replace(given, obligations=both, plan=replace(given.plan, output=output))

    return change


def _scans(**changes: Any) -> Callable[[Certified], Certified]:
    """The decision of the first scan and its order alike."""

    def change(given: Certified) -> Certified:
        scans = {**given.obligations.scans, "s1": replace(given.obligations.scans["s1"], **changes)}
        spoiled = replace(given, obligations=replace(given.obligations, scans=scans))
        return _order(**{name: value for name, value in changes.items() if name != "unknown"})(spoiled)

    return change


def _fact(**changes: Any) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        first, *others = given.facts.scans
        return replace(given, facts=replace(given.facts, scans=(replace(first, **changes), *others)))

    return change


def _answer(**changes: Any) -> Callable[[Certified], Certified]:
    def change(given: Certified) -> Certified:
        first, *others = given.plan.columns
        return replace(given, plan=replace(given.plan, columns=(replace(first, **changes), *others)))

    return change


def _swapped(given: Certified) -> Certified:
    sql = given.plan.sql.replace('"s1"', '"s9"').replace('"s2"', '"s1"').replace('"s9"', '"s2"')
    return replace(given, plan=replace(given.plan, sql=sql))


ASIA = FieldCondition(operator="eq", field="n_name", value="ASIA")
SPOILED: Mapping[str, tuple[int, Callable[[Certified], Certified]]] = {
    "a scan is left out": (1, lambda g: replace(g, plan=replace(g.plan, scans=g.plan.scans[1:]))),
    "a scan of another dataset": (1, _order(dataset="places.region")),
    "a row filter that nobody decided": (2, _order(filter=ASIA)),
    "a set that nobody decided": (2, _order(exclude=("suspended",))),
    "another form": (3, lambda g: _order(columns=(replace(g.plan.scans[0].order.columns[0], form=Form(kind="year")),))(g)),
    "a column fewer": (3, lambda g: _order(columns=g.plan.scans[0].order.columns[1:])(g)),
    "a predicate at the source": (3, _order(predicates=ASIA)),
    "a dataset of persons": (4, _dataset("places.nation", impersonal=False)),
    "a derived dataset": (4, _dataset("places.nation", derived_sql="SELECT 1")),
    "a column that points at somebody": (4, _column("n_comment", column_class="quasi_identifier")),
    "a key": (4, _column("n_comment", key="resident")),
    "a sensitive column": (4, _column("n_comment", sensitivity="kibi")),
    "a column from taxes": (4, _column("n_comment", origin="tax")),
    "a scan of persons": (4, _fact(role="cohort")),
    "an answer about groups": (4, lambda g: replace(g, facts=replace(g.facts, output=replace(g.facts.output, kind="aggregate")))),
    "a smallest group": (4, _output(min_group_size=5)),
    "persons who are counted": (4, _output(count_by=(CountBy(scan="s1", column="n_name", unit="person"),))),
    "somebody who is left out": (4, _scans(exclude=("suspended",))),
    "rows that are left out": (4, _scans(filter=ASIA)),
    "a count beside a column": (4, _answer(counts=("n",))),
    "a text that is none": (5, _sql("SELECT", "SELEKT")),
    "a second statement": (5, lambda g: replace(g, plan=replace(g.plan, sql=f"{g.plan.sql}; SELECT 1"))),
    "another table": (5, _sql('"s3"', '"s4"')),
    "a table twice": (5, _sql('"s3"', '"s2"')),
    "a table of another schema": (5, _sql('"s3"', 'main."s3"')),
    "a file": (5, _sql('"s3"', "'/etc/passwd'")),
    "a scan's name given to something else": (5, _sql("(SELECT n_name", "(WITH s3 AS (SELECT 1) SELECT n_name")),
    "a function without a rule": (5, _sql("COUNT(*)", "getenv('HOME')")),
    "a window with a frame": (5, _sql("COUNT(*)", "COUNT(*) OVER (ORDER BY n_name ROWS 1 PRECEDING)")),
    "a window without a rule": (5, _sql("COUNT(*)", "row_number() OVER (ORDER BY n_name)")),
    "a filter that nobody asked for": (7, _sql("COUNT(*)", "COUNT(*) FILTER (WHERE n_nationkey > 3)")),
    "a star": (5, _sql("(SELECT n_name, COUNT(*) AS n", "(SELECT *")),
    "a set operation": (5, _sql("GROUP BY", "UNION SELECT 1, 2 GROUP BY")),
    "a column more": (6, _sql('AS "n" FROM', 'AS "n", 1 AS "m" FROM')),
    "another type": (6, _sql("AS BIGINT", "AS VARCHAR")),
    "a cast that hides what fails": (5, _sql('CAST("answer"."n"', 'TRY_CAST("answer"."n"')),
    "columns that change places": (6, _sql('("n_name", "n")', '("n", "n_name")')),
    "a condition behind": (6, lambda g: replace(g, plan=replace(g.plan, sql=f"{g.plan.sql} WHERE n > 1"))),
    "another constant": (7, _sql("10.50", "10.51")),
    "another text": (7, _sql("'ASIA'", "'asia'")),
    "another operator": (7, _sql("s_acctbal >", "s_acctbal >=")),
    "a negation less": (7, _sql("NOT EXISTS", "EXISTS")),
    "another join": (7, _sql("JOIN", "LEFT JOIN")),
    "scans that change places": (7, _swapped),
    "another limit": (7, _sql("LIMIT 9", "LIMIT 8")),
    "another order": (7, _sql("n DESC", "n ASC")),
    "another column": (7, _sql("r_regionkey = n_regionkey", "r_regionkey = n_nationkey")),
    "a parameter that nobody gave": (7, lambda g: replace(g, plan=replace(g.plan, parameters={"n": 1}))),
    "an order that nobody asked for": (7, lambda g: replace(g, plan=replace(g.plan, order=()))),
    "another day": (7, lambda g: replace(g, as_of=date(2020, 1, 1))),
    "another cap": (7, lambda g: replace(g, plan=replace(g.plan, output=replace(g.plan.output, max_rows=10**6)))),
}  # fmt: skip


def test_a_sound_plan_is_certified(sound: Certified) -> None:
    """The digest is that of this plan under this decision."""
    assert len(sound.certify()) == 64
    other = replace(sound, obligations=replace(sound.obligations, expires_in_days=3))
    assert other.certify() != sound.certify()


@pytest.mark.parametrize(("statement", "spoil"), SPOILED.values(), ids=SPOILED.keys())
def test_a_spoiled_plan_is_not(statement: int, spoil: Callable[[Certified], Certified], sound: Certified) -> None:
    """Each spoiling fails the statement that is about it."""
    with pytest.raises(NotCertified) as refusal:
        spoil(sound).certify()
    assert refusal.value.params["statement"] == statement


@pytest.mark.parametrize(
    ("sql", "old", "new"),
    [
        (
            "WITH t AS (SELECT r_name AS n_name FROM places.region) SELECT n_name FROM places.nation",
            "WITH t AS",
            "WITH S2 AS",
        ),
        (
            "WITH t AS (SELECT r_name FROM places.region) SELECT n_name FROM places.nation, t",
            "AS (SELECT r_name",
            "AS (SELECT (SELECT max(r_name) FROM t) AS r_name",
        ),
        (
            "WITH t AS (SELECT r_name FROM places.region) SELECT n_name FROM places.nation, t",
            "SELECT n_name",
            "SELECT (WITH pg_tables AS (SELECT 1 AS a FROM t) SELECT max(a) FROM pg_tables) AS x, (SELECT 1 FROM pg_tables) AS n_name",
        ),
    ],
    ids=["in another case over a scan", "within itself", "outside its SELECT"],
)  # fmt: skip
def test_a_name_of_with_stands_for_its_query_where_it_is_one(sql: str, old: str, new: str, offices: Offices) -> None:
    """Elsewhere the engine would take it for a table, or a scan for it, though the asked text says the same."""
    explained = offices.explain(sql)
    assert explained.plan is not None
    assert explained.decision.obligations is not None
    assert old in explained.plan.sql
    spoiled = Certified(
        plan=replace(explained.plan, sql=explained.plan.sql.replace(old, new, 1)),
        facts=explained.facts,
        obligations=explained.decision.obligations,
        catalogue=offices.deployment.catalogue,
        parameters={},
        order=explained.plan.order,
        as_of=explained.plan.scans[0].order.as_of,
        asked=sql.replace(old, new, 1),
    )
    with pytest.raises(NotCertified) as refusal:
        spoiled.certify()
    assert refusal.value.params["statement"] == 5


def test_the_certificate_shares_nothing_with_what_it_proves(root: Path) -> None:
    """Neither gate nor names nor plan of the wide language, nor the parser that they use, is imported."""
    imported = set(_imports(root / "query_broker" / "wide" / "certify.py"))
    assert not {name for name in imported if name.startswith(("sqlglot", "query_broker.wide"))}
    assert {name for name in imported if name.startswith("query_broker")} == {
        "query_broker", "query_broker.certify", "query_broker.plan", "query_broker.second_reading",
    }  # fmt: skip


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
