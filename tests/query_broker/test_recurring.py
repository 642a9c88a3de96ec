"""A year of a statistic that recurs, over a town in which people come and go every month (R17-3)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied
from query_broker.combine import Combiner
from query_broker.pipeline import run
from query_broker.release import Release
from tests.query_broker.path_town import Town, open_town, request

K = 4
BASE = 10
STATISTIC = "SELECT p.sex, count(*) AS n FROM town.person p GROUP BY p.sex"
MONTHS = [date(2023, month, 1) for month in range(4, 13)] + [date(2024, month, 1) for month in range(1, 4)]


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as started:
        yield started


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    with open_town(tmp_path, combiner) as opened:
        opened.council.smallest = K
        yield opened


def ask(town: Town, month: date, *, series: str | None, sql: str = STATISTIC) -> Release:
    """The statistic of a month, as the policy obliges: a run of a series is rounded."""

    def says(document: Mapping[str, Any]) -> dict[str, Any]:
        answer = town.council.allow(document)
        if series is not None:
            output = answer["obligations"]["output"]
            output["rounding"], output["compare"]["series"] = BASE, series
        return answer

    town.council.says = says
    return run(request(sql, as_of=month), town.parts)


def move(town: Town, everybody: list[dict[str, Any]], chance: random.Random) -> None:
    """One to three people go; people who had gone come back. The extract keeps its day, which is the worst case."""
    people = town.tables["town.person"]
    away = [row for row in everybody if row not in people]
    chance.shuffle(people)
    del people[: chance.randint(1, 3)]
    people += away[: chance.randint(0, 3)]


def groups(town: Town) -> dict[str | None, frozenset[str]]:
    """Who is in each group now."""
    people = town.tables["town.person"]
    return {sex: frozenset(r["resident_id"] for r in people if r["sex"] == sex) for sex in {r["sex"] for r in people}}


def shown(release: Release) -> dict[str | None, int]:
    """What a release says of each group."""
    return {row["sex"]: row["n"] for row in release.table.to_pylist()}


def test_twelve_months_of_a_moving_town_are_answered_and_tell_of_nobody(town: Town) -> None:
    """Every run is answered, rounded; what two runs leave open between them is never only a few persons, though it often
    was a few who moved.
    """
    chance, everybody = random.Random(3), list(town.tables["town.person"])
    seen: list[tuple[dict[str | None, int], dict[str | None, frozenset[str]]]] = []
    for month in MONTHS:
        release = ask(town, month, series="AP-2023-0001")
        assert release.repeats is None
        assert release.rounding == BASE
        assert all(number % BASE == 0 for number in shown(release).values())
        seen.append((shown(release), groups(town)))
        move(town, everybody, chance)
    few = 0
    for (before, then), (after, now) in combinations(seen, 2):
        for sex in before.keys() & after.keys():
            few += 0 < len(then[sex] ^ now[sex]) < K
            told = {
                one - other
                for one in range(after[sex] - BASE // 2, after[sex] + BASE // 2)
                for other in range(before[sex] - BASE // 2, before[sex] + BASE // 2)
            }
            assert not told <= set(range(1, K))
            assert not told <= set(range(1 - K, 0))
    assert few > 10


def test_exact_counts_of_a_moving_town_are_refused(town: Town) -> None:
    """The same months without a series: a month that differs from an earlier one by a few is refused."""
    chance, everybody, refused = random.Random(3), list(town.tables["town.person"]), 0
    for month in MONTHS:
        try:
            ask(town, month, series=None)
        except Denied:
            refused += 1
        move(town, everybody, chance)
    assert refused > 3


def test_a_run_is_compared_with_all_that_is_no_run_of_its_series(town: Town) -> None:
    """Rounding is agreed within one series; beside an exact answer, or another series, a run is an answer like others."""
    ask(town, MONTHS[0], series="AP-2023-0001")
    town.tables["town.person"].pop()
    for series in (None, "AP-2023-0002"):
        with pytest.raises(Denied):
            ask(town, MONTHS[1], series=series)
    assert ask(town, MONTHS[1], series="AP-2023-0001").rows > 0


def test_runs_with_other_values_are_compared(town: Town) -> None:
    """A series is rounded for what changes between its months. Values that whoever asks chooses would move the counts
    over every step, as often as they like: two runs with other values are answers like others.
    """

    def says(document: Mapping[str, Any]) -> dict[str, Any]:
        answer = town.council.allow(document)
        output = answer["obligations"]["output"]
        output["rounding"], output["compare"]["series"] = BASE, "AP-2023-0001"
        return answer

    town.council.says = says
    younger = "SELECT count(*) AS n FROM town.person p WHERE p.age <= $years"
    ages = sorted(row["age"] for row in town.tables["town.person"])
    least = next(age for age in ages if 0 < ages.count(age + 1) < K <= sum(each <= age for each in ages))
    run(request(younger, as_of=MONTHS[0], parameters={"years": least}), town.parts)
    with pytest.raises(Denied):
        run(request(younger, as_of=MONTHS[0], parameters={"years": least + 1}), town.parts)
    town.tables["town.person"].pop()
    assert run(request(younger, as_of=MONTHS[1], parameters={"years": least}), town.parts).repeats is None
