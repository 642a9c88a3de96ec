"""The four feature templates on the whole city, down the real path: equal to the oracle child by child, and of use.

Ten departments in their own formats, ten holders' SQL, 別表2's forms, pseudonyms, the combining process; and on the other
side an oracle that reads the same files by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pytest

from governance.decisions import PseudonymSpace
from masking.keys import KeyRing
from query_broker.release import Release
from reference.akishima.city.days import BASE_DATE
from risk.candidates import Candidate, Outcome, Verdict
from risk.capacity import side_by_side
from risk.cycles import Answers as Judged
from risk.cycles import Customs, draw, turn
from risk.evaluation import Course, reports
from risk.groups import count_groups
from risk.judge import judge
from risk.load_rules import load_rules
from sekisho.deployment import Deployment
from sekisho.evaluations import limits_of
from sekisho.layout import Layout
from tests.city import approve, ask
from tests.reference.factors import load_factors
from tests.reference.oracle_features import feature_answers
from tests.risk.oracle import judged

PURPOSES = {
    "yc-features": "young_carer",
    "pv-features": "poverty",
    "ab-features": "abuse",
    "tr-features": "truancy",
}
KEYS = ("resident_id", "household_id")
WIDEST = "yc-features"
"""The template that looks beyond the household, at everybody of the dwelling."""

SPACE = PseudonymSpace(domain="center-screening", epoch="2023")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What was released, and what the oracle says, both by pseudonym; and the same for staff cleared for 支援措置."""

    deployment: Deployment
    releases: Mapping[str, Release]
    oracle: Mapping[str, pd.DataFrame]
    cleared: Release
    cleared_oracle: pd.DataFrame


@pytest.fixture(scope="module")
def answers(whole_city: Path) -> Answers:
    """Each template approved and asked once over all 114,447 people."""
    deployment = Deployment.load(whole_city)
    layout = Layout(whole_city)
    with deployment.broker() as broker:
        approvals = {name: approve(deployment, broker, name) for name in PURPOSES}
        releases = {
            name: ask(broker, deployment, purpose=purpose, approval=approvals[name])
            for name, purpose in PURPOSES.items()
        }
        cleared = ask(broker, deployment, "center2", purpose=PURPOSES[WIDEST], approval=approvals[WIDEST])
    oracle = feature_answers(layout.departments, BASE_DATE)
    names = _pseudonyms(deployment, "resident", oracle.frames[WIDEST].index)
    homes = _pseudonyms(deployment, "household", {h for f in oracle.frames.values() for h in f["household_id"]})
    return Answers(
        deployment=deployment,
        releases=releases,
        oracle={name: _named(frame, names, homes) for name, frame in oracle.seen(cleared=False).items()},
        cleared=cleared,
        cleared_oracle=_named(oracle.seen(cleared=True)[WIDEST], names, homes),
    )


def _pseudonyms(deployment: Deployment, kind: str, numbers: Iterable[str]) -> Mapping[str, str]:
    known = sorted(numbers)
    made = KeyRing.load(deployment.layout.master_key).pseudonyms(
        pa.array(known, pa.string()), kind=deployment.catalogue.kinds[kind], space=SPACE
    )
    return dict(zip(known, (str(pseudonym) for pseudonym in made.to_pylist()), strict=True))


def _named(frame: pd.DataFrame, names: Mapping[str, str], homes: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(household_id=frame["household_id"].map(homes)).rename(index=names).sort_index()


def frame_of(release: Release) -> pd.DataFrame:
    columns = {
        name: [str(value) if name in KEYS else value for value in release.table.column(name).to_pylist()]
        for name in release.table.column_names
    }
    return pd.DataFrame(columns, dtype=object).set_index("resident_id").sort_index()


@pytest.mark.parametrize("name", PURPOSES)
def test_a_template_equals_the_oracle_child_by_child(answers: Answers, name: str) -> None:
    """Every child of the city, every column, unknown where it is unknown."""
    found, expected = frame_of(answers.releases[name]), answers.oracle[name]
    assert len(expected) > 11_000
    assert_same(found, expected)


def test_cleared_staff_see_protected_children_with_their_own_household_alone(answers: Answers) -> None:
    """第13条: for who is cleared, the protected children are there, and nothing of another household of the dwelling."""
    found = frame_of(answers.cleared)
    assert len(found) > answers.releases[WIDEST].rows
    assert_same(found, answers.cleared_oracle)


def assert_same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    assert list(found.index) == list(expected.index)
    assert set(found.columns) == set(expected.columns)
    for column in found.columns:
        differing = [
            (answered, computed)
            for answered, computed in zip(found[column], expected[column], strict=True)
            if not same(answered, computed)
        ]
        assert differing == [], f"{column}: {len(differing)} children, such as {differing[:3]}"


def same(answered: Any, computed: Any) -> bool:
    if answered is None or pd.isna(answered) or pd.isna(computed):
        return (answered is None or bool(pd.isna(answered))) and bool(pd.isna(computed))
    return (type(answered) is type(computed) and answered == computed) or answered == computed


@pytest.mark.parametrize("name", PURPOSES)
def test_no_feature_is_the_same_for_the_whole_city(answers: Answers, name: str) -> None:
    """A column that tells no child from another has no place in a template."""
    table = answers.releases[name].table
    constant = [column for column in table.column_names if len(set(table.column(column).to_pylist())) < 2]
    assert constant == []


@pytest.mark.parametrize("name", PURPOSES)
def test_each_factor_is_met_by_some_and_known_not_to_be_by_others(answers: Answers, akishima: Path, name: str) -> None:
    """Over the released columns every factor that is not struck finds children, and clears others."""
    features = answers.releases[name].table
    _, factors = load_factors(akishima)[PURPOSES[name]]
    with duckdb.connect() as connection:
        connection.register("features", features)
        for factor in factors:
            if factor.hit is not None:
                states = connection.sql(f"SELECT DISTINCT {factor.state()} FROM features").fetchall()
                assert {True, False} <= {state for (state,) in states}, factor.id


@pytest.mark.parametrize("name", PURPOSES)
def test_coverage_says_what_was_known_of_whom(answers: Answers, name: str) -> None:
    """Where a missing row means none, everybody is covered; of schools and health records only who is on record."""
    release = answers.releases[name]
    catalogue = answers.deployment.catalogue
    assert release.known["shimin.child"] == release.rows
    for dataset, known in release.known.items():
        if catalogue.dataset(dataset).absent_row == "none":
            assert known == release.rows, dataset
        else:
            assert 0.2 * release.rows < known < 0.95 * release.rows, dataset
    assert "school.signs" in release.known


def test_records_of_the_schools_cover_exactly_who_has_some(answers: Answers) -> None:
    """The share for attendance is that of the children with a month on record, by the oracle's count."""
    expected = answers.oracle["tr-features"]
    on_record = expected["months_recorded"].notna() | expected["months_last_year"].notna()
    assert answers.releases["tr-features"].known["school.month"] == int(on_record.sum())


def test_every_holder_is_asked_and_only_for_what_a_type_may_see(answers: Answers) -> None:
    """Over the four types all ten departments send something; nobody is asked for a type that is not theirs."""
    cells = {name: set(release.cells) for name, release in answers.releases.items()}
    assert set().union(*cells.values()) == set(answers.deployment.catalogue.departments)
    assert all(count > 0 for release in answers.releases.values() for count in release.cells.values())
    assert "seifuku" not in cells["yc-features"] | cells["tr-features"]
    assert "kaigo" not in cells["pv-features"] | cells["ab-features"] | cells["tr-features"]
    assert cells["tr-features"] == {"shimin", "kyoiku", "school", "center"}


def test_one_child_has_one_pseudonym_in_all_four(answers: Answers) -> None:
    """The types share a space, so that a child stands once in the work list."""
    persons = [set(release.table.column("resident_id").to_pylist()) for release in answers.releases.values()]
    assert all(found == persons[0] for found in persons)
    assert len({release.key_id for release in answers.releases.values()}) == 1


def test_everybody_is_judged_as_a_script_without_governance_judges_them(answers: Answers, root: Path) -> None:
    """By the criteria of all four types, over the whole city: the released answers judged, and the oracle's rows, give the
    same score, band, queue and reasons child by child. Every type has candidates, and people enough who are none.
    """
    folder = root / "reference" / "akishima" / "rules"
    for purpose, rules in load_rules(folder, answers.deployment.templates).items():
        found = judge(rules, answers.releases[rules.template].table, subject="resident_id", little=Fraction(1, 2))
        expected = judged(folder / f"{purpose}.yaml", answers.oracle[rules.template])
        assert {str(j.subject): (j.score, j.band, j.queue, j.hits, len(j.unknown)) for j in found} == expected
        listed = sum(j.queue == "candidate" for j in found)
        assert 0 < listed < len(found) / 10, purpose


def test_the_evaluation_computes_what_it_says(answers: Answers, root: Path) -> None:
    """With the city's hidden truth in the place of what people find: precision within the capacity, how often each factor is
    right, how many are missed, and how often watched groups are listed are those that a plain recount gives. The criteria
    find far more than chance, as the sample shows.
    """
    deployment = answers.deployment
    rules = load_rules(root / "reference" / "akishima" / "rules", deployment.templates)
    tables = {purpose: answers.releases[each.template].table for purpose, each in rules.items()}
    found = {
        purpose: judge(each, tables[purpose], subject="resident_id", little=Fraction(1, 2))
        for purpose, each in rules.items()
    }
    persons = side_by_side(found)
    made = turn(
        (),
        Judged(
            cycle="C2023-10-1", purposes=tuple(rules), key_id="0a1b2c3d", cleared=False, persons=persons, earlier=()
        ),
        room=300,
        customs=Customs(carried_take_places=True, expires_after=2, rests_for=6),
        new_numbers=lambda count: [f"WL-2023-{n:06d}" for n in range(count)],
        sample=draw(persons, count=300, seed=b"s" * 32),
    )
    truth = _truth(deployment)
    courses = [
        Course(candidate=_assessed(step.candidate, truth), listed=BASE_DATE, contacted=None)
        for step in made.steps
        if step.candidate.place in ("chosen", "sample")
    ]
    limits = limits_of(deployment.guideline.parameters(BASE_DATE))
    (_, whole) = reports(courses, ["C2023-10-1"], limits=limits)

    people = pd.DataFrame(
        {
            "place": [each.candidate.place for each in courses],
            "true": [truth[str(each.candidate.subject)] for each in courses],
            "hits": [[(p, hit) for p, f in each.candidate.found.items() for hit in f.hits] for each in courses],
        }
    )
    by_place = people.groupby("place")["true"].mean()
    assert whole.shares["precision"].value is not None
    assert float(whole.shares["precision"].value) == pytest.approx(by_place["chosen"])
    assert whole.shares["missed"].of == 300
    assert whole.shares["missed"].high is not None
    assert by_place["sample"] < whole.shares["missed"].high < whole.shares["precision"].low
    factors = people[people["place"] == "chosen"].explode("hits").groupby("hits")["true"].agg(["mean", "count"])
    told = {(f.purpose, f.factor): f.precision for f in whole.factors}
    assert set(told) == set(factors.index)
    assert sum(precision.value is not None for precision in told.values()) > 10
    for factor, precision in told.items():
        if precision.value is not None:
            assert float(precision.value) == pytest.approx(factors.loc[[factor], "mean"].iloc[0])
            assert precision.of == factors.loc[[factor], "count"].iloc[0]

    groups = count_groups(rules, tables, found, unknown=dict.fromkeys(rules, frozenset()))
    poor = answers.oracle["pv-features"]["on_aid"].fillna(False).astype(bool)
    listed = {str(each.subject) for each in found["truancy"] if each.queue in ("candidate", "alert")}
    among = poor.index.isin(list(listed))
    members, hit, others, others_hit = groups["on_aid"]["truancy"]
    assert (members, hit) == (int(poor.sum()), int((poor & among).sum()))
    assert (others, others_hit) == (int((~poor).sum()), int((~poor & among).sum()))


def _truth(deployment: Deployment) -> Mapping[str, bool]:
    """Pseudonym → whether any of the four is true of the child."""
    frame = pd.read_csv(deployment.layout.folder / "latent_truth.csv", dtype=str, encoding="utf-8-sig").set_index(
        "resident_id"
    )
    kinds = ["young_carer", "poverty", "abuse", "truancy"]
    true = (frame[kinds] == "1").any(axis=1)
    names = _pseudonyms(deployment, "resident", true.index)
    return {names[number]: bool(value) for number, value in true.items()}


def _assessed(candidate: Candidate, truth: Mapping[str, bool]) -> Candidate:
    """As if people had found the truth."""
    verdict: Verdict = "support" if truth[str(candidate.subject)] else "no_support"
    outcome = Outcome(verdict=verdict, reason="r", wish=None, wish_missing=None, by="center", at="")
    return replace(candidate, state="closed", ending="assessed", outcome=outcome)
