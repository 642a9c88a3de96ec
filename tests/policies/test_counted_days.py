"""The policy counts the days that people are told: on the last day an extract is fresh, on the first after it is not."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from governance.freshness import FreshnessClass, freshness_classes
from governance.guideline import Guideline
from governance.load_guideline import load_guideline
from guideline_docs import FOLDER
from policies.data import policy_data
from tests.policies import world
from tests.policies.engines import OpenEmbedded, OpenServer

CLASSES = ("resident", "attendance", "school_aid")


@pytest.fixture(scope="module")
def guideline() -> Guideline:
    """The shipped guideline."""
    return load_guideline(FOLDER)


def _asked(as_of: date, today: date) -> dict[str, Any]:
    """The request for rows, on a day, with an extract of the persons; every other is of the day itself."""
    request = world.requests()["rows"]
    request["time"], request["as_of"] = f"{today}T09:00:00+09:00", str(today)
    request["datasets"] = {name: {"as_of": str(today), "sets": {}} for name in request["datasets"]}
    request["datasets"]["a.person"]["as_of"] = str(as_of)
    return request


@pytest.mark.parametrize("name", CLASSES)
def test_engines_and_people_agree_on_every_boundary(
    name: str, guideline: Guideline, changeable: tuple[OpenEmbedded, OpenServer], data: dict[str, Any]
) -> None:
    """Random days of all covered years: fresh up to the last day and no longer, as counted apart from the rules."""
    known = freshness_classes(guideline, on=date(2023, 10, 1))[name]
    shipped = policy_data(world.catalogue(), guideline)["guideline"]
    documents = {**data, "guideline": {**data["guideline"], "calendars": shipped["calendars"]}}
    documents["guideline"]["parameters"] = {
        **data["guideline"]["parameters"],
        **{key: shipped["parameters"][key] for key in ("freshness_max_days", "freshness_counted_in")},
    }
    # Rules count in their time; these do on all days that are asked about.
    controls = {each: {**entry, "from": "2020-01-01"} for each, entry in data["guideline"]["controls"].items()}
    documents["guideline"]["controls"] = controls
    datasets = {each: {**entry, "refresh": name} for each, entry in data["catalogue"]["datasets"].items()}
    documents["catalogue"] = {**data["catalogue"], "datasets": datasets}
    for engine in changeable:
        engine.put_data(documents)
    for as_of, today in _days(known, random.Random(name)):
        age = known.age(as_of, today=today)
        stale = age is None or age > known.limit
        for engine in changeable:
            answer = engine.decide(_asked(as_of, today))
            refused = {reason["on"] for reason in answer["deny"] if reason["control"] == "sources-fresh"}
            assert refused == ({"s5"} if stale else set()), (as_of, today)
    for engine in changeable:
        engine.put_data(data)


def _days(known: FreshnessClass, draw: random.Random) -> list[tuple[date, date]]:
    assert known.calendar is not None
    first, last = known.calendar.first, known.calendar.last
    pairs = []
    for _ in range(40):
        as_of = first + timedelta(days=draw.randrange((last - first).days))
        stale_from = known.stale_from(as_of)
        if stale_from is not None:
            pairs += [(as_of, stale_from - timedelta(days=1)), (as_of, stale_from)]
        pairs.append((as_of, min(last, as_of + timedelta(days=draw.randrange(3 * known.limit)))))
    return pairs
