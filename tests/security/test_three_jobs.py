"""Gate, masking and output control are three jobs: each alone stops what is its own, with the others switched off."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

from governance.errors import BadInput
from query_broker import pipeline
from query_broker.parse import parse
from query_broker.protect import Protected
from query_broker.worker import hardened_connection
from tests.security.cases import attacks, oracles
from tests.security.deployed import Corpus
from tests.security.masked import comparable, masked_tables
from tests.security.worlds import MARKS, tables

FOR_THE_GATE = {
    "statement", "catalog", "table_function", "xml_query", "json", "list_agg", "string_slice", "struct_row",
    "timing_resource", "recursive_cte", "lateral_correlated",
}  # fmt: skip
"""Kinds of attack that are about what may be written at all."""


def test_the_gate_alone_stops_what_may_not_be_written(corpus: Corpus) -> None:
    """Without policy, masking or output control: the text does not get past its reading."""
    passed = []
    for case in attacks():
        if case.category in FOR_THE_GATE:
            try:
                parse(case.sql, catalogue=corpus.deployment.catalogue, declared={}, parameters={}, digest_key=b"0" * 32)
            except BadInput:
                continue
            passed.append(case.id)
    assert passed == []


def test_the_gate_lets_no_name_of_a_column_come_from_data(corpus: Corpus) -> None:
    """Of the attacks with PIVOT those get past the reading that write their columns down; the policy refuses those."""
    passed = []
    for case in attacks():
        if case.category == "pivot_unpivot":
            try:
                parse(case.sql, catalogue=corpus.deployment.catalogue, declared={}, parameters={}, digest_key=b"0" * 32)
            except BadInput:
                continue
            passed.append(case.id)
    assert passed == ["PIV-006"]


def test_masking_alone_shows_no_identifier() -> None:
    """Without gate, policy or output control: attacks as they are written, over masked tables, find nobody's name or number."""
    with masked_tables("base") as source, hardened_connection(memory_mb=256, threads=1) as engine:
        for name in tables("base"):
            schema = name.partition(".")[0]
            engine.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            engine.register("held", source.sql(f"SELECT * FROM {name}").to_arrow_table())
            engine.execute(f"CREATE TABLE {name} AS SELECT * FROM held")
            engine.unregister("held")
        ran = 0
        for case in attacks():
            if case.category in {"statement", "catalog", "table_function", "timing_resource"}:
                continue  # they want the engine, not the data; the gate's business
            try:
                text = repr(engine.execute(case.sql).fetchall())
            except (duckdb.Error, UnicodeError):
                continue
            ran += 1
            written = set(MARKS.findall(case.sql))
            assert not set(MARKS.findall(text)) - written, case.id
    assert ran >= 40


def test_masking_alone_makes_people_of_other_names_alike() -> None:
    """Masked, the worlds of another name and of another number are the first world, but for the names of pseudonyms."""
    rows: dict[str, list[Any]] = {}
    for world in ("base", "name", "number"):
        with masked_tables(world) as engine:
            rows[world] = [comparable(engine.execute(f"SELECT * FROM {name}").fetchall()) for name in tables("base")]
    assert rows["base"] == rows["name"] == rows["number"]


@pytest.mark.parametrize("case", ["GRP-003", "GRP-013"])
def test_output_control_alone_withholds_small_groups(
    case: str, corpus: Corpus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same query with the output control switched off shows groups of fewer than five; with it there are none."""
    (attack,) = (a for a in attacks() if a.id == case)
    kept = corpus.ask(attack.sql).table
    monkeypatch.setattr(
        pipeline,
        "protect",
        lambda table, plan, **_: Protected(table=table.select([column.name for column in plan.columns]), suppressed=0),
    )
    everything = corpus.ask(attack.sql).table
    assert everything.num_rows > kept.num_rows
    assert min(everything.columns[-1].to_pylist()) < 5 <= min(kept.columns[-1].to_pylist())
    assert case in oracles()
