"""Rules and numbers count in their time, to the day and on both engines; a day that nobody knows loosens nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from governance.windows import versions
from tests.policies import world
from tests.policies.engines import OpenEmbedded, OpenServer, normal
from tests.policies.patches import patched

Engines = tuple[OpenEmbedded, OpenServer]
FORMER, FUTURE = "purpose-notice", "impact-assessed"


@pytest.fixture
def engines(changeable: Engines, data: dict[str, Any]) -> Iterator[Engines]:
    """Engines over a guideline in which a rule has ended with September, another begins with October, and k rises."""
    timed = [
        {"value": version.value, **version.window.to_json()}
        for version in versions([{"from": "2023-09-01", "value": 5}, {"from": "2023-10-01", "value": 8}])
    ]
    changed = patched(
        data,
        [
            {"op": "add", "path": f"/guideline/controls/{FORMER}/to", "value": "2023-09-30"},
            {"op": "add", "path": f"/guideline/controls/{FUTURE}/from", "value": "2023-10-01"},
            {"op": "add", "path": "/guideline/purposes/care/public_notice_on", "value": None},
            {"op": "add", "path": "/guideline/purposes/care/pia", "value": None},
            {"op": "remove", "path": "/guideline/parameters/k_internal"},
            {"op": "add", "path": "/guideline/timed_parameters/k_internal", "value": timed},
        ],
    )
    for engine in changeable:
        engine.put_data(changed)
    yield changeable
    for engine in changeable:
        engine.put_data(data)


def _answer(engines: Engines, name: str, time: str) -> dict[str, Any]:
    day = (date.fromisoformat(time[:10]) - timedelta(days=2)).isoformat()
    request = {**world.requests()[name], "time": time, "as_of": day}
    request["datasets"] = {
        dataset: {"as_of": day, "sets": dict.fromkeys(of.get("sets", {}), time[:10])}
        for dataset, of in request["datasets"].items()
    }
    embedded, server = (engine.decide(request) for engine in engines)
    assert normal(embedded) == normal(server)
    assert isinstance(embedded, dict)
    return embedded


@pytest.mark.parametrize(
    ("time", "refusing", "unasked"),
    [
        ("2023-09-30T23:59:59+09:00", FORMER, FUTURE),
        ("2023-10-01T00:00:00+09:00", FUTURE, FORMER),
        # The day is that of the place: in UTC it is still the day before.
        ("2023-09-30T15:00:00+00:00", FORMER, FUTURE),
    ],
)
def test_a_rule_counts_from_its_first_day_to_its_last(engines: Engines, time: str, refusing: str, unasked: str) -> None:
    """A rule out of force is neither required nor cited, though it would refuse; one in force refuses."""
    answer = _answer(engines, "rows", time)
    assert {reason["control"] for reason in answer["deny"]} == {refusing}
    assert refusing in answer["required"]
    assert unasked not in answer["required"]


@pytest.mark.parametrize(("time", "size"), [("2023-09-30T23:59:59+09:00", 5), ("2023-10-01T00:00:00+09:00", 8)])
def test_a_number_counts_from_its_day(engines: Engines, time: str, size: int) -> None:
    """The smallest group is that of the version in force."""
    assert _answer(engines, "groups", time)["obligations"]["output"]["min_group_size"] == size


def test_before_its_first_day_a_number_is_unknown_and_refuses(engines: Engines) -> None:
    """A day before the first version has no smallest group, and no answer about groups."""
    answer = _answer(engines, "groups", "2023-08-31T09:00:00+09:00")
    assert answer["allow"] is False
    assert "smallest-group" in {reason["control"] for reason in answer["deny"]}


@pytest.mark.parametrize("name", ["rows", "groups"])
def test_before_the_guideline_began_nothing_is_answered(changeable: Engines, name: str) -> None:
    """A day on which no rule is in force allows no query."""
    answer = _answer(changeable, name, "2023-03-31T09:00:00+09:00")
    assert answer["allow"] is False


def test_a_time_that_is_none_ends_no_rule(engines: Engines) -> None:
    """Without a day every rule counts, those that have ended and those to come."""
    request = {**world.requests()["rows"], "time": "2023-02-30T09:00:00+09:00"}
    embedded, server = (engine.decide(request) for engine in engines)
    assert isinstance(embedded, dict)
    assert normal(embedded) == normal(server)
    answer = embedded
    assert answer["allow"] is False
    assert {FORMER, FUTURE} <= set(answer["required"])


@pytest.mark.parametrize("control", ["request-well-formed", "identity-verified", "single-hat", "action-matrix"])
def test_what_a_decision_cannot_do_without_never_ends(changeable: Engines, data: dict[str, Any], control: str) -> None:
    """A guideline that lets such a rule end allows nothing from then on, rather than everything."""
    end = {"op": "add", "path": f"/guideline/controls/{control}/to", "value": "2023-09-30"}
    for engine in changeable:
        engine.put_data(patched(data, [end]))
    try:
        answer = _answer(changeable, "rows", world.TIME)
        assert (answer["allow"], control in answer["required"]) == (False, True)
        assert answer["deny"] == [{"control": "request-well-formed", "on": "time", "params": {}}]
    finally:
        for engine in changeable:
            engine.put_data(data)
