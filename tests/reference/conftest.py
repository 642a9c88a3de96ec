"""The reference city of these tests: generated once with the defaults of the demonstration, and loaded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from governance.catalogue import Catalogue
from governance.load_catalogue import load_catalogue
from reference.akishima.city.days import BASE_DATE
from reference.akishima.generate import GeneratedCity, generate
from tests.reference.loading import load_city
from tests.reference.oracle import household_care_and_absence


@pytest.fixture(scope="session")
def akishima(root: Path) -> Path:
    """The folder of the reference deployment's data."""
    return root / "reference" / "akishima"


@pytest.fixture(scope="session")
def catalogue(akishima: Path) -> Catalogue:
    """Its catalogue."""
    return load_catalogue(akishima / "catalogue")


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> GeneratedCity:
    """5,000 people with the default seed."""
    return generate(tmp_path_factory.mktemp("city"), population=5_000)


@pytest.fixture(scope="session")
def tables(city: GeneratedCity, catalogue: Catalogue) -> Iterator[duckdb.DuckDBPyConnection]:
    """All base and derived datasets of the city, unmasked."""
    with load_city(city.departments, catalogue, as_of=BASE_DATE) as connection:
        yield connection


@pytest.fixture(scope="session")
def oracle_answer(city: GeneratedCity) -> pd.DataFrame:
    """What the approved query must answer about the city."""
    return household_care_and_absence(city.departments, BASE_DATE)
