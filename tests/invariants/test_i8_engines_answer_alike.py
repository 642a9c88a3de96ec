"""I8: one bundle, one decision: the embedded engine and the OPA server answer alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied
from reference.akishima.demo import query_text
from sekisho.deployment import Deployment
from sekisho.settings import ENGINES, EngineName
from tests.city import ask, draft, sign

REQUESTS: list[dict[str, Any]] = [
    {},
    {"purpose": "stat", "sql": query_text("stat_by_grade")},
    {"purpose": None},
    {"purpose": "unknown"},
    {"hat": None},
    {"principal": None},
    {"principal": "vendor-a", "hat": "analyst"},
    {"principal": "auditor", "hat": "auditor"},
    {"recipient": "vendor-a"},
    {"approval": "AP-2023-0099"},
    {"sql": query_text("with_name")},
    {"sql": query_text("with_my_number")},
    {"sql": query_text("adult_row")},
    {"sql": query_text("not_on_list")},
]


def story(folder: Path, engine: EngineName) -> list[dict[str, Any]]:
    """The same drafts, signatures and queries, and every decision that they left in the ledger."""
    deployment = Deployment.load(folder)
    with deployment.broker(engine) as broker:
        sign(deployment, broker, draft(deployment, broker).id)
        for request in REQUESTS:
            try:
                ask(broker, deployment, **request)
            except Denied:
                continue
        return [dict(e.document) for e in broker.ledger.entries() if e.document["kind"] == "decision"]


def test_both_engines_leave_the_same_decisions(new_city: Path, tmp_path: Path, opa: Path) -> None:
    """Allow, controls, reasons, articles and obligations (by the digest of each order's scans) are the same."""
    assert opa.is_file()
    import shutil

    folders = {engine: Path(shutil.copytree(new_city, tmp_path / engine)) for engine in ENGINES}
    told = {engine: story(folder, engine) for engine, folder in folders.items()}
    embedded, server = told["embedded"], told["opa"]
    assert len(embedded) == len(server) > 15
    keys = ("action", "allow", "required", "granted_under", "deny", "articles", "policy_digest", "input_digest")
    for one, other in zip(embedded, server, strict=True):
        assert {key: one[key] for key in keys} == {key: other[key] for key in keys}
        assert one["final_sql_digest"] is None or other["final_sql_digest"] is not None
        assert one["engine"] != other["engine"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_same_rows_come_out(city_with_approval: Path, engine: EngineName, opa: Path) -> None:
    """Under either engine the approved query answers the same result, digest for digest."""
    assert opa.is_file()
    deployment = Deployment.load(city_with_approval)
    with deployment.broker("embedded") as broker:
        expected = ask(broker, deployment).result_digest
    with deployment.broker(engine) as broker:
        assert ask(broker, deployment).result_digest == expected
