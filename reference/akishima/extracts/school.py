"""市立小中学校: roster, attendance and life, one file a school and year or month, in the form of each school."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from reference.akishima.city.attendance import MonthRecord
from reference.akishima.city.days import wareki_short
from reference.akishima.city.life import LifeRecord
from reference.akishima.city.pyramid import MALE
from reference.akishima.city.register import Person
from reference.akishima.city.school_names import kana_at_school, name_at_school
from reference.akishima.city.schools import Enrolment, School, grade_label
from reference.akishima.extracts.about import MARKING
from reference.akishima.extracts.csv_files import Cell, flag, write_csv
from reference.akishima.extracts.workbooks import Header, mark, put, put_header, workbook

ROSTER_HEADERS = (
    "年度", "学校コード", "学校名", "学籍番号", "学年", "組", "出席番号", "氏名", "フリガナ", "生年月日", "性別",
    "住所", "保護者氏名", "保護者続柄",
)  # fmt: skip
_ROSTER_SHEET: tuple[Header, ...] = (*ROSTER_HEADERS[:12], ("保護者", ("氏名", "続柄")))

ATTENDANCE_HEADERS = (
    "年度", "学校コード", "学校名", "学籍番号", "学年", "組", "出席番号", "氏名", "対象月", "授業日数", "出席日数",
    "欠席日数", "病欠", "事故欠", "その他欠", "出席停止・忌引", "出席扱い", "遅刻", "早退",
)  # fmt: skip
_LEDGER: tuple[Header, ...] = (
    "学籍番号", "学年", "組", "出席番号", "氏名", "授業日数", "出席日数", ("欠席", ("計", "病気", "事故", "その他")),
    "出停・忌引", "出席扱い", "遅刻", "早退",
)  # fmt: skip
_LIST = (
    "年度", "学校コード", "学校名", "学籍番号", "学年", "組", "出席番号", "氏名", "年月", "授業日数", "出席日数",
    "欠席", "出停忌引", "遅刻", "早退",
)  # fmt: skip
_RULES = ("記入要領", "欠席は公認欠席を除いた日数。", "遅刻・早退を記録していない学級は空欄のままにする。")

LIFE_HEADERS = (
    "年度", "学校コード", "学籍番号", "対象月", "保健室来室", "宿題・忘れ物", "学用品・身なり", "集金の遅れ",
    "行事・部活の不参加", "いじめ認知", "別室登校", "SC・SSW相談", "面談・訪問の拒否", "連続欠席", "未確認日数",
    "気づき_疲れ", "気づき_家族の世話", "気づき_きょうだいの世話", "気づき_通訳", "気づき_身なり", "気づき_体重",
    "気づき_けが",
    "気づき_空腹", "気づき_孤立", "気づき_気分", "所見",
)  # fmt: skip
_LIFE_SHEET: tuple[Header, ...] = (
    "年度", "学校コード", "学籍番号", "対象月", "保健室来室",
    ("生活", ("宿題・忘れ物", "学用品・身なり", "集金の遅れ", "行事・部活の不参加")),
    "いじめ認知", "別室登校", "SC・SSW相談", "面談・訪問の拒否", "連続欠席", "未確認日数",
    ("気づき", ("疲れ・居眠り", "家族の世話", "きょうだいの世話", "通訳", "身なりの急な変化", "体重の急な変化",
              "けが・あざ",
              "空腹", "孤立", "気分の落ち込み")),
    "所見",
)  # fmt: skip

_MANY_ABSENCES = 7


def roster_file(school: School, year: int) -> str:
    """The school's roster of a year."""
    in_workbook = school.form in {"ledger", "list"}
    return f"school/roster/名簿_{school.code}_{year}.xlsx" if in_workbook else f"school/roster/{school.code}_{year}.csv"


def attendance_file(school: School, month: date) -> str:
    """The school's attendance of a month."""
    name = f"{school.code}_{month:%Y%m}"
    return (
        "school/attendance/"
        + {
            "system": f"{name}.csv",
            "ledger": f"出席簿_{name}.xlsx",
            "report": f"{name}_月報.csv",
            "list": f"{name}_出欠一覧.xlsx",
        }[school.form]
    )


def life_file(school: School, month: date) -> str:
    """The school's check sheet of a month."""
    name = f"{school.code}_{month:%Y%m}"
    return f"school/life/チェック票_{name}.xlsx" if school.form in {"ledger", "list"} else f"school/life/{name}.csv"


def write_roster(departments: Path, school: School, rows: Sequence[Enrolment], *, year: int) -> None:
    """名簿 of one school and year."""
    file = departments / roster_file(school, year)
    if school.form not in {"ledger", "list"}:
        write_csv(file, ROSTER_HEADERS, ([_in_text(cell) for cell in _roster(row)] for row in rows))
        return
    with workbook(file) as book:
        bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
        sheet = book.add_worksheet("名簿")
        put(sheet, 0, [f"{year}年度 児童生徒名簿", "", "", "", MARKING], form=bold)
        put_header(sheet, 1, _ROSTER_SHEET, bold)
        for at, row in enumerate(rows, start=3):
            put(sheet, at, _roster(row))


def _roster(row: Enrolment) -> tuple[str | int | date, ...]:
    person, school = row.person, row.school
    return (
        row.fiscal_year,
        school.code if school else "",
        school.name if school else "",
        row.student_no,
        grade_label(row.grade),
        row.room,
        row.seat,
        name_at_school(person),
        kana_at_school(person),
        person.birth,
        "男" if person.sex == MALE else "女",
        person.address,
        person.head_name,
        _guardian(person),
    )


def _in_text(cell: str | int | date) -> str | int:
    return wareki_short(cell) if isinstance(cell, date) else cell


def _guardian(person: Person) -> str:
    """What the school wrote down: it knows the head of the household, not the family."""
    if person.relation == "子":
        return "父母"
    return "祖父母" if person.relation == "子の子" else "その他"


def write_attendance(departments: Path, school: School, month: date, records: Sequence[MonthRecord]) -> Path:
    """One school's month in the school's form."""
    file = departments / attendance_file(school, month)
    match school.form:
        case "system":
            write_csv(file, ATTENDANCE_HEADERS, (_attendance(record, blank=None) for record in records))
        case "report":
            rows: list[Sequence[Cell]] = [_attendance(record, blank="－") for record in records]
            absent = sum(record.absent for record in records)
            total: list[Cell] = ["", "", "", "計", *[""] * 7, absent, *[""] * 7]
            title = f"{month.year}年{month.month}月 出席月報 {school.name}（{MARKING}）"
            write_csv(file, ATTENDANCE_HEADERS, [*rows, total], title=title)
        case "ledger":
            _write_ledger(file, school, month, records)
        case "list":
            _write_list(file, records)
    return file


def _attendance(record: MonthRecord, *, blank: Cell) -> tuple[Cell, ...]:
    row = record.enrolment
    school = row.school
    figures = (
        record.absent_sick,
        record.absent_accident,
        record.absent_other,
        record.suspended_days,
        record.counted,
        record.late,
        record.early,
    )
    return (
        row.fiscal_year,
        school.code if school else "",
        school.name if school else "",
        row.student_no,
        grade_label(row.grade),
        row.room,
        row.seat,
        name_at_school(row.person),
        f"{record.month.year}/{record.month.month}/1",
        record.days_required,
        record.days_present,
        record.absent,
        *(blank if figure is None else figure for figure in figures),
    )


def _write_ledger(file: Path, school: School, month: date, records: Sequence[MonthRecord]) -> None:
    """出席簿: the school's name over all columns, year, month and code in cells, a subtotal a class, a hidden sheet."""
    with workbook(file) as book:
        bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
        red = book.add_format({"font_color": "#C00000"})
        sheet = book.add_worksheet("出席簿")
        sheet.merge_range(0, 0, 0, 14, school.name, bold)
        year = records[0].enrolment.fiscal_year if records else month.year
        put(sheet, 1, ["年度", year, "対象月", month, "学校コード", school.code, "", MARKING])
        put_header(sheet, 2, _LEDGER, bold)
        at = 4
        for _, members in groupby(records, key=lambda r: (r.enrolment.grade, r.enrolment.room)):
            absent = 0
            for record in members:
                put(sheet, at, _ledger_row(record), form=red if record.absent >= _MANY_ABSENCES else None)
                absent += record.absent
                at += 1
            put(sheet, at, ["小計", "", "", "", "", "", "", absent], form=bold)
            at += 1
        put(sheet, at, ["合計", "", "", "", "", "", "", sum(record.absent for record in records)], form=bold)
        totals = book.add_worksheet("集計用")
        put(totals, 0, ["授業日数", "在籍", MARKING])
        put(totals, 1, [calendar.monthrange(month.year, month.month)[1], len(records)])
        totals.hide()


def _ledger_row(record: MonthRecord) -> tuple[str | int | None, ...]:
    row = record.enrolment
    return (
        row.student_no,
        grade_label(row.grade),
        row.room,
        row.seat,
        name_at_school(row.person),
        record.days_required,
        record.days_present,
        record.absent,
        record.absent_sick,
        record.absent_accident,
        record.absent_other,
        record.suspended_days,
        record.counted,
        record.late,
        record.early,
    )


def _write_list(file: Path, records: Sequence[MonthRecord]) -> None:
    """出欠一覧: a sheet with the rules before the one with the figures; what is not recorded is ``…``."""
    with workbook(file) as book:
        rules = book.add_worksheet("記入要領")
        for at, line in enumerate((*_RULES, MARKING)):
            put(rules, at, [line])
        sheet = book.add_worksheet("出欠")
        put(sheet, 0, _LIST)
        for at, record in enumerate(records, start=1):
            cells = _attendance(record, blank="…")
            put(sheet, at, (*cells[:8], record.month, *cells[9:12], record.suspended_days, *cells[17:]))


def write_life(departments: Path, school: School, month: date, records: Sequence[LifeRecord]) -> Path:
    """One school's check sheets of a month."""
    file = departments / life_file(school, month)
    if school.form not in {"ledger", "list"}:
        write_csv(file, LIFE_HEADERS, (_life(record) for record in records))
        return file
    with workbook(file) as book:
        bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "border": 1})
        sheet = book.add_worksheet("チェック票")
        put(sheet, 0, [f"{month.year}年{month.month}月 学校生活チェック票", "", "", "", "", MARKING], form=bold)
        put_header(sheet, 1, _LIFE_SHEET, bold)
        for at, record in enumerate(records, start=3):
            row = record.enrolment
            put(sheet, at, (
                row.fiscal_year, row.school.code if row.school else "", row.student_no, record.month,
                record.nurse_visits,
                *map(mark, record.marks), record.longest_absence, record.unseen_days, *map(mark, record.checks),
                record.note,
            ))  # fmt: skip
    return file


def _life(record: LifeRecord) -> tuple[Cell, ...]:
    row = record.enrolment
    return (
        row.fiscal_year,
        row.school.code if row.school else "",
        row.student_no,
        f"{record.month.year}/{record.month.month}/1",
        record.nurse_visits,
        *map(flag, record.marks),
        record.longest_absence,
        record.unseen_days,
        *map(flag, record.checks),
        record.note,
    )
