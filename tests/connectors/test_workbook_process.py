"""The process that reads workbooks: one for many, also when they cost it more than a moment."""

from __future__ import annotations

from pathlib import Path

import xlsxwriter

from connectors.workbooks import WorkbookReader

_MORE_THAN_ENOUGH = 5_000


def test_many_workbooks_are_read_by_one_process(tmp_path: Path) -> None:
    """Time is bounded for each workbook, not for all of them together: the process goes on beyond its first seconds."""
    path = tmp_path / "monthly.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for row in range(1_500):
            sheet.write_row(row, 0, [f"text {row}", row, 1.5, "x", "y", "z"])
    reader = WorkbookReader()
    try:
        reader.sheet(path, sheet=None, file=path.name)
        worker = reader._worker
        assert worker is not None
        for _ in range(_MORE_THAN_ENOUGH):
            assert reader.sheet(path, sheet=None, file=path.name).rows.num_rows == 1_500
            assert reader._worker is worker
            if _seconds_used(worker.pid) > 1.2:
                break
        else:
            raise AssertionError("it never used a second")
    finally:
        reader.close()


def _seconds_used(pid: int) -> float:
    """Processor time that a process has used by itself, of which the kernel tells hundredths."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) / 100
