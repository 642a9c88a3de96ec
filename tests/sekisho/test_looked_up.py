"""A purpose that looks up a person who was named: that person, by what was told, and no list of others (第33条)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from governance.errors import BadInput, Denied
from query_broker.release import Release
from sekisho.broker import Broker
from sekisho.deployment import Deployment
from tests.city import approve, ask, asker, draft

TEMPLATE = "cr-notified-child"
PURPOSE = "case_response"
Opened = tuple[Deployment, Broker, str]
Told = tuple[date, str]
ERAS = {"T": 1911, "S": 1925, "H": 1988, "R": 2018}
"""The year before the first of each era, by the letter that the register writes."""


@pytest.fixture(scope="module")
def answering_city(pristine_city: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A city in which the look-up is approved, and the approval's number."""
    folder = Path(shutil.copytree(pristine_city, tmp_path_factory.mktemp("answering") / "city"))
    deployment = Deployment.load(folder)
    with deployment.broker() as broker:
        return folder, approve(deployment, broker, TEMPLATE)


@pytest.fixture
def opened(answering_city: tuple[Path, str], tmp_path: Path) -> Iterator[Opened]:
    """A copy of it, open."""
    folder, number = answering_city
    deployment = Deployment.load(Path(shutil.copytree(folder, tmp_path / "city")))
    with deployment.broker() as broker:
        yield deployment, broker, number


def people(folder: Path, first: str, last: str = "2023-10-01") -> list[tuple[str, Told]]:
    """Residents born within days, eldest first, as their register has them: number, and what a notifier would tell."""
    with closing(sqlite3.connect(register_of(folder))) as register:
        rows = register.execute(
            "SELECT resident_id, birth_date, town_code FROM resident "
            "WHERE status = '現存' AND dv_support_flag = '0' AND birth_date NOT LIKE '%00'"
        ).fetchall()
    found = [(number, (day(born), town)) for number, born, town in rows]
    within = [each for each in found if date.fromisoformat(first) <= each[1][0] <= date.fromisoformat(last)]
    return sorted(within, key=lambda each: (each[1], each[0]))


def day(written: str) -> date:
    """A date as the register writes it: with a letter for the era, or as it is."""
    if written[0] not in ERAS:
        return date.fromisoformat(written)
    year, month, of_month = written[1:].split(".")
    return date(ERAS[written[0]] + int(year), int(month), int(of_month))


def register_of(folder: Path) -> Path:
    """The resident register's database."""
    return folder / "departments" / "shimin" / "shimin.sqlite"


def look_up(opened: Opened, told: Told, **how: Any) -> Release:
    """Asked by the case worker with what was told."""
    deployment, broker, number = opened
    return ask(
        broker, deployment, purpose=PURPOSE, approval=number, parameters={"born": told[0], "town": told[1]}, **how
    )


def test_the_child_that_was_named_is_found_and_nobody_else(opened: Opened) -> None:
    """For each of some children, from the smallest on, as many rows as the register has of that birthday and town."""
    folder = opened[0].layout.folder
    children = people(folder, "2005-10-03")
    for _, told in children[:: len(children) // 6]:
        same = [number for number, other in children if other == told]
        found = look_up(opened, told)
        assert found.rows == len(same)
        assert not {"birth_date", "town_code"} & set(found.table.column_names)


def test_who_is_eighteen_is_not_looked_up_and_who_will_be_is(opened: Opened) -> None:
    """第4条 and 第33条: an age is reached on the day before the birthday, whatever the school year."""
    (eldest, *_) = people(opened[0].layout.folder, "2005-10-03")
    assert look_up(opened, eldest[1]).rows >= 1
    adults = people(opened[0].layout.folder, "2005-04-02", "2005-10-02")
    assert adults
    assert [look_up(opened, told).rows for _, told in adults[:2]] == [0, 0]


def test_what_was_told_is_in_no_record(opened: Opened) -> None:
    """I7: neither the birth date nor the town stands in the ledger."""
    deployment, broker, _ = opened
    _, told = people(deployment.layout.folder, "2010-01-01")[0]
    before = broker.ledger.size
    look_up(opened, told)
    written = "".join(str(entry.document) for entry in broker.ledger.entries(before, broker.ledger.size))
    assert told[0].isoformat() not in written


def test_a_list_is_refused(opened: Opened) -> None:
    """The same columns of all children, or of a range of birthdays, are no answer to a notification."""
    deployment, broker, _ = opened
    sql = "SELECT c.resident_id, c.grade FROM shimin.child c"
    with pytest.raises(Denied) as caught:
        ask(broker, deployment, purpose=PURPOSE, sql=sql)
    assert "named-persons-only" in {citation.control for citation in caught.value.citations}
    assert 33 in {citation.article for citation in caught.value.citations}


def test_more_than_a_few_are_no_answer(opened: Opened) -> None:
    """Where more children fit than the register allows, nothing is shown."""
    deployment, _, number = opened
    folder = deployment.layout.folder
    _, told = people(folder, "2010-01-01")[0]
    same = [(told[0].isoformat(), told[1], child) for child, _ in people(folder, "2010-01-01")[:20]]
    with closing(sqlite3.connect(register_of(folder))) as register:
        register.executemany("UPDATE resident SET birth_date = ?, town_code = ? WHERE resident_id = ?", same)
        register.commit()
    with Deployment.load(folder).broker() as broker, pytest.raises(BadInput) as caught:
        look_up((deployment, broker, number), told)
    assert caught.value.code == "mask-output-cap"


def test_another_purpose_cannot_look_up(opened: Opened) -> None:
    """A birth date is granted to no other purpose, and this purpose's approval serves no other."""
    deployment, broker, number = opened
    with pytest.raises(Denied) as caught:
        ask(
            broker, deployment, purpose="abuse", approval=number,
            parameters={"born": date(2012, 4, 1), "town": "101"},
        )  # fmt: skip
    assert {"purpose-allow-list", "approval-route"} <= {citation.control for citation in caught.value.citations}


def test_the_approval_outlives_the_fiscal_year(new_city: Path) -> None:
    """第33条: it counts for the days that the register says; of another purpose it ends on 31 March."""
    deployment = Deployment.load(new_city)
    with deployment.broker() as broker:
        assert draft(deployment, broker, template=TEMPLATE).expires_at == "2024-09-29"
        assert draft(deployment, broker, template=TEMPLATE, until=date(2030, 1, 1)).expires_at == "2024-09-29"
        assert draft(deployment, broker, template=TEMPLATE, until=date(2023, 12, 1)).expires_at == "2023-12-01"
        assert draft(deployment, broker).expires_at == "2024-03-31"


def test_the_approval_is_signed_in_the_next_fiscal_year(new_city: Path) -> None:
    """Neither purpose nor approval breaks off on 1 April."""
    before = Deployment.load(new_city)
    with before.broker() as broker:
        number = draft(before, broker, template=TEMPLATE).id
    after = Deployment.load(new_city, now=datetime.fromisoformat("2024-03-31T23:00:00+09:00"))
    with after.broker() as broker:
        signed = broker.approvals.sign(asker(after, broker, "privacy", "reviewer"), approval=number, step="review")
    assert signed.expires_at == "2024-09-29"
