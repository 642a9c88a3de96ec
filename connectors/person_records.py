"""What a department can say about one person: for the departments' own side, and for those who answer to the person.

A person's number goes in; it never comes out. What other departments are asked with are tags (`connectors.uses`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa

from connectors.extracts import Extracts
from connectors.guarded import guarded
from connectors.holdings import Holdings
from connectors.orders import kind_of_set
from connectors.suspensions import Suspensions
from connectors.uses import PersonTags, Tags, Use, Uses, kinds_of_persons
from governance.catalogue import Catalogue, Dataset
from governance.errors import BadInput
from masking.arrow_types import pc
from masking.canonical import canonical_keys

_Answer = TypeVar("_Answer")


class PersonRecords:
    """The records of persons of one department."""

    def __init__(
        self,
        department: str,
        *,
        catalogue: Catalogue,
        holdings: Holdings,
        extracts: Extracts,
        suspensions: Suspensions,
        uses: Uses,
    ) -> None:
        self._department = department
        self._catalogue = catalogue
        self._kind = catalogue.kinds[catalogue.subject_kind]
        self._holdings = holdings
        self._extracts = extracts
        self._suspensions = suspensions
        self._uses = uses

    def knows(self, dataset: str, identifier: str) -> bool:
        """Whether a person is in a dataset, by the column of its subjects.

        Raises:
            BadInput: the dataset is not the department's or has no such column, or this is no identifier of that kind.
            Unavailable: the source cannot be read.
        """
        return self._answer(lambda: self._knows(dataset, identifier))

    def tags(self, identifier: str) -> PersonTags:
        """How the departments' records know a person of this department's registers, by every kind of key.

        Raises:
            BadInput: this is no identifier of a subject.
            Unavailable: a source cannot be read.
        """
        return self._answer(lambda: self._tags(identifier))

    def uses(self, person: PersonTags) -> Sequence[Use]:
        """The scans of this department that a person's rows were among.

        Raises:
            Unavailable: the department's record cannot be read.
        """
        return self._answer(lambda: self._uses.of(person))

    def of_scans(self, scans: Sequence[tuple[int, str]]) -> Mapping[str, Tags]:
        """The tags of everybody whose rows left with some scans, by kind of key.

        Raises:
            Unavailable: the department's record cannot be read.
        """
        return self._answer(lambda: self._uses.persons(scans))

    def set_has(self, name: str, identifier: str, *, as_of: date) -> tuple[bool, date]:
        """Whether a person is in a named set of the department, and the oldest day that its data are of.

        Raises:
            BadInput: the department has no such set, or this is no identifier of a person.
            Unavailable: a source cannot be read.
        """
        return self._answer(lambda: self._set_has(name, identifier, as_of))

    def set_among(self, name: str, tags: Tags, *, as_of: date) -> int:
        """How many members of a named set of the department are among those with some tags of the register's key.

        Raises:
            BadInput: the department has no such set.
            Unavailable: a source cannot be read.
        """
        return self._answer(lambda: self._set_among(name, tags, as_of))

    def use_days(self) -> Mapping[date, int]:
        """How many records of whose rows left there are of each day.

        Raises:
            Unavailable: the department's record cannot be read.
        """
        return self._answer(self._uses.days)

    def forget_uses(self, days: Sequence[date]) -> int:
        """Erase the records of some days; how many there were.

        Raises:
            Unavailable: the department's record cannot be written.
        """
        return self._answer(lambda: self._uses.forget(days))

    def _answer(self, compute: Callable[[], _Answer]) -> _Answer:
        return guarded(self._department, compute)

    def _key(self, identifier: str) -> pa.Array[Any]:
        keys = canonical_keys(pa.array([identifier], type=pa.string()), self._kind)
        if keys.first_rejected() is not None or keys.values[0].as_py() is None:
            raise BadInput("suspension-key", kind=self._kind.name)
        return keys.values

    def _knows(self, name: str, identifier: str) -> bool:
        own = self._catalogue.dataset(name)
        if own.department != self._department:
            raise BadInput("scan-order-foreign", dataset=name, department=self._department)
        column, key = own.key_of_kind(self._kind.name), self._key(identifier)
        if column is None:
            raise BadInput("suspension-key", kind=self._kind.name)
        held = self._holdings.rows(own, as_of=self._day(own), columns=[column]).column(column)
        return bool(pc.any(pc.is_in(held, value_set=key)).as_py())

    def _tags(self, identifier: str) -> PersonTags:
        found: dict[str, list[pa.Array[Any]]] = {self._kind.name: [self._key(identifier)]}
        kinds = kinds_of_persons(self._catalogue)
        for own in self._catalogue.datasets.values():
            key = own.key_of_kind(self._kind.name)
            if own.department != self._department or not own.bridge or key is None:
                continue
            others = [column for column in own.columns.values() if column.key in kinds and column.name != key]
            rows = self._holdings.rows(own, as_of=self._day(own), columns=[key, *(column.name for column in others)])
            mine = rows.filter(pc.is_in(rows.column(key), value_set=found[self._kind.name][0]))
            for column in others:
                found.setdefault(column.key or "", []).append(mine.column(column.name).combine_chunks())
        return self._uses.tags_of({name: pa.concat_arrays(parts) for name, parts in found.items()})

    def _set_has(self, name: str, identifier: str, as_of: date) -> tuple[bool, date]:
        key = self._key(identifier)
        members, day = self._members(name, as_of)
        return bool(pc.is_in(key, value_set=members)[0].as_py()), day

    def _set_among(self, name: str, tags: Tags, as_of: date) -> int:
        members, _ = self._members(name, as_of)
        theirs = self._uses.tags_of({self._kind.name: members}).of[self._kind.name]
        return len(theirs.intersection(int(tag) for tag in tags))

    def _members(self, name: str, as_of: date) -> tuple[pa.Array[Any], date]:
        """The keys of a set's members, and the oldest day that its data are of."""
        held = next((s for s in self._catalogue.departments[self._department].sets if s.name == name), None)
        if held is None or kind_of_set(held, catalogue=self._catalogue) != self._kind.name:
            raise BadInput("scan-order-set", dataset=self._department, set=name)
        if held.sql is None:
            return self._suspensions.members(), as_of
        return self._holdings.set_members(held, as_of=as_of, kind=self._kind), self._extracts.oldest(held.sql)

    def _day(self, own: Dataset) -> date:
        return self._extracts.oldest(own.derived_sql) if own.derived_sql else self._extracts.day(own.name)
