"""子ども育成課: two workbooks of different forms, day care and after-school clubs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from reference.akishima.city.childcare import CarePlace
from reference.akishima.city.planted import Plants
from reference.akishima.extracts.about import MARKING
from reference.akishima.extracts.workbooks import Cell, Header, mark, put, put_header, workbook

CARE_FILE = "ikusei/hoiku_2023.xlsx"
CLUB_FILE = "ikusei/gakudo_2023.xlsx"

CARE_HEADERS: tuple[Header, ...] = (
    "宛名番号", "児童氏名", ("施設", ("種別", "名称")), ("利用料", ("階層", "滞納")), "きょうだい在籍", "迎え",
    "登園率",
)  # fmt: skip
CLUB_HEADERS = ("宛名番号", "児童氏名", "クラブ名", "学童", "退所理由", "育成料滞納", "迎え")

_LOST_ZEROS = 5


def write_care(departments: Path, places: Sequence[CarePlace], plants: Plants) -> None:
    """在籍児童: two lines of title, a two-row header, a subtotal for each kind of facility, a total."""
    ordered = sorted(
        (place for place in places if place.facility), key=lambda p: (p.facility, p.place, p.child.resident_id)
    )
    with workbook(departments / CARE_FILE) as book:
        bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
        sheet = book.add_worksheet("在籍児童")
        put(sheet, 0, ["令和5年度 保育施設等在籍児童一覧"], form=bold)
        put(sheet, 1, ["子ども育成課", MARKING])
        put_header(sheet, 2, CARE_HEADERS, bold)
        row = 4
        for facility, members in groupby(ordered, key=lambda p: p.facility):
            listed = list(members)
            for at, place in enumerate(listed, start=row):
                put(sheet, at, _care(place))
            row += len(listed)
            put(sheet, row, ["小計", f"{facility} {len(listed)}人"], form=bold)
            row += 1
        put(sheet, row, ["合計", f"{len(ordered)}人"], form=bold)
        sheet.set_column(0, 8, 13)
        sheet.freeze_panes(4, 0)
    plants.add(
        "4.11-22", dataset="ikusei.care", file=CARE_FILE, what="二段の見出し、結合セル、施設ごとの小計と合計の行"
    )


def _care(place: CarePlace) -> tuple[Cell, ...]:
    return (
        place.child.resident_id,
        place.child.name_kanji,
        place.facility,
        place.place,
        place.fee_band,
        mark(place.arrears),
        mark(place.sibling),
        place.pickup_by,
        place.attendance_rate,
    )


def write_clubs(departments: Path, places: Sequence[CarePlace], plants: Plants) -> None:
    """名簿: one line of title, one header row; in the first rows numbers were typed in and lost their zeros."""
    with workbook(departments / CLUB_FILE) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("名簿")
        put(sheet, 0, ["令和5年度 学童クラブ在籍者名簿", "", "", MARKING], form=bold)
        put(sheet, 1, CLUB_HEADERS, form=bold)
        for row, place in enumerate((p for p in places if not p.facility), start=2):
            number: Cell = place.child.resident_id
            if row < 2 + _LOST_ZEROS:
                number = int(place.child.resident_id)
                plants.add("4.11-5", "B-5", dataset="ikusei.care", file=CLUB_FILE, key=place.child.resident_id,
                           what="宛名番号が数値のセルで、先頭のゼロがない")  # fmt: skip
            put(sheet, row, (
                number, place.child.name_kanji, place.place, place.club, place.leave_reason, mark(place.arrears),
                place.pickup_by,
            ))  # fmt: skip
        sheet.set_column(0, 6, 13)
