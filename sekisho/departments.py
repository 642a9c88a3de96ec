"""The departments of a deployment whose sources stand in its own folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from audit.note import parse_vkey
from connectors.department import LocalDepartment
from connectors.evidence import ledger_verifier
from connectors.memory import newest_checkpoint, size_of
from connectors.open import open_departments
from connectors.suspensions import Suspensions
from governance.catalogue import Catalogue
from governance.errors import Unavailable
from masking.keys import KeyRing
from sekisho.layout import Layout


def local_departments(catalogue: Catalogue, *, layout: Layout, ledger_vkey: str) -> Mapping[str, LocalDepartment]:
    """Open the departments' side: sources, pseudonym keys, and the ledger key that proofs are checked with.

    The keys go from their file into the departments and are kept nowhere else.

    Raises:
        BadInput: the pseudonym master is missing, malformed or readable by others, or a source is of an unknown kind.
    """
    return open_departments(
        catalogue,
        root=layout.departments,
        keyring=KeyRing.load(layout.master_key),
        verify_evidence=ledger_verifier(vkey=ledger_vkey, origin=parse_vkey(ledger_vkey).name),
    )


def suspensions(catalogue: Catalogue, *, layout: Layout) -> Suspensions:
    """The list of persons whose use is suspended, on the departments' side.

    Raises:
        BadInput: the pseudonym master is missing, malformed or readable by others.
    """
    return Suspensions(
        layout.departments, kind=catalogue.kinds[catalogue.subject_kind], keyring=KeyRing.load(layout.master_key)
    )


def newest_seen(catalogue: Catalogue, *, layout: Layout) -> str | None:
    """The newest checkpoint of the ledger that any department has seen: what the ledger has to continue.

    Raises:
        Unavailable: a department's memory cannot be read.
    """
    seen = (newest_checkpoint(layout.departments / department) for department in catalogue.departments)
    return max((note for note in seen if note is not None), key=size_of, default=None)


def rows_at_holders(
    departments: Callable[[], Mapping[str, LocalDepartment]], catalogue: Catalogue
) -> Callable[[str, date], int]:
    """How many rows a dataset has at its holder on a day: a number, and no data."""

    def rows(dataset: str, day: date) -> int:
        name = catalogue.dataset(dataset).department
        holder = departments().get(name)
        if holder is None:
            raise Unavailable("department-missing", department=name)
        return holder.rows(dataset, as_of=day)

    return rows
