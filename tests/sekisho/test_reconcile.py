"""An approval in the store that the ledger does not know is found, and one that differs from its entries, too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit.ledger import Ledger
from sekisho.approval_store import ApprovalStore
from sekisho.deployment import Deployment
from sekisho.reconcile import reconcile


def _found(city: Path) -> list[tuple[str, str]]:
    deployment = Deployment.load(city)
    with Ledger.open(deployment.layout.ledger, pinned=deployment.ledger_vkey) as ledger:
        found = reconcile(ApprovalStore.open(deployment.layout.store), ledger)
    return [(each.approval, each.field) for each in found]


def _forge(city: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the document of the one approval, as somebody with a text editor for SQLite would."""
    with closing(sqlite3.connect(Deployment.load(city).layout.store)) as connection:
        (text,) = connection.execute("SELECT document FROM approval").fetchone()
        document = json.loads(text)
        change(document)
        connection.execute("UPDATE approval SET document = ?", (json.dumps(document),))
        connection.commit()


def test_a_store_that_nobody_touched_is_as_the_ledger_says(city_with_approval: Path) -> None:
    """Drafted, reviewed, consulted and decided: nothing to report."""
    assert _found(city_with_approval) == []


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("state", lambda d: d.update(state="revoked")),
        ("purpose", lambda d: d.update(purpose="stat")),
        ("sql_digest", lambda d: d.update(sql_digest="0" * 64)),
        ("guideline_version", lambda d: d.update(guideline_version="2.0-0123456789ab")),
        ("requester", lambda d: d.update(requester="center2")),
        ("signatures", lambda d: d["reviewers"].pop()),
        ("signatures", lambda d: d["approver"].update(id="center")),
    ],
)
def test_a_changed_approval_is_found(
    city_with_approval: Path, field: str, change: Callable[[dict[str, Any]], object]
) -> None:
    """Whatever the ledger says of it, the store has to say, too."""
    _forge(city_with_approval, change)
    assert _found(city_with_approval) == [("AP-2023-0001", field)]


def test_a_forged_approval_is_found(city_with_approval: Path) -> None:
    """A copy under another number was never drafted."""
    with closing(sqlite3.connect(Deployment.load(city_with_approval).layout.store)) as connection:
        connection.execute(
            "INSERT INTO approval SELECT 'AP-2023-0099', fiscal_year, 99, version, "
            "replace(document, 'AP-2023-0001', 'AP-2023-0099') FROM approval"
        )
        connection.commit()
    assert _found(city_with_approval) == [("AP-2023-0099", "missing")]


def test_an_approval_that_is_gone_is_found(city_with_approval: Path) -> None:
    """What the ledger knows has to be in the store."""
    with closing(sqlite3.connect(Deployment.load(city_with_approval).layout.store)) as connection:
        connection.execute("DELETE FROM change")
        connection.execute("DELETE FROM approval")
        connection.commit()
    assert _found(city_with_approval) == [("AP-2023-0001", "missing")]
