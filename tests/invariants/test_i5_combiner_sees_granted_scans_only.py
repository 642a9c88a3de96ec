"""I5: the combining engine sees granted scans only: a query that slipped past every check still finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from governance.errors import Unavailable
from query_broker.combine import Combiner, ScanStream

GRANTED = ScanStream(ids=("s1",), table=pa.table({"grade": pa.array([1, 2, 3], pa.int64())}))


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as combiner:
        yield combiner


def test_it_sees_what_was_granted(combiner: Combiner) -> None:
    """The granted scan is there, under its name and with its columns alone."""
    assert combiner.run("SELECT max(grade) AS top FROM s1", parameters={}, streams=[GRANTED]).to_pylist() == [
        {"top": 3}
    ]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM s2",
        "SELECT * FROM shimin.resident",
        "SELECT resident_id FROM s1",
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM read_text('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM glob('{folder}/*')",
        "SELECT getenv('HOME')",
        "COPY s1 TO '{folder}/out.csv'",
        "ATTACH '{folder}/new.duckdb'",
        "SELECT * FROM sqlite_scan('{folder}/ledger.sqlite', 'entries')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "EXPORT DATABASE '{folder}/x'",
        "IMPORT DATABASE '{folder}/x'",
        "CREATE SECRET (TYPE s3)",
        "SELECT * FROM python_variable",
    ],
)
def test_nothing_else_can_be_reached(combiner: Combiner, tmp_path: Path, sql: str) -> None:
    """Tables, files, environment, extensions, settings: each way out ends without an answer and leaves no file."""
    secret = tmp_path / "secret.csv"
    secret.write_text("name\n山田太郎\n", encoding="utf-8")
    with pytest.raises(Unavailable) as caught:
        combiner.run(sql.format(secret=secret, folder=tmp_path), parameters={}, streams=[GRANTED])
    assert "山田" not in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["secret.csv"]


def test_each_query_has_a_process_of_its_own(combiner: Combiner) -> None:
    """What one query saw is gone for the next one."""
    other = ScanStream(ids=("s2",), table=pa.table({"care": [1]}))
    combiner.run("SELECT care FROM s2", parameters={}, streams=[other])
    with pytest.raises(Unavailable):
        combiner.run("SELECT care FROM s2", parameters={}, streams=[GRANTED])
