"""A department's own record of whose rows left: exactly theirs, by keyed tags, under the decision; no record, no answer."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.department import LocalDepartment
from connectors.uses import FILE, PersonTags
from governance.conditions import FieldCondition
from governance.decisions import PseudonymSpace
from governance.errors import BadInput, Unavailable
from governance.forms import Form
from governance.scans import ScanOrder
from masking.keys import KeyRing
from tests.connectors.clinic import PERSONS, PSEUDONYM, RAW, VISITS, Clinic, make_clinic, order

EVERYBODY = [str(person["person_id"]) for person in PERSONS]


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Clinic]:
    """Four persons, one of them in the set of the protected."""
    for made in make_clinic(tmp_path, "sqlite"):
        made.write()
        yield made


def used(clinic: Clinic) -> set[str]:
    """Everybody whose rows left with some scan, as the record says."""
    department = clinic.department
    return {person for person in EVERYBODY if department.persons.uses(department.persons.tags(person))}


def record(clinic: Clinic) -> Path:
    """The file of the record."""
    return clinic.root / "clinic" / FILE


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, set(EVERYBODY)),
        ({"exclude": ("guarded",)}, {"0000000001", "0000000003", "0000000004"}),
        ({"filter": FieldCondition(operator="eq", field="sex", value="2")}, {"0000000002", "0000000004"}),
        ({"predicates": FieldCondition(operator="eq", field="sex", value="1")}, {"0000000001"}),
        ({"filter": FieldCondition(operator="eq", field="sex", value="9")}, set()),
    ],
    ids=["all", "a set left out", "a filter", "a predicate", "nobody"],
)
def test_exactly_those_are_recorded_whose_rows_left(
    clinic: Clinic, changes: dict[str, Any], expected: set[str]
) -> None:
    """Whoever was left out at the holder has no use; also where the person's key is not among the columns asked for."""
    for forms in ({"person_id": PSEUDONYM, "sex": RAW}, {"sex": RAW}):
        clinic.scan(order(clinic, "clinic.person", forms, **changes))
        assert used(clinic) == expected


def test_a_use_names_its_decision_scan_and_dataset(clinic: Clinic) -> None:
    """So that the ledger can say who it was, for what, and what came of it."""
    asked = order(clinic, "clinic.person", {"sex": RAW})
    for expected in (1, 2):
        evidence = clinic.evidence(asked)
        clinic.department.scan(asked, evidence).read_all()
        uses = clinic.department.persons.uses(clinic.department.persons.tags("0000000001"))
        assert len(uses) == expected
        assert (uses[-1].decision, uses[-1].scan, uses[-1].dataset) == (evidence.receipt.index, "s1", "clinic.person")


def test_rows_about_several_keys_and_without_one(clinic: Clinic) -> None:
    """A row without a person is nobody's; the record of a derived dataset is kept like that of a base one."""
    clinic.scan(order(clinic, "clinic.visit", {"days": RAW}))
    visitors = {str(visit["person_id"]) for visit in VISITS if visit["person_id"]}
    assert used(clinic) == visitors
    clinic.scan(order(clinic, "clinic.adult", {"age": RAW}))
    assert used(clinic) == visitors | {"0000000001", "0000000004"}


def test_the_record_names_nobody(clinic: Clinic) -> None:
    """No number stands in its file, and without the departments' master nobody finds one by trying."""
    clinic.scan(order(clinic, "clinic.person", {"person_id": PSEUDONYM}))
    body = record(clinic).read_bytes()
    assert not any(person.encode() in body for person in EVERYBODY)
    assert stat.S_IMODE(record(clinic).stat().st_mode) == 0o600
    kind = clinic.catalogue.kinds["person"]
    tags = clinic.department.persons.tags("0000000001").of["person"]
    ids = pa.array(["0000000001"])
    other = {int(tag) for tag in KeyRing(bytes(32)).tags(ids, kind=kind)}
    space = PseudonymSpace(domain="screening", epoch="2023")
    pseudonym = KeyRing(clinic.master).pseudonyms(ids, kind=kind, space=space)[0].as_py()
    assert other.isdisjoint(tags)
    assert int.from_bytes(pseudonym.bytes[:8], "little") not in tags


def test_a_population_that_was_served_before_is_stored_once(clinic: Clinic) -> None:
    """A query that is asked every day does not grow the record by everybody every day."""
    for _ in range(3):
        clinic.scan(order(clinic, "clinic.person", {"sex": RAW}))
    with sqlite3.connect(record(clinic)) as database:
        counts = [database.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("use", "population")]
    assert counts == [3, 1]


def test_without_a_record_there_is_no_answer(clinic: Clinic) -> None:
    """Where it cannot be written the stream ends in an error; it never ends as an answer."""
    record(clinic).mkdir(parents=True)
    asked = order(clinic, "clinic.person", {"sex": RAW})
    with pytest.raises(Unavailable) as caught:
        clinic.department.scan(asked, clinic.evidence(asked)).read_all()
    assert (caught.value.code, caught.value.params["file"]) == ("department-memory", FILE)


def test_a_stream_that_was_broken_off_is_recorded_as_far_as_it_came(clinic: Clinic) -> None:
    """Rows that were handed over were handed over, whether or not the end came."""
    asked = order(clinic, "clinic.person", {"sex": RAW})
    stream = clinic.department.scan(asked, clinic.evidence(asked))
    with suppress(StopIteration):
        next(iter(stream))
    stream.close()
    assert used(clinic) == set(EVERYBODY)


def test_what_is_forgotten_is_gone_with_its_populations(clinic: Clinic) -> None:
    """At the end of its term a day's record goes; what another day has, too, stays."""
    asked = order(clinic, "clinic.person", {"sex": RAW})
    clinic.scan(asked)
    (day,) = clinic.department.persons.use_days()
    assert clinic.department.persons.use_days() == {day: 1}
    assert clinic.department.persons.forget_uses([date(1999, 1, 1)]) == 0
    assert clinic.department.persons.forget_uses([day]) == 1
    assert (used(clinic), clinic.department.persons.use_days()) == (set(), {})
    with sqlite3.connect(record(clinic)) as database:
        assert database.execute("SELECT count(*) FROM population").fetchone() == (0,)


def test_a_number_that_is_none_is_refused_and_not_shown(clinic: Clinic) -> None:
    """Nobody is looked up by a text that is no key of persons."""
    for text in ("山田太郎", "12345678901234", ""):
        with pytest.raises(BadInput) as caught:
            clinic.department.persons.tags(text)
        assert caught.value.code == "suspension-key"
        assert not text or text not in str(caught.value)


def test_other_keys_of_a_person_count_as_theirs(clinic: Clinic) -> None:
    """Where a register maps persons to another kind of key, a use by that key is a use of the person."""
    visit = replace(clinic.catalogue.datasets["clinic.visit"], bridge=True)
    catalogue = replace(
        clinic.catalogue,
        datasets={**clinic.catalogue.datasets, "clinic.visit": visit},
    )
    department: LocalDepartment = clinic.open(catalogue=catalogue)["clinic"]
    assert {kind: len(tags) for kind, tags in department.persons.tags("0000000001").of.items()} == {
        "person": 1,
        "visit": 1,
    }
    asked: ScanOrder = order(clinic, "clinic.visit", {"visit_key": PSEUDONYM, "days": Form(kind="raw")})
    department.scan(asked, clinic.evidence(asked)).read_all()
    by_visit = PersonTags(of={"visit": department.persons.tags("0000000001").of["visit"]})
    assert [use.dataset for use in department.persons.uses(by_visit)] == ["clinic.visit"]
    assert department.persons.uses(PersonTags(of={"visit": frozenset({1})})) == ()
