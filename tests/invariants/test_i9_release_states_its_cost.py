"""I9: a number without its cost is no result: each release says how many cells left which department for it."""

from __future__ import annotations

import dataclasses
import io
import json
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from governance.errors import BadInput, Denied
from query_broker.release import Release
from reference.akishima.demo_refusals import query_text
from sekisho.query_documents import release_document
from tests.invariants.watching import Served, Watched

TWICE = (
    "SELECT c.grade, count(*) AS n FROM shimin.child c JOIN kyoiku.gakurei g USING (resident_id) "
    "JOIN kyoiku.gakurei h USING (resident_id) GROUP BY c.grade"
)
NOBODY = "SELECT c.grade, count(*) AS n FROM shimin.child c WHERE c.town_code = 'nowhere' GROUP BY c.grade"

QUESTIONS: dict[str, dict[str, Any]] = {
    "approved": {},
    "statistic": {"purpose": "stat", "sql": query_text("stat_by_grade")},
    "one table twice": {"purpose": "stat", "sql": TWICE},
    "nobody there": {"purpose": "stat", "sql": NOBODY},
}


def counted(scans: tuple[Served, ...]) -> dict[str, int]:
    """The cells of the streams by department, counted from their bytes."""
    cells: Counter[str] = Counter()
    for served in scans:
        table = pa.ipc.open_stream(served.sent).read_all()
        cells[served.department] += sum(len(column) for column in table.columns)
    return dict(cells)


def test_a_release_cannot_be_made_without_its_cost() -> None:
    """The cells by department are a field of every release, without a default."""
    (field,) = [field for field in dataclasses.fields(Release) if field.name == "cells"]
    assert field.default is dataclasses.MISSING
    assert field.default_factory is dataclasses.MISSING


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_the_stated_cost_is_what_was_sent(watched: Watched, log: io.StringIO, name: str) -> None:
    """The cells of the release are, department by department, the cells of the streams; the ledger's entry, the log and
    the document for programs say the same.
    """
    release, scans = watched.served_by(lambda: watched.ask(**QUESTIONS[name]))
    sent = counted(scans)
    assert dict(release.cells) == sent
    entry = watched.broker.ledger.entry(release.ledger_index).document
    assert (entry["kind"], entry["cells"], entry["decision"]) == ("release", sent, release.decision_index)
    assert (entry["rows"], entry["columns"]) == (release.rows, release.table.num_columns)
    assert release_document(release)["cells"] == sent
    (line,) = [json.loads(line) for line in log.getvalue().splitlines() if '"outcome": "released"' in line]
    assert (line["cells"], line["rows"]) == (sent, release.rows)
    # Every department that was sent to is named, also where it had nothing to send.
    decided = watched.broker.ledger.entry(release.decision_index).document["scans"]
    assert set(sent) == {scan["department"] for scan in decided.values()}


def test_what_is_sent_once_is_counted_once(watched: Watched) -> None:
    """A table that a query names twice in the same way leaves once, and costs once."""
    release, scans = watched.served_by(lambda: watched.ask(**QUESTIONS["one table twice"]))
    assert [served.order.dataset for served in scans] == ["shimin.child", "kyoiku.gakurei"]
    register = scans[1].table
    assert release.cells["kyoiku"] == register.num_rows * register.num_columns > 0
    decided = watched.broker.ledger.entry(release.decision_index).document["scans"]
    assert [scan["dataset"] for scan in decided.values()].count("kyoiku.gakurei") == 2


def test_an_answer_of_no_rows_has_its_cost(watched: Watched) -> None:
    """Nothing is found, and what was read to find nothing is stated all the same."""
    release, scans = watched.served_by(lambda: watched.ask(**QUESTIONS["nobody there"]))
    assert release.rows == 0
    assert dict(release.cells) == counted(scans)
    assert release.cells["shimin"] > 0


def test_a_refused_query_costs_nothing(watched: Watched) -> None:
    """Denied or not understood: no department sends a cell, and no entry states a cost."""
    size, served = watched.broker.ledger.size, len(watched.watch.served)
    for request, error in (({"sql": query_text("with_name")}, Denied), ({"sql": "SELECT 1"}, BadInput)):
        with pytest.raises(error):
            watched.ask(**request)
    assert len(watched.watch.served) == served
    assert all("cells" not in entry.document for entry in watched.broker.ledger.entries(size))


def test_the_bound_that_is_explained_is_kept(watched: Watched) -> None:
    """What an explanation gives as the most that could leave is not exceeded by the release."""
    bounds: Counter[str] = Counter()
    for cells in watched.broker.explain(watched.request()).cells:
        bounds[cells.scan.department] += cells.cells_at_most
    release = watched.ask()
    assert release.cells.keys() == bounds.keys()
    assert all(release.cells[name] <= bounds[name] for name in bounds)
