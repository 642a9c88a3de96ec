"""I5: the combining engine sees granted scans only: a query that slipped past every check still finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from governance.errors import Unavailable
from query_broker.combine import Combiner, ScanStream
from query_broker.worker import hardened_connection
from tests.invariants.watching import Served, Watched

SECRET = "山田太郎"


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as combiner:
        yield combiner


@pytest.fixture(scope="module")
def served(watched: Watched) -> tuple[Served, ...]:
    """What the departments sent for the approved query."""
    return watched.served_by(watched.ask)[1]


@pytest.fixture(scope="module")
def granted(served: tuple[Served, ...]) -> tuple[ScanStream, ...]:
    """The same as the combiner gets it: ``s1`` to ``s5``."""
    return tuple(ScanStream(ids=(each.evidence.scan,), table=each.table) for each in served)


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder beside the city with a file of somebody's name."""
    folder = tmp_path_factory.mktemp("outside")
    (folder / "secret.csv").write_text(f"name\n{SECRET}\n", encoding="utf-8")
    return folder


def run(combiner: Combiner, sql: str, granted: tuple[ScanStream, ...]) -> list[dict[str, object]]:
    return combiner.run(sql, parameters={}, streams=granted).to_pylist()


def test_it_sees_each_granted_scan_with_its_columns_alone(
    combiner: Combiner, granted: tuple[ScanStream, ...], served: tuple[Served, ...]
) -> None:
    """Of all tables, views, columns, databases and files of its own, the engine lists the five scans and nothing more."""
    listed = run(
        combiner,
        """
        SELECT 'relation' AS what, table_name AS name FROM information_schema.tables
        UNION ALL SELECT 'relation', view_name FROM duckdb_views() WHERE NOT internal
        UNION ALL SELECT 'relation', table_name FROM duckdb_tables()
        UNION ALL SELECT 'column', table_name || '.' || column_name FROM information_schema.columns
        UNION ALL SELECT 'file', path FROM duckdb_databases() WHERE path IS NOT NULL
        UNION ALL SELECT 'secret', name FROM duckdb_secrets()
        UNION ALL SELECT 'variable', name FROM duckdb_variables()
        """,
        granted,
    )
    seen = {(row["what"], row["name"]) for row in listed}
    columns = {f"{s.evidence.scan}.{c.column}" for s in served for c in s.order.columns}
    assert {name for what, name in seen if what == "relation"} == {"s1", "s2", "s3", "s4", "s5"}
    assert {name for what, name in seen if what == "column"} == columns
    assert {what for what, _ in seen} == {"relation", "column"}


WAYS_OUT = (
    "SELECT * FROM s9",
    "SELECT * FROM shimin.resident",
    "SELECT * FROM shimin.child",
    "SELECT birth_date FROM s1",
    "SELECT * FROM '{outside}/secret.csv'",
    "SELECT * FROM read_csv('{outside}/secret.csv')",
    "SELECT * FROM read_text('{outside}/secret.csv')",
    "SELECT * FROM read_blob('{city}/departments/.master.key')",
    "SELECT * FROM read_csv('{city}/departments/kyoiku/*.csv', encoding='cp932')",
    "SELECT * FROM glob('{city}/*')",
    "SELECT * FROM sqlite_scan('{city}/departments/shimin/shimin.sqlite', 'resident')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('https://example.org/x.csv')",
    "SELECT getenv('HOME')",
    "SELECT * FROM query('SELECT * FROM read_text(''{outside}/secret.csv'')')",
    "SELECT * FROM query_table('{outside}/secret.csv')",
    "ATTACH '{city}/departments/kaigo/kaigo.duckdb' AS k (READ_ONLY)",
    "ATTACH '{city}/departments/kaigo/kaigo.duckdb' AS k; SELECT * FROM k.certificate",
    "ATTACH '{outside}/new.duckdb'",
    "COPY s1 TO '{outside}/out.csv'",
    "COPY s1 FROM '{outside}/secret.csv'",
    "EXPORT DATABASE '{outside}/x'",
    "IMPORT DATABASE '{outside}/x'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{outside}/x.duckdb_extension'",
    "SET enable_external_access = true",
    "RESET disabled_filesystems",
    "SET lock_configuration = false",
    "SET memory_limit = '100GB'; SELECT 1 AS one",
    "PRAGMA enable_logging",
    "CREATE SECRET (TYPE s3)",
    "CREATE PERSISTENT SECRET (TYPE s3)",
    "SELECT * FROM granted",
    "SELECT * FROM connection",
)


@pytest.fixture(scope="module")
def engine(granted: tuple[ScanStream, ...]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The engine of the disposable process, made by the same function, with the same scans."""
    with hardened_connection(memory_mb=512, threads=1) as connection:
        for stream in granted:
            connection.register(stream.ids[0], stream.table)
        yield connection


@pytest.mark.parametrize("sql", WAYS_OUT)
def test_nothing_else_can_be_reached(engine: duckdb.DuckDBPyConnection, city: Path, outside: Path, sql: str) -> None:
    """Tables, files, the environment, the network, extensions, settings, variables of the process: the engine itself
    refuses each way out, and leaves no file.
    """
    with pytest.raises(duckdb.Error):
        engine.sql(sql.format(city=city, outside=outside)).fetchall()
    assert [path.name for path in outside.iterdir()] == ["secret.csv"]
    assert engine.sql("SELECT count(*) > 0 FROM s1").fetchall() == [(True,)]


@pytest.mark.parametrize("sql", WAYS_OUT[::4])
def test_a_way_out_ends_as_a_refusal_that_repeats_nothing(
    combiner: Combiner, granted: tuple[ScanStream, ...], city: Path, outside: Path, sql: str
) -> None:
    """Through the process that combines, each of them is unavailable, with a code and without a word of the engine's."""
    with pytest.raises(Unavailable) as caught:
        run(combiner, sql.format(city=city, outside=outside), granted)
    assert (caught.value.exit_status, caught.value.code) == (4, "combine-refused")
    assert caught.value.params == {}
    assert [path.name for path in outside.iterdir()] == ["secret.csv"]


def test_each_query_has_a_process_of_its_own(combiner: Combiner, granted: tuple[ScanStream, ...]) -> None:
    """What one query saw or made is gone for the next one."""
    other = ScanStream(ids=("s6",), table=pa.table({"care": [1]}))
    made = "CREATE TABLE kept AS SELECT care FROM s6; SELECT care FROM kept"
    assert run(combiner, made, (other,)) == [{"care": 1}]
    for sql in ("SELECT care FROM s6", "SELECT care FROM kept"):
        with pytest.raises(Unavailable):
            run(combiner, sql, granted)


def test_a_query_that_never_ends_is_killed_and_the_next_one_answered(granted: tuple[ScanStream, ...]) -> None:
    """A join of everything with everything, over and over, ends with the deadline and takes nobody along."""
    endless = "SELECT count(*) AS n FROM range(1000000) a, range(1000000) b, range(1000000) c"
    with Combiner(deadline_seconds=1.0) as combiner:
        with pytest.raises(Unavailable) as caught:
            run(combiner, endless, granted)
        assert caught.value.code == "combine-late"
    with Combiner() as combiner:
        assert run(combiner, "SELECT 1 AS one", granted) == [{"one": 1}]


def test_a_query_that_wants_more_memory_than_there_is_ends(granted: tuple[ScanStream, ...]) -> None:
    """Without a disk to spill to, what does not fit into the limit is refused."""
    with Combiner(memory_mb=64) as combiner, pytest.raises(Unavailable) as caught:
        run(combiner, "SELECT list(i) AS l FROM range(100000000) r(i)", granted)
    assert caught.value.code in {"combine-out-of-memory", "combine-died", "combine-refused"}
