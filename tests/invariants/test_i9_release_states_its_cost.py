"""I9: a number without its cost is no result: each release says how many cells left which department for it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from query_broker.release import Release
from reference.akishima.demo import query_text
from tests.city import ask
from tests.invariants.recording import recorded_broker


def test_a_release_cannot_be_made_without_its_cost() -> None:
    """The cells by department are a field of every release, without a default."""
    (field,) = [field for field in dataclasses.fields(Release) if field.name == "cells"]
    assert field.default is dataclasses.MISSING
    assert field.default_factory is dataclasses.MISSING


def test_the_cost_is_what_was_sent(city_with_approval: Path) -> None:
    """The stated cells are, department by department, the cells of the streams; the ledger says the same."""
    for request in ({}, {"purpose": "stat", "sql": query_text("stat_by_grade")}):
        with recorded_broker(city_with_approval) as (deployment, broker, departments):
            release = ask(broker, deployment, **request)
            sent = {
                name: sum(table.num_rows * table.num_columns for _, _, table in department.served)
                for name, department in departments.items()
                if department.served
            }
            entry = broker.ledger.entry(release.ledger_index).document
        assert dict(release.cells) == sent
        assert entry["cells"] == sent
        assert entry["rows"] == release.rows
        assert all(count > 0 for count in sent.values())
