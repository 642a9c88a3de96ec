"""How much was read and how long it took is output, too: told in multiples, and at whole steps, where a purpose says so."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from governance.decisions import Report
from governance.errors import Denied, SekishoError
from query_broker.combine import Combiner
from query_broker.pace import Pace
from query_broker.pipeline import explain, run
from tests.query_broker.path_town import Town, deny, open_town, request

STATISTIC = "SELECT p.sex, count(*) AS n FROM town.person p GROUP BY p.sex"


@dataclass(slots=True)
class Clock:
    """A clock that goes on by a third of a second whenever it is looked at, and when somebody waits."""

    time: float = 100.0
    waited: list[float] = field(default_factory=list)

    def now(self) -> float:
        """The time."""
        self.time += 1 / 3
        return self.time

    def wait(self, seconds: float) -> None:
        """Let time go on."""
        self.waited.append(seconds)
        self.time += seconds


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as started:
        yield started


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner, clock: Clock) -> Iterator[Town]:
    with open_town(tmp_path, combiner) as opened:
        opened.parts = opened.other(pace=Pace(now=clock.now, wait=clock.wait))
        yield opened


def reporting(town: Town, report: dict[str, int | None] | None) -> None:
    """A policy of which the purpose says how exactly effort is told."""

    def says(document: Mapping[str, Any]) -> dict[str, Any]:
        answer = town.council.allow(document)
        if report is not None:
            answer["obligations"]["output"]["report"] = report
        return answer

    town.council.says = says


def lines(town: Town) -> list[dict[str, Any]]:
    """The log, as programs read it."""
    return [json.loads(line) for line in town.log.getvalue().splitlines()]


def test_cells_and_rows_are_told_in_multiples_and_kept_as_they_are(town: Town) -> None:
    """Whoever asks, and whoever reads the log, is told the next multiple; the ledger has the number."""
    reporting(town, {"rows": 100, "seconds": None})
    release = run(request(STATISTIC), town.parts)
    kept = town.entries()[-1]["cells"]
    assert kept["town"] % 100
    assert release.cells == {"town": -(-kept["town"] // 100) * 100}
    (line,) = [line for line in lines(town) if line["event"] == "query"]
    assert (line["cells"], line["rows"]) == (dict(release.cells), 100)


def test_an_explanation_tells_sizes_in_multiples(town: Town) -> None:
    """How many rows a holder has, from day to day, would tell who came."""
    exact = explain(request(STATISTIC), town.parts).cells[0].rows_at_most
    reporting(town, {"rows": 7, "seconds": None})
    told = explain(request(STATISTIC), town.parts).cells[0].rows_at_most
    assert exact == len(town.tables["town.person"])
    assert (told % 7, 0 <= told - exact < 7) == (0, True)


def test_one_person_more_is_not_told(town: Town) -> None:
    """Towns that differ by one person say the same of their effort."""
    reporting(town, {"rows": 1_000, "seconds": None})
    first = run(request(STATISTIC), town.parts)
    town.tables["town.person"].pop()
    second = run(request("SELECT count(*) AS n FROM town.person p WHERE p.age >= 11"), town.parts)
    assert set(first.cells.values()) | set(second.cells.values()) == {1_000}


@pytest.mark.parametrize("what", ["answer", "refusal"])
def test_what_comes_of_it_leaves_at_whole_steps(town: Town, clock: Clock, what: str) -> None:
    """An answer waits for the next step since it was asked, and so does a refusal after the decision."""
    reporting(town, {"rows": None, "seconds": 5})
    began = clock.time + 1 / 3
    if what == "answer":
        run(request(STATISTIC), town.parts)
    else:
        town.council.max_rows = 1
        with pytest.raises(SekishoError):
            run(request("SELECT p.resident_id, p.age FROM town.person p"), town.parts)
    (waited,) = clock.waited
    assert 0 < waited < 5
    assert round((clock.time - began) % 5, 6) in (0, 5)
    (line,) = [line for line in lines(town) if line["event"] == "query"]
    assert line["milliseconds"] % 5_000 == 0


def test_without_a_purpose_that_says_so_nothing_waits(town: Town, clock: Clock) -> None:
    """And numbers are told as they are; a deny of the policy was told before anything was read."""
    release = run(request(STATISTIC), town.parts)
    assert release.cells == town.entries()[-1]["cells"]
    town.council.says = lambda _: deny(("only-in-town", ""))
    with pytest.raises(Denied):
        run(request(STATISTIC), town.parts)
    assert clock.waited == []


def test_nothing_is_told_as_nothing() -> None:
    """No cell that left is no cell in any multiple."""
    assert [Report(rows=10, seconds=None).counted(number) for number in (0, 1, 10, 11)] == [0, 10, 10, 20]
    assert Report(rows=None, seconds=5).counted(11) == 11
