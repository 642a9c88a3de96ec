"""Departments are opened from the catalogue, and say of which day their data is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from connectors.open import source_kinds
from governance.errors import BadInput, Unavailable
from tests.connectors.clinic import AS_OF, GUARDED, Clinic


def test_the_day_of_a_dataset_is_its_extract_s_and_a_derived_one_s_the_oldest(clinic: Clinic) -> None:
    """What is computed from two extracts is as old as the older."""
    assert clinic.department.id == "clinic"
    assert clinic.department.as_of("clinic.person") == date(2023, 9, 30)
    assert clinic.department.as_of("clinic.adult") == date(2023, 9, 29)


def test_a_new_extract_is_noticed(clinic: Clinic) -> None:
    """The file is read again when it changed."""
    assert clinic.department.as_of("clinic.person") == date(2023, 9, 30)
    (clinic.root / "clinic" / "extract.yaml").write_text("clinic.person: '2023-10-31'\nclinic.visit: 2023-10-30\n")
    assert clinic.department.as_of("clinic.person") == date(2023, 10, 31)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("clinic.person: 2023-09-30\n", "extract-dataset-missing"),
        ("", "extract-malformed"),
        ("- clinic.person\n", "extract-malformed"),
        ("clinic.person: 2023-09-30\nclinic.visit: [\n", "extract-malformed"),
        ("clinic.person: 2023-13-30\n", "extract-malformed"),
        ("clinic.person: '2023-13-30'\n", "extract-day"),
        ("clinic.person: 2023-W39-6\n", "extract-day"),
        ("clinic.person: 2023-09-30 09:00:00\nclinic.visit: 2023-09-30\n", "extract-day"),
        ("clinic.person: R5.9.30\nclinic.visit: 2023-09-30\n", "extract-day"),
        ("clinic.person: 20230930\nclinic.visit: 2023-09-30\n", "extract-day"),
        ("clinic.adult: 2023-09-30\n", "extract-dataset-unknown"),
        ("nobody: 2023-09-30\n", "extract-dataset-unknown"),
        ("1: 2023-09-30\n", "extract-dataset-unknown"),
        (b"clinic.person: \xff\n", "extract-malformed"),
        ("!!python/object:os.system x\n", "extract-malformed"),
    ],
)
def test_a_broken_extract_file_is_refused_by_its_name(clinic: Clinic, content: str | bytes, code: str) -> None:
    """Malformed, incomplete or naming what is no base dataset: one message with the file."""
    body = content.encode() if isinstance(content, str) else content
    (clinic.root / "clinic" / "extract.yaml").write_bytes(body)
    with pytest.raises(BadInput) as caught:
        clinic.department.as_of("clinic.adult")
    assert caught.value.code == code
    assert caught.value.params["file"] == "clinic/extract.yaml"


def test_a_missing_extract_file_is_unavailable(clinic: Clinic) -> None:
    """Without a day the department does not answer."""
    (clinic.root / "clinic" / "extract.yaml").unlink()
    with pytest.raises(Unavailable) as caught:
        clinic.department.as_of("clinic.person")
    assert caught.value.code == "extract-missing"


@pytest.mark.parametrize("name", ["clinic.nobody", "other.person"])
def test_a_dataset_of_nobody_is_refused(clinic: Clinic, name: str) -> None:
    """A department answers for its own datasets."""
    with pytest.raises(BadInput):
        clinic.department.as_of(name)
    with pytest.raises(BadInput):
        clinic.department.rows(name, as_of=AS_OF)


def test_a_dataset_of_another_department_is_refused(clinic: Clinic) -> None:
    """A dataset that exists elsewhere is foreign here."""
    other = replace(clinic.catalogue.datasets["clinic.person"], name="other.person", department="other")
    clinic.catalogue = replace(clinic.catalogue, datasets={**clinic.catalogue.datasets, "other.person": other})
    for ask in (
        lambda: clinic.department.as_of("other.person"),
        lambda: clinic.department.rows("other.person", as_of=AS_OF),
    ):
        with pytest.raises(BadInput) as caught:
            ask()
        assert caught.value.code == "scan-order-foreign"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"source_kind": "oracle"}, "source-kind-unknown"),
        ({"source_path": "../elsewhere.sqlite"}, "source-path-outside"),
        ({"source_path": "/etc/passwd"}, "source-path-outside"),
        ({"id": "../clinic"}, "source-path-outside"),
    ],
)
def test_a_department_that_cannot_be_opened_is_refused(clinic: Clinic, changes: dict[str, Any], code: str) -> None:
    """Unknown kinds and paths out of the folder are refused at opening."""
    departments = {"clinic": replace(clinic.catalogue.departments["clinic"], **changes)}
    with pytest.raises(BadInput) as caught:
        clinic.open(catalogue=replace(clinic.catalogue, departments=departments))
    assert caught.value.code == code


def test_kinds_of_source_are_known() -> None:
    """The kinds that a catalogue may name."""
    assert source_kinds() == ("sqlite", "duckdb", "postgresql", "files")


def test_checking_a_department_reads_everything(clinic: Clinic) -> None:
    """The check that an operator runs finds a broken set that no query has asked for yet."""
    clinic.department.check(as_of=AS_OF)
    for broken in (replace(GUARDED, sql="SELECT 'x'"), replace(GUARDED, key="nobody")):
        departments = {"clinic": replace(clinic.catalogue.departments["clinic"], sets=(broken,))}
        opened = clinic.open(catalogue=replace(clinic.catalogue, departments=departments))
        with pytest.raises(BadInput):
            opened["clinic"].check(as_of=AS_OF)


def test_a_set_may_name_its_kind_of_key(clinic: Clinic) -> None:
    """The key of a set is a kind, or a column that has one."""
    departments = {"clinic": replace(clinic.catalogue.departments["clinic"], sets=(replace(GUARDED, key="person"),))}
    clinic.open(catalogue=replace(clinic.catalogue, departments=departments))["clinic"].check(as_of=AS_OF)
