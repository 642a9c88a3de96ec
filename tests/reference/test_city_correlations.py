"""What goes together in the city, on 20,000 people: rates, what weighs on whom, and signs that rules can find and miss."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from governance.catalogue import Catalogue
from reference.akishima.city.days import BASE_DATE
from reference.akishima.generate import GeneratedCity, generate
from tests.reference.loading import load_city


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCity:
    """20,000 people with the default seed."""
    return generate(tmp_path_factory.mktemp("town"), population=20_000)


@pytest.fixture(scope="module")
def town_tables(town: GeneratedCity, catalogue: Catalogue) -> Iterator[duckdb.DuckDBPyConnection]:
    """All datasets of the town, and the hidden truth as ``truth``."""
    with load_city(town.departments, catalogue, as_of=BASE_DATE) as connection:
        connection.execute(
            "CREATE TABLE truth AS SELECT resident_id, young_carer = '1' AS carer, poverty = '1' AS poor, "
            "abuse = '1' AS abused, truancy = '1' AS away FROM read_csv(?, all_varchar = true)",
            [str(town.latent_truth)],
        )
        connection.execute(
            "CREATE VIEW aid AS SELECT *, aid_class IN ('要保護', '準要保護') AS granted FROM kyoiku.shuen "
            "WHERE fiscal_year = 2023"
        )
        connection.execute(
            "CREATE VIEW absence AS SELECT g.resident_id, g.fiscal_year, any_value(g.grade) AS grade, "
            "sum(a.absent) AS days, sum(a.absent) / sum(a.days_required) AS rate, sum(a.absent_sick) AS sick "
            "FROM kyoiku.gakurei g JOIN school.attendance a USING (pupil) GROUP BY ALL"
        )
        yield connection


def value(tables: duckdb.DuckDBPyConnection, sql: str) -> float:
    ((found,),) = tables.sql(sql).fetchall()
    return float(found)


@pytest.mark.parametrize(
    ("what", "sql", "low", "high"),
    [
        ("就学援助", "SELECT avg(granted::INTEGER) FROM aid", 0.12, 0.21),
        ("要保護", "SELECT avg((aid_class = '要保護')::INTEGER) FROM aid", 0.006, 0.03),
        (
            "生活保護, persons",
            "SELECT count(DISTINCT resident_id) / 20000 FROM seifuku.welfare WHERE aid_end IS NULL", 0.015, 0.029,
        ),
        (
            "minors among those on 生活保護",
            ("SELECT avg((birth_date > DATE '2005-10-01')::INTEGER) FROM seifuku.welfare "
            "JOIN shimin.resident USING (resident_id) WHERE aid_end IS NULL"), 0.05, 0.22,
        ),
        ("身体", "SELECT count(*) / 20000 FROM shofuku.handbook WHERE handbook_kind = '身体'", 0.022, 0.034),
        ("愛の手帳", "SELECT count(*) / 20000 FROM shofuku.handbook WHERE handbook_kind = '愛の手帳'", 0.006, 0.013),
        ("精神", "SELECT count(*) / 20000 FROM shofuku.handbook WHERE handbook_kind = '精神'", 0.009, 0.017),
        (
            "精神通院 of 18 to 64",
            ("SELECT count(DISTINCT resident_id) / (SELECT count(*) FROM shimin.resident WHERE status = '現存' "
            "AND birth_date BETWEEN DATE '1958-10-02' AND DATE '2005-10-01') "
            "FROM shofuku.service WHERE psych_outpatient"), 0.014, 0.027,
        ),
        ("young carers", "SELECT avg(carer::INTEGER) FROM truth", 0.018, 0.042),
        ("poverty", "SELECT avg(poor::INTEGER) FROM truth", 0.05, 0.13),
        ("maltreatment", "SELECT avg(abused::INTEGER) FROM truth", 0.01, 0.04),
        (
            "不登校 of 小学校",
            ("SELECT avg(away::INTEGER) FROM truth JOIN absence USING (resident_id) WHERE fiscal_year = 2023 "
            "AND grade LIKE '小%'"), 0.010, 0.036,
        ),
        (
            "不登校 of 中学校",
            ("SELECT avg(away::INTEGER) FROM truth JOIN absence USING (resident_id) WHERE fiscal_year = 2023 "
            "AND grade LIKE '中%'"), 0.045, 0.115,
        ),
        (
            "30 days of absence or more for any reason",
            "SELECT avg((days >= 30)::INTEGER) FROM absence WHERE fiscal_year = 2022", 0.03, 0.08,
        ),
        (
            "children notified as maltreated within a year",
            ("SELECT count(DISTINCT resident_id) / (SELECT count(*) FROM shimin.child WHERE status = '現存') "
            "FROM center.case WHERE main_type = '虐待' AND accepted_on > DATE '2022-10-01'"), 0.014, 0.034,
        ),
        (
            "registered with the regional council",
            ("SELECT count(DISTINCT resident_id) FILTER (WHERE youtaikyo <> 'なし') / "
            "(SELECT count(*) FROM shimin.child WHERE status = '現存') FROM center.case "
            "WHERE status NOT IN ('終結', '移管')"), 0.005, 0.02,
        ),
        (
            "pupils without any attendance, of 小1 to 中3",
            ("SELECT avg((a.resident_id IS NULL)::INTEGER) FROM shimin.child c "
            "LEFT JOIN (SELECT * FROM absence WHERE fiscal_year = 2023) a USING (resident_id) "
            "WHERE c.grade BETWEEN 1 AND 9 AND c.status = '現存'"), 0.05, 0.15,
        ),
        (
            "3歳児健診 missed",
            ("SELECT avg((chk_3y IN ('未受診', '未受診把握済'))::INTEGER) FROM kenko.mch "
            "WHERE chk_3y NOT IN ('対象前', '転入前')"), 0.015, 0.06,
        ),
        (
            "moved twice or more within three years",
            ("SELECT avg((moves >= 2)::INTEGER) FROM (SELECT count(*) FILTER (WHERE NOT corrected "
            "AND reason IN ('転入', '転居') AND changed_on > DATE '2020-10-01') AS moves FROM shimin.history "
            "GROUP BY resident_id)"), 0.015, 0.09,
        ),
        ("foreign residents", "SELECT avg((nationality <> '日本')::INTEGER) FROM shimin.resident", 0.018, 0.04),
    ],
)  # fmt: skip
def test_rates_of_the_departments(
    town_tables: duckdb.DuckDBPyConnection, what: str, sql: str, low: float, high: float
) -> None:
    """Rates of the finished files, within bounds that chance does not leave at this size."""
    assert low <= value(town_tables, sql) <= high, what


@pytest.mark.parametrize(
    ("what", "with_it", "without_it", "low", "high"),
    [
        (
            "one parent: 就学援助 (x4)",
            "SELECT avg(granted::INTEGER) FROM aid JOIN shimin.child USING (resident_id) WHERE parent_count = 1",
            "SELECT avg(granted::INTEGER) FROM aid JOIN shimin.child USING (resident_id) WHERE parent_count = 2",
            2.5, 6.0,
        ),
        (
            "就学援助: 不登校 (x1.8)",
            "SELECT avg(away::INTEGER) FROM truth JOIN aid USING (resident_id) WHERE granted",
            "SELECT avg(away::INTEGER) FROM truth JOIN aid USING (resident_id) WHERE NOT granted",
            1.1, 3.6,
        ),
        (
            "a parent with psychiatric outpatient care: young carers (x5)",
            ("SELECT avg(carer::INTEGER) FROM truth JOIN shimin.child USING (resident_id) WHERE household_id IN "
            "(SELECT household_id FROM shimin.household_member JOIN shofuku.service USING (resident_id) "
            "WHERE psych_outpatient AND kind = 'guardian')"),
            ("SELECT avg(carer::INTEGER) FROM truth JOIN shimin.child USING (resident_id) WHERE household_id NOT IN "
            "(SELECT household_id FROM shimin.household_member JOIN shofuku.service USING (resident_id) "
            "WHERE psych_outpatient AND kind = 'guardian')"),
            1.8, 12.0,
        ),
        (
            "moved in within a year: days of absence of those who come (x1.5)",
            ("SELECT avg(rate) FROM absence JOIN shimin.resident USING (resident_id) WHERE rate < 0.05 "
            "AND fiscal_year = 2023 AND became_resident_on > DATE '2022-04-01' AND move_reason = '転入'"),
            ("SELECT avg(rate) FROM absence JOIN shimin.resident USING (resident_id) WHERE rate < 0.05 "
            "AND fiscal_year = 2023 AND became_resident_on <= DATE '2022-04-01'"),
            1.05, 2.2,
        ),
        (
            "不登校 the year before: again (x9)",
            ("SELECT avg((b.rate >= 0.18)::INTEGER) FROM absence a JOIN absence b USING (resident_id) "
            "WHERE a.fiscal_year = 2022 AND b.fiscal_year = 2023 AND a.rate >= 0.18"),
            ("SELECT avg((b.rate >= 0.18)::INTEGER) FROM absence a JOIN absence b USING (resident_id) "
            "WHERE a.fiscal_year = 2022 AND b.fiscal_year = 2023 AND a.rate < 0.18"),
            4.0, 20.0,
        ),
        (
            "school fees unpaid: poverty",
            "SELECT avg(poor::INTEGER) FROM truth JOIN aid USING (resident_id) WHERE unpaid",
            "SELECT avg(poor::INTEGER) FROM truth JOIN aid USING (resident_id) WHERE NOT unpaid",
            4.0, 30.0,
        ),
    ],
)  # fmt: skip
def test_what_weighs_on_whom(
    town_tables: duckdb.DuckDBPyConnection, what: str, with_it: str, without_it: str, low: float, high: float
) -> None:
    """How many times as likely something is with a circumstance as without it."""
    assert low <= value(town_tables, with_it) / value(town_tables, without_it) <= high, what


def test_brothers_and_sisters_share_what_their_household_has(town_tables: duckdb.DuckDBPyConnection) -> None:
    """One decision about 就学援助 a household and year, one category of 児童扶養手当, one answer about arrears."""
    for sql in (
        (
            "SELECT household_id FROM aid JOIN shimin.resident USING (resident_id) GROUP BY ALL "
            "HAVING count(DISTINCT aid_class) > 1"
        ),
        (
            "SELECT household_id FROM kosodate.allowance JOIN shimin.resident ON resident_id = child_id GROUP BY ALL "
            "HAVING count(DISTINCT hitorioya_allowance) > 1"
        ),
        (
            "SELECT household_id FROM ikusei.care JOIN shimin.resident ON resident_id = child_id GROUP BY ALL "
            "HAVING count(DISTINCT arrears) > 1"
        ),
    ):
        assert town_tables.sql(sql).fetchall() == []


@pytest.mark.parametrize(
    ("state", "signs"),
    [
        ("carer", "SELECT resident_id FROM noticed WHERE care OR siblings OR homework >= 2"),
        ("poor", "SELECT resident_id FROM aid WHERE unpaid UNION SELECT resident_id FROM noticed WHERE fee"),
        ("abused", "SELECT resident_id FROM noticed WHERE refused OR injury OR appearance"),
        ("away", "SELECT resident_id FROM absence WHERE fiscal_year = 2023 AND rate >= 0.3"),
    ],
)
def test_signs_find_some_and_mistake_some(town_tables: duckdb.DuckDBPyConnection, state: str, signs: str) -> None:
    """A simple rule over the signs finds part of the children, and is wrong about part of those it finds."""
    town_tables.execute(
        "CREATE OR REPLACE VIEW noticed AS SELECT g.resident_id, bool_or(teacher_check_care) AS care, "
        "bool_or(teacher_check_siblings) AS siblings, count(*) FILTER (WHERE homework_flag) AS homework, "
        "bool_or(fee_delay) AS fee, bool_or(contact_refused) AS refused, bool_or(teacher_check_injury) AS injury, "
        "bool_or(teacher_check_appearance) AS appearance FROM kyoiku.gakurei g JOIN school.life USING (pupil) "
        "GROUP BY g.resident_id"
    )
    ((found, right, all_of_them),) = town_tables.sql(
        f"SELECT count(*) FILTER (WHERE hit), count(*) FILTER (WHERE hit AND {state}), count(*) FILTER (WHERE {state}) "
        f"FROM (SELECT *, resident_id IN ({signs}) AS hit FROM truth)"
    ).fetchall()
    assert 0.05 <= right / found <= 0.97
    assert 0.15 <= right / all_of_them <= 0.97


def test_most_maltreated_children_are_known_or_not_by_chance(town_tables: duckdb.DuckDBPyConnection) -> None:
    """The centre knows many of them and not all, and has had notices about others."""
    known = "SELECT resident_id FROM center.case WHERE main_type = '虐待' AND resident_id IS NOT NULL"
    rates = {
        abused: value(
            town_tables,
            f"SELECT avg((resident_id IN ({known}))::INTEGER) FROM truth WHERE abused = {abused}",
        )
        for abused in (True, False)
    }
    assert 0.4 <= rates[True] <= 0.95
    assert 0.01 <= rates[False] <= 0.15


def test_every_holder_has_nothing_constant(catalogue: Catalogue, town_tables: duckdb.DuckDBPyConnection) -> None:
    """No flag and no code list of any department says the same of everybody."""
    for name, dataset in catalogue.datasets.items():
        if dataset.derived:
            continue
        for column in dataset.columns.values():
            if column.type == "boolean" or column.codes:
                ((different,),) = town_tables.sql(f'SELECT count(DISTINCT "{column.name}") FROM {name}').fetchall()
                assert different > 1, (name, column.name)
