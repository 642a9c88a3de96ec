"""What criteria say of a person: unknown is never zero, one side alone lists nobody, an alert comes before everything."""

from __future__ import annotations

from copy import deepcopy
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import BadInput
from risk.groups import count_groups
from risk.judge import Judgement, judge
from risk.rule_set import RuleSet
from tests.risk import oracle
from tests.risk.samples import COLUMNS, DOCUMENT, answer, person, rules


@pytest.fixture(scope="module")
def criteria(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    """The small set."""
    return rules(tmp_path_factory.mktemp("rules"))


HALF = Fraction(1, 2)


def one(criteria: RuleSet, **values: Any) -> Judgement:
    """The judgement of one person."""
    (found,) = judge(criteria, answer(person(**values)), subject="who", little=HALF)
    return found


def test_need_and_sign_together_make_a_candidate(criteria: RuleSet) -> None:
    """Three points and four that have faded by half, capped at four, and two of context."""
    found = one(criteria, need=True, late=0, late_known=4, poor=True, age=4, helped=False, gone=False)
    assert found.hits == ("XX01", "XX03", "XX04")
    assert (found.score, found.band, found.queue) == (Fraction(6), "A", "candidate")
    assert found.coverage == 1


@pytest.mark.parametrize(
    ("values", "band"),
    [
        ({"need": True, "age": 1}, "C"),
        ({"poor": True, "need": False}, "none"),
        ({"late": 5, "late_known": 5, "poor": True}, "C"),
    ],
)
def test_one_side_alone_lists_nobody(criteria: RuleSet, values: dict[str, Any], band: str) -> None:
    """However many points: a family's need without a sign, hardship alone, a sign without a need."""
    found = one(criteria, **{"need": False, "late": 0, "late_known": 3, "poor": False, "age": 1, **values})
    assert (found.band, found.queue == "candidate") == (band, False)


def test_unknown_is_neither_met_nor_zero(criteria: RuleSet) -> None:
    """It gives no points and is named; with little known, "nothing" is not said."""
    found = one(criteria)
    assert found.hits == ()
    assert found.unknown == ("XX01", "XX02", "XX04")
    assert (found.score, found.coverage, found.queue) == (0, Fraction(2, 5), "little_data")
    known = one(criteria, need=False, late=0, late_known=1, poor=False, age=1, gone=False)
    assert (known.unknown, known.coverage, known.queue) == ((), 1, "none")


def test_a_record_without_an_age_counts_for_nobody_knows_what(criteria: RuleSet) -> None:
    """What fades by an age that is not known is unknown."""
    assert "XX04" in one(criteria, need=True, age=None).unknown
    assert "XX04" in one(criteria, need=False, age=None).unknown


@pytest.mark.parametrize(("age", "points"), [(0, 4), (2, 4), (3, 3), (4, 2), (5, 1), (6, 0), (9, 0)])
def test_points_fade_on_a_line(tmp_path: Path, age: int, points: int) -> None:
    """All up to the first mark, none from the second on."""
    document = deepcopy(DOCUMENT)
    document["factors"]["XX01"]["weight"] = 0
    assert one(rules(tmp_path, document), need=True, age=age).score == points


def test_an_alert_comes_before_help_that_is_in_place(criteria: RuleSet) -> None:
    """And help that is in place before a new look."""
    assert one(criteria, gone=True, helped=True).queue == "alert"
    assert one(criteria, need=True, age=1, late=5, late_known=5, helped=True).queue == "supported"


@pytest.mark.parametrize(
    ("code", "table"),
    [
        ("rules-types", answer(person()).set_column(1, "need", pa.array([3], pa.int64()))),
        ("rules-types", answer(person()).set_column(2, "late", pa.array(["many"]))),
        ("rules-column", answer(person()).drop_columns(["poor"])),
    ],
    ids=["a number for yes or no", "a text for a number", "a column that is not there"],
)
def test_criteria_that_do_not_fit_the_answer_judge_nobody(criteria: RuleSet, code: str, table: pa.Table) -> None:
    """The factor and its line are named, and no value."""
    with pytest.raises(BadInput) as caught:
        judge(criteria, table, subject="who", little=HALF)
    assert caught.value.code == code
    assert "many" not in caught.value.text("ja")


_maybe = st.none() | st.booleans()
_count = st.none() | st.integers(0, 6)


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "need": _maybe, "late": _count, "late_known": _count, "poor": _maybe, "age": _count, "helped": _maybe,
                "gone": _maybe,
            }
        ),
        min_size=1,
        max_size=12,
    )
)  # fmt: skip
def test_everybody_is_judged_as_a_plain_script_judges_them(people: list[dict[str, Any]]) -> None:
    """Whatever is known and unknown: the same score, band, queue and reasons, person by person."""
    rows = [person(number, **values) for number, values in enumerate(people)]
    found = {str(j.subject): j for j in judge(_RULES, answer(*rows), subject="who", little=HALF)}
    frame = pd.DataFrame(rows).set_index("who").convert_dtypes()
    for name in ("need", "poor", "helped", "gone"):
        frame[name] = frame[name].astype("boolean")
    for name in ("late", "late_known", "age"):
        frame[name] = frame[name].astype("Int64")
    for who, (score, band, queue, met, unknown) in oracle.judged(_FILE, frame).items():
        judgement = found[who]
        assert (judgement.score, judgement.band, judgement.queue) == (score, band, queue)
        assert (judgement.hits, len(judgement.unknown)) == (met, unknown)
    assert set(found) == {str(UUID(int=number)) for number in range(len(people))}
    assert set(frame.columns) == set(COLUMNS[1:])


_FOLDER = TemporaryDirectory(prefix="sekisho-rules-")
_RULES = rules(Path(_FOLDER.name))
_FILE = Path(_FOLDER.name) / "help.yaml"


def late(criteria: RuleSet, *unknown: str, **values: Any) -> Judgement:
    """The judgement of one person where the source of some columns was out of date."""
    blank = dict.fromkeys(unknown)
    table = answer(person(**{**values, **blank}))
    (found,) = judge(criteria, table, subject="who", little=HALF, unknown=frozenset(unknown))
    return found


def test_nothing_follows_from_a_source_that_is_out_of_date(criteria: RuleSet) -> None:
    """No record means *none* for hardship and for being gone; of an old source it means nothing, coverage says so."""
    values = {"need": True, "late": 5, "late_known": 5, "poor": True, "age": 1, "helped": False, "gone": True}
    assert late(criteria, **values).unknown == ()
    found = late(criteria, "poor", "gone", **values)
    assert set(found.unknown) == {"XX03", "XX05"}
    assert (found.queue, found.coverage) == ("candidate", Fraction(3, 5))
    assert "XX05" not in found.hits


def test_what_says_whether_something_is_known_may_be_out_of_date_alone(criteria: RuleSet) -> None:
    """What is met counts; that it is not met cannot be said."""
    values = {"need": False, "late_known": 5, "poor": False, "age": 1, "helped": False, "gone": False}
    assert "XX02" in late(criteria, "late_known", late=5, **values).hits
    assert "XX02" in late(criteria, "late_known", late=0, **values).unknown


def test_points_fade_by_an_age_that_is_known(criteria: RuleSet) -> None:
    """A record whose age comes from an old source counts for nothing and for no zero."""
    found = late(criteria, "age", need=True, late=0, late_known=1, poor=False, helped=False, gone=False)
    assert found.unknown == ("XX04",)


def test_help_that_cannot_be_seen_holds_nobody_back(criteria: RuleSet) -> None:
    """Somebody who may be supported already is looked at rather than left out."""
    values = {"need": True, "late": 5, "late_known": 5, "poor": True, "age": 1, "helped": True, "gone": False}
    assert late(criteria, **values).queue == "supported"
    assert late(criteria, "helped", **values).queue == "candidate"


def test_watched_groups_are_counted_for_every_purpose(tmp_path: Path) -> None:
    """Who belongs, who does not, and how many of each are listed; of whom that is unknown nobody is counted, and where an
    absent record says no, it is a no.
    """
    document = deepcopy(DOCUMENT)
    label = {"ja": "集まり", "en": "group"}
    document["watched"] = {
        "late": {"label": dict(label), "hit": "late >= 3", "known": "late IS NOT NULL"},
        "helped": {"label": dict(label), "hit": "helped"},
    }
    criteria = rules(tmp_path, document)
    listed = {"need": True, "age": 1, "poor": True}
    table = answer(
        person(1, late=5, late_known=5, **listed),
        person(2, late=5, late_known=5),
        person(3, late=0, late_known=5, gone=True),
        person(4),
        person(5, helped=True),
    )
    judged = {"help": judge(criteria, table, subject="who", little=HALF)}
    assert [each.queue for each in judged["help"]][:3] == ["candidate", "none", "alert"]
    counted = {"late": {"help": (2, 1, 1, 1)}, "helped": {"help": (1, 0, 4, 2)}}
    assert count_groups({"help": criteria}, {"help": table}, judged, unknown={"help": frozenset()}) == counted
    stale = count_groups({"help": criteria}, {"help": table}, judged, unknown={"help": frozenset({"late"})})
    assert stale == {"helped": counted["helped"]}
