"""Before a template that recurs is approved, its months are simulated and its rounding is settled."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from sekisho.recurrence import counted_cohort, refused_exact, rounded_tells, settle_series, simulate
from sekisho.template_facts import template_facts
from tests.city import approve, ask, asker, draft

LAID_DOWN: dict[str, Any] = {
    "months": 12,
    "arrivals_per_thousand": 60,
    "departures_per_thousand": 60,
    "roundings": [2, 10, 20],
}
PARAMETERS = {"k_internal": 5, "k_public": 10, "recurring": LAID_DOWN}
FRONT = """/* ---
id: st-grades
title: {ja: 学年ごとの人数, en: Children by grade}
purpose: stat
recurs: month
--- */
"""
STATISTIC = "SELECT c.grade, count(*) AS children FROM shimin.child c GROUP BY c.grade"


@pytest.fixture
def opened(new_city: Path) -> Iterator[tuple[Deployment, Broker]]:
    (new_city / "templates" / "st-grades.sql").write_text(FRONT + STATISTIC + "\n", encoding="utf-8")
    sums = (
        FRONT.replace("st-grades", "st-siblings")
        + "SELECT c.grade, sum(c.n_siblings) AS n FROM shimin.child c GROUP BY 1\n"
    )
    (new_city / "templates" / "st-siblings.sql").write_text(sums, encoding="utf-8")
    several = (
        FRONT.replace("st-grades", "st-handbooks") + "SELECT c.grade, count(*) AS n FROM shimin.child c "
        "JOIN shofuku.handbook_valid h ON h.resident_id = c.resident_id GROUP BY c.grade\n"
    )
    (new_city / "templates" / "st-handbooks.sql").write_text(several, encoding="utf-8")
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        yield deployment, broker


@pytest.mark.parametrize("persons", [60, 900, 9_000, 114_447])
def test_the_smallest_rounding_that_tells_of_nobody_is_settled(persons: int) -> None:
    """With it no two simulated months leave only a few open; with the next smaller one of the guideline some do."""
    series = settle_series(persons=persons, interval="month", parameters=PARAMETERS)
    assert (series.interval, series.runs, series.rounding) == ("month", 12, 10)
    assert 0 < series.refused_exact < 12
    months = simulate(persons=persons, smallest=10, number=12, arrivals=60, departures=60)
    assert rounded_tells(months, base=2, smallest=10)
    assert not rounded_tells(months, base=10, smallest=10)
    assert series == settle_series(persons=persons, interval="month", parameters=PARAMETERS)


def test_a_simulated_town_has_its_size_and_moves_as_laid_down() -> None:
    """As many persons as the cohort at first; about as many come and go in a year as the guideline says."""
    months = simulate(persons=20_000, smallest=10, number=12, arrivals=50, departures=100)
    first, last = months.present(0), months.present(11)
    assert first.sum() == 20_000
    assert 850 < (months.comes > 0).sum() < 1_150
    assert 0.08 < (first & ~last).sum() / 20_000 < 0.10
    assert months.counts(first)[:-1].min() >= 10


def test_where_nobody_moves_nothing_is_refused() -> None:
    """A frozen population tells nothing from month to month."""
    months = simulate(persons=500, smallest=10, number=12, arrivals=0, departures=0)
    assert refused_exact(months, smallest=10) == 0
    assert not rounded_tells(months, base=2, smallest=10)


def test_a_guideline_without_a_rounding_that_suffices_is_told(opened: tuple[Deployment, Broker]) -> None:
    """And one that lays nothing down."""
    for below in (2, 9):
        with pytest.raises(BadInput) as found:
            settle_series(
                persons=900, interval="month", parameters=PARAMETERS | {"recurring": LAID_DOWN | {"roundings": [below]}}
            )
    assert (found.value.code, found.value.params) == ("template-recurs-rounding", {"least": 10})
    with pytest.raises(BadInput) as found:
        settle_series(persons=900, interval="month", parameters={"k_internal": 5, "k_public": 10})
    assert found.value.code == "template-recurs-not-laid-down"


def test_what_is_settled_stands_in_the_approval_its_sheet_and_the_plan(opened: tuple[Deployment, Broker]) -> None:
    """The stewards and the decider approve it with the text; every run is planned with it, and says so."""
    deployment, broker = opened
    number = approve(deployment, broker, "st-grades", decider=("center-head", "center_head"))
    approval = broker.approvals.store.get(number).approval
    assert approval.series is not None
    assert approval.series.rounding == 10
    assert approval.to_json()["series"] == {"interval": "month", "rounding": 10}
    sheet = broker.approvals.sheet(asker(deployment, broker, "privacy", "reviewer"), approval=number)
    assert "10の倍数に丸めて" in dict(sheet.fields)["定期の集計"]
    release = ask(broker, deployment, purpose="stat", approval=number)
    assert release.rounding == 10
    assert release.rows > 3
    assert all(row["children"] % 10 == 0 for row in release.table.to_pylist())
    entry = broker.ledger.entry(release.ledger_index).document
    assert broker.ledger.sidecar(entry["populations"])["series"] == number


def test_sums_do_not_recur(opened: tuple[Deployment, Broker]) -> None:
    """Rounding hides a few in counts and not in sums; the draft is refused, and says what would do."""
    deployment, broker = opened
    with pytest.raises(BadInput) as found:
        draft(deployment, broker, template="st-siblings")
    assert (found.value.code, found.value.params) == ("template-recurs-counts", {"template": "st-siblings"})


def test_rows_of_which_a_person_may_have_several_do_not_recur(opened: tuple[Deployment, Broker]) -> None:
    """One person's rows could move a rounded count over many of its steps: only persons are counted, a row each."""
    deployment, _ = opened
    facts = template_facts(
        deployment.templates["st-handbooks"],
        catalogue=deployment.catalogue,
        digest_key=deployment.digest_key,
        as_of=deployment.clock().date(),
    )
    with pytest.raises(BadInput) as found:
        counted_cohort(facts, catalogue=deployment.catalogue, template="st-handbooks")
    wanted = {"template": "st-handbooks", "dataset": "shofuku.handbook_valid"}
    assert (found.value.code, found.value.params) == ("template-recurs-rows", wanted)
