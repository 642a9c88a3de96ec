"""I1: a raw identifier leaves a department only where a decision granted that column raw for that purpose."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from governance.errors import SekishoError
from governance.forms import Form
from reference.akishima.demo import query_text
from tests.city import ask
from tests.invariants.recording import recorded_broker


def raw_identifiers(folder: Path) -> set[str]:
    """Every identifying value of the register: numbers, names, readings, addresses."""
    columns = ("resident_id", "household_id", "kojin_bango", "name_kanji", "name_kana", "address")
    with closing(sqlite3.connect(folder / "departments/shimin/shimin.sqlite")) as connection:
        present = {row[1] for row in connection.execute("PRAGMA table_info(resident)")}
        wanted = [name for name in columns if name in present]
        assert len(wanted) >= 5
        rows = connection.execute(f"SELECT {', '.join(wanted)} FROM resident").fetchall()
    return {str(value) for row in rows for value in row if value is not None and len(str(value)) >= 5}


def test_no_stream_and_no_release_holds_a_raw_identifier(city_with_approval: Path) -> None:
    """In everything that left a department for the approved query and a statistic no identifying value occurs."""
    raw = raw_identifiers(city_with_approval)
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        tables = [ask(broker, deployment).table]
        tables.append(ask(broker, deployment, purpose="stat", sql=query_text("stat_by_grade")).table)
        tables += [table for department in departments.values() for _, _, table in department.served]
    assert len(tables) >= 7
    for table in tables:
        values = {str(value) for column in table.columns for value in column.to_pylist()}
        assert not values & raw


def test_every_key_that_leaves_is_a_pseudonym(city_with_approval: Path) -> None:
    """Each key column of each order has the form pseudonym and arrives as UUID; no order asks for an identifier."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        ask(broker, deployment)
        orders = [(order, table) for d in departments.values() for order, _, table in d.served]
    keys = 0
    for order, table in orders:
        dataset = deployment.catalogue.dataset(order.dataset)
        for column in order.columns:
            declared = dataset.column(column.column)
            assert declared.column_class not in {"identifier", "free_text"}
            if declared.key is not None:
                keys += 1
                assert column.form.kind == "pseudonym"
                assert table.schema.field(column.column).type == pa.uuid()
    assert keys >= 7


@pytest.mark.parametrize("column", ["resident_id", "household_id"])
def test_a_department_refuses_an_order_for_more_than_was_decided(city_with_approval: Path, column: str) -> None:
    """With the evidence of the decision, the same order with a key in raw form is not the decided one and gets nothing."""
    with recorded_broker(city_with_approval) as (deployment, broker, departments):
        ask(broker, deployment)
        order, evidence, _ = departments["shimin"].served[0]
        raw = tuple(replace(c, form=Form(kind="raw"), type="TEXT") if c.column == column else c for c in order.columns)
        assert raw != order.columns
        with pytest.raises(SekishoError) as caught:
            departments["shimin"].real.scan(replace(order, columns=raw), evidence)
    assert caught.value.code == "scan-evidence-other-order"
