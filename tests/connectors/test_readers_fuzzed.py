"""Whatever the bytes of a source are, rows come out or a refusal of ours, and no value in its words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.open import _SOURCES
from connectors.typed_columns import type_columns
from governance.catalogue import Catalogue
from governance.errors import BadInput, SekishoError, Unavailable
from tests.connectors.clinic import PERSONS, Clinic, Kind, clinic_catalogue

pytestmark = pytest.mark.fuzz

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


@pytest.fixture(scope="module", params=["csv-cp932", "excel", "parquet", "sqlite", "duckdb"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A file of each kind with forty persons."""
    kind: Kind = request.param
    root = tmp_path_factory.mktemp("fuzzed")
    (root / "clinic").mkdir()
    catalogue: Catalogue = clinic_catalogue(kind)
    clinic = Clinic(root=root, kind=kind, catalogue=catalogue, ledger=None)  # type: ignore[arg-type]
    persons = [{**PERSONS[n % 4], "person_id": f"{n:010d}", "name": f"{SECRET}{n}"} for n in range(40)]
    clinic.write(persons=persons)
    path = clinic.source if clinic.source.is_file() else clinic.source / f"person_0{clinic.suffix}"
    return Target(clinic=clinic, path=path, sound=path.read_bytes())


@st.composite
def spoilings(draw: st.DrawFn) -> Callable[[bytes], bytes]:
    """Ways to spoil bytes: cut, overwrite, blank, repeat, insert."""
    kind = draw(st.sampled_from(["cut", "overwrite", "blank", "repeat", "insert"]))
    at = draw(st.floats(0, 1))
    more = draw(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8))
    length = draw(st.integers(1, 600))
    inserted = draw(st.binary(max_size=12) | st.sampled_from([b'"', b"\xff\xff\xff\xff", b"<c r='XFD9'><v>1</v></c>"]))

    def spoil(content: bytes) -> bytes:
        spoilt, place = bytearray(content), int(at * len(content))
        if kind == "cut":
            del spoilt[place:]
        elif kind == "overwrite":
            for where, byte in more:
                if spoilt:
                    spoilt[min(int(where * len(spoilt)), len(spoilt) - 1)] = byte
        elif kind == "blank":
            spoilt[place : place + length] = bytes(len(spoilt[place : place + length]))
        elif kind == "repeat":
            spoilt[place:place] = spoilt[place : place + length]
        else:
            spoilt[place:place] = inserted
        return bytes(spoilt)

    return spoil


@settings(max_examples=60, deadline=None)
@given(spoil=spoilings())
def test_spoilt_bytes_are_rows_or_a_refusal(target: Target, spoil: Callable[[bytes], bytes]) -> None:
    """Flipped, cut, repeated and inserted bytes anywhere in the file."""
    target.outcome(spoil(target.sound))


@settings(max_examples=60, deadline=None)
@given(spoil=spoilings(), name=st.sampled_from(["sheet1.xml", "workbook.xml", "sharedStrings.xml", "styles.xml"]))
@pytest.mark.parametrize("target", ["excel"], indirect=True)
def test_spoilt_parts_of_a_workbook_are_rows_or_a_refusal(
    target: Target, spoil: Callable[[bytes], bytes], name: str
) -> None:
    """The archive is sound and what it holds is not, so that the readers of sheets and styles are reached."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(target.sound)) as sound, zipfile.ZipFile(changed, "w") as written:
        parts: Mapping[str, Any] = {part: sound.read(part) for part in sound.namelist()}
        for part, content in parts.items():
            written.writestr(part, spoil(content) if part.endswith(name) else content)
    target.outcome(changed.getvalue())


def test_the_sound_file_is_rows(target: Target) -> None:
    """What the others spoil is read; and a spoilt file does not spoil the reading of the next."""
    assert target.outcome(target.sound[: len(target.sound) // 2]) != "rows" or target.path.suffix == ".csv"
    assert target.outcome(target.sound) == "rows"
