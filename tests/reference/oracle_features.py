"""The four feature templates, computed child by child from the departments' raw files in plain Python and pandas.

Shares nothing with the connectors, the holders' SQL or the templates: it reads the files by itself
(`oracle_reading`), knows families by itself (`oracle_families`), and walks each child's own records.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from tests.reference.oracle_families import Person, Register, read_register
from tests.reference.oracle_reading import (
    Text,
    day_of,
    flag_of,
    number_of,
    resident_of,
    rows_of_csv,
    rows_of_parquet,
    rows_of_sheet,
    rows_of_table,
)

LEVELS = ("非該当", "事業対象者", "要支援1", "要支援2", "要介護1", "要介護2", "要介護3", "要介護4", "要介護5")
AID_CLASSES = ("申請なし", "否認定", "準要保護", "要保護")
ALLOWANCES = ("なし", "全部停止", "一部支給", "全部支給")
SEVERE = {("身体", "1級"), ("身体", "2級"), ("愛の手帳", "1度"), ("愛の手帳", "2度"), ("精神", "1級")}

_CHECKS = ("疲れ", "家族の世話", "きょうだいの世話", "通訳", "身なり", "体重", "けが", "空腹", "孤立", "気分")
_LEDGER = (
    "学籍番号", "学年", "組", "出席番号", "氏名", "授業日数", "出席日数", "欠席日数", "病欠", "事故欠", "その他欠",
    "出停・忌引", "出席扱い", "遅刻", "早退",
)  # fmt: skip
_LIST = (
    "年度", "学校コード", "学校名", "学籍番号", "学年", "組", "出席番号", "氏名", "対象月", "授業日数", "出席日数",
    "欠席日数", "出停・忌引", "遅刻", "早退",
)  # fmt: skip
_LIFE = (
    "年度", "学校コード", "学籍番号", "対象月", "保健室来室", "宿題・忘れ物", "学用品・身なり", "集金の遅れ",
    "行事・部活の不参加", "いじめ認知", "別室登校", "SC・SSW相談", "面談・訪問の拒否", "連続欠席", "未確認日数",
    *(f"気づき_{check}" for check in _CHECKS),
)  # fmt: skip

Pupil = tuple[int, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A pupil's month; ``sick``, ``late`` and ``early`` are ``None`` where nobody wrote anything."""

    day: date
    required: int
    absent: int
    sick: int | None
    late: int | None
    early: int | None

    @property
    def place(self) -> int:
        """Months since April."""
        return (self.day.month - 4) % 12

    @property
    def late_early(self) -> int | None:
        return None if self.late is None or self.early is None else min(31, self.late + self.early)


@dataclass(slots=True)
class Records:
    """Everything on record, by resident, home or pupil."""

    register: Register
    as_of: date
    year: int
    moves: dict[str, tuple[int, bool]] = field(default_factory=dict)
    care: dict[str, Text] = field(default_factory=dict)
    aid: dict[str, bool] = field(default_factory=dict)
    consults: defaultdict[str, list[tuple[date, str, Text]]] = field(default_factory=lambda: defaultdict(list))
    severe: defaultdict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    services: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    psychiatric: set[str] = field(default_factory=set)
    health: dict[str, Text] = field(default_factory=dict)
    allowance: dict[str, Text] = field(default_factory=dict)
    child_care: dict[str, Text] = field(default_factory=dict)
    enrolled: dict[str, Text] = field(default_factory=dict)
    pupils: defaultdict[str, list[Pupil]] = field(default_factory=lambda: defaultdict(list))
    school_aid: dict[str, Text] = field(default_factory=dict)
    months: defaultdict[Pupil, list[Month]] = field(default_factory=lambda: defaultdict(list))
    sheets: defaultdict[Pupil, list[tuple[date, Text]]] = field(default_factory=lambda: defaultdict(list))
    cases: defaultdict[str, list[Text]] = field(default_factory=lambda: defaultdict(list))
    violence: defaultdict[str, list[bool | None]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureAnswers:
    """What each template must answer.

    Attributes:
        frames: template → one row a child, by raw resident number; missing where there is none or it is not known.
        protected: children whom only cleared staff may see.
    """

    frames: Mapping[str, pd.DataFrame]
    protected: frozenset[str]

    def seen(self, *, cleared: bool) -> Mapping[str, pd.DataFrame]:
        """The answers as staff see them."""
        if cleared:
            return self.frames
        return {name: frame[~frame.index.isin(self.protected)] for name, frame in self.frames.items()}


def feature_answers(departments: Path, as_of: date) -> FeatureAnswers:
    """The four answers about a city."""
    records = read_records(departments, as_of)
    latest = max(
        (m.place for pupil, months in records.months.items() if pupil[0] == records.year for m in months), default=-1
    )
    rows: dict[str, dict[str, dict[str, Any]]] = {name: {} for name in _TEMPLATES}
    for child in records.register.cohort():
        common = _Child(records, child, latest)
        for name, template in _TEMPLATES.items():
            rows[name][child.id] = {"household_id": child.home, "grade": child.grade, **template(common)}
    return FeatureAnswers(
        frames={name: _frame(found) for name, found in rows.items()}, protected=frozenset(records.register.hidden)
    )


def _frame(rows: Mapping[str, Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index").sort_index()
    frame.index.name = "resident_id"
    return frame.convert_dtypes()


# --- one child --------------------------------------------------------------------------------------------------------


class _Child:
    """A child with everything that is on record about it and its home."""

    def __init__(self, records: Records, child: Person, latest: int) -> None:
        self.records = records
        self.child = child
        self.register = records.register
        self.latest = latest
        self.home = self.register.homes[child.home]
        self.mates = self.register.housemates(child)
        self.benefit = records.allowance.get(child.id)
        self.aid = records.school_aid.get(child.id)
        self.enrolment = records.enrolled.get(child.id)
        self.cases = records.cases.get(child.id, [])
        self.health = records.health.get(child.id)
        self.moves, self.moved_in = records.moves.get(child.id, (0, False))
        pupils = records.pupils.get(child.id, [])
        years = [(pupil[0], sorted(records.months[pupil], key=lambda m: m.day)) for pupil in pupils]
        self.this_year = [month for year, months in years if year == records.year for month in months]
        self.last_year = [month for year, months in years if year == records.year - 1 for month in months]
        self.sheets = [
            sheet
            for pupil in pupils
            if pupil[0] == records.year
            for _, sheet in sorted(records.sheets.get(pupil, []), key=lambda s: s[0])
        ]

    def ever(self, name: str) -> bool | None:
        """Whether a mark was made in any month; unknown where nobody wrote anything in any."""
        return any_known(flag_of(sheet[name]) for sheet in self.sheets)

    def most(self, name: str) -> int | None:
        written = [n for n in (number_of(sheet[name]) for sheet in self.sheets) if n is not None]
        return max(written, default=None)

    def active(self) -> bool | None:
        return any(_open(case) for case in self.cases) if self.cases else None

    def on_aid(self) -> bool | None:
        return self.records.aid.get(self.child.id)

    def aid_class(self) -> str | None:
        if self.aid is None:
            return None
        cancelled = day_of(self.aid["取消日"])
        granted = self.aid["区分"] in {"要保護", "準要保護"}
        if granted and cancelled is not None and cancelled <= self.records.as_of:
            return "否認定"
        return self.aid["区分"]

    def guardian_psychiatric(self) -> bool | None:
        guardians = {member.id for member in self.home if member.id in self.register.guardians}
        return True if guardians & self.records.psychiatric else None


def any_known(values: Iterable[bool | None]) -> bool | None:
    """True if any is, false if one is and none is true, unknown where none is known."""
    known = [value for value in values if value is not None]
    return any(known) if known else None


def total(values: Iterable[int | None]) -> int | None:
    """The sum of what is known; ``None`` where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _young_carer(c: _Child) -> Mapping[str, Any]:
    records, child = c.records, c.child
    certified = [(member, records.care[member.id]) for member in c.mates if member.id in records.care]
    at_home = [
        row for _, row in certified if row["in_facility"] != "1" and "施設入所" not in row["services"].split("、")
    ]
    levels = [LEVELS.index(row["care_level"]) for row in at_home]
    carers = [row["main_carer"] in {"孫", "なし"} if row["main_carer"] else None for row in at_home]
    disabled = [
        (severe, bool(records.services[m.id]))
        for m in c.mates
        if not m.minor and "施設入所支援" not in records.services[m.id]
        for severe in records.severe[m.id]
    ]
    pickups = [
        row["迎え"] == "兄姉" if row["迎え"] else None
        for row in (records.child_care.get(member.id) for member in c.home)
        if row is not None
    ]
    own = records.child_care.get(child.id)
    before = [month for month in c.last_year if month.place <= c.latest]
    return {
        "n_adults": _capped(c.register.adults(child), 6),
        "parent_count": c.register.parent_count(child),
        "n_siblings_u6": _capped(c.register.small_siblings(child), 6),
        "grandparents_only": c.register.grandparents_only(child),
        "care_max": max(levels, default=None),
        "care_unserved": any(
            level >= LEVELS.index("要支援1") and row["services"] == "なし"
            for level, row in zip(levels, at_home, strict=True)
        )
        if at_home
        else None,
        "no_adult_carer": any_known(carers),
        "main_carer_known": sum(carer is not None for carer in carers) if at_home else None,
        "severe_disability": any(severe for severe, _ in disabled) if disabled else None,
        "severe_unserved": any(severe and not served for severe, served in disabled) if disabled else None,
        "guardian_psychiatric": c.guardian_psychiatric(),
        "sibling_pickup": any_known(pickups),
        "pickup_known": sum(pickup is not None for pickup in pickups) if pickups else None,
        "fetched_by_sibling": (own["迎え"] == "兄姉" if own["迎え"] else None) if own is not None else None,
        "months_recorded": len(c.this_year) or None,
        "absent": total(month.absent for month in c.this_year),
        "absent_before": total(month.absent for month in before),
        "months_before": len(before) or None,
        "months_late": _often(c.this_year, 3),
        "months_late_known": _known(c.this_year, [month.late_early for month in c.this_year]),
        "homework": c.ever("宿題・忘れ物"),
        "supplies": c.ever("学用品・身なり"),
        "fee_delay": c.ever("集金の遅れ"),
        "unpaid": flag_of(c.aid["未納"]) if c.aid is not None else None,
        "event_absent": c.ever("行事・部活の不参加"),
        "interprets": c.ever("気づき_通訳"),
        "already_known": any(case["main_type"] == "ヤングケアラー" for case in c.cases) if c.cases else None,
        "case_active": c.active(),
    }


def _poverty(c: _Child) -> Mapping[str, Any]:
    records = c.records
    plans: list[bool | None] = []
    housing: list[bool] = []
    for member in c.home:
        if consults := records.consults.get(member.id):
            newest = max(consults, key=lambda consult: consult[:2])[2]
            plans.append(newest["支援プラン"] == "未作成" if newest["支援プラン"] else None)
            housing.append(any(consult["相談種別"] == "住居確保" for _, _, consult in consults))
    arrears = [
        flag_of(row["滞納"]) for row in (records.child_care.get(member.id) for member in c.home) if row is not None
    ]
    aid_class = c.aid_class()
    caries = number_of(c.health["caries_3y"]) if c.health is not None else None
    return {
        "n_children": min(6, sum(member.minor for member in c.home)),
        "on_aid": c.on_aid(),
        "aid_class": AID_CLASSES.index(aid_class) if aid_class is not None else None,
        "unpaid": flag_of(c.aid["未納"]) if c.aid is not None else None,
        "lone_parent_allowance": ALLOWANCES.index(c.benefit["hitorioya_allowance"]) if c.benefit is not None else None,
        "lone_parent_medical": flag_of(c.benefit["mc_oya"]) if c.benefit is not None else None,
        "report_missing": flag_of(c.benefit["report_missing"]) if c.benefit is not None else None,
        "unconnected": any_known(plans),
        "plans_known": sum(plan is not None for plan in plans) if plans else None,
        "housing_unstable": any(housing) if housing else None,
        "arrears": any_known(arrears),
        "arrears_known": sum(late is not None for late in arrears) if arrears else None,
        "moves": min(3, c.moves),
        "caries": None if caries is None else "<1" if caries < 1 else "1-4" if caries < 5 else "5+",
        "supplies": c.ever("学用品・身なり"),
        "fee_delay": c.ever("集金の遅れ"),
        "case_active": c.active(),
    }


def _abuse(c: _Child) -> Mapping[str, Any]:
    records, child = c.records, c.child
    spoken = [any_known(records.violence[member.id]) for member in c.home if member.id in records.violence]
    checkups = [c.health[name] for name in ("chk_3m", "chk_18m", "chk_3y")] if c.health is not None else []
    told = [state for state in checkups if state in {"受診", "未受診", "未受診把握済"}]
    week = number_of(c.health["pregnancy_report_week"]) if c.health is not None else None
    mother = c.health["mother_age_band"] if c.health is not None else ""
    unseen = c.most("未確認日数")
    body = [[flag_of(sheet[f"気づき_{check}"]) for sheet in c.sheets] for check in ("身なり", "体重", "けが")]
    looked = all(any(value is not None for value in values) for values in body)
    aid_class = c.aid_class()
    return {
        "abuse_past": any(_past_abuse(case) for case in c.cases) if c.cases else None,
        "sibling_abuse_past": any(
            _past_abuse(case)
            for member in c.home
            if member.minor and member.id != child.id
            for case in records.cases.get(member.id, [])
        ),
        "registered": any(case["youtaikyo"] != "なし" and _open(case) for case in c.cases) if c.cases else None,
        "case_active": c.active(),
        "dv_consulted": any_known(spoken),
        "dv_known": sum(one is not None for one in spoken) if spoken else None,
        "checkups_unreached": told.count("未受診") if told else None,
        "checkups_known": len(told) if c.health is not None else None,
        "late_report": week >= 28 if week is not None else None,
        "young_mother": mother == "19歳以下" if mother else None,
        "contact_refused": c.ever("面談・訪問の拒否"),
        "unseen": unseen >= 7 if unseen is not None else None,
        "nurse_surge": _surge([number_of(sheet["保健室来室"]) for sheet in c.sheets]),
        "body_change": True if any(value for values in body for value in values) else False if looked else None,
        "months_recorded": len(c.sheets) or None,
        "whereabouts_unknown": c.enrolment["就学状況"] == "居所不明" if c.enrolment is not None else None,
        "moved_in_within_1y": c.moved_in,
        "moves": min(3, c.moves),
        "guardian_psychiatric": c.guardian_psychiatric(),
        "on_aid": c.on_aid(),
        "school_aid": aid_class in {"準要保護", "要保護"} if aid_class is not None else None,
    }


def _truancy(c: _Child) -> Mapping[str, Any]:
    year = c.this_year
    but_sick = [None if month.sick is None else month.absent - month.sick for month in year]
    before: list[int | None] = [None] * len(year)
    for at in range(1, len(year)):
        earlier, month = year[at - 1], year[at]
        if month.place - earlier.place == 1 or (month.day.month, earlier.day.month) == (9, 7):
            before[at] = earlier.absent
    transfers = number_of(c.enrolment["転校回数"]) if c.enrolment is not None else None
    visits = c.most("保健室来室")
    return {
        "months_recorded": len(year) or None,
        "days_required": total(month.required for month in year),
        "absent": total(month.absent for month in year),
        "absent_but_sick": total(but_sick),
        "months_sick_known": _known(year, but_sick),
        "months_running": sum(
            month.absent >= 3 and earlier is not None and earlier >= 3
            for month, earlier in zip(year, before, strict=True)
        )
        if year
        else None,
        "months_running_known": _known(year, before),
        "months_late": _often(year, 4),
        "months_late_known": _known(year, [month.late_early for month in year]),
        "absent_last_year": total(month.absent for month in c.last_year),
        "months_last_year": len(c.last_year) or None,
        "alt_room": c.ever("別室登校"),
        "nurse_visits": None if visits is None else "<1" if visits < 1 else "1-3" if visits < 4 else "4+",
        "ssw_contact": c.ever("SC・SSW相談"),
        "elsewhere": c.enrolment["区域外就学等"] != "" if c.enrolment is not None else None,
        "not_enrolled": c.enrolment["就学状況"] != "在学" if c.enrolment is not None else None,
        "transfers": None if transfers is None else "<1" if transfers < 1 else "1" if transfers < 2 else "2+",
        "moved_in_within_1y": c.moved_in,
        "case_active": c.active(),
    }


_TEMPLATES = {
    "yc-features": _young_carer,
    "pv-features": _poverty,
    "ab-features": _abuse,
    "tr-features": _truancy,
}


def _capped(value: int | None, ceiling: int) -> int | None:
    return None if value is None else min(value, ceiling)


def _often(months: Sequence[Month], times: int) -> int | None:
    found = sum(month.late_early is not None and month.late_early >= times for month in months)
    return found if months else None


def _known(months: Sequence[Month], values: Sequence[int | None]) -> int | None:
    return sum(value is not None for value in values) if months else None


def _surge(visits: Sequence[int | None]) -> bool | None:
    """The last month on record is two spreads above the mean of at least three before it; a spread is one at least."""
    known = [count for count in visits if count is not None]
    if len(known) < 4:
        return None
    *earlier, last = known
    mean = sum(earlier) / len(earlier)
    spread = math.sqrt(sum((count - mean) ** 2 for count in earlier) / len(earlier))
    return math.floor(round(10 * (last - mean) / max(spread, 1), 6)) >= 20


def _open(case: Text) -> bool:
    return case["status"] not in {"終結", "移管"}


def _past_abuse(case: Text) -> bool:
    return case["main_type"] == "虐待" and not _open(case)


# --- reading ----------------------------------------------------------------------------------------------------------


def read_records(departments: Path, as_of: date) -> Records:
    """Read every department's files."""
    year = as_of.year if as_of.month >= 4 else as_of.year - 1
    records = Records(register=read_register(departments, as_of), as_of=as_of, year=year)
    _read_moves(records, departments)
    _read_care(records, departments)
    _read_assistance(records, departments)
    _read_disabilities(records, departments)
    _read_children(records, departments)
    _read_school_register(records, departments)
    _read_schools(records, departments / "school")
    _read_centre(records, departments)
    return records


def _back(day: date, *, years: int = 0, months: int = 0) -> date:
    place = day.year * 12 + day.month - 1 - years * 12 - months
    return date(place // 12, place % 12 + 1, day.day)


def _read_moves(records: Records, departments: Path) -> None:
    found: defaultdict[str, dict[date, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows_of_table(departments / "shimin" / "shimin.sqlite", "history"):
        changed = day_of(row["changed_on"])
        if row["corrected"] == "0" and row["reason"] in {"転入", "転居"} and changed and changed <= records.as_of:
            found[row["resident_id"]][changed].add(row["reason"])
    three, one = _back(records.as_of, years=3), _back(records.as_of, years=1)
    for resident, days in found.items():
        records.moves[resident] = (
            sum(day > three for day in days),
            any(day > one and "転入" in reasons for day, reasons in days.items()),
        )


def _read_care(records: Records, departments: Path) -> None:
    newest: dict[str, tuple[date, date, int]] = {}
    for row in rows_of_table(departments / "kaigo" / "kaigo.duckdb", "certificate"):
        start, end = day_of(row["valid_from"]), day_of(row["valid_to"])
        assert start is not None
        assert end is not None
        rank = (start, end, LEVELS.index(row["care_level"]))
        if start <= records.as_of <= end and rank > newest.get(row["resident_id"], (date.min, date.min, -1)):
            newest[row["resident_id"]] = rank
            records.care[row["resident_id"]] = row


def _read_assistance(records: Records, departments: Path) -> None:
    for file in sorted((departments / "seifuku").glob("welfare_*.csv")):
        for row in rows_of_csv(file):
            start, end = day_of(row["保護開始日"]), day_of(row["保護廃止日"])
            in_force = start is not None and start <= records.as_of and (end is None or end > records.as_of)
            if in_force and row["状態"] != "廃止":
                resident = resident_of(row["宛名番号"])
                records.aid[resident] = records.aid.get(resident, False) or row["状態"] == "受給中"
    names = ("受付番号", "宛名番号", "世帯番号", "相談受付日", "相談種別", "支援プラン", "学習支援", "相談内容")
    since = _back(records.as_of, months=24)
    for file in sorted((departments / "seifuku").glob("consult_*.xlsx")):
        for row in rows_of_sheet(file, "受付簿", names, above=3):
            day = day_of(row["相談受付日"])
            if day is not None and since < day <= records.as_of:
                records.consults[resident_of(row["宛名番号"])].append((day, row["受付番号"], row))


def _read_disabilities(records: Records, departments: Path) -> None:
    for file in sorted((departments / "shofuku").glob("service_*.csv")):
        for row in rows_of_csv(file):
            start, end = day_of(row["有効開始"]), day_of(row["有効終了"])
            if start is not None and end is not None and start <= records.as_of <= end:
                resident = resident_of(row["宛名番号"])
                if row["サービス種別"]:
                    records.services[resident].append(row["サービス種別"])
                if flag_of(row["精神通院"]):
                    records.psychiatric.add(resident)
    for file in sorted((departments / "shofuku").glob("handbook_*.csv")):
        for row in rows_of_csv(file):
            issued, expires, returned = (day_of(row[name]) for name in ("交付日", "有効期限", "返還日"))
            assert issued is not None
            if issued > records.as_of or (expires is not None and expires < records.as_of):
                continue
            if returned is not None and returned <= records.as_of:
                continue
            resident = resident_of(row["宛名番号"])
            records.severe[resident].append((row["手帳種別"], row["等級"]) in SEVERE)
            if row["手帳種別"] == "精神":
                records.psychiatric.add(resident)


def _read_children(records: Records, departments: Path) -> None:
    for file in sorted((departments / "kenko").glob("mch_*.parquet")):
        for row in rows_of_parquet(file):
            records.health[row["child_id"]] = row
    for row in rows_of_table(departments / "kosodate" / "kosodate.sqlite", "allowance"):
        granted = day_of(row["granted_from"])
        if granted is not None and granted <= records.as_of:
            records.allowance[row["child_id"]] = row
    care = ("宛名番号", "児童氏名", "種別", "名称", "階層", "滞納", "きょうだい在籍", "迎え", "登園率")
    clubs = ("宛名番号", "児童氏名", "クラブ名", "学童", "退所理由", "滞納", "迎え")
    folder = departments / "ikusei"
    for file in sorted(folder.glob("*.xlsx")):
        day_care = file.name.startswith("hoiku")
        rows = (
            rows_of_sheet(file, "在籍児童", care, above=4) if day_care else rows_of_sheet(file, "名簿", clubs, above=2)
        )
        for row in rows:
            records.child_care[resident_of(row["宛名番号"])] = row


def _read_school_register(records: Records, departments: Path) -> None:
    for file in sorted((departments / "kyoiku").glob("gakurei_*.csv")):
        for row in rows_of_csv(file):
            year = int(row["年度"])
            if row["学校コード"] and row["学籍番号"]:
                records.pupils[row["宛名番号"]].append((year, row["学校コード"], row["学籍番号"]))
            if year == records.year:
                records.enrolled[row["宛名番号"]] = row
    names = ("年度", "宛名番号", "児童生徒氏名", "区分", "理由", "認定日", "取消日", "支給額", "未納")
    for file in sorted((departments / "kyoiku").glob("shuen_*.xlsx")):
        for row in rows_of_sheet(file, "認定台帳", names, above=4):
            if records.year - 1 <= int(float(row["年度"])) <= records.year:
                records.school_aid[resident_of(row["宛名番号"])] = row  # files in order of year: the newest stays


def _read_schools(records: Records, folder: Path) -> None:
    for file in sorted((folder / "attendance").iterdir()):
        for row in _attendance_rows(file):
            pupil = (int(float(row["年度"])), row["学校コード"], row["学籍番号"])
            day = day_of(row["対象月"])
            required, absent = number_of(row["授業日数"]), number_of(row["欠席日数"])
            assert day is not None
            assert required is not None
            assert absent is not None
            if required > 0 and day <= records.as_of:
                records.months[pupil].append(
                    Month(
                        day=day,
                        required=required,
                        absent=absent,
                        sick=number_of(row.get("病欠", "")),
                        late=number_of(row["遅刻"]),
                        early=number_of(row["早退"]),
                    )
                )
    for file in sorted((folder / "life").iterdir()):
        rows = rows_of_csv(file) if file.suffix == ".csv" else rows_of_sheet(file, "チェック票", _LIFE, above=3, key=2)
        for row in rows:
            day = day_of(row["対象月"])
            if day is not None and day <= records.as_of:
                pupil = (int(float(row["年度"])), row["学校コード"], row["学籍番号"])
                records.sheets[pupil].append((day, row))


def _attendance_rows(file: Path) -> Iterable[Text]:
    if file.suffix == ".csv":
        for row in rows_of_csv(file):
            if row["学籍番号"] not in {"計", ""}:
                yield row
    elif file.name.startswith("出席簿_"):
        _, code, month = file.stem.split("_")
        day = date(int(month[:4]), int(month[4:]), 1)
        year = str(day.year if day.month >= 4 else day.year - 1)
        for row in rows_of_sheet(file, "出席簿", _LEDGER, above=4):
            yield {**row, "年度": year, "学校コード": code, "対象月": day.isoformat()}
    else:
        yield from rows_of_sheet(file, "出欠", _LIST, above=1, key=3)


def _read_centre(records: Records, departments: Path) -> None:
    database = departments / "center" / "center.sqlite"
    for row in rows_of_table(database, "case_record"):
        accepted = day_of(row["accepted_on"])
        if row["resident_id"] and accepted is not None and accepted <= records.as_of:
            records.cases[row["resident_id"]].append(row)
    since = _back(records.as_of, months=24)
    for row in rows_of_table(database, "consult"):
        day = day_of(row["consulted_on"])
        if row["resident_id"] and day is not None and since < day <= records.as_of:
            records.violence[row["resident_id"]].append(flag_of(row["dv_related"]))
