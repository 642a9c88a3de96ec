"""The reference city with its resident register in a real PostgreSQL: the same answers, and an honest end without it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from governance.errors import Unavailable
from masking.keys import epochs_path
from sekisho.demo_postgresql import demo_server
from sekisho.demo_sources import move_to_postgresql
from sekisho.deployment import Deployment
from tests.city import ask, grant
from tests.e2e.commands import sekisho


def by_subject(table: pa.Table) -> dict[Any, dict[str, Any]]:
    """The rows of a release by their pseudonym."""
    return {row["resident_id"]: row for row in table.to_pylist()}


def test_the_register_in_postgresql_gives_the_same_release(
    city_with_approval: Path, pristine_city: Path, tmp_path: Path
) -> None:
    """Row for row and pseudonym for pseudonym; when the server is gone, nothing is released, whatever was read before."""
    before = Deployment.load(city_with_approval)
    with before.broker() as broker:
        from_file = ask(broker, before)
    new_city = Path(shutil.copytree(pristine_city, tmp_path / "moved"))  # with the same pseudonym master, and epochs
    of_epochs = epochs_path(Deployment.load(new_city).layout.master_key)
    shutil.copy(epochs_path(before.layout.master_key), of_epochs)
    with demo_server() as server:
        rows = move_to_postgresql(new_city, "shimin", server)
        assert rows >= 1_000
        assert not list((new_city / "departments" / "shimin").glob("*.sqlite"))
        grant(new_city)
        moved = Deployment.load(new_city)
        with moved.broker() as broker:
            from_server = ask(broker, moved)
        assert moved.catalogue.departments["shimin"].source_kind == "postgresql"
    assert by_subject(from_server.table) == by_subject(from_file.table)
    assert from_server.rows == from_file.rows > 0
    assert from_server.cells == from_file.cells
    with moved.broker() as broker, pytest.raises(Unavailable) as caught:
        ask(broker, moved)
    assert caught.value.code == "database-unreachable"


def test_the_role_of_a_department_is_printed_for_its_dba(new_city: Path) -> None:
    """SQL on standard output and nothing else there; a department without a PostgreSQL has none."""
    catalogue = new_city / "catalogue" / "shimin.yaml"
    text = catalogue.read_text(encoding="utf-8")
    refused = sekisho("--deployment", new_city, "agent", "role", "shimin", "--dbname", "residents")
    assert (refused.status, "agent-role-department" in refused.err) == (2, True)
    catalogue.write_text(
        text.replace("kind: sqlite, path: shimin/shimin.sqlite", "kind: postgresql, path: shimin/connection.yaml"),
        encoding="utf-8",
    )
    printed = sekisho("--deployment", new_city, "agent", "role", "shimin", "--dbname", "residents")
    assert printed.status == 0
    assert printed.out.startswith("-- Sekisho 関所: 市民課のデータベースに")
    assert 'GRANT SELECT ("resident_id", "household_id"' in printed.out
    assert "kojin_bango" not in printed.out
    for name in ("a\nDROP", "x; --"):
        bad = sekisho("--deployment", new_city, "agent", "role", "shimin", "--dbname", name)
        assert (bad.status, bad.out) == (2, "")


@pytest.mark.parametrize(("source", "code"), [("kaigo=postgresql", "demo-source-kind"), ("shimin=oracle", "usage")])
def test_a_department_that_cannot_be_moved_is_refused_before_anything_is_started(
    tmp_path: Path, source: str, code: str
) -> None:
    """The demo with a register in PostgreSQL is told in `test_opa_engine`; here it does not begin."""
    refused = sekisho("demo", "--dir", tmp_path / "other", "--population", "300", "--source", source)
    assert (refused.status, code in refused.err) == (2, True)
