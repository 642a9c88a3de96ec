"""Households written by hand into a register of the real shape, for tests of derived SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from governance.catalogue import Catalogue
from reference.akishima.city.days import BASE_DATE
from reference.akishima.extracts.shimin import HISTORY_COLUMNS, RESIDENT_COLUMNS
from tests.reference.loading import load_city


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person of a hand-made household; ``id`` is short and padded when written."""

    id: str
    relation: str
    birth: str
    sex: str = "1"
    status: str = "現存"
    protected: bool = False


def head(id: str, birth: str = "S55.6.1", **more: object) -> Member:  # noqa: A002
    """A head of household."""
    return Member(id=id, relation="世帯主", birth=birth, **more)  # type: ignore[arg-type]


def member(id: str, relation: str, birth: str, **more: object) -> Member:  # noqa: A002
    """Another member."""
    return Member(id=id, relation=relation, birth=birth, **more)  # type: ignore[arg-type]


def derive(
    folder: Path,
    catalogue: Catalogue,
    homes: Mapping[str, Sequence[Member]],
    *,
    dwellings: Mapping[str, str] | None = None,
    as_of: date = BASE_DATE,
) -> duckdb.DuckDBPyConnection:
    """Write the households (name → members) and compute the register's derived datasets over them.

    Args:
        dwellings: household → dwelling, for households that share one; otherwise each has its own.
    """
    path = folder / "shimin" / "shimin.sqlite"
    path.parent.mkdir(parents=True)
    rows = [
        _row(person, home, (dwellings or {}).get(home, home)) for home, members in homes.items() for person in members
    ]
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"CREATE TABLE resident ({', '.join(RESIDENT_COLUMNS)})")
        connection.execute(f"CREATE TABLE history ({', '.join(HISTORY_COLUMNS)})")
        connection.executemany(f"INSERT INTO resident VALUES ({', '.join('?' * len(RESIDENT_COLUMNS))})", rows)
    return load_city(folder, catalogue, as_of=as_of, only="shimin")


def _row(person: Member, home: str, dwelling: str) -> tuple[str, ...]:
    values = dict.fromkeys(RESIDENT_COLUMNS, "") | {
        "resident_id": person.id,
        "household_id": home,
        "birth_date": person.birth,
        "sex": person.sex,
        "relation": person.relation,
        "town_code": "0100",
        "dwelling_key": dwelling,
        "became_resident_on": "H20.4.1",
        "dv_support_flag": "1" if person.protected else "0",
        "status": person.status,
    }
    return tuple(values[name] for name in RESIDENT_COLUMNS)


def child_row(connection: duckdb.DuckDBPyConnection, child: str) -> Mapping[str, object]:
    """The row of one child in ``shimin.child``."""
    relation = connection.sql(f"SELECT * FROM shimin.child WHERE resident_id = '{child}'")
    (row,) = relation.fetchall()
    return dict(zip(relation.columns, row, strict=True))


def kinds(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Person → kind in ``shimin.household_member``."""
    return dict(connection.sql("SELECT resident_id, kind FROM shimin.household_member").fetchall())
