"""Pairs of towns that agree on one person, or on one person's household, and on nothing else."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from masking.arrow_types import HELD_TYPES
from tests.query_broker.world import CATALOGUE, Row, Tables, people_of, tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """One subject in three towns.

    Attributes:
        town: any town.
        same_household: a town in which everything about the subject's household is the same.
        same_person: a town in which everything about the subject is the same, and nothing about anybody else.
    """

    subject: str
    town: duckdb.DuckDBPyConnection
    same_household: duckdb.DuckDBPyConnection
    same_person: duckdb.DuckDBPyConnection


def neighbours(seed: int) -> Neighbours:
    """A subject and three towns, from a seed."""
    chance = random.Random(seed)
    town = tables(seed)
    person = chance.choice(town["town.person"])
    subject = person["resident_id"]
    own = [row for name in ("town.person", "town.member") for row in town[name] if row["resident_id"] == subject]
    homes = {name: {row[name] for row in own} - {None} for name in ("household_id", "dwelling_id")}
    household = {subject} | people_of(row for name in town for row in town[name] if _lives_in(row, homes))
    # Now and then there is nobody else at all: an answer may not even tell that a table is empty.
    others = tables(seed + 1_000_003) if chance.random() < 0.8 else {name: [] for name in CATALOGUE.datasets}
    return Neighbours(
        subject=subject,
        town=_engine(town),
        same_household=_engine(
            {
                name: [row for row in town[name] if _is_about(row, household) or _lives_in(row, homes)]
                + [row for row in others[name] if not _is_about(row, household) and not _lives_in(row, homes)]
                for name in town
            }
        ),
        same_person=_engine(
            {
                name: [row for row in town[name] if _is_about(row, {subject})]
                + [row for row in others[name] if not _is_about(row, {subject})]
                for name in town
            }
        ),
    )


def _is_about(row: Row, people: set[str]) -> bool:
    named = people_of([row])
    patient = row.get("patient")
    return bool(named & people) or (not named and patient is not None and patient.partition("|")[2] in people)


def _lives_in(row: Row, homes: Mapping[str, set[Any]]) -> bool:
    return any(row.get(name) in known for name, known in homes.items())


def _engine(town: Tables) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": "1"})
    for name, dataset in CATALOGUE.datasets.items():
        columns = dataset.columns.values()
        incoming = pa.table(
            {c.name: pa.array([row[c.name] for row in town[name]], HELD_TYPES[c.type]) for c in columns}
        )
        connection.register("incoming", incoming)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {dataset.department}")
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM incoming")
        connection.unregister("incoming")
    return connection
