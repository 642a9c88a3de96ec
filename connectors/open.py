"""Opening the departments of a deployment: each with its source, its snapshots and the days of its extracts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from connectors.department import LocalDepartment
from connectors.duckdb_file import DuckdbSource
from connectors.evidence import EvidenceVerifier
from connectors.extracts import Extracts
from connectors.files import FilesSource
from connectors.holdings import Holdings
from connectors.memory import Memory
from connectors.postgresql import PostgresqlSource
from connectors.snapshots import SnapshotStore
from connectors.sources import Source, inside
from connectors.sqlite import SqliteSource
from connectors.suspensions import Suspensions
from connectors.uses import Uses
from connectors.watch import Watch
from governance.catalogue import Catalogue, Department
from governance.errors import BadInput
from masking.keys import KeyRing

SNAPSHOTS = "snapshots"

_SOURCES: Mapping[str, Callable[[Path, Path], Source]] = {
    "sqlite": lambda path, root: SqliteSource(path, root=root),
    "duckdb": lambda path, root: DuckdbSource(path, root=root),
    "postgresql": lambda path, root: PostgresqlSource(path, root=root),
    "files": lambda path, root: FilesSource(path, root=root),
}


def source_kinds() -> tuple[str, ...]:
    """The kinds of source that a catalogue may name."""
    return tuple(_SOURCES)


def open_departments(
    catalogue: Catalogue, *, root: Path, keyring: KeyRing, verify_evidence: EvidenceVerifier
) -> Mapping[str, LocalDepartment]:
    """Open every department of a catalogue. Nothing is read yet: one that is broken does not stop the others.

    Args:
        catalogue: what the departments hold.
        root: the deployment's ``departments/`` folder; paths of the catalogue are relative to it.
        keyring: the pseudonym keys, on the departments' side.
        verify_evidence: what every department asks of the proof that comes with an order.

    Raises:
        BadInput: a source is of an unknown kind, or its path leads out of the folder.
    """
    return {
        department.id: _open(
            department, catalogue=catalogue, root=root, keyring=keyring, verify_evidence=verify_evidence
        )
        for department in catalogue.departments.values()
    }


def _open(
    department: Department, *, catalogue: Catalogue, root: Path, keyring: KeyRing, verify_evidence: EvidenceVerifier
) -> LocalDepartment:
    if department.source_kind not in _SOURCES:
        raise BadInput(
            "source-kind-unknown",
            department=department.id,
            kind=department.source_kind,
            kinds=", ".join(_SOURCES),
        )
    root = root.resolve()
    folder = inside(root, department.id, root=root)
    path = inside(root, department.source_path, root=root)
    holdings = Holdings(
        department.id,
        catalogue=catalogue,
        source=_SOURCES[department.source_kind](path, root),
        store=SnapshotStore(folder / SNAPSHOTS, department=department.id),
    )
    return LocalDepartment(
        department.id,
        catalogue=catalogue,
        holdings=holdings,
        extracts=Extracts(folder, root=root, datasets=(dataset.name for dataset in holdings.base_datasets())),
        keyring=keyring,
        verify_evidence=verify_evidence,
        memory=Memory(folder),
        suspensions=Suspensions(root, kind=catalogue.kinds[catalogue.subject_kind], keyring=keyring),
        watch=Watch(folder, keyring=keyring),
        uses=Uses(folder, catalogue=catalogue, keyring=keyring),
    )
