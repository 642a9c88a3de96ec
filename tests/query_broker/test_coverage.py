"""Coverage: for how many persons of an answer each dataset had a known answer, and never more than it can tell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from query_broker.combine import Combiner
from query_broker.pipeline import run
from tests.query_broker.path_town import Town, open_town, request


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    """One combiner for all: it starts a new process for each query."""
    with Combiner(threads=1) as combiner:
        yield combiner


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    """A town with its own ledger."""
    with open_town(tmp_path, combiner) as town:
        yield town


ABSENCE = (
    "WITH v AS (SELECT g.resident_id, {measures} FROM clinic.register g JOIN clinic.visit v ON v.patient = g.patient "
    "GROUP BY g.resident_id) SELECT p.resident_id, p.age, {columns} FROM town.person p LEFT JOIN v USING (resident_id)"
)


@pytest.mark.parametrize(
    ("measures", "column", "is_known"),
    [
        ("sum(v.absent) AS absent", "absent", lambda value: value is not None),
        ("max(v.late) AS late, count(v.late) AS known", "known", lambda value: value is not None and value > 0),
        ("count(*) AS months", "months", None),
    ],
)
def test_a_missing_row_that_means_unknown_is_not_covered(
    town: Town, measures: str, column: str, is_known: object
) -> None:
    """A person counts once a column that rests on the dataset holds a value; a count of known values must not be 0."""
    columns = ", ".join(f"v.{part.rsplit(' ', 1)[1]}" for part in measures.split(", "))
    release = run(request(ABSENCE.format(measures=measures, columns=columns)), town.parts)
    assert release.known["town.person"] == release.rows > 0
    if is_known is None:
        assert "clinic.visit" not in release.known, "a bare count of rows rests on no column of it"
        return
    values = release.table.column(column).to_pylist()
    assert callable(is_known)
    assert release.known["clinic.visit"] == sum(is_known(value) for value in values)
    assert 0 < release.known["clinic.visit"] < release.rows
    assert town.entries()[-1]["known"] == dict(release.known)


def test_a_filtered_count_tells_nothing(town: Town) -> None:
    """0 of nothing known and 0 of all known look alike, so such a column does not make anybody covered."""
    measures = "count(*) FILTER (WHERE v.late >= 1) AS often, count(v.late) AS known"
    release = run(request(ABSENCE.format(measures=measures, columns="v.often, v.known")), town.parts)
    known = release.table.column("known").to_pylist()
    often = release.table.column("often").to_pylist()
    assert release.known["clinic.visit"] == sum(value is not None and value > 0 for value in known)
    assert any(k == 0 and o == 0 for k, o in zip(known, often, strict=True)), "somebody without a known value"


def test_a_missing_row_that_means_none_is_an_answer(town: Town) -> None:
    """Where a holder's silence means *none*, everybody is covered, also through the household."""
    release = run(
        request(
            "SELECT p.resident_id, k.level, h.people FROM town.person p LEFT JOIN care.cert k USING (resident_id) "
            "LEFT JOIN (SELECT m.household_id, count(*) AS people FROM town.member m GROUP BY m.household_id) h "
            "ON h.household_id = p.household_id"
        ),
        town.parts,
    )
    assert dict(release.known) == dict.fromkeys(("care.cert", "town.member", "town.person"), release.rows)
    assert None in release.table.column("level").to_pylist()


def test_answers_about_groups_have_no_coverage(town: Town) -> None:
    """A statistic has no rows of persons to be covered."""
    release = run(request("SELECT p.sex, count(*) AS n FROM town.person p GROUP BY p.sex"), town.parts)
    assert dict(release.known) == {}
