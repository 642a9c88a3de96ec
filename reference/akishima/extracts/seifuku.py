"""生活福祉課: 生活保護 as a CP932 CSV with days like ``R5/04/01``, 困窮相談 as one workbook a fiscal year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from reference.akishima.city.assistance import HardshipConsult, WelfareCase
from reference.akishima.city.days import fiscal_year, wareki_long, wareki_slashes
from reference.akishima.city.planted import Plants
from reference.akishima.extracts.about import MARKING
from reference.akishima.extracts.csv_files import Cell, write_csv
from reference.akishima.extracts.workbooks import mark, put, workbook

WELFARE_FILE = "seifuku/welfare_202309.csv"

WELFARE_HEADERS = (
    "宛名番号", "世帯番号", "ケース番号", "保護開始日", "保護廃止日", "状態", "扶助種別", "世帯類型", "開始理由",
    "級地", "支給額",
)  # fmt: skip
CONSULT_HEADERS = ("受付番号", "宛名番号", "世帯番号", "相談受付日", "相談種別", "支援プラン", "学習支援", "相談内容")

_AREA_GRADE = "1級地-2"
_ERA_EDGES = (date(2019, 4, 30), date(2019, 5, 1))
"""The last day of 平成 and the first of 令和 (元年): the first two open cases begin on them."""


def write_welfare(departments: Path, cases: Sequence[WelfareCase], plants: Plants) -> None:
    """One row for each person of a case; households of one case stand together."""
    old = [
        case
        for case in cases
        if case.aid_end is None and case.person.age >= 20 and case.person.became_resident_on < _ERA_EDGES[0]
    ]
    edges = {id(case): wareki_long(day) for case, day in zip(old, _ERA_EDGES, strict=False)}
    for case in old[: len(_ERA_EDGES)]:
        plants.add("4.11-2", "B-3", dataset="seifuku.welfare", file=WELFARE_FILE, key=case.person.resident_id,
                   what=f"改元の日の前後の保護開始日（{edges[id(case)]}）")  # fmt: skip
    rows = (_welfare(case, edges.get(id(case)) or wareki_slashes(case.aid_start)) for case in cases)
    write_csv(departments / WELFARE_FILE, WELFARE_HEADERS, rows)


def _welfare(case: WelfareCase, started: str) -> tuple[Cell, ...]:
    return (
        case.person.resident_id,
        case.household_id,
        case.case_no,
        started,
        wareki_slashes(case.aid_end),
        case.state,
        case.aid_types,
        case.household_type,
        case.start_reason,
        _AREA_GRADE,
        case.amount,
    )


def write_consults(departments: Path, consults: Sequence[HardshipConsult], plants: Plants) -> None:
    """A workbook a fiscal year: two lines of title, one header row, real date cells."""
    number = 0
    for year, members in groupby(consults, key=lambda c: fiscal_year(c.consult_on)):
        file = f"seifuku/consult_{year}.xlsx"
        with workbook(departments / file) as book:
            bold = book.add_format({"bold": True})
            sheet = book.add_worksheet("受付簿")
            put(sheet, 0, [f"{year}年度 困窮相談受付簿", "", "", "", "", "", "", MARKING], form=bold)
            put(sheet, 1, ["生活福祉課"])
            put(sheet, 2, CONSULT_HEADERS, form=bold)
            for row, consult in enumerate(members, start=3):
                number += 1
                resident = consult.person.resident_id
                if row == 3:
                    resident += "　"
                    plants.add("4.11-5", dataset="seifuku.consult", file=file, key=consult.person.resident_id,
                               what="宛名番号の後ろに全角の空白")  # fmt: skip
                    plants.add("4.11-1", "B-4", dataset="seifuku.consult", file=file, key=consult.person.resident_id,
                               what="相談受付日が Excel の日付セル（通し番号で保存される）")  # fmt: skip
                put(sheet, row, (
                    f"K{number:05}", resident, consult.person.household_id, consult.consult_on, consult.kind,
                    consult.plan, mark(consult.study_support), consult.summary,
                ))  # fmt: skip
            sheet.set_column(0, 7, 14)
            sheet.freeze_panes(3, 0)
