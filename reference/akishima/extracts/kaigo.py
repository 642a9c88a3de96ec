"""介護福祉課: 要介護認定 as a DuckDB file; days are written with 元号コード."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa

from reference.akishima.city.care import Certificate
from reference.akishima.city.days import era_digits
from reference.akishima.extracts.about import ABOUT

FILE = "kaigo/kaigo.duckdb"


def write_certificates(departments: Path, issued: Sequence[Certificate]) -> None:
    """One table of text columns."""
    path = departments / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    table = pa.table(
        {
            "resident_id": [c.resident_id for c in issued],
            "insured_no": [c.insured_no for c in issued],
            "care_level": [c.care_level for c in issued],
            "valid_from": [era_digits(c.valid_from) for c in issued],
            "valid_to": [era_digits(c.valid_to) for c in issued],
            "dementia_level": pa.array([c.dementia_level for c in issued], pa.string()),
            "services": [c.services for c in issued],
            "main_carer": pa.array([c.main_carer for c in issued], pa.string()),
            "in_facility": pa.array([c.in_facility for c in issued], pa.string()),
        }
    )
    about = pa.table({"item": [item for item, _ in ABOUT], "value": [value for _, value in ABOUT]})
    with closing(duckdb.connect(str(path))) as connection:
        connection.register("written", table)
        connection.execute("CREATE TABLE certificate AS SELECT * FROM written")
        connection.register("marked", about)
        connection.execute("CREATE TABLE _about AS SELECT * FROM marked")
