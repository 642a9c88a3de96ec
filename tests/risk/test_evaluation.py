"""Of what use the criteria are: the figures are those that people's outcomes give, and nobody can be read from them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risk.candidates import Candidate, Found, Outcome
from risk.evaluation import Course, Limits, Report, Share, report, reports, share, watched, wilson

LIMITS = Limits(least=10, smallest=5, compared=30, highest=Fraction(2), lowest=Fraction(1, 2))
HIDDEN = Share(of=None, value=None, low=None, high=None)


def course(number: int, verdict: Any = None, *, cycle: str = "C2023-10-1", **more: Any) -> Course:
    """A candidate within the capacity, listed on the first day of October, with what people found."""
    hits, supported, contacted = more.pop("hits", ("XX01",)), more.pop("supported", False), more.pop("contacted", None)
    outcome = (
        Outcome(verdict=verdict, reason="r", wish=None, wish_missing=None, by="center", at="") if verdict else None
    )
    found = Found(
        queue="candidate", band="B", points=Fraction(5), coverage=Fraction(number % 2 + 1, 2), hits=hits, unknown=(),
        supported=supported,
    )  # fmt: skip
    candidate = Candidate(
        number=f"WL-2023-{number:06d}", subject=UUID(int=number), key_id="0a1b2c3d", household=None, first_cycle=cycle,
        last_cycle=cycle, found={"one": found}, protected=False, outcome=outcome,
        **{"place": "chosen", "chosen_in": cycle, **more},
    )  # fmt: skip
    return Course(candidate=candidate, listed=date(2023, 10, 1), contacted=contacted)


def many(*verdicts: tuple[Any, int], **more: Any) -> list[Course]:
    """So many of each verdict."""
    start = more.pop("start", 1)
    every = [verdict for verdict, count in verdicts for _ in range(count)]
    return [course(number, verdict, **more) for number, verdict in enumerate(every, start=start)]


@pytest.mark.parametrize(
    ("some", "of", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 30, 0.0, 0.1135),
        (30, 30, 0.8865, 1.0),
        (15, 30, 0.3315, 0.6685),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_intervals_are_wilsons(some: int, of: int, low: float, high: float) -> None:
    """Against published values of the score interval, at the ends and in the middle."""
    assert wilson(some, of) == pytest.approx((low, high), abs=5e-5)


def test_a_report_says_what_people_found() -> None:
    """Of thirty within the capacity: twelve positive of twenty-four that count; the others beside them."""
    found = report(
        many(("support", 7), ("watch", 5), ("no_support", 6), ("supported_already", 6), ("insufficient", 3),
             ("wrong_person", 3), (None, 10)),
        limits=LIMITS,
    )  # fmt: skip
    assert found.listed == 40
    assert (found.shares["assessed"].value, found.shares["assessed"].of) == (Fraction(30, 40), 40)
    assert found.shares["precision"].value == Fraction(12, 24)
    assert (found.shares["precision"].low, found.shares["precision"].high) == wilson(12, 24)
    assert found.shares["novel"].value == Fraction(18, 24)
    # Three of thirty are too few to be told: at most four they are.
    for name in ("unclear", "wrong"):
        assert found.shares[name] == Share(of=30, value=None, low=0.0, high=wilson(4, 30)[1])
    assert found.coverage == {"one": Fraction(3, 4)}


def test_places_beyond_the_capacity_do_not_count_for_its_precision() -> None:
    """Those who waited, and alerts, say nothing of the thirty that were chosen."""
    within = many(("support", 10), ("no_support", 10))
    beside = many(("no_support", 20), start=100, place="alert", chosen_in=None)
    found = report([*within, *beside], limits=LIMITS)
    assert found.shares["precision"].value == Fraction(1, 2)
    assert found.listed == 40


def test_the_sample_tells_how_many_may_be_missed() -> None:
    """None of thirty drawn needs support: at most as many as the smallest group hides. They are no part of the rest."""
    drawn = many(("no_support", 30), start=100, place="sample", chosen_in=None)
    found = report([*many(("support", 10), ("no_support", 10)), *drawn], limits=LIMITS)
    assert found.shares["missed"] == Share(of=30, value=None, low=0.0, high=wilson(4, 30)[1])
    assert (found.listed, found.shares["precision"].value) == (20, Fraction(1, 2))


def test_what_was_known_before_is_not_novel() -> None:
    """By the data when it was listed, or by what people found."""
    found = report([*many(("support", 8), supported=True), *many(("support", 12), start=100)], limits=LIMITS)
    assert found.shares["novel"].value == Fraction(12, 20)


def test_days_to_contact_are_the_median_of_enough() -> None:
    """Nine are too few to be told, ten are not."""
    for count, days in ((9, None), (10, 14.0)):
        contacts = [course(n, contacted=date(2023, 10, 15)) for n in range(1, count + 1)]
        assert report([*contacts, course(99)], limits=LIMITS).days == days


def test_a_factor_that_does_worse_than_the_whole_is_marked() -> None:
    """Beyond chance: XX02 is right for one in four of forty, where the whole is right for more than half."""
    good = many(("support", 50), ("no_support", 10))
    poor = many(("support", 10), ("no_support", 30), start=200, hits=("XX02",))
    found = report([*good, *poor, *many(("support", 4), start=500, hits=("XX03",))], limits=LIMITS).factors
    assert {each.factor: (each.precision.value, each.below) for each in found} == {
        "XX01": (Fraction(5, 6), False), "XX02": (Fraction(1, 4), True), "XX03": (None, False),
    }  # fmt: skip
    assert found[2].precision == HIDDEN


def test_all_cycles_together_do_not_give_one_of_them_away() -> None:
    """One cycle of two is too small to be told; with the other and the whole it could be reckoned, so the whole is not told.
    With two such cycles it is.
    """
    first = many(("support", 10), ("no_support", 10))
    second = many(("support", 3), ("no_support", 3), start=100, cycle="C2023-11-1")
    third = many(("support", 3), ("no_support", 3), start=200, cycle="C2023-12-1")
    cycles = ["C2023-10-1", "C2023-11-1", "C2023-12-1"]
    *_, whole = reports([*first, *second], cycles[:2], limits=LIMITS)
    assert whole.shares["precision"] == HIDDEN
    *parts, whole = reports([*first, *second, *third], cycles, limits=LIMITS)
    assert [part.shares["precision"].value for part in parts] == [Fraction(1, 2), None, None]
    assert whole.shares["precision"].value == Fraction(1, 2)


def test_nothing_is_told_of_an_empty_list() -> None:
    """Neither a share nor an error."""
    (whole,) = reports([], [], limits=LIMITS)
    assert (whole.listed, set(whole.shares.values()), whole.factors) == (0, {HIDDEN}, ())


@given(st.integers(0, 60), st.integers(0, 60))
def test_no_share_tells_of_fewer_than_the_smallest_group(some: int, others: int) -> None:
    """A value has five on each side at least; an interval without a value is the same for every smaller number."""
    of = some + others
    found = share(some, of, LIMITS)
    if found.value is not None:
        assert some >= 5
        assert others >= 5
        assert found.low is not None
        assert found.high is not None
        assert found.low <= found.value <= found.high
    elif some < 5 <= others:
        assert found == share(0, of, LIMITS)
    elif others < 5 <= some:
        assert found == share(of, of, LIMITS)
    else:
        assert found == HIDDEN


@pytest.mark.parametrize(("counts", "ratio", "warning"), [
    ((100, 20, 400, 40), Fraction(2), False),
    ((100, 21, 400, 40), Fraction(21, 10), True),
    ((100, 10, 400, 100), Fraction(2, 5), True),
    ((29, 20, 400, 40), None, False),
    ((400, 40, 29, 20), None, False),
    ((100, 4, 400, 40), None, False),
    ((100, 20, 400, 4), None, False),
    ((100, 96, 400, 40), None, False),
    ((0, 0, 0, 0), None, False),
])  # fmt: skip
def test_a_group_that_is_listed_more_or_less_often_is_a_warning(
    counts: tuple[int, int, int, int], ratio: Fraction | None, warning: bool
) -> None:
    """Twice is just no warning; small groups, and few who are listed, are not compared."""
    (found,) = watched("C2023-10-1", {"group": {"one": counts}}, limits=LIMITS)
    assert (found.ratio, found.warning) == (ratio, warning)


def test_a_cycle_tells_of_its_own_candidates() -> None:
    """Those of another cycle are no part of it; factors are told of the whole alone."""
    every = [*many(("support", 10), ("no_support", 10)), *many(("support", 20), start=100, cycle="C2023-11-1")]
    found: Report = report(every, limits=LIMITS, cycle="C2023-10-1")
    assert (found.listed, found.shares["precision"].value, found.factors) == (20, Fraction(1, 2), ())
