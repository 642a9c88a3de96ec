"""Two answers are not released to one recipient where their difference would tell about a few (R17-3)."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from governance.errors import Denied, SekishoError
from query_broker.combine import Combiner
from query_broker.differencing import period_of
from query_broker.pipeline import run
from query_broker.record import result_bytes
from query_broker.release import Release
from tests.query_broker.path_town import Town, open_town, request
from tests.query_broker.world import AS_OF

K = 4


@pytest.fixture(scope="module")
def combiner() -> Iterator[Combiner]:
    with Combiner() as started:
        yield started


@pytest.fixture
def town(tmp_path: Path, combiner: Combiner) -> Iterator[Town]:
    with open_town(tmp_path, combiner) as opened:
        opened.council.smallest = K
        yield opened


def ask(town: Town, sql: str, **changes: Any) -> Release:
    """An answer, by a policy that says which columns are sensitive."""

    def says(document: Mapping[str, Any]) -> dict[str, Any]:
        answer = town.council.allow(document)
        scans = document["query"]["scans"]
        answer["obligations"]["output"]["sensitive"] = [
            {"scan": scan["id"], "column": column["column"]}
            for scan in scans
            for column in scan["columns"]
            if column["column"] in ("moved", "income")
        ]
        return answer

    town.council.says = says
    return run(request(sql, **changes), town.parts)


def refused(town: Town, sql: str, **changes: Any) -> None:
    with pytest.raises(Denied) as refusal:
        ask(town, sql, **changes)
    (citation,) = refusal.value.citations
    assert (citation.control, citation.rule) == ("populations-compared", "R17-3")
    entry = town.entries()[-1]
    assert (entry["kind"], entry["exit_status"], entry["code"]) == ("refusal", 3, "denied")


ALL = "SELECT p.sex, count(*) AS n FROM town.person p GROUP BY p.sex"


def persons(town: Town, **wanted: Any) -> list[dict[str, Any]]:
    """Rows of the register."""
    return [row for row in town.tables["town.person"] if all(row[name] == value for name, value in wanted.items())]


def without(town: Town, person: Mapping[str, Any]) -> str:
    """A condition that only one person fails."""
    parts = [f"p.age = {person['age']}", f"p.sex = '{person['sex']}'"]
    return f"NOT ({' AND '.join(parts)})"


def a_few(town: Town) -> dict[str, Any]:
    """A person whom fewer than the smallest group are like."""
    for person in persons(town):
        if None not in (person["age"], person["sex"]):
            like = persons(town, age=person["age"], sex=person["sex"])
            if 0 < len(like) < K:
                return person
    raise AssertionError


def test_an_answer_that_leaves_a_few_out_is_refused(town: Town) -> None:
    """The tracker: everybody, then everybody but for the one who is meant. The refusal has its article and a remedy."""
    ask(town, ALL)
    refused(town, f"SELECT p.sex, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY p.sex")


def test_the_other_way_round_it_is_refused_too(town: Town) -> None:
    """Whichever of the two comes first."""
    ask(town, f"SELECT p.sex, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY p.sex")
    refused(town, ALL)


def test_a_total_is_compared_with_all_groups_together(town: Town) -> None:
    """Groups add up: a total that leaves a few out tells them by the groups' sum."""
    ask(town, ALL)
    refused(town, f"SELECT count(*) AS n FROM town.person p WHERE {without(town, a_few(town))}")


def test_groups_are_compared_with_every_union_of_others(town: Town) -> None:
    """A group of one answer that some groups of another make up, but for a few."""
    ask(town, "SELECT p.sex, p.age >= 12 AS older, count(*) AS n FROM town.person p GROUP BY 1, 2")
    refused(
        town,
        f"SELECT p.age >= 12 AS older, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY 1",
    )


def test_who_does_not_contribute_is_compared_too(town: Town) -> None:
    """An answer that counts some of a group tells the others by subtraction; they are a population as well."""
    ask(town, "SELECT count(*) AS n, count(*) FILTER (WHERE p.age >= 12) AS older FROM town.person p")
    refused(town, f"SELECT count(*) AS n FROM town.person p WHERE p.age < 12 AND {without(town, _young(town))}")


def _young(town: Town) -> dict[str, Any]:
    for person in persons(town):
        if (
            person["age"] is not None
            and person["age"] < 12
            and 0 < len(persons(town, age=person["age"], sex=person["sex"])) < K
        ):
            return person
    raise AssertionError


def test_three_answers_that_tell_together_are_refused(town: Town) -> None:
    """A whole, a part of it and the rest but for a few: no two tell anything, and the third is refused."""
    person = _young(town)
    ask(town, "SELECT count(*) AS n FROM town.person p")
    ask(town, "SELECT count(*) AS n FROM town.person p WHERE p.age >= 12")
    refused(
        town, f"SELECT count(*) AS n FROM town.person p WHERE (p.age < 12 OR p.age IS NULL) AND {without(town, person)}"
    )
    ask(town, "SELECT count(*) AS n FROM town.person p WHERE p.age < 12 OR p.age IS NULL")


def test_clearly_different_answers_pass(town: Town) -> None:
    """Other groups of the same people, another measure, a clearly smaller population."""
    first = ask(town, ALL)
    second = ask(
        town, "SELECT p.sex, count(*) AS n, count(*) FILTER (WHERE p.age >= 12) AS older FROM town.person p GROUP BY 1"
    )
    third = ask(town, "SELECT p.age >= 12 AS older, count(*) AS n FROM town.person p GROUP BY 1")
    assert min(first.rows, second.rows, third.rows) > 0


def test_the_same_people_under_another_sensitive_condition_are_refused(town: Town) -> None:
    """That nobody is between two populations says something of each: refused like one to k-1, so that the refusal does
    not tell whether there is anybody.
    """
    for row in town.tables["town.person"]:
        row["moved"] = False
    ask(town, ALL)
    refused(town, "SELECT p.sex, count(*) AS n FROM town.person p WHERE NOT p.moved GROUP BY p.sex")


def test_the_same_people_under_another_plain_condition_pass(town: Town) -> None:
    """A condition that everybody meets anyway, on nothing sensitive."""
    ask(town, ALL)
    assert ask(town, "SELECT p.sex, count(*) AS n FROM town.person p WHERE p.age >= 0 GROUP BY p.sex").rows > 0


def test_the_same_question_gets_its_first_answer_again(town: Town) -> None:
    """Byte for byte, though the data have changed, without asking a department; the ledger says of which it is one."""
    first = ask(town, ALL)
    asked = {name: len(holder.asked) for name, holder in town.holders.items()}
    town.tables["town.person"].pop()
    again = ask(town, ALL)
    assert result_bytes(again.table) == result_bytes(first.table)
    assert (again.repeats, again.result_digest) == (first.ledger_index, first.result_digest)
    assert {name: len(holder.asked) for name, holder in town.holders.items()} == asked
    assert set(again.cells.values()) == {0}
    entry = town.entries()[-1]
    assert (entry["repeats"], "populations" in entry) == (first.ledger_index, False)


def test_a_first_answer_that_is_not_kept_is_not_replaced_by_a_near_one(town: Town) -> None:
    """Without the kept bytes the question is answered anew, and then compared: a few who moved are not told."""
    ask(town, ALL)
    town.parts = town.other(answers=replace(town.parts.answers, _kept={}))
    town.tables["town.person"].pop()
    refused(town, ALL)


def test_other_parameters_are_another_question(town: Town) -> None:
    """Values are part of what is asked."""
    sql = "SELECT count(*) AS n FROM town.person p WHERE p.age >= $years"
    first, other = (ask(town, sql, parameters={"years": years}) for years in (4, 13))
    assert (first.repeats, other.repeats) == (None, None)
    assert first.table != other.table


@pytest.mark.parametrize("change", [{"recipient": None}, {"purpose": None}])
def test_other_recipients_and_purposes_are_not_compared(town: Town, change: dict[str, Any]) -> None:
    """What one has not been told it cannot subtract."""
    ask(town, ALL)
    sql = f"SELECT p.sex, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY p.sex"
    assert ask(town, sql, **change).rows > 0


def test_an_answer_of_another_period_over_the_same_data_is_compared(town: Town) -> None:
    """A period ends with its data: the first of the month over yesterday's extract is no way around."""
    ask(town, ALL)
    sql = f"SELECT p.sex, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY p.sex"
    refused(town, sql, as_of=AS_OF.replace(month=11))


def test_another_process_compares_with_what_this_one_released(town: Town) -> None:
    """The comparison rests on the ledger, and on nothing that one broker remembers."""
    ask(town, ALL)
    town.parts = town.other(earlier=type(town.parts.earlier)())
    refused(town, f"SELECT p.sex, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY p.sex")


def test_two_answers_at_once_do_not_slip_by_each_other(town: Town) -> None:
    """Of a pair that must not be released together exactly one is, whenever they are asked."""
    tracker = f"SELECT p.sex, count(*) AS n FROM town.person p WHERE {without(town, a_few(town))} GROUP BY p.sex"
    gate, outcomes = threading.Barrier(2), []

    def one(sql: str) -> None:
        gate.wait()
        try:
            ask(town, sql)
            outcomes.append("released")
        except SekishoError as refusal:
            outcomes.append(refusal.kind)

    threads = [threading.Thread(target=one, args=(sql,)) for sql in (ALL, tracker)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["denied", "released"]


def test_what_is_kept_names_nobody_and_no_value(town: Town) -> None:
    """The sidecar has sketches, digests and days; no group key, no key of a person, nothing of the answer."""
    ask(town, "SELECT p.sex, count(*) AS people FROM town.person p WHERE p.sex <> 'nobody' GROUP BY p.sex")
    text = json.dumps(town.ledger.sidecar(town.entries()[-1]["populations"]))
    for word in ("nobody", "people", "sex", '"f"', '"m"'):
        assert word not in text
    assert not any(str(row["resident_id"]) in text for row in town.tables["town.person"])


@pytest.mark.parametrize(
    ("length", "day", "period"),
    [
        ("month", (2023, 10, 1), "2023-10"),
        ("fiscal_year", (2024, 3, 31), "FY2023"),
        ("fiscal_year", (2024, 4, 1), "FY2024"),
    ],
)
def test_a_period_is_a_month_or_a_fiscal_year(length: Any, day: tuple[int, int, int], period: str) -> None:
    """A fiscal year begins in April."""
    assert period_of(AS_OF.replace(year=day[0], month=day[1], day=day[2]), length) == period
