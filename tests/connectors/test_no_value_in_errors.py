"""No value of any column reaches an error, its history, or the log (I7)."""

from __future__ import annotations

import io
import traceback
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from connectors.department import LocalDepartment
from connectors.evidence import ledger_verifier
from connectors.extracts import Extracts
from connectors.holdings import Holdings
from connectors.memory import Memory
from connectors.snapshots import SnapshotStore
from connectors.sources import Part, SourceTexts
from connectors.suspensions import Suspensions
from connectors.uses import Uses
from connectors.watch import Watch
from governance.catalogue import Dataset
from governance.conditions import FieldCondition
from governance.errors import Fault, SekishoError
from governance.forms import Form
from governance.log import configure_log
from governance.scans import ScanOrder
from masking.keys import KeyRing
from tests.audit.samples import ORIGIN, VKEY
from tests.connectors.clinic import (
    AS_OF,
    PERSON_COLUMNS,
    PERSONS,
    PSEUDONYM,
    RAW,
    VISIT_COLUMNS,
    VISITS,
    Clinic,
    Kind,
    changed,
    column,
    make_clinic,
    order,
)

CANARIES = {name: f"CANARY{number:02}Q" for number, name in enumerate([*PERSON_COLUMNS, *VISIT_COLUMNS])}
BASE = ("clinic.person", "clinic.visit")


@pytest.fixture(params=["sqlite", "csv-cp932"])
def watched(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Clinic, io.StringIO]]:
    """A holder, and what is logged meanwhile."""
    kind: Kind = request.param
    log = io.StringIO()
    configure_log(log, level=0)
    for clinic in make_clinic(tmp_path, kind):
        yield clinic, log
    structlog.reset_defaults()


def told(error: SekishoError) -> str:
    """Everything that a person or a log could see of an error."""
    parts = [str(error), repr(error), repr(error.params), repr(error.args)]
    parts += [error.text("ja"), error.text("en"), error.remedy("ja"), error.remedy("en")]
    parts += [repr(error.__cause__), repr(error.__context__)]
    return "\n".join([*parts, *traceback.format_exception(error)])


def asked(clinic: Clinic, dataset: str, planted: str) -> Iterator[ScanOrder]:
    """Ways of asking for a dataset in which the planted value could be told: raw, as a key, as a code, compared."""
    declared = clinic.catalogue.datasets[dataset].columns
    yield order(clinic, dataset, {name: RAW for name, c in declared.items() if c.origin == "own"})
    if planted in declared:
        number = FieldCondition(operator="eq", field=planted, value=7)
        yield order(clinic, dataset, {planted: RAW}, predicates=number)
        yield order(
            clinic, dataset, {planted: PSEUDONYM if declared[planted].key else Form(kind="ordinal", order=("-",))}
        )


@pytest.mark.parametrize("planted", sorted({name for name in CANARIES if name != "visit_key"}))
def test_a_canary_in_a_column_is_never_told(watched: tuple[Clinic, io.StringIO], planted: str) -> None:
    """Wherever a strange value stands, the refusals that it causes, and the log, speak of names and rows only."""
    clinic, log = watched
    canary = CANARIES[planted]
    clinic.write(
        persons=[*PERSONS[:1], {**PERSONS[3], planted: canary}] if planted in PERSON_COLUMNS else PERSONS,
        visits=[*VISITS[:1], {**VISITS[1], planted: canary}] if planted in VISIT_COLUMNS else VISITS,
    )
    errors = []
    for dataset in BASE:
        for ask in asked(clinic, dataset, planted):
            try:
                clinic.scan(ask)
            except SekishoError as error:
                errors.append(told(error))
    assert errors
    assert [text for text in errors if canary in text] == []
    assert canary not in log.getvalue()


def test_successful_scans_log_counts_and_digests_alone(watched: tuple[Clinic, io.StringIO]) -> None:
    """A line a scan: department, rows, columns, cells, digest; no value of the rows."""
    clinic, log = watched
    clinic.scan(order(clinic, "clinic.person", {"person_id": RAW, "name": RAW, "address": RAW}))
    assert '"cells": 12' in log.getvalue()
    values = [str(v) for person in PERSONS for name, v in person.items() if v is not None and name != "sex"]
    assert [value for value in values if value in log.getvalue() and value not in ("True", "False")] == []


def test_failing_sql_of_the_catalogue_does_not_tell_values(watched: tuple[Clinic, io.StringIO]) -> None:
    """DuckDB's own words print the value that a cast fails on; they end at the department."""
    clinic, log = watched
    for sql in ("SELECT CAST(name AS DATE) AS d FROM clinic.person", "SELECT error(name) AS d FROM clinic.person"):
        clinic.catalogue = changed(
            clinic.catalogue, "clinic.adult", derived_sql=sql, columns={"d": column("d", "date")}, unique_by=()
        )
        clinic.departments = {}
        with pytest.raises(SekishoError) as caught:
            clinic.department.rows("clinic.adult", as_of=AS_OF)
        names: list[Any] = [person["name"] for person in PERSONS if person["name"]]
        assert not any(name in told(caught.value) + log.getvalue() for name in names)


class ShoutingSource:
    """A source that fails in a way that nobody foresaw, with a value in its words."""

    def parts(self, dataset: Dataset, *, afresh: bool = False) -> tuple[Part, ...]:
        return (Part(name="shouting", state="0"),)

    def read(self, dataset: Dataset, part: Part) -> Generator[SourceTexts]:
        raise RuntimeError("CANARY-UNFORESEEN")
        yield


def test_what_nobody_foresaw_leaves_as_a_fault_without_its_words(watched: tuple[Clinic, io.StringIO]) -> None:
    """An unexpected failure on the department's side is an incident id to the broker, and a type in the log."""
    clinic, log = watched
    holdings = Holdings(
        "clinic",
        catalogue=clinic.catalogue,
        source=ShoutingSource(),
        store=SnapshotStore(clinic.root / "clinic" / "snapshots", department="clinic"),
    )
    department = LocalDepartment(
        "clinic",
        catalogue=clinic.catalogue,
        holdings=holdings,
        extracts=Extracts(clinic.root / "clinic", root=clinic.root, datasets=()),
        keyring=KeyRing(clinic.master),
        verify_evidence=ledger_verifier(vkey=VKEY, origin=ORIGIN),
        memory=Memory(clinic.root / "clinic"),
        suspensions=Suspensions(clinic.root, kind=clinic.catalogue.kinds["person"], keyring=KeyRing(clinic.master)),
        uses=Uses(clinic.root / "clinic", catalogue=clinic.catalogue, keyring=KeyRing(clinic.master)),
        watch=Watch(clinic.root / "clinic", keyring=KeyRing(clinic.master)),
    )
    ask = order(clinic, "clinic.person", {"person_id": PSEUDONYM})
    with pytest.raises(Fault) as caught:
        department.scan(ask, clinic.evidence(ask))
    assert caught.value.__cause__ is caught.value.__context__ is None
    assert "CANARY" not in told(caught.value) + log.getvalue()
    assert str(caught.value.params["incident"]) in log.getvalue()
    assert "RuntimeError" in log.getvalue()
