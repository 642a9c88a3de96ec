"""No mistake of the rewriter passes the certificate.

Each mutant of its source (`rewriter_mutants`) rewrites a set of queries. Where it makes the plan of the real one, or no
plan at all, it does nobody harm; every other plan has to be refused.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from governance.conditions import CompoundCondition, FieldCondition
from governance.errors import BadInput
from query_broker.certify import NotCertified
from query_broker.plan import FederatedPlan
from query_broker.protect import protect
from query_broker.rewrite import rewrite
from tests.query_broker.asking import Asked, ask, certified, obligations_for, read
from tests.query_broker.holders import answer, scans_of
from tests.query_broker.rewriter_mutants import MODULES, Mutant, derived, written
from tests.query_broker.world import AS_OF, CATALOGUE, tables

ROOT = Path(__file__).resolve().parents[2]

_OBLIGED = {
    "filters": {
        "town.person": FieldCondition(operator="ge", field="age", value=3),
        "care.cert": CompoundCondition(operator="and", value=()),
    },
    "exclude": {"town.person": ("protected",), "care.cert": ("suspended", "protected")},
}
ROWS = (
    """WITH care AS (SELECT m.household_id, max(k.level) AS care_max, bool_or(k.any_service) AS served
                     FROM care.cert k JOIN town.member m USING (resident_id) WHERE NOT k.in_facility GROUP BY m.household_id)
       SELECT c.resident_id, c.age, c.sex, care.care_max, care.served FROM town.person c LEFT JOIN care USING (household_id)
              JOIN town.member o ON o.resident_id = c.resident_id AND o.kind <> 'elder'
       WHERE c.sex = 'f' AND NOT c.moved AND (c.age < 12 OR c.birth >= DATE '2012-04-01') AND 3 <= c.age AND c.age <= 16 ORDER BY 2 DESC, sex""",
    """SELECT c.resident_id, v.often, v.known FROM town.person c LEFT JOIN (
              SELECT r.resident_id, count(*) FILTER (WHERE v.late + v.early >= 3) AS often, count(v.late + v.early) AS known,
                     sum(v.absent) AS absent
              FROM clinic.register r JOIN clinic.visit v USING (patient) WHERE v.absent IN (0, 1, -2) GROUP BY r.resident_id) v
              USING (resident_id) WHERE v.known > 1""",
    """SELECT c.resident_id, (c.age - 6) * 2 + c.age // 3 AS a, coalesce(k.level, 0) AS level, abs(c.age - 12) AS apart,
              CASE WHEN c.age < 12 THEN 'small' WHEN c.age < 15 THEN 'middle' ELSE 'big' END AS size,
              CASE WHEN c.age > 9 THEN -1 END AS few, c.sex IN ('f', 'x') AS b, k.level IS NULL AS none, NOT c.sex = 'm' AS other,
              c.birth >= DATE '2010-04-01' AS young
       FROM town.person c LEFT JOIN care.cert k ON k.resident_id = c.resident_id AND k.level >= 1 AND c.sex = 'm'
       WHERE k.level = 1 OR c.age > 6 AND k.level IS NULL""",
    """SELECT c.resident_id, EXISTS (SELECT 1 FROM town.member m WHERE m.household_id = c.household_id AND m.kind = 'elder') AS e
       FROM town.person c WHERE c.resident_id IN (SELECT k.resident_id FROM care.cert k WHERE k.level >= $years)
              AND NOT EXISTS (SELECT 1 FROM town.member n WHERE n.household_id = c.household_id AND n.kind = $word)
              AND c.age + 1 > $years AND c.age >= 2""",
    """SELECT a.resident_id, a.kind, b.kind AS other FROM town.person c JOIN town.member a USING (resident_id)
              JOIN town.member b ON b.resident_id = c.resident_id AND b.kind IN ('minor', 'adult')
       WHERE a.kind = 'adult' OR b.kind = 'minor'""",
    "SELECT c.resident_id, k.level FROM town.person c LEFT JOIN care.cert k USING (resident_id) WHERE k.level = 1",
)
GROUPS = (
    """SELECT c.sex, c.age >= 12 AS older, count(*) AS people, count(*) FILTER (WHERE c.age > 9 AND NOT c.sex = 'x') AS some
       FROM town.person c WHERE c.age BETWEEN 1 AND 19 GROUP BY 1, 2 ORDER BY 2, 1 DESC""",
    "SELECT c.sex, count(*) AS people, sum(CASE WHEN c.age >= 15 THEN 1 ELSE 0 END) AS older FROM town.person c GROUP BY c.sex",
    """SELECT c.sex, avg(k.level) AS mean, sum(k.level) AS levels FROM town.person c LEFT JOIN care.cert k USING (resident_id)
       GROUP BY c.sex""",
    """SELECT c.sex, count(*) AS people, sum(h.members) AS members FROM town.person c
              JOIN (SELECT household_id, count(*) AS members FROM town.member WHERE kind = 'adult' GROUP BY household_id) h
              USING (household_id) GROUP BY c.sex""",
    """SELECT count(DISTINCT c.resident_id) AS people FROM town.person c
              JOIN care.cert k ON k.resident_id = c.resident_id AND NOT k.in_facility""",
)
TOWNS = tuple(tables(seed, people=60) for seed in (7, 8))
BEYOND = "SELECT c.resident_id, k.in_facility FROM town.person c JOIN care.cert k USING (resident_id)"
"""Refused by the rewriter: what may only filter would leave."""
VALUES = {"years": 1, "word": "elder"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What became of a mutant's plans, by the position of the query."""

    harmless: int
    refused: int
    passed: tuple[int, ...]


@pytest.fixture(scope="module")
def asked() -> tuple[Asked, ...]:
    """The queries, with their true plans, which are certified."""
    found = [
        *(ask(sql, VALUES if "$" in sql else None, **_OBLIGED) for sql in ROWS),
        *(ask(sql, smallest_group=3, rounding=5, **_OBLIGED) for sql in GROUPS),
    ]
    for each in found:
        certified(each)
    parsed, facts = read(BEYOND)
    beyond = Asked(parsed=parsed, facts=facts, obligations=obligations_for(facts), plan=found[0].plan)
    with pytest.raises(BadInput, match="filter-only-column"):
        rewrite(parsed, facts=facts, obligations=beyond.obligations, catalogue=CATALOGUE, as_of=AS_OF)
    return (*found, beyond)


def _run(mutant: Mutant, asked: tuple[Asked, ...]) -> _Run:
    try:
        mutated = mutant.rewrite()
    except Exception:  # noqa: BLE001 - a mutant that does not load makes no plan
        return _Run(harmless=len(asked), refused=0, passed=())
    harmless, refused, passed = 0, 0, []
    for position, each in enumerate(asked):
        try:
            plan = mutated(
                each.parsed, facts=each.facts, obligations=each.obligations, catalogue=CATALOGUE, as_of=AS_OF
            )
        except Exception:  # noqa: BLE001 - a mutant that breaks off makes no plan
            harmless += 1
            continue
        if plan is None or plan == each.plan:
            harmless += 1
            continue
        try:
            certified(each, plan)
        except NotCertified:
            refused += 1
        except Exception:  # noqa: BLE001 - no certificate, no query
            refused += 1
        else:
            if _effects(plan) == _true_effects(each.plan):
                harmless += 1
            else:
                passed.append(position)
    return _Run(harmless=harmless, refused=refused, passed=tuple(passed))


_KNOWN: dict[int, list[object]] = {}


def _true_effects(plan: FederatedPlan) -> list[object]:
    if id(plan) not in _KNOWN:
        _KNOWN[id(plan)] = _effects(plan)
    return _KNOWN[id(plan)]


def _effects(plan: FederatedPlan) -> list[object]:
    """What a plan does to a few towns, by an oracle that knows nothing of the certificate: what leaves, what comes out."""
    effects: list[object] = []
    for town in TOWNS:
        for scan in plan.scans:
            sent = answer(scan.order, town)
            effects.append((scan.id, scan.department, scan.order.dataset, sent.schema, sent.to_pylist()))
        with duckdb.connect(":memory:", config={"threads": "1"}) as engine:
            for name, table in scans_of(plan, town).items():
                engine.register(name, table)
            combined = engine.sql(plan.sql, params=dict(plan.parameters)).to_arrow_table()
        effects.append(protect(combined, plan).table.to_pylist())
    return effects


@pytest.mark.parametrize("mutant", [pytest.param(m, id=m.name) for m in written()])
def test_a_mistake_that_people_make_is_refused(mutant: Mutant, asked: tuple[Asked, ...]) -> None:
    """Each of them changes some plan, and every plan that it changes is refused."""
    outcome = _run(mutant, asked)
    assert outcome.passed == ()
    assert outcome.refused > 0


def test_no_derived_mutant_passes(asked: tuple[Asked, ...]) -> None:
    """One mutant for each place of the rewriter and each way to spoil it: hundreds, of which none gets a plan certified
    that sends anything else or answers anything else than the real one's.
    """
    met: Counter[str] = Counter()
    for mutant in derived():
        outcome = _run(mutant, asked)
        assert outcome.passed == (), mutant.name
        met["refused" if outcome.refused else "harmless"] += 1
    assert met["refused"] > 150
    assert met.total() > 350


def test_the_checker_shares_no_code_with_the_rewriter() -> None:
    """What the certificate imports of this room, at whatever distance, is vocabulary and reading, and nothing that
    rewrites.
    """
    reached, ahead = set(), ["query_broker.certify"]
    while ahead:
        name = ahead.pop()
        if name not in reached:
            reached.add(name)
            tree = ast.parse((ROOT / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ImportFrom) and node.module is not None:
                    modules = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
                    ahead += [m for m in modules if m.startswith("query_broker.") and _is_module(m)]
    assert not reached & {f"query_broker.{module}" for module in MODULES}
    assert {"query_broker.read_back", "query_broker.same_query", "query_broker.contributors"} <= reached


def _is_module(name: str) -> bool:
    return (ROOT / f"{name.replace('.', '/')}.py").is_file()
