"""Whatever the bytes of a source are, rows come out or a refusal of ours, and no value in its words."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connectors.spoilable import Target, target_of

pytestmark = pytest.mark.fuzz


@pytest.fixture(scope="module", params=["csv-cp932", "excel", "parquet", "sqlite", "duckdb"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """A file of each kind with forty persons."""
    return target_of(request.param, tmp_path_factory.mktemp("fuzzed"))


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
