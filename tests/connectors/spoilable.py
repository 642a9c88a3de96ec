"""A sound source of each kind, in whose file bytes can be changed, and what reading it comes to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from connectors.open import _SOURCES
from connectors.typed_columns import type_columns
from governance.catalogue import Catalogue
from governance.errors import BadInput, SekishoError, Unavailable
from tests.connectors.clinic import PERSONS, Clinic, Kind, clinic_catalogue

SECRET = "CANARY"


@dataclass(frozen=True, kw_only=True)
class Target:
    """A sound source of a kind, in whose file bytes can be changed."""

    clinic: Clinic
    path: Path
    sound: bytes

    def outcome(self, content: bytes) -> str:
        """What reading the changed file comes to."""
        self.path.write_bytes(content)
        department = self.clinic.catalogue.departments["clinic"]
        dataset = self.clinic.catalogue.datasets["clinic.person"]
        source = _SOURCES[department.source_kind](self.clinic.source, self.clinic.root)
        error: SekishoError | None = None
        try:
            for part in source.parts(dataset, afresh=True):
                for texts in source.read(dataset, part):
                    type_columns(texts, dataset, kinds=self.clinic.catalogue.kinds, whole_dataset=False)
        except SekishoError as refusal:
            error = refusal
        if error is None:
            return "rows"
        assert isinstance(error, BadInput | Unavailable)
        assert error.__cause__ is None
        assert SECRET not in "".join((str(error), error.text("ja"), error.remedy("ja"), repr(error.params)))
        return error.code


def target_of(kind: Kind, root: Path) -> Target:
    """A file of a kind with forty persons, in an empty folder."""
    (root / "clinic").mkdir()
    catalogue: Catalogue = clinic_catalogue(kind)
    clinic = Clinic(root=root, kind=kind, catalogue=catalogue, ledger=None)  # type: ignore[arg-type]
    persons = [{**PERSONS[n % 4], "person_id": f"{n:010d}", "name": f"{SECRET}{n}"} for n in range(40)]
    clinic.write(persons=persons)
    path = clinic.source if clinic.source.is_file() else clinic.source / f"person_0{clinic.suffix}"
    return Target(clinic=clinic, path=path, sound=path.read_bytes())
