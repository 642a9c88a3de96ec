"""What must hold within a catalogue and no schema can say: names that refer to each other, keys, sources.

Each function raises the first fault that it finds, with the line where it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from itertools import product
from pathlib import PurePosixPath
from string import ascii_uppercase

from governance.catalogue import Column, Dataset, Department, KeyKind, Layout, NamedSet
from governance.errors import BadInput
from governance.located_yaml import Located
from governance.registers import Register

LAYOUT_FIELDS = ("encoding", "sheet", "title_rows", "header_rows", "leave_out", "from_name", "from_cell")
"""What a dataset in files may say of the layout of all its files, and each of its layouts of its own."""

_AES_BLOCK_TEXT = 15
"""Bytes of canonical text that fit one AES block beside its length."""


def check_kinds(located: Located) -> None:
    """The kinds of key: patterns that compile, a method that fits the length, subject and household among them.

    Raises:
        BadInput: with the line in ``kinds.yaml``.
    """
    kinds = located.data["kinds"]
    for name, kind in kinds.items():
        line = located.line("kinds", name, "pattern")
        try:
            re.compile(kind["pattern"])
        except (re.error, RecursionError, OverflowError) as error:
            raise BadInput("catalogue-kind-pattern", file=located.file, line=line, kind=name) from error
        if kind["method"] == "aes" and (kind["pad"] is None or kind["pad"] > _AES_BLOCK_TEXT):
            line = located.line("kinds", name, "method")
            raise BadInput("catalogue-kind-aes", file=located.file, line=line, kind=name, limit=_AES_BLOCK_TEXT)
    if located.data["subject"] not in kinds:
        line = located.line("subject")
        raise BadInput("catalogue-kind-unknown", file=located.file, line=line, kind=located.data["subject"])
    for part in ("household", "persons"):
        for position, name in enumerate(located.data.get(part, ())):
            if name not in kinds:
                line = located.line(part, position)
                raise BadInput("catalogue-kind-unknown", file=located.file, line=line, kind=name)


def check_dataset(
    dataset: Dataset,
    located: Located,
    *,
    kinds: Mapping[str, KeyKind],
    subject_kind: str,
    person_kinds: tuple[str, ...],
) -> None:
    """One dataset of a department's file.

    Raises:
        BadInput: with the line in the department's file.
    """
    base = ("datasets", dataset.name)
    prefix = dataset.name.partition(".")[0]
    if prefix != dataset.department:
        raise BadInput(
            "catalogue-dataset-prefix",
            file=located.file,
            line=located.line(*base),
            dataset=dataset.name,
            department=dataset.department,
        )
    _check_source(dataset, located)
    for column in dataset.columns.values():
        _check_column(dataset, column, located, kinds=kinds)
    if dataset.impersonal:
        _check_impersonal(dataset, located)
    for position, name in enumerate(dataset.unique_by):
        if name not in dataset.columns:
            _unknown_column(dataset, name, located, "unique_by", position)
    for control, name in dataset.gates.items():
        if name not in dataset.columns:
            _unknown_column(dataset, name, located, "gates", control)
    if dataset.cohort:
        person = next((key for kind in person_kinds if (key := dataset.key_of_kind(kind)) is not None), None)
        if person is None or person not in dataset.unique_by:
            line = located.line(*base, "cohort")
            raise BadInput(
                "catalogue-cohort-key", file=located.file, line=line, dataset=dataset.name, kind=subject_kind
            )
    if dataset.bridge:
        key_kinds = {column.key for column in dataset.columns.values() if column.key is not None}
        if subject_kind not in key_kinds or len(key_kinds) < 2:
            line = located.line(*base, "bridge")
            raise BadInput("catalogue-bridge-keys", file=located.file, line=line, dataset=dataset.name)


def _check_impersonal(dataset: Dataset, located: Located) -> None:
    """A dataset that is declared to hold no data subject holds nothing that tells persons apart or speaks of them.

    A view is computed from tables that may hold persons: only base tables can be declared. And what is not known
    in such a table is not there: no NULL and no missing row in it means *unknown*, which a wider language could lose.
    """
    base = ("datasets", dataset.name)
    if dataset.cohort or dataset.bridge or dataset.derived or dataset.gates or dataset.absent_row != "none":
        line = located.line(*base, "data_subject")
        raise BadInput("catalogue-data-subject", file=located.file, line=line, dataset=dataset.name)
    for column in dataset.columns.values():
        ordinary = (column.column_class, column.sensitivity, column.origin) == ("attribute", "normal", "own")
        if not ordinary or column.nulls == "unknown":
            line = located.line(*base, "columns", column.name)
            raise BadInput(
                "catalogue-data-subject-column",
                file=located.file,
                line=line,
                dataset=dataset.name,
                column=column.name,
            )


def check_shared_sources(datasets: Register[Dataset], departments: Mapping[str, Department]) -> None:
    """What is declared to hold no data subject is not, under another name, the table or the files of persons.

    Raises:
        BadInput: one source stands in two datasets, of which one is declared so and the other is not; with the line of
            the declaration.
    """
    for dataset in datasets.values():
        for other in datasets.values() if dataset.impersonal else ():
            pairs = () if other.impersonal else product(_sources(dataset, departments), _sources(other, departments))
            if any(fnmatchcase(one, two) or fnmatchcase(two, one) for one, two in pairs):
                place = datasets.origin(dataset.name).place("data_subject")
                raise BadInput(
                    "catalogue-data-subject-shared",
                    file=place.file,
                    line=place.line,
                    dataset=dataset.name,
                    other=other.name,
                )


def _sources(dataset: Dataset, departments: Mapping[str, Department]) -> Iterator[str]:
    """Where the rows of a base dataset stand: engines and many file systems tell no case apart in names."""
    names = (dataset.table or "",) if not dataset.layouts else (name for each in dataset.layouts for name in each.files)
    for name in names if not dataset.derived else ():
        yield f"{departments[dataset.department].source_path}/{name}".casefold()


def check_set(
    named_set: NamedSet,
    located: Located,
    *,
    position: int,
    datasets: Mapping[str, Dataset],
    kinds: Mapping[str, KeyKind],
) -> None:
    """A named set: its key is a key column of one of the department's datasets, or, for a list, a kind of key.

    Raises:
        BadInput: with the line in the department's file.
    """
    own = [dataset for dataset in datasets.values() if dataset.department == named_set.department]
    if named_set.sql is None and named_set.key in kinds:
        return
    if not any(d.columns[named_set.key].column_class == "key" for d in own if named_set.key in d.columns):
        line = located.line("sets", position, "key")
        raise BadInput("catalogue-set-key", file=located.file, line=line, set=named_set.name, column=named_set.key)


def _unknown_column(dataset: Dataset, name: str, located: Located, *path: str | int) -> None:
    line = located.line("datasets", dataset.name, *path)
    raise BadInput("catalogue-column-unknown", file=located.file, line=line, dataset=dataset.name, column=name)


def _check_source(dataset: Dataset, located: Located) -> None:
    document = located.data["datasets"][dataset.name]
    given = {name for name in ("derived", "table", "files") if name in document}
    base = "files" if located.data["source"]["kind"] == "files" else "table"
    if given not in ({"derived"}, {base}):
        line = located.line("datasets", dataset.name)
        raise BadInput("catalogue-source", file=located.file, line=line, dataset=dataset.name, base=base)
    for name in (*LAYOUT_FIELDS, "layouts"):
        if name in document and given != {"files"}:
            line = located.line("datasets", dataset.name, name)
            raise BadInput("catalogue-files-only", file=located.file, line=line, dataset=dataset.name, field=name)
    for name in ("unreadable_values", "reject_up_to"):
        if name in document and given == {"derived"}:
            line = located.line("datasets", dataset.name, name)
            raise BadInput("catalogue-base-only", file=located.file, line=line, dataset=dataset.name, field=name)
    if dataset.reject_up_to and dataset.absent_row != "unknown":
        # A person whose row is set aside would look as if there were nothing about them.
        line = located.line("datasets", dataset.name, "reject_up_to")
        raise BadInput("catalogue-reject-absent", file=located.file, line=line, dataset=dataset.name)
    # That of all files first: the others inherit its faults, which stand there and not in them.
    for position in range(-1, len(dataset.layouts) - 1) if dataset.layouts else ():
        place = ("datasets", dataset.name, *(("layouts", position) if position >= 0 else ()))
        _check_layout(dataset, dataset.layouts[position], located, place)


def _check_layout(dataset: Dataset, layout: Layout, located: Located, base: tuple[str | int, ...]) -> None:
    file, name = located.file, dataset.name

    def line(*path: str | int) -> int:
        return located.line(*base, *path)

    for pattern in layout.files:
        path = PurePosixPath(pattern)
        if path.is_absolute() or ".." in path.parts or "\0" in pattern:
            raise BadInput("catalogue-path-outside", file=file, line=line("files"))
    try:
        "".encode(layout.encoding)
    except (LookupError, ValueError):
        raise BadInput("catalogue-encoding", file=file, line=line("encoding"), dataset=name) from None
    from_name: tuple[str, ...] = ()
    if layout.from_name is not None:
        try:
            from_name = tuple(re.compile(layout.from_name).groupindex)
        except (re.error, RecursionError, OverflowError):
            raise BadInput("catalogue-from-name", file=file, line=line("from_name"), dataset=name) from None
        if not from_name:
            raise BadInput("catalogue-from-name", file=file, line=line("from_name"), dataset=name)
    for column, cell in layout.from_cell.items():
        if int(cell.lstrip(ascii_uppercase)) > layout.title_rows:
            where = line("from_cell", column)
            raise BadInput("catalogue-from-cell", file=file, line=where, dataset=name, rows=layout.title_rows)
    places = {"from_name": from_name, "from_cell": layout.from_cell, "titles": layout.titles, "missing": layout.missing}
    seen: set[str] = set()
    for key, columns in places.items():
        for position, column in enumerate(columns):
            at = line(key, *{"from_name": (), "missing": (position,)}.get(key, (column,)))
            if column not in dataset.columns or dataset.columns[column].compose:
                raise BadInput("catalogue-column-unknown", file=file, line=at, dataset=name, column=column)
            if column in seen:
                raise BadInput("catalogue-layout-twice", file=file, line=at, dataset=name, column=column)
            seen.add(column)
            if key == "missing" and dataset.columns[column].nulls != "unknown":
                raise BadInput("catalogue-layout-missing", file=file, line=at, dataset=name, column=column)


def _check_column(dataset: Dataset, column: Column, located: Located, *, kinds: Mapping[str, KeyKind]) -> None:
    base = ("datasets", dataset.name, "columns", column.name)
    file, name = located.file, dataset.name
    if (column.column_class == "key") != (column.key is not None):
        line = located.line(*base, "class")
        raise BadInput("catalogue-key-class", file=file, line=line, dataset=name, column=column.name)
    if column.key is not None and column.key not in kinds:
        raise BadInput("catalogue-kind-unknown", file=file, line=located.line(*base, "key"), kind=column.key)
    if column.type == "decimal" and not dataset.impersonal:
        line = located.line(*base, "type")
        raise BadInput("catalogue-decimal", file=file, line=line, dataset=name, column=column.name)
    if column.codes and column.type != "text":
        line = located.line(*base, "codes")
        raise BadInput("catalogue-codes-type", file=file, line=line, dataset=name, column=column.name)
    if not column.compose:
        return
    if column.key is None or column.type != "text" or column.source is not None or dataset.derived:
        line = located.line(*base, "compose")
        raise BadInput("catalogue-compose", file=file, line=line, dataset=name, column=column.name)
    for position, part in enumerate(column.compose):
        if part not in dataset.columns or dataset.columns[part].compose:
            line = located.line(*base, "compose", position)
            raise BadInput("catalogue-column-unknown", file=file, line=line, dataset=name, column=part)
