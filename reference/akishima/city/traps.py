"""Traps among the facts: what a rule or a join gets wrong is made sure of, and noted.

What the register itself holds stands in `rare`; what only a file's notation makes a trap, in the extracts' modules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice, pairwise
from typing import TypeVar

from reference.akishima.city.allowances import Allowance, pay_to
from reference.akishima.city.assistance import WelfareCase
from reference.akishima.city.attendance import MonthRecord
from reference.akishima.city.care import INSTITUTION, Certificate
from reference.akishima.city.centre import Case
from reference.akishima.city.days import BASE_DATE
from reference.akishima.city.history import Change, same_day
from reference.akishima.city.kinship import Home
from reference.akishima.city.planted import REGISTER_FILE, Plants
from reference.akishima.city.protection import Protection
from reference.akishima.city.pyramid import FEMALE, MALE
from reference.akishima.city.register import Person
from reference.akishima.city.residents import Household
from reference.akishima.city.school_aid import SchoolAid
from reference.akishima.city.school_names import folded_name, keeps_old_surname
from reference.akishima.city.schools import Enrolment, School
from reference.akishima.city.truancy import Truancy

T = TypeVar("T")

_SHOWN = 3
"""How many places of a trap that occurs often are noted."""

_LARGE_KANA = re.compile("[ｷｼﾁﾆﾋﾐﾘｼﾞ][ﾔﾕﾖ]")


def protections(
    protected: Mapping[str, Protection], homes: Sequence[Home], living: Sequence[Household], plants: Plants
) -> dict[str, Protection]:
    """A measure whose day has passed, and one of a parent who is still registered with the other parent."""
    changed = dict(protected)
    for resident in list(changed)[:1]:
        changed[resident] = Protection(until=BASE_DATE - timedelta(days=12))
        plants.add("4.11-13", dataset="shimin.resident", file=REGISTER_FILE, key=resident,
                   what="期限の過ぎた支援措置（解除されるまで対象）")  # fmt: skip
    for home in living:
        couple = homes[home.number].shape == "couple" and any(1 <= grade <= 9 for _, grade in home.minors)
        mother = next((m for m in home.members if m.relation == "妻" and m.sex == FEMALE), None)
        if couple and mother is not None and mother.resident_id not in changed:
            changed[mother.resident_id] = Protection(until=BASE_DATE + timedelta(days=200))
            plants.add("4.11-13", dataset="shimin.resident", file=REGISTER_FILE, key=mother.resident_id,
                       what="支援措置の母の住民票が、夫の世帯に残っている")  # fmt: skip
            break
    return changed


def former_partner(
    rows: Sequence[Allowance],
    protected: Mapping[str, Protection],
    living: Sequence[Household],
    plants: Plants,
    *,
    file: str,
) -> list[Allowance]:
    """The allowance of a protected child once went to a man who lives alone in the same city."""
    paid = {row.child.resident_id for row in rows}
    child = next(
        (c for h in living if h.lone for c, _ in h.minors if c.resident_id in protected and c.resident_id in paid), None
    )
    other = next(
        (h.members[0] for h in living if h.shape == "single" and h.members and h.members[0].sex == MALE
         and 30 <= h.members[0].age <= 55), None,
    )  # fmt: skip
    if child is None or other is None:
        return list(rows)
    plants.add("4.11-13", "B-16", dataset="kosodate.allowance", file=file, key=child.resident_id,
               what="支援措置のこども。手当の以前の受給者が市内に住む")  # fmt: skip
    return pay_to(rows, child.resident_id, other)


def suspended(cases: Sequence[WelfareCase], plants: Plants, *, file: str) -> list[WelfareCase]:
    """One open case is suspended (停止中): it has not ended, and nothing is paid."""
    open_cases = [case for case in cases if case.aid_end is None]
    chosen = open_cases[-1].case_no if open_cases else None
    changed = [
        replace(c, state="停止中", amount=None) if c.case_no == chosen and c.aid_end is None else c for c in cases
    ]
    for case in _some(c for c in changed if c.state == "停止中"):
        plants.add("4.11-19", dataset="seifuku.welfare", file=file, key=case.person.resident_id,
                   what="停止中の保護（廃止ではない）")  # fmt: skip
    return changed


def cancelled(rows: Sequence[SchoolAid]) -> list[SchoolAid]:
    """One decision of the current year was cancelled in the course of it."""
    granted = [row for row in rows if row.granted]
    chosen = granted[-1] if granted else None
    return [
        replace(row, cancelled_on=row.certified_on + timedelta(days=75))
        if row is chosen and row.certified_on is not None
        else row
        for row in rows
    ]


def moved_twice_on_one_day(rows: Sequence[Change], plants: Plants) -> list[Change]:
    """A person who came to the city and moved on within it on the same day; double and corrected rows are noted."""
    chosen = next((row.person for row in rows if row.reason == "転入" and row.valid_to is None), None)
    changed = list(rows)
    if chosen is not None:
        changed = same_day(rows, chosen.resident_id)
        plants.add("4.11-12", dataset="shimin.history", file=REGISTER_FILE, key=chosen.resident_id,
                   what="同じ日の転入と転居")  # fmt: skip
    for row in _some(row for row in changed if row.corrected):
        plants.add("4.11-21", dataset="shimin.history", file=REGISTER_FILE, key=row.person.resident_id,
                   what="訂正された異動の行")  # fmt: skip
    twice = (a for a, b in pairwise(changed) if replace(a, number=b.number) == b)
    for row in _some(twice):
        plants.add("4.11-21", dataset="shimin.history", file=REGISTER_FILE, key=row.person.resident_id,
                   what="同じ異動が二度書かれた行")  # fmt: skip
    return changed


def note_register(persons: Sequence[Person], living: Sequence[Household], plants: Plants) -> None:
    """What stands in the register anyway, and is read wrongly easily."""

    def note(*traps: str, what: str, wanted: Callable[[Person], bool]) -> None:
        for person in _some(person for person in persons if wanted(person)):
            plants.add(*traps, dataset="shimin.resident", file=REGISTER_FILE, key=person.resident_id, what=what)

    young = {child.resident_id for home in living for child, grade in home.minors if grade >= 1}
    note("4.11-3", "B-1", what="4月1日生まれ（上の学年）", wanted=lambda p: p.resident_id in young and _born(p, 4, 1))
    note("4.11-3", what="4月2日生まれ（下の学年）", wanted=lambda p: p.resident_id in young and _born(p, 4, 2))
    note("4.11-3", "B-2", what="2月29日生まれ", wanted=lambda p: p.resident_id in young and _born(p, 2, 29))
    note("B-12", what="世帯主が祖父母（子の子）", wanted=lambda p: p.relation == "子の子" and p.status == "現存")
    note("4.11-11", "B-11", what="連れ子（再婚）", wanted=lambda p: p.relation in {"妻の子", "夫の子"} and p.age <= 15)
    note("4.11-12", what="住民票のある里親の家で暮らすこども（縁故者）", wanted=lambda p: p.relation == "縁故者")
    note("4.11-9", what="外国籍。生年月日の月日が不詳", wanted=lambda p: not p.birth_known)
    note("4.11-9", what="外国籍。フリガナがない", wanted=lambda p: not p.name_kana)
    note("4.11-9", what="外国籍。通称を学校で使う", wanted=lambda p: bool(p.alias_name) and 7 <= p.age <= 14)
    note(
        "4.11-8", "B-7", what="小書きのかなを大きく書くフリガナ", wanted=lambda p: bool(_LARGE_KANA.search(p.name_kana))
    )
    note("4.11-8", "B-8", what="半角カナ、濁点が別の字", wanted=lambda p: "ﾞ" in p.name_kana)
    note("4.11-15", what="番地の地域の住所", wanted=lambda p: "番地の" in p.address and "丁目" not in p.address)
    note("4.11-15", what="全角数字の住所", wanted=lambda p: "１" in p.address)
    note("4.11-15", what="漢数字の丁目の住所", wanted=lambda p: "一丁目" in p.address)
    for home in _some(h for h in living if h.shape == "elders_of_elders_apart" and h.members):
        plants.add("B-13", dataset="shimin.resident", file=REGISTER_FILE, key=home.members[0].resident_id,
                   what="世帯分離（同じ住所に別の世帯の孫がいる）")  # fmt: skip


def _born(person: Person, month: int, day: int) -> bool:
    return person.birth_known and (person.birth.month, person.birth.day) == (month, day)


def note_care(issued: Sequence[Certificate], living: Sequence[Household], plants: Plants, *, file: str) -> None:
    """People in a facility who are registered with their families."""
    families = {m.resident_id for h in living if any(grade >= 1 for _, grade in h.minors) for m in h.members}
    absent = (c for c in issued if c.resident_id in families and (c.in_facility == "1" or c.services == INSTITUTION))
    for certificate in _some(absent):
        plants.add("B-14", dataset="kaigo.certificate", file=file, key=certificate.resident_id,
                   what="住民票は家族と同じだが施設にいる")  # fmt: skip


def note_allowances(rows: Sequence[Allowance], plants: Plants, *, file: str) -> None:
    """全部停止 is a lone parent still."""
    for row in _some(row for row in rows if row.lone_parent == "全部停止"):
        plants.add("4.11-19", dataset="kosodate.allowance", file=file, key=row.child.resident_id,
                   what="児童扶養手当は全部停止だが、ひとり親である")  # fmt: skip


def note_enrolments(rows: Sequence[Enrolment], plants: Plants, *, file: Callable[[int], str]) -> None:
    """Pupils in no school's data, pupils who have moved away, numbers that fit no pupil."""
    year = max((row.fiscal_year for row in rows), default=0)
    current = [row for row in rows if row.fiscal_year == year]

    def note(*traps: str, what: str, wanted: Callable[[Enrolment], bool]) -> None:
        for row in _some(row for row in current if wanted(row)):
            plants.add(*traps, dataset="kyoiku.gakurei", file=file(year), key=row.person.resident_id, what=what)

    note("B-23", what="市の学校の記録がない（不明であって、0ではない）", wanted=lambda r: r.school is None)
    note("4.11-12", what="転出したが在籍が続く", wanted=lambda r: r.person.status == "転出" and r.school is not None)
    note("B-23", what="学籍番号の誤記で出欠と結び付かない", wanted=lambda r: r.listed_no != r.student_no)


def note_cases(cases: Sequence[Case], living: Sequence[Household], plants: Plants, *, file: str) -> None:
    """A maltreated child who lives with the guardian who could ask for the child's records."""
    home_of = {child.resident_id: home for home in living for child, _ in home.minors}
    open_cases = (c for c in cases if c.main_type == "虐待" and c.child is not None and c.closed_on is None)
    for case in _some(open_cases):
        child = case.child
        guardians = home_of[child.resident_id].guardians(child) if child is not None else []
        if child is not None and guardians:
            plants.add("B-17", dataset="center.case", file=file, key=child.resident_id,
                       what=f"開示を求めるかもしれない保護者（{guardians[0].resident_id}）と暮らすこども")  # fmt: skip


def note_attendance(
    school: School, month: date, records: Sequence[MonthRecord], truancy: Truancy, plants: Plants, *, file: str
) -> None:
    """How the school's form says *nothing recorded*, months with few days, and absences that are not what they seem."""

    def note(*traps: str, what: str, key: str = "") -> None:
        plants.add(*traps, dataset="school.attendance", file=file, key=key, what=what)

    if school.form == "ledger":
        note("4.11-22", what="二段の見出し、結合セル、小計と合計、赤字、隠しシート")
    if month.month == 8:
        note("4.11-4", what="8月の授業日数は数日（率は授業日数で割る）")
    blank = {"system": "空欄", "report": "「－」", "list": "「…」", "ledger": "空白のセル"}[school.form]
    if any(record.late is None for record in records):
        note("4.11-16", what=f"記録していない遅刻は{blank}（0とは違う）")
    for record in _some(r for r in records if r.counted):
        note("4.11-17", what="出席扱いの日がある", key=pupil_key(record.enrolment))
    ill = (r for r in records if (r.enrolment.person.resident_id, r.enrolment.fiscal_year) in truancy.ill)
    for record in _some(ill):
        note("4.11-18", what="病気で長く休んでいる（不登校ではない）", key=pupil_key(record.enrolment))


def note_roster(rows: Sequence[Enrolment], plants: Plants, *, file: str) -> None:
    """Names that the school writes in another way than the register."""

    def note(*traps: str, what: str, wanted: Callable[[Person], bool]) -> None:
        for row in _some(row for row in rows if wanted(row.person)):
            plants.add(*traps, dataset="school.roster", file=file, key=pupil_key(row), what=what)

    note("4.11-11", "B-11", what="学校では再婚前の姓を使う", wanted=keeps_old_surname)
    note("4.11-7", what="学校では異体字を使わない", wanted=lambda p: folded_name(p) not in {p.name_kanji, ""})


def pupil_key(row: Enrolment) -> str:
    """年度・学校コード・学籍番号 as one text."""
    return f"{row.fiscal_year}|{row.school.code if row.school else ''}|{row.student_no}"


def _some(values: Iterable[T]) -> list[T]:
    return list(islice(values, _SHOWN))
