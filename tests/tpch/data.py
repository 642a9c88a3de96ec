"""The eight tables of TPC-H at a hundredth of the unit, made again and again alike: every value comes from a digest.

Schema, formulas and value lists are those of the specification, as far as its twenty-two queries depend on them; names,
addresses and comments are shorter. All of it is invented: no customer and no supplier is a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import duckdb

SUPPLIERS, PARTS, CUSTOMERS, ORDERS = 100, 2_000, 1_500, 15_000

HOLDERS: Mapping[str, tuple[str, ...]] = {
    "places": ("region", "nation"),
    "supply": ("supplier",),
    "stock": ("part", "partsupp"),
    "sales": ("customer", "orders"),
    "freight": ("lineitem",),
}
"""Which department holds which tables."""

TYPES: Mapping[str, Mapping[str, str]] = {
    "region": {"r_regionkey": "integer", "r_name": "text", "r_comment": "text"},
    "nation": {"n_nationkey": "integer", "n_name": "text", "n_regionkey": "integer", "n_comment": "text"},
    "supplier": {
        "s_suppkey": "integer", "s_name": "text", "s_address": "text", "s_nationkey": "integer", "s_phone": "text",
        "s_acctbal": "decimal", "s_comment": "text",
    },
    "part": {
        "p_partkey": "integer", "p_name": "text", "p_mfgr": "text", "p_brand": "text", "p_type": "text",
        "p_size": "integer", "p_container": "text", "p_retailprice": "decimal", "p_comment": "text",
    },
    "partsupp": {
        "ps_partkey": "integer", "ps_suppkey": "integer", "ps_availqty": "integer", "ps_supplycost": "decimal",
        "ps_comment": "text",
    },
    "customer": {
        "c_custkey": "integer", "c_name": "text", "c_address": "text", "c_nationkey": "integer", "c_phone": "text",
        "c_acctbal": "decimal", "c_mktsegment": "text", "c_comment": "text",
    },
    "orders": {
        "o_orderkey": "integer", "o_custkey": "integer", "o_orderstatus": "text", "o_totalprice": "decimal",
        "o_orderdate": "date", "o_orderpriority": "text", "o_clerk": "text", "o_shippriority": "integer",
        "o_comment": "text",
    },
    "lineitem": {
        "l_orderkey": "integer", "l_partkey": "integer", "l_suppkey": "integer", "l_linenumber": "integer",
        "l_quantity": "decimal", "l_extendedprice": "decimal", "l_discount": "decimal", "l_tax": "decimal",
        "l_returnflag": "text", "l_linestatus": "text", "l_shipdate": "date", "l_commitdate": "date",
        "l_receiptdate": "date", "l_shipinstruct": "text", "l_shipmode": "text", "l_comment": "text",
    },
}  # fmt: skip
"""Columns of each table with their types in the catalogue."""

KEYS: Mapping[str, tuple[str, ...]] = {
    "region": ("r_regionkey",), "nation": ("n_nationkey",), "supplier": ("s_suppkey",), "part": ("p_partkey",),
    "partsupp": ("ps_partkey", "ps_suppkey"), "customer": ("c_custkey",), "orders": ("o_orderkey",),
    "lineitem": ("l_orderkey", "l_linenumber"),
}  # fmt: skip

_NATIONS = (
    "ALGERIA 0,ARGENTINA 1,BRAZIL 1,CANADA 1,EGYPT 4,ETHIOPIA 0,FRANCE 3,GERMANY 3,INDIA 2,INDONESIA 2,IRAN 4,IRAQ 4,"
    "JAPAN 2,JORDAN 4,KENYA 0,MOROCCO 0,MOZAMBIQUE 0,PERU 1,CHINA 2,ROMANIA 3,SAUDI ARABIA 4,VIETNAM 2,RUSSIA 3,"
    "UNITED KINGDOM 3,UNITED STATES 1"
)
_WORDS = "almond,azure,blue,chocolate,cream,drab,forest,green,indian,ivory,lemon,linen,metallic,olive,plum,rose,sky,tan"

_MACROS = f"""
CREATE MACRO pick(salt, i, n) AS (md5_number_lower(salt || ':' || i) % n)::BIGINT;
CREATE MACRO cents(salt, i, low, high) AS ((low + pick(salt, i, high - low + 1)) / 100.0)::DECIMAL(15, 2);
CREATE MACRO one_of(salt, i, words) AS string_split(words, ',')[pick(salt, i, len(string_split(words, ','))) + 1];
CREATE MACRO word(salt, i) AS one_of(salt, i, '{_WORDS}');
CREATE MACRO phone(salt, i, nation) AS format('{{}}-{{}}-{{}}-{{}}', nation + 10, 100 + pick(salt || 'a', i, 900),
    100 + pick(salt || 'b', i, 900), 1000 + pick(salt || 'c', i, 9000));
CREATE MACRO holder(part, nth) AS (part + nth * ({SUPPLIERS} // 4 + (part - 1) // {SUPPLIERS})) % {SUPPLIERS} + 1;
CREATE MACRO retail(part) AS ((90000 + (part // 10) % 20001 + 100 * (part % 1000)) / 100.0)::DECIMAL(15, 2);
"""

_TABLES = f"""
CREATE TABLE region AS
SELECT (i - 1)::BIGINT AS r_regionkey, string_split('AFRICA,AMERICA,ASIA,EUROPE,MIDDLE EAST', ',')[i] AS r_name,
       word('rc', i) AS r_comment
FROM range(1, 6) t(i);
CREATE TABLE nation AS
SELECT (i - 1)::BIGINT AS n_nationkey, regexp_extract(entry, '^(.*) (.)$', 1) AS n_name,
       regexp_extract(entry, '^(.*) (.)$', 2)::BIGINT AS n_regionkey, word('nc', i) AS n_comment
FROM (SELECT i, string_split('{_NATIONS}', ',')[i] AS entry FROM range(1, 26) t(i));
CREATE TABLE supplier AS
SELECT i AS s_suppkey, format('Supplier#{{:09d}}', i) AS s_name, word('sa', i) || ' street ' || i AS s_address,
       pick('sn', i, 25) AS s_nationkey, phone('sp', i, pick('sn', i, 25)) AS s_phone,
       cents('sb', i, -99999, 999999) AS s_acctbal,
       CASE WHEN i % 50 = 7 THEN 'quick Customer slow Complaints' ELSE word('sc', i) || ' deposits' END AS s_comment
FROM range(1, {SUPPLIERS + 1}) t(i);
CREATE TABLE part AS
SELECT i AS p_partkey, word('p1', i) || ' ' || word('p2', i) || ' ' || word('p3', i) AS p_name,
       'Manufacturer#' || (1 + pick('pm', i, 5)) AS p_mfgr,
       'Brand#' || (1 + pick('pm', i, 5)) || (1 + pick('pb', i, 5)) AS p_brand,
       one_of('t1', i, 'STANDARD,SMALL,MEDIUM,LARGE,ECONOMY,PROMO') || ' '
           || one_of('t2', i, 'ANODIZED,BURNISHED,PLATED,POLISHED,BRUSHED') || ' '
           || one_of('t3', i, 'TIN,NICKEL,BRASS,STEEL,COPPER') AS p_type,
       1 + pick('ps', i, 50) AS p_size,
       one_of('c1', i, 'SM,LG,MED,JUMBO,WRAP') || ' ' || one_of('c2', i, 'CASE,BOX,BAG,JAR,PKG,PACK,CAN,DRUM')
           AS p_container,
       retail(i) AS p_retailprice, word('pc', i) AS p_comment
FROM range(1, {PARTS + 1}) t(i);
CREATE TABLE partsupp AS
SELECT i AS ps_partkey, holder(i, nth) AS ps_suppkey, 1 + pick('pa' || nth, i, 9999) AS ps_availqty,
       cents('pc' || nth, i, 100, 100000) AS ps_supplycost, word('pt' || nth, i) AS ps_comment
FROM range(1, {PARTS + 1}) t(i), range(4) u(nth);
CREATE TABLE customer AS
SELECT i AS c_custkey, format('Customer#{{:09d}}', i) AS c_name, word('ca', i) || ' road ' || i AS c_address,
       pick('cn', i, 25) AS c_nationkey, phone('cp', i, pick('cn', i, 25)) AS c_phone,
       cents('cb', i, -99999, 999999) AS c_acctbal,
       one_of('cs', i, 'AUTOMOBILE,BUILDING,FURNITURE,MACHINERY,HOUSEHOLD') AS c_mktsegment, word('cc', i) AS c_comment
FROM range(1, {CUSTOMERS + 1}) t(i);
CREATE TABLE placed AS
SELECT (i // 8) * 32 + i % 8 + 1 AS o_orderkey, 1 + pick('oc', i, {CUSTOMERS // 3}) * 3 AS o_custkey,
       DATE '1992-01-01' + pick('od', i, 2406)::INTEGER AS o_orderdate,
       one_of('op', i, '1-URGENT,2-HIGH,3-MEDIUM,4-NOT SPECIFIED,5-LOW') AS o_orderpriority,
       format('Clerk#{{:09d}}', 1 + pick('ok', i, 10)) AS o_clerk, 0::BIGINT AS o_shippriority,
       CASE WHEN pick('ox', i, 50) = 0 THEN 'most special even requests' ELSE word('om', i) || ' packages' END AS o_comment
FROM range({ORDERS}) t(i);
CREATE TABLE lineitem AS
SELECT o_orderkey AS l_orderkey, part AS l_partkey, holder(part, pick('ls', line, 4)) AS l_suppkey,
       nth AS l_linenumber, quantity::DECIMAL(15, 2) AS l_quantity,
       (quantity * retail(part))::DECIMAL(15, 2) AS l_extendedprice, cents('ld', line, 0, 10) AS l_discount,
       cents('lt', line, 0, 8) AS l_tax,
       CASE WHEN receipt <= DATE '1995-06-17' THEN one_of('lr', line, 'R,A') ELSE 'N' END AS l_returnflag,
       CASE WHEN shipped > DATE '1995-06-17' THEN 'O' ELSE 'F' END AS l_linestatus,
       shipped AS l_shipdate, o_orderdate + (30 + pick('lc', line, 61))::INTEGER AS l_commitdate,
       receipt AS l_receiptdate,
       one_of('li', line, 'DELIVER IN PERSON,COLLECT COD,NONE,TAKE BACK RETURN') AS l_shipinstruct,
       one_of('lm', line, 'REG AIR,AIR,RAIL,SHIP,TRUCK,MAIL,FOB') AS l_shipmode, word('lx', line) AS l_comment
FROM (SELECT *, shipped + (1 + pick('lz', line, 30))::INTEGER AS receipt
      FROM (SELECT o_orderkey, o_orderdate, nth, o_orderkey * 8 + nth AS line,
                   1 + pick('lp', o_orderkey * 8 + nth, {PARTS}) AS part,
                   1 + pick('lq', o_orderkey * 8 + nth, 50) AS quantity,
                   o_orderdate + (1 + pick('lw', o_orderkey * 8 + nth, 121))::INTEGER AS shipped
            FROM placed, range(1, 8) u(nth)
            WHERE nth <= 1 + pick('ln', o_orderkey, 7)));
CREATE TABLE orders AS
SELECT o_orderkey, o_custkey,
       CASE WHEN open = 0 THEN 'F' WHEN open = lines THEN 'O' ELSE 'P' END AS o_orderstatus,
       total::DECIMAL(15, 2) AS o_totalprice, o_orderdate, o_orderpriority, o_clerk, o_shippriority, o_comment
FROM placed JOIN (SELECT l_orderkey, sum(l_extendedprice * (1 + l_tax) * (1 - l_discount)) AS total, count(*) AS lines,
                         count(*) FILTER (WHERE l_linestatus = 'O') AS open
                  FROM lineitem GROUP BY l_orderkey) ON l_orderkey = o_orderkey;
DROP TABLE placed;
"""


def make(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables in the schema ``main``."""
    connection.execute(_MACROS + _TABLES).fetchall()


def write_sources(folder: Path, connection: duckdb.DuckDBPyConnection, *, as_of: str) -> None:
    """One DuckDB file a department, with the tables that it holds."""
    for department, tables in HOLDERS.items():
        (folder / department).mkdir(parents=True)
        path = folder / department / f"{department}.duckdb"
        connection.execute(f"ATTACH '{path}' AS held").fetchall()
        for table in tables:
            connection.execute(f"CREATE TABLE held.{table} AS SELECT * FROM {table}").fetchall()
        connection.execute("DETACH held").fetchall()
        extracts = "".join(f"{department}.{table}: {as_of}\n" for table in tables)
        (folder / department / "extract.yaml").write_text(extracts, encoding="utf-8")


def attach_as_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """Views ``department.table``, so that plain DuckDB runs the very text that the broker is asked."""
    for department, tables in HOLDERS.items():
        connection.execute(f"CREATE SCHEMA {department}").fetchall()
        for table in tables:
            connection.execute(f"CREATE VIEW {department}.{table} AS SELECT * FROM main.{table}").fetchall()
