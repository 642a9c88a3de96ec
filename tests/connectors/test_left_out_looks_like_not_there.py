"""Whoever is in a set that is left out looks, to everybody outside, as if the register did not know them (第13条)."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import structlog

from connectors.sources import BATCH_ROWS
from governance.conditions import ALWAYS, Condition, FieldCondition
from governance.forms import Form
from governance.log import configure_log
from tests.connectors.clinic import PSEUDONYM, Clinic, make_clinic, order

FORMS: Mapping[str, Form] = {"person_id": PSEUDONYM, "house_id": PSEUDONYM, "birth_date": Form(kind="year")}
PREDICATES: Mapping[str, Condition] = {
    "everybody": ALWAYS,
    "nobody": FieldCondition(operator="lt", field="birth_date", value="1900-01-01"),
}
_TIMES = ("timestamp", "time", "ts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that the broker's side gets of a scan, and all that is logged of it."""

    batches: tuple[int, ...]
    table: pa.Table
    metadata: Mapping[bytes, bytes]
    log: tuple[Mapping[str, Any], ...]


def persons(count: int, *, guarded: frozenset[int]) -> list[dict[str, Any]]:
    """People of the register; two of them to a house."""
    return [
        {"person_id": f"{n:010d}", "house_id": f"{n // 2:010d}", "name": f"人{n}", "kojin_bango": None,
         "birth_date": None, "sex": "1", "address": None, "guarded": n in guarded}
        for n in range(1, count + 1)
    ]  # fmt: skip


def seen(folder: Path, people: Sequence[Mapping[str, Any]], predicates: Condition) -> Seen:
    """What a scan that leaves the set out gives over these people, and what it writes into the log."""
    folder.mkdir()
    stream = io.StringIO()
    for clinic in make_clinic(folder, "sqlite"):
        clinic.write(persons=people, visits=())
        configure_log(stream, level=0)
        try:
            batches = _batches(clinic, predicates)
        finally:
            structlog.reset_defaults()
    table = pa.Table.from_batches(batches)
    lines = (json.loads(line) for line in stream.getvalue().splitlines())
    return Seen(
        batches=tuple(batch.num_rows for batch in batches),
        table=table,
        metadata=dict(table.schema.metadata or {}),
        log=tuple({name: value for name, value in line.items() if name not in _TIMES} for line in lines),
    )


def _batches(clinic: Clinic, predicates: Condition) -> list[pa.RecordBatch]:
    asked = order(clinic, "clinic.person", FORMS, predicates=predicates, exclude=("guarded",))
    answer = clinic.department.scan(asked, clinic.evidence(asked)).read_all()
    return list(answer.to_batches()) or [pa.RecordBatch.from_pylist([], schema=answer.schema)]


@pytest.mark.parametrize("predicates", PREDICATES.values(), ids=PREDICATES)
@pytest.mark.parametrize(
    ("count", "guarded"),
    [
        pytest.param(20, frozenset({7}), id="one of twenty"),
        pytest.param(20, frozenset({1, 20}), id="the first and the last"),
        pytest.param(3, frozenset({1, 2, 3}), id="everybody"),
        pytest.param(BATCH_ROWS + 10, frozenset({BATCH_ROWS}), id="at the border of two batches"),
    ],
)
def test_left_out_and_not_there_cannot_be_told_apart(
    tmp_path: Path, count: int, guarded: frozenset[int], predicates: Condition
) -> None:
    """Rows, their order and batches, the stream's metadata and the log are the same, with them and without them."""
    everybody = persons(count, guarded=guarded)
    others = [person for n, person in enumerate(everybody, start=1) if n not in guarded]
    with_them = seen(tmp_path / "with", everybody, predicates)
    without_them = seen(tmp_path / "without", others, predicates)
    assert with_them.table.equals(without_them.table)
    assert (with_them.batches, with_them.metadata) == (without_them.batches, without_them.metadata)
    assert with_them.log == without_them.log
    assert any(line["event"] == "scan-served" for line in with_them.log)
    if predicates is ALWAYS:
        assert with_them.table.num_rows == count - len(guarded)
