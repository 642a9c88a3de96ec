"""Reads a catalogue folder: ``kinds.yaml``, one ``<department>.yaml`` a department, the SQL of derived datasets beside.

Everything that can be known from the catalogue alone is checked here, with file and line; what needs the guideline as
well is checked by ``governance.check_deployment``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from governance import located_yaml
from governance.catalogue import (
    Catalogue,
    Column,
    Dataset,
    Department,
    KeyKind,
    Label,
    Layout,
    LeaveOut,
    NamedSet,
)
from governance.catalogue_checks import (
    LAYOUT_FIELDS,
    check_dataset,
    check_kinds,
    check_set,
    check_shared_sources,
)
from governance.errors import BadInput
from governance.located_yaml import Located
from governance.reading_checks import check_reading
from governance.registers import Origin, Register
from governance.schema_check import check_schema
from governance.text_files import folder_digest, read_utf8


def load_catalogue(folder: Path) -> Catalogue:
    """Read and check a catalogue.

    Args:
        folder: the deployment's ``catalogue/`` folder.

    Raises:
        BadInput: a file is missing, unreadable or malformed, or names something that is not there; with file and line.
    """
    if not folder.is_dir():
        raise BadInput("folder-missing", file=folder.name)
    kinds_file = _located(folder / "kinds.yaml", folder)
    check_schema(kinds_file, "kinds")
    check_kinds(kinds_file)
    subject, persons = kinds_file.data["subject"], tuple(kinds_file.data.get("persons", ()))
    kinds = {name: _kind(name, document) for name, document in kinds_file.data["kinds"].items()}
    departments: dict[str, Department] = {}
    datasets: dict[str, Dataset] = {}
    origins: dict[str, Origin] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == "kinds.yaml":
            continue
        located = _located(path, folder)
        check_schema(located, "department")
        department = _department(located, folder, stem=path.stem)
        departments[department.id] = department
        origins[department.id] = Origin(located=located)
        for name in located.data["datasets"]:
            dataset = _dataset(name, located, folder)
            check_dataset(dataset, located, kinds=kinds, subject_kind=subject, person_kinds=(subject, *persons))
            datasets[name] = dataset
            origins[name] = Origin(located=located, path=("datasets", name))
        for position, named_set in enumerate(department.sets):
            check_set(named_set, located, position=position, datasets=datasets, kinds=kinds)
        check_reading((datasets[name] for name in located.data["datasets"]), department.sets, located)
    registered = Register(datasets, origins=origins)
    check_shared_sources(registered, departments)
    return Catalogue(
        departments=Register(departments, origins=origins),
        datasets=registered,
        kinds=Register(kinds, origins={name: Origin(located=kinds_file, path=("kinds", name)) for name in kinds}),
        subject_kind=subject,
        household_kinds=tuple(kinds_file.data["household"]),
        other_person_kinds=persons,
        digest=folder_digest(folder),
    )


def _located(path: Path, folder: Path) -> Located:
    return located_yaml.load(path, file=f"{folder.name}/{path.name}")


def _label(document: Mapping[str, str]) -> Label:
    return Label(ja=document["ja"], en=document["en"])


def _kind(name: str, document: Mapping[str, Any]) -> KeyKind:
    return KeyKind(
        name=name,
        label=_label(document["label"]),
        pattern=document["pattern"],
        pad=document["pad"],
        method=document["method"],
    )


def _department(located: Located, folder: Path, *, stem: str) -> Department:
    document = located.data
    if document["department"] != stem:
        raise BadInput(
            "catalogue-department-name",
            file=located.file,
            line=located.line("department"),
            department=document["department"],
        )
    return Department(
        id=document["department"],
        label=_label(document["label"]),
        organ=document["organ"],
        steward=document["steward"],
        source_kind=document["source"]["kind"],
        source_path=str(_inside(document["source"]["path"], located, line=located.line("source", "path"))),
        sets=tuple(
            NamedSet(
                name=entry["name"],
                department=document["department"],
                key=entry["key"],
                sql=_sql(entry["sql"], folder, located, line=located.line("sets", position, "sql"))
                if "sql" in entry
                else None,
            )
            for position, entry in enumerate(document.get("sets", ()))
        ),
    )


def _dataset(name: str, located: Located, folder: Path) -> Dataset:
    document = located.data["datasets"][name]
    derived = document.get("derived")
    line = located.line("datasets", name, "derived")
    return Dataset(
        name=name,
        department=located.data["department"],
        label=_label(document["label"]),
        columns={column: _column(column, entry) for column, entry in document["columns"].items()},
        absent_row=document["absent_row"],
        refresh=document["refresh"],
        derived_sql=None if derived is None else _sql(derived, folder, located, line=line),
        table=document.get("table"),
        layouts=_layouts(document),
        unreadable_values=document.get("unreadable_values", "refuse"),
        reject_up_to=float(document.get("reject_up_to", 0)),
        unique_by=tuple(document.get("unique_by", ())),
        cohort=document.get("cohort", False),
        bridge=document.get("bridge", False),
        impersonal=document.get("data_subject", "person") == "none",
        gates=dict(document.get("gates", {})),
    )


def _layouts(document: Mapping[str, Any]) -> tuple[Layout, ...]:
    """The layouts of a dataset in files, each with what the dataset says for all of them; the dataset's own is last."""
    if "files" not in document:
        return ()
    for_all = {name: document[name] for name in ("files", *LAYOUT_FIELDS) if name in document}
    return tuple(_layout({**for_all, **layout}) for layout in (*document.get("layouts", ()), {}))


def _layout(document: Mapping[str, Any]) -> Layout:
    files, leave_out = document["files"], document.get("leave_out")
    return Layout(
        files=(files,) if isinstance(files, str) else tuple(files),
        encoding=document.get("encoding", "utf-8"),
        sheet=document.get("sheet"),
        title_rows=document.get("title_rows", 0),
        header_rows=document.get("header_rows", 1),
        leave_out=LeaveOut(column=leave_out["column"], values=tuple(leave_out["values"])) if leave_out else None,
        from_name=document.get("from_name"),
        from_cell=dict(document.get("from_cell", {})),
        titles=dict(document.get("titles", {})),
        missing=tuple(document.get("missing", ())),
    )


def _column(name: str, document: Mapping[str, Any]) -> Column:
    return Column(
        name=name,
        label=_label(document["label"]),
        type=document["type"],
        column_class=document["class"],
        sensitivity=document.get("sensitivity", "normal"),
        origin=document.get("origin", "own"),
        key=document.get("key"),
        nulls=document.get("nulls", "unknown"),
        source=document.get("source"),
        compose=tuple(document.get("compose", ())),
        codes=tuple(document.get("codes", ())),
    )


def _inside(name: str, located: Located, *, line: int) -> PurePosixPath:
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts or "\0" in name:
        raise BadInput("catalogue-path-outside", file=located.file, line=line)
    return relative


def _sql(name: str, folder: Path, located: Located, *, line: int) -> str:
    relative = _inside(name, located, line=line)
    path = folder.joinpath(*relative.parts)
    if not path.is_file():
        raise BadInput("catalogue-sql-missing", file=located.file, line=line, sql=f"{folder.name}/{relative}")
    text = read_utf8(path, file=f"{folder.name}/{relative}")
    if not text.strip():
        raise BadInput("catalogue-sql-missing", file=located.file, line=line, sql=f"{folder.name}/{relative}")
    return text
