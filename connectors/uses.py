"""What a department writes down for itself about each scan: whose rows left (第23条, 第28条).

The ledger names no data subject, and the broker could not tell who a pseudonym is. So the answer to *who used what
about this person* stands here, on the side that knows the person, and is made of keyed tags: 64 bits that only the
departments' side makes (`masking.keys.KeyRing.tags`). For each scan the record says under which decision of the ledger
it was served, of which dataset, and which tags were among its rows. A population that was served before is stored once.

A scan whose rows cannot be written down ends in an error, and is no answer.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from audit.entry import entry_time, parse_entry
from connectors.evidence import Evidence
from governance.catalogue import Catalogue, Dataset, KeyKind
from governance.errors import Unavailable
from masking.keys import KeyRing

FILE = ".uses.sqlite"

Tags = npt.NDArray[np.uint64]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS population (digest BLOB PRIMARY KEY, tags BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS use (
    decision INTEGER NOT NULL, scan TEXT NOT NULL, dataset TEXT NOT NULL, kind TEXT NOT NULL, day TEXT NOT NULL,
    population BLOB NOT NULL REFERENCES population, PRIMARY KEY (decision, scan, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS use_by_day ON use (day);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTags:
    """How the departments' records know one person: by kind of key, every tag of theirs."""

    of: Mapping[str, frozenset[int]]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Use:
    """A scan that a person's rows were among.

    Attributes:
        decision: index of its decision in the ledger.
        scan: its id in that decision.
    """

    decision: int
    scan: str
    dataset: str


@dataclass(slots=True)
class Leaving:
    """Whose rows of one scan have left so far.

    Attributes:
        columns: kind of key → the columns that name a person by one.
    """

    columns: Mapping[str, Sequence[str]]
    _seen: dict[str, list[pa.Array[Any]]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that have to be read for it."""
        return tuple(name for columns in self.columns.values() for name in columns)

    def see(self, raw: pa.Table) -> None:
        """Take in the rows that leave, with the columns of keys among theirs."""
        for kind, columns in self.columns.items():
            for column in columns:
                chunk = raw.column(column).combine_chunks()
                self._seen.setdefault(kind, []).append(chunk.unique())

    def keys(self) -> Mapping[str, pa.Array[Any]]:
        """Every key once, by kind."""
        return {kind: pa.concat_arrays(found).unique() for kind, found in self._seen.items()}


class Uses:
    """The record of one department.

    Args:
        folder: the department's own folder.
        keyring: makes the tags.
    """

    def __init__(self, folder: Path, *, catalogue: Catalogue, keyring: KeyRing) -> None:
        self._folder = folder
        self._keyring = keyring
        self._kinds = {kind: catalogue.kinds[kind] for kind in kinds_of_persons(catalogue)}

    def leaving(self, dataset: Dataset) -> Leaving:
        """Begins to follow a scan of a dataset: every column whose key is a person's."""
        columns: dict[str, list[str]] = {}
        for column in dataset.columns.values():
            if column.key in self._kinds:
                columns.setdefault(column.key or "", []).append(column.name)
        return Leaving(columns)

    def write(self, leaving: Leaving, *, dataset: Dataset, evidence: Evidence) -> None:
        """Write down whose rows have left, durably.

        Raises:
            Unavailable: it cannot be written; the scan is no answer then.
        """
        day = entry_time(parse_entry(evidence.receipt.entry)).date().isoformat()
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for kind, keys in leaving.keys().items():
                tags = self._tags(keys, self._kinds[kind]).tobytes()
                digest = hashlib.sha256(tags).digest()
                connection.execute("INSERT OR IGNORE INTO population VALUES (?, ?)", (digest, tags))
                connection.execute(
                    "INSERT OR REPLACE INTO use VALUES (?, ?, ?, ?, ?, ?)",
                    (evidence.receipt.index, evidence.scan, dataset.name, kind, day, digest),
                )
            connection.execute("COMMIT")

    def of(self, person: PersonTags) -> tuple[Use, ...]:
        """The scans that a person's rows were among, by decision.

        Raises:
            Unavailable: the record cannot be read.
        """
        found: set[Use] = set()
        with self._connected() as connection:
            for kind, wanted in person.of.items():
                tags = np.array(sorted(wanted), dtype=np.uint64)
                held = [
                    digest
                    for digest, body in connection.execute(
                        "SELECT digest, tags FROM population"
                        " WHERE digest IN (SELECT population FROM use WHERE kind = ?)",
                        (kind,),
                    )
                    if np.isin(tags, _sorted(body), assume_unique=True).any()
                ]
                for digest in held:
                    rows = connection.execute(
                        "SELECT decision, scan, dataset FROM use WHERE population = ? AND kind = ?", (digest, kind)
                    )
                    found |= {Use(decision=decision, scan=scan, dataset=dataset) for decision, scan, dataset in rows}
        return tuple(sorted(found))

    def persons(self, scans: Sequence[tuple[int, str]]) -> Mapping[str, Tags]:
        """The tags of everybody whose rows some scans had, by kind of key.

        Args:
            scans: decision and id of each.

        Raises:
            Unavailable: the record cannot be read.
        """
        found: dict[str, list[Tags]] = {}
        with self._connected() as connection:
            for decision, scan in scans:
                rows = connection.execute(
                    "SELECT kind, tags FROM use JOIN population ON population = digest WHERE decision = ? AND scan = ?",
                    (decision, scan),
                )
                for kind, body in rows:
                    found.setdefault(kind, []).append(_sorted(body))
        return {kind: np.unique(np.concatenate(tags)) for kind, tags in found.items()}

    def days(self) -> Mapping[date, int]:
        """How many records there are of each day.

        Raises:
            Unavailable: the record cannot be read.
        """
        with self._connected() as connection:
            rows = connection.execute("SELECT day, count(*) FROM use GROUP BY day ORDER BY day").fetchall()
        return {date.fromisoformat(day): count for day, count in rows}

    def forget(self, days: Sequence[date]) -> int:
        """Erase the records of some days, and every population that no other record has; how many records there were.

        Raises:
            Unavailable: the record cannot be written.
        """
        with self._connected() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("BEGIN IMMEDIATE")
            gone = sum(connection.execute("DELETE FROM use WHERE day = ?", (day.isoformat(),)).rowcount for day in days)
            connection.execute("DELETE FROM population WHERE digest NOT IN (SELECT population FROM use)")
            connection.execute("COMMIT")
        return gone

    def tags_of(self, keys: Mapping[str, pa.Array[Any]]) -> PersonTags:
        """The tags of a person's keys, by kind."""
        return PersonTags(
            of={
                kind: frozenset(int(tag) for tag in self._tags(values, self._kinds[kind]))
                for kind, values in keys.items()
                if kind in self._kinds
            }
        )

    def _tags(self, keys: pa.Array[Any], kind: KeyKind) -> Tags:
        return self._keyring.tags(keys, kind=kind)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path = self._folder / FILE
            # Made here, so that nobody else can ever read it.
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
            connection = sqlite3.connect(path, isolation_level=None, timeout=30)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                connection.executescript(_SCHEMA)
                yield connection
            finally:
                # An open transaction that was not committed is undone here.
                connection.close()
        except (sqlite3.Error, OSError):
            raise Unavailable("department-memory", file=FILE) from None


def kinds_of_persons(catalogue: Catalogue) -> tuple[str, ...]:
    """The kinds of key that name one person, the subjects' first: declared ones, and those that a bridge maps to it."""
    bridged = (
        column.key
        for dataset in catalogue.datasets.values()
        if dataset.bridge and dataset.key_of_kind(catalogue.subject_kind) is not None
        for column in dataset.columns.values()
        if column.key is not None and column.key not in catalogue.household_kinds
    )
    return tuple(dict.fromkeys((*catalogue.person_kinds, *bridged)))


def _sorted(body: bytes) -> Tags:
    return np.frombuffer(body, dtype="<u8")
