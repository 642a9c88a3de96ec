"""A second domain on the same core: residents who need help in a disaster (災害対策基本法49条の10から13まで).

Three holders, its own roles, purposes, articles, allow-list, ages and kinds of key, as data alone. What it answers is
compared with an oracle that reads the people directly and shares no code with the product.
"""

from __future__ import annotations

import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from governance.errors import BadInput, Denied
from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from query_broker.release import Release
from sekisho.actions import Asker
from sekisho.ask_request import AskRequest
from sekisho.broker import Broker
from sekisho.checks import check
from sekisho.deployment import Deployment
from sekisho.establish import establish
from tests.second_domain.people import BASE, WARDS, Resident, town, write_sources

HERE = Path(__file__).parent / "evacuation"
PEOPLE = town()
STAT = "SELECT l.ward, count(*) AS people FROM bosai.listed l GROUP BY l.ward"
LEVELS = ("要支援1", "要支援2", "要介護1", "要介護2", "要介護3", "要介護4", "要介護5")
SIGNERS = (("privacy", "review"), ("head-bosai", "consult"), ("head-kaigo", "consult"), ("head-shofuku", "consult"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The deployment with its sources, established a month before its clock."""
    target = Path(shutil.copytree(HERE, tmp_path_factory.mktemp("second") / "evacuation"))
    write_sources(target / "departments", PEOPLE)
    establish(target, now=datetime(2026, 5, 1, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo")))
    return target


@pytest.fixture(scope="module")
def deployment(folder: Path) -> Deployment:
    return Deployment.load(folder)


@pytest.fixture(scope="module")
def broker(deployment: Deployment) -> Iterator[Broker]:
    """The deployment's broker, with the guideline and the template approved by its own people."""
    with deployment.broker() as opened:
        with pytest.raises(Denied) as caught:
            _ask(deployment, opened, "planner", purpose="drill_stat", sql=STAT)
        assert {(c.control, c.article) for c in caught.value.citations} == {("guideline-approved", 24)}
        opened.guideline.approve(_asker(deployment, opened, "chief"))
        number = opened.approvals.request(_asker(deployment, opened, "planner"), template="evacuation-plan").id
        for account, step in SIGNERS:
            opened.approvals.sign(_asker(deployment, opened, account), approval=number, step=step)  # type: ignore[arg-type]
        with pytest.raises(Denied) as caught:
            opened.approvals.sign(_asker(deployment, opened, "crisis-head"), approval=number, step="decide")
        assert 24 in {c.article for c in caught.value.citations}
        opened.approvals.sign(_asker(deployment, opened, "chief"), approval=number, step="decide")
        yield opened


def _token(deployment: Deployment, account: str) -> str:
    return deployment.issuer.issue(deployment.principals[account], now=deployment.clock())


def _asker(deployment: Deployment, broker: Broker, account: str) -> Asker:
    return broker.asker(_token(deployment, account), hat=None)


def _ask(deployment: Deployment, broker: Broker, account: str, **request: Any) -> Release:
    return broker.ask(AskRequest(token=_token(deployment, account), hat=None, **request))


def _plan(deployment: Deployment, broker: Broker, ward: str) -> Release:
    return _ask(
        deployment, broker, "planner",
        purpose="evacuation_plan", approval=broker.approvals.store.all()[0].approval.id, parameters={"ward": ward},
    )  # fmt: skip


# --- the oracle -------------------------------------------------------------------------------------------------------


def _age(born: date, on: date) -> int:
    """Completed years, reached on the day before the birthday (年齢計算ニ関スル法律)."""
    day = on + timedelta(days=1)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _cohort() -> list[Resident]:
    return [p for p in PEOPLE if p.listed and p.state == "在住" and not p.hidden and _age(p.born, BASE) >= 65]


def _band(age: int) -> str:
    return "65-74" if age < 75 else "75-84" if age < 85 else "85+"


def _expected(ward: str) -> Counter[tuple[Any, ...]]:
    homes: dict[str, list[Resident]] = defaultdict(list)
    for person in PEOPLE:
        if person.state == "在住":
            homes[person.home].append(person)
    rows = []
    for person in _cohort():
        if person.ward != ward:
            continue
        helpers = [m for m in homes[person.home] if not m.listed and 18 <= _age(m.born, BASE) <= 74]
        rows.append(
            (
                _band(_age(person.born, BASE)),
                len(homes[person.home]) == 1,
                bool(helpers),
                LEVELS.index(person.care_level) if person.care_level else None,
                None if person.needs_power is None else person.needs_power == "要",
            )
        )
    return Counter(rows)


# --- answers ----------------------------------------------------------------------------------------------------------


def test_the_deployment_is_sound(folder: Path) -> None:
    """Guideline, catalogue, template, accounts and sources fit each other, with no file of the core changed for them."""
    assert [(r.part, r.errors) for r in check(folder) if not r.ok] == []


@pytest.mark.parametrize("ward", WARDS)
def test_the_plan_is_what_the_oracle_says(deployment: Deployment, broker: Broker, ward: str) -> None:
    """Household, bridge and attribute, person by person: no adult of the household is a row, nobody under 65, nobody
    who left, nobody under protection; and no number of anybody is the register's own.
    """
    release = _plan(deployment, broker, ward)
    rows = release.table.to_pylist()
    keys = [str(row.pop("resident_id")) for row in rows]
    assert Counter(tuple(row.values()) for row in rows) == _expected(ward)
    assert len(set(keys)) == len(keys)
    assert not set(keys) & {p.id for p in PEOPLE}
    assert set(release.cells) == {"bosai", "kaigo", "shofuku"}
    assert set(release.articles) <= {1, 2, 5, 9, 15, 16, 18, 21, 23, 24, 25}


def test_the_ages_are_counted_from_the_day_before_the_birthday() -> None:
    """The cases at the edge: 65 today and tomorrow's birthday are in, the birthday after that is not."""
    inside = {p.id for p in _cohort()}
    assert {"00000001", "00000002"} <= inside
    assert not {"00000003", "00000004", "00000005", "00000006", "00000007"} & inside


def test_the_statistic_is_what_the_oracle_says(deployment: Deployment, broker: Broker) -> None:
    """Numbers by ward, from the cohort alone; every group has at least five."""
    release = _ask(deployment, broker, "planner", purpose="drill_stat", sql=STAT)
    expected = Counter(p.ward for p in _cohort())
    assert min(expected.values()) >= 5
    assert {row["ward"]: row["people"] for row in release.table.to_pylist()} == dict(expected)


def test_small_groups_are_left_out(deployment: Deployment, broker: Broker) -> None:
    """Finer groups: what has fewer than five persons is not there, and what is there is right."""
    sql = "SELECT l.ward, l.lives_alone, count(*) AS people FROM bosai.listed l GROUP BY l.ward, l.lives_alone"
    release = _ask(deployment, broker, "planner", purpose="drill_stat", sql=sql)
    homes = Counter(p.home for p in PEOPLE if p.state == "在住")
    groups = Counter((p.ward, homes[p.home] == 1) for p in _cohort())
    small = {group for group, people in groups.items() if people < 5}
    shown = {(row["ward"], row["lives_alone"]): row["people"] for row in release.table.to_pylist()}
    assert small
    assert not small & set(shown)
    assert all(groups[group] == people for group, people in shown.items())
    assert release.smallest_group == 5


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account", "sql", "cited"),
    [
        ("planner", "SELECT l.name, count(*) AS n FROM bosai.listed l GROUP BY l.name", {("identifier-never-leaves", 15)}),
        ("planner", "SELECT d.number, count(*) AS n FROM bosai.listed l JOIN shofuku.handbook d USING (resident_id) GROUP BY d.number", {("my-number-prohibited", 21), ("purpose-allow-list", 9)}),
        ("planner", "SELECT i.income_step, count(*) AS n FROM bosai.listed l JOIN kaigo.insured i USING (resident_id) GROUP BY i.income_step", {("tax-origin-prohibited", 21)}),
        ("planner", "SELECT m.able, count(*) AS n FROM bosai.member m GROUP BY m.able", {("cohort-declared", 2), ("purpose-allow-list", 9)}),
        ("planner", "SELECT l.resident_id, l.ward FROM bosai.listed l", {("purpose-output-kind", 9), ("approval-route", 24)}),
        ("helper", STAT, {("action-matrix", 5)}),
        ("head-bosai", STAT, {("action-matrix", 5)}),
    ],
    ids=["a name", "an individual number", "a tax item", "helpers as persons", "rows without approval", "a helper asks", "a holder asks"],
)  # fmt: skip
def test_refusals_cite_its_own_articles(
    deployment: Deployment, broker: Broker, account: str, sql: str, cited: set[tuple[str, int]]
) -> None:
    """What must not be is refused under the articles of this domain, with its own sentences in both languages."""
    with pytest.raises(Denied) as caught:
        _ask(deployment, broker, account, purpose="drill_stat", sql=sql)
    assert cited <= {(c.control, c.article) for c in caught.value.citations}
    for citation in caught.value.citations:
        assert citation.text["ja"]
        assert citation.remedy["ja"]
        assert "こども" not in citation.text["ja"] + citation.remedy["ja"]


def test_old_data_are_refused(folder: Path, deployment: Deployment, broker: Broker, tmp_path: Path) -> None:
    """A register of more than a month ago gets nobody out: article 25."""
    copy = Path(shutil.copytree(folder, tmp_path / "evacuation"))
    extract = copy / "departments" / "bosai" / "extract.yaml"
    extract.write_text(extract.read_text(encoding="utf-8").replace("2026-05-25", "2026-04-20"), encoding="utf-8")
    stale = Deployment.load(copy)
    with stale.broker() as opened, pytest.raises(Denied) as caught:
        _ask(stale, opened, "planner", purpose="drill_stat", sql=STAT)
    assert ("sources-fresh", 25) in {(c.control, c.article) for c in caught.value.citations}


def test_an_unknown_ward_gives_no_rows_and_no_error(deployment: Deployment, broker: Broker) -> None:
    """Nobody there is an answer, and a name outside the catalogue is bad input."""
    assert _plan(deployment, broker, "山").rows == 0
    with pytest.raises(BadInput):
        _ask(deployment, broker, "planner", purpose="drill_stat", sql="SELECT count(*) AS n FROM shimin.child c")


# --- the guideline is its own -----------------------------------------------------------------------------------------


def _articles(guideline: Guideline) -> dict[str, int]:
    return {c: a.number for a in guideline.articles for r in a.rules if r.enforced_by == "rego" for c in r.controls}


def test_its_articles_carry_other_numbers_for_the_same_controls(root: Path, deployment: Deployment) -> None:
    """Both guidelines bind the same rules of the policy, each under its own article: no rule knows a number."""
    ours, reference = _articles(deployment.guideline), _articles(load_guideline(root / "guideline_docs"))
    shared = set(ours) & set(reference)
    assert len(shared) >= 30
    assert [control for control in sorted(shared) if ours[control] == reference[control]] == []


def test_it_shares_no_name_with_the_reference_city(root: Path, deployment: Deployment) -> None:
    """Roles, purposes, recipients and domains are its own: nothing of the first domain is in the way of the second."""
    reference = load_guideline(root / "guideline_docs").tables
    for table in ("action_matrix", "purposes", "recipients", "domains", "named_sets"):
        assert not set(deployment.guideline.tables[table]) & set(reference[table]), table


def test_a_rendered_refusal_differs_from_the_reference_citys(root: Path, deployment: Deployment) -> None:
    """The same reason is told with the number and the words of whoever's guideline it is."""
    from governance.decisions import DenyReason

    reason = DenyReason(control="target-age", on="s1", params={"dataset": "bosai.listed"})
    told: Callable[[Guideline], Any] = lambda g: g.cite(reason, catalogue=deployment.catalogue)  # noqa: E731
    here, there = told(deployment.guideline), told(load_guideline(root / "guideline_docs"))
    assert (here.article, there.article) == (2, 4)
    assert "65歳" in here.text["ja"]
    assert "65歳" not in there.text["ja"]
