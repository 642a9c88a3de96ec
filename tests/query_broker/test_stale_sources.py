"""Sources that are out of date: their holders are not asked, what rests on them is unknown, and all else is as ever."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from governance.decisions import Obligations
from query_broker.certify import NotCertified, certify
from query_broker.combine import Combiner
from query_broker.pipeline import explain, run
from query_broker.plan import FederatedPlan
from query_broker.rewrite import rewrite
from tests.query_broker.asking import DIGEST_KEY, obligations_for, read
from tests.query_broker.path_town import Council, Town, open_town, request
from tests.query_broker.world import AS_OF, CATALOGUE

CARE = "SELECT p.resident_id, p.age, k.level FROM town.person p LEFT JOIN care.cert k USING (resident_id)"
VISITS = (
    "WITH v AS (SELECT g.resident_id, sum(v.absent) AS absent, count(*) AS months FROM clinic.register g "
    "JOIN clinic.visit v ON v.patient = g.patient GROUP BY g.resident_id) "
    "SELECT p.resident_id, p.age, v.absent, v.months, k.level FROM town.person p LEFT JOIN v USING (resident_id) "
    "LEFT JOIN care.cert k ON k.resident_id = p.resident_id"
)
HOUSEHOLD = (
    "WITH h AS (SELECT m.household_id, max(k.level) AS level, bool_or(k.any_service) AS served FROM care.cert k "
    "JOIN town.member m USING (resident_id) WHERE NOT k.in_facility GROUP BY m.household_id) "
    "SELECT p.resident_id, p.age, coalesce(h.level, 0) AS level, h.served, h.level + p.age AS both "
    "FROM town.person p LEFT JOIN h ON h.household_id = p.household_id"
)
THERE = (
    "SELECT p.resident_id, p.age, EXISTS (SELECT 1 FROM care.cert k WHERE k.resident_id = p.resident_id) AS there "
    "FROM town.person p"
)

AMONG = "SELECT p.resident_id FROM town.person p WHERE p.resident_id IN (SELECT k.resident_id FROM care.cert k)"
COUNTED = (
    "SELECT p.resident_id, count(k.level) AS known, count(*) AS n FROM town.person p "
    "LEFT JOIN care.cert k ON k.resident_id = p.resident_id GROUP BY p.resident_id"
)


@pytest.mark.parametrize(
    ("sql", "deciding"),
    [
        (CARE, {"town.person"}),
        (VISITS, {"town.person"}),
        (HOUSEHOLD, {"town.person"}),
        (THERE, {"town.person"}),
        (CARE.replace("LEFT JOIN", "JOIN"), {"town.person", "care.cert"}),
        (CARE + " WHERE k.level >= 1", {"town.person", "care.cert"}),
        (CARE + " WHERE k.level IS NULL OR p.age > 3", {"town.person", "care.cert"}),
        (AMONG, {"town.person", "care.cert"}),
        (COUNTED, {"town.person"}),
        (
            COUNTED.replace("p.resident_id,", "p.age,").replace("BY p.resident_id", "BY p.age"),
            {"town.person", "care.cert"},
        ),
    ],
)
def test_facts_say_which_scans_decide_the_rows(sql: str, deciding: set[str]) -> None:
    """Joined on the left and read by columns alone, a scan decides no row; of groups every scan does."""
    _, facts = read(sql)
    assert {scan.dataset for scan in facts.scans if scan.decides_rows} == deciding


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    """One combiner for all: it starts a new process for each query."""
    with Combiner(threads=1) as combiner:
        yield combiner


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    """A town with its own ledger."""
    with open_town(tmp_path, combiner) as town:
        yield town


@pytest.mark.parametrize(
    ("sql", "stale", "unknown"),
    [
        (CARE, "care.cert", {"level"}),
        (VISITS, "clinic.visit", {"absent", "months"}),
        (VISITS, "clinic.register", {"absent", "months"}),
        (VISITS, "care.cert", {"level"}),
        (HOUSEHOLD, "care.cert", {"level", "served", "both"}),
        (HOUSEHOLD, "town.member", {"level", "served", "both"}),
        (THERE, "care.cert", {"there"}),
    ],
)
def test_all_else_is_as_if_it_were_fresh(town: Town, sql: str, stale: str, unknown: set[str]) -> None:
    """The same rows with the same values, but for the columns that rest on it: they are empty, also those of a
    count, of coalesce and of EXISTS. Nobody asks its holder for it; coverage, cost and ledger say so.
    """
    fresh = run(request(sql), town.parts)
    before = {name: len(holder.asked) for name, holder in town.holders.items()}
    parts = town.other(engine=Council(stale=frozenset({stale})))
    late = run(request(sql), parts)
    blank = [
        {name: None if name in unknown else value for name, value in row.items()} for row in fresh.table.to_pylist()
    ]
    key = "resident_id"
    assert sorted(late.table.to_pylist(), key=lambda row: row[key]) == sorted(blank, key=lambda row: row[key])
    assert late.table.schema.types == fresh.table.schema.types
    assert (set(late.unknown), set(late.stale)) == (unknown, {stale})
    assert late.known[stale] == 0
    assert late.known["town.person"] == late.rows == fresh.rows
    asked = {o.dataset for name, holder in town.holders.items() for o in holder.asked[before[name] :]}
    assert stale not in asked
    decision, release = town.entries()[-2:]
    assert release["stale"] == {stale: AS_OF.isoformat()}
    assert stale not in {scan["dataset"] for scan in decision["scans"].values()}


def test_what_is_only_reached_through_it_knows_nobody(town: Town) -> None:
    """A register that maps persons to another key is out of date: whatever lies behind it knew nobody, too."""
    parts = town.other(engine=Council(stale=frozenset({"clinic.register"})))
    assert run(request(VISITS), parts).known["clinic.visit"] == 0


def test_a_holder_that_is_asked_for_nothing_else_gives_no_cell(town: Town) -> None:
    """The cost is named, and it is zero."""
    parts = town.other(engine=Council(stale=frozenset({"care.cert"})))
    assert run(request(CARE), parts).cells["care"] == 0
    (bound,) = [cells for cells in explain(request(CARE), parts).cells if cells.scan.order.dataset == "care.cert"]
    assert (bound.scan.unknown, bound.cells_at_most) == (True, 0)


def _planned(sql: str, stale: str) -> tuple[Any, Any, Obligations, FederatedPlan]:
    parsed, facts = read(sql)
    obligations = obligations_for(facts)
    scans = {scan.id: replace(obligations.scans[scan.id], unknown=scan.dataset == stale) for scan in facts.scans}
    obligations = replace(obligations, scans=scans)
    return (
        parsed,
        facts,
        obligations,
        rewrite(parsed, facts=facts, obligations=obligations, catalogue=CATALOGUE, as_of=AS_OF),
    )


def _statement(parsed: Any, facts: Any, obligations: Obligations, plan: FederatedPlan) -> object:
    try:
        certify(
            plan, parsed=parsed, facts=facts, obligations=obligations, catalogue=CATALOGUE, as_of=AS_OF,
            digest_key=DIGEST_KEY,
        )  # fmt: skip
    except NotCertified as refused:
        return refused.params["statement"]
    return None


@pytest.mark.parametrize("sql", [CARE, HOUSEHOLD, VISITS, THERE])
def test_a_plan_that_keeps_the_obligation_is_certified(sql: str) -> None:
    """Read by another parser, the same columns rest on the stale scan."""
    assert _statement(*_planned(sql, "care.cert")) is None


def _asks_all_the_same(plan: FederatedPlan) -> FederatedPlan:
    return replace(plan, scans=tuple(replace(scan, unknown=False) for scan in plan.scans))


def _asks_for_nothing(plan: FederatedPlan) -> FederatedPlan:
    return replace(plan, scans=tuple(replace(scan, unknown=True) for scan in plan.scans))


def _shows_all_the_same(plan: FederatedPlan) -> FederatedPlan:
    return replace(plan, columns=tuple(replace(column, unknown=False) for column in plan.columns))


@pytest.mark.parametrize("spoil", [_asks_all_the_same, _asks_for_nothing, _shows_all_the_same])
@pytest.mark.parametrize("sql", [CARE, HOUSEHOLD, VISITS, THERE])
def test_a_plan_that_does_not_is_refused(sql: str, spoil: Any) -> None:
    """A stale scan that is asked, one that is fresh and is not, and a column that is shown though it rests on one."""
    parsed, facts, obligations, plan = _planned(sql, "care.cert")
    assert _statement(parsed, facts, obligations, spoil(plan)) == 9


@pytest.mark.parametrize(
    "sql", [CARE.replace("LEFT JOIN", "JOIN"), CARE + " WHERE k.level >= 1", CARE + " WHERE k.level IS NULL"]
)
def test_rows_never_rest_on_what_is_not_asked(sql: str) -> None:
    """Should the policy ever oblige to it, the certificate refuses: rows would be missing, or be there by mistake."""
    assert _statement(*_planned(sql, "care.cert")) == 9


def test_no_answer_about_groups_does_without_a_source() -> None:
    """A count over what is unknown would look like a count."""
    sql = (
        "SELECT p.age, count(k.level) AS n FROM town.person p LEFT JOIN care.cert k USING (resident_id) GROUP BY p.age"
    )
    parsed, facts = read(sql)
    obligations = obligations_for(facts, smallest_group=3)
    scans = {s.id: replace(obligations.scans[s.id], unknown=s.dataset == "care.cert") for s in facts.scans}
    obligations = replace(obligations, scans=scans)
    plan = rewrite(parsed, facts=facts, obligations=obligations, catalogue=CATALOGUE, as_of=AS_OF)
    assert _statement(parsed, facts, obligations, plan) == 9
