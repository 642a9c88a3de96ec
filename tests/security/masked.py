"""The tables of a world as the analyst is granted them, in plain Python: what the hand-written answers run over."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import duckdb
import yaml

from tests.security.deployed import HERE
from tests.security.worlds import SCHEMA, World, tables

KINDS = {"atena_no": "resident", "household_no": "household", "student_no": "pupil"}
_TYPES = {"pseudonym": "UUID", "year": "DATE", "year_month": "DATE"}


def masked_value(value: Any, form: str, column: str, borders: tuple[str, ...] = ("01-01",)) -> Any:
    """One value in its granted form; pseudonyms are others than the broker's, and as many."""
    match form:
        case "pseudonym":
            return uuid.uuid5(uuid.NAMESPACE_OID, f"{KINDS[column]}|{value}")
        case "year":
            parts = [
                date.fromisoformat(f"{year}-{border}") for year in (value.year - 1, value.year) for border in borders
            ]
            return max(first for first in parts if first <= value)
        case "year_month":
            return value.replace(day=1)
        case "raw":
            return value
    raise ValueError(form)


@contextmanager
def masked_tables(world: World = "base") -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that holds every dataset in its granted forms and nothing else."""
    listed = yaml.safe_load((HERE / "deployment" / "allow_list.yaml").read_text(encoding="utf-8"))
    with duckdb.connect(":memory:") as engine:
        for name, rows in tables(world).items():
            forms = {column: form["form"] for column, form in listed[name].items()}
            borders = {column: tuple(form.get("borders", ("01-01",))) for column, form in listed[name].items()}
            engine.execute(f"CREATE SCHEMA IF NOT EXISTS {name.partition('.')[0]}")
            columns = ", ".join(f"{c} {_TYPES.get(form, SCHEMA[name][c])}" for c, form in forms.items())
            engine.execute(f"CREATE TABLE {name} ({columns})")
            engine.executemany(
                f"INSERT INTO {name} VALUES ({', '.join('?' * len(forms))})",
                [[masked_value(row[c], form, c, borders[c]) for c, form in forms.items()] for row in rows],
            )
        yield engine


def comparable(rows: list[tuple[Any, ...]]) -> list[str]:
    """Rows without the names of pseudonyms, in an order of their own; means to nine digits."""
    return sorted(repr(tuple(_plain(value) for value in row)) for row in rows)


def _plain(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return "pseudonym"
    if isinstance(value, float):
        return round(value, 9)
    return value.isoformat() if isinstance(value, date) else value
