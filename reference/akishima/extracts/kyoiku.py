"""教育総務課: 学齢簿 as CP932 CSV with long 和暦, 就学援助 as a workbook, each one a fiscal year."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from reference.akishima.city.days import wareki_long
from reference.akishima.city.draw import Draw
from reference.akishima.city.planted import Plants
from reference.akishima.city.pyramid import MALE
from reference.akishima.city.school_aid import SchoolAid
from reference.akishima.city.schools import Enrolment, grade_label
from reference.akishima.extracts.about import MARKING
from reference.akishima.extracts.csv_files import Cell, write_csv
from reference.akishima.extracts.workbooks import Header, mark, put, put_header, workbook

GAKUREI_HEADERS = (
    "年度", "宛名番号", "氏名", "フリガナ", "生年月日", "性別", "住所", "保護者氏名", "学校コード", "学校名", "学年",
    "組", "学籍番号", "区域外就学等", "就学状況", "特別支援", "転校回数", "備考",
)  # fmt: skip
SHUEN_HEADERS: tuple[Header, ...] = (
    "年度", "宛名番号", "児童生徒氏名", ("認定", ("区分", "理由", "認定日", "取消日")), "支給額", "未納",
)  # fmt: skip

_REMARKS = (
    "家庭と電話連絡済み",
    "アレルギー対応あり",
    "弟妹も在籍",
    "転入時の書類を確認中",
    "登校は9時〜（通院のため）",
)
_FULL_WIDTH_ROWS = 3
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")


def gakurei_file(year: int) -> str:
    """The file of a fiscal year."""
    return f"kyoiku/gakurei_{year}.csv"


def shuen_file(year: int) -> str:
    """The file of a fiscal year."""
    return f"kyoiku/shuen_{year}.xlsx"


def write_school_register(departments: Path, draw: Draw, rows: Sequence[Enrolment]) -> None:
    """学齢簿, one file a fiscal year."""
    for year, members in groupby(rows, key=lambda row: row.fiscal_year):
        write_csv(departments / gakurei_file(year), GAKUREI_HEADERS, (_gakurei(draw, row) for row in members))


def _gakurei(draw: Draw, row: Enrolment) -> tuple[Cell, ...]:
    person, school = row.person, row.school
    return (
        row.fiscal_year,
        person.resident_id,
        person.name_kanji,
        person.name_kana,
        wareki_long(person.birth),
        "男" if person.sex == MALE else "女",
        person.address,
        person.head_name,
        school.code if school else "",
        school.name if school else "",
        grade_label(row.grade),
        row.room if school else "",
        row.listed_no,
        row.out_of_area,
        row.enrol_status,
        row.support,
        row.transfers,
        draw.pick(_REMARKS) if draw.chance(0.06) else "",
    )


def write_school_aid(departments: Path, rows: Sequence[SchoolAid], plants: Plants) -> None:
    """認定台帳: two lines of title, a two-row header, a total at the end."""
    for year, members in groupby(rows, key=lambda row: row.fiscal_year):
        file = shuen_file(year)
        with workbook(departments / file) as book:
            bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
            sheet = book.add_worksheet("認定台帳")
            put(sheet, 0, [f"{year}年度 就学援助認定台帳"], form=bold)
            put(sheet, 1, ["教育総務課", "", MARKING])
            put_header(sheet, 2, SHUEN_HEADERS, bold)
            row = 4
            for row, aid in enumerate(members, start=4):
                number = aid.person.resident_id
                if row < 4 + _FULL_WIDTH_ROWS:
                    number = number.translate(_WIDE)
                    plants.add("4.11-5", dataset="kyoiku.shuen", file=file, key=aid.person.resident_id,
                               what="宛名番号が全角の数字")  # fmt: skip
                if aid.cancelled_on is not None:
                    plants.add("4.11-19", dataset="kyoiku.shuen", file=file, key=aid.person.resident_id,
                               what="年度の途中で取り消された就学援助")  # fmt: skip
                put(sheet, row, (
                    aid.fiscal_year, number, aid.person.name_kanji, aid.aid_class, aid.reason, aid.certified_on,
                    aid.cancelled_on, aid.amount, mark(aid.unpaid),
                ))  # fmt: skip
            put(sheet, row + 1, ["", "合計", f"{row - 3}人"], form=bold)
            sheet.set_column(0, 8, 13)
            sheet.freeze_panes(4, 0)
