"""Sources that come late: who is protected is not known then, so nobody is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.errors import Denied, Unavailable
from sekisho.deployment import Deployment
from tests.city import ask


def extracted(folder: Path, department: str, **days: str) -> None:
    """The department's datasets are of these days; every other of its own stays as it is."""
    path = folder / "departments" / department / "extract.yaml"
    kept = [
        line
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.partition(":")[0].partition(".")[2] not in days
    ]
    path.write_text(
        "\n".join([*kept, *(f"{department}.{name}: {day}" for name, day in days.items())]) + "\n", encoding="utf-8"
    )


def refusal(folder: Path, principal: str = "center") -> set[tuple[str, str]]:
    """The controls and rules under which the approved query is refused; none where it is answered."""
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        try:
            ask(broker, deployment, principal)
        except Denied as denied:
            return {(citation.control, citation.rule) for citation in denied.citations}
    return set()


def test_who_is_protected_is_known_for_one_working_day(city_with_approval: Path) -> None:
    """A register of Friday is good on Sunday; one of Thursday still, one of Wednesday protects everybody."""
    extracted(city_with_approval, "shimin", resident="2023-09-28")
    assert refusal(city_with_approval) == set()
    extracted(city_with_approval, "shimin", resident="2023-09-27")
    assert refusal(city_with_approval) == {("protection-current", "R13-6")}


def test_whoever_is_cleared_may_see_the_protected_and_is_answered(city_with_approval: Path) -> None:
    """Everybody counts as protected, and a cleared member of staff may see the protected inside."""
    extracted(city_with_approval, "shimin", resident="2023-09-27")
    assert refusal(city_with_approval, "center2") == set()


def test_a_table_that_the_register_of_the_protected_does_not_rest_on_may_be_older(city_with_approval: Path) -> None:
    """The history of addresses is of another day; who is protected is read from the register alone."""
    extracted(city_with_approval, "shimin", history="2023-09-27")
    assert refusal(city_with_approval) == set()


def test_the_refusal_says_from_when_and_what_to_do(city_with_approval: Path) -> None:
    """Date, limit and what days are counted stand in the sentence; the remedy is a new extract."""
    extracted(city_with_approval, "shimin", resident="2023-09-27")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker, pytest.raises(Denied) as caught:
        ask(broker, deployment)
    (citation,) = caught.value.citations
    assert "2023-09-27、開庁日で1日以内" in citation.text["ja"]
    assert "全員を対象者として除きます" in citation.text["ja"]
    assert "新しい抽出" in citation.remedy["ja"]
    assert "2023-09-27, at most 1 working days of the city hall" in citation.text["en"]


def test_a_list_that_cannot_be_read_lets_nobody_through(city_with_approval: Path) -> None:
    """The list of suspensions is read as it is; half a list is none, and nothing is released."""
    path = city_with_approval / "departments" / ".suspended"
    path.write_bytes(path.read_bytes()[:-3])
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker, pytest.raises(Unavailable) as caught:
        ask(broker, deployment)
    assert caught.value.code == "suspensions-unreadable"


def test_a_late_source_makes_what_rests_on_it_unknown(city_with_approval: Path) -> None:
    """Care certificates of July: the same children with the same absence, and of care nothing, not even "none".

    The section is not asked, as its source that is gone shows; the figures say that it knew nobody.
    """
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        fresh = ask(broker, deployment)
    extracted(city_with_approval, "kaigo", certificate="2023-07-31")
    for source in (city_with_approval / "departments/kaigo").glob("*"):
        if source.name != "extract.yaml" and source.is_file():
            source.unlink()
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        late = ask(broker, deployment)
    care = {"care_max", "served"}
    assert late.unknown == care
    assert {name: str(day) for name, day in late.stale.items()} == {"kaigo.cert": "2023-07-31"}
    assert late.known["kaigo.cert"] == late.cells["kaigo"] == 0
    expected = [
        {name: None if name in care else value for name, value in row.items()} for row in fresh.table.to_pylist()
    ]
    assert _by_child(late.table.to_pylist()) == _by_child(expected)
    assert any(row["care_max"] is not None for row in fresh.table.to_pylist())


def _by_child(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return sorted(rows, key=lambda row: str(row["resident_id"]))


@pytest.mark.parametrize(
    ("day", "known"),
    [("2023-08-24", True), ("2023-08-23", False)],
)
def test_the_boundary_is_counted_in_working_days(city_with_approval: Path, day: str, known: bool) -> None:
    """Twenty-five working days until Sunday, 1 October, the holiday of September left out."""
    extracted(city_with_approval, "kaigo", certificate=day)
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert (not ask(broker, deployment).stale) is known


def test_a_summer_without_school_makes_no_attendance_old(city_with_approval: Path) -> None:
    """Attendance of 20 July: 42 days later no day of school has passed; by October twenty have passed, and ten days earlier it is too old."""
    extracted(city_with_approval, "school", attendance="2023-07-20", roster="2023-09-30", life="2023-09-30")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert not ask(broker, deployment).stale
    extracted(city_with_approval, "school", attendance="2023-07-10")
    deployment = Deployment.load(city_with_approval)
    with deployment.broker() as broker:
        assert set(ask(broker, deployment).stale) == {"school.attendance"}


def test_one_late_source_of_a_section_leaves_its_others(city_with_approval: Path) -> None:
    """What is computed from the late one alone is late; the history of addresses is not what a child's row rests on."""
    extracted(city_with_approval, "shimin", history="2023-08-01")
    assert refusal(city_with_approval) == set()
