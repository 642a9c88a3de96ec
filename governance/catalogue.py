"""What the departments hold: departments, datasets, columns and kinds of key, as frozen values.

The catalogue is the only source of names for a query. It says nothing of who may see what; that is the guideline's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from governance.errors import BadInput
from governance.forms import ColumnType

ColumnClass = Literal["key", "identifier", "quasi_identifier", "attribute", "free_text"]
Sensitivity = Literal["normal", "kibi", "youhairyo"]
"""``youhairyo``: 要配慮個人情報 of the law. ``kibi``: 機微, the city's own list."""
Origin = Literal["own", "benefit", "tax", "my_number", "resident_code"]
Nulls = Literal["never", "none", "unknown"]
"""What SQL's NULL means in a column: never there, *none* (a fact), or *unknown* (no fact)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A name for people, in both languages."""

    ja: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyKind:
    """A kind of identifier. Keys of different kinds never join.

    Attributes:
        pattern: the canonical text form, as a regular expression over the whole value.
        pad: digits to which a bare number is left-padded with zeros, ``None`` for no padding.
        method: how pseudonyms are made: ``aes`` (at most 15 bytes of canonical text) or ``hmac``.
    """

    name: str
    label: Label
    pattern: str
    pad: int | None
    method: Literal["aes", "hmac"]

    def __post_init__(self) -> None:
        try:
            re.compile(self.pattern)
        except re.error as error:
            raise BadInput("catalogue-key-pattern", kind=self.name) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a dataset.

    Attributes:
        key: kind of key, for identifier columns that may join.
        source: header or column name in the holder's source; the catalogue's name where they are the same.
        compose: for a composite key, the columns of the same dataset whose canonical texts, joined by ``|``, are it.
        codes: the values that the source may hold, empty for any.
    """

    name: str
    label: Label
    type: ColumnType
    column_class: ColumnClass
    sensitivity: Sensitivity = "normal"
    origin: Origin = "own"
    key: str | None = None
    nulls: Nulls = "unknown"
    source: str | None = None
    compose: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaveOut:
    """Rows of a file that are no records: subtotals, totals.

    Attributes:
        column: header of the column that tells them.
        values: what stands there in such a row.
    """

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How some files of a base dataset are laid out.

    Attributes:
        files: globs relative to the source's folder.
        encoding: of CSV.
        sheet: worksheet by name; ``None`` for the only visible one.
        title_rows: rows above the header.
        header_rows: rows of the header; the cells of several, one under the other, make one title (``欠席/病気``).
        leave_out: rows that are no records.
        from_name: regular expression over the file's name without its ending; its named groups are columns.
        from_cell: column → cell above the header (``B1``).
        titles: column → header in these files, where it is not the column's ``source``.
        missing: columns that these files do not have; their values are unknown.
    """

    files: tuple[str, ...]
    encoding: str = "utf-8"
    sheet: str | None = None
    title_rows: int = 0
    header_rows: int = 1
    leave_out: LeaveOut | None = None
    from_name: str | None = None
    from_cell: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A base table or a derived dataset (a view that its holder computes over its own raw tables).

    Attributes:
        name: ``department.name``.
        derived_sql: the view's SELECT over the department's base tables, for derived datasets; runs on the
            department's side only, with ``$as_of`` bound to the query's date.
        table: table of the source for base datasets in a database.
        layouts: for base datasets in files, how they are laid out; of several that match a file the first one wins.
            The last is that of all files of the dataset.
        unreadable_values: what becomes of a value that cannot be read: the dataset is refused, or, in columns where
            NULL means unknown, the value is unknown and reported.
        reject_up_to: share of rows that may be set aside and reported before the dataset is refused.
        absent_row: what it means that a person has no row here.
        refresh: class of freshness, a key of the guideline's parameter ``freshness_max_days``.
        unique_by: columns of which one combination has at most one row; empty where rows may repeat.
        cohort: whether its rows may be about the persons that a result is about.
        bridge: whether it maps the subject's key to a key of another kind (学齢簿).
        impersonal: its holder declares that it holds no data subject: no row of it is about a person.
        gates: control → column that the control's row filter reads (``{"target-age": "birth_date"}``).
    """

    name: str
    department: str
    label: Label
    columns: Mapping[str, Column]
    absent_row: Literal["none", "unknown"]
    refresh: str
    derived_sql: str | None = None
    table: str | None = None
    layouts: tuple[Layout, ...] = ()
    unreadable_values: Literal["refuse", "unknown"] = "refuse"
    reject_up_to: float = 0.0
    unique_by: tuple[str, ...] = ()
    cohort: bool = False
    bridge: bool = False
    impersonal: bool = False
    gates: Mapping[str, str]

    @property
    def files(self) -> tuple[str, ...]:
        """Globs of the files of a base dataset in files, relative to the source's folder; empty for every other."""
        return self.layouts[-1].files if self.layouts else ()

    @property
    def derived(self) -> bool:
        """Whether the dataset is a view computed by its holder."""
        return self.derived_sql is not None

    def column(self, name: str) -> Column:
        """The column of that name.

        Raises:
            BadInput: there is none.
        """
        try:
            return self.columns[name]
        except KeyError:
            raise BadInput("name-column-unknown", dataset=self.name, column=name) from None

    def key_of_kind(self, kind: str) -> str | None:
        """The column that holds the key of a kind, or ``None``."""
        return next((c.name for c in self.columns.values() if c.key == kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSet:
    """A set of subjects that only its holder knows, named in obligations (``address-protected``).

    Attributes:
        sql: SELECT of one column of keys over the department's base tables, with ``$as_of``; runs at the holder only.
            ``None`` for the list of suspensions that the departments' side keeps.
    """

    name: str
    department: str
    key: str
    sql: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A holding department (保有・管理主体) and its one source.

    Attributes:
        organ: the organ it belongs to (市長, 教育委員会), a name of the guideline.
        steward: principal id of its 保護管理者.
        source_kind: the connector (``sqlite``, ``duckdb``, ``postgresql``, ``files``).
        source_path: file, folder or description of a connection, relative to the deployment's ``departments/`` folder.
    """

    id: str
    label: Label
    organ: str
    steward: str
    source_kind: str
    source_path: str
    sets: tuple[NamedSet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """All departments, datasets and kinds of key of a deployment.

    Attributes:
        subject_kind: the kind of key of the persons that results are about.
        household_kinds: kinds of key that group persons living together.
        other_person_kinds: further kinds of key of which each key names one person (a student number): a dataset that
            has no key of the subject's kind is about the persons of the first of these that it has.
        digest: SHA-256 of the files that it was read from, the views' SQL included: what an approved query means, it
            means under this catalogue.
    """

    departments: Mapping[str, Department]
    datasets: Mapping[str, Dataset]
    kinds: Mapping[str, KeyKind]
    subject_kind: str
    household_kinds: tuple[str, ...]
    other_person_kinds: tuple[str, ...] = ()
    digest: str = ""

    @property
    def person_kinds(self) -> tuple[str, ...]:
        """Every kind of key that names one person, the subject's first."""
        return (self.subject_kind, *self.other_person_kinds)

    def person_key(self, dataset: Dataset) -> str | None:
        """The column that says which person a row of a dataset is about, or ``None``."""
        keys = (dataset.key_of_kind(kind) for kind in self.person_kinds)
        return next((key for key in keys if key is not None), None)

    def dataset(self, name: str) -> Dataset:
        """The dataset of that name.

        Raises:
            BadInput: there is none.
        """
        try:
            return self.datasets[name]
        except KeyError:
            raise BadInput("name-dataset-unknown", dataset=name) from None
