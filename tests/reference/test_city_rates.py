"""The generated city has the shape that was asked for: numbers, households, care, schools, and the rare cases."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from governance.errors import BadInput
from reference.akishima.city.adults import adult_households
from reference.akishima.city.draw import Draw
from reference.akishima.city.families import families
from reference.akishima.city.kinship import Home
from reference.akishima.city.pyramid import CITY_POPULATION, FIVE_YEAR_GROUPS, Pyramid
from reference.akishima.generate import LARGEST_POPULATION, GeneratedCity, generate


def share(tables: duckdb.DuckDBPyConnection, sql: str) -> float:
    ((value,),) = tables.sql(sql).fetchall()
    return float(value)


@pytest.fixture(scope="module")
def homes() -> list[Home]:
    """The households of a city of 20,000, before anybody has a name."""
    pyramid, dwellings = Pyramid(20_000), iter(range(1, 1_000_000))
    found = families(Draw(7, "families"), pyramid, dwellings)
    return found + adult_households(Draw(7, "adults"), pyramid, dwellings)


def test_population_is_exact(city: GeneratedCity, tables: duckdb.DuckDBPyConnection) -> None:
    """As many persons live in the city as were asked for; those who moved out or died come on top."""
    ((living, register),) = tables.sql(
        "SELECT count(*) FILTER (WHERE status = '現存'), count(*) FROM shimin.resident"
    ).fetchall()
    assert (living, register) == (city.residents, city.on_register) == (5_000, city.on_register)
    assert 80 <= register - living <= 200


def test_age_pyramid_is_the_city_s(tables: duckdb.DuckDBPyConnection) -> None:
    """Each five-year group has its share, to a rounding."""
    rows = tables.sql(
        "SELECT least(date_sub('year', birth_date, DATE '2023-10-01') // 5, 18), count(*) FROM shimin.resident "
        "WHERE status = '現存' AND birth_date IS NOT NULL GROUP BY 1"
    ).fetchall()
    for group, persons in rows:
        expected = FIVE_YEAR_GROUPS[group] * 5_000 / CITY_POPULATION
        assert persons == pytest.approx(expected, abs=8), group


def test_target_children_are_as_many_as_the_pyramid_says(city: GeneratedCity) -> None:
    """About one resident in ten is of the target age."""
    assert 0.095 <= city.target_children / city.residents <= 0.112


@pytest.mark.parametrize(
    ("size", "low", "high"), [(1, 0.36, 0.44), (2, 0.26, 0.34), (3, 0.12, 0.19), (4, 0.08, 0.14), (5, 0.025, 0.06)]
)
def test_household_sizes(homes: list[Home], size: int, low: float, high: float) -> None:
    """Shares of households of one, two, three, four, and five or more persons."""
    sizes = Counter(min(5, sum(m.status == "現存" for m in home.members)) for home in homes)
    assert low <= sizes[size] / len(homes) <= high


def test_families(homes: list[Home]) -> None:
    """Children per family, children with one parent, three generations, twins."""
    with_minors = [home for home in homes if any(m.age <= 17 for m in home.members)]
    counts = Counter(sum(m.age <= 17 for m in home.members) for home in with_minors)
    assert 0.40 <= counts[1] / len(with_minors) <= 0.54
    assert 0.33 <= counts[2] / len(with_minors) <= 0.46
    lone = {"single_parent", "three_generations_single", "elders_apart_single", "parent_apart"}
    minors = Counter(home.shape in lone for home in with_minors for m in home.members if m.age <= 17)
    assert 0.09 <= minors[True] / minors.total() <= 0.15
    generations = sum(home.shape.startswith("three_generations") for home in with_minors) / len(with_minors)
    assert 0.10 <= generations <= 0.18
    twins = sum(m.twin for home in with_minors for m in home.members)
    assert 0.003 <= twins / minors.total() <= 0.015


@pytest.mark.parametrize("population", [300, 1_000, 20_000])
def test_everybody_gets_a_household_and_no_minor_lives_alone_with_minors(population: int) -> None:
    """The pyramid is used up, heads come first, and a small city runs out of nothing that it needs."""
    pyramid, dwellings = Pyramid(population), iter(range(1, 1_000_000))
    found = families(Draw(3, "families"), pyramid, dwellings)
    assert pyramid.left(high=17) == 0
    found += adult_households(Draw(3, "adults"), pyramid, dwellings)
    assert pyramid.left() == 0
    assert sum(m.status == "現存" for home in found for m in home.members) == population
    for home in found:
        assert [m.relation for m in home.members].count("世帯主") == 1
        assert home.members[0].relation == "世帯主"


def test_siblings_are_born_apart_or_on_one_day(tables: duckdb.DuckDBPyConnection) -> None:
    """Minor children of one head are twins or at least ten months apart; parents are at least sixteen years older."""
    close = tables.sql(
        "SELECT count(*) FROM shimin.resident a JOIN shimin.resident b USING (household_id) "
        "WHERE a.relation = '子' AND b.relation = '子' AND b.birth_date > a.birth_date "
        "AND a.birth_date > DATE '2005-10-01' AND b.birth_date - a.birth_date < 240"
    ).fetchall()
    assert close == [(0,)]
    youngest_parent = share(
        tables,
        "SELECT min(p.age - c.age) FROM "
        "(SELECT household_id, min(date_diff('year', birth_date, DATE '2023-10-01')) AS age FROM shimin.resident "
        " WHERE relation = '世帯主' GROUP BY ALL) p "
        "JOIN (SELECT household_id, max(date_diff('year', birth_date, DATE '2023-10-01')) AS age "
        " FROM shimin.resident WHERE relation = '子' AND birth_date > DATE '2006-01-01' GROUP BY ALL) c "
        "USING (household_id)",
    )
    assert youngest_parent >= 15


@pytest.mark.parametrize(
    ("what", "sql", "low", "high"),
    [
        (
            "要介護認定 among those of 65 and over",
            ("SELECT count(k.resident_id) / count(*) FROM shimin.resident r LEFT JOIN kaigo.cert k USING (resident_id) "
            "WHERE r.status = '現存' AND r.birth_date <= DATE '1958-10-01'"),
            0.165, 0.225,
        ),
        (
            "要介護3 and over among the certified",
            "SELECT avg((care_level IN ('要介護3', '要介護4', '要介護5'))::INTEGER) FROM kaigo.cert", 0.22, 0.45,
        ),
        ("lives in a facility", "SELECT avg(in_facility::INTEGER) FROM kaigo.cert", 0.02, 0.12),
        ("whereabouts not recorded", "SELECT avg((NOT in_facility_known)::INTEGER) FROM kaigo.cert", 0.02, 0.12),
        ("uses no service", "SELECT avg((NOT any_service)::INTEGER) FROM kaigo.cert", 0.15, 0.35),
        (
            "households with a target child where somebody at home is certified",
            ("SELECT count(DISTINCT m.household_id) FILTER (WHERE k.resident_id IS NOT NULL) / "
            "count(DISTINCT m.household_id) FROM shimin.child c JOIN shimin.household_member m USING (household_id) "
            "LEFT JOIN kaigo.cert k ON k.resident_id = m.resident_id AND NOT k.in_facility "
            "WHERE c.grade BETWEEN 1 AND 12"),
            0.025, 0.08,
        ),
        (
            "支援措置", "SELECT avg((dv_support_flag = '1')::INTEGER) FROM shimin.resident", 0.0015, 0.0045,
        ),
        ("foreign residents", "SELECT avg((nationality <> '日本')::INTEGER) FROM shimin.resident", 0.010, 0.05),
        (
            "通称 among foreign residents",
            "SELECT avg((alias_name IS NOT NULL)::INTEGER) FROM shimin.resident WHERE nationality <> '日本'", 0.3, 0.7,
        ),
        (
            "pupils outside the city's schools",
            "SELECT avg((school_code IS NULL)::INTEGER) FROM kyoiku.gakurei", 0.03, 0.11,
        ),
        (
            "lateness not recorded, by pupil and month",
            "SELECT avg((late IS NULL)::INTEGER) FROM school.attendance", 0.3, 0.8,
        ),
        (
            "pupils absent on 30 days or more in a year",
            ("SELECT avg((days >= 30)::INTEGER) FROM (SELECT sum(absent) AS days FROM school.attendance "
            "WHERE fiscal_year = 2022 GROUP BY pupil)"),
            0.01, 0.08,
        ),
    ],
)  # fmt: skip
def test_rates(tables: duckdb.DuckDBPyConnection, what: str, sql: str, low: float, high: float) -> None:
    """Planted rates come out of the finished files, within what 5,000 people allow."""
    assert low <= share(tables, sql) <= high, what


@pytest.mark.parametrize(
    ("what", "sql"),
    [
        ("moved-out children", "SELECT * FROM shimin.child WHERE status = '転出' AND grade BETWEEN 1 AND 12"),
        (
            "a parent who has moved out",
            "SELECT * FROM shimin.resident WHERE status = '転出' AND relation IN ('夫', '妻')",
        ),
        ("grandchildren of the head", "SELECT * FROM shimin.resident WHERE relation = '子の子'"),
        ("stepchildren", "SELECT * FROM shimin.resident WHERE relation LIKE '%妻の子' OR relation LIKE '%夫の子'"),
        ("the wife's parents", "SELECT * FROM shimin.resident WHERE relation = '妻の母'"),
        ("children with grandparents only", "SELECT * FROM shimin.child WHERE hh_single_generation_skip"),
        ("parents that 続柄 leaves open", "SELECT * FROM shimin.child WHERE parent_count IS NULL AND grade > 0"),
        (
            "世帯分離 with a child",
            (
                "SELECT * FROM shimin.household_member a JOIN shimin.household_member b USING (dwelling_id) "
                "WHERE a.household_id <> b.household_id AND a.kind = 'minor' AND b.kind = 'elder'"
            ),
        ),
        (
            "twins",
            (
                "SELECT * FROM shimin.resident a JOIN shimin.resident b USING (household_id, birth_date) "
                "WHERE a.resident_id < b.resident_id AND a.birth_date > DATE '2005-04-01'"
            ),
        ),
        ("expired certificates", "SELECT * FROM kaigo.certificate WHERE valid_to < DATE '2023-10-01'"),
        ("certificates that begin later", "SELECT * FROM kaigo.certificate WHERE valid_from > DATE '2023-10-01'"),
        (
            "overlapping certificates",
            (
                "SELECT resident_id FROM kaigo.certificate WHERE DATE '2023-10-01' BETWEEN valid_from AND valid_to "
                "GROUP BY 1 HAVING count(*) > 1"
            ),
        ),
        (
            "in a facility though registered with the family",
            "SELECT * FROM kaigo.cert k JOIN shimin.household_member m USING (resident_id) WHERE k.in_facility",
        ),
        ("a grandchild recorded as the carer", "SELECT * FROM kaigo.certificate WHERE main_carer = '孫'"),
        (
            "moved away and still enrolled",
            (
                "SELECT * FROM kyoiku.gakurei g JOIN shimin.resident r USING (resident_id) "
                "WHERE r.status = '転出' AND g.fiscal_year = 2023 AND g.school_code IS NOT NULL"
            ),
        ),
        (
            "a mistyped student number",
            (
                "SELECT * FROM kyoiku.gakurei g WHERE g.pupil IS NOT NULL AND g.school_code IS NOT NULL "
                "AND NOT EXISTS (SELECT 1 FROM school.attendance a WHERE a.pupil = g.pupil)"
            ),
        ),
        (
            "one student number in several schools",
            "SELECT student_no FROM school.attendance GROUP BY 1 HAVING count(DISTINCT school_code) > 1",
        ),
        ("an unknown birthday", "SELECT * FROM shimin.resident WHERE birth_date IS NULL"),
    ],
)
def test_hard_cases_occur(tables: duckdb.DuckDBPyConnection, what: str, sql: str) -> None:
    """Each case that a rule can get wrong stands in the demonstration's data."""
    assert tables.sql(sql).fetchall(), what


def test_every_recording_habit_occurs(tables: duckdb.DuckDBPyConnection) -> None:
    """Some schools always fill in lateness, some never, some in part, and some only where it is not zero."""
    rows = tables.sql(
        "SELECT school_code, avg((late IS NOT NULL)::INTEGER), coalesce(min(late), -1) "
        "FROM school.attendance GROUP BY 1"
    ).fetchall()
    assert any(known == 1 for _, known, _ in rows)
    assert any(known == 0 for _, known, _ in rows)
    assert any(0 < known < 1 and least == 0 for _, known, least in rows)
    assert any(0 < known < 1 and least > 0 for _, known, least in rows)


def test_a_mistyped_number_is_never_another_pupil_s(tables: duckdb.DuckDBPyConnection) -> None:
    """学齢簿 and the schools' files, joined by the whole pupil key, never put one child's absence on another."""
    strangers = tables.sql(
        "SELECT count(*) FROM kyoiku.gakurei g JOIN school.roster s USING (pupil) WHERE g.birth_date <> s.birth_date"
    ).fetchall()
    assert strangers == [(0,)]


def test_joining_on_the_student_number_alone_would_merge_strangers(tables: duckdb.DuckDBPyConnection) -> None:
    """The trap that the composite key avoids is in the data."""
    ((strangers,),) = tables.sql(
        "SELECT count(*) FROM kyoiku.gakurei g JOIN school.attendance a "
        "ON a.student_no = g.student_no AND a.fiscal_year = g.fiscal_year "
        "JOIN school.roster s ON s.pupil = a.pupil WHERE g.birth_date <> s.birth_date"
    ).fetchall()
    assert strangers > 1_000


def test_young_carers_show_signs(city: GeneratedCity, tables: duckdb.DuckDBPyConnection) -> None:
    """The hidden state is rare and goes with absence and with care in the household, or rules would find nothing."""
    with city.latent_truth.open(encoding="utf-8", newline="") as file:
        truth = {row["resident_id"]: row["young_carer"] == "1" for row in csv.DictReader(file)}
    assert len(truth) == city.target_children
    assert sum(truth.values()) == city.young_carers
    assert 0.015 <= city.young_carers / city.target_children <= 0.05
    absent: dict[bool, list[int]] = {True: [], False: []}
    rows = tables.sql(
        "SELECT g.resident_id, sum(a.absent)::INTEGER FROM kyoiku.gakurei g JOIN school.attendance a USING (pupil) "
        "GROUP BY 1"
    ).fetchall()
    for child, days in rows:
        if child in truth:
            absent[truth[child]].append(days)
    medians = {state: sorted(days)[len(days) // 2] for state, days in absent.items()}
    assert medians[True] >= 2 * medians[False]
    with_care = {
        child
        for (child,) in tables.sql(
            "SELECT DISTINCT c.resident_id FROM shimin.child c JOIN shimin.household_member m USING (household_id) "
            "JOIN kaigo.cert k ON k.resident_id = m.resident_id"
        ).fetchall()
    }
    rate = {
        state: sum(child in with_care for child, carer in truth.items() if carer is state)
        / sum(carer is state for carer in truth.values())
        for state in (True, False)
    }
    assert rate[True] >= 3 * rate[False]


@pytest.mark.parametrize("population", [0, 299, LARGEST_POPULATION + 1])
def test_population_out_of_range_is_bad_input(tmp_path: Path, population: int) -> None:
    """Sizes that no city can be formed for are refused before anything is written."""
    with pytest.raises(BadInput) as caught:
        generate(tmp_path, population=population)
    assert caught.value.code == "population-out-of-range"
    assert "300" in caught.value.text("ja")
    assert list(tmp_path.iterdir()) == []
