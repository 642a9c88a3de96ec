"""Scans a source of many rows and tells how much memory that took, in a process of its own.

``python -m tests.connectors.large_scan FOLDER ROWS`` writes a CSV file of so many rows and runs one order over it:
source → typed snapshot → filter → forms → predicates → project → stream. It prints one JSON line.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from governance.conditions import FieldCondition
from governance.forms import Form
from tests.connectors.clinic import PSEUDONYM, RAW, Clinic, changed, column, columns, laid_out, make_clinic, order

_ROWS_AT_ONCE = 100_000

VISITS = columns(
    column("person_id", column_class="key", key="person", nulls="never", source="番号"),
    column("visited_on", "date", source="日"),
    column("days", "integer", nulls="never", source="日数"),
)


def blocks(rows: int) -> Iterator[str]:
    """The file, in blocks: keys in a mixed order, days of ten years in the notation of an era, counts up to 30."""
    days = [date(2019, 5, 1) + timedelta(days=n) for n in range(2_500)]
    ends = [f",R{d.year - 2018}.{d.month}.{d.day},{n % 31}\n" for n, d in enumerate(days)]
    yield "番号,日,日数\n"
    for start in range(0, rows, _ROWS_AT_ONCE):
        numbers = range(start, min(rows, start + _ROWS_AT_ONCE))
        # Times a number that shares no factor with a power of ten: each key once, none in order.
        yield "".join([f"{n * 7_919 % 10**10:010d}{ends[n % 2_500]}" for n in numbers])


def peak() -> int:
    """The most memory that this process has held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def scan(clinic: Clinic, rows: int) -> dict[str, int]:
    """Write the source, run the order, count what comes."""
    for path in clinic.source.glob("visit*"):
        path.unlink()
    with (clinic.source / "visit_0.csv").open("w", encoding="cp932") as file:
        file.writelines(blocks(rows))
    catalogue = changed(clinic.catalogue, "clinic.visit", columns=VISITS, unique_by=("person_id",))
    clinic.catalogue = laid_out(catalogue, "clinic.visit", encoding="cp932")
    before = peak()
    ask = order(
        clinic,
        "clinic.visit",
        {"person_id": PSEUDONYM, "visited_on": Form(kind="year_month"), "days": RAW},
        filter=FieldCondition(field="days", operator="ge", value=1),
        predicates=FieldCondition(field="visited_on", operator="ge", value="2020-01-01"),
    )
    sent = sum(batch.num_rows for batch in clinic.department.scan(ask, clinic.evidence(ask)))
    return {"before": before, "after": peak(), "sent": sent}


def main() -> None:
    """Run one scan."""
    folder, rows = Path(sys.argv[1]), int(sys.argv[2])
    for clinic in make_clinic(folder, "csv-cp932"):
        sys.stdout.write(json.dumps(scan(clinic, rows)) + "\n")


if __name__ == "__main__":
    main()
