"""Honest queries are answered, and the answer is the one that was written down by hand over masked tables."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.security.cases import Honest, honest
from tests.security.deployed import Corpus
from tests.security.masked import comparable, masked_tables


@pytest.fixture(scope="module")
def masked() -> Iterator[duckdb.DuckDBPyConnection]:
    """The tables of the first world in their granted forms."""
    with masked_tables() as engine:
        yield engine


@pytest.mark.parametrize("case", [pytest.param(c, id=c.id) for c in honest() if c.oracle])
def test_an_honest_query_is_answered(case: Honest, corpus: Corpus, masked: duckdb.DuckDBPyConnection) -> None:
    """The whole path gives the rows of the hand-written answer."""
    assert case.oracle is not None
    release = corpus.ask(case.sql, purpose=case.purpose)
    rows = [tuple(row.values()) for row in release.table.to_pylist()]
    assert comparable(rows) == comparable(masked.execute(case.oracle).fetchall())
    assert rows
