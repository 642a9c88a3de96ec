"""A fixed generator of tracker pairs over a thousand persons isolates nobody.

For each person the generator knows everything that a query may compare, and asks for two populations that differ by as few
as it can: with and without the person, as a total and by group, by WHERE and by FILTER, around the person's own group. A
pair that the guard lets pass is looked at by an oracle that has the persons themselves: no number of one and number or
union of the other may leave one to k-1 between them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from governance.scans import ScanOrder
from masking.populations import Shape, sketch_populations
from query_broker.chosen import Chooser
from query_broker.differencing import Partition, partitions_of, populations_document, sketch_length, too_close
from query_broker.relational import ColumnRef
from tests.query_broker.asking import ask
from tests.query_broker.holders import answer
from tests.query_broker.world import tables

K = 5
KEY = b"a key for sketches in tests 32 b"
TOWN = tables(77, people=1_750)
PERSONS = TOWN["town.person"][:1_000]


def pair(person: dict[str, Any], chance: random.Random) -> tuple[str, str]:
    """Two questions that differ by as few as this person's values allow."""
    known = [(name, _literal(person[name])) for name in ("age", "sex", "birth") if person[name] is not None]
    chosen = known[: chance.choice((2, 3, 3))] if known else [("age", "7")]
    like = " AND ".join(
        f"p.{name} = {value}"
        if name != "birth"
        else f"p.birth >= {value} AND p.birth < {_literal(_next(person['birth']))}"
        for name, value in chosen
    )
    table = "FROM town.person p"
    pairs = (
        (f"SELECT count(*) AS n {table}", f"SELECT count(*) AS n {table} WHERE NOT ({like})"),
        (
            f"SELECT p.sex, count(*) AS n {table} GROUP BY p.sex",
            f"SELECT p.sex, count(*) AS n {table} WHERE NOT ({like}) GROUP BY p.sex",
        ),
        (
            f"SELECT p.age >= 12 AS older, count(*) AS n {table} GROUP BY 1",
            f"SELECT count(*) AS n, count(*) FILTER (WHERE NOT ({like})) AS others {table}",
        ),
    )
    return chance.choice(pairs)


def _next(day: date) -> date:
    """A day of the month after."""
    return day.replace(day=1) + timedelta(days=32)


def _literal(value: Any) -> str:
    if isinstance(value, int):
        return str(value)
    return f"'{value}'" if isinstance(value, str) else f"DATE '{value.replace(day=1).isoformat()}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What the guard sees of an answer, and what it does not: the persons and households of each released number."""

    partitions: tuple[Partition, ...]
    persons: tuple[tuple[frozenset[bytes], frozenset[bytes]], ...]


_SENT: dict[str, pa.Table] = {}


def _sent(order: ScanOrder) -> pa.Table:
    # Conditions are checked where scans are combined, so that there are few different orders.
    if repr(order) not in _SENT:
        _SENT[repr(order)] = answer(order, TOWN)
    return _SENT[repr(order)]


@cache
def _answer(sql: str) -> _Answer:
    asked = ask(sql, smallest_group=K)
    population = asked.plan.population
    assert population is not None
    with duckdb.connect(":memory:", config={"threads": "1"}) as engine:
        engine.execute("SET arrow_lossless_conversion=true")
        for scan in asked.plan.scans:
            engine.register(scan.id, _sent(scan.order))
        rows = engine.sql(population.sql).to_arrow_table()
    shape = Shape(
        groups=population.groups,
        units=len(population.units),
        measures=len(population.measures),
        smallest=K,
        length=sketch_length(K),
    )
    cohort = frozenset({"s1"})
    plain = frozenset(ColumnRef(source="s1", name=fact.column) for fact in asked.facts.scans[0].columns)
    chooser = Chooser(
        select=asked.parsed.select, cohort=cohort, plain=plain, parameters=asked.parsed.parameters, key=KEY
    )
    document = populations_document(
        sketch_populations(rows, shape, key=KEY),
        chooser.conditions(population.measures),
        question=sql,
        period="2023-10",
        extracts={},
        smallest=K,
        key_id="k",
    )
    found: dict[Any, tuple[set[bytes], set[bytes]]] = {}
    keys = [rows.column(f"g{n}").to_pylist() for n in range(population.groups)]
    flags = [rows.column(f"m{n}").to_pylist() for n in range(len(population.measures))]
    persons_of, homes_of = (rows.column(name).combine_chunks().storage.to_pylist() for name in ("u0", "u1"))
    for position, (person, home) in enumerate(zip(persons_of, homes_of, strict=True)):
        group = tuple(key[position] for key in keys)
        for place in ((group, "all"), *((group, n if flag[position] else ("not", n)) for n, flag in enumerate(flags))):
            persons, homes = found.setdefault(place, (set(), set()))
            persons.add(person)
            homes.update([home] if home is not None else [])
    released = {place: sets for place, sets in found.items() if min(map(len, sets)) >= K}
    # A measure that leaves out too few, or nobody, is blank (R17-2); so is what it leaves out.
    for group, what in list(released):
        if isinstance(what, int) and (group, ("not", what)) not in released:
            del released[group, what]
    return _Answer(
        partitions=partitions_of(document), persons=tuple((frozenset(p), frozenset(h)) for p, h in released.values())
    )


def _isolates(one: _Answer, other: _Answer) -> bool:
    """Whether some number of one and some of the other, or all of them, leave a few persons between them."""

    def sides(answer: _Answer) -> list[frozenset[bytes]]:
        everybody: frozenset[bytes] = frozenset().union(*(persons for persons, _ in answer.persons))
        return [*(persons for persons, _ in answer.persons), everybody]

    return any(0 < len(a ^ b) < K for a in sides(one) for b in sides(other))


@cache
def _judged(first: str, second: str) -> tuple[bool, bool]:
    """What the guard says of a pair, and what the oracle does."""
    one, other = _answer(first), _answer(second)
    return too_close(other.partitions, one.partitions, smallest=K), _isolates(one, other)


def test_no_tracker_pair_isolates_anybody() -> None:
    """Over a thousand persons, every pair that could tell about a few is refused; and the guard refuses not everything."""
    chance = random.Random(17)
    met = {"refused": 0, "passed": 0, "isolating": 0}
    for person in PERSONS:
        first, second = pair(person, chance)
        near, isolating = _judged(first, second)
        assert near or not isolating, (first, second)
        met["refused" if near else "passed"] += 1
        met["isolating"] += isolating
    assert len(PERSONS) == 1_000
    assert min(met.values()) > 100
