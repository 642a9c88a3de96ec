"""健康課: 母子保健 as Parquet with the types of its own system."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reference.akishima.city.health import ChildHealth
from reference.akishima.extracts.about import MARKING

FILE = "kenko/mch_202308.parquet"

_FIELDS: tuple[tuple[str, pa.DataType], ...] = (
    ("child_id", pa.string()),
    ("mother_id", pa.string()),
    ("health_no", pa.string()),
    ("pregnancy_report_week", pa.int16()),
    ("mother_age_band", pa.string()),
    ("chk_3m", pa.string()),
    ("chk_18m", pa.string()),
    ("chk_3y", pa.string()),
    ("follow_kind", pa.string()),
    ("home_visit", pa.string()),
    ("caries_3y", pa.int16()),
    ("vacc_status", pa.string()),
    ("epds_flag", pa.bool_()),
    ("low_birth", pa.bool_()),
    ("recorded_on", pa.date32()),
)
SCHEMA = pa.schema(_FIELDS, metadata={"marking": MARKING})


def write_child_health(departments: Path, records: Sequence[ChildHealth]) -> None:
    """One row a child."""
    path = departments / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    columns: list[list[Any]] = [
        [r.child.resident_id for r in records],
        [r.mother_id or None for r in records],
        [r.number for r in records],
        [r.report_week for r in records],
        [r.mother_age_band or None for r in records],
        [r.check_3m or None for r in records],
        [r.check_18m or None for r in records],
        [r.check_3y or None for r in records],
        [r.follow_kind or None for r in records],
        [r.home_visit for r in records],
        [r.caries for r in records],
        [r.vaccination for r in records],
        [r.epds for r in records],
        [r.low_birth for r in records],
        [r.recorded_on for r in records],
    ]
    arrays = [pa.array(values, field.type) for values, field in zip(columns, SCHEMA, strict=True)]
    pq.write_table(pa.Table.from_arrays(arrays, schema=SCHEMA), path)
