"""What the wide language admits means what DuckDB means by it; everything else is refused before anybody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import duckdb
import pytest

from governance.approvals import Template, TemplateParameter
from governance.catalogue import Catalogue
from governance.errors import BadInput, Denied
from query_broker.languages import read_query
from query_broker.parse import ParsedQuery
from query_broker.wide.query import WideQuery
from sekisho.checks import check
from sekisho.template_facts import template_facts
from tests.tpch.deployed import Offices


@pytest.fixture(scope="module")
def catalogue(offices: Offices) -> Catalogue:
    """The catalogue of the deployment."""
    return offices.deployment.catalogue


def _read(sql: str, catalogue: Catalogue) -> ParsedQuery | WideQuery:
    return read_query(sql, catalogue=catalogue, declared={}, parameters={}, digest_key=b"k" * 32)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM places.nation",
        "SELECT n.n_name, n_nationkey FROM places.nation n JOIN places.nation m USING (n_nationkey) WHERE n_nationkey > 3",
        "SELECT upper(lower(n_name)) AS u, length(n_name) AS l FROM places.nation WHERE n_name NOT LIKE 'A%' ORDER BY 1",
        "SELECT DISTINCT n_regionkey FROM places.nation WHERE n_regionkey NOT IN (1, 2) ORDER BY n_regionkey DESC",
        "SELECT r_name, (SELECT count(*) FROM places.nation WHERE n_regionkey = r_regionkey) AS n FROM places.region",
        (
            "WITH a AS (SELECT n_regionkey AS k, count(*) AS n FROM places.nation GROUP BY 1) "
            "SELECT x.k, y.n FROM a x CROSS JOIN a y WHERE x.n >= y.n"
        ),
        "SELECT round(avg(s_acctbal), 2) AS a, abs(min(s_acctbal)) AS b, max(s_acctbal) / 3 AS c FROM supply.supplier",
        (
            "SELECT substr(n_name, 2, 2) AS s, +n_nationkey AS p, year(DATE '2020-02-03') AS y FROM places.nation "
            "WHERE DATE '2020-01-01' + INTERVAL 3 MONTH < DATE '2021-01-01'"
        ),
        (
            "SELECT coalesce(nullif(n_name, 'CHINA'), 'other') AS n, greatest(n_nationkey, 3) AS g, least(n_nationkey, 3) AS l "
            "FROM places.nation"
        ),
        (
            "SELECT extract(QUARTER FROM o_orderdate) AS q, CAST(o_orderdate + INTERVAL '2' WEEK AS DATE) AS d, "
            "CAST(o_totalprice AS DOUBLE) AS p FROM sales.orders WHERE o_orderkey < 20"
        ),
        (
            "SELECT CASE n_regionkey WHEN 0 THEN 'a' ELSE 'b' END AS c, n_regionkey IS NOT NULL AS known, -n_nationkey AS m "
            "FROM places.nation WHERE NOT (n_nationkey BETWEEN 3 AND 9)"
        ),
        (
            "SELECT n_name, rank() OVER (PARTITION BY n_regionkey ORDER BY n_name DESC) AS place, "
            "dense_rank() OVER (ORDER BY n_regionkey) AS dense, sum(n_nationkey) OVER (ORDER BY n_regionkey) AS so_far "
            "FROM places.nation"
        ),
        (
            "SELECT n_regionkey, count(*) FILTER (WHERE n_name LIKE 'I%') AS i, rank() OVER (ORDER BY count(*) DESC) AS place "
            "FROM places.nation GROUP BY n_regionkey"
        ),
        "SELECT count(DISTINCT n_regionkey) AS n, sum(DISTINCT n_regionkey) AS s FROM places.nation",
        "SELECT n_regionkey AS k, count(*) AS n FROM places.nation WHERE k > 0 GROUP BY k HAVING n > 4 ORDER BY k",
    ],
)
def test_what_is_admitted_means_what_plain_duckdb_means(
    sql: str, offices: Offices, plain: duckdb.DuckDBPyConnection
) -> None:
    """Every construct of the page's table, beside those of the twenty-two queries."""
    release = offices.ask(sql)
    expected = plain.execute(sql).fetchall()
    answered = [tuple(row.values()) for row in release.table.to_pylist()]
    assert sorted(answered, key=repr) == sorted(expected, key=repr)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT n_name FROM places.nation UNION ALL SELECT r_name FROM places.region", "sql-not-a-select"),
        ("SELECT * FROM places.nation", "sql-star"),
        ("SELECT n.* FROM places.nation n", "sql-star"),
        ("SELECT row_number() OVER (ORDER BY n_name) AS r FROM places.nation", "sql-construct"),
        ("SELECT sum(n_nationkey) OVER (ORDER BY n_name ROWS 1 PRECEDING) AS r FROM places.nation", "sql-construct"),
        ("SELECT rank() OVER (PARTITION BY n_name) AS r FROM places.nation", "sql-window-order"),
        ("SELECT rank() AS r FROM places.nation", "sql-window-here"),
        ("SELECT n_name FROM places.nation QUALIFY rank() OVER (ORDER BY n_name) < 3", "sql-construct"),
        ("SELECT repeat(n_name, 1000000000) AS r FROM places.nation", "sql-construct"),
        ("SELECT getenv('HOME') AS h FROM places.nation", "sql-construct"),
        ("SELECT current_date AS d FROM places.nation", "sql-construct"),
        ("SELECT random() AS r FROM places.nation", "sql-construct"),
        ("SELECT n_name FROM places.nation, read_csv('/etc/passwd')", "sql-construct"),
        ("SELECT n_name FROM places.nation, 'places.csv'", "sql-identifier"),
        ("SELECT n_name FROM places.nation, nation", "sql-table-unknown"),
        ("SELECT n_name FROM places.nation, range(9) t(i)", "sql-construct"),
        ("SELECT n_name FROM places.nation TABLESAMPLE 10%", "sql-construct"),
        ("SELECT n_name FROM places.nation, LATERAL (SELECT n_name AS x) l", "sql-construct"),
        ("SELECT n_name FROM other.places.nation", "sql-construct"),
        ("SELECT n_name FROM places.nation RIGHT JOIN places.region ON n_regionkey = r_regionkey", "sql-join-kind"),
        ("WITH RECURSIVE a AS (SELECT n_name FROM places.nation) SELECT n_name FROM a", "sql-construct"),
        ("WITH s1 AS (SELECT n_name FROM places.nation) SELECT n_name FROM s1", "sql-identifier"),
        ("WITH a AS (SELECT n_name FROM places.nation), a AS (SELECT n_name FROM places.nation) SELECT n_name FROM a", "sql-name-twice"),
        ("SELECT n_name FROM (SELECT n_name FROM places.nation ORDER BY 1) x", "sql-order-inside"),
        ("SELECT n_name FROM (SELECT n_name FROM places.nation LIMIT 1) x", "sql-limit-here"),
        ("SELECT n_name FROM places.nation LIMIT 1 + 1", "sql-limit-here"),
        ("SELECT n_name FROM places.nation LIMIT 1 OFFSET 1", "sql-construct"),
        ("SELECT n_name FROM places.nation ORDER BY n_nationkey", "sql-order-not-output"),
        ("SELECT n_name FROM places.nation ORDER BY 2", "sql-position"),
        ("SELECT n_name FROM places.nation ORDER BY n_name NULLS FIRST", "sql-construct"),
        ("SELECT n_name, n_name FROM places.nation", "sql-name-twice"),
        ("SELECT n_name FROM places.nation a, places.nation b", "sql-name-ambiguous"),
        ("SELECT a.n_name FROM places.nation a, places.region a", "sql-name-twice"),
        ("SELECT nobody FROM places.nation", "sql-name-unknown"),
        ("SELECT b.n_name FROM places.nation a", "sql-name-unknown"),
        ("SELECT string_agg(n_name) AS n FROM places.nation", "sql-construct"),
        ("SELECT CAST(n_name AS BLOB) AS b FROM places.nation", "sql-cast"),
        ("SELECT TRY_CAST(n_name AS DATE) AS d FROM places.nation", "sql-construct"),
        ("SELECT extract(EPOCH FROM o_orderdate) AS e FROM sales.orders", "sql-construct"),
        ("SELECT INTERVAL '1' HOUR AS h FROM places.nation", "sql-construct"),
        ("SELECT 1e300 AS h FROM places.nation", "sql-number"),
        ("SELECT n_name FROM places.nation WHERE n_nationkey = $n", "sql-parameter-undeclared"),
        ("SELECT n_name FROM places.nation WHERE (n_nationkey, 1) IN (SELECT 1, 1 FROM places.region)", "sql-construct"),
        ("SELECT n_name FROM places.nation WHERE n_name ILIKE 'a%'", "sql-construct"),
        ("SELECT n_name FROM places.nation x (a, b, c, d, e)", "sql-name-twice"),
        ("SELECT 1 AS one FROM (SELECT 1 AS one) x, places.nation", "sql-no-table"),
    ],
)  # fmt: skip
def test_what_has_no_rule_is_refused(sql: str, code: str, catalogue: Catalogue) -> None:
    """With the code of its refusal, whatever the tables are."""
    with pytest.raises(BadInput) as refusal:
        _read(sql, catalogue)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT n_name + 1 AS x FROM places.nation", "wide-types"),
        ("SELECT sum(n_name) AS x FROM places.nation", "wide-types"),
        ("SELECT n_name FROM places.nation GROUP BY n_regionkey", "wide-types"),
        ("SELECT o_orderdate + INTERVAL '1' DAY AS x FROM sales.orders", "wide-output-type"),
        ("SELECT INTERVAL '1' DAY AS x FROM sales.orders", "wide-output-type"),
    ],
)
def test_types_that_do_not_fit_are_refused_before_anybody_is_asked(sql: str, code: str, offices: Offices) -> None:
    """The engine's binder says so over empty tables; its words are not repeated."""
    with pytest.raises(BadInput) as refusal:
        offices.explain(sql)
    assert refusal.value.code == code
    assert "n_name" not in str(refusal.value)


def test_a_text_too_deep_to_be_certified_is_refused_as_such(offices: Offices) -> None:
    """The engine nests sums; what its tree is too deep for is the asker's to shorten, and no fault of ours."""
    with pytest.raises(BadInput) as refusal:
        offices.explain(f"SELECT {'+'.join(['n_nationkey'] * 240)} AS x FROM places.nation")
    assert refusal.value.code == "sql-too-deep"


def test_a_product_beyond_the_cap_is_refused_as_such(offices: Offices) -> None:
    """No row of it comes out, and the broker reads no more of it than may be put out."""
    with pytest.raises(BadInput) as refusal:
        offices.ask("SELECT a.n_name FROM places.nation a, places.nation b, places.nation c, places.nation d")
    assert refusal.value.code == "mask-output-cap"


def test_the_check_shows_what_is_declared_to_hold_nobody(offices: Offices) -> None:
    """Whether it is so, only people can tell: each holder's declarations stand beside its name, and nothing else does."""
    shown = {result.part: result.label.en for result in check(offices.deployment.layout.folder)}
    assert shown["department:places"] == "places (declared to hold no data subject: places.nation, places.region)"
    assert shown["department:register"] == "register"


MIXED: Mapping[str, str] = {
    "joined by an ordinary column": "SELECT n_name, count(*) AS n FROM register.person, places.nation "
    "WHERE nation = n_nationkey GROUP BY n_name",
    "below EXISTS": "SELECT n_name FROM places.nation WHERE EXISTS "
    "(SELECT * FROM register.person WHERE nation = n_nationkey)",
    "as a scalar": "SELECT n_name, (SELECT min(resident_no) FROM register.person) AS p FROM places.nation",
    "in WITH": "WITH p AS (SELECT nation FROM register.person) SELECT DISTINCT nation FROM p, places.region",
    "by its quoted name": 'SELECT n_name FROM places.nation, "REGISTER"."Person"',
}


@pytest.mark.parametrize("sql", MIXED.values(), ids=MIXED.keys())
def test_one_table_of_persons_makes_the_whole_query_strict(sql: str, catalogue: Catalogue) -> None:
    """Nothing that the strict language refuses gets in beside tables without data subjects."""
    with pytest.raises(BadInput) as refusal:
        _read(sql, catalogue)
    assert refusal.value.code.startswith("sql-")


def test_a_strict_query_over_both_is_refused_by_the_policy(offices: Offices) -> None:
    """What the strict language can say of both is denied: the table of nobody's is tied to no person."""
    sql = "SELECT count(*) AS n FROM register.person p WHERE EXISTS (SELECT 1 FROM places.nation n WHERE n.n_nationkey = p.nation)"
    with pytest.raises(Denied) as denied:
        offices.ask(sql, purpose="stat")
    assert "scans-reached" in {citation.control for citation in denied.value.citations}


def test_persons_alone_are_asked_strictly(offices: Offices, catalogue: Catalogue) -> None:
    """Groups of persons keep their language, and small ones go, in a city that has other tables as well."""
    sql = "SELECT nation, count(*) AS n FROM register.person GROUP BY nation"
    assert isinstance(_read(sql, catalogue), ParsedQuery)
    assert offices.ask(sql, purpose="stat").smallest_group > 0


def test_a_purpose_that_does_not_list_it_gets_no_answer_about_nobody(offices: Offices) -> None:
    """Groups of persons are not for the purpose of the ledger, nor is anything for a purpose that nobody stated."""
    with pytest.raises(Denied):
        offices.ask("SELECT nation, count(*) AS n FROM register.person GROUP BY nation")
    with pytest.raises(Denied):
        offices.ask("SELECT n_name FROM places.nation", purpose="curiosity")


def test_a_template_of_the_wide_language_has_its_facts_and_its_parameters(
    offices: Offices, plain: duckdb.DuckDBPyConnection
) -> None:
    """Templates are read by the same language; parameters are bound as values and never stand in the SQL."""
    sql = "SELECT count(*) AS n FROM places.nation WHERE n_regionkey = $region AND n_name <> $name"
    declared = {
        "region": TemplateParameter(name="region", type="integer", personal=False, label_ja="地域", label_en="region"),
        "name": TemplateParameter(name="name", type="text", personal=False, label_ja="名称", label_en="name"),
    }
    template = Template(id="t", title_ja="t", title_en="t", purpose="ledger", sql=sql, parameters=declared)
    known: dict[str, Any] = {"catalogue": offices.deployment.catalogue, "digest_key": bytes(32)}
    assert template_facts(template, **known, as_of=date(2026, 10, 1)).output.kind == "impersonal"
    given = {"region": 3, "name": "FRANCE'; --"}
    query = read_query(sql, declared=declared, parameters=given, **known)
    assert isinstance(query, WideQuery)
    assert query.parameters == given
    assert "FRANCE" not in query.sql
    with pytest.raises(BadInput) as refusal:
        read_query(sql, declared=declared, parameters={"region": 3}, **known)
    assert refusal.value.code == "parameter-missing"
    release = offices.ask(sql, declared=declared, parameters=given)
    assert [tuple(row.values()) for row in release.table.to_pylist()] == plain.execute(sql, given).fetchall()


def test_only_the_columns_that_are_read_leave(offices: Offices) -> None:
    """Whatever is not named is not sent; of a table of which rows are counted alone, one column is."""
    explained = offices.explain("SELECT n_name FROM places.nation, places.region WHERE n_nationkey = 3")
    assert explained.plan is not None
    sent = {scan.order.dataset: [c.column for c in scan.order.columns] for scan in explained.plan.scans}
    assert sent == {"places.nation": ["n_name", "n_nationkey"], "places.region": ["r_regionkey"]}
